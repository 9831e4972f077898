//! `<presence/>`: RFC 6121, section 4.7.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, Sharing, WriteXml, Writer};

use crate::envelope::{self, Attribute, Envelope, EnvelopeRef};
use crate::invalid::Rule;
use crate::text::{lookup, primary};
use crate::words::words;
use crate::{Address, Invalid, LangText, Payload, StanzaCondition, StanzaError, payload};

/// A presence: availability, or the management of subscriptions to it
/// (RFC 6121, sections 3 and 4).
///
/// ```
/// use xmpp_stanza::{Presence, PresenceType, Show};
///
/// let presence = Presence::new(PresenceType::Available)
///     .with_show(Show::Away)
///     .with_status("be right back");
/// assert_eq!(presence.priority(), 0);
/// ```
///
/// # What is kept
///
/// As with [`Message`](crate::Message): the children in the order of the
/// document, unknown ones and unknown attributes included.
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// To whom; absent where it is for all subscribers.
    pub to: Address,
    /// From whom; on a client's own presence the server sets it.
    pub from: Address,
    /// Identifies the presence to its sender; an answer bears the same.
    pub id: Option<String>,
    /// The language in scope: that of the stanza, or where it was read within
    /// a stream, the stream's (RFC 6120, section 8.1.5).
    pub lang: Option<String>,
    presence_type: PresenceType,
    error: Option<Box<StanzaError>>,
    children: Vec<PresenceChild>,
    attributes: Vec<Attribute>,
}

words! {
    /// The `type` of a presence (RFC 6121, section 4.7.1).
    pub enum PresenceType {
        /// Available: the presence without a type. `available` is its name
        /// here; it never stands on the wire.
        Available = "available",
        /// The answer to a presence that could not be processed.
        Error = "error",
        /// A server asks for the presence of an entity.
        Probe = "probe",
        /// The sender wants to subscribe.
        Subscribe = "subscribe",
        /// The sender has allowed the recipient to subscribe.
        Subscribed = "subscribed",
        /// The sender is no longer available.
        Unavailable = "unavailable",
        /// The sender unsubscribes.
        Unsubscribe = "unsubscribe",
        /// The sender has denied or cancelled the recipient's subscription.
        Unsubscribed = "unsubscribed",
    }
}

impl PresenceType {
    /// The type for the attribute as it came, `None` if there is none such.
    #[must_use]
    pub fn from_attribute(value: Option<&str>) -> Option<Self> {
        match value {
            None => Some(Self::Available),
            Some("available") => None,
            Some(name) => Self::from_name(name),
        }
    }

    /// The attribute, absent for [`Available`](Self::Available).
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Available => None,
            other => Some(other.as_str()),
        }
    }

    /// Whether it manages a subscription (RFC 6121, section 3).
    #[must_use]
    pub const fn is_subscription(self) -> bool {
        matches!(self, Self::Subscribe | Self::Subscribed | Self::Unsubscribe | Self::Unsubscribed)
    }
}

words! {
    /// What kind of available (RFC 6121, section 4.7.2.1); none is plain available.
    pub enum Show {
        /// Away for a while.
        Away = "away",
        /// Interested in chatting.
        Chat = "chat",
        /// Not to be disturbed.
        Dnd = "dnd",
        /// Away for long.
        Xa = "xa",
    }
}

/// A child element of a presence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PresenceChild {
    /// What kind of available.
    Show(Show),
    /// The same in words, in one language (RFC 6121, section 4.7.2.2).
    Status(LangText),
    /// The priority of the resource (RFC 6121, section 4.7.2.3).
    Priority(i8),
    /// Anything else.
    Payload(Element),
}

