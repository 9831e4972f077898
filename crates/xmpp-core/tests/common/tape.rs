//! Decisions of a run, a byte at a time: a fuzzer's bytes, or any.

/// What is left of the bytes. Zeros when it has run out.
pub(crate) struct Tape<'a>(pub(crate) &'a [u8]);

impl<'a> Tape<'a> {
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// Two bytes.
    pub(crate) fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// An index below `len`.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::from(self.byte()) % len.max(1)
    }

    /// In one of `n` cases. Not when the bytes have run out.
    pub(crate) fn one_in(&mut self, n: u8) -> bool {
        self.byte() % n == n - 1
    }

    /// One of them, if there is any.
    pub(crate) fn pick<T>(&mut self, of: &mut Vec<T>) -> Option<T> {
        let at = self.index(of.len());
        (at < of.len()).then(|| of.remove(at))
    }

    /// Up to 63 bytes as they are.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte() % 64).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
