//! RFC 6120 section 4.9: stream errors.

use xmpp_xml::Ns;

use crate::case::Cases;
use crate::server::Target;
use crate::server::provoke::{Stage, ends_with, reaction};
use crate::server::session::{CLIENT, STREAMS};
use crate::verdict::Level;
use crate::wire::Item;
use crate::{ensure, fail, skip};

pub(super) fn cases(cases: &mut Cases<Target>) {
    rules(cases);
    during_setup(cases);
    syntax(cases);
    conditions(cases);
}

const BROKEN: &str = "<a></b>";

fn rules(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.9.1.1");
    for (number, stage) in
        [(1, Stage::Clear), (2, Stage::Secure), (3, Stage::Authenticated), (4, Stage::Bound)]
    {
        let accounts = usize::from(matches!(stage, Stage::Authenticated | Stage::Bound));
        s.must(
            number,
            "6120-4.9.1.1-01",
            format!("behind a stream error, the stream is closed ({stage:?})"),
            async move |scene| {
                let mut wire = scene.at(stage).await?;
                wire.send_marked(BROKEN).await;
                wire.stream_error().await?;
                wire.expect_closing_tag().await
            },
        )
        .accounts(accounts);
    }
    s.must(
        5,
        "6120-4.9.1.1-01",
        "and the connection ends once both sides have closed",
        async |scene| {
            let mut wire = scene.at(Stage::Secure).await?;
            wire.send_marked(BROKEN).await;
            wire.stream_error().await?;
            wire.expect_closed().await
        },
    );
    s.must(6, "6120-4.9.1.1-02", "a stream error of ours is answered by closing", async |scene| {
        let mut wire = scene.at(Stage::Secure).await?;
        wire.send_marked("<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>").await;
        wire.expect_closing_tag().await
    });
    s.must(7, "6120-4.9.2-03", "a stream error of ours that nobody knows is answered by closing", async |scene| {
        let mut wire = scene.at(Stage::Secure).await?;
        wire.send_marked("<stream:error><tired xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>").await;
        wire.expect_closing_tag().await
    });
    s.must(8, "6120-4.9.1.1-01", "nothing behind a stream error is processed", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.online(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send_marked(format!(
            "{BROKEN}<message to='{to}' id='late'><body>late</body></message>"
        ))
        .await;
        user.wire.stream_error().await?;
        let all = other.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.name() == "message"), "a message was delivered");
        Ok(())
    })
    .accounts(2);
}

fn during_setup(cases: &mut Cases<Target>) {
    let wrong = "<stream:stream to='nobody.invalid' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    let mut s = cases.section("6120", "4.9.1.2");
    let rows = [
        ("unknown-host", wrong.to_owned()),
        ("wrong-namespace", WRONG_NAMESPACE.to_owned()),
        ("not-well-formed", "<?xml version='1.0'?><stream:stream to=nowhere>".to_owned()),
    ];
    s.table(
        Level::Must,
        1,
        "6120-4.9.1.2-01",
        "a header comes before the error for a header",
        rows,
        async |scene, header| {
            let mut wire = scene.dial("client").await?;
            wire.send_marked(header).await;
            wire.header().await?;
            wire.stream_error().await?;
            wire.expect_closing_tag().await
        },
    );
    let mut s = cases.section("6120", "4.9.1.3");
    s.must(
        1,
        "6120-4.9.1.3-01",
        "the header before host-unknown is 'from' the server, or from ''",
        async move |scene| {
            let mut wire = scene.dial("client").await?;
            wire.send_marked(wrong).await;
            let header = wire.header().await?;
            let from = header.attr("from");
            let fits =
                matches!(from.as_deref(), Some(from) if from.is_empty() || from == scene.domain());
            ensure!(fits, "'from' is {from:?}");
            Ok(())
        },
    );
    s.must(2, "6120-4.9.1.3-01", "the same without a 'to'", async |scene| {
        let mut wire = scene.dial("client").await?;
        wire.send_marked("<stream:stream version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>").await;
        let header = wire.header().await?;
        if let Item::Element(element) = wire.item().await
            && element.name() == "features"
        {
            skip!("a header without a 'to' is taken");
        }
        let from = header.attr("from");
        let fits = matches!(from.as_deref(), Some(from) if from.is_empty() || from == scene.domain());
        ensure!(fits, "'from' is {from:?}");
        Ok(())
    });
}

const WRONG_NAMESPACE: &str =
    "<stream:stream version='1.0' xmlns='jabber:client' xmlns:stream='urn:example:streams'>";

