//! XEP-0114: Jabber Component Protocol.

use ring::digest;

use crate::case::Cases;
use crate::server::{Component, Target};
use crate::verdict::{Fault, Outcome, Setup as _};
use crate::wire::{Item, StanzaError, StreamError, Wire};
use crate::{ensure, fail};

type Scene = crate::scene::Scene<Target>;

const XEP: &str = "XEP-0114";
pub(super) const ACCEPT: &str = "jabber:component:accept";

pub(super) fn component(scene: &Scene) -> Outcome<Component> {
    scene.setting.component.clone().ok_or_else(|| Fault::Skipped("no --component".into()))
}

pub(super) fn header(to: &str, ns: &str) -> String {
    format!(
        "<stream:stream xmlns='{ns}' xmlns:stream='http://etherx.jabber.org/streams' to='{to}'>"
    )
}

pub(super) async fn dial(scene: &Scene) -> Outcome<Wire> {
    Wire::connect(&*component(scene)?.address, "component", &scene.transcript).await
}

/// A stream on which the component is let in.
pub(super) async fn admitted(scene: &Scene) -> Outcome<Wire> {
    let known = component(scene)?;
    // The connection of the case before may not be gone yet.
    for _ in 0..20 {
        let (mut wire, id) = opened(scene).await?;
        wire.send(format!("<handshake>{}</handshake>", proof(&id, &known.secret))).await;
        let answer = wire.item().await;
        match answer {
            Item::Element(e) if e.name() == "handshake" => return Ok(wire),
            Item::Element(e) if StreamError::of(&e).is_some_and(|e| e.condition == "conflict") => {
                tokio::time::sleep(core::time::Duration::from_millis(100)).await;
            }
            other => {
                return Err(Fault::Error(format!("the component is not let in: {}", other.what())));
            }
        }
    }
    Err(Fault::Error("the component is let in nowhere: conflict".into()))
}

pub(super) async fn opened(scene: &Scene) -> Outcome<(Wire, String)> {
    let known = component(scene)?;
    let mut wire = dial(scene).await?;
    wire.send(header(&known.name, ACCEPT)).await;
    let header = wire.header().await.setup("a component's stream")?;
    Ok((wire, header.attr("id").unwrap_or_default().into_owned()))
}

pub(super) fn proof(id: &str, secret: &str) -> String {
    let hashed =
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, format!("{id}{secret}").as_bytes());
    hashed.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    streams(cases);
    stanzas(cases);
}

