//! RFC 6120 sections 6.4.4, 6.5 and 13.9: what fails in SASL negotiation.

use xmpp_xml::{Element, Ns};

use super::s6::{offering, scram};
use crate::case::Cases;
use crate::server::Target;
use crate::server::sasl::{self, base64};
use crate::server::session::{Open, SASL, decoded};
use crate::verdict::{Level, Outcome};
use crate::wire::Item;
use crate::{ensure, fail};

/// A text made of another.
type Change = fn(&str) -> String;

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    aborting(cases);
    conditions(cases);
    base64_text(cases);
    in_scram(cases);
}

/// A failure has to come next; its condition.
async fn failure(open: &mut Open) -> Outcome<(String, Element)> {
    let failure = open.wire.expect_named(SASL, "failure").await?;
    let condition = failure.children().find(|c| c.has_ns(Ns::new(SASL)) && c.name() != "text");
    let condition = condition.map(|c| c.name().to_owned()).unwrap_or_default();
    Ok((condition, failure))
}

async fn fails_with(open: &mut Open, conditions: &[&str]) -> Outcome {
    let (condition, _) = failure(open).await?;
    let wanted = conditions.join(" or ");
    ensure!(conditions.contains(&&*condition), "{wanted} is expected; {condition} came");
    Ok(())
}

fn auth(mechanism: &str, message: &str) -> String {
    format!("<auth xmlns='{SASL}' mechanism='{mechanism}'>{message}</auth>")
}

fn response(message: &str) -> String {
    format!("<response xmlns='{SASL}'>{message}</response>")
}

fn aborting(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "6.4.4");
    s.must(1, "6120-6.4.4-01", "<abort/> is answered with aborted", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        open.wire.send(auth(&name, &scram.first())).await;
        open.wire.expect_named(SASL, "challenge").await?;
        open.wire.send_marked(format!("<abort xmlns='{SASL}'/>")).await;
        fails_with(&mut open, &["aborted"]).await
    })
    .accounts(1);
    s.must(2, "6120-6.4.4-01", "after <abort/>, one can begin anew", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        open.wire.send(auth(&name, &scram.first())).await;
        open.wire.expect_named(SASL, "challenge").await?;
        open.wire.send_marked(format!("<abort xmlns='{SASL}'/>")).await;
        open.wire.expect_named(SASL, "failure").await?;
        let mut again = scram.clone();
        again.nonce = sasl::random();
        crate::server::session::exchange(&mut open.wire, &name, &again).await
    })
    .accounts(1);
    s.must(
        3,
        "6120-6.4.4-01",
        "a response after <abort/> does not go on with what was aborted",
        async |scene| {
            let (mut open, name, scram) = scram(scene).await?;
            open.wire.send(auth(&name, &scram.first())).await;
            let challenge = open.wire.expect_named(SASL, "challenge").await?;
            let last = scram.last(&decoded(challenge.as_ref())?)?;
            open.wire.send(format!("<abort xmlns='{SASL}'/>")).await;
            open.wire.expect_named(SASL, "failure").await?;
            open.wire.send_marked(response(&last.message())).await;
            match open.wire.item().await {
                Item::Element(e) if e.name() == "success" => fail!("it does"),
                Item::Element(_) | Item::Closed | Item::End(_) => Ok(()),
                other => fail!("a refusal is expected; {}", other.what()),
            }
        },
    )
    .accounts(1);
}

