//! RFC 6121, section 4.7.

use xmpp_stanza::{
    Invalid, LangText, Presence, PresenceBuilder, PresenceChild, PresenceType, Rule, Show,
    StanzaCondition, StanzaError,
};
use xmpp_xml::ElementRef;

use crate::harness::{element, jid, refuses, sends, written};

fn available() -> PresenceBuilder {
    Presence::builder(PresenceType::Available)
}

fn parse(element: ElementRef<'_>) -> Result<(), Invalid> {
    Presence::parse(element).map(drop)
}

fn presence(xml: &str) -> Presence<'static> {
    Presence::try_from(element(xml)).unwrap_or_else(|error| panic!("{xml}: {error}"))
}

#[test]
fn types_are_read_and_written() {
    // 6120-stanza-kind-presence, 6120-stanza-attribute-type
    // All that it can have is optional: 6121-4.7.2.1-01, 6121-4.7.2.2-01, 6121-4.7.2.3-01
    sends(&available(), "<presence/>");
    for name in ["probe", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed"] {
        let presence_type = PresenceType::from_name(name).unwrap();
        let xml = format!("<presence type='{name}'/>");
        sends(&Presence::builder(presence_type), &xml);
        assert_eq!(presence(&xml).presence_type(), presence_type);
    }
    // 6120-8.3.1-10: what has an error is of that type.
    let error = StanzaError::new(StanzaCondition::RemoteServerNotFound);
    let error = available().with_to(jid("a.example")).with_error(error);
    assert_eq!(error.presence_type(), PresenceType::Error);
    sends(
        &error,
        "<presence to='a.example' type='error'><error type='cancel'>\
         <remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    );
    // 6121-4.7.1-02: none is written without an <error/>.
    let unsaid = written(&Presence::builder(PresenceType::Error));
    assert!(unsaid.children().any(|child| child.name() == "error"), "{}", unsaid.source());
    assert!(Presence::try_from(unsaid).unwrap().error().is_some());
}

/// 6121-4.7.2.2-04, -05: also where it says why somebody goes, or describes a request.
#[test]
fn every_type_may_have_a_status() {
    for name in ["subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed"] {
        let presence_type = PresenceType::from_name(name).unwrap();
        let xml = format!("<presence type='{name}'><status>for a while</status></presence>");
        sends(&Presence::builder(presence_type).with_status("for a while"), &xml);
        let read = presence(&xml);
        assert_eq!(read.status().as_deref(), Some("for a while"), "{name}");
    }
}

#[test]
fn other_types_are_refused() {
    // 6121-4.7.1-04
    for name in ["", "available", "invisible", "Subscribe"] {
        let xml = format!("<presence type='{name}'/>");
        let place = ("presence", Some("type"));
        refuses(parse, &xml, Rule::UnknownValue, place, "RFC 6121, 4.7.1");
        let invalid = parse(element(&xml).as_ref()).unwrap_err();
        assert_eq!(invalid.condition(), StanzaCondition::BadRequest);
    }
}

#[test]
fn show_status_and_priority() {
    for &show in Show::ALL {
        let xml = format!("<presence><show>{show}</show></presence>");
        sends(&available().with_show(show), &xml);
        assert_eq!(presence(&xml).show(), Some(show));
    }
    sends(
        &available()
            .with_lang("en")
            .with_show(Show::Dnd)
            .with_status("Wooing Juliet")
            .with_status(LangText::in_lang("cs", "Dvořím se Julii"))
            .with_priority(1),
        "<presence xml:lang='en'><show>dnd</show><status>Wooing Juliet</status>\
         <status xml:lang='cs'>Dvořím se Julii</status><priority>1</priority></presence>",
    );
}

#[test]
fn no_priority_is_zero() {
    // 6121-4.7.2.3-05
    assert_eq!(available().build().unwrap().priority(), 0);
    assert_eq!(presence("<presence/>").priority(), 0);
    let last = available().with_priority(-128).with_priority(127);
    assert_eq!(last.build().unwrap().priority(), 127);
}

#[test]
fn priorities_are_bytes() {
    // 6121-4.7.2.3-02
    for (text, priority) in [("-128", -128), ("127", 127), ("+7", 7), ("007", 7), (" 5\n", 5)] {
        let xml = format!("<presence><priority>{text}</priority></presence>");
        assert_eq!(presence(&xml).priority(), priority, "{xml}");
    }
    for text in ["128", "-129", "", "1.0", "x", "1 2", "99999999999999999999"] {
        let xml = format!("<presence><priority>{text}</priority></presence>");
        let rule = Rule::NotInRange(-128, 127);
        refuses(parse, &xml, rule, ("priority", None), "RFC 6121, 4.7.2.3");
    }
}

#[test]
fn what_is_known_must_be_right() {
    let cases = [
        // 6121-4.7.2.1-02, -03
        ("<show>away</show><show>xa</show>", Rule::Repeated, "show", "RFC 6121, 4.7.2.1"),
        ("<show>away<b/></show>", Rule::MixedContent, "show", "RFC 6121, 4.7.2.1"),
        // 6121-4.7.2.2-02
        ("<status>a<b/></status>", Rule::MixedContent, "status", "RFC 6121, 4.7.2.2"),
        // 6121-4.7.2.3-03, -04
        (
            "<priority>1</priority><priority>1</priority>",
            Rule::Repeated,
            "priority",
            "RFC 6121, 4.7.2.3",
        ),
        ("<priority>1<b/></priority>", Rule::MixedContent, "priority", "RFC 6121, 4.7.2.3"),
    ];
    for (children, rule, place, section) in cases {
        let xml = format!("<presence>{children}</presence>");
        refuses(parse, &xml, rule, (place, None), section);
    }
}

/// 6120-8.3.1-11: an error cannot be answered, so it is read whatever is wrong
/// with it, or with what it sends back (6120-8.3.1-08).
#[test]
fn an_error_is_read_whatever_is_wrong_with_it() {
    let error =
        "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for (children, condition, payloads) in [
        ("", StanzaCondition::UndefinedCondition, 0),
        ("<show>busy</show>", StanzaCondition::UndefinedCondition, 1),
        ("<show>busy</show>ERROR", StanzaCondition::Forbidden, 1),
        ("<show>xa<b/></show>ERROR", StanzaCondition::Forbidden, 1),
        ("<show>xa</show><show>xa</show>ERROR", StanzaCondition::Forbidden, 1),
        ("<status>a<b/></status>ERROR", StanzaCondition::Forbidden, 1),
        ("ERROR<priority>200</priority>", StanzaCondition::Forbidden, 1),
        ("<priority>1</priority><priority>2</priority>ERROR", StanzaCondition::Forbidden, 1),
        ("ERROR<error/>", StanzaCondition::Forbidden, 0),
    ] {
        let children = children.replace("ERROR", error);
        let xml = format!("<presence type='error'>{children}</presence>");
        let presence = presence(&xml);
        assert_eq!(presence.error().map(|error| error.condition), Some(condition), "{xml}");
        assert_eq!(presence.payloads().count(), payloads, "{xml}");
        assert_eq!(written(&presence), element(&xml), "as it came");
    }
}

