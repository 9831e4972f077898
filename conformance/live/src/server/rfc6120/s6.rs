//! RFC 6120 section 6: SASL negotiation. What fails is in `s6_errors`.

use xmpp_xml::Ns;

use crate::case::Cases;
use crate::server::Target;
use crate::server::sasl::{self, Hash, Scram};
use crate::server::session::{BIND, Open, SASL, decoded, exchange};
use crate::verdict::{Fault, Outcome, Setup as _};
use crate::wire::Item;
use crate::{ensure, fail, skip};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    offered(cases);
    exchanges(cases);
    restarting(cases);
    retries(cases);
}

/// A stream under TLS that offers a mechanism.
pub(super) async fn offering(scene: &Scene, mechanism: &str) -> Outcome<Open> {
    let open = scene.secure("client").await?;
    if !open.mechanisms().iter().any(|offered| offered == mechanism) {
        skip!("{mechanism} is not offered");
    }
    Ok(open)
}

/// A stream that offers some SCRAM, and an exchange of it for an account.
pub(super) async fn scram(scene: &Scene) -> Outcome<(Open, String, Scram)> {
    let open = scene.secure("client").await?;
    let account = scene.account(0);
    let found = open.mechanisms().into_iter().find_map(|name| {
        let hash = if name.ends_with("-PLUS") { None } else { Hash::of(&name) };
        hash.map(|hash| (name, hash))
    });
    let Some((name, hash)) = found else { skip!("no SCRAM is offered") };
    Ok((open, name, Scram::new(hash, &account.user, &account.password)))
}

fn offered(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "6.4.1");
    s.must(
        1,
        "6120-6.2-01 6120-6.4.1-05",
        "a <mechanism/> for each that is offered",
        async |scene| {
            let open = scene.secure("client").await?;
            let mechanisms = open.mechanisms();
            ensure!(!mechanisms.is_empty(), "there is none");
            let odd = mechanisms.iter().find(|name| {
                name.is_empty()
                    || name.len() > 20
                    || !name.bytes().all(|b| {
                        b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-' || b == b'_'
                    })
            });
            ensure!(odd.is_none(), "{odd:?} is no name of a mechanism");
            Ok(())
        },
    );
    s.must(
        2,
        "6120-6.4.1-01 6120-6.4.1-02",
        "the stream id under TLS is another one",
        async |scene| {
            let one = scene.secure("client").await?;
            let two = scene.secure("client").await?;
            ensure!(one.header.attr("id") != two.header.attr("id"), "it is the same");
            Ok(())
        },
    );
    let mut s = cases.section("6120", "6.3.4");
    s.must(
        1,
        "6120-6.3.4-01",
        "mechanisms that need TLS are not offered in the clear",
        async |scene| {
            let open = scene.open("client").await?;
            let required = open
                .features
                .children()
                .any(|f| f.name() == "starttls" && f.children().any(|c| c.name() == "required"));
            ensure!(
                !required || open.mechanisms().is_empty(),
                "STARTTLS is required, and yet there are {:?}",
                open.mechanisms()
            );
            Ok(())
        },
    );
}

