//! RFC 6121 appendix A: what each of the four subscription stanzas does in each of the nine
//! states, to both sides.

use super::{Scene, is_presence, settle, state_of, strangers, subscribe};
use crate::case::Cases;
use crate::ensure;
use crate::server::{Target, User};
use crate::verdict::{Level, Outcome, Setup as _};

/// A state of the user's, and what the contact's is then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    NoneOut,
    NoneIn,
    NoneOutIn,
    To,
    ToIn,
    From,
    FromOut,
    Both,
}

use State::{Both, From, FromOut, None, NoneIn, NoneOut, NoneOutIn, To, ToIn};

const STATES: [(&str, State); 9] = [
    ("none", None),
    ("none-pending-out", NoneOut),
    ("none-pending-in", NoneIn),
    ("none-pending-out-in", NoneOutIn),
    ("to", To),
    ("to-pending-in", ToIn),
    ("from", From),
    ("from-pending-out", FromOut),
    ("both", Both),
];

impl State {
    /// The other side's.
    const fn mirrored(self) -> Self {
        match self {
            None => None,
            NoneOut => NoneIn,
            NoneIn => NoneOut,
            NoneOutIn => NoneOutIn,
            To => From,
            ToIn => FromOut,
            From => To,
            FromOut => ToIn,
            Both => Both,
        }
    }

    /// What a roster shows of it.
    const fn shown(self) -> &'static str {
        match self {
            None | NoneIn => "none",
            NoneOut | NoneOutIn => "none+ask",
            To | ToIn => "to",
            From => "from",
            FromOut => "from+ask",
            Both => "both",
        }
    }

    const fn slug(self) -> &'static str {
        let mut at = 0;
        while at < STATES.len() {
            if STATES[at].1 as u8 == self as u8 {
                return STATES[at].0;
            }
            at += 1;
        }
        ""
    }

    /// RFC 6121 tables 2 to 5. The last is what happens to the stanza.
    fn outbound(self, kind: &str) -> (Self, Route) {
        use Route::{Must, MustNot, ShouldNot};
        match (kind, self) {
            ("subscribe", None) => (NoneOut, Must),
            ("subscribe", NoneIn) => (NoneOutIn, Must),
            ("subscribe", From) => (FromOut, Must),
            ("subscribe", same) => (same, Must),
            ("unsubscribe", NoneOut | To) => (None, Must),
            ("unsubscribe", NoneOutIn | ToIn) => (NoneIn, Must),
            ("unsubscribe", FromOut | Both) => (From, Must),
            ("unsubscribe", same) => (same, Must),
            ("subscribed", NoneIn) => (From, Must),
            ("subscribed", NoneOutIn) => (FromOut, Must),
            ("subscribed", ToIn) => (Both, Must),
            ("subscribed", same) => (same, MustNot),
            (_, NoneIn | From) => (None, Must),
            (_, NoneOutIn | FromOut) => (NoneOut, Must),
            (_, ToIn | Both) => (To, Must),
            (_, same) => (same, ShouldNot),
        }
    }

    /// RFC 6121 tables 6 to 9, and whether the stanza is delivered.
    fn inbound(self, kind: &str) -> (Self, bool) {
        match (kind, self) {
            ("subscribe", None) => (NoneIn, true),
            ("subscribe", NoneOut) => (NoneOutIn, true),
            ("subscribe", To) => (ToIn, true),
            ("unsubscribe", NoneIn | From) => (None, true),
            ("unsubscribe", NoneOutIn | FromOut) => (NoneOut, true),
            ("unsubscribe", ToIn | Both) => (To, true),
            ("subscribed", NoneOut) => (To, true),
            ("subscribed", NoneOutIn) => (ToIn, true),
            ("subscribed", FromOut) => (Both, true),
            ("unsubscribed", NoneOut | To) => (None, true),
            ("unsubscribed", NoneOutIn | ToIn) => (NoneIn, true),
            ("unsubscribed", FromOut | Both) => (From, true),
            (_, same) => (same, false),
        }
    }
}

/// Whether an outbound stanza goes to the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Must,
    MustNot,
    ShouldNot,
}

const KINDS: [(&str, &str, &str, &str, &str); 4] = [
    (
        "subscribe",
        "A.2.1",
        "A.3.1",
        "6121-3.1.2-01 | Table 2: Processing of outbound \"subscribe\" stanzas",
        "6121-3.1.3-04 | Table 6: Processing of inbound \"subscribe\" stanzas",
    ),
    (
        "unsubscribe",
        "A.2.2",
        "A.3.2",
        "6121-3.3.2-01 | Table 3: Processing of outbound \"unsubscribe\" stanzas",
        "6121-3.3.3-01 | Table 7: Processing of inbound \"unsubscribe\" stanzas",
    ),
    (
        "subscribed",
        "A.2.3",
        "A.3.3",
        "6121-3.4.2-01 | Table 4: Processing of outbound \"subscribed\" stanzas",
        "6121-3.1.6-01 | Table 8: Processing of inbound \"subscribed\" stanzas",
    ),
    (
        "unsubscribed",
        "A.2.4",
        "A.3.4",
        "6121-3.2.2-01 | Table 5: Processing of outbound \"unsubscribed\" stanzas",
        "6121-3.2.3-01 | Table 9: Processing of inbound \"unsubscribed\" stanzas",
    ),
];

