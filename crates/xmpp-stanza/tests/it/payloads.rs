//! Bind, ping, session, rosters, service discovery.

use xmpp_jid::FullJid;
use xmpp_stanza::bind::Bind;
use xmpp_stanza::disco::{self, Identity, Info, Items};
use xmpp_stanza::ping::Ping;
use xmpp_stanza::roster::{Item, Query, Subscription};
use xmpp_stanza::session::Session;
use xmpp_stanza::{Payload, Rule, StanzaCondition};

use crate::harness::{element, jid, payload, reads, refuses};

const BIND: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'";

#[test]
fn bind() {
    payload(&Bind::Any, &format!("<bind {BIND}/>"));
    payload(
        &Bind::Resource("balcony".into()),
        &format!("<bind {BIND}><resource>balcony</resource></bind>"),
    );
    // RFC 6120 section 7.7.2.1: for the server to make the best of.
    payload(&Bind::Resource(String::new()), &format!("<bind {BIND}><resource/></bind>"));
    payload(
        &Bind::Jid(FullJid::new("juliet@im.example.com/balcony").unwrap()),
        &format!("<bind {BIND}><jid>juliet@im.example.com/balcony</jid></bind>"),
    );
    reads(
        |e| Bind::parse(e),
        &Bind::Jid(FullJid::new("juliet@im.example.com/Balcony").unwrap()),
        &format!("<bind {BIND}><jid>\n juliet@IM.example.com/Balcony\n</jid></bind>"),
    );
    // As a feature of servers that say what goes without saying.
    reads(|e| Bind::parse(e), &Bind::Any, &format!("<bind {BIND}><required/></bind>"));
    // RFC 6120 section 7.6.1: a full JID.
    for bad in ["juliet@im.example.com", "", "@/"] {
        let xml = format!("<bind {BIND}><jid>{bad}</jid></bind>");
        let invalid = Bind::parse(element(&xml).as_ref()).unwrap_err();
        assert_eq!(
            (invalid.element(), invalid.condition()),
            ("jid", StanzaCondition::JidMalformed)
        );
    }
}

#[test]
fn ping_and_session() {
    payload(&Ping, "<ping xmlns='urn:xmpp:ping'/>");
    reads(|e| Ping::parse(e), &Ping, "<ping xmlns='urn:xmpp:ping' a='b'>c<d/></ping>");
    let section = "RFC 6120, 8.4";
    refuses(|e| Ping::parse(e), "<ping/>", Rule::WrongElement, ("ping", None), section);
    refuses(
        |e| Ping::parse(e),
        "<pong xmlns='urn:xmpp:ping'/>",
        Rule::WrongElement,
        ("ping", None),
        section,
    );
    const SESSION: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-session'";
    payload(&Session::new(), &format!("<session {SESSION}/>"));
    payload(&Session::optional(), &format!("<session {SESSION}><optional/></session>"));
}

#[test]
fn rosters() {
    const ROSTER: &str = "xmlns='jabber:iq:roster'";
    payload(&Query::new(), &format!("<query {ROSTER}/>"));
    payload(&Query::new().with_ver(""), &format!("<query {ROSTER} ver=''/>"));
    payload(
        &Query::new()
            .with_ver("ver11")
            .with_item(
                Item::new(jid("romeo@example.net"))
                    .with_name("Romeo")
                    .with_subscription(Subscription::Both)
                    .with_group("Friends")
                    .with_group("Enemies"),
            )
            .with_item(Item::removal(jid("tybalt@example.net"))),
        &format!(
            "<query {ROSTER} ver='ver11'><item jid='romeo@example.net' name='Romeo' \
             subscription='both'><group>Friends</group><group>Enemies</group></item>\
             <item jid='tybalt@example.net' subscription='remove'/></query>"
        ),
    );
    let mut pending = Item::new(jid("nurse@example.com"));
    (pending.ask, pending.approved) = (true, true);
    payload(
        &Query::of(pending.clone()),
        &format!(
            "<query {ROSTER}><item jid='nurse@example.com' ask='subscribe' approved='true'/></query>"
        ),
    );
    reads(
        |e| Query::parse(e),
        &Query::of(pending),
        &format!(
            "<query {ROSTER}><item jid='nurse@example.com' ask='subscribe' approved='1'/></query>"
        ),
    );
    // 6121-2.1.2.5-01
    reads(
        |e| Query::parse(e),
        &Query::of(Item::new(jid("a.example"))),
        &format!(
            "<query {ROSTER}><item jid='a.example' subscription='maybe' ask='what'/><x/></query>"
        ),
    );
}