fn syntax(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.9.2");
    s.must(
        1,
        "6120-4.9.2-02 6120-4.9.2-04",
        "the condition is one that is defined",
        async |scene| {
            let mut wire = scene.at(Stage::Secure).await?;
            wire.send_marked(BROKEN).await;
            let error = wire.stream_error().await?;
            ensure!(DEFINED.contains(&&*error.condition), "it is {:?}", error.condition);
            Ok(())
        },
    );
    s.must(2, "6120-4.9.2-04", "there is one condition", async |scene| {
        let mut wire = scene.at(Stage::Secure).await?;
        wire.send_marked(BROKEN).await;
        let error = wire.stream_error().await?.element;
        let errors = Ns::new("urn:ietf:params:xml:ns:xmpp-streams");
        let count = error.children().filter(|e| e.has_ns(errors) && e.name() != "text").count();
        ensure!(count == 1, "there are {count}");
        Ok(())
    });
    s.must(
        3,
        "6120-4.9.2-05",
        "a <text/> of a stream error is in the right namespace",
        async |scene| {
            let mut wire = scene.at(Stage::Secure).await?;
            wire.send_marked(BROKEN).await;
            let error = wire.stream_error().await?.element;
            let errors = Ns::new("urn:ietf:params:xml:ns:xmpp-streams");
            let Some(text) = error.children().find(|e| e.name() == "text") else {
                skip!("there is no <text/>")
            };
            ensure!(text.has_ns(errors), "it is in {}", text.ns());
            Ok(())
        },
    );
    s.should(4, "6120-4.9.2-05", "a <text/> of a stream error says its language", async |scene| {
        let mut wire = scene.at(Stage::Secure).await?;
        wire.send_marked(BROKEN).await;
        let error = wire.stream_error().await?.element;
        let Some(text) = error.children().find(|e| e.name() == "text") else {
            skip!("there is no <text/>")
        };
        let lang = text.attr_ns(Ns::new("http://www.w3.org/XML/1998/namespace"), "lang");
        ensure!(lang.is_some(), "it does not");
        Ok(())
    });
    s.must(5, "6120-4.9-01", "<stream:error/> is in the stream namespace", async |scene| {
        let mut wire = scene.at(Stage::Secure).await?;
        wire.send_marked(BROKEN).await;
        let error = wire.wait_for("an error", |e| e.name() == "error").await?;
        ensure!(error.ns() == STREAMS, "it is in {}", error.ns());
        Ok(())
    });
}

const DEFINED: [&str; 25] = [
    "bad-format",
    "bad-namespace-prefix",
    "conflict",
    "connection-timeout",
    "host-gone",
    "host-unknown",
    "improper-addressing",
    "internal-server-error",
    "invalid-from",
    "invalid-namespace",
    "invalid-xml",
    "not-authorized",
    "not-well-formed",
    "policy-violation",
    "remote-connection-failed",
    "reset",
    "resource-constraint",
    "restricted-xml",
    "see-other-host",
    "system-shutdown",
    "undefined-condition",
    "unsupported-encoding",
    "unsupported-feature",
    "unsupported-stanza-type",
    "unsupported-version",
];

fn conditions(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.9.3.6");
    s.must(1, "6120-4.9.1.1-01 | The value of the 'to' attribute provided in the initial stream header does not correspond to an FQDN that is serviced by the receiving entity.", "host-unknown", async |scene| {
        let header = "<stream:stream to='nobody.invalid' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
        scene.provoke(Stage::Connected, header, &["host-unknown", "host-gone", "see-other-host"]).await
    });
    s.must(2, "6120-4.9.1.1-01 | The value of the 'to' attribute provided in the initial stream header does not correspond to an FQDN that is serviced by the receiving entity.", "a 'to' that is no address ends the stream", async |scene| {
        let header = "<stream:stream to='no body' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
        scene.provoke(Stage::Connected, header, &[]).await
    });
    s.must(3, "6120-4.9.1.1-01 | The value of the 'to' attribute provided in the initial stream header does not correspond to an FQDN that is serviced by the receiving entity.", "host-unknown under TLS", async |scene| {
        let mut open = scene.open("client").await?;
        open.wire.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await;
        open.wire.element("proceed").await?;
        scene.begin_tls(&mut open.wire).await?;
        open.wire.send_marked("<stream:stream to='nobody.invalid' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>").await;
        ends_with(&mut open.wire, &["host-unknown", "host-gone", "see-other-host", "not-authorized", "policy-violation"]).await.map(drop)
    });
    let mut s = cases.section("6120", "4.9.3.13");
    s.must(1, "6120-4.9.1.1-01 | The initiating entity has sent XML that violates the well-formedness rules of [XML] or [XML-NAMES].", "not-well-formed", async |scene| {
        scene.provoke(Stage::Secure, BROKEN, &["not-well-formed"]).await
    });
    let mut s = cases.section("6120", "13.12");
    s.must(1, "6120-13.12-09", "a stanza of 10000 bytes is taken", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let head = format!("<message to='{}' id='big'><body>", other.jid);
        let tail = "</body></message>";
        let body = "x".repeat(10_000 - head.len() - tail.len());
        user.send_marked(format!("{head}{body}{tail}")).await;
        let message =
            other.wait_for("the message", |e| e.attr("id").as_deref() == Some("big")).await?;
        let length = message.child(Ns::new(CLIENT), "body").map(|body| body.text().len());
        ensure!(length == Some(body.len()), "the body has {length:?} bytes");
        Ok(())
    })
    .accounts(2);
    s.must(2, "6120-13.12-11", "a stanza beyond all limits: policy-violation", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let other = scene.online(&scene.account(1), "").await?;
        let to = &other.jid;
        user.send(format!("<message to='{to}' id='huge'><body>")).await;
        // Piece by piece, so that the server's answer can be seen in between.
        let piece = "x".repeat(256 * 1024);
        let patience = user.wire.patience;
        user.wire.patience = core::time::Duration::from_millis(20);
        let mut item = Item::Silence;
        for _ in 0..64 {
            user.send(&piece).await;
            item = user.wire.item().await;
            if !matches!(item, Item::Silence) {
                break;
            }
        }
        user.wire.patience = patience;
        match item {
            Item::Silence => {
                user.send("</body></message>").await;
                if let crate::server::provoke::Reaction::Ignored = reaction(&mut user).await? {
                    skip!("it has no limit below 16 MiB");
                }
                Ok(())
            }
            Item::Element(element) => {
                let text = element.source().to_owned();
                ensure!(text.contains("policy-violation"), "it is another error: {text}");
                Ok(())
            }
            other => fail!("policy-violation is expected; {}", other.what()),
        }
    })
    .accounts(2);
}
