//! Properties over trees, texts and mutations of them.

use proptest::collection::vec;
use proptest::prelude::*;
use xmpp_xml::{
    DocumentReader, Element, ElementRef, Error, Fragment, Framing, Item, Limits, Node, Ns,
    RecvBuffer, StreamContext, StreamReader, Token, Tokens, WriteXml, Writer, ns,
};

/// A tree as one imagines it.
#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    Element { ns: usize, name: String, attrs: Vec<(usize, String, String)>, content: Vec<Self> },
}

const NAMESPACES: [Ns<'_>; 6] =
    [ns::CLIENT, ns::NONE, Ns::new("urn:example:x"), Ns::new("urn:<&'\">"), ns::ROSTER, ns::SERVER];

impl WriteXml for Tree {
    fn write_xml(&self, w: &mut Writer<'_>) {
        match self {
            Self::Text(text) => {
                w.text(text);
            }
            Self::Element { ns, name, attrs, content } => {
                w.start(NAMESPACES[*ns], name);
                let mut seen = Vec::new();
                for (ns, name, value) in attrs {
                    if !seen.contains(&(ns, name)) {
                        w.attr_ns(NAMESPACES[*ns], name, value);
                        seen.push((ns, name));
                    }
                }
                w.write(content.as_slice()).end();
            }
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => any::<char>().prop_filter("a character of XML", |&c| {
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
        }),
        4 => prop::char::range('a', 'f'),
        3 => prop::sample::select(vec!['<', '>', '&', '\'', '"', ']', '\r', '\n', '\t', ' ', ';']),
    ];
    prop_oneof![
        vec(character, 1..20).prop_map(|chars| chars.into_iter().collect()),
        (1usize..200).prop_map(|n| "plain text ".repeat(n)),
    ]
}

fn name() -> impl Strategy<Value = String> {
    // Mostly as in real traffic: that has a path of its own in the reader.
    prop_oneof![
        3 => "[a-c]{1,2}",
        1 => "[a-z]{1,9}(-[a-z]{1,5})?",
        1 => "[a-zA-Z_éж][a-zA-Z0-9._é·-]{0,12}",
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let element = |content: BoxedStrategy<Vec<Tree>>| {
        let ns = prop_oneof![5 => Just(1), 1 => 0..NAMESPACES.len()];
        let value = prop_oneof![4 => "[a-z0-9@./]{0,70}", 1 => text()];
        let attrs = vec((ns, name(), value), 0..6);
        (0..NAMESPACES.len(), name(), attrs, content)
            .prop_map(|(ns, name, attrs, content)| Tree::Element { ns, name, attrs, content })
    };
    let leaf = element(Just(Vec::new()).boxed());
    leaf.prop_recursive(4, 24, 5, move |inner| {
        let node = prop_oneof![2 => inner, 1 => text().prop_map(Tree::Text)];
        element(vec(node, 0..5).boxed())
    })
}

/// Whether an element is the tree that was imagined.
fn is_tree(element: ElementRef<'_>, tree: &Tree) -> bool {
    let Tree::Element { ns, name, attrs, content } = tree else { return false };
    let mut unique: Vec<&(usize, String, String)> = Vec::new();
    for attr in attrs {
        if !unique.iter().any(|(ns, name, _)| (ns, name) == (&attr.0, &attr.1)) {
            unique.push(attr);
        }
    }
    let mut expected: Vec<Result<&Tree, String>> = Vec::new();
    for node in content {
        match (node, expected.last_mut()) {
            (Tree::Text(text), Some(Err(before))) => before.push_str(text),
            (Tree::Text(text), _) => expected.push(Err(text.clone())),
            (element, _) => expected.push(Ok(element)),
        }
    }
    let mut found: Vec<Result<ElementRef<'_>, String>> = Vec::new();
    for node in element.nodes() {
        match (node, found.last_mut()) {
            (Node::Text(text), Some(Err(before))) => before.push_str(&text.value()),
            (Node::Text(text), _) => found.push(Err(text.value().into_owned())),
            (Node::Element(child), _) => found.push(Ok(child)),
        }
    }
    element.is(NAMESPACES[*ns], name)
        && element.attrs().count() == unique.len()
        && unique.iter().all(|(ns, name, value)| {
            element.attr_ns(NAMESPACES[*ns], name).as_deref() == Some(value.as_str())
        })
        && expected.len() == found.len()
        && expected.iter().zip(&found).all(|pair| match pair {
            (Ok(tree), Ok(element)) => is_tree(*element, tree),
            (Err(text), Err(found)) => text == found,
            _ => false,
        })
}

/// What a stream gives, in pieces of that length.
fn stream(input: &[u8], piece: usize) -> (Vec<Element>, Option<Error>) {
    stream_within(Limits::default(), input, piece)
}

fn stream_within(limits: Limits, input: &[u8], piece: usize) -> (Vec<Element>, Option<Error>) {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(limits);
    let mut items = Vec::new();
    for piece in input.chunks(piece.max(1)) {
        rx.push(piece);
        loop {
            match reader.poll(&mut rx) {
                Ok(Some(Item::Element(element))) => items.push(element.into_shared()),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => return (items, Some(error)),
            }
        }
    }
    let end = reader.finish(&mut rx);
    (items, end.err())
}

fn document(input: &[u8], piece: usize) -> Result<Element, Error> {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = DocumentReader::new(Limits::default());
    for piece in input.chunks(piece.max(1)) {
        rx.push(piece);
        reader.read(&mut rx)?;
    }
    reader.finish(&mut rx).map(ElementRef::into_shared)
}

fn verdict_of_tokens(text: &str, limits: Limits) -> Result<(), Error> {
    let mut tokens = Tokens::new(text, limits);
    let mut depth = 0i32;
    while let Some(token) = tokens.next()? {
        match token {
            Token::Start(_) => depth += 1,
            Token::End(_) => depth -= 1,
            Token::Text(_) => {}
        }
    }
    assert_eq!(depth, 0);
    Ok(())
}

fn streamed(trees: &[Tree], content: Ns<'static>) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::stream_header(&mut out, content, &[("db", ns::DIALBACK)], &[]).unwrap();
    for tree in trees {
        let mut w = Writer::in_stream(&mut out, content);
        w.write(tree);
        w.finish().unwrap();
    }
    Writer::stream_end(&mut out);
    out
}

/// The stanza that is written, received over a stream of that kind.
fn sent(context: StreamContext, write: impl FnOnce(&mut Writer<'_>)) -> Element {
    let mut out = Vec::new();
    if context.framing == Framing::Stream {
        Writer::stream_header(&mut out, context.content, &[], &[]).unwrap();
    }
    let mut w = Writer::in_stream(&mut out, context);
    write(&mut w);
    w.finish().unwrap();
    match context.framing {
        Framing::Stream => stream(&[&out[..], b"</stream:stream>"].concat(), 1000).0.remove(0),
        Framing::WebSocket => Element::parse(&out).unwrap(),
    }
}

/// Limits, one or two of them so low that trees are over them.
fn limits() -> impl Strategy<Value = Limits> {
    let low = |low: core::ops::Range<u32>| prop_oneof![3 => Just(4000u32), 1 => low];
    let bytes = prop_oneof![3 => Just(1u32 << 20), 1 => 20u32..500];
    (low(1..5), low(0..3), low(3..7), low(1..14), low(0..4), bytes).prop_map(
        |(depth, attributes, namespaces, name_bytes, children, bytes)| {
            Limits::default()
                .max_depth(depth)
                .max_attributes(attributes)
                .max_namespaces(namespaces)
                .max_name_bytes(name_bytes)
                .max_children(children)
                .max_element_bytes(bytes)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 150 })
    })]

    #[test]
    fn what_is_written_is_read(trees in vec(tree(), 1..4), piece in 1usize..100) {
        for content in [ns::CLIENT, ns::NONE] {
            let bytes = streamed(&trees, content);
            let (read, error) = stream(&bytes, bytes.len());
            prop_assert_eq!(error, None);
            prop_assert_eq!(read.len(), trees.len());
            for (element, tree) in read.iter().zip(&trees) {
                prop_assert!(is_tree(element.as_ref(), tree), "{}", element);
            }
            prop_assert_eq!(stream(&bytes, piece), (read, None));
        }
    }

    #[test]
    fn what_is_read_is_written_and_read_again(tree in tree()) {
        let mut bytes = Vec::new();
        let mut w = Writer::document(&mut bytes);
        w.write(&tree);
        w.finish().unwrap();
        let element = Element::parse(&bytes).unwrap();
        prop_assert_eq!(&Element::parse(element.to_string()).unwrap(), &element);
        let canonical = element.canonical();
        let again = Element::parse(&canonical).unwrap();
        prop_assert_eq!(&again, &element);
        prop_assert_eq!(again.canonical(), canonical);
        let wrapped = Element::builder(Ns::new("urn:w"), "w").child(&element).build().unwrap();
        prop_assert_eq!(wrapped.children().next().unwrap(), element.as_ref());
        prop_assert_eq!(wrapped.children().next().unwrap().into_shared(), element);
    }

    /// What is written once and copied is what would have been written there, or
    /// passed on from a client's stream.
    #[test]
    fn a_fragment_is_the_same_wherever_it_is_copied_to(trees in vec(tree(), 0..4)) {
        let mut fragment = Fragment::new();
        for tree in &trees {
            fragment.write(tree);
        }
        let client = StreamContext::default();
        let direct = sent(client, |w| {
            w.start(ns::CLIENT, "message").write(&trees[..]).end();
        });
        for content in [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT] {
            for framing in [Framing::Stream, Framing::WebSocket] {
                let context = StreamContext { content, framing };
                let copied = sent(context, |w| {
                    w.start(w.content(), "message").fragment(&fragment).end();
                });
                let passed_on = sent(context, |w| {
                    w.element(direct.as_ref());
                });
                prop_assert_eq!(&copied, &passed_on);
                prop_assert!(content != ns::CLIENT || copied == direct);
                // Within another element, and in a fragment again.
                let mut outer = Fragment::new();
                outer.push(|w| {
                    w.start(ns::FORWARD, "forwarded").start(ns::CLIENT, "message");
                    w.fragment(&fragment).end().end();
                });
                let copied = sent(context, |w| {
                    w.start(w.content(), "message").fragment(&outer).end();
                });
                let forwarded = copied.child(ns::FORWARD, "forwarded").unwrap();
                prop_assert_eq!(forwarded.children().next().unwrap(), direct.as_ref());
            }
        }
        // What was received is put into a fragment as it is passed on.
        for content in [ns::CLIENT, ns::SERVER] {
            let received = sent(content.into(), |w| {
                w.start(content, "message").fragment(&fragment).end();
            });
            let mut again = Fragment::new();
            for child in received.children() {
                again.write(&child);
            }
            let copied = sent(client, |w| {
                w.start(ns::CLIENT, "message").fragment(&again).end();
            });
            prop_assert_eq!(&copied, &direct);
        }
    }

    #[test]
    fn mutations_agree_whole_or_cut(
        trees in vec(tree(), 1..3),
        edits in vec((any::<prop::sample::Index>(), 0u8..4, any::<u8>()), 1..4),
        piece in 1usize..40,
    ) {
        let mut bytes = streamed(&trees, ns::CLIENT);
        for (at, kind, byte) in edits {
            let at = at.index(bytes.len());
            // Half of the bytes are ones that mean something.
            let byte = if byte < 128 { b"<>&'\"=/ :;]![-x\r"[usize::from(byte) % 16] } else { byte };
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let whole = stream(&bytes, bytes.len());
        prop_assert_eq!(&stream(&bytes, piece), &whole);
        prop_assert_eq!(&stream(&bytes, 1), &whole);
        let whole = document(&bytes, bytes.len());
        prop_assert_eq!(&document(&bytes, piece), &whole);
        prop_assert_eq!(&Element::parse(&bytes), &whole);
        if let Ok(text) = core::str::from_utf8(&bytes) {
            prop_assert_eq!(verdict_of_tokens(text, Limits::default()), whole.map(drop));
        }
    }

    #[test]
    fn limits_agree_whole_or_cut(
        trees in vec(tree(), 1..3),
        limits in limits(),
        piece in 1usize..40,
    ) {
        let bytes = streamed(&trees, ns::CLIENT);
        let whole = stream_within(limits, &bytes, bytes.len());
        prop_assert_eq!(&stream_within(limits, &bytes, piece), &whole);
        prop_assert_eq!(&stream_within(limits, &bytes, 1), &whole);
        let mut document = Vec::new();
        let mut w = Writer::document(&mut document);
        w.write(&trees[0]);
        w.finish().unwrap();
        let verdict = Element::parse_within(&document, limits).map(drop);
        let text = String::from_utf8(document).unwrap();
        prop_assert_eq!(verdict_of_tokens(&text, limits), verdict);
    }

    #[test]
    fn any_bytes_agree_whole_or_cut(bytes in vec(any::<u8>(), 0..60), piece in 1usize..20) {
        let bytes = [b"<a>".as_slice(), &bytes].concat();
        prop_assert_eq!(stream(&bytes, piece), stream(&bytes, bytes.len()));
        prop_assert_eq!(document(&bytes, piece), Element::parse(&bytes));
    }
}
