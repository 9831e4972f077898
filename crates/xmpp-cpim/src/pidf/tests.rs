//! RFC 3863, requirement by requirement.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use xmpp_stanza::LangText;
use xmpp_xml::{Element, Ns};

use super::*;
use crate::Limits;

/// RFC 3863 §4.3.1.
const DEFAULT_NAMESPACE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
   <presence xmlns="urn:ietf:params:xml:ns:pidf"
        xmlns:im="urn:ietf:params:xml:ns:pidf:im"
        xmlns:myex="http://id.example.com/presence/"
        entity="pres:someone@example.com">
     <tuple id="bs35r9">
       <status>
         <basic>open</basic>
         <im:im>busy</im:im>
         <myex:location>home</myex:location>
       </status>
       <contact priority="0.8">im:someone@mobilecarrier.net</contact>
       <note xml:lang="en">Don't Disturb Please!</note>
       <note xml:lang="fr">Ne derangez pas, s'il vous plait</note>
       <timestamp>2001-10-27T16:49:29Z</timestamp>
     </tuple>
     <tuple id="eg92n8">
       <status>
         <basic>open</basic>
       </status>
       <contact priority="1.0">mailto:someone@example.com</contact>
     </tuple>
     <note>I'll be in Tokyo next week</note>
   </presence>"#;

/// RFC 3863 §4.3.2.
const PREFIXED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
   <impp:presence xmlns:impp="urn:ietf:params:xml:ns:pidf"
        xmlns:myex="http://id.example.com/presence/"
        entity="pres:someone@example.com">
     <impp:tuple id="ck38g9">
       <impp:status>
         <impp:basic>open</impp:basic>
       </impp:status>
       <myex:mytupletag>Extended value in tuple</myex:mytupletag>
       <impp:contact priority="0.65">tel:+09012345678</impp:contact>
     </impp:tuple>
     <impp:tuple id="md66je">
       <impp:status>
         <impp:basic>open</impp:basic>
       </impp:status>
       <impp:contact priority="1.0">
          im:someone@mobilecarrier.net</impp:contact>
     </impp:tuple>
     <myex:mytag>My extended presentity information</myex:mytag>
   </impp:presence>"#;

/// RFC 3863 §4.3.3.
const MUST_UNDERSTAND: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
   <impp:presence xmlns:impp="urn:ietf:params:xml:ns:pidf"
        xmlns:myex="http://id.mycompany.com/presence/"
        entity="pres:someone@example.com">
     <impp:tuple id="tj25ds">
       <impp:status>
         <impp:basic>open</impp:basic>
       </impp:status>
       <myex:complexExtension>
         <myex:ex1 impp:mustUnderstand="1">val1</myex:ex1>
         <myex:ex2>val2</myex:ex2>
       </myex:complexExtension>
       <impp:contact priority="0.725">tel:+09012345678</impp:contact>
     </impp:tuple>
     <myex:mytag>My extended presentity information</myex:mytag>
   </impp:presence>"#;

fn parse(text: &str) -> Result<Document, PidfError> {
    Document::parse(text.as_bytes(), &Limits::default())
}

fn with(children: &str) -> String {
    format!("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b'>{children}</presence>")
}

fn in_tuple(children: &str) -> String {
    with(&format!("<tuple id='t'><status><basic>open</basic></status>{children}</tuple>"))
}

// 3863-4.1.1-05, 3863-4.1.6-01, 3863-4.2.3-02, 3863-4.2.3-03
#[test]
fn the_example_in_the_default_namespace() {
    let document = parse(DEFAULT_NAMESPACE).unwrap();
    assert_eq!(document.entity(), "pres:someone@example.com");
    assert_eq!(document.tuples().len(), 2);
    let tuple = document.tuple("bs35r9").unwrap();
    assert_eq!(tuple.status.basic(), Some(Basic::Open));
    let extensions: Vec<_> = tuple.status.extensions().iter().map(|e| e.text()).collect();
    assert_eq!(extensions, ["busy", "home"]);
    let contact = tuple.contact.as_ref().unwrap();
    assert_eq!(contact.uri, "im:someone@mobilecarrier.net");
    assert_eq!(contact.priority.unwrap().thousandths(), 800);
    assert_eq!(
        tuple.notes,
        [
            LangText::in_lang("en", "Don't Disturb Please!"),
            LangText::in_lang("fr", "Ne derangez pas, s'il vous plait"),
        ]
    );
    assert_eq!(tuple.timestamp.unwrap().to_string(), "2001-10-27T16:49:29Z");
    assert_eq!(document.tuples()[1].contact.as_ref().unwrap().priority, Some(Priority::HIGHEST));
    assert_eq!(document.notes, [LangText::new("I'll be in Tokyo next week")]);
}

