//! Diagnostics about `inbox.toml`.

use super::{Diagnostic, Place};

impl Diagnostic {
    pub(crate) fn office_without_site(place: Place) -> Self {
        Self::error("office-without-site", "it is not said for which site the post office works")
            .at(place)
            .help("write `site = \"https://www.party.example\"`, the `base_url` of the site")
    }

    pub(crate) fn office_without_actors(place: Place) -> Self {
        Self::error("office-without-actors", "there is no account that anybody could follow")
            .at(place)
            .help("write `[[actors]]` and below it `user = \"news\"`, for each account of the site")
    }

    pub(crate) fn not_an_address_with_port(place: Place, key: &str, text: &str) -> Self {
        Self::error("not-an-address", format!("`{key}` is no address with a port: `{text}`"))
            .at(place)
            .help("write `127.0.0.1:8025`; `0.0.0.0:8025` is for all the machine's addresses")
    }

    pub(crate) fn not_understood(place: Place, key: &str, reason: &str) -> Self {
        Self::error("not-understood", format!("`{key}` cannot be understood"))
            .at(place)
            .help(reason.to_owned())
    }
}
