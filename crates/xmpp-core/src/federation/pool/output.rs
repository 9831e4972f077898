//! What the driver of a pool is to do next, and what it says.

use core::fmt;
use core::net::SocketAddr;

use xmpp_jid::{BareJid, Domainpart};
use xmpp_stanza::StanzaRef;
use xmpp_xml::Element;

use crate::config::TlsMode;
use crate::federation::Failure;
use crate::session::{AddressQuery, SrvQuery};
use crate::time::{Deadline, Instant};

/// What a driver is to do next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all of them")]
pub enum PoolOutput<P = Element> {
    /// Ask DNS for SRV records, and answer now or later:
    /// [`provide_srv`](super::Pool::provide_srv).
    LookUpSrv(SrvQuery),
    /// Ask DNS for addresses, and answer now or later:
    /// [`provide_addresses`](super::Pool::provide_addresses).
    LookUpAddresses(AddressQuery),
    /// Open a transport, and say what came of it, now or later:
    /// [`connected`](super::Pool::connected) or
    /// [`connect_failed`](super::Pool::connect_failed). Several may be on their way to the
    /// same domain; [`Close`](Self::Close) gives up those that are too many. Once it is
    /// connected, negotiate a stream on it: see [`Dial`].
    Connect(Dial),
    /// Have a pair of domains accepted on a stream of ours that is open (`db:result`), and
    /// say what came of it: [`authorised`](super::Pool::authorised) or
    /// [`refused`](super::Pool::refused).
    Authorise {
        /// On which stream.
        link: LinkId,
        /// A domain of ours.
        local: Domainpart,
        /// The domain at the other end.
        remote: Domainpart,
    },
    /// Send a stanza. The pair of domains has been authorised on that stream.
    Send {
        /// On which stream.
        link: LinkId,
        /// The domain of ours that it is from.
        local: Domainpart,
        /// The domain that it is to.
        remote: Domainpart,
        /// The stanza.
        stanza: P,
    },
    /// Ask about a dialback key (`db:verify`) on a stream of ours to the authoritative
    /// server, and say once it is answered: [`verified`](super::Pool::verified).
    Verify {
        /// On which stream.
        link: LinkId,
        /// What the driver knows the key by.
        verify: VerifyId,
        /// The domain of ours that asks.
        local: Domainpart,
        /// The domain that is asked.
        remote: Domainpart,
    },
    /// A dialback key could not be asked about, or the answer does not come.
    VerifyFailed {
        /// Which one.
        verify: VerifyId,
        /// Why.
        failure: Failure,
    },
    /// A stanza could not be sent: answer its sender with
    /// [`failure.error()`](Failure::error). Stanzas that may not be answered with an error
    /// are not given back but dropped ([`Counters::dropped`]).
    Bounce {
        /// The domain of ours that it is from.
        local: Domainpart,
        /// The domain that it was to go to.
        remote: Domainpart,
        /// The stanza.
        stanza: P,
        /// Why.
        failure: Failure,
    },
    /// Close a stream, in order, or give up a transport on its way. Of a stream,
    /// [`closed`](super::Pool::closed) has to be said, when it is.
    Close(LinkId),
    /// Nothing to do but to wait for any of those, at most until then. Then poll again.
    Wait(Option<Deadline>),
}

/// Which stream, or which transport on its way to become one. A number is never used
/// twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub(super) u64);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which dialback key. A number is never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyId(pub(super) u64);

/// A transport to be opened, and the stream on it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dial {
    /// What to call it by.
    pub link: LinkId,
    /// The domain of ours that the stream is from.
    pub local: Domainpart,
    /// The domain that it is to. The certificate there has to be for this one.
    pub remote: Domainpart,
    /// Whether there are stanzas of this pair: then have it accepted without being asked,
    /// by SASL EXTERNAL or by dialback. Otherwise the stream is for asking about keys, and
    /// dialback for the pair may be left out.
    pub authorise: bool,
    /// Where to.
    pub address: SocketAddr,
    /// How TLS comes about.
    pub tls: TlsMode,
    /// When it is given up, at the latest, if it is not connected by then.
    pub deadline: Instant,
}

/// What the other server offers on a stream of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offers {
    /// It knows dialback: keys can be asked about, and pairs of domains authorised.
    pub dialback: bool,
    /// It tells errors of dialback in dialback (`<errors/>`, XEP-0220 section 2.4.2), instead
    /// of ending the stream.
    pub dialback_errors: bool,
}

impl Offers {
    /// Nothing but what was used to open the stream.
    pub const fn none() -> Self {
        Self { dialback: false, dialback_errors: false }
    }

    /// Dialback, with or without its errors.
    pub const fn with_dialback(errors: bool) -> Self {
        Self { dialback: true, dialback_errors: errors }
    }
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkEnd {
    /// In order, by whomever: the closing tag, an idle stream.
    Closed,
    /// The transport was lost, or there was a stream error.
    Lost,
    /// It could not be negotiated, or was ended by what this says.
    Failed(Failure),
}

/// A stanza that a stream did not deliver.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undelivered<P = Element> {
    /// The domain of ours that it is from.
    pub local: Domainpart,
    /// The domain that it was to go to.
    pub remote: Domainpart,
    /// The stanza.
    pub stanza: P,
    /// Whether it is certain that no byte of it was sent: then it goes out on the next
    /// stream. Otherwise its sender is told, since saying it twice may be worse than not
    /// at all.
    pub unsent: bool,
}

impl<P> Undelivered<P> {
    /// A stanza that was not sent at all.
    pub const fn unsent(local: Domainpart, remote: Domainpart, stanza: P) -> Self {
        Self { local, remote, stanza, unsent: true }
    }

    /// A stanza that was sent, or may have been, and is not known to have arrived.
    pub const fn uncertain(local: Domainpart, remote: Domainpart, stanza: P) -> Self {
        Self { local, remote, stanza, unsent: false }
    }
}

/// How a pool stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Remote domains about which something is remembered.
    pub remotes: usize,
    /// Remote domains that are being connected to.
    pub searches: usize,
    /// Streams of ours, with those that are being negotiated.
    pub links: usize,
    /// Streams that others opened.
    pub incoming: usize,
    /// Stanzas that wait.
    pub stanzas: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Dialback keys that are being asked about.
    pub verifications: usize,
    /// Stanzas that could neither be sent nor be answered, since the pool began.
    pub dropped: u64,
}

/// A stanza as the pool sees it.
pub trait Parcel {
    /// How many bytes it takes.
    fn bytes(&self) -> usize;

    /// Whether an error may answer it (RFC 6120 sections 8.2.3 and 8.3.1): not if it is one
    /// itself, or the result of an iq.
    fn may_be_bounced(&self) -> bool;

    /// Which account or component of ours sends it. Where domains wait until they may be
    /// connected to, those of senders who want few come before those of one who wants many.
    /// The pool asks only for what has to wait.
    fn sender(&self) -> Option<BareJid>;
}

impl Parcel for Element {
    fn bytes(&self) -> usize {
        self.source().len()
    }

    fn may_be_bounced(&self) -> bool {
        StanzaRef::new(self.as_ref()).is_some_and(StanzaRef::may_be_answered_with_error)
    }

    fn sender(&self) -> Option<BareJid> {
        Some(StanzaRef::new(self.as_ref())?.from().jid()?.to_bare().into_owned())
    }
}
