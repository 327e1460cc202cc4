//! Servers that do everything wrong, and what is asked of them all the same.

mod addresses;
mod answers;
mod connections;
mod encryption;
pub(in crate::office) mod identity;
pub(in crate::office) mod peer;

use bytes::Bytes;
use url::Url;

use super::{Answer, Transport, TransportError};
use crate::signature::Headers;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Signs nothing.
fn unsigned(_: &Url) -> Headers {
    Vec::new()
}

async fn get(transport: &Transport, address: &str) -> Result<Answer, TransportError> {
    transport.get(&url(address), "application/activity+json", &unsigned).await
}

async fn post(transport: &Transport, address: &str) -> Result<Answer, TransportError> {
    let headers = vec![("Content-Type", "application/activity+json".to_owned())];
    transport.post(&url(address), headers, Bytes::from_static(b"{}")).await
}
