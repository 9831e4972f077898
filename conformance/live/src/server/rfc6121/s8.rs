//! RFC 6121 section 8: server rules for processing XML stanzas, with the table of section
//! 8.5.4: to whom what goes.

use super::{fresh, names, strangers};
use crate::case::Cases;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

pub(super) fn cases(cases: &mut Cases<Target>) {
    to_nobody(cases);
    to_bare(cases);
    to_bare_away(cases);
    to_full(cases);
    to_full_elsewhere(cases);
    choosing(cases);
}

const TYPES: [(&str, &str); 5] = [
    ("normal", "normal"),
    ("chat", "chat"),
    ("groupchat", "groupchat"),
    ("headline", "headline"),
    ("error", "error"),
];

fn message(kind: &str, to: &str) -> String {
    let error = if kind == "error" {
        "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    } else {
        ""
    };
    format!("<message type='{kind}' to='{to}' id='m'><body>b</body>{error}</message>")
}

/// What became of a message that `user` has sent to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Some resource got it.
    Delivered,
    /// The sender got an error.
    Refused,
    /// Neither; it may be stored.
    Nothing,
}

/// Sends a message and looks what becomes of it. `there` are the resources that may get it.
async fn fate(
    user: &mut User,
    kind: &str,
    to: &str,
    there: &mut [&mut User],
) -> Outcome<(Fate, Vec<bool>)> {
    user.send_marked(message(kind, to)).await;
    let mut got = Vec::new();
    for resource in there.iter_mut() {
        let all = resource.all_until_now(user).await?;
        got.push(all.iter().any(|e| e.name() == "message" && e.attr("id").as_deref() == Some("m")));
    }
    user.sync().await?;
    let back = user.take_where(|e| {
        e.name() == "message"
            && e.attr("id").as_deref() == Some("m")
            && StanzaError::of(e).is_some()
            && e.attr("from").as_deref() == Some(to)
    });
    let fate = if got.contains(&true) {
        Fate::Delivered
    } else if back.is_some() && kind != "error" {
        Fate::Refused
    } else if back.is_some() {
        fail!("an error is answered with an error")
    } else {
        Fate::Nothing
    };
    Ok((fate, got))
}

fn allowed(fate: Fate, these: &[Fate]) -> Outcome {
    ensure!(these.contains(&fate), "{these:?} is expected, it is {fate:?}");
    Ok(())
}

fn to_nobody(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "8.5.1");
    s.table(
        Level::Must,
        1,
        "6121-8.5.1-02",
        "a message to nobody: an error, or nothing",
        TYPES,
        async |scene, kind| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("nobody-of-that-name@{}", scene.domain());
            let (fate, _) = fate(&mut user, kind, &to, &mut []).await?;
            let these: &[Fate] =
                if kind == "error" { &[Fate::Nothing] } else { &[Fate::Refused, Fate::Nothing] };
            allowed(fate, these)
        },
    )
    .accounts(1);
    let rows = ["available", "unavailable", "subscribed", "unsubscribe", "unsubscribed"]
        .map(|kind| (kind, kind));
    s.table(
        Level::Must,
        2,
        "6121-8.5.1-03 6121-8.5.1-04",
        "presence to nobody is ignored",
        rows,
        async |scene, kind| {
            let mut user = fresh(scene, 0, "").await?;
            let to = format!("nobody-of-that-name@{}", scene.domain());
            let kind = if kind == "available" { String::new() } else { format!(" type='{kind}'") };
            user.send_marked(format!("<presence{kind} to='{to}' id='p'/>")).await;
            user.sync().await?;
            let back = user
                .take_where(|e| e.name() == "presence" && e.attr("from").as_deref() == Some(&*to));
            ensure!(
                back.is_none(),
                "{} comes back",
                back.map(|e| e.source().to_owned()).unwrap_or_default()
            );
            Ok(())
        },
    )
    .accounts(1);
    s.must(3, "6121-8.5.1-05", "a probe of nobody: unsubscribed, or nothing", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let to = format!("nobody-of-that-name@{}", scene.domain());
        user.send_marked(format!("<presence type='probe' to='{to}' id='p'/>")).await;
        user.sync().await?;
        let back =
            user.take_where(|e| e.name() == "presence" && e.attr("from").as_deref() == Some(&*to));
        let kind = back.map(|e| e.attr("type").unwrap_or_default().into_owned());
        ensure!(matches!(kind.as_deref(), None | Some("unsubscribed")), "it is {kind:?}");
        Ok(())
    })
    .accounts(1);
}

