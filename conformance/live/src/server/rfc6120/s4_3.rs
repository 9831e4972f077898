//! RFC 6120 sections 4.3 to 4.5: negotiating, closing and directions of streams.

use xmpp_xml::Ns;

use crate::case::Cases;
use crate::ensure;
use crate::server::Target;
use crate::server::provoke::Stage;
use crate::server::session::{SASL, STREAMS};
use crate::verdict::{Level, Setup as _};
use crate::wire::Item;

pub(super) fn cases(cases: &mut Cases<Target>) {
    features(cases);
    restarts(cases);
    before_completion(cases);
    addresses(cases);
    closing(cases);
}

fn features(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.1");
    s.must(1, "6120-4.1-01", "a header is answered with a header", async |scene| {
        let mut wire = scene.dial("client").await?;
        wire.send_marked(scene.header()).await;
        let header = wire.header().await?;
        ensure!(header.is(Ns::new(STREAMS), "stream"), "it is <{}/>", header.name());
        Ok(())
    });
    let mut s = cases.section("6120", "4.3.2");
    s.must(1, "6120-4.3.2-01", "features follow the header", async |scene| {
        let mut wire = scene.dial("client").await?;
        wire.send_marked(scene.header()).await;
        wire.header().await?;
        wire.expect_named(STREAMS, "features").await.map(drop)
    });
    s.must(
        2,
        "6120-4.3.2-03",
        "at least one feature is offered before authentication",
        async |scene| {
            let open = scene.open("client").await?;
            ensure!(open.features.children().next().is_some(), "there is none");
            Ok(())
        },
    );
    let mut s = cases.section("6120", "4.5");
    s.must(1, "6120-4.5-01", "both streams go over one connection", async |scene| {
        scene.open("client").await.map(drop)
    });
}

fn restarts(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.3.3");
    s.must(1, "6120-4.3.3-03", "a new stream id after TLS", async |scene| {
        let clear = scene.open("client").await?;
        let secure = scene.secure("client").await?;
        let (before, after) = (clear.header.attr("id"), secure.header.attr("id"));
        ensure!(before.is_some() && before != after, "{before:?}, then {after:?}");
        Ok(())
    });
    s.must(2, "6120-4.3.3-03", "a new stream id after SASL", async |scene| {
        let mut open = scene.secure("client").await?;
        let before = open.header.attr("id").map(|id| id.into_owned());
        crate::server::session::authenticate(&mut open, &scene.account(0))
            .await
            .setup("logging in")?;
        open.wire.restart();
        let open = scene.open_on(open.wire).await?;
        let after = open.header.attr("id").map(|id| id.into_owned());
        ensure!(after.is_some() && before != after, "{before:?}, then {after:?}");
        Ok(())
    })
    .accounts(1);
    s.must(
        3,
        "6120-4.3.3-01",
        "no closing tag and no closed connection at a restart",
        async |scene| scene.login(&scene.account(0), "client").await.map(drop),
    )
    .accounts(1);
    let mut s = cases.section("6120", "4.3.4");
    s.must(1, "6120-4.3.4-01", "features after TLS", async |scene| {
        scene.secure("client").await.map(drop)
    });
    s.must(2, "6120-4.3.4-01", "features after SASL", async |scene| {
        let open = scene.login(&scene.account(0), "client").await?;
        ensure!(!open.offers(SASL, "mechanisms"), "SASL is offered once more");
        Ok(())
    })
    .accounts(1);
}

fn before_completion(cases: &mut Cases<Target>) {
    let stanzas = [
        ("message", "<message to='somebody@example.com' id='early'><body>early</body></message>"),
        ("presence", "<presence to='somebody@example.com' id='early'/>"),
        (
            "iq",
            "<iq type='get' to='somebody@example.com' id='early'><query xmlns='jabber:iq:version'/></iq>",
        ),
    ];
    let mut s = cases.section("6120", "4.3.5");
    s.table(
        Level::Must,
        1,
        "6120-4.3.5-03",
        "a stanza before negotiation is complete, in the clear",
        stanzas,
        async |scene, stanza| scene.provoke(Stage::Clear, stanza, &["not-authorized"]).await,
    );
    s.table(
        Level::Must,
        2,
        "6120-4.3.5-03",
        "a stanza before negotiation is complete, under TLS",
        stanzas,
        async |scene, stanza| scene.provoke(Stage::Secure, stanza, &["not-authorized"]).await,
    );
    let mut s = cases.section("6120", "4.9.3.12");
    s.must(
        1,
        "6120-4.9.3.12-01",
        "a message before authentication is not delivered",
        async |scene| {
            let mut other = scene.online(&scene.account(0), "").await?;
            let mut wire = scene.at(Stage::Secure).await?;
            let stray = format!("<message to='{}'><body>stray</body></message>", other.jid);
            wire.send_marked(stray).await;
            wire.stream_error().await?;
            let all = other.all_of_own().await?;
            ensure!(!all.iter().any(|e| e.name() == "message"), "it was delivered");
            Ok(())
        },
    )
    .accounts(1);
}

fn addresses(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.3.6");
    s.must(1, "6120-4.3.6-03", "the bare JID is the authorization identity", async |scene| {
        let user = scene.bound(&scene.account(0), "").await?;
        ensure!(user.bare() == user.account.jid, "it is {}", user.bare());
        Ok(())
    })
    .accounts(1);
    s.must(2, "6120-4.3.6-04", "the resourcepart is the one that was bound", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = user.bare().to_owned();
        user.appear("").await?;
        user.send_marked(format!("<message to='{to}' id='own'><body>own</body></message>")).await;
        let message =
            user.wait_for("the message", |e| e.attr("id").as_deref() == Some("own")).await?;
        let from = message.attr("from");
        ensure!(from.as_deref() == Some(&*user.jid), "the message is from {from:?}");
        Ok(())
    })
    .accounts(1);
}

fn closing(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.4");
    for (number, stage, title) in [
        (1, Stage::Clear, "a closing tag is answered with one, in the clear"),
        (2, Stage::Secure, "a closing tag is answered with one, under TLS"),
        (3, Stage::Bound, "a closing tag is answered with one, with a resource bound"),
    ] {
        s.must(number, "6120-4.4-01", title, async move |scene| {
            let mut wire = scene.at(stage).await?;
            wire.send_marked("</stream:stream>").await;
            wire.expect_closing_tag().await
        })
        .accounts(usize::from(stage == Stage::Bound));
    }
    s.must(4, "6120-4.4-02", "TLS is ended with close_notify", async |scene| {
        let mut wire = scene.at(Stage::Secure).await?;
        wire.send_marked("</stream:stream>").await;
        wire.expect_closing_tag().await?;
        wire.end().await;
        match wire.item().await {
            Item::End(Ok(())) => Ok(()),
            other => crate::fail!("close_notify is expected; {}", other.what()),
        }
    });
    s.must(5, "6120-10.1-01", "what was sent before the closing tag is processed", async |scene| {
        let mut other = scene.online(&scene.account(1), "").await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = other.jid.clone();
        user.send_marked(format!(
            "<message to='{to}' id='last'><body>last</body></message></stream:stream>"
        ))
        .await;
        other.wait_for("the message", |e| e.attr("id").as_deref() == Some("last")).await.map(drop)
    })
    .accounts(2);
}
