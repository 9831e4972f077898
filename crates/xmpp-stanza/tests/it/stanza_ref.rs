//! The borrowed view.

use xmpp_stanza::ping::Ping;
use xmpp_stanza::roster::Query;
use xmpp_stanza::{
    AddressRef, IqType, JidCow, MessageType, PresenceType, Rule, Stanza, StanzaCondition,
    StanzaKind, StanzaRef,
};

use crate::harness::{element, element_in, refuses, written};
use xmpp_xml::{ElementRef, Ns};

#[test]
fn stanzas_are_told_from_other_elements() {
    for (xml, kind) in [
        ("<message/>", Some(StanzaKind::Message)),
        ("<presence/>", Some(StanzaKind::Presence)),
        ("<iq/>", Some(StanzaKind::Iq)),
        ("<IQ/>", None),
        ("<stream:iq/>", None),
        ("<iq xmlns='urn:xmpp:ping'/>", None),
        ("<iq xmlns='jabber:server'/>", Some(StanzaKind::Iq)),
    ] {
        let received = element(xml);
        assert_eq!(StanzaRef::new(received.as_ref()).map(StanzaRef::kind), kind, "{xml}");
    }
}

#[test]
fn types_are_those_of_the_kind() {
    let of = |xml: &str| {
        let received = element(xml);
        let stanza = StanzaRef::new(received.as_ref()).unwrap();
        (stanza.message_type(), stanza.presence_type(), stanza.iq_type())
    };
    assert_eq!(of("<message/>"), (Some(MessageType::Normal), None, None));
    assert_eq!(of("<message type='chat'/>"), (Some(MessageType::Chat), None, None));
    assert_eq!(of("<message type='get'/>"), (Some(MessageType::Normal), None, None));
    assert_eq!(of("<presence/>"), (None, Some(PresenceType::Available), None));
    assert_eq!(of("<presence type='probe'/>"), (None, Some(PresenceType::Probe), None));
    assert_eq!(of("<presence type='available'/>"), (None, None, None));
    assert_eq!(of("<iq type='set'/>"), (None, None, Some(IqType::Set)));
    assert_eq!(of("<iq type='chat'/>"), (None, None, None));
    assert_eq!(of("<iq/>"), (None, None, None));
}

#[test]
fn addresses_in_canonical_form_are_borrowed() {
    let received = element("<iq to='a@b.example/C' from='A@b.example'/>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert!(
        matches!(stanza.to(), AddressRef::Jid(JidCow::Borrowed(jid)) if jid == "a@b.example/C")
    );
    assert!(matches!(stanza.from(), AddressRef::Jid(JidCow::Owned(jid)) if jid == "a@b.example"));
    let received = element("<iq to='@' from='a@b.example/&lt;&apos;'/>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert!(matches!(stanza.to(), AddressRef::Malformed { .. }));
    assert_eq!(stanza.to().as_str(), Some("@"));
    assert_eq!(stanza.from().as_str(), Some("a@b.example/<'"));
    let received = element("<iq/>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert!(stanza.to().is_absent() && stanza.from().jid().is_none());
}

#[test]
fn payloads_are_found() {
    let received = element("<iq type='get' id='1'><query xmlns='jabber:iq:roster' ver=''/></iq>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert!(stanza.payload_is::<Query>() && !stanza.payload_is::<Ping>());
    assert_eq!(stanza.payload::<Query>(), Ok(Some(Query::new().with_ver(""))));
    assert_eq!(stanza.payload::<Ping>(), Ok(None));
    assert!(stanza.is_request() && !stanza.is_response() && !stanza.is_error());
    let received = element("<message><body/><ping xmlns='urn:xmpp:ping'/></message>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert!(stanza.payload_is::<Ping>());
    assert!(!stanza.is_request() && !stanza.is_response());
}

#[test]
fn errors_are_found_in_errors_only() {
    let error =
        "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    let received = element(&format!("<iq type='error' id='1'><x xmlns='urn:x'/>{error}</iq>"));
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert_eq!(stanza.error().unwrap().condition, StanzaCondition::Forbidden);
    assert!(stanza.is_error() && stanza.is_response());
    let received = element(&format!("<message>{error}</message>"));
    assert_eq!(StanzaRef::new(received.as_ref()).unwrap().error(), None);
}

#[test]
fn any_stanza_in_typed_form() {
    for xml in ["<message/>", "<presence type='probe'/>", "<iq type='result' id='1'/>"] {
        let stanza = Stanza::try_from(element(xml)).unwrap();
        assert_eq!(stanza.kind().as_str(), element(xml).name());
        assert_eq!(written(&stanza), element(xml));
    }
    let server = element_in(Ns::new("jabber:server"), "<presence/>");
    assert_eq!(Stanza::parse(server.as_ref()).unwrap().kind(), StanzaKind::Presence);
    let place = ("stanza", None);
    let parse = |element: ElementRef<'_>| Stanza::parse(element).map(drop);
    refuses(parse, "<starttls/>", Rule::WrongElement, place, "RFC 6120, 8");
    refuses(parse, "<iq xmlns='urn:x'/>", Rule::WrongNamespace, place, "RFC 6120, 8");
}
