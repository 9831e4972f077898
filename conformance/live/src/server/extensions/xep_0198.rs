//! XEP-0198: Stream Management.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::session::Open;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome, Setup as _};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail, skip};

pub(super) const SM: &str = "urn:xmpp:sm:3";
pub(super) const XEP: &str = "XEP-0198";

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    enabling(cases);
    acknowledging(cases);
    resuming(cases);
    mistaken(cases);
}

/// A user of a server that has stream management.
pub(super) async fn managed(scene: &Scene, at: usize) -> Outcome<User> {
    let account = scene.account(at);
    let open = scene.login(&account, &account.user).await?;
    if !open.offers(SM, "sm") {
        skip!("stream management is not offered");
    }
    drop(open);
    scene.bound(&account, "").await
}

/// A session with it enabled and resumable; and the identifier.
pub(super) async fn resumable(scene: &Scene, at: usize) -> Outcome<(User, String)> {
    let mut user = managed(scene, at).await?;
    user.send(format!("<enable xmlns='{SM}' resume='true'/>")).await;
    let enabled = user.wire.expect_named(SM, "enabled").await?;
    let resume = enabled.attr("resume");
    if !matches!(resume.as_deref(), Some("true" | "1")) {
        skip!("sessions cannot be resumed");
    }
    let id = enabled.attr("id").unwrap_or_default().into_owned();
    Ok((user, id))
}

pub(super) async fn enabled(scene: &Scene, at: usize) -> Outcome<User> {
    let mut user = managed(scene, at).await?;
    user.send(format!("<enable xmlns='{SM}'/>")).await;
    user.wire.expect_named(SM, "enabled").await?;
    Ok(user)
}

/// The server's count of what it has handled.
pub(super) async fn handled(user: &mut User) -> Outcome<u32> {
    user.send_marked(format!("<r xmlns='{SM}'/>")).await;
    let a = user.wire.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await?;
    count(&a)
}

fn count(element: &Element) -> Outcome<u32> {
    let h = element.attr("h");
    match h.as_deref().and_then(|h| h.parse().ok()) {
        Some(h) => Ok(h),
        None => fail!("'h' is {h:?}"),
    }
}

pub(super) async fn resume(scene: &Scene, at: usize, id: &str, h: u32) -> Outcome<(Open, Element)> {
    let account = scene.account(at);
    let mut open = scene.login(&account, &format!("{}/again", account.user)).await?;
    open.wire.send_marked(format!("<resume xmlns='{SM}' h='{h}' previd='{id}'/>")).await;
    let answer = open.wire.element("<resumed/> or <failed/>").await?;
    Ok((open, answer))
}

fn enabling(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "2");
    s.may(1, "The server returns a stream header to the client along with stream features, where the features include an <sm/> element qualified by the 'urn:xmpp:sm:3' namespace.", "it is offered after authentication", async |scene| {
        let before = scene.secure("client").await?;
        ensure!(!before.offers(SM, "sm"), "it is offered before");
        managed(scene, 0).await.map(drop)
    })
    .accounts(1);
    let mut s = cases.section(XEP, "3");
    s.must(1, "Upon receiving the enable request, the server MUST reply with an <enabled/> element or a <failed/> element qualified by the 'urn:xmpp:sm:3' namespace.", "<enable/> is answered", async |scene| {
        let mut user = managed(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        let answer = user.wire.element("an answer").await?;
        ensure!(answer.ns() == SM && matches!(answer.name(), "enabled" | "failed"), "it is <{}/>", answer.name());
        Ok(())
    })
    .accounts(1);
    s.must(2, "If the server allows session resumption, it MUST include a 'resume' attribute set to a value of \"true\" or \"1\".", "<enable resume='true'/>: an identifier", async |scene| {
        let (_, id) = resumable(scene, 0).await?;
        ensure!(!id.is_empty(), "there is none");
        Ok(())
    })
    .accounts(1);
    s.must(3, "The server SHALL enforce this order and return a <failed/> element in response if the order is violated (see Error Handling).", "before binding: <failed/>", async |scene| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        if !open.offers(SM, "sm") {
            skip!("stream management is not offered");
        }
        open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        open.wire.expect_named(SM, "failed").await.map(drop)
    })
    .accounts(1);
    s.must(4, "The server SHALL enforce this order and return a <failed/> element in response if the order is violated (see Error Handling).", "before authentication: not <enabled/>", async |scene| {
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        open.wire.send("</stream:stream>").await;
        match open.wire.item().await {
            Item::Element(e) if e.name() == "enabled" => fail!("it is enabled"),
            Item::Silence | Item::Malformed(_) => fail!("there is no answer"),
            _ => Ok(()),
        }
    });
    s.should(5, "If a server receives a second <enable/> element it SHOULD respond with a stream error, thus terminating the client connection.", "a second <enable/> ends the stream", async |scene| {
        let mut user = enabled(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        user.wire.stream_error().await.map(drop)
    })
    .accounts(1);
}

