//! RFC 6120 §8.2.3: which answer belongs to which request.

use xmpp_im::requests::{Outcome, Requests};
use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::StanzaRef;
use xmpp_xml::Element;

fn requests() -> Requests<u32> {
    Requests::new(BareJid::new("juliet@example.com").unwrap(), "q", 3)
}

fn answer(requests: &mut Requests<u32>, attributes: &str) -> Option<(u32, Outcome)> {
    let iq = Element::parse(format!("<iq xmlns='jabber:client' {attributes}/>")).unwrap();
    requests.answered(StanzaRef::new(iq.as_ref()).unwrap())
}

/// 6120-8.1.2.1: without 'from', or from the account's bare JID.
#[test]
fn an_answer_for_the_own_account() {
    for to in [None, Some("juliet@example.com")] {
        for from in ["", "from='juliet@example.com'", "from='Juliet@EXAMPLE.com'"] {
            let mut requests = requests();
            let id = requests.sent(to.map(|to| Jid::new(to).unwrap()), 7).unwrap();
            for forged in [
                "from='romeo@example.com'",
                "from='example.com'",
                "from='juliet@example.com/balcony'",
                "from='@'",
            ] {
                assert_eq!(
                    answer(&mut requests, &format!("{forged} id='{id}' type='result'")),
                    None
                );
            }
            let got = answer(&mut requests, &format!("{from} id='{id}' type='result'"));
            assert_eq!(got, Some((7, Outcome::Result)));
            // Once.
            assert_eq!(answer(&mut requests, &format!("{from} id='{id}' type='result'")), None);
        }
    }
}

#[test]
fn an_answer_from_somebody_else() {
    let mut requests = requests();
    let room = Jid::new("garden@chat.example.net/juliet").unwrap();
    let id = requests.sent(Some(room), 1).unwrap();
    for forged in ["", "from='garden@chat.example.net'", "from='juliet@example.com'"] {
        assert_eq!(answer(&mut requests, &format!("{forged} id='{id}' type='error'")), None);
    }
    let from = "from='garden@chat.example.net/juliet'";
    assert_eq!(answer(&mut requests, &format!("{from} id='x' type='error'")), None);
    assert_eq!(answer(&mut requests, &format!("{from} id='{id}' type='set'")), None);
    assert_eq!(
        answer(&mut requests, &format!("{from} id='{id}' type='error'")),
        Some((1, Outcome::Error))
    );
}

#[test]
fn what_waits_is_bounded() {
    let mut requests = requests();
    let ids: Vec<_> = (0..3).map(|n| requests.sent(None, n).unwrap()).collect();
    assert!(requests.sent(None, 3).is_err());
    assert_eq!(requests.give_up(&ids[1]), Some(1));
    assert_eq!(requests.give_up(&ids[1]), None);
    let again = requests.sent(None, 4).unwrap();
    assert!(!ids.contains(&again), "an id is not used twice");
    let mut left: Vec<_> = requests.give_up_all().collect();
    left.sort_unstable();
    assert_eq!(left, [0, 2, 4]);
    assert!(requests.is_empty());
}
