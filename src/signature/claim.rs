//! What one signature says, in whichever form it was written, and what that is worth.

use jiff::{SignedDuration, Timestamp};

use super::{Request, SignatureProblem, digest};
use crate::key::PublicKey;

/// How far the clocks of two servers may differ, and how long a message may be on its way
/// (Mastodon allows the same).
const MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// How long a signature may say that it is good, at most (as in Mastodon).
const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(12);

/// The header that has the hash of the body, which each form wants to be another one.
#[derive(Clone, Copy, Debug)]
pub(super) enum BodyHash {
    /// `Digest` (RFC 3230).
    Digest,
    /// `Content-Digest` (RFC 9530).
    ContentDigest,
}

/// What one signature says. It covers method, target, host, time and, where there is one, the
/// body.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    /// Who says to have signed.
    pub(super) key_id: String,
    pub(super) signed_at: Timestamp,
    /// Until when it is said to be good.
    pub(super) expires: Option<Timestamp>,
    /// What proves the body, where that is signed.
    pub(super) body_hash: Option<BodyHash>,
    /// What was signed: one text, or the few that different servers make of the request.
    pub(super) texts: Vec<String>,
    /// The signature itself.
    pub(super) bytes: Vec<u8>,
}

impl Claim {
    /// Whether it was signed not long before `now`.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), SignatureProblem> {
        if self.signed_at.duration_since(now) > MARGIN {
            return Err(SignatureProblem::TooNew);
        }
        let lifetime = match self.expires {
            Some(expires) if expires < self.signed_at => return Err(SignatureProblem::Time),
            Some(expires) => expires.duration_since(self.signed_at).min(LIFETIME_MAX),
            None => SignedDuration::ZERO,
        };
        if now.duration_since(self.signed_at) > lifetime + MARGIN {
            return Err(SignatureProblem::TooOld);
        }
        Ok(())
    }

    /// Whether the body is the one whose hash was signed.
    pub(super) fn check_body(&self, request: &Request<'_>) -> Result<(), SignatureProblem> {
        match self.body_hash {
            // There is no body then, or it would not be a claim.
            None => Ok(()),
            Some(BodyHash::Digest) => digest::check(request),
            Some(BodyHash::ContentDigest) => digest::check_content(request),
        }
    }

    /// Whether the owner of the key has signed it.
    pub(super) fn is_by(&self, key: &PublicKey) -> bool {
        self.texts.iter().any(|text| key.verify(text.as_bytes(), &self.bytes))
    }
}
