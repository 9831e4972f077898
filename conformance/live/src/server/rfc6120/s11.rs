//! RFC 6120 section 11: XML usage.

use xmpp_xml::Ns;

use crate::case::Cases;
use crate::server::Target;
use crate::server::provoke::{Reaction, Stage, ends_with, reaction};
use crate::server::session::CLIENT;
use crate::verdict::{Level, Outcome};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    restricted(cases);
    well_formed(cases);
    namespace_well_formed(cases);
    declaration(cases);
    encoding(cases);
    white_space(cases);
}

/// Each with whether it is well-formed all the same. Where XML itself has no place for it (an
/// entity that is not declared, a document type behind the first tag), `<not-well-formed/>`
/// says so as rightly (RFC 6120 section 11.3).
const RESTRICTED: [(&str, (&str, bool)); 8] = [
    ("comment", ("<!-- comment -->", true)),
    ("comment-in-stanza", ("<message to='TO'><!-- comment --><body>b</body></message>", true)),
    ("processing-instruction", ("<?target data?>", true)),
    ("instruction-in-stanza", ("<message to='TO'><?target data?><body>b</body></message>", true)),
    ("doctype", ("<!DOCTYPE message [<!ENTITY e 'x'>]>", false)),
    ("entity", ("<message to='TO'><body>&unknown;</body></message>", false)),
    ("entity-in-attribute", ("<message to='TO' id='&unknown;'><body>b</body></message>", false)),
    ("entity-of-html", ("<message to='TO'><body>&nbsp;</body></message>", false)),
];

fn restricted(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "11.1");
    s.table(
        Level::Must,
        1,
        "6120-11.1-03",
        "a feature of XML that is forbidden ends the stream",
        RESTRICTED,
        async |scene, (xml, _)| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let xml = xml.replace("TO", &user.jid);
            user.send_marked(xml).await;
            ends_with(&mut user.wire, &[]).await.map(drop)
        },
    )
    .accounts(1);
    s.table(
        Level::Should,
        2,
        "6120-11.1-03",
        "a feature of XML that is forbidden is restricted-xml",
        RESTRICTED,
        async |scene, (xml, well_formed)| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let xml = xml.replace("TO", &user.jid);
            user.send_marked(xml).await;
            let conditions = ["restricted-xml", "bad-format", "not-well-formed"];
            ends_with(&mut user.wire, &conditions[..3 - usize::from(well_formed)]).await.map(drop)
        },
    )
    .accounts(1);
    let before = [
        ("comment", "<!-- comment -->"),
        ("instruction", "<?target data?>"),
        ("doctype", "<!DOCTYPE stream>"),
        (
            "doctype-with-entities",
            "<!DOCTYPE stream [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>",
        ),
        ("doctype-external", "<!DOCTYPE stream SYSTEM 'file:///etc/passwd'>"),
    ];
    s.table(
        Level::Must,
        3,
        "6120-11.1-03",
        "the same before the header",
        before,
        async |scene, xml| {
            let header = scene.header();
            let header = header.replace("?>", &format!("?>{xml}"));
            scene.provoke(Stage::Connected, header, &[]).await
        },
    );
}

const ILL_FORMED: [(&str, &[u8]); 22] = [
    ("mismatched-tags", b"<message to='TO'><body>b</subject></message>"),
    ("closing-too-many", b"<message to='TO'/></message>"),
    ("unquoted-attribute", b"<message to=TO><body>b</body></message>"),
    ("attribute-without-value", b"<message to='TO' id><body>b</body></message>"),
    ("attribute-twice", b"<message to='TO' id='a' id='b'><body>b</body></message>"),
    ("no-space-between-attributes", b"<message to='TO'id='a'><body>b</body></message>"),
    ("less-than-in-attribute", b"<message to='TO' id='<'><body>b</body></message>"),
    ("bare-ampersand", b"<message to='TO'><body>a & b</body></message>"),
    ("ampersand-without-end", b"<message to='TO'><body>&amp</body></message>"),
    ("bracket-end-in-text", b"<message to='TO'><body>]]></body></message>"),
    ("name-begins-with-digit", b"<message to='TO'><1a/></message>"),
    ("name-begins-with-dash", b"<message to='TO'><-a/></message>"),
    ("space-before-name", b"< message to='TO'/>"),
    ("space-in-empty-tag", b"<message to='TO'/ >"),
    ("character-zero", b"<message to='TO'><body>\0</body></message>"),
    ("character-one", b"<message to='TO'><body>\x01</body></message>"),
    ("character-ffff", b"<message to='TO'><body>\xEF\xBF\xBF</body></message>"),
    ("reference-to-zero", b"<message to='TO'><body>&#0;</body></message>"),
    ("reference-to-one", b"<message to='TO'><body>&#1;</body></message>"),
    ("reference-to-surrogate", b"<message to='TO'><body>&#xD800;</body></message>"),
    ("reference-beyond-unicode", b"<message to='TO'><body>&#x110000;</body></message>"),
    ("reference-of-nothing", b"<message to='TO'><body>&#;</body></message>"),
];

