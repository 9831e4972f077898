//! The deadlines of a connection.

use alloc::boxed::Box;
use core::num::NonZeroU32;
use core::time::Duration;

use crate::config::Timeouts;
use crate::stream_management::StreamManagement;
use crate::time::{Deadline, Instant, TimerReason};

#[cfg_attr(test, derive(Clone))]
pub(crate) struct Timers {
    /// Boxed, so that a connection stays small.
    timeouts: Box<Timeouts>,
    /// When the stream is over, whatever happens on it. Boxed: few have an end.
    expiry: Option<Box<Instant>>,
    /// For so many seconds the peer bears silence, if it says so.
    borne: Option<NonZeroU32>,
    /// The latest moment that a call brought.
    now: Instant,
    stage: Stage,
    last_sent: Instant,
    last_received: Instant,
    /// Boxed: not every stream is managed.
    managed: Option<Box<Managed>>,
    ping: Ping,
}

/// The times of stream management (XEP-0198).
#[cfg_attr(test, derive(Clone))]
struct Managed {
    acknowledgement: Acknowledgement,
    /// How long a request for an acknowledgement waits for more stanzas, and an
    /// answer for anything that the peer sends.
    ask_after: Duration,
    answer_within: Option<Duration>,
}

/// What is awaited of stream management.
#[derive(Clone, Copy)]
enum Acknowledgement {
    Nothing,
    /// To be requested by then.
    Request(Instant),
    /// Requested then.
    Answer(Instant),
}

/// Since when the peer is silent, or has been asked whether it is there.
#[derive(Clone, Copy)]
enum Ping {
    /// Nothing came since then, or there was nobody to ask.
    Silent(Instant),
    /// A ping went out then, and nothing has come after it.
    Asked(Instant),
}

/// Which deadlines count.
#[derive(Clone, Copy)]
enum Stage {
    /// Negotiation has to be through by then.
    Negotiating(Instant),
    Established,
    /// The end has to come by then. The reason is what is waited for.
    Ending(Instant, TimerReason),
    /// That has passed, or the transport is closed: nothing is waited for.
    Over,
}

impl Timers {
    pub(crate) fn new(timeouts: Timeouts, now: Instant) -> Self {
        Self {
            timeouts: Box::new(timeouts),
            expiry: None,
            borne: None,
            now,
            stage: Stage::Negotiating(now.saturating_add(timeouts.negotiation)),
            last_sent: now,
            last_received: now,
            managed: None,
            ping: Ping::Silent(now),
        }
    }

    /// Time goes forward only: an earlier moment than the last counts as the last.
    pub(crate) fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub(crate) fn sent(&mut self) {
        self.last_sent = self.now;
    }

    /// Whatever comes is a sign of life.
    pub(crate) fn received(&mut self) {
        self.last_received = self.now;
        self.ping = Ping::Silent(self.now);
    }

    /// A ping was due. In a role that has nobody to ask there was none, and silence means
    /// nothing.
    pub(crate) fn pinged(&mut self, is_asked: bool) {
        self.ping = if is_asked { Ping::Asked(self.now) } else { Ping::Silent(self.now) };
    }

    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// The peer may take a stream for dead after so many seconds without anything from
    /// us (XEP-0478).
    pub(crate) fn limit_keepalive(&mut self, seconds: Option<u32>) {
        self.borne = seconds.and_then(NonZeroU32::new);
    }

    /// After how long a keepalive is due. What is on its way for half of the time that
    /// the peer bears silence is late, not lost.
    fn keepalive(&self) -> Option<Duration> {
        let after = self.timeouts.keepalive?;
        let most = self.borne.map(|seconds| Duration::from_secs(seconds.get().into()) / 2);
        Some(most.map_or(after, |most| after.min(most)))
    }

    /// The stream is over then. The earliest of several such moments counts.
    pub(crate) fn expire_at(&mut self, at: Instant) {
        let at = self.expiry.as_deref().map_or(at, |before| at.min(*before));
        self.expiry = Some(Box::new(at));
    }

