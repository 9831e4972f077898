//! Writing, building, editing, comparing.

use xmpp_xml::{Element, Fragment, Ns, WriteError, Writer, ns};

fn stream(write: impl FnOnce(&mut Writer<'_>)) -> Result<String, WriteError> {
    let mut out = b"before".to_vec();
    let mut w = Writer::in_stream(&mut out, ns::CLIENT);
    write(&mut w);
    let result = w.finish();
    let out = String::from_utf8(out).unwrap();
    let written = out.strip_prefix("before").unwrap().to_owned();
    if result.is_err() {
        assert_eq!(written, "", "all or nothing");
    }
    result.map(|()| written)
}

#[track_caller]
fn writes(expected: &str, write: impl FnOnce(&mut Writer<'_>)) {
    assert_eq!(stream(write).as_deref(), Ok(expected));
}

#[track_caller]
fn fails(error: WriteError, write: impl FnOnce(&mut Writer<'_>)) {
    assert_eq!(stream(write), Err(error));
}

const X: Ns<'_> = Ns::new("urn:example:x");

#[test]
fn namespaces_are_declared_where_they_change() {
    writes("<message><body>Hi</body><x xmlns='urn:example:x'><y/></x><z/></message>", |w| {
        w.start(ns::CLIENT, "message").leaf(ns::CLIENT, "body", "Hi");
        w.start(X, "x").start(X, "y").end().end().start(ns::CLIENT, "z").end().end();
    });
    writes("<iq><a xmlns=''/><b xmlns='urn:example:x'><c xmlns='jabber:client'/></b></iq>", |w| {
        w.start(ns::CLIENT, "iq").start(ns::NONE, "a").end();
        w.start(X, "b").start(ns::CLIENT, "c").end().end().end();
    });
    // RFC 6120, section 4.8.5: the prefix `stream` for the stream's own.
    writes(
        "<stream:error><bad-format xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        |w| {
            w.start(ns::STREAM, "error").start(ns::STREAMS_ERR, "bad-format").end().end();
        },
    );
    writes("<xml:a/>", |w| {
        w.start(ns::XML, "a").end();
    });
}

#[test]
fn attributes_in_namespaces_get_prefixes() {
    writes("<a xml:lang='de' xmlns:ns0='urn:example:x' ns0:b='1' ns0:c='2'/>", |w| {
        w.start(ns::CLIENT, "a").lang("de").attr_ns(X, "b", "1").attr_ns(X, "c", "2").end();
    });
    writes("<a xmlns:ns0='urn:example:x' ns0:b='1'><c ns0:b='2'/></a>", |w| {
        w.start(ns::CLIENT, "a").attr_ns(X, "b", "1");
        w.start(ns::CLIENT, "c").attr_ns(X, "b", "2").end().end();
    });
}

#[test]
fn only_what_must_be_is_escaped() {
    writes(
        "<a b='&lt;>&amp;&apos;\"&#9;&#10;&#13;é\u{1F600}\u{fffd}'>&lt;>&amp;'\"\t\n&#13;]]&gt;é</a>",
        |w| {
            w.start(ns::CLIENT, "a")
                .attr("b", "<>&'\"\t\n\ré\u{1F600}\u{fffd}")
                .text("<>&'\"\t\n\r]]>é")
                .end();
        },
    );
    writes("<a>]]&gt;</a>", |w| {
        w.start(ns::CLIENT, "a").text("]").text("]").text(">").end();
    });
    let long = "plain ".repeat(50);
    writes(&format!("<a>{long}&amp;{long}</a>"), |w| {
        w.start(ns::CLIENT, "a").text(&format!("{long}&{long}")).end();
    });
}

#[test]
fn what_is_not_xml_is_refused() {
    for c in ['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        fails(WriteError::InvalidCharacter, |w| {
            w.start(ns::CLIENT, "a").text(&format!("x{c}")).end();
        });
        fails(WriteError::InvalidCharacter, |w| {
            w.start(ns::CLIENT, "a").attr("b", &format!("x{c}")).end();
        });
    }
    for name in ["", "1", "-a", "a b", "a:b", "a>", "é×", "a\0"] {
        fails(WriteError::InvalidName, |w| {
            w.start(ns::CLIENT, name).end();
        });
        fails(WriteError::InvalidName, |w| {
            w.start(ns::CLIENT, "a").attr(name, "").end();
        });
    }
    fails(WriteError::InvalidName, |w| {
        w.start(ns::CLIENT, "a").attr("xmlns", "u").end();
    });
    fails(WriteError::InvalidNamespace, |w| {
        w.start(ns::XMLNS, "a").end();
    });
    fails(WriteError::DuplicateAttribute, |w| {
        w.start(ns::CLIENT, "a").attr("b", "1").attr("c", "").attr("b", "2").end();
    });
    fails(WriteError::DuplicateAttribute, |w| {
        w.start(ns::CLIENT, "a").attr("b", "1").attr("b", "2").end();
    });
    fails(WriteError::AttributeOutOfPlace, |w| {
        w.start(ns::CLIENT, "a").text("x").attr("b", "1").end();
    });
    fails(WriteError::TextOutOfPlace, |w| {
        w.text("x");
    });
    fails(WriteError::Unbalanced, |w| {
        w.start(ns::CLIENT, "a");
    });
    fails(WriteError::Unbalanced, |w| {
        w.start(ns::CLIENT, "a").end().end();
    });
    writes(" \n<a/> ", |w| {
        w.text(" \n").start(ns::CLIENT, "a").end().text(" ");
    });
    writes("<é\u{b7}/>", |w| {
        w.start(ns::CLIENT, "é\u{b7}").end();
    });
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    w.start(X, "a").end().start(X, "b").end();
    assert_eq!(w.finish(), Err(WriteError::NotOneRoot));
    assert_eq!(Writer::document(&mut out).finish(), Err(WriteError::NotOneRoot));
}