#[test]
fn one_malformed_item_does_not_cost_the_roster() {
    let xml = "<query xmlns='jabber:iq:roster'><item jid='a.example'/><item jid='@'/><item/>\
        <item jid='b.example'/></query>";
    let query = Query::parse(element(xml).as_ref()).unwrap();
    assert_eq!(query.items.len(), 2);
    let conditions: Vec<_> = query.malformed.iter().map(|(_, reason)| reason.condition()).collect();
    assert_eq!(conditions, [StanzaCondition::JidMalformed, StanzaCondition::BadRequest]);
}

/// 6121-2.1.2.1-02, 6121-2.1.2.2-02: what a client sends of an item that it has received.
#[test]
fn a_roster_set_says_nothing_that_only_the_server_says() {
    const ROSTER: &str = "xmlns='jabber:iq:roster'";
    for (subscription, written) in [
        (None, ""),
        (Some(Subscription::None), ""),
        (Some(Subscription::Both), ""),
        (Some(Subscription::Remove), " subscription='remove'"),
    ] {
        let mut item = Item::new(jid("nurse@example.com")).with_name("Nurse").with_group("Staff");
        (item.ask, item.approved, item.subscription) = (true, true, subscription);
        payload(
            &Query::set(item),
            &format!(
                "<query {ROSTER}><item jid='nurse@example.com' name='Nurse'{written}>\
                 <group>Staff</group></item></query>"
            ),
        );
    }
}

#[test]
fn a_roster_set_has_one_item() {
    // 6121-2.1.5-01, 6121-2.1.6-01
    let single = |items: &str| {
        let xml = format!("<query xmlns='jabber:iq:roster'>{items}</query>");
        let query = Query::parse(element(&xml).as_ref()).unwrap();
        query.single().cloned().map_err(|invalid| invalid.rule())
    };
    let item = "<item jid='a.example'/>";
    assert_eq!(single(item), Ok(Item::new(jid("a.example"))));
    assert_eq!(single(""), Err(Rule::MissingChild("item")));
    assert_eq!(single(&item.repeat(2)), Err(Rule::TooManyChildren(1)));
    assert_eq!(single(&format!("{item}<item/>")), Err(Rule::TooManyChildren(1)));
    assert_eq!(single("<item/>"), Err(Rule::MissingAttribute));
}

#[test]
fn service_discovery() {
    const INFO: &str = "xmlns='http://jabber.org/protocol/disco#info'";
    payload(&Info::new(), &format!("<query {INFO}/>"));
    payload(
        &Info::new()
            .with_node("n")
            .with_identity(Identity::new("server", "im").with_name("Montague"))
            .with_feature("urn:xmpp:ping"),
        &format!(
            "<query {INFO} node='n'><identity category='server' type='im' name='Montague'/>\
             <feature var='urn:xmpp:ping'/></query>"
        ),
    );
    let form = format!("<query {INFO}><x xmlns='jabber:x:data' type='result'/></query>");
    assert_eq!(Info::parse(element(&form).as_ref()).unwrap().extensions.len(), 1);
    let section = "XEP-0030, 3";
    for (child, element, attribute) in [
        ("<identity type='im'/>", "identity", "category"),
        ("<identity category='server'/>", "identity", "type"),
        ("<feature/>", "feature", "var"),
    ] {
        let xml = format!("<query {INFO}>{child}</query>");
        let place = (element, Some(attribute));
        refuses(|e| Info::parse(e), &xml, Rule::MissingAttribute, place, section);
    }
    const ITEMS: &str = "xmlns='http://jabber.org/protocol/disco#items'";
    let mut item = disco::Item::new(jid("conference.example.com"));
    (item.node, item.name) = (Some("n".into()), Some("Rooms".into()));
    payload(
        &Items::new().with_item(item),
        &format!(
            "<query {ITEMS}><item jid='conference.example.com' node='n' name='Rooms'/></query>"
        ),
    );
    assert!(
        Items::parse(element(&format!("<query {ITEMS}><item jid='@'/></query>")).as_ref()).is_err()
    );
}
