//! Every row of the tables of RFC 6121 Appendix A, written as the RFC writes them.

use xmpp_im::subscription::{Inbound, Outbound, Subscription, SubscriptionState, SubscriptionType};

use xmpp_im::subscription::SubscriptionState::*;
use xmpp_im::subscription::SubscriptionType::{Subscribe, Subscribed, Unsubscribe, Unsubscribed};

/// The column NEW STATE of tables 2 to 5, and ROUTE?.
enum New {
    Same,
    Becomes(SubscriptionState),
    PreApproval,
}
use New::{Becomes, PreApproval, Same};

const ROUTE: bool = true;
const DELIVER: bool = true;
const NOT: bool = false;

fn outbound(stanza: SubscriptionType, rows: [(SubscriptionState, bool, New); 9]) {
    for ((existing, route, new), state) in rows.into_iter().zip(SubscriptionState::ALL) {
        assert_eq!(existing, state, "the row is not in the RFC's order");
        let got = Subscription::new(existing).outbound(stanza);
        let (state, approved) = match new {
            Same => (existing, false),
            Becomes(state) => (state, false),
            PreApproval => (existing, true),
        };
        let shown = |state: SubscriptionState| (state.attr(), state.is_pending_out());
        let push = approved || shown(state) != shown(existing);
        assert_eq!(
            (got.next.state, got.next.approved, got.route, got.push),
            (state, approved, route, push),
            "outbound {stanza} in {existing}"
        );
    }
}

fn inbound(
    stanza: SubscriptionType,
    rows: [(SubscriptionState, bool, New, Option<SubscriptionType>); 9],
) {
    for ((existing, deliver, new, reply), state) in rows.into_iter().zip(SubscriptionState::ALL) {
        assert_eq!(existing, state, "the row is not in the RFC's order");
        let got = Subscription::new(existing).inbound(stanza);
        let (Same | Becomes(_)) = new else { panic!("no pre-approval in tables 6 to 9") };
        let state = if let Becomes(state) = new { state } else { existing };
        assert_eq!(
            (got.next, got.deliver, got.reply),
            (Subscription::new(state), deliver, reply),
            "inbound {stanza} in {existing}"
        );
    }
}

/// 6121-A.2.1-01 … 6121-A.2.1-09
#[test]
fn table_2_outbound_subscribe() {
    outbound(
        Subscribe,
        [
            (None, ROUTE, Becomes(NonePendingOut)),
            (NonePendingOut, ROUTE, Same),
            (NonePendingIn, ROUTE, Becomes(NonePendingOutIn)),
            (NonePendingOutIn, ROUTE, Same),
            (To, ROUTE, Same),
            (ToPendingIn, ROUTE, Same),
            (From, ROUTE, Becomes(FromPendingOut)),
            (FromPendingOut, ROUTE, Same),
            (Both, ROUTE, Same),
        ],
    );
}

/// 6121-A.2.2-01 … 6121-A.2.2-09
#[test]
fn table_3_outbound_unsubscribe() {
    outbound(
        Unsubscribe,
        [
            (None, ROUTE, Same),
            (NonePendingOut, ROUTE, Becomes(None)),
            (NonePendingIn, ROUTE, Same),
            (NonePendingOutIn, ROUTE, Becomes(NonePendingIn)),
            (To, ROUTE, Becomes(None)),
            (ToPendingIn, ROUTE, Becomes(NonePendingIn)),
            (From, ROUTE, Same),
            (FromPendingOut, ROUTE, Becomes(From)),
            (Both, ROUTE, Becomes(From)),
        ],
    );
}

/// 6121-A.2.3-01 … 6121-A.2.3-09
#[test]
fn table_4_outbound_subscribed() {
    // 6121-3.4.2-02, 6121-3.4.2-03, 6121-3.4.2-04
    outbound(
        Subscribed,
        [
            (None, NOT, PreApproval),
            (NonePendingOut, NOT, PreApproval),
            (NonePendingIn, ROUTE, Becomes(From)),
            (NonePendingOutIn, ROUTE, Becomes(FromPendingOut)),
            (To, NOT, PreApproval),
            (ToPendingIn, ROUTE, Becomes(Both)),
            (From, NOT, Same),
            (FromPendingOut, NOT, Same),
            (Both, NOT, Same),
        ],
    );
}