impl Presence {
    /// An empty presence without addresses.
    ///
    /// One of type [`Error`](PresenceType::Error) has the error
    /// `undefined-condition` until [`set_error`](Self::set_error) says better.
    #[must_use]
    pub fn new(presence_type: PresenceType) -> Self {
        let error = (presence_type == PresenceType::Error)
            .then(|| Box::new(StanzaError::new(StanzaCondition::UndefinedCondition)));
        Self {
            to: Address::Absent,
            from: Address::Absent,
            id: None,
            lang: None,
            presence_type,
            error,
            children: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// Reads a `<presence/>` of any content namespace.
    ///
    /// # Errors
    ///
    /// If it is no presence, if its type is none of RFC 6121's
    /// (`6121-4.7.1-04`), or if a child that RFC 6121 defines breaks its
    /// syntax: child elements in it, a second `<show/>` or `<priority/>`, a
    /// priority that is no number from -128 to 127. A `<show/>` that is empty or
    /// of another word than the four counts as none, and is kept among the
    /// payloads. Addresses never are the reason: see [`Address`].
    ///
    /// A presence of type `error` is read whatever is wrong with it: such
    /// children are kept among the payloads, and without an `<error/>` it is
    /// `undefined-condition`.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        let content = envelope::content(element, "presence")?;
        let Envelope { to, from, id, lang, stanza_type, attributes } = Envelope::parse(element);
        let Some(presence_type) = PresenceType::from_attribute(stanza_type.as_deref()) else {
            return Err(Invalid::new("presence", Rule::UnknownValue, "RFC 6121, 4.7.1")
                .in_attribute("type")
                .found(&stanza_type.unwrap_or_default()));
        };
        let is_error = presence_type == PresenceType::Error;
        let mut presence = Self {
            to,
            from,
            id,
            lang,
            presence_type,
            error: None,
            children: Vec::new(),
            attributes,
        };
        let mut sharing = Sharing::new(element);
        for child in element.children() {
            match presence.read(child, content, &mut sharing) {
                // What an error sends back is no reason to lose the error: it
                // is kept as it came (6120-8.3.1-08, 6120-8.3.1-11).
                Err(_) if is_error => {
                    presence.children.push(PresenceChild::Payload(sharing.share(child)));
                }
                read => read?,
            }
        }
        if is_error && presence.error.is_none() {
            presence.set_error(StanzaError::new(StanzaCondition::UndefinedCondition));
        }
        Ok(presence)
    }

    fn read<'a>(
        &mut self,
        child: ElementRef<'a>,
        content: Ns<'_>,
        sharing: &mut Sharing<'a>,
    ) -> Result<(), Invalid> {
        let name = if child.has_ns(content) { child.name() } else { "" };
        let child = match name {
            // Clients (go-sendxmpp 0.5) send an empty one when they mean none,
            // others `online`, and servers hand it on: it says nothing, and is
            // kept as such.
            "show" if is_empty(child) => PresenceChild::Payload(sharing.share(child)),
            "show" if self.show().is_some() => {
                return Err(Invalid::new("show", Rule::Repeated, "RFC 6121, 4.7.2.1"));
            }
            "show" => match read_show(child)? {
                Some(show) => PresenceChild::Show(show),
                None => PresenceChild::Payload(child.into_shared()),
            },
            "status" => {
                PresenceChild::Status(envelope::lang_text(child, "status", "RFC 6121, 4.7.2.2")?)
            }
            "priority" if self.priority_given().is_some() => {
                return Err(Invalid::new("priority", Rule::Repeated, "RFC 6121, 4.7.2.3"));
            }
            "priority" => PresenceChild::Priority(read_priority(child)?),
            "error" if self.presence_type == PresenceType::Error => {
                // The first counts; kept beside it, another would be the first
                // when the error is written last.
                if self.error.is_none() {
                    self.error = Some(Box::new(StanzaError::parse(child)?));
                }
                return Ok(());
            }
            _ => PresenceChild::Payload(sharing.share(child)),
        };
        self.children.push(child);
        Ok(())
    }

    /// What kind of presence it is.
    #[must_use]
    pub const fn presence_type(&self) -> PresenceType {
        self.presence_type
    }

    /// Makes it another kind of presence; an error is dropped or made as by
    /// [`new`](Self::new).
    pub fn set_presence_type(&mut self, presence_type: PresenceType) {
        if presence_type != PresenceType::Error {
            self.error = None;
        } else if self.error.is_none() {
            self.set_error(StanzaError::new(StanzaCondition::UndefinedCondition));
        }
        self.presence_type = presence_type;
    }

    /// The error, of a presence of type `error` and of no other.
    #[must_use]
    pub fn error(&self) -> Option<&StanzaError> {
        self.error.as_deref()
    }

    /// Makes it a presence of type `error`.
    pub fn set_error(&mut self, error: StanzaError) {
        self.presence_type = PresenceType::Error;
        self.error = Some(Box::new(error));
    }

    /// What kind of available; `None` is plain available.
    #[must_use]
    pub fn show(&self) -> Option<Show> {
        self.children.iter().find_map(|child| match child {
            PresenceChild::Show(show) => Some(*show),
            _ => None,
        })
    }

    /// The statuses in the order of the document: the same in several languages.
    pub fn statuses(&self) -> impl Iterator<Item = &LangText> + Clone {
        self.children.iter().filter_map(|child| match child {
            PresenceChild::Status(text) => Some(text),
            _ => None,
        })
    }

