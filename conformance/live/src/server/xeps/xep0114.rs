//! XEP-0114: components.

use core::time::Duration;

use sha1::{Digest as _, Sha1};
use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::{Component, Target, User};
use crate::verdict::{Fault, Level, Outcome, Setup as _};
use crate::wire::{Item, StanzaError, StreamError, Wire};
use crate::{ensure, fail};

type Scene = crate::scene::Scene<Target>;

const ACCEPT: &str = "jabber:component:accept";

fn component(scene: &Scene) -> Outcome<Component> {
    scene.setting.component.clone().ok_or_else(|| Fault::Skipped("no component".into()))
}

fn header(ns: &str, to: &str) -> String {
    format!(
        "<?xml version='1.0'?><stream:stream to='{to}' xmlns='{ns}' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    )
}

fn hash(id: &str, secret: &str) -> String {
    Sha1::digest(format!("{id}{secret}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stream for that name: the wire, and the id that the server gave it. The one of the
/// case before may have to end first.
async fn open(scene: &Scene, name: &str) -> Outcome<(Wire, String)> {
    let mut left = 20;
    loop {
        let mut wire =
            Wire::connect(&*component(scene)?.address, "component", &scene.transcript).await?;
        wire.send(header(ACCEPT, name)).await;
        let answer = wire.header().await?;
        wire.patience = Duration::from_millis(50);
        if let Item::Element(element) = wire.item().await {
            let condition = StreamError::of(&element).map(|error| error.condition);
            if condition.as_deref() == Some("conflict") && left > 0 {
                left -= 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            fail!("{} comes behind the header", Item::Element(element).what());
        }
        wire.patience = crate::wire::PATIENCE;
        let id = answer.attr("id").unwrap_or_default().into_owned();
        ensure!(!id.is_empty(), "the header has no 'id'");
        return Ok((wire, id));
    }
}

/// A component that the server has let in, and its name.
async fn connected(scene: &Scene) -> Outcome<(Wire, String)> {
    let Component { name, secret, .. } = component(scene)?;
    for _ in 0..20 {
        let (mut wire, id) = open(scene, &name).await.setup("opening a stream")?;
        wire.send(format!("<handshake>{}</handshake>", hash(&id, &secret))).await;
        let answer = match wire.item().await {
            Item::Element(element) => element,
            other => return Err(Fault::Error(format!("the handshake: {}", other.what()))),
        };
        if answer.is(Ns::new(ACCEPT), "handshake") {
            return Ok((wire, name));
        }
        // The one before has not gone yet.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Fault::Error("the handshake is refused".into()))
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    handshakes(cases);
    headers(cases);
    sending(cases);
    receiving(cases);
}

fn handshakes(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0114", "3");
    s.must(1, "If the credentials are acceptable, the receiving application (in this case the server) MUST return an empty <handshake/> element.", "a right handshake", async |scene| {
        let Component { name, secret, .. } = component(scene)?;
        let (mut wire, id) = open(scene, &name).await?;
        wire.send_marked(format!("<handshake>{}</handshake>", hash(&id, &secret))).await;
        let answer = wire.element("<handshake/>").await?;
        let empty = answer.is(Ns::new(ACCEPT), "handshake") && answer.text().is_empty();
        ensure!(empty, "it is {}", answer.source());
        Ok(())
    })
    .component()
    .alone();
    let rows = [
        ("wrong-secret", 0_u8),
        ("empty", 1),
        ("secret-itself", 2),
        ("other-stream", 3),
        ("without-the-id", 4),
        ("cut-short", 5),
        ("and-more", 6),
    ];
    let closes = "If the credentials supplied by the initiator are not valid, the receiver MUST close the stream and the underlying TCP connection, and SHOULD return a <not-authorized/> stream error.";
    s.table(
        Level::Must,
        2,
        closes,
        "a wrong handshake: the stream and the connection are closed",
        rows,
        async |scene, how| {
            let mut wire = wrong(scene, how).await?;
            loop {
                match wire.item().await {
                    Item::Element(e) if StreamError::of(&e).is_some() => {}
                    Item::Closed => wire.send("</stream:stream>").await,
                    Item::End(_) => return Ok(()),
                    other => fail!("{}", other.what()),
                }
            }
        },
    )
    .each(|case| {
        case.component().alone();
    });
    s.should(3, closes, "a wrong handshake: not-authorized", async |scene| {
        let mut wire = wrong(scene, 0).await?;
        wire.expect_stream_error(&["not-authorized"]).await.map(drop)
    })
    .component()
    .alone();
    s.must(4, "After receiving the stream header reply from the server, the component MUST send a <handshake/> element with appropriate contents.", "stanzas before the handshake are not processed", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let name = component(scene)?.name;
        let (mut wire, _) = open(scene, &name).await?;
        wire.send_marked(format!("<message type='headline' from='{name}' to='{}' id='early'><body>b</body></message>", user.jid)).await;
        let _ = wire.item().await;
        let all = user.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("early")), "it is delivered");
        Ok(())
    })
    .accounts(1)
    .component()
    .alone();
}

async fn wrong(scene: &Scene, how: u8) -> Outcome<Wire> {
    let Component { name, secret, .. } = component(scene)?;
    let (mut wire, id) = open(scene, &name).await?;
    let right = hash(&id, &secret);
    let text = match how {
        0 => hash(&id, &format!("{secret}x")),
        1 => String::new(),
        2 => secret,
        3 => hash(&open(scene, &name).await?.1, &secret),
        4 => hash("", &secret),
        5 => right[..39].to_owned(),
        _ => format!("{right}0"),
    };
    wire.send_marked(format!("<handshake>{text}</handshake>")).await;
    Ok(wire)
}

fn headers(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0114", "3");
    let unknown = "If the server will not service the component name specified in the 'to' attribute of the stream header, it MUST return a stream error (e.g., <conflict/> or <host-unknown/>).";
    let follows = "For all errors related to the stream header, the server MUST follow the rules in Section 4.7.1 of XMPP Core by returning an opening stream tag, stream error element, and closing stream tag rather than merely a stream error element";
    let rows = [
        ("unknown", "no-such-component.example"),
        ("empty", ""),
        ("malformed", "a b"),
        ("user", "a@b"),
    ];
    s.table(
        Level::Must,
        5,
        unknown,
        "a name that the server does not know",
        rows,
        async |scene, name| {
            let mut wire =
                Wire::connect(&*component(scene)?.address, "component", &scene.transcript).await?;
            wire.send_marked(header(ACCEPT, name)).await;
            let answer = wire.header().await?;
            // A server may say it only once it has seen the handshake.
            let id = answer.attr("id").unwrap_or_default().into_owned();
            wire.patience = Duration::from_millis(500);
            if let Item::Silence = wire.item().await {
                wire.send(format!("<handshake>{}</handshake>", hash(&id, "secret"))).await;
                wire.stream_error().await?;
            }
            Ok(())
        },
    )
    .each(|case| {
        case.component();
    });
    s.must(
        6,
        follows,
        "the error comes behind a header, and the stream is closed",
        async |scene| {
            let mut wire =
                Wire::connect(&*component(scene)?.address, "component", &scene.transcript).await?;
            wire.send_marked(header("urn:example:x", &component(scene)?.name)).await;
            wire.header().await?;
            wire.stream_error().await?;
            wire.expect_closing_tag().await
        },
    )
    .component();
    let rows = [
        ("client", "jabber:client"),
        ("server", "jabber:server"),
        ("unknown", "urn:example:x"),
        ("empty", ""),
    ];
    s.table(Level::Must, 7, "If the server does not recognize or support the namespace specified in the stream header (e.g., it does not support streams qualified by the 'jabber:component:accept' namespace), it MUST return an <invalid-namespace/> stream error.", "another namespace", rows, async |scene, ns| {
        let mut wire = Wire::connect(&*component(scene)?.address, "component", &scene.transcript).await?;
        wire.send_marked(header(ns, &component(scene)?.name)).await;
        wire.expect_stream_error(&["invalid-namespace"]).await.map(drop)
    })
    .each(|case| {
        case.component();
    });
}

async fn with_id(wire: &mut Wire, id: &str) -> Outcome<Element> {
    wire.wait_for("the stanza", |e| e.attr("id").as_deref() == Some(id)).await
}

fn sending(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0114", "3");
    let any = "However, this is the only restriction on 'from' addresses, and the component MAY send stanzas from any user at its hostname.";
    let rows = [
        ("component", "NAME"),
        ("user", "user@NAME"),
        ("resource", "user@NAME/resource"),
        ("resource-of-the-component", "NAME/resource"),
    ];
    s.table(Level::May, 8, any, "'from' is any JID of the component", rows, async |scene, from| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut wire, name) = connected(scene).await?;
        let from = from.replace("NAME", &name);
        wire.send_marked(format!(
            "<message type='headline' from='{from}' to='{}' id='c'><body>b</body></message>",
            user.jid
        ))
        .await;
        let message =
            user.wait_for("the message", |e| e.attr("id").as_deref() == Some("c")).await?;
        let found = message.attr("from");
        ensure!(found.as_deref() == Some(&*from), "'from' is {found:?}");
        Ok(())
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    let rows = [
        ("other", "example.net"),
        ("user-of-other", "user@example.net"),
        ("server", "DOMAIN"),
        ("user-of-the-server", "USER"),
        ("below", "x.NAME"),
        ("ends-alike", "xNAME"),
        ("malformed", "a b@NAME"),
    ];
    s.table(Level::Must, 9, "The domain identifier portion of the JID contained in the 'from' attribute MUST match the hostname of the component.", "another domain in 'from'", rows, async |scene, from| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut wire, name) = connected(scene).await?;
        let from = from.replace("NAME", &name).replace("DOMAIN", scene.domain()).replace("USER", &user.jid);
        wire.send_marked(format!("<message type='headline' from='{from}' to='{}' id='forged'><body>b</body></message>", user.jid)).await;
        undelivered(&mut wire, &name, &mut user).await
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    let rows = [
        ("no-from", "<message type='headline' to='USER' id='forged'><body>b</body></message>"),
        (
            "empty-from",
            "<message type='headline' from='' to='USER' id='forged'><body>b</body></message>",
        ),
        ("no-to", "<message type='headline' from='NAME' id='forged'><body>b</body></message>"),
    ];
    s.table(Level::Must, 10, "All stanzas sent to the server MUST possess a 'from' attribute and a 'to' attribute, as in the 'jabber:server' namespace.", "who leaves an address out does not pass for another one", rows, async |scene, stanza| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut wire, name) = connected(scene).await?;
        wire.send_marked(stanza.replace("NAME", &name).replace("USER", &user.jid)).await;
        undelivered(&mut wire, &name, &mut user).await
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    s.may(11, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "the server answers a request of the component", async |scene| {
        let (mut wire, name) = connected(scene).await?;
        let domain = scene.domain().to_owned();
        wire.send_marked(format!("<iq type='get' from='user@{name}' to='{domain}' id='q'><ping xmlns='urn:xmpp:ping'/></iq>")).await;
        let answer = with_id(&mut wire, "q").await?;
        let (from, to) = (answer.attr("from"), answer.attr("to"));
        let right = from.as_deref() == Some(&*domain) && to.as_deref() == Some(&*format!("user@{name}"));
        ensure!(right, "it is {}", answer.source());
        Ok(())
    })
    .component()
    .alone();
}

/// The stanza with the id `forged` does not get to the user under another name. The component may be thrown
/// out for it.
async fn undelivered(wire: &mut Wire, name: &str, user: &mut User) -> Outcome {
    wire.send(format!(
        "<message from='{name}' to='{}' id='mark' type='headline'><body>b</body></message>",
        user.jid
    ))
    .await;
    wire.patience = Duration::from_millis(300);
    user.wire.patience = Duration::from_millis(300);
    let _ = wire.stream_error().await;
    let _ = user.wait_for("the mark", |e| e.attr("id").as_deref() == Some("mark")).await;
    user.wire.patience = crate::wire::PATIENCE;
    let all = user.all_of_own().await?;
    for forged in all.iter().filter(|e| e.attr("id").as_deref() == Some("forged")) {
        // A server may fill in who is missing.
        let from = forged.attr("from");
        ensure!(from.as_deref() == Some(name), "it is delivered, from {from:?}");
    }
    Ok(())
}

fn receiving(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0114", "3");
    let rows = [
        ("message-to-the-component", "<message to='NAME' id='c'><body>b</body></message>"),
        ("message-to-a-user", "<message to='user@NAME' id='c'><body>b</body></message>"),
        ("message-to-a-resource", "<message to='user@NAME/r' id='c'><body>b</body></message>"),
        ("presence", "<presence to='user@NAME' id='c'/>"),
        ("subscribe", "<presence type='subscribe' to='user@NAME' id='c'/>"),
        ("request", "<iq type='get' to='NAME' id='c'><query xmlns='urn:example:q'/></iq>"),
        (
            "request-to-a-user",
            "<iq type='set' to='user@NAME/r' id='c'><query xmlns='urn:example:q'/></iq>",
        ),
    ];
    s.table(Level::May, 12, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "what is sent to the component's addresses arrives", rows, async |scene, stanza| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut wire, name) = connected(scene).await?;
        user.send_marked(stanza.replace("NAME", &name)).await;
        let found = if stanza.contains("subscribe") {
            wire.wait_for("the stanza", |e| e.attr("type").as_deref() == Some("subscribe")).await
        } else {
            with_id(&mut wire, "c").await
        };
        user.empty_roster().await?;
        let found = found?;
        let from = found.attr("from");
        let wanted = if stanza.contains("subscribe") { user.bare() } else { &user.jid };
        ensure!(from.as_deref() == Some(wanted) && found.has_ns(Ns::new(ACCEPT)), "it is {}", found.source());
        Ok(())
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    s.may(13, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "request and answer between a user and the component", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut wire, name) = connected(scene).await?;
        user.send(format!("<iq type='get' to='{name}' id='c'><query xmlns='urn:example:q'/></iq>")).await;
        let request = with_id(&mut wire, "c").await.setup("a request")?;
        let to = request.attr("from").unwrap_or_default().into_owned();
        wire.send_marked(format!("<iq type='result' from='{name}' to='{to}' id='c'><query xmlns='urn:example:q'/></iq>")).await;
        let answer = user.answer("c").await?;
        let from = answer.attr("from");
        ensure!(from.as_deref() == Some(&*name) && StanzaError::of(answer.as_ref()).is_none(), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1)
    .component()
    .alone();
    s.must(
        14,
        "6120-8.2.3-04",
        "a request to a component that is not connected is refused",
        async |scene| {
            let name = component(scene)?.name;
            let mut user = scene.online(&scene.account(0), "").await?;
            let (mut wire, _) = connected(scene).await?;
            wire.send("</stream:stream>").await;
            wire.patience = Duration::from_secs(1);
            let _ = wire.drain().await;
            drop(wire);
            let answer = user.iq("get", Some(&name), "<query xmlns='urn:example:q'/>").await?;
            ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is {}", answer.source());
            Ok(())
        },
    )
    .accounts(1)
    .component()
    .alone();
    s.must(15, "6120-4.4-01", "the closing tag is answered with one", async |scene| {
        let (mut wire, _) = connected(scene).await?;
        wire.send_marked("</stream:stream>").await;
        wire.expect_closing_tag().await
    })
    .component()
    .alone();
}
