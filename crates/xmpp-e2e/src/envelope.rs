//! What stands on the outside of a stanza of any kind: who, to whom, which.

use xmpp_stanza::{Address, Stanza};

/// `from` and `to`.
pub(crate) const fn addresses(stanza: &Stanza) -> (&Address, &Address) {
    match stanza {
        Stanza::Message(message) => (&message.from, &message.to),
        Stanza::Presence(presence) => (&presence.from, &presence.to),
        Stanza::Iq(iq) => (&iq.from, &iq.to),
    }
}

/// `from` and `to`, to be changed.
pub(crate) const fn addresses_mut(stanza: &mut Stanza) -> (&mut Address, &mut Address) {
    match stanza {
        Stanza::Message(message) => (&mut message.from, &mut message.to),
        Stanza::Presence(presence) => (&mut presence.from, &mut presence.to),
        Stanza::Iq(iq) => (&mut iq.from, &mut iq.to),
    }
}

/// Gives a stanza the addresses of another.
pub(crate) fn copy_addresses(stanza: &mut Stanza, other: &Stanza) {
    let (other_from, other_to) = addresses(other);
    let (from, to) = addresses_mut(stanza);
    from.clone_from(other_from);
    to.clone_from(other_to);
}

/// Gives a stanza the `id` of another, if both are of one kind.
pub(crate) fn copy_id(stanza: &mut Stanza, other: &Stanza) {
    match (stanza, other) {
        (Stanza::Message(stanza), Stanza::Message(other)) => stanza.id.clone_from(&other.id),
        (Stanza::Presence(stanza), Stanza::Presence(other)) => stanza.id.clone_from(&other.id),
        (Stanza::Iq(stanza), Stanza::Iq(other)) => stanza.id.clone_from(&other.id),
        _ => {}
    }
}
