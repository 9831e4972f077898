//! RFC 6120 section 8: stanzas that a client does not know, cannot use, or did not ask for.

use core::time::Duration;

use tokio::time::Instant;
use xmpp_xml::Element;

use crate::case::Cases;
use crate::client::host::{STANZAS, Session, attr};
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Fault, Level, Outcome};
use crate::wire::{Item, StanzaError, StreamError};
use crate::{ensure, fail, skip};

const UNKNOWN: &str = "<query xmlns='urn:example:never-heard-of'/>";

pub(super) fn cases(cases: &mut Cases<Stage>) {
    requests(cases);
    odd_requests(&mut cases.section("6120", "8.2.3"));
    no_answer(cases);
    unknown(&mut cases.section("6120", "8.4"));
    namespaces(cases);
    large(&mut cases.section("6120", "8.3.1"));
}

async fn ready(scene: &mut Scene) -> Outcome<Session> {
    let mut session = scene.session().await?;
    session.settle().await?;
    Ok(session)
}

/// Whoever asks.
fn askers(scene: &Scene, who: &str) -> String {
    let (domain, account) = (&scene.setting.domain, scene.setting.account());
    match who {
        "the-server" => domain.clone(),
        "the-account" => account,
        "a-contact" => format!("romeo@{domain}/orchard"),
        _ => String::new(),
    }
}

/// What it says to an ordinary request, where the question is how an odd one is answered. That
/// there is an answer is another case's matter (6120/8.4/1).
async fn answers(session: &mut Session, from: &str, payload: &str) -> Outcome<Element> {
    match session.request("get", from, payload).await {
        Err(Fault::Failed(why)) => skip!("an ordinary request is not answered: {why}"),
        answer => answer,
    }
}

fn requests(cases: &mut Cases<Stage>) {
    let rows =
        [("the-server", "get"), ("the-account", "set"), ("a-contact", "get"), ("nobody", "set")];
    cases.section("6120", "8.4").table(
        Level::Must,
        1,
        "6120-8.4-12",
        "a request of an unknown namespace is answered with service-unavailable",
        rows.map(|row| (row.0, row)),
        async |scene: &mut Scene, (who, kind): (&str, &str)| {
            let mut session = ready(scene).await?;
            let from = askers(scene, who);
            let answer = session.request(kind, &from, UNKNOWN).await?;
            let error = StanzaError::of(answer.as_ref());
            let condition = error.map(|error| error.condition).unwrap_or_default();
            // Of an unknown namespace; feature-not-implemented is for unknown elements in a known one.
            ensure!(
                condition == "service-unavailable",
                "the answer is of type {:?}, {condition:?}",
                attr(&answer, "type")
            );
            let to = attr(&answer, "to");
            ensure!(
                to == from || (to.is_empty() && !from.contains('/')),
                "the answer goes to {to:?}"
            );
            Ok(())
        },
    );
    cases.section("6120", "8.2.3").must(
        1,
        "6120-8.2.3-04",
        "a request in a known namespace with an unknown element is answered",
        async |scene: &mut Scene| {
            let mut session = ready(scene).await?;
            let from = askers(scene, "a-contact");
            let answer = session
                .request("set", &from, "<dance xmlns='http://jabber.org/protocol/disco#info'/>")
                .await?;
            let kind = attr(&answer, "type");
            ensure!(kind == "error", "the answer is of type {kind:?}");
            Ok(())
        },
    );
}

