//! Addresses of stanzas: absent, an address, or malformed; and what says no more than yes or no.

use std::borrow::Cow;

use xmpp_jid::{BareJid, FullJid, Jid};
use xmpp_stanza::bind2::{BindFeature, BindRequest, Bound};
use xmpp_stanza::csi::Active;
use xmpp_stanza::fast::{FastRequest, RequestToken, Token};
use xmpp_stanza::features::{Features, FeaturesRef, Mechanisms};
use xmpp_stanza::sasl2::UserAgent;
use xmpp_stanza::session::Session;
use xmpp_stanza::tls::StartTls;
use xmpp_stanza::{
    Address, AddressRef, JidCow, Payload, PresenceType, Stanza, StreamCondition, StreamError,
};

use crate::harness::{element, jid, payload, written};

/// 6120-8.3.3.8-01: what is malformed can be told from what is not there.
#[test]
fn addresses_are_absent_good_or_malformed() {
    for (value, is_jid, is_malformed, text) in [
        (None, false, false, None),
        (Some("juliet@im.example.com/balcony"), true, false, Some("juliet@im.example.com/balcony")),
        (Some("Juliet@IM.example.com"), true, false, Some("juliet@im.example.com")),
        (Some("juliet@"), false, true, Some("juliet@")),
        (Some(""), false, true, Some("")),
    ] {
        let address = Address::from_attribute(value);
        assert_eq!(address.is_absent(), value.is_none(), "{value:?}");
        assert_eq!((address.jid().is_some(), address.is_malformed()), (is_jid, is_malformed));
        assert_eq!(address.as_str(), text);
        for value in [value.map(Cow::Borrowed), value.map(|value| Cow::Owned(value.to_owned()))] {
            let borrowed = AddressRef::from_attribute(value.clone());
            assert_eq!(borrowed.is_absent(), value.is_none(), "{value:?}");
            assert_eq!((borrowed.jid().is_some(), borrowed.is_malformed()), (is_jid, is_malformed));
            assert_eq!(borrowed.as_str(), text);
            assert_eq!(
                borrowed.jid().map(|jid| jid.as_str().to_owned()),
                address.jid().map(Jid::to_string)
            );
            assert_eq!(Address::from(borrowed.clone()), address);
            assert_eq!(borrowed.into_owned(), address);
        }
    }
    // What is in canonical form is not copied.
    let borrowed = |text| AddressRef::from_attribute(Some(Cow::Borrowed(text)));
    assert!(matches!(borrowed("a@b"), AddressRef::Jid(JidCow::Borrowed(_))));
    assert!(matches!(borrowed("A@b"), AddressRef::Jid(JidCow::Owned(_))));
    let full = jid("juliet@im.example.com/balcony");
    let same = [JidCow::Borrowed(full.as_ref()), JidCow::Owned(full.clone())];
    assert_eq!(same[0], same[1]);
    assert_ne!(same[0], JidCow::Owned(jid("juliet@im.example.com")));
    for address in same {
        assert_eq!((address.as_ref(), address.to_string()), (full.as_ref(), full.to_string()));
        assert_eq!(address.into_owned(), full);
    }
}

#[test]
fn addresses_of_whatever_is_one() {
    let full: FullJid = "juliet@im.example.com/balcony".parse().unwrap();
    let bare: BareJid = "juliet@im.example.com".parse().unwrap();
    assert_eq!(Address::from(full).as_str(), Some("juliet@im.example.com/balcony"));
    assert_eq!(Address::from(bare.clone()).as_str(), Some("juliet@im.example.com"));
    assert_eq!(Address::from(Jid::from(bare.clone())), Address::from(bare.clone()));
    assert_eq!(Address::from(Some(bare.clone())), Address::from(bare));
    assert_eq!(Address::from(None::<FullJid>), Address::Absent);
    assert_eq!(Address::default(), Address::Absent);
}

