//! What errors and losses say of themselves: names that do not change, for
//! programs, and a sentence with the rule, for people.

use core::error::Error;
use std::collections::BTreeSet;

use xmpp_cpim::gateway::{MessageOperation, RestoreError, TransId};
use xmpp_cpim::mapping::{AddressTable, MapError, NotMapped, Side, secured_payload};
use xmpp_cpim::message::{Address, AddressError, Message};
use xmpp_cpim::mime::{FieldError, TransferError};
use xmpp_cpim::pidf::{Basic, Document, PidfError, PidfErrorKind, Priority, Status, Tuple};
use xmpp_cpim::{
    DateTime, DateTimeError, ParseError, ParseErrorKind, Scheme, Uri, UriError, UriErrorKind,
};

/// Each says something, and no two say the same.
fn differ<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for text in texts {
        let text = text.as_ref().to_owned();
        assert!(!text.is_empty());
        assert!(seen.insert(text.clone()), "{text:?} twice");
    }
}

const PARSE: [(ParseErrorKind, &str, &str); 23] = [
    (ParseErrorKind::TooLong, "too-long", "a limit of ours"),
    (ParseErrorKind::TooManyHeaders, "too-many-headers", "a limit of ours"),
    (ParseErrorKind::UnexpectedEnd, "unexpected-end", "RFC 3862 §2"),
    (ParseErrorKind::BareCrOrLf, "bare-cr-or-lf", "RFC 3862 §2.2"),
    (ParseErrorKind::ControlCharacter, "control-character", "RFC 3862 §2.2"),
    (ParseErrorKind::NotUtf8, "not-utf-8", "RFC 3862 §2.2"),
    (ParseErrorKind::OuterWhitespace, "outer-whitespace", "RFC 3862 §2.2"),
    (ParseErrorKind::HeaderName, "header-name", "RFC 3862 §3.1"),
    (ParseErrorKind::Parameter, "parameter", "RFC 3862 §3.6"),
    (ParseErrorKind::LanguageTag, "language-tag", "RFC 3862 §3.3"),
    (ParseErrorKind::SingleSpace, "single-space", "RFC 3862 §2.2"),
    (ParseErrorKind::LoneSurrogate, "lone-surrogate", "RFC 3862 §2.3"),
    (ParseErrorKind::Address, "address", "RFC 3862 §4.1"),
    (ParseErrorKind::DateTime, "date-time", "RFC 3862 §4.4"),
    (ParseErrorKind::NamespaceDeclaration, "namespace-declaration", "RFC 3862 §4.6"),
    (ParseErrorKind::UndeclaredPrefix, "undeclared-prefix", "RFC 3862 §3.4"),
    (ParseErrorKind::Require, "require", "RFC 3862 §4.7"),
    (ParseErrorKind::NotMessageCpim, "not-message-cpim", "RFC 3862 §2.1"),
    (ParseErrorKind::MissingContentType, "missing-content-type", "RFC 3862 §2.4"),
    (ParseErrorKind::MimeFieldName, "mime-field-name", "RFC 5322 §2.2"),
    (ParseErrorKind::ContentType, "content-type", "RFC 2045 §5.1"),
    (ParseErrorKind::TooManyParameters, "too-many-parameters", "a limit of ours"),
    (ParseErrorKind::RepeatedField, "repeated-field", "RFC 2045 §3"),
];

#[test]
fn of_objects() {
    for (kind, name, section) in PARSE {
        assert_eq!((kind.as_str(), kind.section()), (name, section));
        let error = ParseError { kind, at: 7 };
        assert_eq!(error.to_string(), format!("{kind} ({section}) at octet 7"));
    }
    differ(PARSE.map(|(kind, ..)| kind.to_string()));
}

