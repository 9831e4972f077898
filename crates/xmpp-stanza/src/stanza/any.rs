//! A stanza of any kind, in typed form.

use xmpp_xml::{Element, ElementRef, WriteXml, Writer};

use super::{StanzaKind, StanzaRef};
use crate::invalid::Rule;
use crate::view::View;
use crate::{
    Address, AddressRef, AnyElement, BuildError, IntoOwned, Invalid, Iq, IqBuilder, Message,
    MessageBuilder, Presence, PresenceBuilder, envelope,
};

/// A stanza of any kind, in typed form.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 has these three kinds (section 8.2)")]
pub enum Stanza<'a> {
    /// Pushes information to another entity.
    Message(Message<'a>),
    /// Tells availability.
    Presence(Presence<'a>),
    /// Asks, or answers.
    Iq(Iq<'a>),
}

impl<'a> Stanza<'a> {
    /// Takes the element for a stanza, of any kind and content namespace.
    ///
    /// # Errors
    ///
    /// If it is no stanza; else those of [`Message::parse`],
    /// [`Presence::parse`], [`Iq::parse`].
    pub fn parse(element: ElementRef<'a>) -> Result<Self, Invalid> {
        Self::of(element.into())
    }

    fn of(element: AnyElement<'a>) -> Result<Self, Invalid> {
        const SECTION: &str = "RFC 6120, 8";
        let seen = element.as_ref();
        let Some(content) = envelope::content_namespace(seen) else {
            return Err(Invalid::new("stanza", Rule::WrongNamespace, SECTION).found(seen.ns()));
        };
        let Some(kind) = StanzaKind::from_name(seen.name()) else {
            return Err(Invalid::new("stanza", Rule::WrongElement, SECTION).found(seen.name()));
        };
        let view = View::known(element, content, kind);
        match kind {
            StanzaKind::Message => Message::of_view(view).map(Self::Message),
            StanzaKind::Presence => Presence::of_view(view).map(Self::Presence),
            StanzaKind::Iq => Iq::of_view(view).map(Self::Iq),
        }
    }

    /// Which of the three it is.
    #[must_use]
    pub const fn kind(&self) -> StanzaKind {
        match self {
            Self::Message(_) => StanzaKind::Message,
            Self::Presence(_) => StanzaKind::Presence,
            Self::Iq(_) => StanzaKind::Iq,
        }
    }

    /// The stanza as any other, to be routed or answered.
    #[must_use]
    pub fn stanza(&self) -> StanzaRef<'_> {
        match self {
            Self::Message(message) => message.stanza(),
            Self::Presence(presence) => presence.stanza(),
            Self::Iq(iq) => iq.stanza(),
        }
    }

    /// The whole element.
    #[must_use]
    pub fn element(&self) -> ElementRef<'_> {
        self.stanza().element()
    }

    /// The element, to be kept or changed.
    #[must_use]
    pub fn into_element(self) -> Element {
        match self {
            Self::Message(message) => message.into_element(),
            Self::Presence(presence) => presence.into_element(),
            Self::Iq(iq) => iq.into_element(),
        }
    }

    /// To whom.
    #[must_use]
    pub fn to(&self) -> AddressRef<'_> {
        self.stanza().to()
    }

    /// From whom.
    #[must_use]
    pub fn from(&self) -> AddressRef<'_> {
        self.stanza().from()
    }

    /// A stanza on its own: see [`Message::into_owned`].
    #[must_use]
    pub fn into_owned(self) -> Stanza<'static> {
        match self {
            Self::Message(message) => Stanza::Message(message.into_owned()),
            Self::Presence(presence) => Stanza::Presence(presence.into_owned()),
            Self::Iq(iq) => Stanza::Iq(iq.into_owned()),
        }
    }
}

impl<'a> TryFrom<AnyElement<'a>> for Stanza<'a> {
    type Error = Invalid;

    /// As [`parse`](Self::parse).
    fn try_from(element: AnyElement<'a>) -> Result<Self, Invalid> {
        Self::of(element)
    }
}

