//! RFC 6121, section 5.2.

use xmpp_stanza::{
    AddressRef, BuildError, Invalid, LangText, Message, MessageBuilder, MessageChild, MessageType,
    Rule, StanzaCondition, StanzaError, Thread,
};
use xmpp_xml::{Element, ElementRef, Ns, WriteError};

use crate::harness::{element, element_in, jid, refuses, sends, text, written};

fn chat() -> MessageBuilder {
    Message::builder(MessageType::Chat)
}

fn parse(element: ElementRef<'_>) -> Result<(), Invalid> {
    Message::parse(element).map(drop)
}

fn message(xml: &str) -> Message<'static> {
    Message::try_from(element(xml)).unwrap_or_else(|error| panic!("{xml}: {error}"))
}

#[test]
fn types_are_read_and_written() {
    // 6121-message-type-support: 6121-5.2.2-02, -05
    // 6120-stanza-kind-message, 6120-stanza-attribute-type
    for &message_type in MessageType::ALL {
        let (name, error) = match message_type {
            MessageType::Error => (
                "error",
                "<error type='cancel'><undefined-condition \
                xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
            ),
            other => (other.as_str(), ""),
        };
        let read = message(&format!("<message type='{name}'>{error}</message>"));
        assert_eq!(read.message_type(), message_type);
        let built = Message::builder(message_type);
        assert_eq!(built.message_type(), message_type);
        assert_eq!(built.build().unwrap().message_type(), message_type);
        assert_eq!(built.build().unwrap().error(), read.error());
    }
}

#[test]
fn a_type_that_is_missing_or_unknown_is_normal() {
    // 6121-5.2.2-06; all that it can have is optional: 6121-5.2.3-01, 6121-5.2.5-03
    sends(&Message::builder(MessageType::Normal), "<message/>");
    assert_eq!(message("<message/>").message_type(), MessageType::Normal);
    for name in ["", "CHAT", "jabber", " chat"] {
        let read = message(&format!("<message type='{name}'/>"));
        assert_eq!(read.message_type(), MessageType::Normal);
    }
}

#[test]
fn addresses_are_absent_good_or_malformed() {
    // 6120-stanza-attribute-to, 6120-stanza-attribute-from, 6120-8.1.1.1-01
    sends(
        &chat().with_to(jid("juliet@example.com")).with_from(jid("romeo@example.net/orchard")),
        "<message type='chat' to='juliet@example.com' from='romeo@example.net/orchard'/>",
    );
    // In canonical form, whatever form they came in.
    let read = message("<message type='chat' to='Juliet@EXAMPLE.com'/>");
    assert_eq!(read.to().as_str(), Some("juliet@example.com"));
    assert!(read.from().is_absent());
    // A fault of the one stanza, told from absence, kept as it came.
    let read = message("<message to='ch@r@cters@x/y' from=''/>");
    let (AddressRef::Malformed { raw: to, .. }, AddressRef::Malformed { raw: from, .. }) =
        (read.to(), read.from())
    else {
        panic!("{read:?}")
    };
    assert_eq!((&*to, &*from), ("ch@r@cters@x/y", ""));
    assert_eq!(written(&read), element("<message to='ch@r@cters@x/y' from=''/>"));
    let answer = Message::builder(MessageType::Normal).with_to(read.from()).with_from(read.to());
    assert_eq!(written(&answer), element("<message from='ch@r@cters@x/y' to=''/>"));
}

#[test]
fn bodies_and_subjects_are_kept_in_all_languages_and_in_order() {
    // 6121-message-body, 6121-message-subject
    // 6121-5.2.3-02, 6121-5.2.4-01
    sends(
        &chat()
            .with_lang("en")
            .with_body("Wherefore art thou?")
            .with_subject(LangText::in_lang("cs", "Úpěnlivá prosba!"))
            .with_body(LangText::in_lang("cs", "Pročež jsi ty?"))
            .with_subject("I implore you!"),
        "<message type='chat' xml:lang='en'><body>Wherefore art thou?</body>\
         <subject xml:lang='cs'>Úpěnlivá prosba!</subject>\
         <body xml:lang='cs'>Pročež jsi ty?</body><subject>I implore you!</subject></message>",
    );
}

#[test]
fn the_body_is_the_one_in_the_language_of_the_stanza_or_the_first() {
    let message = chat().with_lang("en").with_body(LangText::in_lang("cs", "ano"));
    assert_eq!(message.build().unwrap().body().as_deref(), Some("ano"));
    let message = message.with_body("yes").with_body(LangText::in_lang("de", "ja"));
    let message = message.build().unwrap();
    assert_eq!(message.body().as_deref(), Some("yes"));
    assert_eq!(message.body_for("de-AT"), Some(LangText::in_lang("de", "ja")));
    assert_eq!(message.body_for("fr"), Some(LangText::new("yes")));
    assert_eq!(chat().build().unwrap().body(), None);
}

