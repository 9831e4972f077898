//! RFC 6121 §2: a server's roster and a client's copy of it.

use xmpp_im::roster::{
    CacheError, Change, Changes, Limits, Push, QueryPush, QueryResult, Roster, RosterCache,
    RosterSet, SetError,
};
use xmpp_im::subscription::SubscriptionType;
use xmpp_jid::BareJid;
use xmpp_stanza::features::FeaturesRef;
use xmpp_stanza::roster::{Query, Subscription};
use xmpp_stanza::{Payload, StanzaRef};
use xmpp_xml::{Element, WriteXml, Writer};

fn query(items: &str) -> Element {
    Element::parse(format!("<query xmlns='jabber:iq:roster'>{items}</query>")).unwrap()
}

fn parse(items: &str) -> Result<RosterSet, SetError> {
    RosterSet::parse(query(items).as_ref(), &Limits::default())
}

fn set(roster: &mut Roster, item: &str) {
    roster.set(parse(item).unwrap()).unwrap();
}

fn written(value: &dyn WriteXml) -> Element {
    let mut bytes = Vec::new();
    let mut writer = Writer::document(&mut bytes);
    value.write_xml(&mut writer);
    writer.finish().unwrap();
    Element::parse(bytes).unwrap()
}

fn bare(jid: &str) -> BareJid {
    BareJid::new(jid).unwrap()
}

fn request(text: &str) -> Element {
    Element::parse(format!(
        "<presence xmlns='jabber:client' type='subscribe'><status>{text}</status></presence>"
    ))
    .unwrap()
}

/// RFC 6121 §2.3.3, in its order, and what else can be wrong with an item.
#[test]
fn sets_that_break_a_rule() {
    let limits = Limits::default();
    for (items, expected) in [
        ("<item jid='a@example.com'/><item jid='b@example.com'/>", SetError::NotOneItem),
        ("", SetError::NotOneItem),
        ("<item xmlns='urn:x' jid='a@example.com'/>", SetError::NotOneItem),
        ("<item name='x'/>", SetError::NoJid),
        ("<item jid='a'><group>g</group><group>g</group></item>", SetError::DuplicateGroup),
        // One and the same after normalisation (OpaqueString, RFC 8265 §4.2)
        (
            "<item jid='a'><group>caf\u{e9}</group><group>cafe\u{301}</group></item>",
            SetError::DuplicateGroup,
        ),
        ("<item jid='a'><group/></item>", SetError::EmptyGroup),
        ("<item jid='a'><group></group><group/></item>", SetError::EmptyGroup),
    ] {
        assert_eq!(parse(items), Err(expected), "{items}");
    }
    assert!(matches!(parse("<item jid='a@b@c'/>"), Err(SetError::JidMalformed(_))));

    let name = |n: usize| format!("<item jid='a' name='{}'/>", "x".repeat(n));
    assert!(parse(&name(limits.max_name_bytes)).is_ok());
    let max = limits.max_name_bytes;
    assert_eq!(parse(&name(max + 1)), Err(SetError::NameTooLong { max }));
    let group = |n: usize| format!("<item jid='a'><group>{}</group></item>", "x".repeat(n));
    let max = limits.max_group_bytes;
    assert!(parse(&group(max)).is_ok());
    assert_eq!(parse(&group(max + 1)), Err(SetError::GroupTooLong { max }));
    let groups = |n: usize| {
        let groups: String = (0..n).map(|i| format!("<group>{i}</group>")).collect();
        format!("<item jid='a'>{groups}</item>")
    };
    let max = limits.max_groups;
    assert!(parse(&groups(max)).is_ok());
    assert_eq!(parse(&groups(max + 1)), Err(SetError::TooManyGroups { max }));
}

#[test]
fn a_roster_is_bounded() {
    let mut limits = Limits::default();
    limits.max_items = 1;
    let mut roster = Roster::new(0, limits);
    set(&mut roster, "<item jid='a@example.com'/>");
    set(&mut roster, "<item jid='a@example.com' name='A'/>");
    let other = parse("<item jid='b@example.com'/>").unwrap();
    assert_eq!(roster.set(other), Err(SetError::RosterFull));
    let b = bare("b@example.com");
    assert!(roster.outbound(&b, SubscriptionType::Subscribe).is_err());
    assert_eq!(roster.subscription("b@example.com"), Default::default());
    // What needs no item is no item.
    assert!(roster.outbound(&b, SubscriptionType::Unsubscribe).is_ok());
    assert_eq!(roster.len(), 1);
    roster.remove("a@example.com").unwrap();
    assert!(roster.outbound(&b, SubscriptionType::Subscribe).is_ok());
    assert_eq!(roster.remove("a@example.com"), Err(SetError::NotInRoster));
}

