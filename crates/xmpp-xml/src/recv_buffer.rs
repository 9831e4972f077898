//! The receive buffer.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::ElementRef;
use crate::lexer::Lexer;
use crate::messages::Messages;
use crate::{tape, utf8};

/// How much [`RecvBuffer::unfilled`] offers at a time, in bytes.
const READ_BYTES: usize = 4096;
/// Consumed bytes are moved out of the way once there are so many of them
/// that the move is paid for.
const COMPACT_BYTES: usize = 4096;

/// Bytes received and not yet consumed, with the tape of the item that is
/// being read. What [`StreamReader::poll`](crate::StreamReader::poll) gives
/// borrows from it alone.
///
/// Read into [`unfilled`](Self::unfilled) and say how much with
/// [`advance`](Self::advance), or hand bytes over with [`push`](Self::push).
///
/// Bytes are checked to be UTF-8 as they come in. What follows the first byte
/// that is not is dropped: the reader will report that byte once it has
/// reported everything before it.
#[derive(Clone)]
pub struct RecvBuffer {
    /// Room to read into.
    raw: Vec<u8>,
    /// The beginning of a character whose rest is yet to come.
    pub(crate) held: [u8; utf8::MOST_PENDING],
    pub(crate) pending: usize,
    pub(crate) text: String,
    /// Where the item begins that the tape is of; what stands before it is
    /// consumed.
    pub(crate) start: usize,
    /// Where the item ends that was given out last; not before `start`.
    pub(crate) end: usize,
    /// Whether that is a stream header, whose declarations outlive it.
    pub(crate) is_header: bool,
    pub(crate) lexer: Lexer,
    /// What `text` ends before, if that is not UTF-8.
    pub(crate) bad: Option<utf8::Bad>,
    /// Bytes dropped behind that.
    pub(crate) dropped: usize,
    /// Where messages end, if the transport has them.
    pub(crate) messages: Messages,
    limit: usize,
    received: u64,
}

impl RecvBuffer {
    /// Holds at most that many bytes that are not consumed. An element that
    /// does not fit is a policy violation, whatever the reader's limits say.
    #[must_use]
    pub fn new(limit_bytes: usize) -> Self {
        Self {
            raw: Vec::new(),
            held: [0; utf8::MOST_PENDING],
            pending: 0,
            text: String::new(),
            start: 0,
            end: 0,
            is_header: false,
            lexer: Lexer::new(),
            bad: None,
            dropped: 0,
            messages: Messages::default(),
            limit: limit_bytes,
            received: 0,
        }
    }

    /// Room to read into. Empty if the buffer is full: then nothing may be
    /// read until [`poll`](crate::StreamReader::poll) has consumed something.
    pub fn unfilled(&mut self) -> &mut [u8] {
        let room = self.room().min(READ_BYTES);
        if self.raw.len() < room {
            self.raw.resize(READ_BYTES, 0);
        }
        &mut self.raw[..room]
    }

    /// The first `n` bytes of [`unfilled`](Self::unfilled) have been filled.
    /// More than there were count as all of them.
    pub fn advance(&mut self, n: usize) {
        let raw = core::mem::take(&mut self.raw);
        self.push(&raw[..n.min(raw.len())]);
        self.raw = raw;
    }

