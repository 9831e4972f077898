//! XEP-0114: whom a component is taken for, and what reaches it.

use core::time::Duration;

use xmpp_xml::{Element, Ns};

use super::xep_0114::{ACCEPT, admitted, component, dial, header, opened, proof};
use crate::case::Cases;
use crate::server::Target;
use crate::verdict::{Level, Outcome, Setup as _};
use crate::wire::{Item, StanzaError, StreamError, Wire};
use crate::{ensure, fail};

const XEP: &str = "XEP-0114";

pub(super) fn cases(cases: &mut Cases<Target>) {
    handshakes(cases);
    headers(cases);
    sending(cases);
    receiving(cases);
}

fn handshakes(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "3");
    let rows = [
        ("secret-itself", 0_u8),
        ("of-another-stream", 1),
        ("without-the-id", 2),
        ("cut-short", 3),
        ("with-more-behind-it", 4),
    ];
    s.table(Level::Must, 21, "If the credentials supplied by the initiator are not valid, the receiver MUST close the stream and the underlying TCP connection, and SHOULD return a <not-authorized/> stream error.", "no handshake for this stream", rows, async |scene, how| {
        let secret = component(scene)?.secret;
        let (mut wire, id) = opened(scene).await?;
        let right = proof(&id, &secret);
        let text = match how {
            0 => secret,
            1 => proof(&opened(scene).await?.1, &secret),
            2 => proof("", &secret),
            3 => right[..39].to_owned(),
            _ => format!("{right}0"),
        };
        wire.send_marked(format!("<handshake>{text}</handshake>")).await;
        loop {
            match wire.item().await {
                Item::Element(e) if StreamError::of(&e).is_some() => {}
                Item::Closed => wire.send("</stream:stream>").await,
                Item::End(_) => return Ok(()),
                other => fail!("{}", other.what()),
            }
        }
    })
    .each(|case| {
        case.component().alone();
    });
}

fn headers(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "3");
    let rows = [("empty", ""), ("malformed", "a b"), ("user", "a@b")];
    s.table(Level::Must, 22, "If the server will not service the component name specified in the 'to' attribute of the stream header, it MUST return a stream error (e.g., <conflict/> or <host-unknown/>).", "a name that cannot be", rows, async |scene, name| {
        let mut wire = dial(scene).await?;
        wire.send_marked(header(name, ACCEPT)).await;
        wire.header().await?;
        wire.stream_error().await.map(drop)
    })
    .each(|case| {
        case.component();
    });
    let rows = [("client", "jabber:client"), ("server", "jabber:server"), ("empty", "")];
    s.table(Level::Must, 23, "If the server does not recognize or support the namespace specified in the stream header (e.g., it does not support streams qualified by the 'jabber:component:accept' namespace), it MUST return an <invalid-namespace/> stream error.", "the namespace of other streams", rows, async |scene, ns| {
        let mut wire = dial(scene).await?;
        wire.send_marked(header(&component(scene)?.name, ns)).await;
        wire.expect_stream_error(&["invalid-namespace"]).await.map(drop)
    })
    .each(|case| {
        case.component();
    });
}

async fn with_id(wire: &mut Wire, id: &str) -> Outcome<Element> {
    wire.wait_for("the stanza", |e| e.attr("id").as_deref() == Some(id)).await
}

const MATCH: &str = "The domain identifier portion of the JID contained in the 'from' attribute MUST match the hostname of the component.";

