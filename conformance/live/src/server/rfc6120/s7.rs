//! RFC 6120 section 7: resource binding.

use crate::case::Cases;
use crate::server::Target;
use crate::server::provoke::{Reaction, Stage, reaction};
use crate::server::session::BIND;
use crate::verdict::Level;
use crate::wire::{Item, StanzaError, StreamError};
use crate::{ensure, fail};

pub(super) fn cases(cases: &mut Cases<Target>) {
    offered(cases);
    by_the_server(cases);
    by_the_client(cases);
    conflicts(cases);
    before_binding(cases);
}

fn wish(resource: &str) -> String {
    format!(
        "<iq type='set' id='bind'><bind xmlns='{BIND}'><resource>{resource}</resource></bind></iq>"
    )
}

fn offered(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "7.4");
    s.must(1, "6120-7.4-01 6120-7.2-01", "binding is offered after SASL", async |scene| {
        let open = scene.login(&scene.account(0), "client").await?;
        ensure!(open.offers(BIND, "bind"), "it is not");
        Ok(())
    })
    .accounts(1);
    s.must(2, "6120-7.4-02", "binding is not offered before SASL, in the clear", async |scene| {
        let open = scene.open("client").await?;
        ensure!(!open.offers(BIND, "bind"), "it is");
        Ok(())
    });
    s.must(3, "6120-7.4-02", "binding is not offered before SASL, under TLS", async |scene| {
        let open = scene.secure("client").await?;
        ensure!(!open.offers(BIND, "bind"), "it is");
        Ok(())
    });
    let mut s = cases.section("6120", "7.3.2");
    s.must(
        1,
        "6120-7.3.2-01",
        "the stream goes on after binding, without a header",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.sync().await
        },
    )
    .accounts(1);
}

