//! XEP-0388: Extensible SASL Profile, and what can be done in it: XEP-0386 (Bind 2) and
//! XEP-0198's inline negotiation.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::Target;
use crate::server::sasl::{self, Hash, Scram};
use crate::server::session::{Open, SASL, STREAMS, decoded};
use crate::verdict::Outcome;
use crate::wire::{Item, StreamError, Wire};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) const SASL2: &str = "urn:xmpp:sasl:2";
pub(super) const BIND2: &str = "urn:xmpp:bind:0";
pub(super) const SM: &str = "urn:xmpp:sm:3";

pub(super) fn cases(cases: &mut Cases<Target>) {
    offered(cases);
    authenticating(cases);
    failing(cases);
    binding(cases);
    managing(cases);
}

pub(super) fn feature(open: &Open) -> Option<Element> {
    open.features.child(Ns::new(SASL2), "authentication").map(|e| e.into_shared())
}

/// A stream that offers SASL2, a mechanism, and an exchange for an account.
pub(super) async fn offering(scene: &Scene) -> Outcome<(Open, String, Scram)> {
    let open = scene.secure("client").await?;
    let Some(feature) = feature(&open) else { skip!("SASL2 is not offered") };
    let account = scene.account(0);
    let offered =
        feature.children().filter(|c| c.name() == "mechanism").map(|m| m.text().into_owned());
    let found = offered
        .filter(|name| !name.ends_with("-PLUS"))
        .find_map(|name| Hash::of(&name).map(|hash| (name, hash)));
    let Some((name, hash)) = found else { skip!("no SCRAM is offered") };
    Ok((open, name, Scram::new(hash, &account.user, &account.password)))
}

/// A stream that offers something inline.
pub(super) async fn inline(scene: &Scene, ns: &str, name: &str) -> Outcome<(Open, String, Scram)> {
    let (open, mechanism, scram) = offering(scene).await?;
    let listed = feature(&open).is_some_and(|f| {
        f.children()
            .filter(|c| c.name() == "inline")
            .any(|inline| inline.child(Ns::new(ns), name).is_some())
    });
    if !listed {
        skip!("<{name}/> of {ns} is not offered inline");
    }
    Ok((open, mechanism, scram))
}

pub(super) fn authenticate(mechanism: &str, scram: &Scram, more: &str) -> String {
    format!(
        "<authenticate xmlns='{SASL2}' mechanism='{mechanism}'><initial-response>{}</initial-response>{more}</authenticate>",
        scram.first()
    )
}

fn response(message: &str) -> String {
    format!("<response xmlns='{SASL2}'>{message}</response>")
}

/// The exchange up to what follows the client's last message.
pub(super) async fn exchange(wire: &mut Wire, scram: &Scram) -> Outcome<(Element, String)> {
    let challenge = wire.expect_named(SASL2, "challenge").await?;
    let last = scram.last(&decoded(challenge.as_ref())?)?;
    wire.send(response(&last.message())).await;
    Ok((wire.element("<success/> or <failure/>").await?, last.verifier))
}

pub(super) async fn success(wire: &mut Wire, scram: &Scram) -> Outcome<Element> {
    let (answer, _) = exchange(wire, scram).await?;
    ensure!(answer.is(Ns::new(SASL2), "success"), "it is {}", answer.source());
    Ok(answer)
}

pub(super) fn identifier(success: &Element) -> String {
    let found = success.child(Ns::new(SASL2), "authorization-identifier");
    found.map(|e| e.text().into_owned()).unwrap_or_default()
}

