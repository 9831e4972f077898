//! RFC 6120 section 8: XML stanzas.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::provoke::{Reaction, reaction};
use crate::server::session::CLIENT;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    addresses(cases);
    ids(cases);
    semantics(cases);
    errors(cases);
    extensions(cases);
}

/// Two users, the second of whom is available.
async fn two(scene: &Scene) -> Outcome<(User, User)> {
    let other = scene.online(&scene.account(1), "").await?;
    Ok((scene.bound(&scene.account(0), "").await?, other))
}

async fn with_id(user: &mut User, id: &str) -> Outcome<Element> {
    user.wait_for(&format!("the stanza with the id {id}"), |e| e.attr("id").as_deref() == Some(id))
        .await
}

fn addresses(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "8.1.1.1");
    s.must(1, "6120-8.1.1.1-03", "'to' stays what it is (full JID)", async |scene| {
        let (mut user, mut other) = two(scene).await?;
        let to = other.jid.clone();
        user.send_marked(format!("<message to='{to}' id='m'><body>b</body></message>")).await;
        let message = with_id(&mut other, "m").await?;
        let found = message.attr("to");
        ensure!(found.as_deref() == Some(&*to), "it is {found:?}");
        Ok(())
    })
    .accounts(2);
    s.must(
        2,
        "6120-8.1.1.1-03 6121-8.5.2.1.1-13",
        "'to' stays what it is (bare JID)",
        async |scene| {
            let (mut user, mut other) = two(scene).await?;
            let to = other.bare().to_owned();
            user.send_marked(format!("<message to='{to}' id='m'><body>b</body></message>")).await;
            let message = with_id(&mut other, "m").await?;
            let found = message.attr("to");
            ensure!(found.as_deref() == Some(&*to), "it is {found:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(3, "6120-8.1.1.1-04", "'to' of what the server says itself", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let answer = user.iq("get", None, "<query xmlns='jabber:iq:roster'/>").await?;
        let to = answer.attr("to");
        ensure!(to.as_deref().is_none_or(|to| to == user.jid), "it is {to:?}");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6120", "8.1.2.1");
    let kinds = [
        ("message", "<message FROM to='TO' id='m'><body>b</body></message>"),
        ("presence", "<presence FROM to='TO' id='m'/>"),
        ("iq", "<iq FROM type='get' to='TO' id='m'><query xmlns='urn:example:q'/></iq>"),
    ];
    s.table(Level::Must, 1, "6120-8.1.2.1-01", "'from' is added", kinds, async |scene, stanza| {
        stamped(scene, &stanza.replace(" FROM", "")).await
    })
    .accounts(2);
    s.table(
        Level::Must,
        2,
        "6120-8.1.2.1-01",
        "the bare JID as 'from' becomes the full one",
        kinds,
        async |scene, stanza| {
            let bare = scene.account(0).jid;
            stamped(scene, &stanza.replace("FROM", &format!("from='{bare}'"))).await
        },
    )
    .accounts(2);
    s.table(
        Level::Must,
        3,
        "6120-8.1.2.1-01",
        "somebody else's 'from' does not get through",
        kinds,
        async |scene, stanza| {
            let (mut user, mut other) = two(scene).await?;
            let domain = scene.domain();
            let stanza = stanza
                .replace("FROM", &format!("from='admin@{domain}/x'"))
                .replace("TO", &other.jid);
            user.send_marked(stanza).await;
            let _ = reaction(&mut user).await?;
            for element in
                other.all_of_own().await?.iter().filter(|e| e.attr("id").as_deref() == Some("m"))
            {
                let from = element.attr("from");
                ensure!(from.as_deref() == Some(&*user.jid), "it comes from {from:?}");
            }
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        4,
        "6120-8.1.2.1-02 6120-8.1.2.1-03",
        "'from' of what the server says on behalf of the account",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let answer = user.iq("get", None, "<query xmlns='jabber:iq:roster'/>").await?;
            let from = answer.attr("from");
            ensure!(from.as_deref().is_none_or(|from| from == user.bare()), "it is {from:?}");
            Ok(())
        },
    )
    .accounts(1);
    s.must(5, "6120-8.1.2.1-02", "'from' of what the server says itself", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let domain = scene.domain().to_owned();
        let answer = user.iq("get", Some(&domain), "<query xmlns='urn:example:q'/>").await?;
        let from = answer.attr("from");
        ensure!(from.as_deref() == Some(&*domain), "it is {from:?}");
        Ok(())
    })
    .accounts(1);
    s.must(6, "6120-8.1.2.1-04", "what others say has a 'from'", async |scene| {
        stamped(scene, "<message to='TO' id='m'><body>b</body></message>").await
    })
    .accounts(2);
}

/// The stanza reaches the other one with the sender's full JID.
async fn stamped(scene: &Scene, stanza: &str) -> Outcome {
    let (mut user, mut other) = two(scene).await?;
    // A request reaches only who shares presence.
    other.send(format!("<presence to='{}'/>", user.jid)).await;
    user.wait_for("presence", |e| e.name() == "presence").await?;
    user.send_marked(stanza.replace("TO", &other.jid)).await;
    let element = with_id(&mut other, "m").await?;
    let from = element.attr("from");
    ensure!(from.as_deref() == Some(&*user.jid), "'from' is {from:?}");
    Ok(())
}

fn ids(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "8.1.3");
    let rows = [
        ("short", "1"),
        ("quotes", "a&quot;b&apos;c"),
        ("markup", "&lt;a&gt;&amp;"),
        ("space", "a b  c"),
        ("unicode", "\u{E9}\u{1F600}"),
        (
            "long",
            "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789012345678901234567890123456789",
        ),
    ];
    s.table(
        Level::Must,
        1,
        "6120-8.1.3-02 6120-8.2.3-05",
        "an answer has the id of the request",
        rows,
        async |scene, id| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(format!(
                "<iq type='get' id='{id}'><query xmlns='jabber:iq:roster'/></iq>"
            ))
            .await;
            let answer = user.wait_for("the answer", |e| e.name() == "iq").await?;
            let wanted = id
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
            let found = answer.attr("id");
            ensure!(found.as_deref() == Some(&*wanted), "it is {found:?}");
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        2,
        "6120-8.1.3-02 6120-8.3.1-03 6120-8.3.1-05",
        "an error for a message has its id",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("nobody-of-that-name@{}", scene.domain());
            user.send_marked(format!(
                "<message to='{to}' type='groupchat' id='m-7'><body>b</body></message>"
            ))
            .await;
            user.sync().await?;
            let found = user.take_where(|e| e.name() == "message");
            let Some(error) = found else { skip!("no error is returned") };
            let id = error.attr("id");
            ensure!(id.as_deref() == Some("m-7"), "it is {id:?}");
            Ok(())
        },
    )
    .accounts(1);
}

