//! RFC 6121 §4 from a client's side.

use xmpp_im::contacts::Contacts;
use xmpp_stanza::StanzaRef;
use xmpp_xml::Element;

fn receive(contacts: &mut Contacts, attributes: &str) -> Option<bool> {
    let presence =
        Element::parse(format!("<presence xmlns='jabber:client' {attributes}/>")).unwrap();
    contacts.received(StanzaRef::new(presence.as_ref()).unwrap()).ok()
}

fn of(contacts: &Contacts, contact: &str) -> Vec<String> {
    contacts.of(contact).map(|(jid, _)| jid.to_string()).collect()
}

#[test]
fn resources_come_and_go() {
    let mut contacts = Contacts::new(10);
    let romeo = "romeo@example.net";
    for resource in ["orchard", "street", "orchard"] {
        let from = format!("from='Romeo@Example.net/{resource}'");
        assert_eq!(receive(&mut contacts, &from), Some(true));
    }
    assert_eq!(of(&contacts, romeo), ["romeo@example.net/orchard", "romeo@example.net/street"]);
    assert!(contacts.is_available(romeo) && !contacts.is_available("juliet@example.com"));
    let gone = "from='romeo@example.net/street' type='unavailable'";
    assert_eq!(receive(&mut contacts, gone), Some(true));
    assert_eq!(receive(&mut contacts, gone), Some(false));
    assert_eq!(of(&contacts, romeo), ["romeo@example.net/orchard"]);
    assert_eq!(contacts.available().count(), 1);
    receive(&mut contacts, "from='romeo@example.net/orchard' type='unavailable'");
    assert!(!contacts.is_available(romeo));
    assert_eq!(contacts.available().count(), 0);
}

/// 6121-4.5.4-01
#[test]
fn unavailable_presence_of_the_bare_jid_is_that_of_all_resources() {
    let mut contacts = Contacts::new(10);
    for from in ["a@x.y/1", "a@x.y/2", "a@x.y.z/1", "ab@x.y/1", "x.y"] {
        receive(&mut contacts, &format!("from='{from}'"));
    }
    assert_eq!(receive(&mut contacts, "from='a@x.y' type='unavailable'"), Some(true));
    let left: Vec<_> = contacts.available().map(ToString::to_string).collect();
    assert_eq!(left, ["a@x.y.z", "ab@x.y", "x.y"]);
    assert_eq!(receive(&mut contacts, "from='x.y' type='unavailable'"), Some(true));
    assert!(!contacts.is_available("x.y"));
}

/// 6121-3.1.3-10: as an acknowledgement of a request it tells nothing. 6121-3.3.3-07: with the
/// end of a subscription, what was known is void without having been taken back.
#[test]
fn what_is_known_does_not_outlive_a_subscription() {
    let mut contacts = Contacts::new(10);
    assert_eq!(receive(&mut contacts, "from='a@x.y' type='unavailable'"), Some(false));
    assert!(!contacts.is_available("a@x.y") && contacts.of("a@x.y").next().is_none());
    for from in ["a@x.y/1", "a@x.y/2", "b@x.y/1"] {
        receive(&mut contacts, &format!("from='{from}'"));
    }
    assert!(contacts.forget("a@x.y"));
    assert!(!contacts.is_available("a@x.y") && contacts.of("a@x.y").next().is_none());
    assert!(contacts.is_available("b@x.y"));
    assert!(!contacts.forget("a@x.y"), "nothing is left");
}

#[test]
fn what_says_nothing_of_availability() {
    let mut contacts = Contacts::new(10);
    receive(&mut contacts, "from='a@x.y/1'");
    for kind in ["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error", "odd"]
    {
        let changed = receive(&mut contacts, &format!("from='a@x.y/1' type='{kind}'"));
        assert_eq!(changed, Some(false), "{kind}");
    }
    for from in ["", "from=''", "from='@'"] {
        assert_eq!(receive(&mut contacts, from), Some(false), "{from}");
    }
    assert_eq!(of(&contacts, "a@x.y"), ["a@x.y/1"]);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut contacts = Contacts::new(2);
    assert_eq!(receive(&mut contacts, "from='a@x.y/1'"), Some(true));
    assert_eq!(receive(&mut contacts, "from='a@x.y/2'"), Some(true));
    assert_eq!(receive(&mut contacts, "from='b@x.y/1'"), None);
    assert_eq!(receive(&mut contacts, "from='a@x.y/2'"), Some(true), "it is known");
    assert!(!contacts.is_available("b@x.y"));
    assert!(contacts.forget("a@x.y"));
    assert!(!contacts.forget("a@x.y"));
    assert_eq!(receive(&mut contacts, "from='b@x.y/1'"), Some(true));
    contacts.clear();
    for from in ["c@x.y/1", "d@x.y/1"] {
        assert_eq!(receive(&mut contacts, &format!("from='{from}'")), Some(true));
    }
}

#[test]
fn what_went_makes_room_for_as_much_and_no_more() {
    let mut contacts = Contacts::new(2);
    for round in 0..5 {
        for from in ["a@x.y/1", "a@x.y/2"] {
            assert_eq!(receive(&mut contacts, &format!("from='{from}'")), Some(true), "{round}");
        }
        assert_eq!(receive(&mut contacts, "from='b@x.y/1'"), None, "{round}");
        // One resource, both by their bare JID, or a contact that is forgotten.
        match round {
            0 | 3 => {
                for from in ["a@x.y/1", "a@x.y/2"] {
                    let gone = format!("from='{from}' type='unavailable'");
                    assert_eq!(receive(&mut contacts, &gone), Some(true));
                }
            }
            1 => _ = receive(&mut contacts, "from='a@x.y' type='unavailable'"),
            _ => assert!(contacts.forget("a@x.y")),
        }
        assert_eq!(contacts.available().count(), 0);
    }
    // Who was not there takes no room with him.
    assert_eq!(receive(&mut contacts, "from='a@x.y/1'"), Some(true));
    for gone in ["from='a@x.y/9' type='unavailable'", "from='z@x.y' type='unavailable'"] {
        assert_eq!(receive(&mut contacts, gone), Some(false));
    }
    assert_eq!(receive(&mut contacts, "from='b@x.y/1'"), Some(true));
    assert_eq!(receive(&mut contacts, "from='c@x.y/1'"), None);
}
