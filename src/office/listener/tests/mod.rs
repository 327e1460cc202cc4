//! Clients that do everything wrong, on bare sockets.

mod client;
mod limits;
mod requests;
mod slow;
mod smuggling;
