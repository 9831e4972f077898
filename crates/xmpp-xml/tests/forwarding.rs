//! Elements that go on to another stream: what is written means what was read,
//! in the content namespace of that stream, and is no longer than that.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use xmpp_xml::{
    Element, ElementRef, Item, Limits, Node, Ns, RecvBuffer, StreamReader, Token, Tokens,
    WriteError, Writer, ns,
};

/// Reads a header and one first-level element, and does something with that.
fn with_first<T>(input: &str, limits: Limits, f: impl FnOnce(ElementRef<'_>) -> T) -> T {
    let mut rx = RecvBuffer::new(64 << 20);
    let mut reader = StreamReader::new(limits);
    assert_eq!(rx.push(input.as_bytes()), input.len());
    let Ok(Some(Item::Header(_))) = reader.poll(&mut rx) else { panic!("{input}") };
    match reader.poll(&mut rx) {
        Ok(Some(Item::Element(element))) => f(element),
        other => panic!("{other:?}: {input}"),
    }
}

fn forwarded(element: ElementRef<'_>, content: Ns<'static>) -> Result<String, WriteError> {
    let mut out = Vec::new();
    let mut w = Writer::in_stream(&mut out, content);
    w.element(element);
    w.finish()?;
    Ok(String::from_utf8(out).unwrap())
}

fn header(declarations: &str) -> String {
    format!("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' {declarations}>")
}

#[track_caller]
fn to_server(declarations: &str, stanza: &str, expected: &str) {
    let input = header(declarations) + stanza;
    let written = with_first(&input, Limits::default(), |element| {
        let written = forwarded(element, ns::SERVER);
        assert_eq!(forwarded(element.into_shared().as_ref(), ns::SERVER), written);
        written
    });
    assert_eq!(written.as_deref(), Ok(expected));
}

const CLIENT: &str = "xmlns='jabber:client'";

#[test]
fn what_inherits_the_content_namespace_is_in_that_of_the_stream_it_goes_to() {
    // 6120-4.8.3: byte for byte.
    let stanza = "<message to='a'><body>x</body></message>";
    to_server(CLIENT, stanza, stanza);
    // RFC 6120, section 4.8.2, second example, and RFC 7395: declared by the
    // stanza itself.
    to_server(
        "",
        "<message xmlns='jabber:client'><body>x</body></message>",
        &stanza.replace(" to='a'", ""),
    );
    to_server("xmlns='urn:x'", "<iq xmlns='jabber:component:accept'><x/></iq>", "<iq><x/></iq>");
    // Explicit declarations further within stay.
    let carbon = "<message><f xmlns='urn:f'><message xmlns='jabber:client'/></f></message>";
    to_server(CLIENT, carbon, carbon);
    let same = "<message><body xmlns='jabber:client'/></message>";
    to_server(CLIENT, same, same);
    // What is no content namespace stays.
    to_server("xmlns='urn:x'", "<message><a/></message>", "<message xmlns='urn:x'><a/></message>");
    to_server(CLIENT, "<a xmlns='urn:a'><b/></a>", "<a xmlns='urn:a'><b/></a>");
    // What inherits within an element of the stream namespace.
    to_server(CLIENT, "<stream:x><a/></stream:x>", "<stream:x><a/></stream:x>");
    to_server(
        "xmlns='urn:x'",
        "<stream:x><a/></stream:x>",
        "<stream:x xmlns='urn:x'><a/></stream:x>",
    );
    to_server("", "<stream:x><a/></stream:x>", "<stream:x xmlns=''><a/></stream:x>");
    // Prefixes for it as well.
    to_server(
        "xmlns:c='jabber:client'",
        "<c:message><c:body/><x/></c:message>",
        "<c:message xmlns='' xmlns:c='jabber:server'><c:body/><x/></c:message>",
    );
    to_server(
        CLIENT,
        "<message xmlns:c='jabber:client'><c:body/><x xmlns:c='jabber:client'><c:y/></x></message>",
        "<message xmlns:c='jabber:server'><c:body/><x xmlns:c='jabber:client'><c:y/></x></message>",
    );
}

#[test]
fn mapping_never_makes_two_attributes_of_one_name() {
    let two = "xmlns:c='jabber:client' xmlns:s='jabber:server'";
    to_server(
        CLIENT,
        &format!("<message {two} c:a='' s:a=''/>"),
        &format!("<message {two} c:a='' s:a=''/>"),
    );
    with_first(&(header(two) + "<c:message c:a='' s:a=''/>"), Limits::default(), |element| {
        assert_eq!(forwarded(element, ns::SERVER), Err(WriteError::DuplicateAttribute));
        assert!(forwarded(element, ns::CLIENT).is_ok());
    });
}

#[test]
fn children_of_a_typed_stanza_inherit_as_they_did() {
    let input = header(CLIENT)
        + "<message><a><b/></a><c xmlns='jabber:client'/>\
        <x:d xmlns:x='jabber:client'><e/></x:d></message>";
    with_first(&input, Limits::default(), |message| {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::SERVER);
        w.start(ns::SERVER, "message");
        message.nodes().for_each(|node| w.node(node));
        // Within something else it says where it is.
        w.start(Ns::new("urn:f"), "f").element(message).end();
        w.end();
        w.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<message><a><b/></a><c xmlns='jabber:client'/>\
             <x:d xmlns:x='jabber:client'><e/></x:d><f xmlns='urn:f'>\
             <message xmlns='jabber:client'><a><b/></a><c xmlns='jabber:client'/>\
             <x:d xmlns:x='jabber:client'><e/></x:d></message></f></message>"
        );
    });
}

