//! Any value is written as XML that is read as the same value, and what was
//! once read is written as the same again.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use xmpp_jid::Jid;
use xmpp_stanza::disco::{Identity, Info};
use xmpp_stanza::features::{Features, Mechanisms};
use xmpp_stanza::roster::{Item, Query, Subscription};
use xmpp_stanza::sasl::{Auth, Challenge, Failure, SaslCondition};
use xmpp_stanza::{
    Address, ErrorType, Iq, IqBuilder, IqContent, LangText, Message, MessageChild, MessageType,
    Payload, Presence, PresenceChild, PresenceType, Show, Stanza, StanzaBuilder, StanzaCondition,
    StanzaError, StreamCondition, StreamError, Thread,
};
use xmpp_xml::{Builder, Element, Ns};

use crate::harness::{told, written};

/// Any characters that XML 1.0 allows, the awkward ones often.
fn text() -> impl Strategy<Value = String> {
    let awkward = prop_oneof![
        Just('<'),
        Just('>'),
        Just('&'),
        Just('\''),
        Just('"'),
        Just(']'),
        Just(' '),
        Just('\n'),
        Just('\t'),
        Just('\r'),
        Just('\u{85}'),
        Just('\u{2028}'),
        Just('\u{FFFD}'),
        Just('\u{1F9E1}'),
    ];
    let any = any::<char>().prop_filter("a character of XML", |c| {
        !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}') || matches!(c, '\u{80}'..='\u{9F}')
    });
    vec(prop_oneof![awkward, any], 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9._-]{0,6}"
}

fn lang() -> impl Strategy<Value = String> {
    "[a-z]{2}(-[A-Z]{2})?"
}

fn lang_text() -> impl Strategy<Value = LangText<'static>> {
    (option::of(lang()), text()).prop_map(|(lang, text)| match lang {
        Some(lang) => LangText::in_lang(lang, text),
        None => LangText::new(text),
    })
}

fn good_jid() -> impl Strategy<Value = Jid> {
    let parts = (
        option::of("[a-z.é]{1,5}"),
        "[a-z]{1,5}(\\.[a-z]{1,5})?",
        option::of("[a-zA-Z <'&/@]{0,5}[a-z]"),
    );
    parts.prop_filter_map("an address", |(local, domain, resource)| {
        let local = local.map(|local| format!("{local}@")).unwrap_or_default();
        let resource = resource.map(|resource| format!("/{resource}")).unwrap_or_default();
        Jid::new(&format!("{local}{domain}{resource}")).ok()
    })
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        Just(Address::Absent),
        good_jid().prop_map(Address::from),
        text().prop_map(|raw| Address::from_attribute(Some(&raw))),
    ]
}

#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    Element { ns: String, name: String, attrs: Vec<(String, String)>, children: Vec<Self> },
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = text().prop_map(Tree::Text);
    leaf.prop_recursive(4, 16, 4, |inner| {
        let attrs = proptest::collection::btree_map(name(), text(), 0..3);
        (
            prop_oneof![Just("urn:a"), Just("urn:b"), Just(""), Just("jabber:client")],
            name(),
            attrs,
            vec(inner, 0..4),
        )
            .prop_map(|(ns, name, attrs, children)| Tree::Element {
                ns: ns.into(),
                name,
                attrs: attrs.into_iter().collect(),
                children,
            })
    })
}

fn build(mut builder: Builder, attrs: &[(String, String)], children: &[Tree]) -> Builder {
    for (name, value) in attrs {
        builder = builder.attr(name, value);
    }
    for child in children {
        builder = match child {
            Tree::Text(text) => builder.text(text),
            Tree::Element { ns, name, attrs, children } => {
                build(builder.open(Ns::new(ns), name), attrs, children).close()
            }
        };
    }
    builder
}

fn element() -> impl Strategy<Value = Element> {
    (name(), vec(tree(), 0..4)).prop_map(|(name, children)| {
        build(Element::builder(Ns::new("urn:payload"), &name), &[], &children).build().unwrap()
    })
}