fn acknowledging(cases: &mut Cases<Target>) {
    let quoted = "When an <r/> element (\"request\") is received, the recipient MUST acknowledge it by sending an <a/> element to the sender containing a value of 'h' that is equal to the number of stanzas handled by the recipient of the <r/> element.";
    let mut s = cases.section(XEP, "4");
    s.must(1, "The value of 'h' starts at zero at the point stream management is enabled or requested to be enabled (see note below).", "it begins at zero", async |scene| {
        let mut user = enabled(scene, 0).await?;
        let h = handled(&mut user).await?;
        ensure!(h == 0, "it is {h}");
        Ok(())
    })
    .accounts(1);
    let rows = [
        ("message", "<message to='TO' type='headline'><body>b</body></message>"),
        ("presence", "<presence/>"),
        ("iq", "<iq type='get' id='q'><query xmlns='jabber:iq:roster'/></iq>"),
        ("iq-result", "<iq type='result' id='nobody-asked'/>"),
        ("refused", "<iq type='get' id='q' to='TO/nowhere'><query xmlns='urn:example:q'/></iq>"),
    ];
    s.table(Level::Must, 2, quoted, "each stanza counts one", rows, async |scene, stanza| {
        let mut user = enabled(scene, 0).await?;
        let stanza = stanza.replace("TO", &user.account.jid);
        for n in 1..=2 {
            user.send(&stanza).await;
            let h = handled(&mut user).await?;
            ensure!(h == n, "after {n}, it is {h}");
        }
        Ok(())
    })
    .accounts(1);
    s.must(3, quoted, "a request does not count", async |scene| {
        let mut user = enabled(scene, 0).await?;
        handled(&mut user).await?;
        let h = handled(&mut user).await?;
        ensure!(h == 0, "it is {h}");
        Ok(())
    })
    .accounts(1);
    s.must(4, quoted, "fifty stanzas and a request at once", async |scene| {
        let mut user = enabled(scene, 0).await?;
        let stanza =
            format!("<message to='{}' type='headline'><body>b</body></message>", user.account.jid);
        user.send(stanza.repeat(50)).await;
        let h = handled(&mut user).await?;
        ensure!(h == 50, "it is {h}");
        Ok(())
    })
    .accounts(1);
    s.must(5, quoted, "stanzas before <enable/> do not count", async |scene| {
        let mut user = managed(scene, 0).await?;
        user.sync().await?;
        user.send(format!("<enable xmlns='{SM}'/>")).await;
        user.wire.expect_named(SM, "enabled").await?;
        let h = handled(&mut user).await?;
        ensure!(h == 0, "it is {h}");
        Ok(())
    })
    .accounts(1);
    s.may(6, "Either party MAY send an <a/> element at any time (e.g., after it has received a certain number of stanzas, or after a certain period of time), even if it has not received an <r/> element from the other party.", "an <a/> that nobody asked for is taken", async |scene| {
        let mut user = enabled(scene, 0).await?;
        user.sync().await?;
        user.send_marked(format!("<a xmlns='{SM}' h='1'/>")).await;
        user.sync().await
    })
    .accounts(1);
    let mut s = cases.section(XEP, "6");
    s.should(1, "When a remote entity acknowledges that it has handled a number of stanzas that is higher than the amount of stanzas that it was sent (by sending an 'h' value that is too high), the local entity SHOULD generate an undefined-condition stream error that includes a <handled-count-too-high/> element, and close the stream:", "an 'h' that is too high ends the stream", async |scene| {
        let mut user = enabled(scene, 0).await?;
        user.send_marked(format!("<a xmlns='{SM}' h='100'/>")).await;
        let error = user.wire.expect_stream_error(&["undefined-condition"]).await?;
        let told = error.element.children().any(|c| c.is(Ns::new(SM), "handled-count-too-high"));
        ensure!(told, "it has no <handled-count-too-high/>");
        Ok(())
    })
    .accounts(1);
    let rows = [
        ("missing", "<a xmlns='urn:xmpp:sm:3'/>"),
        ("word", "<a xmlns='urn:xmpp:sm:3' h='many'/>"),
        ("negative", "<a xmlns='urn:xmpp:sm:3' h='-1'/>"),
        ("too-long", "<a xmlns='urn:xmpp:sm:3' h='99999999999999999999'/>"),
    ];
    s.table(
        Level::Must,
        2,
        "An <a/> element MUST possess an 'h' attribute.",
        "an <a/> without a number harms nobody",
        rows,
        async |scene, a| {
            let mut user = enabled(scene, 0).await?;
            user.send_marked(a).await;
            user.send("<iq type='get' id='after'><ping xmlns='urn:xmpp:ping'/></iq>").await;
            match user.wire.item().await {
                Item::Element(e) if StreamError::of(&e).is_some() => Ok(()),
                Item::Element(_) => Ok(()),
                other => fail!("the stream goes on, or ends with an error; {}", other.what()),
            }
        },
    )
    .accounts(1);
}