fn semantics(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "8.2.1");
    s.should(1, "6120-8.2.1-01", "a message is delivered", async |scene| {
        let (mut user, mut other) = two(scene).await?;
        let to = other.jid.clone();
        user.send_marked(format!("<message to='{to}' id='m'><body>hello</body></message>")).await;
        let message = with_id(&mut other, "m").await?;
        let body = message.child(Ns::new(CLIENT), "body").map(|b| b.text().into_owned());
        ensure!(body.as_deref() == Some("hello"), "the body is {body:?}");
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6120", "8.2.3");
    let rows = [
        ("unknown", "<iq type='ask' id='q' to='TO'><query xmlns='urn:example:q'/></iq>"),
        ("empty", "<iq type='' id='q' to='TO'><query xmlns='urn:example:q'/></iq>"),
        ("upper-case", "<iq type='GET' id='q' to='TO'><query xmlns='urn:example:q'/></iq>"),
        ("missing", "<iq id='q' to='TO'><query xmlns='urn:example:q'/></iq>"),
        ("of-a-message", "<iq type='chat' id='q' to='TO'><query xmlns='urn:example:q'/></iq>"),
    ];
    s.table(
        Level::Must,
        1,
        "6120-8.2.3-02 6120-8.2.3-03",
        "a type that an iq cannot have: bad-request",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(stanza.replace("TO", scene.domain())).await;
            refused(&mut user, &["bad-request"]).await
        },
    )
    .accounts(1);
    s.must(
        2,
        "6120-8.2.3-01",
        "an iq without an id: bad-request, or the stream ends",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>").await;
            refused(&mut user, &["bad-request"]).await
        },
    )
    .accounts(1);
    let rows = [
        ("none", "<iq type='get' id='q' to='TO'/>"),
        (
            "two",
            "<iq type='get' id='q' to='TO'><query xmlns='urn:example:q'/><query xmlns='urn:example:r'/></iq>",
        ),
        ("none-of-set", "<iq type='set' id='q' to='TO'/>"),
        ("text", "<iq type='get' id='q' to='TO'>text</iq>"),
    ];
    s.table(
        Level::Must,
        3,
        "6120-8.2.3-07 6120-8.3.1-01",
        "a request without exactly one child is refused",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(stanza.replace("TO", scene.domain())).await;
            refused(&mut user, &[]).await
        },
    )
    .accounts(1);
    let rows = [
        ("get-to-server", ("get", 0)),
        ("set-to-server", ("set", 0)),
        ("get-to-account", ("get", 1)),
        ("set-to-account", ("set", 1)),
        ("get-without-to", ("get", 2)),
        ("set-without-to", ("set", 2)),
    ];
    s.table(
        Level::Must,
        4,
        "6120-8.2.3-04 6120-8.4-12",
        "a request that nobody knows: service-unavailable",
        rows,
        async |scene, (kind, whom)| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to =
                [Some(scene.domain().to_owned()), Some(user.bare().to_owned()), None][whom].clone();
            let answer = user.iq(kind, to.as_deref(), "<query xmlns='urn:example:q'/>").await?;
            let error = StanzaError::of(answer.as_ref());
            let Some(error) = error else { fail!("it is granted") };
            ensure!(error.condition == "service-unavailable", "it is {}", error.condition);
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        ("result", "<iq type='result' id='q' to='TO'/>"),
        (
            "error",
            "<iq type='error' id='q' to='TO'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        ),
    ];
    s.table(
        Level::Must,
        5,
        "6120-8.2.3-06 6120-8.3.1-11",
        "an answer that nobody waits for is not answered, by the server",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(stanza.replace("TO", scene.domain())).await;
            unanswered(&mut user).await
        },
    )
    .accounts(1);
    s.table(
        Level::Must,
        6,
        "6120-8.2.3-06 6120-8.3.1-11",
        "an answer that nobody waits for is not answered, by the account",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = user.bare().to_owned();
            user.send_marked(stanza.replace("TO", &to)).await;
            unanswered(&mut user).await
        },
    )
    .accounts(1);
    s.table(
        Level::Must,
        7,
        "6120-8.2.3-06 6120-8.3.1-11",
        "an answer to who is not there is not answered",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("{}/nowhere", scene.account(0).jid);
            user.send_marked(stanza.replace("TO", &to)).await;
            unanswered(&mut user).await
        },
    )
    .accounts(1);
}

