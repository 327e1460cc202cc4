//! HTTP signatures: how a server of the fediverse knows who has sent a message.
//!
//! Every server takes and sends the form of the twelfth draft (draft-cavage-http-signatures-12),
//! which is `cavage`; some try RFC 9421 first, which is `rfc9421`. Each of the two reads its own
//! headers and makes one `Claim` of them: who says to have signed which bytes, and when. What a
//! claim is worth is decided here and in `claim`, for both alike. Nothing here talks to anybody: a
//! message, a key and the time go in, headers or a verdict come out.

mod cavage;
mod claim;
mod digest;
mod key_id;
mod parameters;
mod problem;
mod request;
mod rfc9421;
mod signer;
mod structured;

use jiff::Timestamp;

use claim::Claim;
pub use key_id::key_document;
pub use problem::SignatureProblem;
pub use request::Request;
pub use signer::{Form, Headers, Signer, authority};

use crate::key::PublicKey;
use crate::limits::SIGNATURE_BYTES_MAX;

/// Headers that say one thing each. Of two, somebody else may have looked at the other one.
const SINGLE: [&str; 5] = ["host", "date", "digest", "content-digest", "signature-input"];

/// The signature of a request, not yet verified, which covers all that it has to.
#[derive(Clone, Debug)]
pub struct Signature<'a> {
    request: Request<'a>,
    /// One, or one of each form.
    claims: Vec<Claim>,
}

impl<'a> Signature<'a> {
    /// Reads the signature of a request: by RFC 9421 where there is a `Signature-Input`, by the
    /// draft elsewhere. Where there are both, both count: were the good one of two enough, nobody
    /// could know which of them the other servers have looked at.
    ///
    /// # Errors
    ///
    /// When there is none, none that we could verify, or one that leaves out what makes it worth
    /// something.
    pub fn of(request: Request<'a>) -> Result<Self, SignatureProblem> {
        if let Some(name) = SINGLE.into_iter().find(|name| request.values(name).count() > 1) {
            return Err(SignatureProblem::Several(name));
        }
        request.check_text()?;
        let input = request.value("signature-input");
        let headers: Vec<&str> = request.values("signature").collect();
        if headers.iter().chain(&input).any(|header| header.len() > SIGNATURE_BYTES_MAX) {
            return Err(SignatureProblem::TooLong);
        }
        let (of_rfc, of_draft): (Vec<&str>, Vec<&str>) =
            headers.into_iter().partition(|header| input.is_some() && rfc9421::wrote(header));
        if of_rfc.len() > 1 || of_draft.len() > 1 {
            return Err(SignatureProblem::Several("signature"));
        }
        let mut claims = Vec::new();
        if let Some(input) = input {
            let bytes = of_rfc.first().ok_or(SignatureProblem::NoParameter("signature"))?;
            claims.push(rfc9421::read(&request, input, bytes)?);
        }
        if let Some(header) = of_draft.first() {
            claims.push(cavage::read(&request, header)?);
        }
        let first = claims.first().ok_or(SignatureProblem::Missing)?;
        if claims.iter().any(|claim| claim.key_id != first.key_id) {
            return Err(SignatureProblem::Keys);
        }
        key_document(&first.key_id).ok_or(SignatureProblem::KeyId)?;
        Ok(Self { request, claims })
    }

    /// Where the public key is said to be: an address, mostly that of the actor with a fragment.
    /// [`key_document`] says which document that is in.
    pub fn key_id(&self) -> &str {
        self.claims.first().map_or("", |claim| &claim.key_id)
    }

    /// When the request was signed, by the clock of whoever signed it. That is signed as well.
    pub fn signed_at(&self) -> Timestamp {
        self.claims.iter().map(|claim| claim.signed_at).min().unwrap_or_default()
    }

    /// Looks at all that can be known without the key: whether the request is for `host`, from not
    /// long before `now`, and has the body that was signed. Whoever sends nonsense does not make
    /// us ask for a key.
    ///
    /// # Errors
    ///
    /// When one of these is not so. What costs least is looked at first: strangers choose how much
    /// work they make.
    pub fn check(&self, host: &str, now: Timestamp) -> Result<(), SignatureProblem> {
        // What was sent to somebody else is not for us, even though it is signed.
        if self.request.authority() != Some(request::normal(host)) {
            return Err(SignatureProblem::Host);
        }
        for claim in &self.claims {
            claim.check_time(now)?;
        }
        for claim in &self.claims {
            claim.check_body(&self.request)?;
        }
        Ok(())
    }

    /// Whether the owner of `key` sent this request, to `host` and not long before `now`.
    ///
    /// # Errors
    ///
    /// When that is not proven; [`Signature::check`] is part of it.
    pub fn verify(
        &self,
        host: &str,
        key: &PublicKey,
        now: Timestamp,
    ) -> Result<(), SignatureProblem> {
        self.check(host, now)?;
        let proven = self.claims.iter().all(|claim| claim.is_by(key));
        if proven { Ok(()) } else { Err(SignatureProblem::Forged) }
    }
}