// 3863-4.1.2-04, 3863-4.1.2-06
#[test]
fn tuples_may_have_no_contact_or_contradict_each_other() {
    let text = ["open", "closed", "open"].iter().enumerate().map(|(n, basic)| {
        let contact = if n < 2 { "<contact>im:a@b</contact>" } else { "" };
        format!("<tuple id='t{n}'><status><basic>{basic}</basic></status>{contact}</tuple>")
    });
    let document = parse(&with(&text.collect::<String>())).unwrap();
    let read: Vec<_> = document
        .tuples()
        .iter()
        .map(|tuple| (tuple.status.basic(), tuple.contact.as_ref().map(|c| c.uri.as_str())))
        .collect();
    assert_eq!(
        read,
        [
            (Some(Basic::Open), Some("im:a@b")),
            (Some(Basic::Closed), Some("im:a@b")),
            (Some(Basic::Open), None),
        ]
    );
}

#[test]
fn the_examples_with_prefixes() {
    let document = parse(PREFIXED).unwrap();
    assert_eq!(document.tuples()[0].extensions[0].name(), "mytupletag");
    assert_eq!(document.tuples()[1].contact.as_ref().unwrap().uri, "im:someone@mobilecarrier.net");
    assert_eq!(document.extensions[0].text(), "My extended presentity information");
    let document = parse(MUST_UNDERSTAND).unwrap();
    // 3863-4.3.3-01, 3863-4.3.3-02
    let extension = document.tuples()[0].extensions[0].as_ref();
    assert!(!is_understood(extension, |_, name| name == "complexExtension"));
    assert!(is_understood(extension, |_, name| name != "ex2"));
}

#[test]
fn prefixes_do_not_matter() {
    let one = parse(&in_tuple("<note>x</note>")).unwrap();
    let text = in_tuple("<note>x</note>")
        .replace("</", "</p:")
        .replace('<', "<p:")
        .replace("<p:/p:", "</p:")
        .replace("xmlns=", "xmlns:p=");
    assert_eq!(parse(&text).unwrap(), one);
}

#[test]
fn what_is_written_reads_back() {
    for text in [DEFAULT_NAMESPACE, PREFIXED, MUST_UNDERSTAND] {
        let document = parse(text).unwrap();
        let octets = document.to_vec().unwrap();
        // 3863-4.1-01, 3863-7-01
        assert!(octets.starts_with(b"<?xml version='1.0' encoding='UTF-8'?><presence "));
        assert_eq!(Document::parse(&octets, &Limits::default()).unwrap(), document);
        let root = without_declaration(&octets);
        assert!(root.starts_with(b"<presence"));
        assert_eq!(Document::parse(root, &Limits::default()).unwrap(), document);
    }
}

// 3863-4.1.1-01, 3863-4.1.2-01: in the order of the schema.
#[test]
fn what_is_written_is_in_order() {
    let x = Element::builder(Ns::new("x:y"), "x").build().unwrap();
    let mut tuple = Tuple::new("t", Status::basic_only(Basic::Closed).with_extension(x.clone()));
    tuple.timestamp = Some("2001-10-27T16:49:29Z".parse().unwrap());
    tuple.notes.push(LangText::in_lang("en", "a & b"));
    tuple.contact = Some(Contact::new("im:a@b").with_priority(Priority::HIGHEST));
    tuple.extensions.push(x.clone());
    let mut document = Document::new("pres:a@b");
    document.extensions.push(x);
    document.notes.push(LangText::new("n"));
    document.push(tuple).unwrap();
    let octets = document.to_vec().unwrap();
    let text = core::str::from_utf8(&octets).unwrap().replace('\'', "\"");
    let text = text.replace("<x xmlns=\"x:y\"/>", "<x/>");
    assert_eq!(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"pres:a@b\"><tuple id=\"t\">\
        <status><basic>closed</basic><x/></status><x/><contact priority=\"1\">im:a@b</contact>\
        <note xml:lang=\"en\">a &amp; b</note><timestamp>2001-10-27T16:49:29Z</timestamp>\
        </tuple><note>n</note><x/></presence>"
    );
}

