//! XEP-0198 where clients do what is seldom done: what is counted and what is not, odd
//! attributes, resumption twice, what an unfinished stream leaves behind.

use core::time::Duration;

use xmpp_xml::{Element, ElementRef, Ns};

use super::xep_0198::{SM, XEP, enabled, handled, managed, resumable, resume};
use crate::case::Cases;
use crate::server::Target;
use crate::server::session::{BIND, Open};
use crate::verdict::{Level, Outcome, Setup as _};
use crate::wire::{Item, StreamError, Wire};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const PING: &str = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";

pub(super) fn cases(cases: &mut Cases<Target>) {
    enabling(cases);
    counting(cases);
    mistaken(cases);
    resuming(cases);
    carried_over(cases);
    closed(cases);
}

async fn offering(scene: &Scene) -> Outcome<Open> {
    let open = scene.login(&scene.account(0), "client").await?;
    if !open.offers(SM, "sm") {
        skip!("stream management is not offered");
    }
    Ok(open)
}

/// Ends the session, so that nothing of it is left for the next case.
async fn close(wire: &mut Wire) {
    wire.send("</stream:stream>").await;
    wire.patience = Duration::from_secs(1);
    let _ = wire.drain().await;
}

async fn resumed(scene: &Scene, id: &str, h: u32) -> Outcome<(Wire, Element)> {
    let (open, answer) = resume(scene, 0, id, h).await?;
    ensure!(answer.is(Ns::new(SM), "resumed"), "it is not resumed: {}", answer.source());
    Ok((open.wire, answer))
}

