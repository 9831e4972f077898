//! Components (XEP-0114): both ends against each other, and against liars.

mod common;

use std::sync::Arc;

use common::{T0, describe, take};
use xmpp_core::config::StreamLimits;
use xmpp_core::jid::{Domainpart, Jid};
use xmpp_core::role::{ComponentToServer, ServerFromComponent};
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageBuilder, MessageType, StreamCondition, StreamError};
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{
    ComponentConfig, ComponentServerConfig, ComponentServerEvent, Connection, Error, Event, Misuse,
    PeerMisbehaved, Phase, SendError,
};

const DOMAIN: &str = "plays.shakespeare.lit";
const HEADER: &str = "<stream:stream xmlns='jabber:component:accept' \
    xmlns:stream='http://etherx.jabber.org/streams' to='plays.shakespeare.lit'>";

struct Component {
    connection: Connection<ComponentToServer>,
    rx: RecvBuffer,
    tx: SendBuffer,
    log: Vec<String>,
}

impl Component {
    fn new(secret: &str) -> Self {
        let config = ComponentConfig::new(Domainpart::new(DOMAIN).unwrap(), Secret::from(secret));
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::connect_component(Arc::new(config), T0, [1; 32], &mut tx);
        Self { connection, rx: RecvBuffer::new(1 << 20), tx, log: Vec::new() }
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        assert_eq!(self.rx.push(bytes), bytes.len());
        while let Some(event) = self.connection.poll_event(T0, &mut self.rx, &mut self.tx)? {
            self.log.push(describe(&event));
            if let Event::Closed { error: Some(error) } = event {
                return Err(error);
            }
        }
        Ok(())
    }
}

struct Server {
    connection: Connection<ServerFromComponent>,
    rx: RecvBuffer,
    tx: SendBuffer,
    log: Vec<String>,
}

