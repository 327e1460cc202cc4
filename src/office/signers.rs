//! The private keys of the actors, and requests that are signed with them.
//!
//! While an actor goes over from one key to another, there are two: what was put into the queue
//! before is signed with the former one, all else with the new one.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;
use url::Url;

use super::settings::Settings;
use super::store::queue::Delivery;
use super::store::rotation::Rotation;
use crate::activity::MEDIA_TYPE;
use crate::disk::keys::{self, KeyFileError};
use crate::disk::{Root, next_key};
use crate::federation::Local;
use crate::key::{PrivateKey, PublicKey};
use crate::signature::{Form, Headers, Signer};

/// What signs for each actor.
pub(crate) struct Signers {
    root: Root,
    all: RefCell<HashMap<String, Own>>,
}

struct Own {
    key: PrivateKey,
    key_id: String,
    former: Option<Former>,
}

/// The key that an actor had before.
struct Former {
    key: PrivateKey,
    /// The number of the last message that it signs.
    last: i64,
}

/// The users who had another key before, with the number of the last that it signs.
#[derive(Clone, Debug)]
pub(crate) struct Formers(Vec<(String, i64)>);

impl Formers {
    /// Whether a former key signs it.
    pub(crate) fn include(&self, delivery: &Delivery) -> bool {
        self.0.iter().any(|(user, last)| *user == delivery.user && delivery.activity <= *last)
    }
}

/// Which of the keys of an actor signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    Current,
    Former,
}

impl Signers {
    /// Reads the private keys of all actors of the site from `.sitegen/keys/`; `rotations` says
    /// who has two. Gives also the names of those who have none.
    ///
    /// # Errors
    ///
    /// When a key is damaged, or others may read it.
    pub(crate) fn read(
        root: Root,
        settings: &Settings,
        rotations: &[Rotation],
    ) -> Result<(Self, Vec<String>), KeyFileError> {
        let (mut all, mut missing) = (HashMap::new(), Vec::new());
        for Local { user, id, .. } in &settings.actors {
            match held(&root, user, rotations)? {
                Some((key, former)) => {
                    let key_id = format!("{id}#main-key");
                    all.insert(user.clone(), Own { key, key_id, former });
                }
                None => missing.push(user.clone()),
            }
        }
        Ok((Self { root, all: RefCell::new(all) }, missing))
    }

    /// Signs a request for a document in the name of a user, or without such a key of any.
    pub(crate) fn get(&self, user: &str, url: &Url, now: Timestamp) -> Headers {
        let all = self.all.borrow();
        let own = all.get(user).or_else(|| all.values().next());
        let sign = |own: &Own| own.signer(&own.key).get(url, now, Form::Cavage);
        own.map(sign).unwrap_or_default()
    }

    /// Signs a message; `None` when the key is not there.
    pub(crate) fn post(
        &self,
        delivery: &Delivery,
        hand: Hand,
        form: Form,
        now: Timestamp,
    ) -> Option<Headers> {
        let all = self.all.borrow();
        let own = all.get(&delivery.user)?;
        let key = match hand {
            Hand::Current => &own.key,
            Hand::Former => &own.former.as_ref()?.key,
        };
        let body = delivery.body.as_bytes();
        Some(own.signer(key).post(&delivery.inbox, now, MEDIA_TYPE, body, form))
    }

    /// The keys of whoever sends a message, first the one that the server should know.
    pub(crate) fn hands(&self, delivery: &Delivery) -> &'static [Hand] {
        let all = self.all.borrow();
        match all.get(&delivery.user).and_then(|own| own.former.as_ref()) {
            None => &[Hand::Current],
            Some(Former { last, .. }) if delivery.activity <= *last => {
                &[Hand::Former, Hand::Current]
            }
            Some(_) => &[Hand::Current, Hand::Former],
        }
    }

    /// What the former keys sign.
    pub(crate) fn formers(&self) -> Formers {
        let all = self.all.borrow();
        let lasts = all.iter().filter_map(|(user, own)| {
            own.former.as_ref().map(|former| (user.clone(), former.last))
        });
        Formers(lasts.collect())
    }

    /// The key with which a user signs now.
    pub(super) fn public(&self, user: &str) -> Option<PublicKey> {
        self.all.borrow().get(user).map(|own| own.key.public().clone())
    }

    /// The key to which a user is to go over; `None` when there is none, or when that is done.
    ///
    /// # Errors
    ///
    /// When it is damaged, or others may read it.
    pub(super) fn next(&self, user: &str) -> Result<Option<PrivateKey>, KeyFileError> {
        let all = self.all.borrow();
        let Some(own) = all.get(user).filter(|own| own.former.is_none()) else { return Ok(None) };
        let next = next_key::read(&self.root, user)?;
        Ok(next.filter(|next| next.public() != own.key.public()))
    }

    /// Goes over to another key. The store has noted it.
    pub(super) fn go_over(&self, rotation: &Rotation, next: PrivateKey) {
        if let Some(own) = self.all.borrow_mut().get_mut(&rotation.user) {
            let key = std::mem::replace(&mut own.key, next);
            own.former = Some(Former { key, last: rotation.last });
        }
    }

    /// Puts the new key of a user in the place of the former one, which is kept beside it and signs
    /// nothing any more. `false` when the new one is not there: nothing has changed then.
    ///
    /// # Errors
    ///
    /// When the disk fails. The two keys are still there then.
    pub(super) fn settle(&self, rotation: &Rotation) -> Result<bool, KeyFileError> {
        let user = &rotation.user;
        let is_new = |key: Option<PrivateKey>| {
            key.is_some_and(|key| key.public().fingerprint() == rotation.key)
        };
        if is_new(next_key::read(&self.root, user)?) {
            next_key::take_over(&self.root, user)?;
        }
        // It may have been done already.
        if !is_new(keys::read_private(&self.root, user)?) {
            return Ok(false);
        }
        if let Some(own) = self.all.borrow_mut().get_mut(user) {
            own.former = None;
        }
        Ok(true)
    }
}

/// The key with which a user signs now; `rotations` says who has two.
///
/// # Errors
///
/// When it is damaged, or others may read it.
pub(crate) fn current(
    root: &Root,
    user: &str,
    rotations: &[Rotation],
) -> Result<Option<PrivateKey>, KeyFileError> {
    Ok(held(root, user, rotations)?.map(|(key, _)| key))
}

/// The key of a user, and the one before if that is still needed.
fn held(
    root: &Root,
    user: &str,
    rotations: &[Rotation],
) -> Result<Option<(PrivateKey, Option<Former>)>, KeyFileError> {
    match rotations.iter().find(|rotation| rotation.user == user) {
        None => Ok(keys::read_private(root, user)?.map(|key| (key, None))),
        Some(rotation) => both(root, rotation),
    }
}

/// Both keys of somebody who goes over, wherever a stop has left them.
fn both(
    root: &Root,
    rotation: &Rotation,
) -> Result<Option<(PrivateKey, Option<Former>)>, KeyFileError> {
    let mut held = next_key::all(root, &rotation.user)?;
    let mut take = |fingerprint: &str| {
        let place = held.iter().position(|key| key.public().fingerprint() == fingerprint)?;
        Some(held.swap_remove(place))
    };
    let Some(key) = take(&rotation.key) else { return Ok(None) };
    let former = take(&rotation.former).map(|key| Former { key, last: rotation.last });
    Ok(Some((key, former)))
}

impl Own {
    fn signer<'a>(&'a self, key: &'a PrivateKey) -> Signer<'a> {
        Signer { key, key_id: &self.key_id }
    }
}
