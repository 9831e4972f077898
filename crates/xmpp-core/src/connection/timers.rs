//! The deadlines of a connection.

use crate::config::Timeouts;
use crate::time::{Deadline, Instant, TimerReason};

pub(super) struct Timers {
    timeouts: Timeouts,
    /// The latest moment that a call brought.
    now: Instant,
    negotiation: Option<Instant>,
    close: Option<Instant>,
    last_sent: Instant,
    last_received: Instant,
}

impl Timers {
    pub(super) fn new(timeouts: Timeouts, now: Instant) -> Self {
        Self {
            timeouts,
            now,
            negotiation: Some(now.saturating_add(timeouts.negotiation)),
            close: None,
            last_sent: now,
            last_received: now,
        }
    }

    /// Time goes forward only: an earlier moment than the last counts as the last.
    pub(super) fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub(super) fn sent(&mut self) {
        self.last_sent = self.now;
    }

    pub(super) fn received(&mut self) {
        self.last_received = self.now;
    }

    pub(super) fn established(&mut self) {
        self.negotiation = None;
    }

    pub(super) fn closing(&mut self) {
        self.negotiation = None;
        self.close = Some(self.now.saturating_add(self.timeouts.close));
    }

    pub(super) fn stop(&mut self) {
        self.negotiation = None;
        self.close = None;
        self.timeouts.keepalive = None;
        self.timeouts.idle = None;
    }

    /// The next deadline, and why.
    pub(super) fn next(&self) -> Option<Deadline> {
        let deadline = |at, reason| Deadline { at, reason };
        // While the stream closes, only that counts.
        if let Some(at) = self.close {
            return Some(deadline(at, TimerReason::CloseHandshake));
        }
        if let Some(at) = self.negotiation {
            return Some(deadline(at, TimerReason::Negotiation));
        }
        let idle = self
            .timeouts
            .idle
            .map(|after| deadline(self.last_received.saturating_add(after), TimerReason::Idle));
        let keepalive = self
            .timeouts
            .keepalive
            .map(|after| deadline(self.last_sent.saturating_add(after), TimerReason::Keepalive));
        [idle, keepalive].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    /// The next deadline if it has come.
    pub(super) fn due(&self) -> Option<TimerReason> {
        self.next().filter(|deadline| deadline.at <= self.now).map(|deadline| deadline.reason)
    }
}
