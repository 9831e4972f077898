//! What a writer has open, what is in scope there, and what is written for it.

use xmpp_xml::{
    AttrName, Element, ElementRef, Fragment, Framing, Item, Limits, Ns, RecvBuffer, StreamContext,
    StreamReader, WriteError, Writer, ns,
};

const X: Ns<'_> = Ns::new("urn:x");
const Y: Ns<'_> = Ns::new("urn:y");

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Result<String, WriteError> {
    let mut out = b"before".to_vec();
    let mut w = Writer::in_stream(&mut out, ns::CLIENT);
    write(&mut w);
    let result = w.finish();
    let out = String::from_utf8(out).unwrap();
    result.map(|()| out.strip_prefix("before").unwrap().to_owned())
}

#[track_caller]
fn writes(expected: &str, write: impl FnOnce(&mut Writer<'_>)) {
    assert_eq!(written(write).as_deref(), Ok(expected));
}

#[track_caller]
fn fails(error: WriteError, write: impl FnOnce(&mut Writer<'_>)) {
    assert_eq!(written(write), Err(error));
}

#[test]
fn a_default_namespace_is_in_scope_until_its_element_ends() {
    // Deeper than most stanzas are, out and in again.
    let level = |level: usize| [ns::CLIENT, X, X, Y, ns::NONE][level % 5];
    for depth in 1..14 {
        let mut expected = String::new();
        let mut around = ns::CLIENT;
        for i in 0..depth {
            let declared = if level(i) == around {
                String::new()
            } else {
                format!(" xmlns='{}'", level(i).uri())
            };
            expected += &format!("<e{i}{declared}>");
            around = level(i);
        }
        expected += "text";
        (0..depth).rev().for_each(|i| expected += &format!("</e{i}>"));
        writes(&expected, |w| {
            for i in 0..depth {
                w.start(level(i), &format!("e{i}"));
            }
            w.text("text");
            (0..depth).for_each(|_| _ = w.end());
        });
        // Each sibling behind a deeper one.
        let (starts, ends) = ("<c>".repeat(depth - 1), "</c>".repeat(depth - 1));
        writes(&format!("<a><b xmlns='urn:x'>{starts}<c/>{ends}</b><d/></a>"), |w| {
            w.start(ns::CLIENT, "a").start(X, "b");
            (0..depth).for_each(|_| _ = w.start(X, "c"));
            (0..depth).for_each(|_| _ = w.end());
            w.end().start(ns::CLIENT, "d").end().end();
        });
    }
}

#[test]
fn an_attribute_is_new_among_however_many() {
    let names: Vec<String> = (0..14).map(|i| format!("a{}", "b".repeat(i))).collect();
    for count in 1..names.len() {
        for twice in 0..count {
            let write = |w: &mut Writer<'_>, last: &str| {
                w.start(ns::CLIENT, "e");
                names[..count].iter().for_each(|name| _ = w.attr(name, ""));
                w.attr(last, "").end();
            };
            fails(WriteError::DuplicateAttribute, |w| write(w, &names[twice]));
            assert!(written(|w| write(w, &names[count])).is_ok());
        }
    }
    // Names of the same length, or with the same bytes elsewhere.
    for (one, other) in [("ab", "ba"), ("abc", "adc"), ("a", "b"), ("ab", "abb"), ("type", "tope")]
    {
        writes(&format!("<e {one}='' {other}=''><f {one}=''/></e>"), |w| {
            w.start(ns::CLIENT, "e").attr(one, "").attr(other, "");
            w.start(ns::CLIENT, "f").attr(one, "").end().end();
        });
    }
    for name in ["a", "type", "xml-lang"] {
        fails(WriteError::DuplicateAttribute, |w| {
            w.start(ns::CLIENT, "e").attr(name, "1").attr(name, "1").end();
        });
    }
    fails(WriteError::DuplicateAttribute, |w| _ = w.start(X, "e").lang("de").lang("en").end());
    fails(WriteError::DuplicateAttribute, |w| {
        w.start(X, "e").attr_ns(X, "a", "").attr_ns(X, "a", "").end();
    });
    writes(
        "<e xmlns='urn:x' a='' xmlns:ns0='urn:x' ns0:a='' xmlns:ns1='urn:y' ns1:a='' xml:a=''/>",
        |w| {
            w.start(X, "e").attr("a", "").attr_ns(X, "a", "").attr_ns(Y, "a", "");
            w.attr_ns(ns::XML, "a", "").end();
        },
    );
}

#[test]
fn a_prefix_is_used_where_it_means_that() {
    for prefix in ["p", "sixteen-bytes-16", "seventeen-bytes-1"] {
        writes(
            &format!(
                "<{prefix}:a xmlns:{prefix}='urn:x' {prefix}:b='1'><{prefix}:c/></{prefix}:a>"
            ),
            |w| {
                w.start_prefixed(prefix, X, "a").attr_ns(X, "b", "1");
                w.start_prefixed(prefix, X, "c").end().end();
            },
        );
    }
    // Not where it means something else: a name that is free is found.
    writes(
        "<p:a xmlns:p='urn:x'><p:b xmlns:p='urn:y' xmlns:ns0='urn:x' ns0:c='1'/><d p:c='2'/></p:a>",
        |w| {
            w.start_prefixed("p", X, "a").start_prefixed("p", Y, "b").attr_ns(X, "c", "1").end();
            w.start(ns::CLIENT, "d").attr_ns(X, "c", "2").end().end();
        },
    );
    writes("<ns0:a xmlns:ns0='urn:y' xmlns:ns1='urn:x' ns1:c='1' ns0:d='2'/>", |w| {
        w.start_prefixed("ns0", Y, "a").attr_ns(X, "c", "1").attr_ns(Y, "d", "2").end();
    });
    // Not behind its element either.
    writes(
        "<a><p:b xmlns:p='urn:x'/><c xmlns:ns0='urn:x' ns0:d=''/><p:b xmlns:p='urn:x'/></a>",
        |w| {
            w.start(ns::CLIENT, "a").start_prefixed("p", X, "b").end();
            w.start(ns::CLIENT, "c").attr_ns(X, "d", "").end();
            w.start_prefixed("p", X, "b").end().end();
        },
    );
    // A URI that is escaped is compared as what it stands for.
    let odd = Ns::new("urn:<&'>\"");
    writes(
        "<p:a xmlns:p='urn:&lt;&amp;&apos;>\"' p:b=''><c xmlns='urn:&lt;&amp;&apos;>\"'><d/></c></p:a>",
        |w| {
            w.start_prefixed("p", odd, "a").attr_ns(odd, "b", "");
            w.start(odd, "c").start(odd, "d").end().end().end();
        },
    );
    // The stream has bound its own (RFC 6120, section 4.8.5); a message has not.
    writes("<a stream:b=''><stream:c/><stream:d/></a>", |w| {
        w.start(ns::CLIENT, "a").attr_ns(ns::STREAM, "b", "");
        w.start(ns::STREAM, "c").end().start_prefixed("stream", ns::STREAM, "d").end().end();
    });
    writes(
        "<stream:a xmlns:stream='urn:x'><error xmlns='http://etherx.jabber.org/streams'/></stream:a>",
        |w| {
            w.start_prefixed("stream", X, "a").start(ns::STREAM, "error").end().end();
        },
    );
    for (prefix, ns, error) in [
        ("", X, WriteError::InvalidName),
        ("1", X, WriteError::InvalidName),
        ("xml", X, WriteError::InvalidName),
        ("xmlns", X, WriteError::InvalidName),
        ("p", ns::NONE, WriteError::InvalidNamespace),
        ("p", ns::XML, WriteError::InvalidNamespace),
        ("p", ns::XMLNS, WriteError::InvalidNamespace),
        ("p", Ns::new("\u{1}"), WriteError::InvalidCharacter),
    ] {
        fails(error, |w| _ = w.start_prefixed(prefix, ns, "a").end());
    }
    fails(WriteError::InvalidName, |w| _ = w.start_prefixed("p", X, "1").end());
    fails(WriteError::InvalidNamespace, |w| _ = w.start(X, "a").attr_ns(ns::XMLNS, "b", "").end());
    fails(WriteError::InvalidName, |w| _ = w.start(X, "a").attr_ns(X, "1", "").end());
    fails(WriteError::AttributeOutOfPlace, |w| _ = w.start(X, "a").text("b").attr_ns(X, "c", ""));
    fails(WriteError::InvalidCharacter, |w| _ = w.start(Ns::new("\0"), "a").end());
}

#[test]
fn a_language_is_said_where_it_changes() {
    let outer =
        Element::parse("<a xml:lang='d&#101;'><b>c</b><b xml:lang='fr'/><b xml:lang=''/></a>")
            .unwrap();
    let copied = |lang: Option<&str>, inner: Option<&str>| {
        written(|w| {
            w.start(ns::CLIENT, "a");
            if let Some(lang) = lang {
                w.lang(lang);
            }
            if let Some(inner) = inner {
                w.start(ns::CLIENT, "i").lang(inner).end();
            }
            outer.children().for_each(|child| _ = w.element(child));
            w.end();
        })
        .unwrap()
    };
    let own = "<b xmlns='' xml:lang='fr'/><b xmlns='' xml:lang=''/></a>";
    assert_eq!(copied(None, None), format!("<a><b xmlns='' xml:lang='de'>c</b>{own}"));
    assert_eq!(copied(Some("de"), None), format!("<a xml:lang='de'><b xmlns=''>c</b>{own}"));
    assert_eq!(
        copied(Some("en"), Some("de")),
        format!("<a xml:lang='en'><i xml:lang='de'/><b xmlns='' xml:lang='de'>c</b>{own}")
    );
    assert_eq!(
        copied(Some("de"), Some("en")),
        format!("<a xml:lang='de'><i xml:lang='en'/><b xmlns=''>c</b>{own}")
    );
    // Other attributes say nothing of it.
    for other in ["lang='de'", "xml:space='de'"] {
        let stanza = format!("<a xmlns:q='urn:q' {other}/>");
        received("xmlns='jabber:client' xml:lang='de'", &stanza, |element| {
            writes(&format!("<a xmlns:q='urn:q' {other} xml:lang='de'/>"), |w| {
                _ = w.element(element)
            });
        });
    }
    let child = outer.children().next().unwrap();
    writes("<a lang='de' xml:space='de'><b xmlns='' xml:lang='de'>c</b></a>", |w| {
        w.start(ns::CLIENT, "a").attr("lang", "de").attr_ns(ns::XML, "space", "de");
        w.element(child).end();
    });
    // As what it stands for, if it was escaped.
    let odd = Element::parse("<a xml:lang='&lt;'><b/></a>").unwrap();
    writes("<a xml:lang='&lt;'><b xmlns=''/></a>", |w| {
        w.start(ns::CLIENT, "a").lang("<").element(odd.children().next().unwrap()).end();
    });
}

#[test]
fn no_more_is_written_than_the_limit() {
    let len = "<a><b/></a>".len();
    for before in [0, 1000] {
        for (limit, fits) in [(len - 1, false), (len, true), (len + 1, true)] {
            let mut out = vec![b'x'; before];
            let mut w = Writer::in_stream(&mut out, ns::CLIENT).at_most(limit);
            w.start(ns::CLIENT, "a").start(ns::CLIENT, "b").end().end();
            assert_eq!(w.finish(), if fits { Ok(()) } else { Err(WriteError::TooLarge) });
            assert_eq!(out.len(), before + if fits { len } else { 0 });
            let mut out = vec![b'x'; before];
            let mut w = Writer::document(&mut out).at_most(limit);
            w.start(ns::NONE, "a").start(ns::NONE, "b").end().end();
            assert_eq!(w.finish(), if fits { Ok(()) } else { Err(WriteError::TooLarge) });
            assert_eq!(out.len(), before + if fits { len } else { 0 });
        }
    }
}

#[test]
fn what_is_shown_of_a_writer_or_a_fragment_is_no_content() {
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    w.start(X, "secret").start(X, "secret").text("secret");
    assert_eq!(format!("{w:?}"), "Writer { depth: 2, error: None, .. }");
    w.fail(WriteError::InvalidName).fail(WriteError::TooLarge).end().end();
    assert_eq!(format!("{w:?}"), "Writer { depth: 2, error: Some(InvalidName), .. }");
    assert_eq!(w.finish(), Err(WriteError::InvalidName));
    let mut fragment = Fragment::new();
    assert!(fragment.is_empty());
    fragment.push(|w| _ = w.leaf(ns::CLIENT, "secret", ""));
    assert_eq!((fragment.len(), fragment.is_empty(), fragment.error()), (9, false, None));
    assert_eq!(format!("{fragment:?}"), "Fragment { len: 9, error: None }");
    assert_ne!(fragment, Fragment::new());
    writes("<a><secret/></a>", |w| _ = w.start(ns::CLIENT, "a").write(&fragment).end());
    assert_eq!(format!("{:?}", AttrName::new("to")), "Some(AttrName(\"to\"))");
    assert_eq!(WriteError::TooLarge.to_string(), "more than may be written");
}

#[test]
fn what_a_stream_is_says_what_is_declared_already() {
    let written = |context: StreamContext, ns: Ns<'_>| {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, context);
        assert_eq!(w.content(), context.content);
        w.start(ns, "a").start(ns::STREAM, "b").end().end();
        w.finish().unwrap();
        String::from_utf8(out).unwrap()
    };
    let stream = "http://etherx.jabber.org/streams";
    assert_eq!(StreamContext::default(), ns::CLIENT.into());
    assert_eq!(written(StreamContext::default(), ns::CLIENT), "<a><stream:b/></a>");
    let server = StreamContext::from(ns::SERVER);
    assert_eq!((server.content, server.framing), (ns::SERVER, Framing::Stream));
    assert_eq!(written(server, ns::SERVER), "<a><stream:b/></a>");
    assert_eq!(written(server, ns::CLIENT), "<a xmlns='jabber:client'><stream:b/></a>");
    assert_eq!(written(server, ns::STREAM), "<stream:a><stream:b/></stream:a>");
    let message = StreamContext { content: ns::CLIENT, framing: Framing::WebSocket };
    assert_eq!(
        written(message, ns::CLIENT),
        format!("<a xmlns='jabber:client'><b xmlns='{stream}'/></a>")
    );
    assert_eq!(written(message, ns::NONE), format!("<a><b xmlns='{stream}'/></a>"));
    // RFC 7395, section 3.3.3.
    assert_eq!(
        written(message, ns::STREAM),
        format!("<stream:a xmlns:stream='{stream}'><stream:b/></stream:a>")
    );
}

