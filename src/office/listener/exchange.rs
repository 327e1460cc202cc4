//! One request and its answer.

use core::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use jiff::Timestamp;
use tokio::time::timeout;

use super::connections::Connection;
use super::head::{Head, Length};
use super::refusal::Refusal;
use super::{Receive, Received, Reply, forwarded};
use crate::limits::REQUEST_BODY_BYTES_MAX;

/// Answers a request.
pub(super) async fn exchange<R: Receive>(
    connection: Rc<Connection>,
    receiver: Rc<R>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (reply, may_follow) = match received(&connection, request.into_body()).await {
        Ok((received, may_follow)) => (receiver.receive(received).await, may_follow),
        Err(refusal) => (refusal.reply(), false),
    };
    connection.release();
    connection.progress.answered();
    Ok(response(reply, may_follow))
}

/// A request, whole, and whether another may follow it on the same connection.
async fn received(connection: &Connection, body: Incoming) -> Result<(Received, bool), Refusal> {
    let arrived = Timestamp::now();
    let head = Head::read(&connection.progress.take_head())?;
    let read = read(connection, body);
    let body = timeout(connection.settings().body_deadline, read);
    let body = body.await.map_err(|_| Refusal::Slow)??;
    let length = match head.body {
        Length::Bytes(length) => Some(head.length + length),
        // How many bytes the chunks had is not known, so neither whether more has come.
        Length::Chunked => None,
    };
    let may_follow = connection.progress.received_whole(length);
    let Head { method, target, mut headers, .. } = head;
    let trusted = &connection.settings().trusted_proxies;
    let client = forwarded::client(connection.peer.ip(), &mut headers, trusted);
    Ok((Received { method, target, headers, body, client, arrived }, may_follow))
}

async fn read(connection: &Connection, mut body: Incoming) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Bad("the message is broken"))?;
        let data = frame.into_data().unwrap_or_default();
        if bytes.len() + data.len() > REQUEST_BODY_BYTES_MAX {
            return Err(Refusal::Large);
        }
        if !connection.hold(data.len()) {
            return Err(Refusal::Busy);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// The answer as `hyper` wants it.
fn response(reply: Reply, may_follow: bool) -> Response<Full<Bytes>> {
    let Reply { status, headers, body } = reply;
    let mut response = Response::new(Full::new(Bytes::from(body)));
    let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 200);
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        // What would break the answer is left out; there are no such headers of ours.
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    if !may_follow {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