impl<'a> TryFrom<ElementRef<'a>> for Stanza<'a> {
    type Error = Invalid;

    /// As [`parse`](Self::parse).
    fn try_from(element: ElementRef<'a>) -> Result<Self, Invalid> {
        Self::of(element.into())
    }
}

impl TryFrom<Element> for Stanza<'_> {
    type Error = Invalid;

    /// As [`parse`](Self::parse), without a borrow.
    fn try_from(element: Element) -> Result<Self, Invalid> {
        Self::of(element.into())
    }
}

impl IntoOwned for Stanza<'_> {
    type Owned = Stanza<'static>;

    fn into_owned(self) -> Stanza<'static> {
        self.into_owned()
    }
}

impl WriteXml for Stanza<'_> {
    /// Writes the stanza as it came, in the content namespace of the stream.
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.element(self.element());
    }
}

/// A stanza of any kind that is to be sent.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a stanza must be sent"]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 has these three kinds (section 8.2)")]
pub enum StanzaBuilder {
    /// Pushes information to another entity.
    Message(MessageBuilder),
    /// Tells availability.
    Presence(PresenceBuilder),
    /// Asks, or answers.
    Iq(IqBuilder),
}

impl StanzaBuilder {
    /// Which of the three it is.
    #[must_use]
    pub const fn kind(&self) -> StanzaKind {
        match self {
            Self::Message(_) => StanzaKind::Message,
            Self::Presence(_) => StanzaKind::Presence,
            Self::Iq(_) => StanzaKind::Iq,
        }
    }

    /// To whom.
    #[must_use]
    pub const fn to(&self) -> &Address {
        match self {
            Self::Message(MessageBuilder { to, .. })
            | Self::Presence(PresenceBuilder { to, .. })
            | Self::Iq(IqBuilder { to, .. }) => to,
        }
    }

    /// From whom.
    #[must_use]
    pub const fn from(&self) -> &Address {
        match self {
            Self::Message(MessageBuilder { from, .. })
            | Self::Presence(PresenceBuilder { from, .. })
            | Self::Iq(IqBuilder { from, .. }) => from,
        }
    }

    /// Sets the addressee.
    pub fn with_to(self, to: impl Into<Address>) -> Self {
        match self {
            Self::Message(message) => message.with_to(to).into(),
            Self::Presence(presence) => presence.with_to(to).into(),
            Self::Iq(iq) => iq.with_to(to).into(),
        }
    }

    /// Sets the sender.
    pub fn with_from(self, from: impl Into<Address>) -> Self {
        match self {
            Self::Message(message) => message.with_from(from).into(),
            Self::Presence(presence) => presence.with_from(from).into(),
            Self::Iq(iq) => iq.with_from(from).into(),
        }
    }

    /// The stanza, to be looked at: for those who make stanzas and read them again.
    ///
    /// # Errors
    ///
    /// What was wrong with what was put into it.
    pub fn build(&self) -> Result<Stanza<'static>, BuildError> {
        Ok(match self {
            Self::Message(message) => Stanza::Message(message.build()?),
            Self::Presence(presence) => Stanza::Presence(presence.build()?),
            Self::Iq(iq) => Stanza::Iq(iq.build()?),
        })
    }
}

impl WriteXml for StanzaBuilder {
    fn write_xml(&self, w: &mut Writer<'_>) {
        match self {
            Self::Message(message) => message.write_xml(w),
            Self::Presence(presence) => presence.write_xml(w),
            Self::Iq(iq) => iq.write_xml(w),
        }
    }
}

macro_rules! from {
    ($($kind:ident $builder:ident),+) => {
        $(
            impl<'a> From<$kind<'a>> for Stanza<'a> {
                fn from(stanza: $kind<'a>) -> Self {
                    Self::$kind(stanza)
                }
            }

            impl From<$builder> for StanzaBuilder {
                fn from(stanza: $builder) -> Self {
                    Self::$kind(stanza)
                }
            }
        )+
    };
}
from!(Message MessageBuilder, Presence PresenceBuilder, Iq IqBuilder);
