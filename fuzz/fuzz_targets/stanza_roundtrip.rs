//! Whatever the document: reading it as each type does not panic, and what was
//! read is written, and read again as the same value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_stanza::bind::Bind;
use xmpp_stanza::features::{Features, Mechanisms};
use xmpp_stanza::sasl::{Auth, Challenge, Failure};
use xmpp_stanza::{
    Invalid, Payload, Stanza, StanzaCondition, StanzaError, StanzaRef, StreamError, StreamHeader,
    disco, roster,
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
    again(element, Features::parse);
    again(element, Mechanisms::parse);
    again(element, Bind::parse);
    again(element, Auth::parse);
    again(element, Challenge::parse);
    again(element, Failure::parse);
    again(element, disco::Info::parse);
    again(element, disco::Items::parse);
    again(element, |element| {
        // Malformed items are not written.
        let mut query = roster::Query::parse(element)?;
        query.malformed.clear();
        Ok(query)
    });
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