/// 6121-A.2.4-01 … 6121-A.2.4-09
#[test]
fn table_5_outbound_unsubscribed() {
    outbound(
        Unsubscribed,
        [
            (None, NOT, Same),
            (NonePendingOut, NOT, Same),
            (NonePendingIn, ROUTE, Becomes(None)),
            (NonePendingOutIn, ROUTE, Becomes(NonePendingOut)),
            (To, NOT, Same),
            (ToPendingIn, ROUTE, Becomes(To)),
            (From, ROUTE, Becomes(None)),
            (FromPendingOut, ROUTE, Becomes(NonePendingOut)),
            (Both, ROUTE, Becomes(To)),
        ],
    );
}

/// 6121-A.3.1-01 … 6121-A.3.1-09, 6121-A.3.1-11
#[test]
fn table_6_inbound_subscribe() {
    let subscribed = Some(Subscribed);
    inbound(
        Subscribe,
        [
            (None, DELIVER, Becomes(NonePendingIn), Option::None),
            (NonePendingOut, DELIVER, Becomes(NonePendingOutIn), Option::None),
            (NonePendingIn, NOT, Same, Option::None),
            (NonePendingOutIn, NOT, Same, Option::None),
            (To, DELIVER, Becomes(ToPendingIn), Option::None),
            (ToPendingIn, NOT, Same, Option::None),
            (From, NOT, Same, subscribed),
            (FromPendingOut, NOT, Same, subscribed),
            (Both, NOT, Same, subscribed),
        ],
    );
}

/// 6121-A.3.2-01 … 6121-A.3.2-12
#[test]
fn table_7_inbound_unsubscribe() {
    // 6121-3.3.3-01
    let unsubscribed = Some(Unsubscribed);
    inbound(
        Unsubscribe,
        [
            (None, NOT, Same, Option::None),
            (NonePendingOut, NOT, Same, Option::None),
            (NonePendingIn, DELIVER, Becomes(None), unsubscribed),
            (NonePendingOutIn, DELIVER, Becomes(NonePendingOut), unsubscribed),
            (To, NOT, Same, Option::None),
            (ToPendingIn, DELIVER, Becomes(To), unsubscribed),
            (From, DELIVER, Becomes(None), unsubscribed),
            (FromPendingOut, DELIVER, Becomes(NonePendingOut), unsubscribed),
            (Both, DELIVER, Becomes(To), unsubscribed),
        ],
    );
}

/// 6121-A.3.3-01 … 6121-A.3.3-12
#[test]
fn table_8_inbound_subscribed() {
    // 6121-3.1.6-01, 6121-3.1.6-06
    inbound(
        Subscribed,
        [
            (None, NOT, Same, Option::None),
            (NonePendingOut, DELIVER, Becomes(To), Option::None),
            (NonePendingIn, NOT, Same, Option::None),
            (NonePendingOutIn, DELIVER, Becomes(ToPendingIn), Option::None),
            (To, NOT, Same, Option::None),
            (ToPendingIn, NOT, Same, Option::None),
            (From, NOT, Same, Option::None),
            (FromPendingOut, DELIVER, Becomes(Both), Option::None),
            (Both, NOT, Same, Option::None),
        ],
    );
}

/// 6121-A.3.4-01 … 6121-A.3.4-11
#[test]
fn table_9_inbound_unsubscribed() {
    // 6121-3.2.3-01
    inbound(
        Unsubscribed,
        [
            (None, NOT, Same, Option::None),
            (NonePendingOut, DELIVER, Becomes(None), Option::None),
            (NonePendingIn, NOT, Same, Option::None),
            (NonePendingOutIn, DELIVER, Becomes(NonePendingIn), Option::None),
            (To, DELIVER, Becomes(None), Option::None),
            (ToPendingIn, DELIVER, Becomes(NonePendingIn), Option::None),
            (From, NOT, Same, Option::None),
            (FromPendingOut, DELIVER, Becomes(From), Option::None),
            (Both, DELIVER, Becomes(From), Option::None),
        ],
    );
}