#[test]
fn what_is_declared_here_already_is_not_declared_again() {
    // Whichever of the declarations of the header it is.
    let input = "<stream:stream xmlns:a='urn:a' xmlns:b='urn:b' xmlns='urn:c' \
                 xmlns:stream='http://etherx.jabber.org/streams'><x><a:x/><b:x/><x/></x>";
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(input.as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(x))) = reader.poll(&mut rx) else { panic!() };
    let children: Vec<ElementRef<'_>> = x.children().collect();
    for (child, uri, name) in [(0, "urn:a", "a:x"), (1, "urn:b", "b:x"), (2, "urn:c", "x")] {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::CLIENT);
        match name.split_once(':') {
            Some((prefix, _)) => w.start_prefixed(prefix, Ns::new(uri), "y"),
            None => w.start(Ns::new(uri), "y"),
        };
        w.element(children[child]).end();
        w.finish().unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(written.contains(&format!("><{name}/></")), "{written}");
    }
}

#[test]
fn no_prefix_of_the_element_itself_is_declared_for_a_child() {
    let child = "<x:b xmlns:x='urn:x'><z:c xmlns:z='urn:z'/></x:b>";
    let outer =
        Element::parse(format!("<a xmlns:x='urn:x' xmlns='jabber:client'>{child}</a>")).unwrap();
    let inner = outer.children().next().unwrap();
    let uses = Element::parse("<a xmlns='jabber:client' xmlns:x='urn:x'><x:b/></a>").unwrap();
    let uses = uses.children().next().unwrap();
    let with = |start: &dyn Fn(&mut Writer<'_>), child: ElementRef<'_>| {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::CLIENT);
        start(&mut w);
        w.declare_for(child).element(child).end();
        w.finish().unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(with(&|w| _ = w.start(ns::CLIENT, "iq"), uses), "<iq xmlns:x='urn:x'><x:b/></iq>");
    assert_eq!(
        with(&|w| _ = w.start_prefixed("x", Y, "iq"), uses),
        "<x:iq xmlns:x='urn:y'><x:b xmlns:x='urn:x'/></x:iq>"
    );
    assert_eq!(
        with(&|w| _ = w.start_prefixed("x", X, "iq"), uses),
        "<x:iq xmlns:x='urn:x'><x:b/></x:iq>"
    );
    // What declares a prefix itself needs no other.
    assert_eq!(with(&|w| _ = w.start(ns::CLIENT, "iq"), inner), format!("<iq>{child}</iq>"));
    // The stream has bound `stream` (RFC 6120, section 4.8.5).
    let stream = "<a xmlns='jabber:client' xmlns:stream='urn:x'><stream:b/></a>";
    let stream = Element::parse(stream).unwrap();
    let stream = stream.children().next().unwrap();
    assert_eq!(
        with(&|w| _ = w.start(ns::STREAM, "features"), stream),
        "<stream:features><stream:b xmlns:stream='urn:x'/></stream:features>"
    );
}

/// The first-level element behind a header with these declarations.
fn received<T>(declarations: &str, stanza: &str, f: impl FnOnce(ElementRef<'_>) -> T) -> T {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    let stream = "http://etherx.jabber.org/streams";
    rx.push(format!("<stream:stream xmlns:stream='{stream}' {declarations}>{stanza}").as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(element))) = reader.poll(&mut rx) else { panic!("{stanza}") };
    f(element)
}

#[test]
fn what_means_the_same_is_written_byte_for_byte() {
    for stanza in [
        "<a  b=\"1\"\n c='&#50;' ><d /><![CDATA[>]]>&#65;</a >",
        "<stream:a  b=\"1\" ><c /></stream:a >",
        "<a  xml:lang=\"de\" />",
    ] {
        received("xmlns='jabber:client'", stanza, |element| {
            writes(stanza, |w| _ = w.element(element));
            writes(&format!("<x>{stanza}</x>"), |w| {
                w.start(ns::CLIENT, "x").element(element).end();
            });
        });
    }
    // `xml` is bound everywhere, and need not be declared though it may be
    // (Namespaces in XML 1.0, section 3).
    let stanza = "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='de'/>";
    received("xmlns='jabber:client'", stanza, |element| {
        writes("<a xml:lang='de'/>", |w| _ = w.element(element));
    });
}

#[test]
fn a_child_that_declares_its_namespace_keeps_it_and_what_it_uses() {
    // RFC 6120, section 4.8.3, is about what a stanza inherits.
    let stanza = "<x:message xmlns:x='jabber:client'><a xmlns='jabber:client'><x:b/></a>\
                  <c xmlns='urn:c'><x:d/></c></x:message>";
    received("", stanza, |message| {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::SERVER);
        w.start(ns::SERVER, "message");
        message.children().for_each(|child| _ = w.element(child));
        w.end();
        w.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<message><a xmlns='jabber:client' xmlns:x='jabber:client'><x:b/></a>\
             <c xmlns='urn:c' xmlns:x='jabber:client'><x:d/></c></message>"
        );
    });
}
