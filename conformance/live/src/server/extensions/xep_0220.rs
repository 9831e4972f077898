//! XEP-0220: Server Dialback, and streams between servers (RFC 6120). We act as the peer.

use xmpp_xml::{Element, Ns};

use crate::case::Cases;
use crate::server::Target;
use crate::server::peer::{DIALBACK, SERVER};
use crate::server::session::{STREAMS, TLS};
use crate::verdict::{Fault, Level, Outcome, Setup as _};
use crate::wire::{Item, StreamError, Wire, tls};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    streams(cases);
    requests(cases);
    verifying(cases);
    stanzas(cases);
}

/// Whom we act as.
pub(super) fn ours(scene: &Scene) -> String {
    scene.lease.peer_domain().unwrap_or("peer.invalid").to_owned()
}

fn header(scene: &Scene, to: &str) -> String {
    let from = ours(scene);
    format!(
        "<?xml version='1.0'?><stream:stream from='{from}' to='{to}' version='1.0' xml:lang='en' xmlns='{SERVER}' \
         xmlns:db='{DIALBACK}' xmlns:stream='http://etherx.jabber.org/streams'>"
    )
}

async fn dial(scene: &Scene) -> Outcome<Wire> {
    let Some(peer) = &scene.setting.peer else {
        return Err(Fault::Skipped("no --s2s-target".into()));
    };
    Wire::connect(&*peer.address, "peer", &scene.transcript).await
}

/// A stream of ours, in the clear.
async fn open(scene: &Scene) -> Outcome<(Wire, Element, Element)> {
    let mut wire = dial(scene).await?;
    wire.send(header(scene, scene.domain())).await;
    let header = wire.header().await?;
    let features = wire.expect_named(STREAMS, "features").await?;
    Ok((wire, header, features))
}

/// The same under TLS, if there is TLS. Certificates are not the question.
pub(super) async fn secure(scene: &Scene) -> Outcome<(Wire, Element, Element)> {
    let (mut wire, header_of, features) = open(scene).await.setup("a stream between servers")?;
    if features.child(Ns::new(TLS), "starttls").is_none() {
        return Ok((wire, header_of, features));
    }
    wire.send(format!("<starttls xmlns='{TLS}'/>")).await;
    wire.expect_named(TLS, "proceed").await.setup("STARTTLS")?;
    wire.connect_tls(&tls::Connect::unchecked(&[]), scene.domain()).await.setup("STARTTLS")?;
    wire.send(header(scene, scene.domain())).await;
    let header = wire.header().await.setup("a stream under TLS")?;
    let features = wire.expect_named(STREAMS, "features").await.setup("a stream under TLS")?;
    Ok((wire, header, features))
}