fn sending(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "3");
    let rows = [
        ("resource-of-a-user", "user@NAME/resource"),
        ("resource-of-the-component", "NAME/resource"),
    ];
    s.table(Level::May, 24, "However, this is the only restriction on 'from' addresses, and the component MAY send stanzas from any user at its hostname.", "'from' arrives as it is", rows, async |scene, from| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let mut wire = admitted(scene).await?;
        let from = from.replace("NAME", &component(scene)?.name);
        wire.send_marked(format!("<message type='headline' from='{from}' to='{}' id='c'><body>b</body></message>", user.jid)).await;
        let message = user.wait_for("the message", |e| e.attr("id").as_deref() == Some("c")).await?;
        let found = message.attr("from");
        ensure!(found.as_deref() == Some(&*from), "'from' is {found:?}");
        Ok(())
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    let rows = [
        ("user-elsewhere", "user@example.net"),
        ("the-recipient", "USER"),
        ("ends-alike", "xNAME"),
        ("malformed", "a b@NAME"),
        ("empty", ""),
    ];
    s.table(Level::Must, 25, MATCH, "another 'from' does not get through", rows, async |scene, from| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let mut wire = admitted(scene).await?;
        let name = component(scene)?.name;
        let from = from.replace("NAME", &name).replace("USER", &user.jid);
        wire.send_marked(format!("<message type='headline' from='{from}' to='{}' id='forged'><body>b</body></message>", user.jid)).await;
        wire.send(format!("<message type='headline' from='{name}' to='{}' id='mark'><body>b</body></message>", user.jid)).await;
        // The stream may have ended, and then there is no mark.
        user.wire.patience = Duration::from_millis(500);
        let _ = user.wait_for("the mark", |e| e.attr("id").as_deref() == Some("mark")).await;
        if let Some(forged) = user.take_where(|e| e.attr("id").as_deref() == Some("forged")) {
            // A server may fill in who is missing.
            let found = forged.attr("from");
            ensure!(from.is_empty() && found.as_deref() == Some(&*name), "it comes from {found:?}");
        }
        Ok(())
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    s.may(26, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "the server answers a request of the component's", async |scene| {
        let mut wire = admitted(scene).await?;
        let (name, domain) = (component(scene)?.name, scene.domain().to_owned());
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

fn receiving(cases: &mut Cases<Target>) {
    let mut s = cases.section(XEP, "3");
    let rows = [
        ("message-to-the-component", "<message to='NAME' id='c'><body>b</body></message>"),
        ("message-to-a-user", "<message to='user@NAME' id='c'><body>b</body></message>"),
        ("message-to-a-resource", "<message to='user@NAME/r' id='c'><body>b</body></message>"),
        ("presence", "<presence to='user@NAME' id='c'/>"),
        ("request-for-presence", "<presence type='subscribe' to='user@NAME' id='c'/>"),
        (
            "iq-to-a-resource",
            "<iq type='set' to='user@NAME/r' id='c'><query xmlns='urn:example:q'/></iq>",
        ),
    ];
    s.table(Level::May, 27, "Once authenticated, the component can send stanzas through the server and receive stanzas from the server.", "what is sent to the component's addresses arrives", rows, async |scene, stanza| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let mut wire = admitted(scene).await?;
        user.send_marked(stanza.replace("NAME", &component(scene)?.name)).await;
        let subscribes = stanza.contains("subscribe");
        let found = wire
            .wait_for("the stanza", |e| {
                if subscribes { e.attr("type").as_deref() == Some("subscribe") } else { e.attr("id").as_deref() == Some("c") }
            })
            .await;
        if subscribes {
            user.empty_roster().await?;
        }
        let found = found?;
        let from = found.attr("from");
        let wanted = if subscribes { user.bare() } else { &user.jid };
        ensure!(from.as_deref() == Some(wanted) && found.has_ns(Ns::new(ACCEPT)), "it is {}", found.source());
        Ok(())
    })
    .each(|case| {
        case.accounts(1).component().alone();
    });
    s.must(
        28,
        "6120-8.2.3-04",
        "a request to a component that has gone is refused",
        async |scene| {
            let mut user = scene.online(&scene.account(0), "").await?;
            let mut wire = admitted(scene).await.setup("a component")?;
            wire.send("</stream:stream>").await;
            wire.patience = Duration::from_secs(1);
            let _ = wire.drain().await;
            drop(wire);
            let name = component(scene)?.name;
            let answer = user.iq("get", Some(&name), "<query xmlns='urn:example:q'/>").await?;
            ensure!(StanzaError::of(answer.as_ref()).is_some(), "it is {}", answer.source());
            Ok(())
        },
    )
    .accounts(1)
    .component()
    .alone();
    s.must(29, "6120-4.4-01", "the closing tag is answered with one", async |scene| {
        let mut wire = admitted(scene).await?;
        wire.send_marked("</stream:stream>").await;
        wire.expect_closing_tag().await
    })
    .component()
    .alone();
}
