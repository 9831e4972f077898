//! Stream headers, features, errors, and the nonzas of STARTTLS and SASL.

use xmpp_stanza::bind::Bind;
use xmpp_stanza::features::{
    ClientStateIndication, Features, FeaturesRef, Mechanisms, RosterVersioning, StreamManagement,
    SubscriptionPreApproval,
};
use xmpp_stanza::sasl::{Abort, Auth, Challenge, Data, Failure, Response, SaslCondition, Success};
use xmpp_stanza::session::Session;
use xmpp_stanza::tls::{self, Proceed, StartTls};
use xmpp_stanza::{
    Invalid, LangText, Payload, Rule, StreamCondition, StreamError, StreamHeader, Version,
};
use xmpp_xml::{Element, Framing, Ns, SendBuffer, WriteError, ns};

use crate::harness::{both, element, jid, payload, reads, refuses};

/// The header in `start_tag`, as if its end tag followed.
fn header(start_tag: &str) -> Result<StreamHeader, Invalid> {
    let name = start_tag[1..].split([' ', '>']).next().unwrap();
    let element = Element::parse(format!("{start_tag}</{name}>")).unwrap();
    StreamHeader::parse(element.as_ref())
}

/// Written, and read again.
fn again(value: &StreamHeader) -> Result<StreamHeader, Invalid> {
    let mut tx = SendBuffer::new(Framing::Stream);
    value.write(&mut tx).unwrap();
    let text = str::from_utf8(tx.unsent()).unwrap();
    header(text.split_once("?>").map_or(text, |(_, tag)| tag))
}

const STREAM: &str =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";

#[test]
fn headers_are_read_and_written() {
    let value = StreamHeader::new(ns::CLIENT)
        .with_from(jid("juliet@im.example.com"))
        .with_to(jid("im.example.com"))
        .with_id("++TR84Sm6A3hnt3Q065SnAbbk3Y=")
        .with_lang("en");
    let xml = format!(
        "{STREAM} from='juliet@im.example.com' id='++TR84Sm6A3hnt3Q065SnAbbk3Y=' \
         to='im.example.com' version='1.0' xml:lang='en'>"
    );
    assert_eq!(header(&xml), Ok(value.clone()));
    assert_eq!(again(&value), Ok(value));
    // 6120-4.8.3-07: other content, and dialback's declaration.
    let mut value = StreamHeader::new(ns::SERVER).with_to(jid("a.example"));
    value.dialback = true;
    assert_eq!(again(&value), Ok(value.clone()));
    assert!(value.has_content(ns::SERVER) && !value.has_content(ns::CLIENT));
}

#[test]
fn headers_are_open_elements_over_websocket() {
    // RFC 7395, section 3.4, both examples.
    let open = |xml: &str| {
        StreamHeader::parse(Element::parse(xml).unwrap().as_ref()).map(|header| {
            let mut tx = SendBuffer::new(Framing::WebSocket);
            header.write(&mut tx).unwrap();
            (header, String::from_utf8(tx.frame().unwrap().to_vec()).unwrap())
        })
    };
    let xml = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>";
    let (header, again) = open(xml).unwrap();
    assert_eq!(again, xml);
    assert_eq!((header.content, header.version), (None, Some(Version::V1_0)));
    let xml = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.com' \
        id='++TR84Sm6A3hnt3Q065SnAbbk3Y=' version='1.0' xml:lang='en'/>";
    let (header, again) = open(xml).unwrap();
    assert_eq!(again, xml);
    assert_eq!(header.lang.as_deref(), Some("en"));
    let refused = open("<open xmlns='urn:example'/>").unwrap_err();
    assert_eq!(refused.stream_condition(), StreamCondition::InvalidNamespace);
    assert!(open("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>").is_err());
    // A prefix is as good.
    assert!(open("<f:open xmlns:f='urn:ietf:params:xml:ns:xmpp-framing' to='a'/>").is_ok());
}

