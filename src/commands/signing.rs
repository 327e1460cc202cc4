//! Signs what a build makes, where the site wants that.

use std::path::Path;

use super::{CommandError, config_of};
use crate::config::{Config, Mode};
use crate::diagnostic::Diagnostic;
use crate::load::Inputs;
use crate::manifest::{self, File, Manifest};
use crate::path::OutputPath;
use crate::write::Stage;

/// Makes the file with the signature of a content, along with a trusted comment.
pub(super) type Signer = Box<dyn Fn(&[u8], &str) -> String>;

/// Looks whether a site is to be signed now, and with what; otherwise says why it is not.
pub(super) fn look(
    root: &Path,
    config: &Config,
    mode: &Mode,
) -> Result<(Option<Signer>, Option<Diagnostic>), CommandError> {
    let Some(place) = &config.sign else { return Ok((None, None)) };
    if config.is_preview(mode) && !mode.record {
        return Ok((None, Some(Diagnostic::preview_not_signed(place.clone()))));
    }
    let signer = signer(root)?;
    let problem = signer.is_none().then(|| Diagnostic::no_key_to_sign(place.clone()));
    Ok((signer, problem))
}

#[cfg(feature = "network")]
fn signer(root: &Path) -> Result<Option<Signer>, CommandError> {
    let failed = |error| CommandError::Io(root.to_path_buf(), error);
    let root = crate::disk::Root::open(root).map_err(failed)?;
    let key = crate::disk::signing_key::read_secret(&root)?;
    Ok(key.map(|key| -> Signer { Box::new(move |content, comment| key.sign(content, comment)) }))
}

#[cfg(not(feature = "network"))]
fn signer(_: &Path) -> Result<Option<Signer>, CommandError> {
    Err(CommandError::Usage(
        "site.toml says `sign = true`, and this program was built without keys; use the complete \
         one, or remove that line"
            .to_owned(),
    ))
}

/// Says why a site that wants to be signed would not be.
///
/// # Errors
///
/// When the key cannot be read.
pub fn signing_problem(
    root: &Path,
    inputs: &Inputs,
    mode: &Mode,
) -> Result<Option<Diagnostic>, CommandError> {
    look(root, &config_of(inputs, mode.base_url.as_deref()), mode).map(|(_, problem)| problem)
}

/// Adds the signed list of all files to an output that is complete but for that.
pub(super) fn sign(
    stage: &Stage,
    signer: &Signer,
    (config, mode): (&Config, &Mode),
    serial: u64,
) -> Result<(), CommandError> {
    let path = |path: &str| {
        OutputPath::new(path).map_err(|problem| CommandError::Usage(format!("{path}: {problem}")))
    };
    let own = [path(manifest::PATH)?, path(manifest::SIGNATURE_PATH)?];
    let mut files = Vec::new();
    for file in stage.files() {
        let path = path(&file.path)?;
        if own.iter().any(|own| own.folded() == path.folded()) {
            return Err(CommandError::Usage(format!(
                "`{path}` is where the signed list of all files goes; remove static/{path}, or \
                 `sign = true` from site.toml"
            )));
        }
        files.push(File { path, hash: file.hash, size: file.size });
    }
    let [manifest_path, signature_path] = own;
    let before = stage.before(&manifest_path).and_then(|bytes| String::from_utf8(bytes).ok());
    let before = before.and_then(|text| Manifest::parse(&text).ok());
    let made = manifest::whole_second(mode.now);
    let site = config.base_url.absolute("");
    let manifest = Manifest { site, serial, made, files }.following(before);
    let text = manifest.to_text();
    // Its time is that of the manifest: what is signed again is signed in the same way.
    let comment = format!("timestamp:{}\tfile:manifest.txt\thashed", manifest.made.as_second());
    let signature = signer(text.as_bytes(), &comment);
    stage.take_last(&manifest_path, text.as_bytes())?;
    stage.take_last(&signature_path, signature.as_bytes())?;
    Ok(())
}
