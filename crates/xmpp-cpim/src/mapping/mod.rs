//! The mapping of RFC 3922: stanzas to Message/CPIM objects and back.
//!
//! ```text
//! <message/>   ── to_cpim ──>   Message/CPIM around text/plain
//! <presence/>  ── to_cpim ──>   Message/CPIM around application/pidf+xml
//!              <─ from_cpim ──
//! ```
//!
//! Each direction loses something. What is lost is told: a [`Mapped`] is the
//! result with a list of [`Loss`]es, each naming the rule. What has no mapping
//! at all, such as a message without a body, is [`MapError::NotMapped`] and
//! never an empty object; what is wrong is another [`MapError`].
//!
//! ```
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! use xmpp_cpim::mapping::{Options, message_to_cpim};
//! use xmpp_stanza::{Message, MessageType};
//!
//! let message = Message::builder(MessageType::Chat)
//!     .with_from("juliet@example.com/balcony".parse::<xmpp_jid::Jid>()?)
//!     .with_to("romeo@example.net".parse::<xmpp_jid::Jid>()?)
//!     .with_body("Wherefore art thou, Romeo?");
//! let mapped = message_to_cpim(&message.build()?, &Options::default())?;
//! assert_eq!(mapped.value.from().unwrap().uri(), "im:juliet@example.com");
//! assert_eq!(mapped.value.content().body(), b"Wherefore art thou, Romeo?");
//! let lost: Vec<_> = mapped.lost.iter().map(|loss| loss.rule).collect();
//! assert_eq!(lost, ["RFC 3922 §4.1.1", "RFC 3922 §4.1.4"]);
//! # Ok(())
//! # }
//! ```

mod addresses;
mod characters;
mod error;
mod languages;
mod loss;
mod message;
mod options;
mod presence;
mod presentity;
mod priority;
mod secured;
mod table;
#[cfg(test)]
mod tests;
mod tuple_id;
mod watched;

use alloc::vec::Vec;

use xmpp_stanza::{Stanza, StanzaBuilder};

pub use self::error::{MapError, NotMapped, Side};
pub use self::loss::{Loss, Lost};
pub use self::message::{message_from_cpim, message_to_cpim};
pub use self::options::{IllegalCharacters, Options, Required, TupleIds};
pub use self::presence::{
    presence_from_cpim, presence_from_pidf, presence_to_cpim, presence_to_pidf,
};
pub use self::presentity::Presentity;
pub use self::priority::{priority_from_pidf, priority_to_pidf};
pub use self::secured::{
    NotText, is_secured_ns, is_secured_payload, secured_object, secured_payload,
};
pub use self::table::{AddressTable, NotUri};
pub use self::tuple_id::{resource_to_tuple_id, tuple_id_to_resource};
pub use self::watched::Watched;

use crate::message::Message;

/// What came out of a mapping, and what did not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mapped<T> {
    /// The result.
    pub value: T,
    /// What is not in it, in the order in which it was met.
    pub lost: Vec<Loss>,
}

impl<T> Mapped<T> {
    const fn new(value: T, lost: Vec<Loss>) -> Self {
        Self { value, lost }
    }

    /// A result in which nothing is missing.
    pub const fn whole(value: T) -> Self {
        Self { value, lost: Vec::new() }
    }

    /// Turns the result into another one, of which as much is missing.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Mapped<U> {
        Mapped { value: f(self.value), lost: self.lost }
    }
}

/// The Message/CPIM object of a stanza, whichever it is.
///
/// # Errors
///
/// Those of [`message_to_cpim`] and [`presence_to_cpim`]; an `<iq/>` is
/// [`NotMapped::Iq`].
pub fn to_cpim(
    stanza: &Stanza<'_>,
    options: &Options,
) -> Result<Mapped<Message<'static>>, MapError> {
    match stanza {
        Stanza::Message(message) => message_to_cpim(message, options),
        Stanza::Presence(presence) => presence_to_cpim(presence, options),
        _ => Err(NotMapped::Iq.into()),
    }
}

/// The stanzas of a Message/CPIM object: presence if it is around a PIDF
/// document (`3922-5.2-01`), otherwise messages, one for each `To`.
///
/// # Errors
///
/// Those of [`message_from_cpim`] and [`presence_from_cpim`].
pub fn from_cpim(
    object: &Message<'_>,
    options: &Options,
) -> Result<Mapped<Vec<StanzaBuilder>>, MapError> {
    let content_type = object.content().headers().content_type().ok().flatten();
    if content_type.is_some_and(|found| found.is("application", "pidf+xml")) {
        let mapped = presence_from_cpim(object, options)?;
        Ok(mapped.map(|stanzas| stanzas.into_iter().map(StanzaBuilder::Presence).collect()))
    } else {
        let mapped = message_from_cpim(object, options)?;
        Ok(mapped.map(|stanzas| stanzas.into_iter().map(StanzaBuilder::Message).collect()))
    }
}
