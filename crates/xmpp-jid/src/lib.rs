//! XMPP addresses: RFC 7622 over PRECIS (RFC 8264, 8265, 8266) and IDNA2008
//! (RFC 5890 to 5893).
//!
//! ```text
//!   juliet @ capulet.example / balcony
//!   └────┘   └─────────────┘   └─────┘
//!   localpart   domainpart     resourcepart     each 1 to 1023 bytes
//!   UsernameCaseMapped         OpaqueString
//!               U-labels, IPv4, [IPv6]
//! ```
//!
//! An address is parsed and brought into its one canonical form (*prepared*) in
//! a single call, and from then on compared, ordered and hashed as a string:
//!
//! ```
//! use xmpp_jid::{Jid, JidRef, Rule};
//!
//! let jid = Jid::new("Juliet@Capulet.example./Balcony")?;
//! assert_eq!(jid, "juliet@capulet.example/Balcony");
//! assert_eq!(jid.localpart().unwrap(), "juliet");
//! assert_eq!(jid.to_bare(), Jid::new("JULIET@capulet.example")?);
//!
//! // Borrowed, where the text is in canonical form already, as nearly all is:
//! let same = JidRef::new("juliet@capulet.example/Balcony")?;
//! assert_eq!(jid, same);
//!
//! // What is wrong, where, and by which rule:
//! let error = Jid::new("ju liet@capulet.example").unwrap_err();
//! assert_eq!((error.rule(), error.at()), (Rule::Disallowed, 2));
//! assert_eq!(error.section(), "RFC 8264 §4.2");
//! # Ok::<(), xmpp_jid::Error>(())
//! ```
//!
//! # Types
//!
//! | owned | borrowed | |
//! |---|---|---|
//! | [`Jid`] | [`JidRef`] | with or without resourcepart |
//! | [`BareJid`] | [`BareJidRef`] | without |
//! | [`FullJid`] | [`FullJidRef`] | with |
//! | [`Localpart`], [`Domainpart`], [`Resourcepart`] | [`LocalpartRef`], [`DomainpartRef`], [`ResourcepartRef`] | the parts |
//!
//! All are valid and canonical by construction, so that what cannot fail does
//! not pretend to: parts are put together by `from_parts`, a full address loses
//! its resourcepart by `to_bare`, a domainpart has a form for the DNS
//! ([`Domainpart::to_ascii`]). Owned addresses are 24 bytes, and their clones
//! share the text.
//!
//! An invalid address is an [`Error`], which is a small value to be kept and
//! answered with the stanza error `jid-malformed`; it is no reason to end a
//! stream.
//!
//! # Beyond addresses
//!
//! - [`precis`]: the profiles and string classes, for any string.
//! - [`idna`]: domain names by IDNA2008, strictly.
//! - [`escape`] and [`unescape`]: JID Escaping (XEP-0106).
//! - [`XmppUri`]: XMPP URIs and IRIs (RFC 5122).
//! - `legacy` (a feature): addresses by RFC 6122 (stringprep), and a comparison
//!   for where both kinds meet.
//!
//! # Decisions
//!
//! Where the specifications leave a choice or contradict each other:
//!
//! - **A space may begin a resourcepart.** RFC 7622 lists `juliet@example.com/
//!   foo` (example 18) as no address, but the rules of §3.4, which the example
//!   is to illustrate, allow it, and so do other implementations.
//! - **Mappings come first, the check of code points last**, as RFC 8264 §7 has
//!   it. So `Å` (U+212B) in a localpart becomes `å`, though the code point itself
//!   would not be allowed.
//! - **Lowercase is that of the code point alone.** There is no final sigma by
//!   context, as RFC 7622 §3.5 explains.
//! - **Domain names are mapped by RFC 5895** (case, width, NFC, and U+3002 as a
//!   dot) before IDNA2008 is applied, which is how RFC 7622 §3.2.2 makes sense.
//! - **The Bidi Rule holds for all labels of a name as soon as one of them has
//!   right-to-left characters** (RFC 5893 §1.4).
//! - **A zone is part of an IPv6 address** (`[fe80::1%25eth0]`, RFC 6874) and kept
//!   as it is.
//!
//! # Features
//!
//! - `std` (default): nothing but `std` in what this crate is made of. Without,
//!   it is `no_std` and needs `alloc`.
//! - `legacy`: RFC 6122. Needs `std`.
//! - `serde`: addresses and parts as strings; what is read is prepared, and the
//!   borrowed types take canonical text only.
//!
//! # Limits and guarantees
//!
//! No input makes anything here panic, and none makes it allocate more than a
//! small multiple of the input's length. Time is linear in it, but for the
//! sorting of long runs of combining marks. Code points are judged by
//! Unicode [`UNICODE_VERSION`]; what was assigned later is refused.
//! The tables here take 31 KiB of a binary; those of unicode-normalization, which
//! does NFC and NFKC, some 110 KiB more.
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
