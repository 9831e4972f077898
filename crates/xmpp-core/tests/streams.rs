//! RFC 6120 section 4: headers and their attributes over restarts, features, stream
//! errors. `negotiation.rs`, `gate.rs` and `bad_input.rs` have what goes wrong.

mod common;

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

use common::{ClientEnd, Cut, Pair, ServerEnd, T0, client_config, take};
use xmpp_core::jid::Host;
use xmpp_core::stanza::{
    LangText, Message, MessageType, StreamCondition, StreamError, StreamHeader, Version,
};
use xmpp_core::time::{Instant, TimerReason};
use xmpp_core::xml::{Element, Framing, Item, Limits, RecvBuffer, StreamReader, ns};
use xmpp_core::{
    Connection, Error, Event, PeerIncompatible, PeerMisbehaved, Phase, SendError, ServerConfig,
    ServerEvent,
};

const RESPONSE: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' version='1.0' \
    xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
const MECHANISMS: &str = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
    <mechanism>SCRAM-SHA-256</mechanism></mechanisms>";
const BIND: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// What both sides say until stanzas flow: the client's bytes, and the server's.
fn conversation(mut pair: Pair) -> [String; 2] {
    let mut said = [String::new(), String::new()];
    loop {
        let to_server = take(&mut pair.client.tx);
        let to_client = take(&mut pair.server.tx);
        if to_server.is_empty() && to_client.is_empty() {
            assert_eq!(pair.client.connection.phase(), Phase::Established);
            return said;
        }
        for (said, bytes) in said.iter_mut().zip([&to_server, &to_client]) {
            said.push_str(core::str::from_utf8(bytes).unwrap());
        }
        pair.server.receive(&to_server).unwrap();
        pair.client.receive(&to_client).unwrap();
    }
}

