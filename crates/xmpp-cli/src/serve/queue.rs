//! What waits for one connection.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use xmpp_core::stanza::StreamCondition;
use xmpp_core::xml::StreamContext;

/// How much may wait for connections that do not read. One stanza more ends the stream,
/// so that a sleeping peer cannot fill the server's memory.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Stanzas for one connection.
    pub(super) stanzas: usize,
    /// Bytes for one connection.
    pub(super) bytes: usize,
    /// Bytes that may come on top from a connection that has ended: what waited for it, and
    /// what it had not acknowledged.
    pub(super) moved: usize,
    /// Bytes for all of them. Beyond, a connection may still have a 64th of `bytes`.
    pub(super) total: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { stanzas: 16_384, bytes: 4 << 20, moved: 6 << 20, total: 256 << 20 }
    }
}

/// Serialised stanzas, oldest first, and how the way ended.
pub(super) struct Queue {
    /// What the stream is that they are written for.
    pub(super) context: StreamContext,
    state: Mutex<State>,
    /// For the one task that takes them off.
    changed: Notify,
    /// Bytes in all queues.
    total: Arc<AtomicUsize>,
}

#[derive(Default)]
struct State {
    stanzas: VecDeque<Vec<u8>>,
    bytes: usize,
    /// What was moved here from another queue counts beside the bounds, which a client
    /// that reads in time would break otherwise. No more than [`Bounds::moved`].
    moved: usize,
    ended: bool,
    condition: Option<StreamCondition>,
}

impl Queue {
    pub(super) fn new(total: Arc<AtomicUsize>, context: impl Into<StreamContext>) -> Self {
        let context = context.into();
        Self { context, state: Mutex::default(), changed: Notify::new(), total }
    }

