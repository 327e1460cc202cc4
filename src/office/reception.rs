//! The inbox: takes a request, and answers when what follows from it is on the disk.
//!
//! What costs least is looked at first, for strangers choose how much work they make: the shape of
//! the signature, its time and the hash of the body; the message; whether it is about us at all.
//! Only then a key is fetched, and nothing happens before the signature is verified.

use std::time::Duration;

use url::Url;

use super::Office;
use super::correspondents::{Asked, Renewal, Unknown};
use super::listener::{Received, Reply};
use super::settings::Settings;
use super::store::{self, StoreError};
use crate::federation::budget::Leave;
use crate::federation::document::is_activity;
use crate::federation::inbox::{concerned, decide};
use crate::federation::url as address;
use crate::federation::{Activity, Effect, Incoming, Local, RemoteActor, Undone, Verified};
use crate::signature::{Request, Signature, SignatureProblem, key_document};

/// When a server should try again that has done nothing wrong.
const LATER: Duration = Duration::from_secs(60);

/// When somebody should ask again for whom there is no room.
const NO_ROOM: Duration = Duration::from_secs(3600);

/// How a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on the disk, or means nothing to us.
    Taken,
    /// There is nothing at this address.
    NotHere,
    /// The address takes messages only.
    OnlyPost,
    /// It is not a document of the fediverse.
    WrongType,
    /// It cannot be understood.
    Malformed(String),
    /// It is not proven who sent it.
    Unproven(String),
    /// It cannot be verified or stored now.
    Later(Duration),
}

impl Outcome {
    /// What the sender gets.
    pub(crate) fn reply(&self) -> Reply {
        let plain = |status, text: &str| Reply {
            status,
            headers: vec![("Content-Type", "text/plain; charset=utf-8".to_owned())],
            body: format!("{text}\n").into_bytes(),
        };
        match self {
            Self::Taken => Reply { status: 202, headers: Vec::new(), body: Vec::new() },
            Self::NotHere => plain(404, "There is no inbox here."),
            Self::OnlyPost => {
                let mut reply = plain(405, "Messages are sent here by POST.");
                reply.headers.push(("Allow", "POST".to_owned()));
                reply
            }
            Self::WrongType => plain(415, "Send application/activity+json."),
            Self::Malformed(reason) => plain(400, reason),
            Self::Unproven(reason) => plain(401, reason),
            Self::Later(wait) => {
                let mut reply = plain(503, "Not now; please try again later.");
                let seconds = wait.as_secs().max(1);
                reply.headers.push(("Retry-After", seconds.to_string()));
                reply
            }
        }
    }
}

impl From<StoreError> for Outcome {
    /// A disk that is full may have room tomorrow.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoRoom => Self::Later(NO_ROOM),
            _ => Self::Later(LATER),
        }
    }
}

/// What a path of the post office is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// The inbox of a user.
    Inbox(&'a str),
    /// Asks for a look at the site.
    Check,
}

impl<'a> Target<'a> {
    /// Reads `/ap/news/inbox` and `/ap/check`; what comes after `?` does not matter.
    pub(crate) fn of(target: &'a str) -> Option<Self> {
        let path = target.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix("/ap/")?;
        match rest.strip_suffix("/inbox") {
            Some(user) if !user.is_empty() && !user.contains('/') => Some(Self::Inbox(user)),
            _ => (rest == "check").then_some(Self::Check),
        }
    }
}

/// A message whose sender is not verified yet.
struct Claim<'a> {
    signature: Signature<'a>,
    incoming: Incoming,
    /// Whom it is about.
    local: Option<&'a Local>,
}

impl Office {
    /// Takes what came to the inbox of a user.
    pub(crate) async fn receive_for(&self, request: &Received, user: &str) -> Outcome {
        // Nobody is told that his clock is wrong by somebody who does not know the time.
        match self.clock.now() {
            None => Outcome::Later(LATER),
            Some(_) => self.take(request, user).await.err().unwrap_or(Outcome::Taken),
        }
    }

    /// Takes a message. Its signature has to have been good when it arrived, which may be some time
    /// ago when it has lain in a spool.
    async fn take(&self, request: &Received, user: &str) -> Result<(), Outcome> {
        let headers = request.borrowed();
        let claim = claim(&self.settings, request, &headers, user)?;
        let Some(claim) = claim.concerning(self).await? else { return Ok(()) };
        let message = self.verify(claim.signature, claim.incoming, request, user).await?;
        self.perform(message, claim.local.cloned()).await
    }

