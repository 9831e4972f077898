//! Stream management (XEP-0198) as the caller sees it.

use core::fmt;
use core::time::Duration;

use super::{Connection, Phase};
use crate::error::Error;
use crate::role::Role;
use crate::stream_management::{Count, Ledger, Resumption, ResumptionId, Unacknowledged};

impl<R: Role> Connection<R> {
    /// How far stream management is; `None` while the stream has none.
    pub fn stream_management(&self) -> Option<Counters<'_>> {
        let ledger = self.core.management.ledger.as_deref()?;
        ledger.is_enabled().then_some(Counters { ledger })
    }

    /// What the stream can be resumed from after its connection is lost, as of now:
    /// a snapshot, or that of an [ended](Phase::Closed) connection.
    ///
    /// `None` if the stream cannot be resumed: the server has not allowed it, or
    /// the stream has been closed in order, or it has ended by an error of the
    /// stream and not by the loss of the connection or by silence. Of a client that
    /// has not got an answer to its request for a resumption: that which it was
    /// [begun](Connection::resume) with.
    pub fn resumption(&self) -> Option<Resumption> {
        if let Some(former) = self.core.management.former() {
            return Some(former.clone());
        }
        let ledger = self.core.management.ledger.as_ref().filter(|_| self.is_resumable())?;
        ledger.resumption(R::bound(&self.state)?)
    }

    /// Takes what [`resumption`](Self::resumption) would copy. The connection has it no
    /// more: nothing that is sent from here on is kept.
    pub fn take_resumption(&mut self) -> Option<Resumption> {
        if let Some(former) = self.core.management.take_former() {
            return Some(former);
        }
        let resumable = self.is_resumable();
        let ledger = self.core.management.ledger.take_if(|ledger| {
            // What cannot be resumed is left for `take_unacknowledged`.
            resumable && ledger.is_resumable()
        })?;
        ledger.into_resumption(R::bound(&self.state)?)
    }

    /// The stanzas that were sent and not acknowledged, as far as the connection
    /// does not deal with them any more: those of an earlier stream that was not
    /// resumed, and once the connection has ended ([`Phase::Closed`]) its own. Each
    /// is given once.
    ///
    /// Of a connection that has ended [take the resumption](Self::take_resumption)
    /// first, if the stream is to be resumed: it holds the connection's own ones.
    pub fn take_unacknowledged(&mut self) -> Unacknowledged {
        let management = &mut self.core.management;
        let earlier = management.take_over();
        let mut all = earlier.map(Resumption::into_unacknowledged);
        if self.core.phase == Phase::Closed {
            let former = management.take_former().map(Resumption::into_unacknowledged);
            let own = management.ledger.take().map(|ledger| ledger.into_queue());
            for more in [former, own].into_iter().flatten() {
                match &mut all {
                    Some(all) => all.append(&more),
                    None => all = Some(more),
                }
            }
        }
        all.unwrap_or_default()
    }

    /// Whether the stream goes on over another connection, if this one is lost
    /// or has been. XEP-0198 section 7: not one that was closed.
    fn is_resumable(&self) -> bool {
        match self.core.phase {
            Phase::Negotiating | Phase::Closing => false,
            Phase::Established => true,
            Phase::Closed => {
                !self.core.peer_said_so
                    && match self.error() {
                        Some(Error::UncleanEof | Error::Tls(_) | Error::TimedOut(_)) => true,
                        // What ended the stream was none of what we had sent.
                        Some(Error::StreamError(error)) => {
                            R::INITIATES && is_passing(error.condition)
                        }
                        _ => false,
                    }
            }
        }
    }
}

/// Whether a server that ends a stream so may still keep its session.
const fn is_passing(condition: xmpp_stanza::StreamCondition) -> bool {
    use xmpp_stanza::StreamCondition as Is;
    matches!(condition, Is::ConnectionTimeout | Is::Reset | Is::SeeOtherHost | Is::SystemShutdown)
}

/// How far the stream management of a stream is.
#[derive(Clone, Copy)]
pub struct Counters<'a> {
    ledger: &'a Ledger,
}

impl<'a> Counters<'a> {
    /// Whether the stream can be resumed.
    #[must_use]
    pub const fn is_resumable(self) -> bool {
        self.ledger.is_resumable()
    }

    /// Under which identifier it can.
    #[must_use]
    pub fn id(self) -> Option<&'a ResumptionId> {
        self.ledger.id()
    }

    /// Where the server would like to be connected to for that.
    #[must_use]
    pub fn location(self) -> Option<&'a str> {
        self.ledger.location()
    }

    /// For how long after a disconnection the session is kept, if the server has
    /// said so.
    #[must_use]
    pub fn max(self) -> Option<Duration> {
        self.ledger.max().map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// How many stanzas of the peer have been handled: given out.
    #[must_use]
    pub const fn handled(self) -> Count {
        self.ledger.handled()
    }

    /// How many stanzas have been sent.
    #[must_use]
    pub fn sent(self) -> Count {
        self.ledger.sent()
    }

    /// How many of them the peer has acknowledged.
    #[must_use]
    pub const fn acknowledged(self) -> Count {
        self.ledger.acknowledged()
    }

    /// The others.
    #[must_use]
    pub const fn unacknowledged(self) -> &'a Unacknowledged {
        self.ledger.queue()
    }
}

impl fmt::Debug for Counters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counters")
            .field("resumable", &self.is_resumable())
            .field("handled", &self.handled())
            .field("sent", &self.sent())
            .field("acknowledged", &self.acknowledged())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use xmpp_stanza::StreamCondition as Is;

    use super::is_passing;

    /// XEP-0198 section 7: what says that the stream is over, and not that anything was
    /// wrong with it.
    #[test]
    fn a_session_outlives_what_is_nobodys_fault() {
        for (condition, passing) in [
            (Is::ConnectionTimeout, true),
            (Is::Reset, true),
            (Is::SeeOtherHost, true),
            (Is::SystemShutdown, true),
            (Is::Conflict, false),
            (Is::NotAuthorized, false),
            (Is::PolicyViolation, false),
            (Is::NotWellFormed, false),
            (Is::UndefinedCondition, false),
        ] {
            assert_eq!(is_passing(condition), passing, "{condition:?}");
        }
    }
}
