//! Where prepared text is put together.

use alloc::string::String;

/// Takes mapped code points and lends what it has taken.
pub(crate) trait Sink {
    fn push(&mut self, c: char);
    fn len(&self) -> usize;
    /// What was pushed since it was `start` bytes long.
    fn since(&self, start: usize) -> &str;
    /// Forgets what was pushed since it was `len` bytes long.
    fn truncate(&mut self, len: usize);

    fn push_str(&mut self, text: &str);
    /// Pushes `text`, its ASCII letters in lowercase.
    fn push_lowercase(&mut self, text: &str);
}

impl Sink for String {
    fn push(&mut self, c: char) {
        Self::push(self, c);
    }
    fn len(&self) -> usize {
        Self::len(self)
    }
    fn since(&self, start: usize) -> &str {
        self.get(start..).unwrap_or_default()
    }
    fn truncate(&mut self, len: usize) {
        Self::truncate(self, len);
    }
    fn push_str(&mut self, text: &str) {
        Self::push_str(self, text);
    }
    fn push_lowercase(&mut self, text: &str) {
        let start = Self::len(self);
        Self::push_str(self, text);
        self.get_mut(start..).map(str::make_ascii_lowercase);
    }
}

/// Room on the stack for an address of at most `N` bytes, so that preparing
/// one allocates only for the result.
pub(crate) struct Buffer<const N: usize> {
    bytes: [u8; N],
    len: usize,
    overflown: bool,
}

impl<const N: usize> Buffer<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], len: 0, overflown: false }
    }

    /// Whether something did not fit; what is held is then worthless.
    pub(crate) const fn is_overflown(&self) -> bool {
        self.overflown
    }

    fn extend(&mut self, text: &[u8]) {
        match self.bytes.get_mut(self.len..self.len + text.len()) {
            Some(room) => {
                room.copy_from_slice(text);
                self.len += text.len();
            }
            None => self.overflown = true,
        }
    }
}

impl<const N: usize> Sink for Buffer<N> {
    #[inline]
    fn push(&mut self, c: char) {
        self.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    fn len(&self) -> usize {
        self.len
    }
    fn since(&self, start: usize) -> &str {
        // Whole code points went in, so whole ones come out.
        self.bytes
            .get(start..self.len)
            .and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
    fn push_str(&mut self, text: &str) {
        self.extend(text.as_bytes());
    }
    fn push_lowercase(&mut self, text: &str) {
        let start = self.len;
        self.extend(text.as_bytes());
        self.bytes.get_mut(start..self.len).map(<[u8]>::make_ascii_lowercase);
    }
}
