//! What the roles have to tell the engine.

use alloc::boxed::Box;

use xmpp_jid::{BareJid, DomainpartRef, FullJid};
use xmpp_stanza::{Address, StanzaRef, StreamError, StreamHeader};
use xmpp_xml::{ElementRef, Ns, SendBuffer};

use super::core::Core;
use super::sent::SentTag;
use crate::error::{Error, PeerMisbehaved, SendError};
use crate::event::{Event, Received};
use crate::negotiation::sm;
use crate::requests::{Asker, RequestId};
use crate::role::Role;
use crate::tls::TlsFacts;

/// The part of a connection that differs from role to role.
pub(crate) trait Machine {
    /// What the role remembers. (`'static` and `Send`, so that a connection is.)
    type State: Send + 'static;

    /// The namespace of the role's stanzas.
    const CONTENT: Ns<'static>;

    /// Whether this side opens the stream. The other side's header is then a
    /// response, and is judged only when something other than a stream error
    /// follows it: the error tells more than the fault of a header.
    const INITIATES: bool;

    /// Whether what comes is passed on to others: then nothing in it may have a prefix
    /// for the content namespace (`6120-4.8.5-04`). Servers do.
    const RELAYS: bool = !Self::INITIATES;

    /// The protocol that TLS negotiates on a connection that begins with it
    /// (XEP-0368), if the role has one.
    const ALPN: Option<&'static [u8]>;

    /// Whether the next element may be read. `false` while TLS shakes hands and
    /// while a query waits for its answer.
    fn wants_input(state: &Self::State) -> bool;

    /// Who the peer says it is, in a header that may turn out to be wrong: the
    /// `to` of the header in front of the stream error for it. Of a receiving role
    /// that tells it.
    fn note_peer(_state: &mut Self::State, _from: Option<BareJid>) {}

    /// Whether the peer's header is one for this role, before it is looked at
    /// any closer (RFC 6120 sections 4.7 and 4.8).
    fn judge_header(state: &Self::State, header: &StreamHeader) -> Result<(), PeerMisbehaved>;

    /// A stream header that has been judged.
    fn handle_header(
        core: &mut Core,
        state: &mut Self::State,
        header: StreamHeader,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error>
    where
        Self: Role;

    /// A first-level element of a stream that is being negotiated. `unread` is
    /// how many bytes lie behind it in the receive buffer.
    fn handle_element(
        core: &mut Core,
        state: &mut Self::State,
        element: ElementRef<'_>,
        unread: usize,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error>
    where
        Self: Role;

    /// What comes next without anything read, once what was told before is told: of a
    /// role in which one element or answer leads to several events. Asked when
    /// [`Core::has_more`] says so.
    fn go_on(
        _core: &mut Core,
        _state: &mut Self::State,
        _tx: &mut SendBuffer,
    ) -> Result<Option<Event<'static, Self>>, Error>
    where
        Self: Role,
    {
        Ok(None)
    }

    /// Whether stream features may come on an established stream, once. They are shown
    /// to the caller and have no effect.
    fn takes_late_features(_state: &mut Self::State) -> bool {
        false
    }

    /// Whether a first-level element is for [`handle_element`](Self::handle_element) on an
    /// established stream as well.
    fn handles(_state: &Self::State, _element: ElementRef<'_>) -> bool {
        false
    }

    /// What the role has waited for until [`Core::role_deadline`] is over.
    fn due(_core: &mut Core, _state: &mut Self::State, _tx: &mut SendBuffer) {}

    /// An element of stream management on an established stream.
    fn handle_management(
        core: &mut Core,
        _state: &mut Self::State,
        element: ElementRef<'_>,
        _tx: &mut SendBuffer,
    ) -> Result<Outcome<Self>, Error>
    where
        Self: Role,
    {
        sm::handle(core, element)?;
        Ok(Outcome::CONSUMED)
    }

    /// Whether TLS is to come up next. Never in roles without it.
    fn wants_tls(_state: &Self::State) -> bool {
        false
    }

    /// TLS is up, as [`wants_tls`](Self::wants_tls) said.
    fn tls_established(
        _core: &mut Core,
        _state: &mut Self::State,
        _facts: TlsFacts<'_>,
        _tx: &mut SendBuffer,
    ) {
    }

    /// Writes the header of the current stream, as a stream error needs one
    /// before it (RFC 6120 section 4.9.1.2).
    fn write_header(core: &mut Core, state: &Self::State, tx: &mut SendBuffer);

    /// Whether stream errors can be told now: not while the peer expects TLS.
    fn can_tell(_state: &Self::State) -> bool {
        true
    }

    /// What a stream error of the peer's means.
    fn told(_state: &Self::State, error: StreamError) -> Error {
        Error::StreamError(error)
    }

    /// The client's address, once bound; of a role that has one.
    fn bound(_state: &Self::State) -> Option<&FullJid> {
        None
    }

    /// The host that TLS is to be for; of a receiving role that knows it by then.
    fn tls_host(_state: &Self::State) -> Option<DomainpartRef<'_>> {
        None
    }

    /// The role's rule for the addresses of a stanza that came in.
    fn judge_stanza(_state: &Self::State, _stanza: StanzaRef<'_>) -> Result<(), PeerMisbehaved> {
        Ok(())
    }

    /// The role's rule for the addresses of a stanza that is to go out.
    fn judge_sent(_state: &Self::State, _tag: SentTag<'_>) -> Result<(), SendError> {
        Ok(())
    }

    /// How many requests of ours may wait for an answer.
    fn max_requests(state: &Self::State) -> usize;

    /// Who may answer the role's requests.
    fn asker(_state: &Self::State) -> Asker<'_> {
        Asker::Entity
    }

