//! What stands on the outside of a stanza of any kind: who, to whom, which.

use xmpp_stanza::{Stanza, StanzaBuilder};
use xmpp_xml::{Element, Framing, Limits, StreamContext, WriteError, Writer, ns};

/// Gives a stanza the addresses of another, and its `id` if both are of one kind.
pub(crate) fn copy_envelope(stanza: StanzaBuilder, other: &Stanza<'_>) -> StanzaBuilder {
    let stanza = stanza.with_from(other.from()).with_to(other.to());
    let id = other.stanza().id().map(String::from);
    match (stanza, other) {
        (StanzaBuilder::Message(mut stanza), Stanza::Message(_)) => {
            stanza.id = id;
            stanza.into()
        }
        (StanzaBuilder::Presence(mut stanza), Stanza::Presence(_)) => {
            stanza.id = id;
            stanza.into()
        }
        (StanzaBuilder::Iq(mut stanza), Stanza::Iq(_)) => {
            stanza.id = id.unwrap_or_default();
            stanza.into()
        }
        (stanza, _) => stanza,
    }
}

/// A copy of a stanza with the addresses of another, and its `id` if both are of one
/// kind.
pub(crate) fn readdressed(stanza: &Stanza<'_>, other: &Stanza<'_>) -> Result<Element, WriteError> {
    let (from, to, id) = (other.from(), other.to(), other.stanza().id());
    let attrs = [("from", from.as_str()), ("to", to.as_str()), ("id", id.as_deref())];
    let kept = if stanza.kind() == other.kind() { 3 } else { 2 };
    copied(|w| {
        w.forward(stanza.element(), &attrs[..kept]);
    })
}

/// A copy of a stanza in `jabber:client`, whatever its content namespace is.
pub(crate) fn in_client_namespace(stanza: &Stanza<'_>) -> Result<Element, WriteError> {
    copied(|w| {
        w.write(stanza);
    })
}

/// The stanza that is written, as one of a client that has nothing around it.
fn copied(write: impl FnOnce(&mut Writer<'_>)) -> Result<Element, WriteError> {
    let mut xml = Vec::new();
    let alone = StreamContext { content: ns::CLIENT, framing: Framing::WebSocket };
    let mut w = Writer::in_stream(&mut xml, alone);
    write(&mut w);
    w.finish()?;
    // It is well-formed, and may be larger than what one takes from a peer.
    Element::parse_within(xml, Limits::trusted()).map_err(|_| WriteError::TooLarge)
}
