//! The key that the site shows to others now.

use std::fs;

use super::Site;
use crate::activity::MEDIA_TYPE;
use crate::diagnostic::Source;
use crate::doctor::ask::{Ask as _, Request};
use crate::doctor::live::{Exceptions, Live};
use crate::federation::outgoing::shown_key;
use crate::key::PublicKey;
use crate::office::settings::{self, Settings};
use crate::path::SourcePath;

/// Reads it as the post office would: from the folder that `inbox.toml` names, or over the net.
/// `None` when the account is not on the site yet.
///
/// # Errors
///
/// When it cannot be known, with the reason.
pub(super) fn shown(site: &Site<'_>, user: &str) -> Result<Option<PublicKey>, String> {
    let settings = office_settings(site);
    let path = format!("ap/{user}/actor.json");
    if let Some(folder) = settings.as_ref().and_then(|settings| settings.folder.as_ref()) {
        let file = site.path.join(folder).join(path);
        return match fs::read(&file) {
            Ok(document) => Ok(shown_key(&document)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
        };
    }
    let (base, exceptions) = match settings {
        Some(settings) => {
            let authorities = settings.ca_file.and_then(|file| fs::read(site.path.join(file)).ok());
            let (pinned, allowed) = (settings.pinned, settings.allowed);
            (settings.site, Exceptions { pinned, allowed, authorities })
        }
        None => (site.config().base_url, Exceptions::default()),
    };
    let url = format!("{}/{path}", base.as_str());
    let reply = Live::new(exceptions)?.ask(&Request::get(&url, MEDIA_TYPE));
    let reply = reply.map_err(|error| format!("{url} cannot be asked for: {error}"))?;
    match reply.status {
        200 => Ok(shown_key(&reply.body)),
        404 => Ok(None),
        status => Err(format!("{url} answers with the status {status}")),
    }
}

/// What `inbox.toml` says, if there is one here that is right.
pub(super) fn office_settings(site: &Site<'_>) -> Option<Settings> {
    let text = fs::read_to_string(site.path.join(settings::FILE)).ok()?;
    settings::read(&Source::new(SourcePath::new(settings::FILE), text)).0
}