fn streams(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "4.7.2");
    s.must(
        4,
        "6120-4.7.2-04",
        "between servers, 'to' in the response is our domain",
        async |scene| {
            let (_, header, _) = open(scene).await?;
            let to = header.attr("to");
            ensure!(to.as_deref() == Some(&*ours(scene)), "it is {to:?}");
            Ok(())
        },
    )
    .peer();
    let mut s = cases.section("6120", "4.8.3");
    s.must(
        5,
        "6120-4.8.3-07",
        "between servers, jabber:server is the content namespace",
        async |scene| {
            let (_, header, _) = open(scene).await?;
            let declared = header.as_ref().declared("").map(str::to_owned);
            ensure!(declared.as_deref() == Some(SERVER), "it is {declared:?}");
            Ok(())
        },
    )
    .peer();
    s.should(
        6,
        "6120-4.9.1.1-01 | The stream namespace name is something other than \"http://etherx.jabber.org/streams\" (see Section 11.2) or the content namespace declared as the default namespace is not supported (e.g., something other than \"jabber:client\" or \"jabber:server\").",
        "between servers, jabber:client is invalid-namespace",
        async |scene| {
            let mut wire = dial(scene).await?;
            wire.send_marked(
                header(scene, scene.domain())
                    .replace("xmlns='jabber:server'", "xmlns='jabber:client'"),
            )
            .await;
            wire.expect_stream_error(&["invalid-namespace"]).await.map(drop)
        },
    )
    .peer();
    let mut s = cases.section("6120", "4.7.1");
    s.must(
        3,
        "6120-4.7.1-03",
        "between servers, 'from' in the response is the server's domain",
        async |scene| {
            let (_, header, _) = open(scene).await?;
            let from = header.attr("from");
            ensure!(from.as_deref() == Some(scene.domain()), "it is {from:?}");
            Ok(())
        },
    )
    .peer();
    let mut s = cases.section("6120", "4.7.3");
    s.must(5, "6120-4.7.3-02", "between servers, ids are long and different", async |scene| {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..5 {
            let (_, header, _) = open(scene).await?;
            let id = header.attr("id").unwrap_or_default().into_owned();
            ensure!(id.len() >= 8, "{id:?} is short");
            ensure!(seen.insert(id), "an id comes twice");
        }
        Ok(())
    })
    .peer();
    let mut s = cases.section("6120", "4.9.3.6");
    s.must(4, "6120-4.9.1.1-01 | The value of the 'to' attribute provided in the initial stream header does not correspond to an FQDN that is serviced by the receiving entity.", "between servers, host-unknown", async |scene| {
        let mut wire = dial(scene).await?;
        wire.send_marked(header(scene, "nobody.invalid")).await;
        wire.expect_stream_error(&["host-unknown", "host-gone"]).await.map(drop)
    })
    .peer();
    let mut s = cases.section("6120", "5.2");
    s.must(2, "6120-5.2-01", "between servers, STARTTLS is offered and works", async |scene| {
        let (_, _, features) = open(scene).await?;
        ensure!(features.child(Ns::new(TLS), "starttls").is_some(), "it is not offered");
        secure(scene).await.map(drop)
    })
    .peer();
    let mut s = cases.section("XEP-0220", "2.4.2");
    s.must(1, "If a server supports graceful handling of dialback errors as described in this document, it MUST advertise that via a stream feature which is a <dialback/> element qualified by the 'urn:xmpp:features:dialback' namespace, including an empty <errors/> element.", "dialback is announced, with errors", async |scene| {
        let (_, _, features) = secure(scene).await?;
        let Some(dialback) = features.child(Ns::new("urn:xmpp:features:dialback"), "dialback") else { skip!("it is not announced") };
        let errors = dialback.children().any(|c| c.name() == "errors");
        if !errors {
            skip!("errors are not announced");
        }
        Ok(())
    })
    .peer();
    let mut s = cases.section("XEP-0220", "2.4.1");
    s.must(
        1,
        "is indicated by inclusion of the dialback namespace declaration in the stream header.",
        "the response header declares dialback where it is spoken",
        async |scene| {
            let (_, header, features) = secure(scene).await?;
            if features.child(Ns::new("urn:xmpp:features:dialback"), "dialback").is_none() {
                skip!("dialback is not offered");
            }
            let declared = header.as_ref().declared("db").map(str::to_owned);
            ensure!(declared.as_deref() == Some(DIALBACK), "xmlns:db is {declared:?}");
            Ok(())
        },
    )
    .peer();
}

