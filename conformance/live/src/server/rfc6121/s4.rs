//! RFC 6121 sections 4 and 11: exchanging presence information.

use super::{fresh, friends, is_presence, names, settle, strangers, subscriber_and_contact};
use crate::case::Cases;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail};

const NO_TYPE: &str = "The absence of a 'type' attribute signals that the relevant entity is \
    available for communication.";

pub(super) fn cases(cases: &mut Cases<Target>) {
    initial(cases);
    probes(cases);
    updates(cases);
    unavailable(cases);
    directed(cases);
    syntax(cases);
}

fn initial(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "4.2.2");
    s.must(
        1,
        "6121-4.2.2-01",
        "initial presence reaches a subscriber, from the full JID",
        async |scene| {
            let (mut user, contact) = subscriber_and_contact(scene).await?;
            let second = scene.online(&scene.account(1), "").await?;
            let from = second.jid.clone();
            user.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await?;
            drop(contact);
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-4.2.2-02", "initial presence reaches one's own resources", async |scene| {
        let mut one = scene.online(&scene.account(0), "").await?;
        let two = scene.online(&scene.account(0), "").await?;
        let from = two.jid.clone();
        one.wait_for("presence of the other resource", |e| is_presence(e, "", &from))
            .await
            .map(drop)
    })
    .accounts(1);
    s.must(3, "6121-4.2.2-02", "and comes back to who sent it", async |scene| {
        scene.online(&scene.account(0), "").await.map(drop)
    })
    .accounts(1);
    s.must(
        4,
        "6121-4.2.2-02",
        "who becomes available sees the own resources that are",
        async |scene| {
            let one = scene.online(&scene.account(0), "").await?;
            let mut two = scene.bound(&scene.account(0), "").await?;
            two.send_marked("<presence/>").await;
            let from = one.jid.clone();
            two.wait_for("presence of the first resource", |e| is_presence(e, "", &from))
                .await
                .map(drop)
        },
    )
    .accounts(1);
    s.must(
        5,
        "6121-4.2.2-03 6121-4.3.2-09",
        "who becomes available sees the contacts",
        async |scene| {
            let (user, mut contact) = subscriber_and_contact(scene).await?;
            user.leave().await;
            contact.send("<presence><show>away</show><status>s</status></presence>").await;
            contact.sync().await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked("<presence/>").await;
            let from = contact.jid.clone();
            let presence =
                user.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await?;
            let show =
                presence.children().find(|c| c.name() == "show").map(|s| s.text().into_owned());
            ensure!(show.as_deref() == Some("away"), "its <show/> is {show:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        6,
        "6121-11-02 6121-11-03",
        "initial presence does not reach strangers",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            contact.send_marked("<presence><show>xa</show></presence>").await;
            let all = user.all_until_now(&mut contact).await?;
            ensure!(!all.iter().any(|e| e.name() == "presence"), "{:?} came", names(&all));
            Ok(())
        },
    )
    .accounts(2);
    s.must(7, "6121-11-02 6121-4.2.2-01", "nor the other way of a subscription", async |scene| {
        let (mut user, mut contact) = subscriber_and_contact(scene).await?;
        user.send_marked("<presence><show>xa</show></presence>").await;
        let all = contact.all_until_now(&mut user).await?;
        ensure!(!all.iter().any(|e| e.name() == "presence"), "{:?} came", names(&all));
        Ok(())
    })
    .accounts(2);
    let mut s = cases.section("6121", "4.2.3");
    s.must(
        1,
        "6121-4.2.3-01",
        "presence reaches all available resources of a subscriber",
        async |scene| {
            let (mut user, contact) = subscriber_and_contact(scene).await?;
            let mut second = scene.online(&scene.account(0), "").await?;
            let third = scene.online(&scene.account(1), "").await?;
            let from = third.jid.clone();
            user.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await?;
            second.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await?;
            drop(contact);
            Ok(())
        },
    )
    .accounts(2);
}