    /// The status in the stanza's own language, else the first.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        primary(self.statuses(), self.lang.as_deref()).map(|text| text.text.as_str())
    }

    /// The status for a reader of the language `range`, by RFC 4647's lookup;
    /// if there is none, as [`status`](Self::status).
    #[must_use]
    pub fn status_for(&self, range: &str) -> Option<&LangText> {
        lookup(self.statuses(), self.lang.as_deref(), range)
    }

    /// The priority of the resource, 0 if none is given (`6121-4.7.2.3-05`).
    #[must_use]
    pub fn priority(&self) -> i8 {
        self.priority_given().unwrap_or(0)
    }

    fn priority_given(&self) -> Option<i8> {
        self.children.iter().find_map(|child| match child {
            PresenceChild::Priority(priority) => Some(*priority),
            _ => None,
        })
    }

    /// The children of no kind that RFC 6121 defines, in the order of the document.
    pub fn payloads(&self) -> impl Iterator<Item = &Element> + Clone {
        self.children.iter().filter_map(|child| match child {
            PresenceChild::Payload(element) => Some(element),
            _ => None,
        })
    }

    /// The first payload of type `T`, if there is one.
    ///
    /// # Errors
    ///
    /// If there is one and it breaks the rules of `T`.
    pub fn payload<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        payload::first(self.payloads())
    }

    /// All children, in the order of the document.
    #[must_use]
    pub fn children(&self) -> &[PresenceChild] {
        &self.children
    }

    /// Appends a child. A show or a priority takes the place of the one that is there.
    pub fn push(&mut self, child: PresenceChild) {
        match child {
            PresenceChild::Show(_) => self.retain(|child| !matches!(child, PresenceChild::Show(_))),
            PresenceChild::Priority(_) => {
                self.retain(|child| !matches!(child, PresenceChild::Priority(_)));
            }
            _ => {}
        }
        self.children.push(child);
    }

    /// Keeps the children for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&PresenceChild) -> bool) {
        self.children.retain(keep);
    }

    /// The attributes that RFC 6120 does not define.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The same, to `to`.
    #[must_use]
    pub fn with_to(mut self, to: impl Into<Address>) -> Self {
        self.to = to.into();
        self
    }

    /// The same, from `from`.
    #[must_use]
    pub fn with_from(mut self, from: impl Into<Address>) -> Self {
        self.from = from.into();
        self
    }

    /// Returns this value with that `id`.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The same, in the language of that RFC 5646 tag.
    #[must_use]
    pub fn with_lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }

    /// The same, of that kind of available.
    #[must_use]
    pub fn with_show(mut self, show: Show) -> Self {
        self.push(PresenceChild::Show(show));
        self
    }

    /// Returns this value with one more status.
    #[must_use]
    pub fn with_status(mut self, status: impl Into<LangText>) -> Self {
        self.push(PresenceChild::Status(status.into()));
        self
    }

    /// Returns this value with that priority.
    #[must_use]
    pub fn with_priority(mut self, priority: i8) -> Self {
        self.push(PresenceChild::Priority(priority));
        self
    }

    /// Returns this value with one more payload.
    #[must_use]
    pub fn with_payload(mut self, payload: impl Into<Element>) -> Self {
        self.push(PresenceChild::Payload(payload.into()));
        self
    }
}

fn is_empty(child: ElementRef<'_>) -> bool {
    child.nodes().next().is_none()
}

/// `None` is a word that RFC 6121 does not have.
fn read_show(child: ElementRef<'_>) -> Result<Option<Show>, Invalid> {
    let text = envelope::text(child, "show", "RFC 6121, 4.7.2.1")?;
    Ok(Show::from_name(envelope::trimmed(&text)))
}

fn read_priority(child: ElementRef<'_>) -> Result<i8, Invalid> {
    const SECTION: &str = "RFC 6121, 4.7.2.3";
    let text = envelope::text(child, "priority", SECTION)?;
    let word = envelope::trimmed(&text);
    word.parse()
        .map_err(|_| Invalid::new("priority", Rule::NotInRange(-128, 127), SECTION).found(word))
}

impl WriteXml for Presence {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let content = envelope::start(
            w,
            "presence",
            self.presence_type.attribute(),
            EnvelopeRef {
                to: &self.to,
                from: &self.from,
                id: self.id.as_deref(),
                lang: self.lang.as_deref(),
                attributes: &self.attributes,
            },
        );
        // What several of them inherit is declared once.
        for payload in self.payloads() {
            w.declare_for(payload.as_ref());
        }
        for child in &self.children {
            match child {
                PresenceChild::Show(show) => {
                    w.leaf(content, "show", show.as_str());
                }
                PresenceChild::Status(text) => {
                    envelope::write_lang_text(w, content, "status", text);
                }
                PresenceChild::Priority(priority) => {
                    w.leaf(content, "priority", &alloc::format!("{priority}"));
                }
                PresenceChild::Payload(element) => {
                    w.element(element.as_ref());
                }
            }
        }
        if let Some(error) = &self.error {
            w.write(&**error);
        }
        w.end();
    }
}
