//! What a server does towards a peer that it can connect to: XEP-0220 as a whole, and the
//! sentences of RFC 6120 and RFC 6121 about stanzas that go to another server or come from
//! one.

use core::time::Duration;

use tokio::time::Instant;

use super::xep_0220::{ours, secure};
use crate::case::Cases;
use crate::server::peer::{Answer, DIALBACK, PeerServer, SERVER};
use crate::server::session::ROSTER;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome, Setup as _};
use crate::wire::{Item, StanzaError, Wire};
use crate::{ensure, fail};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    verifying(cases);
    claiming(cases);
    from_afar(cases);
    to_afar(cases);
    presence(cases);
}

/// Our stream to the server, with our domain verified, and where the server finds us.
async fn authorised(scene: &Scene) -> Outcome<(Wire, PeerServer)> {
    let peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
    let (wire, kind) = asked(scene).await?;
    ensure!(kind == "valid", "our key is {kind}");
    Ok((wire, peer))
}

/// A key is sent; the type of the result.
async fn asked(scene: &Scene) -> Outcome<(Wire, String)> {
    let (mut wire, _, _) = secure(scene).await?;
    let (from, to) = (ours(scene), scene.domain().to_owned());
    wire.patience *= 2;
    wire.send_marked(format!("<db:result from='{from}' to='{to}'>our-key</db:result>")).await;
    let result = wire.expect_named(DIALBACK, "result").await?;
    let (of, for_) = (result.attr("from"), result.attr("to"));
    ensure!(
        of.as_deref() == Some(&*to) && for_.as_deref() == Some(&*from),
        "it is {}",
        result.source()
    );
    let kind = result.attr("type").unwrap_or_default().into_owned();
    Ok((wire, kind))
}

fn verifying(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.1.2");
    s.must(1, "the element MUST possess a 'from' attribute whose value is the Target Domain, MUST possess a 'to' attribute whose value is the Sender Domain as provided in the 'from' attribute of Step 1, and MUST possess an 'id' attribute whose value is the stream ID of the response stream header", "a key is verified with the right addresses, id and text", async |scene| {
        let peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
        let (mut wire, header, _) = secure(scene).await?;
        let (from, to) = (ours(scene), scene.domain().to_owned());
        wire.patience *= 2;
        wire.send_marked(format!("<db:result from='{from}' to='{to}'>our-key</db:result>")).await;
        wire.expect_named(DIALBACK, "result").await?;
        let claims = peer.asked();
        let Some(claim) = claims.first() else { fail!("nobody asked for it") };
        let id = header.attr("id").unwrap_or_default().into_owned();
        let right = claim.from == to && claim.to == from && claim.id == id && claim.key == "our-key";
        ensure!(right, "it is {claim:?}");
        Ok(())
    })
    .listening_peer()
    .alone();
    let mut s = cases.section("XEP-0220", "2.2.1");
    s.must(6, "This is done by creating a <db:result/> element which MUST possess a 'from' attribute whose value is the Target Domain, MUST possess a 'to' attribute whose value is the Sender Domain, and MUST possess a 'type' attribute whose value is either \"valid\" or \"invalid\"", "a good key is valid", async |scene| {
        let _peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
        let (_, kind) = asked(scene).await?;
        ensure!(kind == "valid", "it is {kind}");
        Ok(())
    })
    .listening_peer()
    .alone();
    for (number, answer, title, quoted) in [
        (
            7,
            Answer::Invalid,
            "a bad key lets nobody in",
            "The Receiving Server MUST NOT accept stanzas from the Initiating Server for the Sender Domain",
        ),
        (
            8,
            Answer::AnotherStream,
            "a key that is good for another stream lets nobody in",
            "The Receiving Server MUST ensure that the values of the 'from', 'to' and 'id attributes correlate to a request that was sent over the same XML stream",
        ),
        (
            9,
            Answer::AnotherDomain,
            "a key that is good for another domain lets nobody in",
            "The Receiving Server MUST ensure that the values of the 'from', 'to' and 'id attributes correlate to a request that was sent over the same XML stream",
        ),
    ] {
        s.must(number, quoted, title, async move |scene| {
            let peer = PeerServer::listen(scene, answer, Answer::Valid).await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            let (mut wire, _, _) = secure(scene).await?;
            let (from, to) = (ours(scene), scene.domain().to_owned());
            wire.send_marked(format!("<db:result from='{from}' to='{to}'>our-key</db:result>"))
                .await;
            peer.answered().await;
            // An answer about something else may be passed over, so that nothing follows.
            if let Item::Element(e) = wire.item_until(Instant::now() + Duration::from_secs(1)).await
            {
                let kind = e.attr("type");
                ensure!(kind.as_deref() != Some("valid"), "the key is valid");
            }
            wire.send(format!(
                "<message from='a@{from}' to='{}' id='forged'><body>b</body></message>",
                user.jid
            ))
            .await;
            let _ = wire.item_until(Instant::now() + Duration::from_millis(500)).await;
            let all = user.all_of_own().await?;
            ensure!(
                !all.iter().any(|e| e.attr("id").as_deref() == Some("forged")),
                "a message gets through"
            );
            Ok(())
        })
        .listening_peer()
        .accounts(1)
        .alone();
    }
}