impl Server {
    fn new() -> Self {
        let config = Arc::new(ComponentServerConfig::default());
        Self {
            connection: Connection::accept_component(config, T0, [2; 32]),
            rx: RecvBuffer::new(1 << 20),
            tx: SendBuffer::new(Framing::Stream),
            log: Vec::new(),
        }
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        assert_eq!(self.rx.push(bytes), bytes.len());
        while let Some(event) = self.connection.poll_event(T0, &mut self.rx, &mut self.tx)? {
            self.log.push(describe(&event));
            match event {
                Event::Role(ComponentServerEvent::ComponentWanted(query)) => {
                    if query.domain().as_str() == DOMAIN {
                        let secret = Secret::from("secret");
                        self.connection.provide_secret(query, secret, &mut self.tx).unwrap();
                    } else {
                        let unknown = StreamError::new(StreamCondition::HostUnknown);
                        self.connection.refuse_component(query, unknown, &mut self.tx).unwrap();
                    }
                }
                Event::Closed { error: Some(error) } => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn sent(&mut self) -> String {
        String::from_utf8(take(&mut self.tx)).unwrap()
    }
}

fn drive(component: &mut Component, server: &mut Server, chunk: usize) -> [Result<(), Error>; 2] {
    let mut results = [Ok(()), Ok(())];
    loop {
        let to_server = take(&mut component.tx);
        let to_component = take(&mut server.tx);
        if to_server.is_empty() && to_component.is_empty() {
            return results;
        }
        for piece in to_server.chunks(chunk) {
            let told = server.receive(piece);
            results[1] = results[1].clone().and(told);
        }
        for piece in to_component.chunks(chunk) {
            let told = component.receive(piece);
            results[0] = results[0].clone().and(told);
        }
    }
}

fn message(from: Option<&str>, to: Option<&str>) -> MessageBuilder {
    let mut message = Message::builder(MessageType::Chat).with_body("Wherefore?");
    if let Some(from) = from {
        message = message.with_from(Jid::new(from).unwrap());
    }
    if let Some(to) = to {
        message = message.with_to(Jid::new(to).unwrap());
    }
    message
}

fn established() -> (Component, Server) {
    let (mut component, mut server) = (Component::new("secret"), Server::new());
    assert_eq!(drive(&mut component, &mut server, 4096), [Ok(()), Ok(())]);
    assert_eq!(component.connection.phase(), Phase::Established);
    assert_eq!(server.connection.phase(), Phase::Established);
    (component, server)
}

#[test]
fn a_session_is_the_same_however_it_is_cut() {
    let session = |chunk| {
        let (mut component, mut server) = (Component::new("secret"), Server::new());
        assert_eq!(drive(&mut component, &mut server, chunk), [Ok(()), Ok(())]);
        let there = message(Some("hamlet@plays.shakespeare.lit"), Some("juliet@example.com"));
        let back = message(Some("juliet@example.com/b"), Some("hamlet@plays.shakespeare.lit"));
        component.connection.send(&there, &mut component.tx).unwrap();
        server.connection.send(&back, &mut server.tx).unwrap();
        assert_eq!(drive(&mut component, &mut server, chunk), [Ok(()), Ok(())]);
        component.connection.close(T0, None, &mut component.tx);
        assert_eq!(drive(&mut component, &mut server, chunk), [Ok(()), Ok(())]);
        (component.log, server.log)
    };
    let whole = session(usize::MAX);
    let (component, server) = &whole;
    let established = "Established { jid: \"plays.shakespeare.lit\", resumed: false }";
    assert!(component.iter().any(|event| event == established), "{component:#?}");
    assert!(server.iter().any(|event| event == established), "{server:#?}");
    // The content namespace is that of components, and declared once.
    assert!(server.iter().any(|event| event.starts_with("stanza <message from=")), "{server:#?}");
    assert_eq!(server.last().unwrap(), "Closed { error: None }");
    assert_eq!(component.last().unwrap(), "Closed { error: None }");
    for chunk in [1, 2, 3, 7, 64] {
        assert_eq!(session(chunk), whole, "{chunk}");
    }
}

#[test]
fn headers_are_those_of_the_protocol() {
    // XEP-0114 section 3: no version; `to` and `from` are the component.
    let mut component = Component::new("secret");
    let header = String::from_utf8(take(&mut component.tx)).unwrap();
    assert!(header.contains("xmlns='jabber:component:accept'"), "{header}");
    assert!(header.contains("to='plays.shakespeare.lit'") && !header.contains(" version='1.0' "));
    assert!(!header.split("?>").nth(1).unwrap().contains("version="), "{header}");
    let mut server = Server::new();
    server.receive(HEADER.as_bytes()).unwrap();
    let response = server.sent();
    assert!(response.contains("from='plays.shakespeare.lit'") && response.contains(" id='"));
    assert!(!response.split("?>").nth(1).unwrap().contains("version="), "{response}");
    // Some servers answer with their own name.
    let other = response.replace("from='plays.shakespeare.lit'", "from='shakespeare.lit'");
    component.receive(other.as_bytes()).unwrap();
    let handshake = String::from_utf8(take(&mut component.tx)).unwrap();
    assert!(handshake.starts_with("<handshake>") && handshake.len() == 40 + 23, "{handshake}");
}

#[test]
fn the_handshake_of_a_foreign_implementation() {
    // `printf 3BF96D32secret | sha1sum`; the id is the XEP's.
    let mut component = Component::new("secret");
    take(&mut component.tx);
    let response = HEADER.replace("to=", "id='3BF96D32' from=");
    component.receive(response.as_bytes()).unwrap();
    let sent = String::from_utf8(take(&mut component.tx)).unwrap();
    assert_eq!(sent, "<handshake>b09ea9b3b7f586be8a08d0a3dd7466f110aeb136</handshake>");
}

#[test]
fn nothing_but_a_handshake_is_the_servers_consent() {
    // XEP-0114 section 3: "the server MUST […] return an empty <handshake/> element".
    for (answer, name) in [
        ("<message from='juliet@example.com' to='plays.shakespeare.lit'/>", "message"),
        ("<handshake xmlns='urn:example:other'/>", "handshake"),
        ("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "success"),
    ] {
        let mut component = Component::new("secret");
        component.receive(HEADER.replace("to=", "id='3BF96D32' from=").as_bytes()).unwrap();
        let told = component.receive(answer.as_bytes());
        let (name, expected) = (name.to_owned(), "<handshake/>");
        let fault = PeerMisbehaved::UnexpectedElement { name, expected };
        assert_eq!(told, Err(Error::Peer(fault)), "{answer}");
        assert_eq!(component.connection.phase(), Phase::Closed);
    }
}

#[test]
fn a_wrong_secret_is_refused() {
    let (mut component, mut server) = (Component::new("guess"), Server::new());
    let [told, refused] = drive(&mut component, &mut server, 4096);
    assert_eq!(refused, Err(Error::Peer(PeerMisbehaved::WrongHandshake)));
    let unauthorized = StreamError::new(StreamCondition::NotAuthorized);
    assert_eq!(told, Err(Error::StreamError(unauthorized)));
    assert!(!server.log.iter().any(|event| event.contains("Established")));
    assert_eq!(server.connection.component(), None);
}

#[test]
fn an_unknown_component_is_told_so() {
    let mut server = Server::new();
    let header = HEADER.replace("plays.", "operas.");
    let error = server.receive(header.as_bytes());
    let unknown = StreamError::new(StreamCondition::HostUnknown);
    assert_eq!(error, Err(Error::Closed(unknown)));
    let sent = server.sent();
    assert!(sent.contains("<stream:stream") && sent.contains("<host-unknown "), "{sent}");
}

#[test]
fn other_namespaces_are_not_served_here() {
    for namespace in ["jabber:client", "jabber:server", "jabber:component:connect"] {
        let mut server = Server::new();
        let header = HEADER.replace("jabber:component:accept", namespace);
        let error = server.receive(header.as_bytes());
        assert_eq!(error, Err(Error::Peer(PeerMisbehaved::WrongNamespace)), "{namespace}");
        assert!(server.sent().contains("<invalid-namespace "));
    }
}

#[test]
fn stanzas_come_after_the_handshake() {
    for early in ["<message to='a@b' from='a@plays.shakespeare.lit'/>", "<iq/>"] {
        let mut server = Server::new();
        server.receive(HEADER.as_bytes()).unwrap();
        let error = server.receive(early.as_bytes());
        assert_eq!(error, Err(Error::Peer(PeerMisbehaved::NotAuthorized)), "{early}");
    }
}

#[test]
fn a_component_speaks_for_its_own_domain_alone() {
    // XEP-0114 section 3
    for (attributes, expected) in [
        ("from='a@plays.shakespeare.lit/r' to='b@example.com'", None),
        ("from='plays.shakespeare.lit' to='b@example.com'", None),
        ("from='PLAYS.shakespeare.lit' to='b@example.com'", None),
        ("from='a@shakespeare.lit' to='b@example.com'", Some(PeerMisbehaved::WrongFrom)),
        ("from='a@x.plays.shakespeare.lit' to='b@example.com'", Some(PeerMisbehaved::WrongFrom)),
        ("from='@' to='b@example.com'", Some(PeerMisbehaved::WrongFrom)),
        ("to='b@example.com'", Some(PeerMisbehaved::ImproperAddressing)),
        ("from='a@plays.shakespeare.lit'", Some(PeerMisbehaved::ImproperAddressing)),
        ("", Some(PeerMisbehaved::ImproperAddressing)),
    ] {
        for name in ["message", "presence", "iq"] {
            let (_, mut server) = established();
            let told = server.receive(format!("<{name} {attributes}/>").as_bytes());
            let expected = expected.clone().map_or(Ok(()), |fault| Err(Error::Peer(fault)));
            assert_eq!(told, expected, "{name} {attributes}");
        }
    }
}

#[test]
fn what_a_component_sends_has_its_addresses() {
    let (mut component, _) = established();
    for (from, to, fits) in [
        (Some("hamlet@plays.shakespeare.lit/r"), Some("juliet@example.com"), true),
        (Some("plays.shakespeare.lit"), Some("juliet@example.com"), true),
        (Some("hamlet@shakespeare.lit"), Some("juliet@example.com"), false),
        (Some("plays.shakespeare.lit@evil.example/plays.shakespeare.lit"), Some("a@b"), false),
        (None, Some("juliet@example.com"), false),
        (Some("hamlet@plays.shakespeare.lit"), None, false),
    ] {
        let sent = component.connection.send(&message(from, to), &mut component.tx);
        assert_eq!(sent, if fits { Ok(()) } else { Err(SendError::Address) }, "{from:?} {to:?}");
        assert_eq!(take(&mut component.tx).is_empty(), !fits);
    }
    // A server may take another spelling for another domain.
    let raw = xmpp_core::xml::Element::parse(
        "<message xmlns='jabber:component:accept' from='hamlet@PLAYS.shakespeare.lit' to='a@b'/>",
    );
    let sent = component.connection.send(&raw.unwrap(), &mut component.tx);
    assert_eq!(sent, Err(SendError::Address));
}

/// A component has nobody to ask whether the server is there: a ping that falls due is
/// none, and does not end the stream.
#[test]
fn a_ping_that_nobody_is_asked_ends_nothing() {
    let (mut component, mut server) = (Component::new("secret"), Server::new());
    assert_eq!(drive(&mut component, &mut server, 4096), [Ok(()), Ok(())]);
    for _ in 0..100 {
        let due = component.connection.poll_timeout().unwrap().at;
        let Component { connection, rx, tx, .. } = &mut component;
        assert!(connection.poll_event(due, rx, tx).unwrap().is_none());
        assert!(connection.poll_timeout().unwrap().at > due);
    }
    assert_eq!(component.connection.phase(), Phase::Established);
}

/// An address that is no domain is none of a component (XEP-0114 section 3).
#[test]
fn a_component_is_a_domain() {
    for to in ["hamlet@plays.shakespeare.lit", "plays.shakespeare.lit/stage", "", "@"] {
        let mut server = Server::new();
        let header = HEADER.replace("to='plays.shakespeare.lit'", &format!("to='{to}'"));
        let error = server.receive(header.as_bytes());
        assert_eq!(error, Err(Error::Peer(PeerMisbehaved::UnknownHost)), "{to}");
        assert!(!server.log.iter().any(|event| event.contains("ComponentWanted")), "{to}");
        assert!(server.sent().contains("<host-unknown "), "{to}");
    }
}

/// 6120-4.8.3: the content namespace of the answer is that of components.
#[test]
fn a_server_that_speaks_another_namespace_is_none_of_a_component() {
    for namespace in ["jabber:client", "jabber:server"] {
        let mut component = Component::new("secret");
        take(&mut component.tx);
        let response = HEADER.replace("to=", "id='3BF96D32' from=");
        let response = response.replace("jabber:component:accept", namespace);
        let error = component
            .receive(response.as_bytes())
            .and_then(|()| component.receive(b"</stream:stream>"));
        assert_eq!(error, Err(Error::Peer(PeerMisbehaved::WrongNamespace)), "{namespace}");
        let sent = String::from_utf8(take(&mut component.tx)).unwrap();
        assert!(!sent.contains("<handshake>"), "{sent}");
    }
}

/// A question is answered once.
#[test]
fn an_answer_to_a_question_that_is_not_open_is_a_misuse() {
    fn asked_by(domain: &str) -> (Server, xmpp_core::ComponentQuery) {
        let header = HEADER.replace("plays.shakespeare.lit", domain);
        let mut server = Server::new();
        assert_eq!(server.rx.push(header.as_bytes()), header.len());
        loop {
            let (rx, tx) = (&mut server.rx, &mut server.tx);
            let query = match server.connection.poll_event(T0, rx, tx).unwrap() {
                Some(Event::Role(ComponentServerEvent::ComponentWanted(query))) => query,
                Some(_) => continue,
                None => panic!("no question"),
            };
            return (server, query);
        }
    }
    let asked = || asked_by("plays.shakespeare.lit");
    let (mut server, own) = asked();
    // Nor is one of another connection, for another domain.
    let (_, other) = asked_by("sonnets.shakespeare.lit");
    let misuse = server.connection.provide_secret(other, Secret::from("other"), &mut server.tx);
    assert_eq!((misuse, server.sent()), (Err(Misuse::StaleQuery), String::new()));
    server.connection.provide_secret(own, Secret::from("secret"), &mut server.tx).unwrap();
    let header = server.sent();
    assert!(header.contains("<stream:stream "), "{header}");
    let late = || asked().1;
    let misuse = server.connection.provide_secret(late(), Secret::from("other"), &mut server.tx);
    assert_eq!(misuse, Err(Misuse::StaleQuery));
    let unknown = StreamError::new(StreamCondition::HostUnknown);
    let misuse = server.connection.refuse_component(late(), unknown, &mut server.tx);
    assert_eq!(misuse, Err(Misuse::StaleQuery));
    assert_eq!((server.sent(), server.connection.phase()), (String::new(), Phase::Negotiating));
}

/// As many as the configuration says, of either side.
#[test]
fn requests_are_bounded() {
    let (mut component, mut server) = established();
    let ping = || {
        let from = Jid::new("hamlet@plays.shakespeare.lit").unwrap();
        Iq::get("", &Ping).with_from(from).with_to(Jid::new("juliet@example.com").unwrap())
    };
    let timeout = core::time::Duration::from_secs(9);
    let most = StreamLimits::default().requests;
    assert!(most > 1);
    let full = Err(SendError::TooManyRequests { max: most });
    for n in 0..=most {
        let asked = component.connection.request(T0, ping(), timeout, &mut component.tx);
        assert_eq!(asked.map(|_| ()), if n < most { Ok(()) } else { full.clone() }, "{n}");
        take(&mut component.tx);
        let asked = server.connection.request(T0, ping(), timeout, &mut server.tx);
        assert_eq!(asked.map(|_| ()), if n < most { Ok(()) } else { full.clone() }, "{n}");
        take(&mut server.tx);
    }
}

/// What came behind the header waits until it is known what the component has to prove.
#[test]
fn a_handshake_that_comes_too_soon_waits() {
    let mut server = Server::new();
    server.rx.push(
        format!("{HEADER}<handshake>b09ea9b3b7f586be8a08d0a3dd7466f110aeb136</handshake>")
            .as_bytes(),
    );
    let mut query = None;
    for _ in 0..4 {
        match server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap() {
            Some(Event::Role(ComponentServerEvent::ComponentWanted(wanted))) => {
                query = Some(wanted)
            }
            Some(Event::HeaderReceived(_)) | None => {}
            Some(other) => panic!("{other:?}"),
        }
    }
    let secret = Secret::from("secret");
    server.connection.provide_secret(query.unwrap(), secret, &mut server.tx).unwrap();
    let told = server.receive(b"");
    // The id was not known to whoever sent that.
    assert_eq!(told, Err(Error::Peer(PeerMisbehaved::WrongHandshake)));
}

/// Stanzas before their time are told apart from what is none (6120-4.9.3.12).
#[test]
fn what_is_no_handshake_is_not_expected() {
    for name in ["other", "auth"] {
        let mut server = Server::new();
        server.receive(HEADER.as_bytes()).unwrap();
        let told = server.receive(format!("<{name}/>").as_bytes());
        let fault =
            PeerMisbehaved::UnexpectedElement { name: name.into(), expected: "<handshake/>" };
        assert_eq!(told, Err(Error::Peer(fault)));
    }
}
