//! Sections 8.5.1 and 8.5.2: what is for an account that there is not, and for a bare JID.

use super::*;

pub(super) fn cases(cases: &mut Cases<Target>) {
    to_nobody(cases);
    to_bare(cases);
    to_bare_away(cases);
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