fn conditions(cases: &mut Cases<Target>) {
    let mut s = cases.section("6120", "6.4.5");
    s.must(
        4,
        "6120-6.4.5-01 6120-6.5-02",
        "a failure has a condition that is defined",
        async |scene| {
            let mut open = scene.secure("client").await?;
            open.wire.send_marked(auth("X-UNKNOWN", "")).await;
            let (condition, _) = failure(&mut open).await?;
            let defined = [
                "aborted",
                "account-disabled",
                "credentials-expired",
                "encryption-required",
                "incorrect-encoding",
                "invalid-authzid",
                "invalid-mechanism",
                "malformed-request",
                "mechanism-too-weak",
                "not-authorized",
                "temporary-auth-failure",
            ];
            ensure!(defined.contains(&&*condition), "it is {condition:?}");
            Ok(())
        },
    );
    let mut s = cases.section("6120", "6.5.7");
    s.must(1, "6120-6.4.5-01 | The initiating entity did not specify a mechanism, or requested a mechanism that is not supported by the receiving entity; sent in reply to an <auth/> element.", "a mechanism that is not offered: invalid-mechanism", async |scene| {
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(auth("X-UNKNOWN", "")).await;
        fails_with(&mut open, &["invalid-mechanism"]).await
    });
    s.must(2, "6120-6.4.5-01 | The initiating entity did not specify a mechanism, or requested a mechanism that is not supported by the receiving entity; sent in reply to an <auth/> element.", "no mechanism: invalid-mechanism", async |scene| {
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(format!("<auth xmlns='{SASL}'/>")).await;
        fails_with(&mut open, &["invalid-mechanism", "malformed-request"]).await
    });
    let mut s = cases.section("6120", "6.5.10");
    let quoted = "6120-6.4.5-01 | The authentication failed because the initiating entity did not provide proper credentials, or because some generic authentication failure has occurred but the receiving entity does not wish to disclose specific information about the cause of the failure; sent in reply to a <response/> element or an <auth/> element with initial response data.";
    s.must(1, quoted, "a wrong password: not-authorized (SCRAM)", async |scene| {
        let (mut open, name, mut scram) = scram(scene).await?;
        scram.password.push('x');
        proof(&mut open, &name, &scram).await?;
        fails_with(&mut open, &["not-authorized"]).await
    })
    .accounts(1);
    s.must(2, quoted, "a wrong password: not-authorized (PLAIN)", async |scene| {
        let mut open = offering(scene, "PLAIN").await?;
        let account = scene.account(0);
        open.wire.send_marked(auth("PLAIN", &sasl::plain("", &account.user, "wrong"))).await;
        fails_with(&mut open, &["not-authorized"]).await
    })
    .accounts(1);
    s.must(3, quoted, "an unknown user: not-authorized (PLAIN)", async |scene| {
        let mut open = offering(scene, "PLAIN").await?;
        open.wire.send_marked(auth("PLAIN", &sasl::plain("", "nobody-of-that-name", "pw"))).await;
        fails_with(&mut open, &["not-authorized"]).await
    });
    s.must(4, quoted, "an unknown user is told as a wrong password is (SCRAM)", async |scene| {
        let (mut open, name, mut scram) = scram(scene).await?;
        scram.user = "nobody-of-that-name".into();
        open.wire.send_marked(auth(&name, &scram.first())).await;
        let answer = open.wire.element("a challenge or a failure").await?;
        if answer.name() == "challenge" {
            let last = scram.last(&decoded(answer.as_ref())?)?;
            open.wire.send(response(&last.message())).await;
            return fails_with(&mut open, &["not-authorized"]).await;
        }
        let told = answer.children().any(|c| c.name() == "not-authorized");
        ensure!(told, "it is {}", answer.source());
        Ok(())
    })
    .accounts(1);
    s.must(5, quoted, "an empty password is not taken (PLAIN)", async |scene| {
        let mut open = offering(scene, "PLAIN").await?;
        let account = scene.account(0);
        open.wire.send_marked(auth("PLAIN", &sasl::plain("", &account.user, ""))).await;
        fails_with(&mut open, &["not-authorized", "malformed-request"]).await
    })
    .accounts(1);
    let mut s = cases.section("6120", "6.5.6");
    s.must(
        1,
        "6120-6.3.8-06",
        "somebody else's authorization identity: invalid-authzid (PLAIN)",
        async |scene| {
            let mut open = offering(scene, "PLAIN").await?;
            let (account, other) = (scene.account(0), scene.account(1));
            open.wire
                .send_marked(auth(
                    "PLAIN",
                    &sasl::plain(&other.jid, &account.user, &account.password),
                ))
                .await;
            fails_with(&mut open, &["invalid-authzid"]).await
        },
    )
    .accounts(2);
    s.must(
        2,
        "6120-6.3.8-06",
        "somebody else's authorization identity: invalid-authzid (SCRAM)",
        async |scene| {
            let (mut open, name, mut scram) = scram(scene).await?;
            scram.gs2 = format!("n,a={},", scene.account(1).jid);
            open.wire.send_marked(auth(&name, &scram.first())).await;
            let answer = open.wire.element("a challenge or a failure").await?;
            if answer.name() == "failure" {
                ensure!(
                    answer.children().any(|c| c.name() == "invalid-authzid"),
                    "it is {}",
                    answer.source()
                );
                return Ok(());
            }
            let last = scram.last(&decoded(answer.as_ref())?)?;
            open.wire.send(response(&last.message())).await;
            fails_with(&mut open, &["invalid-authzid"]).await
        },
    )
    .accounts(2);
    let mut s = cases.section("6120", "6.5.8");
    let quoted = "6120-6.4.5-01 | The request is malformed (e.g., the <auth/> element includes initial response data but the mechanism does not allow that, or the data sent violates the syntax for the specified SASL mechanism); sent in reply to an <abort/>, <auth/>, <challenge/>, or <response/> element.";
    let messages: [(&str, &[u8]); 5] = [
        ("no-separator", b"user"),
        ("one-separator", b"\0user"),
        ("three-separators", b"\0user\0pw\0more"),
        ("no-user", b"\0\0pw"),
        ("no-utf-8", b"\0\xFFuser\0pw"),
    ];
    s.table(
        Level::Must,
        1,
        quoted,
        "a message of PLAIN against its syntax",
        messages,
        async |scene, message| {
            let mut open = offering(scene, "PLAIN").await?;
            open.wire.send_marked(auth("PLAIN", &base64(message))).await;
            fails_with(&mut open, &["malformed-request", "not-authorized", "incorrect-encoding"])
                .await
        },
    );
    let messages: [(&str, &[u8]); 8] = [
        ("empty", b""),
        ("no-gs2", b"n=user,r=abcdefgh"),
        ("no-nonce", b"n,,n=user"),
        ("empty-nonce", b"n,,n=user,r="),
        ("no-user", b"n,,r=abcdefgh"),
        ("wrong-order", b"n,,r=abcdefgh,n=user"),
        ("unknown-flag", b"x,,n=user,r=abcdefgh"),
        ("escape-of-nothing", b"n,,n=us=2Der,r=abcdefgh"),
    ];
    s.table(
        Level::Must,
        2,
        quoted,
        "a first message of SCRAM against its syntax",
        messages,
        async |scene, message| {
            let (mut open, name, _) = scram(scene).await?;
            let text = if message.is_empty() { "=".to_owned() } else { base64(message) };
            open.wire.send_marked(auth(&name, &text)).await;
            failure(&mut open).await.map(drop)
        },
    )
    .accounts(1);
    s.must(3, quoted, "a response without an exchange", async |scene| {
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(response("AAAA")).await;
        refused(&mut open).await
    });
    s.must(4, quoted, "a challenge of ours", async |scene| {
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(format!("<challenge xmlns='{SASL}'>AAAA</challenge>")).await;
        refused(&mut open).await
    });
    s.must(5, quoted, "a success of ours is not taken for one", async |scene| {
        let mut open = scene.secure("client").await?;
        open.wire.send_marked(format!("<success xmlns='{SASL}'/>")).await;
        refused(&mut open).await
    });
}