fn offered(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.1");
    s.must(1, "Note that SASL2 is impossible for clients to initiate without at least one mechanism being available, and therefore MUST NOT be offered if not at least one mechanism can be provided.", "it is offered with mechanisms", async |scene| {
        let open = scene.secure("client").await?;
        let Some(feature) = feature(&open) else { skip!("SASL2 is not offered") };
        ensure!(feature.children().any(|c| c.name() == "mechanism"), "there is none");
        Ok(())
    });
    s.must(
        2,
        "All servers and clients supporting channel-binding MUST implement XEP-0440.",
        "the types of channel binding are announced",
        async |scene| {
            let open = scene.secure("client").await?;
            let Some(feature) = feature(&open) else { skip!("SASL2 is not offered") };
            let plus =
                feature.children().any(|c| c.name() == "mechanism" && c.text().ends_with("-PLUS"));
            if !plus {
                skip!("no -PLUS is offered");
            }
            ensure!(open.offers("urn:xmpp:sasl-cb:0", "sasl-channel-binding"), "they are not");
            Ok(())
        },
    );
    let mut s = cases.section("XEP-0388", "3");
    s.must(
        1,
        "SASL2 MUST only be used by Clients or offered by Servers after TLS negotiation",
        "it is not offered in the clear",
        async |scene| {
            let open = scene.open("client").await?;
            ensure!(feature(&open).is_none(), "it is");
            Ok(())
        },
    );
    s.must(
        2,
        "SASL2 MUST only be used by Clients or offered by Servers after TLS negotiation",
        "it does not work in the clear",
        async |scene| {
            let account = scene.account(0);
            let mut open = scene.open("client").await?;
            let scram = Scram::new(Hash::Sha256, &account.user, &account.password);
            open.wire.send_marked(authenticate("SCRAM-SHA-256", &scram, "")).await;
            match open.wire.item().await {
                Item::Element(e) if matches!(e.name(), "challenge" | "success") => fail!("it does"),
                Item::Element(_) | Item::Closed | Item::End(_) | Item::Silence => Ok(()),
                other => fail!("a refusal is expected; {}", other.what()),
            }
        },
    )
    .accounts(1);
}