#[test]
fn stream_headers() {
    let mut out = Vec::new();
    let attrs = [("to", Some("a&b")), ("id", None), ("xml:lang", Some("en"))];
    Writer::stream_header(&mut out, ns::SERVER, &[("db", ns::DIALBACK)], &attrs).unwrap();
    Writer::stream_end(&mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "<?xml version='1.0'?><stream:stream xmlns='jabber:server' \
         xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' \
         to='a&amp;b' xml:lang='en'></stream:stream>"
    );
    let mut out = b"x".to_vec();
    for declarations in [("xmlns", X), ("stream", X), ("x", ns::NONE), ("a:b", X)] {
        assert!(Writer::stream_header(&mut out, ns::CLIENT, &[declarations], &[]).is_err());
    }
    assert!(Writer::stream_header(&mut out, ns::CLIENT, &[], &[("a", Some("\0"))]).is_err());
    assert_eq!(out, b"x");
}

#[track_caller]
fn copied(document: &str, expected: &str) {
    let element = Element::parse(document).unwrap();
    writes(expected, |w| {
        w.element(element.as_ref());
    });
}

#[test]
fn what_was_read_is_written_as_it_was_where_that_means_the_same() {
    copied("<a/>", "<a xmlns=''/>");
    copied(
        "<a xmlns='jabber:client'  b=\"1'\" ><b />&#65;<![CDATA[<]]></a >",
        "<a b=\"1'\"><b />&#65;<![CDATA[<]]></a >",
    );
    copied("<a xmlns='urn:x' b='&lt;'>t</a>", "<a xmlns='urn:x' b='&lt;'>t</a>");
    copied("<x:a xmlns:x='urn:x'><x:b/></x:a>", "<x:a xmlns:x='urn:x'><x:b/></x:a>");
    copied(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><a xmlns='u'/></stream:features>",
        "<stream:features><a xmlns='u'/></stream:features>",
    );
    copied("<stream:a xmlns:stream='urn:other'/>", "<stream:a xmlns:stream='urn:other'/>");
    copied("<a xmlns='jabber:client' xmlns:x='urn:x'><x:b/></a>", "<a xmlns:x='urn:x'><x:b/></a>");
    // A URI with references, found by fuzzing: declared once.
    copied(
        "<x:a xmlns:x='u&lt;' x:b=''><x:c xmlns='v&amp;'/></x:a>",
        "<x:a xmlns:x='u&lt;' x:b=''><x:c xmlns='v&amp;'/></x:a>",
    );
    // A language with references, found by fuzzing: declared once.
    let odd = Element::parse("<x:a xmlns:x='u' xml:lang='e&lt;n'><x:c/></x:a>").unwrap();
    let again = odd.with_content(|w, e| e.nodes().for_each(|node| w.node(node))).unwrap();
    assert_eq!(again, odd);
    // A child takes along what it inherits.
    let outer = Element::parse("<x:a xmlns:x='urn:x' xmlns='urn:d' xmlns:y='urn:&#x79;' xml:lang='de'><b x:c='1' y:d=''>t<e/></b></x:a>").unwrap();
    let b = outer.children().next().unwrap();
    let expected = "<b xmlns='urn:d' xmlns:x='urn:x' xmlns:y='urn:&#x79;' x:c='1' y:d='' xml:lang='de'>t<e/></b>";
    for element in [b, b.into_shared().as_ref()] {
        assert_eq!(element.to_string(), expected);
        assert_eq!(element.lang().as_deref(), Some("de"));
        assert_eq!(element.attr_ns(Ns::new("urn:y"), "d").as_deref(), Some(""));
    }
}

