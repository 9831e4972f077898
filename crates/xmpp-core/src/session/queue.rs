//! What is sent while offline, if the configuration has a place for it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use xmpp_xml::{Element, Framing, Limits, SendBuffer, WriteError, Writer, ns};

use super::config::QueueLimits;
use crate::connection::sent::SentTag;
use crate::error::SendError;

/// Stanzas, serialised, in the order of sending.
pub(super) struct OfflineQueue {
    limits: QueueLimits,
    /// The largest stanza.
    largest: usize,
    stanzas: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl OfflineQueue {
    pub(super) const fn new(limits: QueueLimits, largest: usize) -> Self {
        Self { limits, largest, stanzas: VecDeque::new(), bytes: 0 }
    }

    pub(super) fn push(&mut self, write: impl FnOnce(&mut Writer<'_>)) -> Result<(), SendError> {
        let limit = self.largest;
        // In this framing an element declares all that it needs, so that it can go out
        // in the other as well.
        let mut tx = SendBuffer::new(Framing::WebSocket);
        let mut is_stanza = false;
        let accept = |written: &[u8]| {
            is_stanza = SentTag::of(written).is_stanza(ns::CLIENT.uri());
            is_stanza
        };
        match tx.push_frame_if(limit, write, accept) {
            Ok(_) if !is_stanza => return Err(SendError::NotOneElement),
            Ok(_) => {}
            Err(WriteError::NotOneRoot) => return Err(SendError::NotOneElement),
            Err(WriteError::TooLarge) => return Err(SendError::TooLarge { limit }),
            Err(error) => return Err(SendError::Xml(error)),
        }
        let stanza = tx.unsent().to_vec();
        let bytes = self.bytes.saturating_add(stanza.len());
        if self.stanzas.len() >= self.limits.stanzas || bytes > self.limits.bytes {
            let (stanzas, bytes) = (self.stanzas.len(), self.bytes);
            return Err(SendError::QueueFull { stanzas, bytes });
        }
        self.bytes = bytes;
        self.stanzas.push_back(stanza);
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Option<Vec<u8>> {
        let stanza = self.stanzas.pop_front()?;
        self.bytes -= stanza.len();
        Some(stanza)
    }

    /// What was popped is not to go out yet.
    pub(super) fn put_back(&mut self, stanza: Vec<u8>) {
        self.bytes += stanza.len();
        self.stanzas.push_front(stanza);
    }

    pub(super) fn len(&self) -> usize {
        self.stanzas.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stanzas.is_empty()
    }

    /// All of it, as elements.
    pub(super) fn drain(&mut self) -> Vec<Element> {
        self.bytes = 0;
        self.stanzas.drain(..).filter_map(|stanza| read(&stanza)).collect()
    }
}

/// What was written here as an element again.
pub(super) fn read(stanza: &[u8]) -> Option<Element> {
    Element::parse_within(stanza, Limits::trusted()).ok()
}