#[test]
fn of_presence_documents() {
    use PidfErrorKind::{
        EmptyStatus, MissingEntity, MissingId, MissingStatus, Namespace, NotPresence, NotText,
        RepeatedElement, RepeatedId, Timestamp, TooLong, TooManyElements, TooManyTuples, Xml,
    };
    let kinds = [
        (TooLong, "too-long", "a limit of ours"),
        (NotPresence, "not-presence", "RFC 3863 §4.1.1"),
        (Namespace, "namespace", "RFC 3863 §4.2.2"),
        (MissingEntity, "missing-entity", "RFC 3863 §4.1.1"),
        (MissingId, "missing-id", "RFC 3863 §4.1.2"),
        (RepeatedId, "repeated-id", "RFC 3863 §4.1.2"),
        (MissingStatus, "missing-status", "RFC 3863 §4.1.2"),
        (EmptyStatus, "empty-status", "RFC 3863 §4.1.3"),
        (RepeatedElement, "repeated-element", "RFC 3863 §4.1.2"),
        (PidfErrorKind::Basic, "basic", "RFC 3863 §4.1.4"),
        (NotText, "not-text", "RFC 3863 §4.4"),
        (Timestamp, "timestamp", "RFC 3863 §4.1.7"),
        (TooManyTuples, "too-many-tuples", "a limit of ours"),
        (TooManyElements, "too-many-elements", "a limit of ours"),
    ];
    for (kind, name, section) in kinds {
        assert_eq!((kind.as_str(), kind.section()), (name, section));
        let error = PidfError { kind, at: 7 };
        assert_eq!(error.to_string(), format!("{kind} ({section}) at octet 7"));
    }
    differ(kinds.map(|(kind, ..)| kind.to_string()));
    // Of XML, what the XML parser says.
    let xml = xmpp_xml::Element::parse("<!DOCTYPE x><x/>").unwrap_err().kind();
    let kind = Xml(xml);
    assert_eq!((kind.as_str(), kind.section()), ("restricted-xml", xml.section()));
    assert_eq!(kind.to_string(), xml.to_string());
}

#[test]
fn of_uris() {
    let jid = xmpp_jid::Jid::new("@").unwrap_err();
    let kinds = [
        (UriErrorKind::Scheme, "scheme", "(RFC 3860 §A.2)"),
        (UriErrorKind::NoAddress, "no-address", "(RFC 3860 §A.2)"),
        (UriErrorKind::EmptyLocalpart, "empty-localpart", "(RFC 3922 §3)"),
        (UriErrorKind::EmptyDomain, "empty-domain", "(RFC 3922 §3.3)"),
        (UriErrorKind::Character, "character", "(RFC 3986 §2)"),
        (UriErrorKind::PercentEncoding, "percent-encoding", "(RFC 3986 §2.1)"),
        (UriErrorKind::Nul, "nul", "(RFC 7622 §3.3)"),
        (UriErrorKind::NotUtf8, "not-utf-8", "(RFC 3922 §3.3)"),
        (UriErrorKind::NoSpelling(':'), "no-spelling", "':' cannot be in a localpart"),
        (UriErrorKind::Jid(jid), "jid-malformed", "localpart: at byte 0: must not be empty"),
    ];
    let texts = kinds.map(|(kind, name, says)| {
        assert_eq!(kind.as_str(), name);
        let text = UriError { kind, at: 7 }.to_string();
        assert!(text.contains(says) && text.ends_with(" at octet 7"), "{text}");
        text
    });
    differ(texts);
}