/// A failure, a stream error, or silence that ends when we close: anything but success.
async fn refused(open: &mut Open) -> Outcome {
    open.wire.send("</stream:stream>").await;
    loop {
        match open.wire.item().await {
            Item::Element(e) if e.name() == "success" => fail!("success came"),
            Item::Element(_) => {}
            Item::Closed | Item::End(_) => return Ok(()),
            other => fail!("a refusal is expected; {}", other.what()),
        }
    }
}

/// An exchange of SCRAM up to the client's proof.
async fn proof(open: &mut Open, name: &str, scram: &sasl::Scram) -> Outcome {
    open.wire.send(auth(name, &scram.first())).await;
    let challenge = open.wire.expect_named(SASL, "challenge").await?;
    let last = scram.last(&decoded(challenge.as_ref())?)?;
    open.wire.send_marked(response(&last.message())).await;
    Ok(())
}

fn base64_text(cases: &mut Cases<Target>) {
    let good = |scene: &Scene| {
        let account = scene.account(0);
        sasl::plain("", &account.user, &account.password)
    };
    let mut s = cases.section("6120", "13.9.1");
    let rows: [(&str, Change); 8] = [
        ("pad-in-front", |_| "=AAA".into()),
        ("pad-within", |_| "BBBB=CCC".into()),
        ("foreign-character", |good| format!("{}*{}", &good[..4], &good[4..])),
        ("space-within", |good| format!("{} {}", &good[..4], &good[4..])),
        ("new-line-within", |good| format!("{}\n{}", &good[..4], &good[4..])),
        ("url-alphabet", |_| "AHU_AHB-".into()),
        ("pad-too-many", |good| format!("{}====", good.trim_end_matches('='))),
        ("length-of-one", |_| "AHUxA".into()),
    ];
    s.table(
        Level::Must,
        1,
        "6120-13.9.1-02 6120-13.9.1-03 6120-13.9.1-04",
        "what is no base64 is rejected",
        rows,
        async move |scene, spoil| {
            let mut open = offering(scene, "PLAIN").await?;
            let message = spoil(&good(scene));
            open.wire.send_marked(auth("PLAIN", &message)).await;
            match open.wire.item().await {
                Item::Element(e) if e.name() == "success" => fail!("it is taken"),
                Item::Element(_) | Item::Closed | Item::End(_) => Ok(()),
                other => fail!("a refusal is expected; {}", other.what()),
            }
        },
    )
    .accounts(1);
    let mut s = cases.section("6120", "6.5.5");
    let quoted = "6120-6.4.5-01 | The data provided by the initiating entity could not be processed because the base 64 encoding is incorrect (e.g., because the encoding does not adhere to the definition in Section 4 of [BASE64]); sent in reply to a <response/> element or an <auth/> element with initial response data.";
    s.must(1, quoted, "what is no base64 fails (auth)", async |scene| {
        let mut open = offering(scene, "PLAIN").await?;
        open.wire.send_marked(auth("PLAIN", "*!*")).await;
        fails_with(&mut open, &["incorrect-encoding", "malformed-request", "not-authorized"]).await
    });
    s.must(2, quoted, "what is no base64 fails (response)", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        open.wire.send(auth(&name, &scram.first())).await;
        open.wire.expect_named(SASL, "challenge").await?;
        open.wire.send_marked(response("*!*")).await;
        fails_with(&mut open, &["incorrect-encoding", "malformed-request", "not-authorized"]).await
    })
    .accounts(1);
}

