//! RFC 6121 section 2: managing the roster.

use xmpp_xml::Ns;

use super::{fresh, friends, is_presence, is_push_of, pushed, query, state, state_of, strangers};
use crate::case::Cases;
use crate::server::Target;
use crate::server::session::ROSTER;
use crate::verdict::Level;
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

const JID: &str = "contact@example.com";
const OTHER: &str = "other@example.com";

const RESULT: &str = "A \"roster result\" is the server's response to a roster get; \
    syntactically it is an IQ stanza of type \"result\" sent from server to client and \
    containing a <query/> element qualified by the 'jabber:iq:roster' namespace.";

/// What clients must not send: here, what a server makes of it.
const NOT_IN_SETS: &str = "A client MUST NOT include the 'approved' attribute in the roster sets \
    it sends to the server. A client MUST NOT include the 'ask' attribute in the roster sets it \
    sends to the server.";

const INTERESTED: &str = "If a connected resource or available resource requests the roster, it \
    is referred to as an \"interested resource\".";

pub(super) fn cases(cases: &mut Cases<Target>) {
    getting(cases);
    setting(cases);
    pushes(cases);
    refusals(cases);
    removing(cases);
    versions(cases);
}

fn getting(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "2.1.4");
    s.must(1, "6121-2.1.4-01", "an empty roster is an empty <query/>", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let answer = user.granted("get", &query("")).await?;
        let Some(roster) = answer.child(Ns::new(ROSTER), "query") else {
            fail!("there is no <query/>")
        };
        let count = roster.children().count();
        ensure!(count == 0, "it has {count} children");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6121", "2.2");
    s.must(1, RESULT, "the roster is given on request", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        user.granted("get", &query("")).await.map(drop)
    })
    .accounts(1);
    let mut s = cases.section("6121", "2");
    s.must(1, "6121-2-01", "what was stored is given back", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let item = format!("<item jid='{JID}' name='A &amp; B \u{E9}\u{1F600}'><group>One</group><group>Two &lt;3</group></item>");
        user.granted("set", &query(&item)).await?;
        let roster = user.roster().await?;
        ensure!(roster.len() == 1, "there are {} items", roster.len());
        let (item, mut groups) = (&roster[0], Vec::new());
        groups.extend(item.children().filter(|c| c.name() == "group").map(|g| g.text().into_owned()));
        groups.sort();
        let (jid, name) = (item.attr("jid"), item.attr("name"));
        let same = jid.as_deref() == Some(JID) && name.as_deref() == Some("A & B \u{E9}\u{1F600}") && groups == ["One", "Two <3"];
        ensure!(same, "it is {}", item.source());
        Ok(())
    })
    .accounts(1);
    s.must(2, "6121-2-02", "somebody else's roster is not given", async |scene| {
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = scene.account(0).jid;
        let answer = other.iq("get", Some(&to), &query("")).await?;
        ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is");
        Ok(())
    })
    .accounts(2);
    s.must(3, "6121-2-02 6121-2.1.5-03", "somebody else's roster is not changed", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = user.account.jid.clone();
        let answer = other.iq("set", Some(&to), &query(&format!("<item jid='{JID}'/>"))).await?;
        ensure!(StanzaError::of(answer.as_ref()).is_some(), "the request is granted");
        let state = state_of(&mut user, JID).await?;
        ensure!(state == "-", "the item is there");
        Ok(())
    })
    .accounts(2);
    s.must(4, "6121-2-02", "one's own roster under one's own bare JID", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = user.account.jid.clone();
        let answer = user.iq("get", Some(&to), &query("")).await?;
        ensure!(StanzaError::of(answer.as_ref()).is_none(), "it is refused");
        Ok(())
    })
    .accounts(1);
    s.must(5, "6121-2-01", "the roster is the account's, whatever the resource", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        user.granted("set", &query(&format!("<item jid='{JID}' name='n'/>"))).await?;
        user.leave().await;
        let mut again = scene.bound(&scene.account(0), "").await?;
        let state = state_of(&mut again, JID).await?;
        ensure!(state == "none", "the item is {state:?}");
        Ok(())
    })
    .accounts(1);
}