#[test]
fn a_roster_is_bounded_in_bytes() {
    let mut limits = Limits::default();
    limits.max_item_bytes = 40;
    let mut roster = Roster::new(0, limits);
    let item = |jid: &str, name: usize, group: usize| {
        let (name, group) = ("n".repeat(name), "g".repeat(group));
        parse(&format!("<item jid='{jid}' name='{name}'><group>{group}</group></item>")).unwrap()
    };
    assert!(roster.set(item("a@example.com", 10, 10)).is_ok());
    // What an update replaces does not count; what is removed makes room.
    for _ in 0..3 {
        assert!(roster.set(item("a@example.com", 20, 7)).is_ok());
    }
    assert_eq!(roster.set(item("a@example.com", 20, 8)), Err(SetError::RosterFull));
    assert_eq!(roster.set(item("b@example.com", 1, 1)), Err(SetError::RosterFull));
    let b = bare("b@example.com");
    assert!(roster.outbound(&b, SubscriptionType::Subscribe).is_err());
    roster.remove("a@example.com").unwrap();
    assert!(roster.outbound(&b, SubscriptionType::Subscribe).is_ok());
    assert!(roster.set(item("b@example.com", 20, 7)).is_ok());
    assert_eq!(roster.set(item("b@example.com", 20, 8)), Err(SetError::RosterFull));
    roster.remove("b@example.com").unwrap();
    assert!(roster.set(item("c@example.com", 20, 7)).is_ok());
}

#[test]
fn what_is_no_new_request_needs_no_room_for_one() {
    use SubscriptionType::{Subscribe, Subscribed, Unsubscribe, Unsubscribed};
    let mut limits = Limits::default();
    limits.max_requests = 1;
    let mut roster = Roster::new(0, limits);
    let (a, b, element) = (bare("a@example.com"), bare("b@example.com"), request("please"));
    roster.inbound(&a, Subscribe, element.as_ref()).unwrap();
    assert!(roster.inbound(&b, Subscribe, element.as_ref()).is_err(), "it is full");
    for stanza in [Subscribed, Unsubscribe, Unsubscribed] {
        assert!(roster.inbound(&b, stanza, element.as_ref()).is_ok(), "{stanza}");
    }
    // The same once more, and the end of it.
    assert!(roster.inbound(&a, Subscribe, element.as_ref()).is_ok());
    assert!(roster.inbound(&a, Unsubscribe, element.as_ref()).is_ok());
    assert!(roster.inbound(&b, Subscribe, element.as_ref()).is_ok(), "there is room again");
}

#[test]
fn what_fits_to_the_byte_fits() {
    let contact = bare("b@example.com");
    let bytes = contact.as_str().len();
    for max in [bytes - 1, bytes] {
        let mut limits = Limits::default();
        limits.max_item_bytes = max;
        let mut roster = Roster::new(0, limits);
        let fits = max == bytes;
        assert_eq!(roster.outbound(&contact, SubscriptionType::Subscribe).is_ok(), fits);
        assert_eq!(roster.len(), usize::from(fits));
        let mut roster = Roster::new(0, limits);
        assert_eq!(roster.set(parse("<item jid='b@example.com'/>").unwrap()).is_ok(), fits);
    }
}

/// 6121-A.1-01: a request waits beside an item, and without one makes none until it is approved.
#[test]
fn a_request_waits_beside_the_item_or_without_one() {
    let mut roster = Roster::new(0, Limits::default());
    let (a, b) = (bare("a@example.com"), bare("b@example.com"));
    set(&mut roster, "<item jid='a@example.com' name='A'/>");
    let item = roster.item("a@example.com").unwrap().clone();
    let before = roster.ver().to_string();
    for jid in [&a, &b] {
        roster.inbound(jid, SubscriptionType::Subscribe, request("r").as_ref()).unwrap();
    }
    let waiting: Vec<_> = roster.requests().map(|(jid, _)| jid.to_string()).collect();
    assert_eq!(waiting, ["a@example.com", "b@example.com"]);
    assert!(roster.subscription("a@example.com").state.is_pending_in());
    let kept = roster.item("a@example.com").unwrap();
    assert_eq!((&kept.jid, &kept.name), (&item.jid, &item.name));
    assert!(roster.item("b@example.com").is_none());
    assert_eq!((roster.len(), roster.ver().to_string()), (1, before));
    roster.outbound(&b, SubscriptionType::Subscribed).unwrap();
    assert_eq!(roster.item("b@example.com").unwrap().subscription.state.attr(), "from");
}

