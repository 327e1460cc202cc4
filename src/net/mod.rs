//! Rules for asking other machines that need no network themselves.

pub(crate) mod address;
pub(crate) mod pinned;
pub(crate) mod tls;
