//! RFC 6120 section 4.8: XML namespaces.

use crate::case::Cases;
use crate::server::Target;
use crate::server::provoke::{Reaction, Stage, ends_with, reaction};
use crate::server::session::CLIENT;
use crate::verdict::{Level, Outcome};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    of_the_stream(cases);
    of_content(cases);
    of_other_data(cases);
    prefixes(cases);
    declared_in_the_header(cases);
}

/// Headers whose root is in a wrong namespace.
const WRONG_STREAMS: [(&str, &str); 3] = [
    (
        "other-uri",
        "<stream:stream to='DOMAIN' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/stream'>",
    ),
    ("none", "<stream to='DOMAIN' version='1.0'>"),
    ("content", "<stream to='DOMAIN' version='1.0' xmlns='jabber:client'>"),
];

fn of_the_stream(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.8.1");
    s.table(
        Level::Must,
        1,
        "6120-4.8.1-01 6120-4.8.1-02",
        "a header in a wrong namespace ends the stream",
        WRONG_STREAMS,
        async |scene, header| {
            scene.provoke(Stage::Connected, header.replace("DOMAIN", scene.domain()), &[]).await
        },
    );
    s.table(
        Level::Should,
        2,
        "6120-4.8.1-02",
        "a header in a wrong namespace is invalid-namespace",
        WRONG_STREAMS,
        async |scene, header| {
            let header = header.replace("DOMAIN", scene.domain());
            scene.provoke(Stage::Connected, header, &["invalid-namespace", "bad-format"]).await
        },
    );
}

fn of_content(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.8.2");
    s.may(
        1,
        "6120-4.8.2-03 6120-4.8.5-01 6120-4.8.5-02",
        "the stream namespace as the default: taken, or an error",
        async |scene| {
            let domain = scene.domain();
            let header = format!(
                "<stream xmlns='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
            );
            taken_or_ended(scene, &header, &[]).await
        },
    );
    let mut s = cases.section("6120", "4.8.3");
    s.must(
        1,
        "6120-4.8.3-07",
        "jabber:client is the content namespace of the response",
        async |scene| {
            let open = scene.open("client").await?;
            let declared = open.header.as_ref().declared("").map(str::to_owned);
            ensure!(declared.as_deref() == Some(CLIENT), "it is {declared:?}");
            Ok(())
        },
    );
    s.table(
        Level::Should,
        2,
        "6120-4.9.1.1-01 | The stream namespace name is something other than \"http://etherx.jabber.org/streams\" (see Section 11.2) or the content namespace declared as the default namespace is not supported (e.g., something other than \"jabber:client\" or \"jabber:server\").",
        "a content namespace that is not supported",
        [("unknown", "urn:example:content"), ("component", "jabber:component:accept")],
        async |scene, ns| {
            let domain = scene.domain();
            let header = format!("<stream:stream to='{domain}' version='1.0' xmlns='{ns}' xmlns:stream='http://etherx.jabber.org/streams'>");
            scene.provoke(Stage::Connected, header, &["invalid-namespace"]).await
        },
    );
    s.must(
        3,
        "6120-4.8.4-02 6120-4.8.3-06",
        "a stanza in jabber:server of a client's is not delivered",
        async |scene| {
            let (mut user, mut other) = (
                scene.bound(&scene.account(0), "").await?,
                scene.online(&scene.account(1), "").await?,
            );
            let to = &other.jid;
            user.send_marked(format!(
                "<message xmlns='jabber:server' to='{to}' id='stray'><body>stray</body></message>"
            ))
            .await;
            let _ = reaction(&mut user).await?;
            let all = other.all_of_own().await?;
            ensure!(!all.iter().any(|e| e.name() == "message"), "it was delivered");
            Ok(())
        },
    )
    .accounts(2);
    s.must(4, "6120-4.8.3-08", "stanzas to a client are in jabber:client", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        user.appear("").await?;
        let answer = user.iq("get", None, "<query xmlns='jabber:iq:roster'/>").await?;
        ensure!(answer.ns() == CLIENT, "the answer is in {}", answer.ns());
        Ok(())
    })
    .accounts(1);
}

