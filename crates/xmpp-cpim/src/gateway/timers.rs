use alloc::collections::BTreeSet;
use core::time::Duration;

use super::operation::Pair;

/// When to call [`handle_timeout`](super::PresenceService::handle_timeout).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadline {
    /// Time since the caller's origin.
    pub at: Duration,
    /// Why.
    pub reason: Reason,
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A subscription of an XMPP user has to be refreshed, for XMPP knows no
    /// end of it (RFC 3922 §6.1).
    Refresh,
    /// A subscription, or the wait for one, is over.
    Expiry,
}

/// Which subscription a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timer {
    pub(super) at: Duration,
    pub(super) reason: Reason,
    pub(super) side: TimerSide,
    pub(super) pair: Pair,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TimerSide {
    /// The watcher is on XMPP.
    Outbound,
    /// The target is.
    Inbound,
}

/// The timers, first to fire first. Each subscription has at most two.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<Timer>);

impl Timers {
    pub(super) fn set(&mut self, timer: Timer) {
        self.0.insert(timer);
    }

    pub(super) fn clear(
        &mut self,
        side: TimerSide,
        pair: &Pair,
        times: [Option<(Duration, Reason)>; 2],
    ) {
        for (at, reason) in times.into_iter().flatten() {
            self.0.remove(&Timer { at, reason, side, pair: pair.clone() });
        }
    }

    pub(super) fn first(&self) -> Option<Deadline> {
        self.0.first().map(|timer| Deadline { at: timer.at, reason: timer.reason })
    }

    pub(super) fn due(&mut self, now: Duration) -> Option<Timer> {
        if self.0.first()?.at > now {
            return None;
        }
        self.0.pop_first()
    }
}
