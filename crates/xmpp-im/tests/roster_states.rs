//! A roster whose items are in each of the nine states of RFC 6121 Appendix A.1.

use xmpp_im::roster::{CacheError, Change, Changes, Limits, Roster, RosterCache, RosterSet};
use xmpp_im::subscription::SubscriptionState;
use xmpp_im::subscription::SubscriptionType::{
    self, Subscribe, Subscribed, Unsubscribe, Unsubscribed,
};
use xmpp_jid::BareJid;
use xmpp_stanza::roster::Query;
use xmpp_stanza::{Payload, StanzaRef};
use xmpp_xml::Element;

const CONTACT: &str = "romeo@example.net";

enum Step {
    /// The user sends it.
    Out(SubscriptionType),
    /// The contact does.
    In(SubscriptionType),
}
use Step::{In, Out};

/// How to get to each state from that of a contact in no roster.
const WAYS: [(SubscriptionState, &[Step]); 9] = [
    (SubscriptionState::None, &[]),
    (SubscriptionState::NonePendingOut, &[Out(Subscribe)]),
    (SubscriptionState::NonePendingIn, &[In(Subscribe)]),
    (SubscriptionState::NonePendingOutIn, &[Out(Subscribe), In(Subscribe)]),
    (SubscriptionState::To, &[Out(Subscribe), In(Subscribed)]),
    (SubscriptionState::ToPendingIn, &[Out(Subscribe), In(Subscribed), In(Subscribe)]),
    (SubscriptionState::From, &[In(Subscribe), Out(Subscribed)]),
    (SubscriptionState::FromPendingOut, &[In(Subscribe), Out(Subscribed), Out(Subscribe)]),
    (SubscriptionState::Both, &[In(Subscribe), Out(Subscribed), Out(Subscribe), In(Subscribed)]),
];

fn contact() -> BareJid {
    BareJid::new(CONTACT).unwrap()
}

fn step(roster: &mut Roster, step: &Step) {
    match *step {
        Out(kind) => _ = roster.outbound(&contact(), kind).unwrap(),
        In(Subscribe) => {
            let element = "<presence xmlns='jabber:client' type='subscribe'/>";
            let element = Element::parse(element).unwrap();
            roster.inbound(&contact(), Subscribe, element.as_ref()).unwrap();
        }
        In(kind) => _ = roster.inbound_reply(&contact(), kind),
    }
}

/// Of which the contact is an item, in that state.
fn roster(way: &[Step]) -> Roster {
    let mut roster = Roster::new(1, Limits::default());
    let query = format!("<query xmlns='jabber:iq:roster'><item jid='{CONTACT}'/></query>");
    let query = Element::parse(query).unwrap();
    roster.set(RosterSet::parse(query.as_ref(), &Limits::default()).unwrap()).unwrap();
    for each in way {
        step(&mut roster, each);
    }
    roster
}

#[test]
fn who_hears_of_whom() {
    for (state, way) in &WAYS {
        let roster = roster(way);
        assert_eq!(roster.subscription(CONTACT).state, *state);
        assert_eq!((roster.len(), roster.is_empty()), (1, false), "{state}");
        let to = roster.subscriptions().map(|jid| jid.as_str()).collect::<Vec<_>>();
        assert_eq!(to, if state.has_to() { &[CONTACT][..] } else { &[] }, "{state}");
        let from = roster.subscribers().map(|jid| jid.as_str()).collect::<Vec<_>>();
        assert_eq!(from, if state.has_from() { &[CONTACT][..] } else { &[] }, "{state}");
        assert_eq!(roster.requests().count(), usize::from(state.is_pending_in()), "{state}");
    }
    let empty = Roster::new(1, Limits::default());
    assert_eq!((empty.len(), empty.is_empty(), empty.items().count()), (0, true, 0));
}

#[test]
fn an_item_that_is_removed_ends_what_there_was() {
    // 6121-2.5.2-02 … 6121-2.5.2-04; a request that waits is denied, one that was sent is
    // taken back.
    for (state, way) in &WAYS {
        let mut roster = roster(way);
        let removed = roster.remove(CONTACT).unwrap();
        let unsubscribe = state.has_to() || state.is_pending_out();
        let unsubscribed = state.has_from() || state.is_pending_in();
        let expected: Vec<_> = [(unsubscribe, Unsubscribe), (unsubscribed, Unsubscribed)]
            .into_iter()
            .filter_map(|(is, kind)| is.then_some(kind))
            .collect();
        assert_eq!(removed.stanzas().collect::<Vec<_>>(), expected, "{state}");
        assert_eq!((removed.jid.as_str(), removed.subscription.state), (CONTACT, *state));
        assert!(roster.is_empty() && roster.requests().next().is_none());
        assert_eq!(roster.subscription(CONTACT), Default::default());
    }
}