fn odd_requests(section: &mut Section<'_>) {
    section.table(
        Level::Must,
        2,
        "6120-8.2.3-03",
        "a request of another type is answered with bad-request",
        [("unknown", "please"), ("in-capitals", "GET"), ("empty", "")],
        async |scene: &mut Scene, kind: &str| {
            let mut session = ready(scene).await?;
            let from = askers(scene, "a-contact");
            let answer = session.request(kind, &from, UNKNOWN).await?;
            let error =
                StanzaError::of(answer.as_ref()).map(|error| error.condition).unwrap_or_default();
            ensure!(
                error == "bad-request",
                "the answer is of type {:?}, {error:?}",
                attr(&answer, "type")
            );
            Ok(())
        },
    );
    section.table(
        Level::Must,
        3,
        "6120-8.2.3-04",
        "a request without exactly one child is answered, however",
        [
            ("none", ""),
            ("two", "<ping xmlns='urn:xmpp:ping'/><query xmlns='urn:example:never-heard-of'/>"),
            ("text", "text alone"),
        ],
        async |scene: &mut Scene, payload: &str| {
            let mut session = ready(scene).await?;
            let from = askers(scene, "a-contact");
            session.request("get", &from, payload).await.map(drop)
        },
    );
    section.table(Level::Must, 4, "6120-8.2.3-05", "the answer has the id of the request", [
        ("with-signs", "&lt;&apos;&quot;&gt;&amp;"),
        ("with-letters-of-all-kinds", "\u{e4}\u{3b1}\u{5d0}\u{1F980}"),
        ("long", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"),
    ], async |scene: &mut Scene, id: &str| {
        let mut session = ready(scene).await?;
        let (from, to) = (askers(scene, "a-contact"), session.jid.clone());
        answers(&mut session, &from, UNKNOWN).await?;
        session.send_marked(format!("<iq type='get' id='{id}' from='{from}' to='{to}'>{UNKNOWN}</iq>")).await;
        let answer = session.until("an answer", Duration::from_secs(5), |e| {
            e.name() == "iq" && matches!(e.attr("type").as_deref(), Some("error" | "result"))
        }).await?;
        let plain = id.replace("&lt;", "<").replace("&gt;", ">").replace("&apos;", "'").replace("&quot;", "\"").replace("&amp;", "&");
        ensure!(attr(&answer, "id") == plain, "it has {:?}", attr(&answer, "id"));
        Ok(())
    });
    section.must(
        5,
        "6120-8.2.3-04",
        "two requests with one id are both answered",
        async |scene: &mut Scene| {
            let mut session = ready(scene).await?;
            let (from, to) = (askers(scene, "a-contact"), session.jid.clone());
            let request =
                format!("<iq type='get' id='again' from='{from}' to='{to}'>{UNKNOWN}</iq>");
            session.send_marked(format!("{request}{request}")).await;
            for which in ["the first answer", "the second answer"] {
                session
                    .until(which, Duration::from_secs(5), |e| {
                        e.attr("id").as_deref() == Some("again")
                    })
                    .await?;
            }
            Ok(())
        },
    );
    section.must(
        6,
        "6120-8.2.3-04",
        "a request without an id does not end the stream",
        async |scene: &mut Scene| {
            let mut session = ready(scene).await?;
            session
                .send_marked(format!("<iq type='get' from='{}'>{UNKNOWN}</iq>", session.domain))
                .await;
            session.goes_on().await
        },
    );
}

fn no_answer(cases: &mut Cases<Stage>) {
    cases.section("6120", "8.2.3").table(Level::Must, 7, "6120-8.2.3-06", "a result or an error that answers nothing is not answered", [
        ("result", "<iq type='result' id='never-asked'{from}/>"),
        ("result-with-a-payload", "<iq type='result' id='never-asked'{from}><query xmlns='urn:example:never-heard-of'/></iq>"),
        ("error", "<iq type='error' id='never-asked'{from}><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"),
        ("error-without-an-error", "<iq type='error' id='never-asked'{from}/>"),
    ], async |scene: &mut Scene, form: &str| {
        let mut session = ready(scene).await?;
        let from = format!(" from='{}'", askers(scene, "a-contact"));
        session.send_marked(form.replace("{from}", &from)).await;
        session.never(|e| e.attr("id").as_deref() == Some("never-asked"), "it is answered").await
    });
    cases.section("6120", "8.3.1").table(Level::Must, 1, "6120-8.3.1-11", "an error is not answered with an error", [
        ("message", "<message type='error' id='err'{from}><body>a</body><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"),
        ("message-without-an-error", "<message type='error' id='err'{from}/>"),
        ("presence", "<presence type='error' id='err'{from}><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"),
    ], async |scene: &mut Scene, form: &str| {
        let mut session = ready(scene).await?;
        let from = format!(" from='{}'", askers(scene, "a-contact"));
        session.send_marked(form.replace("{from}", &from)).await;
        session.never(|e| e.attr("type").as_deref() == Some("error"), "an error came").await
    });
    cases.section("6120", "8.3.2").must(1, "6120-8.3.2-05", "an error of an unknown condition does not end the stream", async |scene: &mut Scene| {
        let mut session = ready(scene).await?;
        session.send_marked(format!(
            "<message type='error' from='{}'><error type='moon'><full-moon xmlns='{STANZAS}'/><x xmlns='urn:example:x'/></error></message>",
            askers(scene, "a-contact")
        )).await;
        session.goes_on().await
    });
}

fn unknown(section: &mut Section<'_>) {
    section.table(Level::Must, 2, "6120-8.4-11", "what it does not know in a stanza does not end the stream", [
        ("message", "<message{from}><x xmlns='urn:example:x'><y/>text</x></message>"),
        ("message-beside-a-body", "<message type='chat'{from}><x xmlns='urn:example:x'/><body>a</body><body xmlns='urn:example:x'>b</body></message>"),
        ("message-of-nothing", "<message{from}/>"),
        ("message-of-an-unknown-type", "<message type='song'{from}><body>la</body></message>"),
        ("presence", "<presence{from}><x xmlns='urn:example:x'/></presence>"),
        ("presence-of-an-unknown-type", "<presence type='bored'{from}/>"),
        ("presence-with-an-odd-priority", "<presence{from}><priority>high</priority><show>busy</show></presence>"),
        ("stanza-without-from", "<message><body>a</body></message>"),
    ], async |scene: &mut Scene, form: &str| {
        let mut session = ready(scene).await?;
        let from = format!(" from='{}'", askers(scene, "a-contact"));
        session.send_marked(form.replace("{from}", &from)).await;
        session.goes_on().await
    });
    section.must(
        3,
        "6120-8.4-10",
        "presence with an unknown child is no presence error",
        async |scene: &mut Scene| {
            let mut session = ready(scene).await?;
            session
                .send_marked(format!(
                    "<presence from='{}'><x xmlns='urn:example:x'/></presence>",
                    askers(scene, "a-contact")
                ))
                .await;
            session
                .never(
                    |e| e.name() == "presence" && e.attr("type").as_deref() == Some("error"),
                    "an error came",
                )
                .await
        },
    );
}

fn namespaces(cases: &mut Cases<Stage>) {
    cases.section("6120", "4.8.3").must(2, "6120-4.8.3-04", "a stanza of jabber:server ends the stream", async |scene: &mut Scene| {
        let mut session = ready(scene).await?;
        session.send_marked(format!(
            "<iq xmlns='jabber:server' type='get' id='s2s' from='{0}' to='{1}'>{UNKNOWN}</iq>", session.domain, session.jid
        )).await;
        session.must_end_with(&["invalid-namespace", "unsupported-stanza-type"]).await
    });
    cases.section("6120", "8.4").must(
        4,
        "6120-8.4-06",
        "a request whose child has a prefix is the same request",
        async |scene: &mut Scene| {
            let mut session = ready(scene).await?;
            let from = askers(scene, "a-contact");
            let plain = answers(&mut session, &from, "<ping xmlns='urn:xmpp:ping'/>").await?;
            let prefixed =
                session.request("get", &from, "<p:ping xmlns:p='urn:xmpp:ping'/>").await?;
            let (plain, prefixed) = (attr(&plain, "type"), attr(&prefixed, "type"));
            ensure!(plain == prefixed, "it is answered with {prefixed:?} in place of {plain:?}");
            Ok(())
        },
    );
    cases.section("6120", "8.4").must(
        5,
        "6120-8.4-08",
        "an element of the same name in another namespace is another",
        async |scene: &mut Scene| {
            let mut session = ready(scene).await?;
            let from = askers(scene, "a-contact");
            let answer = session.request("get", &from, "<ping xmlns='urn:example:other'/>").await?;
            ensure!(attr(&answer, "type") == "error", "it is taken for a ping");
            Ok(())
        },
    );
}

fn large(section: &mut Section<'_>) {
    let message =
        |inside: String| format!("<message from='romeo@other.example/x'>{inside}</message>");
    let rows = [
        ("text-of-a-megabyte", message(format!("<body>{}</body>", "a".repeat(1 << 20)))),
        (
            "attribute-of-a-megabyte",
            message(format!("<x xmlns='urn:example:x' a='{}'/>", "a".repeat(1 << 20))),
        ),
        (
            "10000-levels",
            message(format!(
                "{}{}",
                "<x xmlns='urn:example:x'>".repeat(10_000),
                "</x>".repeat(10_000)
            )),
        ),
        (
            "100000-children",
            message(format!("<y xmlns='urn:example:y'>{}</y>", "<x/>".repeat(100_000))),
        ),
        (
            "10000-attributes",
            message(format!(
                "<y xmlns='urn:example:y'{}/>",
                (0..10_000).map(|n| format!(" a{n}=''")).collect::<String>()
            )),
        ),
        (
            "10000-declarations",
            message(format!(
                "<y xmlns='urn:example:y'{}/>",
                (0..10_000).map(|n| format!(" xmlns:a{n}='urn:{n}'")).collect::<String>()
            )),
        ),
    ];
    section.table(
        Level::Must,
        2,
        "6120-4.9.1.1-01",
        "what is large is taken, or refused with an error",
        rows,
        async |scene: &mut Scene, stanza: String| {
            let mut session = ready(scene).await?;
            session.send_marked(stanza).await;
            survives(&mut session).await
        },
    );
}

/// It goes on, or ends with a stream error: it does not just fall over.
async fn survives(session: &mut Session) -> Outcome {
    let id = session.id();
    let from = session.domain.clone();
    session
        .send(format!("<iq type='get' id='{id}' from='{from}'><ping xmlns='urn:xmpp:ping'/></iq>"))
        .await;
    let until = Instant::now() + Duration::from_secs(8);
    loop {
        match session.wire.item_until(until).await {
            Item::Element(element)
                if attr(&element, "id") == id || StreamError::of(&element).is_some() =>
            {
                return Ok(());
            }
            Item::Element(_) => {}
            Item::Silence => return Ok(()),
            Item::End(_) => fail!("the connection is gone, without a stream error"),
            other => return Err(Fault::Failed(other.what())),
        }
    }
}
