//! RFC 6120 section 5: STARTTLS, and what an attacker in the middle does to it.

use xmpp_xml::Ns;

use crate::case::Cases;
use crate::client::authority::Shown;
use crate::client::host::{BINDING, MECHANISMS, PROCEED, SASL, STARTTLS, SUCCESS, TLS, mechanisms};
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Fault, Level};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail, skip};

pub(super) fn cases(cases: &mut Cases<Stage>) {
    cases.section("6120", "5.2").must(
        1,
        "6120-5.2-01",
        "the client uses STARTTLS",
        async |scene: &mut Scene| scene.secured().await.map(drop),
    );
    cases.section("6120", "5.3.1").must(
        1,
        "6120-5.3.1-01",
        "STARTTLS alone is mandatory without saying so",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            scene.open(&mut wire, &format!("<starttls xmlns='{TLS}'/>")).await?;
            wire.expect_named(TLS, "starttls").await?;
            Ok(())
        },
    );
    cases.section("6120", "5.3.4").must(
        1,
        "6120-5.3.4-01",
        "with STARTTLS and mechanisms offered, TLS comes first",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            scene.open(&mut wire, &format!("{MECHANISMS}<starttls xmlns='{TLS}'/>")).await?;
            let first = wire.element("<starttls/>").await?;
            ensure!(first.name() == "starttls", "<{}/> came first", first.name());
            Ok(())
        },
    );
    stripped(cases);
    injected(&mut cases.section("6120", "5.4.3.3"));
}

fn stripped(cases: &mut Cases<Stage>) {
    cases.section("6120", "5.2").should(
        2,
        "6120-5.2-03",
        "without STARTTLS nobody logs in",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            scene.open(&mut wire, MECHANISMS).await?;
            scene.must_not_log_in(&mut wire, "STARTTLS is not offered").await
        },
    );
    cases.section("6120", "13.8.3").must(
        1,
        "6120-13.8.3-03",
        "no password goes out in the clear",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            scene.open(&mut wire, &mechanisms(&["PLAIN"])).await?;
            scene.must_not_log_in(&mut wire, "PLAIN is offered without TLS").await
        },
    );
    cases.section("6120", "5.4.2.2").must(
        1,
        "6120-5.3.1-01",
        "after <failure/> of STARTTLS nobody logs in in the clear",
        async |scene: &mut Scene| {
            let mut wire = scene.asked_for_tls().await?;
            // An attacker would not close the stream as the RFC has it.
            wire.send_marked(format!(
                "<failure xmlns='{TLS}'/><stream:features>{MECHANISMS}</stream:features>"
            ))
            .await;
            scene.must_give_up(&mut wire, "there is no TLS").await
        },
    );
    cases.section("6120", "5.3.4").table(Level::Must, 2, "6120-5.3.1-01", "what nobody asked for in the clear is no success", [
        ("of-sasl", SUCCESS),
        ("of-binding", "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@im.conformance.test/x</jid></bind></iq>"),
    ], async |scene: &mut Scene, success: &str| {
        let mut wire = scene.asked_for_tls().await?;
        wire.send_marked(format!("{success}<stream:features>{BINDING}</stream:features>")).await;
        scene.must_give_up(&mut wire, "it is neither under TLS nor authenticated").await
    });
}

fn injected(section: &mut Section<'_>) {
    section.must(
        1,
        "6120-5.4.3.3-04",
        "under TLS a new header comes",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            wire.header().await?;
            Ok(())
        },
    );
    section.table(Level::Must, 2, "6120-5.4.3.3-02", "what stands behind <proceed/> in the clear does not count under TLS", [
        ("features", format!("<stream:features>{MECHANISMS}</stream:features>")),
        ("stream-and-features", format!("<stream:stream from='im.conformance.test' id='evil' version='1.0' xmlns='jabber:client' \
            xmlns:stream='http://etherx.jabber.org/streams'><stream:features>{}</stream:features>", mechanisms(&["PLAIN"]))),
        ("stream-and-scram", format!("<stream:stream from='im.conformance.test' id='evil' version='1.0' xmlns='jabber:client' \
            xmlns:stream='http://etherx.jabber.org/streams'><stream:features>{MECHANISMS}</stream:features>")),
        ("success", SUCCESS.to_owned()),
        ("half-an-element", "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>".to_owned()),
    ], async |scene: &mut Scene, injected: String| {
        let mut wire = scene.asked_for_tls().await?;
        wire.send_marked(format!("{PROCEED}{injected}")).await;
        match scene.begin_tls(&mut wire, Shown::Right).await {
            // The bytes are taken for TLS, or the client has given up: either will do.
            Err(Fault::Failed(_)) => return Ok(()),
            Err(other) => return Err(other),
            Ok(()) => {}
        }
        match wire.item().await {
            Item::Header(_) => {}
            // It has seen them, and given up.
            Item::Closed | Item::End(_) => return Ok(()),
            other => fail!("a header is expected; {}", other.what()),
        }
        // We say nothing: whatever comes now answers what was injected.
        scene.must_give_up(&mut wire, "nothing was said under TLS").await
    });
    section.must(
        3,
        "6120-5.4.3.3-02",
        "mechanisms offered in the clear do not count under TLS",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            // Under TLS stands the one that each client has to have (section 13.8.1), and in the
            // clear the one that is preferred to it.
            scene.open(&mut wire, &format!("{STARTTLS}{}", mechanisms(&["SCRAM-SHA-256"]))).await?;
            wire.expect_named(TLS, "starttls").await?;
            wire.send(PROCEED).await;
            scene.begin_tls(&mut wire, Shown::Right).await?;
            scene.open(&mut wire, &mechanisms(&["SCRAM-SHA-1"])).await?;
            match wire.item().await {
                Item::Element(auth) if auth.is(Ns::new(SASL), "auth") => {
                    let used = auth.attr("mechanism");
                    ensure!(used.as_deref() == Some("SCRAM-SHA-1"), "{used:?} is used");
                    Ok(())
                }
                // A client may be told to use none but the other.
                Item::Closed | Item::End(_) | Item::Silence => {
                    skip!("the client does not use SCRAM-SHA-1")
                }
                Item::Element(element) if StreamError::of(&element).is_some() => {
                    skip!("the client does not use SCRAM-SHA-1")
                }
                other => fail!("<auth/> is expected; {}", other.what()),
            }
        },
    );
}
