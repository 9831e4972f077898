//! RFC 6120 section 11: the XML that a client takes, and the XML that it must not take.

use crate::case::Cases;
use crate::client::host::{GOES_ON, TLS};
use crate::client::{Scene, Section, Stage};
use crate::skip;
use crate::verdict::{Fault, Level};
use crate::wire::StanzaError;

pub(super) fn cases(cases: &mut Cases<Stage>) {
    restricted(cases);
    broken(cases);
    plain(&mut cases.section("6120", "11.4"));
}

const BODY: &str = "<message from='romeo@{domain}/x' type='chat'><body>{}</body></message>";

fn restricted(cases: &mut Cases<Stage>) {
    let mut section = cases.section("6120", "11.1");
    let rows = [
        ("comment", "<!-- no -->".to_owned()),
        ("comment-in-a-stanza", BODY.replace("{}", "a<!-- no -->b")),
        ("processing-instruction", "<?php phpinfo() ?>".to_owned()),
        ("document-type", "<!DOCTYPE a>".to_owned()),
        ("entity-reference", BODY.replace("{}", "a&nbsp;b")),
    ];
    section.table(
        Level::Must,
        1,
        "6120-11.1-03",
        "restricted XML ends the stream with an error",
        rows,
        async |scene: &mut Scene, xml: String| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked(xml.replace("{domain}", &scene.setting.domain)).await;
            session.must_end_with(&[]).await
        },
    );
    section.should(
        3,
        "6120-11.1-03",
        "the error for restricted XML is restricted-xml",
        async |scene: &mut Scene| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked("<!-- no -->").await;
            match session.must_end_with(&["restricted-xml", "bad-format"]).await {
                Err(Fault::Failed(why)) if why == GOES_ON => skip!("there is no error: {why}"),
                outcome => outcome,
            }
        },
    );
    let bomb = "<!DOCTYPE s [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
        <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>\
        <!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>]>";
    section.must(
        2,
        "6120-11.1-03",
        "entities that grow, in front of the header",
        async move |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            wire.header().await?;
            let opening = scene.opening(&format!(
                "<starttls xmlns='{TLS}'><x xmlns='urn:example:x'>&f;</x></starttls>"
            ));
            wire.send_marked(
                opening.replace("<?xml version='1.0'?>", &format!("<?xml version='1.0'?>{bomb}")),
            )
            .await;
            scene.must_give_up(&mut wire, "the stream has a document type").await
        },
    );
}

fn broken(cases: &mut Cases<Stage>) {
    let text = |xml: &str| xml.as_bytes().to_vec();
    let rows = [
        ("tags-that-do-not-match", text("<message><body>a</message>")),
        ("attribute-twice", text("<message id='a' id='b'/>")),
        ("attribute-without-quotes", text("<message id=a/>")),
        ("less-than-in-an-attribute", text("<message id='<'/>")),
        ("ampersand-alone", text("<message><body>a & b</body></message>")),
        ("end-of-a-section", text("<message><body>a ]]> b</body></message>")),
        ("character-zero", b"<message><body>a\0b</body></message>".to_vec()),
        ("reference-to-character-zero", text("<message><body>a&#0;b</body></message>")),
    ];
    cases.section("6120", "11.3").table(
        Level::Must,
        1,
        "6120-11.3-02",
        "what is not well-formed ends the stream with an error",
        rows,
        async |scene: &mut Scene, xml: Vec<u8>| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked(xml).await;
            // Some name it as RFC 3920 did.
            session
                .must_end_with(&[
                    "not-well-formed",
                    "xml-not-well-formed",
                    "bad-format",
                    "invalid-xml",
                    "restricted-xml",
                ])
                .await
        },
    );
    let rows = [
        ("undeclared", "<message><a:x/></message>"),
        ("of-an-attribute", "<message a:b='c'/>"),
        ("emptied", "<message xmlns:a=''><a:x/></message>"),
        ("twice-by-two-prefixes", "<message xmlns:a='urn:n' xmlns:b='urn:n' a:x='1' b:x='2'/>"),
    ];
    cases.section("6120", "11.3").table(
        Level::Must,
        2,
        "6120-11.3-04",
        "a prefix that stands for nothing ends the stream, or the stanza comes back",
        rows,
        async |scene: &mut Scene, xml: &str| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked(xml.replace("{domain}", &scene.setting.domain)).await;
            let conditions = [
                "not-well-formed",
                "xml-not-well-formed",
                "bad-format",
                "invalid-xml",
                "bad-namespace-prefix",
            ];
            session
                .must_end_with_or(&conditions, |stanza| {
                    StanzaError::of(stanza).is_some_and(|error| error.condition == "not-acceptable")
                })
                .await
        },
    );
    let rows: [(&str, &[u8]); 3] = [
        ("cut-sequence", b"<message><body>\xC3(</body></message>"),
        ("surrogate", b"<message><body>\xED\xA0\x80</body></message>"),
        ("overlong", b"<message><body>\xC0\xAF</body></message>"),
    ];
    cases.section("6120", "11.6").table(
        Level::Must,
        1,
        "6120-11.3-02",
        "what is no UTF-8 ends the stream with an error",
        rows,
        async |scene: &mut Scene, xml: &'static [u8]| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked(xml).await;
            session
                .must_end_with(&[
                    "not-well-formed",
                    "unsupported-encoding",
                    "bad-format",
                    "xml-not-well-formed",
                    "invalid-xml",
                ])
                .await
        },
    );
}

/// What is right, and seldom seen.
fn plain(section: &mut Section<'_>) {
    let rows = [
        ("character-data-section", BODY.replace("{}", "<![CDATA[<body>&no;]]>")),
        ("references-to-characters", BODY.replace("{}", "&#x1F980;&#228;&lt;&gt;&amp;&apos;&quot;")),
        ("byte-order-mark-within", BODY.replace("{}", "a\u{FEFF}b")),
        ("both-quotes-and-spaces", "<message\n\tfrom = \"romeo@{domain}/x\"\r\n type='chat' ><body\n>a</body\n></message\n>".to_owned()),
        ("names-beyond-ascii", "<message from='romeo@{domain}/x'><b\u{e4}r xmlns='urn:\u{e4}' \u{f6}l='\u{1F980}'/></message>".to_owned()),
        ("languages", "<message from='romeo@{domain}/x' xml:lang='x-private'><body>a</body><body xml:lang='tlh'>b</body></message>".to_owned()),
        ("attributes-of-namespaces", "<message from='romeo@{domain}/x' xmlns:y='urn:y' y:from='z'><body y:xml='1'>a</body></message>".to_owned()),
        ("a-prefix-for-what-is-known", "<message from='romeo@{domain}/x'><d:delay xmlns:d='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/><body>a</body></message>".to_owned()),
    ];
    section.table(
        Level::Must,
        1,
        "6120-8.4-06 6120-8.4-08",
        "XML that is right is taken",
        rows,
        async |scene: &mut Scene, xml: String| {
            let mut session = scene.session().await?;
            session.settle().await?;
            session.send_marked(xml.replace("{domain}", &scene.setting.domain)).await;
            session.goes_on().await
        },
    );
}
