//! What servers of ours that stand before this one say of a client.

use core::net::{IpAddr, SocketAddr};

use crate::net::address::AddressRange;

/// Who asks, when this peer has connected. What a trusted proxy says counts, of what it says the
/// last: what stands before that may be from the client. The host that the client asked for takes
/// the place of the one that the proxy did. What others say so is ignored.
pub(super) fn client(
    peer: IpAddr,
    headers: &mut Vec<(String, String)>,
    trusted: &[AddressRange],
) -> IpAddr {
    // A socket for both kinds of addresses shows those of IPv4 as IPv6.
    let peer = peer.to_canonical();
    if !trusted.iter().any(|range| range.contains(peer)) {
        return peer;
    }
    if let Some(host) = last(headers, "x-forwarded-host") {
        match headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("host")) {
            Some((_, value)) => *value = host,
            None => headers.push(("Host".to_owned(), host)),
        }
    }
    last(headers, "x-forwarded-for").and_then(|text| address(&text)).unwrap_or(peer)
}

/// The last of a list in one or more headers.
fn last(headers: &[(String, String)], name: &str) -> Option<String> {
    let mut named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let (_, list) = named.next_back()?;
    list.rsplit(',').next().map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned)
}

/// `192.0.2.1`, `192.0.2.1:8080`, `2001:db8::1` or `[2001:db8::1]:8080`.
fn address(text: &str) -> Option<IpAddr> {
    let alone = text.trim_matches(['[', ']']).parse().ok();
    let address: IpAddr = alone.or_else(|| text.parse().ok().map(|with: SocketAddr| with.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who asks and for which host, when `127.0.0.1` or one of `10.0.0.0/8` is trusted.
    fn seen(peer: &str, headers: &[(&str, &str)]) -> (String, String) {
        let trusted = ["127.0.0.1", "10.0.0.0/8"].map(|range| range.parse().unwrap());
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut headers: Vec<_> = headers.iter().map(pair).collect();
        headers.insert(0, pair(&("Host", "inner:8080")));
        let client = client(peer.parse().unwrap(), &mut headers, &trusted);
        (client.to_string(), headers[0].1.clone())
    }

    #[test]
    fn d_10_a_stranger_is_who_has_connected() {
        let forged = [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-Host", "party.example")];
        assert_eq!(seen("9.9.9.9", &forged), ("9.9.9.9".into(), "inner:8080".into()));
    }

    #[test]
    fn d_10_of_what_a_proxy_says_the_last_is_its_own() {
        let client = |headers: &[(&str, &str)]| seen("10.1.2.3", headers).0;
        assert_eq!(client(&[]), "10.1.2.3");
        assert_eq!(client(&[("x-forwarded-for", "1.1.1.1")]), "1.1.1.1");
        assert_eq!(client(&[("X-Forwarded-For", "6.6.6.6, 1.1.1.1")]), "1.1.1.1");
        let two = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "7.7.7.7 ,1.1.1.1")];
        assert_eq!(client(&two), "1.1.1.1");
        assert_eq!(client(&[("X-Forwarded-For", "1.1.1.1:99")]), "1.1.1.1");
        assert_eq!(client(&[("X-Forwarded-For", "[2001:200::1]:99")]), "2001:200::1");
        assert_eq!(client(&[("X-Forwarded-For", "2001:200::1")]), "2001:200::1");
        for odd in ["unknown", "6.6.6.6, _hidden", "6.6.6.6,", ""] {
            assert_eq!(client(&[("X-Forwarded-For", odd)]), "10.1.2.3", "{odd}");
        }
    }

    #[test]
    fn d_10_a_proxy_says_which_host_was_asked_for() {
        let headers = [("X-Forwarded-Host", "party.example")];
        assert_eq!(seen("127.0.0.1", &headers).1, "party.example");
        assert_eq!(seen("::ffff:127.0.0.1", &headers).1, "party.example");
        assert_eq!(seen("127.0.0.2", &headers).1, "inner:8080");
    }
}
