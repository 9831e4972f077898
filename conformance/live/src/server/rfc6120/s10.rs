//! RFC 6120 section 10: server rules for processing XML stanzas.

use crate::case::Cases;
use crate::server::provoke::{Reaction, reaction};
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    order(cases);
    without_to(cases);
    to_elsewhere(cases);
    to_here(cases);
}

async fn two(scene: &Scene) -> Outcome<(User, User)> {
    let other = scene.online(&scene.account(1), "").await?;
    Ok((scene.bound(&scene.account(0), "").await?, other))
}

fn order(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "10.1");
    s.must(1, "6120-10.1-01 6120-10.1-02", "a hundred messages arrive in order", async |scene| {
        let (mut user, mut other) = two(scene).await?;
        let to = other.jid.clone();
        let all: String = (0..100)
            .map(|n| format!("<message to='{to}' id='n{n}'><body>{n}</body></message>"))
            .collect();
        user.send_marked(all).await;
        for n in 0..100 {
            let wanted = format!("n{n}");
            let next = other.wire.wait_for("the next message", |e| e.name() == "message").await?;
            let id = next.attr("id");
            ensure!(id.as_deref() == Some(&*wanted), "{wanted} is expected; {id:?} came");
        }
        Ok(())
    })
    .accounts(2);
    s.must(2, "6120-10.1-02", "bare and full JID are the same for the order", async |scene| {
        let (mut user, mut other) = two(scene).await?;
        let (full, bare) = (other.jid.clone(), other.bare().to_owned());
        let all: String = (0..40)
            .map(|n| {
                let to = if n % 2 == 0 { &full } else { &bare };
                format!("<message to='{to}' type='chat' id='n{n}'><body>{n}</body></message>")
            })
            .collect();
        user.send_marked(all).await;
        for n in 0..40 {
            let wanted = format!("n{n}");
            let next = other.wire.wait_for("the next message", |e| e.name() == "message").await?;
            let id = next.attr("id");
            ensure!(id.as_deref() == Some(&*wanted), "{wanted} is expected; {id:?} came");
        }
        Ok(())
    })
    .accounts(2);
    s.must(
        3,
        "6120-10.1-01 6120-10.1-06",
        "answers come in the order of the requests",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let all: String = (0..20)
                .map(|n| format!("<iq type='get' id='q{n}'><query xmlns='jabber:iq:roster'/></iq>"))
                .collect();
            user.send_marked(all).await;
            for n in 0..20 {
                let answer = user.wire.wait_for("the next answer", |e| e.name() == "iq").await?;
                let id = answer.attr("id");
                ensure!(id.as_deref() == Some(&*format!("q{n}")), "q{n} is expected; {id:?} came");
            }
            Ok(())
        },
    )
    .accounts(1);
}

fn without_to(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "10.3.1");
    s.must(
        1,
        "6120-10.3-01 6120-10.3.1-01",
        "a message without a 'to' is one to oneself",
        async |scene| {
            let mut user = scene.online(&scene.account(0), "").await?;
            user.send_marked("<message id='m'><body>b</body></message>").await;
            let message =
                user.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
            ensure!(StanzaError::of(message.as_ref()).is_none(), "it is refused");
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "10.3.2");
    s.must(1, "6120-10.3.2-01", "presence without a 'to' is broadcast to oneself", async |scene| {
        let account = scene.account(0);
        let mut one = scene.online(&account, "").await?;
        let two = scene.online(&account, "").await?;
        let from = two.jid.clone();
        one.wait_for("the other's presence", |e| {
            e.name() == "presence" && e.attr("from").as_deref() == Some(&*from)
        })
        .await
        .map(drop)
    })
    .accounts(1);
    let mut s = cases.section("6120", "10.3.3");
    s.must(
        1,
        "6120-10.3.3-01 6120-10.3.3-02",
        "an iq without a 'to' is one to the account",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.granted("get", "<query xmlns='jabber:iq:roster'/>").await.map(drop)
        },
    )
    .accounts(1);
    s.must(
        2,
        "6120-10.3.3-03",
        "one that the server does not know: service-unavailable",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let answer = user.iq("set", None, "<query xmlns='urn:example:q'/>").await?;
            let error = StanzaError::of(answer.as_ref());
            let condition = error.map(|error| error.condition);
            ensure!(condition.as_deref() == Some("service-unavailable"), "it is {condition:?}");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        ("result", "<iq type='result' id='nobody-asked'/>"),
        (
            "error",
            "<iq type='error' id='nobody-asked'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        ),
    ];
    s.table(
        Level::Must,
        3,
        "6120-10.3.3-04",
        "an answer that nobody asked for is ignored",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(stanza).await;
            match reaction(&mut user).await? {
                Reaction::Ignored => Ok(()),
                other => fail!("it is not: {other:?}"),
            }
        },
    )
    .accounts(1);
}