fn exchanges(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "6.4.6");
    for (number, name, hash) in [
        (1, "SCRAM-SHA-1", Hash::Sha1),
        (2, "SCRAM-SHA-256", Hash::Sha256),
        (3, "SCRAM-SHA-512", Hash::Sha512),
    ] {
        s.must(
            number,
            "6120-6.4.3-01 6120-6.4.3-02 6120-6.4.6-02",
            format!("{name} succeeds, and the server proves itself"),
            async move |scene| {
                let mut open = offering(scene, name).await?;
                let account = scene.account(0);
                exchange(&mut open.wire, name, &Scram::new(hash, &account.user, &account.password))
                    .await
            },
        )
        .accounts(1);
    }
    s.must(4, "6120-6.4.6-02", "PLAIN succeeds", async |scene| {
        let mut open = offering(scene, "PLAIN").await?;
        let account = scene.account(0);
        let message = sasl::plain("", &account.user, &account.password);
        open.wire
            .send_marked(format!("<auth xmlns='{SASL}' mechanism='PLAIN'>{message}</auth>"))
            .await;
        open.wire.expect_named(SASL, "success").await.map(drop)
    })
    .accounts(1);
    let mut s = cases.section("6120", "6.3.10");
    s.must(1, "6120-6.3.10-01", "SCRAM without an initial response", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        open.wire.send_marked(format!("<auth xmlns='{SASL}' mechanism='{name}'/>")).await;
        let empty = open.wire.expect_named(SASL, "challenge").await?;
        ensure!(
            matches!(empty.text().trim(), "" | "="),
            "the first challenge is {:?}",
            empty.text()
        );
        open.wire.send(format!("<response xmlns='{SASL}'>{}</response>", scram.first())).await;
        finish(&mut open, &scram).await
    })
    .accounts(1);
    s.must(2, "6120-6.3.10-01", "PLAIN without an initial response", async |scene| {
        let mut open = offering(scene, "PLAIN").await?;
        let account = scene.account(0);
        open.wire.send_marked(format!("<auth xmlns='{SASL}' mechanism='PLAIN'/>")).await;
        open.wire.expect_named(SASL, "challenge").await?;
        let message = sasl::plain("", &account.user, &account.password);
        open.wire.send(format!("<response xmlns='{SASL}'>{message}</response>")).await;
        open.wire.expect_named(SASL, "success").await.map(drop)
    })
    .accounts(1);
    let mut s = cases.section("6120", "6.3.8");
    s.must(
        1,
        "6120-6.3.8-04",
        "one's own bare JID as the authorization identity (PLAIN)",
        async |scene| {
            let mut open = offering(scene, "PLAIN").await?;
            let account = scene.account(0);
            let message = sasl::plain(&account.jid, &account.user, &account.password);
            open.wire
                .send_marked(format!("<auth xmlns='{SASL}' mechanism='PLAIN'>{message}</auth>"))
                .await;
            open.wire.expect_named(SASL, "success").await.map(drop)
        },
    )
    .accounts(1);
    s.must(
        2,
        "6120-6.3.8-04",
        "one's own bare JID as the authorization identity (SCRAM)",
        async |scene| {
            let (mut open, name, mut scram) = scram(scene).await?;
            scram.gs2 = format!("n,a={},", scene.account(0).jid);
            exchange(&mut open.wire, &name, &scram).await
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "6.4.2");
    s.must(1, "6120-6.4.2-03", "another <auth/> begins anew", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        open.wire
            .send(format!("<auth xmlns='{SASL}' mechanism='{name}'>{}</auth>", scram.first()))
            .await;
        open.wire.expect_named(SASL, "challenge").await?;
        let mut again = scram.clone();
        again.nonce = sasl::random();
        exchange(&mut open.wire, &name, &again).await
    })
    .accounts(1);
    let mut s = cases.section("6120", "6.3.5");
    s.must(1, "6120-6.3.5-01", "no white space between the server's elements", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        let before = scene.transcript.received(open.wire.who()).len();
        exchange(&mut open.wire, &name, &scram).await.setup("SCRAM")?;
        let received = scene.transcript.received(open.wire.who()).split_off(before);
        let text = String::from_utf8_lossy(&received).into_owned();
        ensure!(
            text.starts_with('<') && !text.contains("> <") && !text.contains(">\n<"),
            "there is"
        );
        Ok(())
    })
    .accounts(1);
}

/// The rest of an exchange of SCRAM, from the server's first message on.
async fn finish(open: &mut Open, scram: &Scram) -> Outcome {
    let challenge = open.wire.expect_named(SASL, "challenge").await?;
    let last = scram.last(&decoded(challenge.as_ref())?)?;
    open.wire.send(format!("<response xmlns='{SASL}'>{}</response>", last.message())).await;
    let success = open.wire.expect_named(SASL, "success").await?;
    ensure!(decoded(success.as_ref())? == last.verifier, "the server's signature is wrong");
    Ok(())
}