/// An error for the stanza has to come, or the stream has to end with an error.
async fn refused(user: &mut User, conditions: &[&str]) -> Outcome {
    match reaction(user).await? {
        Reaction::Refused(condition) => {
            ensure!(
                conditions.is_empty() || conditions.contains(&&*condition),
                "it is {condition}"
            );
            Ok(())
        }
        Reaction::Ended(_) => Ok(()),
        Reaction::Ignored => fail!("it is not refused"),
        Reaction::Closed => fail!("the stream is closed without an error"),
    }
}

async fn unanswered(user: &mut User) -> Outcome {
    match reaction(user).await? {
        Reaction::Ignored => Ok(()),
        other => fail!("it is: {other:?}"),
    }
}

/// A stanza error, which nobody can avoid to give.
async fn an_error(scene: &Scene) -> Outcome<(User, Element)> {
    let mut user = scene.bound(&scene.account(0), "").await?;
    let to = scene.domain().to_owned();
    let answer = user.iq("get", Some(&to), "<query xmlns='urn:example:q'/>").await?;
    ensure!(StanzaError::of(answer.as_ref()).is_some(), "the request is granted");
    Ok((user, answer))
}

fn errors(cases: &mut Cases<Target>) {
    let stanzas = Ns::new("urn:ietf:params:xml:ns:xmpp-stanzas");
    let mut s = cases.section("6120", "8.3.1");
    s.must(1, "6120-8.3.1-01 6120-8.3.1-06", "an error stanza has an <error/>", async |scene| {
        let (_, answer) = an_error(scene).await?;
        let there = answer.child(Ns::new(CLIENT), "error").is_some();
        ensure!(there, "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.should(2, "6120-8.3.1-02", "the addresses are swapped", async |scene| {
        let (user, answer) = an_error(scene).await?;
        let (from, to) = (answer.attr("from"), answer.attr("to"));
        ensure!(
            from.as_deref() == Some(scene.domain()) && to.as_deref() == Some(&*user.jid),
            "from {from:?} to {to:?}"
        );
        Ok(())
    })
    .accounts(1);
    let rows = [
        (
            "message",
            "<message type='error' to='TO' id='m'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        ),
        (
            "presence",
            "<presence type='error' to='TO' id='m'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
        ),
        (
            "iq",
            "<iq type='error' to='TO' id='m'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        ),
    ];
    s.table(
        Level::Must,
        3,
        "6120-8.3.1-11",
        "an error to nobody is not answered",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("nobody-of-that-name@{}", scene.domain());
            user.send_marked(stanza.replace("TO", &to)).await;
            unanswered(&mut user).await
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "8.3.2");
    s.must(1, "6120-8.3.2-03", "the error has a type that is defined", async |scene| {
        let (_, answer) = an_error(scene).await?;
        let kind = StanzaError::of(answer.as_ref()).map(|error| error.kind).unwrap_or_default();
        ensure!(
            ["auth", "cancel", "continue", "modify", "wait"].contains(&&*kind),
            "it is {kind:?}"
        );
        Ok(())
    })
    .accounts(1);
    s.must(
        2,
        "6120-8.3.2-04 6120-8.3.2-06",
        "the error has one condition that is defined",
        async move |scene| {
            let (_, answer) = an_error(scene).await?;
            let error = answer.child(Ns::new(CLIENT), "error");
            let found: Vec<_> = error
                .into_iter()
                .flat_map(|e| e.children())
                .filter(|c| c.has_ns(stanzas) && c.name() != "text")
                .map(|c| c.name().to_owned())
                .collect();
            ensure!(found.len() == 1 && DEFINED.contains(&&*found[0]), "it is {found:?}");
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        3,
        "6120-8.3.2-07",
        "a <text/> of an error is in the right namespace",
        async move |scene| {
            let (_, answer) = an_error(scene).await?;
            let error = answer.child(Ns::new(CLIENT), "error");
            let Some(text) = error.and_then(|e| e.children().find(|c| c.name() == "text")) else {
                skip!("there is no <text/>")
            };
            ensure!(text.has_ns(stanzas), "it is in {}", text.ns());
            Ok(())
        },
    )
    .accounts(1);
    s.should(
        4,
        "6120-8.3.3.19-01 6120-8.3.3-01",
        "service-unavailable is of the type cancel",
        async |scene| {
            let (_, answer) = an_error(scene).await?;
            let error = StanzaError::of(answer.as_ref());
            let Some(error) = error.filter(|e| e.condition == "service-unavailable") else {
                skip!("it is another error")
            };
            ensure!(error.kind == "cancel", "it is {}", error.kind);
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "8.3.3.1");
    s.should(1, "6120-8.3.3.1-01", "bad-request is of the type modify", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = scene.domain().to_owned();
        user.send_marked(format!(
            "<iq type='ask' id='q' to='{to}'><query xmlns='urn:example:q'/></iq>"
        ))
        .await;
        let answer = user.answer("q").await?;
        let error = StanzaError::of(answer.as_ref());
        let Some(error) = error.filter(|e| e.condition == "bad-request") else {
            skip!("it is another error")
        };
        ensure!(error.kind == "modify", "it is {}", error.kind);
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6120", "8.3.3.8");
    let rows = [
        ("two-ats", "a@b@c"),
        ("empty-localpart", "@DOMAIN"),
        ("empty-resourcepart", "u1@DOMAIN/"),
        ("empty", ""),
        ("space-in-localpart", "a b@DOMAIN"),
        ("slash-alone", "/"),
        ("quote-in-localpart", "a&quot;b@DOMAIN"),
        ("less-than-in-localpart", "a&lt;b@DOMAIN"),
    ];
    s.table(
        Level::Must,
        1,
        "7622-4-01",
        "a stanza to what is no address is refused",
        rows,
        async |scene, to| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = to.replace("DOMAIN", scene.domain());
            user.send_marked(format!(
                "<iq type='get' id='q' to='{to}'><query xmlns='urn:example:q'/></iq>"
            ))
            .await;
            refused(&mut user, &[]).await
        },
    )
    .accounts(1);
    s.table(Level::May, 2, "The sending entity has provided (e.g., during resource binding) or communicated (e.g., in the 'to' address of a stanza) an XMPP address or aspect thereof that violates the rules defined in [XMPP-ADDR]; the associated error type SHOULD be \"modify\".", "it is jid-malformed", rows, async |scene, to| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = to.replace("DOMAIN", scene.domain());
        user.send_marked(format!("<iq type='get' id='q' to='{to}'><query xmlns='urn:example:q'/></iq>")).await;
        refused(&mut user, &["jid-malformed", "bad-request"]).await
    })
    .accounts(1);
}

const DEFINED: [&str; 22] = [
    "bad-request",
    "conflict",
    "feature-not-implemented",
    "forbidden",
    "gone",
    "internal-server-error",
    "item-not-found",
    "jid-malformed",
    "not-acceptable",
    "not-allowed",
    "not-authorized",
    "policy-violation",
    "recipient-unavailable",
    "redirect",
    "registration-required",
    "remote-server-not-found",
    "remote-server-timeout",
    "resource-constraint",
    "service-unavailable",
    "subscription-required",
    "undefined-condition",
    "unexpected-request",
];

fn extensions(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "8.4");
    let rows = [
        ("unknown-child", "<x xmlns='urn:example:x'><y a='1'>text</y></x>"),
        ("mixed-content", "<x xmlns='urn:example:x'>a<b/>c<b/>d</x>"),
        ("two-of-one-name", "<x xmlns='urn:example:x'/><x xmlns='urn:example:x'/>"),
        ("white-space", "<x xmlns='urn:example:x'>  a\n\tb  </x>"),
        ("escapes", "<x xmlns='urn:example:x' a='&lt;&amp;&quot;&apos;'>&lt;&amp;&gt;</x>"),
        ("carriage-return", "<x xmlns='urn:example:x'>a&#13;&#10;b</x>"),
        ("attribute-white-space", "<x xmlns='urn:example:x' a='x&#10;&#9;y'/>"),
        ("prefixed-attribute", "<x xmlns='urn:example:x' xmlns:p='urn:example:p' p:a='1'/>"),
        ("xml-attributes", "<x xmlns='urn:example:x' xml:space='preserve' xml:lang='ga'> </x>"),
        ("unicode", "<x xmlns='urn:example:x'>\u{E9}e\u{301}\u{1F600}\u{200D}</x>"),
        (
            "nested",
            "<a xmlns='urn:example:a'><b xmlns='urn:example:b'><c xmlns='urn:example:a'/></b></a>",
        ),
    ];
    s.table(
        Level::Must,
        1,
        "6120-8.4-13",
        "a payload that nobody knows is delivered as it is",
        rows,
        async |scene, payload| {
            let (mut user, mut other) = two(scene).await?;
            let to = other.jid.clone();
            user.send_marked(format!(
                "<message to='{to}' id='m'><body>b</body>{payload}</message>"
            ))
            .await;
            let message = with_id(&mut other, "m").await?;
            let wanted = Element::parse(format!(
                "<message xmlns='{CLIENT}'><body>b</body>{payload}</message>"
            ))
            .map_err(|error| crate::verdict::Fault::Error(format!("the case is wrong: {error}")))?;
            for child in wanted.children() {
                let same = message.children().any(|found| found == child);
                ensure!(same, "{} is not there as it was sent", child.source());
            }
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        2,
        "6120-8.4-10 6120-8.4-13",
        "presence with an unknown child is presence",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.appear("<x xmlns='urn:example:x'/>").await
        },
    )
    .accounts(1);
    s.must(
        3,
        "6120-8.4-13",
        "an attribute that nobody knows is delivered, or left out",
        async |scene| {
            let (mut user, mut other) = two(scene).await?;
            let to = other.jid.clone();
            user.send_marked(format!(
                "<message to='{to}' id='m' xmlns:p='urn:example:p' p:a='1'><body>b</body></message>"
            ))
            .await;
            with_id(&mut other, "m").await.map(drop)
        },
    )
    .accounts(2);
}