/// The server has a stanza for us: it claims its domain.
async fn claims(scene: &Scene) -> Outcome<(PeerServer, User)> {
    let mut peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
    let mut user = scene.bound(&scene.account(0), "").await?;
    let to = format!("b@{}", ours(scene));
    user.send(format!("<message to='{to}' id='out'><body>b</body></message>")).await;
    peer.wait_for("the message", |e| e.attr("id").as_deref() == Some("out")).await?;
    Ok((peer, user))
}

async fn verify(scene: &Scene, from: &str, id: &str, key: &str) -> Outcome<String> {
    let (mut wire, _, _) = secure(scene).await?;
    let to = scene.domain();
    wire.send_marked(format!("<db:verify from='{from}' to='{to}' id='{id}'>{key}</db:verify>"))
        .await;
    let answer = wire.expect_named(DIALBACK, "verify").await?;
    Ok(answer.attr("type").unwrap_or_default().into_owned())
}

fn claiming(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.1.1");
    s.must(1, "the element MUST possess a 'from' attribute whose value is the Sender Domain and MUST possess a 'to' attribute whose value is the Target Domain.", "the server's key has the right addresses", async |scene| {
        let (peer, _) = claims(scene).await?;
        let claims = peer.claimed();
        let Some(claim) = claims.first() else { crate::skip!("it proves itself otherwise") };
        let right = claim.from == scene.domain() && claim.to == ours(scene) && !claim.key.is_empty();
        ensure!(right, "it is {claim:?}");
        Ok(())
    })
    .listening_peer()
    .accounts(1)
    .alone();
    let quoted =
        "The Authoritative Server then notifies the Receiving Server whether the key is valid.";
    let mut s = cases.section("XEP-0220", "2.2.2");
    s.must(5, quoted, "the server's own key is valid, for its stream", async |scene| {
        let (peer, _) = claims(scene).await?;
        let Some(claim) = peer.claimed().first().cloned() else {
            crate::skip!("it proves itself otherwise")
        };
        let kind = verify(scene, &ours(scene), &claim.id, &claim.key).await?;
        ensure!(kind == "valid", "it is {kind}");
        Ok(())
    })
    .listening_peer()
    .accounts(1)
    .alone();
    s.must(6, quoted, "and invalid for another stream", async |scene| {
        let (peer, _) = claims(scene).await?;
        let Some(claim) = peer.claimed().first().cloned() else {
            crate::skip!("it proves itself otherwise")
        };
        let kind = verify(scene, &ours(scene), "another-stream", &claim.key).await?;
        ensure!(kind == "invalid", "it is {kind}");
        Ok(())
    })
    .listening_peer()
    .accounts(1)
    .alone();
    s.must(7, quoted, "and invalid for another domain", async |scene| {
        let (peer, _) = claims(scene).await?;
        let Some(claim) = peer.claimed().first().cloned() else {
            crate::skip!("it proves itself otherwise")
        };
        let kind = verify(scene, "another.invalid", &claim.id, &claim.key).await?;
        ensure!(kind != "valid", "it is {kind}");
        Ok(())
    })
    .listening_peer()
    .accounts(1)
    .alone();
}