/// A header that may be taken, or else ends the stream in the right way.
async fn taken_or_ended(scene: &Scene, header: &str, conditions: &[&str]) -> Outcome {
    let mut wire = scene.dial("client").await?;
    wire.send_marked(header).await;
    loop {
        match wire.item().await {
            Item::Header(_) => {}
            Item::Element(element) => match StreamError::of(&element) {
                Some(error)
                    if !conditions.is_empty() && !conditions.contains(&&*error.condition) =>
                {
                    fail!("the stream error {} came", error.condition)
                }
                Some(_) => return Ok(()),
                None if element.name() == "features" => return Ok(()),
                None => fail!("<{}/> came", element.name()),
            },
            other => fail!("features or a stream error are expected; {}", other.what()),
        }
    }
}

fn of_other_data(cases: &mut Cases<Target>) {
    let foreign = [
        ("unknown-namespace", "<data xmlns='urn:example:data'/>"),
        ("unknown-stanza", "<telegram to='somebody@example.com'/>"),
        ("deep", "<data xmlns='urn:example:data'><a><b><c>text</c></b></a></data>"),
    ];
    let mut s = cases.section("6120", "4.8.4");
    s.table(
        Level::Must,
        1,
        "6120-4.8.4-03",
        "a first-level element that is no stanza is ignored, or ends the stream",
        foreign,
        async |scene, element| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(element).await;
            match reaction(&mut user).await? {
                Reaction::Ignored | Reaction::Ended(_) => Ok(()),
                other => fail!("neither: {other:?}"),
            }
        },
    )
    .accounts(1);
    s.table(
        Level::Should,
        2,
        "6120-4.8.4-03",
        "where it ends the stream, it is unsupported-stanza-type",
        foreign,
        async |scene, element| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(element).await;
            match reaction(&mut user).await? {
                Reaction::Ignored => skip!("it is ignored"),
                Reaction::Ended(error) if error.condition == "unsupported-stanza-type" => Ok(()),
                other => fail!("it is not: {other:?}"),
            }
        },
    )
    .accounts(1);
    s.must(3, "6120-4.8.4-02", "data that is no stanza is delivered to nobody", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.online(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send_marked(format!("<data xmlns='urn:example:data' to='{to}'/>")).await;
        let _ = reaction(&mut user).await?;
        let all = other.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.name() == "data"), "it was delivered");
        Ok(())
    })
    .accounts(2);
    for (number, stage) in [(4, Stage::Clear), (5, Stage::Secure)] {
        s.must(
            number,
            "6120-4.8.4-03",
            format!("the same before authentication ({stage:?})"),
            async move |scene| {
                let mut wire = scene.at(stage).await?;
                wire.send_marked("<data xmlns='urn:example:data'/></stream:stream>").await;
                // Ignored: then the closing tag is answered.
                match wire.item().await {
                    Item::Closed => Ok(()),
                    Item::Element(element) if StreamError::of(&element).is_some() => Ok(()),
                    other => fail!("neither ignored nor a stream error: {}", other.what()),
                }
            },
        );
    }
}

