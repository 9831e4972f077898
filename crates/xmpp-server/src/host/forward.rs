//! A stanza passed on.

use xmpp_xml::{ElementRef, WriteXml, Writer};

/// A received stanza passed on: the bytes that came, with the addresses as they have to be.
#[derive(Clone, Copy)]
pub(super) struct Forward<'a> {
    pub(super) stanza: ElementRef<'a>,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

impl WriteXml for Forward<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.forward(self.stanza, &[("from", Some(self.from)), ("to", Some(self.to))]);
    }
}
