//! `<presence/>`: RFC 6121, section 4.7.

mod builder;
mod child;

use alloc::borrow::Cow;

use xmpp_xml::ElementRef;

use crate::invalid::Rule;
use crate::text::{lookup, primary};
use crate::view::{View, view, view_of_several};
use crate::words::words;
use crate::{AnyElement, Invalid, LangText, StanzaKind};

pub use builder::PresenceBuilder;
pub use child::PresenceChild;
use child::{Part, Parts, Rules};

/// A presence: availability, or the management of subscriptions to it
/// (RFC 6121, sections 3 and 4).
///
/// It is a view of an element, as a [`Message`](crate::Message) is. One that is to be
/// sent is made by a [builder](Self::builder).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Presence, Show};
/// # use xmpp_xml::Element;
/// # let received = Element::parse("<presence xmlns='jabber:client' \
/// #     from='juliet@example.com/balcony'><show>away</show></presence>")?;
/// // `received` is an element, from a stream or anywhere else.
/// let presence = Presence::parse(received.as_ref())?;
/// assert_eq!(presence.show(), Some(Show::Away));
/// assert_eq!(presence.priority(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Presence<'a> {
    view: View<'a>,
    presence_type: PresenceType,
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

view!(Presence, presence_type);
view_of_several!(Presence);

impl<'a> Presence<'a> {
    /// Begins a presence that is to be sent.
    ///
    /// One of type [`Error`](PresenceType::Error) has the error
    /// `undefined-condition` until [`with_error`](PresenceBuilder::with_error) says
    /// better.
    pub fn builder(presence_type: PresenceType) -> PresenceBuilder {
        PresenceBuilder::new(presence_type)
    }

    /// Takes the element for a `<presence/>`, of any content namespace, after one
    /// look at each of its children.
    ///
    /// # Errors
    ///
    /// If it is no presence, if its type is none of RFC 6121's
    /// (`6121-4.7.1-04`), or if a child that RFC 6121 defines breaks its
    /// syntax: child elements in it, a second `<show/>` or `<priority/>`, a
    /// priority that is no number from -128 to 127. A `<show/>` that is empty or
    /// of another word than the four counts as none, and is among the payloads.
    /// Addresses never are the reason: see [`AddressRef`](crate::AddressRef).
    ///
    /// A presence of type `error` is accepted whatever is wrong with it: such
    /// children count as payloads, and without an `<error/>` it is
    /// `undefined-condition`.
    pub fn parse(element: ElementRef<'a>) -> Result<Self, Invalid> {
        Self::of(element.into())
    }

    fn of(element: AnyElement<'a>) -> Result<Self, Invalid> {
        Self::of_view(View::of(element, StanzaKind::Presence)?)
    }

    pub(crate) fn of_view(view: View<'a>) -> Result<Self, Invalid> {
        let element = view.element();
        let stanza_type = element.attr("type");
        let Some(presence_type) = PresenceType::from_attribute(stanza_type.as_deref()) else {
            return Err(Invalid::new("presence", Rule::UnknownValue, "RFC 6121, 4.7.1")
                .in_attribute("type")
                .found(&stanza_type.unwrap_or_default()));
        };
        // Nothing can be answered to an error, so nothing is refused.
        if presence_type != PresenceType::Error {
            let mut rules = Rules::new(view.content(), false);
            for child in element.children() {
                rules.part(child)?;
            }
        }
        Ok(Self { view, presence_type })
    }

    fn parts(&self) -> Parts<'_> {
        let is_error = self.presence_type == PresenceType::Error;
        let rules = Rules::new(self.view.content(), is_error);
        Parts { children: self.element().children(), rules }
    }

    /// What kind of presence it is.
    #[must_use]
    pub const fn presence_type(&self) -> PresenceType {
        self.presence_type
    }

    /// What kind of available; `None` is plain available.
    #[must_use]
    pub fn show(&self) -> Option<Show> {
        self.parts().find_map(|(part, _)| match part {
            Part::Show(show) => Some(show),
            _ => None,
        })
    }

    /// The statuses in the order of the document: the same in several languages.
    pub fn statuses(&self) -> impl Iterator<Item = LangText<'_>> + Clone {
        self.texts(Part::Status).map(LangText::of)
    }

    /// The status in the stanza's own language, else the first.
    #[must_use]
    pub fn status(&self) -> Option<Cow<'_, str>> {
        primary(self.texts(Part::Status), self.lang().as_deref()).map(ElementRef::text)
    }

    /// The status for a reader of the language `range`, by RFC 4647's lookup;
    /// if there is none, as [`status`](Self::status).
    #[must_use]
    pub fn status_for(&self, range: &str) -> Option<LangText<'_>> {
        lookup(self.texts(Part::Status), self.lang().as_deref(), range).map(LangText::of)
    }

    /// The priority of the resource, 0 if none is given (`6121-4.7.2.3-05`).
    #[must_use]
    pub fn priority(&self) -> i8 {
        let given = self.parts().find_map(|(part, _)| match part {
            Part::Priority(priority) => Some(priority),
            _ => None,
        });
        given.unwrap_or(0)
    }

    /// All children but an [error](Self::error), in the order of the document.
    pub fn children(&self) -> impl Iterator<Item = PresenceChild<'_>> + Clone {
        self.parts().filter_map(|(part, child)| {
            Some(match part {
                Part::Show(show) => PresenceChild::Show(show),
                Part::Status => PresenceChild::Status(LangText::of(child)),
                Part::Priority(priority) => PresenceChild::Priority(priority),
                Part::Error => return None,
                Part::Payload => PresenceChild::Payload(child),
            })
        })
    }
}