#[test]
fn a_header_without_a_prefix_declares_no_content_namespace() {
    // 6120-xml-namespace-streams-prefix
    // RFC 6120, section 4.8.2, second example.
    let xml = "<stream from='juliet@im.example.com' to='im.example.com' version='1.0' \
        xml:lang='en' xmlns='http://etherx.jabber.org/streams'>";
    let read = header(xml).unwrap();
    assert_eq!((read.content.as_deref(), read.lang.as_deref()), (None, Some("en")));
    // It is not written like that: stanzas would be in no namespace.
    let mut tx = SendBuffer::new(Framing::Stream);
    assert_eq!(read.write(&mut tx), Err(WriteError::InvalidNamespace));
    assert!(tx.is_empty());
    // 6120-4.8.2-02: with a prefix, the default namespace is not that of streams.
    let refused = header(
        "<s:stream xmlns='http://etherx.jabber.org/streams' \
         xmlns:s='http://etherx.jabber.org/streams'>",
    );
    let refused = refused.unwrap_err();
    assert_eq!(refused.rule(), Rule::WrongNamespace);
    assert_eq!(refused.stream_condition(), StreamCondition::InvalidNamespace);
}

#[test]
fn a_header_says_the_content_namespace_of_what_follows() {
    for content in [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT] {
        let mut tx = SendBuffer::new(Framing::Stream);
        StreamHeader::new(content).write(&mut tx).unwrap();
        assert_eq!(tx.context().content, content);
    }
}

#[test]
fn a_header_may_say_little() {
    // 6120-4.7.5-08: no version is 0.9. 6120-4.8.2-03: no content namespace is declared.
    let xml = "<s:stream xmlns:s='http://etherx.jabber.org/streams'>";
    let read = header(xml).unwrap();
    assert_eq!((read.content.as_deref(), read.version), (None, None));
    assert_eq!(read.effective_version(), Version { major: 0, minor: 9 });
    assert!(read.to.is_absent() && read.from.is_absent());
    let none = header("<s:stream xmlns='' xmlns:s='http://etherx.jabber.org/streams'>").unwrap();
    assert_eq!(none.content, None);
    // Malformed addresses are the connection's to judge.
    let read = header(&format!("{STREAM} to='@' from=''>")).unwrap();
    assert!(read.to.is_malformed() && read.from.is_malformed());
}

#[test]
fn versions_are_numbers() {
    let version =
        |text: &str| header(&format!("{STREAM} version='{text}'>")).map(|h| h.version.unwrap());
    // 6120-4.7.5-01, -02, -06
    assert_eq!(version("1.0"), Ok(Version::V1_0));
    assert_eq!(version("01.00"), Ok(Version::V1_0));
    assert_eq!(version("2.13"), Ok(Version { major: 2, minor: 13 }));
    assert_eq!(version("01.00").unwrap().to_string(), "1.0");
    assert!(version("2.13").unwrap() > version("2.4").unwrap());
    for bad in ["", "1", "1.", ".0", "1.0.0", "+1.0", "1.x", "99999.0", " 1.0"] {
        let invalid = version(bad).unwrap_err();
        assert_eq!(invalid.attribute(), Some("version"), "{bad}");
        assert_eq!(invalid.stream_condition(), StreamCondition::UnsupportedVersion, "{bad}");
    }
}

#[test]
fn headers_of_other_namespaces_are_refused() {
    // 6120-4.8.1-01, -02
    let other = header("<stream:stream xmlns:stream='urn:x'>").unwrap_err();
    assert_eq!(other.stream_condition(), StreamCondition::InvalidNamespace);
    assert_eq!(
        header("<stream>").unwrap_err().stream_condition(),
        StreamCondition::InvalidNamespace
    );
    let name = header("<s:flow xmlns:s='http://etherx.jabber.org/streams'>").unwrap_err();
    assert_eq!(
        (name.rule(), name.stream_condition()),
        (Rule::WrongElement, StreamCondition::BadFormat)
    );
}

#[test]
fn features_keep_their_order_and_what_is_unknown() {
    let features = Features::new()
        .with(&StartTls::required())
        .and_then(|f| f.with(&Mechanisms::new(["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"])))
        .and_then(|f| f.with(&Bind::Any))
        .and_then(|f| f.with(&Session::optional()))
        .and_then(|f| f.with(&RosterVersioning))
        .and_then(|f| f.with(&SubscriptionPreApproval))
        .and_then(|f| f.with(&StreamManagement))
        .and_then(|f| f.with(&ClientStateIndication))
        .unwrap();
    let xml = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>\
         </starttls><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>\
         SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>\
         </mechanisms><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
         <session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>\
         <ver xmlns='urn:xmpp:features:rosterver'/><sub xmlns='urn:xmpp:features:pre-approval'/>\
         <sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/></stream:features>";
    both(Features::parse, &features, xml);
    let unknown = "<stream:features><compression xmlns='http://jabber.org/features/compress'>\
         <method>zlib</method></compression><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <required/></bind></stream:features>";
    let features = Features::parse(element(unknown).as_ref()).unwrap();
    assert_eq!(features.elements.len(), 2);
    both(Features::parse, &features, unknown);
    both(Features::parse, &Features::new(), "<stream:features/>");
    let section = "RFC 6120, 4.3.2";
    refuses(Features::parse, "<features/>", Rule::WrongElement, ("features", None), section);
}

