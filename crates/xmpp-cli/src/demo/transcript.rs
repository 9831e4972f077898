//! What was said, by whom, when and under which section.
//!
//! Each connection's two directions are read again with the library's own
//! stream reader, from what each side handed to TLS.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::json;
use xmpp_core::xml::{ElementRef, Item, Limits, RecvBuffer, StreamReader, ns};

use super::{Style, section};
use crate::out;
use crate::serve::service::Tap;

/// One direction of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

/// A piece of what was said.
struct Piece {
    way: Way,
    at: Instant,
    bytes: Vec<u8>,
}

/// Hands out taps and prints what they hear.
pub(super) struct Transcript {
    sender: Sender<Piece>,
    receiver: Receiver<Piece>,
    started: Instant,
    style: Style,
    colours: out::Colours,
    /// What is heard is counted, not shown.
    pub(super) muted: bool,
    /// Nobody reads any more.
    gone: bool,
    readers: HashMap<Way, (StreamReader, RecvBuffer)>,
    elements: usize,
}

impl Transcript {
    pub(super) fn new(style: Style) -> Self {
        let (sender, receiver) = channel();
        Self {
            sender,
            receiver,
            started: Instant::now(),
            style,
            colours: out::Colours::of_stdout(),
            muted: false,
            gone: false,
            readers: HashMap::new(),
            elements: 0,
        }
    }

    /// Something that listens on one way.
    pub(super) fn tap(&self, way: Way) -> impl FnMut(&[u8]) + Send + 'static {
        let sender = self.sender.clone();
        move |bytes| {
            let _ = sender.send(Piece { way, at: Instant::now(), bytes: bytes.to_vec() });
        }
    }

    /// Makes taps for that way, for who needs them later, from another thread.
    pub(super) fn tap_maker(&self, way: Way) -> impl Fn() -> Tap + Send + Sync + 'static {
        // A channel's sender is not to be shared between threads, but to be cloned.
        let sender = Mutex::new(self.sender.clone());
        move || {
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Box::new(move |bytes| {
                let _ = sender.send(Piece { way, at: Instant::now(), bytes: bytes.to_vec() });
            })
        }
    }

    /// Prints what was heard since the last time.
    pub(super) fn print(&mut self) {
        while let Ok(piece) = self.receiver.try_recv() {
            self.hear(&piece);
        }
    }

    /// A line of the narrator's.
    pub(super) fn note(&mut self, text: &str) {
        self.print();
        let at = self.started.elapsed();
        let line = if self.style.json {
            out::json(&json!({"at_ms": millis(at), "note": text}))
        } else {
            let note = self.colours.bold(&format!("-- {}", out::shown(text)));
            format!("{:8.1} ms  {note}", millis(at))
        };
        self.say(&line);
    }

    /// How many stream headers and first-level elements were heard.
    pub(super) fn elements(&self) -> usize {
        self.elements
    }

    fn hear(&mut self, piece: &Piece) {
        // A header begins a new stream on this way; the old reader knows nothing of it.
        if piece.bytes.starts_with(b"<?xml") {
            self.readers.remove(&piece.way);
        }
        let (mut reader, mut rx) = self
            .readers
            .remove(&piece.way)
            .unwrap_or_else(|| (StreamReader::new(Limits::default()), RecvBuffer::new(1 << 20)));
        rx.push(&piece.bytes);
        let at = piece.at.duration_since(self.started);
        while let Ok(Some(item)) = reader.poll(&mut rx) {
            match item {
                Item::Header(element) | Item::Element(element) => {
                    self.elements += 1;
                    let (what, section) = section::of(element);
                    self.line(at, piece.way, what, section, &shown(element));
                }
                _ => {
                    let what = "closing stream tag";
                    self.line(at, piece.way, what, "RFC 6120 §4.4", "</stream:stream>");
                }
            }
        }
        self.readers.insert(piece.way, (reader, rx));
    }

    fn line(&mut self, at: Duration, way: Way, what: &str, section: &str, xml: &str) {
        if self.style.json {
            let row = json!({
                "at_ms": millis(at), "from": way.from, "to": way.to, "what": what,
                "section": section, "xml": xml,
            });
            return self.say(&out::json(&row));
        }
        if self.muted {
            return;
        }
        let xml = if self.style.verbose { verbatim(xml) } else { folded(xml) };
        let head = format!("{:8.1} ms  {} -> {}: {what} ({section})", millis(at), way.from, way.to);
        self.say(&format!("{head}\n             {}", self.colours.dim(&xml)));
    }

    fn say(&mut self, line: &str) {
        // The play goes on, and ends soon.
        self.gone = self.gone || out::line(line).is_err();
    }
}

/// The element as it is, harmless on a terminal.
fn verbatim(xml: &str) -> String {
    xml.split('\n').map(out::escaped).collect::<Vec<_>>().join("\n")
}

/// A line of what matters: the beginning and the end of what is long.
fn folded(xml: &str) -> String {
    const HEAD: usize = 240;
    const TAIL: usize = 60;
    let xml = out::escaped(xml);
    let characters = xml.chars().count();
    if characters <= HEAD + TAIL + 20 {
        return xml;
    }
    let byte = |at| xml.char_indices().nth(at).map_or(xml.len(), |(byte, _)| byte);
    let (head, tail) = (&xml[..byte(HEAD)], &xml[byte(characters - TAIL)..]);
    format!("{head} [{} characters] {tail}", characters - HEAD - TAIL)
}

/// The element as sent, but for secrets.
fn shown(element: ElementRef<'_>) -> String {
    let source = element.source();
    if section::is_secret(element) || section::has_token(element) {
        return masked(source, 0, source.len());
    }
    if !element.has_ns(ns::SASL2) {
        return source.to_owned();
    }
    let mut shown = source.to_owned();
    for name in section::SECRETS {
        let start = shown.find(&format!("<{name}"));
        let end = shown.find(&format!("</{name}>")).map(|end| end + name.len() + 3);
        if let (Some(start), Some(end)) = (start, end) {
            shown = masked(&shown, start, end);
        }
    }
    shown
}

/// The text with the content of the element that stands between these two places hidden.
fn masked(text: &str, start: usize, end: usize) -> String {
    let element = text.get(start..end).unwrap_or_default();
    match (element.find('>'), element.rfind("</")) {
        (Some(open), Some(close)) if open < close => {
            let hidden = close - open - 1;
            let (before, after) = (&text[..=start + open], &text[start + close..]);
            format!("{before}[{hidden} characters masked]{after}")
        }
        _ => text.to_owned(),
    }
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}