#[test]
fn an_outer_declaration_is_written_once() {
    // 6120-4.8.5-08, 6120-11.3-03
    // A prefix or language that the header declares, used by each of very
    // many children.
    let uri = "u".repeat(1000);
    let declarations = format!("{CLIENT} xmlns:a='urn:{uri}' xml:lang='de'");
    let stanza = format!("<message to='v'>{}</message>", "<a:x/>".repeat(9_990));
    let input = header(&declarations) + &stanza;
    with_first(&input, Limits::default(), |message| {
        for content in [ns::CLIENT, ns::SERVER] {
            let written = forwarded(message, content).unwrap();
            assert_eq!(written.matches(&uri).count(), 1);
            assert_eq!(written.matches("xml:lang").count(), 1);
            let alone = Element::parse(&*written).expect("well-formed with nothing around it");
            let first = alone.children().next().unwrap();
            assert!(first.is(Ns::new(&format!("urn:{uri}")), "x"));
            assert!(written.len() <= input.len(), "{} of {}", written.len(), input.len());
        }
        // The children one by one, within a copy of their parent.
        let edited = message.into_shared().retain_children(|_| true).unwrap();
        assert!(edited.source().len() <= input.len(), "{}", edited.source().len());
        assert!(edited.source().ends_with(&stanza[stanza.find("<a:x/>").unwrap()..]));
    });
}

#[test]
fn a_uri_with_references_is_neither_decoded_nor_compared_for_each_child() {
    // The root has a prefix, a child a long URI with a reference in it, which
    // very many inherit: all behind the root's tag is copied as it is.
    let uri = "&amp;u".repeat(20_000);
    let stanza = format!("<stream:q><x xmlns='{uri}'>{}</x></stream:q>", "<y/>".repeat(18_000));
    with_first(&(header(CLIENT) + &stanza), Limits::trusted(), |element| {
        assert_eq!(forwarded(element, ns::SERVER).as_deref(), Ok(stanza.as_str()));
    });
    let stanza = format!("<q xmlns:p='{uri}'>{}</q>", "<p:y p:z=''/>".repeat(18_000));
    with_first(&(header(CLIENT) + &stanza), Limits::trusted(), |element| {
        assert_eq!(forwarded(element, ns::SERVER).as_deref(), Ok(stanza.as_str()));
    });
}

