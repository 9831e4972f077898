use super::*;
use crate::pidf::Document;
use proptest::prelude::*;
use xmpp_stanza::{LangText, MessageType, PresenceType, Show};

fn localpart() -> impl Strategy<Value = String> {
    "[a-z0-9!#$%*+=?^_`{|}~.-]{1,10}|#2[67f];[a-z;#2]{0,5}|[а-яà-öøßא-ת一-丂]{1,4}"
}

fn text() -> impl Strategy<Value = String> {
    // What XML can have, but for carriage returns: MIME has line ends of its own.
    "[^\\x00-\\x08\\x0b-\\x1f\\u{fffe}\\u{ffff}]{0,20}"
}

fn lang_text() -> impl Strategy<Value = LangText<'static>> {
    (proptest::option::of("[a-z]{2,3}(-[A-Z]{2})?"), text()).prop_map(|(lang, text)| match lang {
        Some(lang) => LangText::in_lang(lang, text),
        None => LangText::new(text),
    })
}

fn jid(local: &str, rest: &str) -> Option<xmpp_jid::Jid> {
    alloc::format!("{local}@{rest}").parse().ok()
}

proptest! {
    /// Addresses without their resource, subjects, one body and a unique id are
    /// what the mapping of a message keeps.
    #[test]
    fn a_message_that_loses_nothing_comes_back(
        from in localpart(),
        to in localpart(),
        subjects in proptest::collection::vec(lang_text(), 0..3),
        body in lang_text(),
        id in proptest::option::of("[a-z0-9]{1,8}@[a-z]{1,8}"),
    ) {
        let (Some(from), Some(to)) = (jid(&from, "example.com"), jid(&to, "bücher.example")) else {
            return Ok(());
        };
        let mut message = MessageStanza::builder(MessageType::Normal).with_from(from).with_to(to);
        message.id = id;
        let mut languages = Vec::new();
        for mut subject in subjects {
            let language = subject.lang.as_deref().map(str::to_ascii_lowercase);
            if languages.contains(&language) {
                continue;
            }
            languages.push(language);
            subject.text = String::from(subject.text.trim_matches(' ')).into();
            message = message.with_subject(subject);
        }
        let message = message.with_body(body);
        let options = Options::default().with_unique_ids(true);
        let mapped = message_to_cpim(&message.build().unwrap(), &options).unwrap();
        prop_assert_eq!(&mapped.lost, &[]);
        let octets = mapped.value.to_vec();
        let read = Message::parse(&octets, &Limits::default()).unwrap();
        let back = message_from_cpim(&read, &options).unwrap();
        prop_assert_eq!(&back.lost, &[]);
        prop_assert_eq!(back.value, [message]);
    }

    /// The whole address, type, show, statuses and a priority that is not
    /// negative are what the mapping of a presence keeps.
    #[test]
    fn a_presence_that_loses_nothing_comes_back(
        from in localpart(),
        resource in "\\PC{1,10}",
        available in any::<bool>(),
        show in proptest::option::of(proptest::sample::select(Show::ALL)),
        statuses in proptest::collection::btree_map("[a-z]{2,3}", text(), 0..3),
        priority in proptest::option::of(0_i8..=127),
    ) {
        let Some(from) = jid(&from, &alloc::format!("example.com/{resource}")) else {
            return Ok(());
        };
        let to = "romeo@example.net".parse::<xmpp_jid::Jid>().unwrap();
        let kind = if available { PresenceType::Available } else { PresenceType::Unavailable };
        let mut presence = Presence::builder(kind).with_from(from).with_to(to);
        if let Some(show) = show {
            presence = presence.with_show(show);
        }
        for (lang, text) in statuses {
            presence = presence.with_status(LangText::in_lang(lang, text));
        }
        if let Some(priority) = priority {
            presence = presence.with_priority(priority);
        }
        let options = Options::default().with_pidf_im(true).with_tuple_ids(TupleIds::Decoded);
        let mapped = presence_to_cpim(&presence.build().unwrap(), &options).unwrap();
        prop_assert_eq!(&mapped.lost, &[]);
        let octets = mapped.value.to_vec();
        let read = Message::parse(&octets, &Limits::default()).unwrap();
        let back = presence_from_cpim(&read, &options).unwrap();
        prop_assert_eq!(lost(&back), ["contact (RFC 3922 §5.2.12)"]);
        prop_assert_eq!(back.value, [presence]);
    }

    /// What is written for one side is read by it, whatever came from the other.
    #[test]
    fn whatever_maps_reads(
        attributes in "(type='(chat|headline|normal)' )?(id='[a-z]{0,4}')?",
        children in "(<subject xml:lang='[a-z1 ]{0,9}'> ?[a-z\\\\ ]{0,9}</subject>){0,2}(<body>[a-z\n]{0,9}</body>)?(<x xmlns='urn:y'/>)?",
    ) {
        let stanza = message(&alloc::format!("{FROM_TO} {attributes}"), &children);
        if let Ok(mapped) = message_to_cpim(&stanza, &Options::default()) {
            let octets = mapped.value.to_vec();
            prop_assert_eq!(Message::parse(&octets, &Limits::default()).unwrap(), mapped.value);
        }
    }

    /// No object makes the mapping panic, and what comes out can be sent.
    #[test]
    fn whatever_comes_from_cpim_can_be_written(
        headers in "((From|To|cc|Subject|Require|X): ?[ -~]{0,20}\n){0,5}",
        content in "(text/plain|application/pidf\\+xml|multipart/signed; boundary=x)(; charset=(utf-8|x))?",
        body in ".{0,40}|<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b'/>",
    ) {
        let text = alloc::format!("From: <im:a@b>\nTo: <im:c@d>\n{headers}\nContent-Type: {content}\n\n{body}");
        let octets = crate::mime::canonical_crlf(text.as_bytes());
        if let Ok(object) = Message::parse_body(&octets, &Limits::default())
            && let Ok(mapped) = from_cpim(&object, &Options::default())
        {
            for stanza in mapped.value {
                let mut out = Vec::new();
                let mut writer = Writer::in_stream(&mut out, ns::CLIENT);
                writer.write(&stanza);
                prop_assert!(writer.finish().is_ok());
            }
        }
    }

    #[test]
    fn a_document_always_has_a_tuple(
        presences in proptest::collection::vec(("[ab]", any::<bool>()), 1..10),
    ) {
        let mut presentity = Presentity::new("a@b".parse().unwrap());
        for (resource, available) in presences {
            let kind = if available { PresenceType::Available } else { PresenceType::Unavailable };
            let from = jid("a", &alloc::format!("b/{resource}")).unwrap();
            let presence = Presence::builder(kind).with_from(from).build().unwrap();
            let document: Document =
                presentity.update(&presence, &Options::default()).unwrap().value;
            prop_assert!(!document.tuples().is_empty());
            prop_assert!(!presentity.document(&Options::default()).unwrap().tuples().is_empty());
            let open = document.tuples().iter().any(|t| t.status.basic() == Some(crate::pidf::Basic::Open));
            prop_assert_eq!(presentity.is_available(), open);
        }
    }
}
