//! XEP-0220: server dialback. We act as a peer server, and as the authoritative server of
//! our domain.

use core::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;
use xmpp_xml::{Element, ElementRef, Ns};

use crate::case::Cases;
use crate::server::sasl::random;
use crate::server::session::{STREAMS, TLS};
use crate::server::{Peer, Target, User};
use crate::verdict::{Fault, Level, Outcome, Setup as _};
use crate::wire::{Item, StreamError, Wire};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const DB: Ns<'_> = Ns::new("jabber:server:dialback");
const SERVER: Ns<'_> = Ns::new("jabber:server");

/// A stream of ours to the server.
struct Out {
    wire: Wire,
    features: Element,
    /// What the server calls the stream.
    id: String,
    us: String,
    them: String,
}

fn peer(scene: &Scene) -> Outcome<Peer> {
    scene.setting.peer.clone().ok_or_else(|| Fault::Skipped("no port for servers".into()))
}

fn header(from: &str, to: &str, id: &str) -> String {
    format!(
        "<?xml version='1.0'?><stream:stream from='{from}' to='{to}'{id} version='1.0' \
         xmlns='jabber:server' xmlns:db='jabber:server:dialback' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    )
}

impl Out {
    /// Opens a stream, under TLS where the server has it.
    async fn open(scene: &Scene) -> Outcome<Self> {
        let peer = peer(scene)?;
        let us = peer.domain.unwrap_or_else(|| "peer.invalid".into());
        let them = scene.domain().to_owned();
        let mut wire = Wire::connect(&*peer.address, "us to them", &scene.transcript).await?;
        let (mut id, mut features) = Self::header(&mut wire, &us, &them).await?;
        if features.child(Ns::new(TLS), "starttls").is_some() {
            wire.send(format!("<starttls xmlns='{TLS}'/>")).await;
            wire.expect_named(TLS, "proceed").await.setup("STARTTLS")?;
            scene.begin_tls(&mut wire).await?;
            (id, features) = Self::header(&mut wire, &us, &them).await?;
        }
        Ok(Self { wire, features, id, us, them })
    }

    async fn header(wire: &mut Wire, us: &str, them: &str) -> Outcome<(String, Element)> {
        wire.send(header(us, them, "")).await;
        let answer = wire.header().await.setup("opening a stream")?;
        let features = wire.expect_named(STREAMS, "features").await.setup("opening a stream")?;
        Ok((answer.attr("id").unwrap_or_default().into_owned(), features))
    }

    /// The same, on a server that has dialback.
    async fn with_dialback(scene: &Scene) -> Outcome<Self> {
        let out = Self::open(scene).await?;
        if out.features.child(Ns::new("urn:xmpp:features:dialback"), "dialback").is_none() {
            skip!("dialback is not offered");
        }
        Ok(out)
    }

    async fn send_key(&mut self, key: &str) {
        let (us, them) = (&self.us, &self.them);
        self.wire
            .send_marked(format!("<db:result from='{us}' to='{them}'>{key}</db:result>"))
            .await;
    }

    /// The server's answer to a key.
    async fn result(&mut self) -> Outcome<String> {
        let result = self
            .wire
            .wait_for("<db:result/>", |e| e.is(DB, "result") && e.attr("type").is_some())
            .await?;
        let (from, to) = (result.attr("from"), result.attr("to"));
        let right = from.as_deref() == Some(&*self.them) && to.as_deref() == Some(&*self.us);
        ensure!(right, "the addresses of the result are wrong: {}", result.source());
        Ok(result.attr("type").unwrap_or_default().into_owned())
    }

    /// A message of a user of ours.
    async fn message(&mut self, from: &str, to: &str, id: &str) {
        self.wire
            .send_marked(format!(
                "<message type='headline' from='{from}' to='{to}' id='{id}'><body>b</body></message>"
            ))
            .await;
    }
}

/// Where the server finds our domain.
struct Home(TcpListener);

/// A stream of the server's to us.
struct In {
    wire: Wire,
    /// What we call it.
    id: String,
}

impl Home {
    async fn open(scene: &Scene) -> Outcome<Self> {
        let address =
            peer(scene)?.listen.ok_or_else(|| Fault::Skipped("nowhere to listen".into()))?;
        for _ in 0..20 {
            if let Ok(listener) = TcpListener::bind(&*address).await {
                return Ok(Self(listener));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Fault::Error(format!("{address} is taken")))
    }

    /// Takes the server's stream. It is one in the clear.
    async fn accept(&self, scene: &Scene, us: &str) -> Outcome<In> {
        let accepted = timeout(crate::wire::PATIENCE, self.0.accept()).await;
        let Ok(Ok((stream, _))) = accepted else { fail!("the server does not connect to us") };
        let mut wire = Wire::of(stream, "them to us", &scene.transcript);
        wire.header().await?;
        let id = random();
        let named = format!(" id='{id}'");
        wire.send(header(us, scene.domain(), &named)).await;
        wire.send("<stream:features><dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>").await;
        Ok(In { wire, id })
    }
}

impl In {
    /// The request for verification. Some servers send it only once they are let in
    /// themselves: whoever asks is.
    async fn verify(&mut self) -> Outcome<Element> {
        loop {
            let element = match self.wire.item().await {
                Item::Element(element) => element,
                other => skip!("the server does not verify in the clear: {}", other.what()),
            };
            let of = |name: &str| element.attr(name).unwrap_or_default().into_owned();
            if element.is(DB, "verify") {
                return Ok(element);
            }
            if element.is(DB, "result") {
                let (from, to) = (of("to"), of("from"));
                self.wire.send(format!("<db:result from='{from}' to='{to}' type='valid'/>")).await;
            } else {
                skip!("the server does not verify in the clear: {}", Item::Element(element).what());
            }
        }
    }

    async fn answer(&mut self, request: &Element, kind: &str) {
        let of = |name: &str| request.attr(name).unwrap_or_default().into_owned();
        self.answer_as(&of("to"), &of("from"), &of("id"), kind).await;
    }

    async fn answer_as(&mut self, from: &str, to: &str, id: &str, kind: &str) {
        self.wire
            .send_marked(format!("<db:verify from='{from}' to='{to}' id='{id}' type='{kind}'/>"))
            .await;
    }
}

/// A key that is sent, and the request for its verification.
async fn asked(scene: &Scene) -> Outcome<(Out, Home, In, Element)> {
    let home = Home::open(scene).await?;
    let mut out = Out::with_dialback(scene).await?;
    out.send_key("0123456789abcdef").await;
    let mut back = home.accept(scene, &out.us.clone()).await?;
    let request = back.verify().await?;
    Ok((out, home, back, request))
}

/// A stream on which the server takes stanzas of ours.
async fn verified(scene: &Scene) -> Outcome<(Out, Home, In)> {
    let (mut out, home, mut back, request) = asked(scene).await?;
    back.answer(&request, "valid").await;
    let kind = out.result().await?;
    ensure!(kind == "valid", "the result is {kind}");
    Ok((out, home, back))
}

async fn not_delivered(out: &mut Out, user: &mut User, id: &str) -> Outcome {
    // Time for what should not be.
    out.wire.patience = Duration::from_millis(500);
    let _ = out.wire.stream_error().await;
    let all = user.all_of_own().await?;
    ensure!(!all.iter().any(|e| e.attr("id").as_deref() == Some(id)), "it is delivered");
    Ok(())
}

pub(super) fn cases(cases: &mut Cases<Target>) {
    authorization(cases);
    correlation(cases);
    authoritative(cases);
    keys(cases);
}

fn authorization(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.1.2");
    s.must(1, "the element MUST possess a 'from' attribute whose value is the Target Domain, MUST possess a 'to' attribute whose value is the Sender Domain as provided in the 'from' attribute of Step 1, and MUST possess an 'id' attribute", "the request for verification: addresses, id and key", async |scene| {
        let (out, _home, _back, request) = asked(scene).await?;
        let of = |name: &str| request.attr(name).unwrap_or_default().into_owned();
        let right = of("from") == out.them && of("to") == out.us && of("id") == out.id && request.text() == "0123456789abcdef";
        ensure!(right, "it is {}, of the stream {}", request.source(), out.id);
        Ok(())
    })
    .listening_peer()
    .alone();
    let mut s = cases.section("XEP-0220", "2.2.1");
    s.must(1, "This is done by creating a <db:result/> element which MUST possess a 'from' attribute whose value is the Target Domain, MUST possess a 'to' attribute whose value is the Sender Domain, and MUST possess a 'type' attribute whose value is either \"valid\" or \"invalid\"", "a right key: valid", async |scene| {
        verified(scene).await.map(drop)
    })
    .listening_peer()
    .alone();
    let invalid = "If no other valid domain pairs exist for this connection (i.e., if this is the first attempt), the Receiving Server SHOULD send a result with type \"invalid\" and MUST close the XML stream.";
    s.should(2, invalid, "a wrong key: invalid", async |scene| {
        let (mut out, _home, mut back, request) = asked(scene).await?;
        back.answer(&request, "invalid").await;
        let kind = out.result().await?;
        ensure!(kind == "invalid", "the result is {kind}");
        Ok(())
    })
    .listening_peer()
    .alone();
    s.must(3, invalid, "a wrong key: the stream is closed", async |scene| {
        let (mut out, _home, mut back, request) = asked(scene).await?;
        back.answer(&request, "invalid").await;
        loop {
            match out.wire.item().await {
                Item::Closed | Item::End(_) => return Ok(()),
                Item::Element(_) => {}
                other => fail!("{}", other.what()),
            }
        }
    })
    .listening_peer()
    .alone();
    let verify = "Before the Receiving Server allows the Initiating Server to send stanzas from the Sender Domain (here \"capulet.example\") to the Target Domain (here \"montague.example\"), it MUST verify the identity of the Initiating Server.";
    s.must(4, verify, "no stanzas before verification", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let mut out = Out::open(scene).await?;
        let from = format!("a@{}", out.us);
        out.message(&from, &user.jid, "early").await;
        not_delivered(&mut out, &mut user, "early").await
    })
    .accounts(1)
    .peer();
    s.must(5, verify, "no stanzas behind a key that is not verified yet", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut out, _home, _back, _) = asked(scene).await?;
        let from = format!("a@{}", out.us);
        out.message(&from, &user.jid, "early").await;
        not_delivered(&mut out, &mut user, "early").await
    })
    .accounts(1)
    .listening_peer()
    .alone();
    s.must(6, verify, "stanzas after verification are delivered", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut out, _home, _back) = verified(scene).await?;
        let from = format!("a@{}/r", out.us);
        out.message(&from, &user.jid, "late").await;
        let message =
            user.wait_for("the message", |e| e.attr("id").as_deref() == Some("late")).await?;
        ensure!(message.attr("from").as_deref() == Some(&*from), "it is {}", message.source());
        Ok(())
    })
    .accounts(1)
    .listening_peer()
    .alone();
    let rows = [
        ("other", "a@other.test"),
        ("below", "a@x.US"),
        ("ends-alike", "a@xUS"),
        ("server", "a@THEM"),
        ("malformed", "a b@US"),
    ];
    s.table(
        Level::Must,
        7,
        verify,
        "after verification, no stanzas of other domains",
        rows,
        async |scene, from| {
            let mut user = scene.online(&scene.account(0), "").await?;
            let (mut out, _home, _back) = verified(scene).await?;
            let from = from.replace("US", &out.us).replace("THEM", &out.them);
            out.message(&from, &user.jid, "forged").await;
            not_delivered(&mut out, &mut user, "forged").await
        },
    )
    .each(|case| {
        case.accounts(1).listening_peer().alone();
    });
    s.must(8, "If the Target Domain as given in the 'to' attribute of the element is not a configured domain of the Receiving Server, this results in a dialback error. This error, which is explained further under Section 2.4.2, is not a stream error and therefore MUST NOT result in closing of the stream", "a key for a domain that the server has not", async |scene| {
        let mut out = Out::with_dialback(scene).await?;
        let us = out.us.clone();
        out.wire.send_marked(format!("<db:result from='{us}' to='no-such-domain.example'>0123</db:result>")).await;
        let result = out.wire.wait_for("a dialback error", |e| e.is(DB, "result")).await?;
        ensure!(result.attr("type").as_deref() == Some("error"), "it is {}", result.source());
        let error = result.child(SERVER, "error");
        let condition = error.is_some_and(|error| error.children().any(|c| c.has_ns(Ns::new("urn:ietf:params:xml:ns:xmpp-stanzas"))));
        ensure!(condition, "it has no condition: {}", result.source());
        Ok(())
    })
    .peer();
}

