//! RFC 6120 section 4: what a client says to open a stream, and how it takes what it is
//! answered.

use crate::case::Cases;
use crate::client::host::{MECHANISMS, SASL, STARTTLS, TLS};
use crate::client::{Scene, Section, Stage};
use crate::ensure;
use crate::verdict::Level;

/// RFC 6120 section 4.1.
const CONTAINER: &str = "An XML stream is a container for the exchange of XML elements between \
    any two entities over a network.";

pub(super) fn cases(cases: &mut Cases<Stage>) {
    headers(cases);
    features(&mut cases.section("6120", "4.3.2"));
    answers(cases);
    cut(&mut cases.section("6120", "4.1"));
}

fn headers(cases: &mut Cases<Stage>) {
    cases.section("6120", "4.7.1").should(
        1,
        "6120-4.7.1-01",
        "the header says 'from' under TLS",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            let header = wire.header().await?;
            let (from, account) = (header.attr("from"), scene.setting.account());
            ensure!(from.as_deref() == Some(&*account), "'from' is {from:?}");
            Ok(())
        },
    );
    cases.section("6120", "4.7.2").must(
        1,
        "6120-4.7.2-01",
        "the header's 'to' is the domain",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            let header = wire.header().await?;
            let to = header.attr("to");
            ensure!(to.as_deref() == Some(&*scene.setting.domain), "'to' is {to:?}");
            Ok(())
        },
    );
    cases.section("6120", "4.7.3").must(
        1,
        "6120-4.7.3-03",
        "the header has no 'id'",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            let header = wire.header().await?;
            ensure!(header.attr("id").is_none(), "'id' is {:?}", header.attr("id"));
            Ok(())
        },
    );
    cases.section("6120", "4.7.4").should(
        1,
        "6120-4.7.4-02",
        "the header has 'xml:lang'",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            let header = wire.header().await?;
            ensure!(header.source().contains("xml:lang="), "there is none");
            Ok(())
        },
    );
    let mut version = cases.section("6120", "4.7.5");
    version.must(1, "6120-4.7.5-04", "the header's version is 1.0", async |scene: &mut Scene| {
        let mut wire = scene.accept("client").await?;
        let header = wire.header().await?;
        ensure!(
            header.attr("version").as_deref() == Some("1.0"),
            "it is {:?}",
            header.attr("version")
        );
        Ok(())
    });
    version.must(
        2,
        "6120-4.7.5-03",
        "a higher minor version is taken",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            wire.header().await?;
            wire.send_marked(scene.opening(STARTTLS).replace("version='1.0' ", "version='1.1' "))
                .await;
            wire.expect_named(TLS, "starttls").await?;
            Ok(())
        },
    );
    cases.section("6120", "4.8.3").must(
        1,
        "6120-4.8.3-05",
        "the content namespace is jabber:client",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            let header = wire.header().await?;
            let source = header.source();
            let default = ["xmlns='jabber:client'", "xmlns=\"jabber:client\""];
            ensure!(
                default.iter().any(|text| source.contains(text)),
                "the header declares another: {source}"
            );
            Ok(())
        },
    );
}

fn features(section: &mut Section<'_>) {
    let odd = "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>\
        <new xmlns='urn:example:never-heard-of'><required-not/><deep><er/></deep></new>";
    section.must(
        1,
        "6120-4.3.2-03",
        "features that it does not know are no hindrance",
        async move |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            scene.open(&mut wire, &format!("{odd}{STARTTLS}{odd}")).await?;
            wire.expect_named(TLS, "starttls").await?;
            Ok(())
        },
    );
    section.must(
        2,
        "6120-8.4-06",
        "prefixes of features are of no account",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            scene
                .open(&mut wire, &format!("<a:starttls xmlns:a='{TLS}'><a:required/></a:starttls>"))
                .await?;
            wire.expect_named(TLS, "starttls").await?;
            Ok(())
        },
    );
    section.must(
        3,
        "6120-6.4.1-04",
        "what has a feature's name in another namespace is none",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            scene.open(&mut wire, &MECHANISMS.replace(SASL, "urn:example:other")).await?;
            scene.must_give_up(&mut wire, "nothing that it knows was offered").await
        },
    );
}

fn answers(cases: &mut Cases<Stage>) {
    cases.section("6120", "4.8.1").must(
        1,
        "6120-4.8.1-02",
        "a stream of another namespace is not gone on with",
        async |scene: &mut Scene| {
            let mut wire = scene.accept("client").await?;
            wire.header().await?;
            wire.send_marked(
                scene
                    .opening(STARTTLS)
                    .replace("http://etherx.jabber.org/streams", "urn:example:streams"),
            )
            .await;
            scene.must_give_up(&mut wire, "the stream's namespace is another").await
        },
    );
    cases.section("6120", "13.7.2").should(
        2,
        "6120-13.7.2-05",
        "a header under TLS from another domain ends the attempt",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            wire.header().await?;
            let from = format!("from='{}'", scene.setting.domain);
            wire.send_marked(scene.opening(MECHANISMS).replace(&from, "from='other.example'"))
                .await;
            scene
                .must_give_up(&mut wire, "the header is from another domain than the certificate")
                .await
        },
    );
}

fn cut(section: &mut Section<'_>) {
    section.may(1, CONTAINER, "a stream that comes byte by byte", async |scene: &mut Scene| {
        let mut wire = scene.accept("client").await?;
        wire.header().await?;
        byte_by_byte(&mut wire, &scene.opening(STARTTLS)).await;
        wire.expect_named(TLS, "starttls").await?;
        Ok(())
    });
    section.may(2, CONTAINER, "a session that comes byte by byte", async |scene: &mut Scene| {
        let mut session = scene.session().await?;
        session.settle().await?;
        let message = format!(
            "{}<iq type='get' id='cut' from='{}'><ping xmlns='urn:xmpp:ping'/></iq>",
            session.message("b\u{e4}r \u{1F980}"),
            session.domain
        );
        byte_by_byte(&mut session.wire, &message).await;
        session.goes_on().await
    });
    section.may(
        3,
        CONTAINER,
        "the header in one packet, its features in the next",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            wire.header().await?;
            wire.send(scene.header()).await;
            tokio::time::sleep(core::time::Duration::from_millis(200)).await;
            wire.send(format!("<stream:features>{MECHANISMS}</stream:features>")).await;
            wire.expect_named(SASL, "auth").await?;
            Ok(())
        },
    );
    section.may(4, CONTAINER, "many stanzas in one packet", async |scene: &mut Scene| {
        let mut session = scene.session().await?;
        session.settle().await?;
        let many: String = (0..50).map(|n| session.message(&format!("number {n}"))).collect();
        session.send_marked(many).await;
        session.goes_on().await
    });
    section.table(
        Level::Must,
        5,
        "6120-11.7-01",
        "space between elements is nothing",
        [
            ("a-space", " "),
            ("line-feeds", "\n\r\n"),
            ("many", "                                                                "),
        ],
        async |scene: &mut Scene, space: &str| {
            let (mut wire, request) =
                scene.binding(&format!("{space}<x xmlns='urn:example:x'/>{space}")).await?;
            wire.send_marked(space).await;
            let mut session = super::binding::bound(scene, wire, &request).await;
            session.send_marked(space).await;
            session.settle().await?;
            session.send_marked(space.repeat(20)).await;
            session.goes_on().await
        },
    );
}

async fn byte_by_byte(wire: &mut crate::wire::Wire, text: &str) {
    for byte in text.as_bytes() {
        wire.send([*byte]).await;
        tokio::time::sleep(core::time::Duration::from_millis(1)).await;
    }
}
