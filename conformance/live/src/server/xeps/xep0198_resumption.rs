//! XEP-0198 sections 5 and 7: resumption, and what a closed stream is.

use core::time::Duration;

use xmpp_xml::{Element, ElementRef, Ns};

use super::xep0198::{enabled, handled, managed, offered};
use crate::case::Cases;
use crate::server::session::{BIND, Open};
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome, Setup as _};
use crate::wire::Wire;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const SM: &str = "urn:xmpp:sm:3";
const PING: &str = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";

/// A user whose stream can be resumed, and its id.
async fn resumable(scene: &Scene, account: usize) -> Outcome<(User, String)> {
    let mut user = managed(scene, account).await?;
    let answer = enabled(&mut user, " resume='true'").await?;
    let resume = answer.attr("resume");
    let resume = resume.as_deref();
    match (resume, answer.attr("id")) {
        (Some("true" | "1"), Some(id)) => Ok((user, escaped(&id))),
        _ => skip!("the server does not resume streams"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}

/// Logs in again and asks for the stream with that id.
async fn resume(scene: &Scene, account: usize, id: &str, h: &str) -> Outcome<(Wire, Element)> {
    let mut open = scene.login(&scene.account(account), "again").await?;
    let answer = resume_on(&mut open, id, h).await?;
    Ok((open.wire, answer))
}

async fn resume_on(open: &mut Open, id: &str, h: &str) -> Outcome<Element> {
    open.wire.send_marked(format!("<resume xmlns='{SM}' previd='{id}' h='{h}'/>")).await;
    open.wire
        .expect("<resumed/> or <failed/>", |e| {
            e.has_ns(Ns::new(SM)) && matches!(e.name(), "resumed" | "failed")
        })
        .await
}

/// The stream has to be resumed.
async fn resumed(scene: &Scene, account: usize, id: &str, h: &str) -> Outcome<(Wire, Element)> {
    let (wire, answer) = resume(scene, account, id, h).await?;
    ensure!(answer.name() == "resumed", "it is not resumed: {}", answer.source());
    Ok((wire, answer))
}

fn with_id(id: &str) -> impl Fn(ElementRef<'_>) -> bool + '_ {
    move |e| e.name() == "message" && e.attr("id").as_deref() == Some(id)
}

/// Ends the session, so that nothing of it is left for the next case.
async fn close(wire: &mut Wire) {
    wire.send("</stream:stream>").await;
    wire.patience = Duration::from_secs(1);
    let _ = wire.drain().await;
}

fn condition(failed: &Element) -> String {
    let conditions = Ns::new("urn:ietf:params:xml:ns:xmpp-stanzas");
    let found = failed.children().find(|child| child.has_ns(conditions));
    found.map(|child| child.name().to_owned()).unwrap_or_default()
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    granted(cases);
    carried_over(cases);
    refused(cases);
    closed(cases);
}

fn granted(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "5");
    s.must(1, "If the server can resume the former stream, it MUST return a <resumed/> element, which MUST include a 'previd' attribute set to the SM-ID of the former stream and MUST also include an 'h' attribute set to the sequence number of the last handled stanza sent over the former stream from the client to the server", "<resumed/> after the connection was cut", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING.repeat(2)).await;
        user.sync().await?;
        user.wire.cut();
        let (mut wire, answer) = resumed(scene, 0, &id, "0").await?;
        let (previd, h) = (answer.attr("previd"), answer.attr("h"));
        close(&mut wire).await;
        ensure!(previd.as_deref().map(escaped) == Some(id), "'previd' is {previd:?}");
        ensure!(h.as_deref() == Some("3"), "'h' is {h:?}, three were sent");
        Ok(())
    })
    .accounts(1);
    s.must(
        2,
        "in the unlikely case that the server never received any stanzas, it would set 'h' to zero",
        "<resumed/> of a stream without stanzas",
        async |scene| {
            let (mut user, id) = resumable(scene, 0).await?;
            user.wire.cut();
            let (mut wire, answer) = resumed(scene, 0, &id, "0").await?;
            let h = answer.attr("h");
            close(&mut wire).await;
            ensure!(h.as_deref() == Some("0"), "'h' is {h:?}");
            Ok(())
        },
    )
    .accounts(1);
    let again = "after processing it MUST re-send to the peer any stanzas that are still marked as unhandled";
    s.must(3, again, "answers that were not acknowledged come again", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING.replace("'p'", "'one'")).await;
        user.answer("one").await?;
        user.send(PING.replace("'p'", "'two'")).await;
        user.answer("two").await?;
        user.wire.cut();
        let (mut wire, _) = resumed(scene, 0, &id, "1").await?;
        let first = wire.wait_for("a stanza", |e| e.has_ns(Ns::new("jabber:client"))).await?;
        let found = first.attr("id");
        close(&mut wire).await;
        ensure!(found.as_deref() == Some("two"), "the first that comes is {found:?}");
        Ok(())
    })
    .accounts(1);
    s.must(4, again, "a message sent while the client was away comes", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.appear("").await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        user.wire.cut();
        let to = user.jid.clone();
        let mark = other.id();
        for n in 0..3 {
            other
                .send(format!(
                    "<message id='{mark}-{n}' type='chat' to='{to}'><body>b</body></message>"
                ))
                .await;
        }
        other.sync().await?;
        let (mut wire, _) = resumed(scene, 0, &id, "1").await?;
        let mut order = Vec::new();
        for _ in 0..3 {
            let message = wire.wait_for("the message", |e| e.name() == "message").await?;
            order.push(message.attr("id").unwrap_or_default().into_owned());
        }
        close(&mut wire).await;
        ensure!(order == [0, 1, 2].map(|n| format!("{mark}-{n}")), "they are {order:?}");
        Ok(())
    })
    .accounts(2);
    s.must(5, "Upon receiving a <resume/> or <resumed/> element the client and server use the 'h' attribute to retransmit any stanzas lost by the disconnection.", "what was acknowledged does not come again", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING.replace("'p'", "'one'")).await;
        user.answer("one").await?;
        user.wire.cut();
        let (mut wire, _) = resumed(scene, 0, &id, "1").await?;
        wire.send(PING.replace("'p'", "'mark'")).await;
        let first = wire.wait_for("a stanza", |e| e.has_ns(Ns::new("jabber:client"))).await?;
        let found = first.attr("id");
        close(&mut wire).await;
        ensure!(found.as_deref() == Some("mark"), "first comes {found:?}");
        Ok(())
    })
    .accounts(1);
}

