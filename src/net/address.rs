//! Which addresses of the internet are public.
//!
//! Whoever can make this program ask an address of his choice must not be able to make it ask the
//! router, the printer or the metadata service of a cloud. So the rule is a list of what may be
//! asked: of IPv6 only what is given out to the public (`2000::/3`), minus what hides an IPv4
//! address inside or is set aside; of IPv4 what remains of the IANA special-purpose registry.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// IPv4 that is not public (IANA IPv4 special-purpose registry; multicast and class E).
const SPECIAL_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// What of `2000::/3` is not public: IETF protocols with Teredo, ORCHID and documentation
/// (`2001::/23`, `2001:db8::/32`, `3fff::/20`), 6to4, AS112, segment routing.
const SPECIAL_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// What may be given to the public at all.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether anybody on the internet could have this address.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !SPECIAL_V4.iter().any(|(start, length)| shares_v4(address, *start, *length))
        }
        // Also `::ffff:…`, `::…` and `64:ff9b::…`, which carry an IPv4 address: nobody needs them.
        IpAddr::V6(address) => {
            shares_v6(address, GLOBAL_V6.0, GLOBAL_V6.1)
                && !SPECIAL_V6.iter().any(|(start, length)| shares_v6(address, *start, *length))
        }
    }
}

/// Whether we ask this address: it is public, or the owner of this machine allows it.
pub(crate) fn is_askable(address: IpAddr, allowed: &[AddressRange]) -> bool {
    is_public(address) || allowed.iter().any(|range| range.contains(address))
}

fn shares_v4(one: Ipv4Addr, other: Ipv4Addr, bits: u8) -> bool {
    (one.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(bits)
}

fn shares_v6(one: Ipv6Addr, other: Ipv6Addr, bits: u8) -> bool {
    (one.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(bits)
}

/// Addresses that begin alike: `192.168.1.0/24`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    start: IpAddr,
    bits: u8,
}

impl AddressRange {
    /// Whether an address is among them.
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.start, address) {
            (IpAddr::V4(start), IpAddr::V4(address)) => shares_v4(address, start, self.bits),
            (IpAddr::V6(start), IpAddr::V6(address)) => shares_v6(address, start, self.bits),
            _ => false,
        }
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address; write 192.168.1.7 or 192.168.1.0/24");
        let (start, bits) = text.split_once('/').unwrap_or((text, ""));
        let start: IpAddr = start.trim_matches(['[', ']']).parse().map_err(|_| wrong())?;
        let most = if start.is_ipv4() { 32 } else { 128 };
        let bits = if bits.is_empty() { most } else { bits.parse().map_err(|_| wrong())? };
        if bits > most { Err(wrong()) } else { Ok(Self { start, bits }) }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_special_address_is_public() {
        let special = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:c0a8:1::1",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
            "1fff::1",
        ];
        for text in special {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_lies_beside_the_special_ranges_is_public() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "2003::1",
            "3ffe::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn odd_spellings_of_an_address_are_none() {
        for text in ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "10.0.0.0/33", "x", ""] {
            assert!(text.parse::<AddressRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_has_the_addresses_that_begin_as_it_does() {
        let range: AddressRange = "192.168.1.0/24".parse().unwrap();
        assert!(range.contains("192.168.1.7".parse().unwrap()));
        assert!(!range.contains("192.168.2.7".parse().unwrap()));
        assert!(!range.contains("::1".parse().unwrap()));
        let one: AddressRange = "[::1]".parse().unwrap();
        assert!(one.contains("::1".parse().unwrap()) && !one.contains("::2".parse().unwrap()));
        assert_eq!(range.to_string(), "192.168.1.0/24");
        assert!("0.0.0.0/0".parse::<AddressRange>().unwrap().contains([9, 9, 9, 9].into()));
    }
}
