//! What people read in a log: each reason says something of its own, with the numbers
//! that belong to it; and what a stanza error makes of it.

use std::collections::BTreeSet;

use xmpp_im::contacts::Contacts;
use xmpp_im::presence::ResourcePresence;
use xmpp_im::roster::{CacheError, Limits, Roster, SetError};
use xmpp_im::subscription::{SubscriptionState, SubscriptionType};
use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::{ErrorType, StanzaCondition, StanzaRef};
use xmpp_xml::Element;

/// None is empty, none is like another, and none ends a sentence.
fn differ<T: ToString>(all: &[T]) -> Vec<String> {
    let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    for text in &texts {
        assert!(text.len() > 8 && !text.ends_with('.'), "{text:?} in {texts:#?}");
    }
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len(), "{texts:#?}");
    texts
}

#[test]
fn what_is_wrong_with_a_roster_set_is_told_apart_and_by_its_condition() {
    // 6121-2.3.3-03 and -04, 6121-2.5.3-01
    use StanzaCondition as Is;
    let table = [
        (SetError::NotOneItem, Is::BadRequest, ErrorType::Modify),
        (SetError::NoJid, Is::BadRequest, ErrorType::Modify),
        (SetError::DuplicateGroup, Is::BadRequest, ErrorType::Modify),
        (SetError::JidMalformed(Jid::new("@").unwrap_err()), Is::JidMalformed, ErrorType::Modify),
        (SetError::EmptyGroup, Is::NotAcceptable, ErrorType::Modify),
        (SetError::NameTooLong { max: 1023 }, Is::NotAcceptable, ErrorType::Modify),
        (SetError::GroupTooLong { max: 511 }, Is::NotAcceptable, ErrorType::Modify),
        (SetError::TooManyGroups { max: 50 }, Is::NotAcceptable, ErrorType::Modify),
        (SetError::RosterFull, Is::ResourceConstraint, ErrorType::Wait),
        (SetError::NotInRoster, Is::ItemNotFound, ErrorType::Modify),
        (SetError::NotAnUpdate, Is::InternalServerError, ErrorType::Cancel),
    ];
    for (error, condition, kind) in &table {
        assert_eq!((error.condition(), error.error_type()), (*condition, *kind), "{error}");
    }
    let texts = differ(&table.map(|(error, ..)| error));
    for (at, number) in [(5, "1023"), (6, "511"), (7, "50")] {
        assert!(texts[at].contains(number), "{}", texts[at]);
    }
}

#[test]
fn what_is_wrong_with_a_push_is_told_apart() {
    let texts = differ(&[
        CacheError::NotFromOwnAccount,
        CacheError::NotAPush,
        CacheError::TooManyItems { max: 77 },
    ]);
    assert!(texts[2].contains("77"), "{}", texts[2]);
}

#[test]
fn what_is_full_says_how_much_fits() {
    let mut limits = Limits::default();
    limits.max_items = 7;
    limits.max_item_bytes = 11;
    limits.max_requests = 0;
    let mut roster = Roster::new(0, limits);
    let romeo = BareJid::new("romeo@example.net").unwrap();
    let ask = "<presence xmlns='jabber:client' from='romeo@example.net' type='subscribe'/>";
    let ask = Element::parse(ask).unwrap();
    let outbound = roster.outbound(&romeo, SubscriptionType::Subscribe).unwrap_err();
    let inbound = roster.inbound(&romeo, SubscriptionType::Subscribe, ask.as_ref()).unwrap_err();
    let texts = differ(&[outbound, inbound]);
    assert_eq!(texts, ["more than 11 bytes of roster items", "more than 0 subscription requests"]);
    let here = Element::parse("<presence xmlns='jabber:client' from='a@x.y/1'/>").unwrap();
    let here = StanzaRef::new(here.as_ref()).unwrap();
    let full = Contacts::new(0).received(here).unwrap_err();
    assert_eq!(full.to_string(), "presence of more than 0 addresses");
    let room = Jid::new("garden@chat.example.net").unwrap();
    let full = ResourcePresence::new(0).directed_available(&room).unwrap_err();
    assert!(full.to_string().contains("more than 0 "), "{full}");
}

#[test]
fn types_and_states_have_the_names_of_the_rfc() {
    // RFC 6121 section 3 and Appendix A.1.
    let types = ["subscribe", "unsubscribe", "subscribed", "unsubscribed"];
    for (kind, name) in SubscriptionType::ALL.into_iter().zip(types) {
        assert_eq!((kind.to_string().as_str(), kind.as_str()), (name, name));
        assert_eq!(SubscriptionType::from_attr(name), Some(kind));
    }
    assert_eq!(SubscriptionType::from_attr("Subscribe"), None);
    let states = [
        "None",
        "None + Pending Out",
        "None + Pending In",
        "None + Pending Out+In",
        "To",
        "To + Pending In",
        "From",
        "From + Pending Out",
        "Both",
    ];
    for (state, name) in SubscriptionState::ALL.into_iter().zip(states) {
        assert_eq!((state.to_string().as_str(), state.as_str()), (name, name));
    }
}
