//! RFC 6120, section 8.2.3.

use xmpp_stanza::ping::Ping;
use xmpp_stanza::roster::Query;
use xmpp_stanza::{
    BuildError, Invalid, Iq, IqBuilder, IqContent, IqType, Payload, Rule, StanzaCondition,
    StanzaError,
};
use xmpp_xml::{ElementRef, Fragment, WriteError};

use crate::harness::{element, jid, refuses, sends, written};

fn parse(element: ElementRef<'_>) -> Result<(), Invalid> {
    Iq::parse(element).map(drop)
}

fn iq(xml: &str) -> Iq<'static> {
    Iq::try_from(element(xml)).unwrap_or_else(|error| panic!("{xml}: {error}"))
}

#[test]
fn requests_and_answers() {
    // 6120-stanza-kind-iq, 6120-stanza-attribute-type; an error with the request and without:
    // 6120-8.2.3-09
    let ping = Ping.to_element().unwrap();
    let (to, error) = (jid("example.com"), StanzaError::new(StanzaCondition::ServiceUnavailable));
    let xml = "<iq type='get' id='p1' to='example.com'><ping xmlns='urn:xmpp:ping'/></iq>";
    sends(&Iq::get("p1", &Ping).with_to(to), xml);
    assert_eq!(iq(xml).content(), IqContent::Get(ping.as_ref()));
    let xml = "<iq type='set' id='p2'><ping xmlns='urn:xmpp:ping'/></iq>";
    sends(&Iq::set("p2", &Ping), xml);
    assert_eq!(iq(xml).content(), IqContent::Set(ping.as_ref()));
    let xml = "<iq type='result' id=''/>";
    sends(&Iq::result(""), xml);
    assert_eq!(iq(xml).content(), IqContent::Result(None));
    let xml = "<iq type='result' id='p4'><ping xmlns='urn:xmpp:ping'/></iq>";
    sends(&Iq::result("p4").with(&Ping), xml);
    assert_eq!(iq(xml).content(), IqContent::Result(Some(ping.as_ref())));
    let xml = "<iq type='error' id='p5'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
    sends(&IqBuilder::error("p5", error.clone()), xml);
    assert_eq!(iq(xml).content(), IqContent::Error { error: error.clone(), request: None });
    let xml = "<iq type='error' id='p6'><ping xmlns='urn:xmpp:ping'/><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
    sends(&IqBuilder::error("p6", error.clone()).with(&Ping), xml);
    assert_eq!(iq(xml).content(), IqContent::Error { error, request: Some(ping.as_ref()) });
}

#[test]
fn typed_payloads_are_written_as_elements_are() {
    let query = Query::new().with_ver("v7");
    let typed = Iq::get("r1", &query);
    let untyped = Iq::get("r1", &query.to_element().unwrap());
    assert_eq!(written(&typed), written(&untyped));
    let read = untyped.build().unwrap();
    assert_eq!(read.payload(), Ok(Some(query)));
    assert_eq!(read.payload::<Ping>(), Ok(None));
    // Another one takes its place (6120-8.2.3-07).
    assert_eq!(written(&typed.with(&Ping)), written(&Iq::get("r1", &Ping)));
}

/// What is no payload, or two, is told when it is sent (6120-8.2.3-07).
#[test]
fn a_request_is_not_sent_without_its_payload() {
    let not_one = Err(BuildError::Write(WriteError::NotOneRoot));
    assert_eq!(Iq::get("1", &Fragment::new()).build(), not_one);
    assert_eq!(Iq::get("1", &[Ping, Ping][..]).build(), not_one);
    assert_eq!(Iq::result("1").with(&None::<Ping>).build(), not_one);
}

#[test]
fn id_and_type_are_required() {
    // 6120-stanza-iq-id, 6120-stanza-iq-type
    const SECTION: &str = "RFC 6120, 8.2.3";
    let payload = "<ping xmlns='urn:xmpp:ping'/>";
    // 6120-8.2.3-01
    let xml = format!("<iq type='get'>{payload}</iq>");
    refuses(parse, &xml, Rule::MissingAttribute, ("iq", Some("id")), SECTION);
    // 6120-8.2.3-02
    let xml = format!("<iq id='1'>{payload}</iq>");
    refuses(parse, &xml, Rule::MissingAttribute, ("iq", Some("type")), SECTION);
    // 6120-8.2.3-03
    for name in ["", "Get", "fetch"] {
        let xml = format!("<iq id='1' type='{name}'>{payload}</iq>");
        refuses(parse, &xml, Rule::UnknownValue, ("iq", Some("type")), SECTION);
        let condition = parse(element(&xml).as_ref()).unwrap_err().condition();
        assert_eq!(condition, StanzaCondition::BadRequest);
    }
}

