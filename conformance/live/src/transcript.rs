//! What is written down while a case runs.

use core::cell::RefCell;
use core::time::Duration;
use std::rc::Rc;

use tokio::time::Instant;

use crate::record::{Bytes, Direction, Entry};
use crate::wire::PATIENCE;

/// Shared by all streams of a case.
#[derive(Clone, Debug)]
pub struct Transcript {
    began: Instant,
    patience: Duration,
    entries: Rc<RefCell<Vec<Entry>>>,
}

impl Default for Transcript {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

/// More than that of one case is not kept: a peer may send without an end.
const MOST_BYTES: usize = 1 << 20;

impl Transcript {
    /// One whose wires wait that long for what has to come.
    #[must_use]
    pub fn with_patience(patience: Duration) -> Self {
        Self { began: Instant::now(), patience, entries: Rc::default() }
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Adds what happened.
    pub fn add(&self, who: &str, direction: Direction, bytes: &[u8], marked: bool) {
        let mut entries = self.entries.borrow_mut();
        let kept: usize = entries.iter().map(|entry| entry.bytes.0.len()).sum();
        let bytes = &bytes[..bytes.len().min(MOST_BYTES.saturating_sub(kept))];
        let at = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (who, bytes) = (who.to_owned(), Bytes(bytes.to_vec()));
        entries.push(Entry { at, who, direction, bytes, marked });
    }

    /// Adds a note.
    pub fn note(&self, who: &str, text: &str) {
        self.add(who, Direction::Note, text.as_bytes(), false);
    }

    /// What was received last is what the case is about, unless it came before what was
    /// sent for that.
    pub fn mark_received(&self) {
        let mut entries = self.entries.borrow_mut();
        let mut newest = entries.iter_mut().rev();
        let found = newest.find(|e| match e.direction {
            Direction::Received => true,
            Direction::Sent => e.marked,
            Direction::Note => false,
        });
        if let Some(last) = found {
            last.marked = true;
        }
    }

    /// What was sent last is what the case is about.
    pub fn mark_sent(&self) {
        let mut entries = self.entries.borrow_mut();
        if let Some(last) = entries.iter_mut().rev().find(|e| e.direction == Direction::Sent) {
            last.marked = true;
        }
    }

    /// All bytes that one stream has received so far, as parts of items.
    #[must_use]
    pub fn received(&self, who: &str) -> Vec<u8> {
        let entries = self.entries.borrow();
        let received =
            entries.iter().filter(|e| e.who == who && e.direction == Direction::Received);
        received.flat_map(|entry| entry.bytes.0.iter().copied()).collect()
    }

    /// All of it.
    #[must_use]
    pub fn take(&self) -> Vec<Entry> {
        self.entries.take()
    }
}
