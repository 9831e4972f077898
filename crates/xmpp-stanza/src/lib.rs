//! XMPP's stanzas and what is said around them, in typed form, both ways.
//!
//! [`Message`], [`Presence`] and [`Iq`] (RFC 6120, section 8; RFC 6121), their
//! errors and the payloads that every session needs; and of the streams that
//! carry them the header, the features, the errors and the nonzas of STARTTLS
//! and SASL. Each is read from an element ([`ElementRef`]) by `parse` and
//! written by [`WriteXml`]. Nothing here knows of connections: what to send when
//! is the business of `xmpp-core`, who may see whom that of `xmpp-im`.
//!
//! # Views and builders
//!
//! | | [`StanzaRef`] | [`Message`], [`Presence`], [`Iq`], [`Stanza`] | [`MessageBuilder`], [`PresenceBuilder`], [`IqBuilder`] |
//! |---|---|---|---|
//! | is for | routing, matching, answering at once | reading, keeping | sending |
//! | lies | where it was received | there, or on its own | on its own |
//! | costs | a comparison of the name; then what one asks for | one look at each child; then what one asks for | writing, once |
//! | refuses | nothing | what breaks the rules of its kind | what is not XML, when it is sent |
//!
//! Nothing is allocated for reading an ordinary stanza where it was received;
//! to keep it takes two allocations ([`Message::into_owned`]).
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use xmpp_stanza::ping::Ping;
//! use xmpp_stanza::{Message, StanzaCondition, StanzaKind, StanzaRef};
//! use xmpp_xml::{Element, ElementRef, Writer, ns};
//!
//! /// What a small bot does with each first-level element.
//! fn handle(element: ElementRef<'_>, tx: &mut Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
//!     let Some(stanza) = StanzaRef::new(element) else { return Ok(()) };
//!     let mut w = Writer::in_stream(tx, ns::CLIENT);
//!     match stanza.kind() {
//!         StanzaKind::Message if !stanza.is_error() => {
//!             let message = Message::parse(element)?;
//!             if let Some(body) = message.body() {
//!                 w.write(&Message::builder(message.message_type())
//!                     .with_to(message.from())
//!                     .with_body(format!("you said: {body}")));
//!             }
//!         }
//!         StanzaKind::Iq if stanza.payload_is::<Ping>() => {
//!             if let Some(pong) = stanza.empty_result() {
//!                 w.write(&pong);
//!             }
//!         }
//!         // Every other request must be answered (6120-8.4-12).
//!         StanzaKind::Iq if stanza.is_request() => {
//!             if let Some(error) = stanza.error_reply(StanzaCondition::ServiceUnavailable) {
//!                 w.write(&error);
//!             }
//!         }
//!         _ => {}
//!     }
//!     Ok(w.finish()?)
//! }
//!
//! let mut tx = Vec::new();
//! let received = Element::parse(
//!     "<message xmlns='jabber:client' from='romeo@example.net/orchard' type='chat'>\
//!      <body>Neither</body></message>",
//! )?;
//! handle(received.as_ref(), &mut tx)?;
//! assert!(String::from_utf8(tx)?.contains("you said: Neither"));
//! # Ok(())
//! # }
//! ```
//!
//! # What is refused, and what is not
//!
//! - What is **unknown** is never refused (RFC 6120, section 8.4): unknown
//!   payloads are there as elements in their place, unknown attributes of a
//!   stanza too, unknown conditions of errors count as the undefined one
//!   and are kept.
//! - What is **known and wrong** is [`Invalid`]: which element and attribute,
//!   which rule of which section, and the condition to answer with
//!   ([`StanzaError::from`]). It is always the fault of one stanza; whether the
//!   stream goes on is not for it to say.
//! - **Addresses** are never a reason to refuse a stanza. They have three
//!   values, absent, an address, or [malformed](AddressRef::Malformed), so that a
//!   missing `from` is not taken for a bad one.
//! - **Errors** are read whatever is wrong with them, since nothing can be
//!   answered to an error.
//!
//! # Payloads of one's own
//!
//! Implement [`Payload`]; its page has an example. The ones here: [`bind`],
//! [`disco`], [`ping`], [`roster`], [`session`], [`stream_limits`].
//!
//! # Content namespaces
//!
//! Stanzas are the same in `jabber:client`, `jabber:server` and the
//! namespaces of components; they are read in any of them and written in that
//! of the stream that is written to ([`Writer::content`]), with what RFC 6120
//! and RFC 6121 define within them. Payloads keep their own.
//!
//! # Panics
//!
//! Nothing in this crate panics.
//!
//! # Features
//!
//! - `std` (default) only hands itself on to `xmpp-jid` and `xmpp-xml`; the
//!   crate needs `alloc` alone.
//! - `arbitrary`: whole streams out of arbitrary bytes, good and faulty, to fuzz
//!   any implementation with; see the module `arbitrary`.
//!
//! [`ElementRef`]: xmpp_xml::ElementRef
//! [`WriteXml`]: xmpp_xml::WriteXml
//! [`Writer::content`]: xmpp_xml::Writer::content
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
extern crate self as xmpp_stanza;

mod address;
mod builder;
mod envelope;
mod error;
mod invalid;
mod iq;
mod message;
mod presence;
mod reply;
mod stanza;
mod stream;
mod text;
mod view;
mod words;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod bind;
pub mod csi;
pub mod disco;
pub mod payload;
pub mod ping;
pub mod roster;
pub mod session;
pub mod stream_limits;

pub use address::{Address, AddressRef, JidCow, Malformed};
pub use builder::BuildError;
pub use error::{ErrorType, StanzaCondition, StanzaError};
pub use invalid::{Invalid, Rule};
pub use iq::{Iq, IqBuilder, IqContent, IqType};
pub use message::{Message, MessageBuilder, MessageChild, MessageType, Thread};
#[doc(inline)]
pub use payload::{
    AnyElement, Base64, Date, DateTime, Finding, FindingKind, Findings, Hex, IntoOwned, Payload,
    Rest, Secret,
};
pub use presence::{Presence, PresenceBuilder, PresenceChild, PresenceType, Show};
pub use reply::{Never, Reply};
pub use stanza::{Stanza, StanzaBuilder, StanzaKind, StanzaRef};
pub use stream::{OtherHost, StreamCondition, StreamError, StreamHeader, Version};
pub use stream::{bidi, bind2, dialback, fast, features, sasl, sasl2, sm, tls};
pub use text::LangText;
#[cfg(feature = "derive")]
pub use xmpp_stanza_derive::{Payload, Word};
pub use xmpp_xml as xml;
