//! RFC 6121 section 3: managing presence subscriptions.

use super::{
    friends, is_presence, is_push_of, names, pushed, query, settle, state, state_of, strangers,
    subscribe, subscriber_and_contact,
};
use crate::case::Cases;
use crate::server::Target;
use crate::verdict::Level;
use crate::{ensure, skip};

pub(super) fn cases(cases: &mut Cases<Target>) {
    requesting(cases);
    delivering_requests(cases);
    approving(cases);
    cancelling(cases);
    unsubscribing(cases);
    approving_in_advance(cases);
}

fn requesting(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3");
    let rows = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"].map(|kind| (kind, kind));
    s.table(Level::Must, 1, "6121-3-01", "the bare JID is stamped", rows, async |scene, kind| {
        let (mut user, mut contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        // The state in which it is delivered.
        match kind {
            "subscribed" => {
                contact.send(format!("<presence type='subscribe' to='{from}'/>")).await;
                user.wait_for("the request", |e| is_presence(e, "subscribe", &to)).await?;
            }
            "unsubscribe" => subscribe(&mut user, &mut contact).await?,
            "unsubscribed" => subscribe(&mut contact, &mut user).await?,
            _ => {}
        }
        user.send_marked(format!("<presence type='{kind}' to='{to}'/>")).await;
        let found = contact
            .wait_for(kind, |e| e.name() == "presence" && e.attr("type").as_deref() == Some(kind))
            .await?;
        let stamped = found.attr("from");
        ensure!(stamped.as_deref() == Some(&*from), "'from' is {stamped:?}");
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6121", "3.1.2");
    s.must(
        1,
        "6121-3.1.2-05 6121-3.1.2-07 6121-4.7.2.2-05",
        "a request reaches a local contact, from the bare JID",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send_marked(format!(
                "<presence type='subscribe' to='{to}' id='r'><status>please</status></presence>"
            ))
            .await;
            let request =
                contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
            let status =
                request.children().find(|c| c.name() == "status").map(|s| s.text().into_owned());
            ensure!(status.as_deref() == Some("please"), "its status is {status:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.should(
        2,
        "6121-3.1.2-03 6121-3.1.3-02",
        "a request to a full JID is one to the bare JID",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.jid.clone());
            user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
            let request =
                contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
            let to = request.attr("to");
            ensure!(to.as_deref() == Some(contact.bare()), "'to' is {to:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        3,
        "6121-3.1.2-09 6121-2.1.2.2-01",
        "the sender gets a push with ask='subscribe'",
        async |scene| {
            let (mut user, contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
            let push = user.wait_for("the push", |e| is_push_of(e, &to)).await?;
            let said = pushed(push.as_ref()).map(state).unwrap_or_default();
            ensure!(said == "none+ask", "it says {said:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(4, "6121-3.1.1-04", "roster set and request in either order", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        user.send_marked(format!(
            "<presence type='subscribe' to='{to}'/><iq type='set' id='s'>{}</iq>",
            query(&format!("<item jid='{to}' name='n'><group>g</group></item>"))
        ))
        .await;
        user.answer("s").await?;
        contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
        let roster = user.roster().await?;
        let item = roster.iter().find(|item| item.attr("jid").as_deref() == Some(&*to));
        let whole = item.is_some_and(|item| {
            state(item.as_ref()) == "none+ask" && item.attr("name").as_deref() == Some("n")
        });
        ensure!(whole, "the item is {}", item.map(|i| i.source().to_owned()).unwrap_or_default());
        Ok(())
    })
    .accounts(2);
}

fn delivering_requests(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3.1.3");
    s.must(1, "6121-3.1.3-05", "a request is not approved by itself", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
        settle(&mut user, &mut contact).await?;
        let state = state_of(&mut user, &to).await?;
        ensure!(state == "none+ask", "the state is {state:?}");
        Ok(())
    })
    .accounts(2);
    s.must(
        2,
        "6121-3.1.3-06 6121-3.1.3-09",
        "a request goes to all available resources",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let mut second = scene.bound(&scene.account(1), "").await?;
            second.roster().await?;
            second.appear("").await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
            contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
            second.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await.map(drop)
        },
    )
    .accounts(2);
    s.must(4, "6121-3.1.3-11 6121-3.1.3-12", "a request waits for who is away, with all that is in it", async |scene| {
        let (mut user, contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        contact.leave().await;
        user.send_marked(format!("<presence type='subscribe' to='{to}'><status>please</status><x xmlns='urn:example:x'/></presence>")).await;
        user.sync().await?;
        let mut contact = scene.bound(&scene.account(1), "").await?;
        contact.roster().await?;
        contact.appear("").await?;
        let request = contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
        let whole = request.children().any(|c| c.name() == "status") && request.children().any(|c| c.ns() == "urn:example:x");
        ensure!(whole, "it is {}", request.source());
        Ok(())
    })
    .accounts(2);
    s.must(5, "6121-3.1.3-12", "it comes again until it is answered", async |scene| {
        let (mut user, contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        contact.leave().await;
        user.send(format!("<presence type='subscribe' to='{to}'/>")).await;
        user.sync().await?;
        for _ in 0..2 {
            let mut contact = scene.bound(&scene.account(1), "").await?;
            contact.roster().await?;
            contact.appear("").await?;
            contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
            contact.leave().await;
        }
        Ok(())
    })
    .accounts(2);
    s.must(6, "6121-3.1.3-13", "several requests are one", async |scene| {
        let (mut user, contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        contact.leave().await;
        for _ in 0..3 {
            user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
        }
        user.sync().await?;
        let mut contact = scene.bound(&scene.account(1), "").await?;
        contact.roster().await?;
        contact.appear("").await?;
        contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
        let all = contact.all_until_now(&mut user).await?;
        let more = all.iter().filter(|e| is_presence(e.as_ref(), "subscribe", &from)).count();
        ensure!(more == 0, "{} came", more + 1);
        Ok(())
    })
    .accounts(2);
    s.must(7, "6121-3.1.3-14", "a request adds nothing to the contact's roster", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
        contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
        settle(&mut user, &mut contact).await?;
        let state = state_of(&mut contact, &from).await?;
        ensure!(state == "-", "there is an item: {state:?}");
        Ok(())
    })
    .accounts(2);
}

fn approving(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3.1.5");
    s.must(1, "6121-3.1.5-02", "the contact gets a push with 'from'", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        user.send(format!("<presence type='subscribe' to='{to}'/>")).await;
        contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
        contact.send_marked(format!("<presence type='subscribed' to='{from}'/>")).await;
        let push = contact.wait_for("the push", |e| is_push_of(e, &from)).await?;
        let said = pushed(push.as_ref()).map(state).unwrap_or_default();
        ensure!(said == "from", "it says {said:?}");
        Ok(())
    })
    .accounts(2);
    s.must(
        2,
        "6121-3.1.5-03 6121-3.1.6-04",
        "the user gets the contact's presence, of each resource",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let second = scene.online(&scene.account(1), "").await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send(format!("<presence type='subscribe' to='{to}'/>")).await;
            contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
            contact.send_marked(format!("<presence type='subscribed' to='{from}'/>")).await;
            for jid in [contact.jid.clone(), second.jid.clone()] {
                user.wait_for("the contact's presence", |e| is_presence(e, "", &jid)).await?;
            }
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "3.1.6");
    s.must(
        1,
        "6121-3.1.6-02 6121-3.1.6-03",
        "the user gets the approval, then a push with 'to'",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send(format!("<presence type='subscribe' to='{to}'/>")).await;
            contact.wait_for("the request", |e| is_presence(e, "subscribe", &from)).await?;
            user.sync().await?;
            user.forget();
            contact.send_marked(format!("<presence type='subscribed' to='{from}'/>")).await;
            let all = user.all_until_now(&mut contact).await?;
            let approval = all.iter().position(|e| is_presence(e.as_ref(), "subscribed", &to));
            let push =
                all.iter().position(|e| pushed(e.as_ref()).is_some_and(|item| state(item) == "to"));
            ensure!(approval.is_some() && push.is_some(), "{:?} came", names(&all));
            ensure!(approval < push, "the push came first");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        2,
        "6121-3.1.6-06",
        "an approval that nobody asked for changes nothing",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            contact.send_marked(format!("<presence type='subscribed' to='{from}'/>")).await;
            let all = user.all_until_now(&mut contact).await?;
            let told = all
                .iter()
                .any(|e| is_presence(e.as_ref(), "subscribed", &to) || is_push_of(e.as_ref(), &to));
            ensure!(!told, "{:?} came", names(&all));
            let state = state_of(&mut user, &to).await?;
            ensure!(matches!(&*state, "-" | "none"), "the state is {state:?}");
            Ok(())
        },
    )
    .accounts(2);
}

fn cancelling(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3.2.2");
    s.must(
        1,
        "6121-3.2.2-04 6121-3.2.2-05",
        "the user sees the contact go, each resource",
        async |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            let mut second = scene.online(&scene.account(1), "").await?;
            settle(&mut user, &mut second).await?;
            let from = user.account.jid.clone();
            contact.send_marked(format!("<presence type='unsubscribed' to='{from}'/>")).await;
            for jid in [contact.jid.clone(), second.jid.clone()] {
                user.wait_for("unavailable presence", |e| is_presence(e, "unavailable", &jid))
                    .await?;
            }
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-3.2.2-06", "the user gets unsubscribed, from the bare JID", async |scene| {
        let (mut user, mut contact) = subscriber_and_contact(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        contact.send_marked(format!("<presence type='unsubscribed' to='{from}'/>")).await;
        user.wait_for("unsubscribed", |e| is_presence(e, "unsubscribed", &to)).await.map(drop)
    })
    .accounts(2);
    s.must(3, "6121-3.2.2-07", "the contact gets a push", async |scene| {
        let (user, mut contact) = subscriber_and_contact(scene).await?;
        let from = user.account.jid.clone();
        contact.send_marked(format!("<presence type='unsubscribed' to='{from}'/>")).await;
        let push = contact.wait_for("the push", |e| is_push_of(e, &from)).await?;
        let said = pushed(push.as_ref()).map(state).unwrap_or_default();
        ensure!(said == "none", "it says {said:?}");
        Ok(())
    })
    .accounts(2);
    s.must(
        4,
        "6121-3.2.2-02",
        "a cancellation to who is not subscribed does nothing",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let from = user.account.jid.clone();
            contact.send_marked(format!("<presence type='unsubscribed' to='{from}'/>")).await;
            let all = user.all_until_now(&mut contact).await?;
            let gone = all.iter().any(|e| e.attr("type").as_deref() == Some("unavailable"));
            ensure!(!gone, "{:?} came", names(&all));
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "3.2.3");
    s.must(
        1,
        "6121-3.2.3-02 6121-3.2.3-03",
        "the user gets the cancellation, then a push",
        async |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            contact.send_marked(format!("<presence type='unsubscribed' to='{from}'/>")).await;
            let all = user.all_until_now(&mut contact).await?;
            let told = all.iter().position(|e| is_presence(e.as_ref(), "unsubscribed", &to));
            let push = all
                .iter()
                .position(|e| pushed(e.as_ref()).is_some_and(|item| state(item) == "none"));
            ensure!(told.is_some() && push.is_some(), "{:?} came", names(&all));
            ensure!(told < push, "the push came first");
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-11-02", "afterwards, presence does not reach the user", async |scene| {
        let (mut user, mut contact) = subscriber_and_contact(scene).await?;
        let from = user.account.jid.clone();
        contact.send(format!("<presence type='unsubscribed' to='{from}'/>")).await;
        settle(&mut user, &mut contact).await?;
        contact.send_marked("<presence><show>dnd</show></presence>").await;
        let all = user.all_until_now(&mut contact).await?;
        let seen = all.iter().any(|e| e.children().any(|c| c.name() == "show"));
        ensure!(!seen, "it does");
        Ok(())
    })
    .accounts(2);
}

fn unsubscribing(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3.3.2");
    s.must(1, "6121-3.3.2-05", "the user gets a push", async |scene| {
        let (mut user, contact) = subscriber_and_contact(scene).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!("<presence type='unsubscribe' to='{to}'/>")).await;
        let push = user.wait_for("the push", |e| is_push_of(e, &to)).await?;
        let said = pushed(push.as_ref()).map(state).unwrap_or_default();
        ensure!(said == "none", "it says {said:?}");
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6121", "3.3.3");
    s.must(
        1,
        "6121-3.3.3-02 6121-3.3.3-03",
        "the contact is told, then gets a push",
        async |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send_marked(format!("<presence type='unsubscribe' to='{to}'/>")).await;
            let all = contact.all_until_now(&mut user).await?;
            let told = all.iter().position(|e| is_presence(e.as_ref(), "unsubscribe", &from));
            let push = all
                .iter()
                .position(|e| pushed(e.as_ref()).is_some_and(|item| state(item) == "none"));
            ensure!(told.is_some() && push.is_some(), "{:?} came", names(&all));
            ensure!(told < push, "the push came first");
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-3.3.3-06", "a request that is taken back does not come later", async |scene| {
        let (mut user, contact) = strangers(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        contact.leave().await;
        user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
        user.send_marked(format!("<presence type='unsubscribe' to='{to}'/>")).await;
        user.sync().await?;
        let mut contact = scene.bound(&scene.account(1), "").await?;
        contact.roster().await?;
        contact.appear("").await?;
        let all = contact.all_until_now(&mut user).await?;
        let came = all.iter().any(|e| is_presence(e.as_ref(), "subscribe", &from));
        ensure!(!came, "it does");
        Ok(())
    })
    .accounts(2);
    s.must(3, "6121-3.3.3-02", "the mutual subscription becomes one of one side", async |scene| {
        let (mut user, mut contact) = friends(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        user.send_marked(format!("<presence type='unsubscribe' to='{to}'/>")).await;
        settle(&mut user, &mut contact).await?;
        let (own, others) = (state_of(&mut user, &to).await?, state_of(&mut contact, &from).await?);
        ensure!(own == "from" && others == "to", "they are {own:?} and {others:?}");
        Ok(())
    })
    .accounts(2);
}

fn approving_in_advance(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3.4");
    s.must(1, "6121-3.4-02", "who lets approve in advance offers it", async |scene| {
        let open = scene.login(&scene.account(0), "client").await?;
        let offered = open.offers("urn:xmpp:features:pre-approval", "sub");
        drop(open);
        let (mut user, contact) = strangers(scene).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!("<presence type='subscribed' to='{to}'/>")).await;
        let state = state_of(&mut user, &to).await?;
        let noted = state.contains("approved");
        ensure!(offered || !noted, "an approval is noted, and not offered");
        if !noted {
            crate::skip!("there are no approvals in advance");
        }
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6121", "3.4.2");
    s.must(1, "6121-3.4.2-06", "an approval in advance makes an item", async |scene| {
        let (mut user, contact) = advance(scene).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!("<presence type='subscribed' to='{to}'/>")).await;
        let push = user.wait_for("the push", |e| is_push_of(e, &to)).await?;
        let said = pushed(push.as_ref()).map(state).unwrap_or_default();
        ensure!(said.starts_with("none"), "it says {said:?}");
        Ok(())
    })
    .accounts(2);
    s.should(
        6,
        "6121-2.1.2.1-01",
        "the push of an approval in advance says 'approved'",
        async |scene| {
            let (mut user, contact) = advance(scene).await?;
            let to = contact.account.jid.clone();
            user.send_marked(format!("<presence type='subscribed' to='{to}'/>")).await;
            let push = user.wait_for("the push", |e| is_push_of(e, &to)).await?;
            let said = pushed(push.as_ref()).map(state).unwrap_or_default();
            ensure!(said == "none+approved", "it says {said:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-3.4.2-07", "an approval in advance is not routed", async |scene| {
        let (mut user, mut contact) = advance(scene).await?;
        let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
        user.send_marked(format!("<presence type='subscribed' to='{to}'/>")).await;
        let all = contact.all_until_now(&mut user).await?;
        let came = all.iter().any(|e| is_presence(e.as_ref(), "subscribed", &from));
        ensure!(!came, "it is");
        Ok(())
    })
    .accounts(2);
    s.must(
        3,
        "6121-3.4.2-08 6121-3.1.3-08",
        "a request that was approved in advance is granted at once",
        async |scene| {
            let (mut user, mut contact) = advance(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send(format!("<presence type='subscribed' to='{to}'/>")).await;
            user.sync().await?;
            contact.send_marked(format!("<presence type='subscribe' to='{from}'/>")).await;
            contact.wait_for("the approval", |e| is_presence(e, "subscribed", &from)).await?;
            let all = user.all_until_now(&mut contact).await?;
            let asked = all.iter().any(|e| is_presence(e.as_ref(), "subscribe", &to));
            ensure!(!asked, "the user is asked all the same");
            let state = state_of(&mut user, &to).await?;
            ensure!(state.starts_with("from"), "the state is {state:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        4,
        "6121-3.2.2-03",
        "an approval in advance is taken back with unsubscribed",
        async |scene| {
            let (mut user, mut contact) = advance(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.send(format!("<presence type='subscribed' to='{to}'/>")).await;
            user.send_marked(format!("<presence type='unsubscribed' to='{to}'/>")).await;
            let all = contact.all_until_now(&mut user).await?;
            ensure!(
                !all.iter().any(|e| is_presence(e.as_ref(), "unsubscribed", &from)),
                "it is routed"
            );
            let state = state_of(&mut user, &to).await?;
            ensure!(!state.contains("approved"), "the state is {state:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(5, "6121-3.4.2-02", "in advance of what there is already: nothing", async |scene| {
        let (mut user, mut contact) = advance(scene).await?;
        subscribe(&mut contact, &mut user).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!("<presence type='subscribed' to='{to}'/>")).await;
        let state = state_of(&mut user, &to).await?;
        ensure!(state == "from", "the state is {state:?}");
        Ok(())
    })
    .accounts(2);
}

/// Two strangers at a server that lets approve in advance.
async fn advance(
    scene: &super::Scene,
) -> crate::verdict::Outcome<(crate::server::User, crate::server::User)> {
    let open = scene.login(&scene.account(0), "client").await?;
    if !open.offers("urn:xmpp:features:pre-approval", "sub") {
        skip!("approval in advance is not offered");
    }
    drop(open);
    strangers(scene).await
}
