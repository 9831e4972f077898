//! XEP-0386: Bind 2, and stream management inside it (XEP-0198 section 9).

use xmpp_xml::{Element, Ns};

use super::xep0388::{SASL2, authenticate, identifier, offering, success};
use crate::case::Cases;
use crate::server::Target;
use crate::server::session::Open;
use crate::verdict::{Outcome, Setup as _};
use crate::wire::Wire;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const BIND2: &str = "urn:xmpp:bind:0";
const SM: &str = "urn:xmpp:sm:3";
const STREAMS: &str = "http://etherx.jabber.org/streams";

/// What is offered beside the mechanisms.
fn inline<'a>(open: &'a Open, ns: &'static str, name: &str) -> Option<xmpp_xml::ElementRef<'a>> {
    open.features
        .child(Ns::new(SASL2), "authentication")?
        .child(Ns::new(SASL2), "inline")?
        .child(Ns::new(ns), name)
}

async fn offering_bind(scene: &Scene) -> Outcome<Open> {
    let open = offering(scene).await?;
    if inline(&open, BIND2, "bind").is_none() {
        skip!("Bind 2 is not offered");
    }
    Ok(open)
}

/// Authenticates and binds: the JID, `<bound/>` and the wire.
async fn bound(scene: &Scene, children: &str) -> Outcome<(String, Element, Wire)> {
    let mut open = offering_bind(scene).await?;
    let success = success(scene, &mut open, children).await?;
    let Some(bound) = success.child(Ns::new(BIND2), "bound") else {
        fail!("there is no <bound/>: {}", success.source())
    };
    Ok((identifier(&success), bound.to_owned(), open.wire))
}

fn bind(children: &str) -> String {
    format!("<bind xmlns='{BIND2}'>{children}</bind>")
}

const AGENT: &str =
    "<user-agent id='7f5a5a3c-1f2e-4b0c-9a53-0c2d1e5b8f11'><software>suite</software></user-agent>";
const AGENT_ID: &str = "7f5a5a3c-1f2e-4b0c-9a53-0c2d1e5b8f11";