    /// Gives a request the addresses that it lacks.
    fn address(_state: &Self::State, _from: &mut Address, _to: &mut Address) {}

    /// From whom and to whom a ping goes (XEP-0199), in a role whose peer has an address.
    fn probe(_state: &Self::State) -> Option<(Address, Address)> {
        None
    }

    /// The event for an element of the negotiation that the caller may see, of a
    /// role that has any.
    fn lend(element: Received<'_>) -> Event<'_, Self>
    where
        Self: Role,
    {
        Event::Nonza(element)
    }

    /// Shortens the lifetime of an event.
    fn shorten<'b>(event: <Self as Role>::Event<'static>) -> <Self as Role>::Event<'b>
    where
        Self: Role;

    /// Makes an event independent of the receive buffer.
    fn share(event: <Self as Role>::Event<'_>) -> <Self as Role>::Event<'static>
    where
        Self: Role;
}

/// What became of an item: whether the caller shall see it, and what else there
/// is to tell after that.
pub(crate) struct Outcome<R: Role> {
    pub(crate) lend: Option<Lend>,
    /// Boxed: rare and large, while stanzas are many.
    pub(crate) then: Option<Box<Event<'static, R>>>,
}

impl<R: Role> Outcome<R> {
    /// It is dealt with; go on to the next.
    pub(crate) const CONSUMED: Self = Self { lend: None, then: None };

    /// It led to an event that needs nothing of it.
    pub(crate) fn event(event: Event<'static, R>) -> Self {
        Self { lend: None, then: Some(Box::new(event)) }
    }

    /// It led to an event of the role that needs nothing of it.
    pub(crate) fn role(event: R::Event<'static>) -> Self {
        Self::event(Event::Role(event))
    }

    /// The caller shall see it.
    pub(crate) const fn lend(lend: Lend) -> Self {
        Self { lend: Some(lend), then: None }
    }
}

/// As what the caller shall see an item.
#[derive(Clone, Copy)]
pub(crate) enum Lend {
    Header,
    /// What [`Machine::lend`] says.
    Role,
    Stanza,
    /// The answer to that request.
    Answer(RequestId),
    Nonza,
}
