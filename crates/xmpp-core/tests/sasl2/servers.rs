//! A server, and clients that say what they should not.

use xmpp_core::stanza::StreamCondition;
use xmpp_core::{Error, Phase};

use crate::common::ServerEnd;
use crate::setting::{ID, count, host, waiting_server, waiting_server_from};

/// `n,,n=juliet,r=abc`
const FIRST: &str = "biwsbj1qdWxpZXQscj1hYmM=";
const SASL2: &str = "xmlns='urn:xmpp:sasl:2'";
const SASL: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
const FAST: &str = "xmlns='urn:xmpp:fast:0'";

fn scram(more: &str) -> String {
    format!(
        "<authenticate {SASL2} mechanism='SCRAM-SHA-256'>\
         <initial-response>{FIRST}</initial-response>{more}</authenticate>"
    )
}

/// What the server answers in this order to these elements.
fn answers(server: &mut ServerEnd, elements: &[&str]) -> Vec<Result<String, Error>> {
    elements
        .iter()
        .map(|element| server.receive(element.as_bytes()).map(|()| server.sent()))
        .collect()
}

fn refused_with(element: &str) -> String {
    let mut server = waiting_server(host());
    server.sent();
    server.receive(element.as_bytes()).unwrap();
    assert_eq!(server.connection.phase(), Phase::Negotiating);
    let sent = server.sent();
    let failure = format!("<failure {SASL2}><");
    let condition = sent.strip_prefix(&failure).unwrap_or_else(|| panic!("{element}: {sent}"));
    // XEP-0388, "Failure": "one of the SASL error codes from RFC 6120", whose namespace it has.
    let (name, rest) = condition.split_once(' ').unwrap();
    assert_eq!(rest, format!("{SASL}/></failure>"), "{sent}");
    name.to_owned()
}

#[test]
fn what_cannot_be_read_fails() {
    for (element, condition) in [
        // "If the "mechanism" attribute contains a string not previously announced […]
        // the server MUST fail the authentication."
        (format!("<authenticate {SASL2} mechanism='PLAIN'/>"), "invalid-mechanism"),
        (format!("<authenticate {SASL2} mechanism='X'/>"), "invalid-mechanism"),
        (format!("<authenticate {SASL2}/>"), "invalid-mechanism"),
        // "encode SASL exchanges using Base 64"
        (scram("").replace(FIRST, "!"), "incorrect-encoding"),
        // RFC 6120's sign for data of no length is none here.
        (scram("").replace(FIRST, "="), "incorrect-encoding"),
        (scram("").replace(FIRST, ""), "malformed-request"),
        (scram("<initial-response/>"), "malformed-request"),
        // Out of sequence.
        (format!("<response {SASL2}>AA==</response>"), "malformed-request"),
        (format!("<abort {SASL2}/>"), "malformed-request"),
        (format!("<next {SASL2} task='UPGR-SCRAM-SHA-512'/>"), "malformed-request"),
        (format!("<task-data {SASL2}/>"), "malformed-request"),
        (format!("<success {SASL2}/>"), "malformed-request"),
        // XEP-0484 section 3.4: a token comes with <fast/>, and nothing else does.
        (scram(&format!("<fast {FAST}/>")), "malformed-request"),
        (format!("<authenticate {SASL2} mechanism='HT-SHA-256-NONE'/>"), "malformed-request"),
        // Section 5.1: and with the id of the installation.
        (
            format!(
                "<authenticate {SASL2} mechanism='HT-SHA-256-NONE'><fast {FAST}/></authenticate>"
            ),
            "malformed-request",
        ),
        (
            format!(
                "<authenticate {SASL2} mechanism='HT-SHA-256-NONE'><user-agent id='me'/>\
                 <fast {FAST}/></authenticate>"
            ),
            "malformed-request",
        ),
        // "The value of this attribute MUST be a positive integer"
        (
            format!(
                "<authenticate {SASL2} mechanism='HT-SHA-256-NONE'><user-agent id='{ID}'/>\
                 <fast {FAST} count='-1'/></authenticate>"
            ),
            "malformed-request",
        ),
    ] {
        assert_eq!(refused_with(&element), condition, "{element}");
    }
}

