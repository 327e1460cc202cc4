//! What can be said of an actor's key.

/// Looks at keys. Who has private keys can say more than who has not.
pub(crate) trait Keys {
    /// The length of an RSA key in bits, from its PEM as in a profile, or why it is none, in plain
    /// words.
    fn bits(&self, public_key_pem: &str) -> Result<usize, String>;

    /// Whether this public key believes what the private key of a user signs; `None` when the
    /// private key is not on this machine.
    fn fits(&self, user: &str, public_key_pem: &str) -> Option<bool>;
}

/// Looks at public keys only.
pub(crate) struct PublicKeys;

/// The name of RSA in a key (`rsaEncryption`, RFC 8017) in DER.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

impl Keys for PublicKeys {
    fn bits(&self, pem: &str) -> Result<usize, String> {
        let lines = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
        let lines = lines.and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"));
        let lines = lines.ok_or("it does not begin and end as a public key in PEM does")?;
        let der = from_base64(lines).ok_or("it is not written in base64")?;
        let at = der.windows(RSA.len()).position(|part| part == RSA);
        let rest = &der[at.ok_or("it is no RSA key")? + RSA.len()..];
        // What follows: NULL, a bit string, a sequence, and in it the modulus as an INTEGER with
        // two bytes of length and a zero before its highest bit.
        let at = rest.windows(2).position(|part| part == [0x02, 0x82]);
        let bytes = at.and_then(|at| rest.get(at + 2..at + 4));
        let bytes = bytes.map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
        Ok(bytes.ok_or("it is shorter than 1024 bits, or cut off")? / 8 * 64)
    }

    fn fits(&self, _: &str, _: &str) -> Option<bool> {
        None
    }
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for character in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    Some(bytes)
}