pub(super) fn cases(cases: &mut Cases<Target>) {
    for (kind, outbound, inbound, sending, receiving) in KINDS {
        let mut s = cases.section("6121", outbound);
        s.table(
            Level::Must,
            1,
            sending,
            &format!("the sender's state after \"{kind}\""),
            STATES,
            async move |scene, state| {
                let (mut user, mut contact) = reach(scene, state).await?;
                let before = state_of(&mut user, &contact.account.jid).await?;
                send(&mut user, &mut contact, kind).await?;
                let after = shown(&mut user, &contact).await?;
                let wanted = state.outbound(kind).0.shown();
                ensure!(
                    after == wanted,
                    "it was {before:?}; {wanted:?} is expected, it is {after:?}"
                );
                Ok(())
            },
        )
        .accounts(2);
        let kept = |route| move |&(_, state): &(&str, State)| state.outbound(kind).1 == route;
        for (number, level, route) in
            [(2, Level::Must, Route::MustNot), (3, Level::Should, Route::ShouldNot)]
        {
            let rows: Vec<_> = STATES.into_iter().filter(kept(route)).collect();
            s.table(
                level,
                number,
                sending,
                &format!("\"{kind}\" is not routed"),
                rows,
                async move |scene, state| {
                    let (mut user, mut contact) = reach(scene, state).await?;
                    let delivered = send(&mut user, &mut contact, kind).await?;
                    ensure!(!delivered, "the contact gets it");
                    Ok(())
                },
            )
            .accounts(2);
        }
        let mut s = cases.section("6121", inbound);
        // The contact's own states: those that a routed stanza of the user's meets.
        let routed = STATES.into_iter().filter(kept(Route::Must));
        let met: Vec<_> = routed.map(|(_, state)| (state.mirrored().slug(), state)).collect();
        s.table(
            Level::Must,
            1,
            receiving,
            &format!("the receiver's state after \"{kind}\""),
            met.clone(),
            async move |scene, state| {
                let (mut user, mut contact) = reach(scene, state).await?;
                send(&mut user, &mut contact, kind).await?;
                let after = shown(&mut contact, &user).await?;
                let wanted = state.mirrored().inbound(kind).0.shown();
                ensure!(after == wanted, "{wanted:?} is expected, it is {after:?}");
                Ok(())
            },
        )
        .accounts(2);
        for (number, level, wanted) in [(2, Level::Must, true), (3, Level::Should, false)] {
            let rows: Vec<_> = met
                .iter()
                .copied()
                .filter(|(_, state)| state.mirrored().inbound(kind).1 == wanted)
                .collect();
            let word = if wanted { "delivered" } else { "not delivered" };
            s.table(
                level,
                number,
                receiving,
                &format!("\"{kind}\" is {word}"),
                rows,
                async move |scene, state| {
                    let (mut user, mut contact) = reach(scene, state).await?;
                    let delivered = send(&mut user, &mut contact, kind).await?;
                    ensure!(
                        delivered == wanted,
                        "it is {}delivered",
                        if delivered { "" } else { "not " }
                    );
                    Ok(())
                },
            )
            .accounts(2);
        }
    }
}

/// Two users, the first of whom is in that state with the second.
async fn reach(scene: &Scene, state: State) -> Outcome<(User, User)> {
    let (mut user, mut contact) = strangers(scene).await?;
    let (user_jid, contact_jid) = (user.account.jid.clone(), contact.account.jid.clone());
    let setup = async {
        if matches!(state, To | ToIn | Both) {
            subscribe(&mut user, &mut contact).await?;
        }
        if matches!(state, From | FromOut | Both) {
            subscribe(&mut contact, &mut user).await?;
        }
        if matches!(state, NoneOut | NoneOutIn | FromOut) {
            user.send(format!("<presence type='subscribe' to='{contact_jid}'/>")).await;
            contact.wait_for("the request", |e| is_presence(e, "subscribe", &user_jid)).await?;
        }
        if matches!(state, NoneIn | NoneOutIn | ToIn) {
            contact.send(format!("<presence type='subscribe' to='{user_jid}'/>")).await;
            user.wait_for("the request", |e| is_presence(e, "subscribe", &contact_jid)).await?;
        }
        settle(&mut user, &mut contact).await?;
        for (one, other, wanted) in
            [(&mut user, &contact_jid, state), (&mut contact, &user_jid, state.mirrored())]
        {
            let found = state_of(one, other).await?;
            let found = if found == "-" { "none".into() } else { found };
            ensure!(found == wanted.shown(), "the state is {found:?}, not {:?}", wanted.shown());
        }
        Ok(())
    };
    setup.await.setup(&format!("getting to the state {}", state.slug()))?;
    Ok((user, contact))
}

/// The user sends a subscription stanza to the contact; whether it gets there.
async fn send(user: &mut User, contact: &mut User, kind: &str) -> Outcome<bool> {
    let (from, to) = (user.account.jid.clone(), contact.account.jid.clone());
    user.send_marked(format!("<presence type='{kind}' to='{to}'/>")).await;
    let all = contact.all_until_now(user).await?;
    let delivered = all.iter().any(|e| is_presence(e.as_ref(), kind, &from));
    settle(user, contact).await?;
    Ok(delivered)
}

/// What the roster shows, with no difference between no item and one with nothing in it.
async fn shown(user: &mut User, contact: &User) -> Outcome<String> {
    let state = state_of(user, &contact.account.jid).await?;
    let state = state.replace("+approved", "");
    Ok(if state == "-" { "none".into() } else { state })
}
