//! RFC 6120 section 6: which mechanism a client takes, and how it takes the answers.

use core::time::Duration;

use tokio::time::Instant;

use crate::case::Cases;
use crate::client::host::{SASL, attr, challenge, mechanisms, success};
use crate::client::scram::ServerFirst;
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Fault, Level, Outcome};
use crate::wire::{Item, StreamError};
use crate::{ensure, fail};

pub(super) fn cases(cases: &mut Cases<Stage>) {
    cases.section("6120", "6.2").must(
        1,
        "6120-6.2-01",
        "the client authenticates",
        async |scene: &mut Scene| scene.proved().await.map(drop),
    );
    mechanism(cases);
    name(&mut cases.section("6120", "6.3.7"));
    base64(&mut cases.section("6120", "13.9.1"));
    answers(&mut cases.section("6120", "6.4.5"));
    successes(&mut cases.section("6120", "6.4.6"));
    cases.section("6120", "13.9.1").table(
        Level::Must,
        1,
        "6120-13.9.1-01",
        "a challenge that is no base64 is not answered",
        [
            ("other-characters", "!!!! no base64 !!!!"),
            ("too-much-padding", "cj1h===="),
            ("an-element", "<r xmlns='urn:example:r'>cj1h</r>"),
        ],
        async |scene: &mut Scene, text: &str| {
            let (mut wire, _) = scene.begun().await?;
            wire.send_marked(format!("<challenge xmlns='{SASL}'>{text}</challenge>")).await;
            scene.must_give_up(&mut wire, "the challenge is no base64").await
        },
    );
}

fn name(section: &mut Section<'_>) {
    section.should(
        1,
        "6120-6.3.7-01",
        "who authenticates is the localpart",
        async |scene: &mut Scene| {
            let (_, begun) = scene.begun().await?;
            ensure!(begun.user == scene.setting.user, "the name is {:?}", begun.user);
            Ok(())
        },
    );
}

fn base64(section: &mut Section<'_>) {
    section.must(
        2,
        "6120-13.9.1-02",
        "a salt that is no base64 is not used",
        async |scene: &mut Scene| {
            let (mut wire, begun) = scene.begun().await?;
            let first = ServerFirst::to(&begun).message().replace(",s=", ",s=!");
            wire.send_marked(challenge(&first)).await;
            scene.must_give_up_though_slow(&mut wire, "the salt is no base64").await
        },
    );
    section.must(
        3,
        "6120-13.9.1-02",
        "a signature that is no base64 is none",
        async |scene: &mut Scene| {
            let (mut wire, signature) = scene.proved().await?;
            wire.send_marked(success(&signature).replace("</", "!</")).await;
            refused(scene, &mut wire, "the signature is no base64").await
        },
    );
}

fn mechanism(cases: &mut Cases<Stage>) {
    cases.section("6120", "13.8.3").table(
        Level::Must,
        2,
        "6120-13.8.3-03",
        "SCRAM is preferred to PLAIN",
        [
            ("plain-first", mechanisms(&["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"])),
            ("plain-last", mechanisms(&["SCRAM-SHA-1", "PLAIN"])),
        ],
        async |scene: &mut Scene, offer: String| {
            let (_, auth) = scene.authenticating(&offer).await?;
            let used = attr(&auth, "mechanism");
            ensure!(used.starts_with("SCRAM-"), "{used} is used");
            Ok(())
        },
    );
    let mut section = cases.section("6120", "6.4.5");
    section.should(
        1,
        "6120-6.4.5-04",
        "where no mechanism will do, the stream is closed",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            scene.open(&mut wire, &mechanisms(&["X-NONE-SUCH", "SCRAM-SHA-1024"])).await?;
            // An error in front of the closing tag is no waiting, either.
            match wire.item().await {
                Item::Closed => Ok(()),
                Item::Element(element) if StreamError::of(&element).is_some() => {
                    wire.expect_closing_tag().await
                }
                other => {
                    Err(Fault::Failed(format!("the closing tag is expected; {}", other.what())))
                }
            }
        },
    );
    cases.section("6120", "6.3.3").must(
        1,
        "6120-6.3.3-04",
        "what a mechanism is called is called so exactly",
        async |scene: &mut Scene| {
            let mut wire = scene.secured().await?;
            scene
                .open(&mut wire, &mechanisms(&["SCRAM-SHA-1-PLUSPLUS", "SCRAM", "XSCRAM-SHA-1"]))
                .await?;
            scene.must_give_up(&mut wire, "none of the mechanisms is one that it knows").await
        },
    );
}

