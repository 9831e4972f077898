//! What comes out of a connection, and what goes into it, as a run has them.

use xmpp_core::xml::{Element, WriteXml, Writer};
use xmpp_core::{Error, Event};

use super::part::{Asked, Part, Told};

/// What is left of an event when its borrow has ended.
pub(crate) enum Noted {
    Asked(Asked),
    StartTls,
    Header,
    Authenticated,
    Established,
    Stanza(Element),
    Nonza,
    Closed(Option<Error>),
    Else,
}

impl Noted {
    pub(crate) fn of<P: Part>(event: Event<'_, P>) -> Self {
        match event {
            Event::StartTls => Self::StartTls,
            Event::HeaderReceived(_) => Self::Header,
            Event::Established { .. } => Self::Established,
            Event::Stanza(stanza) => Self::Stanza(stanza.into_element()),
            Event::Nonza(_) => Self::Nonza,
            Event::Closed { error } => Self::Closed(error),
            Event::Role(event) => match P::told(event) {
                Told::Asked(asked) => Self::Asked(asked),
                Told::Authenticated => Self::Authenticated,
                Told::Else(_) => Self::Else,
            },
            _ => Self::Else,
        }
    }
}

/// What a function writes.
pub(crate) struct Written<F: Fn(&mut Writer<'_>)>(pub(crate) F);

impl<F: Fn(&mut Writer<'_>)> WriteXml for Written<F> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        (self.0)(w);
    }
}
