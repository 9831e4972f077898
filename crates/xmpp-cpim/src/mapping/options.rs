use alloc::string::String;

use xmpp_stanza::MessageType;

use super::AddressTable;
use crate::{DateTime, Escaping, Limits};

/// The choices that RFC 3922 leaves to a gateway. The default is the strictest
/// reading of it.
///
/// ```
/// use xmpp_cpim::mapping::{Options, Required};
///
/// let options = Options::default().with_unique_ids(true).with_required(Required::Report);
/// assert!(options.unique_ids);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How localparts spell what they cannot have.
    pub escaping: Escaping,
    /// Which addresses of other kinds, such as `sip:`, stand for which XMPP
    /// addresses. Empty unless told.
    pub addresses: AddressTable,
    /// What objects and documents may cost.
    pub limits: Limits,
    /// The ids of stanzas are known to be unique in the world, and become
    /// Content-IDs (`3922-4.1.3-02`). Off unless told.
    pub unique_ids: bool,
    /// The Formal-name of the sender, where it is known (`3922-4.1.1-01`).
    pub from_name: Option<String>,
    /// The Formal-name of the recipient (`3922-4.1.2-02`).
    pub to_name: Option<String>,
    /// When the stanza was received: for the `DateTime` header and the
    /// `<timestamp/>` (`3922-4.1.9-01`). Not there unless told.
    pub date_time: Option<DateTime>,
    /// The type of messages that come from CPIM (`3922-4.2.10-01`).
    pub message_type: Option<MessageType>,
    /// What becomes of characters that XML cannot have.
    pub illegal_characters: IllegalCharacters,
    /// What becomes of an object with a `Require` header.
    pub required: Required,
    /// Whether `<show/>` becomes `<im:im/>` and back. The values of the
    /// namespace `urn:ietf:params:xml:ns:pidf:im` were never defined
    /// (`3922-5.2.10-01`): off unless told.
    pub pidf_im: bool,
    /// Whether tuples go without a `<contact/>` (`3922-5.1.9.2-01`): then they
    /// go without the priority too.
    pub without_contact: bool,
    /// Whether the first of the stanzas made of a PIDF document bears the whole
    /// document (`3922-5.2.15-01`). The first alone: a copy in each would let a
    /// peer multiply what it sends.
    pub embed_pidf: bool,
    /// How the `id` of a tuple becomes a resourcepart.
    pub tuple_ids: TupleIds,
}

/// What becomes of characters that XML cannot have, such as U+0000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum IllegalCharacters {
    /// The object is refused.
    #[default]
    Refuse,
    /// Each is replaced by U+FFFD, and the loss reported.
    Replace,
}

/// What becomes of an object with a `Require` header, of which the gateway
/// cannot know whether the client understands it (`3922-4.2.7-02`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3922 §4.2.7: a warning or an error")]
pub enum Required {
    /// It is refused: tell its sender.
    #[default]
    Refuse,
    /// It is mapped and the header reported as lost: warn its sender.
    Report,
}

/// How the `id` of a tuple becomes a resourcepart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the RFC's way and the way back")]
pub enum TupleIds {
    /// As it is (`3922-5.2.1-01`).
    #[default]
    Verbatim,
    /// What [`resource_to_tuple_id`](super::resource_to_tuple_id) made is
    /// undone, for documents that come from another gateway like this one.
    Decoded,
}

impl Options {
    /// With another [`escaping`](Self::escaping).
    #[must_use]
    pub fn with_escaping(mut self, escaping: Escaping) -> Self {
        self.escaping = escaping;
        self
    }

    /// With [`addresses`](Self::addresses) of other kinds.
    #[must_use]
    pub fn with_addresses(mut self, addresses: AddressTable) -> Self {
        self.addresses = addresses;
        self
    }

    /// With other [`limits`](Self::limits).
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With another [`unique_ids`](Self::unique_ids).
    #[must_use]
    pub fn with_unique_ids(mut self, unique: bool) -> Self {
        self.unique_ids = unique;
        self
    }

    /// With a [`from_name`](Self::from_name).
    #[must_use]
    pub fn with_from_name(mut self, name: impl Into<String>) -> Self {
        self.from_name = Some(name.into());
        self
    }

    /// With a [`to_name`](Self::to_name).
    #[must_use]
    pub fn with_to_name(mut self, name: impl Into<String>) -> Self {
        self.to_name = Some(name.into());
        self
    }

    /// With a [`date_time`](Self::date_time).
    #[must_use]
    pub fn with_date_time(mut self, received: DateTime) -> Self {
        self.date_time = Some(received);
        self
    }

    /// With a [`message_type`](Self::message_type).
    #[must_use]
    pub fn with_message_type(mut self, message_type: MessageType) -> Self {
        self.message_type = Some(message_type);
        self
    }

    /// With other [`illegal_characters`](Self::illegal_characters).
    #[must_use]
    pub fn with_illegal_characters(mut self, what: IllegalCharacters) -> Self {
        self.illegal_characters = what;
        self
    }

    /// With another [`required`](Self::required).
    #[must_use]
    pub fn with_required(mut self, what: Required) -> Self {
        self.required = what;
        self
    }

    /// With another [`pidf_im`](Self::pidf_im).
    #[must_use]
    pub fn with_pidf_im(mut self, on: bool) -> Self {
        self.pidf_im = on;
        self
    }

    /// With another [`without_contact`](Self::without_contact).
    #[must_use]
    pub fn with_without_contact(mut self, on: bool) -> Self {
        self.without_contact = on;
        self
    }

    /// With another [`embed_pidf`](Self::embed_pidf).
    #[must_use]
    pub fn with_embed_pidf(mut self, on: bool) -> Self {
        self.embed_pidf = on;
        self
    }

    /// With other [`tuple_ids`](Self::tuple_ids).
    #[must_use]
    pub fn with_tuple_ids(mut self, tuple_ids: TupleIds) -> Self {
        self.tuple_ids = tuple_ids;
        self
    }
}
