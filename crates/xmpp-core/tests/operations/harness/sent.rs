//! What goes over the wire: whole elements of streams, and nothing behind the
//! end.

use xmpp_core::xml::{Item, Limits, RecvBuffer, StreamReader};

pub(crate) struct Sent {
    reader: StreamReader,
    rx: RecvBuffer,
    pub(crate) bytes: usize,
    pub(crate) headers: usize,
    pub(crate) closed: bool,
}

impl Sent {
    pub(crate) fn new() -> Self {
        Self {
            reader: StreamReader::new(Limits::trusted()),
            rx: RecvBuffer::new(1 << 30),
            bytes: 0,
            headers: 0,
            closed: false,
        }
    }

    /// Some whole elements more.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        for (at, byte) in bytes.iter().enumerate() {
            let rest = bytes.get(at..).unwrap_or_default();
            assert!(!self.closed, "behind the end: {}", rest.escape_ascii());
            if self.headers > 0 && self.rx.unread() == 0 && rest.starts_with(b"<?xml") {
                self.reader.restart();
            }
            self.rx.push(&[*byte]);
            while let Some(item) = self.reader.poll(&mut self.rx).expect("sent what is no stream") {
                match item {
                    Item::Header(_) => self.headers += 1,
                    Item::Closed => self.closed = true,
                    _ => {}
                }
            }
        }
        assert_eq!(self.rx.unread(), 0, "sent a part of an element");
    }
}