fn answers(section: &mut Section<'_>) {
    section.table(
        Level::Must,
        2,
        "6120-6.5-03",
        "after a failure nobody is authenticated",
        [
            ("not-authorized", "<not-authorized/>"),
            ("temporary", "<temporary-auth-failure/>"),
            ("disabled", "<account-disabled/><text xml:lang='en'>Call maintenance.</text>"),
            ("unknown-condition", "<moon-phase/>"),
            ("no-condition", ""),
        ],
        async |scene: &mut Scene, condition: &str| {
            let (mut wire, _) = scene.begun().await?;
            wire.send_marked(format!("<failure xmlns='{SASL}'>{condition}</failure>")).await;
            for _ in 0..20 {
                match wire.item_until(Instant::now() + scene.setting.quiet).await {
                    Item::Element(element) if element.name() == "auth" => {
                        wire.send(format!("<failure xmlns='{SASL}'>{condition}</failure>")).await;
                    }
                    Item::Element(element)
                        if element.name() == "response" || element.name() == "iq" =>
                    {
                        fail!("<{}/> came after the failure", element.name())
                    }
                    Item::Header(_) => fail!("the client goes on as if it were authenticated"),
                    _ => return Ok(()),
                }
            }
            Err(Fault::Failed("the client tries for the twentieth time".into()))
        },
    );
}

fn successes(section: &mut Section<'_>) {
    section.must(
        1,
        "6120-6.4.6-04",
        "after success a new header comes",
        async |scene: &mut Scene| {
            let mut wire = scene.authenticated().await?;
            wire.header().await?;
            Ok(())
        },
    );
    section.must(
        2,
        "6120-8.4-06",
        "prefixes of SASL are of no account",
        async |scene: &mut Scene| {
            let (mut wire, signature) = scene.proved().await?;
            let prefixed = success(&signature)
                .replace("<success xmlns=", "<s:success xmlns:s=")
                .replace("</success>", "</s:success>");
            wire.send_marked(prefixed).await;
            wire.restart();
            wire.header().await?;
            Ok(())
        },
    );
    section.must(
        3,
        "6120-6.4.6-02",
        "a success of another namespace is none",
        async |scene: &mut Scene| {
            let (mut wire, signature) = scene.proved().await?;
            wire.send_marked(success(&signature).replace(SASL, "urn:example:other")).await;
            refused(scene, &mut wire, "success is of another namespace").await
        },
    );
    section.must(
        4,
        "6120-6.3.10-01",
        "the server's signature as a challenge, and success without data",
        async |scene: &mut Scene| {
            let (mut wire, signature) = scene.proved().await?;
            wire.send_marked(challenge(&signature)).await;
            wire.expect_named(SASL, "response").await?;
            wire.send(crate::client::host::SUCCESS).await;
            wire.restart();
            wire.header().await?;
            Ok(())
        },
    );
}

/// A client that takes it for success opens a stream. One that does not may say so, and what
/// it says, `<abort/>`, is read as a first tag as well.
pub(super) async fn refused(scene: &Scene, wire: &mut crate::wire::Wire, why: &str) -> Outcome {
    wire.restart();
    wire.patience = Duration::from_secs(2);
    match wire.item_until(Instant::now() + scene.setting.quiet).await {
        Item::Header(header) if header.name() == "stream" => {
            wire.transcript().mark_received();
            Err(Fault::Failed(format!("the client takes it for success: {why}")))
        }
        _ => Ok(()),
    }
}
