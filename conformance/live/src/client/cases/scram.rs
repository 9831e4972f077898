//! RFC 5802: what a client looks at in the server's messages. A server that does not know
//! the password is a liar, and SCRAM is there to find it out.

use core::time::Duration;

use crate::case::Cases;
use crate::client::host::{SASL, SUCCESS, challenge, success};
use crate::client::scram::{ServerFirst, base64, random};
use crate::client::{Scene, Section, Stage};
use crate::verdict::{Level, Outcome};
use crate::wire::Item;

use super::sasl::refused;

/// RFC 5802 sections 5, 5.1, 7 and 9.
const SIGNATURE: &str = "5802-5-02";
const NONCE: &str = "5802-5.1-09";
const EXTENSION: &str = "5802-5.1-08";
const FORM: &str = "server-first-message = [reserved-mext \",\"] nonce \",\" salt \",\" iteration-count \
    [\",\" extensions]; iteration-count = \"i=\" posit-number";
const BIG: &str = "A hostile server can perform a computational denial-of-service attack on \
    clients by sending a big iteration count value.";
const SMALL: &str = "The amount of time necessary for this attack depends on the cryptographic hash \
    function selected, the strength of the password, and the iteration count supplied by the server.";

pub(super) fn cases(cases: &mut Cases<Stage>) {
    last(&mut cases.section("5802", "5"));
    first(&mut cases.section("5802", "5.1"));
    extended(&mut cases.section("5802", "7"));
    counts(&mut cases.section("5802", "9"));
}

/// What becomes of the right signature.
type Lie = fn(&str) -> String;

fn last(section: &mut Section<'_>) {
    let lies: [(&'static str, Lie); 7] = [
        ("none", |_| SUCCESS.into()),
        ("empty", |_| format!("<success xmlns='{SASL}'>=</success>")),
        ("of-another-password", |_| success(&format!("v={}", base64([7; 32])))),
        ("cut", |right| success(&right[..right.len() / 2])),
        ("nothing-signed", |_| success("v=")),
        ("an-error", |_| success("e=other-error")),
        ("wrong-then-right", |right| success(&format!("v={},{right}", base64([7; 32])))),
    ];
    section.table(
        Level::Must,
        1,
        SIGNATURE,
        "a server that does not prove itself",
        lies,
        async |scene: &mut Scene, lie: Lie| {
            let (mut wire, right) = scene.proved().await?;
            wire.send_marked(lie(&right)).await;
            refused(scene, &mut wire, "the server has not proved that it knows the password").await
        },
    );
    section.must(2, SIGNATURE, "success before the client's proof", async |scene: &mut Scene| {
        let (mut wire, _) = scene.begun().await?;
        wire.send_marked(SUCCESS).await;
        refused(scene, &mut wire, "there was no exchange").await
    });
}

fn extended(section: &mut Section<'_>) {
    section.must(
        1,
        "5802-7-01",
        "an extension behind the signature is no hindrance",
        async |scene: &mut Scene| {
            let (mut wire, signature) = scene.proved().await?;
            wire.send_marked(success(&format!("{signature},x=unknown"))).await;
            wire.restart();
            wire.header().await?;
            Ok(())
        },
    );
}

fn first(section: &mut Section<'_>) {
    let nonces: [(&'static str, Lie); 4] = [
        ("another", |_| random()),
        // And then something else: what follows may begin with what was cut off.
        ("cut", |own| {
            let mut nonce = own.to_owned();
            let last = nonce.pop();
            nonce.push(if last == Some('x') { 'y' } else { 'x' });
            nonce
        }),
        ("put-behind", |own| format!("server{own}")),
        ("in-capitals", |own| format!("{}server", swapped(own))),
    ];
    section.table(
        Level::Must,
        1,
        NONCE,
        "a nonce that does not begin with the client's",
        nonces,
        async |scene: &mut Scene, lie: Lie| {
            given_up(scene, |first, own| {
                first.replacen(&format!("r={own}"), &format!("r={}", lie(own)), 1)
            })
            .await
        },
    );
    let forms: [(&'static str, Lie); 5] = [
        ("no-salt", |right| without(right, "s=")),
        ("no-count", |right| without(right, "i=")),
        ("count-zero", |right| right.replace("i=4096", "i=0")),
        ("count-negative", |right| right.replace("i=4096", "i=-4096")),
        ("count-no-number", |right| right.replace("i=4096", "i=4096x")),
    ];
    section.table(
        Level::May,
        2,
        FORM,
        "a first message that is not of the form",
        forms,
        async |scene: &mut Scene, lie: Lie| given_up(scene, |first, _| lie(first)).await,
    );
    section.must(
        3,
        EXTENSION,
        "an extension that is mandatory and unknown",
        async |scene: &mut Scene| given_up(scene, |first, _| format!("m=new,{first}")).await,
    );
    section.must(
        4,
        "5802-5.1-18",
        "an extension that is not mandatory",
        async |scene: &mut Scene| {
            let (mut wire, begun) = scene.begun().await?;
            let message = ServerFirst::to(&begun).message();
            wire.send_marked(challenge(&format!("{message},x=unknown"))).await;
            wire.expect_named(SASL, "response").await?;
            Ok(())
        },
    );
}

fn counts(section: &mut Section<'_>) {
    section.table(
        Level::May,
        1,
        BIG,
        "a count that would take minutes is refused",
        [
            ("4294967295", "i=4294967295"),
            ("2000000000", "i=2000000000"),
            ("beyond-64-bits", "i=99999999999999999999"),
        ],
        async |scene: &mut Scene, count: &str| {
            let (mut wire, begun) = scene.begun().await?;
            let message = ServerFirst::to(&begun).message().replace("i=4096", count);
            wire.send_marked(challenge(&message)).await;
            wire.patience = Duration::from_secs(8);
            match wire.item().await {
                Item::Silence => {
                    Err(crate::verdict::Fault::Failed("the client computes, or waits".into()))
                }
                Item::Element(element) if element.name() == "response" => {
                    Err(crate::verdict::Fault::Failed("the client answers".into()))
                }
                _ => Ok(()),
            }
        },
    );
    section.may(
        2,
        SMALL,
        "a count of 1, which makes the password easy to guess, is refused",
        async |scene: &mut Scene| given_up(scene, |first, _| first.replace("i=4096", "i=1")).await,
    );
}

/// The first message in another form, after which no proof must come. `lie` gets the right
/// one and the client's nonce.
async fn given_up(scene: &mut Scene, lie: impl Fn(&str, &str) -> String) -> Outcome {
    let (mut wire, begun) = scene.begun().await?;
    let right = ServerFirst::to(&begun).message();
    wire.send_marked(challenge(&lie(&right, &begun.nonce))).await;
    scene.must_give_up_though_slow(&mut wire, "the server's first message is not right").await
}

fn without(message: &str, attribute: &str) -> String {
    message.split(',').filter(|part| !part.starts_with(attribute)).collect::<Vec<_>>().join(",")
}

fn swapped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='z' => c.to_ascii_uppercase(),
            'A'..='Z' => c.to_ascii_lowercase(),
            // So that there is a difference in any case.
            '0'..='8' => char::from(c as u8 + 1),
            other => other,
        })
        .collect()
}
