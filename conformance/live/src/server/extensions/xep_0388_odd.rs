//! XEP-0388 and XEP-0386 where it does not go by the book: failures that are tried again,
//! messages out of turn, tags that no resource can have.

use xmpp_xml::{Element, Ns};

use super::xep_0388::{
    BIND2, SASL2, SM, authenticate, exchange, feature, identifier, inline, offering, success,
};
use crate::case::Cases;
use crate::server::Target;
use crate::server::sasl::base64;
use crate::server::session::STREAMS;
use crate::verdict::{Level, Outcome, Setup as _};
use crate::wire::{Item, StreamError, Wire};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    exchanges(cases);
    failures(cases);
    binding(cases);
}

fn exchanges(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.1");
    s.should(21, "The feature so advertised, and its child content, SHOULD be stable for the given stream to and from attributes and encryption state", "the offer is the same twice", async |scene| {
        let (one, _, _) = offering(scene).await?;
        let (two, _, _) = offering(scene).await?;
        let named = |open| {
            let found = feature(open).map(|f| f.children().map(|c| (c.name().to_owned(), c.text().into_owned())).collect::<Vec<_>>());
            found.unwrap_or_default()
        };
        ensure!(named(&one) == named(&two), "it is {:?}, then {:?}", named(&one), named(&two));
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0388", "2.3");
    s.should(
        21,
        "This SHOULD NOT include any line wrapping or other whitespace.",
        "no whitespace in the challenge",
        async |scene| {
            let (mut open, mechanism, scram) = offering(scene).await?;
            open.wire.send_marked(authenticate(&mechanism, &scram, "")).await;
            let challenge = open.wire.expect_named(SASL2, "challenge").await?;
            let text = challenge.text();
            ensure!(!text.contains(char::is_whitespace), "it is {text:?}");
            Ok(())
        },
    )
    .accounts(1);
    let rows = [
        (
            "user-agent",
            "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>suite</software><device>bench</device></user-agent>",
        ),
        ("unknown", "<x xmlns='urn:example:x'/>"),
    ];
    s.table(Level::May, 22, "In order to provide support for other desired stream states beyond authentication, additional child elements are used.", "a child of <authenticate/> does no harm", rows, async |scene, child| {
        let (mut open, mechanism, scram) = offering(scene).await?;
        open.wire.send_marked(authenticate(&mechanism, &scram, child)).await;
        success(&mut open.wire, &scram).await.map(drop)
    })
    .accounts(1);
    let rows = [
        ("response", "<response xmlns='urn:xmpp:sasl:2'>AAAA</response>"),
        ("next", "<next xmlns='urn:xmpp:sasl:2' task='x'/>"),
        ("success", "<success xmlns='urn:xmpp:sasl:2'/>"),
    ];
    s.table(
        Level::Must,
        23,
        "Each Challenge MUST be responded to by a Client in a Client Response.",
        "without an exchange, what belongs into one is refused",
        rows,
        async |scene, bytes| {
            let (mut open, _, _) = offering(scene).await?;
            open.wire.send_marked(bytes).await;
            match open.wire.item().await {
                Item::Element(e) if StreamError::of(&e).is_some() || e.name() == "failure" => {
                    Ok(())
                }
                Item::Closed | Item::End(_) => Ok(()),
                other => fail!("{}", other.what()),
            }
        },
    )
    .accounts(1);
}

fn failures(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.6.2");
    s.must(21, "It may also fail, in which case the client is not authenticated and the stream and session state remain entirely unchanged.", "after a failure the right password does", async |scene| {
        let (mut open, mechanism, scram) = offering(scene).await?;
        let mut wrong = scram.clone();
        wrong.password.push('x');
        open.wire.send_marked(authenticate(&mechanism, &wrong, "")).await;
        let (failure, _) = exchange(&mut open.wire, &wrong).await?;
        ensure!(failure.is(Ns::new(SASL2), "failure"), "it is {}", failure.source());
        open.wire.send_marked(authenticate(&mechanism, &scram, "")).await;
        success(&mut open.wire, &scram).await.map(drop)
    })
    .accounts(1);
    let rows = [
        ("no-message", "AAAA".to_owned()),
        ("equals", "=".to_owned()),
        ("no-nonce", base64("n,,n=a")),
        ("other-binding", base64("p=tls-x,,n=a,r=b")),
    ];
    s.table(Level::Must, 22, "It MUST contain one of the SASL error codes from RFC 6120 Section 6.5.", "a first message that cannot be", rows, async |scene, message| {
        let (mut open, mechanism, _) = offering(scene).await?;
        open.wire
            .send_marked(format!("<authenticate xmlns='{SASL2}' mechanism='{mechanism}'><initial-response>{message}</initial-response></authenticate>"))
            .await;
        let failure = open.wire.expect_named(SASL2, "failure").await?;
        let codes = Ns::new("urn:ietf:params:xml:ns:xmpp-sasl");
        ensure!(failure.children().any(|c| c.has_ns(codes)), "it is {}", failure.source());
        Ok(())
    })
    .accounts(1);
}

fn bind(children: &str) -> String {
    format!("<bind xmlns='{BIND2}'>{children}</bind>")
}

/// Authenticates with that inside: `<success/>` and the wire.
async fn inside(scene: &Scene, children: &str) -> Outcome<(Element, Wire)> {
    let (mut open, mechanism, scram) = inline(scene, BIND2, "bind").await?;
    open.wire.send_marked(authenticate(&mechanism, &scram, children)).await;
    Ok((success(&mut open.wire, &scram).await?, open.wire))
}

async fn pong(wire: &mut Wire) -> Outcome {
    wire.send_marked("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    wire.wait_for("an answer", |e| e.attr("id").as_deref() == Some("p")).await.map(drop)
}

fn binding(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0386", "3.1");
    s.must(
        21,
        "Each feature is listed as a <feature/> child element with a 'var' attribute",
        "what can be enabled while binding",
        async |scene| {
            let (open, _, _) = inline(scene, BIND2, "bind").await?;
            let Some(feature) = feature(&open) else { return Ok(()) };
            let bind = feature
                .child(Ns::new(SASL2), "inline")
                .and_then(|i| i.child(Ns::new(BIND2), "bind"));
            let Some(offered) = bind.and_then(|bind| bind.child(Ns::new(BIND2), "inline")) else {
                return Ok(());
            };
            for feature in offered.children() {
                let right = feature.is(Ns::new(BIND2), "feature") && feature.attr("var").is_some();
                ensure!(right, "it has {}", feature.source());
            }
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("XEP-0386", "3.2");
    s.must(21, "To request resource binding, the client MUST include a <bind/> element, qualified by the 'urn:xmpp:bind:0' namespace, in its SASL2 <authenticate/> request.", "nothing is bound for who does not ask", async |scene| {
        let (success, _) = inside(scene, "").await?;
        ensure!(success.child(Ns::new(BIND2), "bound").is_none(), "it is {}", success.source());
        ensure!(!identifier(&success).contains('/'), "it is {}", identifier(&success));
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0386", "3.2.1");
    s.must(
        21,
        "subject to the necessary validation for resource identifiers",
        "a tag that no resource can have is left out",
        async |scene| {
            let (success, mut wire) = inside(scene, &bind("<tag>\u{200B}\u{7F}</tag>")).await?;
            let jid = identifier(&success);
            ensure!(!jid.contains(['\u{200B}', '\u{7F}']), "it is {jid:?}");
            pong(&mut wire).await
        },
    )
    .accounts(1);
    s.must(
        22,
        "Generate a resource identifier (per the rules below) and bind it to the current stream",
        "two clients with one tag have two resources",
        async |scene| {
            let (one, mut first) = inside(scene, &bind("<tag>t</tag>")).await?;
            let (two, mut second) = inside(scene, &bind("<tag>t</tag>")).await?;
            let (one, two) = (identifier(&one), identifier(&two));
            ensure!(one != two, "both are {one}");
            pong(&mut first).await?;
            pong(&mut second).await
        },
    )
    .accounts(1);
    let mut s = cases.section("XEP-0388", "2.6.2");
    s.must(23, "The server MUST NOT process any inline features requested by the client in a failed authentication request, if any.", "nothing is resumed with a wrong password", async |scene| {
        drop(inline(scene, SM, "sm").await?);
        let (answer, mut wire) = inside(scene, &bind(&format!("<enable xmlns='{SM}' resume='true'/>"))).await?;
        let enabled = answer.child(Ns::new(BIND2), "bound").and_then(|bound| bound.child(Ns::new(SM), "enabled"));
        let Some(id) = enabled.and_then(|enabled| enabled.attr("id").map(|id| id.into_owned())) else {
            skip!("the server does not resume streams")
        };
        wire.expect_named(STREAMS, "features").await.setup("the features")?;
        let (mut open, mechanism, mut scram) = inline(scene, SM, "sm").await?;
        scram.password.push('x');
        let resume = format!("<resume xmlns='{SM}' previd='{id}' h='0'/>");
        open.wire.send_marked(authenticate(&mechanism, &scram, &resume)).await;
        let (end, _) = exchange(&mut open.wire, &scram).await?;
        let alive = pong(&mut wire).await;
        wire.send("</stream:stream>").await;
        ensure!(end.is(Ns::new(SASL2), "failure"), "it is {}", end.source());
        alive
    })
    .accounts(1);
}