#[test]
fn forwarding_changes_what_it_is_told() {
    let element = Element::parse(
        "<message xmlns='jabber:client' to='b' from='c' id='1'><body>x</body></message>",
    )
    .unwrap();
    let forward = |attrs: &[(&str, Option<&str>)]| {
        stream(|w| {
            w.forward(element.as_ref(), attrs);
        })
        .unwrap()
    };
    assert_eq!(forward(&[]), "<message to='b' from='c' id='1'><body>x</body></message>");
    assert_eq!(
        forward(&[("from", Some("a<")), ("to", None), ("type", Some("chat"))]),
        "<message from='a&lt;' id='1' type='chat'><body>x</body></message>"
    );
}

#[test]
fn building() {
    let child = Element::builder(X, "c").build().unwrap();
    let built = Element::builder(ns::CLIENT, "a")
        .attr("b", "1")
        .attr_opt("c", Some("2"))
        .attr_opt("d", None)
        .attr_ns(X, "e", "3")
        .lang("de")
        .text("<")
        .open(X, "f")
        .attr("g", "4")
        .open(X, "h")
        .close()
        .leaf(X, "i", "j")
        .close()
        .child(&child)
        .children([&child, &child])
        .leaf(ns::CLIENT, "k", "")
        .open(ns::CLIENT, "l")
        .open(ns::CLIENT, "m");
    let shown = format!("{built:?}");
    assert!(
        shown.starts_with("Builder(") && shown.ends_with(" bytes)") && shown.len() < 20,
        "{shown}"
    );
    assert_eq!(
        built.build().unwrap().source(),
        "<a xmlns='jabber:client' b='1' c='2' xmlns:ns0='urn:example:x' ns0:e='3' xml:lang='de'>&lt;\
         <f xmlns='urn:example:x' g='4'><h/><i>j</i></f><c xmlns='urn:example:x'/>\
         <c xmlns='urn:example:x'/><c xmlns='urn:example:x'/><k/><l><m/></l></a>"
    );
    let builder = || Element::builder(X, "a");
    assert_eq!(builder().close().build(), Err(WriteError::Unbalanced));
    assert_eq!(builder().open(X, "b").close().close().build(), Err(WriteError::Unbalanced));
    assert_eq!(builder().attr("b", "\0").build(), Err(WriteError::InvalidCharacter));
    assert_eq!(builder().text("b").attr("b", "").build(), Err(WriteError::AttributeOutOfPlace));
    assert_eq!(Element::builder(X, "1").build(), Err(WriteError::InvalidName));
}

