//! XMPP addresses: RFC 7622 over PRECIS and IDNA2008.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod error;
mod jid;
mod jid_ref;
mod parse;
mod part;
mod prepare;
mod text;

pub use error::{Error, Part, Rule};
pub use jid::{BareJid, FullJid, Jid};
pub use jid_ref::{BareJidRef, FullJidRef, JidRef};
pub use part::{
    Domainpart, DomainpartRef, Host, Localpart, LocalpartRef, Resourcepart, ResourcepartRef,
};