#[test]
fn a_token_is_none_for_rfc_6120() {
    let mut server = waiting_server(host());
    server.sent();
    let auth = format!("<auth {SASL} mechanism='HT-SHA-256-NONE'>anVsaWV0AA==</auth>");
    server.receive(auth.as_bytes()).unwrap();
    assert!(server.sent().contains("<invalid-mechanism/>"));
    assert!(!server.log.iter().any(|event| event.contains("CredentialsWanted")));
}

#[test]
fn nothing_else_is_said_while_authentication_is_in_progress() {
    // XEP-0388, "During Authentication": "Servers MUST disconnect Clients immediately
    // if any other traffic is received."
    for element in [
        scram(""),
        format!("<auth {SASL} mechanism='SCRAM-SHA-256'>{FIRST}</auth>"),
        format!("<response {SASL}>AA==</response>"),
        format!("<next {SASL2} task='x'/>"),
        "<message to='romeo@example.com'><body/></message>".into(),
        "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>".into(),
        "<x xmlns='urn:x'/>".into(),
    ] {
        let mut server = waiting_server(host());
        let sent = answers(&mut server, &[&scram("")]).pop().unwrap().unwrap();
        assert!(sent.contains(&format!("<challenge {SASL2}>")), "{sent}");
        server.receive(element.as_bytes()).unwrap_err();
        assert_eq!(server.connection.phase(), Phase::Closed, "{element}");
        assert!(server.sent().contains("<stream:error>"), "{element}");
    }
    // And the other way round: nothing of this profile in an exchange of RFC 6120's.
    let mut server = waiting_server(host());
    let auth = format!("<auth {SASL} mechanism='SCRAM-SHA-256'>{FIRST}</auth>");
    server.receive(auth.as_bytes()).unwrap();
    server.receive(scram("").as_bytes()).unwrap_err();
}

#[test]
fn an_abort_and_another_attempt() {
    let mut server = waiting_server(host());
    server.sent();
    let abort = format!("<abort {SASL2}><text>no</text></abort>");
    let auth = format!("<auth {SASL} mechanism='SCRAM-SHA-256'>{FIRST}</auth>");
    let sent = answers(&mut server, &[&scram(""), &abort, &auth, &format!("<abort {SASL}/>")]);
    let sent: Vec<String> = sent.into_iter().map(Result::unwrap).collect();
    assert!(sent[1].contains("<aborted"), "{sent:?}");
    // XEP-0388, "Completing Authentication": after a failure "the stream and session
    // state remain entirely unchanged": the other profile is still there.
    assert!(sent[2].contains(&format!("<challenge {SASL}>")), "{sent:?}");
    assert!(sent[3].contains("<aborted/>"), "{sent:?}");
    // RFC 6120 section 6.4.5: and they count together.
    let error = server.receive(format!("<authenticate {SASL2}/>").as_bytes()).unwrap_err();
    assert_eq!(error, Error::TooManyFailedLogins);
    assert!(server.sent().contains("policy-violation"));
}

#[test]
fn only_under_tls() {
    // XEP-0388, security considerations: "MUST only be […] offered by Servers after TLS".
    let mut server = ServerEnd::new();
    let header = "<stream:stream to='example.com' version='1.0' xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams'>";
    server.receive(header.as_bytes()).unwrap();
    assert!(!server.sent().contains("urn:xmpp:sasl:2"));
    server.receive(scram("").as_bytes()).unwrap();
    assert!(server.sent().contains("<encryption-required"));
}

