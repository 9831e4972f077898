//! XEP-0198: stream management.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::provoke::{Reaction, reaction};
use crate::server::session::{self, BIND, Open};
use crate::server::{Target, User};
use crate::verdict::{Fault, Level, Outcome, Setup as _};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const SM: &str = "urn:xmpp:sm:3";
const PING: &str = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";

pub(super) fn cases(cases: &mut Cases<Target>) {
    enabling(cases);
    acks(cases);
    too_high(cases);
    super::xep0198_resumption::cases(cases);
}

/// A user of an account, on a stream that offers stream management.
pub(super) async fn managed(scene: &Scene, account: usize) -> Outcome<User> {
    let account = scene.account(account);
    let open = scene.login(&account, "client").await?;
    offered(&open)?;
    session::bind(open.wire, &account, "").await.setup("binding a resource")
}

/// The question is one only where stream management is offered.
pub(super) fn offered(open: &Open) -> Outcome {
    if open.offers(SM, "sm") { Ok(()) } else { skip!("stream management is not offered") }
}

/// Asks for stream management and takes the answer.
pub(super) async fn enable(user: &mut User, attributes: &str) -> Outcome<Element> {
    user.send_marked(format!("<enable xmlns='{SM}'{attributes}/>")).await;
    user.wait_for("<enabled/> or <failed/>", |e| {
        e.has_ns(Ns::new(SM)) && matches!(e.name(), "enabled" | "failed")
    })
    .await
}

/// Stream management has to be on.
pub(super) async fn enabled(user: &mut User, attributes: &str) -> Outcome<Element> {
    let answer = enable(user, attributes).await?;
    if answer.name() == "failed" {
        return Err(Fault::Failed(format!("it is not enabled: {}", answer.source())));
    }
    Ok(answer)
}

/// How many stanzas the server says it has handled.
pub(super) async fn handled(user: &mut User) -> Outcome<String> {
    user.send(format!("<r xmlns='{SM}'/>")).await;
    let answer = user.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await?;
    answer.attr("h").map(|h| h.into_owned()).ok_or_else(|| Fault::Failed("<a/> has no 'h'".into()))
}

