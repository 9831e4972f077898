//! What the roles have to tell the engine.

use alloc::vec::Vec;

use xmpp_jid::FullJid;
use xmpp_stanza::StreamHeader;
use xmpp_xml::{ElementRef, Ns};

use super::core::Core;
use crate::error::Error;
use crate::event::Event;
use crate::tls::TlsFacts;

/// The part of a connection that differs from role to role.
pub(crate) trait Machine {
    /// What the role remembers. (`'static` and `Send`, so that a connection is.)
    type State: Send + 'static;

    /// The namespace of the role's stanzas.
    const CONTENT: Ns<'static>;

    /// Whether the next element may be read. `false` while TLS shakes hands and
    /// while a query waits for its answer.
    fn wants_input(state: &Self::State) -> bool;

    /// A stream header whose namespaces and version are right.
    fn handle_header(
        core: &mut Core,
        state: &mut Self::State,
        header: StreamHeader,
        tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error>;

    /// A first-level element that is no stream error. `unread` is how many bytes
    /// lie behind it in the receive buffer.
    fn handle_element(
        core: &mut Core,
        state: &mut Self::State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut Vec<u8>,
    ) -> Result<Outcome, Error>;

    /// TLS is up.
    fn tls_established(
        core: &mut Core,
        state: &mut Self::State,
        facts: TlsFacts<'_>,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error>;

    /// Writes the header of the current stream, as a stream error needs one
    /// before it (RFC 6120 section 4.9.1.2).
    fn write_header(core: &mut Core, state: &Self::State, tx: &mut Vec<u8>);

    /// Whether stream errors can be told now: not while the peer expects TLS.
    fn can_tell(state: &Self::State) -> bool;

    /// The address of the client, once bound.
    fn bound(state: &Self::State) -> Option<&FullJid>;
}

/// What became of an item.
pub(crate) enum Outcome {
    /// It is dealt with; go on to the next.
    Consumed,
    /// It led to an event that needs nothing of it.
    Event(Event<'static>),
    /// The caller shall see it.
    Lend(Lend),
}

/// As what the caller shall see an item.
#[derive(Clone, Copy)]
pub(crate) enum Lend {
    Header,
    Features,
    Stanza,
    Nonza,
}
