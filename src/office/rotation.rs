//! Goes over from one key of an actor to the next, so that nobody notices.
//!
//! Other servers believe a new key when a message says so that is signed with the one they know
//! (GoToSocial believes nothing else, and Mastodon drops all follows without it). So nothing happens
//! before the site shows the new key. Then the message goes into the queue, and in the same moment
//! it is noted that all that is in the queue is signed with the former key, and all that comes after
//! it with the new one. When nothing is left for the former key to sign, the new one takes its place
//! among the files.

use super::look::Seen;
use super::{Office, store};
use crate::disk::next_key;
use crate::federation::Local;
use crate::federation::outgoing::{self, NotSendable};
use crate::federation::site::{Due, Index};
use crate::key::PrivateKey;

impl Office {
    /// Goes over to the key that waits, if the site shows it. Gives what else is due.
    pub(super) async fn go_over(
        &self,
        local: &Local,
        index: &Index,
        mut due: Vec<Due>,
        seen: &mut Seen,
    ) -> Vec<Due> {
        let profile = Due::Profile(index.profile.clone());
        let gone_over = match self.signers.next(&local.user) {
            Ok(None) => return due,
            Ok(Some(next)) => self.announce(local, &profile, next).await,
            Err(error) => Err(format!("{error}.")),
        };
        match gone_over {
            Ok(None) => {}
            Ok(Some(deliveries)) => {
                due.retain(|one| *one != profile);
                seen.queued += usize::from(deliveries > 0);
                seen.has_new_key = true;
            }
            // The next look may find it. Posts can be sent with the old key until then.
            Err(problem) => seen.problems.push(problem),
        }
        due
    }

    /// Tells followers of the next key, if the site shows it. Says to how many inboxes.
    async fn announce(
        &self,
        local: &Local,
        profile: &Due,
        next: PrivateKey,
    ) -> Result<Option<usize>, String> {
        let document = self.read_document(&local.id, profile).await?;
        let Some(former) = self.signers.public(&local.user) else { return Ok(None) };
        if outgoing::shown_key(&document).as_ref() != Some(next.public()) {
            return Ok(None);
        }
        let message = outgoing::message(local, profile, &document)
            .map_err(|problem: NotSendable| format!("{} {problem}.", local.id))?;
        let message = store::queue::Activity::of(message, &local.id);
        let (user, now, profile) = (local.user.clone(), self.clock.system(), profile.clone());
        let prints = [next.public().fingerprint(), former.fingerprint()];
        let write = self.writer.run(move |store| {
            // Since the look began.
            if store::retired::is_one(store, &user)? {
                return Ok(None);
            }
            let deliveries = store::queue::enqueue(store, &user, &message, now)?;
            store::posts::sent(store, &user, &profile, now)?;
            let [key, former] = &prints;
            let rotation = store::rotation::begin(store, &user, [key, former], now)?;
            Ok(Some((deliveries, rotation)))
        });
        let begun = write.await.map_err(|error| format!("{error}."))?;
        let Some((deliveries, rotation)) = begun else { return Ok(None) };
        self.signers.go_over(&rotation, next);
        Ok(Some(deliveries))
    }

    /// Puts the new key of a user in the place of the former one, once that has nothing left to
    /// sign.
    pub(super) async fn settle(&self, user: &str, seen: &mut Seen) -> Result<(), String> {
        let rotations = self.writer.run(store::rotation::all).await;
        let rotations = rotations.map_err(|error| format!("{error}."))?;
        let now = self.clock.system();
        let mut own = rotations.iter().filter(|one| one.user == user);
        let Some(rotation) = own.find(|one| one.until() <= now) else { return Ok(()) };
        if !self.signers.settle(rotation).map_err(|error| format!("{error}."))? {
            let next = next_key::path(user);
            return Err(format!(
                "The new key of @{user} is not in {next} any more, so it cannot take the place of \
                 the old one. If another key is there, move it away. Then bring the new one back \
                 from your copy: `sitegen key import {user} FILE --next`; its fingerprint is {}.",
                rotation.key
            ));
        }
        let user = user.to_owned();
        let write = self.writer.run(move |store| store::rotation::end(store, &user));
        write.await.map_err(|error| format!("{error}."))?;
        seen.has_settled = true;
        Ok(())
    }

    /// Refuses to tell anybody of a key that is not here: nothing would be believed after that.
    pub(super) fn check_shown_key(&self, local: &Local, document: &[u8]) -> Result<(), String> {
        let own = self.signers.public(&local.user);
        match (outgoing::shown_key(document), own) {
            (Some(shown), Some(own)) if shown != own => Err(format!(
                "{} shows another key than the one that signs here, so nobody is told of the \
                 profile. If it is a new key, bring its private part here: `sitegen key export {1} \
                 --private --next --output FILE` where it was made, then `sitegen key import {1} \
                 FILE --next` here. If not, build the site with the right one.",
                local.id, local.user
            )),
            _ => Ok(()),
        }
    }
}
