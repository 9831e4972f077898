//! RFC 6120, section 8.3, and what an `Invalid` tells.

use std::collections::HashSet;

use xmpp_stanza::{
    ErrorType, Invalid, LangText, Message, Presence, Rule, StanzaCondition, StanzaError,
    StreamCondition, StreamError,
};
use xmpp_xml::{Element, Ns};

use crate::harness::{both, element, jid, reads, refuses, written};

const XMLNS: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

#[test]
fn every_condition_is_read_and_written() {
    // 6120-8.3.2-04, 6120-8.3.2-06; a text need not be there: 6120-8.3.2-09.
    // 6120-stanza-error
    assert_eq!(StanzaCondition::ALL.len(), 22);
    for &condition in StanzaCondition::ALL {
        let error_type = condition.default_type();
        let xml = format!("<error type='{error_type}'><{condition} {XMLNS}/></error>");
        both(StanzaError::parse, &StanzaError::new(condition), &xml);
    }
}

#[test]
fn every_type_goes_with_every_condition() {
    // 6120-8.3.3-01: the recommended type is not the only one; 6120-8.3.2-03: all five.
    assert_eq!(ErrorType::ALL.len(), 5);
    for &error_type in ErrorType::ALL {
        let error = StanzaError::new(StanzaCondition::UndefinedCondition).with_type(error_type);
        let xml = format!("<error type='{error_type}'><undefined-condition {XMLNS}/></error>");
        both(StanzaError::parse, &error, &xml);
    }
}

#[test]
fn the_recommended_types_are_those_of_the_rfc() {
    // In the order of the sections: 6120-8.3.3.1-01, 6120-8.3.3.2-01, 6120-8.3.3.3-01,
    // 6120-8.3.3.4-01, 6120-8.3.3.5-01, 6120-8.3.3.6-01, 6120-8.3.3.7-01, 6120-8.3.3.8-01,
    // 6120-8.3.3.9-01, 6120-8.3.3.10-01, 6120-8.3.3.11-01, 6120-8.3.3.12-01, 6120-8.3.3.13-01,
    // 6120-8.3.3.14-01, 6120-8.3.3.15-01, 6120-8.3.3.16-01, 6120-8.3.3.17-01, 6120-8.3.3.18-01,
    // 6120-8.3.3.19-01, 6120-8.3.3.20-01 and 6120-8.3.3.22-01.
    let types = "modify cancel cancel auth cancel cancel cancel modify modify cancel auth modify \
        wait modify auth cancel wait wait cancel auth cancel wait";
    for (condition, error_type) in StanzaCondition::ALL.iter().zip(types.split_whitespace()) {
        assert_eq!(condition.default_type().as_str(), error_type, "{condition}");
    }
}

#[test]
fn gone_and_redirect_have_addresses() {
    // 6120-8.3.3.5-01, 6120-8.3.3.14-01
    both(
        StanzaError::parse,
        &StanzaError::gone(Some("xmpp:romeo@afterlife.example.net".into())),
        &format!(
            "<error type='cancel'><gone {XMLNS}>xmpp:romeo@afterlife.example.net</gone></error>"
        ),
    );
    both(
        StanzaError::parse,
        &StanzaError::redirect(Some("xmpp:voicemail@example.org".into())),
        &format!(
            "<error type='modify'><redirect {XMLNS}>xmpp:voicemail@example.org</redirect></error>"
        ),
    );
    both(
        StanzaError::parse,
        &StanzaError::redirect(None),
        &format!("<error type='modify'><redirect {XMLNS}/></error>"),
    );
    // Others have none.
    reads(
        StanzaError::parse,
        &StanzaError::new(StanzaCondition::Conflict),
        &format!("<error type='cancel'><conflict {XMLNS}>text</conflict></error>"),
    );
}

#[test]
fn an_address_is_written_with_no_other_condition() {
    let mut error = StanzaError::new(StanzaCondition::Conflict);
    error.new_address = Some("xmpp:a.example".into());
    let xml = format!("<error type='cancel'><conflict {XMLNS}/></error>");
    assert_eq!(written(&error), element(&xml));
}

#[test]
fn the_first_condition_counts() {
    let xml = format!("<error type='auth'><forbidden {XMLNS}/><gone {XMLNS}>x</gone></error>");
    let error = StanzaError::parse(element(&xml).as_ref()).unwrap();
    assert_eq!((error.condition, error.extensions.len()), (StanzaCondition::Forbidden, 1));
    assert_eq!(written(&error), element(&xml));
}

