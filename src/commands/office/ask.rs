//! Reads what others read: the site as it is now, and accounts on other servers.

use std::path::Path;
use std::{fs, io};

use jiff::Timestamp;
use url::Url;

use crate::activity::MEDIA_TYPE;
use crate::config::BaseUrl;
use crate::disk::Root;
use crate::doctor::ask::{Ask as _, Request};
use crate::doctor::live::{Exceptions, Live, Manner};
use crate::federation::Local;
use crate::key::PrivateKey;
use crate::office::settings::Settings;
use crate::office::{look, signers};
use crate::signature::{Form, Signer};

/// The document of an actor of the site, as the post office would read it: from the folder that
/// `inbox.toml` names, or over the net. `None` when there is none.
///
/// # Errors
///
/// When it cannot be read, with the reason.
pub(in crate::commands) fn own_actor(
    root: &Path,
    settings: Option<&Settings>,
    site: &BaseUrl,
    user: &str,
) -> Result<Option<Vec<u8>>, String> {
    let path = format!("ap/{user}/actor.json");
    if let Some(folder) = settings.and_then(|settings| settings.folder.as_ref()) {
        let folder = root.join(folder);
        return match look::read_file(&folder, &path, look::DOCUMENT_BYTES_MAX) {
            Ok((status, document)) => Ok((status == 200).then_some(document)),
            Err(error) => Err(unreadable(&folder.join(path), &error)),
        };
    }
    let request = Request::get(&format!("{}/{path}", site.as_str()), MEDIA_TYPE);
    read(&live(root, settings)?, &request)
}

/// A document on another server. It is asked for in the name of an actor, whose key may be here:
/// some servers show nothing to nobody.
///
/// # Errors
///
/// When it cannot be read, with the reason.
pub(super) fn elsewhere(
    root: &Path,
    settings: &Settings,
    local: &Local,
    url: &Url,
) -> Result<Option<Vec<u8>>, String> {
    let mut request = Request::get(url.as_str(), MEDIA_TYPE);
    if let Some(key) = key(root, &local.user) {
        let key_id = format!("{}#main-key", local.id);
        let signer = Signer { key: &key, key_id: &key_id };
        let headers = signer.get(url, Timestamp::now(), Form::Cavage).into_iter();
        // Whoever asks names the host.
        request.headers = headers.filter(|(name, _)| !name.eq_ignore_ascii_case("host")).collect();
    }
    read(&live(root, Some(settings))?, &request)
}

/// The key that others know now. Without one, they are asked all the same.
fn key(root: &Path, user: &str) -> Option<PrivateKey> {
    let rotations = super::rotations(root).ok()?.unwrap_or_default();
    signers::current(&Root::open(root).ok()?, user, &rotations).ok()?
}

fn unreadable(file: &Path, error: &io::Error) -> String {
    format!("{} cannot be read: {error}", file.display())
}

fn live(root: &Path, settings: Option<&Settings>) -> Result<Live, String> {
    let Some(settings) = settings else { return Live::new(Exceptions::default(), Manner::DOCTOR) };
    let authorities = settings.ca_file.as_ref().map(|file| {
        let file = root.join(file);
        fs::read(&file).map_err(|error| unreadable(&file, &error))
    });
    let exceptions = Exceptions {
        pinned: settings.pinned.clone(),
        allowed: settings.allowed.clone(),
        authorities: authorities.transpose()?,
    };
    Live::new(exceptions, Manner::DOCTOR)
}

fn read(live: &Live, request: &Request) -> Result<Option<Vec<u8>>, String> {
    let url = &request.url;
    let reply = live.ask(request).map_err(|error| format!("{url} cannot be asked for: {error}"))?;
    match reply.status {
        200 => Ok(Some(reply.body)),
        404 | 410 => Ok(None),
        status => Err(format!("{url} answers with the status {status}")),
    }
}