#[test]
fn features_can_be_asked_where_they_lie() {
    let received = element(
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism> EXTERNAL\n</mechanism><hostname xmlns='urn:xmpp:domain-based-name:1'>x</hostname>\
         <mechanism>PLAIN</mechanism></mechanisms>\
         <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    );
    let features = FeaturesRef::parse(received.as_ref()).unwrap();
    let mechanisms: Vec<_> = features.mechanisms().unwrap().collect();
    assert_eq!(mechanisms, ["EXTERNAL", "PLAIN"]);
    assert_eq!(features.starttls(), Some(StartTls::new()));
    assert!(!features.bind() && !features.is_empty() && features.session().is_none());
    let owned = features.feature::<Mechanisms>().unwrap().unwrap();
    assert_eq!((owned.names.len(), owned.extensions.len()), (2, 1));
    let received = element("<stream:features/>");
    let features = FeaturesRef::parse(received.as_ref()).unwrap();
    assert!(features.is_empty() && features.mechanisms().is_none());
}

#[test]
fn every_stream_error_is_read_and_written() {
    // 6120-4.9.2-02, 6120-4.9.2-04; the text may be missing: 6120-4.9.2-07
    assert_eq!(StreamCondition::ALL.len(), 25);
    for &condition in StreamCondition::ALL {
        let xml = format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        );
        let value = match condition {
            StreamCondition::SeeOtherHost => StreamError::see_other_host(""),
            condition => StreamError::new(condition),
        };
        both(StreamError::parse, &value, &xml);
    }
}

#[test]
fn stream_errors_have_texts_and_application_conditions() {
    let application = Element::builder(Ns::new("urn:app"), "escape-your-data").build().unwrap();
    let error = StreamError::new(StreamCondition::NotWellFormed)
        .with_text(LangText::in_lang("en", "Some special application diagnostic information!"))
        .with_extension(application);
    both(
        StreamError::parse,
        &error,
        "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xml:lang='en' xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\
         Some special application diagnostic information!</text>\
         <escape-your-data xmlns='urn:app'/></stream:error>",
    );
    // 6120-4.9.2-01: all that may be there; 6120-4.9.2-03
    let xml =
        "<stream:error><invalid-id xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    let unknown = StreamError::parse(element(xml).as_ref()).unwrap();
    assert_eq!(unknown.condition, StreamCondition::UndefinedCondition);
    assert_eq!(unknown.extensions[0].name(), "invalid-id");
    reads(
        StreamError::parse,
        &StreamError::new(StreamCondition::UndefinedCondition),
        "<stream:error/>",
    );
    refuses(StreamError::parse, "<error/>", Rule::WrongElement, ("error", None), "RFC 6120, 4.9");
}

#[test]
fn see_other_host_names_a_host() {
    // 6120-4.9.3.19-01, -03
    let host = |text: &str| {
        let error = StreamError::see_other_host(text);
        error.other_host().map(|host| host.unwrap().to_string())
    };
    for good in [
        "moore.example.com",
        "moore.example.com:5222",
        "192.0.2.1:80",
        "[2001:db8::9]:9222",
        "[2001:db8::9]",
    ] {
        assert_eq!(host(good).as_deref(), Ok(good));
    }
    for bad in [
        "",
        ":5222",
        "a.example:",
        "a.example:0",
        "a.example:65536",
        "a.example:+1",
        "a.example::1",
        "a.example:1:2",
        "[2001:db8::9",
        "[::1]x:1",
        "2001:db8::9",
    ] {
        assert!(host(bad).is_err(), "{bad}");
    }
    both(
        StreamError::parse,
        &StreamError::see_other_host("[2001:41D0:1:A49b::1]:9222"),
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\
         [2001:41D0:1:A49b::1]:9222</see-other-host></stream:error>",
    );
    assert_eq!(StreamError::new(StreamCondition::Reset).other_host(), Ok(None));
}