fn stanza_error() -> impl Strategy<Value = StanzaError> {
    (
        proptest::sample::select(StanzaCondition::ALL),
        proptest::sample::select(ErrorType::ALL),
        option::of("xmpp:[a-z]{1,8}"),
        address(),
        vec(lang_text(), 0..3),
        vec(element(), 0..2),
        option::of(any::<u16>()),
    )
        .prop_map(|(condition, error_type, new_address, by, texts, extensions, code)| {
            let mut error = match condition {
                StanzaCondition::Gone => StanzaError::gone(new_address),
                StanzaCondition::Redirect => StanzaError::redirect(new_address),
                other => StanzaError::new(other),
            };
            (error.error_type, error.by) = (error_type, by);
            (error.texts, error.extensions) = (texts, extensions);
            error.code = code;
            error
        })
}

type Common = (Address, Address, Option<String>, Option<String>);

fn common() -> impl Strategy<Value = Common> {
    (address(), address(), option::of(text()), option::of(lang()))
}

/// A child that is put into a stanza.
#[derive(Clone, Debug)]
enum Child {
    Text(LangText<'static>),
    /// A subject, in a message.
    Other(LangText<'static>),
    Payload(Element),
}

fn children() -> impl Strategy<Value = Vec<Child>> {
    let child = prop_oneof![
        lang_text().prop_map(Child::Text),
        lang_text().prop_map(Child::Other),
        element().prop_map(Child::Payload),
    ];
    vec(child, 0..5)
}

fn thread() -> impl Strategy<Value = Thread<'static>> {
    (text(), option::of(text())).prop_map(|(id, parent)| match parent {
        Some(parent) => Thread::with_parent(id, parent),
        None => Thread::new(id),
    })
}

/// A message as one imagines it.
#[derive(Clone, Debug)]
struct Imagined {
    common: Common,
    message_type: MessageType,
    presence_type: PresenceType,
    children: Vec<Child>,
    thread: Option<Thread<'static>>,
    show: Option<Show>,
    priority: Option<i8>,
    error: StanzaError,
}

fn imagined() -> impl Strategy<Value = Imagined> {
    let types = (
        proptest::sample::select(MessageType::ALL),
        proptest::sample::select(PresenceType::ALL),
        option::of(proptest::sample::select(Show::ALL)),
        option::of(any::<i8>()),
    );
    (common(), types, children(), option::of(thread()), stanza_error()).prop_map(
        |(common, types, children, thread, error)| {
            let (message_type, presence_type, show, priority) = types;
            Imagined {
                common,
                message_type,
                presence_type,
                children,
                thread,
                show,
                priority,
                error,
            }
        },
    )
}

impl Imagined {
    fn message(&self) -> StanzaBuilder {
        let mut message = Message::builder(self.message_type);
        (message.to, message.from, message.id, message.lang) = self.common.clone();
        for child in &self.children {
            message = match child {
                Child::Text(text) => message.with_body(text.clone()),
                Child::Other(text) => message.with_subject(text.clone()),
                Child::Payload(element) => message.with(element),
            };
        }
        if let Some(thread) = self.thread.clone() {
            message = message.with_thread(thread);
        }
        if self.message_type == MessageType::Error {
            message = message.with_error(self.error.clone());
        }
        message.into()
    }

    fn presence(&self) -> StanzaBuilder {
        let mut presence = Presence::builder(self.presence_type);
        (presence.to, presence.from, presence.id, presence.lang) = self.common.clone();
        (presence.show, presence.priority) = (self.show, self.priority);
        for child in &self.children {
            presence = match child {
                Child::Text(text) | Child::Other(text) => presence.with_status(text.clone()),
                Child::Payload(element) => presence.with(element),
            };
        }
        if self.presence_type == PresenceType::Error {
            presence = presence.with_error(self.error.clone());
        }
        presence.into()
    }