fn replaced(bytes: &[u8], to: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"TO") {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to.as_bytes());
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
    out
}

async fn breaks(scene: &mut Scene, bytes: &[u8], conditions: &[&str]) -> Outcome {
    let mut user = scene.bound(&scene.account(0), "").await?;
    let bytes = replaced(bytes, &user.jid);
    user.send_marked(bytes).await;
    ends_with(&mut user.wire, conditions).await.map(drop)
}

fn well_formed(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "11.3");
    s.table(Level::Must, 1, "6120-11.3-02", "not-well-formed", ILL_FORMED, async |scene, bytes| {
        breaks(scene, bytes, &["not-well-formed"]).await
    })
    .accounts(1);
    let early: [(&str, &[u8]); 4] = [
        ("text-in-front", b"hello<a/>"),
        ("no-xml", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("two-roots", b"<a/><b/>"),
        ("zeros", b"\0\0\0\0\0\0\0\0"),
    ];
    s.table(
        Level::Must,
        2,
        "6120-11.3-02",
        "what is no XML ends the stream before it is opened",
        early,
        async |scene, bytes| {
            let mut wire = scene.at(Stage::Connected).await?;
            wire.send_marked(bytes).await;
            wire.stream_error().await.map(drop)
        },
    );
    s.must(3, "6120-11.3-02", "what is not well-formed is not delivered", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.online(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send_marked(format!("<message to='{to}'><body>b</body></message >x</massage>")).await;
        let _ = user.wire.stream_error().await;
        let mut third = scene.bound(&scene.account(0), "").await?;
        for element in other.all_until_now(&mut third).await? {
            ensure!(!element.source().contains("massage"), "it is");
        }
        Ok(())
    })
    .accounts(2);
    let fine: [(&str, &str); 9] = [
        ("double-quotes", "<message to=\"TO\" id='m'><body>b</body></message>"),
        ("new-line-in-tag", "<message\nto='TO'\n\tid='m'><body\n>b</body\n></message\n>"),
        ("space-around-equals", "<message to = 'TO' id\t=\n'm'><body>b</body></message>"),
        (
            "predefined-entities",
            "<message to='TO' id='m'><body>&lt;&gt;&amp;&apos;&quot;</body></message>",
        ),
        ("character-references", "<message to='TO' id='m'><body>&#65;&#x1F600;</body></message>"),
        ("greater-than-in-text", "<message to='TO' id='m'><body>a > b</body></message>"),
        ("cdata", "<message to='TO' id='m'><body><![CDATA[<a> & ]] >]]></body></message>"),
        ("empty-element", "<message to='TO' id='m'><body/></message>"),
        ("astral", "<message to='TO' id='m'><body>\u{1F600}\u{10FFFD}</body></message>"),
    ];
    s.table(
        Level::Must,
        4,
        "6120-11.3-01 6120-11.6-01",
        "what is well-formed is taken and delivered",
        fine,
        async |scene, xml| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let xml = xml.replace("TO", &user.jid);
            let sent = xmpp_xml::Element::parse(xml.replacen(
                "<message",
                "<message xmlns='jabber:client'",
                1,
            ))
            .map_err(|error| crate::verdict::Fault::Error(format!("the case is wrong: {error}")))?;
            user.send_marked(xml).await;
            let message = user.wait_for("the message", |e| e.name() == "message").await?;
            let body = |m: &xmpp_xml::Element| {
                m.child(Ns::new(CLIENT), "body").map(|b| b.text().into_owned())
            };
            ensure!(body(&message) == body(&sent), "the body is {:?}", body(&message));
            Ok(())
        },
    )
    .accounts(1);
}

