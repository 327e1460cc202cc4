//! The private keys of the actors, and requests that are signed with them.

use std::collections::HashMap;

use jiff::Timestamp;
use url::Url;

use super::settings::Settings;
use crate::activity::MEDIA_TYPE;
use crate::disk::Root;
use crate::disk::keys::{self, KeyFileError};
use crate::federation::Local;
use crate::key::PrivateKey;
use crate::signature::{Form, Headers, Signer};

/// What signs for each actor.
pub(crate) struct Signers(HashMap<String, Own>);

struct Own {
    key: PrivateKey,
    key_id: String,
}

impl Signers {
    /// Reads the private keys of all actors of the site from `.sitegen/keys/`. Gives also the
    /// names of those who have none.
    ///
    /// # Errors
    ///
    /// When a key is damaged, or others may read it.
    pub(crate) fn read(
        root: &Root,
        settings: &Settings,
    ) -> Result<(Self, Vec<String>), KeyFileError> {
        let (mut all, mut missing) = (HashMap::new(), Vec::new());
        for Local { user, id, .. } in &settings.actors {
            match keys::read_private(root, user)? {
                Some(key) => {
                    let key_id = format!("{id}#main-key");
                    all.insert(user.clone(), Own { key, key_id });
                }
                None => missing.push(user.clone()),
            }
        }
        Ok((Self(all), missing))
    }

    /// Signs a request for a document in the name of a user, or without such a key of any.
    pub(crate) fn get(&self, user: &str, url: &Url, now: Timestamp) -> Headers {
        let own = self.0.get(user).or_else(|| self.0.values().next());
        own.map(|own| own.signer().get(url, now, Form::Cavage)).unwrap_or_default()
    }

    /// Signs a message of a user; `None` when the key is not there.
    pub(crate) fn post(
        &self,
        user: &str,
        url: &Url,
        now: Timestamp,
        body: &[u8],
        form: Form,
    ) -> Option<Headers> {
        let own = self.0.get(user)?;
        Some(own.signer().post(url, now, MEDIA_TYPE, body, form))
    }
}

impl Own {
    fn signer(&self) -> Signer<'_> {
        Signer { key: &self.key, key_id: &self.key_id }
    }
}