fn probes(cases: &mut Cases<Target>) {
    let probe = |to: &str| format!("<presence type='probe' to='{to}' id='probe'/>");
    let mut s = cases.section("6121", "4.3.2");
    s.must(
        1,
        "6121-4.3.2-01 6121-4.3.2-09",
        "a subscriber's probe is answered with presence",
        async move |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            contact.send("<presence><show>dnd</show></presence>").await;
            settle(&mut user, &mut contact).await?;
            user.send_marked(probe(&contact.account.jid)).await;
            let from = contact.jid.clone();
            let presence =
                user.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await?;
            ensure!(presence.children().any(|c| c.name() == "show"), "it is not the last one");
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-11-01", "a stranger's probe tells nothing", async move |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        user.send_marked(probe(&contact.account.jid)).await;
        user.sync().await?;
        let all = user.all_until_now(&mut contact).await?;
        let told = all.iter().find(|e| {
            e.name() == "presence"
                && matches!(e.attr("type").as_deref(), None | Some("unavailable"))
        });
        ensure!(told.is_none(), "{} came", told.map(|e| e.source().to_owned()).unwrap_or_default());
        Ok(())
    })
    .accounts(2);
    s.must(
        5,
        "6121-4.3.2-02 6121-11-01",
        "there is no difference between who is away and who is not there",
        async move |scene| {
            let mut user = fresh(scene, 0, "").await?;
            let there = scene.account(1).jid;
            let nobody = format!("nobody-of-that-name@{}", scene.domain());
            let mut answers = Vec::new();
            for to in [&there, &nobody] {
                user.send_marked(probe(to)).await;
                user.sync().await?;
                let answer = user.take_where(|e| {
                    e.name() == "presence"
                        && e.attr("from").as_deref().is_some_and(|from| from.starts_with(&**to))
                });
                answers.push(answer.map(|e| e.attr("type").map(|t| t.into_owned())));
            }
            ensure!(answers[0] == answers[1], "they are {answers:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.should(
        6,
        "6121-4.3.2-06",
        "a subscriber's probe of who is away is answered with unavailable",
        async move |scene| {
            let (mut user, contact) = subscriber_and_contact(scene).await?;
            let to = contact.account.jid.clone();
            contact.leave().await;
            user.sync().await?;
            user.forget();
            user.send_marked(probe(&to)).await;
            user.sync().await?;
            let answer = user.take_where(|e| {
                e.name() == "presence" && e.attr("type").as_deref() == Some("unavailable")
            });
            ensure!(answer.is_some(), "it is not");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        7,
        "6121-4.3.2-10",
        "a probe of a full JID tells of no other resource",
        async move |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            let second = scene.online(&scene.account(1), "").await?;
            let from = second.jid.clone();
            user.wait_for("the other's presence", |e| is_presence(e, "", &from)).await?;
            settle(&mut user, &mut contact).await?;
            user.send_marked(probe(&contact.jid)).await;
            user.sync().await?;
            let all = user.all_until_now(&mut contact).await?;
            let told = all.iter().any(|e| e.attr("from").as_deref() == Some(&*second.jid));
            ensure!(!told, "it does");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        8,
        "6121-4.3.2-11",
        "a subscriber's probe of a full JID is answered",
        async move |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            settle(&mut user, &mut contact).await?;
            user.send_marked(probe(&contact.jid)).await;
            let from = contact.jid.clone();
            user.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await.map(drop)
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "4.3");
    s.must(
        1,
        "6121-4.3-03 6121-8.5.2.1.2-03",
        "a probe is not delivered to the contact",
        async move |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            user.send_marked(probe(&contact.account.jid)).await;
            let all = contact.all_until_now(&mut user).await?;
            let came = all.iter().any(|e| e.attr("type").as_deref() == Some("probe"));
            ensure!(!came, "it is");
            user.sync().await?;
            let refused = user.take_where(|e| e.attr("type").as_deref() == Some("error"));
            ensure!(refused.is_none(), "the client gets an error for it");
            Ok(())
        },
    )
    .accounts(2);
}

fn updates(cases: &mut Cases<Target>) {
    let update = "<presence><show>away</show><status>gone</status><priority>7</priority><x xmlns='urn:example:x' a='1'/></presence>";
    let mut s = cases.section("6121", "4.4.2");
    s.must(
        1,
        "6121-4.4.2-01 6121-4.4.3-01",
        "a change of presence reaches a subscriber as it was sent",
        async move |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            contact.send_marked(update).await;
            let from = contact.jid.clone();
            let presence = user.wait_for("the change", |e| is_presence(e, "", &from)).await?;
            let children: Vec<_> = presence.children().map(|c| c.name()).collect();
            for name in ["show", "status", "priority", "x"] {
                ensure!(children.contains(&name), "<{name}/> is missing: {}", presence.source());
            }
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        2,
        "6121-4.4.2-02",
        "a change of presence reaches one's own resources",
        async move |scene| {
            let mut one = scene.online(&scene.account(0), "").await?;
            let mut two = scene.online(&scene.account(0), "").await?;
            one.all_until_now(&mut two).await?;
            two.send_marked(update).await;
            let from = two.jid.clone();
            one.wait_for("the change", |e| {
                is_presence(e, "", &from) && e.children().any(|c| c.name() == "show")
            })
            .await?;
            two.wait_for("the change", |e| {
                is_presence(e, "", &from) && e.children().any(|c| c.name() == "show")
            })
            .await
            .map(drop)
        },
    )
    .accounts(1);
}

fn unavailable(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "4.5.2");
    s.must(
        1,
        "6121-4.5.2-02 6121-4.5.2-04 6121-4.5.3-01",
        "unavailable presence reaches a subscriber as it was sent",
        async |scene| {
            let (mut user, mut contact) = subscriber_and_contact(scene).await?;
            contact
                .send_marked("<presence type='unavailable'><status>bye</status></presence>")
                .await;
            let from = contact.jid.clone();
            let presence = user
                .wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
                .await?;
            let status =
                presence.children().find(|c| c.name() == "status").map(|s| s.text().into_owned());
            ensure!(status.as_deref() == Some("bye"), "its status is {status:?}");
            Ok(())
        },
    )
    .accounts(2);
    s.must(2, "6121-4.5.2-05", "unavailable presence reaches one's own resources", async |scene| {
        let mut one = scene.online(&scene.account(0), "").await?;
        let mut two = scene.online(&scene.account(0), "").await?;
        two.send_marked("<presence type='unavailable'/>").await;
        let from = two.jid.clone();
        one.wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
            .await
            .map(drop)
    })
    .accounts(1);
    s.must(3, "6121-4.5.2-05", "and comes back to who sent it", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        user.send_marked("<presence type='unavailable'/>").await;
        let from = user.jid.clone();
        user.wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
            .await
            .map(drop)
    })
    .accounts(1);
    s.must(
        4,
        "6121-4.5.2-01 6121-4.5.2-06",
        "closing the stream makes unavailable",
        async |scene| {
            let (mut user, contact) = subscriber_and_contact(scene).await?;
            let from = contact.jid.clone();
            contact.leave().await;
            user.wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
                .await
                .map(drop)
        },
    )
    .accounts(2);
    s.must(5, "6121-4.5.2-01 6121-4.5.2-06", "so does a connection that is cut", async |scene| {
        let (mut user, mut contact) = subscriber_and_contact(scene).await?;
        let from = contact.jid.clone();
        contact.wire.cut();
        user.wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
            .await
            .map(drop)
    })
    .accounts(2);
    s.must(6, "6121-4.5.2-07", "who was unavailable can be available again", async |scene| {
        let (mut user, mut contact) = subscriber_and_contact(scene).await?;
        contact.send("<presence type='unavailable'/>").await;
        settle(&mut user, &mut contact).await?;
        contact.send_marked("<presence/>").await;
        let from = contact.jid.clone();
        user.wait_for("the contact's presence", |e| is_presence(e, "", &from)).await.map(drop)
    })
    .accounts(2);
    s.must(7, "6121-4.4.3-01", "who is unavailable gets no presence", async |scene| {
        let (mut user, mut contact) = subscriber_and_contact(scene).await?;
        user.send("<presence type='unavailable'/>").await;
        settle(&mut user, &mut contact).await?;
        contact.send_marked("<presence><show>xa</show></presence>").await;
        let all = user.all_until_now(&mut contact).await?;
        ensure!(!all.iter().any(|e| e.name() == "presence"), "{:?} came", names(&all));
        Ok(())
    })
    .accounts(2);
}