fn by_the_server(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "7.6");
    s.must(1, "6120-7.6-01", "the server makes a resourcepart", async |scene| {
        let user = scene.bound(&scene.account(0), "").await?;
        let resource = user.jid.split_once('/').map(|(_, resource)| resource);
        ensure!(resource.is_some_and(|r| !r.is_empty()), "the JID is {}", user.jid);
        Ok(())
    })
    .accounts(1);
    s.must(2, "6120-7.6-02", "the server's resourceparts are random", async |scene| {
        let mut resources = Vec::new();
        for _ in 0..3 {
            let user = scene.bound(&scene.account(0), "").await?;
            resources.push(user.jid.split_once('/').map(|(_, r)| r.to_owned()).unwrap_or_default());
            user.leave().await;
        }
        let different: std::collections::HashSet<_> = resources.iter().collect();
        ensure!(different.len() == 3, "they are {resources:?}");
        let short = resources.iter().find(|resource| resource.len() < 8);
        ensure!(short.is_none(), "{short:?} can be guessed");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6120", "7.6.1");
    s.must(1, "6120-7.6.1-01", "the result has the full JID", async |scene| {
        let account = scene.account(0);
        let user = scene.bound(&account, "").await?;
        ensure!(user.jid.starts_with(&format!("{}/", account.jid)), "it is {}", user.jid);
        Ok(())
    })
    .accounts(1);
}

fn by_the_client(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "7.7.1");
    s.should(1, "6120-7.7.1-01", "the client's resourcepart is taken", async |scene| {
        let account = scene.account(0);
        let user = scene.bound(&account, "balcony").await?;
        ensure!(user.jid == format!("{}/balcony", account.jid), "the JID is {}", user.jid);
        Ok(())
    })
    .accounts(1);
    let rows = [
        ("upper-case", "Balcony", "Balcony"),
        ("space", "the balcony", "the balcony"),
        ("slash", "a/b", "a/b"),
        ("at", "a@b", "a@b"),
        ("markup", "&lt;&amp;&apos;", "&lt;&amp;&apos;"),
        ("greek", "\u{3C9}\u{3B1}", "\u{3C9}\u{3B1}"),
        ("emoji", "\u{1F600}", "\u{1F600}"),
        ("decomposed", "e\u{301}", "\u{E9}"),
        ("ideographic-space", "a\u{3000}b", "a b"),
    ];
    let rows = rows.map(|(name, wish, becomes)| (name, (wish, becomes)));
    s.table(
        Level::Should,
        2,
        "7622-3.4-03 6120-7.7.1-01",
        "the client's resourcepart, in its canonical form",
        rows,
        async |scene, (wished, becomes)| {
            let account = scene.account(0);
            let mut open = scene.login(&account, "client").await?;
            open.wire.send_marked(wish(wished)).await;
            let answer = open.wire.element("the result").await?;
            let jid =
                answer.children().flat_map(|bind| bind.children()).find(|e| e.name() == "jid");
            let Some(jid) = jid.map(|jid| jid.text().into_owned()) else {
                fail!("no JID: {}", answer.source())
            };
            let becomes = becomes.replace("&lt;", "<").replace("&apos;", "'").replace("&amp;", "&");
            ensure!(jid == format!("{}/{becomes}", account.jid), "the JID is {jid}");
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "7.7.2.1");
    let long = Box::leak("r".repeat(1024).into_boxed_str());
    let rows: [(&str, &str); 5] = [
        ("empty", ""),
        ("too-long", long),
        ("control-character", "a\u{7F}b"),
        ("line-separator", "a\u{2028}b"),
        ("unassigned", "a\u{378}b"),
    ];
    s.table(
        Level::Must,
        1,
        "6120-7.7.2.1-01 7622-3.4-02",
        "a resourcepart that cannot be is refused, or replaced",
        rows,
        async |scene, wished| {
            let account = scene.account(0);
            let mut open = scene.login(&account, "client").await?;
            open.wire.send_marked(wish(wished)).await;
            let answer = open.wire.element("a result or an error").await?;
            if let Some(error) = StanzaError::of(answer.as_ref()) {
                let fits =
                    matches!(&*error.condition, "bad-request" | "jid-malformed" | "not-acceptable");
                ensure!(fits, "it is {}", error.condition);
                return Ok(());
            }
            let jid =
                answer.children().flat_map(|bind| bind.children()).find(|e| e.name() == "jid");
            let Some(jid) = jid.map(|jid| jid.text().into_owned()) else {
                fail!("no JID: {}", answer.source())
            };
            let resource =
                jid.split_once('/').map(|(_, resource)| resource.to_owned()).unwrap_or_default();
            ensure!(
                !resource.is_empty() && resource.len() <= 1023 && resource != wished,
                "the JID is {jid:?}"
            );
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        2,
        "6120-7.7-01 7622-3.4-02",
        "a resourcepart of 1023 bytes is taken or replaced",
        async |scene| {
            let account = scene.account(0);
            let mut open = scene.login(&account, "client").await?;
            open.wire.send_marked(wish(&"r".repeat(1023))).await;
            let answer = open.wire.element("a result").await?;
            let kind = answer.attr("type");
            ensure!(kind.as_deref() == Some("result"), "it is {kind:?}");
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "7.7.3");
    s.should(
        1,
        "6120-7.7.3-01",
        "five refused resourceparts, and one may still try",
        async |scene| {
            let account = scene.account(0);
            let mut open = scene.login(&account, "client").await?;
            for _ in 0..5 {
                open.wire.send(wish("a\u{7F}b")).await;
                let answer = open.wire.element("a result or an error").await?;
                if StanzaError::of(answer.as_ref()).is_none() {
                    crate::skip!("it is replaced");
                }
            }
            open.wire.send_marked(wish("balcony")).await;
            let answer = open.wire.element("a result").await?;
            let kind = answer.attr("type");
            ensure!(kind.as_deref() == Some("result"), "it is {kind:?}");
            Ok(())
        },
    )
    .accounts(1);
}

fn conflicts(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "7.7.2.2");
    s.must(1, "6120-7.7.2.2-01 6120-7.5-01", "a resourcepart that is in use", async |scene| {
        let account = scene.account(0);
        let mut first = scene.bound(&account, "balcony").await?;
        let mut open = scene.login(&account, "second").await?;
        open.wire.send_marked(wish("balcony")).await;
        let answer = open.wire.element("a result or an error").await?;
        if let Some(error) = StanzaError::of(answer.as_ref()) {
            ensure!(error.condition == "conflict", "it is {}", error.condition);
            return first.sync().await;
        }
        let jid = answer.children().flat_map(|bind| bind.children()).find(|e| e.name() == "jid");
        let jid = jid.map(|jid| jid.text().into_owned()).unwrap_or_default();
        if jid != first.jid {
            // Another resource: then both go on.
            return first.sync().await;
        }
        loop {
            match first.wire.item().await {
                Item::Element(e) => {
                    if let Some(error) = StreamError::of(&e) {
                        ensure!(
                            error.condition == "conflict",
                            "the first one ends with {}",
                            error.condition
                        );
                        return Ok(());
                    }
                }
                other => fail!("both have the same resource; {}", other.what()),
            }
        }
    })
    .accounts(1);
    let mut s = cases.section("6120", "7.1");
    s.should(1, "6120-7.1-03", "several resources at the same time", async |scene| {
        let account = scene.account(0);
        let mut one = scene.bound(&account, "one").await?;
        let mut two = scene.bound(&account, "two").await?;
        let mut three = scene.bound(&account, "three").await?;
        one.sync().await?;
        two.sync().await?;
        three.sync().await?;
        ensure!(one.jid != two.jid && two.jid != three.jid, "they have the same JID");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6120", "7.5");
    s.must(1, "6120-7.5-01", "resourceparts that become the same are one", async |scene| {
        let account = scene.account(0);
        let first = scene.bound(&account, "\u{E9}").await?;
        let mut open = scene.login(&account, "second").await?;
        open.wire.send_marked(wish("e\u{301}")).await;
        let answer = open.wire.element("a result or an error").await?;
        if StanzaError::of(answer.as_ref()).is_some() {
            return Ok(());
        }
        let jid = answer.children().flat_map(|bind| bind.children()).find(|e| e.name() == "jid");
        let jid = jid.map(|jid| jid.text().into_owned()).unwrap_or_default();
        if jid == first.jid {
            // Then the first one has to go.
            let mut first = first;
            return first.wire.expect_stream_error(&["conflict"]).await.map(drop);
        }
        ensure!(!jid.ends_with("/e\u{301}"), "the second one is {jid}");
        Ok(())
    })
    .accounts(1);
}

fn before_binding(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "7.1");
    let rows = [
        ("message", "<message to='TO' id='early'><body>early</body></message>"),
        ("presence", "<presence to='TO' id='early'/>"),
        ("iq", "<iq type='get' to='TO' id='early'><query xmlns='jabber:iq:version'/></iq>"),
    ];
    s.table(
        Level::Must,
        2,
        "6120-7.1-05",
        "a stanza to somebody before binding: not-authorized",
        rows,
        async |scene, stanza| {
            let stanza = stanza.replace("TO", &scene.account(1).jid);
            scene.provoke(Stage::Authenticated, stanza, &["not-authorized"]).await
        },
    )
    .accounts(2);
    s.must(3, "6120-7.1-05", "a message before binding is not delivered", async |scene| {
        let mut other = scene.online(&scene.account(1), "").await?;
        let mut wire = scene.at(Stage::Authenticated).await?;
        wire.send_marked(format!(
            "<message to='{}' id='early'><body>early</body></message>",
            other.jid
        ))
        .await;
        let _ = wire.item().await;
        let all = other.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("early")), "it is");
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6120", "7.3.1");
    s.must(
        1,
        "6120-7.3.1-01 6120-7.1-01",
        "presence before binding makes nobody available",
        async |scene| {
            let mut other = scene.online(&scene.account(0), "").await?;
            other.forget();
            let mut wire = scene.at(Stage::Authenticated).await?;
            wire.send_marked("<presence/>").await;
            let _ = wire
                .item_until(tokio::time::Instant::now() + core::time::Duration::from_secs(1))
                .await;
            let all = other.all_of_own().await?;
            let strange = all
                .iter()
                .find(|e| e.name() == "presence" && e.attr("from").as_deref() != Some(&*other.jid));
            ensure!(
                strange.is_none(),
                "{} came",
                strange.map(|e| e.source().to_owned()).unwrap_or_default()
            );
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "7.3.2");
    s.must(2, "6120-8.2.3-04", "binding once more gets an answer", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        user.send_marked(wish("another")).await;
        match reaction(&mut user).await? {
            Reaction::Closed => fail!("the stream is closed without an error"),
            _ => Ok(()),
        }
    })
    .accounts(1);
}