#[test]
fn an_inner_element_declares_what_it_takes_along_as_it_was_sent() {
    let outer =
        Element::parse("<o xmlns:p=\"u'&amp;\" xmlns:q='v' xmlns='w'><p:i><n p:a=''/></p:i></o>")
            .unwrap();
    let inner = outer.children().next().unwrap();
    for element in [inner.into_shared(), inner.into_shared().detach()] {
        let expected = "<p:i xmlns='w' xmlns:p=\"u'&amp;\"><n p:a=''/></p:i>";
        assert_eq!(element.to_string(), expected);
        assert_eq!(Element::parse(expected).unwrap(), element);
    }
}

#[test]
fn a_writer_refuses_what_is_too_large() {
    // Places in the output have 32 bits: over a limit far below that it is an
    // error, whatever is written and however.
    let large = "x".repeat(200);
    let writes: [fn(&mut Writer<'_>, &str); 5] = [
        |w, large| {
            w.start(ns::CLIENT, "a").text(large).end();
        },
        |w, large| {
            w.start(ns::CLIENT, "a").attr("b", large).end();
        },
        |w, large| {
            w.start(ns::CLIENT, "a").lang(large).end();
        },
        |w, large| {
            w.start(Ns::new(large), "a").end();
        },
        |w, large| {
            let element = Element::builder(ns::CLIENT, "a").text(large).build().unwrap();
            w.start(ns::CLIENT, "b").write(&element).start(ns::CLIENT, "c").end().end();
        },
    ];
    for write in writes {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::CLIENT).at_most(100);
        write(&mut w, &large);
        assert_eq!(w.finish(), Err(WriteError::TooLarge));
        let mut w = Writer::in_stream(&mut out, ns::CLIENT).at_most(1000);
        write(&mut w, &large);
        assert_eq!(w.finish(), Ok(()));
    }
}

#[test]
fn only_attributes_in_no_namespace_are_changed() {
    let stanza = "<iq to='1' p:to='2' p:id='3' xml:id='4' t='5' tos='6' xmlns:p='urn:p'/>";
    let stanza = Element::parse(stanza).unwrap();
    let forwarded = |changes: &[(&str, Option<&str>)]| {
        let mut out = Vec::new();
        let mut w = Writer::document(&mut out);
        w.forward(stanza.as_ref(), changes);
        w.finish().unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        forwarded(&[("to", Some("x")), ("id", Some("y"))]),
        "<iq xmlns:p='urn:p' to='x' p:to='2' p:id='3' xml:id='4' t='5' tos='6' id='y'/>"
    );
    assert_eq!(
        forwarded(&[("to", None), ("id", None)]),
        "<iq xmlns:p='urn:p' p:to='2' p:id='3' xml:id='4' t='5' tos='6'/>"
    );
    for name in ["", "1", "p:to", "xmlns", "a b"] {
        for value in [Some("x"), None] {
            let mut out = Vec::new();
            let mut w = Writer::document(&mut out);
            w.forward(stanza.as_ref(), &[("to", None), (name, value)]);
            assert_eq!(w.finish(), Err(WriteError::InvalidName), "{name}");
        }
    }
}