    /// Adds a stanza, which may have been `moved` from another queue; gives it back if
    /// that is too much.
    pub(super) fn push(
        &self,
        stanza: Vec<u8>,
        bounds: &Bounds,
        moved: bool,
    ) -> Result<(), Vec<u8>> {
        let mut state = self.state();
        let cost = cost(&stanza);
        if moved && !state.ended && state.moved + cost <= bounds.moved {
            state.moved += cost;
        }
        let bytes = state.bytes.saturating_add(cost);
        let total = self.total.load(Ordering::Relaxed).saturating_add(cost);
        // A stanza of any size may wait alone.
        let too_many = !state.stanzas.is_empty()
            && ((state.moved == 0 && state.stanzas.len() >= bounds.stanzas)
                || bytes > bounds.bytes + state.moved
                || (total > bounds.total && bytes > bounds.bytes / 64));
        if state.ended || too_many {
            return Err(stanza);
        }
        state.bytes = bytes;
        state.stanzas.push_back(stanza);
        self.total.fetch_add(cost, Ordering::Relaxed);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the oldest.
    pub(super) fn pop(&self) -> Option<Vec<u8>> {
        let mut state = self.state();
        let stanza = state.stanzas.pop_front()?;
        let cost = cost(&stanza);
        state.bytes = state.bytes.saturating_sub(cost);
        state.moved = state.moved.saturating_sub(cost);
        self.total.fetch_sub(cost, Ordering::Relaxed);
        if state.stanzas.is_empty() && state.stanzas.capacity() > 64 {
            state.stanzas = VecDeque::new();
        }
        Some(stanza)
    }

    /// Puts the oldest back, which was taken just now.
    pub(super) fn put_back(&self, stanza: Vec<u8>) {
        let mut state = self.state();
        let cost = cost(&stanza);
        state.bytes = state.bytes.saturating_add(cost);
        state.stanzas.push_front(stanza);
        self.total.fetch_add(cost, Ordering::Relaxed);
    }

    /// The way has ended: with a stream error for the peer, if there is one. Gives what
    /// was left on it.
    pub(super) fn end(&self, condition: Option<StreamCondition>) -> VecDeque<Vec<u8>> {
        let mut state = self.state();
        let left = core::mem::take(&mut state.stanzas);
        self.total.fetch_sub(state.bytes, Ordering::Relaxed);
        state.bytes = 0;
        if !state.ended {
            state.ended = true;
            state.condition = condition;
        }
        drop(state);
        self.changed.notify_one();
        left
    }

    /// The stream error with which the way has ended.
    pub(super) fn condition(&self) -> Option<StreamCondition> {
        self.state().condition
    }

    /// Waits for a stanza, if there is room for one, and for an end with a stream error.
    pub(super) async fn wait(&self, room: bool) {
        loop {
            let changed = self.changed.notified();
            {
                let state = self.state();
                if state.condition.is_some() || (room && !state.stanzas.is_empty()) {
                    return;
                }
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let bytes = self.state().bytes;
        self.total.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The memory that a stanza holds while it waits.
fn cost(stanza: &Vec<u8>) -> usize {
    stanza.capacity() + size_of::<Vec<u8>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { stanzas: 3, bytes: 6400, moved: 6400, total: 10_000 };

    fn queue(total: &Arc<AtomicUsize>) -> Queue {
        Queue::new(Arc::clone(total), xmpp_core::xml::ns::CLIENT)
    }

    #[test]
    fn stanzas_are_counted() {
        let queue = queue(&Arc::default());
        assert!((0..3).all(|_| queue.push(vec![0; 10], &BOUNDS, false).is_ok()));
        assert_eq!(queue.push(vec![1; 10], &BOUNDS, false), Err(vec![1; 10]));
        assert!(queue.pop().is_some());
        assert!(queue.push(vec![0; 10], &BOUNDS, false).is_ok());
    }

    #[test]
    fn bytes_are_counted_with_what_is_allocated_for_them() {
        let queue = queue(&Arc::default());
        let mut roomy = Vec::with_capacity(6000);
        roomy.push(0);
        assert!(queue.push(roomy, &BOUNDS, false).is_ok());
        assert!(queue.push(vec![0; 1000], &BOUNDS, false).is_err());
        // One that is larger than all that may wait gets through by itself.
        assert!(queue.pop().is_some());
        assert!(queue.push(vec![0; 100_000], &BOUNDS, false).is_ok());
    }

    #[test]
    fn all_queues_together_are_bounded_and_a_small_one_goes_on() {
        let total = Arc::default();
        let (first, second, third) = (queue(&total), queue(&total), queue(&total));
        assert!(first.push(vec![0; 6000], &BOUNDS, false).is_ok());
        assert!(second.push(vec![0; 1000], &BOUNDS, false).is_ok());
        assert!(second.push(vec![0; 4000], &BOUNDS, false).is_err());
        assert!(third.push(vec![0; 30], &BOUNDS, false).is_ok());
        assert_eq!(first.end(None).len(), 1);
        assert!(second.push(vec![0; 4000], &BOUNDS, false).is_ok());
        drop((first, second, third));
        assert_eq!(total.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_is_moved_here_does_not_end_it() {
        const BOUNDS: Bounds = Bounds { stanzas: 3, bytes: 6400, moved: 6400, total: 20_000 };
        let queue = queue(&Arc::default());
        assert!((0..6).all(|_| queue.push(vec![0; 1000], &BOUNDS, false).is_ok() || queue.pop().is_some()));
        while queue.push(vec![0; 3000], &BOUNDS, false).is_ok() {}
        assert!(queue.push(vec![0; 3000], &BOUNDS, true).is_ok());
        assert!(queue.push(vec![0; 3000], &BOUNDS, true).is_ok());
        assert!(queue.push(vec![0; 3000], &BOUNDS, true).is_err());
        while queue.pop().is_some() {}
        assert!(queue.push(vec![0; 3000], &BOUNDS, false).is_ok());
    }

    #[test]
    fn the_first_end_counts() {
        let queue = queue(&Arc::default());
        queue.push(vec![0; 10], &BOUNDS, false).unwrap();
        assert_eq!(queue.end(Some(StreamCondition::Conflict)).len(), 1);
        assert_eq!(queue.end(Some(StreamCondition::ResourceConstraint)).len(), 0);
        assert_eq!(queue.condition(), Some(StreamCondition::Conflict));
        assert!(queue.push(vec![0; 10], &BOUNDS, false).is_err());
    }
}
