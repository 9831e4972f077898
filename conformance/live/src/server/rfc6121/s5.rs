//! RFC 6121 section 5: exchanging messages.

use xmpp_xml::{Element, ElementRef, Ns};

use super::Scene;
use crate::case::Cases;
use crate::ensure;
use crate::server::Target;
use crate::verdict::{Level, Outcome};

const CLIENT: Ns<'_> = Ns::new("jabber:client");
const XML: Ns<'_> = Ns::new("http://www.w3.org/XML/1998/namespace");

pub(super) fn cases(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "5.2.2");
    let rows = [("normal", "normal"), ("chat", "chat")];
    s.table(
        Level::Should,
        3,
        "6121-5.2.2-04",
        "to a bare JID: all resources get it",
        rows,
        async |scene, kind| {
            let mut there = scene.online(&scene.account(0), "").await?;
            let mut other = scene.online(&scene.account(0), "").await?;
            let mut sender = scene.bound(&scene.account(1), "").await?;
            let (id, to) = (sender.id(), there.bare().to_owned());
            sender
                .send_marked(format!(
                    "<message type='{kind}' id='{id}' to='{to}'><body>b</body></message>"
                ))
                .await;
            sender.sync().await?;
            for resource in [&mut there, &mut other] {
                let all = resource.all_until_now(&mut sender).await?;
                let copies = all.iter().filter(|e| has_id(e.as_ref(), &id)).count();
                ensure!(copies == 1, "one of them gets it {copies} times");
            }
            Ok(())
        },
    )
    .accounts(2);
    let rows = [
        ("none", None),
        ("normal", Some("normal")),
        ("chat", Some("chat")),
        ("headline", Some("headline")),
        ("groupchat", Some("groupchat")),
    ];
    s.table(
        Level::Must,
        4,
        "6121-5.2.2-04 6121-5.2.2-06",
        "the type arrives as it was",
        rows,
        async |scene, kind| {
            let message = arrived(scene, kind, "<body>b</body>").await?;
            let found = message.attr("type");
            let found = found.as_deref().filter(|found| *found != "normal");
            ensure!(found == kind.filter(|kind| *kind != "normal"), "it is {found:?}");
            Ok(())
        },
    )
    .accounts(2);
    content(cases);
}

fn has_id(e: ElementRef<'_>, id: &str) -> bool {
    e.attr("id").as_deref() == Some(id)
}

/// A message to a full JID, as it arrives.
async fn arrived(scene: &Scene, kind: Option<&str>, children: &str) -> Outcome<Element> {
    let mut there = scene.online(&scene.account(0), "").await?;
    let mut sender = scene.bound(&scene.account(1), "").await?;
    let (id, to) = (sender.id(), there.jid.clone());
    let kind = kind.map(|kind| format!(" type='{kind}'")).unwrap_or_default();
    sender.send_marked(format!("<message{kind} id='{id}' to='{to}'>{children}</message>")).await;
    there.wait_for("the message", |e| has_id(e, &id)).await
}

fn texts(message: &Element, name: &str) -> Vec<(String, String)> {
    let found = message.children().filter(|child| child.is(CLIENT, name));
    found
        .map(|child| {
            let lang = child.attr_ns(XML, "lang").unwrap_or_default().into_owned();
            (lang, child.text().into_owned())
        })
        .collect()
}

