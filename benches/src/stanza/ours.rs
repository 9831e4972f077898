//! Our subjects.

use std::hint::black_box;

use xmpp_stanza::{
    Iq, IqBuilder, IqType, Message, MessageChild, MessageType, Presence, PresenceChild,
    PresenceType, Stanza, StanzaBuilder,
};
use xmpp_xml::{Item, Limits, RecvBuffer, StreamReader, WriteXml, Writer, ns};

use super::corpus::{Corpus, Seen};
use super::known;
use crate::subject::Subject;

const NAME: &str = "xmpp-stanza";

pub(super) fn read(corpus: &Corpus) -> Subject<'_> {
    let mut stream = Stream::new(corpus.stream.len());
    Subject::new(NAME, "stream to views", move || {
        stream.read(&corpus.stream, |stanza| look(&stanza).sum())
    })
}

pub(super) fn keep(corpus: &Corpus) -> Subject<'_> {
    let mut stream = Stream::new(corpus.stream.len());
    let mut kept = Vec::with_capacity(corpus.len());
    Subject::new(NAME, "stream to kept views", move || {
        kept.clear();
        stream.read(&corpus.stream, |stanza| {
            let stanza = stanza.into_owned();
            let sum = look(&stanza).sum();
            kept.push(stanza);
            sum
        })
    })
}

pub(super) fn read_payloads(corpus: &Corpus) -> Subject<'_> {
    let mut stream = Stream::new(corpus.stream.len());
    Subject::new("xmpp-extensions", "stream to views and payloads", move || {
        stream.read(&corpus.stream, |stanza| {
            look(&stanza).sum() + payloads(&stanza).expect("payloads")
        })
    })
}

pub(super) fn make(corpus: &Corpus) -> Subject<'_> {
    Subject::new(NAME, "values to builders", || {
        for stanza in &corpus.views {
            let _ = black_box(build(stanza));
        }
        corpus.len() as u64
    })
}

pub(super) fn write_builders(corpus: &Corpus) -> Subject<'_> {
    let mut out = Vec::new();
    Subject::new(NAME, "builders", move || write(&corpus.builders, &mut out))
}

pub(super) fn write_views(corpus: &Corpus) -> Subject<'_> {
    let mut out = Vec::new();
    Subject::new(NAME, "views", move || write(&corpus.views, &mut out))
}

/// A reader and its buffer, which stay between runs as those of a connection
/// stay between stanzas.
struct Stream {
    rx: RecvBuffer,
    reader: StreamReader,
}

impl Stream {
    fn new(bytes: usize) -> Self {
        Self { rx: RecvBuffer::new(bytes + 64), reader: StreamReader::new(Limits::trusted()) }
    }