fn authenticating(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0388", "2.6.1");
    s.must(1, "If the <success/> element it the response to a SASL mechanism exchange, it MAY contain an <additional-data> element, containing additional data from the SASL mechanism that has just completed.", "SCRAM succeeds, and the server proves itself", async |scene| {
        let (mut open, name, scram) = offering(scene).await?;
        open.wire.send_marked(authenticate(&name, &scram, "")).await;
        let (answer, verifier) = exchange(&mut open.wire, &scram).await?;
        ensure!(answer.is(Ns::new(SASL2), "success"), "it is {}", answer.source());
        let Some(data) = answer.child(Ns::new(SASL2), "additional-data") else { fail!("there is no proof") };
        ensure!(decoded(data)? == verifier, "the server's signature is wrong");
        Ok(())
    })
    .accounts(1);
    s.must(
        2,
        "contains an <authorization-identifier/> element containing the negotiated identity",
        "the authorization identifier is the account",
        async |scene| {
            let (mut open, name, scram) = offering(scene).await?;
            open.wire.send_marked(authenticate(&name, &scram, "")).await;
            let answer = success(&mut open.wire, &scram).await?;
            let jid = identifier(&answer);
            ensure!(jid == scene.account(0).jid, "it is {jid:?}");
            Ok(())
        },
    )
    .accounts(1);
    s.must(
        3,
        "The <success> element is immediately followed by a <features> element",
        "features follow, without a new header",
        async |scene| {
            let (mut open, name, scram) = offering(scene).await?;
            open.wire.send_marked(authenticate(&name, &scram, "")).await;
            success(&mut open.wire, &scram).await?;
            let features = open.wire.expect_named(STREAMS, "features").await?;
            let more = features.child(Ns::new(SASL2), "authentication").is_some()
                || features.child(Ns::new(SASL), "mechanisms").is_some();
            ensure!(!more, "authentication is offered once more");
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("XEP-0388", "4.8");
    s.must(1, "In particular, once <success/> or <continue/> has been sent by the server, any further <authenticate/> element MUST result in a stream error.", "<authenticate/> after success ends the stream", async |scene| {
        let (mut open, name, scram) = offering(scene).await?;
        open.wire.send(authenticate(&name, &scram, "")).await;
        success(&mut open.wire, &scram).await?;
        open.wire.send_marked(authenticate(&name, &scram, "")).await;
        open.wire.stream_error().await.map(drop)
    })
    .accounts(1);
    s.must(2, "In particular, once <success/> or <continue/> has been sent by the server, any further <authenticate/> element MUST result in a stream error.", "<auth/> after success does not begin anew", async |scene| {
        let (mut open, name, scram) = offering(scene).await?;
        open.wire.send(authenticate(&name, &scram, "")).await;
        success(&mut open.wire, &scram).await?;
        open.wire.send_marked(format!("<auth xmlns='{SASL}' mechanism='{name}'>{}</auth>", scram.first())).await;
        loop {
            match open.wire.item().await {
                Item::Element(e) if matches!(e.name(), "challenge" | "success") => fail!("it does"),
                Item::Element(e) if e.name() == "features" => {}
                Item::Element(_) | Item::Closed | Item::End(_) => return Ok(()),
                other => fail!("a refusal is expected; {}", other.what()),
            }
        }
    })
    .accounts(1);
    let mut s = cases.section("XEP-0388", "2.4");
    for (number, what, stray) in [
        (1, "a stanza", "<message><body>b</body></message>"),
        (2, "another element", "<data xmlns='urn:example:data'/>"),
    ] {
        s.must(
            number,
            "Servers MUST disconnect Clients immediately if any other traffic is received.",
            format!("{what} in the midst ends the stream"),
            async move |scene| {
                let (mut open, name, scram) = offering(scene).await?;
                open.wire.send(authenticate(&name, &scram, "")).await;
                open.wire.expect_named(SASL2, "challenge").await?;
                open.wire.send_marked(stray).await;
                loop {
                    match open.wire.item().await {
                        Item::Closed | Item::End(_) => return Ok(()),
                        Item::Element(e) if e.name() == "success" => fail!("it goes on"),
                        Item::Element(_) => {}
                        other => fail!("the stream's end is expected; {}", other.what()),
                    }
                }
            },
        )
        .accounts(1);
    }
}

async fn fails_with(wire: &mut Wire, conditions: &[&str]) -> Outcome {
    let failure = wire.expect_named(SASL2, "failure").await?;
    let condition = failure.children().find(|c| c.has_ns(Ns::new(SASL)));
    let condition = condition.map(|c| c.name().to_owned()).unwrap_or_default();
    let wanted = conditions.join(" or ");
    ensure!(conditions.contains(&&*condition), "{wanted} is expected; {condition:?} came");
    Ok(())
}

fn failing(cases: &mut Cases<Target>) {
    let quoted = "It MUST contain one of the SASL error codes from RFC 6120 Section 6.5.";
    let mut s = cases.section("XEP-0388", "2.6.2");
    s.must(1, quoted, "a wrong password: not-authorized", async |scene| {
        let (mut open, name, mut scram) = offering(scene).await?;
        scram.password.push('x');
        open.wire.send(authenticate(&name, &scram, "")).await;
        let challenge = open.wire.expect_named(SASL2, "challenge").await?;
        let last = scram.last(&decoded(challenge.as_ref())?)?;
        open.wire.send_marked(response(&last.message())).await;
        fails_with(&mut open.wire, &["not-authorized"]).await
    })
    .accounts(1);
    s.must(2, quoted, "an unknown mechanism: invalid-mechanism", async |scene| {
        let (mut open, _, scram) = offering(scene).await?;
        open.wire.send_marked(authenticate("X-UNKNOWN", &scram, "")).await;
        fails_with(&mut open.wire, &["invalid-mechanism"]).await
    })
    .accounts(1);
    s.must(3, "The server MUST NOT process any inline features requested by the client in a failed authentication request, if any.", "nothing is bound where authentication fails", async |scene| {
        let (mut open, name, mut scram) = inline(scene, BIND2, "bind").await?;
        let mut other = scene.online(&scene.account(0), "").await?;
        other.forget();
        scram.password.push('x');
        open.wire.send(authenticate(&name, &scram, &format!("<bind xmlns='{BIND2}'/>"))).await;
        let (answer, _) = exchange(&mut open.wire, &scram).await?;
        ensure!(answer.is(Ns::new(SASL2), "failure"), "it is {}", answer.source());
        open.wire.send("<presence/>").await;
        let _ = open.wire.item().await;
        let all = other.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.name() == "presence"), "somebody became available");
        Ok(())
    })
    .accounts(1);
    s.must(4, quoted, "what is no base64 fails", async |scene| {
        let (mut open, name, _) = offering(scene).await?;
        open.wire.send_marked(format!("<authenticate xmlns='{SASL2}' mechanism='{name}'><initial-response>*!*</initial-response></authenticate>")).await;
        fails_with(&mut open.wire, &["incorrect-encoding", "malformed-request", "not-authorized"]).await
    })
    .accounts(1);
    let mut s = cases.section("XEP-0388", "4.5");
    s.must(1, "sending an <abort/> element", "<abort/> is answered with aborted", async |scene| {
        let (mut open, name, scram) = offering(scene).await?;
        open.wire.send(authenticate(&name, &scram, "")).await;
        open.wire.expect_named(SASL2, "challenge").await?;
        open.wire.send_marked(format!("<abort xmlns='{SASL2}'/>")).await;
        fails_with(&mut open.wire, &["aborted"]).await
    })
    .accounts(1);
    let mut s = cases.section("XEP-0388", "2.3");
    s.must(1, "If the stream's from attribute (if present) does not match the non-empty authorization string, the server MUST fail the authentication as defined in Failure.", "'from' is one, the authorization identity another", async |scene| {
        let (account, other) = (scene.account(0), scene.account(1));
        let mut open = scene.open("client").await?;
        open.wire.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await;
        open.wire.element("proceed").await?;
        scene.begin_tls(&mut open.wire).await?;
        let header = scene.header_with(&format!("from='{}' version='1.0'", other.jid));
        let mut open = scene.open_with(open.wire, &header).await?;
        let Some(feature) = feature(&open) else { skip!("SASL2 is not offered") };
        let offered = feature.children().filter(|c| c.name() == "mechanism").map(|m| m.text().into_owned());
        let found = offered.filter(|name| !name.ends_with("-PLUS")).find_map(|name| Hash::of(&name).map(|hash| (name, hash)));
        let Some((name, hash)) = found else { skip!("no SCRAM is offered") };
        let mut scram = Scram::new(hash, &account.user, &account.password);
        scram.gs2 = format!("n,a={},", account.jid);
        open.wire.send_marked(authenticate(&name, &scram, "")).await;
        match open.wire.element("a challenge or a failure").await? {
            e if e.name() == "failure" => Ok(()),
            challenge => {
                let last = scram.last(&decoded(challenge.as_ref())?)?;
                open.wire.send(response(&last.message())).await;
                open.wire.expect_named(SASL2, "failure").await.map(drop)
            }
        }
    })
    .accounts(2);
}