fn requests(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.2.1");
    s.must(1, "If the Target Domain as given in the 'to' attribute of the element is not a configured domain of the Receiving Server, this results in a dialback error.", "a key for a domain that is not served is not valid", async |scene| {
        let (mut wire, _, _) = secure(scene).await?;
        let from = ours(scene);
        wire.send_marked(format!("<db:result from='{from}' to='nobody.invalid'>abcd</db:result>")).await;
        not_valid(&mut wire).await
    })
    .peer();
    s.should(2, "This error, which is explained further under Section 2.4.2, is not a stream error and therefore MUST NOT result in closing of the stream", "and the stream goes on", async |scene| {
        let (mut wire, _, features) = secure(scene).await?;
        let announced = features.child(Ns::new("urn:xmpp:features:dialback"), "dialback").is_some_and(|d| d.children().any(|c| c.name() == "errors"));
        if !announced {
            skip!("errors of dialback are not announced");
        }
        let from = ours(scene);
        wire.send_marked(format!("<db:result from='{from}' to='nobody.invalid'>abcd</db:result>")).await;
        let answer = wire.element("<db:result type='error'/>").await?;
        let kind = answer.attr("type");
        ensure!(answer.is(Ns::new(DIALBACK), "result") && kind.as_deref() == Some("error"), "it is {}", answer.source());
        Ok(())
    })
    .peer();
    s.must(3, "Before the Receiving Server allows the Initiating Server to send stanzas from the Sender Domain (here \"capulet.example\") to the Target Domain (here \"montague.example\"), it MUST verify the identity of the Initiating Server.", "a key of a domain that cannot be reached is not valid", async |scene| {
        let (mut wire, _, _) = secure(scene).await?;
        let to = scene.domain();
        wire.patience = core::time::Duration::from_secs(15);
        wire.send_marked(format!("<db:result from='nowhere.invalid' to='{to}'>abcd</db:result>")).await;
        not_valid(&mut wire).await
    })
    .peer();
    s.must(4, "Before the Receiving Server allows the Initiating Server to send stanzas from the Sender Domain (here \"capulet.example\") to the Target Domain (here \"montague.example\"), it MUST verify the identity of the Initiating Server.", "a key of the server's own domain is not valid", async |scene| {
        let (mut wire, _, _) = secure(scene).await?;
        let to = scene.domain();
        wire.send_marked(format!("<db:result from='{to}' to='{to}'>abcd</db:result>")).await;
        not_valid(&mut wire).await
    })
    .peer();
    let rows = [
        ("no-from", "to='TO'"),
        ("no-to", "from='FROM'"),
        ("neither", ""),
        ("bad-from", "from='@' to='TO'"),
    ];
    s.table(Level::Must, 5, "the element MUST possess a 'from' attribute whose value is the Sender Domain and MUST possess a 'to' attribute whose value is the Target Domain.", "a key without right addresses is not valid", rows, async |scene, attributes| {
        let (mut wire, _, _) = secure(scene).await?;
        let attributes = attributes.replace("TO", scene.domain()).replace("FROM", &ours(scene));
        wire.send_marked(format!("<db:result {attributes}>abcd</db:result>")).await;
        not_valid(&mut wire).await
    })
    .each(|case| {
        case.peer();
    });
    let mut s = cases.section("XEP-0220", "3.1");
    s.must(1, "The Initiating Server MUST ensure that the 'from' and 'to' attributes in this response correlate to a request that was sent over the same XML stream", "a result that nobody asked for authorises nobody", async |scene| {
        let (mut wire, _, _) = secure(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let (from, to) = (ours(scene), scene.domain());
        wire.send_marked(format!("<db:result from='{from}' to='{to}' type='valid'/>")).await;
        wire.send(format!("<message from='a@{from}' to='{}' id='forged'><body>b</body></message>", user.jid)).await;
        let _ = wire.item().await;
        let all = user.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("forged")), "a message gets through");
        Ok(())
    })
    .accounts(1)
    .peer();
    s.must(2, "The Receiving Server MUST ensure that the values of the 'from', 'to' and 'id attributes correlate to a request that was sent over the same XML stream", "an answer to a verification that nobody asked for authorises nobody", async |scene| {
        let (mut wire, header, _) = secure(scene).await?;
        let mut user = scene.bound(&scene.account(0), "").await?;
        let (from, to) = (ours(scene), scene.domain());
        let id = header.attr("id").unwrap_or_default().into_owned();
        wire.send_marked(format!("<db:verify from='{from}' to='{to}' id='{id}' type='valid'/>")).await;
        wire.send(format!("<message from='a@{from}' to='{}' id='forged'><body>b</body></message>", user.jid)).await;
        let _ = wire.item().await;
        let all = user.all_of_own().await?;
        ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("forged")), "a message gets through");
        Ok(())
    })
    .accounts(1)
    .peer();
}

/// Anything but a valid result: invalid, an error, a stream error, the end.
async fn not_valid(wire: &mut Wire) -> Outcome {
    match wire.item().await {
        Item::Element(e) if e.is(Ns::new(DIALBACK), "result") => {
            let kind = e.attr("type");
            ensure!(kind.as_deref() != Some("valid"), "it is valid");
            Ok(())
        }
        Item::Element(e) if StreamError::of(&e).is_some() => Ok(()),
        Item::Closed | Item::End(_) => Ok(()),
        // Nobody is let in who gets no answer.
        Item::Silence => Ok(()),
        other => fail!("a result is expected; {}", other.what()),
    }
}