fn streams(cases: &mut Cases<Target>) {
    let serves = "If so, the server MUST reply with a stream header.";
    let mut s = cases.section(XEP, "3");
    s.must(1, serves, "a header, from the component's name, with an id", async |scene| {
        let known = component(scene)?;
        let mut wire = dial(scene).await?;
        wire.send_marked(header(&known.name, ACCEPT)).await;
        let header = wire.header().await?;
        let (from, id) = (header.attr("from"), header.attr("id"));
        ensure!(from.as_deref() == Some(&*known.name), "'from' is {from:?}");
        ensure!(id.is_some_and(|id| !id.is_empty()), "it has no id");
        Ok(())
    })
    .component()
    .alone();
    s.must(2, "If the credentials are acceptable, the receiving application (in this case the server) MUST return an empty <handshake/> element.", "the right handshake is answered with an empty one", async |scene| {
        let wire = admitted(scene).await?;
        let received = scene.transcript.received(wire.who());
        let text = String::from_utf8_lossy(&received).into_owned();
        let last = text.rsplit("<handshake").next().unwrap_or_default();
        ensure!(matches!(last.trim_end(), "/>" | "></handshake>"), "it is <handshake{last}");
        Ok(())
    })
    .component()
    .alone();
    let invalid = "If the credentials supplied by the initiator are not valid, the receiver MUST close the stream and the underlying TCP connection";
    s.must(3, invalid, "a wrong handshake ends the stream", async |scene| {
        let (mut wire, id) = opened(scene).await?;
        wire.send_marked(format!("<handshake>{}</handshake>", proof(&id, "wrong"))).await;
        closed(&mut wire).await
    })
    .component()
    .alone();
    s.should(
        4,
        "SHOULD return a <not-authorized/> stream error.",
        "and that is not-authorized",
        async |scene| {
            let (mut wire, id) = opened(scene).await?;
            wire.send_marked(format!("<handshake>{}</handshake>", proof(&id, "wrong"))).await;
            wire.expect_stream_error(&["not-authorized"]).await.map(drop)
        },
    )
    .component()
    .alone();
    s.must(5, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "a stanza before the handshake is not delivered", async |scene| {
        let known = component(scene)?;
        let (mut wire, _) = opened(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        wire.send_marked(format!("<message from='{}' to='{}' id='early'><body>b</body></message>", known.name, user.jid)).await;
        let _ = wire.item().await;
        let all = user.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("early")), "it is");
        Ok(())
    })
    .component()
    .accounts(1)
    .alone();
    s.must(6, invalid, "an empty handshake ends the stream", async |scene| {
        let (mut wire, _) = opened(scene).await?;
        wire.send_marked("<handshake/>").await;
        closed(&mut wire).await
    })
    .component()
    .alone();
    s.must(7, "If the server will not service the component name specified in the 'to' attribute of the stream header, it MUST return a stream error (e.g., <conflict/> or <host-unknown/>).", "an unknown name: a stream error", async |scene| {
        let mut wire = dial(scene).await?;
        wire.send_marked(header("unknown.invalid", ACCEPT)).await;
        match wire.stream_error().await {
            Ok(_) => Ok(()),
            Err(fault) => {
                // Some tell only once they have seen the handshake.
                wire.send("<handshake>0000</handshake>").await;
                wire.stream_error().await.map(drop).map_err(|_| fault)
            }
        }
    })
    .component()
    .alone();
    s.must(8, "If the server does not recognize or support the namespace specified in the stream header (e.g., it does not support streams qualified by the 'jabber:component:accept' namespace), it MUST return an <invalid-namespace/> stream error.", "another content namespace: invalid-namespace", async |scene| {
        let known = component(scene)?;
        let mut wire = dial(scene).await?;
        wire.send_marked(header(&known.name, "urn:example:component")).await;
        wire.expect_stream_error(&["invalid-namespace"]).await.map(drop)
    })
    .component()
    .alone();
    s.must(9, "For all errors related to the stream header, the server MUST follow the rules in Section 4.7.1 of XMPP Core by returning an opening stream tag, stream error element, and closing stream tag rather than merely a stream error element", "a header comes before the error", async |scene| {
        let known = component(scene)?;
        let mut wire = dial(scene).await?;
        wire.send_marked(header(&known.name, "urn:example:component")).await;
        wire.header().await?;
        wire.stream_error().await?;
        wire.expect_closing_tag().await
    })
    .component()
    .alone();
}

async fn closed(wire: &mut Wire) -> Outcome {
    loop {
        match wire.item().await {
            Item::Closed | Item::End(_) => return Ok(()),
            Item::Element(e) if e.name() == "handshake" => fail!("it is taken"),
            Item::Element(_) => {}
            other => fail!("the stream's end is expected; {}", other.what()),
        }
    }
}