fn correlation(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.1.2");
    let correlate = "The Receiving Server MUST ensure that the values of the 'from', 'to' and 'id attributes correlate to a request that was sent over the same XML stream";
    let rows = [("id", 0_u8), ("from", 1), ("to", 2), ("no-id", 3), ("swapped", 4)];
    s.table(
        Level::Must,
        2,
        correlate,
        "an answer that is not to the request",
        rows,
        async |scene, which| {
            let (mut out, _home, mut back, request) = asked(scene).await?;
            let of = |name: &str| request.attr(name).unwrap_or_default().into_owned();
            let (from, to, id) = (of("to"), of("from"), of("id"));
            match which {
                0 => back.answer_as(&from, &to, "other", "valid").await,
                1 => back.answer_as("other.test", &to, &id, "valid").await,
                2 => back.answer_as(&from, "other.test", &id, "valid").await,
                3 => {
                    back.wire
                        .send_marked(format!("<db:verify from='{from}' to='{to}' type='valid'/>"))
                        .await
                }
                _ => back.answer_as(&to, &from, &id, "valid").await,
            }
            out.wire.patience = Duration::from_secs(1);
            if let Ok(kind) = out.result().await {
                ensure!(kind != "valid", "it is taken for one");
            }
            Ok(())
        },
    )
    .each(|case| {
        case.listening_peer().alone();
    });
    let mut s = cases.section("XEP-0220", "3.1");
    s.must(1, correlate, "an answer on a stream of ours that nobody asked for", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let (mut out, _home, _back, request) = asked(scene).await?;
        let id = request.attr("id").unwrap_or_default().into_owned();
        let (us, them) = (out.us.clone(), out.them.clone());
        // The answer comes from us, by the stream that is to be verified.
        out.wire
            .send_marked(format!("<db:verify from='{us}' to='{them}' id='{id}' type='valid'/>"))
            .await;
        let from = format!("a@{us}");
        out.message(&from, &user.jid, "forged").await;
        not_delivered(&mut out, &mut user, "forged").await
    })
    .accounts(1)
    .listening_peer()
    .alone();
    s.must(2, "The Initiating Server MUST ensure that the 'from' and 'to' attributes in this response correlate to a request that was sent over the same XML stream", "a result that nobody asked for lets nobody in", async |scene| {
        let mut user = scene.online(&scene.account(0), "").await?;
        let mut out = Out::with_dialback(scene).await?;
        let (us, them) = (out.us.clone(), out.them.clone());
        out.wire.send_marked(format!("<db:result from='{us}' to='{them}' type='valid'/>")).await;
        let from = format!("a@{us}");
        out.message(&from, &user.jid, "forged").await;
        not_delivered(&mut out, &mut user, "forged").await
    })
    .accounts(1)
    .peer();
}