    /// Proves who sent a message, with the key that is known or the one that its server shows.
    async fn verify(
        &self,
        signature: Signature<'_>,
        incoming: Incoming,
        request: &Received,
        user: &str,
    ) -> Result<Verified, Outcome> {
        let id = incoming.actor.clone();
        let fits = |actor: &RemoteActor| {
            actor.key(signature.key_id()).is_some_and(|key| {
                signature.verify(self.settings.host(), key, request.arrived).is_ok()
            })
        };
        let known = self.known_actor(&id).await?;
        let is_stale = known.as_ref().is_some_and(|actor| !fits(actor));
        let asked = match known {
            None => self.fetch(&id, Duration::ZERO, request, user).await,
            Some(actor) if is_stale => self.renew(actor, request, user).await,
            // An update is about what is there now.
            Some(_) if is_update(&incoming) => {
                self.fetch(&id, self.clock.passed(), request, user).await
            }
            Some(actor) => Ok(Asked::known(actor)),
        };
        let actor = match asked {
            Ok(asked) if fits(&asked.actor) => {
                self.correspondents.proven(&asked, request.client).await;
                asked.actor
            }
            Ok(_) => return Err(Outcome::Unproven(SignatureProblem::Forged.to_string())),
            Err(Unknown::Gone) if is_own_end(&incoming) => return self.forget(&id).await,
            Err(unknown) => return Err(unknown.into()),
        };
        if is_stale {
            // Or the next message would make us ask again.
            self.apply(vec![Effect::Refresh(actor.clone())]).await?;
        }
        Verified::new(incoming, actor, signature.key_id(), signature.signed_at())
            .map_err(|problem| Outcome::Unproven(problem.to_string()))
    }

    /// Asks for an actor once more, whose key may be another one now. Gives what is known when it
    /// was asked for after the request came in, for then it was as new as it could be.
    async fn renew(
        &self,
        actor: RemoteActor,
        request: &Received,
        user: &str,
    ) -> Result<Asked, Unknown> {
        let passed = self.clock.passed();
        match self.correspondents.renewal(&actor.id, passed) {
            Renewal::Granted => self.fetch(&actor.id, passed, request, user).await,
            Renewal::Done { ago, wait } => {
                let since_arrival = self.clock.system().duration_since(request.arrived);
                if Duration::try_from(since_arrival).is_ok_and(|since| since > ago) {
                    Ok(Asked::known(actor))
                } else {
                    Err(Unknown::Later(wait))
                }
            }
        }
    }

    async fn known_actor(&self, id: &Url) -> Result<Option<RemoteActor>, Outcome> {
        if let Some(actor) = self.correspondents.remembered(id, self.clock.passed()) {
            return Ok(Some(actor));
        }
        let id = id.to_string();
        Ok(self.writer.run(move |store| store::known::remote(store, &id)).await?)
    }

    /// The document of an actor, as it is or was at `since` or later.
    async fn fetch(
        &self,
        id: &Url,
        since: Duration,
        request: &Received,
        user: &str,
    ) -> Result<Asked, Unknown> {
        let now = self.clock.system();
        let sign = |url: &Url| self.signers.get(user, url, now);
        self.correspondents.fetch(id, since, request.client, &self.clock, &sign).await
    }

    /// Erases an actor whose server says that it is gone for good.
    async fn forget(&self, id: &Url) -> Result<Verified, Outcome> {
        let effects = vec![Effect::Forget { actor: id.to_string() }];
        self.apply(effects).await?;
        Err(Outcome::Taken)
    }

    /// Decides what follows from a message, and stores it; both in one transaction, so that nothing
    /// comes between.
    async fn perform(&self, message: Verified, local: Option<Local>) -> Result<(), Outcome> {
        let now = self.clock.system();
        let is_follow = matches!(message.activity(), Activity::Follow { .. });
        let server = address::origin(&message.actor().id);
        if is_follow {
            // Only now: what is not proven to come from a server must not count against it.
            if let Leave::Wait(wait) = self.follows.borrow_mut().ask(&server, self.clock.passed()) {
                return Err(Outcome::Later(wait));
            }
        }
        let locals = self.settings.actors.clone();
        let done = self.writer.run(move |store| {
            let actor = message.actor().id.as_str();
            let user = local.as_ref().map(|local| local.user.as_str());
            // Nobody is there any more who could answer.
            if let (true, Some(user)) = (is_follow, user)
                && store::retired::is_one(store, user)?
            {
                return Ok(false);
            }
            let known = match user {
                Some(user) => store::known::known(store, user, actor, message.id().as_str())?,
                None => crate::federation::Known::default(),
            };
            let effects = decide(&message, local.as_ref(), &known, now);
            store::effects::apply(store, &effects, now, &locals)?;
            Ok(!effects.is_empty())
        });
        let has_changed = done.await?;
        if is_follow && has_changed {
            self.wake.notify_one();
        } else if is_follow {
            // Anybody who has seen a follow can send it again as long as its signature is good.
            self.follows.borrow_mut().give_back(&server);
        }
        Ok(())
    }

    async fn apply(&self, effects: Vec<Effect>) -> Result<(), Outcome> {
        let (now, locals) = (self.clock.system(), self.settings.actors.clone());
        let write =
            self.writer.run(move |store| store::effects::apply(store, &effects, now, &locals));
        Ok(write.await?)
    }
}

