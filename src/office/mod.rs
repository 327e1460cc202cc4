//! The post office: receives what other servers send to the actors of a site, and delivers posts.
//!
//! Everything here runs in one thread, as a small machine has no more to give: [`runtime`] says
//! how.

#![cfg_attr(
    not(test),
    expect(dead_code, reason = "the edges come first, what works between them follows")
)]

mod listener;
mod runtime;
pub mod store;
mod transport;
