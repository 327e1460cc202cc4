//! The files of the key that signs what a build has made: the public part for everybody, the secret
//! one for its owner alone. No user's key can have such names.

use super::Root;
use super::keys::{
    KeyFileError, KeyFileProblem, read, read_secret_text, write_public_text, write_secret_text,
};
use crate::key::minisign::{PublicKey, SecretKey};
use crate::path::SourcePath;

/// Where the public part lies.
pub(crate) const PUBLIC: &str = "keys/signing.pub";

/// Where the secret part lies.
pub(crate) const SECRET: &str = ".sitegen/keys/signing.key";

/// The public part; `None` when it is not there.
pub(crate) fn read_public(root: &Root) -> Result<Option<PublicKey>, KeyFileError> {
    let path = SourcePath::new(PUBLIC);
    let Some((text, _)) = read(root.open_source(&path), PUBLIC)? else { return Ok(None) };
    let key = PublicKey::parse(&text);
    key.map(Some).map_err(|problem| KeyFileError::new(path, KeyFileProblem::SigningKey(problem)))
}

/// The secret part; `None` when it is not there. One that others may read is refused.
pub(crate) fn read_secret(root: &Root) -> Result<Option<SecretKey>, KeyFileError> {
    let path = SourcePath::new(SECRET);
    let Some(text) = read_secret_text(root, &path)? else { return Ok(None) };
    let key = SecretKey::parse(&text);
    key.map(Some).map_err(|problem| KeyFileError::new(path, KeyFileProblem::SigningKey(problem)))
}

/// Writes the public part, in the place of another one if there is one.
pub(crate) fn write_public(root: &Root, key: PublicKey) -> Result<(), KeyFileError> {
    write_public_text(root, &SourcePath::new(PUBLIC), &key.to_file())
}

/// Writes the secret part. One that is there already is never touched.
pub(crate) fn write_secret(root: &Root, key: &SecretKey) -> Result<(), KeyFileError> {
    write_secret_text(root, &SourcePath::new(SECRET), &key.to_file())
}