fn in_scram(cases: &mut Cases<Target>) {
    let mut s = cases.section("5802", "5.1");
    s.must(1, "The server MUST verify that the nonce sent by the client in the second message is the same as the one sent by the server in its first message.", "another nonce in the last message", async |scene| {
        spoiled(scene, |last| last.replacen("r=", "r=x", 1)).await
    })
    .accounts(1);
    s.must(
        2,
        "The server MUST always validate the client's \"c=\" field.",
        "another GS2 header in the last message",
        async |scene| spoiled(scene, |last| last.replacen("c=biws", "c=eSws", 1)).await,
    )
    .accounts(1);
    s.must(3, "m: This attribute is reserved for future extensibility. In this version of SCRAM, its presence in a client or a server message MUST cause authentication failure when the attribute is parsed by the other end.", "m= in the first message", async |scene| {
        let (mut open, name, mut scram) = scram(scene).await?;
        scram.extension = "m=ext,".into();
        open.wire.send_marked(auth(&name, &scram.first())).await;
        let answer = open.wire.element("a challenge or a failure").await?;
        if answer.name() == "failure" {
            return Ok(());
        }
        let last = scram.last(&decoded(answer.as_ref())?)?;
        open.wire.send(response(&last.message())).await;
        failure(&mut open).await.map(drop)
    })
    .accounts(1);
    s.should(4, "i: This attribute specifies an iteration count for the selected hash function and user, and MUST be sent by the server along with the user's salt. […] For the SCRAM-SHA-1/SCRAM-SHA-1-PLUS SASL mechanism, servers SHOULD announce a hash iteration-count of at least 4096.", "at least 4096 iterations", async |scene| {
        let (mut open, name, scram) = scram(scene).await?;
        open.wire.send_marked(auth(&name, &scram.first())).await;
        let challenge = open.wire.expect_named(SASL, "challenge").await?;
        let first = sasl::ServerFirst::read(&decoded(challenge.as_ref())?)?;
        ensure!(first.iterations >= 4096, "there are {}", first.iterations);
        Ok(())
    })
    .accounts(1);
    s.must(5, "r: This attribute specifies a sequence of random printable ASCII characters excluding ',' (which forms the nonce used as input to the hash function). […] It is important that this value be different for each authentication (see [RFC4086] for more details on how to achieve this).", "the server's part of the nonce is another one each time", async |scene| {
        let mut seen = Vec::new();
        for _ in 0..2 {
            let (mut open, name, mut scram) = scram(scene).await?;
            scram.nonce = "fixednonceofours".into();
            open.wire.send_marked(auth(&name, &scram.first())).await;
            let challenge = open.wire.expect_named(SASL, "challenge").await?;
            seen.push(sasl::ServerFirst::read(&decoded(challenge.as_ref())?)?.nonce);
        }
        ensure!(seen[0] != seen[1], "it is the same: {}", seen[0]);
        Ok(())
    })
    .accounts(1);
    s.must(
        6,
        "p: This attribute specifies a base64-encoded ClientProof.",
        "a proof of zeros",
        async |scene| {
            let (mut open, name, scram) = scram(scene).await?;
            open.wire.send(auth(&name, &scram.first())).await;
            let challenge = open.wire.expect_named(SASL, "challenge").await?;
            let mut last = scram.last(&decoded(challenge.as_ref())?)?;
            last.proof.fill(0);
            open.wire.send_marked(response(&last.message())).await;
            failure(&mut open).await.map(drop)
        },
    )
    .accounts(1);
    s.must(
        7,
        "p: This attribute specifies a base64-encoded ClientProof.",
        "a proof that is cut short, or missing",
        async |scene| {
            for keep in [0, 4] {
                let (mut open, name, scram) = scram(scene).await?;
                open.wire.send(auth(&name, &scram.first())).await;
                let challenge = open.wire.expect_named(SASL, "challenge").await?;
                let mut last = scram.last(&decoded(challenge.as_ref())?)?;
                last.proof.truncate(keep);
                open.wire.send_marked(response(&last.message())).await;
                failure(&mut open).await?;
            }
            Ok(())
        },
    )
    .accounts(1);
    let mut s = cases.section("5802", "6");
    s.must(1, "If the flag is set to \"y\" and the server supports channel binding, the server MUST fail authentication.", "'y' where a -PLUS mechanism is offered", async |scene| {
        let (mut open, name, mut scram) = scram(scene).await?;
        if !open.mechanisms().iter().any(|m| *m == format!("{name}-PLUS")) {
            crate::skip!("{name}-PLUS is not offered");
        }
        scram.gs2 = "y,,".into();
        open.wire.send_marked(auth(&name, &scram.first())).await;
        let answer = open.wire.element("a challenge or a failure").await?;
        if answer.name() == "failure" {
            return Ok(());
        }
        let last = scram.last(&decoded(answer.as_ref())?)?;
        open.wire.send(response(&last.message())).await;
        failure(&mut open).await.map(drop)
    })
    .accounts(1);
    s.must(2, "If the channel binding flag was \"p\" and the server does not support the indicated channel binding type, then the server MUST fail authentication.", "an unknown type of channel binding", async |scene| {
        let open = scene.secure("client").await?;
        let account = scene.account(0);
        let plus = open.mechanisms().into_iter().find(|m| m.ends_with("-PLUS"));
        let Some(name) = plus else { crate::skip!("no -PLUS is offered") };
        let Some(hash) = sasl::Hash::of(&name) else { crate::skip!("{name} is not known") };
        let mut open = open;
        let mut scram = sasl::Scram::new(hash, &account.user, &account.password);
        scram.gs2 = "p=x-unknown,,".into();
        open.wire.send_marked(auth(&name, &scram.first())).await;
        let answer = open.wire.element("a challenge or a failure").await?;
        if answer.name() == "failure" {
            return Ok(());
        }
        let last = scram.last(&decoded(answer.as_ref())?)?;
        open.wire.send(response(&last.message())).await;
        failure(&mut open).await.map(drop)
    })
    .accounts(1);
    for (number, binding) in [(3, "tls-exporter"), (4, "tls-server-end-point")] {
        s.may(
            number,
            "The server MUST always validate the client's \"c=\" field.",
            format!("{binding} binds, and wrong data fails"),
            async move |scene| {
                for wrong in [false, true] {
                    bound_to_channel(scene, binding, wrong).await?;
                }
                Ok(())
            },
        )
        .accounts(1);
    }
}

