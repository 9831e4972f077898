//! SASL for XMPP: mechanisms as state machines of both sides, without IO.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod anonymous;
mod channel_binding;
pub mod client;
pub mod crypto;
mod grammar;
mod hashed_token;
mod mechanism;
mod nonce;
mod oauthbearer;
mod plain;
pub mod prepare;
mod scram;
mod secret;
pub mod server;
pub mod xmpp;

pub use channel_binding::{ChannelBindingType, ChannelBindings};
pub use grammar::MessageError;
pub use mechanism::{Mechanism, Strength, TokenBinding};
pub use nonce::Nonce;
pub use scram::keys::{ScramKeys, StoredKeys};
pub use secret::Secret;
