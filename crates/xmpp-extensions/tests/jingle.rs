//! Jingle: what is known has a type, what is not is kept.

use xmpp_extensions::calls::jingle::{
    Action, Application, Condition, Content, Jingle, Party, Reason, Senders, SessionInfo, Transport,
};
use xmpp_extensions::calls::message_initiation::Propose;
use xmpp_extensions::calls::{ice_udp, rtp, tones};
use xmpp_stanza::xml::Element;
use xmpp_stanza::{Findings, Payload};

/// XEP-0167, example 1, with an application and a transport that nobody knows
/// in a second content.
const INITIATE: &str = "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' \
    initiator='romeo@montague.example/dr4hcr0st3lup4c' sid='a73sjjvkla37jfea'>\
    <content creator='initiator' name='voice'>\
    <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>\
    <payload-type id='96' name='speex' clockrate='16000'/></description>\
    <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>\
    <candidate component='1' foundation='1' generation='0' id='el0747fg11' ip='10.0.1.1' network='1' \
    port='8998' priority='2130706431' protocol='udp' type='host'/></transport></content>\
    <content creator='responder' name='new' senders='none'>\
    <description xmlns='urn:example:app'/><transport xmlns='urn:example:transport'/></content></jingle>";

#[test]
fn applications_and_transports_that_are_known_have_types() {
    let element = Element::parse(INITIATE).unwrap();
    let mut findings = Findings::collect(10);
    let jingle = Jingle::parse_noting(element.as_ref(), &mut findings).unwrap();
    assert_eq!(findings.iter().len(), 0);
    assert_eq!((jingle.action, &*jingle.sid), (Action::SessionInitiate, "a73sjjvkla37jfea"));
    let [voice, new] = &*jingle.contents else { panic!("two contents") };

    // XEP-0166, 7.3: who sends is both, if it does not say.
    assert_eq!((voice.creator, voice.senders), (Party::Initiator, Senders::Both));
    let Some(Application::Rtp(description)) = &voice.application else { panic!("RTP") };
    assert_eq!((&*description.media, description.payload_types[0].id), ("audio", 96));
    let Some(Transport::IceUdp(transport)) = &voice.transport else { panic!("ICE") };
    assert_eq!(transport.candidates[0].kind, ice_udp::CandidateType::Host);

    assert_eq!((new.creator, new.senders), (Party::Responder, Senders::None));
    assert_eq!((&new.application, &new.transport), (&None, &None));
    let others: Vec<_> = new.others.iter().map(|other| other.as_ref().name()).collect();
    assert_eq!(others, ["description", "transport"]);
    assert_eq!(jingle.to_element().unwrap(), element);
}

#[test]
fn the_password_of_ice_is_not_shown() {
    let element = Element::parse(INITIATE).unwrap();
    let jingle = Jingle::parse(element.as_ref()).unwrap();
    let shown = format!("{:?}", jingle.contents[0].transport);
    assert!(!shown.contains("asd88fgpdd777uzjYhagZg"), "{shown}");
}

#[test]
fn what_is_built_is_what_the_examples_are() {
    // XEP-0166, 6.7; XEP-0167, 8.4; XEP-0181, example 1; XEP-0353, example 1.
    let end = Jingle::new(Action::SessionTerminate, "a73sjjvkla37jfea")
        .with_reason(Reason::new(Condition::Success).with_text("Sorry, gotta go!"));
    assert_eq!(
        end.to_element().unwrap(),
        Element::parse(
            "<jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='a73sjjvkla37jfea'>\
             <reason><success/><text>Sorry, gotta go!</text></reason></jingle>"
        )
        .unwrap()
    );
    for (info, xml) in [
        (
            SessionInfo::Rtp(rtp::Info::Ringing),
            "<ringing xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>",
        ),
        (
            SessionInfo::Tone(tones::Tone::new(tones::Key::Seven).with_duration(400_u32)),
            "<dtmf xmlns='urn:xmpp:jingle:dtmf:0' code='7' duration='400'/>",
        ),
    ] {
        let built = Jingle::new(Action::SessionInfo, "s").with_info(info);
        let xml = format!(
            "<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'>{xml}</jingle>"
        );
        let element = Element::parse(xml).unwrap();
        assert_eq!(built.to_element().unwrap(), element);
        assert_eq!(Jingle::parse(element.as_ref()).unwrap(), built);
    }
    let propose = Propose::new("ca3cf894-5325-482f-a412-a6e9f832298d")
        .with_applications([Application::Rtp(Box::new(rtp::Description::new("audio")))]);
    assert_eq!(
        propose.to_element().unwrap(),
        Element::parse(
            "<propose xmlns='urn:xmpp:jingle-message:0' id='ca3cf894-5325-482f-a412-a6e9f832298d'>\
             <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>"
        )
        .unwrap()
    );
}

#[test]
fn what_is_wrong_is_passed_over_or_refused() {
    // An action that nobody knows cannot be followed; a content without a
    // creator is the initiator's; a reason without a condition is none.
    let read = |xml: &str| {
        let element = Element::parse(xml).unwrap();
        let mut findings = Findings::collect(10);
        Jingle::parse_noting(element.as_ref(), &mut findings)
            .map(|jingle| (xmpp_stanza::IntoOwned::into_owned(jingle), findings.iter().len()))
    };
    assert!(read("<jingle xmlns='urn:xmpp:jingle:1' action='dance' sid='s'/>").is_err());
    assert!(read("<jingle xmlns='urn:xmpp:jingle:1' action='session-info'/>").is_err());
    let (jingle, found) = read(
        "<jingle xmlns='urn:xmpp:jingle:1' action='content-remove' sid='s'>\
         <content name='voice'/><reason><text>because</text></reason></jingle>",
    )
    .unwrap();
    assert_eq!((&jingle.reason, found), (&None, 2));
    assert_eq!(jingle.contents, [Content::new(Party::Initiator, "voice").with_rest_of(&jingle)]);
}

/// Contents are compared but for what they keep of the XML.
trait WithRest<'a> {
    fn with_rest_of(self, jingle: &Jingle<'a>) -> Self;
}

impl<'a> WithRest<'a> for Content<'a> {
    fn with_rest_of(mut self, jingle: &Jingle<'a>) -> Self {
        self.rest = jingle.contents[0].rest.clone();
        self
    }
}