fn namespace_well_formed(cases: &mut Cases<Target>) {
    let rows: [(&str, &[u8]); 9] = [
        ("undeclared-prefix", b"<message to='TO'><x:a/></message>"),
        (
            "undeclared-prefix-of-attribute",
            b"<message to='TO'><a xmlns='urn:a' x:b='1'/></message>",
        ),
        ("prefix-undeclared", b"<message to='TO'><x:a xmlns:x=''/></message>"),
        ("prefix-xmlns", b"<message to='TO'><a xmlns:xmlns='urn:x'/></message>"),
        ("prefix-xml-elsewhere", b"<message to='TO'><a xmlns:xml='urn:x'/></message>"),
        (
            "uri-of-xmlns",
            b"<message to='TO'><a xmlns:x='http://www.w3.org/2000/xmlns/'/></message>",
        ),
        (
            "attribute-twice-by-namespace",
            b"<message to='TO'><a xmlns:x='urn:x' xmlns:y='urn:x' x:b='1' y:b='2'/></message>",
        ),
        ("two-colons", b"<message to='TO'><x:a:b xmlns:x='urn:x'/></message>"),
        ("colon-in-front", b"<message to='TO'><:a xmlns:x='urn:x'/></message>"),
    ];
    let mut s = cases.section("6120", "11.3");
    s.table(
        Level::Must,
        5,
        "6120-11.3-04",
        "not namespace-well-formed",
        rows,
        async |scene, bytes| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(replaced(bytes, &user.jid)).await;
            match reaction(&mut user).await? {
                Reaction::Refused(condition) if condition == "not-acceptable" => Ok(()),
                Reaction::Ended(error)
                    if matches!(&*error.condition, "not-well-formed" | "bad-namespace-prefix") =>
                {
                    Ok(())
                }
                other => fail!("neither not-acceptable nor not-well-formed: {other:?}"),
            }
        },
    )
    .accounts(1);
    s.must(
        6,
        "6120-11.3-04",
        "what is not namespace-well-formed is not delivered",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let mut other = scene.online(&scene.account(1), "").await?;
            let to = &other.jid;
            user.send_marked(format!("<message to='{to}' id='stray'><x:a/></message>")).await;
            let _ = reaction(&mut user).await?;
            let all = other.all_of_own().await?;
            ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("stray")), "it is");
            Ok(())
        },
    )
    .accounts(2);
}

fn declaration(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "11.5");
    s.should(1, "6120-11.5-01", "an XML declaration stands before the header", async |scene| {
        let open = scene.open("client").await?;
        let received = scene.transcript.received(open.wire.who());
        ensure!(received.starts_with(b"<?xml "), "there is none");
        Ok(())
    });
    s.must(2, "6120-11.5-03", "it has no standalone declaration", async |scene| {
        let open = scene.open("client").await?;
        let received = scene.transcript.received(open.wire.who());
        let text = String::from_utf8_lossy(&received).into_owned();
        let declaration = text.split("?>").next().unwrap_or_default();
        ensure!(
            !text.starts_with("<?xml") || !declaration.contains("standalone"),
            "it is {declaration}"
        );
        Ok(())
    });
    s.must(3, "6120-11.5-04", "standalone='no' is ignored, or ends the stream", async |scene| {
        standalone(scene, &[]).await
    });
    s.should(4, "6120-11.5-04", "where it ends the stream, it is restricted-xml", async |scene| {
        standalone(scene, &["restricted-xml"]).await
    });
    s.must(5, "6120-11.5-02", "a header without a declaration is taken", async |scene| {
        let mut wire = scene.dial("client").await?;
        wire.send_marked(scene.header().replace("<?xml version='1.0'?>", "")).await;
        wire.header().await?;
        wire.element("features").await.map(drop)
    });
    s.must(6, "6120-11.5-02", "a declaration with the encoding UTF-8 is taken", async |scene| {
        let mut wire = scene.dial("client").await?;
        let header = scene
            .header()
            .replace("<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        wire.send_marked(header).await;
        wire.header().await?;
        wire.element("features").await.map(drop)
    });
    s.must(
        7,
        "6120-11.5-02 6120-11.3-02",
        "a declaration that is not the first thing ends the stream",
        async |scene| {
            let header = scene.header();
            scene.provoke(Stage::Connected, format!(" {header}"), &[]).await
        },
    );
}

async fn standalone(scene: &Scene, conditions: &[&str]) -> Outcome {
    let mut wire = scene.dial("client").await?;
    wire.send_marked(scene.header().replace("?>", " standalone='no'?>")).await;
    wire.header().await?;
    match wire.item().await {
        Item::Element(element) => match StreamError::of(&element) {
            Some(error) if !conditions.is_empty() && !conditions.contains(&&*error.condition) => {
                fail!("it is {}", error.condition)
            }
            _ => Ok(()),
        },
        other => fail!("features or a stream error are expected; {}", other.what()),
    }
}