fn binding(cases: &mut Cases<Target>) {
    let bind = |more: &str| format!("<bind xmlns='{BIND2}'>{more}</bind>");
    let mut s = cases.section("XEP-0386", "3.2");
    s.must(1, "After processing the bind request as described above, the server MUST respond with the SASL2 <success/> element, including the client's full JID in the <authorization-identifier/> element (specified in XEP-0388), and a <bound/> element qualified by the 'urn:xmpp:bind:0' namespace", "a resource is bound inline", async move |scene| {
        let (mut open, name, scram) = inline(scene, BIND2, "bind").await?;
        open.wire.send_marked(authenticate(&name, &scram, &bind(""))).await;
        let answer = success(&mut open.wire, &scram).await?;
        ensure!(answer.child(Ns::new(BIND2), "bound").is_some(), "there is no <bound/>");
        let jid = identifier(&answer);
        ensure!(jid.starts_with(&format!("{}/", scene.account(0).jid)), "the JID is {jid:?}");
        Ok(())
    })
    .accounts(1);
    s.must(
        2,
        "the server MUST process the bind request after authentication is successful",
        "stanzas flow at once",
        async move |scene| {
            let (mut open, name, scram) = inline(scene, BIND2, "bind").await?;
            open.wire.send(authenticate(&name, &scram, &bind(""))).await;
            let jid = identifier(&success(&mut open.wire, &scram).await?);
            open.wire.send_marked("<presence/>").await;
            open.wire
                .wait_for("our own presence", |e| {
                    e.name() == "presence" && e.attr("from").as_deref() == Some(&*jid)
                })
                .await
                .map(drop)
        },
    )
    .accounts(1);
    let mut s = cases.section("XEP-0386", "3.2.1");
    s.should(1, "If the client provided a <tag/> element in its bind request, the text content of that element SHOULD be included as-is in the final resource identifier", "the tag is in the resource", async move |scene| {
        let (mut open, name, scram) = inline(scene, BIND2, "bind").await?;
        open.wire.send_marked(authenticate(&name, &scram, &bind("<tag>Suite</tag>"))).await;
        let jid = identifier(&success(&mut open.wire, &scram).await?);
        let resource = jid.split_once('/').map(|(_, resource)| resource.to_owned()).unwrap_or_default();
        ensure!(resource.contains("Suite"), "it is {resource:?}");
        Ok(())
    })
    .accounts(1);
    s.must(2, "The SASL2 <user-agent> id itself MUST NOT be exposed by the server in the generated resource identifier.", "the user agent's id is not in the resource", async move |scene| {
        let (mut open, name, scram) = inline(scene, BIND2, "bind").await?;
        let agent = "d4565fa7-4d72-4749-b3d3-740edbf87770";
        let more = format!("<user-agent id='{agent}'/>{}", bind(""));
        open.wire.send_marked(authenticate(&name, &scram, &more)).await;
        let jid = identifier(&success(&mut open.wire, &scram).await?);
        ensure!(!jid.contains(agent), "it is: {jid}");
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0386", "4");
    s.should(1, "Upon successful binding of a resource, the server SHOULD terminate any earlier sessions from the same client (identified by the <user-agent> 'id' attribute in its SASL2 authentication request).", "the same user agent ends its former session", async move |scene| {
        let agent = "<user-agent id='3f2504e0-4f89-41d3-9a0c-0305e82c3301'/>";
        let (mut first, name, scram) = inline(scene, BIND2, "bind").await?;
        first.wire.send(authenticate(&name, &scram, &format!("{agent}{}", bind("")))).await;
        success(&mut first.wire, &scram).await?;
        let (mut second, name, mut scram) = inline(scene, BIND2, "bind").await?;
        scram.nonce = sasl::random();
        second.wire.send_marked(authenticate(&name, &scram, &format!("{agent}{}", bind("")))).await;
        success(&mut second.wire, &scram).await?;
        loop {
            match first.wire.item().await {
                Item::Element(e) if StreamError::of(&e).is_none() => {}
                Item::Silence => fail!("it is still there"),
                _ => return Ok(()),
            }
        }
    })
    .accounts(1);
}

fn managing(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0386", "3.2");
    s.must(3, "The <bound/> response MUST contain the resulting XEP-0198 <enabled/> (or <failed/>) element.", "stream management is enabled with the resource", async |scene| {
        let (mut open, name, scram) = inline(scene, BIND2, "bind").await?;
        let more = format!("<bind xmlns='{BIND2}'><enable xmlns='{SM}' resume='true'/></bind>");
        open.wire.send_marked(authenticate(&name, &scram, &more)).await;
        let answer = success(&mut open.wire, &scram).await?;
        let Some(bound) = answer.child(Ns::new(BIND2), "bound") else { fail!("there is no <bound/>") };
        let told = bound.children().any(|c| c.ns() == SM && matches!(c.name(), "enabled" | "failed"));
        ensure!(told, "it is {}", bound.source());
        Ok(())
    })
    .accounts(1);
    let mut s = cases.section("XEP-0198", "9.2");
    s.must(1, "If a former stream has been successfully resumed using this specification, the stream is considered re-established immediately after the <success/> element instead and stream features MUST NOT be sent in this case.", "a session is resumed inline, and no features follow", async |scene| {
        let (mut first, name, scram) = inline(scene, BIND2, "bind").await?;
        let more = format!("<bind xmlns='{BIND2}'><enable xmlns='{SM}' resume='true'/></bind>");
        first.wire.send(authenticate(&name, &scram, &more)).await;
        let answer = success(&mut first.wire, &scram).await?;
        let enabled = answer.child(Ns::new(BIND2), "bound").and_then(|b| b.child(Ns::new(SM), "enabled"));
        let Some(id) = enabled.and_then(|e| e.attr("id")).map(|id| id.into_owned()) else { skip!("sessions cannot be resumed") };
        first.wire.cut();
        let (mut second, name, mut scram) = offering(scene).await?;
        scram.nonce = sasl::random();
        let more = format!("<resume xmlns='{SM}' h='0' previd='{id}'/>");
        second.wire.send_marked(authenticate(&name, &scram, &more)).await;
        let answer = success(&mut second.wire, &scram).await?;
        ensure!(answer.child(Ns::new(SM), "resumed").is_some(), "it is {}", answer.source());
        second.wire.send(format!("<r xmlns='{SM}'/>")).await;
        loop {
            match second.wire.element("<a/>").await? {
                e if e.name() == "features" => fail!("features follow"),
                e if e.is(Ns::new(SM), "a") => return Ok(()),
                _ => {}
            }
        }
    })
    .accounts(1);
    let mut s = cases.section("XEP-0198", "9.2.1");
    s.must(1, "In this case, the server MUST include the <failed/> element defined by this specification in its SASL2 <success/> response, but also MUST continue to process the <bind/> in order to establish a new session for the client.", "what cannot be resumed is bound", async |scene| {
        let (mut open, name, scram) = inline(scene, BIND2, "bind").await?;
        let more = format!("<resume xmlns='{SM}' h='0' previd='no-such-session'/><bind xmlns='{BIND2}'/>");
        open.wire.send_marked(authenticate(&name, &scram, &more)).await;
        let answer = success(&mut open.wire, &scram).await?;
        let both = answer.child(Ns::new(SM), "failed").is_some() && answer.child(Ns::new(BIND2), "bound").is_some();
        ensure!(both, "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
}