/// 6121-A.3.1-10 and 6121-3.4.2-08: a request that was approved beforehand is not
/// delivered but answered, and the approval is used up.
#[test]
fn a_pre_approved_request_is_answered_and_not_delivered() {
    for (before, after) in [(None, From), (NonePendingOut, FromPendingOut), (To, Both)] {
        let approved = Subscription::new(before).outbound(Subscribed);
        assert!(approved.next.approved && approved.push && !approved.route, "{before}");
        let Inbound { next, deliver, push, reply, .. } = approved.next.inbound(Subscribe);
        assert_eq!((next, deliver, push), (Subscription::new(after), false, true), "{before}");
        assert_eq!(reply, Some(Subscribed), "{before}");
    }
}

/// 6121-3.2.2-03: "MUST remove the pre-approval and MUST NOT route".
#[test]
fn unsubscribed_cancels_a_pre_approval() {
    for before in [None, NonePendingOut, To] {
        let approved = Subscription::new(before).outbound(Subscribed).next;
        let Outbound { next, route, push, .. } = approved.outbound(Unsubscribed);
        assert_eq!((next, route, push), (Subscription::new(before), false, true), "{before}");
    }
}

/// §2.6.3, definition: what no roster push would show does not count as a roster modification.
#[test]
fn a_push_follows_exactly_when_the_roster_item_shows_the_change() {
    let shown = |s: Subscription| (s.state.attr(), s.state.is_pending_out(), s.approved);
    for state in SubscriptionState::ALL {
        for stanza in SubscriptionType::ALL {
            let before = Subscription::new(state);
            let out = before.outbound(stanza);
            assert_eq!(out.push, shown(before) != shown(out.next), "outbound {stanza} in {state}");
            let inb = before.inbound(stanza);
            assert_eq!(inb.push, shown(before) != shown(inb.next), "inbound {stanza} in {state}");
        }
    }
}

/// A.1: how each state is reflected in the roster.
#[test]
fn the_nine_states_as_roster_items() {
    let shown = SubscriptionState::ALL.map(|s| (s.attr(), s.is_pending_out(), s.is_pending_in()));
    assert_eq!(
        shown,
        [
            ("none", false, false),
            ("none", true, false),
            ("none", false, true),
            ("none", true, true),
            ("to", false, false),
            ("to", false, true),
            ("from", false, false),
            ("from", true, false),
            ("both", false, false),
        ]
    );
}

/// Two servers that follow the tables agree: what one holds of "to" the other holds of
/// "from", after any exchange, since every stanza that changes a state is routed.
#[test]
fn both_sides_of_every_exchange_agree() {
    fn mirrors(a: SubscriptionState, b: SubscriptionState) -> bool {
        a.has_to() == b.has_from()
            && a.has_from() == b.has_to()
            && a.is_pending_out() == b.is_pending_in()
            && a.is_pending_in() == b.is_pending_out()
    }
    for a in SubscriptionState::ALL {
        for b in SubscriptionState::ALL.into_iter().filter(|b| mirrors(a, *b)) {
            for stanza in SubscriptionType::ALL {
                let sent = Subscription::new(a).outbound(stanza);
                let (mut user, mut contact) = (sent.next, Subscription::new(b));
                if sent.route {
                    let received = contact.inbound(stanza);
                    contact = received.next;
                    if let Some(reply) = received.reply {
                        user = user.inbound(reply).next;
                    }
                }
                assert!(mirrors(user.state, contact.state), "{stanza} in {a} to {b}");
            }
        }
    }
}

/// 6121-3.1.2-08, ours beyond that: an error in place of an answer ends a request that waits, as if
/// it had not been routed, and touches nothing else.
#[test]
fn an_error_ends_what_is_pending_out_alone() {
    for state in SubscriptionState::ALL {
        for approved in [false, true] {
            let mut before = Subscription::new(state);
            before.approved = approved;
            let received = before.inbound_error();
            let after = received.next;
            assert!(!after.state.is_pending_out(), "{state}");
            assert_eq!(after.state.has_to(), state.has_to(), "{state}");
            assert_eq!(after.state.has_from(), state.has_from(), "{state}");
            assert_eq!(after.state.is_pending_in(), state.is_pending_in(), "{state}");
            assert_eq!(after.approved, approved);
            assert_eq!(received.push, state.is_pending_out(), "{state}");
            assert!(received.deliver && received.reply.is_none(), "{state}");
        }
    }
}