#[test]
fn texts_are_kept_in_all_languages() {
    // 6120-8.3.2-01, 6120-8.3.2-07; 6120-8.3.1-07: `by` may be there.
    let error = StanzaError::new(StanzaCondition::PolicyViolation)
        .with_by(jid("example.com"))
        .with_text(LangText::in_lang("en", "No such words here"))
        .with_text(LangText::in_lang("de", "Nicht hier"));
    both(
        StanzaError::parse,
        &error,
        &format!(
            "<error by='example.com' type='modify'><policy-violation {XMLNS}/>\
             <text {XMLNS} xml:lang='en'>No such words here</text>\
             <text {XMLNS} xml:lang='de'>Nicht hier</text></error>"
        ),
    );
    assert_eq!(error.text(), Some("No such words here"));
    assert_eq!(error.text_for("de-CH").map(|text| &*text.text), Some("Nicht hier"));
    assert_eq!(error.to_string(), "policy-violation (modify): No such words here");
}

/// XML 1.0 section 2.12: a language holds for what is inside.
#[test]
fn texts_inherit_the_language_of_their_error() {
    let texts = |lang: &str, text: &str| {
        let inner = format!("<conflict {XMLNS}/><text {XMLNS}{lang}>a</text>{text}");
        let xml = format!("<error type='cancel' xml:lang='de'>{inner}</error>");
        StanzaError::parse(element(&xml).as_ref()).unwrap().texts
    };
    assert_eq!(texts("", ""), [LangText::in_lang("de", "a")]);
    assert_eq!(texts(" xml:lang='en'", ""), [LangText::in_lang("en", "a")]);
    let legacy = "<error code='404' xml:lang='de'>a</error>";
    let legacy = StanzaError::parse(element(legacy).as_ref()).unwrap();
    assert_eq!(legacy.texts, [LangText::in_lang("de", "a")]);
    let xml = "<stream:error xml:lang='de'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
               <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>a</text></stream:error>";
    let stream = StreamError::parse(element(xml).as_ref()).unwrap();
    assert_eq!(stream.texts, [LangText::in_lang("de", "a")]);
}

#[test]
fn application_conditions_are_kept() {
    // 6120-8.3.2-08, 6120-8.3.4-02
    let application = Element::builder(Ns::new("urn:app"), "too-many-parameters").build().unwrap();
    both(
        StanzaError::parse,
        &StanzaError::new(StanzaCondition::NotAcceptable).with_extension(application),
        &format!(
            "<error type='modify'><not-acceptable {XMLNS}/>\
             <too-many-parameters xmlns='urn:app'/></error>"
        ),
    );
}

#[test]
fn conditions_that_are_not_understood_are_undefined() {
    // 6120-8.3.2-05
    let xml = format!("<error type='wait'><too-warm {XMLNS}/></error>");
    let error = StanzaError::parse(element(&xml).as_ref()).unwrap();
    assert_eq!(error.condition, StanzaCondition::UndefinedCondition);
    assert_eq!(error.error_type, ErrorType::Wait);
    assert_eq!(error.extensions[0].name(), "too-warm");
    // Written with the condition that it is equivalent to, and read again as the same.
    both(
        StanzaError::parse,
        &error,
        &format!("<error type='wait'><undefined-condition {XMLNS}/><too-warm {XMLNS}/></error>"),
    );
}

#[test]
fn an_error_is_read_whatever_is_wrong_with_it() {
    let undefined = StanzaError::new(StanzaCondition::UndefinedCondition);
    reads(StanzaError::parse, &undefined, "<error/>");
    reads(StanzaError::parse, &undefined, "<error code='Not Found'> </error>");
    reads(
        StanzaError::parse,
        &StanzaError::new(StanzaCondition::Forbidden),
        &format!("<error type='very bad'><forbidden {XMLNS}/></error>"),
    );
    let xml = format!("<error by='@'><forbidden {XMLNS}/></error>");
    assert!(StanzaError::parse(element(&xml).as_ref()).unwrap().by.is_malformed());
    let place = ("error", None);
    refuses(StanzaError::parse, "<fault/>", Rule::WrongElement, place, "RFC 6120, 8");
}