#[test]
fn a_tag_is_an_element_without_content() {
    // A header, or a start tag among tokens, has no end yet: what is kept or
    // written of it is the element without content.
    let input = header("xmlns='jabber:client' xmlns:p='urn:&amp;' p:a='b' xml:lang='de'");
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(input.as_bytes());
    let Ok(Some(Item::Header(tag))) = reader.poll(&mut rx) else { panic!() };
    for tag in [tag, tag.into_shared().as_ref()] {
        assert_eq!((tag.source(), tag.nodes().count()), (input.as_str(), 0));
        assert_eq!(tag.attr_ns(Ns::new("urn:&"), "a").as_deref(), Some("b"));
        let again = Element::parse(tag.to_string()).unwrap();
        assert_eq!((&again, again.lang().as_deref()), (&tag.into_shared(), Some("de")));
    }
    let text = "<a xmlns:p='urn:&amp;'><p:b xml:lang='de' ><c p:d='1'>t<e/></c></p:b></a>";
    let mut tokens = Tokens::new(text, Limits::default());
    let mut tags = Vec::new();
    while let Some(token) = tokens.next().unwrap() {
        if let Token::Start(tag) = token {
            tags.push(tag.into_shared());
        }
    }
    let sources: Vec<&str> = tags.iter().map(Element::source).collect();
    assert_eq!(sources, ["<a xmlns:p='urn:&amp;'>", "<p:b xml:lang='de' >", "<c p:d='1'>", "<e/>"]);
    assert_eq!(tags[1].to_string(), "<p:b xmlns:p='urn:&amp;' xml:lang='de'/>");
    assert_eq!(tags[2].to_string(), "<c xmlns:p='urn:&amp;' p:d='1' xml:lang='de'/>");
}

// Random trees in random headers, against a model of what they mean.

const PREFIXES: [&str; 5] = ["", "a", "b", "c", "stream"];
/// As sent, and what it stands for.
const URIS: [(&str, &str); 8] = [
    ("jabber:client", "jabber:client"),
    ("jabber:server", "jabber:server"),
    ("jabber:component:accept", "jabber:component:accept"),
    ("urn:xmpp:ping", "urn:xmpp:ping"),
    ("urn:&lt;&#39;x", "urn:<'x"),
    ("jabber:clien&#116;", "jabber:client"),
    ("urn:y", "urn:y"),
    ("http://etherx.jabber.org/streams", "http://etherx.jabber.org/streams"),
];

#[derive(Clone, Debug)]
struct Tree {
    prefix: usize,
    declarations: BTreeMap<usize, usize>,
    lang: Option<&'static str>,
    attributes: Vec<usize>,
    content: Vec<Result<Self, &'static str>>,
}

