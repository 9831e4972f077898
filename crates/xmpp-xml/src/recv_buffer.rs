//! The receive buffer.
use alloc::{string::String, vec::Vec};

/// Bytes received and not yet consumed, with the tape of the element that is
/// being read. An item borrows from it alone.
pub struct RecvBuffer { raw: Vec<u8>, text: String, tape: Vec<u32>, limit: usize, received: u64 }
impl RecvBuffer {
    /// Holds at most that many bytes.
    pub fn new(limit_bytes: usize) -> Self { todo!() }
    /// Room to read into; empty if the buffer is full.
    pub fn unfilled(&mut self) -> &mut [u8] { todo!() }
    /// That many bytes of [`unfilled`](Self::unfilled) have been filled.
    pub fn advance(&mut self, n: usize) { todo!() }
    /// Takes what fits and says how much that was.
    pub fn push(&mut self, bytes: &[u8]) -> usize { todo!() }
    /// Bytes received and not yet consumed by an item.
    pub fn unread(&self) -> usize { todo!() }
    /// Bytes received in all.
    pub fn received(&self) -> u64 { self.received }
    /// Gives memory back that is not in use.
    pub fn release(&mut self) { todo!() }
    /// Forgets all bytes.
    pub fn clear(&mut self) { todo!() }
}
impl core::fmt::Debug for RecvBuffer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { todo!() }
}
