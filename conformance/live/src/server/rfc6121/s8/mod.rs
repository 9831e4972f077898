//! RFC 6121 section 8: server rules for processing XML stanzas, with the table of section
//! 8.5.4: to whom what goes.

mod bare;
mod full;

use super::{fresh, names, strangers};
use crate::case::Cases;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome};
use crate::wire::StanzaError;
use crate::{ensure, fail, skip};

pub(super) fn cases(cases: &mut Cases<Target>) {
    bare::cases(cases);
    full::cases(cases);
    choosing(cases);
}

const TYPES: [(&str, &str); 5] = [
    ("normal", "normal"),
    ("chat", "chat"),
    ("groupchat", "groupchat"),
    ("headline", "headline"),
    ("error", "error"),
];

fn message(kind: &str, to: &str) -> String {
    let error = if kind == "error" {
        "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    } else {
        ""
    };
    format!("<message type='{kind}' to='{to}' id='m'><body>b</body>{error}</message>")
}

/// What became of a message that `user` has sent to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Some resource got it.
    Delivered,
    /// The sender got an error.
    Refused,
    /// Neither; it may be stored.
    Nothing,
}

/// Sends a message and looks what becomes of it. `there` are the resources that may get it.
async fn fate(
    user: &mut User,
    kind: &str,
    to: &str,
    there: &mut [&mut User],
) -> Outcome<(Fate, Vec<bool>)> {
    user.send_marked(message(kind, to)).await;
    let mut got = Vec::new();
    for resource in there.iter_mut() {
        let all = resource.all_until_now(user).await?;
        got.push(all.iter().any(|e| e.name() == "message" && e.attr("id").as_deref() == Some("m")));
    }
    user.sync().await?;
    let back = user.take_where(|e| {
        e.name() == "message"
            && e.attr("id").as_deref() == Some("m")
            && StanzaError::of(e).is_some()
            && e.attr("from").as_deref() == Some(to)
    });
    let fate = if got.contains(&true) {
        Fate::Delivered
    } else if back.is_some() && kind != "error" {
        Fate::Refused
    } else if back.is_some() {
        fail!("an error is answered with an error")
    } else {
        Fate::Nothing
    };
    Ok((fate, got))
}

fn allowed(fate: Fate, these: &[Fate]) -> Outcome {
    ensure!(these.contains(&fate), "{these:?} is expected, it is {fate:?}");
    Ok(())
}
fn choosing(cases: &mut Cases<Target>) {
    let mut s = cases.section("6121", "5.2.2");
    s.must(
        1,
        "6121-5.2.2-06",
        "a message without a type is handled as a normal one",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let to = contact.account.jid.clone();
            user.send_marked(format!("<message to='{to}' id='m'><body>b</body></message>")).await;
            contact
                .wait_for("the message", |e| e.attr("id").as_deref() == Some("m"))
                .await
                .map(drop)
        },
    )
    .accounts(2);
    s.must(2, "6121-5.2.2-06", "so is one of a type that nobody knows", async |scene| {
        let (mut user, mut contact) = strangers(scene).await?;
        let to = contact.account.jid.clone();
        user.send_marked(format!(
            "<message type='telegram' to='{to}' id='m'><body>b</body></message>"
        ))
        .await;
        let all = contact.all_until_now(&mut user).await?;
        if all.iter().any(|e| e.attr("id").as_deref() == Some("m")) {
            return Ok(());
        }
        user.sync().await?;
        match user.take_where(|e| e.attr("id").as_deref() == Some("m")) {
            Some(_) => fail!("it is refused"),
            None => fail!("it is lost"),
        }
    })
    .accounts(2);
    let mut s = cases.section("6121", "8.5.2.1.1");
    s.must(
        8,
        "6121-8.5.2.1.1-03",
        "of two priorities, the higher one gets it, or both",
        async |scene| {
            let (mut user, mut low) = strangers(scene).await?;
            low.appear("<priority>1</priority>").await?;
            let mut high = scene.bound(&scene.account(1), "").await?;
            high.appear("<priority>5</priority>").await?;
            let to = low.account.jid.clone();
            let (_, got) = fate(&mut user, "chat", &to, &mut [&mut low, &mut high]).await?;
            if got == [true, false] {
                skip!("the server's own rule chooses the lower one");
            }
            ensure!(got[1], "nobody gets it");
            Ok(())
        },
    )
    .accounts(2);
    s.must(
        9,
        "6121-8.5.2.1.1-05",
        "who has only said where it is bound, gets nothing sent to the bare JID",
        async |scene| {
            let (mut user, mut contact) = strangers(scene).await?;
            let mut silent = scene.bound(&scene.account(1), "").await?;
            let to = contact.account.jid.clone();
            let (_, got) = fate(&mut user, "chat", &to, &mut [&mut contact, &mut silent]).await?;
            ensure!(got == [true, false], "it goes to {got:?}");
            Ok(())
        },
    )
    .accounts(2);
}
