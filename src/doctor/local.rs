//! Asks a site that is not on the internet: something in this process answers for its host.

use url::Url;

use super::ask::{Ask, AskError, Reply, Request};

/// A site at an address where nobody needs to be.
pub(crate) struct Local<F> {
    origin: String,
    answer: F,
}

impl<F: Fn(&Request, &Url) -> Reply> Local<F> {
    /// `answer` gets the question and its address, for path and query, and plays the host at
    /// `base_url`.
    pub(crate) fn new(base_url: &str, answer: F) -> Self {
        let origin = Url::parse(base_url).map(|url| url.origin().ascii_serialization());
        Self { origin: origin.unwrap_or_default(), answer }
    }
}

impl<F: Fn(&Request, &Url) -> Reply> Ask for Local<F> {
    fn ask(&self, request: &Request) -> Result<Reply, AskError> {
        let url = Url::parse(&request.url).map_err(|_| AskError::NotAUrl)?;
        // Also the unencrypted address of the same site: that is a matter of the host alone.
        if url.origin().ascii_serialization() != self.origin {
            return Err(AskError::Elsewhere);
        }
        Ok((self.answer)(request, &url))
    }
}