    pub(crate) fn established(&mut self) {
        self.stage = Stage::Established;
    }

    /// The time is taken back, so that it does not tell states of a model apart.
    #[cfg(test)]
    pub(crate) fn rewind(&mut self, now: Instant) {
        (self.now, self.last_sent, self.last_received) = (now, now, now);
        let (Ping::Silent(at) | Ping::Asked(at)) = &mut self.ping;
        *at = now;
        let Some(managed) = &mut self.managed else { return };
        match &mut managed.acknowledgement {
            Acknowledgement::Nothing => {}
            Acknowledgement::Request(at) => *at = now.saturating_add(managed.ask_after),
            Acknowledgement::Answer(since) => *since = now,
        }
    }

    /// Stream management is on.
    pub(crate) fn manage(&mut self, config: &StreamManagement) {
        self.managed = Some(Box::new(Managed {
            acknowledgement: Acknowledgement::Nothing,
            ask_after: config.request_after,
            answer_within: config.answer_within,
        }));
    }

    /// A stanza was sent, and no request for its acknowledgement is under way.
    pub(crate) fn ask_later(&mut self) {
        if let Some(managed) = &mut self.managed {
            let at = self.now.saturating_add(managed.ask_after);
            managed.acknowledgement = Acknowledgement::Request(at);
        }
    }

    /// An acknowledgement was requested.
    pub(crate) fn asked(&mut self) {
        if let Some(managed) = &mut self.managed {
            managed.acknowledgement = Acknowledgement::Answer(self.now);
        }
    }

    /// An acknowledgement came. `more`: stanzas have been sent since it was
    /// requested.
    pub(crate) fn acknowledged(&mut self, more: bool) {
        if more {
            self.ask_later();
        } else if let Some(managed) = &mut self.managed {
            managed.acknowledgement = Acknowledgement::Nothing;
        }
    }

    /// From now on only the end is waited for.
    pub(crate) fn ending(&mut self, reason: TimerReason) {
        let by = self.now.saturating_add(self.timeouts.close);
        self.stage = Stage::Ending(by, reason);
    }

    pub(crate) fn over(&mut self) {
        self.stage = Stage::Over;
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// The next deadline, and why.
    pub(crate) fn next(&self) -> Option<Deadline> {
        let deadline = |at, reason| Deadline { at, reason };
        let expiry = self.expiry.as_deref().map(|at| deadline(*at, TimerReason::Expiry));
        match self.stage {
            Stage::Negotiating(at) => {
                let negotiation = Some(deadline(at, TimerReason::Negotiation));
                [negotiation, expiry].into_iter().flatten().min_by_key(|deadline| deadline.at)
            }
            Stage::Ending(at, reason) => Some(deadline(at, reason)),
            Stage::Over => None,
            Stage::Established => {
                let idle = self.timeouts.idle.map(|after| {
                    deadline(self.last_received.saturating_add(after), TimerReason::Idle)
                });
                let keepalive = self.keepalive().map(|after| {
                    deadline(self.last_sent.saturating_add(after), TimerReason::Keepalive)
                });
                let acknowledgement = self.managed.as_ref().and_then(|managed| {
                    match managed.acknowledgement {
                        Acknowledgement::Nothing => None,
                        Acknowledgement::Request(at) => {
                            Some(deadline(at, TimerReason::AcknowledgementRequest))
                        }
                        // A peer that sends anything is there, however slow.
                        Acknowledgement::Answer(since) => managed.answer_within.map(|within| {
                            let at = since.max(self.last_received).saturating_add(within);
                            deadline(at, TimerReason::Acknowledgement)
                        }),
                    }
                });
                let ping = self.timeouts.ping.map(|after| match self.ping {
                    Ping::Silent(since) => deadline(since.saturating_add(after), TimerReason::Ping),
                    Ping::Asked(at) => {
                        deadline(at.saturating_add(self.timeouts.pong), TimerReason::Pong)
                    }
                });
                let all = [acknowledgement, idle, ping, keepalive, expiry];
                all.into_iter().flatten().min_by_key(|deadline| deadline.at)
            }
        }
    }
}