#[test]
fn an_error_takes_back_what_was_asked_and_nothing_else() {
    // RFC 6121 section 3.1.3: the request has not arrived.
    for (state, way) in &WAYS {
        let mut roster = roster(way);
        let outcome = roster.inbound_error(&contact());
        let next = roster.subscription(CONTACT).state;
        assert_eq!(outcome.next.state, next);
        assert!(!next.is_pending_out(), "{state}");
        let kept = |it: SubscriptionState| (it.has_to(), it.has_from(), it.is_pending_in());
        assert_eq!(kept(next), kept(*state), "{state}");
        assert_eq!(outcome.push, state.is_pending_out(), "what is shown has changed: {state}");
        assert!(outcome.deliver && outcome.reply.is_none());
    }
}

#[test]
fn an_item_stays_when_its_subscription_ends() {
    // RFC 6121 section 3.2: the contact cancels the subscription, and the item is shown with
    // 'none'. 6121-2.6.3-03: it is one of the changes since the version before.
    for ending in [Unsubscribed, Unsubscribe] {
        let mut roster = roster(WAYS[if ending == Unsubscribed { 4 } else { 6 }].1);
        let before = roster.ver().to_string();
        step(&mut roster, &In(ending));
        assert_eq!(roster.subscription(CONTACT).state, SubscriptionState::None, "{ending:?}");
        let item = roster.item(CONTACT).expect("it is still an item");
        let Changes::Since(changes) = roster.changes_since(&before) else {
            panic!("one change of one item is told by itself");
        };
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].0.to_string(), roster.ver().to_string());
        assert_eq!(changes[0].1, Change::Item(item));
    }
}

#[test]
fn only_remove_removes() {
    // 6121-2.1.5-02: of a roster set, any other value of 'subscription' is ignored.
    let limits = Limits::default();
    for subscription in ["remove", "none", "to", "from", "both", "Remove", ""] {
        let query = format!(
            "<query xmlns='jabber:iq:roster'><item jid='{CONTACT}' \
             subscription='{subscription}'/></query>"
        );
        let query = Element::parse(query).unwrap();
        let set = RosterSet::parse(query.as_ref(), &limits).unwrap();
        assert_eq!(set.jid().as_str(), CONTACT);
        let removes = matches!(set, RosterSet::Remove { .. });
        assert_eq!(removes, subscription == "remove", "{subscription:?}");
        let mut roster = roster(WAYS[8].1);
        let refused = roster.set(set).is_err();
        assert_eq!(refused, removes, "a removal is no update");
        assert_eq!(roster.subscription(CONTACT).state, SubscriptionState::Both);
    }
}

#[test]
fn a_client_keeps_as_many_items_as_it_said() {
    let result = |n: usize| {
        let items: String = (0..n).map(|n| format!("<item jid='c{n}@example.net'/>")).collect();
        let query = Element::parse(format!("<query xmlns='jabber:iq:roster'>{items}</query>"));
        Query::parse(query.unwrap().as_ref()).unwrap()
    };
    let mut cache = RosterCache::new(contact(), 3);
    assert_eq!(cache.result(Some(result(3))), Ok(()));
    assert_eq!(cache.result(Some(result(4))), Err(CacheError::TooManyItems { max: 3 }));
    assert_eq!(cache.items().count(), 3, "what was there stays");
    // A push of what is there, or of what goes, takes no more room.
    let mut push = |item: &str| {
        let iq = Element::parse(format!(
            "<iq xmlns='jabber:client' id='p' type='set'>\
             <query xmlns='jabber:iq:roster'><item {item}/></query></iq>"
        ))
        .unwrap();
        cache.push(StanzaRef::new(iq.as_ref()).unwrap()).map(|_| ())
    };
    assert_eq!(push("jid='c0@example.net' name='new'"), Ok(()));
    assert_eq!(push("jid='c3@example.net' subscription='remove'"), Ok(()));
    assert_eq!(push("jid='c3@example.net'"), Err(CacheError::TooManyItems { max: 3 }));
}