#[test]
fn editing() {
    let element = Element::parse("<a xmlns='u' b='1'>t<c/><d/></a>").unwrap();
    assert_eq!(
        element.with_attr("b", Some("2")).unwrap().to_string(),
        "<a xmlns='u' b='2'>t<c/><d/></a>"
    );
    assert_eq!(element.with_attr("b", None).unwrap().to_string(), "<a xmlns='u'>t<c/><d/></a>");
    let child = Element::builder(ns::CLIENT, "e").build().unwrap();
    assert_eq!(
        element.with_child(&child).unwrap().to_string(),
        "<a xmlns='u' b='1'>t<c/><d/><e xmlns='jabber:client'/></a>"
    );
    assert_eq!(
        element.retain_children(|c| c.name() != "c").unwrap().to_string(),
        "<a xmlns='u' b='1'>t<d/></a>"
    );
    let replaced = element
        .with_content(|w, e| {
            for child in e.children().filter(|c| c.name() == "d") {
                w.forward(child, &[("n", Some("1"))]);
            }
        })
        .unwrap();
    assert_eq!(replaced.to_string(), "<a xmlns='u' b='1'><d n='1'/></a>");
    assert_eq!(element.with_attr("b", Some("\0")), Err(WriteError::InvalidCharacter));
}

#[test]
fn comparing_is_aware_of_namespaces() {
    let equal = |a: &str, b: &str| Element::parse(a).unwrap() == Element::parse(b).unwrap();
    assert!(equal("<a b='1' c='2'/>", "<a c=\"2\"  b='&#49;'></a>"));
    assert!(equal("<x:a xmlns:x='u'/>", "<a xmlns='u'/>"));
    assert!(equal("<x:a xmlns:x='u' x:b=''/>", "<y:a xmlns:y='u' y:b=''/>"));
    assert!(equal("<a>ab<![CDATA[<]]></a>", "<a>a&#98;&lt;</a>"));
    assert!(equal("<a>\r\n</a>", "<a>\n</a>"));
    assert!(!equal("<a/>", "<a xmlns='u'/>"));
    assert!(!equal("<a b=''/>", "<a/>"));
    assert!(!equal("<a b='1'/>", "<a b='2'/>"));
    assert!(!equal("<a>t</a>", "<a>t<b/></a>"));
    assert!(!equal("<a><b/>t</a>", "<a>t<b/></a>"));
    assert!(!equal("<a><b/><c/></a>", "<a><b><c/></b></a>"));
}

#[test]
fn canonical_forms() {
    // Canonical XML 2.0, sections 2.5 and 2.6; the first is 3.3 of Canonical
    // XML 1.1 as exclusive canonicalization has it.
    let canonical = |document: &str| Element::parse(document).unwrap().canonical();
    assert_eq!(
        canonical(
            "<e5 xmlns='' xmlns:a='http://www.w3.org' xmlns:b='http://www.ietf.org' a:attr='out' b:attr='sorted' attr2='all' attr='I&apos;m'/>"
        ),
        "<e5 xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>"
    );
    assert_eq!(
        canonical("<a xmlns='u'><b xmlns=''><c xmlns='u'/></b></a>"),
        "<a xmlns=\"u\"><b xmlns=\"\"><c xmlns=\"u\"></c></b></a>"
    );
    assert_eq!(
        canonical("<a xmlns:x='u'><x:b/><x:b/></a>"),
        "<a><x:b xmlns:x=\"u\"></x:b><x:b xmlns:x=\"u\"></x:b></a>"
    );
    assert_eq!(
        canonical("<x:a xmlns:x='u'><x:b xmlns:x='v'><x:c xmlns:x='v'/></x:b></x:a>"),
        "<x:a xmlns:x=\"u\"><x:b xmlns:x=\"v\"><x:c></x:c></x:b></x:a>"
    );
    assert_eq!(
        canonical(
            "<a b='&#9;&#10;&#13;&lt;>&quot;&amp;' xml:lang='en'>&#13;&lt;&gt;\"&amp;\t\n</a>"
        ),
        "<a b=\"&#x9;&#xA;&#xD;&lt;>&quot;&amp;\" xml:lang=\"en\">&#xD;&lt;&gt;\"&amp;\t\n</a>"
    );
}