fn carried_over(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "5");
    let carried = "The sequence values are carried over from the previous session and are not reset for the new stream.";
    s.must(6, carried, "'h' goes on after resumption", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING).await;
        user.sync().await?;
        user.wire.cut();
        let (wire, _) = resumed(scene, 0, &id, "2").await?;
        user.wire = wire;
        user.send(PING).await;
        let h = handled(&mut user).await?;
        close(&mut user.wire).await;
        ensure!(h == "3", "'h' is {h}, three were sent in all");
        Ok(())
    })
    .accounts(1);
    s.must(7, carried, "the stream is resumed twice", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING).await;
        user.answer("p").await?;
        user.wire.cut();
        let (mut wire, _) = resumed(scene, 0, &id, "1").await?;
        wire.send(PING).await;
        wire.wait_for("the answer", |e| e.attr("id").as_deref() == Some("p")).await?;
        wire.cut();
        let (mut wire, answer) = resumed(scene, 0, &id, "2").await?;
        let h = answer.attr("h");
        close(&mut wire).await;
        ensure!(h.as_deref() == Some("2"), "'h' is {h:?}, two were sent");
        Ok(())
    })
    .accounts(1);
    s.should(8, "If the former stream is resumed and the server still has the stream for the previously-identified session open at this time, the server SHOULD send a 'conflict' stream error and close that stream.", "conflict for the stream that was open", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let (mut wire, _) = resumed(scene, 0, &id, "0").await?;
        let ended = user.wire.expect_stream_error(&["conflict"]).await;
        close(&mut wire).await;
        ended.map(drop)
    })
    .accounts(1);
    s.should(9, "The client SHOULD NOT resend presence stanzas in an attempt to restore its former presence state, since this state will have been retained by the server.", "the resource is still available", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.appear("").await?;
        user.wire.cut();
        let (mut wire, _) = resumed(scene, 0, &id, "1").await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = user.bare().to_owned();
        other.send_marked(format!("<message id='m' type='headline' to='{to}'><body>b</body></message>")).await;
        let came = wire.wait_for("a message to the bare JID", with_id("m")).await;
        close(&mut wire).await;
        came.map(drop)
    })
    .accounts(2);
    s.must(10, carried, "'to' and 'from' are the old full JID's", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.wire.cut();
        let (mut wire, _) = resumed(scene, 0, &id, "0").await?;
        let mut other = scene.online(&scene.account(1), "").await?;
        wire.send_marked(format!(
            "<message id='m' type='headline' to='{}'><body>b</body></message>",
            other.jid
        ))
        .await;
        let message = other.wait_for("the message", with_id("m")).await;
        close(&mut wire).await;
        let message = message?;
        let from = message.attr("from");
        ensure!(from.as_deref() == Some(&*user.jid), "'from' is {from:?}");
        Ok(())
    })
    .accounts(2);
}