fn to_bare(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "8.5.2.1.1");
    let one: [(&str, &str); 3] = [("normal", "normal"), ("chat", "chat"), ("headline", "headline")];
    s.table(
        Level::Must,
        1,
        "6121-8.5.2.1.1-02 6121-8.5.2.1.1-05 6121-8.5.2.1.1-09",
        "to a bare JID with one resource: delivered",
        one,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            let (fate, _) = fate(&mut user, kind, &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Delivered])
        },
    )
    .accounts(2);
    s.must(
        2,
        "6121-8.5.2.1.1-07",
        "to a bare JID: a groupchat message is refused",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            let (fate, _) = fate(&mut user, "groupchat", &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Refused])
        },
    )
    .accounts(2);
    s.must(3, "6121-8.5.2.1.1-11", "to a bare JID: an error is ignored", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let to = contact.account.jid.clone();
        let (fate, _) = fate(&mut user, "error", &to, &mut [&mut contact]).await?;
        allowed(fate, &[Fate::Nothing])
    })
    .accounts(2);
    s.table(
        Level::Must,
        4,
        "6121-8.5.2.1.1-12",
        "not to a resource of negative priority",
        TYPES,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            contact.appear("<priority>-1</priority>").await?;
            let to = contact.account.jid.clone();
            let (fate, _) = fate(&mut user, kind, &to, &mut [&mut contact]).await?;
            ensure!(fate != Fate::Delivered, "it is delivered");
            if kind == "groupchat" {
                return allowed(fate, &[Fate::Refused]);
            }
            if matches!(kind, "headline" | "error") {
                return allowed(fate, &[Fate::Nothing]);
            }
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        5,
        "6121-8.5.2.1.1-10",
        "a headline goes to all resources of non-negative priority",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let mut second = scene.online(&scene.account(1), "").await?;
            let mut third = scene.bound(&scene.account(1), "").await?;
            third.appear("<priority>-1</priority>").await?;
            let to = contact.account.jid.clone();
            let (_, got) =
                fate(&mut user, "headline", &to, &mut [&mut contact, &mut second, &mut third])
                    .await?;
            ensure!(got == [true, true, false], "it goes to {got:?} of priorities 0, 0 and -1");
            Ok(())
        },
    )
    .accounts(2);
    let both: [(&str, &str); 2] = [("normal", "normal"), ("chat", "chat")];
    s.table(
        Level::Must,
        6,
        "6121-8.5.2.1.1-03 6121-8.5.2.1.1-06",
        "with several resources, one gets it at least",
        both,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let mut second = scene.online(&scene.account(1), "").await?;
            let to = contact.account.jid.clone();
            let (fate, _) = fate(&mut user, kind, &to, &mut [&mut contact, &mut second]).await?;
            allowed(fate, &[Fate::Delivered])
        },
    )
    .accounts(2);
    s.table(
        Level::Must,
        7,
        "6121-8.5.2.1.1-13",
        "'to' is left as it is",
        one,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            user.send_marked(message(kind, &to)).await;
            let got =
                contact.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
            let found = got.attr("to");
            ensure!(found.as_deref() == Some(&*to), "it is {found:?}");
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "8.5.2.1.2");
    let rows = [("available", ""), ("unavailable", " type='unavailable'")];
    s.table(
        Level::Must,
        1,
        "6121-8.5.2.1.2-01",
        "presence to a bare JID goes to all available resources",
        rows,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let mut second = scene.bound(&scene.account(1), "").await?;
            second.appear("<priority>-1</priority>").await?;
            let to = contact.account.jid.clone();
            user.send_marked(format!("<presence{kind} to='{to}' id='p'/>")).await;
            for resource in [&mut contact, &mut second] {
                let all = resource.all_until_now(&mut user).await?;
                let got = all
                    .iter()
                    .any(|e| e.name() == "presence" && e.attr("id").as_deref() == Some("p"));
                ensure!(got, "{} gets {:?}", resource.jid, names(&all));
            }
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "8.5.2.1.3");
    for (number, kind) in [(1, "get"), (2, "set")] {
        s.must(
            number,
            "6121-8.5.2.1.3-01",
            format!("an iq of type {kind} to a bare JID is answered by the server"),
            async move |scene| {
                let (mut user, mut contact) = strangers(scene).await?;
                let to = contact.account.jid.clone();
                user.iq(kind, Some(&to), "<query xmlns='urn:example:q'/>").await?;
                let all = contact.all_until_now(&mut user).await?;
                ensure!(!all.iter().any(|e| e.name() == "iq"), "the resource gets it");
                Ok(())
            },
        )
        .accounts(2);
    }
    s.must(3, "6121-8.5.2.1.3-02", "one that nobody knows: service-unavailable", async |scene| {
        let (mut user, contact) = strangers(scene).await?;
        let to = contact.account.jid.clone();
        let answer = user.iq("get", Some(&to), "<query xmlns='urn:example:q'/>").await?;
        let condition = StanzaError::of(answer.as_ref()).map(|e| e.condition);
        ensure!(condition.as_deref() == Some("service-unavailable"), "it is {condition:?}");
        Ok(())
    })
    .accounts(2);
}