fn enabling(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "2");
    s.may(1, "The server returns a stream header to the client along with stream features, where the features include an <sm/> element qualified by the 'urn:xmpp:sm:3' namespace", "<sm/> among the features after SASL", async |scene| {
        let open = scene.login(&scene.account(0), "client").await?;
        offered(&open)
    })
    .accounts(1);
    s.may(2, "The client cannot negotiate stream management until it has authenticated with the server and has bound a resource", "<sm/> is not offered before SASL", async |scene| {
        let open = scene.secure("client").await?;
        ensure!(!open.offers(SM, "sm"), "it is offered");
        Ok(())
    });

    let mut s = cases.section("XEP-0198", "3");
    s.must(1, "Upon receiving the enable request, the server MUST reply with an <enabled/> element or a <failed/> element qualified by the 'urn:xmpp:sm:3' namespace.", "<enable/> is answered", async |scene| {
        let mut user = managed(scene, 0).await?;
        enable(&mut user, "").await.map(drop)
    })
    .accounts(1);
    let rows = [("true", " resume='true'"), ("one", " resume='1'")];
    s.table(Level::Must, 2, "If the server will allow the stream to be resumed, it MUST include a 'resume' attribute set to \"true\" or \"1\" on the <enabled/> element and MUST include an 'id' attribute that specifies an identifier for the stream.", "'resume' and 'id' of <enabled/>", rows, async |scene, attributes| {
        let mut user = managed(scene, 0).await?;
        let answer = enabled(&mut user, attributes).await?;
        let resume = answer.attr("resume").map(|resume| resume.into_owned());
        let id = answer.attr("id").unwrap_or_default().into_owned();
        user.leave().await;
        match resume.as_deref() {
            Some("true" | "1") => ensure!(!id.is_empty(), "there is no 'id'"),
            None | Some("false" | "0") => skip!("the server does not resume streams"),
            Some(other) => fail!("'resume' is {other}"),
        }
        Ok(())
    })
    .accounts(1);
    let rows = [("absent", ""), ("false", " resume='false'"), ("zero", " resume='0'")];
    s.table(Level::May, 3, "If the client wants to be allowed to resume the stream, it includes a boolean 'resume' attribute, which defaults to false", "no resumption for who does not want it", rows, async |scene, attributes| {
        let mut user = managed(scene, 0).await?;
        let answer = enabled(&mut user, attributes).await?;
        let resume = answer.attr("resume").unwrap_or_default().into_owned();
        user.leave().await;
        ensure!(!matches!(&*resume, "true" | "1"), "'resume' is {resume}");
        Ok(())
    })
    .accounts(1);
    s.may(4, "The <enabled/> element MAY include a 'max' attribute to specify the server's preferred maximum resumption time.", "'max' is a number of seconds", async |scene| {
        let mut user = managed(scene, 0).await?;
        let answer = enabled(&mut user, " resume='true' max='60'").await?;
        let max = answer.attr("max").map(|max| max.into_owned());
        user.leave().await;
        ensure!(max.as_deref().is_none_or(|max| max.parse::<u32>().is_ok()), "'max' is {max:?}");
        Ok(())
    })
    .accounts(1);
    s.must(5, "The server SHALL enforce this order and return a <failed/> element in response if the order is violated", "<enable/> before a resource is bound", async |scene| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        offered(&open)?;
        open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        open.wire.expect_named(SM, "failed").await.map(drop)
    })
    .accounts(1);
    s.should(6, "This element SHOULD contain an error condition, which MUST be one of the stanza error conditions defined in RFC 6120.", "the condition in <failed/> when no resource is bound", async |scene| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        offered(&open)?;
        open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        let failed = open.wire.expect_named(SM, "failed").await.setup("<enable/> too early")?;
        let conditions = Ns::new("urn:ietf:params:xml:ns:xmpp-stanzas");
        let there = failed.children().any(|child| child.has_ns(conditions));
        ensure!(there, "it is {}", failed.source());
        Ok(())
    })
    .accounts(1);
    s.must(7, "The server SHALL enforce this order and return a <failed/> element in response if the order is violated", "<enable/> before SASL: <failed/>, or the stream ends", async |scene| {
        let open = scene.login(&scene.account(0), "look").await?;
        offered(&open)?;
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        match open.wire.item().await {
            crate::wire::Item::Element(e) if e.is(Ns::new(SM), "failed") => Ok(()),
            crate::wire::Item::Element(e) if crate::wire::StreamError::of(&e).is_some() => Ok(()),
            other => fail!("{}", other.what()),
        }
    })
    .accounts(1);
    s.should(8, "If a server receives a second <enable/> element it SHOULD respond with a stream error, thus terminating the client connection.", "a second <enable/>", async |scene| {
        let mut user = managed(scene, 0).await?;
        enabled(&mut user, "").await?;
        user.send_marked(format!("<enable xmlns='{SM}'/>")).await;
        user.wire.stream_error().await.map(drop)
    })
    .accounts(1);
}

