//! Addresses of the fediverse, which are also the names of everybody and everything on it.

use url::{Host, Url};

use crate::limits::REMOTE_ID_BYTES_MAX;

/// Reads an address that somebody sent: `https`, with a host, without user, password and fragment,
/// and no longer than [`REMOTE_ID_BYTES_MAX`] bytes.
///
/// What it gives is normalised, so that two spellings of one address are equal:
/// `https://Example.ORG:443/u` is `https://example.org/u`. A host with a dot at its end is another
/// host, for it has another certificate and other cookies.
pub fn parse(text: &str) -> Option<Url> {
    // `Url` would drop tabs and line ends.
    if text.len() > REMOTE_ID_BYTES_MAX || text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_plain = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    // Letters that are not ASCII take more bytes once they are encoded.
    let fits = url.as_str().len() <= REMOTE_ID_BYTES_MAX;
    (is_plain && fits && has_host(&url)).then_some(url)
}

/// Reads the id of an activity, which may have a fragment.
pub fn parse_id(text: &str) -> Option<Url> {
    let (address, fragment) = match text.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (text, None),
    };
    let is_short = text.len() <= REMOTE_ID_BYTES_MAX;
    let is_clean = fragment.is_none_or(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    let mut url = parse(address).filter(|_| is_short && is_clean)?;
    url.set_fragment(fragment);
    Some(url)
}

fn has_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => !name.is_empty(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Whether two addresses are on one server, and so in one hand: scheme, host and port are equal
/// (FEP-fe34).
pub fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// What stands for a server: `https://social.example`, with the port when it is an unusual one.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        parse(one).zip(parse(other)).is_some_and(|(one, other)| one == other)
    }

    #[test]
    fn i_10_two_spellings_of_an_address_are_one_and_a_dot_or_http_is_another() {
        assert!(same("https://Example.ORG:443/u", "https://example.org/u"));
        assert!(!same("https://example.org./u", "https://example.org/u"));
        assert!(!same("http://example.org/u", "https://example.org/u"));
        assert!(!same("https://example.org/U", "https://example.org/u"));
        let [dot, plain, port] =
            ["https://a.example./", "https://a.example/", "https://a.example:8443/"]
                .map(|text| parse(text).unwrap());
        assert!(!same_origin(&dot, &plain) && !same_origin(&plain, &port));
        assert_eq!(origin(&port), "https://a.example:8443");
    }

    #[test]
    fn n_10_odd_spellings_of_a_host_are_normalised() {
        for odd in
            ["https://exa%6dple.org/u", "https://ex\u{ad}ample.org/u", "https://ｅxample.org/u"]
        {
            assert!(same(odd, "https://example.org/u"), "{odd}");
        }
        assert_eq!(
            parse("https://bücher.example/").unwrap().as_str(),
            "https://xn--bcher-kva.example/"
        );
        assert_eq!(parse("https://xn--example-.org/"), None);
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        let long = format!("https://a.example/{}", "a".repeat(REMOTE_ID_BYTES_MAX));
        for text in [
            "",
            "a",
            "http://a.example/",
            "https://",
            "https://u@a.example/",
            "https://u:p@a.example/",
            "https://a.example/u#k",
            "acct:a@b.example",
            "data:,x",
            "https://a.example/\nu",
            " https://a.example/",
            "https://a.example/\tu",
            &long,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse_id("https://a.example/u#k").unwrap().as_str(), "https://a.example/u#k");
        assert_eq!(parse_id("https://a.example/u#k k"), None);
    }
}
