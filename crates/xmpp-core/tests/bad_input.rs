//! What a server answers to input that it cannot accept: the stream error that
//! RFC 6120 names, behind a header, with the stream closed after it.

mod common;

use common::{Pair, ServerEnd, T0};
use xmpp_core::time::TimerReason;
use xmpp_core::{Error, Event, PeerMisbehaved, Phase, ServerConfig};

const HEADER: &str = "<?xml version='1.0'?><stream:stream to='example.com' version='1.0' \
    xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// Sends `input` to a fresh server and checks what comes back, whole and byte by byte.
fn refused(input: &[u8], condition: &str) {
    for chunk in [input.len(), 1, 7] {
        let mut server = ServerEnd::new();
        let error = input
            .chunks(chunk)
            .find_map(|piece| server.receive(piece).err())
            .unwrap_or_else(|| panic!("{} was accepted", String::from_utf8_lossy(input)));
        refused_with(&mut server, &error, condition);
    }
}

fn refused_with(server: &mut ServerEnd, error: &Error, condition: &str) {
    let sent = server.sent();
    let header = sent.find("<stream:stream").expect("6120-4.9.1.2-01: a header first");
    let stanza = format!("<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'");
    let told = sent.find(&stanza).unwrap_or_else(|| panic!("{condition} is not in {sent}"));
    assert!(header < told);
    assert!(sent.ends_with("</stream:error></stream:stream>"), "6120-4.9.1.1-01: {sent}");
    assert_eq!(sent.matches("</stream:stream>").count(), 1);
    assert_eq!(server.connection.phase(), Phase::Closed);
    let deadline = server.connection.poll_timeout().expect("until the transport is closed");
    assert_eq!(deadline.reason, TimerReason::Drain);
    // 6120-4.9-02: whatever it was. 6120-4.9.1.3-01
    let from = if sent.contains("from='example.com'") { "example.com" } else { "" };
    assert!(sent.contains(&format!("from='{from}'")), "{sent}");
    // Errors are told once to the peer, and again and again to us.
    assert_eq!(server.poll().as_ref(), Err(error));
    assert_eq!(server.sent(), "");
}

fn refused_after_header(input: &str, condition: &str) {
    refused(format!("{HEADER}{input}").as_bytes(), condition);
}

#[test]
fn input_that_is_not_xml() {
    // 6120-xml-wellformed-xml
    // 6120-11.3-02, 4.9.3.13
    refused(b"GET / HTTP/1.1\r\n\r\n", "not-well-formed");
    refused_after_header("<a b=c/>", "not-well-formed");
    refused_after_header("</wrong>", "not-well-formed");
    refused_after_header("loose text", "not-well-formed");
    // 6120-11.6-05: no byte order mark, but a character, and none may stand there.
    refused(format!("\u{feff}{HEADER}").as_bytes(), "not-well-formed");
    refused_after_header("\u{feff}", "not-well-formed");
}

#[test]
fn restricted_xml() {
    // 6120-xml-restriction-comment, 6120-xml-restriction-dtd, 6120-xml-restriction-pi,
    // 6120-xml-restriction-ref
    // 6120-11.1-03
    refused(b"<!DOCTYPE stream><stream:stream/>", "restricted-xml");
    refused_after_header("<!-- no -->", "restricted-xml");
    refused_after_header("<?target data?>", "restricted-xml");
    refused_after_header("<auth>&unknown;</auth>", "restricted-xml");
}

#[test]
fn undeclared_prefix() {
    // 6120-xml-wellformed-ns
    // 6120-11.3-04, and the example of 4.9.3.13
    refused_after_header("<a:b/>", "not-well-formed");
}

#[test]
fn other_encodings() {
    // 6120-11.6-03, 6120-12-01
    refused(b"<?xml version='1.0' encoding='UTF-16'?>", "unsupported-encoding");
    let utf16: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&[b"\xff\xfe", &*utf16].concat(), "unsupported-encoding");
}

#[test]
fn broken_utf_8() {
    // 4.9.3.22: "by violating the rules of the [UTF-8] encoding"
    for bytes in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82<"] {
        refused(&[HEADER.as_bytes(), b"<a>", bytes].concat(), "unsupported-encoding");
    }
}

#[test]
fn too_much_before_authentication() {
    // 4.9.3.14 and section 13.12: counted while it is read, not after.
    let depth = "<a>".repeat(100_000);
    refused_after_header(&depth, "policy-violation");
    let attributes: String = (0..20_000).map(|i| format!(" a{i}=''")).collect();
    refused_after_header(&format!("<a{attributes}/>"), "policy-violation");
    refused_after_header(&format!("<a>{}</a>", "x".repeat(10_000_000)), "policy-violation");
}

