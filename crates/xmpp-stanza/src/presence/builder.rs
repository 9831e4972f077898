//! Presences to be sent.

use alloc::boxed::Box;
use alloc::string::String;

use xmpp_xml::{Fragment, WriteXml, Writer};

use super::{Presence, PresenceType, Show};
use crate::builder::{self, builder};
use crate::{Address, LangText, StanzaCondition, StanzaError, envelope};

/// A presence that is to be sent.
///
/// As with a [`MessageBuilder`](crate::MessageBuilder), statuses and payloads are
/// written when they are put into it.
///
/// ```
/// use xmpp_stanza::{Presence, PresenceType, Show};
///
/// let presence = Presence::builder(PresenceType::Available)
///     .with_show(Show::Away)
///     .with_status("be right back");
/// # let mut tx = Vec::new();
/// # let mut w = xmpp_xml::Writer::in_stream(&mut tx, xmpp_xml::ns::CLIENT);
/// # w.write(&presence);
/// # w.finish().unwrap();
/// # assert_eq!(tx, b"<presence><show>away</show><status>be right back</status></presence>");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a presence must be sent"]
pub struct PresenceBuilder {
    /// To whom; absent where it is for all subscribers.
    pub to: Address,
    /// From whom; on a client's own presence the server sets it.
    pub from: Address,
    /// Identifies the presence to its sender; an answer bears the same.
    pub id: Option<String>,
    /// The language of what it says (RFC 6120, section 8.1.5).
    pub lang: Option<String>,
    /// What kind of available; `None` is plain available.
    pub show: Option<Show>,
    /// The priority of the resource; 0 if none is given (`6121-4.7.2.3-05`).
    pub priority: Option<i8>,
    presence_type: PresenceType,
    error: Option<Box<StanzaError>>,
    content: Fragment,
}

builder!(PresenceBuilder, Presence);

impl PresenceBuilder {
    pub(super) fn new(presence_type: PresenceType) -> Self {
        let error = (presence_type == PresenceType::Error)
            .then(|| Box::new(StanzaError::new(StanzaCondition::UndefinedCondition)));
        Self {
            to: Address::Absent,
            from: Address::Absent,
            id: None,
            lang: None,
            show: None,
            priority: None,
            presence_type,
            error,
            content: Fragment::new(),
        }
    }

    /// What kind of presence it is.
    #[must_use]
    pub const fn presence_type(&self) -> PresenceType {
        self.presence_type
    }

    /// Sets the kind of available (RFC 6121, section 4.7.2.1).
    pub const fn with_show(mut self, show: Show) -> Self {
        self.show = Some(show);
        self
    }

    /// Adds a status.
    pub fn with_status<'t>(mut self, status: impl Into<LangText<'t>>) -> Self {
        let status = status.into();
        self.content.push(|w| envelope::write_lang_text(w, w.content(), "status", &status));
        self
    }

    /// Sets the priority.
    pub const fn with_priority(mut self, priority: i8) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Adds a payload: one of a [type](crate::Payload), or an
    /// element.
    pub fn with<P: WriteXml + ?Sized>(mut self, payload: &P) -> Self {
        self.push(payload);
        self
    }

    /// Adds one more payload.
    pub fn push<P: WriteXml + ?Sized>(&mut self, payload: &P) -> &mut Self {
        self.content.write(payload);
        self
    }

    /// Makes it a presence of type `error`, which says that.
    pub fn with_error(mut self, error: impl Into<StanzaError>) -> Self {
        self.presence_type = PresenceType::Error;
        self.error = Some(Box::new(error.into()));
        self
    }
}

impl WriteXml for PresenceBuilder {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let stanza_type = self.presence_type.attribute();
        let (id, lang) = (self.id.as_deref(), self.lang.as_deref());
        let content = builder::start(w, "presence", stanza_type, (&self.to, &self.from), id, lang);
        if let Some(show) = self.show {
            w.leaf(content, "show", show.as_str());
        }
        w.fragment(&self.content);
        if let Some(priority) = self.priority {
            write_priority(w, priority);
        }
        if let Some(error) = &self.error {
            w.write(&**error);
        }
        w.end();
    }
}

/// Writes the number, without an allocation.
fn write_priority(w: &mut Writer<'_>, priority: i8) {
    let (mut text, magnitude) = (*b"-000", priority.unsigned_abs());
    for (digit, unit) in text[1..].iter_mut().zip([100, 10, 1]) {
        *digit += magnitude / unit % 10;
    }
    let zeros = usize::from(magnitude < 100) + usize::from(magnitude < 10);
    let digits = text.get(1 + zeros..).and_then(|digits| str::from_utf8(digits).ok());
    w.start(w.content(), "priority").text(if priority < 0 { "-" } else { "" });
    w.text(digits.unwrap_or_default()).end();
}