/// The stream headers in what one side says, read.
fn headers(said: &str) -> Vec<StreamHeader> {
    let begins: Vec<_> = said.match_indices("<?xml").map(|(at, _)| at).collect();
    let read = |at: &usize| {
        let mut rx = RecvBuffer::new(1 << 16);
        rx.push(&said.as_bytes()[*at..]);
        match StreamReader::new(Limits::default()).poll(&mut rx) {
            Ok(Some(Item::Header(header))) => StreamHeader::parse(header).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    begins.iter().map(read).collect()
}

#[test]
fn an_address_that_is_no_domain_is_no_host() {
    // RFC 6120 section 4.9.3.6
    for to in ["juliet@example.com", "example.com/balcony", "@"] {
        let mut pair = Pair::new();
        let told = pair.server.receive(
            format!(
                "<stream:stream to='{to}' version='1.0' xmlns='jabber:client' \
                 xmlns:stream='http://etherx.jabber.org/streams'>"
            )
            .as_bytes(),
        );
        assert_eq!(told, Err(Error::Peer(PeerMisbehaved::UnknownHost)), "{to}");
        let sent = String::from_utf8(take(&mut pair.server.tx)).unwrap();
        assert!(sent.contains("<host-unknown "), "{sent}");
    }
}

#[test]
fn the_initial_header_over_restarts() {
    // 6120-5.3.2-01, 6120-5.4.3.3-04, 6120-6.3.2-01, 6120-7.3.2-01
    // 6120-stream-attribute-initial-to, 6120-stream-attribute-initial-from,
    // 6120-stream-attribute-initial-lang, 6120-stream-negotiation-restart, 6120-bind-restart,
    // 6120-xml-namespace-streams-declaration, 6120-xml-namespace-content-client:
    // 6120-4.3.3-02, 6120-4.7.1-01, 6120-4.7.2-01, 6120-4.7.3-03, 6120-4.7.4-02, 6120-4.7.5-04,
    // 6120-4.8.1-01, 6120-4.8.3-05, 6120-6.4.6-04, 6120-11.5-01, 6120-12-02
    let mut config = client_config();
    config.lang = Some("de-CH".into());
    let [client, _] = conversation(Pair::with(config, ServerConfig::default()));
    let headers = headers(&client);
    assert_eq!(headers.len(), 3, "{client}");
    assert_eq!(client.matches("<stream:stream ").count(), 3, "each behind a declaration");
    for (at, header) in headers.iter().enumerate() {
        assert_eq!(header.to.as_str(), Some("example.com"));
        // Only where nobody else can read it.
        assert_eq!(header.from.as_str(), (at > 0).then_some("juliet@example.com"));
        assert_eq!(header.id, None);
        assert_eq!(header.lang.as_deref(), Some("de-CH"));
        assert_eq!(header.version, Some(Version::V1_0));
        assert!(header.has_content(ns::CLIENT) && !header.dialback);
    }
    // 6120-4.3.3-01: no closing tag in between. 6120-11.6-04: no byte order mark.
    assert!(!client.contains("</stream"));
    assert!(client.starts_with("<?xml"), "{client}");
    // 6120-4.8.5-06: no namespaces but that of streams and the default one.
    for header in client.split("<stream:stream ").skip(1) {
        let (header, _) = header.split_once('>').unwrap();
        assert_eq!(header.matches("xmlns").count(), 2, "{header}");
        assert!(header.contains("xmlns=") && header.contains("xmlns:stream="), "{header}");
    }
}

#[test]
fn the_response_header_over_restarts() {
    // 6120-5.4.1-01, 6120-5.4.1-02, 6120-5.4.3.3-05, 6120-6.4.1-01, 6120-6.4.1-02,
    // 6120-6.4.1-03, 6120-6.4.6-05
    // 6120-stream-attribute-response-from, 6120-stream-attribute-response-id,
    // 6120-stream-attribute-response-to, 6120-stream-negotiation-features, 6120-tls-restart,
    // 6120-sasl-restart: 6120-4.1-01, 6120-4.3.2-01, 6120-4.3.3-03, 6120-4.3.4-01,
    // 6120-4.5-01, 6120-4.7.1-03, 6120-4.7.2-02, 6120-4.7.3-01, 6120-4.7.3-04, 6120-4.7.4-03,
    // 6120-4.7.5-05, 6120-5.4.3.3-01, 6120-11.6-04, 6120-12-02
    let [_, server] = conversation(Pair::new());
    assert!(server.starts_with("<?xml"), "{server}");
    let headers = headers(&server);
    assert_eq!(headers.len(), 3, "{server}");
    for (at, header) in headers.iter().enumerate() {
        assert_eq!(header.from.as_str(), Some("example.com"));
        assert_eq!(header.to.as_str(), (at > 0).then_some("juliet@example.com"));
        assert_eq!(header.lang.as_deref(), Some("en"));
        assert_eq!(header.version, Some(Version::V1_0));
        assert!(header.has_content(ns::CLIENT));
    }
    let ids: BTreeSet<_> = headers.iter().map(|header| header.id.clone()).collect();
    assert_eq!(ids.len(), 3, "a fresh one each");
    // Features follow each, before anything else.
    for after in server.split("<?xml").skip(1) {
        let header = after.split_once("<stream:stream ").unwrap().1;
        let behind = header.split_once('>').unwrap().1;
        assert!(behind.starts_with("<stream:features>"), "{behind}");
    }
    assert!(!server.contains("</stream:stream>"));
}

#[test]
fn no_white_space_goes_out_while_a_client_authenticates() {
    // 6120-6.3.5-01: from <auth/> to <success/>.
    let [client, server] = conversation(Pair::new());
    for (said, first) in [(client, "<auth "), (server, "<challenge ")] {
        let begin = said.find(first).unwrap();
        let end = begin + said[begin..].find("<?xml").unwrap();
        let exchange = &said[begin..end];
        assert!(exchange.matches("</").count() >= 2, "{exchange}");
        for behind in exchange.split('>').skip(1) {
            let text = behind.split('<').next().unwrap();
            assert!(!text.contains([' ', '\t', '\r', '\n']), "{exchange}");
        }
    }
    // Nor do keepalives, however long it takes.
    let mut waiting = before_features(1);
    waiting.receive(format!("<stream:features>{MECHANISMS}</stream:features>").as_bytes()).unwrap();
    assert!(waiting.sent().starts_with("<auth "));
    let due = waiting.connection.poll_timeout().unwrap();
    assert_ne!(due.reason, TimerReason::Keepalive);
    waiting.wait_until(due.at).unwrap_err();
    assert!(!waiting.sent().starts_with(' '));
}

#[test]
fn stream_ids_cannot_be_foretold() {
    // 6120-stream-attribute-response-id-unique: 6120-4.7.3-01, 6120-4.7.3-02
    let mut ids = BTreeSet::new();
    for seed in 0..200_u8 {
        let mut server = ServerEnd::new();
        let config = Arc::new(ServerConfig::default());
        server.connection = Connection::accept(config, Framing::Stream, T0, [seed; 32]);
        server.receive(RESPONSE.replace("from=", "to=").as_bytes()).unwrap();
        let id = headers(&server.sent())[0].id.clone().unwrap();
        // 26 characters of 32 are 130 bits.
        assert!(id.len() >= 26, "{id}");
        assert!(ids.insert(id), "from the seed, and from nothing else");
    }
}

#[test]
fn a_client_is_liberal_in_the_header_it_accepts() {
    // 6120-4.7.1-05, 6120-4.7.2-06, 6120-4.8.5-01, 6120-11.4-02
    // 6120-4.7.5-03: a minor version is ignored.
    for header in [
        RESPONSE.replace("from='example.com' ", ""),
        RESPONSE.replace("id='x' ", ""),
        RESPONSE.replace("xml:lang='en' ", ""),
        RESPONSE.replace("from=", "to='juliet@example.com' from="),
        RESPONSE.replace("version='1.0' ", "version='1.1' "),
        RESPONSE.replace("version='1.0' ", "version='2.0' future='yes' "),
        RESPONSE.replace("<?xml version='1.0'?>", ""),
        RESPONSE.replace("stream:stream", "s:stream").replace("xmlns:stream", "xmlns:s"),
    ] {
        let mut client = ClientEnd::new();
        client.sent();
        let prefix =
            if header.contains("s:stream ") && header.contains("<s:") { "s" } else { "stream" };
        let features = format!("<{prefix}:features>{STARTTLS}</{prefix}:features>");
        client.receive(format!("{header}{features}").as_bytes()).unwrap();
        assert_eq!(
            client.sent(),
            "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            "{header}"
        );
    }
}

#[test]
fn a_server_ignores_a_higher_minor_version() {
    // 6120-4.7.5-03
    for version in ["1.1", "1.9", "1.10"] {
        let mut server = ServerEnd::new();
        let header = RESPONSE
            .replace("from=", "to=")
            .replace("version='1.0' x", &format!("version='{version}' x"));
        server.receive(header.as_bytes()).unwrap();
        let sent = server.sent();
        assert_eq!(headers(&sent)[0].version, Some(Version::V1_0), "{sent}");
        assert!(sent.ends_with("</stream:features>"), "{sent}");
    }
}

#[test]
fn what_has_no_version_gets_none() {
    // 6120-4.7.5-08
    let mut server = ServerEnd::new();
    let header = RESPONSE.replace("from=", "to=").replace("id='x' version='1.0' ", "");
    server.receive(header.as_bytes()).unwrap_err();
    let sent = server.sent();
    assert_eq!(headers(&sent)[0].version, None, "{sent}");
    assert!(sent.contains("<unsupported-version "), "{sent}");
    // A lower one is told ours (6120-4.7.5-06: 0.10 is lower than 1.0).
    for version in ["0.9", "0.10", "0.99"] {
        let mut server = ServerEnd::new();
        let header = RESPONSE
            .replace("from=", "to=")
            .replace("version='1.0' x", &format!("version='{version}' x"));
        server.receive(header.as_bytes()).unwrap_err();
        let sent = server.sent();
        assert_eq!(headers(&sent)[0].version, Some(Version::V1_0), "{sent}");
        assert!(sent.contains("<unsupported-version "), "{sent}");
        // 6120-4.7.5-07, the other way round.
        let mut client = ClientEnd::new();
        client.sent();
        let header = RESPONSE.replace("version='1.0' x", &format!("version='{version}' x"));
        client.receive(format!("{header}<stream:features/>").as_bytes()).unwrap_err();
        assert!(client.sent().contains("<unsupported-version "));
    }
}

#[test]
fn the_language_of_the_response_is_one_that_the_server_speaks() {
    // 6120-4.7.4-03 to 6120-4.7.4-06: what is asked for if it is that, or begins with it,
    // and the server's own otherwise.
    for (asked, spoken) in [("en", "en"), ("en-GB", "en"), ("de-CH", "en"), ("", "en")] {
        let mut server = ServerEnd::new();
        let lang = format!("xml:lang='{asked}'");
        let header = RESPONSE.replace("from=", "to=").replace("xml:lang='en'", &lang);
        server.receive(header.as_bytes()).unwrap();
        assert_eq!(headers(&server.sent())[0].lang.as_deref(), Some(spoken), "{asked}");
    }
}

#[test]
fn the_language_of_a_stream_is_that_of_its_stanzas() {
    // 6120-stanza-attribute-xmllang: 6120-4.7.4-07, 6120-8.1.5-04
    let mut config = client_config();
    config.lang = Some("de-CH".into());
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    for (stanza, lang) in [
        ("<message><body>1</body></message>", "de-CH"),
        ("<message xml:lang='cs'><body>1</body></message>", "cs"),
        ("<presence><status xml:lang='cs'>1</status></presence>", "de-CH"),
        ("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "de-CH"),
    ] {
        let server = &mut pair.server;
        server.rx.push(stanza.as_bytes());
        let event = server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap();
        let Some(Event::Stanza(received)) = event else { panic!("{event:?}") };
        assert_eq!(received.stanza().unwrap().lang().as_deref(), Some(lang), "{stanza}");
        // 6120-8.1.5-03, 6120-8.1.5-06, 6120-4.7.4-09, 6120-4.7.4-10: said where it would be
        // lost, once, and left as it is otherwise.
        let other = &mut Pair::new();
        other.drive().unwrap();
        let (connection, tx) = (&mut other.server.connection, &mut other.server.tx);
        connection.forward(received.element(), &[], tx).unwrap();
        let sent = other.server.sent();
        assert!(sent.contains(&format!("xml:lang='{lang}'")), "{sent}");
        assert!(sent.matches("xml:lang").count() <= 2);
    }
}

#[test]
fn who_speaks_first_says_the_language_or_not() {
    let [client, _] = conversation(Pair::new());
    assert!(!client.contains("xml:lang"), "which one people write in is theirs to say");
}

/// A client before the features of its stream: in the clear, behind TLS, or behind SASL.
fn before_features(stage: usize) -> ClientEnd {
    let mut client = match stage {
        0 | 1 => ClientEnd::new(),
        _ => Pair::authenticated().client,
    };
    if stage == 1 {
        let features = format!("<stream:features>{STARTTLS}</stream:features>");
        client.receive(format!("{RESPONSE}{features}{PROCEED}").as_bytes()).unwrap();
    }
    client.sent();
    client.receive(RESPONSE.as_bytes()).unwrap();
    client
}

const EXAMPLE: &str = "<example xmlns='urn:xmpp:example'><required/></example>";
const VOLUNTARY: &str = "<other xmlns='urn:xmpp:other'><optional/></other>";

#[test]
fn a_mandatory_feature_that_nobody_knows_ends_the_stream_if_it_stands_alone() {
    // 6120-stream-negotiation-complete, 6120-stream-error-generate: 6120-4.3.2-03,
    // 6120-4.3.2-04, 6120-6.3.1-01, 6120-7.3.1-01, section 4.9.3.23
    for (stage, due) in [STARTTLS, MECHANISMS, BIND].into_iter().enumerate() {
        // Beside the one that is due, that one is due.
        let mut client = before_features(stage);
        let features = format!("<stream:features>{EXAMPLE}{due}{VOLUNTARY}</stream:features>");
        client.receive(features.as_bytes()).unwrap();
        let next = ["<starttls ", "<auth ", "<iq "][stage];
        assert!(client.sent().starts_with(next), "{stage}");
        // Alone, it is told that we do not know it.
        let mut client = before_features(stage);
        let features = format!("<stream:features>{VOLUNTARY}{EXAMPLE}</stream:features>");
        let error = client.receive(features.as_bytes()).unwrap_err();
        let unsupported = PeerIncompatible::UnsupportedFeature {
            name: "example".into(),
            ns: "urn:xmpp:example".into(),
        };
        assert_eq!(error, Error::Incompatible(unsupported), "{stage}");
        let sent = client.sent();
        assert!(sent.contains("<unsupported-feature "), "{sent}");
        assert!(sent.ends_with("</stream:stream>"), "{sent}");
        // And without any, the stream cannot become what we need; that is no error of it. TLS
        // is asked for before that is believed.
        for features in
            [format!("<stream:features>{VOLUNTARY}</stream:features>"), "<stream:features/>".into()]
        {
            let mut client = before_features(stage);
            if stage == 0 {
                client.receive(features.as_bytes()).unwrap();
                assert!(client.sent().starts_with("<starttls "));
                continue;
            }
            let error = client.receive(features.as_bytes()).unwrap_err();
            let expected = [
                PeerIncompatible::NoStartTls,
                PeerIncompatible::NoAuthentication,
                PeerIncompatible::NoBind,
            ];
            assert_eq!(error, Error::Incompatible(expected[stage].clone()));
            assert_eq!(client.sent(), "</stream:stream>");
        }
    }
}

#[test]
fn a_feature_that_says_nothing_can_be_large() {
    // What is told of it is cut.
    let mut client = before_features(0);
    let name = "n".repeat(200);
    let features = format!(
        "<stream:features><{name} xmlns='urn:{}'><required/></{name}></stream:features>",
        "x".repeat(500)
    );
    let error = client.receive(features.as_bytes()).unwrap_err();
    let Error::Incompatible(PeerIncompatible::UnsupportedFeature { name, ns }) = error else {
        panic!("{error:?}")
    };
    assert_eq!((name.len(), ns.len()), (64, 64));
}

/// An error with all that it can have.
fn full(condition: StreamCondition) -> StreamError {
    let error = match condition {
        StreamCondition::SeeOtherHost => StreamError::see_other_host("[2001:db8::9]:5222"),
        condition => StreamError::new(condition),
    };
    let escape = Element::parse(
        "<escape-your-data xmlns='http://example.org/ns'>a&amp;b</escape-your-data>",
    );
    error
        .with_text(LangText::in_lang("en", "not <that>"))
        .with_text(LangText::in_lang("de", "nicht das"))
        .with_extension(escape.unwrap())
}

#[test]
fn each_stream_error_crosses_whole() {
    // 6120-stream-error-generate: 6120-4.9.1.1-01, 6120-4.9.1.1-02, 6120-4.9.2-02,
    // 6120-4.9.2-04, 6120-4.9.2-05, 6120-4.9.2-06, 6120-4.9.4-01, and 4.9.3.1 to 4.9.3.25
    assert_eq!(StreamCondition::ALL.len(), 25);
    for (cut, &condition) in StreamCondition::ALL.iter().enumerate() {
        let error = full(condition);
        for from_server in [true, false] {
            let mut pair = Pair::new();
            pair.drive().unwrap();
            if cut % 2 == 0 {
                pair.cut = [Cut::EachByte; 2];
            }
            if from_server {
                pair.server.close(Some(error.clone()));
            } else {
                pair.client.close(Some(error.clone()));
            }
            let told = pair.drive().unwrap_err();
            assert_eq!(told, Error::StreamError(error.clone()), "{condition}");
            // The other side closes as well, without an error of its own.
            let answer = if from_server { pair.client.sent() } else { pair.server.sent() };
            assert_eq!(answer, "</stream:stream>");
            // Who detected it ends with it.
            let end = if from_server { pair.server.poll() } else { pair.client.poll() };
            assert_eq!(end, Err(Error::Closed(error.clone())));
        }
    }
}

#[test]
fn a_stream_error_counts_in_each_phase() {
    // 6120-4.9-01
    let conflict =
        "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    let expected = Error::StreamError(StreamError::new(StreamCondition::Conflict));
    for stage in 0..3 {
        let mut client = before_features(stage);
        assert_eq!(client.receive(conflict.as_bytes()), Err(expected.clone()));
    }
    let mut pair = Pair::new();
    pair.drive().unwrap();
    assert_eq!(pair.client.receive(conflict.as_bytes()), Err(expected.clone()));
    assert_eq!(pair.server.receive(conflict.as_bytes()), Err(expected.clone()));
    let mut server = ServerEnd::new();
    server.receive(RESPONSE.replace("from=", "to=").as_bytes()).unwrap();
    assert_eq!(server.receive(conflict.as_bytes()), Err(expected));
}

#[test]
fn conditions_of_the_future_are_undefined_ones() {
    // 6120-4.9.2-03
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let future =
        "<stream:error><too-boring xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    let Err(Error::StreamError(error)) = pair.client.receive(future.as_bytes()) else { panic!() };
    assert_eq!(error.condition, StreamCondition::UndefinedCondition);
    assert_eq!(error.extensions.len(), 1, "and what it is, is kept");
}

#[test]
fn a_redirect_comes_through_as_a_value() {
    // 6120-4.9.3.19-01, 6120-4.9.3.19-03
    let mut pair = Pair::new();
    let mut tls = false;
    let error = loop {
        let to_server = take(&mut pair.client.tx);
        let server = &mut pair.server;
        server.rx.push(&to_server);
        while let Ok(Some(event)) = server.connection.poll_event(T0, &mut server.rx, &mut server.tx)
        {
            match event {
                Event::Role(ServerEvent::HostWanted(query)) if tls => {
                    let other = StreamError::see_other_host("[2001:db8::9]:9222");
                    server.connection.refuse_host(query, other, &mut server.tx).unwrap();
                }
                Event::Role(ServerEvent::HostWanted(query)) => {
                    let host = server.host.clone();
                    server.connection.choose_host(query, host, &mut server.tx).unwrap();
                }
                Event::StartTls => {
                    tls = true;
                    let (rx, tx) = (&mut server.rx, &mut server.tx);
                    server.connection.tls_established(T0, common::facts(), rx, tx).unwrap();
                }
                _ => {}
            }
        }
        if let Err(error) = pair.client.receive(&take(&mut pair.server.tx)) {
            break error;
        }
    };
    let Error::StreamError(error) = error else { panic!("{error:?}") };
    let other = error.other_host().unwrap().unwrap();
    assert_eq!(other.host.host(), Host::Ipv6("2001:db8::9".parse().unwrap(), None));
    assert_eq!(other.port, Some(9222));
}

#[test]
fn a_root_that_is_no_stream() {
    // Section 4.9.3.1
    let mut server = ServerEnd::new();
    let header = RESPONSE.replace("from=", "to=").replace("<stream:stream", "<stream:torrent");
    server.receive(header.as_bytes()).unwrap_err();
    assert!(server.sent().contains("<bad-format "));
}

#[test]
fn a_client_refuses_what_a_server_may_not_send() {
    // 6120-xml-restriction-comment, 6120-xml-restriction-pi, 6120-xml-restriction-dtd,
    // 6120-xml-restriction-ref, 6120-xml-wellformed-xml, 6120-xml-wellformed-ns: 6120-11.1-01,
    // 6120-11.1-03, 6120-11.3-02, 6120-11.3-04, 6120-11.6-03, 6120-11.6-05, 6120-4.8.4-03
    let mut pair = Pair::new();
    pair.drive().unwrap();
    for (sent, condition) in [
        (&b"<!-- no -->"[..], "restricted-xml"),
        (b"<?target data?>", "restricted-xml"),
        (b"<!DOCTYPE x>", "restricted-xml"),
        (b"<message><body>&unknown;</body></message>", "restricted-xml"),
        (b"<message><body></message></body>", "not-well-formed"),
        (b"<message to='a' to='b'/>", "not-well-formed"),
        (b"<a:b/>", "not-well-formed"),
        (b"<message><body>\xff</body></message>", "unsupported-encoding"),
        ("\u{feff}".as_bytes(), "not-well-formed"),
        (b"<whatever xmlns='urn:x'/>", "unsupported-stanza-type"),
        (b"<message xmlns='jabber:server'/>", "invalid-namespace"),
    ] {
        let mut pair = Pair::new();
        pair.drive().unwrap();
        pair.client.receive(sent).unwrap_err();
        let told = pair.client.sent();
        assert!(told.contains(&format!("<{condition} ")), "{}: {told}", sent.escape_ascii());
        assert!(told.ends_with("</stream:stream>"));
    }
}

#[test]
fn what_goes_out_is_one_well_formed_element_or_nothing() {
    // 6120-xml-wellformed-xml, 6120-xml-wellformed-ns: 6120-11.1-02, 6120-11.3-01,
    // 6120-4.8.3-06, 6120-4.8.3-08, 6120-4.8.5-03
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let client = &mut pair.client;
    let markup = Message::builder(MessageType::Chat).with_body("<!-- & --> <?x?> ]]> \u{feff}");
    client.connection.send(&markup, &mut client.tx).unwrap();
    let sent = client.sent();
    assert!(
        !sent.contains("<!--") && !sent.contains("<?") && sent.starts_with("<message "),
        "{sent}"
    );
    for bad in ["\u{0}", "\u{8}", "\u{fffe}", "\u{ffff}"] {
        let message = Message::builder(MessageType::Chat).with_body(bad);
        let refused = client.connection.send(&message, &mut client.tx);
        assert!(matches!(refused, Err(SendError::Xml(_))), "{bad:?}");
    }
    // A stanza that was of a stream between servers is of this one.
    let other = Element::parse("<message xmlns='jabber:server'><body>1</body></message>").unwrap();
    client.connection.forward(other.as_ref(), &[], &mut client.tx).unwrap();
    assert_eq!(client.sent(), "<message><body>1</body></message>");
    let server = &mut pair.server;
    server.connection.forward(other.as_ref(), &[], &mut server.tx).unwrap();
    assert_eq!(server.sent(), "<message><body>1</body></message>");
    let client = &mut pair.client;
    // A prefix that it had somewhere else does not get into the stream.
    let prefixed =
        Element::parse("<c:message xmlns:c='jabber:client'><c:body>1</c:body></c:message>");
    client.connection.forward(prefixed.unwrap().as_ref(), &[], &mut client.tx).unwrap_err();
    assert_eq!(client.sent(), "");
}

fn idle(server: u64, keepalive: Option<u64>) -> ClientEnd {
    let mut config = client_config();
    config.timeouts.keepalive = keepalive.map(Duration::from_secs);
    config.timeouts.ping = None;
    let mut limits = ServerConfig::default();
    limits.timeouts.idle = Some(Duration::from_secs(server));
    let mut pair = Pair::with(config, limits);
    pair.drive().unwrap();
    pair.client
}

#[test]
fn a_client_keeps_its_stream_from_being_idle() {
    // XEP-0478 section 3: half of what the server allows, or sooner by the configuration.
    for (allowed, configured, due) in [
        (100, Some(300), Some(50)),
        (1800, Some(300), Some(300)),
        (1, Some(300), Some(0)),
        (100, None, None),
    ] {
        let client = idle(allowed, configured);
        let next = client.connection.poll_timeout();
        assert_eq!(next.map(|next| next.at.since_origin().as_secs()), due, "{allowed}");
        assert!(next.is_none_or(|next| next.reason == TimerReason::Keepalive));
    }
    let mut client = idle(1, Some(300));
    client.wait_until(Instant::from_origin(Duration::from_millis(500))).unwrap();
    assert_eq!(client.sent(), " ");
}

#[test]
fn limits_hold_until_others_are_announced() {
    // XEP-0478 section 3: "to change whenever new stream features are announced".
    let limits = |bytes: &str| {
        format!("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>{bytes}</max-bytes></limits>")
    };
    let send = |client: &mut ClientEnd, bytes: usize| {
        let message = Message::builder(MessageType::Chat).with_body("x".repeat(bytes));
        client.connection.send(&message, &mut client.tx)
    };
    // What held before SASL does not after it; what cannot be read does not count.
    for (announced, fits) in
        [(limits("60000"), 50_000), (String::new(), 200_000), (limits("many"), 200_000)]
    {
        let mut client = Pair::authenticated().client;
        client.sent();
        let features = format!("<stream:features>{BIND}{announced}</stream:features>");
        client.receive(format!("{RESPONSE}{features}").as_bytes()).unwrap();
        let bind = client.sent();
        let id = bind.split_once(" id='").unwrap().1.split('\'').next().unwrap();
        let result = format!(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <jid>juliet@example.com/x</jid></bind></iq>"
        );
        client.receive(result.as_bytes()).unwrap();
        assert_eq!(send(&mut client, fits), Ok(()), "{announced}");
        let refused = send(&mut client, fits + 90_000);
        assert!(matches!(refused, Err(SendError::TooLarge { .. })), "{announced}");
    }
}
