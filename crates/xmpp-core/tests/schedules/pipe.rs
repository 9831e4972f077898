//! One direction of a connection, and where chance comes from.

use std::collections::VecDeque;

/// Numbers from a seed: xorshift64*.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        // Zero is the one state that it never leaves.
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % bound.max(1)
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What becomes of the bytes behind a certain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// They vanish, and nobody is told.
    Silent,
    /// They vanish, and both ends find their transport ended.
    Reset,
}

/// Bytes on their way. Times are in milliseconds.
pub(crate) struct Pipe {
    chunks: VecDeque<(u64, Vec<u8>)>,
    latest: u64,
    carried: u64,
    cut: Option<(u64, Loss)>,
    /// Takes nothing: the other end does not read, and all buffers are full.
    pub(crate) stalled: bool,
    /// When the other end learns that no more comes.
    eof: Option<u64>,
    /// The most that a chunk takes.
    latency: u64,
}

impl Pipe {
    pub(crate) fn new(latency: u64, cut: Option<(u64, Loss)>) -> Self {
        let chunks = VecDeque::new();
        Self { chunks, latest: 0, carried: 0, cut, stalled: false, eof: None, latency }
    }

    /// Whether bytes have been lost.
    pub(crate) fn is_cut(&self) -> Option<Loss> {
        self.cut.filter(|(at, _)| *at <= self.carried).map(|(_, loss)| loss)
    }

    fn arrival(&mut self, now: u64, chance: &mut Chance) -> u64 {
        // Bytes do not overtake each other.
        self.latest = self.latest.max(now + chance.below(self.latency + 1));
        self.latest
    }

    /// Takes some of the bytes, and says how many.
    pub(crate) fn write(&mut self, bytes: &[u8], now: u64, chance: &mut Chance) -> usize {
        if self.stalled || bytes.is_empty() {
            return 0;
        }
        let most = if chance.one_in(3) { 1 + chance.below(40) } else { u64::MAX };
        let taken = bytes.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        let kept = self.cut.map_or(u64::MAX, |(at, _)| at.saturating_sub(self.carried));
        let kept = taken.min(usize::try_from(kept).unwrap_or(usize::MAX));
        self.carried += taken as u64;
        if kept > 0 {
            let at = self.arrival(now, chance);
            self.chunks.push_back((at, bytes[..kept].to_vec()));
        }
        taken
    }

    /// No more is written.
    pub(crate) fn close(&mut self, now: u64, chance: &mut Chance) {
        if self.eof.is_none() && self.is_cut().is_none() {
            self.eof = Some(self.arrival(now, chance));
        }
    }

    /// The transport breaks: what is on its way may still arrive, and nothing behind it.
    pub(crate) fn reset(&mut self, now: u64, chance: &mut Chance) {
        if chance.one_in(2) {
            self.chunks.clear();
        }
        self.cut = Some((0, Loss::Reset));
        let latest = now.max(self.latest);
        self.eof.get_or_insert(latest);
    }

    /// Some of what has arrived.
    pub(crate) fn read(&mut self, now: u64, most: usize) -> Vec<u8> {
        let Some((at, chunk)) = self.chunks.front_mut() else { return Vec::new() };
        if *at > now {
            return Vec::new();
        }
        let read: Vec<u8> = chunk.drain(..most.min(chunk.len())).collect();
        if chunk.is_empty() {
            self.chunks.pop_front();
        }
        read
    }

    /// Whether all has arrived, the end included.
    pub(crate) fn has_ended(&self, now: u64) -> bool {
        self.chunks.is_empty() && self.eof.is_some_and(|at| at <= now)
    }

    /// When there is something to read.
    pub(crate) fn next(&self) -> Option<u64> {
        self.chunks.front().map(|(at, _)| *at).or(self.eof)
    }
}
