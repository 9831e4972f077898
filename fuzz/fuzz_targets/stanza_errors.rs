//! Errors of every shape and order: conditions, texts and foreign children within
//! `<error/>`, several of them or none, among whatever the stanza echoes. Each is read
//! (RFC 6120 section 8.3.1), tells the first condition, is answered by nothing, and
//! comes back as it was read.
#![no_main]

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use xmpp_stanza::{Stanza, StanzaCondition, StanzaRef};
use xmpp_xml::{Element, WriteXml, Writer};

const STANZAS: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

/// Attributes of a stanza.
const ADDRESSES: [&str; 8] = [
    "",
    " id='1'",
    " id=''",
    " from='a@b.example/c'",
    " from='@' to='@'",
    " to='b.example'",
    " xml:lang='de'",
    " id='1' from='a@b.example' to='c@d.example/e' xml:lang='en-x-y'",
];

/// Attributes of `<error/>`.
const HOW: [&str; 12] = [
    "",
    " type='auth'",
    " type='cancel'",
    " type='continue'",
    " type='modify'",
    " type='wait'",
    " type=''",
    " type='Cancel'",
    " code='404'",
    " code='99999' type='wait'",
    " by='b.example' xml:lang='de'",
    " by='@' code='x' a='b'",
];

/// What a stanza echoes, or what somebody has put there.
const ECHOED: [&str; 14] = [
    "",
    " text ",
    "<body>a</body>",
    "<body xml:lang='de'>b</body>",
    "<body>a<b xmlns='urn:b'/></body>",
    "<subject/>",
    "<thread parent=''>a</thread>",
    "<thread>a<b/></thread>",
    "<show>online</show>",
    "<show/>",
    "<status>x</status>",
    "<priority>1000</priority>",
    "<query xmlns='jabber:iq:roster'><item/></query>",
    "<error xmlns='urn:other'/>",
];

/// Children of `<error/>` besides conditions.
const BESIDES: [&str; 12] = [
    "",
    " text &amp; ",
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>x</text>",
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='de'> y </text>",
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'><a/></text>",
    "<text>x</text>",
    "<forbidden/>",
    "<unheard-of xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>",
    "<too-many xmlns='urn:app' a='b'>c</too-many>",
    "<error type='wait'><gone/></error>",
    "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>",
    "<p:a xmlns:p='urn:p' p:b='c'><p:d/></p:a>",
];

/// One `<error/>`, and its first condition.
fn error(u: &mut Unstructured<'_>) -> Result<(String, Option<StanzaCondition>)> {
    let (mut inner, mut first) = (String::new(), None);
    for _ in 0..u.int_in_range(0..=6)? {
        if u.ratio(1, 3)? {
            let condition = *u.choose(StanzaCondition::ALL)?;
            let content = u.choose(&["", "xmpp:a@b.example", " ", "<a xmlns='urn:a'/>"])?;
            inner += &format!("<{condition} {STANZAS}>{content}</{condition}>");
            first = first.or(Some(condition));
        } else {
            inner += u.choose(&BESIDES)?;
        }
    }
    Ok((format!("<error{}>{inner}</error>", u.choose(&HOW)?), first))
}

/// A stanza of type `error`, and the first condition of its first `<error/>`.
struct Shape(String, Option<Option<StanzaCondition>>);

impl<'a> Arbitrary<'a> for Shape {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = u.choose(&["message", "presence", "iq"])?;
        let (mut inner, mut first) = (String::new(), None);
        for _ in 0..u.int_in_range(0..=5)? {
            if u.ratio(2, 5)? {
                let (error, condition) = error(u)?;
                inner += &error;
                first = first.or(Some(condition));
            } else {
                inner += u.choose(&ECHOED)?;
            }
        }
        let addresses = u.choose(&ADDRESSES)?;
        let namespace = u.choose(&["jabber:client", "jabber:server", "jabber:component:accept"])?;
        let stanza = format!("<{kind} type='error'{addresses}>{inner}</{kind}>");
        // As on a stream, in whose content namespace it is.
        Ok(Self(format!("<stream xmlns='{namespace}'>{stanza}</stream>"), first))
    }
}

impl core::fmt::Debug for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {:?}", self.0, self.1)
    }
}

fuzz_target!(|shape: Shape| {
    let Shape(xml, first) = shape;
    let stream = Element::parse(&*xml).expect("well-formed");
    let element = stream.children().next().expect("a stanza");
    let stanza = StanzaRef::new(element).expect("a stanza");
    assert!(stanza.is_error() && !stanza.may_be_answered_with_error());
    assert!(stanza.error_reply(StanzaCondition::BadRequest).is_none());

    let typed = Stanza::parse(element).expect("errors are read");
    let error = match &typed {
        Stanza::Message(message) => message.error(),
        Stanza::Presence(presence) => presence.error(),
        Stanza::Iq(iq) => iq.error(),
    };
    let error = error.expect("an error");
    match first {
        Some(Some(condition)) => assert_eq!(error.condition, condition),
        // None of the RFC's: what is not understood is undefined, and a legacy code tells.
        Some(None) => {}
        None => assert_eq!(error.condition, StanzaCondition::UndefinedCondition),
    }
    if let Some(lent) = stanza.error() {
        assert_eq!(lent, error);
    }
    // It is written as it came, but for the language that an element inherited, which it
    // then has itself.
    let once = written(&typed);
    let again = Element::parse(&once).expect("what was written can be read");
    let again = Stanza::parse(again.as_ref()).expect("errors are read");
    assert_eq!(once, written(&again));
});

fn written(stanza: &Stanza<'_>) -> String {
    let mut bytes = Vec::new();
    let mut writer = Writer::document(&mut bytes);
    stanza.write_xml(&mut writer);
    writer.finish().expect("what was read can be written");
    String::from_utf8(bytes).expect("text")
}
