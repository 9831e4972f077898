//! The nonzas of stream management (XEP-0198): the examples of the XEP, and what else may
//! come.

use xmpp_stanza::sm::{
    Ack, Enable, Enabled, Failed, HandledCountTooHigh, Request, Resume, Resumed,
};
use xmpp_stanza::{Payload, Rule, StanzaCondition};

use crate::harness::{both, element, reads};

const NS: &str = "xmlns='urn:xmpp:sm:3'";

fn rule<T: for<'a> Payload<'a>>(xml: &str) -> Rule {
    match T::parse(element(xml).as_ref()) {
        Ok(_) => panic!("read: {xml}"),
        Err(invalid) => invalid.rule(),
    }
}

#[test]
fn the_examples() {
    both(|e| Enable::parse(e), &Enable::new(), &format!("<enable {NS}/>"));
    both(
        |e| Enable::parse(e),
        &Enable::new().resumable(),
        &format!("<enable {NS} resume='true'/>"),
    );
    both(|e| Enabled::parse(e), &Enabled::new(), &format!("<enabled {NS}/>"));
    let mut enabled = Enabled::resumable("some-long-sm-id");
    both(
        |e| Enabled::parse(e),
        &enabled,
        &format!("<enabled {NS} id='some-long-sm-id' resume='true'/>"),
    );
    enabled.location = Some("[2001:41D0:1:A49b::1]:9222".into());
    let xml = format!(
        "<enabled {NS} id='some-long-sm-id' location='[2001:41D0:1:A49b::1]:9222' resume='true'/>"
    );
    both(|e| Enabled::parse(e), &enabled, &xml);
    both(|e| Request::parse(e), &Request, &format!("<r {NS}/>"));
    both(|e| Ack::parse(e), &Ack::new(1), &format!("<a {NS} h='1'/>"));
    let resume = Resume::new("some-long-sm-id", 7);
    both(|e| Resume::parse(e), &resume, &format!("<resume {NS} h='7' previd='some-long-sm-id'/>"));
    let resumed = Resumed::new("some-long-sm-id", 4_294_967_295);
    let xml = format!("<resumed {NS} h='4294967295' previd='some-long-sm-id'/>");
    both(|e| Resumed::parse(e), &resumed, &xml);
    let failed = Failed::new(StanzaCondition::ItemNotFound).with_h(Some(9));
    let xml = format!(
        "<failed {NS} h='9'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    );
    both(|e| Failed::parse(e), &failed, &xml);
    let xml = format!("<handled-count-too-high {NS} h='10' send-count='8'/>");
    both(|e| HandledCountTooHigh::parse(e), &HandledCountTooHigh::new(10, 8), &xml);
}

/// "&BOOLEANNOTE;": true and 1, false and 0.
#[test]
fn booleans_and_times_in_all_their_forms() {
    for (resume, is) in [("true", true), ("1", true), ("false", false), ("0", false)] {
        let xml = format!("<enable {NS} resume='{resume}'/>");
        assert_eq!(Enable::parse(element(&xml).as_ref()).unwrap().resume, is);
    }
    assert_eq!(rule::<Enable>(&format!("<enable {NS} resume='yes'/>")), Rule::UnknownValue);
    for (max, seconds) in [
        ("600", Some(600)),
        ("99999999999", Some(u32::MAX)),
        ("0", None),
        ("-1", None),
        ("x", None),
    ] {
        let value = Enable::new().with_max(seconds);
        reads(|e| Enable::parse(e), &value, &format!("<enable {NS} max='{max}'/>"));
    }
    both(
        |e| Enable::parse(e),
        &Enable::new().with_max(Some(600)),
        &format!("<enable {NS} max='600'/>"),
    );
}

#[test]
fn counts_are_of_32_bits_and_have_to_be_there() {
    for wrong in ["", "-1", "4294967296", "x", "1.0"] {
        let range = Rule::NotInRange(0, u32::MAX.into());
        assert_eq!(rule::<Ack>(&format!("<a {NS} h='{wrong}'/>")), range, "{wrong}");
        let xml = format!("<resume {NS} h='{wrong}' previd='id'/>");
        assert_eq!(rule::<Resume>(&xml), range, "{wrong}");
    }
    assert_eq!(rule::<Ack>(&format!("<a {NS}/>")), Rule::MissingAttribute);
    assert_eq!(rule::<Resume>(&format!("<resume {NS} h='1'/>")), Rule::MissingAttribute);
    assert_eq!(rule::<Resumed>(&format!("<resumed {NS} previd='1'/>")), Rule::MissingAttribute);
    // Resumption without an identifier cannot be asked for.
    assert_eq!(rule::<Enabled>(&format!("<enabled {NS} resume='1'/>")), Rule::MissingAttribute);
    assert_eq!(rule::<Ack>("<a xmlns='urn:xmpp:sm:2' h='1'/>"), Rule::WrongElement);
}

#[test]
fn a_failure_is_read_whatever_it_says() {
    let read = |xml: &str| Failed::parse(element(xml).as_ref()).unwrap();
    for xml in
        ["<failed NS/>", "<failed NS h=''/>", "<failed NS h='-3'><x xmlns='u'/>text</failed>"]
    {
        assert_eq!(read(&xml.replace("NS", NS)), Failed::default());
    }
    let stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
    let nested = read(&format!(
        "<failed {NS} h=' 4 '><error type='cancel'><item-not-found xmlns='{stanzas}'/>\
         <text xmlns='{stanzas}'>gone</text></error></failed>"
    ));
    assert_eq!((nested.h, nested.condition), (Some(4), Some(StanzaCondition::ItemNotFound)));
    assert_eq!(nested.to_string(), "item-not-found: gone");
    let unknown = read(&format!("<failed {NS}><strange xmlns='{stanzas}'/></failed>"));
    assert_eq!(unknown.condition, None);
}

#[test]
fn identifiers_do_not_show() {
    let shown = format!(
        "{:?} {:?} {:?}",
        Enabled::resumable("secret-id"),
        Resume::new("secret-id", 1),
        Resumed::new("secret-id", 1)
    );
    assert!(!shown.contains("secret-id"), "{shown}");
}