/// A word that RFC 6121 does not have (6121-4.7.2.1-04) says nothing: servers
/// relay it, so whoever refused it would not see who is there.
#[test]
fn a_show_of_another_word_is_none() {
    for word in ["online", "available", "busy", "Away", " ", "away dnd"] {
        let xml = format!("<presence><show>{word}</show><priority>1</priority></presence>");
        let read = presence(&xml);
        assert_eq!((read.show(), read.priority()), (None, 1), "{word}");
        assert_eq!(written(&read), element(&xml), "as it came");
        let xml = format!("<presence><show>{word}</show><show>xa</show></presence>");
        assert_eq!(presence(&xml).show(), Some(Show::Xa));
    }
}

#[test]
fn an_empty_show_is_none() {
    // As go-sendxmpp sends it.
    let xml = "<presence><show></show><status></status><show>away</show></presence>";
    let read = presence(xml);
    assert_eq!(read.show(), Some(Show::Away));
    assert_eq!(written(&read), element(xml));
    let xml = "<presence><show/></presence>";
    assert_eq!(presence(xml).show(), None);
}

#[test]
fn unknown_children_and_attributes_survive_in_their_place() {
    let xml = "<presence x='y'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' \
        ver='v'/><show>xa</show><show xmlns='urn:x'>?</show></presence>";
    let presence = presence(xml);
    assert_eq!(presence.show(), Some(Show::Xa));
    assert!(matches!(presence.children().nth(1), Some(PresenceChild::Show(Show::Xa))));
    assert_eq!(written(&presence), element(xml));
}