/// XEP-0086: code and text of an error of before RFC 3920 are kept, and say
/// what is wrong where nothing else does.
#[test]
fn legacy_codes_and_texts_are_kept() {
    let parse = |xml: &str| StanzaError::parse(element(xml).as_ref()).unwrap();
    let error = parse("<error code='404'>Not Found</error>");
    assert_eq!((error.code, error.text()), (Some(404), Some("Not Found")));
    assert_eq!(error.condition, StanzaCondition::ItemNotFound);
    assert_eq!(error.error_type, ErrorType::Cancel);
    both(
        StanzaError::parse,
        &error,
        &format!(
            "<error type='cancel' code='404'><item-not-found {XMLNS}/>\
             <text {XMLNS}>Not Found</text></error>"
        ),
    );
    // What says more than the code is believed.
    let error = parse(&format!("<error type='wait' code='404'><gone {XMLNS}/></error>"));
    assert_eq!((error.condition, error.error_type), (StanzaCondition::Gone, ErrorType::Wait));
    assert_eq!(error.code, Some(404));
    let xml = format!("<error code='502'>no<conflict {XMLNS}/><text {XMLNS}>yes</text></error>");
    assert_eq!(
        (parse(&xml).condition, parse(&xml).text()),
        (StanzaCondition::Conflict, Some("yes"))
    );
    let xml = format!("<error code='404'><too-warm {XMLNS}/></error>");
    assert_eq!(parse(&xml).condition, StanzaCondition::UndefinedCondition);
    // The whole table, with types where they are not the condition's own.
    for (code, condition, error_type) in [
        (302, StanzaCondition::Redirect, ErrorType::Modify),
        (400, StanzaCondition::BadRequest, ErrorType::Modify),
        (401, StanzaCondition::NotAuthorized, ErrorType::Auth),
        (402, StanzaCondition::UndefinedCondition, ErrorType::Auth),
        (403, StanzaCondition::Forbidden, ErrorType::Auth),
        (405, StanzaCondition::NotAllowed, ErrorType::Cancel),
        (406, StanzaCondition::NotAcceptable, ErrorType::Modify),
        (407, StanzaCondition::RegistrationRequired, ErrorType::Auth),
        (408, StanzaCondition::RemoteServerTimeout, ErrorType::Wait),
        (409, StanzaCondition::Conflict, ErrorType::Cancel),
        (500, StanzaCondition::InternalServerError, ErrorType::Wait),
        (501, StanzaCondition::FeatureNotImplemented, ErrorType::Cancel),
        (502, StanzaCondition::ServiceUnavailable, ErrorType::Wait),
        (503, StanzaCondition::ServiceUnavailable, ErrorType::Cancel),
        (504, StanzaCondition::RemoteServerTimeout, ErrorType::Wait),
        (510, StanzaCondition::ServiceUnavailable, ErrorType::Cancel),
        (999, StanzaCondition::UndefinedCondition, ErrorType::Cancel),
    ] {
        let error = parse(&format!("<error code='{code}'/>"));
        assert_eq!((error.condition, error.error_type), (condition, error_type), "{code}");
    }
    for code in ["", "404x", "-1", "65536"] {
        assert_eq!(parse(&format!("<error code='{code}'/>")).code, None, "{code}");
    }
}

#[test]
fn what_is_invalid_is_told_to_the_sender() {
    let stanza = element("<presence><priority>high\u{E9}</priority></presence>");
    let invalid = Presence::parse(stanza.as_ref()).unwrap_err();
    assert_eq!(
        invalid.to_string(),
        "<priority>: the value must be a whole number from -128 to 127, not \"highé\" \
         (RFC 6121, 4.7.2.3)"
    );
    let error = StanzaError::from(&invalid);
    assert_eq!(error.condition, StanzaCondition::BadRequest);
    // It does not repeat what it does not trust.
    let text = error.text().unwrap();
    assert_eq!(
        text,
        "<priority>: the value must be a whole number from -128 to 127 (RFC 6121, 4.7.2.3)"
    );
}

#[test]
fn what_was_found_is_told_up_to_64_bytes() {
    let long = "é".repeat(100);
    let stanza = element(&format!("<presence type='{long}'/>"));
    let told = Presence::parse(stanza.as_ref()).unwrap_err().to_string();
    assert!(told.contains(&"é".repeat(32)) && !told.contains(&"é".repeat(33)), "{told}");
}

/// To be read by a person: each rule as it is told. Run with `--nocapture`.
#[test]
fn every_rule_reads_well() {
    let jid = xmpp_jid::Jid::new("@x").unwrap_err();
    let rules = [
        Rule::WrongElement,
        Rule::WrongNamespace,
        Rule::MissingAttribute,
        Rule::MissingChild("item"),
        Rule::MissingPayload,
        Rule::UnexpectedChild("error"),
        Rule::TooManyChildren(0),
        Rule::TooManyChildren(1),
        Rule::TooManyChildren(2),
        Rule::Repeated,
        Rule::MixedContent,
        Rule::UnknownValue,
        Rule::NotInRange(1, 65535),
        Rule::Jid(jid),
        Rule::Base64,
    ];
    let mut told = HashSet::new();
    for rule in rules {
        let invalid = Invalid::new("query", rule, "RFC 6121, 2").in_attribute("ver").found("a\nb");
        println!("{invalid}");
        assert!(told.insert(invalid.to_string()));
        assert!(!invalid.to_string().contains('\n'));
    }
    let jid = Invalid::new("item", Rule::Jid(jid), "RFC 6121, 2.1.2.3");
    assert_eq!(jid.condition(), StanzaCondition::JidMalformed);
    let namespace = Invalid::new("stream", Rule::WrongNamespace, "RFC 6120, 4.8.1");
    assert_eq!(namespace.stream_condition(), StreamCondition::InvalidNamespace);
}

#[test]
fn sizes() {
    // Moved about a lot: a regression here is felt in every queue of stanzas.
    assert!(size_of::<Message<'_>>() <= 256, "{}", size_of::<Message<'_>>());
    assert!(size_of::<Presence<'_>>() <= 256, "{}", size_of::<Presence<'_>>());
    assert!(size_of::<Invalid>() <= 96, "{}", size_of::<Invalid>());
}