// 3863-4.1.1-02, -03, -04, 3863-4.1.2-02, -03, 3863-4.1.3-01, -02, 3863-4.1.7-01,
// -02, 3863-4.2.3-04
#[test]
fn what_is_no_document_says_where() {
    use PidfErrorKind::*;
    let at = |text: &str, needle: &str, nth: usize| text.match_indices(needle).nth(nth).unwrap().0;
    for (text, kind, needle, nth) in [
        ("<presence entity='pres:a@b'/>".into(), NotPresence, "<", 0),
        (
            "<presence xmlns='urn:ietf:params:xml:ns:pidf:' entity='a:b'/>".into(),
            NotPresence,
            "<",
            0,
        ),
        ("<tuple xmlns='urn:ietf:params:xml:ns:pidf' entity='a:b'/>".into(), NotPresence, "<", 0),
        ("<presence xmlns='urn:ietf:params:xml:ns:pidf'/>".into(), MissingEntity, "<", 0),
        (with("<tuple><status><basic>open</basic></status></tuple>"), MissingId, "<tuple", 0),
        (with("<tuple id=''/>"), MissingId, "<tuple", 0),
        (with("<note/><tuple id='t'/>"), MissingStatus, "<tuple", 0),
        (with("<tuple id='t'><status/></tuple>"), EmptyStatus, "<status", 0),
        (in_tuple("<status/>"), RepeatedElement, "<status", 1),
        (in_tuple("<contact/><note/><contact/>"), RepeatedElement, "<contact", 1),
        (in_tuple("").replace("open", "Open"), Basic, "<basic", 0),
        (in_tuple("").replace("open", " open"), Basic, "<basic", 0),
        (in_tuple("").replace("open", ""), Basic, "<basic", 0),
        (in_tuple("<note>a<b/></note>"), NotText, "<note", 0),
        // 3863-4.1.7-02
        (in_tuple("<timestamp>2001-10-27t16:49:29z</timestamp>"), Timestamp, "<timestamp", 0),
        (in_tuple("<timestamp>2001-10-27T16:49:29z</timestamp>"), Timestamp, "<timestamp", 0),
        (in_tuple("<timestamp>2001-10-27T16:49:29</timestamp>"), Timestamp, "<timestamp", 0),
        (in_tuple("<timestamp/>"), Timestamp, "<timestamp", 0),
        (
            with(&"<tuple id='t'><status><basic>open</basic></status></tuple>".repeat(2)),
            RepeatedId,
            "<tuple",
            1,
        ),
    ] {
        for text in [format!("<?xml version='1.0'?>\n {text}\n"), text] {
            let expected = PidfError {
                kind,
                at: at(&text, needle, nth + usize::from(text.starts_with("<?") && needle == "<")),
            };
            assert_eq!(parse(&text).unwrap_err(), expected, "{text}");
        }
    }
    assert!(matches!(parse("<presence"), Err(PidfError { kind: Xml(_), .. })));
    assert_eq!(parse("<!DOCTYPE x><x/>").unwrap_err().kind.as_str(), "restricted-xml");
    // Well-formed XML that says nothing is passed over; positions are those of
    // the document.
    let marked = "\u{FEFF}<!-- x --><?y?><x/>";
    let expected = PidfError { kind: NotPresence, at: marked.find("<x/>").unwrap() };
    assert_eq!(parse(marked).unwrap_err(), expected);
    let commented = in_tuple("<note>a<!-- b -->c</note><?d?>").replace("open", "op<!-- x -->en");
    let document = parse(&format!("\u{FEFF}{commented}")).unwrap();
    assert_eq!(document.tuples()[0].notes[0].text, "ac");
    assert_eq!(document.tuples()[0].status.basic(), Some(super::Basic::Open));
}

