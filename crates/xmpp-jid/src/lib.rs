//! XMPP addresses: RFC 7622 over PRECIS and IDNA2008.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod error;
pub mod idna;
mod ip;
mod jid;
mod jid_ref;
mod parse;
mod part;
pub mod precis;
mod prepare;
mod properties;
mod sink;
mod tables;
mod text;

pub use error::{Error, Part, Rule, Violation};
pub use jid::{BareJid, FullJid, Jid};
pub use jid_ref::{BareJidRef, FullJidRef, JidRef};
pub use part::{
    Domainpart, DomainpartRef, Host, Localpart, LocalpartRef, Resourcepart, ResourcepartRef,
};

/// The Unicode version that code points are judged by.
pub const UNICODE_VERSION: u8 = tables::UNICODE_VERSION;
