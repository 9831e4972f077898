//! RFC 6120 section 5: STARTTLS negotiation.

use core::time::Duration;

use crate::case::Cases;
use crate::server::Target;
use crate::server::provoke::Stage;
use crate::server::session::{Open, SASL, TLS};
use crate::verdict::{Level, Outcome};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

pub(super) fn cases(cases: &mut Cases<Target>) {
    offered(cases);
    order(cases);
    injection(cases);
    handshake(cases);
    after(cases);
}

/// A stream in the clear that offers STARTTLS.
async fn offering(scene: &Scene) -> Outcome<Open> {
    let open = scene.open("client").await?;
    if !open.offers(TLS, "starttls") {
        skip!("STARTTLS is not offered");
    }
    Ok(open)
}

fn offered(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "5.2");
    s.must(1, "6120-5.2-01", "STARTTLS is offered and works", async |scene| {
        let mut open = scene.open("client").await?;
        ensure!(open.offers(TLS, "starttls"), "it is not offered");
        open.wire.send_marked(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        open.wire.connect_tls(&scene.setting.tls, scene.domain()).await
    });
    let mut s = cases.section("6120", "5.3.1");
    s.should(
        1,
        "6120-5.3.1-02",
        "nothing but STARTTLS is offered where it is required",
        async |scene| {
            let open = offering(scene).await?;
            let required = open
                .features
                .child(xmpp_xml::Ns::new(TLS), "starttls")
                .is_some_and(|e| e.children().any(|c| c.name() == "required"));
            if !required {
                skip!("it is not required");
            }
            let count = open.features.children().count();
            ensure!(count == 1, "there are {count} features");
            Ok(())
        },
    );
    let mut s = cases.section("6120", "5.4.1");
    s.must(1, "6120-5.4.1-03", "the feature is <starttls/>", async |scene| {
        let open = scene.open("client").await?;
        ensure!(open.offers(TLS, "starttls"), "it is not offered");
        Ok(())
    });
    s.must(
        2,
        "6120-5.3.1-01 6120-5.4.1-04",
        "where it is alone, or SASL waits for it, it is <required/>",
        async |scene| {
            let open = offering(scene).await?;
            if open.offers(SASL, "mechanisms") {
                skip!("SASL is offered without TLS");
            }
            let required = open
                .features
                .child(xmpp_xml::Ns::new(TLS), "starttls")
                .is_some_and(|e| e.children().any(|c| c.name() == "required"));
            let alone = open.features.children().count() == 1;
            ensure!(required || alone, "it is neither alone nor required");
            Ok(())
        },
    );
}

