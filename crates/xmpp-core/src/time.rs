//! Time as the machines see it: an argument, never a clock.

use core::time::Duration;

/// A moment, as the time since an origin that the caller picks once for each
/// connection (the start of the program, the boot of the device, zero in a test).
///
/// Nothing in this crate reads a clock. Where `std` is to be had, [`Clock`]
/// makes these from the system's monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(Duration);

impl Instant {
    /// The moment `since` after the origin.
    pub const fn from_origin(since: Duration) -> Self {
        Self(since)
    }

    /// How long after the origin this is.
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment `later` after this one; the end of time if that overflows.
    pub const fn saturating_add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

/// What a connection waits for until [`Deadline::at`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimerReason {
    /// Stream negotiation has to be through by then.
    Negotiation,
    /// A whitespace keepalive is due (RFC 6120 section 4.6.1).
    Keepalive,
    /// The peer has to send something by then (RFC 6120 section 4.6.4).
    Idle,
    /// The peer has been silent for so long that it is asked whether it is there
    /// (XEP-0199).
    Ping,
    /// The peer has to send something by then, since it was asked.
    Pong,
    /// A request of ours has to be answered by then.
    Request,
    /// A verdict of dialback (XEP-0220) has to be there by then.
    Dialback,
    /// What has proved who the peer is counts no longer: the stream is closed with
    /// `reset` (RFC 6120 section 13.7.2.3).
    Expiry,
    /// The peer has to answer our closing stream tag by then (RFC 6120 section 4.4).
    CloseHandshake,
    /// The peer is to be asked by then which stanzas it has handled (XEP-0198).
    AcknowledgementRequest,
    /// The peer has been asked that, and has to send something by then.
    Acknowledgement,
    /// The streams are over. What the peer is still owed has to be sent, and the
    /// transport closed, by then.
    Drain,
    /// The buffers' memory is given back then. From the packaged tier only.
    Quiet,
    /// A question to DNS or the web counts as unanswered then. From a
    /// [`Session`](crate::session::Session) only.
    Lookup,
    /// Another attempt to connect is made then, or one that runs is given up. From a
    /// [`Session`](crate::session::Session) only.
    Connect,
    /// The next try to come online begins then. From a
    /// [`Session`](crate::session::Session) only.
    Reconnect,
}

/// When to call `handle_timeout`, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// The moment.
    pub at: Instant,
    /// What the connection waits for until then.
    pub reason: TimerReason,
}

impl Deadline {
    /// How long to wait from `now` on. Never zero, since a zero timeout means
    /// "for ever" to some operating systems: at least a millisecond.
    pub fn after(self, now: Instant) -> Duration {
        self.at.saturating_since(now).max(Duration::from_millis(1))
    }
}

/// Makes [`Instant`]s from the system's monotonic clock.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub struct Clock(std::time::Instant);

#[cfg(feature = "std")]
impl Clock {
    /// A clock whose origin is now.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// The time since the clock was started.
    pub fn now(&self) -> Instant {
        Instant(self.0.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_has_passed_is_still_a_wait() {
        let at = Instant::from_origin(Duration::from_secs(1));
        let deadline = Deadline { at, reason: TimerReason::Idle };
        assert_eq!(deadline.after(at), Duration::from_millis(1));
        assert_eq!(deadline.after(Instant::default()), Duration::from_secs(1));
    }
}