#[test]
fn of_mappings() {
    let parse = ParseError { kind: ParseErrorKind::ContentType, at: 3 };
    let pidf = PidfError { kind: PidfErrorKind::Basic, at: 5 };
    let jid = xmpp_jid::Jid::new("@").unwrap_err();
    let uri = UriError { kind: UriErrorKind::Nul, at: 1 };
    let build = Message::builder().subject(None, " x").build().unwrap_err();
    assert_eq!(build.to_string(), format!("Subject: {} (RFC 3862 §2.2)", build.kind));
    let vital = vec![("a:b".to_owned(), "Vital".to_owned())];
    let source = |error: &MapError| error.source().map(ToString::to_string);
    for (error, name, says, inner) in [
        (MapError::NotMapped(NotMapped::Iq), "not-mapped", "nothing to send: an <iq/>", None),
        (MapError::MissingAddress(Side::From), "missing-address", "the sender is missing", None),
        (MapError::MissingAddress(Side::To), "missing-address", "the recipient is missing", None),
        (MapError::RepeatedFrom, "repeated-from", "RFC 3862 §4.1", None),
        (
            MapError::MalformedAddress(Side::To, jid),
            "jid-malformed",
            "the recipient is no address: localpart",
            Some(jid.to_string()),
        ),
        (
            MapError::Address(Side::From, uri.clone()),
            "nul",
            "the sender: `%00`",
            Some(uri.to_string()),
        ),
        (MapError::OtherEntity, "other-entity", "RFC 3922 §5.2.1", None),
        (MapError::Required(vital), "required", "(RFC 3922 §4.2.7): Vital of <a:b>", None),
        (MapError::ContentType("a/b".into()), "content-type", "content of type a/b has", None),
        (
            MapError::MalformedContentType(parse),
            "content-type",
            "at octet 3",
            Some(parse.to_string()),
        ),
        (MapError::Secured(parse), "content-type", "at octet 3", Some(parse.to_string())),
        (MapError::Charset("latin1".into()), "charset", "the charset latin1 is neither", None),
        (MapError::NotInCharset, "not-in-charset", "RFC 3922 §4.2.9", None),
        (MapError::NotText, "not-text", "XML can carry unchanged", None),
        (
            MapError::Transfer(TransferError::Base64),
            "transfer-encoding",
            "the body is not in base64 (RFC 2045 §6.8)",
            Some(TransferError::Base64.to_string()),
        ),
        (MapError::IllegalCharacter('\u{1}'), "illegal-character", "'\\u{1}'", None),
        (MapError::Pidf(pidf), "basic", "at octet 5", Some(pidf.to_string())),
        (MapError::Build(build.clone()), "single-space", "Subject: ", Some(build.to_string())),
        (MapError::TooManyStanzas, "too-many-stanzas", "more stanzas than the limit", None),
        (MapError::TooManyResources, "too-many-resources", "more resources than", None),
        (MapError::OtherUser, "other-user", "another user's", None),
    ] {
        assert_eq!(error.as_str(), name);
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(source(&error), inner);
    }
    let write = MapError::Write(Document::new("\0").to_vec().unwrap_err());
    assert_eq!(write.as_str(), "cannot-write");
    assert_eq!(source(&write), Some(write.to_string()));
    differ([write.to_string()]);
    let stanza = xmpp_stanza::Message::builder(xmpp_stanza::MessageType::Chat).with_body("\0");
    let stanza = MapError::Stanza(stanza.build().unwrap_err());
    assert_eq!(stanza.as_str(), "cannot-write");
    assert_eq!(source(&stanza), Some(stanza.to_string()));
    differ([stanza.to_string()]);
}

#[test]
fn of_what_has_no_mapping() {
    let kinds = [
        (NotMapped::Iq, "iq"),
        (NotMapped::Error, "error"),
        (NotMapped::Groupchat, "groupchat"),
        (NotMapped::NoBody, "no-body"),
        (NotMapped::Secured, "secured"),
        (NotMapped::Subscription, "subscription"),
        (NotMapped::NotesAlone, "notes-alone"),
        (NotMapped::NoBasicStatus, "no-basic-status"),
    ];
    for (kind, name) in kinds {
        assert_eq!(kind.as_str(), name);
    }
    differ(kinds.map(|(kind, _)| kind.to_string()));
}

#[test]
fn of_values() {
    let address = Address::parse("Pooh").unwrap_err();
    assert_eq!(address, AddressError { at: 4 });
    assert_eq!(address.to_string(), "expected `[Formal-name] <URI>` (RFC 3862 §4.1) at octet 4");
    let date_time = "2001-02-30T00:00:00Z".parse::<DateTime>().unwrap_err();
    assert_eq!(date_time, DateTimeError { at: 8 });
    assert!(date_time.to_string().ends_with("(RFC 3339 §5.6) at octet 8"), "{date_time}");
    let mut document = Document::new("pres:a@b");
    let tuple = Tuple::new("t", Status::basic_only(Basic::Open));
    document.push(tuple.clone()).unwrap();
    let uri = Uri::parse("im:a@b").unwrap();
    let looped = MessageOperation {
        source: uri.clone(),
        destination: uri,
        max_forwards: 0,
        trans_id: TransId::new("t").unwrap(),
    };
    differ([
        FieldError::Name.to_string(),
        FieldError::Value.to_string(),
        TransferError::UnknownEncoding.to_string(),
        TransferError::Base64.to_string(),
        TransferError::QuotedPrintable.to_string(),
        "2".parse::<Priority>().unwrap_err().to_string(),
        document.push(tuple).unwrap_err().to_string(),
        secured_payload(b"\0").unwrap_err().to_string(),
        AddressTable::new().insert("a@b", "a@b".parse().unwrap()).unwrap_err().to_string(),
        TransId::new("").unwrap_err().to_string(),
        looped.relayed().unwrap_err().to_string(),
        RestoreError::Repeated.to_string(),
        RestoreError::TooMany.to_string(),
    ]);
    differ([Scheme::Im.as_str(), Scheme::Pres.as_str()]);
    differ([Basic::Open.as_str(), Basic::Closed.as_str()]);
}