async fn pong(wire: &mut Wire) -> Outcome {
    wire.send_marked("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    wire.wait_for("an answer", |e| e.attr("id").as_deref() == Some("p")).await.map(drop)
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0386", "3.1");
    s.must(1, "The features supported by the server for such inline negotiation MUST be included in an <inline/> child element within the bind feature element. Each feature is listed as a <feature/> child element with a 'var' attribute", "what can be enabled while binding", async |scene| {
        let open = offering_bind(scene).await?;
        let Some(offered) = inline(&open, BIND2, "bind").and_then(|bind| bind.child(Ns::new(BIND2), "inline")) else {
            return Ok(());
        };
        for feature in offered.children() {
            let right = feature.is(Ns::new(BIND2), "feature") && feature.attr("var").is_some();
            ensure!(right, "it has {}", feature.source());
        }
        Ok(())
    });
    s.must(2, "Bind 2 is never supported without SASL2, and so servers without support for SASL2 MUST NOT advertise the feature.", "Bind 2 is not offered outside SASL2", async |scene| {
        let open = offering_bind(scene).await?;
        ensure!(!open.offers(BIND2, "bind"), "it is among the stream features");
        let open = scene.login(&scene.account(0), "client").await?;
        ensure!(!open.offers(BIND2, "bind"), "it is among the stream features after SASL");
        Ok(())
    })
    .accounts(1);
    binding(cases);
    managed(cases);
}

fn binding(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0386", "3.2");
    s.must(1, "the server MUST respond with the SASL2 <success/> element, including the client's full JID in the <authorization-identifier/> element", "a full JID", async |scene| {
        let (jid, _, _) = bound(scene, &bind("")).await?;
        let (bare, resource) = jid.split_once('/').unwrap_or((&jid, ""));
        ensure!(bare == scene.account(0).jid && !resource.is_empty(), "it is {jid:?}");
        Ok(())
    })
    .accounts(1);
    s.must(2, "If the client included a <bind/> element in its SASL2 <authenticate/> then the server MUST process the bind request after authentication is successful (including any necessary subsequent SASL2 tasks), but before sending the <success/> response.", "stanzas can be sent at once", async |scene| {
        let (_, _, mut wire) = bound(scene, &bind("")).await?;
        pong(&mut wire).await
    })
    .accounts(1);
    s.must(
        3,
        "The <success> element is immediately followed by a <features> element",
        "features follow",
        async |scene| {
            let (_, _, mut wire) = bound(scene, &bind("")).await?;
            wire.expect_named(STREAMS, "features").await.map(drop)
        },
    )
    .accounts(1);
    s.must(4, "Following the usual rules of SASL2, the bind request MUST NOT be processed (i.e. it should be ignored) if the authentication is not successful.", "nothing is bound with a wrong password", async |scene| {
        let mut open = offering_bind(scene).await?;
        let end = authenticate(scene, &mut open, "wrong", &bind("")).await?;
        ensure!(end.is(Ns::new(SASL2), "failure"), "it is {}", end.source());
        ensure!(end.child(Ns::new(BIND2), "bound").is_none(), "it is {}", end.source());
        Ok(())
    })
    .accounts(1);
    s.must(5, "To request resource binding, the client MUST include a <bind/> element, qualified by the 'urn:xmpp:bind:0' namespace, in its SASL2 <authenticate/> request.", "nothing is bound for who does not ask", async |scene| {
        let mut open = offering_bind(scene).await?;
        let success = success(scene, &mut open, "").await?;
        ensure!(success.child(Ns::new(BIND2), "bound").is_none(), "it is {}", success.source());
        ensure!(!identifier(&success).contains('/'), "it is {}", identifier(&success));
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0386", "3.2.1");
    s.should(1, "If the client provided a <tag/> element in its bind request, the text content of that element SHOULD be included as-is in the final resource identifier", "the tag is in the resource", async |scene| {
        let (jid, _, _) = bound(scene, &bind("<tag>Balcony Suite</tag>")).await?;
        let resource = jid.split_once('/').map(|(_, resource)| resource).unwrap_or_default();
        ensure!(resource.contains("Balcony Suite"), "it is {resource:?}");
        Ok(())
    })
    .accounts(1);
    s.must(2, "The SASL2 <user-agent> id itself MUST NOT be exposed by the server in the generated resource identifier.", "the id of the user agent is not in the resource", async |scene| {
        let (jid, _, _) = bound(scene, &format!("{AGENT}{}", bind("<tag>t</tag>"))).await?;
        ensure!(!jid.contains(AGENT_ID), "it is {jid:?}");
        Ok(())
    })
    .accounts(1);
    s.must(
        3,
        "subject to the necessary validation for resource identifiers",
        "a tag that no resource can have is left out",
        async |scene| {
            let (jid, _, mut wire) = bound(scene, &bind("<tag>\u{200B}\u{FDD0}</tag>")).await?;
            ensure!(!jid.contains('\u{200B}'), "it is {jid:?}");
            pong(&mut wire).await
        },
    )
    .accounts(1);
    s.should(4, "Upon successful binding of a resource, the server SHOULD terminate any earlier sessions from the same client (identified by the <user-agent> 'id' attribute in its SASL2 authentication request).", "an earlier session of the same client ends", async |scene| {
        let (_, _, mut first) = bound(scene, &format!("{AGENT}{}", bind(""))).await?;
        let (_, _, _second) = bound(scene, &format!("{AGENT}{}", bind(""))).await?;
        first.stream_error().await.map(drop)
    })
    .accounts(1);
    s.must(
        5,
        "Generate a resource identifier (per the rules below) and bind it to the current stream",
        "two clients have two resources",
        async |scene| {
            let (one, _, mut first) = bound(scene, &bind("<tag>t</tag>")).await?;
            let (two, _, mut second) = bound(scene, &bind("<tag>t</tag>")).await?;
            ensure!(one != two, "both are {one}");
            pong(&mut first).await?;
            pong(&mut second).await
        },
    )
    .accounts(1);
}

fn managed(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0198", "9");
    s.must(1, "If the client included a XEP-0198 <enable/> element in the requested features, Stream Management should be enabled at this point. The <bound/> response MUST contain the resulting XEP-0198 <enabled/> (or <failed/>) element.", "stream management inside Bind 2", async |scene| {
        let (mut wire, _) = enabled(scene).await?;
        wire.send_marked(format!("<r xmlns='{SM}'/>")).await;
        let answer = wire.wait_for("<a/>", |e| e.is(Ns::new(SM), "a")).await;
        wire.send("</stream:stream>").await;
        let answer = answer?;
        ensure!(answer.attr("h").as_deref() == Some("0"), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.must(2, "If a former stream has been successfully resumed using this specification, the stream is considered re-established immediately after the <success/> element instead and stream features MUST NOT be sent in this case.", "resumption inside SASL2", async |scene| {
        let (mut wire, id) = enabled(scene).await?;
        pong(&mut wire).await?;
        wire.cut();
        let mut open = offering_resumption(scene).await?;
        let resume = format!("<resume xmlns='{SM}' previd='{id}' h='1'/>");
        let success = success(scene, &mut open, &resume).await?;
        let Some(resumed) = success.child(Ns::new(SM), "resumed") else {
            fail!("it is not resumed: {}", success.source())
        };
        ensure!(resumed.attr("h").as_deref() == Some("1"), "it is {}", resumed.source());
        open.wire.send("<iq type='get' id='after'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        let first = open.wire.element("an answer").await?;
        open.wire.send("</stream:stream>").await;
        ensure!(!first.is(Ns::new(STREAMS), "features"), "features come");
        Ok(())
    })
    .accounts(1);
    s.must(3, "In this case, the server MUST include the <failed/> element defined by this specification in its SASL2 <success/> response, but also MUST continue to process the <bind/> in order to establish a new session for the client.", "a resumption that fails inside SASL2", async |scene| {
        let mut open = offering_resumption(scene).await?;
        let children = format!("<resume xmlns='{SM}' previd='no-such-session' h='0'/>{}", bind(""));
        let success = success(scene, &mut open, &children).await?;
        ensure!(success.child(Ns::new(SM), "failed").is_some(), "there is no <failed/>: {}", success.source());
        ensure!(success.child(Ns::new(BIND2), "bound").is_some(), "there is no <bound/>: {}", success.source());
        pong(&mut open.wire).await
    })
    .accounts(1);
    s.must(4, "The server MUST NOT process any inline features requested by the client in a failed authentication request, if any.", "no resumption with a wrong password", async |scene| {
        let (mut wire, id) = enabled(scene).await?;
        let mut open = offering_resumption(scene).await?;
        let resume = format!("<resume xmlns='{SM}' previd='{id}' h='0'/>");
        let end = authenticate(scene, &mut open, "wrong", &resume).await?;
        let alive = pong(&mut wire).await;
        wire.send("</stream:stream>").await;
        ensure!(end.is(Ns::new(SASL2), "failure"), "it is {}", end.source());
        alive
    })
    .accounts(1);
}

async fn offering_resumption(scene: &Scene) -> Outcome<Open> {
    let open = offering_bind(scene).await?;
    if inline(&open, SM, "sm").is_none() {
        skip!("resumption is not offered inside SASL2");
    }
    Ok(open)
}

/// A session that can be resumed, and its id.
async fn enabled(scene: &Scene) -> Outcome<(Wire, String)> {
    let open = offering_bind(scene).await?;
    let offered =
        inline(&open, BIND2, "bind").and_then(|bind| bind.child(Ns::new(BIND2), "inline"));
    let has = offered
        .is_some_and(|offered| offered.children().any(|f| f.attr("var").as_deref() == Some(SM)));
    if !has {
        skip!("stream management is not offered inside Bind 2");
    }
    drop(open);
    let (_, answer, mut wire) =
        bound(scene, &bind(&format!("<enable xmlns='{SM}' resume='true'/>"))).await?;
    let Some(enabled) = answer.child(Ns::new(SM), "enabled") else {
        fail!("there is no <enabled/>: {}", answer.source())
    };
    let Some(id) = enabled.attr("id") else { skip!("the server does not resume streams") };
    wire.expect_named(STREAMS, "features").await.setup("the features")?;
    Ok((wire, id.into_owned()))
}