fn setting(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "2.3.2");
    s.must(
        1,
        "6121-2.3.2-01 6121-2.3.2-02",
        "a new item: a result, and it is there",
        async |scene| {
            let mut user = fresh(scene, 0, "").await?;
            user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
            let state = state_of(&mut user, JID).await?;
            ensure!(state == "none", "it is {state:?}");
            Ok(())
        },
    )
    .accounts(1);
    s.must(2, "6121-2.3.2-02", "the result is empty", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let answer = user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
        let count = answer.children().count();
        ensure!(count == 0, "it has {count} children");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6121", "2.4.1");
    s.must(1, "6121-2.4.1-01 6121-2.4.2-01", "an item is replaced as a whole", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        user.granted(
            "set",
            &query(&format!(
                "<item jid='{JID}' name='old'><group>a</group><group>b</group></item>"
            )),
        )
        .await?;
        user.granted("set", &query(&format!("<item jid='{JID}'><group>c</group></item>"))).await?;
        let roster = user.roster().await?;
        ensure!(roster.len() == 1, "there are {} items", roster.len());
        let groups: Vec<_> = roster[0].children().map(|g| g.text().into_owned()).collect();
        let name = roster[0].attr("name");
        ensure!(
            groups == ["c"] && name.as_deref().is_none_or(str::is_empty),
            "it is {}",
            roster[0].source()
        );
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6121", "2.1.2.5");
    let rows = ["none", "to", "from", "both", "whatever"].map(|value| (value, value));
    s.table(
        Level::Must,
        1,
        "6121-2.1.2.5-03 6121-2.1.5-02",
        "a subscription in a roster set is ignored",
        rows,
        async |scene, value| {
            let mut user = fresh(scene, 0, "").await?;
            user.granted("set", &query(&format!("<item jid='{JID}' subscription='{value}'/>")))
                .await?;
            let state = state_of(&mut user, JID).await?;
            ensure!(state == "none", "it is {state:?}");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [("ask", "ask='subscribe'"), ("approved", "approved='true'")];
    s.table(
        Level::Must,
        2,
        NOT_IN_SETS,
        "what a roster set cannot say is ignored",
        rows,
        async |scene, attribute| {
            let mut user = fresh(scene, 0, "").await?;
            let answer =
                user.iq("set", None, &query(&format!("<item jid='{JID}' {attribute}/>"))).await?;
            if StanzaError::of(answer.as_ref()).is_some() {
                return Ok(());
            }
            let state = state_of(&mut user, JID).await?;
            ensure!(state == "none", "it is {state:?}");
            Ok(())
        },
    )
    .accounts(1);
}

fn pushes(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "2.1.6");
    s.must(1, "6121-2.1.6-01", "a push has one item", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        user.send_marked(format!(
            "<iq type='set' id='s'>{}</iq>",
            query(&format!("<item jid='{JID}'/>"))
        ))
        .await;
        let push = user.wait_for("the push", |e| pushed(e).is_some()).await?;
        let count = push.child(Ns::new(ROSTER), "query").map(|q| q.children().count());
        ensure!(count == Some(1), "it has {count:?}");
        Ok(())
    })
    .accounts(1);
    s.must(2, "6120-8.1.2.1-03", "a push comes from the account", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        user.send_marked(format!(
            "<iq type='set' id='s'>{}</iq>",
            query(&format!("<item jid='{JID}'/>"))
        ))
        .await;
        let push = user.wait_for("the push", |e| pushed(e).is_some()).await?;
        let from = push.attr("from");
        ensure!(from.as_deref().is_none_or(|from| from == user.bare()), "it is from {from:?}");
        Ok(())
    })
    .accounts(1);
    s.must(3, "6120-8.2.3-01", "a push has an id", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        user.send_marked(format!(
            "<iq type='set' id='s'>{}</iq>",
            query(&format!("<item jid='{JID}'/>"))
        ))
        .await;
        let push = user.wait_for("the push", |e| pushed(e).is_some()).await?;
        ensure!(push.attr("id").is_some_and(|id| !id.is_empty()), "it has none");
        Ok(())
    })
    .accounts(1);
    s.should(4, "6121-2.1.6-05", "an error for a push is ignored", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        user.send(format!("<iq type='set' id='s'>{}</iq>", query(&format!("<item jid='{JID}'/>")))).await;
        let push = user.wait_for("the push", |e| pushed(e).is_some()).await?;
        let id = push.attr("id").unwrap_or_default().into_owned();
        user.send_marked(format!("<iq type='error' id='{id}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")).await;
        let state = state_of(&mut user, JID).await?;
        ensure!(state == "none", "the item is {state:?}");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6121", "2.3.2");
    s.must(
        3,
        "6121-2.3.2-03 6121-2.2-02",
        "all interested resources get the push",
        async |scene| {
            let mut user = fresh(scene, 0, "").await?;
            let mut second = scene.bound(&scene.account(0), "").await?;
            second.roster().await?;
            user.send_marked(format!(
                "<iq type='set' id='s'>{}</iq>",
                query(&format!("<item jid='{JID}'/>"))
            ))
            .await;
            user.wait_for("the push", |e| is_push_of(e, JID)).await?;
            second.wait_for("the push", |e| is_push_of(e, JID)).await.map(drop)
        },
    )
    .accounts(1);
    s.must(4, INTERESTED, "who has not asked for the roster gets no push", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let mut second = scene.online(&scene.account(0), "").await?;
        user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
        let all = second.all_until_now(&mut user).await?;
        if all.iter().any(|e| pushed(e.as_ref()).is_some()) {
            skip!("it does, which no sentence forbids");
        }
        Ok(())
    })
    .accounts(1);
}

