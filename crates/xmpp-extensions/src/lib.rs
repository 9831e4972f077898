//! The payloads of XMPP's extensions, as types: one module a XEP, named by
//! its noun, in a folder by subject.
//!
//! Each type is declared once, with
//! [`#[derive(Payload)]`](xmpp_stanza::Payload): it is read from an element and
//! borrows from it, keeps what it does not know, and is written again.
//!
//! ```
//! use xmpp_extensions::base::delay::Delay;
//! use xmpp_stanza::{Payload, StanzaRef};
//! use xmpp_stanza::xml::Element;
//!
//! let message = Element::parse(
//!     "<message xmlns='jabber:client'><body>O blessed, blessed night!</body>\
//!      <delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'/></message>",
//! )?;
//! let stanza = StanzaRef::new(message.as_ref()).ok_or("no stanza")?;
//! let delay: Delay<'_> = stanza.payload()?.ok_or("no delay")?;
//! assert_eq!(delay.stamp.unix_seconds(), 1_031_699_305);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! The subjects are features, so that a small client compiles little; all of
//! them are on by default. [`base`] is always there. `hashes` (on by default)
//! computes hashes, and with them capabilities. `arbitrary` brings a generator of
//! elements for fuzzing. `std` only hands itself on.
//!
//! # Panics
//!
//! Nothing in this crate panics.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
mod registry;

#[cfg(feature = "accounts")]
pub mod accounts;
#[cfg(feature = "archive")]
pub mod archive;
pub mod base;
#[cfg(feature = "calls")]
pub mod calls;
#[cfg(feature = "encryption")]
pub mod encryption;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "messaging")]
pub mod messaging;
#[cfg(feature = "profiles")]
pub mod profiles;
#[cfg(feature = "pubsub")]
pub mod pubsub;
#[cfg(feature = "rooms")]
pub mod rooms;
#[cfg(feature = "things")]
pub mod things;

pub use registry::{Model, find, models};
