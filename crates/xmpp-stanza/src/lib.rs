//! XMPP stanzas and what is said around them, in typed form.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod address;
mod envelope;
mod error;
mod invalid;
mod iq;
mod message;
mod payload;
mod presence;
mod reply;
mod stanza;
mod stream;
mod text;
mod words;

pub mod bind;
pub mod ping;
pub mod roster;
pub mod session;

pub use address::{Address, AddressRef, JidCow, Malformed};
pub use envelope::Attribute;
pub use error::{ErrorType, StanzaCondition, StanzaError};
pub use invalid::{Invalid, Rule};
pub use iq::{Iq, IqContent, IqType};
pub use message::{Message, MessageChild, MessageType, Thread};
pub use payload::Payload;
pub use presence::{Presence, PresenceChild, PresenceType, Show};
pub use reply::{Never, Reply};
pub use stanza::{Stanza, StanzaKind, StanzaRef};
pub use stream::{OtherHost, StreamCondition, StreamError, StreamHeader, Version};
pub use stream::{features, sasl, tls};
pub use text::LangText;
