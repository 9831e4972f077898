//! RFC 6121: XMPP Instant Messaging and Presence. A file a section.

mod s2;
mod s3;
mod s3_matrix;
mod s4;
mod s5;
mod s8;

use xmpp_xml::{Element, ElementRef, Ns};

use crate::case::Cases;
use crate::server::session::ROSTER;
use crate::server::{Target, User};
use crate::verdict::{Outcome, Setup as _};

type Scene = crate::scene::Scene<Target>;

pub(super) fn cases(cases: &mut Cases<Target>) {
    s2::cases(cases);
    s3::cases(cases);
    s3_matrix::cases(cases);
    s4::cases(cases);
    s5::cases(cases);
    s8::cases(cases);
}

/// A user with an empty roster, interested in it and available.
async fn fresh(scene: &Scene, at: usize, resource: &str) -> Outcome<User> {
    let mut user = scene.bound(&scene.account(at), resource).await?;
    user.empty_roster().await.setup("emptying the roster")?;
    user.appear("").await?;
    // What was asked of the account before, and never answered.
    for request in user.all_of_own().await? {
        if request.name() == "presence" && request.attr("type").as_deref() == Some("subscribe") {
            let from = request.attr("from").unwrap_or_default().into_owned();
            user.send(format!("<presence type='unsubscribed' to='{from}'/>")).await;
        }
    }
    Ok(user)
}

/// Two users who do not know each other.
async fn strangers(scene: &Scene) -> Outcome<(User, User)> {
    let mut user = fresh(scene, 0, "").await?;
    let mut contact = fresh(scene, 1, "").await?;
    for (one, two) in
        [(&mut user, &contact.account.jid.clone()), (&mut contact, &scene.account(0).jid)]
    {
        // No request, no approval in advance.
        one.send(format!("<presence type='unsubscribed' to='{two}'/>")).await;
        one.empty_roster().await.setup("emptying the roster")?;
    }
    user.sync().await?;
    contact.sync().await?;
    settle(&mut user, &mut contact).await?;
    Ok((user, contact))
}

/// Both have got what the other one's stanzas led to; it is forgotten.
async fn settle(one: &mut User, two: &mut User) -> Outcome {
    for _ in 0..2 {
        one.all_until_now(two).await?;
        two.all_until_now(one).await?;
    }
    Ok(())
}

/// `user` subscribes to `contact`, who approves.
async fn subscribe(user: &mut User, contact: &mut User) -> Outcome {
    let (user_jid, contact_jid) = (user.account.jid.clone(), contact.account.jid.clone());
    user.send(format!("<presence type='subscribe' to='{contact_jid}'/>")).await;
    contact.wait_for("the request", |e| is_presence(e, "subscribe", &user_jid)).await?;
    contact.send(format!("<presence type='subscribed' to='{user_jid}'/>")).await;
    user.wait_for("the approval", |e| is_presence(e, "subscribed", &contact_jid)).await?;
    settle(user, contact).await
}

/// Two users, the first of whom is subscribed to the second.
async fn subscriber_and_contact(scene: &Scene) -> Outcome<(User, User)> {
    let (mut user, mut contact) = strangers(scene).await?;
    subscribe(&mut user, &mut contact).await.setup("a subscription")?;
    Ok((user, contact))
}

/// Two users who are subscribed to each other.
async fn friends(scene: &Scene) -> Outcome<(User, User)> {
    let (mut user, mut contact) = subscriber_and_contact(scene).await?;
    subscribe(&mut contact, &mut user).await.setup("a subscription")?;
    Ok((user, contact))
}

/// Presence of that type from that JID; an empty type is none.
fn is_presence(element: ElementRef<'_>, kind: &str, from: &str) -> bool {
    element.name() == "presence"
        && element.attr("type").unwrap_or_default() == kind
        && element.attr("from").as_deref() == Some(from)
}

/// The item of a roster push, if it is one.
fn pushed(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    if element.name() != "iq" || element.attr("type").as_deref() != Some("set") {
        return None;
    }
    element.child(Ns::new(ROSTER), "query")?.child(Ns::new(ROSTER), "item")
}

/// A push about that contact.
fn is_push_of(element: ElementRef<'_>, jid: &str) -> bool {
    pushed(element).is_some_and(|item| item.attr("jid").as_deref() == Some(jid))
}

/// What a roster item says of a subscription: `none`, `to` …, with `+ask` and `+approved`.
fn state(item: ElementRef<'_>) -> String {
    let mut state = item.attr("subscription").unwrap_or_default().into_owned();
    if item.attr("ask").as_deref() == Some("subscribe") {
        state.push_str("+ask");
    }
    if matches!(item.attr("approved").as_deref(), Some("true" | "1")) {
        state.push_str("+approved");
    }
    state
}

/// What the roster says of a contact; `-` if it is not in it.
async fn state_of(user: &mut User, jid: &str) -> Outcome<String> {
    let roster = user.roster().await?;
    let item = roster.iter().find(|item| item.attr("jid").as_deref() == Some(jid));
    Ok(item.map_or_else(|| "-".into(), |item| state(item.as_ref())))
}

/// A roster set with this content.
fn query(items: &str) -> String {
    format!("<query xmlns='{ROSTER}'>{items}</query>")
}

/// The names of what came, for reasons.
fn names(all: &[Element]) -> Vec<String> {
    all.iter().map(|e| format!("{} {}", e.name(), e.attr("type").unwrap_or_default())).collect()
}