fn to_bare_away(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "8.5.2.2.1");
    let both: [(&str, &str); 2] = [("normal", "normal"), ("chat", "chat")];
    s.table(
        Level::Should,
        1,
        "6121-8.5.2.2.1-01",
        "to who is away: stored, or refused",
        both,
        async |scene, kind| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = scene.account(1).jid;
            let (fate, _) = fate(&mut user, kind, &to, &mut []).await?;
            let mut contact = scene.bound(&scene.account(1), "").await?;
            contact.appear("").await?;
            let all = contact.all_until_now(&mut user).await?;
            let stored = all
                .iter()
                .filter(|e| e.name() == "message" && e.attr("id").as_deref() == Some("m"))
                .count();
            match (fate, stored) {
                (Fate::Refused, 0) => Ok(()),
                (Fate::Nothing, 1) => Ok(()),
                (fate, stored) => fail!("it is {fate:?}, and comes {stored} times later"),
            }
        },
    )
    .accounts(2);
    s.must(
        2,
        "6121-8.5.2.2.1-02",
        "to who is away: a groupchat message is refused",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = scene.account(1).jid;
            let (fate, _) = fate(&mut user, "groupchat", &to, &mut []).await?;
            allowed(fate, &[Fate::Refused])
        },
    )
    .accounts(2);
    let none: [(&str, &str); 2] = [("headline", "headline"), ("error", "error")];
    s.table(
        Level::Must,
        3,
        "6121-8.5.2.2.1-03",
        "to who is away: ignored",
        none,
        async |scene, kind| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = scene.account(1).jid;
            let (fate, _) = fate(&mut user, kind, &to, &mut []).await?;
            allowed(fate, &[Fate::Nothing])?;
            let mut contact = scene.bound(&scene.account(1), "").await?;
            contact.appear("").await?;
            let all = contact.all_until_now(&mut user).await?;
            let stored = all.iter().any(|e| e.attr("id").as_deref() == Some("m"));
            ensure!(!stored, "it comes later");
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "8.5.2.2.2");
    s.should(
        1,
        "6121-8.5.2.2.2-01",
        "presence to who is away is neither stored nor answered",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = scene.account(1).jid;
            user.send_marked(format!("<presence to='{to}' id='p'/>")).await;
            user.sync().await?;
            let back =
                user.take_where(|e| e.name() == "presence" && e.attr("id").as_deref() == Some("p"));
            ensure!(back.is_none(), "it is answered");
            user.send(format!("<presence type='unavailable' to='{to}'/>")).await;
            let mut contact = scene.bound(&scene.account(1), "").await?;
            contact.appear("").await?;
            let all = contact.all_until_now(&mut user).await?;
            ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("p")), "it is stored");
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "8.5.2.2.3");
    s.must(
        1,
        "6121-8.5.2.2.3-01 6121-8.5.2.2.3-02",
        "an iq to who is away is answered by the server",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = scene.account(1).jid;
            let answer = user.iq("get", Some(&to), "<query xmlns='urn:example:q'/>").await?;
            let condition = StanzaError::of(answer.as_ref()).map(|e| e.condition);
            ensure!(condition.as_deref() == Some("service-unavailable"), "it is {condition:?}");
            Ok(())
        },
    )
    .accounts(2);
}

