//! Whatever the document: reading it as each type does not panic, and what was
//! read is written, and read again as the same value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_stanza::bind::Bind;

use xmpp_stanza::{
    Invalid, Payload, Stanza, StanzaCondition, StanzaError, StanzaRef, StreamError, StreamHeader,
    bind2, dialback, disco, fast, features, roster, sasl, sasl2, sm, stream_limits,
};
use xmpp_xml::{Element, ElementRef, WriteXml, Writer};

fuzz_target!(|data: &[u8]| {
    let Ok(element) = Element::parse(data) else { return };
    let element = element.as_ref();
    if let Ok(stanza) = Stanza::parse(element) {
        let once = written(&stanza);
        assert!(once.as_ref() == element);
        let kept = stanza.into_owned();
        assert!(Stanza::parse(once.as_ref()).is_ok_and(|again| again == kept));
    }
    again(element, StanzaError::parse);
    again(element, StreamError::parse);
    again(element, features::Features::parse);
    again(element, |element| {
        // Malformed items are not written.
        let mut query = roster::Query::parse(element)?;
        query.malformed.clear();
        Ok(query)
    });
    of_streams(element);
    if let Ok(error) = StreamError::parse(element) {
        let _ = error.other_host();
    }
    let _ = StreamHeader::parse(element);
    if let Some(stanza) = StanzaRef::new(element) {
        let owned = (stanza.to().into_owned(), stanza.from().into_owned());
        let _ = (stanza.error(), stanza.payloads().count());
        if let Some(reply) = stanza.error_reply(StanzaCondition::BadRequest) {
            let reply = written(&reply.with_payload_of_request());
            let reply = StanzaRef::new(reply.as_ref()).expect("an answer is a stanza");
            assert_eq!((reply.from().into_owned(), reply.to().into_owned()), owned);
            assert!(reply.is_error() && !reply.may_be_answered_with_error());
        }
    }
});

/// What RFC 6120 and the XEPs about streams define, and what xmpp-stanza itself reads of
/// service discovery.
fn of_streams(element: ElementRef<'_>) {
    payload::<Bind>(element);
    payload::<disco::Info>(element);
    payload::<disco::Items>(element);
    payload::<features::Mechanisms>(element);
    payload::<stream_limits::StreamLimits>(element);
    payload::<sasl::Auth>(element);
    payload::<sasl::Challenge>(element);
    payload::<sasl::Response>(element);
    payload::<sasl::Success>(element);
    payload::<sasl::Failure>(element);
    payload::<sasl2::Authentication>(element);
    payload::<sasl2::UserAgent>(element);
    payload::<sasl2::Authenticate>(element);
    payload::<sasl2::Challenge>(element);
    payload::<sasl2::Response>(element);
    payload::<sasl2::Success>(element);
    payload::<sasl2::Failure>(element);
    payload::<sasl2::Abort>(element);
    payload::<sasl2::Continue>(element);
    payload::<sasl2::Next>(element);
    payload::<sasl2::TaskData>(element);
    payload::<sasl2::ScramUpgrade>(element);
    payload::<bind2::BindFeature>(element);
    payload::<bind2::BindRequest>(element);
    payload::<bind2::Bound>(element);
    payload::<fast::FastFeature>(element);
    payload::<fast::FastRequest>(element);
    payload::<fast::RequestToken>(element);
    payload::<fast::Token>(element);
    payload::<sm::Ack>(element);
    payload::<sm::Enable>(element);
    payload::<sm::Enabled>(element);
    payload::<sm::Resume>(element);
    payload::<sm::Resumed>(element);
    payload::<sm::Failed>(element);
    payload::<sm::HandledCountTooHigh>(element);
    payload::<dialback::DialbackFeature>(element);
    payload::<dialback::DialbackResult>(element);
    payload::<dialback::DialbackVerify>(element);
}

fn payload<T: for<'a> Payload<'a> + PartialEq + core::fmt::Debug>(element: ElementRef<'_>) {
    again(element, |element| T::parse(element));
}

fn again<T: WriteXml + PartialEq + core::fmt::Debug>(
    element: ElementRef<'_>,
    parse: impl Fn(ElementRef<'_>) -> Result<T, Invalid>,
) {
    if let Ok(value) = parse(element) {
        assert_eq!(parse(written(&value).as_ref()).as_ref(), Ok(&value));
    }
}

fn written(value: &impl WriteXml) -> Element {
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    w.write(value);
    w.finish().expect("what was read can be written");
    // It may have grown by declarations and references; never without end.
    Element::parse(&xml).expect("what was written can be read")
}