/// RFC 6121 §3.1.3: "store only one".
#[test]
fn requests_are_kept_once_and_bounded() {
    let mut limits = Limits::default();
    let (first, second) = (request("first"), request("second"));
    limits.max_requests = 2;
    limits.max_request_bytes = 2 * first.held_bytes() + 100;
    let mut roster = Roster::new(0, limits);
    for element in [&first, &second] {
        let a = bare("a@example.com");
        roster.inbound(&a, SubscriptionType::Subscribe, element.as_ref()).unwrap();
    }
    assert_eq!(roster.requests().map(|(_, e)| e).collect::<Vec<_>>(), [&first]);
    assert!(roster.is_empty());

    let (b, c) = (bare("b@example.com"), bare("c@example.com"));
    let big = request(&"x".repeat(200));
    assert!(roster.inbound(&b, SubscriptionType::Subscribe, big.as_ref()).is_err());
    assert!(roster.inbound(&b, SubscriptionType::Subscribe, first.as_ref()).is_ok());
    assert!(roster.inbound(&c, SubscriptionType::Subscribe, first.as_ref()).is_err());
    // Whatever ends a request makes room: an answer, the contact, the end of an item.
    roster.outbound(&b, SubscriptionType::Unsubscribed).unwrap();
    assert!(roster.inbound(&c, SubscriptionType::Subscribe, first.as_ref()).is_ok());
    roster.inbound_reply(&c, SubscriptionType::Unsubscribe);
    assert!(roster.inbound(&b, SubscriptionType::Subscribe, first.as_ref()).is_ok());
    set(&mut roster, "<item jid='b@example.com'/>");
    let removed = roster.remove("b@example.com").unwrap();
    assert_eq!(removed.stanzas().collect::<Vec<_>>(), [SubscriptionType::Unsubscribed]);
    assert!(roster.inbound(&c, SubscriptionType::Subscribe, first.as_ref()).is_ok());
}

/// What counts is the memory that is held: many small elements hold more than their text.
#[test]
fn requests_are_bounded_by_what_they_hold() {
    let dense = "<presence type='subscribe'>".to_owned() + &"<x/>".repeat(200) + "</presence>";
    let dense = Element::parse(dense).unwrap();
    let text = dense.as_ref().source().len();
    assert!(dense.held_bytes() > 2 * text);
    let outcome = |max| {
        let mut limits = Limits::default();
        limits.max_request_bytes = max;
        let mut roster = Roster::new(0, limits);
        roster.inbound(&bare("a@example.com"), SubscriptionType::Subscribe, dense.as_ref())
    };
    assert!(outcome(text).is_err());
    assert!(outcome(dense.held_bytes() - 1).is_err());
    assert!(outcome(dense.held_bytes()).is_ok());
}

