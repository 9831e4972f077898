//! Section 8.5.3: what is for a full JID, and for a resource that is not there.

use super::*;

pub(super) fn cases(cases: &mut Cases<Target>) {
    to_full(cases);
    to_full_elsewhere(cases);
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
            user.wait_for("the presence", |e| super::super::is_presence(e, "", &to)).await?;
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