#[test]
fn for_people_to_read() {
    let element = Element::parse("<a xmlns='u'><b>t <i>x</i></b> <c><d/></c></a>").unwrap();
    assert_eq!(
        format!("{element:#}"),
        "<a xmlns='u'>\n  <b>t <i>x</i></b>\n  <c>\n    <d/>\n  </c>\n</a>"
    );
}

#[test]
fn nothing_recurses() {
    // 6120-13.12: depth is the peer's choice, the stack is ours.
    const DEPTH: usize = 50_000;
    let document = ["<a>".repeat(DEPTH), "</a>".repeat(DEPTH)].concat();
    let element = Element::parse_within(&document, xmpp_xml::Limits::trusted()).unwrap();
    let again = element.clone();
    assert!(element == again);
    assert_eq!(element.to_string(), document);
    assert_eq!(element.canonical(), document);
    let inner = element.children().next().unwrap().into_shared();
    drop(element);
    assert!(inner != again);
    // And the default refuses it long before.
    assert!(Element::parse(&document).is_err());
}

#[test]
fn fragments_hold_elements_and_remember_what_was_wrong() {
    let written = |fragment: &Fragment| {
        stream(|w| {
            w.start(ns::CLIENT, "a").fragment(fragment).end();
        })
    };
    let mut fragment = Fragment::new();
    assert_eq!(written(&fragment).as_deref(), Ok("<a/>"));
    fragment.push(|w| {
        w.start(ns::STREAM, "b").end().text(" \n").start(ns::CLIENT, "c").text("<").end();
    });
    let stream_ns = "http://etherx.jabber.org/streams";
    let expected = format!("<a><b xmlns='{stream_ns}'/> \n<c>&lt;</c></a>");
    assert_eq!(written(&fragment).as_ref(), Ok(&expected));

    type Write = fn(&mut Writer<'_>);
    let wrong: [(WriteError, Write); 6] = [
        (WriteError::TextOutOfPlace, |w| _ = w.text("x")),
        (WriteError::Unbalanced, |w| _ = w.end()),
        (WriteError::Unbalanced, |w| _ = w.start(X, "x")),
        (WriteError::AttributeOutOfPlace, |w| _ = w.attr("x", "y")),
        (WriteError::InvalidCharacter, |w| _ = w.leaf(X, "x", "\0")),
        (WriteError::TextOutOfPlace, |w| {
            let text = Element::parse("<x>y</x>").unwrap();
            text.nodes().for_each(|node| w.node(node));
        }),
    ];
    for (error, write) in wrong {
        let mut fragment = fragment.clone();
        fragment.push(write).push(|w| _ = w.start(X, "x").end());
        assert_eq!(written(&fragment), Err(error));
        assert_eq!((fragment.error(), fragment.is_empty()), (Some(error), false));
    }
    // One element, where there is to be one.
    assert_eq!(written(&Fragment::element(&Fragment::new())), Err(WriteError::NotOneRoot));
    assert_eq!(written(&Fragment::element(&fragment)), Err(WriteError::NotOneRoot));
    let one = Element::parse("<b xmlns='urn:b'/>").unwrap();
    assert_eq!(written(&Fragment::element(&one)).as_deref(), Ok("<a><b xmlns='urn:b'/></a>"));
    assert_eq!(written(&Fragment::element(&[&one, &one][..])), Err(WriteError::NotOneRoot));

    // What inherits nothing but the content namespace has its place where that is.
    fails(WriteError::FragmentOutOfPlace, |w| {
        w.fragment(&fragment);
    });
    fails(WriteError::FragmentOutOfPlace, |w| {
        w.start(X, "x").fragment(&fragment).end();
    });
    fails(WriteError::FragmentOutOfPlace, |w| {
        w.start_prefixed("p", X, "x").start(X, "y").fragment(&fragment).end().end();
    });
}