fn stanzas(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "3");
    s.must(10, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "a stanza of a component's reaches a user", async |scene| {
        let name = component(scene)?.name;
        let mut wire = admitted(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        wire.send_marked(format!("<message from='{name}' to='{}' id='m'><body>b</body></message>", user.jid)).await;
        let message = user.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
        let from = message.attr("from");
        ensure!(from.as_deref() == Some(&*name), "it is from {from:?}");
        Ok(())
    })
    .component()
    .accounts(1)
    .alone();
    s.must(
        11,
        "the component MAY send stanzas from any user at its hostname.",
        "also from a user at its name",
        async |scene| {
            let name = component(scene)?.name;
            let mut wire = admitted(scene).await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            let from = format!("somebody@{name}/x");
            wire.send_marked(format!(
                "<message from='{from}' to='{}' id='m'><body>b</body></message>",
                user.jid
            ))
            .await;
            let message =
                user.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
            let found = message.attr("from");
            ensure!(found.as_deref() == Some(&*from), "it is from {found:?}");
            Ok(())
        },
    )
    .component()
    .accounts(1)
    .alone();
    s.must(12, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "a stanza of a user's reaches a component, in its namespace", async |scene| {
        let name = component(scene)?.name;
        let mut wire = admitted(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = format!("any@{name}/x y");
        user.send_marked(format!("<iq type='get' id='q' to='{to}'><query xmlns='urn:example:q'/></iq>")).await;
        let iq = wire.wait_for("the request", |e| e.name() == "iq").await?;
        ensure!(iq.ns() == ACCEPT, "it is in {}", iq.ns());
        let (found_to, from) = (iq.attr("to"), iq.attr("from").unwrap_or_default().into_owned());
        ensure!(found_to.as_deref() == Some(&*to) && from == user.jid, "it is from {from} to {found_to:?}");
        let id = iq.attr("id").unwrap_or_default().into_owned();
        wire.send(format!("<iq type='result' id='{id}' from='{to}' to='{from}'/>")).await;
        user.answer("q").await.map(drop)
    })
    .component()
    .accounts(1)
    .alone();
    let rows = [
        ("server", "DOMAIN"),
        ("user-of-the-server", "admin@DOMAIN"),
        ("elsewhere", "example.com"),
        ("below-its-name", "sub.NAME"),
    ];
    s.table(crate::verdict::Level::Must, 13, "The domain identifier portion of the JID contained in the 'from' attribute MUST match the hostname of the component.", "another 'from' does not get through", rows, async |scene, from| {
        let name = component(scene)?.name;
        let mut wire = admitted(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let from = from.replace("DOMAIN", scene.domain()).replace("NAME", &name);
        wire.send_marked(format!("<message from='{from}' to='{}' id='forged'><body>b</body></message>", user.jid)).await;
        wire.send(format!("<message from='{name}' to='{}' id='mark'><body>b</body></message>", user.jid)).await;
        let soon = tokio::time::Instant::now() + core::time::Duration::from_millis(500);
        // When the stream has ended, there is no mark.
        if matches!(wire.item_until(soon).await, Item::Silence) {
            user.wire.patience = core::time::Duration::from_secs(2);
            let _ = user.wait_for("the mark", |e| e.attr("id").as_deref() == Some("mark")).await;
        }
        let all = user.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("forged")), "it does");
        Ok(())
    })
    .each(|case| {
        case.component().accounts(1).alone();
    });
    for (number, attribute) in [(14, "from"), (15, "to")] {
        s.must(number, "All stanzas sent to the server MUST possess a 'from' attribute and a 'to' attribute, as in the 'jabber:server' namespace.", format!("a stanza without '{attribute}' is not taken as it is"), async move |scene| {
            let name = component(scene)?.name;
            let mut wire = admitted(scene).await?;
            let domain = scene.domain();
            let other = if attribute == "from" { format!("to='{domain}'") } else { format!("from='{name}'") };
            wire.send_marked(format!("<iq type='get' id='q' {other}><query xmlns='urn:example:q'/></iq>")).await;
            wire.send("</stream:stream>").await;
            loop {
                match wire.item().await {
                    Item::Element(e) if e.name() == "iq" && StanzaError::of(e.as_ref()).is_none() => fail!("it is answered"),
                    Item::Element(_) => {}
                    Item::Closed | Item::End(_) => return Ok(()),
                    other => fail!("a refusal is expected; {}", other.what()),
                }
            }
        })
        .component()
        .alone();
    }
}