fn refused(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "5");
    let unknown = "If the server does not recognize the 'previd' as an earlier session (e.g., because the former session has timed out), it MUST return a <failed/> element, which SHOULD include an error condition of <item-not-found/>.";
    let rows = [
        ("word", "no-such-session"),
        ("empty", ""),
        (
            "long",
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        ),
        ("unicode", "\u{1F600}\u{E9}"),
        ("markup", "&lt;a/&gt;&amp;"),
    ];
    s.table(Level::Must, 11, unknown, "an unknown 'previd'", rows, async |scene, id| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        offered(&open)?;
        let answer = resume_on(&mut open, id, "0").await?;
        ensure!(answer.name() == "failed", "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.should(12, unknown, "item-not-found for an unknown 'previd'", async |scene| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        offered(&open)?;
        let answer = resume_on(&mut open, "no-such-session", "0").await?;
        let found = condition(&answer);
        ensure!(found == "item-not-found", "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.should(13, "In both of these failure cases, the server SHOULD allow the client to bind a resource at this point rather than forcing the client to restart the stream negotiation process and re-authenticate.", "a resource is bound after <failed/>", async |scene| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        offered(&open)?;
        let answer = resume_on(&mut open, "no-such-session", "0").await?;
        ensure!(answer.name() == "failed", "it is {}", answer.source());
        open.wire.send_marked(format!("<iq type='set' id='bind'><bind xmlns='{BIND}'/></iq>")).await;
        let bound = open.wire.element("the result of binding").await?;
        ensure!(bound.attr("type").as_deref() == Some("result"), "it is {}", bound.source());
        Ok(())
    })
    .accounts(1);
    let hijack = "a server MUST NOT allow a client to resume a stream management session until after the client has authenticated (for some value of \"authentication\"); this helps to prevent session hijacking";
    s.must(14, hijack, "<resume/> before SASL", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let mut open = scene.secure("thief").await?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' previd='{id}' h='0'/>")).await;
        let item = open.wire.item().await;
        user.sync().await?;
        user.leave().await;
        match item {
            crate::wire::Item::Element(e) if e.is(Ns::new(SM), "resumed") => fail!("it is resumed"),
            _ => Ok(()),
        }
    })
    .accounts(1);
    s.must(15, hijack, "<resume/> of another account's stream", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let (_, answer) = resume(scene, 1, &id, "0").await?;
        let alive = user.sync().await;
        user.leave().await;
        ensure!(answer.name() == "failed", "it is {}", answer.source());
        alive
    })
    .accounts(2);
    let rows = [("absent", ""), ("empty", " h=''"), ("word", " h='x'"), ("negative", " h='-1'")];
    s.table(Level::Must, 16, "The <resume/> element MUST include a 'previd' attribute whose value is the SM-ID of the former stream and MUST include an 'h' attribute", "a <resume/> without a right 'h' is refused", rows, async |scene, h| {
        let (mut user, id) = resumable(scene, 0).await?;
        let mut open = scene.login(&scene.account(0), "again").await?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' previd='{id}'{h}/>")).await;
        let item = open.wire.item().await;
        close(&mut user.wire).await;
        match item {
            crate::wire::Item::Element(e) if e.is(Ns::new(SM), "resumed") => {
                close(&mut open.wire).await;
                fail!("it is resumed")
            }
            crate::wire::Item::Element(_) => Ok(()),
            other => fail!("{}", other.what()),
        }
    })
    .accounts(1);
    s.should(17, "In effect, it should handle the element's 'h' attribute as it would handle it on an <a/> element", "a <resume/> whose 'h' is too high", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.wire.cut();
        let mut open = scene.login(&scene.account(0), "again").await?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' previd='{id}' h='1000'/>")).await;
        loop {
            let item = open.wire.item().await;
            match item {
                crate::wire::Item::Element(e) if e.is(Ns::new(SM), "failed") => return Ok(()),
                crate::wire::Item::Element(e) if e.is(Ns::new(SM), "resumed") => {}
                crate::wire::Item::Element(e) if e.is(Ns::new(SM), "r") => {}
                crate::wire::Item::Element(e) if crate::wire::StreamError::of(&e).is_some() => return Ok(()),
                other => {
                    close(&mut open.wire).await;
                    fail!("{}", other.what())
                }
            }
        }
    })
    .accounts(1);
    s.must(18, "the client MUST NOT attempt to enable stream management until after it has completed Resource Binding unless it is resuming a previous session", "<resume/> once a resource is bound is refused", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.wire.cut();
        let mut other = managed(scene, 0).await?;
        other.send_marked(format!("<resume xmlns='{SM}' previd='{id}' h='0'/>")).await;
        let item = other.wire.item().await;
        if let Ok((mut wire, _)) = resume(scene, 0, &id, "0").await {
            close(&mut wire).await;
        }
        match item {
            crate::wire::Item::Element(e) if e.is(Ns::new(SM), "resumed") => fail!("it is resumed"),
            crate::wire::Item::Element(_) => Ok(()),
            other => fail!("{}", other.what()),
        }
    })
    .accounts(1);
}

