//! The key that the site shows to others now.

use std::fs;

use super::Site;
use crate::commands::office::own_actor;
use crate::diagnostic::Source;
use crate::federation::outgoing::shown_key;
use crate::key::PublicKey;
use crate::office::settings::{self, Settings};
use crate::path::SourcePath;

/// Reads it. `None` when the account is not on the site yet.
///
/// # Errors
///
/// When it cannot be known, with the reason.
pub(super) fn shown(site: &Site<'_>, user: &str) -> Result<Option<PublicKey>, String> {
    let settings = office_settings(site);
    let base = match &settings {
        Some(settings) => settings.site.clone(),
        None => site.config().base_url,
    };
    let document = own_actor(&site.path, settings.as_ref(), &base, user)?;
    Ok(document.and_then(|document| shown_key(&document)))
}

/// What `inbox.toml` says, if there is one here that is right.
pub(super) fn office_settings(site: &Site<'_>) -> Option<Settings> {
    let text = fs::read_to_string(site.path.join(settings::FILE)).ok()?;
    settings::read(&Source::new(SourcePath::new(settings::FILE), text)).0
}