/// 6121-2.6.3-07: versions are unique and in order; a client that lacks what is forgotten gets
/// the whole roster.
#[test]
fn versions() {
    let mut limits = Limits::default();
    limits.max_removed = 1;
    let mut roster = Roster::new(0xfeed, limits);
    let mut seen = vec![roster.ver().to_string()];
    for jid in ["a", "b", "c", "d"] {
        set(&mut roster, &format!("<item jid='{jid}'/>"));
        seen.push(roster.ver().to_string());
    }
    roster.remove("a").unwrap();
    let after_a = roster.ver().to_string();
    let of = |roster: &Roster, ver: &str| match roster.changes_since(ver) {
        Changes::Whole => None,
        Changes::Since(changes) => Some(
            changes
                .iter()
                .map(|(_, change)| match change {
                    Change::Item(item) => item.jid.to_string(),
                    Change::Removed(jid) => format!("-{}", jid.as_str()),
                })
                .collect::<Vec<_>>(),
        ),
    };
    assert_eq!(of(&roster, &seen[4]), Some(vec!["-a".to_owned()]));
    assert_eq!(of(&roster, &after_a), Some(vec![]));
    // Four changes to three items: the whole roster is less.
    assert_eq!(of(&roster, &seen[0]), None);
    roster.remove("b").unwrap();
    assert_eq!(of(&roster, &after_a), Some(vec!["-b".to_owned()]));
    assert_eq!(of(&roster, &seen[4]), None, "the removal of a is forgotten");
    // Back again: not removed any more.
    set(&mut roster, "<item jid='b'/>");
    assert_eq!(of(&roster, &after_a), Some(vec!["b".to_owned()]));
    // Another instance's version
    assert_eq!(of(&Roster::new(1, limits), "feed-0"), None);
    // 6121-2.6.3-02: what cannot be associated with a version that was told.
    for ver in ["", "feed", "feed-", "-3", "feed-x", "g-3", "feed-3-3", "feee-3", "feed-99"] {
        assert_eq!(of(&roster, ver), None, "{ver:?}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

/// 6121-2.1.2.3-01: an item has an address, in a result and in a push; 6121-2.1.2.5-02: a
/// subscription that there is not is none that is said.
#[test]
fn items_without_an_address_and_with_odd_subscriptions() {
    let mut cache = RosterCache::new(bare("juliet@example.com"), 10);
    let whole = "<item name='nobody'/><item jid='a@example.com'/>";
    cache.result(Some(Query::parse(query(whole).as_ref()).unwrap())).unwrap();
    assert_eq!(cache.items().map(|item| item.jid.as_str()).collect::<Vec<_>>(), ["a@example.com"]);
    let push = |cache: &mut RosterCache, item: &str| {
        let iq = Element::parse(format!(
            "<iq xmlns='jabber:client' id='p' type='set'>\
             <query xmlns='jabber:iq:roster'>{item}</query></iq>"
        ))
        .unwrap();
        cache.push(StanzaRef::new(iq.as_ref()).unwrap()).map(|push| match push {
            Push::Item(item) => item.subscription,
            Push::Removed(_) => Some(Subscription::Remove),
        })
    };
    assert!(push(&mut cache, "<item name='nobody'/>").is_err());
    for (subscription, expected) in [
        ("none", Some(Subscription::None)),
        ("to", Some(Subscription::To)),
        ("from", Some(Subscription::From)),
        ("both", Some(Subscription::Both)),
        ("friend", None),
        ("", None),
        ("Both", None),
        ("remove", Some(Subscription::Remove)),
    ] {
        let item = format!("<item jid='a@example.com' subscription='{subscription}'/>");
        assert_eq!(push(&mut cache, &item), Ok(expected), "{subscription}");
        assert_eq!(cache.items().count(), usize::from(subscription != "remove"));
    }
}

/// 6121-2.6.2-01: a client names the version that it has to a server that keeps versions;
/// 6121-2.6.2-03: the empty one if it has none; 6121-2.6.2-02: to others it names none.
#[test]
fn a_cache_asks_by_version_where_the_server_has_versions() {
    let with = Element::parse(
        "<features xmlns='http://etherx.jabber.org/streams'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><ver xmlns='urn:xmpp:features:rosterver'/>\
         </features>",
    )
    .unwrap();
    let without = Element::parse(
        "<features xmlns='http://etherx.jabber.org/streams'><ver xmlns='urn:x'/></features>",
    )
    .unwrap();
    let [with, without] = [&with, &without].map(|it| FeaturesRef::parse(it.as_ref()).unwrap());
    let mut cache = RosterCache::new(bare("juliet@example.com"), 10);
    let asked = |cache: &RosterCache, features| written(&cache.query(features)).source().to_owned();
    assert_eq!(asked(&cache, with), "<query xmlns='jabber:iq:roster' ver=''/>");
    let whole = "<query xmlns='jabber:iq:roster' ver='ver7'><item jid='a@example.com'/></query>";
    let whole = Element::parse(whole).unwrap();
    cache.result(Some(Query::parse(whole.as_ref()).unwrap())).unwrap();
    assert_eq!(asked(&cache, with), "<query xmlns='jabber:iq:roster' ver='ver7'/>");
    assert_eq!(asked(&cache, without), "<query xmlns='jabber:iq:roster'/>");
}

/// What the server writes is what the client reads.
#[test]
fn a_cache_follows_its_roster() {
    // 6121-2.1.6-03, 6121-2.6.2-03; the version to ask for next is that of the last push:
    // 6121-2.6.3-05
    let mut roster = Roster::new(1, Limits::default());
    let mut cache = RosterCache::new(bare("juliet@example.com"), 10);
    assert_eq!(cache.ver(), "", "nothing cached yet");
    set(&mut roster, "<item jid='nurse@example.com' name='N &amp; Co'><group>S</group></item>");
    let romeo = bare("romeo@example.com");
    roster.outbound(&romeo, SubscriptionType::Subscribe).unwrap();
    let result = written(&QueryResult(&roster));
    cache.result(Some(Query::parse(result.as_ref()).unwrap())).unwrap();
    assert_eq!(cache.items().count(), 2);
    assert_eq!(cache.ver(), roster.ver().to_string());
    let nurse = cache.item("nurse@example.com").unwrap();
    assert_eq!((nurse.name.as_deref(), &*nurse.groups), (Some("N & Co"), &["S".to_owned()][..]));
    assert!(cache.item("romeo@example.com").unwrap().ask);

    let push = |cache: &mut RosterCache, from: &str, payload: &dyn WriteXml| {
        let payload = written(payload);
        let iq = Element::parse(format!(
            "<iq xmlns='jabber:client' id='p' type='set'{from}>{}</iq>",
            payload.source()
        ))
        .unwrap();
        cache.push(StanzaRef::new(iq.as_ref()).unwrap()).map(|p| match p {
            Push::Item(item) => format!("{:?}", item.subscription),
            Push::Removed(jid) => format!("-{jid}"),
        })
    };
    roster.inbound_reply(&romeo, SubscriptionType::Subscribed);
    let payload = QueryPush(roster.ver(), Change::Item(roster.item("romeo@example.com").unwrap()));
    // 6121-2.1.6-02, -04: anybody else's does not count, nor does a 'from' that is no address.
    for from in [
        " from='tybalt@example.com'",
        " from='example.com'",
        " from='juliet@example.com/balcony'",
        " from='@'",
        " from=''",
    ] {
        assert_eq!(push(&mut cache, from, &payload), Err(CacheError::NotFromOwnAccount), "{from}");
    }
    let shown = format!("{:?}", Some(Subscription::To));
    assert_eq!(push(&mut cache, "", &payload), Ok(shown.clone()));
    assert_eq!(push(&mut cache, " from='JULIET@example.com'", &payload), Ok(shown));
    assert_eq!(cache.ver(), roster.ver().to_string());

    let removed = roster.remove("nurse@example.com").unwrap();
    let payload = QueryPush(roster.ver(), Change::Removed(removed.jid.as_ref()));
    assert_eq!(push(&mut cache, "", &payload), Ok("-nurse@example.com".to_owned()));
    assert!(cache.item("nurse@example.com").is_none());
    // 6121-2.6.3-01: an empty result leaves the cache.
    cache.result(None).unwrap();
    assert_eq!(cache.items().count(), 1);
}

#[test]
fn pushes_that_are_none() {
    let mut cache = RosterCache::new(bare("juliet@example.com"), 1);
    for (iq, expected) in [
        (
            "<iq xmlns='jabber:client' type='get' id='x'><query xmlns='jabber:iq:roster'/></iq>",
            "no",
        ),
        ("<iq xmlns='jabber:client' type='set' id='x'><query xmlns='urn:x'/></iq>", "no"),
        (
            "<iq xmlns='jabber:client' type='set' id='x'><query xmlns='jabber:iq:roster'/></iq>",
            "invalid",
        ),
        (
            "<iq xmlns='jabber:client' type='set' id='x'><query xmlns='jabber:iq:roster'>\
             <item jid='a'/><item jid='b'/></query></iq>",
            "invalid",
        ),
        (
            "<iq xmlns='jabber:client' type='set' id='x'><query xmlns='jabber:iq:roster'>\
             <item jid='a'/></query></iq>",
            "ok",
        ),
        (
            "<iq xmlns='jabber:client' type='set' id='x'><query xmlns='jabber:iq:roster'>\
             <item jid='b'/></query></iq>",
            "full",
        ),
    ] {
        let element = Element::parse(iq).unwrap();
        let got = match cache.push(StanzaRef::new(element.as_ref()).unwrap()) {
            Ok(_) => "ok",
            Err(CacheError::NotAPush) => "no",
            Err(CacheError::Invalid(_)) => "invalid",
            Err(CacheError::TooManyItems { .. }) => "full",
            Err(other) => panic!("{other}"),
        };
        assert_eq!(got, expected, "{iq}");
    }
    assert_eq!(cache.items().count(), 1);
}

/// 6121-2.1.2.5-01: in a result, "remove" is no value.
#[test]
fn a_result_with_values_that_there_are_not() {
    let mut cache = RosterCache::new(bare("juliet@example.com"), 10);
    let query = query(
        "<item jid='a' subscription='remove'/><item jid='b' subscription='friend'/>\
         <item jid='c' subscription='both'/>",
    );
    cache.result(Some(Query::parse(query.as_ref()).unwrap())).unwrap();
    let states: Vec<_> = cache.items().map(|item| item.subscription).collect();
    assert_eq!(states, [None, None, Some(Subscription::Both)]);
}
