//! XMPP addresses: RFC 7622 over PRECIS and IDNA2008.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod escape;
pub mod idna;
mod ip;
mod jid;
mod jid_ref;
#[cfg(feature = "legacy")]
pub mod legacy;
mod parse;
mod part;
pub mod precis;
mod prepare;
mod properties;
mod scan;
#[cfg(feature = "serde")]
mod serde;
mod sink;
mod tables;
mod text;
mod uri;

pub use error::{Error, Part, Rule, Violation};
pub use escape::{escape, unescape};
pub use jid::{BareJid, FullJid, Jid};
pub use jid_ref::{BareJidRef, FullJidRef, JidRef};
pub use part::{
    Domainpart, DomainpartRef, Host, Localpart, LocalpartRef, Resourcepart, ResourcepartRef,
};
pub use uri::{Query, UriError, XmppUri};

/// The Unicode version that code points are judged by.
pub const UNICODE_VERSION: u8 = tables::UNICODE_VERSION;