fn order(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "5.4.2.1");
    s.must(
        1,
        "6120-5.4.2.1-01",
        "<starttls/> is answered with <proceed/> or <failure/>",
        async |scene| {
            let mut open = offering(scene).await?;
            open.wire.send_marked(STARTTLS).await;
            let answer = open.wire.element("an answer").await?;
            let name = answer.name();
            ensure!(answer.ns() == TLS && matches!(name, "proceed" | "failure"), "it is <{name}/>");
            Ok(())
        },
    );
    let mut s = cases.section("6120", "5.4.2.3");
    s.must(1, "6120-5.4.2.3-01", "it is answered with <proceed/>", async |scene| {
        let mut open = offering(scene).await?;
        open.wire.send_marked(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await.map(drop)
    });
    let mut s = cases.section("6120", "5.3.3");
    s.must(1, "6120-5.3.3-01", "no white space around <proceed/>", async |scene| {
        let mut open = offering(scene).await?;
        let before = scene.transcript.received("client").len();
        open.wire.send_marked(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        let received = scene.transcript.received("client").split_off(before);
        ensure!(received.starts_with(b"<") && received.ends_with(b">"), "there is");
        ensure!(!open.wire.has_unread(), "there is more behind it");
        Ok(())
    });
    let mut s = cases.section("6120", "5.3.4");
    s.must(
        1,
        "6120-5.3.4-01 6120-5.4.3.3-06",
        "STARTTLS cannot be begun once more under TLS",
        async |scene| {
            let mut open = scene.secure("client").await?;
            open.wire.send_marked(STARTTLS).await;
            match open.wire.item().await {
                Item::Element(e) if e.name() == "proceed" => fail!("it is"),
                _ => Ok(()),
            }
        },
    );
    s.must(2, "6120-5.3.4-01", "STARTTLS cannot be begun in the midst of SASL", async |scene| {
        let mut open = offering(scene).await?;
        if !open.offers(SASL, "mechanisms") {
            skip!("SASL is not offered without TLS");
        }
        open.wire.send(format!("<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'/>")).await;
        open.wire.element("a challenge").await?;
        open.wire.send_marked(STARTTLS).await;
        match open.wire.item().await {
            Item::Element(e) if e.name() == "proceed" => fail!("it is"),
            _ => Ok(()),
        }
    });
    let mut s = cases.section("6120", "5.4.2.2");
    let wrong = [
        ("namespace-of-sasl", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
        ("content-namespace", "<starttls/>"),
        ("another-name", "<begintls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        ("proceed-of-ours", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    ];
    s.table(
        Level::Must,
        1,
        "6120-5.4.2.1-01 6120-5.4.2.2-01",
        "what is not <starttls/> does not begin TLS",
        wrong,
        async |scene, element| {
            let mut open = offering(scene).await?;
            open.wire.send_marked(element).await;
            open.wire.patience = Duration::from_secs(2);
            match open.wire.item().await {
                Item::Element(e) if e.name() == "proceed" => fail!("it does"),
                _ => Ok(()),
            }
        },
    );
}

fn injection(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "5.4.2.3");
    let what = [
        ("header", ""),
        (
            "header-and-auth",
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHgAeA==</auth>",
        ),
    ];
    s.table(
        Level::Must,
        2,
        "6120-5.4.2.3-02 6120-5.4.3.3-03",
        "what stands behind <starttls/> in the clear is not taken as if it came under TLS",
        what,
        async |scene, more| {
            let mut open = offering(scene).await?;
            let header = scene.header();
            open.wire.send_marked(format!("{STARTTLS}{header}{more}")).await;
            match open.wire.item().await {
                Item::Element(e) if e.name() == "proceed" => {}
                // It did not even begin.
                _ => return Ok(()),
            }
            if open.wire.has_unread()
                || open.wire.connect_tls(&scene.setting.tls, scene.domain()).await.is_err()
            {
                return Ok(());
            }
            // Nothing has been said under TLS: an answer now is one to what stood in the clear.
            open.wire.patience = Duration::from_millis(1500);
            match open.wire.item().await {
                Item::Header(_) | Item::Element(_) => fail!("it is answered"),
                _ => Ok(()),
            }
        },
    );
}

fn handshake(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "5.4.3.1");
    s.must(
        1,
        "6120-5.4.3.1-03",
        "a certificate is shown, and it is good for the domain",
        async |scene| {
            let open = scene.secure("client").await?;
            let facts = open.wire.tls_facts();
            ensure!(facts.is_some_and(|facts| facts.peer.is_some()), "there is none");
            Ok(())
        },
    );
    s.must(2, "6120-5.4.3.1-02", "nothing but TLS behind <proceed/>", async |scene| {
        let mut open = offering(scene).await?;
        open.wire.send(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        open.wire.patience = Duration::from_millis(500);
        match open.wire.item().await {
            Item::Silence => Ok(()),
            other => fail!("it is for us to begin; {}", other.what()),
        }
    });
    let mut s = cases.section("6120", "5.4.3.2");
    let rows: [(&str, &[u8]); 3] = [
        ("xml", b"<stream:stream to='x' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"),
        ("zeros", &[0; 64]),
        ("broken-client-hello", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"),
    ];
    s.table(
        Level::Must,
        1,
        "6120-5.4.3.2-01",
        "the connection ends when the handshake fails",
        rows,
        async |scene, bytes| {
            let mut open = offering(scene).await?;
            open.wire.send(STARTTLS).await;
            open.wire.expect_named(TLS, "proceed").await?;
            open.wire.send_marked(bytes).await;
            match open.wire.drain().await {
                Some(_) => Ok(()),
                None => fail!("it is still there"),
            }
        },
    );
    s.must(2, "6120-5.4.3.2-02", "no closing tag when the handshake fails", async |scene| {
        let mut open = offering(scene).await?;
        open.wire.send(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        open.wire.send_marked([0; 64]).await;
        let _ = open.wire.drain().await;
        let received = scene.transcript.received("client");
        let tag = b"</stream:stream>";
        ensure!(!received.windows(tag.len()).any(|w| w == tag), "there is one");
        Ok(())
    });
}

fn after(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "5.4.3.3");
    s.must(1, "6120-5.4.3.3-05", "a new header with a new id under TLS", async |scene| {
        let mut open = offering(scene).await?;
        let before = open.header.attr("id").map(|id| id.into_owned());
        open.wire.send(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        scene.begin_tls(&mut open.wire).await?;
        let open = scene.open_on(open.wire).await?;
        let after = open.header.attr("id").map(|id| id.into_owned());
        ensure!(after.is_some() && after != before, "{before:?}, then {after:?}");
        Ok(())
    });
    s.must(2, "6120-5.4.3.3-06", "features without STARTTLS under TLS", async |scene| {
        let open = scene.secure("client").await?;
        ensure!(!open.offers(TLS, "starttls"), "it is offered");
        Ok(())
    });
    s.should(3, "6120-5.4.3.3-06 6120-6.4.1-04", "SASL is offered under TLS", async |scene| {
        let open = scene.secure("client").await?;
        ensure!(open.offers(SASL, "mechanisms"), "it is not");
        Ok(())
    });
    s.must(4, "6120-5.3.2-01", "without a new header, nothing goes on under TLS", async |scene| {
        let mut open = offering(scene).await?;
        open.wire.send(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        scene.begin_tls(&mut open.wire).await?;
        open.wire.send_marked(format!("<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'/>")).await;
        loop {
            match open.wire.item().await {
                Item::Element(e) if e.ns() == SASL => fail!("<{}/> came", e.name()),
                Item::Element(e) if StreamError::of(&e).is_some() => return Ok(()),
                Item::Header(_) => {}
                Item::Closed | Item::End(_) => return Ok(()),
                other => fail!("a stream error is expected; {}", other.what()),
            }
        }
    });
    s.must(
        5,
        "6120-5.4.3.3-03",
        "a stream to another host in the clear does not count under TLS",
        async |scene| {
            let mut open = offering(scene).await?;
            open.wire.send(STARTTLS).await;
            open.wire.expect_named(TLS, "proceed").await?;
            scene.begin_tls(&mut open.wire).await?;
            let other =
                scene.header().replace(&format!("to='{}'", scene.domain()), "to='nobody.invalid'");
            open.wire.send_marked(other).await;
            open.wire.stream_error().await.map(drop)
        },
    );
    let mut s = cases.section("6120", "13.9.5");
    s.must(1, "6120-13.9.5-01", "SSL 2.0 and 3.0 are not spoken", async |scene| {
        let mut open = offering(scene).await?;
        open.wire.send(STARTTLS).await;
        open.wire.expect_named(TLS, "proceed").await?;
        // A ClientHello of SSL 3.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
        let mut hello = vec![0x16, 3, 0, 0, 45, 1, 0, 0, 41, 3, 0];
        hello.extend_from_slice(&[7; 32]);
        hello.extend_from_slice(&[0, 0, 2, 0, 0x2F, 1, 0]);
        open.wire.send_marked(&hello).await;
        let _ = open.wire.drain().await;
        let answer = scene.transcript.received("client");
        // A handshake record of version 3.0 would be a ServerHello.
        let spoken = answer.windows(3).any(|w| w == [0x16, 3, 0]);
        ensure!(!spoken, "a ServerHello came");
        Ok(())
    });
    let mut s = cases.section("6120", "13.8.1");
    s.must(1, "6120-13.8.1-01", "SCRAM-SHA-1 is offered", async |scene| {
        let mechanisms = scene.secure("client").await?.mechanisms();
        ensure!(mechanisms.iter().any(|m| m == "SCRAM-SHA-1"), "there are {mechanisms:?}");
        Ok(())
    });
    s.must(2, "6120-13.8.1-01", "SCRAM-SHA-1-PLUS is offered", async |scene| {
        let mechanisms = scene.secure("client").await?.mechanisms();
        ensure!(mechanisms.iter().any(|m| m == "SCRAM-SHA-1-PLUS"), "there are {mechanisms:?}");
        Ok(())
    });
    let mut s = cases.section("6120", "13.8.3");
    s.must(1, "6120-13.8.3-04", "PLAIN is not offered in the clear", async |scene| {
        let mechanisms = scene.open("client").await?.mechanisms();
        ensure!(!mechanisms.iter().any(|m| m == "PLAIN"), "there are {mechanisms:?}");
        Ok(())
    });
    s.must(2, "6120-13.8.3-04", "PLAIN does not work in the clear", async |scene| {
        let account = scene.account(0);
        let mut wire = scene.at(Stage::Clear).await?;
        let message = crate::server::sasl::plain("", &account.user, &account.password);
        wire.send_marked(format!("<auth xmlns='{SASL}' mechanism='PLAIN'>{message}</auth>")).await;
        match wire.item().await {
            Item::Element(e) if e.name() == "success" => fail!("it does"),
            Item::Element(_) | Item::Closed | Item::End(_) => Ok(()),
            other => fail!("a refusal is expected; {}", other.what()),
        }
    })
    .accounts(1);
    s.should(3, "6120-13.8.3-05", "PLAIN is not offered beside SCRAM", async |scene| {
        let mechanisms = scene.secure("client").await?.mechanisms();
        let scram = mechanisms.iter().any(|m| m.starts_with("SCRAM-"));
        ensure!(!scram || !mechanisms.iter().any(|m| m == "PLAIN"), "there are {mechanisms:?}");
        Ok(())
    });
}
