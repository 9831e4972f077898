use xmpp_extensions::base::hashes::Algorithm;
use xmpp_extensions::calls::dtls::Fingerprint;
use xmpp_extensions::calls::jingle::comes_first;
use xmpp_extensions::calls::socks5::CandidateType;
use xmpp_extensions::rooms::muc::sets_subject;
use xmpp_extensions::rooms::muc::user::{Status, User};
use xmpp_extensions::rooms::self_ping::{Membership, membership};
use xmpp_jid::Jid;
use xmpp_stanza::{StanzaCondition, StanzaRef};

use crate::element;

/// XEP-0260, 2.2: 65536 times the type's preference, and the local one.
#[test]
fn priorities_of_candidates() {
    for (kind, preference) in [
        (CandidateType::Direct, 126),
        (CandidateType::Assisted, 120),
        (CandidateType::Tunnel, 110),
        (CandidateType::Proxy, 10),
    ] {
        assert_eq!(kind.priority(0), 65_536 * preference);
        assert_eq!(kind.priority(4), 65_536 * preference + 4);
        assert_eq!(kind.priority(u16::MAX), 65_536 * preference + 65_535);
    }
}

/// RFC 8122, 5: pairs of digits, in capitals, with colons.
#[test]
fn fingerprints() {
    let written = Fingerprint::of_digest(Algorithm::Sha1, &[0x02, 0x1a, 0xff]);
    assert_eq!(&*written.fingerprint, "02:1A:FF");
    assert_eq!((written.hash.clone(), written.digest()), (Algorithm::Sha1, Some(vec![2, 26, 255])));
    let read = |text: &'static str| Fingerprint::new(Algorithm::Sha1, text).digest();
    assert_eq!(read(" 02:1a\n"), Some(vec![2, 26]));
    assert_eq!(read("02"), Some(vec![2]));
    for bad in ["", ":", "0:2", "02:", ":02", "002", "0g", "+2", "02 1A"] {
        assert_eq!(read(bad), None, "{bad}");
    }
    assert_eq!(&*Fingerprint::of_digest(Algorithm::Sha1, &[]).fingerprint, "");
}

/// XEP-0353, 4.1: the lower id, then the lower address.
#[test]
fn which_of_two_calls_comes_first() {
    let jid = |text: &str| -> Jid { text.parse().unwrap() };
    let (a, b) = (jid("a@example"), jid("b@example"));
    assert!(comes_first("1", &b, "2", &a) && !comes_first("2", &a, "1", &b));
    assert!(comes_first("1", &a, "1", &b) && !comes_first("1", &b, "1", &a));
    assert!(!comes_first("1", &a, "1", &a));
}

/// XEP-0045, 15.6.2: status codes.
#[test]
fn statuses_of_presences() {
    let user = User::new().with_statuses([Status::new(Status::CREATED), Status::new(110_u16)]);
    assert!(user.has(201) && user.has(110) && !user.has(100) && user.is_self());
    let other = User::new().with_statuses([Status::new(Status::CREATED)]);
    assert!(!other.is_self() && !User::new().is_self());
}

/// XEP-0045, 7.2.15: a subject, and neither a body nor a thread.
#[test]
fn messages_that_set_the_subject() {
    let sets = |stanza: &str| sets_subject(StanzaRef::new(element(stanza).as_ref()).unwrap());
    let of = |kind: &str, content: &str| {
        sets(&format!("<message xmlns='jabber:client' type='{kind}'>{content}</message>"))
    };
    assert!(of("groupchat", "<subject>x</subject>") && of("groupchat", "<x/><subject/>"));
    assert!(!of("groupchat", "<body/><subject/>") && !of("groupchat", "<subject/><thread/>"));
    assert!(!of("groupchat", "") && !of("normal", "<subject/>") && !of("error", "<subject/>"));
    assert!(!of("groupchat", "<subject xmlns='urn:x'/>"));
}

/// XEP-0410, 3.2.
#[test]
fn answers_to_a_ping_of_oneself() {
    for condition in StanzaCondition::ALL {
        let expected = match condition {
            StanzaCondition::ServiceUnavailable
            | StanzaCondition::FeatureNotImplemented
            | StanzaCondition::ItemNotFound => Membership::Joined,
            StanzaCondition::RemoteServerNotFound | StanzaCondition::RemoteServerTimeout => {
                Membership::Unknown
            }
            _ => Membership::NotJoined,
        };
        assert_eq!(membership(Some(*condition)), expected, "{condition:?}");
    }
    assert_eq!(membership(None), Membership::Joined);
}
