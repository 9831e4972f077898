//! Message/CPIM, PIDF, `im:` and `pres:` URIs, and the mapping between XMPP and
//! CPIM (RFC 3922).
//!
//! CPIM is what instant messaging services have in common: a format for messages
//! (RFC 3862), one for presence (RFC 3863), two URI schemes and two abstract
//! services (RFC 3859, RFC 3860). Who joins XMPP to SIP, or signs and encrypts
//! from end to end (RFC 3923), speaks it.
//!
//! ```text
//!            message::Message   pidf::Document    Uri
//!                   │    └─ mime::Entity ─┘        │      the formats
//!                   └──────── mapping ─────────────┘
//!                                │                        stanzas <-> objects
//!                   gateway::PresenceService              subscriptions
//! ```
//!
//! Take what you need: [`message`] and [`mime`] know nothing of XMPP.
//!
//! # From a stanza to the other side and back
//!
//! ```
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! use xmpp_cpim::Limits;
//! use xmpp_cpim::mapping::{Options, message_from_cpim, message_to_cpim};
//! use xmpp_cpim::message::Message;
//! use xmpp_stanza::{Message as Stanza, MessageType};
//!
//! let stanza = Stanza::builder(MessageType::Chat)
//!     .with_from("juliet@example.com/balcony".parse::<xmpp_jid::Jid>()?)
//!     .with_to("romeo@example.net".parse::<xmpp_jid::Jid>()?)
//!     .with_body("Wherefore art thou, Romeo?");
//! let mapped = message_to_cpim(&stanza.build()?, &Options::default())?;
//! for loss in &mapped.lost {
//!     println!("{loss}"); // resourcepart from (RFC 3922 §4.1.1), …
//! }
//! let octets = mapped.value.to_vec();
//!
//! let object = Message::parse(&octets, &Limits::default())?;
//! let back = message_from_cpim(&object, &Options::default())?;
//! assert_eq!(back.value[0].build()?.body(), stanza.build()?.body());
//! # Ok(())
//! # }
//! ```
//!
//! # What to rely on
//!
//! - Nothing panics, whatever the input; nothing recurses over a peer's nesting;
//!   what a peer may make us hold is in [`Limits`].
//! - Errors say which rule is broken, in which section, and at which octet.
//! - What is read is written again octet for octet: a relay cannot change an
//!   object.
//! - What a mapping loses is reported as [data](mapping::Loss), not dropped in
//!   silence; what it cannot map is an [error](mapping::MapError), not an empty
//!   object.
//! - No I/O, no clock, no randomness: the [gateway] is told the time.
//!
//! # Features
//!
//! `std` (default) turns on the `std` features of the dependencies and nothing
//! else. Without it the crate needs `alloc`.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod date_time;
mod error;
pub mod gateway;
mod limits;
pub mod mapping;
pub mod message;
pub mod mime;
pub mod pidf;
mod uri;

pub use self::date_time::{DateTime, DateTimeError, Offset};
pub use self::error::{ParseError, ParseErrorKind};
pub use self::limits::Limits;
pub use self::uri::{Escaping, Scheme, Uri, UriError, UriErrorKind};