#[test]
fn starttls() {
    payload(&StartTls::new(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    payload(
        &StartTls::required(),
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>",
    );
    payload(&Proceed, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    payload(&tls::Failure, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    // Anything in the place of <proceed/> is none.
    let section = "RFC 6120, 8.4";
    let other = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    refuses(|e| Proceed::parse(e), other, Rule::WrongElement, ("proceed", None), section);
    let other = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
    refuses(|e| Proceed::parse(e), other, Rule::WrongElement, ("proceed", None), section);
}

const SASL: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

#[test]
fn sasl_exchanges() {
    payload(
        &Auth::new("PLAIN", Some(b"\0juliet\0r0m30myr0m30")),
        &format!("<auth {SASL} mechanism='PLAIN'>AGp1bGlldAByMG0zMG15cjBtMzA=</auth>"),
    );
    payload(&Auth::new("DIGEST-MD5", None), &format!("<auth {SASL} mechanism='DIGEST-MD5'/>"));
    // 6120-6.4.2-02: present, but empty.
    payload(
        &Auth::new("EXTERNAL", Some(b"")),
        &format!("<auth {SASL} mechanism='EXTERNAL'>=</auth>"),
    );
    payload(&Challenge::new(Some(b"r=1")), &format!("<challenge {SASL}>cj0x</challenge>"));
    payload(&Response::new(None), &format!("<response {SASL}/>"));
    payload(&Success::new(Some(b"v=1")), &format!("<success {SASL}>dj0x</success>"));
    // 6120-6.4.6-03
    payload(&Success::new(Some(b"")), &format!("<success {SASL}>=</success>"));
    payload(&Abort, &format!("<abort {SASL}/>"));
    let section = "RFC 6120, 6.4.2";
    let place = ("auth", Some("mechanism"));
    refuses(|e| Auth::parse(e), &format!("<auth {SASL}/>"), Rule::MissingAttribute, place, section);
    let mixed = format!("<response {SASL}>a<b/></response>");
    refuses(
        |e| Response::parse(e),
        &mixed,
        Rule::MixedContent,
        ("response", None),
        "RFC 6120, 6.4",
    );
}

#[test]
fn base_64_is_decoded_strictly() {
    // 6120-6.3.5-02, 6120-13.9.1-02, 6120-13.9.1-03, 6120-13.9.1-04
    let data = |text: &str| {
        let xml = format!("<response {SASL}>{text}</response>");
        Response::parse(element(&xml).as_ref()).unwrap().data
    };
    assert_eq!(data("").decode(), Ok(None));
    assert!(data("=").decode().unwrap().unwrap().is_empty());
    assert_eq!(data("cj0x").decode().unwrap().unwrap().as_slice(), b"r=1");
    // RFC 6120, 13.9.1: nothing else in it, padding at the end alone, its bits zero.
    for bad in [
        "=AAA", "BBBB=CCC", "cj0", "cj0x\n", " cj0x", "cj 0x", "cj0_", "AB==", "==", "cj0x====",
        "cj0x=",
    ] {
        let invalid = data(bad).decode().unwrap_err();
        assert_eq!(invalid.rule(), Rule::Base64, "{bad}");
    }
    assert_eq!(Data::encode_opt(None), Data::NONE);
}

#[test]
fn what_sasl_carries_does_not_show() {
    let auth = Auth::new("PLAIN", Some(b"\0juliet\0r0m30myr0m30"));
    let shown = format!("{auth:?}");
    assert!(shown.contains("PLAIN") && !shown.contains("AGp1"), "{shown}");
}

#[test]
fn every_sasl_failure_is_read_and_written() {
    // 6120-6.5-01 to -04: with a text and without.
    assert_eq!(SaslCondition::ALL.len(), 11);
    for &condition in SaslCondition::ALL {
        let xml = format!("<failure {SASL}><{condition}/></failure>");
        payload(&Failure::new(condition), &xml);
    }
    payload(
        &Failure::new(SaslCondition::AccountDisabled)
            .with_text(LangText::in_lang("en", "Call 212-555-1212 for assistance.")),
        &format!(
            "<failure {SASL}><account-disabled/>\
             <text xml:lang='en'>Call 212-555-1212 for assistance.</text></failure>"
        ),
    );
    // Section 6.5: a condition that is not understood is not-authorized.
    let read = |xml: &str| Failure::parse(element(xml).as_ref()).unwrap();
    assert_eq!(read(&format!("<failure {SASL}/>")), Failure::new(SaslCondition::NotAuthorized));
    let unknown = read(&format!("<failure {SASL}><bad-hair-day/></failure>"));
    assert_eq!(unknown.condition, SaslCondition::NotAuthorized);
    assert_eq!(unknown.extensions[0].name(), "bad-hair-day");
}