fn to_elsewhere(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "10.4.3");
    let rows = [
        ("message", "<message to='somebody@nowhere.invalid' id='m'><body>b</body></message>"),
        ("iq", "<iq type='get' to='nowhere.invalid' id='m'><query xmlns='urn:example:q'/></iq>"),
    ];
    s.table(
        Level::Must,
        1,
        "6120-10.4.3-01",
        "a stanza to a domain that is not there comes back",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.wire.patience = core::time::Duration::from_secs(15);
            user.send_marked(stanza).await;
            let back = user.wait_for("an error", |e| e.attr("id").as_deref() == Some("m")).await?;
            ensure!(StanzaError::of(back.as_ref()).is_some(), "it is no error");
            Ok(())
        },
    )
    .accounts(1);
    s.table(
        Level::Must,
        2,
        "6120-10.4.3-02",
        "it is remote-server-not-found",
        rows,
        async |scene, stanza| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.wire.patience = core::time::Duration::from_secs(15);
            user.send_marked(stanza).await;
            let back = user.wait_for("an error", |e| e.attr("id").as_deref() == Some("m")).await?;
            let error = StanzaError::of(back.as_ref());
            let condition = error.map(|error| error.condition);
            ensure!(condition.as_deref() == Some("remote-server-not-found"), "it is {condition:?}");
            Ok(())
        },
    )
    .accounts(1);
}

fn to_here(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "10.5.1");
    s.must(1, "6120-10.5.1-01", "an iq to the server's domain is answered", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = scene.domain().to_owned();
        user.iq("get", Some(&to), "<query xmlns='http://jabber.org/protocol/disco#info'/>")
            .await
            .map(drop)
    })
    .accounts(1);
    let mut s = cases.section("6120", "10.5.2");
    s.must(1, "6120-10.5.2-01", "an iq to a resource of the server is answered", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = format!("{}/somewhere", scene.domain());
        user.iq("get", Some(&to), "<query xmlns='urn:example:q'/>").await.map(drop)
    })
    .accounts(1);
    let mut s = cases.section("6120", "10.5.3.1");
    s.must(
        1,
        "6120-10.5.3.1-01",
        "a message to nobody: service-unavailable, or nothing",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("nobody-of-that-name@{}", scene.domain());
            user.send_marked(format!(
                "<message to='{to}' id='m' type='chat'><body>b</body></message>"
            ))
            .await;
            match reaction(&mut user).await? {
                Reaction::Ignored => Ok(()),
                Reaction::Refused(condition) if condition == "service-unavailable" => Ok(()),
                other => fail!("neither: {other:?}"),
            }
        },
    )
    .accounts(1);
    s.should(2, "6120-10.5.3.1-02", "presence to nobody is ignored", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let to = format!("nobody-of-that-name@{}", scene.domain());
        user.send_marked(format!("<presence to='{to}' id='m'/>")).await;
        match reaction(&mut user).await? {
            Reaction::Ignored => Ok(()),
            other => fail!("it is not: {other:?}"),
        }
    })
    .accounts(1);
    for (number, kind) in [(3, "get"), (4, "set")] {
        s.must(
            number,
            "6120-10.5.3.1-03 6121-8.5.1-01",
            format!("an iq of type {kind} to nobody: service-unavailable"),
            async move |scene| {
                let mut user = scene.bound(&scene.account(0), "").await?;
                let to = format!("nobody-of-that-name@{}", scene.domain());
                let answer = user.iq(kind, Some(&to), "<query xmlns='jabber:iq:version'/>").await?;
                let error = StanzaError::of(answer.as_ref());
                let condition = error.map(|error| error.condition);
                ensure!(condition.as_deref() == Some("service-unavailable"), "it is {condition:?}");
                Ok(())
            },
        )
        .accounts(1);
    }
    let mut s = cases.section("6120", "10.5.3.2");
    s.must(1, "6120-10.5.3.2-05", "an iq to an account is answered for it", async |scene| {
        let (mut user, mut other) = two(scene).await?;
        let to = other.bare().to_owned();
        user.iq("get", Some(&to), "<query xmlns='urn:example:q'/>").await?;
        let all = other.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.name() == "iq"), "it is delivered to a resource");
        Ok(())
    })
    .accounts(2);
    s.should(2, "6120-10.5.3.2-01", "a message to an account reaches a resource", async |scene| {
        let (mut user, mut other) = two(scene).await?;
        let to = other.bare().to_owned();
        user.send_marked(format!("<message to='{to}' id='m'><body>b</body></message>")).await;
        other.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await.map(drop)
    })
    .accounts(2);
    let mut s = cases.section("6120", "10.5.4");
    s.must(1, "6120-10.5.4-02", "a message to a full JID reaches it", async |scene| {
        let mut other = scene.bound(&scene.account(1), "").await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = other.jid.clone();
        user.send_marked(format!("<message to='{to}' id='m'><body>b</body></message>")).await;
        other.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await.map(drop)
    })
    .accounts(2);
    s.must(2, "6120-10.5.4-02", "an answer to a full JID reaches it", async |scene| {
        let mut other = scene.bound(&scene.account(1), "").await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = other.jid.clone();
        user.send_marked(format!("<iq type='result' to='{to}' id='m'/>")).await;
        other.wait_for("the answer", |e| e.attr("id").as_deref() == Some("m")).await.map(drop)
    })
    .accounts(2);
    s.must(3, "6120-13.10.2-02", "errors do not tell whether somebody is there", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let there = scene.account(1).jid;
        let bare = user.iq("get", Some(&there), "<query xmlns='urn:example:q'/>").await?;
        let full = user
            .iq("get", Some(&format!("{there}/nowhere")), "<query xmlns='urn:example:q'/>")
            .await?;
        let (bare, full) = (StanzaError::of(bare.as_ref()), StanzaError::of(full.as_ref()));
        ensure!(bare == full, "to the bare JID {bare:?}, to a full JID {full:?}");
        Ok(())
    })
    .accounts(2);
}
