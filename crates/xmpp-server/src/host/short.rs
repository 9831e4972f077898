//! What is sent in place of a stanza that is too long for its stream.

use xmpp_im::routing::Kind;
use xmpp_jid::{Jid, JidRef};
use xmpp_stanza::{IqType, MessageType, PresenceType, StanzaError, StanzaRef};
use xmpp_xml::{ElementRef, WriteXml, Writer};

use super::passed::Passed;

/// A stanza with the addresses, the 'id' and the meaning of another one.
///
/// There is none for a stanza that is as short as it can be, so that a driver which hands back
/// each one comes to an end.
pub(super) struct Short<'a> {
    stanza: StanzaRef<'a>,
    from: &'a Jid,
    to: JidRef<'a>,
    content: Content<'a>,
}

enum Content<'a> {
    Nothing,
    /// The `<error/>` child that it had.
    Same(ElementRef<'a>),
    /// The error in place of a result.
    Error(&'a StanzaError),
}

impl<'a> Short<'a> {
    /// `None` if the stanza means nothing without its payload, or has nothing to leave out.
    pub(super) fn of(passed: &Passed<'a>, error: &'a StanzaError) -> Option<Self> {
        let Passed { from, to, stanza, .. } = *passed;
        let element = stanza.element();
        let content = match passed.kind {
            Kind::Presence(kind) if kind == PresenceType::Unavailable || kind.is_subscription() => {
                element.nodes().next().map(|_| Content::Nothing)
            }
            Kind::Message(MessageType::Error)
            | Kind::Presence(PresenceType::Error)
            | Kind::Iq(IqType::Error) => {
                let has_more = element.children().nth(1).is_some();
                let error = element.child(stanza.content(), "error");
                error.filter(|_| has_more).map(Content::Same)
            }
            Kind::Iq(IqType::Result) => Some(Content::Error(error)),
            _ => None,
        };
        content.map(|content| Self { stanza, from, to, content })
    }
}

impl WriteXml for Short<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let content = w.content();
        w.start(content, self.stanza.kind().as_str());
        w.attr("from", self.from.as_str());
        w.attr("to", self.to.as_str());
        w.attr_opt("id", self.stanza.id().as_deref());
        match &self.content {
            Content::Nothing => {
                w.attr_opt("type", self.stanza.element().attr("type").as_deref());
            }
            Content::Same(error) => {
                w.attr("type", "error").element(*error);
            }
            Content::Error(error) => {
                w.attr("type", "error").write(*error);
            }
        }
        w.end();
    }
}