/// RFC 6121, 4.7.1: the four that manage subscriptions.
#[test]
fn types_of_presence_about_subscriptions() {
    for kind in PresenceType::ALL {
        let expected = matches!(
            kind,
            PresenceType::Subscribe
                | PresenceType::Subscribed
                | PresenceType::Unsubscribe
                | PresenceType::Unsubscribed
        );
        assert_eq!(kind.is_subscription(), expected, "{kind:?}");
        assert_eq!(PresenceType::from_attribute(kind.attribute()), Some(*kind));
    }
    assert_eq!(PresenceType::Available.attribute(), None);
    assert_eq!(PresenceType::from_attribute(Some("available")), None);
}

/// An empty `<show/>`, which some clients send, says nothing, beside another one too.
#[test]
fn an_empty_show_says_nothing() {
    for (shows, say) in [
        ("<show/>", false),
        ("<show></show><show/>", false),
        ("<show>away</show><show/>", true),
        ("<show/><show>away</show>", true),
        ("<show>online</show>", false),
    ] {
        let presence = element(&format!("<presence>{shows}</presence>"));
        let read = Stanza::parse(presence.as_ref());
        let Ok(Stanza::Presence(presence)) = read else { panic!("{shows}: {read:?}") };
        assert_eq!(presence.show().is_some(), say, "{shows}");
        assert_eq!(presence.children().count(), shows.matches("<show").count());
    }
    let twice = element("<presence><show>away</show><show>xa</show></presence>");
    assert!(Stanza::parse(twice.as_ref()).is_err());
}

/// RFC 6120, 4.9.2.
#[test]
fn stream_errors_as_a_line() {
    let error = StreamError::new(StreamCondition::PolicyViolation);
    assert_eq!(error.to_string(), "policy-violation");
    assert_eq!(error.clone().with_text("too large").to_string(), "policy-violation: too large");
    let other = StreamError::see_other_host("im.example.com:9090");
    assert_eq!(other.to_string(), "see-other-host (im.example.com:9090)");
    assert_eq!(other.with_text("moved").to_string(), "see-other-host (im.example.com:9090): moved");
    let mut elsewhere = error;
    elsewhere.see_other_host = Some("im.example.com".into());
    assert_eq!(elsewhere.to_string(), "policy-violation");
    assert_eq!(elsewhere.other_host(), Ok(None));
    assert_eq!(StreamError::from(StreamCondition::Reset).condition, StreamCondition::Reset);
}

/// RFC 6120, 4.9.3.19: a domain or an address, and a port perhaps.
#[test]
fn other_hosts() {
    for (text, host, port) in [
        ("im.example.com", "im.example.com", None),
        ("im.example.com:9090", "im.example.com", Some(9090)),
        ("im.example.com:1", "im.example.com", Some(1)),
        ("im.example.com:65535", "im.example.com", Some(65_535)),
        ("192.0.2.1:5222", "192.0.2.1", Some(5222)),
        ("[2001:db8::1]", "[2001:db8::1]", None),
        ("[2001:db8::1]:9222", "[2001:db8::1]", Some(9222)),
    ] {
        let other = StreamError::see_other_host(text).other_host().unwrap().unwrap();
        assert_eq!((other.host.as_str(), other.port), (host, port));
        assert_eq!(other.to_string(), text);
    }
    for bad in [
        "",
        ":9090",
        "im.example.com:",
        "im.example.com:0",
        "im.example.com:65536",
        "im.example.com:+1",
        "im.example.com::1",
        "im.example.com:1x",
        "2001:db8::1",
        "[2001:db8::1]:0",
        "[2001:db8::1]9222",
    ] {
        assert!(StreamError::see_other_host(bad).other_host().is_err(), "{bad}");
    }
    assert!(StreamError::new(StreamCondition::SeeOtherHost).other_host().is_err());
}