fn directed(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "4.6.3");
    s.must(
        1,
        "6121-4.6.3-03",
        "directed presence reaches a stranger, from the full JID",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.jid.clone(), contact.jid.clone());
            user.send_marked(format!("<presence to='{to}'><show>chat</show></presence>")).await;
            contact.wait_for("the presence", |e| is_presence(e, "", &from)).await.map(drop)
        },
    )
    .accounts(2);
    s.must(2, "6121-4.6.3-03", "a broadcast does not follow it", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let to = contact.jid.clone();
        user.send(format!("<presence to='{to}'/>")).await;
        settle(&mut user, &mut contact).await?;
        user.send_marked("<presence><show>away</show></presence>").await;
        let all = contact.all_until_now(&mut user).await?;
        ensure!(!all.iter().any(|e| e.name() == "presence"), "{:?} came", names(&all));
        Ok(())
    })
    .accounts(2);
    for (number, cut) in [(3, false), (4, true)] {
        let how = if cut { "is cut off" } else { "sends unavailable presence" };
        s.must(
            number,
            "6121-4.6.3-03",
            format!("it ends when the sender {how}"),
            async move |scene| {
                let (mut user, mut contact) = strangers(scene).await?;
                let (from, to) = (user.jid.clone(), contact.jid.clone());
                user.send(format!("<presence to='{to}'/>")).await;
                contact.wait_for("the presence", |e| is_presence(e, "", &from)).await?;
                if cut {
                    user.wire.cut();
                } else {
                    user.send_marked("<presence type='unavailable'/>").await;
                }
                contact
                    .wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
                    .await
                    .map(drop)
            },
        )
        .accounts(2);
    }
    s.must(5, "6121-4.6.3-04", "who is not available can direct presence as well", async |scene| {
        let mut contact = fresh(scene, 1, "").await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let (from, to) = (user.jid.clone(), contact.jid.clone());
        user.send_marked(format!("<presence to='{to}'/>")).await;
        contact.wait_for("the presence", |e| is_presence(e, "", &from)).await?;
        user.wire.cut();
        contact
            .wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
            .await
            .map(drop)
    })
    .accounts(2);
    s.must(6, "6121-4.6.1-04", "directed unavailable presence ends it once", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let (from, to) = (user.jid.clone(), contact.jid.clone());
        user.send(format!("<presence to='{to}'/><presence type='unavailable' to='{to}'/>")).await;
        contact.wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from)).await?;
        contact.forget();
        user.send_marked("<presence type='unavailable'/>").await;
        let all = contact.all_until_now(&mut user).await?;
        ensure!(!all.iter().any(|e| e.name() == "presence"), "{:?} came", names(&all));
        Ok(())
    })
    .accounts(2);
    s.must(
        7,
        "6121-4.6.3-03",
        "directed presence to a bare JID reaches the available resources",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.jid.clone(), contact.account.jid.clone());
            user.send_marked(format!("<presence to='{to}'/>")).await;
            contact.wait_for("the presence", |e| is_presence(e, "", &from)).await.map(drop)
        },
    )
    .accounts(2);
    s.must(8, "6121-4.6.3-02", "directed unavailable presence to a subscriber", async |scene| {
        let (mut user, mut contact) = friends(scene).await?;
        let (from, to) = (user.jid.clone(), contact.account.jid.clone());
        user.send_marked(format!("<presence type='unavailable' to='{to}'/>")).await;
        contact
            .wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
            .await
            .map(drop)
    })
    .accounts(2);
    let mut s = cases.section("6121", "4.6.6");
    s.should(
        1,
        "6121-4.6.6-04",
        "a probe by who got directed presence is answered",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let (from, to) = (user.jid.clone(), contact.jid.clone());
            user.send(format!("<presence to='{to}'/>")).await;
            contact.wait_for("the presence", |e| is_presence(e, "", &from)).await?;
            contact.send_marked(format!("<presence type='probe' to='{from}'/>")).await;
            contact.wait_for("presence", |e| is_presence(e, "", &from)).await.map(drop)
        },
    )
    .accounts(2);
}