fn restarting(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "6.4.6");
    s.must(5, "6120-6.4.6-05", "a new header with a new id after success", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        let before = open.header.attr("id").map(|id| id.into_owned());
        exchange(&mut open.wire, &name, &scram).await.setup("SCRAM")?;
        open.wire.restart();
        let open = scene.open_on(open.wire).await?;
        let after = open.header.attr("id").map(|id| id.into_owned());
        ensure!(after.is_some() && after != before, "{before:?}, then {after:?}");
        Ok(())
    })
    .accounts(1);
    s.must(6, "6120-6.4.6-06", "features after success", async |scene| {
        let open = scene.login(&scene.account(0), "client").await?;
        ensure!(open.offers(BIND, "bind"), "binding is not among them");
        Ok(())
    })
    .accounts(1);
    s.must(
        7,
        "6120-6.3.2-01",
        "without a new header, nothing goes on after success",
        async |scene| {
            let (mut open, name, scram) = scram(scene).await?;
            exchange(&mut open.wire, &name, &scram).await.setup("SCRAM")?;
            open.wire.restart();
            open.wire
                .send_marked(format!("<iq type='set' id='bind'><bind xmlns='{BIND}'/></iq>"))
                .await;
            loop {
                match open.wire.item().await {
                    Item::Element(e)
                        if e.name() == "iq" && e.attr("type").as_deref() == Some("result") =>
                    {
                        fail!("a resource is bound")
                    }
                    Item::Silence | Item::Malformed(_) => fail!("the stream is not ended"),
                    Item::Header(_) => {}
                    _ => return Ok(()),
                }
            }
        },
    )
    .accounts(1);
    s.should(
        8,
        "6120-6.4.6-01",
        "a 'from' under TLS that is not who authenticates",
        async |scene| {
            let (account, other) = (scene.account(0), scene.account(1));
            let mut open = scene.open("client").await?;
            open.wire.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await;
            open.wire.element("proceed").await?;
            scene.begin_tls(&mut open.wire).await?;
            let header = scene.header_with(&format!("from='{}' version='1.0'", other.jid));
            let mut open = scene.open_with(open.wire, &header).await?;
            match crate::server::session::authenticate(&mut open, &account).await {
                Ok(()) => fail!("it is let in"),
                Err(Fault::Failed(_)) => Ok(()),
                Err(other) => Err(other),
            }
        },
    )
    .accounts(2);
    let mut s = cases.section("6120", "6.3.2");
    s.must(1, "6120-6.3.2-01", "after success, SASL is over", async |scene| {
        let account = scene.account(0);
        let mut open = scene.login(&account, "client").await?;
        let message = sasl::plain("", &account.user, &account.password);
        open.wire
            .send_marked(format!("<auth xmlns='{SASL}' mechanism='PLAIN'>{message}</auth>"))
            .await;
        match open.wire.item().await {
            Item::Element(e) if e.is(Ns::new(SASL), "success") => fail!("it succeeds once more"),
            _ => Ok(()),
        }
    })
    .accounts(1);
}

fn retries(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "6.4.5");
    s.should(1, "6120-6.4.5-02", "two wrong passwords, then the right one", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        let mut wrong = scram.clone();
        wrong.password.push('x');
        for _ in 0..2 {
            wrong.nonce = sasl::random();
            match exchange(&mut open.wire, &name, &wrong).await {
                Ok(()) => fail!("a wrong password is taken"),
                Err(Fault::Failed(why)) if why.contains("<failure/>") => {}
                Err(fault) => return Err(fault),
            }
        }
        exchange(&mut open.wire, &name, &scram).await
    })
    .accounts(1);
    s.must(
        2,
        "6120-6.4.5-05 6120-13.9.4-05",
        "wrong passwords without an end: the stream is closed with an error",
        async |scene| too_many(scene, &[]).await,
    )
    .accounts(1)
    .seconds(60);
    s.should(3, "6120-6.4.5-05", "it is policy-violation or not-authorized", async |scene| {
        too_many(scene, &["policy-violation", "not-authorized"]).await
    })
    .accounts(1)
    .seconds(60);
}

async fn too_many(scene: &Scene, conditions: &[&str]) -> Outcome {
    let (mut open, name, mut scram) = scram(scene).await?;
    scram.password.push('x');
    for _ in 0..12 {
        scram.nonce = sasl::random();
        open.wire
            .send(format!("<auth xmlns='{SASL}' mechanism='{name}'>{}</auth>", scram.first()))
            .await;
        let Item::Element(challenge) = open.wire.item().await else {
            fail!("the stream is closed without an error")
        };
        if let Some(error) = crate::wire::StreamError::of(&challenge) {
            return fits(&error.condition, conditions);
        }
        if challenge.name() != "challenge" {
            continue;
        }
        let last = scram.last(&decoded(challenge.as_ref())?)?;
        open.wire.send(format!("<response xmlns='{SASL}'>{}</response>", last.message())).await;
        match open.wire.item().await {
            Item::Element(e) if e.name() == "failure" => {}
            Item::Element(e) => match crate::wire::StreamError::of(&e) {
                Some(error) => return fits(&error.condition, conditions),
                None => fail!("<{}/> came", e.name()),
            },
            other => fail!("a failure is expected; {}", other.what()),
        }
    }
    // The error may follow the last failure.
    open.wire.patience = core::time::Duration::from_millis(500);
    match open.wire.item().await {
        Item::Element(e) if crate::wire::StreamError::of(&e).is_some() => Ok(()),
        _ => fail!("twelve wrong passwords, and it goes on"),
    }
}

fn fits(condition: &str, conditions: &[&str]) -> Outcome {
    ensure!(conditions.is_empty() || conditions.contains(&condition), "it is {condition}");
    Ok(())
}
