//! What a stream is resumed from.

use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::time::Duration;

use xmpp_jid::FullJid;
use xmpp_sasl::Secret;
use xmpp_xml::Framing;

use super::{Count, Unacknowledged};

/// The identifier of a stream that can be resumed (the SM-ID of XEP-0198 section
/// 5). Whoever has it and the account's credentials can take the session over:
/// it does not show in `Debug`, and is compared in constant time.
#[derive(Clone, PartialEq, Eq)]
pub struct ResumptionId(Secret);

impl ResumptionId {
    pub(crate) fn new(id: &str) -> Self {
        Self(Secret::from(id))
    }

    /// The identifier itself. Every use is one to look at twice.
    #[must_use]
    pub fn expose(&self) -> &str {
        core::str::from_utf8(self.0.expose()).unwrap_or_default()
    }
}

impl Hash for ResumptionId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.expose().hash(state);
    }
}

impl fmt::Debug for ResumptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// All that a stream is resumed from, of either side: the identifier, both
/// counts, the stanzas that were not acknowledged, the bound address, and what
/// the server said about resuming.
///
/// It is a plain value: keep it in memory, or keep the bytes of
/// [`to_bytes`](Self::to_bytes) over the end of the program, and give it to
/// [`Connection::resume`](crate::Connection::resume) or
/// [`Client::resume`](crate::Client::resume) of a client, to
/// [`Connection::accept_resumption`](crate::Connection::accept_resumption) of a
/// server.
///
/// A stanza counts as handled once the connection has given it out. A program
/// that keeps snapshots takes them after it has done with the stanza.
///
/// # Security
///
/// It holds what people wrote to each other, and the identifier. `Debug` shows
/// neither.
#[derive(Clone, PartialEq)]
pub struct Resumption {
    pub(super) id: ResumptionId,
    pub(super) jid: FullJid,
    pub(super) location: Option<String>,
    /// In seconds.
    pub(super) max: Option<u32>,
    /// How many stanzas of the peer we have handled.
    pub(super) handled: Count,
    /// How many stanzas of ours the peer has acknowledged.
    pub(super) acknowledged: Count,
    pub(super) queue: Unacknowledged,
}

impl Resumption {
    /// The address that is bound to the stream, and stays so.
    #[must_use]
    pub const fn jid(&self) -> &FullJid {
        &self.jid
    }

    /// The identifier.
    #[must_use]
    pub const fn id(&self) -> &ResumptionId {
        &self.id
    }

    /// Where the server would like to be connected to for the resumption, as it
    /// said so: `domainpart:port`, an IPv6 address in brackets. If that fails,
    /// connect as ever.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// For how long after the disconnection the server keeps the session, if it
    /// said so.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        self.max.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// How many stanzas of the peer have been handled.
    #[must_use]
    pub const fn handled(&self) -> Count {
        self.handled
    }

    /// How many stanzas the peer has acknowledged.
    #[must_use]
    pub const fn acknowledged(&self) -> Count {
        self.acknowledged
    }

    /// What was sent and not acknowledged.
    #[must_use]
    pub const fn unacknowledged(&self) -> &Unacknowledged {
        &self.queue
    }

    /// Takes what was sent and not acknowledged, if the stream is not going to be resumed.
    #[must_use]
    pub fn into_unacknowledged(self) -> Unacknowledged {
        self.queue
    }

    /// Bytes of memory that it holds, beyond itself.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.queue.held_bytes()
            + self.id.expose().len()
            + self.jid.as_str().len()
            + self.location.as_ref().map_or(0, String::capacity)
    }

    /// For a connection that frames otherwise than the former one did.
    pub(crate) fn framed(self, framing: Framing) -> Self {
        Self { queue: self.queue.framed(framing), ..self }
    }
}

impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumption")
            .field("jid", &self.jid)
            .field("location", &self.location)
            .field("max", &self.max)
            .field("handled", &self.handled)
            .field("acknowledged", &self.acknowledged)
            .field("unacknowledged", &self.queue)
            .finish_non_exhaustive()
    }
}