fn syntax(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "4.7.1");
    s.should(1, "6121-4.7.1-04", "an unknown type of presence: bad-request", async |scene| {
        let (mut user, contact) = strangers(scene).await?;
        user.send_marked(format!("<presence type='asleep' to='{}' id='p'/>", contact.jid)).await;
        refused(&mut user, "bad-request").await
    })
    .accounts(2);
    s.must(
        2,
        NO_TYPE,
        "an unknown type of presence is not taken for availability",
        async |scene| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked("<presence type='asleep'/>").await;
            user.sync().await?;
            let own = user.jid.clone();
            let came = user.take_where(|e| is_presence(e, "", &own));
            ensure!(came.is_none(), "it is");
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("6121", "4.7.2.3");
    let rows = [("negative", "-128"), ("zero", "0"), ("positive", "127"), ("plus", "5")];
    s.table(
        Level::Must,
        1,
        "6121-4.7.2.3-02",
        "a priority is told as it is",
        rows,
        async |scene, value| {
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.send_marked(format!("<presence><priority>{value}</priority></presence>")).await;
            let own = user.jid.clone();
            let presence = user.wait_for("our own presence", |e| is_presence(e, "", &own)).await?;
            let priority =
                presence.children().find(|c| c.name() == "priority").map(|p| p.text().into_owned());
            ensure!(priority.as_deref() == Some(value), "it is {priority:?}");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        ("too-much", "128"),
        ("too-little", "-129"),
        ("word", "high"),
        ("fraction", "1.5"),
        ("empty", ""),
    ];
    s.table(
        Level::Must,
        2,
        "6121-4.7.2.3-02",
        "what is no priority is refused, corrected, or passed on, and harms nobody",
        rows,
        async |scene, value| {
            let mut user = scene.online(&scene.account(0), "").await?;
            user.send_marked(format!("<presence><priority>{value}</priority></presence>")).await;
            // Whatever it says to it: it goes on.
            user.sync().await
        },
    )
    .accounts(1);
    s.must(
        3,
        "6121-4.7.2.3-05 6121-8.5.2.1.1-02",
        "no priority is zero: messages come",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            user.send_marked(format!(
                "<message type='chat' to='{to}' id='m'><body>b</body></message>"
            ))
            .await;
            contact
                .wait_for("the message", |e| e.attr("id").as_deref() == Some("m"))
                .await
                .map(drop)
        },
    )
    .accounts(2);
}

/// What was sent with the id `p` has to be refused.
async fn refused(user: &mut User, condition: &str) -> Outcome {
    user.sync().await?;
    let Some(error) = user.take_where(|e| e.attr("id").as_deref() == Some("p")) else {
        fail!("nothing comes back")
    };
    let found = StanzaError::of(error.as_ref()).map(|e| e.condition);
    ensure!(found.as_deref() == Some(condition), "it is {found:?}");
    Ok(())
}
