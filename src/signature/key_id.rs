//! Where the key of a signature is to be looked for.

use url::Url;

/// The document that has the key of this id: `https://social.example/users/bob` for
/// `https://social.example/users/bob#main-key`. The ids of GoToSocial have no fragment, and name a
/// document of their own: `https://social.example/users/bob/main-key`.
///
/// There is none for what is no plain address of the web. A query, a user or a password would let
/// one server give out any number of addresses for a key, and is in no id that a server has; what
/// browsers repair (blanks, backslashes) two readers might understand in two ways.
pub fn key_document(key_id: &str) -> Option<Url> {
    let is_plain = key_id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let (scheme, rest) = key_id.split_once("://").filter(|_| is_plain)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("https") || authority.is_empty() || authority.contains('@') {
        return None;
    }
    let mut url = Url::parse(key_id).ok().filter(|url| url.query().is_none())?;
    url.set_fragment(None);
    Some(url)
}