#[test]
fn too_much_after_authentication() {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let body = "x".repeat(10_000_000);
    let stanza = format!("<message><body>{body}</body></message>");
    let mut server = pair.server;
    let error = server.receive(stanza.as_bytes()).unwrap_err();
    let sent = server.sent();
    assert!(sent.contains("<policy-violation "), "{sent}");
    assert!(matches!(error, Error::Xml(_)));
}

#[test]
fn stanzas_before_their_time() {
    // 6120-4.9.3.12-01
    // 6120-sasl-mtn, 6120-6.3.1-01
    // 6120-4.3.5-03, 4.9.3.12
    refused_after_header("<message to='a@example.com'/>", "not-authorized");
    refused_after_header("<presence/>", "not-authorized");
    refused_after_header("<iq type='get' id='1'/>", "not-authorized");
}

#[test]
fn a_stanza_before_binding() {
    // 6120-bind-mtn
    // 6120-7.1-05, 6120-7.3.1-01
    let mut pair = Pair::new();
    while !pair.server.log.iter().any(|event| event.contains("Authenticated")) {
        let to_server = common::take(&mut pair.client.tx);
        pair.server.receive(&to_server).unwrap();
        let to_client = common::take(&mut pair.server.tx);
        pair.client.receive(&to_client).unwrap();
    }
    let mut server = pair.server;
    server.receive(HEADER.as_bytes()).unwrap();
    let error = server.receive(b"<message to='romeo@example.net'/>").unwrap_err();
    assert_eq!(error, Error::Peer(PeerMisbehaved::NotAuthorized));
    refused_with(&mut server, &error, "not-authorized");
}

#[test]
fn wrong_namespaces() {
    // 6120-xml-namespace-content-client, 6120-xml-namespace-streams-declaration
    // 6120-4.8.1-02, 6120-4.8.2-02, 6120-4.8.3-04
    let header = |content: &str, stream: &str| {
        format!(
            "<stream:stream to='example.com' version='1.0' xmlns='{content}' xmlns:stream='{stream}'>"
        )
    };
    let streams = "http://etherx.jabber.org/streams";
    refused(header("jabber:client", "urn:wrong").as_bytes(), "invalid-namespace");
    refused(header("jabber:server", streams).as_bytes(), "invalid-namespace");
    refused(header("urn:wrong", streams).as_bytes(), "invalid-namespace");
    refused(header(streams, streams).as_bytes(), "invalid-namespace");
    refused(b"<message xmlns='jabber:client'/>", "invalid-namespace");
    refused_after_header("<message xmlns='jabber:server'/>", "invalid-namespace");
    // 6120-4.8.5-04
    refused_after_header("<c:message xmlns:c='jabber:client'/>", "bad-namespace-prefix");
}

#[test]
fn elements_that_mean_nothing() {
    // 6120-4.8.4-03
    refused_after_header("<unknown xmlns='urn:unknown'/>", "unsupported-stanza-type");
}

#[test]
fn unknown_hosts() {
    // 4.9.3.6, 6120-4.9.1.3-01
    refused(HEADER.replace("example.com", "example.org").as_bytes(), "host-unknown");
    refused(HEADER.replace("example.com", "-.-").as_bytes(), "host-unknown");
}

#[test]
fn who_it_says_it_is_hears_of_it() {
    // 6120-4.9.1.3-01, and the example below it.
    let header = HEADER.replace("to=", "from='juliet@example.com' to=");
    for bad in [
        header.replace("'example.com'", "'example.org'"),
        header.replace(" version='1.0' xmlns", " xmlns"),
        header.replace("jabber:client", "jabber:server"),
        header.replace("http://etherx.jabber.org/streams", "urn:other"),
    ] {
        let mut server = ServerEnd::new();
        server.receive(bad.as_bytes()).unwrap_err();
        let sent = server.sent();
        assert!(sent.contains("from=''") && sent.contains("to='juliet@example.com'"), "{sent}");
    }
}

#[test]
fn unsupported_versions() {
    // 6120-4.7.5-08, 4.9.3.25
    refused(HEADER.replace(" version='1.0' xmlns", " xmlns").as_bytes(), "unsupported-version");
    refused(
        HEADER.replace(" version='1.0' xmlns", " version='0.9' xmlns").as_bytes(),
        "unsupported-version",
    );
}

#[test]
fn higher_versions_get_ours() {
    // 6120-4.7.5-05, 6120-4.7.5-02
    for version in ["1.1", "2.0", "01.0", "10.0"] {
        let mut server = ServerEnd::new();
        let header = HEADER.replace(" version='1.0' xmlns", &format!(" version='{version}' xmlns"));
        server.receive(header.as_bytes()).unwrap();
        assert!(server.sent().contains("version='1.0'"));
    }
}

