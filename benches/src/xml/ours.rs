//! Our subjects.

use xmpp_xml::{Element, Item, Limits, Piece, RecvBuffer, StreamReader, Token, Tokens, Writer, ns};

use crate::subject::Subject;

pub(super) const NAME: &str = "xmpp-xml";

/// The first is what others are compared with.
pub(super) fn subjects(text: &str) -> Vec<Subject<'_>> {
    let bytes = text.as_bytes();
    let stanzas = stanzas(bytes);
    let copies = stanzas.clone();
    let mut whole = Stream::new(bytes.len());
    let mut in_4096 = Stream::new(bytes.len());
    let mut in_1460 = Stream::new(bytes.len());
    let mut out = Vec::new();
    vec![
        Subject::new(NAME, "tokens", || tokens(bytes)),
        Subject::new(NAME, "elements", move || whole.read(bytes, bytes.len())),
        Subject::new(NAME, "elements in chunks of 4096", move || in_4096.read(bytes, 4096)),
        Subject::new(NAME, "elements in chunks of 1460", move || in_1460.read(bytes, 1460)),
        Subject::new(NAME, "shared elements", || shared(bytes)),
        Subject::new(NAME, "write elements", move || write(&stanzas, &mut out)),
        Subject::new(NAME, "write elements node by node", {
            let mut out = Vec::new();
            move || rewrite(&copies, &mut out)
        }),
    ]
}

/// One run of one of them.
pub(super) fn once(work: &str, text: &str) -> u64 {
    let bytes = text.as_bytes();
    match work {
        "tokens" => tokens(bytes),
        "elements" => Stream::new(bytes.len()).read(bytes, bytes.len()),
        "chunks" => Stream::new(bytes.len()).read(bytes, 1460),
        "bytes" => Stream::new(bytes.len()).read(bytes, 1),
        "write" => write(&stanzas(bytes), &mut Vec::new()),
        "stanzas" => stanzas(bytes).len() as u64,
        _ => bytes.len() as u64,
    }
}

/// All tokens, from bytes that nobody has checked, every value decoded.
fn tokens(bytes: &[u8]) -> u64 {
    let text = simdutf8::basic::from_utf8(bytes).expect("UTF-8");
    let mut tokens = Tokens::new(text, Limits::trusted());
    let mut sum = 0;
    while let Some(token) = tokens.next().expect("XML") {
        sum += match token {
            Token::Start(tag) => {
                let mut attrs = 0;
                for attr in tag.attrs() {
                    attrs += attr.ns().len() + attr.name().len() + attr.value().len();
                }
                tag.ns().len() + tag.name().len() + attrs
            }
            // In pieces, as the peers give it too.
            Token::Text(text) => {
                text.as_str().map_or_else(|| text.pieces().map(Piece::len).sum(), str::len)
            }
            Token::End(_) => 1,
        };
    }
    sum as u64
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

    fn read(&mut self, bytes: &[u8], piece: usize) -> u64 {
        self.reader.restart();
        let mut sum = 0;
        for piece in bytes.chunks(piece) {
            self.rx.push(piece);
            while let Some(item) = self.reader.poll(&mut self.rx).expect("XML") {
                if let Item::Element(element) = item {
                    sum += element.name().len() + element.source().len();
                }
            }
        }
        sum as u64
    }
}

fn shared(bytes: &[u8]) -> u64 {
    stanzas(bytes).iter().map(|stanza| stanza.name().len() as u64).sum()
}

/// The first-level elements of a stream.
pub(super) fn stanzas(bytes: &[u8]) -> Vec<Element> {
    let mut rx = RecvBuffer::new(bytes.len() + 64);
    let mut reader = StreamReader::new(Limits::trusted());
    rx.push(bytes);
    let mut stanzas = Vec::new();
    while let Some(item) = reader.poll(&mut rx).expect("XML") {
        if let Item::Element(element) = item {
            stanzas.push(element.into_shared());
        }
    }
    stanzas
}

fn write(stanzas: &[Element], out: &mut Vec<u8>) -> u64 {
    out.clear();
    for stanza in stanzas {
        let mut w = Writer::in_stream(out, ns::CLIENT);
        w.element(stanza.as_ref());
        w.finish().expect("what was read");
    }
    out.len() as u64
}

/// As one writes what was not read: every name checked, every value escaped.
fn rewrite(stanzas: &[Element], out: &mut Vec<u8>) -> u64 {
    use xmpp_xml::{Node, Ns};
    out.clear();
    for stanza in stanzas {
        let mut w = Writer::in_stream(out, ns::CLIENT);
        let mut open = vec![];
        let start = |w: &mut Writer<'_>, e: xmpp_xml::ElementRef<'_>| {
            w.start(Ns::new(e.ns()), e.name());
            for attr in e.attrs() {
                w.attr_ns(Ns::new(attr.ns()), attr.name(), &attr.value());
            }
        };
        start(&mut w, stanza.as_ref());
        open.push(stanza.nodes());
        while let Some(nodes) = open.last_mut() {
            match nodes.next() {
                Some(Node::Element(child)) => {
                    start(&mut w, child);
                    open.push(child.nodes());
                }
                Some(Node::Text(text)) => {
                    w.text(&text.value());
                }
                None => {
                    w.end();
                    open.pop();
                }
            }
        }
        w.finish().expect("XML");
    }
    out.len() as u64
}