fn unavailable(jid: &str) -> impl Fn(ElementRef<'_>) -> bool + '_ {
    move |e| {
        e.attr("type").as_deref() == Some("unavailable") && e.attr("from").as_deref() == Some(jid)
    }
}

fn enabling(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "2");
    s.may(21, "Note: The client cannot negotiate stream management until it has authenticated with the server and has bound a resource", "it is not offered before authentication", async |scene| {
        offering(scene).await?;
        let open = scene.secure("client").await?;
        ensure!(!open.offers(SM, "sm"), "it is offered");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section(XEP, "3");
    let rows = [("absent", ""), ("false", " resume='false'"), ("zero", " resume='0'")];
    s.table(Level::May, 21, "If the client wants to be allowed to resume the stream, it includes a boolean 'resume' attribute, which defaults to false", "no resumption for who does not want it", rows, async |scene, attribute| {
        let mut user = managed(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}'{attribute}/>")).await;
        let answer = user.wire.expect_named(SM, "enabled").await?;
        let resume = answer.attr("resume").unwrap_or_default().into_owned();
        user.leave().await;
        ensure!(!matches!(&*resume, "true" | "1"), "'resume' is {resume}");
        Ok(())
    })
    .accounts(1);
    s.must(22, "If the server allows session resumption, it MUST include a 'resume' attribute set to a value of \"true\" or \"1\"", "resume='1' is as good as 'true'", async |scene| {
        let (user, _) = resumable(scene, 0).await?;
        user.leave().await;
        let mut user = managed(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}' resume='1'/>")).await;
        let answer = user.wire.expect_named(SM, "enabled").await?;
        let (resume, id) = (answer.attr("resume"), answer.attr("id"));
        let right = matches!(resume.as_deref(), Some("true" | "1")) && id.is_some();
        user.leave().await;
        ensure!(right, "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.may(23, "The <enabled/> element MAY include a 'max' attribute to specify the server's preferred maximum resumption time.", "'max' is a number of seconds", async |scene| {
        let mut user = managed(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}' resume='true' max='60'/>")).await;
        let answer = user.wire.expect_named(SM, "enabled").await?;
        let max = answer.attr("max").map(|max| max.into_owned());
        user.leave().await;
        ensure!(max.as_deref().is_none_or(|max| max.parse::<u32>().is_ok()), "'max' is {max:?}");
        Ok(())
    })
    .accounts(1);
}

fn counting(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "4");
    let counts = "When an <r/> element (\"request\") is received, the recipient MUST acknowledge it by sending an <a/> element to the sender containing a value of 'h' that is equal to the number of stanzas handled by the recipient of the <r/> element.";
    let rows = [
        (
            "message-to-nobody",
            (
                "<message type='headline' to='nobody-of-that-name@DOMAIN'><body>b</body></message>",
                1,
            ),
        ),
        ("directed-presence", ("<presence to='TO'/>", 1)),
        (
            "iq-to-nobody",
            (
                "<iq type='get' id='p' to='nobody-of-that-name@DOMAIN'><query xmlns='urn:example:q'/></iq>",
                1,
            ),
        ),
        ("malformed-address", ("<message to='a b@c'><body>b</body></message>", 1)),
        (
            "error",
            (
                "<message type='error' to='TO'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                1,
            ),
        ),
        (
            "three",
            (
                "<message type='headline' to='TO'><body>b</body></message><presence to='TO'/><iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
                3,
            ),
        ),
    ];
    s.table(
        Level::Must,
        21,
        counts,
        "each stanza counts one, whatever becomes of it",
        rows,
        async |scene, (stanzas, count)| {
            let mut user = enabled(scene, 0).await?;
            let to = user.bare().to_owned();
            user.send_marked(stanzas.replace("TO", &to).replace("DOMAIN", scene.domain())).await;
            let h = handled(&mut user).await?;
            ensure!(h == count, "'h' is {h}, {count} were sent");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        ("a", "<a xmlns='urn:xmpp:sm:3' h='0'/>"),
        ("space", " \n "),
        ("csi", "<active xmlns='urn:xmpp:csi:0'/>"),
    ];
    s.table(
        Level::Must,
        22,
        "These elements are not \"stanzas\" in the XMPP sense",
        "what is no stanza does not count",
        rows,
        async |scene, what| {
            if what.contains("csi") && !offering(scene).await?.offers("urn:xmpp:csi:0", "csi") {
                skip!("XEP-0352 is not offered");
            }
            let mut user = enabled(scene, 0).await?;
            user.send(PING).await;
            user.send_marked(what).await;
            let h = handled(&mut user).await?;
            ensure!(h == 1, "'h' is {h}, one stanza was sent");
            Ok(())
        },
    )
    .accounts(1);
    s.must(23, "The value of 'h' starts at zero at the point stream management is enabled or requested to be enabled", "a stanza behind <enable/> counts, before <enabled/> has come", async |scene| {
        let mut user = managed(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}'/>{PING}<r xmlns='{SM}'/>")).await;
        let answer = user.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await?;
        let h = answer.attr("h");
        ensure!(h.as_deref() == Some("1"), "'h' is {h:?}");
        Ok(())
    })
    .accounts(1);
    s.must(24, counts, "several requests at once: the last answer counts all", async |scene| {
        let mut user = enabled(scene, 0).await?;
        let request = format!("<r xmlns='{SM}'/>");
        user.send_marked(format!("{request}{PING}{request}{PING}{request}{request}")).await;
        // One <a/> may answer several.
        loop {
            let answer = user.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await?;
            match answer.attr("h").as_deref() {
                Some("0" | "1") => {}
                Some("2") => return Ok(()),
                other => fail!("'h' is {other:?}"),
            }
        }
    })
    .accounts(1);
}

fn mistaken(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "6");
    let too_high = "When a remote entity acknowledges that it has handled a number of stanzas that is higher than the amount of stanzas that it was sent (by sending an 'h' value that is too high), the local entity SHOULD generate an undefined-condition stream error that includes a <handled-count-too-high/> element, and close the stream";
    let rows = [("by-one", 1_u32), ("by-many", 100_000), ("greatest", u32::MAX)];
    s.table(Level::Should, 21, too_high, "'h' is too high", rows, async |scene, h| {
        let mut user = enabled(scene, 0).await?;
        user.send_marked(format!("<a xmlns='{SM}' h='{h}'/>")).await;
        let error = user.wire.expect_stream_error(&["undefined-condition"]).await?;
        let says = error.element.child(Ns::new(SM), "handled-count-too-high");
        ensure!(says.is_some(), "<handled-count-too-high/> is missing");
        user.wire.expect_closing_tag().await
    })
    .accounts(1);
    s.should(
        22,
        "Stream management errors SHOULD be considered recoverable",
        "a resource is bound after an <enable/> that came too early",
        async |scene| {
            let mut open = offering(scene).await?;
            open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
            open.wire.expect_named(SM, "failed").await.setup("<enable/> too early")?;
            open.wire.send(format!("<iq type='set' id='bind'><bind xmlns='{BIND}'/></iq>")).await;
            let answer = open.wire.element("the result of binding").await?;
            ensure!(answer.attr("type").as_deref() == Some("result"), "it is {}", answer.source());
            Ok(())
        },
    )
    .accounts(1);
    s.should(23, "This element SHOULD contain an error condition, which MUST be one of the stanza error conditions defined in", "<failed/> has a condition", async |scene| {
        let mut open = offering(scene).await?;
        open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        let failed = open.wire.expect_named(SM, "failed").await.setup("<enable/> too early")?;
        let conditions = Ns::new("urn:ietf:params:xml:ns:xmpp-stanzas");
        let there = failed.children().any(|child| child.has_ns(conditions));
        ensure!(there, "it is {}", failed.source());
        Ok(())
    })
    .accounts(1);
}

fn resuming(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "5");
    s.must(
        21,
        "in the unlikely case that the server never received any stanzas, it would set 'h' to zero",
        "a stream without stanzas is resumed",
        async |scene| {
            let (mut user, id) = resumable(scene, 0).await?;
            user.wire.cut();
            let (mut wire, answer) = resumed(scene, &id, 0).await?;
            let h = answer.attr("h");
            close(&mut wire).await;
            ensure!(h.as_deref() == Some("0"), "'h' is {h:?}");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        ("empty", ""),
        (
            "long",
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        ),
        ("unicode", "\u{1F600}\u{E9}"),
        ("markup", "&lt;a/&gt;&amp;"),
    ];
    s.table(Level::Must, 22, "If the server does not recognize the 'previd' as an earlier session (e.g., because the former session has timed out), it MUST return a <failed/> element", "an identifier that cannot be", rows, async |scene, id| {
        let mut open = offering(scene).await?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' previd='{id}' h='0'/>")).await;
        open.wire.expect_named(SM, "failed").await.map(drop)
    })
    .accounts(1);
    s.should(23, "In effect, it should handle the element's 'h' attribute as it would handle it on an <a/> element", "a <resume/> that acknowledges more than was sent does not go by without a word", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.wire.cut();
        let mut open = scene.login(&scene.account(0), "again").await?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' previd='{id}' h='1000'/>")).await;
        loop {
            match open.wire.item().await {
                Item::Element(e) if e.is(Ns::new(SM), "failed") => return Ok(()),
                Item::Element(e) if StreamError::of(&e).is_some() => return Ok(()),
                Item::Element(e) if e.has_ns(Ns::new(SM)) => {}
                other => {
                    close(&mut open.wire).await;
                    fail!("an error is expected; {}", other.what());
                }
            }
        }
    })
    .accounts(1);
}

fn carried_over(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "5");
    let carried = "The sequence values are carried over from the previous session and are not reset for the new stream.";
    s.must(24, carried, "'h' goes on after resumption", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING).await;
        user.answer("p").await?;
        user.wire.cut();
        let (wire, _) = resumed(scene, &id, 1).await?;
        user.wire = wire;
        user.send(PING).await;
        let h = handled(&mut user).await;
        close(&mut user.wire).await;
        let h = h?;
        ensure!(h == 2, "'h' is {h}, two were sent in all");
        Ok(())
    })
    .accounts(1);
    s.must(25, carried, "a stream is resumed twice", async |scene| {
        let (mut user, id) = resumable(scene, 0).await?;
        user.send(PING).await;
        user.answer("p").await?;
        user.wire.cut();
        let (mut wire, _) = resumed(scene, &id, 1).await?;
        wire.send(PING).await;
        wire.wait_for("the answer", |e| e.attr("id").as_deref() == Some("p")).await?;
        wire.cut();
        let (mut wire, answer) = resumed(scene, &id, 2).await?;
        let h = answer.attr("h");
        close(&mut wire).await;
        ensure!(h.as_deref() == Some("2"), "'h' is {h:?}, two were sent");
        Ok(())
    })
    .accounts(1);
}

