//! RFC 7622: addresses. Each is judged by what a server does with a stanza to it.

use crate::case::Cases;
use crate::server::provoke::{Reaction, reaction};
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::{ensure, fail};

/// A text made of another.
type Change = fn(&str) -> String;

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    localparts(cases);
    domainparts(cases);
    resourceparts(cases);
}

/// A stanza to this address has to be refused as no address: with an error, or by the end
/// of the stream.
async fn refused(scene: &Scene, to: &str) -> Outcome {
    let mut user = scene.bound(&scene.account(0), "").await?;
    user.send_marked(format!(
        "<iq type='get' id='q' to='{to}'><query xmlns='urn:example:q'/></iq>"
    ))
    .await;
    match reaction(&mut user).await? {
        Reaction::Refused(condition) => {
            // Any other condition says that it is an address, of somebody.
            let fits =
                matches!(&*condition, "jid-malformed" | "bad-request" | "remote-server-not-found");
            ensure!(fits, "it is taken for an address: {condition}");
            Ok(())
        }
        Reaction::Ended(_) => Ok(()),
        other => fail!("it is not refused: {other:?}"),
    }
}

/// A message to this address has to reach the user, who is bound.
async fn reaches(user: &mut User, to: &str) -> Outcome {
    user.send_marked(format!("<message type='chat' to='{to}' id='m'><body>b</body></message>"))
        .await;
    user.wait_for("the message", |e| {
        e.name() == "message"
            && e.attr("id").as_deref() == Some("m")
            && e.attr("type").as_deref() != Some("error")
    })
    .await
    .map(drop)
}

fn localparts(cases: &mut Cases<Target>) {
    let long = Box::leak("l".repeat(1024).into_boxed_str());
    let rows: [(&str, &str); 15] = [
        ("quote", "a&quot;b"),
        ("ampersand", "a&amp;b"),
        ("apostrophe", "a&apos;b"),
        ("colon", "a:b"),
        ("less-than", "a&lt;b"),
        ("greater-than", "a>b"),
        ("at", "a@b"),
        ("space", "a b"),
        ("no-break-space", "a\u{A0}b"),
        ("control-character", "a\u{7F}b"),
        ("symbol", "a\u{2665}b"),
        ("unassigned", "a\u{378}b"),
        ("empty", ""),
        ("too-long", long),
        ("roman-numeral", "henry\u{2163}"),
    ];
    let mut s = cases.section("7622", "3.3");
    s.table(
        Level::Must,
        1,
        "7622-3.3-02 7622-4-01",
        "a localpart that cannot be is refused",
        rows,
        async |scene, local| {
            let to = format!("{local}@{}", scene.domain());
            refused(scene, &to).await
        },
    )
    .accounts(1);
    let rows: [(&str, Change); 2] = [
        ("upper-case", |user| user.to_uppercase()),
        ("full-width", |user| {
            user.chars()
                .map(|c| {
                    if c.is_ascii_graphic() {
                        char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
                    } else {
                        c
                    }
                })
                .collect()
        }),
    ];
    s.table(
        Level::Must,
        2,
        "7622-3.3-02",
        "a localpart is mapped before it is compared",
        rows,
        async |scene, map| {
            let mut user = scene.online(&scene.account(0), "").await?;
            let to = format!("{}@{}", map(&user.account.user), scene.domain());
            reaches(&mut user, &to).await
        },
    )
    .accounts(1);
    s.must(3, "7622-3.3-01", "a localpart of 1023 bytes is one", async |scene| {
        let mut user = scene.bound(&scene.account(0), "").await?;
        let to = format!("{}@{}", "l".repeat(1023), scene.domain());
        user.send_marked(format!(
            "<iq type='get' id='q' to='{to}'><query xmlns='urn:example:q'/></iq>"
        ))
        .await;
        match reaction(&mut user).await? {
            Reaction::Refused(condition) if condition == "jid-malformed" => {
                fail!("it is refused as none")
            }
            Reaction::Refused(_) => Ok(()),
            other => fail!("an error is expected: {other:?}"),
        }
    })
    .accounts(1);
}