/// RFC 6120, 4.3.2: a feature says that it is mandatory; RFC 6120, 4.3.5: none are left.
#[test]
fn features_that_are_there_and_are_not() {
    let of = |content: &str| element(&format!("<stream:features>{content}</stream:features>"));
    let tls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
    let mechanisms = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism> PLAIN\n</mechanism><other/></mechanisms>";
    let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
    let session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>";
    let other = "<other xmlns='urn:x'><required/></other><more xmlns='urn:x'><optional/></more>";
    let all = of(&[tls, mechanisms, bind, session, other].concat());
    let features = FeaturesRef::parse(all.as_ref()).unwrap();
    assert_eq!(features.element(), all.as_ref());
    assert_eq!((features.iter().count(), features.is_empty()), (6, false));
    assert_eq!(features.starttls(), Some(StartTls::required()));
    let names = features.mechanisms().map(|names| names.collect::<Vec<_>>());
    assert_eq!(names, Some(vec![Cow::Borrowed("PLAIN")]));
    assert!(features.bind() && features.session() == Some(Session::optional()));
    let required: Vec<_> = features.required().map(|feature| feature.name()).collect();
    assert_eq!(required, ["starttls", "other"]);
    let owned = features.into_owned();
    assert_eq!(written(&owned), all);
    assert_eq!(owned.feature::<StartTls>(), Ok(Some(StartTls::required())));
    assert_eq!(owned.feature::<Active>(), Ok(None));
    let read: Mechanisms = owned.feature().unwrap().unwrap();
    assert_eq!((&*read.names, read.extensions.len()), (&["PLAIN".to_owned()][..], 1));
    let none = of("");
    let features = FeaturesRef::parse(none.as_ref()).unwrap();
    assert!(
        features.is_empty() && features.starttls().is_none() && features.mechanisms().is_none()
    );
    assert!(!features.bind() && features.session().is_none() && features.required().count() == 0);
    assert!(!features.has::<StartTls>() && Features::new() == features.into_owned());
    assert!(FeaturesRef::parse(element("<features/>").as_ref()).is_err());
}

/// XEP-0386, 3; XEP-0388, 2.3; XEP-0484, 3.
#[test]
fn what_goes_along_with_authentication() {
    const BIND: &str = "xmlns='urn:xmpp:bind:0'";
    payload(&BindFeature::default(), &format!("<bind {BIND}/>"));
    payload(
        &BindFeature::new(["urn:xmpp:csi:0", "urn:xmpp:sm:3"]),
        &format!(
            "<bind {BIND}><inline><feature var='urn:xmpp:csi:0'/><feature var='urn:xmpp:sm:3'/></inline></bind>"
        ),
    );
    let token = RequestToken::new("HT-SHA-256-ENDP");
    let mut request = BindRequest::default();
    request.inline.push(element("<enable xmlns='urn:xmpp:carbons:2'/>"));
    request.inline.push(token.to_element().unwrap());
    assert_eq!(request.inline(), Ok(Some(token.clone())));
    assert_eq!(request.inline::<FastRequest>(), Ok(None));
    let mut bound = Bound::default();
    bound.inline.push(token.to_element().unwrap());
    bound.inline.push(element("<token xmlns='urn:xmpp:fast:0'/>"));
    assert_eq!(bound.inline(), Ok(Some(token)));
    assert_eq!(bound.inline::<FastRequest>(), Ok(None));
    assert!(bound.inline::<Token>().is_err());

    assert!(UserAgent::default().is_empty());
    for set in 0..3 {
        let mut agent = UserAgent::default();
        *[&mut agent.id, &mut agent.software, &mut agent.device][set] = Some("x".into());
        assert!(!agent.is_empty(), "{agent:?}");
    }
    let shown = format!("{:?}", Token::new("WXZzciBwYmFm", 1_584_023_775));
    assert!(shown.contains("1584023775") && !shown.contains("WXZz"), "{shown}");
}