fn closed(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "7");
    let clean = "If a client wishes to cleanly close its stream and end its session, it MUST send a </stream:stream> so that the server can send unavailable presence on the client's behalf.";
    s.must(21, clean, "unavailable presence when the stream is closed", async |scene| {
        let mut watcher = scene.online(&scene.account(0), "").await?;
        let (mut user, _) = resumable(scene, 0).await?;
        user.appear("").await?;
        let jid = user.jid.clone();
        user.leave().await;
        watcher.wait_for("unavailable presence", unavailable(&jid)).await.map(drop)
    })
    .accounts(1);
    let rows = [("cut", false), ("ended", true)];
    s.table(Level::Should, 22, "If the stream is not cleanly closed then the server SHOULD consider the stream to be unfinished (even if the client closes its TCP connection to the server) and SHOULD maintain the session on behalf of the client for a limited amount of time.", "no unavailable presence when the connection ends", rows, async |scene, ended| {
        let mut watcher = scene.online(&scene.account(0), "").await?;
        let (mut user, id) = resumable(scene, 0).await?;
        user.appear("").await?;
        let jid = user.jid.clone();
        if ended {
            user.wire.end().await;
        }
        user.wire.cut();
        watcher.wire.patience = Duration::from_millis(700);
        let gone = watcher.wait_for("unavailable presence", unavailable(&jid)).await.is_ok();
        let (mut open, answer) = resume(scene, 0, &id, 0).await.setup("<resume/>")?;
        close(&mut open.wire).await;
        ensure!(!gone, "it comes");
        ensure!(answer.is(Ns::new(SM), "resumed"), "it is not resumed: {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.must(23, clean, "after a stream error the session can be resumed, or unavailable presence tells that it is over", async |scene| {
        let mut watcher = scene.online(&scene.account(0), "").await?;
        let (mut user, id) = resumable(scene, 0).await?;
        user.appear("").await?;
        let jid = user.jid.clone();
        user.send_marked("<message></presence>").await;
        user.wire.stream_error().await.setup("what is not well-formed")?;
        user.wire.cut();
        let (mut open, answer) = resume(scene, 0, &id, 0).await?;
        close(&mut open.wire).await;
        if answer.is(Ns::new(SM), "resumed") {
            return Ok(());
        }
        watcher.wait_for("unavailable presence", unavailable(&jid)).await.map(drop)
    })
    .accounts(1);
}