fn encoding(cases: &mut Cases<Target>) {
    let declared = [
        ("latin-1", "ISO-8859-1"),
        ("utf-16", "UTF-16"),
        ("ascii", "US-ASCII"),
        ("unknown", "x-unknown"),
    ];
    let mut s = cases.section("6120", "11.6");
    s.table(
        Level::Must,
        1,
        "6120-11.6-03",
        "a declared encoding other than UTF-8 ends the stream",
        declared,
        async |scene, encoding| {
            let header = scene.header().replace("?>", &format!(" encoding='{encoding}'?>"));
            scene.provoke(Stage::Connected, header, &[]).await
        },
    );
    s.table(
        Level::Should,
        2,
        "6120-11.6-03",
        "a declared encoding other than UTF-8 is unsupported-encoding",
        declared,
        async |scene, encoding| {
            let header = scene.header().replace("?>", &format!(" encoding='{encoding}'?>"));
            scene.provoke(Stage::Connected, header, &["unsupported-encoding", "bad-format"]).await
        },
    );
    let sixteen = |header: &str, order: fn(u16) -> [u8; 2], mark: bool| {
        let mut bytes = Vec::new();
        for unit in mark.then_some(0xFEFF).into_iter().chain(header.encode_utf16()) {
            bytes.extend_from_slice(&order(unit));
        }
        bytes
    };
    for (number, order, name) in
        [(3, u16::to_be_bytes as fn(u16) -> [u8; 2], "UTF-16BE"), (4, u16::to_le_bytes, "UTF-16LE")]
    {
        s.must(
            number,
            "6120-11.6-02 6120-11.6-03",
            format!("a stream in {name} ends"),
            async move |scene| {
                let mut wire = scene.at(Stage::Connected).await?;
                wire.send_marked(sixteen(&scene.header(), order, true)).await;
                wire.stream_error().await.map(drop)
            },
        );
    }
    let ill: [(&str, &[u8]); 7] = [
        ("latin-1-byte", b"<message to='TO'><body>caf\xE9</body></message>"),
        ("lone-continuation", b"<message to='TO'><body>\x80</body></message>"),
        ("overlong", b"<message to='TO'><body>\xC0\xAF</body></message>"),
        ("overlong-of-three", b"<message to='TO'><body>\xE0\x80\xAF</body></message>"),
        ("surrogate", b"<message to='TO'><body>\xED\xA0\x80</body></message>"),
        ("beyond-unicode", b"<message to='TO'><body>\xF4\x90\x80\x80</body></message>"),
        ("cut", b"<message to='TO'><body>\xE2\x82</body></message>"),
    ];
    s.table(
        Level::Must,
        5,
        "6120-11.6-01 6120-11.6-02",
        "what is no UTF-8 ends the stream",
        ill,
        async |scene, bytes| {
            breaks(
                scene,
                bytes,
                &["not-well-formed", "unsupported-encoding", "bad-format", "invalid-xml"],
            )
            .await
        },
    )
    .accounts(1);
    s.must(6, "6120-11.6-05", "U+FEFF in a text is a character", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = user.jid.clone();
        user.send_marked(format!("<message to='{to}' id='m'><body>a\u{FEFF}b</body></message>"))
            .await;
        let message = user.wait_for("the message", |e| e.name() == "message").await?;
        let body = message.child(Ns::new(CLIENT), "body").map(|b| b.text().into_owned());
        ensure!(body.as_deref() == Some("a\u{FEFF}b"), "the body is {body:?}");
        Ok(())
    })
    .accounts(1);
    s.must(
        7,
        "6120-11.6-04",
        "the server's stream begins without a byte order mark",
        async |scene| {
            let open = scene.open("client").await?;
            let received = scene.transcript.received(open.wire.who());
            ensure!(!received.starts_with(b"\xEF\xBB\xBF"), "there is one");
            Ok(())
        },
    );
    s.must(
        8,
        "6120-11.6-05",
        "U+FEFF in front of the header is no byte order mark",
        async |scene| {
            let mut wire = scene.at(Stage::Connected).await?;
            wire.send_marked(format!("\u{FEFF}{}", scene.header())).await;
            wire.stream_error().await.map(drop)
        },
    );
}

fn white_space(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "11.7");
    let rows = [
        ("space", " "),
        ("new-lines", "\n\r\n\t"),
        ("much", "                                                                "),
    ];
    s.table(
        Level::May,
        1,
        "6120-11.7-01",
        "white space between stanzas is taken",
        rows,
        async |scene, space| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(space).await;
            user.sync().await?;
            user.send_marked(space).await;
            user.sync().await
        },
    )
    .accounts(1);
    s.must(2, "6120-11.3-02", "text between stanzas ends the stream", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        user.send_marked("text").await;
        match reaction(&mut user).await? {
            Reaction::Ended(_) => Ok(()),
            Reaction::Ignored => skip!("it is ignored, which no sentence forbids"),
            other => fail!("no stream error: {other:?}"),
        }
    })
    .accounts(1);
}