fn prefixes(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.8.5");
    s.must(1, "6120-4.8.5-02", "another prefix for the stream namespace: taken, or the stream ends", async |scene| {
        let domain = scene.domain();
        let header = format!("<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' to='{domain}' version='1.0'>");
        taken_or_ended(scene, &header, &[]).await
    });
    s.should(2, "6120-4.8.5-02", "where it is not taken, it is bad-namespace-prefix", async |scene| {
        let domain = scene.domain();
        let header = format!("<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' to='{domain}' version='1.0'>");
        taken_or_ended(scene, &header, &["bad-namespace-prefix", "bad-format"]).await
    });
    s.must(
        3,
        "6120-4.8.5-03",
        "no prefix for the content namespace in what the server sends",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.appear("").await?;
            let answer = user.iq("get", None, "<query xmlns='jabber:iq:roster'/>").await?;
            ensure!(answer.prefix().is_empty(), "the answer has the prefix {}", answer.prefix());
            Ok(())
        },
    )
    .accounts(1);
    s.must(4, "6120-4.8.5-04", "a stanza with a prefix for the content namespace is not delivered as it is", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.online(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send_marked(format!("<c:message xmlns:c='jabber:client' to='{to}' id='stray'><c:body>stray</c:body></c:message>")).await;
        let _ = reaction(&mut user).await?;
        for message in other.all_of_own().await?.iter().filter(|e| e.name() == "message") {
            let prefixed = message.as_ref().has_prefixed(xmpp_xml::Ns::new(CLIENT));
            ensure!(!prefixed, "it is delivered with its prefix");
        }
        Ok(())
    })
    .accounts(2);
    s.should(5, "6120-4.8.5-04", "a stanza with a prefix for the content namespace is ignored, or bad-namespace-prefix", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.online(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send_marked(format!("<c:message xmlns:c='jabber:client' to='{to}' id='stray'><c:body>stray</c:body></c:message>")).await;
        match reaction(&mut user).await? {
            Reaction::Ended(error) => {
                ensure!(error.condition == "bad-namespace-prefix", "it is {}", error.condition);
            }
            Reaction::Ignored => {
                let all = other.all_of_own().await?;
                ensure!(!all.iter().any(|e| e.name() == "message"), "it was delivered");
            }
            other => fail!("neither: {other:?}"),
        }
        Ok(())
    })
    .accounts(2);
    s.must(6, "6120-8.4-08 6120-8.4-13", "the namespaces of a payload stay what they are", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send_marked(format!("<message to='{to}' id='m'><x:a xmlns:x='urn:example:x' x:b='1'><c xmlns='urn:example:c'/><x:d xmlns=''/><e xmlns=''/></x:a></message>")).await;
        let message = other.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
        let x = xmpp_xml::Ns::new("urn:example:x");
        let Some(a) = message.child(x, "a") else { fail!("<a/> is not there") };
        let attr = a.attr_ns(x, "b");
        ensure!(attr.as_deref() == Some("1"), "x:b is {attr:?}");
        let names: Vec<_> = a.children().map(|child| format!("{{{}}}{}", child.ns(), child.name())).collect();
        ensure!(names == ["{urn:example:c}c", "{urn:example:x}d", "{}e"], "the children are {names:?}");
        Ok(())
    })
    .accounts(2);
}

fn declared_in_the_header(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.8.5");
    s.must(
        7,
        "6120-4.8.5-06 6120-4.8.5-08",
        "a prefix that the header declares is declared where a stanza is delivered",
        async |scene| {
            let mut other = scene.online(&scene.account(1), "").await?;
            let header = scene.header_with("version='1.0' xmlns:x='urn:example:x'");
            let Ok(mut user) = scene.bound_with(&scene.account(0), "", &header).await else {
                skip!("such a header is refused")
            };
            let to = &other.jid;
            user.send_marked(format!("<message to='{to}' id='m'><x:a/></message>")).await;
            if let Reaction::Ended(error) = reaction(&mut user).await? {
                skip!("such a stanza ends the stream with {}", error.condition);
            }
            // Without the declaration, what comes here is no XML with namespaces.
            let message =
                other.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
            let there = message.child(xmpp_xml::Ns::new("urn:example:x"), "a").is_some();
            ensure!(there, "<a/> is in another namespace");
            Ok(())
        },
    )
    .accounts(2);
    s.should(
        8,
        "6120-4.8.5-07",
        "a header that declares a payload's namespace ends the stream",
        async |scene| {
            let mut wire = scene.dial("client").await?;
            wire.send_marked(scene.header_with("version='1.0' xmlns:x='urn:example:x'")).await;
            ends_with(&mut wire, &["invalid-namespace"]).await.map(drop)
        },
    );
}
