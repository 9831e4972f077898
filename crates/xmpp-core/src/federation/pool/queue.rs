//! What waits for a stream, and how much of it there may be.

use alloc::collections::VecDeque;

use crate::session::QueueLimits;
use crate::time::Instant;

/// What a stanza counts beside its bytes: the place that it takes in the queue.
const OVERHEAD: usize = 64;

/// So many stanzas and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) stanzas: usize,
    pub(super) bytes: usize,
}

impl Amount {
    pub(super) const fn of(bytes: usize) -> Self {
        Self { stanzas: 1, bytes: bytes.saturating_add(OVERHEAD) }
    }

    pub(super) const fn fits(self, more: Self, limits: &QueueLimits) -> bool {
        self.stanzas.saturating_add(more.stanzas) <= limits.stanzas
            && self.bytes.saturating_add(more.bytes) <= limits.bytes
    }

    pub(super) const fn is_empty(self) -> bool {
        self.stanzas == 0
    }

    pub(super) const fn add(&mut self, other: Self) {
        self.stanzas += other.stanzas;
        self.bytes += other.bytes;
    }

    pub(super) const fn remove(&mut self, other: Self) {
        self.stanzas = self.stanzas.saturating_sub(other.stanzas);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }
}

/// A stanza that waits.
pub(super) struct Queued<P> {
    pub(super) stanza: P,
    pub(super) amount: Amount,
    pub(super) since: Instant,
}

/// Stanzas of one pair of domains, in order.
pub(super) type Queue<P> = VecDeque<Queued<P>>;