fn acks(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "4");
    let counting = "When an <r/> element (\"request\") is received, the recipient MUST acknowledge it by sending an <a/> element to the sender containing a value of 'h' that is equal to the number of stanzas handled by the recipient of the <r/> element.";
    let rows = [
        ("nothing", ("", 0)),
        ("message", ("<message to='TO'><body>b</body></message>", 1)),
        (
            "message-to-nobody",
            ("<message to='nobody-of-that-name@DOMAIN'><body>b</body></message>", 1),
        ),
        ("presence", ("<presence to='TO'/>", 1)),
        ("iq", (PING, 1)),
        ("iq-refused", ("<iq type='get' id='p'><query xmlns='urn:example:q'/></iq>", 1)),
        (
            "iq-to-nobody",
            (
                "<iq type='get' id='p' to='nobody-of-that-name@DOMAIN'><query xmlns='urn:example:q'/></iq>",
                1,
            ),
        ),
        ("result", ("<iq type='result' id='p'/>", 1)),
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
                "<message to='TO'><body>b</body></message><presence to='TO'/><iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
                3,
            ),
        ),
    ];
    s.table(
        Level::Must,
        1,
        counting,
        "'h' counts stanzas",
        rows,
        async |scene, (stanzas, count)| {
            let mut user = managed(scene, 0).await?;
            enabled(&mut user, "").await?;
            let to = user.bare().to_owned();
            user.send_marked(stanzas.replace("TO", &to).replace("DOMAIN", scene.domain())).await;
            let h = handled(&mut user).await?;
            ensure!(h == count.to_string(), "'h' is {h}, {count} were sent");
            Ok(())
        },
    )
    .accounts(1);
    let nothing = "These elements are not \"stanzas\" in the XMPP sense (i.e., not <iq/>, <message/>, or <presence/> stanzas as defined in RFC 6120) and are not counted or acked in stream management";
    let rows = [
        ("r", "<r xmlns='urn:xmpp:sm:3'/>"),
        ("a", "<a xmlns='urn:xmpp:sm:3' h='0'/>"),
        ("space", " \n "),
        ("csi", "<active xmlns='urn:xmpp:csi:0'/>"),
    ];
    s.table(
        Level::Must,
        2,
        nothing,
        "what is no stanza is not counted",
        rows,
        async |scene, what| {
            let mut user = managed(scene, 0).await?;
            enabled(&mut user, "").await?;
            if what.contains("csi") {
                let open = scene.login(&scene.account(0), "look").await?;
                if !open.offers("urn:xmpp:csi:0", "csi") {
                    skip!("XEP-0352 is not offered");
                }
            }
            user.send(PING).await;
            user.send_marked(what).await;
            // An <r/> of the table has its own answer.
            if what.contains("<r ") {
                user.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await?;
            }
            let h = handled(&mut user).await?;
            ensure!(h == "1", "'h' is {h}, one stanza was sent");
            Ok(())
        },
    )
    .accounts(1);
    s.must(3, "The value of 'h' starts at zero at the point stream management is enabled or requested to be enabled", "stanzas before <enable/> do not count", async |scene| {
        let mut user = managed(scene, 0).await?;
        user.send(PING).await;
        user.answer("p").await?;
        enabled(&mut user, "").await?;
        let h = handled(&mut user).await?;
        ensure!(h == "0", "'h' is {h}");
        Ok(())
    })
    .accounts(1);
    s.must(4, "The value of 'h' starts at zero at the point stream management is enabled or requested to be enabled", "stanzas behind <enable/> count, before <enabled/> has come", async |scene| {
        let mut user = managed(scene, 0).await?;
        user.send_marked(format!("<enable xmlns='{SM}'/>{PING}<r xmlns='{SM}'/>")).await;
        let answer = user.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await?;
        let h = answer.attr("h");
        ensure!(h.as_deref() == Some("1"), "'h' is {h:?}");
        Ok(())
    })
    .accounts(1);
    s.must(5, counting, "several <r/> at once: the last <a/> counts all", async |scene| {
        let mut user = managed(scene, 0).await?;
        enabled(&mut user, "").await?;
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
    let rows = [
        ("absent", ""),
        ("empty", " h=''"),
        ("word", " h='x'"),
        ("negative", " h='-1'"),
        ("two-to-the-32nd", " h='4294967296'"),
        (
            "long",
            " h='00000000000000000000000000000000000000000000000000000000000000000000000000000000000001x'",
        ),
    ];
    s.table(
        Level::May,
        6,
        "An <a/> element MUST possess an 'h' attribute.",
        "a wrong 'h' is passed over, or ends the stream with an error",
        rows,
        async |scene, h| {
            let mut user = managed(scene, 0).await?;
            enabled(&mut user, "").await?;
            user.send_marked(format!("<a xmlns='{SM}'{h}/>")).await;
            match reaction(&mut user).await? {
                Reaction::Closed => fail!("the stream is closed without an error"),
                _ => Ok(()),
            }
        },
    )
    .accounts(1);
    s.may(
        7,
        "Either party MAY send an <a/> element at any time",
        "an <a/> that nobody asked for",
        async |scene| {
            let mut user = managed(scene, 0).await?;
            enabled(&mut user, "").await?;
            user.send(PING).await;
            user.answer("p").await?;
            let acks = format!("<a xmlns='{SM}' h='1'/>");
            user.send_marked(format!("{acks}{acks}")).await;
            match reaction(&mut user).await? {
                Reaction::Ignored => Ok(()),
                other => fail!("it is not taken: {other:?}"),
            }
        },
    )
    .accounts(1);
    s.should(8, "A server SHOULD treat unacknowledged stanzas in the same way that it would treat a stanza sent to an unavailable resource, by either returning an error to the sender, delivery to an alternate resource, or committing the stanza to offline storage.", "a message that was never acknowledged is not lost", async |scene| {
        let mut user = managed(scene, 0).await?;
        enabled(&mut user, "").await?;
        user.appear("").await?;
        let mut sender = scene.online(&scene.account(1), "").await?;
        let (to, id) = (user.jid.clone(), sender.id());
        sender.send_marked(format!("<message type='chat' id='{id}' to='{to}'><body>b</body></message>")).await;
        user.wait_for("the message", |e| e.attr("id").as_deref() == Some(&*id)).await.setup("a message")?;
        user.wire.cut();
        // Whatever the server does, it does it when it has seen the end.
        let again = scene.online(&scene.account(0), "").await;
        let mut again = again?;
        let has_it = |e: xmpp_xml::ElementRef<'_>| e.name() == "message" && e.attr("id").as_deref() == Some(&*id);
        again.wire.patience = core::time::Duration::from_secs(2);
        if again.wait_for("the message", has_it).await.is_ok() {
            return Ok(());
        }
        sender.sync().await?;
        ensure!(sender.take_where(has_it).is_some(), "neither comes it again, nor an error");
        Ok(())
    })
    .accounts(2);
}

fn too_high(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "6");
    let sentence = "When a remote entity acknowledges that it has handled a number of stanzas that is higher than the amount of stanzas that it was sent (by sending an 'h' value that is too high), the local entity SHOULD generate an undefined-condition stream error that includes a <handled-count-too-high/> element, and close the stream";
    let rows = [("by-one", 1_u32), ("by-many", 1000), ("greatest", u32::MAX)];
    s.table(Level::Should, 1, sentence, "'h' is too high", rows, async |scene, excess| {
        let mut user = managed(scene, 0).await?;
        enabled(&mut user, "").await?;
        user.send_marked(format!("<a xmlns='{SM}' h='{excess}'/>")).await;
        let error = user.wire.expect_stream_error(&["undefined-condition"]).await?;
        let says = error.element.child(Ns::new(SM), "handled-count-too-high");
        ensure!(says.is_some(), "<handled-count-too-high/> is missing");
        user.wire.expect_closing_tag().await
    })
    .accounts(1);
    s.should(2, sentence, "<handled-count-too-high/> says both counts", async |scene| {
        let mut user = managed(scene, 0).await?;
        enabled(&mut user, "").await?;
        user.send(PING).await;
        user.answer("p").await?;
        user.send_marked(format!("<a xmlns='{SM}' h='7'/>")).await;
        let error = user.wire.expect_stream_error(&["undefined-condition"]).await?;
        let Some(says) = error.element.child(Ns::new(SM), "handled-count-too-high") else {
            fail!("<handled-count-too-high/> is missing")
        };
        let (h, sent) = (says.attr("h"), says.attr("send-count"));
        ensure!(
            h.as_deref() == Some("7") && sent.as_deref() == Some("1"),
            "h {h:?}, send-count {sent:?}"
        );
        Ok(())
    })
    .accounts(1);
    s.must(3, "If an error occurs with regard to an <enable/> or <resume/> element, the server MUST return a <failed/> element.", "a <resume/> for nothing that was", async |scene| {
        let mut open = scene.login(&scene.account(0), "client").await?;
        offered(&open)?;
        open.wire.send_marked(format!("<resume xmlns='{SM}' previd='no-such-session' h='0'/>")).await;
        open.wire.expect_named(SM, "failed").await.map(drop)
    })
    .accounts(1);
    s.should(
        4,
        "Stream management errors SHOULD be considered recoverable",
        "a resource is bound after a failed <enable/>",
        async |scene| {
            let mut open = scene.login(&scene.account(0), "client").await?;
            offered(&open)?;
            open.wire.send_marked(format!("<enable xmlns='{SM}'/>")).await;
            open.wire.expect_named(SM, "failed").await.setup("<enable/> too early")?;
            open.wire.send(format!("<iq type='set' id='bind'><bind xmlns='{BIND}'/></iq>")).await;
            let answer = open.wire.element("the result of binding").await?;
            ensure!(answer.attr("type").as_deref() == Some("result"), "it is {}", answer.source());
            Ok(())
        },
    )
    .accounts(1);
}