#[test]
fn a_request_has_exactly_one_payload() {
    // 6120-8.4-01
    // 6120-stanza-iq-child
    // 6120-8.2.3-07
    const SECTION: &str = "RFC 6120, 8.2.3";
    for kind in ["get", "set"] {
        let none = format!("<iq id='1' type='{kind}'> text </iq>");
        refuses(parse, &none, Rule::MissingPayload, ("iq", None), SECTION);
        let two = format!("<iq id='1' type='{kind}'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>");
        refuses(parse, &two, Rule::TooManyChildren(1), ("iq", None), SECTION);
    }
}

#[test]
fn a_result_has_at_most_one_payload() {
    // 6120-stanza-iq-child
    // 6120-8.2.3-08
    let two = "<iq id='1' type='result'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>";
    refuses(parse, two, Rule::TooManyChildren(1), ("iq", None), "RFC 6120, 8.2.3");
}

#[test]
fn nothing_but_an_error_has_an_error() {
    // 6120-stanza-error-child
    // 6120-8.3.1-10. A result with an error in it is refused like a request:
    // it is neither the success nor the failure that it might be taken for.
    for kind in ["get", "set", "result"] {
        let xml = format!("<iq id='1' type='{kind}'><error type='cancel'/></iq>");
        let rule = Rule::UnexpectedChild("error");
        refuses(parse, &xml, rule, ("iq", None), "RFC 6120, 8.3.1");
    }
    let echoed = "<iq id='1' type='result'><a xmlns='urn:a'/><error type='cancel'/></iq>";
    let rule = Rule::UnexpectedChild("error");
    refuses(parse, echoed, rule, ("iq", None), "RFC 6120, 8.3.1");
    // The view finds the request that it ends all the same.
    let echoed = element(echoed);
    let view = xmpp_stanza::StanzaRef::new(echoed.as_ref()).unwrap();
    assert!(view.is_response() && view.id().as_deref() == Some("1"));
}

/// 6120-8.3.1-11: an error cannot be answered, so it is read whatever is wrong
/// with it.
#[test]
fn an_error_is_read_whatever_is_wrong_with_it() {
    let undefined = || StanzaError::new(StanzaCondition::UndefinedCondition);
    let forbidden = "<error type='auth'>\
        <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    let conflict = "<error type='cancel'>\
        <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    let (a, b) = ("<a xmlns='urn:a'/>", "<b xmlns='urn:b'/>");
    let auth = || StanzaError::new(StanzaCondition::Forbidden);
    for (xml, id, error, request) in [
        ("<iq type='error' id='1'/>".to_owned(), "1", undefined(), None),
        ("<iq type='error'/>".to_owned(), "", undefined(), None),
        ("<iq type='error' id='1'> text </iq>".to_owned(), "1", undefined(), None),
        (format!("<iq type='error' id='1'>{a}</iq>"), "1", undefined(), Some("a")),
        (format!("<iq type='error' id='1'>{a}{b}</iq>"), "1", undefined(), Some("a")),
        (format!("<iq type='error' id='1'>{a}{b}{forbidden}</iq>"), "1", auth(), Some("a")),
        (format!("<iq type='error' id='1'>{forbidden}{a}{b}</iq>"), "1", auth(), Some("a")),
        (format!("<iq type='error' id='1'>{forbidden}{conflict}</iq>"), "1", auth(), None),
        (format!("<iq type='error' id='1'>{forbidden}{a}{conflict}</iq>"), "1", auth(), Some("a")),
        (format!("<iq type='error'>{forbidden}</iq>"), "", auth(), None),
        (format!("<iq type='error' to='@' from='@' id=''>{forbidden}</iq>"), "", auth(), None),
        ("<iq type='error' id='1'><error/></iq>".to_owned(), "1", undefined(), None),
    ] {
        let iq = iq(&xml);
        assert_eq!(iq.id(), id, "{xml}");
        assert_eq!(iq.error(), Some(error), "{xml}");
        assert_eq!(iq.payload_element().map(ElementRef::name), request, "{xml}");
        assert_eq!(written(&iq), element(&xml), "as it came");
    }
}

#[test]
fn answers_go_back_with_the_same_id() {
    // 6120-stanza-attribute-id, 6120-stanza-iq-id
    // 6120-8.2.3-05, 6120-8.1.3-02
    let request = Iq::get("i'd", &Ping).with_to(jid("a.example")).with_from(jid("b@c.example/d"));
    let request = request.build().unwrap();
    let result = Iq::try_from(written(&request.stanza().result(Ping).unwrap())).unwrap();
    assert_eq!((result.iq_type(), &*result.id()), (IqType::Result, "i'd"));
    assert_eq!((result.to(), result.from()), (request.from(), request.to()));
    let error = request.stanza().error_reply(StanzaCondition::NotAllowed).unwrap();
    let error = Iq::try_from(written(&error)).unwrap();
    assert_eq!((error.iq_type(), &*error.id()), (IqType::Error, "i'd"));
    assert_eq!(error.error().map(|error| error.condition), Some(StanzaCondition::NotAllowed));
    assert_eq!((error.to(), error.from()), (request.from(), request.to()));
}