/// Asks the server, as the authoritative one, for a key.
async fn verify(out: &mut Out, from: &str, to: &str, id: &str, key: &str) -> Outcome<Element> {
    out.wire
        .send_marked(format!("<db:verify from='{from}' to='{to}' id='{id}'>{key}</db:verify>"))
        .await;
    out.wire.wait_for("<db:verify/>", |e: ElementRef<'_>| e.is(DB, "verify")).await
}

fn authoritative(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.2.2");
    let answers = "This is done by creating a <db:verify/> element which MUST possess 'from' and 'to' attributes whose values are swapped from the request, MUST possess an 'id' attribute whose value is copied from the 'id' value of the request, and MUST possess a 'type' attribute whose value is either \"valid\" or \"invalid\".";
    let rows = [
        ("hex", "0123456789abcdef"),
        ("empty", ""),
        ("text", "not a key"),
        (
            "long",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ),
    ];
    s.table(
        Level::Must,
        1,
        answers,
        "a key that the server never made",
        rows,
        async |scene, key| {
            let mut out = Out::with_dialback(scene).await?;
            let (us, them) = (out.us.clone(), out.them.clone());
            let answer = verify(&mut out, &us, &them, "417GAF25", key).await?;
            let of = |name: &str| answer.attr(name).unwrap_or_default().into_owned();
            ensure!(
                of("from") == them && of("to") == us && of("id") == "417GAF25",
                "the attributes are not right: {}",
                answer.source()
            );
            ensure!(of("type") == "invalid", "it is {}", of("type"));
            Ok(())
        },
    )
    .each(|case| {
        case.peer();
    });
    s.must(2, "If the Target Domain as given in the 'to' attribute of the element does not match a configured local domain according to the Authoritative Server, this results in a dialback error. This error, which is explained further under Section 2.4, is not a stream error and therefore MUST NOT result in closing of the stream", "a key of a domain that the server has not", async |scene| {
        let mut out = Out::with_dialback(scene).await?;
        let us = out.us.clone();
        let answer = verify(&mut out, &us, "no-such-domain.example", "417GAF25", "0123").await?;
        ensure!(answer.attr("type").as_deref() == Some("error"), "it is {}", answer.source());
        Ok(())
    })
    .peer();
    let rows = [
        ("no-from", "<db:verify to='THEM' id='i'>0123</db:verify>"),
        ("no-to", "<db:verify from='US' id='i'>0123</db:verify>"),
        ("no-id", "<db:verify from='US' to='THEM'>0123</db:verify>"),
        ("result-without-from", "<db:result to='THEM'>0123</db:result>"),
        ("result-without-to", "<db:result from='US'>0123</db:result>"),
    ];
    s.table(
        Level::Must,
        3,
        answers,
        "what lacks an attribute is not found valid",
        rows,
        async |scene, stanza| {
            let mut out = Out::with_dialback(scene).await?;
            out.wire.send_marked(stanza.replace("US", &out.us).replace("THEM", &out.them)).await;
            out.wire.patience = Duration::from_secs(1);
            loop {
                match out.wire.item().await {
                    Item::Element(e) if StreamError::of(&e).is_some() => return Ok(()),
                    Item::Element(e) => {
                        ensure!(e.attr("type").as_deref() != Some("valid"), "it is: {}", e.source())
                    }
                    Item::Closed | Item::End(_) | Item::Silence => return Ok(()),
                    other => fail!("{}", other.what()),
                }
            }
        },
    )
    .each(|case| {
        case.peer();
    });
}

/// A user of the server sends us something: the stream that the server opens, and its key.
async fn their_key(scene: &Scene) -> Outcome<(User, Home, In, String)> {
    let home = Home::open(scene).await?;
    let mut user = scene.online(&scene.account(0), "").await?;
    let us = peer(scene)?.domain.unwrap_or_default();
    user.send(format!("<message to='a@{us}' id='m'><body>b</body></message>")).await;
    let mut back = home.accept(scene, &us).await?;
    let key = back.wire.wait_for("<db:result/>", |e| e.is(DB, "result")).await;
    let Ok(key) = key else { skip!("the server sends no key in the clear") };
    Ok((user, home, back, key.text().into_owned()))
}

fn keys(cases: &mut Cases<Target>) {
    let mut s = cases.section("XEP-0220", "2.2.2");
    let tells =
        "The Authoritative Server then notifies the Receiving Server whether the key is valid.";
    s.must(4, tells, "the key that the server has sent is valid", async |scene| {
        let (_user, _home, back, key) = their_key(scene).await?;
        let mut out = Out::with_dialback(scene).await?;
        let (us, them) = (out.us.clone(), out.them.clone());
        let answer = verify(&mut out, &us, &them, &back.id, &key).await?;
        ensure!(answer.attr("type").as_deref() == Some("valid"), "it is {}", answer.source());
        Ok(())
    })
    .accounts(1)
    .listening_peer()
    .alone();
    let rows = [("other-stream", 0_u8), ("other-domain", 1), ("cut-short", 2), ("empty", 3)];
    s.table(Level::Must, 5, tells, "and nowhere else", rows, async |scene, which| {
        let (_user, _home, back, key) = their_key(scene).await?;
        let mut out = Out::with_dialback(scene).await?;
        let (us, them) = (out.us.clone(), out.them.clone());
        let answer = match which {
            0 => verify(&mut out, &us, &them, "other-stream", &key).await?,
            1 => verify(&mut out, "other.test", &them, &back.id, &key).await?,
            2 => {
                verify(&mut out, &us, &them, &back.id, &key[..key.len().saturating_sub(1)]).await?
            }
            _ => verify(&mut out, &us, &them, &back.id, "").await?,
        };
        ensure!(answer.attr("type").as_deref() != Some("valid"), "it is valid");
        Ok(())
    })
    .each(|case| {
        case.accounts(1).listening_peer().alone();
    });
    s.must(
        6,
        "MUST NOT attempt to send stanzas until it has received such authorization",
        "the server sends no stanzas before we say that the key is valid",
        async |scene| {
            let (_user, _home, mut back, _) = their_key(scene).await?;
            back.wire.patience = Duration::from_millis(700);
            match back.wire.item().await {
                Item::Element(e) if e.has_ns(SERVER) => fail!("it sends {}", e.source()),
                _ => Ok(()),
            }
        },
    )
    .accounts(1)
    .listening_peer()
    .alone();
    s.must(
        7,
        "MUST NOT attempt to send stanzas until it has received such authorization",
        "it sends them then",
        async |scene| {
            let (_user, _home, mut back, _) = their_key(scene).await?;
            let us = peer(scene)?.domain.unwrap_or_default();
            back.wire
                .send_marked(format!(
                    "<db:result from='{us}' to='{}' type='valid'/>",
                    scene.domain()
                ))
                .await;
            back.wire
                .wait_for("the message", |e| e.attr("id").as_deref() == Some("m"))
                .await
                .map(drop)
        },
    )
    .accounts(1)
    .listening_peer()
    .alone();
    s.must(8, "In this case, the Initiating Server MUST NOT attempt to send any outbound stanzas it has queued up for routing to the Receiving Server for the domain pair but instead MUST return such stanzas to the respective senders", "an invalid key: the message comes back as an error", async |scene| {
        let (mut user, _home, mut back, _) = their_key(scene).await?;
        let us = peer(scene)?.domain.unwrap_or_default();
        back.wire.send_marked(format!("<db:result from='{us}' to='{}' type='invalid'/>", scene.domain())).await;
        user.wait_for("an error", |e| e.attr("id").as_deref() == Some("m") && e.attr("type").as_deref() == Some("error")).await.map(drop)
    })
    .accounts(1)
    .listening_peer()
    .alone();
    let rows = [
        ("other-from", "<db:result from='other.test' to='THEM' type='valid'/>"),
        ("other-to", "<db:result from='US' to='other.test' type='valid'/>"),
    ];
    s.table(Level::Must, 9, "The Initiating Server MUST ensure that the 'from' and 'to' attributes in this response correlate to a request that was sent over the same XML stream", "a result for another pair is none", rows, async |scene, result| {
        let (_user, _home, mut back, _) = their_key(scene).await?;
        let us = peer(scene)?.domain.unwrap_or_default();
        back.wire.send_marked(result.replace("US", &us).replace("THEM", scene.domain())).await;
        back.wire.patience = Duration::from_millis(700);
        match back.wire.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await {
            Ok(_) => fail!("the message comes"),
            Err(_) => Ok(()),
        }
    })
    .each(|case| {
        case.accounts(1).listening_peer().alone();
    });
}