    /// Whether a message or a presence tells just that.
    fn is_told_by(&self, stanza: &Stanza<'_>) -> bool {
        let (to, from, id, lang) = &self.common;
        let error = Some(&self.error);
        let is_same = match stanza {
            Stanza::Message(message) => {
                let imagined = self.children.iter().map(|child| match child {
                    Child::Text(text) => MessageChild::Body(text.clone()),
                    Child::Other(text) => MessageChild::Subject(text.clone()),
                    Child::Payload(element) => MessageChild::Payload(element.as_ref()),
                });
                let thread = self.thread.clone().map(MessageChild::Thread);
                let is_error = self.message_type == MessageType::Error;
                message.message_type() == self.message_type
                    && message.children().eq(imagined.chain(thread))
                    && message.thread() == self.thread
                    && message.error().as_ref() == error.filter(|_| is_error)
            }
            Stanza::Presence(presence) => {
                let imagined = self.children.iter().map(|child| match child {
                    Child::Text(text) | Child::Other(text) => PresenceChild::Status(text.clone()),
                    Child::Payload(element) => PresenceChild::Payload(element.as_ref()),
                });
                let show = self.show.map(PresenceChild::Show);
                let priority = self.priority.map(PresenceChild::Priority);
                let is_error = self.presence_type == PresenceType::Error;
                presence.presence_type() == self.presence_type
                    && presence.children().eq(show.into_iter().chain(imagined).chain(priority))
                    && presence.show() == self.show
                    && presence.priority() == self.priority.unwrap_or(0)
                    && presence.error().as_ref() == error.filter(|_| is_error)
            }
            Stanza::Iq(_) => false,
        };
        is_same
            && stanza.to().into_owned() == *to
            && stanza.from().into_owned() == *from
            && stanza.stanza().id().as_deref() == id.as_deref()
            && stanza.stanza().lang().as_deref() == lang.as_deref()
    }
}

fn iq() -> impl Strategy<Value = IqBuilder> {
    let error = (stanza_error(), option::of(element()));
    (common(), text(), 0..4, error).prop_map(|((to, from, _, lang), id, kind, (error, payload))| {
        let mut iq = match (kind, payload) {
            (0, Some(payload)) => Iq::get(id, &payload),
            (1, Some(payload)) => Iq::set(id, &payload),
            (2, Some(payload)) => Iq::result(id).with(&payload),
            (0..=2, None) => Iq::result(id),
            (_, Some(payload)) => IqBuilder::error(id, error).with(&payload),
            (_, None) => IqBuilder::error(id, error),
        };
        (iq.to, iq.from, iq.lang) = (to, from, lang);
        iq
    })
}

pub(crate) fn stanza() -> impl Strategy<Value = StanzaBuilder> {
    prop_oneof![
        imagined().prop_map(|imagined| imagined.message()),
        imagined().prop_map(|imagined| imagined.presence()),
        iq().prop_map(StanzaBuilder::Iq),
    ]
}

fn roster() -> impl Strategy<Value = Query> {
    let item = (
        good_jid(),
        option::of(text()),
        option::of(proptest::sample::select(Subscription::ALL)),
        any::<(bool, bool)>(),
        vec(text(), 0..3),
    )
        .prop_map(|(jid, name, subscription, (ask, approved), groups)| {
            let mut item = Item::new(jid);
            (item.name, item.subscription, item.groups) = (name, subscription, groups);
            (item.ask, item.approved) = (ask, approved);
            item
        });
    (option::of(text()), vec(item, 0..4)).prop_map(|(ver, items)| {
        let mut query = Query::new();
        (query.ver, query.items) = (ver, items);
        query
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn stanzas(value in stanza()) {
        let xml = written(&value);
        let read = Stanza::parse(xml.as_ref()).unwrap();
        prop_assert_eq!(&value.build().unwrap(), &read);
        prop_assert_eq!(&read.to().into_owned(), value.to());
        prop_assert_eq!(&read.from().into_owned(), value.from());
        prop_assert_eq!(read.kind(), value.kind());
        prop_assert_eq!(written(&read), written(&value));
        prop_assert_eq!(told(&read.clone().into_owned()), told(&read));
        if let Stanza::Iq(iq) = &read {
            prop_assert_eq!(iq.payload_element(), match iq.content() {
                IqContent::Get(payload) | IqContent::Set(payload) => Some(payload),
                IqContent::Result(payload) | IqContent::Error { request: payload, .. } => payload,
            });
        }
    }

    /// What is put into a builder is what the view finds.
    #[test]
    fn messages_and_presences(imagined in imagined()) {
        for builder in [imagined.message(), imagined.presence()] {
            let xml = written(&builder);
            let read = Stanza::parse(xml.as_ref()).unwrap();
            prop_assert!(imagined.is_told_by(&read), "{}", told(&read));
        }
    }

    #[test]
    fn stream_errors(
        condition in proptest::sample::select(StreamCondition::ALL),
        texts in vec(lang_text(), 0..3),
        extensions in vec(element(), 0..2),
        host in "[a-z.]{0,5}",
    ) {
        let mut value = StreamError::new(condition);
        if condition == StreamCondition::SeeOtherHost {
            value = StreamError::see_other_host(host);
        }
        (value.texts, value.extensions) = (texts, extensions);
        prop_assert_eq!(StreamError::parse(written(&value).as_ref()), Ok(value));
    }

    #[test]
    fn rosters(value in roster()) {
        prop_assert_eq!(Query::parse(written(&value).as_ref()), Ok(value));
    }

    #[test]
    fn sasl(mechanism in text(), bytes in option::of(vec(any::<u8>(), 0..40)), texts in vec(lang_text(), 0..2)) {
        let auth = Auth::new(mechanism, bytes.as_deref());
        prop_assert_eq!(Auth::parse(written(&auth).as_ref()), Ok(auth.clone()));
        let decoded = auth.initial_response.decode().unwrap();
        prop_assert_eq!(decoded.as_ref().map(|bytes| bytes.as_slice()), bytes.as_deref());
        let challenge = Challenge::new(bytes.as_deref());
        prop_assert_eq!(Challenge::parse(written(&challenge).as_ref()), Ok(challenge));
        let mut failure = Failure::new(SaslCondition::MechanismTooWeak);
        failure.texts = texts;
        prop_assert_eq!(Failure::parse(written(&failure).as_ref()), Ok(failure));
    }

    #[test]
    fn features_and_discovery(names in vec("[A-Z0-9-]{1,10}", 0..4), vars in vec(text(), 0..4), unknown in vec(element(), 0..3)) {
        let mut features = Features::new().with(&Mechanisms::new(names)).unwrap();
        features.elements.extend(unknown.iter().cloned());
        prop_assert_eq!(Features::parse(written(&features).as_ref()), Ok(features));
        let mut info = Info::new().with_identity(Identity::new("a", "b"));
        (info.features, info.extensions) = (vars, unknown);
        prop_assert_eq!(Info::parse(written(&info).as_ref()), Ok(info));
    }

    /// Whatever the element, reading does not panic, and what was read is
    /// written and read as the same again.
    #[test]
    fn any_element(kind in "(message|presence|iq|error)", children in vec(tree(), 0..5), attrs in proptest::collection::btree_map("(to|from|id|type|by)", "(error|get|set|chat|unavailable|[a-z@/.]{0,6})", 0..4)) {
        let attrs: Vec<_> = attrs.into_iter().collect();
        let element = build(Element::builder(xmpp_xml::ns::CLIENT, &kind), &attrs, &children).build().unwrap();
        if let Ok(read) = Stanza::parse(element.as_ref()) {
            let again = written(&read);
            prop_assert_eq!(&again, &element);
            prop_assert_eq!(told(&Stanza::parse(again.as_ref()).unwrap()), told(&read));
        }
        if let Ok(read) = StanzaError::parse(element.as_ref()) {
            prop_assert_eq!(StanzaError::parse(written(&read).as_ref()), Ok(read));
        }
    }
}