    fn read(&mut self, bytes: &[u8], mut each: impl FnMut(Stanza<'_>) -> u64) -> u64 {
        self.reader.restart();
        self.rx.push(bytes);
        let mut sum = 0;
        while let Some(item) = self.reader.poll(&mut self.rx).expect("XML") {
            if let Item::Element(element) = item {
                sum += each(Stanza::parse(element).expect("a stanza"));
            }
        }
        sum
    }
}

/// What a program asks of a stanza.
pub(super) fn look(stanza: &Stanza<'_>) -> Seen {
    let mut seen = Seen::default();
    let (to, from) = (stanza.to(), stanza.from());
    seen.text(to.as_str()).text(from.as_str());
    match stanza {
        Stanza::Message(message) => {
            seen.text(message.id().as_deref()).text(Some(message.message_type().as_str()));
            for child in message.children() {
                match child {
                    MessageChild::Body(text) | MessageChild::Subject(text) => {
                        seen.text(Some(&text.text));
                    }
                    MessageChild::Thread(thread) => {
                        seen.text(Some(&thread.id)).text(thread.parent.as_deref());
                    }
                    MessageChild::Payload(payload) => {
                        seen.payload(payload.name());
                    }
                    _ => {}
                }
            }
            let is_error = message.message_type() == MessageType::Error;
            seen.error(is_error && message.stanza().error_element().is_some());
        }
        Stanza::Presence(presence) => {
            seen.text(presence.id().as_deref()).text(presence.presence_type().attribute());
            for child in presence.children() {
                match child {
                    PresenceChild::Show(show) => {
                        seen.text(Some(show.as_str()));
                    }
                    PresenceChild::Status(text) => {
                        seen.text(Some(&text.text));
                    }
                    PresenceChild::Priority(priority) => {
                        seen.number(priority);
                    }
                    PresenceChild::Payload(payload) => {
                        seen.payload(payload.name());
                    }
                    _ => {}
                }
            }
            let is_error = presence.presence_type() == PresenceType::Error;
            seen.error(is_error && presence.stanza().error_element().is_some());
        }
        Stanza::Iq(iq) => {
            seen.text(Some(&iq.id())).text(Some(iq.iq_type().as_str()));
            // As a type: xmpp-parsers makes one as well.
            seen.error(black_box(iq.error()).is_some());
            if let Some(payload) = iq.payload_element() {
                seen.payload(payload.name());
            }
        }
    }
    seen
}

/// How many of its payloads are of types that both sides have, if all of those are well.
pub(super) fn payloads(stanza: &Stanza<'_>) -> Option<u64> {
    let mut count = 0;
    match stanza {
        Stanza::Message(message) => {
            count += u64::from(black_box(message.error()).is_some());
            for payload in message.payloads() {
                count += known::ours(payload)?;
            }
        }
        Stanza::Presence(presence) => {
            count += u64::from(black_box(presence.error()).is_some());
            for payload in presence.payloads() {
                count += known::ours(payload)?;
            }
        }
        Stanza::Iq(iq) => {
            if let Some(payload) = iq.payload_element() {
                count += known::ours(payload)?;
            }
        }
    }
    Some(count)
}

/// A builder with all that the stanza has.
pub(super) fn build(stanza: &Stanza<'_>) -> StanzaBuilder {
    let (to, from, lang) = (stanza.to(), stanza.from(), stanza.stanza().lang());
    let (id, lang) = (stanza.stanza().id().map(String::from), lang.map(String::from));
    match stanza {
        Stanza::Message(message) => {
            let mut out = match message.error() {
                Some(error) => Message::builder(MessageType::Error).with_error(error),
                None => Message::builder(message.message_type()),
            };
            (out.to, out.from, out.id, out.lang) = (to.into(), from.into(), id, lang);
            for body in message.bodies() {
                out = out.with_body(body);
            }
            for subject in message.subjects() {
                out = out.with_subject(subject);
            }
            if let Some(thread) = message.thread() {
                out = out.with_thread(thread);
            }
            for payload in message.payloads() {
                out.push(&payload);
            }
            out.into()
        }
        Stanza::Presence(presence) => {
            let mut out = Presence::builder(presence.presence_type());
            (out.to, out.from, out.id, out.lang) = (to.into(), from.into(), id, lang);
            out.show = presence.show();
            out.priority = Some(presence.priority()).filter(|&priority| priority != 0);
            for status in presence.statuses() {
                out = out.with_status(status);
            }
            for payload in presence.payloads() {
                out.push(&payload);
            }
            if let Some(error) = presence.error() {
                out = out.with_error(error);
            }
            out.into()
        }
        Stanza::Iq(iq) => {
            let id = iq.id();
            let mut out = match (iq.iq_type(), iq.payload_element(), iq.error()) {
                (IqType::Get, Some(payload), _) => Iq::get(id, &payload),
                (IqType::Set, Some(payload), _) => Iq::set(id, &payload),
                (_, Some(payload), Some(error)) => IqBuilder::error(id, error).with(&payload),
                (_, None, Some(error)) => IqBuilder::error(id, error),
                (_, Some(payload), None) => Iq::result(id).with(&payload),
                (_, None, None) => Iq::result(id),
            };
            (out.to, out.from, out.lang) = (to.into(), from.into(), lang);
            out.into()
        }
    }
}

fn write<T: WriteXml>(stanzas: &[T], out: &mut Vec<u8>) -> u64 {
    out.clear();
    for stanza in stanzas {
        let mut w = Writer::in_stream(out, ns::CLIENT);
        w.write(stanza);
        w.finish().expect("a stanza");
    }
    out.len() as u64
}
