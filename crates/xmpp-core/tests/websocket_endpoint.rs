//! The packaged tier over a transport that has messages (RFC 7395), without a codec:
//! what one end says to transmit, the other takes as a message.

mod common;

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use common::{T0, client_config, describe, facts, host_config};
use proptest::prelude::*;
use xmpp_core::jid::FullJid;
use xmpp_core::role::{ClientToServer, Role, ServerFromClient};
use xmpp_core::stanza::{Message, MessageType, StreamCondition};
use xmpp_core::time::Instant;
use xmpp_core::tls::{TlsFacts, TlsVersion};
use xmpp_core::{
    Client, Endpoint, Error, Event, MessageFault, Output, PeerMisbehaved, Server, ServerConfig,
    ServerEvent,
};

/// How an end's loop has ended, or that it has not.
#[derive(Debug, PartialEq)]
enum State {
    Waits,
    Closed,
    Failed(Error),
}

/// Does what an end says until it waits or is over; gives the messages it sends.
fn turn<R: Role>(
    end: &mut Endpoint<R>,
    log: &mut Vec<String>,
    mut look: impl FnMut(&mut Endpoint<R>, Event<'static, R>),
) -> (Vec<String>, State) {
    let mut sent = Vec::new();
    loop {
        match end.poll(T0) {
            Ok(Output::Event(event)) => {
                log.push(describe(&event));
                look(end, event);
            }
            Ok(Output::Transmit(message)) => {
                sent.push(String::from_utf8(message.to_vec()).unwrap());
                let len = message.len();
                // Less than a message is nothing.
                end.transmitted(len - 1);
                assert_eq!(end.transmit().len(), len);
                end.transmitted(len);
            }
            Ok(Output::Shutdown) => {}
            Ok(Output::Wait(_)) => return (sent, State::Waits),
            Ok(Output::Closed) => return (sent, State::Closed),
            Err(error) => return (sent, State::Failed(error)),
        }
    }
}

fn answer(server: &mut Server, event: Event<'static, ServerFromClient>) {
    match event {
        Event::Role(ServerEvent::HostWanted(query)) => {
            server.choose_host(query, Arc::new(host_config())).unwrap();
        }
        Event::Role(ServerEvent::CredentialsWanted(query)) => {
            let answer = common::answer(query.query());
            server.provide_credentials(query, answer).unwrap();
        }
        Event::Role(ServerEvent::BindWanted(query)) => {
            let jid = FullJid::new(&format!("{}/x", query.account())).unwrap();
            server.bind(query, jid).unwrap();
        }
        // Refused only if the stream has been closed meanwhile.
        Event::Stanza(stanza) => _ = server.forward(stanza.element(), &[("from", None)]),
        _ => {}
    }
}

struct Ends {
    client: Client,
    server: Server,
    logs: [Vec<String>; 2],
    wire: Vec<String>,
    /// How many bytes of a message come at once.
    parts: Option<usize>,
}

impl Ends {
    fn of(client: Client, server: Server) -> Self {
        Self { client, server, logs: Default::default(), wire: Vec::new(), parts: None }
    }

    fn new() -> Self {
        let facts = facts().with_alpn(b"http/1.1");
        let config = Arc::new(client_config());
        let client = Client::connect_websocket(config, facts, T0, [1; 32]);
        let server =
            Server::accept_websocket(Arc::new(ServerConfig::default()), facts, T0, [2; 32]);
        Self::of(client, server)
    }

    /// Carries messages back and forth until neither side has anything to say.
    fn drive(&mut self) -> [State; 2] {
        let (mut to_server, mut to_client) = (VecDeque::new(), VecDeque::new());
        let mut ended = [false; 2];
        loop {
            let (sent, client) = turn(&mut self.client, &mut self.logs[0], |_, _| {});
            to_server.extend(sent);
            let (sent, server) = turn(&mut self.server, &mut self.logs[1], answer);
            to_client.extend(sent);
            let over = [client != State::Waits, server != State::Waits];
            if to_server.is_empty() && to_client.is_empty() && over == ended {
                return [client, server];
            }
            if let Some(message) = to_server.pop_front() {
                give(&mut self.server, &message, self.parts);
                self.wire.push(format!("C: {message}"));
            }
            if let Some(message) = to_client.pop_front() {
                give(&mut self.client, &message, self.parts);
                self.wire.push(format!("S: {message}"));
            }
            // RFC 7395 section 3.6: who is through begins the WebSocket's closing handshake.
            if over[0] && to_server.is_empty() {
                self.server.handle_eof();
            }
            if over[1] && to_client.is_empty() {
                self.client.handle_eof();
            }
            ended = over;
        }
    }

    fn established() -> Self {
        let mut ends = Self::new();
        assert_eq!(ends.drive(), [State::Waits, State::Waits]);
        assert!(ends.client.bound().is_some(), "{:#?}", ends.wire);
        ends
    }
}

/// Hands a message over, whole or in parts.
fn give<R: Role>(end: &mut Endpoint<R>, message: &str, parts: Option<usize>) {
    let Some(parts) = parts else {
        // What comes after the end is of no account.
        let _ = end.handle_message(message.as_bytes());
        return;
    };
    for part in message.as_bytes().chunks(parts) {
        let Some(room) = end.recv_buf() else { return };
        room[..part.len()].copy_from_slice(part);
        end.handle_read(part.len());
    }
    end.handle_end_of_message();
}

/// A whole session with an echo, and its end in order.
fn session(parts: Option<usize>) -> ([Vec<String>; 2], Vec<String>) {
    let mut ends = Ends::new();
    ends.parts = parts;
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    let message = Message::builder(MessageType::Chat).with_body("But soft! \u{1F319} <3");
    ends.client.send(&message).unwrap();
    ends.client.send(&message).unwrap();
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    ends.client.close(T0, None);
    assert_eq!(ends.drive(), [State::Closed, State::Closed]);
    (ends.logs, ends.wire)
}

#[test]
fn a_session_has_one_element_a_message() {
    // 7395-3.3.3-01, -03, -04
    let ([client, server], wire) = session(None);
    for message in &wire {
        let xml = &message[3..];
        assert!(xml.starts_with('<') && xml.ends_with('>'), "{message}");
        xmpp_core::xml::Element::parse(xml).expect("a document of its own");
        // 7395-3.9-02
        assert!(!xml.contains("starttls"), "{message}");
    }
    let echoes = client.iter().filter(|event| event.contains("But soft!")).count();
    assert_eq!(echoes, 2, "{client:#?}");
    // The binding is that of the TLS below.
    assert!(client.iter().any(|event| event.contains("SCRAM-SHA-256-PLUS")), "{client:#?}");
    assert_eq!(client.last().unwrap(), "Closed { error: None }");
    assert_eq!(server.last().unwrap(), "Closed { error: None }");
    // 7395-3.7-02: one <close/> each way, at the end, whatever the restarts.
    let closes = wire.iter().filter(|message| message.contains("<close")).count();
    assert_eq!(closes, 2, "{wire:#?}");
    for parts in [1, 7, 100] {
        assert_eq!(session(Some(parts)), ([client.clone(), server.clone()], wire.clone()));
    }
}

#[test]
fn without_channel_binding_data_there_is_no_plus() {
    // A browser knows that there is TLS, and nothing more of it.
    let config = Arc::new(client_config());
    let client = Client::connect_websocket(config, TlsFacts::new(), T0, [1; 32]);
    let server = Server::accept_websocket(Arc::new(ServerConfig::default()), facts(), T0, [2; 32]);
    let mut ends = Ends::of(client, server);
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    assert!(ends.client.bound().is_some(), "{:#?}", ends.wire);
    assert!(ends.wire.iter().any(|m| m.contains("SCRAM-SHA-256'")), "{:#?}", ends.wire);
}

#[test]
fn in_the_clear_by_name_only() {
    let config = Arc::new(client_config());
    let client = Client::connect_websocket_dangerous_plaintext(config, T0, [1; 32]);
    let config = Arc::new(ServerConfig::default());
    let server = Server::accept_websocket_dangerous_plaintext(config, T0, [2; 32]);
    let mut ends = Ends::of(client, server);
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    assert!(ends.client.bound().is_some());
}

#[test]
fn a_message_is_taken_when_those_before_it_have_been_looked_at() {
    let mut ends = Ends::established();
    let message = "<message xmlns='jabber:client' id='1'/>";
    assert!(ends.server.wants_read());
    assert!(ends.server.handle_message(message.as_bytes()));
    assert!(!ends.server.wants_read());
    assert!(!ends.server.handle_message(message.as_bytes()));
    assert!(ends.server.recv_buf().is_none());
    let (sent, _) = turn(&mut ends.server, &mut ends.logs[1], answer);
    assert_eq!(sent.len(), 1);
    assert!(ends.server.handle_message(message.as_bytes()));
}

#[test]
fn what_cannot_be_a_message_ends_the_stream_and_the_peer_is_told() {
    let large = " ".repeat(ServerConfig::default().limits.max_message_bytes());
    let large = format!("<presence xmlns='jabber:client'/>{large}");
    type Act<'a> = &'a dyn Fn(&mut Server);
    let cases: [(Act<'_>, _, _); 2] = [
        // Binary: 7395-3.2-01.
        (
            &|server| server.handle_bad_message(MessageFault::NotText),
            MessageFault::NotText,
            "bad-format",
        ),
        (
            &|server| assert!(server.handle_message(large.as_bytes())),
            MessageFault::TooLarge,
            "policy-violation",
        ),
    ];
    for (act, fault, condition) in cases {
        let mut ends = Ends::established();
        act(&mut ends.server);
        let [client, server] = ends.drive();
        assert_eq!(server, State::Failed(Error::Peer(PeerMisbehaved::Message(fault))));
        let State::Failed(Error::StreamError(told)) = client else { panic!("{client:?}") };
        assert_eq!(told.condition, StreamCondition::from_name(condition).unwrap());
        // 7395-3.5-01, -03: the error is a message, and so is the end.
        let end: Vec<&String> = ends.wire.iter().rev().filter(|m| m.starts_with("S: ")).collect();
        assert!(end[1].starts_with("S: <stream:error ") && end[0].contains("<close"), "{end:#?}");
    }
}

/// What a client under these facts is told of where to go.
fn sent_to(uri: &str, client: fn() -> Client) -> Vec<String> {
    let mut client = client();
    let mut log = Vec::new();
    let (sent, _) = turn(&mut client, &mut log, |_, _| {});
    assert!(sent[0].starts_with("<open "));
    // RFC 7395 section 3.4: in place of <open/>.
    let close =
        format!("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='{uri}'/>");
    assert!(client.handle_message(close.as_bytes()));
    let (sent, state) = turn(&mut client, &mut log, |_, _| {});
    assert_eq!(state, State::Closed);
    assert!(sent.iter().all(|message| message.contains("<close ")), "{sent:?}");
    log
}

/// The limit is of what is looked at; that of an element is below it.
#[test]
fn a_message_of_the_largest_size_is_looked_at_and_one_byte_more_is_not() {
    let limit = ServerConfig::default().limits.max_message_bytes();
    for more in [0, 1] {
        let mut ends = Ends::established();
        let empty = "<presence xmlns='jabber:client'><status></status></presence>";
        let text = "x".repeat(limit + more - empty.len());
        let message = empty.replace("<status>", &format!("<status>{text}"));
        assert!(ends.server.handle_message(message.as_bytes()));
        let [_, server] = ends.drive();
        let State::Failed(error) = server else { panic!("{server:?}") };
        let too_large = Error::Peer(PeerMisbehaved::Message(MessageFault::TooLarge));
        assert_eq!(error == too_large, more == 1, "{error:?}");
        assert!(more == 1 || matches!(error, Error::Xml(_)), "{error:?}");
    }
}

#[test]
fn no_client_goes_where_there_is_less_security() {
    // 7395-3.6.1-01 and -02, 7395-6-02
    let secure = || Client::connect_websocket(Arc::new(client_config()), facts(), T0, [1; 32]);
    let open =
        || Client::connect_websocket_dangerous_plaintext(Arc::new(client_config()), T0, [1; 32]);
    let told = |uri| [format!("SeeOtherUri {{ uri: {uri:?} }}"), "Closed { error: None }".into()];
    for uri in ["wss://other.example/ws", "WSS://other.example/", "https://other.example/bosh"] {
        assert_eq!(sent_to(uri, secure), told(uri));
        assert_eq!(sent_to(uri, open), told(uri));
    }
    for uri in ["ws://other.example/ws", "http://other.example/bosh"] {
        assert_eq!(sent_to(uri, secure), ["Closed { error: None }"], "{uri}");
        assert_eq!(sent_to(uri, open), told(uri));
    }
    for uri in ["", "ftp://other.example/", "wss", "javascript:alert(1)"] {
        assert_eq!(sent_to(uri, open), ["Closed { error: None }"], "{uri}");
    }
}

#[test]
fn a_server_sends_its_client_elsewhere() {
    let mut ends = Ends::established();
    let before = ends.logs[0].len();
    ends.server.close_see_other_uri(T0, "wss://other.example/a&b").unwrap();
    assert_eq!(ends.drive(), [State::Closed, State::Closed]);
    let told = ["SeeOtherUri { uri: \"wss://other.example/a&b\" }", "Closed { error: None }"];
    assert_eq!(ends.logs[0][before..], told);
    assert!(ends.server.close_see_other_uri(T0, "wss://third.example/").is_ok(), "of no account");
}

#[test]
fn a_websocket_that_ends_ends_the_stream() {
    // 7395-3.6-02
    let mut ends = Ends::established();
    ends.server.handle_eof();
    let (_, state) = turn(&mut ends.server, &mut ends.logs[1], answer);
    assert_eq!(state, State::Failed(Error::UncleanEof));
}

#[test]
fn the_types_are_what_they_say() {
    let facts = TlsFacts::new().with_version(TlsVersion::Tls12);
    let client = Client::connect_websocket(Arc::new(client_config()), facts, T0, [1; 32]);
    assert!(client.tls_facts().is_none(), "TLS is the driver's");
    fn is_send<T: Send>(_: &T) {}
    is_send::<Endpoint<ClientToServer>>(&client);
}

/// What a driver and its peer may do, in any order.
#[derive(Clone, Debug)]
enum Step {
    Message(Vec<u8>),
    Part(Vec<u8>),
    End,
    Bad(MessageFault),
    Eof,
    Broken,
    Sent(usize),
    Send,
    Close,
    Elsewhere,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    const MESSAGES: [&str; 10] = [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.com' version='1.0'/>",
        "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://a'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>\
         biwsbj1qdWxpZXQscj1hYmM=</auth>",
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>",
        "<message xmlns='jabber:client'><body>a</body></message>",
        "<message xmlns='jabber:client'>",
        "",
        " ",
        "\u{20AC}<",
    ];
    let text = proptest::sample::select(&MESSAGES[..]).prop_map(|text| text.as_bytes().to_vec());
    let bytes = prop_oneof![4 => text, 1 => proptest::collection::vec(any::<u8>(), 0..50)];
    prop_oneof![
        8 => bytes.clone().prop_map(Step::Message),
        3 => bytes.prop_map(Step::Part),
        2 => Just(Step::End),
        1 => Just(Step::Bad(MessageFault::NotText)),
        1 => Just(Step::Eof),
        1 => Just(Step::Broken),
        6 => (0..2000_usize).prop_map(Step::Sent),
        2 => Just(Step::Send),
        1 => Just(Step::Close),
        1 => Just(Step::Elsewhere),
        2 => (0..100_000_u64).prop_map(Step::Wait),
    ]
}

fn take_steps<R: Role>(
    mut end: Endpoint<R>,
    steps: &[Step],
    mut look: impl FnMut(&mut Endpoint<R>, Event<'static, R>),
    elsewhere: impl Fn(&mut Endpoint<R>, Instant),
) {
    let mut now = T0;
    let mut closed = 0;
    for step in steps {
        match step {
            Step::Message(message) => {
                let wanted = end.wants_read();
                assert_eq!(end.handle_message(message), wanted);
            }
            Step::Part(part) => {
                if let Some(room) = end.recv_buf() {
                    let n = room.len().min(part.len());
                    room[..n].copy_from_slice(&part[..n]);
                    end.handle_read(n);
                }
            }
            Step::End => end.handle_end_of_message(),
            Step::Bad(fault) => end.handle_bad_message(*fault),
            Step::Eof => end.handle_eof(),
            Step::Broken => end.handle_broken_transport(),
            Step::Sent(n) => end.transmitted(*n),
            Step::Send => _ = end.send(&Message::builder(MessageType::Chat).with_body("b")),
            Step::Close => end.close(now, None),
            Step::Elsewhere => elsewhere(&mut end, now),
            Step::Wait(ms) => now = now.saturating_add(Duration::from_millis(*ms)),
        }
        for _ in 0..20 {
            match end.poll(now) {
                Ok(Output::Event(event)) => {
                    closed += u32::from(matches!(event, Event::Closed { .. }));
                    look(&mut end, event);
                }
                Ok(Output::Transmit(message)) => {
                    let text = core::str::from_utf8(message).unwrap();
                    xmpp_core::xml::Element::parse(text).expect("a message is one element");
                    break;
                }
                Ok(Output::Wait(_) | Output::Shutdown | Output::Closed) | Err(_) => break,
            }
        }
        assert!(closed <= 1);
        assert!(end.held_bytes() < 200_000, "{}", end.held_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_that_comes_or_is_called_does_harm(steps in proptest::collection::vec(step(), 0..40)) {
        let client = Client::connect_websocket(Arc::new(client_config()), facts(), T0, [1; 32]);
        take_steps(client, &steps, |_, _| {}, |_, _| {});
        let config = Arc::new(ServerConfig::default());
        let server = Server::accept_websocket(config, facts(), T0, [2; 32]);
        let see_other = |server: &mut Server, now| {
            server.close_see_other_uri(now, "wss://b").unwrap();
        };
        take_steps(server, &steps, answer, see_other);
    }
}