fn from_afar(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "10.5.4");
    s.must(
        4,
        "6120-10.5.4-02 6120-8.1.1.1-03",
        "a message from afar reaches the user as it is",
        async |scene| {
            let (mut wire, _peer) = authorised(scene).await.setup("dialback")?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            let from = format!("b@{}/x", ours(scene));
            wire.send_marked(format!(
                "<message from='{from}' to='{}' id='in'><body>b</body></message>",
                user.jid
            ))
            .await;
            let message =
                user.wait_for("the message", |e| e.attr("id").as_deref() == Some("in")).await?;
            let found = message.attr("from");
            ensure!(found.as_deref() == Some(&*from), "'from' is {found:?}");
            ensure!(message.ns() == "jabber:client", "it is in {}", message.ns());
            Ok(())
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
    let rows: [(&'static str, (&'static str, &'static [&'static str])); 6] = [
        (
            "no-to",
            ("<message from='b@OURS' id='s'><body>b</body></message>", &["improper-addressing"]),
        ),
        ("no-from", ("<message to='TO' id='s'><body>b</body></message>", &["improper-addressing"])),
        ("neither", ("<message id='s'><body>b</body></message>", &["improper-addressing"])),
        (
            "from-another-domain",
            (
                "<message from='b@other.invalid' to='TO' id='s'><body>b</body></message>",
                &["invalid-from"],
            ),
        ),
        (
            "from-the-server",
            ("<message from='b@DOMAIN' to='TO' id='s'><body>b</body></message>", &["invalid-from"]),
        ),
        (
            "to-another-domain",
            (
                "<message from='b@OURS' to='b@other.invalid' id='s'><body>b</body></message>",
                &["host-unknown", "host-gone"],
            ),
        ),
    ];
    let mut s = cases.section("6120", "8.1.1.2");
    s.table(
        Level::Must,
        1,
        "6120-8.1.1.2-01 6120-8.1.1.2-02 6120-8.1.2.2-01 6120-8.1.2.2-02",
        "a stanza from afar with wrong addresses",
        rows,
        async |scene, (stanza, conditions)| {
            let (mut wire, _peer) = authorised(scene).await.setup("dialback")?;
            let stanza = stanza
                .replace("OURS", &ours(scene))
                .replace("DOMAIN", scene.domain())
                .replace("TO", &scene.account(0).jid);
            wire.send_marked(stanza).await;
            wire.expect_stream_error(conditions).await.map(drop)
        },
    )
    .each(|case| {
        case.listening_peer().accounts(1).alone();
    });
    let mut s = cases.section("6120", "4.8.3");
    s.must(7, "6120-4.8.3-08", "what goes to a peer is in jabber:server", async |scene| {
        let (mut wire, mut peer) = authorised(scene).await.setup("dialback")?;
        let from = format!("b@{}/x", ours(scene));
        let to = scene.domain();
        wire.send_marked(format!(
            "<iq type='get' from='{from}' to='{to}' id='q'><query xmlns='urn:example:q'/></iq>"
        ))
        .await;
        let answer = peer.wait_for("the answer", |e| e.attr("id").as_deref() == Some("q")).await?;
        ensure!(answer.ns() == SERVER, "it is in {}", answer.ns());
        ensure!(answer.attr("to").as_deref() == Some(&*from), "it is {}", answer.source());
        Ok(())
    })
    .listening_peer()
    .alone();
    let mut s = cases.section("6121", "8.5.2.1.3");
    s.must(
        4,
        "6121-8.5.2.1.3-02",
        "an iq from afar to an account: service-unavailable",
        async |scene| {
            let (mut wire, mut peer) = authorised(scene).await.setup("dialback")?;
            let (from, to) = (format!("b@{}/x", ours(scene)), scene.account(0).jid);
            wire.send_marked(format!(
                "<iq type='get' from='{from}' to='{to}' id='q'><query xmlns='urn:example:q'/></iq>"
            ))
            .await;
            let answer =
                peer.wait_for("the answer", |e| e.attr("id").as_deref() == Some("q")).await?;
            let condition = StanzaError::of(answer.as_ref()).map(|e| e.condition);
            ensure!(condition.as_deref() == Some("service-unavailable"), "it is {condition:?}");
            Ok(())
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
}

fn to_afar(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "10.4");
    s.should(
        1,
        "6120-10.4-01",
        "a message to another domain is routed, from the full JID",
        async |scene| {
            let mut peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("b@{}/y z", ours(scene));
            user.send_marked(format!("<message to='{to}' id='out'><body>b</body></message>")).await;
            let message =
                peer.wait_for("the message", |e| e.attr("id").as_deref() == Some("out")).await?;
            let (from, found) = (message.attr("from"), message.attr("to"));
            ensure!(
                from.as_deref() == Some(&*user.jid) && found.as_deref() == Some(&*to),
                "it is {}",
                message.source()
            );
            Ok(())
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
    let mut s = cases.section("6120", "10.1");
    s.must(
        4,
        "6120-10.1-03 6120-10.1-04",
        "fifty messages to another domain go in order",
        async |scene| {
            let mut peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            let to = format!("b@{}", ours(scene));
            let all: String = (0..50)
                .map(|n| format!("<message to='{to}' id='n{n}'><body>{n}</body></message>"))
                .collect();
            user.send_marked(all).await;
            for n in 0..50 {
                let message = peer.wait_for("the next message", |e| e.name() == "message").await?;
                let id = message.attr("id");
                ensure!(id.as_deref() == Some(&*format!("n{n}")), "n{n} is expected; {id:?} came");
            }
            Ok(())
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
    let mut s = cases.section("6120", "10.4.3");
    s.must(
        3,
        "6120-10.4.3-01",
        "a message comes back when the peer does not believe the server",
        async |scene| {
            let _peer = PeerServer::listen(scene, Answer::Valid, Answer::Invalid).await?;
            let mut user = scene.bound(&scene.account(0), "").await?;
            user.wire.patience *= 3;
            let to = format!("b@{}", ours(scene));
            user.send_marked(format!("<message to='{to}' id='out'><body>b</body></message>")).await;
            let back =
                user.wait_for("an error", |e| e.attr("id").as_deref() == Some("out")).await?;
            ensure!(StanzaError::of(back.as_ref()).is_some(), "it is no error");
            Ok(())
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
}

fn presence(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "3.1.2");
    s.must(
        6,
        "6121-3.1.2-06 6121-3.1.2-07",
        "a request to another domain is routed, from the bare JID",
        async |scene| {
            let mut peer = PeerServer::listen(scene, Answer::Valid, Answer::Valid).await?;
            let mut user = scene.online(&scene.account(0), "").await?;
            user.empty_roster().await?;
            let to = format!("b@{}", ours(scene));
            user.send_marked(format!("<presence type='subscribe' to='{to}'/>")).await;
            let request = peer
                .wait_for("the request", |e| {
                    e.name() == "presence" && e.attr("type").as_deref() == Some("subscribe")
                })
                .await?;
            let from = request.attr("from");
            ensure!(from.as_deref() == Some(user.bare()), "'from' is {from:?}");
            user.empty_roster().await
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
    let mut s = cases.section("6121", "4.3.2");
    s.should(
        3,
        "6121-4.3.2-02",
        "a probe from afar is answered with unsubscribed, if the roster says so",
        async |scene| {
            let (mut wire, mut peer) = authorised(scene).await.setup("dialback")?;
            let mut user = scene.online(&scene.account(0), "").await?;
            let (from, to) = (format!("unsubscribed@{}", ours(scene)), scene.account(0).jid);
            // The sentence is about who is in the roster; it names nobody else.
            let item = format!("<query xmlns='{ROSTER}'><item jid='{from}'/></query>");
            user.granted("set", &item).await.setup("an item of the roster")?;
            wire.send_marked(format!("<presence type='probe' from='{from}' to='{to}'/>")).await;
            let answer = peer.wait_for("an answer", |e| e.name() == "presence").await?;
            let kind = answer.attr("type");
            ensure!(kind.as_deref() == Some("unsubscribed"), "it is {}", answer.source());
            user.empty_roster().await
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
    s.must(4, "6121-4.3.2-03 6121-11-01", "what a stranger's probe gets tells no resource", async |scene| {
        let (mut wire, mut peer) = authorised(scene).await.setup("dialback")?;
        let user = scene.online(&scene.account(0), "").await?;
        let (from, to) = (format!("stranger@{}", ours(scene)), scene.account(0).jid);
        wire.send_marked(format!("<presence type='probe' from='{from}' to='{to}'/>")).await;
        // The answer to a request behind it marks the end.
        wire.send(format!("<iq type='get' from='{from}/x' to='{to}' id='mark'><query xmlns='urn:example:q'/></iq>")).await;
        loop {
            let answer = peer.wait_for("the mark", |e| e.name() == "presence" || e.attr("id").as_deref() == Some("mark")).await?;
            if answer.name() == "iq" {
                return Ok(());
            }
            let told = answer.attr("from");
            ensure!(told.as_deref() != Some(&*user.jid), "it is {}", answer.source());
        }
    })
    .listening_peer()
    .accounts(1)
    .alone();
    let mut s = cases.section("6121", "3.1.6");
    s.must(
        3,
        "6121-3.1.6-06",
        "an approval from afar that nobody asked for changes nothing",
        async |scene| {
            let (mut wire, _peer) = authorised(scene).await.setup("dialback")?;
            let mut user = scene.online(&scene.account(0), "").await?;
            user.empty_roster().await?;
            user.roster().await?;
            let (from, to) = (format!("b@{}", ours(scene)), scene.account(0).jid);
            wire.send_marked(format!("<presence type='subscribed' from='{from}' to='{to}'/>"))
                .await;
            // What comes behind it marks the end.
            wire.send(format!(
                "<message type='chat' from='{from}/x' to='{}' id='mark'><body>b</body></message>",
                user.jid
            ))
            .await;
            user.wait_for("the mark", |e| e.attr("id").as_deref() == Some("mark")).await?;
            let told = user.take_where(|e| {
                e.name() == "presence" && e.attr("type").as_deref() == Some("subscribed")
            });
            ensure!(told.is_none(), "the user is told");
            let items = user.roster().await?;
            ensure!(items.is_empty(), "there are {} items in the roster", items.len());
            Ok(())
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
    let mut s = cases.section("6121", "3.1.3");
    s.must(
        3,
        "6121-3.1.3-07",
        "who is subscribed already, from afar, gets an approval",
        async |scene| {
            let (mut wire, mut peer) = authorised(scene).await.setup("dialback")?;
            let mut user = scene.online(&scene.account(0), "").await?;
            user.empty_roster().await?;
            user.roster().await?;
            let (from, to) = (format!("b@{}", ours(scene)), scene.account(0).jid);
            wire.send(format!("<presence type='subscribe' from='{from}' to='{to}'/>")).await;
            user.wait_for("the request", |e| {
                e.name() == "presence" && e.attr("type").as_deref() == Some("subscribe")
            })
            .await?;
            user.send(format!("<presence type='subscribed' to='{from}'/>")).await;
            let is_approval = |e: xmpp_xml::ElementRef<'_>| {
                e.name() == "presence" && e.attr("type").as_deref() == Some("subscribed")
            };
            peer.wait_for("the approval", is_approval).await?;
            wire.send_marked(format!("<presence type='subscribe' from='{from}' to='{to}'/>")).await;
            let answered = peer.wait_for("the approval", is_approval).await.map(drop);
            user.empty_roster().await?;
            answered
        },
    )
    .listening_peer()
    .accounts(1)
    .alone();
}
