//! What an element that has been read can be asked: the same of one in the
//! buffer, of one that is shared, and of a part of it alone.

use std::borrow::Cow;

use xmpp_xml::{
    Element, ElementRef, Error, ErrorKind, Item, Limits, Node, Ns, Piece, RecvBuffer, Sharing,
    StreamReader, Token, Tokens, ns,
};

/// All that is told of an element, a line each; offsets from its beginning.
fn told(element: ElementRef<'_>) -> Vec<String> {
    let mut out = Vec::new();
    tell(element, element.offset(), &mut out);
    out
}

fn tell(element: ElementRef<'_>, from: usize, out: &mut Vec<String>) {
    let (start, end) = (element.offset() - from, element.end_offset() - from);
    let (prefix, name, lang) = (element.prefix(), element.name(), element.lang());
    out.push(format!("{element:?} {prefix:?} {name:?} {start}..{end} {lang:?}"));
    for declaration in element.declarations() {
        let (prefix, uri) = (declaration.prefix(), declaration.uri());
        assert_eq!(element.declared(prefix), Some(uri));
        out.push(format!("  xmlns:{prefix:?} {uri:?}"));
    }
    for attr in element.attrs() {
        let value = attr.value();
        assert!(attr.is(Ns::new(attr.ns()), attr.name()));
        assert!(!attr.is(Ns::new("urn:other"), attr.name()) && !attr.is(Ns::new(attr.ns()), "x"));
        assert_eq!(element.attr_ns(Ns::new(attr.ns()), attr.name()).as_ref(), Some(&value));
        let of_none = element.attr(attr.name());
        assert!(!attr.ns().is_empty() || of_none.as_ref() == Some(&value));
        assert_eq!(attr.as_str().is_some(), attr.as_str() == Some(&*value));
        // Nothing is copied that stands so.
        assert_eq!(attr.as_str().is_some(), matches!(value, Cow::Borrowed(_)));
        if let (Some(value), true) = (&of_none, attr.ns().is_empty()) {
            assert_eq!(attr.as_str().is_some(), matches!(value, Cow::Borrowed(_)));
        }
        let mut appended = "-".to_owned();
        attr.append_to(&mut appended);
        assert_eq!(appended[1..], *value);
        let (prefix, at, raw) = (attr.prefix(), attr.offset() - from, attr.raw_value());
        assert!(attr.as_str().is_none_or(|value| value == raw));
        let pieces: Vec<Piece<'_>> = attr.pieces().collect();
        let known = attr.as_str().is_some();
        out.push(format!("  {attr:?} {prefix:?} {at} {raw:?} {value:?} {known} {pieces:?}"));
    }
    for node in element.nodes() {
        match node {
            Node::Element(child) => tell(child, from, out),
            Node::Text(text) => {
                let value = text.value();
                let mut appended = "-".to_owned();
                text.append_to(&mut appended);
                assert_eq!(appended[1..], *value);
                assert!(text.as_str().is_none_or(|str| str == value && str == text.raw()));
                assert_eq!(text.as_str().is_some(), matches!(value, Cow::Borrowed(_)));
                let known = text.as_str().is_some();
                let (at, raw, cdata) = (text.offset() - from, text.raw(), text.is_cdata());
                let pieces: Vec<Piece<'_>> = text.pieces().collect();
                out.push(format!("  {text:?} {at} {raw:?} {value:?} {cdata} {known} {pieces:?}"));
            }
        }
    }
    let texts: String = element.texts().map(|text| text.value().into_owned()).collect();
    assert_eq!(element.text(), texts);
    for child in element.children() {
        assert!(child.has_ns(Ns::new(child.ns())) && !child.has_ns(Ns::new("urn:other")));
        let first = element.child(Ns::new(child.ns()), child.name()).unwrap();
        assert_eq!((first.name(), first.ns()), (child.name(), child.ns()));
    }
    assert!(element.child(Ns::new("urn:other"), "a").is_none());
}

/// Reads the elements behind a header, in pieces of that length.
fn each(input: &str, piece: usize, mut tell: impl FnMut(ElementRef<'_>)) -> Result<(), Error> {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    for piece in input.as_bytes().chunks(piece) {
        rx.push(piece);
        while let Some(item) = reader.poll(&mut rx)? {
            if let Item::Element(element) = item {
                tell(element);
            }
        }
    }
    Ok(())
}

