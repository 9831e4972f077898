//! The stanzas of a corpus, in the forms that the subjects start from.

use std::fmt;
use std::panic::{self, catch_unwind};

use quick_xml::events::Event;
use xmpp_parsers::stanza::Stanza as PeerStanza;
use xmpp_stanza::{Stanza, StanzaBuilder};
use xmpp_xml::{ElementRef, Item, Limits, RecvBuffer, StreamReader, Writer, ns};

use super::{ours, parsers, peers};

/// The stanzas that all sides read, and read the same of.
pub(super) struct Corpus {
    /// A stream of them.
    pub(super) stream: Vec<u8>,
    /// Each as a document of its own.
    pub(super) documents: Vec<String>,
    /// As views, each on its own.
    pub(super) views: Vec<Stanza<'static>>,
    pub(super) builders: Vec<StanzaBuilder>,
    pub(super) parsers: Vec<PeerStanza>,
    /// What quick-xml reads of each, as it stands in the stream.
    pub(super) events: Vec<Event<'static>>,
    /// How many payloads are of types that are known.
    payloads: u64,
    left_out: [(&'static str, u32); 5],
}

impl Corpus {
    pub(super) fn new(bytes: &[u8], every: usize) -> Self {
        let mut corpus = Self {
            stream: Vec::new(),
            documents: Vec::new(),
            views: Vec::new(),
            builders: Vec::new(),
            parsers: Vec::new(),
            events: Vec::new(),
            payloads: 0,
            left_out: [
                ("refused by us", 0),
                ("refused by xmpp-parsers", 0),
                ("refused by quick-xml with serde", 0),
                ("a payload refused by one side", 0),
                ("not the same read", 0),
            ],
        };
        // tokio-xmpp wants a version.
        let version = [("version", Some("1.0"))];
        Writer::stream_header(&mut corpus.stream, ns::CLIENT, &[], &version).expect("a header");
        let mut rx = RecvBuffer::new(bytes.len() + 64);
        let mut reader = StreamReader::new(Limits::trusted());
        rx.push(bytes);
        let mut number = 0;
        let report = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        while let Some(item) = reader.poll(&mut rx).expect("XML") {
            let Item::Element(element) = item else { continue };
            number += 1;
            if number % every.max(1) == 0
                && let Err(reason) = corpus.push(element)
            {
                corpus.left_out[reason].1 += 1;
            }
        }
        panic::set_hook(report);
        corpus
    }

    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Takes a stanza, or says which reason there is to leave it out.
    fn push(&mut self, element: ElementRef<'_>) -> Result<(), usize> {
        let stanza = Stanza::parse(element).map_err(|_| 0usize)?;
        let mut document = Vec::new();
        let mut w = Writer::document(&mut document);
        w.element(element);
        w.finish().expect("what was read");
        let document = String::from_utf8(document).expect("UTF-8");
        let peer: PeerStanza = xso::from_bytes(document.as_bytes()).map_err(|_| 1usize)?;
        let seen = ours::look(&stanza);
        let by_serde = peers::look_with_serde(&document).ok_or(2usize)?.said;
        // xso 0.4.0 panics at a fingerprint that does not have two digits between colons.
        let by_parsers = catch_unwind(|| parsers::payloads(parsers::cloned(&peer)));
        let (Some(payloads), Ok(Some(by_parsers))) = (ours::payloads(&stanza), by_parsers) else {
            return Err(3);
        };
        let agree = seen == parsers::look(&peer)
            && seen == peers::look_at_tree(&document)
            && seen.said == by_serde
            && payloads == by_parsers;
        if !agree {
            return Err(4);
        }

        let at = self.stream.len();
        let mut w = Writer::in_stream(&mut self.stream, ns::CLIENT);
        w.element(element);
        w.finish().expect("what was read");
        let alone = str::from_utf8(&self.stream[at..]).expect("UTF-8");
        let mut reader = quick_xml::Reader::from_str(alone);
        loop {
            match reader.read_event().expect("XML") {
                Event::Eof => break,
                event => self.events.push(event.into_owned()),
            }
        }
        self.payloads += payloads;
        self.builders.push(ours::build(&stanza));
        self.views.push(stanza.into_owned());
        self.documents.push(document);
        self.parsers.push(peer);
        Ok(())
    }
}

impl fmt::Display for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stanzas, bytes) = (self.len(), self.stream.len());
        write!(f, "{stanzas} stanzas, {bytes} bytes, {} payloads in types", self.payloads)?;
        for (reason, count) in self.left_out {
            write!(f, "; {reason}: {count}")?;
        }
        Ok(())
    }
}

/// What somebody found in a stanza, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) said: u64,
    /// Of the payloads; serde has no names of what it does not know.
    pub(super) names: u64,
}

impl Seen {
    pub(super) fn text(&mut self, text: Option<&str>) -> &mut Self {
        self.said += text.map_or(0, |text| text.len() as u64 + 1);
        self
    }

    pub(super) fn number(&mut self, number: i8) -> &mut Self {
        self.said += u64::from(number.unsigned_abs());
        self
    }

    pub(super) fn error(&mut self, there_is: bool) -> &mut Self {
        self.said += u64::from(there_is) << 20;
        self
    }

    pub(super) fn payload(&mut self, name: &str) -> &mut Self {
        self.said += 1 << 10;
        self.names += name.len() as u64;
        self
    }

    pub(super) fn sum(self) -> u64 {
        self.said + self.names
    }
}