/// What a prefix is bound to, and whether by the root or outside of it.
type Scope = BTreeMap<usize, (&'static str, bool)>;

/// An element as a namespace-aware application sees it.
#[derive(Debug, PartialEq)]
struct Meaning {
    name: (String, String),
    lang: String,
    attributes: Vec<(String, String)>,
    content: Vec<Result<Self, String>>,
}

fn declarations() -> impl Strategy<Value = BTreeMap<usize, usize>> {
    prop_oneof![
        2 => Just(BTreeMap::new()),
        1 => proptest::collection::btree_map(0..PREFIXES.len(), 0..URIS.len(), 0..4),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let element = |content: BoxedStrategy<Vec<Result<Tree, &'static str>>>| {
        let lang = prop_oneof![4 => Just(None), 1 => prop::sample::select(vec![Some("en"), Some("d&#101;"), Some("")])];
        let prefix = prop_oneof![2 => Just(0), 3 => 0..PREFIXES.len()];
        (prefix, declarations(), lang, vec(0..PREFIXES.len(), 0..3), content).prop_map(
            |(prefix, declarations, lang, attributes, content)| Tree {
                prefix,
                declarations,
                lang,
                attributes,
                content,
            },
        )
    };
    element(Just(Vec::new()).boxed()).prop_recursive(4, 24, 4, move |inner| {
        let node = prop_oneof![
            3 => inner.prop_map(Ok),
            1 => prop::sample::select(vec!["t", "&amp;", "<![CDATA[<]]>"]).prop_map(Err),
        ];
        element(vec(node, 0..5).boxed())
    })
}

fn lang_of(raw: &str) -> String {
    raw.replace("&#101;", "e")
}

impl Tree {
    /// Writes it, and gives what it means once `map` is applied to what an
    /// outer declaration binds.
    fn render(
        &self,
        out: &mut String,
        outer: &Scope,
        outer_lang: &str,
        is_root: bool,
        map: &dyn Fn(&'static str, bool, bool) -> &'static str,
    ) -> Meaning {
        let mut scope = outer.clone();
        for (&prefix, &uri) in &self.declarations {
            scope.insert(prefix, (URIS[uri].1, is_root));
        }
        // Prefixes that are bound to nothing are not used.
        let prefix = if scope.contains_key(&self.prefix) { self.prefix } else { 0 };
        let bound = |prefix: usize| {
            let (uri, outer) = scope.get(&prefix).copied().unwrap_or(("", true));
            map(uri, outer, prefix != 0).to_owned()
        };
        let qualified = |prefix: usize, local: &str| match PREFIXES[prefix] {
            "" => local.to_owned(),
            prefix => format!("{prefix}:{local}"),
        };
        let name = qualified(prefix, "e");
        out.push_str(&format!("<{name}"));
        for (&prefix, &uri) in &self.declarations {
            let colon = if prefix == 0 { "" } else { ":" };
            out.push_str(&format!(" xmlns{colon}{}='{}'", PREFIXES[prefix], URIS[uri].0));
        }
        let mut attributes = Vec::new();
        for (i, &prefix) in self.attributes.iter().enumerate() {
            let prefix = if scope.contains_key(&prefix) { prefix } else { 0 };
            let local = format!("n{i}");
            out.push_str(&format!(" {}='v'", qualified(prefix, &local)));
            attributes.push((if prefix == 0 { String::new() } else { bound(prefix) }, local));
        }
        if let Some(lang) = self.lang {
            out.push_str(&format!(" xml:lang=\"{lang}\""));
        }
        let lang = self.lang.map_or_else(|| outer_lang.to_owned(), lang_of);
        out.push('>');
        let mut content: Vec<Result<Meaning, String>> = Vec::new();
        for node in &self.content {
            match node {
                Ok(tree) => content.push(Ok(tree.render(out, &scope, &lang, false, map))),
                Err(text) => {
                    out.push_str(text);
                    let text = text.replace("&amp;", "&").replace("<![CDATA[<]]>", "<");
                    match content.last_mut() {
                        Some(Err(before)) => before.push_str(&text),
                        _ => content.push(Err(text)),
                    }
                }
            }
        }
        out.push_str(&format!("</{name}>"));
        attributes.sort();
        Meaning { name: (bound(prefix), "e".into()), lang, attributes, content }
    }
}

fn meaning(element: ElementRef<'_>) -> Meaning {
    let mut content: Vec<Result<Meaning, String>> = Vec::new();
    for node in element.nodes() {
        match (node, content.last_mut()) {
            (Node::Element(child), _) => content.push(Ok(meaning(child))),
            (Node::Text(text), Some(Err(before))) => before.push_str(&text.value()),
            (Node::Text(text), _) => content.push(Err(text.value().into_owned())),
        }
    }
    let mut attributes: Vec<_> = element
        .attrs()
        .filter(|attr| attr.ns() != ns::XML.uri())
        .map(|attr| (attr.ns().to_owned(), attr.name().to_owned()))
        .collect();
    attributes.sort();
    Meaning {
        name: (element.ns().to_owned(), element.name().to_owned()),
        lang: element.lang().unwrap_or_default().into_owned(),
        attributes,
        content,
    }
}

fn is_content(uri: &str) -> bool {
    ["jabber:client", "jabber:server", "jabber:component:accept"].contains(&uri)
}

/// The namespaces of attributes with prefixes, in all of a tree.
fn attribute_namespaces(meaning: &Meaning) -> Vec<String> {
    let own = meaning.attributes.iter().map(|(ns, _)| ns.clone());
    let within = meaning.content.iter().flatten().flat_map(attribute_namespaces);
    own.chain(within).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 600 })
    })]

    #[test]
    fn what_is_forwarded_means_the_same_in_the_content_namespace_of_its_stream(
        tree in tree(),
        outer in declarations(),
        lang in prop::sample::select(vec!["", " xml:lang='la'", " xml:lang='f&#114;'"]),
        server in any::<bool>(),
    ) {
        let target = if server { ns::SERVER } else { ns::CLIENT };
        let mut scope = Scope::new();
        let mut header = String::from("<stream:stream");
        for (prefix, uri) in outer.iter().filter(|(prefix, _)| PREFIXES[**prefix] != "stream") {
            scope.insert(*prefix, (URIS[*uri].1, true));
            let colon = if *prefix == 0 { "" } else { ":" };
            header.push_str(&format!(" xmlns{colon}{}='{}'", PREFIXES[*prefix], URIS[*uri].0));
        }
        scope.insert(4, (URIS[7].1, true));
        header.push_str(&format!(" xmlns:stream='{}'{lang}>", URIS[7].0));
        let outer_lang = match lang { "" => "", " xml:lang='la'" => "la", _ => "fr" };

        let mut source = String::new();
        let plain = tree.render(&mut source, &scope, outer_lang, true, &|uri, _, _| uri);
        let input = header.clone() + &source;

        // What becomes what.
        let default = scope.get(&0).map_or("", |(uri, _)| *uri);
        let from = if is_content(&plain.name.0) { plain.name.0.as_str() } else { default };
        let of_attributes = attribute_namespaces(&plain);
        let is_in = |ns: &str| of_attributes.iter().any(|of| of == ns);
        let clash =
            is_content(from) && from != target.uri() && is_in(from) && is_in(target.uri());
        let expected = tree.render(&mut String::new(), &scope, outer_lang, true, &|uri, outer, prefixed| {
            if outer && is_content(from) && uri == from && !(prefixed && clash) {
                target.uri()
            } else {
                uri
            }
        });

        let (whole, inner) = with_first(&input, Limits::default(), |element| {
            assert_eq!(meaning(element), plain);
            let shared = element.into_shared();
            assert_eq!(meaning(shared.as_ref()), plain);
            let whole = forwarded(element, target);
            assert_eq!(forwarded(shared.as_ref(), target), whole);
            // Inner elements, shared, detached and written as documents.
            let mut inner = Vec::new();
            for (child, of_shared) in element.children().zip(shared.children()) {
                let copies = [child.into_shared(), of_shared.into_shared().detach()];
                for copy in &copies {
                    assert_eq!(meaning(copy.as_ref()), meaning(child));
                    assert_eq!(copy.source(), child.source());
                    assert_eq!(copy.to_string(), of_shared.to_string());
                    assert_eq!(copy.canonical(), child.canonical());
                }
                let document = child.to_string();
                let again = Element::parse(&document).unwrap();
                assert_eq!(meaning(again.as_ref()), meaning(child), "{document}");
                inner.push(document.len());
            }
            (whole, inner)
        });
        let bound = input.len() + 64;
        prop_assert!(inner.iter().all(|&len| len <= bound));
        let prefixed = source.find(':').unwrap_or(usize::MAX) < source.find([' ', '>']).unwrap();
        if clash && prefixed && from == plain.name.0 {
            prop_assert_eq!(whole, Err(WriteError::DuplicateAttribute));
            return Ok(());
        }
        let written = whole.unwrap();
        prop_assert!(written.len() <= bound, "{} from {}", written, input);
        let again = format!(
            "<stream:stream xmlns='{}' xmlns:stream='{}'>{written}",
            target.uri(),
            ns::STREAM.uri()
        );
        let again = with_first(&again, Limits::default(), meaning);
        prop_assert_eq!(again, expected, "{} from {}", written, input);
    }
}