fn to_full(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "8.5.3.1");
    s.table(
        Level::Must,
        1,
        "6121-8.5.3.1-03",
        "a message to a full JID is delivered",
        TYPES,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.jid.clone();
            let (fate, _) = fate(&mut user, kind, &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Delivered])
        },
    )
    .accounts(2);
    s.must(2, "6121-8.5.3.1-03", "also to one of negative priority", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        contact.appear("<priority>-1</priority>").await?;
        let to = contact.jid.clone();
        let (fate, _) = fate(&mut user, "chat", &to, &mut [&mut contact]).await?;
        allowed(fate, &[Fate::Delivered])
    })
    .accounts(2);
    s.must(3, "6121-8.5.3.1-03", "and to no other resource", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let mut second = scene.online(&scene.account(1), "").await?;
        let to = contact.jid.clone();
        let (_, got) = fate(&mut user, "chat", &to, &mut [&mut contact, &mut second]).await?;
        ensure!(got == [true, false], "it goes to {got:?}");
        Ok(())
    })
    .accounts(2);
    let rows = [("available", ""), ("unavailable", " type='unavailable'")];
    s.table(
        Level::Must,
        4,
        "6121-8.5.3.1-04",
        "presence to a full JID is delivered",
        rows,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.jid.clone();
            user.send_marked(format!("<presence{kind} to='{to}' id='p'/>")).await;
            contact
                .wait_for("the presence", |e| e.attr("id").as_deref() == Some("p"))
                .await
                .map(drop)
        },
    )
    .accounts(2);
    let rows = [
        ("result", "<iq type='result' to='TO' id='q'/>"),
        (
            "error",
            "<iq type='error' to='TO' id='q'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        ),
    ];
    s.table(
        Level::Must,
        5,
        "6121-8.5.3.1-02",
        "an answer to a full JID is delivered",
        rows,
        async |scene, stanza| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.jid.clone();
            user.send_marked(stanza.replace("TO", &to)).await;
            contact
                .wait_for("the answer", |e| {
                    e.name() == "iq" && e.attr("id").as_deref() == Some("q")
                })
                .await
                .map(drop)
        },
    )
    .accounts(2);
    s.must(
        6,
        "6121-8.5.3-01 6120-10.5.4-02",
        "a request to a full JID that shares presence is delivered",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.jid.clone(), contact.jid.clone());
            contact.send(format!("<presence to='{from}'/>")).await;
            user.wait_for("the presence", |e| super::is_presence(e, "", &to)).await?;
            user.send_marked(format!(
                "<iq type='get' to='{to}' id='q'><query xmlns='urn:example:q'/></iq>"
            ))
            .await;
            contact
                .wait_for("the request", |e| {
                    e.name() == "iq" && e.attr("id").as_deref() == Some("q")
                })
                .await
                .map(drop)
        },
    )
    .accounts(2);
    s.should(
        7,
        "6121-8.5.3.1-01",
        "a request to a stranger is not delivered, but refused",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.jid.clone();
            user.send_marked(format!(
                "<iq type='get' to='{to}' id='q'><query xmlns='urn:example:q'/></iq>"
            ))
            .await;
            let all = contact.all_until_now(&mut user).await?;
            ensure!(!all.iter().any(|e| e.name() == "iq"), "it is delivered");
            user.answer("q").await.map(drop)
        },
    )
    .accounts(2);
}