#[test]
fn a_second_body_of_the_same_language_is_kept() {
    let xml = "<message type='chat'><body>a</body><body>b</body></message>";
    sends(&chat().with_body("a").with_body("b"), xml);
    assert_eq!(message(xml).bodies().map(|body| body.text).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn the_language_of_the_stream_is_that_of_its_stanzas() {
    // 6120-stanza-attribute-xmllang
    // 6120-8.1.5-02 and -04; and it goes with them when they leave it, 6120-4.7.4-09.
    let stream = Element::parse(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         xml:lang='de'><message><body>Ja</body><body xml:lang='en'>Yes</body></message>\
         </stream:stream>",
    )
    .unwrap();
    let message = Message::parse(stream.children().next().unwrap()).unwrap();
    assert_eq!(message.lang().as_deref(), Some("de"));
    let langs: Vec<_> = message.bodies().map(|body| body.lang).collect();
    assert_eq!(langs, [None, Some("en".into())]);
    assert_eq!(written(&message).lang().as_deref(), Some("de"));
}

#[test]
fn threads_may_have_parents() {
    // 6121-message-thread
    // 6121-5.2.5-05
    sends(
        &chat().with_thread(Thread::new("e0ffe42b28561960c6b12b944a092794b9683a38")),
        "<message type='chat'><thread>e0ffe42b28561960c6b12b944a092794b9683a38</thread></message>",
    );
    sends(
        &chat().with_thread(Thread::with_parent("child", "elder")),
        "<message type='chat'><thread parent='elder'>child</thread></message>",
    );
    // 6121-5.2.5-01: in messages of other types as well.
    for kind in [MessageType::Groupchat, MessageType::Headline] {
        sends(
            &Message::builder(kind).with_thread(Thread::new("t")),
            &format!("<message type='{kind}'><thread>t</thread></message>"),
        );
    }
}

#[test]
fn setting_a_thread_replaces_the_former() {
    let message = chat().with_thread(Thread::new("a")).with_body("x").with_thread(Thread::new("b"));
    let message = message.build().unwrap();
    assert_eq!(message.thread(), Some(Thread::new("b")));
    assert_eq!(message.children().count(), 2);
}

#[test]
fn unknown_children_survive_in_their_place() {
    // 6120-stanza-extension
    // 6120-8.4-08 and -11: not processed; 6120-8.4-13: and not lost.
    let xml = "<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/>\
        <body>hi</body><unknown xmlns=''><deep><e xmlns='urn:e' a='&lt;'>t</e></deep>u</unknown>\
        <body xmlns='urn:other'>not one</body><x:y xmlns:x='urn:x' x:z='1'/></message>";
    let message = message(xml);
    assert_eq!(message.body().as_deref(), Some("hi"));
    assert_eq!(message.payloads().count(), 4);
    assert!(matches!(message.children().nth(1), Some(MessageChild::Body(_))));
    assert_eq!(written(&message), element(xml));
}

#[test]
fn unknown_attributes_survive() {
    // 6120-8.4-03
    let xml = "<message type='chat' x:lang='1' xmlns:x='urn:x' strange='&apos;2&quot;'/>";
    let message = message(xml);
    assert_eq!(
        message.attributes().map(|attr| attr.name()).collect::<Vec<_>>(),
        ["lang", "strange"]
    );
    assert_eq!(written(&message), element(xml));
}

#[test]
fn stanzas_of_every_content_namespace_are_the_same() {
    // 6120-4.8.3-01
    for content in ["jabber:client", "jabber:server", "jabber:component:accept"] {
        let stanza = element_in(Ns::new(content), "<message type='chat'><body>hi</body></message>");
        let message = Message::parse(stanza.as_ref()).unwrap();
        assert_eq!(message.body().as_deref(), Some("hi"), "{content}");
        assert_eq!(written(&message), written(&chat().with_body("hi")), "{content}");
    }
    // A child of another content namespace is not the stanza's own.
    let mixed = "<message type='chat'><body xmlns='jabber:server'>hi</body></message>";
    assert_eq!(message(mixed).body(), None);
}

#[test]
fn only_messages_are_messages() {
    let place = ("message", None);
    refuses(parse, "<iq/>", Rule::WrongElement, place, "RFC 6120, 8");
    refuses(parse, "<message xmlns='urn:x'/>", Rule::WrongNamespace, place, "RFC 6120, 8");
    refuses(parse, "<message xmlns=''/>", Rule::WrongNamespace, place, "RFC 6120, 8");
}

#[test]
fn what_is_known_must_be_right() {
    // 6121-5.2.3-03, 6121-5.2.4-02, 6121-5.2.5-10
    let mixed = |child: &str| format!("<message><{child}>a<b xmlns='urn:b'/>c</{child}></message>");
    let cases = [
        ("body", "RFC 6121, 5.2.3"),
        ("subject", "RFC 6121, 5.2.4"),
        ("thread", "RFC 6121, 5.2.5"),
    ];
    for (child, section) in cases {
        refuses(parse, &mixed(child), Rule::MixedContent, (child, None), section);
    }
    // 6121-5.2.5-04
    let twice = "<message><thread>a</thread><thread>b</thread></message>";
    refuses(parse, twice, Rule::Repeated, ("thread", None), "RFC 6121, 5.2.5");
}

/// 6120-8.3.1-11: an error cannot be answered, so it is read whatever is wrong
/// with it, or with what it sends back (6120-8.3.1-08).
#[test]
fn an_error_is_read_whatever_is_wrong_with_it() {
    let forbidden = "<error type='auth'>\
        <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for (children, condition, payloads) in [
        ("<body>x</body>".to_owned(), StanzaCondition::UndefinedCondition, 0),
        (String::new(), StanzaCondition::UndefinedCondition, 0),
        (format!("<body>a</body><body>b</body>{forbidden}"), StanzaCondition::Forbidden, 0),
        (format!("<thread>a</thread><thread>b</thread>{forbidden}"), StanzaCondition::Forbidden, 1),
        (format!("{forbidden}<thread>a<b/></thread>"), StanzaCondition::Forbidden, 1),
        (format!("<body>a<b xmlns='urn:b'/></body>{forbidden}"), StanzaCondition::Forbidden, 1),
        (format!("<subject><b/></subject>{forbidden}"), StanzaCondition::Forbidden, 1),
        (format!("{forbidden}<error><gone/></error>"), StanzaCondition::Forbidden, 0),
        ("<error/><error/>".to_owned(), StanzaCondition::UndefinedCondition, 0),
    ] {
        let xml = format!("<message type='error'>{children}</message>");
        let message = message(&xml);
        assert_eq!(message.error().map(|error| error.condition), Some(condition), "{xml}");
        assert_eq!(message.payloads().count(), payloads, "{xml}");
        let known = message.children().count() - payloads;
        assert_eq!(message.bodies().count() + usize::from(message.thread().is_some()), known);
        assert_eq!(written(&message), element(&xml), "as it came");
    }
}

#[test]
fn an_error_has_its_error_and_what_it_answers() {
    let error = StanzaError::new(StanzaCondition::Gone);
    let message = chat().with_body("hi").with_error(error.clone());
    sends(
        &message,
        "<message type='error'><body>hi</body><error type='cancel'>\
         <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    assert_eq!(message.message_type(), MessageType::Error);
    assert_eq!(message.build().unwrap().error(), Some(error));
}

#[test]
fn an_error_in_another_message_is_but_an_unknown_child() {
    // RFC 6120 section 8.3.1 forbids it; who receives it ignores it.
    let xml = "<message><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
        </error></message>";
    let message = message(xml);
    assert_eq!((message.error(), message.payloads().count()), (None, 1));
    assert_eq!(written(&message), element(xml));
}

#[test]
fn text_is_escaped_and_not_trimmed() {
    let body = " <&>\"' \u{1F600}\n\t ";
    let message = chat().with_body(body).with_id("'\"<&\n");
    assert!(text(&message).contains("&lt;&amp;"));
    let read = message.build().unwrap();
    assert_eq!((read.body().as_deref(), read.id().as_deref()), (Some(body), Some("'\"<&\n")));
}

/// What is wrong with what is put into a message is told when it is sent.
#[test]
fn what_cannot_be_sent_is_told_when_it_is_sent() {
    let bad = chat().with_body("\u{1}").with_body("good");
    assert_eq!(bad.build(), Err(BuildError::Write(WriteError::InvalidCharacter)));
    let bad = chat().with_id("\u{1}");
    assert_eq!(bad.build(), Err(BuildError::Write(WriteError::InvalidCharacter)));
    let mixed = Element::parse("<body xmlns='jabber:client'><b/></body>").unwrap();
    let Err(BuildError::Invalid(invalid)) = chat().with(&mixed).build() else { panic!() };
    assert_eq!(invalid.rule(), Rule::MixedContent);
}

#[test]
fn one_that_is_kept_needs_nothing_else() {
    let kept = {
        let received = element("<message id='1'><body>hi</body></message>");
        let message = Message::parse(received.as_ref()).unwrap();
        assert_eq!(message.stanza().id().as_deref(), Some("1"));
        message.into_owned()
    };
    assert_eq!(kept.body().as_deref(), Some("hi"));
    assert_eq!(Message::try_from(kept.clone().into_element()).as_ref(), Ok(&kept));
    fn is_sendable<T: Send + Sync + 'static>(_: T) {}
    is_sendable(kept);
}