fn content(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "5.2.3");
    let rows = [
        ("plain", "hello"),
        ("empty", ""),
        ("markup", "&lt;b&gt; &amp;amp; ]]&gt;"),
        ("spaces", "  two  spaces \n\n\ttab "),
        ("unicode", "\u{1F469}\u{200D}\u{1F680} \u{5D0}\u{5D1} e\u{301}"),
        ("character-references", "&#x1F600;&#65;&#10;"),
        ("cdata", "<![CDATA[<b>&amp;</b>]]>"),
        ("no-characters", "\u{FFFD}\u{E000}\u{10FFFD}"),
    ];
    s.table(Level::May, 1, "The <body/> element contains human-readable XML character data that specifies the textual contents of the message", "the body arrives as it was", rows, async |scene, body| {
        let wanted = meaning(body);
        let message = arrived(scene, Some("chat"), &format!("<body>{body}</body>")).await?;
        let found = texts(&message, "body");
        ensure!(found.len() == 1 && found[0].1 == wanted, "it is {found:?}");
        Ok(())
    })
    .accounts(2);
    s.may(2, "6121-5.2.3-02", "several bodies, each with its language", async |scene| {
        let bodies = "<body xml:lang='en'>one</body><body xml:lang='de'>eins</body><body xml:lang='fr-CA'>un</body>";
        let message = arrived(scene, Some("chat"), bodies).await?;
        let found = texts(&message, "body");
        let wanted = [("en", "one"), ("de", "eins"), ("fr-CA", "un")];
        let same = found.len() == 3 && found.iter().zip(wanted).all(|(f, w)| (&*f.0, &*f.1) == w);
        ensure!(same, "they are {found:?}");
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6121", "5.2.4");
    s.may(1, "6121-5.2.4-01", "several subjects, each with its language", async |scene| {
        let subjects = "<subject xml:lang='en'>one</subject><subject xml:lang='de'>eins</subject><body>b</body>";
        let message = arrived(scene, Some("normal"), subjects).await?;
        let found = texts(&message, "subject");
        let wanted = [("en", "one"), ("de", "eins")];
        let same = found.len() == 2 && found.iter().zip(wanted).all(|(f, w)| (&*f.0, &*f.1) == w);
        ensure!(same, "they are {found:?}");
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6121", "5.2.5");
    let rows = [
        ("uuid", "e0ffe42b-28561960c6b1-2a6c"),
        ("spaces", " a  b "),
        ("unicode", "\u{E9}\u{1F600}"),
        ("markup", "&lt;&amp;"),
        ("upper-case", "ABC"),
    ];
    s.table(
        Level::Must,
        1,
        "6121-5.2.5-07",
        "<thread/> and its 'parent' arrive as they were",
        rows,
        async |scene, thread| {
            let child = format!("<thread parent='p{thread}'>{thread}</thread><body>b</body>");
            let message = arrived(scene, Some("chat"), &child).await?;
            let Some(found) = message.child(CLIENT, "thread") else { crate::fail!("it is gone") };
            let wanted = meaning(thread);
            let (text, parent) = (found.text(), found.attr("parent"));
            ensure!(
                text == *wanted && parent.as_deref() == Some(&*format!("p{wanted}")),
                "it is {}",
                found.source()
            );
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "5.3");
    let rows = [
        ("default-namespace", "<x xmlns='urn:example:x' a='1'><y b='2'>t</y></x>"),
        ("prefix", "<p:x xmlns:p='urn:example:x' a='1'><p:y b='2'>t</p:y></p:x>"),
        (
            "prefixed-attribute",
            "<x xmlns='urn:example:x' xmlns:q='urn:example:q' a='1' q:a='3'><y b='2'>t</y></x>",
        ),
        (
            "prefix-of-the-stream",
            "<stream:x xmlns:stream='urn:example:x' a='1'><stream:y b='2'>t</stream:y></stream:x>",
        ),
    ];
    s.table(
        Level::May,
        1,
        "6121-5.3-01",
        "extended content arrives",
        rows,
        async |scene, child| {
            let message = arrived(scene, Some("chat"), &format!("{child}<body>b</body>")).await?;
            let ns = Ns::new("urn:example:x");
            let Some(x) = message.child(ns, "x") else {
                crate::fail!("it is gone: {}", message.source())
            };
            let y = x.child(ns, "y");
            let right = x.attr("a").as_deref() == Some("1")
                && y.is_some_and(|y| y.attr("b").as_deref() == Some("2") && y.text() == "t")
                && (!child.contains("q:a")
                    || x.attr_ns(Ns::new("urn:example:q"), "a").as_deref() == Some("3"));
            ensure!(right, "it is {}", x.source());
            Ok(())
        },
    )
    .accounts(2);
    s.may(2, "6121-5.3-01", "a message without <body/> arrives", async |scene| {
        let message =
            arrived(scene, Some("chat"), "<active xmlns='http://jabber.org/protocol/chatstates'/>")
                .await?;
        ensure!(message.children().count() > 0, "it is {}", message.source());
        Ok(())
    })
    .accounts(2);
}

/// What XML text without elements means.
fn meaning(text: &str) -> String {
    if let Some(text) = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")) {
        return text.into();
    }
    text.replace("&#x1F600;", "\u{1F600}")
        .replace("&#65;", "A")
        .replace("&#10;", "\n")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
