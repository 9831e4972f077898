//! Where the host puts what is to be sent.

use core::fmt;

use xmpp_jid::{Domainpart, DomainpartRef};
use xmpp_stanza::{StanzaCondition, StreamCondition};
use xmpp_xml::{Ns, WriteXml, Writer, ns};

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// A connected resource, by a number that the caller picks and does not use again while
/// the session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "made by callers")]
pub struct SessionId(pub u64);

/// Where the host puts what is to be sent. The driver's connections stand behind it.
///
/// The host calls it while it handles a stanza, in the order in which things are to be
/// sent: within a session the order must be kept (RFC 6120 §10.1). It must not wait. A
/// session whose stream takes no more is the driver's to end, after the host has returned.
pub trait Outbox {
    /// Send this stanza on the stream of that session, which has the content namespace
    /// `jabber:client`.
    ///
    /// A stanza that the stream turns out never to take, since it is too long, goes back to
    /// [`send_failed`](crate::Host::send_failed).
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml);

    /// Close the stream of that session with this stream error. The host has forgotten the
    /// session; [`session_ended`](crate::Host::session_ended) need not be called for it.
    fn close(&mut self, session: SessionId, condition: StreamCondition);

    /// Send this stanza to another domain: on the stream of the component (XEP-0114) or of
    /// the server that speaks for it, in the content namespace of that stream. The value
    /// writes itself in whichever [`Writer::in_stream`] or connection is handed to it; `from`
    /// and `to` are there.
    ///
    /// `domains` is the pair that the stanza goes between, as a stream between servers has to
    /// prove it (XEP-0220). A driver that has to connect first keeps the stanza and says `Ok`;
    /// if that comes to nothing, [`route_failed`](crate::Host::route_failed) takes it back.
    /// What the stream never takes goes back to [`send_failed`](crate::Host::send_failed).
    ///
    /// # Errors
    ///
    /// It cannot be sent, and is dropped; the host tells the sender, if there is one to be
    /// told. Without this method there are no other domains.
    fn route(&mut self, domains: DomainPair<'_>, stanza: &dyn WriteXml) -> Result<(), RouteError> {
        let _ = (domains, stanza);
        Err(RouteError::NotFound)
    }
}

/// The two domains that a stanza goes between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a stanza has a sender and a recipient")]
pub struct DomainPair<'a> {
    /// The domain of its sender.
    pub from: DomainpartRef<'a>,
    /// The domain of its recipient.
    pub to: DomainpartRef<'a>,
}

/// Which call of an [`Outbox`] accepted a stanza.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an outbox has these two calls for stanzas")]
pub enum TakenBy {
    /// [`Outbox::send`], for that session.
    Session(SessionId),
    /// [`Outbox::route`].
    Route,
}

/// What became of a stanza that an [`Outbox`] accepted and could not send after all.
///
/// A driver that logs [`Dropped`](Self::Dropped) loses nothing without a trace: in the other
/// cases the sender or the recipient has been sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a stanza may have been dropped, and nobody else is told"]
#[non_exhaustive]
pub enum Undelivered {
    /// Its sender has been sent a stanza error.
    Returned,
    /// Its recipient has been sent a shorter stanza in its place.
    Replaced,
    /// It is lost: no error may answer it, or none should.
    Dropped,
}

/// Why there is no way to another domain (RFC 6120 §10.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteError {
    /// Nobody knows where that domain is.
    NotFound,
    /// It is known, but there is no stream to it: a component that is not connected.
    Unreachable,
}

impl RouteError {
    /// The condition of the stanza error for the sender.
    #[must_use]
    pub const fn condition(self) -> StanzaCondition {
        match self {
            Self::NotFound => StanzaCondition::RemoteServerNotFound,
            Self::Unreachable => StanzaCondition::RemoteServerTimeout,
        }
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "the domain is not known",
            Self::Unreachable => "there is no stream to the domain",
        })
    }
}

impl core::error::Error for RouteError {}

impl<O: Outbox + ?Sized> Outbox for &mut O {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        (**self).send(session, stanza);
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        (**self).close(session, condition);
    }

    fn route(&mut self, domains: DomainPair<'_>, stanza: &dyn WriteXml) -> Result<(), RouteError> {
        (**self).route(domains, stanza)
    }
}

/// An outbox that keeps all in one queue, for drivers that hand it on and for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queue {
    /// What is to be sent, oldest first.
    pub output: VecDeque<Output>,
    /// The other domains that can be reached, and the content namespaces of the streams to
    /// them.
    pub routes: BTreeMap<Domainpart, Ns<'static>>,
}

/// One entry of a [`Queue`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle what an outbox can be told")]
pub enum Output {
    /// The bytes of one stanza, for a stream with the content namespace `jabber:client`.
    Stanza(SessionId, Vec<u8>),
    /// Close the session's stream with this error.
    Close(SessionId, StreamCondition),
    /// One stanza for another domain.
    Routed {
        /// The domain that it is from: the host's, or that of a component.
        from: Domainpart,
        /// The domain that it is for.
        to: Domainpart,
        /// Its bytes, in the content namespace of the [route](Queue::routes).
        stanza: Vec<u8>,
    },
}

impl Queue {
    /// An empty queue, without routes to other domains.
    #[must_use]
    pub const fn new() -> Self {
        Self { output: VecDeque::new(), routes: BTreeMap::new() }
    }
}

/// What the host sends was either received, hence checked, or made of checked parts:
/// `None` does not happen.
fn write(stanza: &dyn WriteXml, content: Ns<'static>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = Writer::in_stream(&mut bytes, content);
    stanza.write_xml(&mut writer);
    writer.finish().ok().map(|()| bytes)
}

impl Outbox for Queue {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        let bytes = write(stanza, ns::CLIENT);
        self.output.extend(bytes.map(|bytes| Output::Stanza(session, bytes)));
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        self.output.push_back(Output::Close(session, condition));
    }

    fn route(&mut self, domains: DomainPair<'_>, stanza: &dyn WriteXml) -> Result<(), RouteError> {
        let content = *self.routes.get(domains.to.as_str()).ok_or(RouteError::NotFound)?;
        let (from, to) = (domains.from.into_owned(), domains.to.into_owned());
        let stanza = write(stanza, content);
        self.output.extend(stanza.map(|stanza| Output::Routed { from, to, stanza }));
        Ok(())
    }
}