#[test]
fn not_without_a_mechanism() {
    // Section 2.1: "MUST NOT be offered if not at least one mechanism can be provided."
    let mut host = host();
    host.policy = host.policy.require_channel_binding();
    let bound = waiting_server(host.clone()).sent();
    assert!(bound.contains("<authentication "), "{bound}");
    host.sasl = xmpp_core::sasl::server::Config::new();
    let none = waiting_server(host).sent();
    assert!(!none.contains("<authentication "), "{none}");
}

#[test]
fn a_profile_that_is_not_offered() {
    let mut host = host();
    host.sasl2.enabled = false;
    let mut server = waiting_server(host);
    let error = server.receive(scram("").as_bytes()).unwrap_err();
    assert_eq!(error.stream_condition(), Some(StreamCondition::UnsupportedStanzaType));
}

#[test]
fn unknown_wishes_are_left_aside() {
    // RFC 6120 section 8.4; XEP-0388, "Initiation": "any other" child elements.
    let mut server = waiting_server(host());
    server.sent();
    let wishes = format!(
        "<wish xmlns='urn:x'><wish/></wish><upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-X</upgrade>\
         <request-token {FAST} mechanism='X-NONE'/><bind xmlns='urn:xmpp:bind:0'><x xmlns='urn:y'/></bind>\
         <resume xmlns='urn:xmpp:sm:3' previd='a' h='1'/>"
    );
    server.receive(scram(&wishes).as_bytes()).unwrap();
    assert!(server.sent().contains("<challenge "));
}

#[test]
fn who_the_header_says_it_is_is_who_authenticates() {
    // XEP-0388, "Initiation": otherwise "the server MUST fail the authentication".
    use xmpp_core::sasl::Mechanism;
    let mut host = host();
    host.policy = host.policy.allow(Mechanism::Plain);
    // juliet NUL her password
    let plain = format!(
        "<authenticate {SASL2} mechanism='PLAIN'>\
         <initial-response>AGp1bGlldAByMG0zMA==</initial-response></authenticate>"
    );
    for (from, right) in [
        ("from='juliet@example.com' ", true),
        ("", true),
        ("from='romeo@example.com' ", false),
        ("from='example.com' ", false),
    ] {
        let mut server = waiting_server_from(host.clone(), from);
        server.sent();
        server.receive(plain.as_bytes()).unwrap();
        let sent = server.sent();
        assert_eq!(sent.contains("<success "), right, "{from}: {sent}");
        assert_eq!(sent.contains("<invalid-authzid "), !right, "{from}: {sent}");
        let told = server.log.iter().any(|event| event.starts_with("Authenticated "));
        assert_eq!(told, right);
    }
}

#[test]
fn after_success_there_is_no_more_of_it() {
    // XEP-0388, "Multiple Authentication": "once <success/> or <continue/> has been sent
    // […], any further <authenticate/> element MUST result in a stream error."
    use xmpp_core::sasl::Mechanism;
    let mut host = host();
    host.policy = host.policy.allow(Mechanism::Plain);
    let plain = format!(
        "<authenticate {SASL2} mechanism='PLAIN'>\
         <initial-response>AGp1bGlldAByMG0zMA==</initial-response></authenticate>"
    );
    let auth = format!("<auth {SASL} mechanism='PLAIN'>AGp1bGlldAByMG0zMA==</auth>");
    for again in [&plain, &auth] {
        let mut server = waiting_server(host.clone());
        server.receive(plain.as_bytes()).unwrap();
        assert_eq!(count(&server.sent(), "<success "), 1);
        let error = server.receive(again.as_bytes()).unwrap_err();
        assert_eq!(error.stream_condition(), Some(StreamCondition::UnsupportedStanzaType));
    }
}

#[test]
fn tls_is_negotiated_once() {
    // Under TLS it is not offered (6120-5.4.3.3-06), so it is not to be asked for.
    let mut server = waiting_server(host());
    server.sent();
    let again = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let error = server.receive(again.as_bytes()).unwrap_err();
    assert_eq!(error.stream_condition(), Some(StreamCondition::UnsupportedStanzaType));
    assert!(!server.sent().contains("<proceed "));
}