    /// Takes as many of `bytes` as fit and says how many that were.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.room());
        self.take_in(&bytes[..n]);
        n
    }

    /// The header, element or `<close/>` that the reader gave out last, once
    /// more, until the next call that needs the buffer for itself. For a caller that had a
    /// look at it before lending it to a caller of its own.
    #[must_use]
    pub fn element(&self) -> Option<ElementRef<'_>> {
        let text = self.text.get(self.start..self.end).filter(|text| !text.starts_with("</"))?;
        if text.is_empty() {
            return None;
        }
        Some(ElementRef::new(self.lexer.view(text), tape::FIRST))
    }

    /// Bytes received and not yet consumed by an item. None, when the peer
    /// has to wait for an answer to what it sent, or has sent too much.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.text.len() - self.end + self.pending + self.dropped
    }

    /// Whether there is nothing but white space in [what is not consumed](Self::unread).
    #[must_use]
    pub fn unread_is_space(&self) -> bool {
        let text = self.text.get(self.end..).unwrap_or_default();
        // Nothing is dropped but what is bad, and what follows that.
        let all = self.pending == 0 && self.bad.is_none();
        all && text.bytes().all(crate::chars::is_space)
    }

    /// Whether nothing may be read until something has been consumed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.unread() >= self.limit
    }

    /// Bytes received in all.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The most that it holds, in bytes.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Gives memory back that no received byte needs: for connections that
    /// are silent for a while. When there is none it costs a few comparisons,
    /// so that it can be called whenever a timer happens to come due.
    pub fn release(&mut self) {
        self.settle();
        self.compact(0);
        self.text.shrink_to_fit();
        self.raw = Vec::new();
        self.lexer.release();
        self.messages.release();
    }

    /// Bytes of memory that it holds on the heap, in use or not; what
    /// [`release`](Self::release) would make smaller. What the stream header
    /// has declared is part of it.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.raw.capacity()
            + self.text.capacity()
            + self.lexer.held_bytes()
            + self.messages.held_bytes()
    }

    /// Forgets all bytes that are not consumed, and what has been read of an
    /// item that is not complete. The reader goes on as if they had not come.
    pub fn clear(&mut self) {
        self.settle();
        self.text.clear();
        self.start = 0;
        self.end = 0;
        self.pending = 0;
        self.bad = None;
        self.dropped = 0;
        self.lexer.next_item();
        self.messages.clear(self.received);
    }

    /// Bytes that `text` may hold at most.
    pub(crate) fn most_text(&self) -> usize {
        // Less than the limit by what a character cut in two may hold back,
        // so that the reader notices before the buffer is full for ever.
        self.limit.saturating_sub(4)
    }

    /// Bytes of a character that is not complete.
    pub(crate) fn held(&self) -> usize {
        self.pending
    }

    /// The place of `start` among all bytes received.
    pub(crate) fn offset(&self) -> u64 {
        let ahead = self.text.len() - self.start + self.pending + self.dropped;
        self.received - ahead as u64
    }

    /// What was given out is gone now.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if self.end != self.start {
            if core::mem::take(&mut self.is_header) {
                self.lexer.keep_header(&self.text[self.start..self.end]);
            } else {
                self.lexer.next_item();
            }
            self.start = self.end;
        }
    }

    fn room(&mut self) -> usize {
        self.settle();
        self.limit.saturating_sub(self.unread())
    }

    /// Moves what is not consumed to the front if more than `worth` bytes and
    /// half of all are consumed.
    fn compact(&mut self, worth: usize) {
        if self.start == self.text.len() {
            self.text.clear();
        } else if self.start > worth && self.start >= self.text.len() / 2 {
            self.text.drain(..self.start);
        } else {
            return;
        }
        self.start = 0;
        self.end = 0;
    }

    fn take_in(&mut self, mut bytes: &[u8]) {
        self.received += bytes.len() as u64;
        if self.bad.is_some() {
            self.dropped += bytes.len();
            return;
        }
        self.compact(COMPACT_BYTES);
        if self.pending != 0 {
            bytes = self.complete_character(bytes);
            if bytes.is_empty() {
                return;
            }
        }
        let utf8::Split { valid, rest, bad } = utf8::split(bytes);
        self.text.push_str(valid);
        self.set_aside(rest, bad);
    }

    /// Keeps the beginning of a character, or learns that there is none.
    fn set_aside(&mut self, rest: &[u8], bad: Option<utf8::Bad>) {
        self.bad = bad;
        if bad.is_some() {
            self.dropped += rest.len();
        } else if !rest.is_empty() {
            self.held[..rest.len()].copy_from_slice(rest);
            self.pending = rest.len();
        }
    }

    /// Adds bytes to the character begun before; gives those behind it.
    fn complete_character<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut character = [0; 4];
        let mut len = self.pending;
        character[..len].copy_from_slice(&self.held[..len]);
        for (i, &byte) in bytes.iter().enumerate() {
            character[len] = byte;
            len += 1;
            let utf8::Split { valid, rest, bad } = utf8::split(&character[..len]);
            if bad.is_some() || rest.is_empty() {
                self.pending = 0;
                self.text.push_str(valid);
                self.set_aside(rest, bad);
                let behind = &bytes[i + 1..];
                if bad.is_some() {
                    self.dropped += behind.len();
                    return &[];
                }
                return behind;
            }
        }
        self.set_aside(&character[..len], None);
        &[]
    }
}

impl fmt::Debug for RecvBuffer {
    /// Tells how much it holds, not what: that can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvBuffer")
            .field("unread", &self.unread())
            .field("received", &self.received)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