fn verifying(cases: &mut Cases<Target>) {
    let quoted =
        "The Authoritative Server then notifies the Receiving Server whether the key is valid.";
    let mut s = cases.section("XEP-0220", "2.2.2");
    s.must(1, quoted, "a key that the server has not made is invalid", async |scene| {
        let answer = verify(scene, scene.domain(), "some-stream", "abcdef").await?;
        let kind = answer.attr("type");
        ensure!(kind.as_deref() == Some("invalid"), "it is {kind:?}");
        Ok(())
    })
    .peer();
    s.must(2, "This is done by creating a <db:verify/> element which MUST possess 'from' and 'to' attributes whose values are swapped from the request, MUST possess an 'id' attribute whose value is copied from the 'id' value of the request", "addresses are swapped, the id is copied", async |scene| {
        let answer = verify(scene, scene.domain(), "some-stream", "abcdef").await?;
        let (from, to, id) = (answer.attr("from"), answer.attr("to"), answer.attr("id"));
        let right = from.as_deref() == Some(scene.domain()) && to.as_deref() == Some(&*ours(scene)) && id.as_deref() == Some("some-stream");
        ensure!(right, "it is {}", answer.source());
        Ok(())
    })
    .peer();
    s.must(3, "If the Target Domain as given in the 'to' attribute of the element does not match a configured local domain according to the Authoritative Server, this results in a dialback error.", "a key of a domain that is not served is not valid", async |scene| {
        match verify(scene, "nobody.invalid", "some-stream", "abcdef").await {
            Ok(answer) => {
                let kind = answer.attr("type");
                ensure!(kind.as_deref() != Some("valid"), "it is valid");
                Ok(())
            }
            // A stream error tells it as well.
            Err(Fault::Failed(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    })
    .peer();
    s.must(4, quoted, "an empty key is invalid", async |scene| {
        match verify(scene, scene.domain(), "some-stream", "").await {
            Ok(answer) => {
                let kind = answer.attr("type");
                ensure!(kind.as_deref() != Some("valid"), "it is valid");
                Ok(())
            }
            Err(Fault::Failed(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    })
    .peer();
}

/// Asks whether a key is the server's.
async fn verify(scene: &Scene, to: &str, id: &str, key: &str) -> Outcome<Element> {
    let (mut wire, _, _) = secure(scene).await?;
    let from = ours(scene);
    wire.send_marked(format!("<db:verify from='{from}' to='{to}' id='{id}'>{key}</db:verify>"))
        .await;
    wire.expect_named(DIALBACK, "verify").await
}

fn stanzas(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "8.1.2.2");
    s.must(
        1,
        "6120-13.12-01",
        "before a domain is verified, its stanzas are not delivered",
        async |scene| {
            let (mut wire, _, _) = secure(scene).await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            let from = ours(scene);
            wire.send_marked(format!(
                "<message from='a@{from}' to='{}' id='early'><body>b</body></message>",
                user.jid
            ))
            .await;
            let _ = wire.item().await;
            let all = user.all_of_own().await?;
            ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some("early")), "it is");
            Ok(())
        },
    )
    .accounts(1)
    .peer();
    let mut s = cases.section("6120", "4.9.3.12");
    s.must(
        2,
        "6120-4.9.3.12-01",
        "between servers, a stanza before verification: an error",
        async |scene| {
            let (mut wire, _, _) = secure(scene).await?;
            let (from, to) = (ours(scene), scene.domain());
            wire.send_marked(format!(
                "<message from='a@{from}' to='a@{to}' id='early'><body>b</body></message>"
            ))
            .await;
            wire.expect_stream_error(&["not-authorized", "invalid-from", "policy-violation"])
                .await
                .map(drop)
        },
    )
    .peer();
    let mut s = cases.section("6120", "11.3");
    s.must(7, "6120-11.3-02", "between servers, not-well-formed", async |scene| {
        let (mut wire, _, _) = secure(scene).await?;
        wire.send_marked("<a></b>").await;
        wire.expect_stream_error(&["not-well-formed"]).await.map(drop)
    })
    .peer();
    let mut s = cases.section("6120", "11.1");
    s.must(4, "6120-11.1-03", "between servers, a comment ends the stream", async |scene| {
        let (mut wire, _, _) = secure(scene).await?;
        wire.send_marked("<!-- comment -->").await;
        wire.stream_error().await.map(drop)
    })
    .peer();
}