fn closed(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "7");
    let clean = "A cleanly closed stream differs from an unfinished stream. If a client wishes to cleanly close its stream and end its session, it MUST send a </stream:stream> so that the server can send unavailable presence on the client's behalf.";
    s.must(1, clean, "a closed stream is not resumed", async |scene| {
        let (user, id) = resumable(scene, 0).await?;
        user.leave().await;
        let (mut wire, answer) = resume(scene, 0, &id, "0").await?;
        close(&mut wire).await;
        ensure!(answer.name() == "failed", "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.must(2, clean, "unavailable presence when the stream is closed", async |scene| {
        let mut watcher = scene.online(&scene.account(0), "").await?;
        let (mut user, _) = resumable(scene, 0).await?;
        user.appear("").await?;
        let jid = user.jid.clone();
        user.leave().await;
        watcher
            .wait_for("unavailable presence", |e| {
                e.attr("type").as_deref() == Some("unavailable")
                    && e.attr("from").as_deref() == Some(&*jid)
            })
            .await
            .map(drop)
    })
    .accounts(1);
    let rows = [("cut", false), ("ended", true)];
    s.table(Level::Should, 3, "If the stream is not cleanly closed then the server SHOULD consider the stream to be unfinished (even if the client closes its TCP connection to the server) and SHOULD maintain the session on behalf of the client for a limited amount of time.", "no unavailable presence when the connection ends", rows, async |scene, ended| {
        let mut watcher = scene.online(&scene.account(0), "").await?;
        let (mut user, id) = resumable(scene, 0).await?;
        user.appear("").await?;
        let jid = user.jid.clone();
        if ended {
            user.wire.end().await;
        }
        user.wire.cut();
        watcher.wire.patience = Duration::from_millis(700);
        let gone = watcher.wait_for("unavailable presence", |e| {
            e.attr("type").as_deref() == Some("unavailable") && e.attr("from").as_deref() == Some(&*jid)
        });
        let gone = gone.await.is_ok();
        let (mut wire, answer) = resume(scene, 0, &id, "0").await.setup("<resume/>")?;
        close(&mut wire).await;
        ensure!(!gone, "it comes");
        ensure!(answer.name() == "resumed", "it is not resumed: {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.must(4, clean, "a stream that ended with a stream error is not a reason to say nothing: the session can be resumed, or is gone with unavailable presence", async |scene| {
        let mut watcher = scene.online(&scene.account(0), "").await?;
        let (mut user, id) = resumable(scene, 0).await?;
        user.appear("").await?;
        let jid = user.jid.clone();
        user.send_marked("<message></presence>").await;
        user.wire.stream_error().await.setup("what is not well-formed")?;
        user.wire.cut();
        let (mut wire, answer) = resume(scene, 0, &id, "0").await?;
        close(&mut wire).await;
        if answer.name() == "resumed" {
            return Ok(());
        }
        watcher.wait_for("unavailable presence", |e| {
            e.attr("type").as_deref() == Some("unavailable") && e.attr("from").as_deref() == Some(&*jid)
        })
        .await
        .map(drop)
    })
    .accounts(1);
}
