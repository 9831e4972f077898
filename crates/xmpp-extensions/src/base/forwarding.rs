//! Stanza forwarding: XEP-0297.

use xmpp_stanza::xml::ns;
use xmpp_stanza::{AnyElement, Invalid, Payload, Rest, Stanza, StanzaRef};

use super::delay::Delay;

/// A stanza within another one (XEP-0297, 3).
///
/// Whether to believe it depends on who sent it: anybody can write one.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::FORWARD, name = "forwarded", section = "XEP-0297, 3")]
#[non_exhaustive]
pub struct Forwarded<'a> {
    /// When the forwarder received it.
    #[xml(child)]
    pub delay: Option<Delay<'a>>,
    /// The stanza as an element; [`stanza`](Self::stanza) reads it.
    #[xml(any)]
    pub element: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Forwarded<'_> {
    /// The stanza, where it lies; `None` if what is forwarded is none.
    #[must_use]
    pub fn stanza(&self) -> Option<StanzaRef<'_>> {
        StanzaRef::new(self.element.as_ref()?.as_ref())
    }

    /// The stanza as a message, a presence or an iq; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it breaks the rules of its kind.
    pub fn to_stanza(&self) -> Result<Option<Stanza<'_>>, Invalid> {
        let Some(element) = &self.element else { return Ok(None) };
        match StanzaRef::new(element.as_ref()) {
            Some(_) => Stanza::parse(element.as_ref()).map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_stanza::StanzaKind;
    use xmpp_stanza::xml::Element;

    #[test]
    fn the_stanza_is_there_typed() {
        // XEP-0297, example 1.
        let element = Element::parse(
            "<forwarded xmlns='urn:xmpp:forward:0'>\
             <delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>\
             <message from='romeo@montague.example' type='chat' xmlns='jabber:client'>\
             <body>Yet I should kill thee</body></message></forwarded>",
        )
        .unwrap();
        let forwarded = Forwarded::parse(element.as_ref()).unwrap();
        assert_eq!(forwarded.stanza().unwrap().kind(), StanzaKind::Message);
        let Some(Stanza::Message(message)) = forwarded.to_stanza().unwrap() else { panic!() };
        assert_eq!(message.body().as_deref(), Some("Yet I should kill thee"));
        assert!(forwarded.delay.is_some());
        let element =
            Element::parse("<forwarded xmlns='urn:xmpp:forward:0'><x/></forwarded>").unwrap();
        let forwarded = Forwarded::parse(element.as_ref()).unwrap();
        assert!(forwarded.stanza().is_none());
        assert_eq!(forwarded.to_stanza(), Ok(None));
    }
}