// 3863-4.2.1-01, 3863-4.2.2-01, 3863-4.2.2-02: any absolute URI, without a fragment
#[test]
fn namespaces_are_absolute() {
    for (uri, good) in [
        ("urn:y", true),
        ("http://id.mycompany.com/presence/", true),
        ("", true),
        ("y", false),
        ("presence/", false),
        ("http://id.mycompany.com/presence#x", false),
    ] {
        let read = parse(&in_tuple(&format!("<x:x xmlns:x='urn:x'><y xmlns='{uri}'/></x:x>")));
        let kind = read.err().map(|error| error.kind);
        assert_eq!(kind, (!good).then_some(PidfErrorKind::Namespace), "{uri}");
    }
}

// 3863-4.1.5-02, 3863-4.1.5-03
#[test]
fn a_priority_that_is_none_counts_as_absent() {
    for (attribute, priority) in [
        ("", None),
        ("priority='1.5'", None),
        ("priority='-0.1'", None),
        ("priority='0.1234'", None),
        ("priority=' 0.5 '", Priority::from_thousandths(500)),
    ] {
        let document = parse(&in_tuple(&format!("<contact {attribute}>a:b</contact>"))).unwrap();
        assert_eq!(document.tuples()[0].contact.as_ref().unwrap().priority, priority);
    }
    assert!(None < Some(Priority::LOWEST));
}

// 3863-4.1.5-02, 3863-4.1.5-04
#[test]
fn contacts_come_in_the_order_of_their_priorities() {
    let mut document = Document::new("pres:a@b");
    for (id, contact) in [
        ("1", Some(Contact::new("a:none"))),
        ("2", None),
        ("3", Some(Contact::new("a:high").with_priority(Priority::HIGHEST))),
        ("4", Some(Contact::new("a:low").with_priority(Priority::LOWEST))),
        ("5", Some(Contact::new("a:half").with_priority(Priority::from_thousandths(500).unwrap()))),
        ("6", Some(Contact::new("a:high, too").with_priority(Priority::HIGHEST))),
    ] {
        let mut tuple = Tuple::new(id, Status::basic_only(Basic::Open));
        tuple.contact = contact;
        document.push(tuple).unwrap();
    }
    let contacts: Vec<_> = document.contacts().iter().map(|contact| &*contact.uri).collect();
    assert_eq!(contacts, ["a:high", "a:high, too", "a:half", "a:none", "a:low"]);
}

// 3863-4.1.6-04
#[test]
fn the_language_of_a_note_is_the_one_in_scope() {
    let text = in_tuple("<note>x</note><note xml:lang='cs'>y</note><note xml:lang=''>z</note>")
        .replace("<tuple", "<tuple xml:lang='en'");
    let notes = parse(&text).unwrap().tuples()[0].notes.clone();
    let languages: Vec<_> = notes.iter().map(|note| note.lang.as_deref()).collect();
    assert_eq!(languages, [Some("en"), Some("cs"), None]);
}

// 3863-4.2.3-01
#[test]
fn what_has_no_known_name_is_ignored_whole() {
    let text = in_tuple(
        "<x xmlns='urn:y'><status xmlns='urn:ietf:params:xml:ns:pidf'/></x><unknown><note/></unknown>",
    );
    let document = parse(&text).unwrap();
    let tuple = &document.tuples()[0];
    assert_eq!((tuple.extensions.len(), tuple.notes.len()), (2, 0));
}

// RFC 3863 §4.2.3
#[test]
fn must_understand_matters_inside_what_is_known_alone() {
    let understood = |inner: &str| {
        let text = format!(
            "<a xmlns='urn:x' xmlns:p='urn:ietf:params:xml:ns:pidf' p:mustUnderstand='1'>{inner}</a>"
        );
        let element = Element::parse(&text).unwrap();
        is_understood(element.as_ref(), |ns, name| ns == "urn:x" && matches!(name, "a" | "b"))
    };
    assert!(understood(""));
    assert!(understood("<b p:mustUnderstand='true'/>"));
    assert!(understood("<c p:mustUnderstand='0'/>"));
    assert!(understood("<c mustUnderstand='1'/>"));
    assert!(understood("<c><d p:mustUnderstand='1'/></c>"));
    assert!(!understood("<c p:mustUnderstand='1'/>"));
    assert!(!understood("<b><b><c p:mustUnderstand='true'/></b></b>"));
}