async fn bound_to_channel(scene: &Scene, binding: &str, wrong: bool) -> Outcome {
    let mut open = scene.secure("client").await?;
    let account = scene.account(0);
    let Some(name) = open.mechanisms().into_iter().find(|m| m.ends_with("-PLUS")) else {
        crate::skip!("no -PLUS is offered")
    };
    let Some(hash) = sasl::Hash::of(&name) else { crate::skip!("{name} is not known") };
    let announced = open.features.children().find(|f| f.name() == "sasl-channel-binding");
    let is_announced = announced
        .is_some_and(|list| list.children().any(|c| c.attr("type").as_deref() == Some(binding)));
    if !is_announced {
        crate::skip!("{binding} is not announced (XEP-0440)");
    }
    let facts = open.wire.tls_facts();
    let data =
        facts.and_then(
            |facts| if binding == "tls-exporter" { facts.exporter } else { facts.end_point() },
        );
    let Some(mut data) = data else { crate::skip!("there is no {binding} here") };
    if wrong {
        data[0] ^= 1;
    }
    let mut scram = sasl::Scram::new(hash, &account.user, &account.password);
    scram.gs2 = format!("p={binding},,");
    scram.binding = data;
    if wrong {
        proof(&mut open, &name, &scram).await?;
        return failure(&mut open).await.map(drop);
    }
    crate::server::session::exchange(&mut open.wire, &name, &scram).await
}

/// An exchange whose last message is changed has to fail.
async fn spoiled(scene: &Scene, spoil: Change) -> Outcome {
    let (mut open, name, scram) = scram(scene).await?;
    open.wire.send(auth(&name, &scram.first())).await;
    let challenge = open.wire.expect_named(SASL, "challenge").await?;
    let last = scram.last(&decoded(challenge.as_ref())?)?;
    let message = format!("{},p={}", last.without_proof, base64(&last.proof));
    open.wire.send_marked(response(&base64(spoil(&message)))).await;
    failure(&mut open).await.map(drop)
}