#[test]
fn data_after_starttls() {
    // 6120-5.4.3.1-02: whoever put it there wants it to be taken for protected.
    let starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let mut server = ServerEnd::new();
    let error = server.receive(format!("{HEADER}{starttls}<injected/>").as_bytes()).unwrap_err();
    assert_eq!(error, Error::Peer(PeerMisbehaved::DataAroundStartTls));
    refused_with(&mut server, &error, "policy-violation");
}

#[test]
fn three_failed_logins() {
    // 6120-6.4.5-05
    let mut server = ServerEnd::new();
    server.receive(HEADER.as_bytes()).unwrap();
    server.receive(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").unwrap();
    server.receive(HEADER.as_bytes()).unwrap();
    server.sent();
    // "n,,n=nobody,r=abc", and a proof that proves nothing.
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>\
        biwsbj1ub2JvZHkscj1hYmM=</auth>";
    for attempt in 1..=3 {
        server.receive(auth.as_bytes()).unwrap();
        let challenge = server.sent();
        assert!(
            challenge.starts_with("<challenge "),
            "an unknown user looks like any: {challenge}"
        );
        let response = "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdzLHI9YWJjLHA9QUFBQQ==</response>";
        let result = server.receive(response.as_bytes());
        if attempt < 3 {
            assert!(result.is_ok());
            let sent = server.sent();
            assert!(sent.starts_with("<failure ") && !sent.contains("stream:error"), "{sent}");
        } else {
            assert_eq!(result, Err(Error::TooManyFailedLogins));
            let sent = server.sent();
            assert!(sent.starts_with("<failure "), "{sent}");
            assert!(sent.contains("<policy-violation "), "{sent}");
            assert!(sent.ends_with("</stream:stream>"), "{sent}");
        }
    }
}

#[test]
fn silence() {
    // 4.9.3.4
    let mut server = ServerEnd::new();
    let deadline = server.connection.poll_timeout().unwrap();
    assert_eq!(server.wait_until(T0), Ok(()));
    server.now = deadline.at;
    let error = server.wait_until(server.now).unwrap_err();
    refused_with(&mut server, &error, "connection-timeout");
}

#[test]
fn a_stanza_with_a_bad_address_does_not_end_the_stream() {
    // 6120-8.1.1.1: the stanza's fault and nobody else's.
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let mut server = pair.server;
    server.receive(b"<message to='@@@'><body>1</body></message>").unwrap();
    server.receive(b"<message to='a@example.com'><body>2</body></message>").unwrap();
    let stanzas = server.log.iter().filter(|event| event.starts_with("stanza")).count();
    assert_eq!(stanzas, 2);
}

#[test]
fn what_was_accepted_before_the_error_is_not_lost() {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let mut server = pair.server;
    let error = server.receive(b"<message><body>1</body></message><bad").err();
    assert_eq!(error, None);
    assert!(server.receive(b" <").is_err());
    assert!(server.log.iter().any(|event| event.contains("<body>1</body>")));
}

#[test]
fn nonzas_that_the_configuration_names_are_given_out() {
    let mut config = ServerConfig::default();
    config.nonzas.push(xmpp_core::xml::Ns::new("urn:example:nonza"));
    let mut pair = Pair::with(common::client_config(), config);
    pair.drive().unwrap();
    let mut server = pair.server;
    server.rx.push(b"<n xmlns='urn:example:nonza'/>");
    let event = server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap();
    assert!(matches!(event, Some(Event::Nonza(nonza)) if nonza.element().name() == "n"));
}

#[test]
fn white_space_behind_starttls_is_dropped_where_that_is_wanted() {
    // 6120-5.3.3-01 forbids it; go-xmpp sends it.
    let header = "<stream:stream xmlns='jabber:client' to='example.com' version='1.0' \
                  xmlns:stream='http://etherx.jabber.org/streams'>";
    let behind = |what: &str, dropped: bool| {
        let mut config = ServerConfig::default();
        config.space_behind_starttls = dropped;
        let mut server = ServerEnd::with(config);
        server.receive(header.as_bytes()).unwrap();
        let request = format!("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>{what}");
        let told = server.receive(request.as_bytes());
        let sent = server.sent();
        // Nothing is left of it: a declaration stands at the beginning of the next stream.
        let next = format!("<?xml version='1.0'?>{header}");
        (told.and_then(|()| server.receive(next.as_bytes())), sent)
    };
    let refused = Err(Error::Peer(PeerMisbehaved::DataAroundStartTls));
    let (told, sent) = behind("\n", true);
    assert_eq!(told, Ok(()));
    assert!(sent.ends_with("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), "{sent}");
    assert_eq!(behind("\n", false).0, refused);
    for what in ["<", " <auth/>", "\u{A0}", " x"] {
        assert_eq!(behind(what, true).0, refused, "{what:?}");
    }
}