const HEADER: &str = "<h:h xmlns='jabber:client' xmlns:h='urn:h' xmlns:o='urn:o&amp;' \
                      xmlns:r='jabber:iq:roster' xml:lang='e&#110;'>";

#[test]
fn an_element_tells_what_stands_in_it() {
    let input = "<a b='1' c=\"&lt;&#13;\r\n\t'\n\" p:b='2' xmlns:p='urn:p&apos;' xmlns='jabber:client'>\
                 t&amp;u\r\nv\rw<![CDATA[<&amp;\r\n]]><p:c xml:lang='de-&#67;H'/>é<d xmlns=''>\
                 <e xml:lang=''/></d ><![CDATA[]]><![CDATA[x]]></a>";
    let element = Element::parse(input).unwrap();
    let expected = r#"
Element({jabber:client}a) "" "a" 0..LEN None
  xmlns:"p" "urn:p'"
  xmlns:"" "jabber:client"
  Attr({}b) "" 3 "1" "1" true [Str("1")]
  Attr({}c) "" 9 "&lt;&#13;\r\n\t'\n" "<\r  ' " false [Char('<'), Char('\r'), Char(' '), Char(' '), Str("'"), Char(' ')]
  Attr({urn:p'}b) "p" 28 "2" "2" true [Str("2")]
  Text(12 bytes) 80 "t&amp;u\r\nv\rw" "t&u\nv\nw" false false [Str("t"), Char('&'), Str("u"), Char('\n'), Str("v"), Char('\n'), Str("w")]
  Text(8 bytes) 101 "<&amp;\r\n" "<&amp;\n" true false [Str("<&amp;"), Char('\n')]
Element({urn:p'}c) "p" "c" 112..139 Some("de-CH")
  Attr({http://www.w3.org/XML/1998/namespace}lang) "xml" 117 "de-&#67;H" "de-CH" false [Str("de-"), Char('C'), Str("H")]
  Text(2 bytes) 139 "é" "é" false true [Str("é")]
Element({}d) "" "d" 141..174 None
  xmlns:"" ""
Element({}e) "" "e" 153..169 None
  Attr({http://www.w3.org/XML/1998/namespace}lang) "xml" 156 "" "" true []
  Text(1 bytes) 195 "x" "x" true true [Str("x")]"#;
    let expected = expected.replace("LEN", &input.len().to_string());
    let expected: Vec<&str> = expected.trim().lines().collect();
    assert_eq!(told(element.as_ref()), expected);
    assert_eq!(element.source(), input);
    let (a, piece) = (element.as_ref(), Piece::Char('é'));
    assert_eq!((piece.len(), Piece::Str("abc").len()), (2, 3));
    assert_eq!(a.attr("b").as_deref(), Some("1"));
    assert_eq!((a.attr("d"), a.attr(""), a.declared("q")), (None, None, None));
    assert_eq!(a.attr(&"b".repeat(0x1001)), None);
    assert_eq!((a.children().count(), a.texts().count(), a.nodes().count()), (2, 4, 6));
    assert_eq!(a.text(), "t&u\nv\nw<&amp;\néx");
    assert_eq!(a.children().next().unwrap().source(), "<p:c xml:lang='de-&#67;H'/>");
    assert_eq!(a.children().nth(1).unwrap().source(), "<d xmlns=''><e xml:lang=''/></d >");
    let (p, urn) = (Ns::new("urn:p'"), Ns::new("urn:q"));
    assert!(a.is(ns::CLIENT, "a") && !a.is(ns::CLIENT, "b") && !a.is(ns::SERVER, "a"));
    assert!(a.child(p, "c").is_some() && a.child(p, "d").is_none() && a.child(urn, "c").is_none());
    assert!(a.has_prefixed(p) && !a.has_prefixed(ns::CLIENT) && !a.has_prefixed(ns::NONE));
    let plain = Element::parse("<a xmlns='urn:p'><b xml:lang='de'/></a>").unwrap();
    assert!(!plain.as_ref().has_prefixed(Ns::new("urn:p")));
    // A shared element is asked as one that is borrowed.
    let shared =
        Element::parse("<p:a xmlns:p='u' p:b='1' xml:lang='de' c='2'>x<p:d/>y</p:a>").unwrap();
    assert_eq!((shared.prefix(), shared.name(), shared.ns()), ("p", "a", "u"));
    assert_eq!(shared.attr("c").as_deref(), Some("2"));
    assert_eq!(shared.attr_ns(Ns::new("u"), "b").as_deref(), Some("1"));
    assert_eq!((shared.attr("b"), shared.attr_ns(Ns::new("v"), "b")), (None, None));
    assert_eq!(
        (shared.attrs().count(), shared.children().count(), shared.nodes().count()),
        (3, 1, 3)
    );
    assert_eq!((shared.lang().as_deref(), &*shared.text()), (Some("de"), "xy"));
    assert!(shared.has_ns(Ns::new("u")) && !shared.has_ns(Ns::new("v")));
    assert!(shared.is(Ns::new("u"), "a") && !shared.is(Ns::new("u"), "b"));
    assert!(shared.child(Ns::new("u"), "d").is_some() && shared.child(ns::NONE, "d").is_none());
    assert_eq!(format!("{shared:?}"), "Element({u}a)");
    assert_eq!(Element::from(shared.as_ref()), shared);
    // No iterator shows content: that can be somebody's secret.
    for shown in
        [format!("{:?}", a.attrs()), format!("{:?}", a.nodes()), format!("{:?}", a.texts())]
    {
        assert!(!shown.is_empty() && !shown.contains("de-") && !shown.contains("t&"), "{shown}");
    }
    let tokens = Tokens::new("<a>secret</a>", Limits::default());
    assert_eq!(format!("{tokens:?}"), "Tokens(13 bytes)");
    let pieces = a.texts().next().unwrap().pieces();
    assert_eq!(format!("{pieces:?}"), "Pieces(12 bytes)");
    assert_eq!(format!("{:?}", plain.children()), "Children(Nodes { .. })");
    assert_eq!(format!("{:?}", plain.attrs()), "Attrs(Entries { .. })");
}

/// Elements that use what is declared around them.
const STANZAS: [&str; 9] = [
    "<presence/>",
    "<a><b/>text<c d='e' f='&amp;'>&lt;</c></a>",
    "<o:a o:b='1' h:c='2' xml:d='3'><r:b/><b o:c='4'><o:d/></b></o:a>",
    "<a xml:lang='d&#101;'><b><c xml:lang='fr'><d/></c><e/></b><f xml:lang=''><g/></f></a>",
    "<p:a xmlns:p='urn:p'><p:b p:c='1'><b xmlns='urn:b'><c/><p:d/></b></p:b><p:e/></p:a>",
    "<a xmlns:p='urn:&#38;p' xmlns='urn:&lt;'><p:b xmlns:q='urn:&gt;'><q:c p:d='1'/><c/></p:b></a>",
    "<a xmlns:o='urn:o'><o:b/><b xmlns:o='jabber:iq:roster'><o:c/></b><r:d xmlns:r='u'/></a>",
    "<a xmlns='jabber:server'><b/><c xmlns=''><d/></c><e xmlns='jabber:client'><f/></e></a>",
    "<a xml:lang='d&#101;' xmlns:p='urn:&#38;p'>x<b><p:c/>y<p:d>z</p:d></b>\r\n<b p:b=''/></a>",
];

/// An element with all in it, one after the other.
fn all_in(element: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let mut all = vec![element];
    all.extend(element.children().flat_map(all_in));
    all
}

#[test]
fn a_shared_element_tells_the_same() {
    for (header, stanza) in STANZAS
        .iter()
        .flat_map(|&s| [(HEADER, s), ("<h xmlns:h='urn:i' xmlns:o='o' xmlns:r='r'>", s)])
    {
        let mut seen = 0;
        for piece in [1, 5, 1000] {
            let mut rest = 2;
            each(&format!("{header}{stanza} {stanza}</h"), piece, |element| {
                seen += 1;
                rest -= 1;
                assert_eq!(element.source(), stanza);
                let shared = element.into_shared();
                assert_eq!(told(shared.as_ref()), told(element));
                assert_eq!((&shared, shared.source()), (&element.to_owned(), stanza));
                assert_eq!(shared.detach().held_bytes(), shared.held_bytes());
                let mut sharing = Sharing::new(element);
                let inner = all_in(element);
                for (i, &part) in inner.iter().enumerate() {
                    let expected = told(part);
                    let alone = part.into_shared();
                    assert_eq!(told(alone.as_ref()), expected, "{i} of {stanza}");
                    assert_eq!(alone, part);
                    assert_eq!(told(sharing.share(part).as_ref()), expected);
                    // The same part of the shared one; that part alone.
                    let within = all_in(shared.as_ref())[i].into_shared();
                    assert_eq!(told(within.as_ref()), expected);
                    let detached = within.detach();
                    let is_borrowed =
                        |element: &Element| matches!(element.lang(), Some(Cow::Borrowed(_)));
                    assert_eq!(is_borrowed(&detached), is_borrowed(&within));
                    assert_eq!(is_borrowed(&alone), is_borrowed(&within));
                    assert_eq!(told(detached.as_ref()), expected);
                    assert_eq!(told(detached.detach().as_ref()), expected);
                    assert_eq!(
                        (detached.source(), within.source()),
                        (part.source(), part.source())
                    );
                    // And a part of what is alone.
                    for (inner, expected) in all_in(alone.as_ref()).into_iter().zip(all_in(part)) {
                        assert_eq!(told(inner.into_shared().detach().as_ref()), told(expected));
                    }
                    for ns in [ns::ROSTER, Ns::new("urn:o"), Ns::new("urn:p"), Ns::new("urn:&p")] {
                        let has = part.has_prefixed(ns);
                        assert_eq!(alone.as_ref().has_prefixed(ns), has);
                        assert_eq!(
                            has,
                            all_in(part).iter().any(|e| e.has_ns(ns) && !e.prefix().is_empty())
                        );
                    }
                }
            })
            .unwrap();
            assert_eq!(rest, 0);
        }
        assert_eq!(seen, 6);
    }
}

#[test]
fn tokens_tell_what_elements_do() {
    for stanza in STANZAS {
        let text = format!("{HEADER}{stanza}</h:h>");
        let element = Element::parse(&text).unwrap();
        let mut expected = Vec::new();
        fn flat(element: ElementRef<'_>, out: &mut Vec<String>) {
            out.push(tag("start", element));
            for node in element.nodes() {
                match node {
                    Node::Element(child) => flat(child, out),
                    Node::Text(text) => out.push(format!("{:?} {}", text.value(), text.offset())),
                }
            }
            out.push(tag("end", element));
        }
        fn tag(what: &str, element: ElementRef<'_>) -> String {
            let attrs: Vec<_> =
                element.attrs().map(|attr| (attr.ns(), attr.name(), attr.value())).collect();
            let declarations: Vec<_> =
                element.declarations().map(|d| (d.prefix(), d.uri())).collect();
            format!(
                "{what} {element:?} {} {:?} {} {attrs:?} {declarations:?}",
                element.prefix(),
                element.lang(),
                element.offset()
            )
        }
        flat(element.as_ref(), &mut expected);
        let mut tokens = Tokens::new(&text, Limits::default());
        let mut found = Vec::new();
        while let Some(token) = tokens.next().unwrap() {
            found.push(match token {
                Token::Start(element) => tag("start", element),
                Token::Text(text) => format!("{:?} {}", text.value(), text.offset()),
                Token::End(element) => tag("end", element),
            });
        }
        assert_eq!(found, expected);
        assert!(tokens.next().unwrap().is_none());
    }
}

#[test]
fn an_element_is_equal_to_what_means_the_same() {
    let one =
        Element::parse("<a xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d/><![CDATA[z]]></a>")
            .unwrap();
    for same in [
        "<q:a xmlns:q='u' xmlns:r='v' r:c='&#50;' b='1'>x<![CDATA[&y]]><r:d></r:d>z</q:a>",
        "<a p:c='2' b='1' xmlns:p='v' xmlns='u'>x&#38;y<d xmlns='v'/>z</a>",
    ] {
        assert_eq!(one, Element::parse(same).unwrap());
    }
    for other in [
        "<a xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d/></a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d/>z<p:d/></a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d>z</p:d></a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d e=''/>z</a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<d/>z</a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:c='2'>xy<p:d/>z</a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:c='3'>x&amp;y<p:d/>z</a>",
        "<a xmlns='u' b='1' xmlns:p='v' c='2'>x&amp;y<p:d/>z</a>",
        "<a xmlns='u' b='1' xmlns:p='v' p:b='2'>x&amp;y<p:d/>z</a>",
        "<a xmlns='u' b='1' xmlns:p='v'>x&amp;y<p:d/>z</a>",
        "<a b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d/>z</a>",
        "<b xmlns='u' b='1' xmlns:p='v' p:c='2'>x&amp;y<p:d/>z</b>",
    ] {
        let other = Element::parse(other).unwrap();
        assert_ne!(one, other);
        assert_ne!(other, one);
        assert_ne!(one, other.as_ref());
        assert_ne!(one.as_ref(), other);
        assert_ne!(one.canonical(), other.canonical());
    }
}

#[test]
fn an_element_is_shown_and_written_canonically() {
    let input = "<m xmlns='u' b=\"1\t&#9;&quot;\" a='&#10;' xmlns:p='v' p:a=''>\n<b>x\ry&#13;</b><p:c> <d xmlns=''/></p:c>\
                 <e>mixed <f/> content</e><g  ></g><h xml:lang='de' xml:a=''/></m>";
    let element = Element::parse(input).unwrap();
    assert_eq!(
        element.to_string(),
        "<m xmlns='u' xmlns:p='v' b='1\t&#9;&quot;' a='&#10;' p:a=''>\n<b>x\ry&#13;</b><p:c> <d xmlns=''/></p:c>\
         <e>mixed <f/> content</e><g  ></g><h xml:lang='de' xml:a=''/></m>"
    );
    assert_eq!(
        format!("{element:#}"),
        "<m xmlns='u' xmlns:p='v' b='1\t&#9;&quot;' a='&#10;' p:a=''>\n  <b>x\ry&#13;</b>\n  <p:c>\n    <d xmlns=''/>\n  </p:c>\n  \
         <e>mixed <f/> content</e>\n  <g/>\n  <h xml:lang='de' xml:a=''/>\n</m>"
    );
    // Canonical XML 2.0, section 2: attributes by namespace and name, what is
    // used is declared where it is, empty-element tags become pairs.
    assert_eq!(
        element.canonical(),
        "<m xmlns=\"u\" xmlns:p=\"v\" a=\"&#xA;\" b=\"1 &#x9;&quot;\" p:a=\"\">\n<b>x\ny&#xD;</b><p:c> <d xmlns=\"\"></d></p:c>\
         <e>mixed <f></f> content</e><g></g><h xml:a=\"\" xml:lang=\"de\"></h></m>"
    );
    let element =
        Element::parse("<a x='&lt;&gt;&amp;&apos;'>&lt;&gt;&amp;'\"<![CDATA[]]]>]&gt;</a>")
            .unwrap();
    assert_eq!(element.canonical(), "<a x=\"&lt;>&amp;'\">&lt;&gt;&amp;'\"]]&gt;</a>");
}

#[test]
fn an_error_says_what_and_where_and_whose_rule_it_breaks() {
    let error = Element::parse("<a><b c='1' c='2'/></a>").unwrap_err();
    assert_eq!(
        (error.kind(), error.offset(), error.stopped_at()),
        (ErrorKind::DuplicateAttribute, 12, 12)
    );
    assert_eq!(
        (error.condition().as_str(), error.condition().to_string()),
        ("not-well-formed", "not-well-formed".into())
    );
    assert_eq!(
        error.to_string(),
        "the same attribute twice (XML 1.0, section 3.1; Namespaces in XML 1.0, section 6.3) at byte 12"
    );
    let error = Element::parse("<a>\u{1}</a>").unwrap_err();
    assert_eq!(error.kind().section(), "XML 1.0, section 2.2");
    assert_eq!(
        error.kind().to_string(),
        "a character that XML does not allow (XML 1.0, section 2.2)"
    );
}