fn resuming(cases: &mut Cases<Target>) {
    let quoted = "If the server can resume the former stream, it MUST return a <resumed/> element, which MUST include a 'previd' attribute set to the SM-ID of the former stream and MUST also include an 'h' attribute set to the sequence number of the last handled stanza sent over the former stream from the client to the server (in the unlikely case that the server never received any stanzas, it would set 'h' to zero).";
    let mut s = cases.section(XEP, "5");
    s.must(1, quoted, "a session is resumed after a cut", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.sync().await?;
        user.wire.cut();
        let (_, answer) = resume(scene, 0, &id, 1).await?;
        ensure!(answer.is(Ns::new(SM), "resumed"), "it is {}", answer.source());
        let (previd, h) = (answer.attr("previd"), count(&answer)?);
        ensure!(previd.as_deref() == Some(&*id), "'previd' is {previd:?}");
        ensure!(h == 1, "'h' is {h}");
        Ok(())
    })
    .accounts(1);
    s.must(2, quoted, "the resumed session has its address", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let jid = user.jid.clone();
        user.wire.cut();
        let (mut open, answer) = resume(scene, 0, &id, 0).await?;
        ensure!(answer.is(Ns::new(SM), "resumed"), "it is {}", answer.source());
        open.wire
            .send(format!("<message to='{jid}' type='chat' id='own'><body>b</body></message>"))
            .await;
        let own =
            open.wire.wait_for("the message", |e| e.attr("id").as_deref() == Some("own")).await?;
        let from = own.attr("from");
        ensure!(from.as_deref() == Some(&*jid), "it is from {from:?}");
        Ok(())
    })
    .accounts(1);
    s.must(3, "Upon receiving a <resume/> or <resumed/> element the client and server use the 'h' attribute to retransmit any stanzas lost by the disconnection.", "what was lost comes again, once and in order", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = user.jid.clone();
        user.appear("").await?;
        // It has come, and is not acknowledged.
        other.send(format!("<message to='{to}' type='chat' id='n0'><body>0</body></message>")).await;
        user.wait_for("the message", |e| e.attr("id").as_deref() == Some("n0")).await?;
        user.wire.cut();
        let more: String = (1..4).map(|n| format!("<message to='{to}' type='chat' id='n{n}'><body>{n}</body></message>")).collect();
        other.send(more).await;
        other.sync().await?;
        // Of what was received, presence alone is acknowledged.
        let (mut open, answer) = resume(scene, 0, &id, 1).await?;
        ensure!(answer.is(Ns::new(SM), "resumed"), "it is {}", answer.source());
        for n in 0..4 {
            let message = open.wire.wait_for("a message", |e| e.name() == "message").await?;
            let id = message.attr("id");
            ensure!(id.as_deref() == Some(&*format!("n{n}")), "n{n} is expected, {id:?} came");
        }
        Ok(())
    })
    .accounts(2);
    s.must(4, "(i.e., marking stanzas in its outgoing queue as handled)", "what was acknowledged does not come again", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = user.jid.clone();
        other.send(format!("<message to='{to}' type='chat' id='n0'><body>0</body></message><message to='{to}' type='chat' id='n1'><body>1</body></message>")).await;
        user.wait_for("the message", |e| e.attr("id").as_deref() == Some("n1")).await?;
        user.wire.cut();
        let (mut open, answer) = resume(scene, 0, &id, 1).await?;
        ensure!(answer.is(Ns::new(SM), "resumed"), "it is {}", answer.source());
        let message = open.wire.wait_for("a message", |e| e.name() == "message").await?;
        let id = message.attr("id");
        ensure!(id.as_deref() == Some("n1"), "{id:?} came");
        Ok(())
    })
    .accounts(2);
    s.must(5, "If the server does not recognize the 'previd' as an earlier session (e.g., because the former session has timed out), it MUST return a <failed/> element", "an unknown identifier: <failed/>", async |scene| {
        managed(scene, 0).await?;
        let (_, answer) = resume(scene, 0, "no-such-session", 0).await?;
        ensure!(answer.is(Ns::new(SM), "failed"), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.should(
        6,
        "it MUST return a <failed/> element, which SHOULD include an error condition of",
        "and that is item-not-found",
        async |scene| {
            managed(scene, 0).await?;
            let (_, answer) = resume(scene, 0, "no-such-session", 0).await?;
            let told = answer.children().any(|c| c.name() == "item-not-found");
            ensure!(told, "it is {}", answer.source());
            Ok(())
        },
    )
    .accounts(1);
    s.should(7, "In both of these failure cases, the server SHOULD allow the client to bind a resource at this point rather than forcing the client to restart the stream negotiation process and re-authenticate.", "after <failed/>, a resource can be bound", async |scene| {
        managed(scene, 0).await?;
        let (mut open, _) = resume(scene, 0, "no-such-session", 0).await?;
        open.wire.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>").await;
        let answer = open.wire.element("the result of binding").await?;
        let kind = answer.attr("type");
        ensure!(kind.as_deref() == Some("result"), "it is {kind:?}");
        Ok(())
    })
    .accounts(1);
    s.must(8, "As noted, a server MUST NOT allow a client to resume a stream management session until after the client has authenticated", "nobody resumes before authentication", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.wire.cut();
        let mut open = scene.secure("thief").await?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' h='0' previd='{id}'/></stream:stream>")).await;
        loop {
            match open.wire.item().await {
                Item::Element(e) if e.name() == "resumed" => fail!("it is resumed"),
                Item::Element(_) => {}
                _ => return Ok(()),
            }
        }
    })
    .accounts(1);
    s.must(
        9,
        "this helps to prevent session hijacking.",
        "nobody resumes somebody else's session",
        async |scene| {
            let (mut user, id) = resumable(scene, 0).await?;
            user.wire.cut();
            let (_, answer) = resume(scene, 1, &id, 0).await?;
            ensure!(answer.is(Ns::new(SM), "failed"), "it is {}", answer.source());
            Ok(())
        },
    )
    .accounts(2);
    s.should(10, "If the former stream is resumed and the server still has the stream for the previously-identified session open at this time, the server SHOULD send a 'conflict' stream error and close that stream.", "the former stream ends with conflict", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        let (_open, answer) = resume(scene, 0, &id, 0).await?;
        ensure!(answer.is(Ns::new(SM), "resumed"), "it is {}", answer.source());
        user.wire.expect_stream_error(&["conflict"]).await.map(drop)
    })
    .accounts(1);
    s.must(11, "it MUST send a </stream:stream> so that the server can send unavailable presence on the client's behalf.", "a session that was closed cannot be resumed", async |scene| {
        let (user, id) = resumable(scene, 0).await?;
        user.leave().await;
        let (_, answer) = resume(scene, 0, &id, 0).await?;
        ensure!(answer.is(Ns::new(SM), "failed"), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.should(12, "If the stream is not cleanly closed then the server SHOULD consider the stream to be unfinished (even if the client closes its TCP connection to the server) and SHOULD maintain the session on behalf of the client for a limited amount of time.", "a cut session stays available", async |scene| {
        let (mut user, _) = resumable(scene, 0).await?;
        user.appear("").await?;
        let mut second = scene.online(&scene.account(0), "").await?;
        second.forget();
        let gone = user.jid.clone();
        user.wire.cut();
        let until = tokio::time::Instant::now() + core::time::Duration::from_millis(1500);
        while let Item::Element(e) = second.wire.item_until(until).await {
            let ended = e.name() == "presence" && e.attr("type").as_deref() == Some("unavailable") && e.attr("from").as_deref() == Some(&*gone);
            ensure!(!ended, "it is gone at once");
        }
        Ok(())
    })
    .accounts(1);
    s.must(
        13,
        "The SM-ID MUST NOT be reused for simultaneous or subsequent sessions",
        "each session has another identifier",
        async |scene| {
            let (one, first) = resumable(scene, 0).await?;
            let (two, second) = resumable(scene, 0).await?;
            ensure!(first != second, "it is the same");
            one.leave().await;
            two.leave().await;
            Ok(())
        },
    )
    .accounts(1);
    s.should(
        14,
        "The SM-ID SHOULD NOT be longer than 4000 bytes.",
        "an identifier is not too long",
        async |scene| {
            let (_, id) = resumable(scene, 0).await?;
            ensure!(id.len() <= 4000, "it has {} bytes", id.len());
            Ok(())
        },
    )
    .accounts(1);
}

fn mistaken(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "5");
    let rows = [
        ("too-high", "h='4000' previd='ID'"),
        ("missing-h", "previd='ID'"),
        ("no-number", "h='x' previd='ID'"),
    ];
    s.table(Level::Must, 15, "The <resume/> element MUST include a 'previd' attribute whose value is the SM-ID of the former stream and MUST include an 'h' attribute", "<resume/> with a wrong count is not resumed as if it were right", rows, async |scene, attributes| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.wire.cut();
        let account = scene.account(0);
        let mut open = scene.login(&account, "again").await?;
        let attributes = attributes.replace("ID", &id);
        open.wire.send_marked(format!("<resume xmlns='{SM}' {attributes}/>")).await;
        let answer = open.wire.item().await;
        match answer {
            Item::Element(e) if e.is(Ns::new(SM), "resumed") => {
                // Then the stream has to end, with an error.
                open.wire.stream_error().await.map(drop)
            }
            Item::Element(_) | Item::Closed | Item::End(_) => Ok(()),
            other => fail!("an answer is expected; {}", other.what()),
        }
    })
    .accounts(1);
    s.must(
        16,
        "If the server does not support session resumption, it MUST return a <failed/> element",
        "<resume/> on a stream that has a resource is not granted",
        async |scene| {
            let (mut user, id) = resumable(scene, 0).await?;
            user.send_marked(format!("<resume xmlns='{SM}' h='0' previd='{id}'/>")).await;
            match user.wire.item().await {
                Item::Element(e) if e.is(Ns::new(SM), "resumed") => fail!("it is"),
                Item::Element(_) | Item::Closed | Item::End(_) => Ok(()),
                other => fail!("an answer is expected; {}", other.what()),
            }
        },
    )
    .accounts(1);
    let mut s = cases.section(XEP, "4");
    s.should(7, "A server SHOULD treat unacknowledged stanzas in the same way that it would treat a stanza sent to an unavailable resource, by either returning an error to the sender, delivery to an alternate resource, or committing the stanza to offline storage.", "what was not acknowledged is not lost with the session", async |scene| {
        let mut user = enabled(scene, 0).await.setup("enabling")?;
        user.appear("").await?;
        let mut other = scene.bound(&scene.account(1), "").await?;
        let to = user.account.jid.clone();
        other.send(format!("<message to='{to}' type='chat' id='n0'><body>0</body></message>")).await;
        user.wait_for("the message", |e| e.attr("id").as_deref() == Some("n0")).await?;
        user.wire.cut();
        // Whichever it does: to the next resource, or back to who sent it.
        let mut again = scene.bound(&scene.account(0), "").await?;
        again.wire.patience = core::time::Duration::from_secs(2);
        again.send("<presence/>").await;
        if again.wait_for("the message", |e| e.attr("id").as_deref() == Some("n0")).await.is_ok() {
            return Ok(());
        }
        other.sync().await?;
        let back = other.take_where(|e| e.attr("id").as_deref() == Some("n0"));
        ensure!(back.is_some(), "it is");
        Ok(())
    })
    .accounts(2);
}