fn to_full_elsewhere(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "8.5.3.2.1");
    let rows: [(&str, &str); 3] =
        [("normal", "normal"), ("groupchat", "groupchat"), ("headline", "headline")];
    s.table(
        Level::Must,
        1,
        "6121-8.5.3.2.1-01",
        "to a resource that is not there: ignored, or refused",
        rows,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = format!("{}/nowhere", contact.account.jid);
            let (fate, _) = fate(&mut user, kind, &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Refused, Fate::Nothing])
        },
    )
    .accounts(2);
    s.must(
        2,
        "6121-8.5.3.2.1-04",
        "chat to a resource that is not there goes to the one that is",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = format!("{}/nowhere", contact.account.jid);
            let (fate, _) = fate(&mut user, "chat", &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Delivered])
        },
    )
    .accounts(2);
    s.must(
        3,
        "6121-8.5.3.2.1-06",
        "an error to a resource that is not there is ignored",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = format!("{}/nowhere", contact.account.jid);
            let (fate, _) = fate(&mut user, "error", &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Nothing])
        },
    )
    .accounts(2);
    s.must(
        4,
        "6121-8.5.3.2.1-03 6121-8.5.2.1.1-12",
        "chat to a resource that is not there does not go to negative priority",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            contact.appear("<priority>-1</priority>").await?;
            let to = format!("{}/nowhere", contact.account.jid);
            let (fate, _) = fate(&mut user, "chat", &to, &mut [&mut contact]).await?;
            allowed(fate, &[Fate::Refused, Fate::Nothing])
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "8.5.3.2.2");
    let rows = [("available", ""), ("unavailable", " type='unavailable'")];
    s.table(
        Level::Must,
        1,
        "6121-8.5.3.2.2-01",
        "presence to a resource that is not there is ignored",
        rows,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = format!("{}/nowhere", contact.account.jid);
            user.send_marked(format!("<presence{kind} to='{to}' id='p'/>")).await;
            let all = contact.all_until_now(&mut user).await?;
            ensure!(
                !all.iter().any(|e| e.attr("id").as_deref() == Some("p")),
                "another resource gets it"
            );
            user.sync().await?;
            let back = user.take_where(|e| e.attr("id").as_deref() == Some("p"));
            ensure!(back.is_none(), "it is answered");
            Ok(())
        },
    )
    .accounts(2);
    let rows = ["subscribed", "unsubscribe", "unsubscribed"].map(|kind| (kind, kind));
    s.table(
        Level::Must,
        2,
        "6121-8.5.3.2.2-03",
        "presence about subscriptions to a resource that is not there is ignored",
        rows,
        async |scene, kind| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = format!("{}/nowhere", contact.account.jid);
            user.send_marked(format!("<presence type='{kind}' to='{to}' id='p'/>")).await;
            let all = contact.all_until_now(&mut user).await?;
            ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("p")), "it is delivered");
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "8.5.3.2.3");
    for (number, kind) in [(1, "get"), (2, "set")] {
        s.must(
            number,
            "6121-8.5.3.2.3-01",
            format!("an iq of type {kind} to a resource that is not there: service-unavailable"),
            async move |scene| {
                let (mut user, contact) = strangers(scene).await?;
                let to = format!("{}/nowhere", contact.account.jid);
                let answer = user.iq(kind, Some(&to), "<query xmlns='urn:example:q'/>").await?;
                let condition = StanzaError::of(answer.as_ref()).map(|e| e.condition);
                ensure!(condition.as_deref() == Some("service-unavailable"), "it is {condition:?}");
                Ok(())
            },
        )
        .accounts(2);
    }
}

fn choosing(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "5.2.2");
    s.must(
        1,
        "6121-5.2.2-06",
        "a message without a type is handled as a normal one",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            user.send_marked(format!("<message to='{to}' id='m'><body>b</body></message>")).await;
            contact
                .wait_for("the message", |e| e.attr("id").as_deref() == Some("m"))
                .await
                .map(drop)
        },
    )
    .accounts(2);
    s.must(2, "6121-5.2.2-06", "so is one of a type that nobody knows", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!(
            "<message type='telegram' to='{to}' id='m'><body>b</body></message>"
        ))
        .await;
        let all = contact.all_until_now(&mut user).await?;
        if all.iter().any(|e| e.attr("id").as_deref() == Some("m")) {
            return Ok(());
        }
        user.sync().await?;
        match user.take_where(|e| e.attr("id").as_deref() == Some("m")) {
            Some(_) => fail!("it is refused"),
            None => fail!("it is lost"),
        }
    })
    .accounts(2);
    let mut s = cases.section("6121", "8.5.2.1.1");
    s.must(
        8,
        "6121-8.5.2.1.1-03",
        "of two priorities, the higher one gets it, or both",
        async |scene| {
            let (mut user, mut low) = strangers(scene).await?;
            low.appear("<priority>1</priority>").await?;
            let mut high = scene.bound(&scene.account(1), "").await?;
            high.appear("<priority>5</priority>").await?;
            let to = low.account.jid.clone();
            let (_, got) = fate(&mut user, "chat", &to, &mut [&mut low, &mut high]).await?;
            if got == [true, false] {
                skip!("the server's own rule chooses the lower one");
            }
            ensure!(got[1], "nobody gets it");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        9,
        "6121-8.5.2.1.1-05",
        "who has only said where it is bound, gets nothing sent to the bare JID",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let mut silent = scene.bound(&scene.account(1), "").await?;
            let to = contact.account.jid.clone();
            let (_, got) = fate(&mut user, "chat", &to, &mut [&mut contact, &mut silent]).await?;
            ensure!(got == [true, false], "it goes to {got:?}");
            Ok(())
        },
    )
    .accounts(2);
}