// 3863-3.1-02, 3863-4.1-02, 3863-7-01
#[test]
fn the_charset_of_the_mime_type_counts_for_more() {
    let text = DEFAULT_NAMESPACE.replace("UTF-8", "ISO-8859-1").replace("Tokyo", "Tōkyō");
    assert_eq!(parse(&text).unwrap_err().kind.as_str(), "unsupported-encoding");
    let document = Document::parse_utf8(text.as_bytes(), &Limits::default()).unwrap();
    assert!(document.notes[0].text.contains("Tōkyō"));
    let wrong = text.replace(" id=\"bs35r9\"", "");
    let error = Document::parse_utf8(wrong.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.at, wrong.find("<tuple").unwrap());
}

#[test]
fn limits_hold_at_their_edges() {
    let tuples = |count: usize| {
        let tuple = |n| format!("<tuple id='t{n}'><status><basic>open</basic></status></tuple>");
        with(&(0..count).map(tuple).collect::<String>())
    };
    let limits = Limits::default().with_max_tuples(3).with_max_notes_or_extensions(2);
    let kind = |text: &str| Document::parse(text.as_bytes(), &limits).map_err(|e| e.kind).err();
    assert_eq!(kind(&tuples(3)), None);
    assert_eq!(kind(&tuples(4)), Some(PidfErrorKind::TooManyTuples));
    for place in ["<note/>", "<x xmlns='urn:y'/>"] {
        for wrap in [with as fn(&str) -> String, in_tuple] {
            assert_eq!(kind(&wrap(&place.repeat(2))), None);
            assert_eq!(kind(&wrap(&place.repeat(3))), Some(PidfErrorKind::TooManyElements));
        }
    }
    let text = with("");
    let short = Limits::default().with_max_object_bytes(text.len() - 1);
    assert_eq!(
        Document::parse(text.as_bytes(), &short).unwrap_err(),
        PidfError { kind: PidfErrorKind::TooLong, at: text.len() - 1 }
    );
}

#[test]
fn deep_nesting_costs_no_stack() {
    let deep = in_tuple(&format!("{}{}", "<x>".repeat(100_000), "</x>".repeat(100_000)));
    let limits = Limits::default().with_max_object_bytes(1 << 20);
    let error = Document::parse(deep.as_bytes(), &limits).unwrap_err();
    assert_eq!(error.kind.as_str(), "policy-violation");
}

#[test]
fn no_two_tuples_of_an_id() {
    let tuple = || Tuple::new("t", Status::basic_only(Basic::Open));
    let mut document = Document::new("pres:a@b");
    assert_eq!(document.push(tuple()), Ok(()));
    assert_eq!(document.push(tuple()), Err(RepeatedId));
    assert_eq!(document.tuples().len(), 1);
}

#[test]
fn what_xml_cannot_have_is_not_written() {
    let mut document = Document::new("pres:a@b");
    document.notes.push(LangText::new("\0"));
    let mut out = b"before".to_vec();
    assert!(document.write(&mut out).is_err());
    assert_eq!(out, b"before");
}

proptest::proptest! {
    #[test]
    fn any_document_comes_back(
        entity in "pres:[a-z]{1,8}@[a-z]{1,8}",
        tuples in proptest::collection::btree_map("\\PC{1,8}", (
            proptest::bool::ANY,
            proptest::option::of(0_u16..=1000),
            proptest::collection::vec((proptest::option::of("[a-z]{2,3}"), "[^\\x00-\\x08\\x0b-\\x1f\\u{fffe}\\u{ffff}]*"), 0..3),
            proptest::option::of(0_u64..253_402_300_800),
        ), 0..5),
    ) {
        let mut document = Document::new(entity);
        for (id, (open, priority, notes, timestamp)) in tuples {
            let basic = if open { Basic::Open } else { Basic::Closed };
            let mut tuple = Tuple::new(id, Status::basic_only(basic));
            tuple.contact = priority.map(|priority| {
                Contact::new("im:a@b").with_priority(Priority::from_thousandths(priority).unwrap())
            });
            for (lang, text) in notes {
                tuple.notes.push(match lang {
                    Some(lang) => LangText::in_lang(lang, text),
                    None => LangText::new(text),
                });
            }
            tuple.timestamp = timestamp.and_then(|at| {
                DateTime::from_unix(core::time::Duration::from_secs(at))
            });
            document.push(tuple).unwrap();
        }
        let octets = document.to_vec().unwrap();
        proptest::prop_assert_eq!(Document::parse(&octets, &Limits::default()).unwrap(), document);
    }
}