/// All that can be said of a request without a key and without a store.
///
/// # Errors
///
/// What to answer, when it proves nothing.
fn claim<'a>(
    settings: &'a Settings,
    received: &'a Received,
    headers: &'a [(&'a str, &'a str)],
    user: &str,
) -> Result<Claim<'a>, Outcome> {
    if settings.actor(user).is_none() {
        return Err(Outcome::NotHere);
    }
    if received.method != "POST" {
        return Err(Outcome::OnlyPost);
    }
    let mut types = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !types.next().is_some_and(|(_, value)| is_activity(value)) {
        return Err(Outcome::WrongType);
    }
    let refused = |problem: SignatureProblem| {
        if problem.is_malformed() {
            Outcome::Malformed(problem.to_string())
        } else {
            Outcome::Unproven(problem.to_string())
        }
    };
    let request = Request {
        method: &received.method,
        target: &received.target,
        headers,
        body: &received.body,
    };
    let signature = Signature::of(request).map_err(refused)?;
    signature.check(settings.host(), received.arrived).map_err(refused)?;
    let incoming = Incoming::parse(&received.body)
        .map_err(|problem| Outcome::Malformed(problem.to_string()))?;
    let owner = key_document(signature.key_id());
    let is_own = owner.is_some_and(|key| address::same_origin(&key, &incoming.actor));
    if !is_own || !address::same_origin(&incoming.id, &incoming.actor) {
        let reason = "the key, the id and the actor of a message have to be on one server";
        return Err(Outcome::Unproven(reason.to_owned()));
    }
    let local = concerned(&incoming.activity, &settings.actors);
    Ok(Claim { signature, incoming, local })
}

/// Whether a request is worth keeping until somebody with a key looks at it.
///
/// # Errors
///
/// What to answer at once, when it is not.
pub(crate) fn is_worth_keeping(
    settings: &Settings,
    received: &Received,
    user: &str,
) -> Result<bool, Outcome> {
    let headers = received.borrowed();
    let claim = claim(settings, received, &headers, user)?;
    let is_about_sender = matches!(
        claim.incoming.activity,
        Activity::Delete { .. }
            | Activity::Update { .. }
            | Activity::Move { .. }
            | Activity::Undo(_)
    );
    Ok(is_about_sender || claim.local.is_some())
}

impl<'a> Claim<'a> {
    /// Whether a message is about us, as far as we know; `None` when nothing can follow from it, so
    /// that nobody has to be asked for a key. Servers tell everybody that an account was deleted.
    async fn concerning(self, office: &'a Office) -> Result<Option<Self>, Outcome> {
        let actor = self.incoming.actor.to_string();
        match &self.incoming.activity {
            // Something else that has changed, such as a post.
            Activity::Update { object } | Activity::Move { object, .. } if *object != actor => {
                Ok(None)
            }
            Activity::Delete { .. } | Activity::Update { .. } | Activity::Move { .. } => {
                let known = office
                    .writer
                    .run(move |store| store::known::is_known_actor(store, &actor))
                    .await?;
                Ok(known.then_some(self))
            }
            Activity::Undo(Undone::Id(id)) => {
                let id = id.clone();
                let found = office.writer.run(move |store| {
                    let user = store::known::user_of_follow(store, &actor, &id)?;
                    Ok((user, store::known::is_known_actor(store, &actor)?))
                });
                let (user, is_known) = found.await?;
                let local = user.and_then(|user| office.settings.actor(&user));
                Ok((local.is_some() || is_known).then_some(Self { local, ..self }))
            }
            _ => Ok(self.local.is_some().then_some(self)),
        }
    }
}

impl From<Unknown> for Outcome {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            // Not why: it may be about this machine's own network.
            Unknown::Refused(_) => Self::Unproven("the actor cannot be read".to_owned()),
            Unknown::Gone => Self::Unproven("the actor is gone".to_owned()),
            Unknown::Later(wait) => Self::Later(wait),
        }
    }
}

/// Whether it is said that the sender is no more. Its key cannot be had then, but its server has
/// said the same.
fn is_own_end(incoming: &Incoming) -> bool {
    matches!(&incoming.activity, Activity::Delete { object } if *object == incoming.actor.as_str())
}

/// Whether it is said that the sender has another name, inbox or key, or is another one.
fn is_update(incoming: &Incoming) -> bool {
    matches!(incoming.activity, Activity::Update { .. } | Activity::Move { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_inbox_the_check_or_nothing() {
        assert_eq!(Target::of("/ap/news/inbox"), Some(Target::Inbox("news")));
        assert_eq!(Target::of("/ap/news/inbox?x=/check"), Some(Target::Inbox("news")));
        assert_eq!(Target::of("/ap/check"), Some(Target::Check));
        for nothing in ["/ap//inbox", "/ap/a/b/inbox", "/ap/inbox", "/inbox", "/ap/check/", "", "*"]
        {
            assert_eq!(Target::of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn who_has_to_come_again_is_told_when() {
        let reply = Outcome::Later(Duration::from_millis(20)).reply();
        assert_eq!((reply.status, &reply.headers[1]), (503, &("Retry-After", "1".to_owned())));
        assert_eq!(Outcome::Taken.reply().status, 202);
        assert_eq!(Outcome::OnlyPost.reply().headers[1], ("Allow", "POST".to_owned()));
    }
}
