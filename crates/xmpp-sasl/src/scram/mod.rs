//! SCRAM (RFC 5802, RFC 7677): messages, keys, and both halves.

pub(crate) mod client;
pub(crate) mod downgrade;
pub(crate) mod keys;
pub(crate) mod message;
pub(crate) mod server;
mod transcript;

pub use self::transcript::{InputError, Inputs, Transcript};