fn refusals(cases: &mut Cases<Target>) {
    let twice = format!("<item jid='{JID}'/><item jid='other@example.com'/>");
    let groups = format!("<item jid='{JID}'><group>a</group><group>a</group></item>");
    let mut s = cases.section("6121", "2.3.3");
    let rows = [("two-items", twice), ("group-twice", groups)];
    s.table(
        Level::Must,
        1,
        "6121-2.3.3-01 6121-2.3.3-03 6121-2.1.5-01",
        "bad-request",
        rows,
        async |scene, items| {
            let mut user = fresh(scene, 0, "").await?;
            let answer = user.iq("set", None, &query(&items)).await?;
            let Some(error) = StanzaError::of(answer.as_ref()) else { fail!("it is taken") };
            ensure!(error.condition == "bad-request", "it is {}", error.condition);
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        6,
        "6121-2.1.5-01 6121-2.3.3-01",
        "a roster set without an item is refused",
        async |scene| {
            let mut user = fresh(scene, 0, "").await?;
            let answer = user.iq("set", None, &query("")).await?;
            ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is taken");
            Ok(())
        },
    )
    .accounts(1);
    s.must(2, "6121-2.3.3-04", "not-acceptable: an empty group", async |scene| {
        let mut user = fresh(scene, 0, "").await?;
        let answer =
            user.iq("set", None, &query(&format!("<item jid='{JID}'><group/></item>"))).await?;
        let Some(error) = StanzaError::of(answer.as_ref()) else { fail!("it is taken") };
        ensure!(error.condition == "not-acceptable", "it is {}", error.condition);
        Ok(())
    })
    .accounts(1);
    s.must(3, "6121-2.3.3-02 6121-2.1.5-03", "forbidden: somebody else's roster", async |scene| {
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = scene.account(0).jid;
        let answer = other.iq("set", Some(&to), &query(&format!("<item jid='{JID}'/>"))).await?;
        let Some(error) = StanzaError::of(answer.as_ref()) else { fail!("it is taken") };
        ensure!(error.condition == "forbidden", "it is {}", error.condition);
        Ok(())
    })
    .accounts(2);
    let rows = [
        ("missing", "<item/>"),
        ("empty", "<item jid=''/>"),
        ("malformed", "<item jid='@example.com'/>"),
        ("two-ats", "<item jid='a@b@c'/>"),
    ];
    s.table(
        Level::Must,
        4,
        "6121-2.1.2.3-01 6121-2.3.3-01",
        "an item without an address is refused",
        rows,
        async |scene, item| {
            let mut user = fresh(scene, 0, "").await?;
            let answer = user.iq("set", None, &query(item)).await?;
            ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is taken");
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        5,
        "6121-2.3.3-04",
        "a name of a megabyte is refused, or ends the stream",
        async |scene| {
            let mut user = fresh(scene, 0, "").await?;
            let name = "n".repeat(200_000);
            user.send_marked(format!(
                "<iq type='set' id='s'>{}</iq>",
                query(&format!("<item jid='{JID}' name='{name}'/>"))
            ))
            .await;
            match user.answer("s").await {
                Ok(answer) if StanzaError::of(answer.as_ref()).is_none() => {
                    skip!("there is no such limit")
                }
                _ => Ok(()),
            }
        },
    )
    .accounts(1);
}

fn removing(cases: &mut Cases<Target>) {
    let remove = |jid: &str| query(&format!("<item jid='{jid}' subscription='remove'/>"));
    let mut s = cases.section("6121", "2.5.2");
    s.must(
        1,
        "6121-2.5.2-01",
        "an item is removed, with a push that says so",
        async move |scene| {
            let mut user = fresh(scene, 0, "").await?;
            user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
            user.wait_for("the push", |e| is_push_of(e, JID)).await?;
            user.send_marked(format!("<iq type='set' id='r'>{}</iq>", remove(JID))).await;
            let push = user.wait_for("the push", |e| is_push_of(e, JID)).await?;
            let said = pushed(push.as_ref()).map(|item| state(item)).unwrap_or_default();
            ensure!(said == "remove", "the push says {said:?}");
            user.answer("r").await?;
            let state = state_of(&mut user, JID).await?;
            ensure!(state == "-", "it is still there");
            Ok(())
        },
    )
    .accounts(1);
    for (number, kind, quoted) in [
        (2, "unsubscribe", "6121-2.5.2-02 6121-2.5.2-04"),
        (3, "unsubscribed", "6121-2.5.2-03 6121-2.5.2-04"),
    ] {
        s.must(number, quoted, format!("the contact is told: {kind}"), async move |scene| {
            let (mut user, mut contact) = friends(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.granted("set", &remove(&to)).await?;
            contact.wait_for(kind, |e| is_presence(e, kind, &from)).await.map(drop)
        })
        .accounts(2);
    }
    s.must(4, "6121-2.5.2-03 6121-3.2.3-04", "the contact sees the user go", async move |scene| {
        let (mut user, mut contact) = friends(scene).await?;
        let (from, to) = (user.jid.clone(), contact.account.jid.clone());
        user.granted("set", &remove(&to)).await?;
        contact
            .wait_for("unavailable presence", |e| is_presence(e, "unavailable", &from))
            .await
            .map(drop)
    })
    .accounts(2);
    s.must(
        5,
        "6121-2.5.2-02 6121-2.5.2-03",
        "the contact's roster says so too",
        async move |scene| {
            let (mut user, mut contact) = friends(scene).await?;
            let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
            user.granted("set", &remove(&to)).await?;
            contact.wait_for("unsubscribed", |e| is_presence(e, "unsubscribed", &from)).await?;
            contact.all_until_now(&mut user).await?;
            let state = state_of(&mut contact, &from).await?;
            ensure!(state == "none", "it says {state:?}");
            Ok(())
        },
    )
    .accounts(2);
    let mut s = cases.section("6121", "2.5.3");
    s.must(
        1,
        "6121-2.5.3-01",
        "what is not there cannot be removed: item-not-found",
        async move |scene| {
            let mut user = fresh(scene, 0, "").await?;
            let answer = user.iq("set", None, &remove(JID)).await?;
            let Some(error) = StanzaError::of(answer.as_ref()) else { fail!("it is granted") };
            ensure!(error.condition == "item-not-found", "it is {}", error.condition);
            Ok(())
        },
    )
    .accounts(1);
    s.must(2, "6121-2-02 6121-2.1.5-03", "somebody else cannot remove", async move |scene| {
        let (mut user, mut other) = strangers(scene).await?;
        user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
        let to = user.account.jid.clone();
        let answer = other.iq("set", Some(&to), &remove(JID)).await?;
        ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is granted");
        let state = state_of(&mut user, JID).await?;
        ensure!(state == "none", "the item is {state:?}");
        Ok(())
    })
    .accounts(2);
}

fn versions(cases: &mut Cases<Target>) {
    let feature = "urn:xmpp:features:rosterver";
    let mut s = cases.section("6121", "2.6.1");
    s.must(1, "6121-2.6.1-01", "who gives versions offers them", async move |scene| {
        let offered = scene.login(&scene.account(0), "client").await?.offers(feature, "ver");
        let mut user = fresh(scene, 0, "").await?;
        let answer = user.granted("get", &format!("<query xmlns='{ROSTER}' ver=''/>")).await?;
        let given = answer.child(Ns::new(ROSTER), "query").is_some_and(|q| q.attr("ver").is_some());
        ensure!(offered || !given, "a version is given and not offered");
        if !given {
            skip!("there are no versions");
        }
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("6121", "2.6.3");
    s.must(
        1,
        "6121-2.6.3-01 6121-2.6.2-03",
        "ver='': the whole roster and its version",
        async move |scene| {
            let mut user = versioned(scene).await?;
            user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
            let answer = user.granted("get", &format!("<query xmlns='{ROSTER}' ver=''/>")).await?;
            let Some(roster) = answer.child(Ns::new(ROSTER), "query") else {
                fail!("there is no <query/>")
            };
            ensure!(roster.attr("ver").is_some(), "there is no version");
            ensure!(
                roster.children().count() == 1,
                "there are {} items",
                roster.children().count()
            );
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        2,
        "6121-2.6.3-01",
        "the current version: an empty result, or the whole roster",
        async move |scene| {
            let mut user = versioned(scene).await?;
            user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
            let answer = user.granted("get", &format!("<query xmlns='{ROSTER}' ver=''/>")).await?;
            let ver = answer
                .child(Ns::new(ROSTER), "query")
                .and_then(|q| q.attr("ver"))
                .unwrap_or_default()
                .into_owned();
            let answer =
                user.granted("get", &format!("<query xmlns='{ROSTER}' ver='{ver}'/>")).await?;
            match answer.child(Ns::new(ROSTER), "query") {
                None => Ok(()),
                Some(roster) => {
                    ensure!(roster.children().count() == 1, "it is neither");
                    Ok(())
                }
            }
        },
    )
    .accounts(1);
    s.must(
        3,
        "6121-2.6.3-01 6121-2.6.3-03",
        "an unknown version leads to the whole roster",
        async move |scene| {
            let mut user = versioned(scene).await?;
            user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
            let answer = user
                .granted("get", &format!("<query xmlns='{ROSTER}' ver='no-such-version'/>"))
                .await?;
            let count = answer.child(Ns::new(ROSTER), "query").map(|q| q.children().count());
            if count == Some(1) {
                return Ok(());
            }
            // Or to pushes of all that has changed since whatever it stands for.
            user.wait_for("a push of the item", |e| is_push_of(e, JID)).await.map(drop)
        },
    )
    .accounts(1);
    s.must(4, "6121-2.6.3-06", "each push has a version", async move |scene| {
        let mut user = versioned(scene).await?;
        user.granted("set", &query(&format!("<item jid='{JID}'/>"))).await?;
        let push = user.wait_for("the push", |e| is_push_of(e, JID)).await?;
        let ver = push.child(Ns::new(ROSTER), "query").and_then(|q| q.attr("ver"));
        ensure!(ver.is_some(), "it has none");
        Ok(())
    })
    .accounts(1);
    s.must(5, "6121-2.6.3-07", "each push has another version", async move |scene| {
        let mut user = versioned(scene).await?;
        let mut seen = Vec::new();
        for name in ["a", "b", "c"] {
            user.granted("set", &query(&format!("<item jid='{JID}' name='{name}'/>"))).await?;
            let push = user.wait_for("the push", |e| is_push_of(e, JID)).await?;
            let ver = push
                .child(Ns::new(ROSTER), "query")
                .and_then(|q| q.attr("ver"))
                .unwrap_or_default()
                .into_owned();
            seen.push(ver);
        }
        let different: std::collections::HashSet<_> = seen.iter().collect();
        ensure!(different.len() == 3, "they are {seen:?}");
        Ok(())
    })
    .accounts(1);
    let rows = [
        ("added", "<item jid='OTHER'/>"),
        ("renamed", "<item jid='JID' name='renamed'/>"),
        ("removed", "<item jid='JID' subscription='remove'/>"),
    ];
    let rows = rows.map(|(name, item)| (name, (item, if name == "added" { OTHER } else { JID })));
    s.table(
        Level::Must,
        6,
        "6121-2.6.3-03",
        "what has changed since an older version is told",
        rows,
        async |scene, (item, changed)| {
            let mut user = versioned(scene).await?;
            for contact in [JID, "third@example.com"] {
                user.granted("set", &query(&format!("<item jid='{contact}'/>"))).await?;
            }
            let ver =
                version(&user.granted("get", &format!("<query xmlns='{ROSTER}' ver=''/>")).await?);
            let item = item.replace("OTHER", OTHER).replace("JID", JID);
            user.granted("set", &query(&item)).await?;
            // What was pushed at once is not the question.
            user.sync().await?;
            user.forget();
            let answer =
                user.granted("get", &format!("<query xmlns='{ROSTER}' ver='{ver}'/>")).await?;
            let Some(roster) = answer.child(Ns::new(ROSTER), "query") else {
                return user
                    .wait_for("a push of what has changed", |e| is_push_of(e, changed))
                    .await
                    .map(drop);
            };
            let found = roster.children().find(|item| item.attr("jid").as_deref() == Some(changed));
            let right = if item.contains("remove") { found.is_none() } else { found.is_some() };
            ensure!(right, "the roster is {}", roster.source());
            Ok(())
        },
    )
    .accounts(1);
}

/// The version in a result.
fn version(answer: &xmpp_xml::Element) -> String {
    let query = answer.child(Ns::new(ROSTER), "query");
    query.and_then(|query| query.attr("ver")).unwrap_or_default().into_owned()
}

/// A fresh user of a server with versions, who has asked for one.
async fn versioned(scene: &super::Scene) -> crate::verdict::Outcome<crate::server::User> {
    let open = scene.login(&scene.account(0), "client").await?;
    if !open.offers("urn:xmpp:features:rosterver", "ver") {
        skip!("versions are not offered");
    }
    drop(open);
    let mut user = fresh(scene, 0, "").await?;
    user.granted("get", &format!("<query xmlns='{ROSTER}' ver=''/>")).await?;
    Ok(user)
}