fn domainparts(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "3.2");
    let rows: [(&str, Change); 3] = [
        ("upper-case", |domain| domain.to_uppercase()),
        ("final-dot", |domain| format!("{domain}.")),
        ("full-width", |domain| domain.replace('t', "\u{FF54}")),
    ];
    s.table(
        Level::Must,
        1,
        "7622-3.2-03 7622-3.2.2-01 7622-3.2.3-01",
        "a domainpart is mapped before it is compared",
        rows,
        async |scene, map| {
            let mut user = scene.online(&scene.account(0), "").await?;
            let to = format!("{}@{}", user.account.user, map(scene.domain()));
            reaches(&mut user, &to).await
        },
    )
    .accounts(1);
    let long = Box::leak(format!("{}test", "d.".repeat(512)).into_boxed_str());
    let rows: [(&str, &str); 6] = [
        ("empty", "a@"),
        ("space", "a@b c.test"),
        ("at", "a@b@c.test"),
        ("empty-label", "a@b..test"),
        ("too-long", long),
        ("dot-alone", "a@."),
    ];
    s.table(
        Level::Must,
        2,
        "7622-3.2-05 7622-4-01",
        "a domainpart that cannot be is refused",
        rows,
        async |scene, to| refused(scene, to).await,
    )
    .accounts(1);
}

fn resourceparts(cases: &mut Cases<Target>) {
    let mut s = cases.section("7622", "3.4");
    let long = Box::leak("r".repeat(1024).into_boxed_str());
    let rows: [(&str, &str); 4] = [
        ("empty", ""),
        ("too-long", long),
        ("control-character", "a\u{7F}b"),
        ("unassigned", "a\u{378}b"),
    ];
    s.table(
        Level::Must,
        1,
        "7622-3.4-02 7622-3.4-03 7622-4-01",
        "a resourcepart that cannot be is refused",
        rows,
        async |scene, resource| {
            let to = format!("{}/{resource}", scene.account(0).jid);
            refused(scene, &to).await
        },
    )
    .accounts(1);
    let rows = [
        ("case", "Balcony"),
        ("space", "the balcony"),
        ("slash", "a/b/c"),
        ("at", "a@b"),
        ("emoji", "\u{1F600}"),
    ];
    s.table(
        Level::Must,
        2,
        "7622-3.4-03",
        "a message to such a resourcepart reaches it",
        rows,
        async |scene, resource| {
            let mut user = scene.bound(&scene.account(0), resource).await?;
            let bound = user.jid.clone();
            if !bound.ends_with(resource) {
                crate::skip!("the server binds another: {bound}");
            }
            reaches(&mut user, &bound).await
        },
    )
    .accounts(1);
    s.must(3, "7622-3.4-03", "resourceparts of another case are others", async |scene| {
        let mut one = scene.bound(&scene.account(0), "balcony").await?;
        let mut two = scene.bound(&scene.account(0), "BALCONY").await?;
        let to = two.jid.clone();
        one.send_marked(format!("<message type='chat' to='{to}' id='m'><body>b</body></message>"))
            .await;
        two.wait_for("the message", |e| e.attr("id").as_deref() == Some("m")).await?;
        one.sync().await?;
        ensure!(
            one.take_where(|e| e.attr("id").as_deref() == Some("m")).is_none(),
            "the other one gets it too"
        );
        Ok(())
    })
    .accounts(1);
    s.must(4, "7622-3.4-03", "a resourcepart is normalised before it is compared", async |scene| {
        let mut user = scene.bound(&scene.account(0), "caf\u{E9}").await?;
        if !user.jid.ends_with("caf\u{E9}") {
            crate::skip!("the server binds another");
        }
        let to = format!("{}/cafe\u{301}", user.account.jid);
        reaches(&mut user, &to).await
    })
    .accounts(1);
}
