//! Rules for asking other machines that need no network themselves.

pub(crate) mod address;
