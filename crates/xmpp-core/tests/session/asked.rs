//! What a session is asked and told between its events: over a WebSocket, whose messages
//! are all there is.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use xmpp_core::config::{KeyDerivation, TaskLimits, TlsMode};
use xmpp_core::jid::{FullJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::sasl2::{Upgrade, UserAgent};
use xmpp_core::sasl::{Mechanism, Secret, TokenBinding};
use xmpp_core::session::{
    AttemptId, Destination, Lookup, QueueLimits, Session, SessionConfig, SessionEvent,
    SessionOutput, Target,
};
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, StanzaCondition, StanzaError};
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::time::Instant;
use xmpp_core::xml::Element;
use xmpp_core::{
    ClientEvent, Event, HostConfig, Misuse, Output, SendError, Server, ServerEvent, TaskChoice,
    TaskDemand, TasksAnswer,
};

use crate::common::tls::Authority;
use crate::common::{self, T0};
use crate::world::client;

const TIMEOUT: Duration = Duration::from_secs(30);

fn stanza(id: &str) -> Element {
    Element::parse(format!("<message xmlns='jabber:client' id='{id}' to='a@example.net'/>"))
        .unwrap()
}

/// A session and the server at the other end of its WebSocket.
struct Both {
    session: Session,
    plaintext: bool,
    host: HostConfig,
    server: Option<(AttemptId, Server)>,
    to_session: VecDeque<Vec<u8>>,
    now: Instant,
    /// The ids of the stanzas that the server has got.
    received: Vec<String>,
    /// The resources that were asked for; with what they were refused.
    asked_for: Vec<Option<String>>,
    refuses: Option<StanzaCondition>,
    /// Nobody is at the URL any more.
    is_down: bool,
    /// Where else was connected to.
    connected: Vec<Target>,
}

impl Both {
    fn new(mut config: SessionConfig, plaintext: bool) -> Self {
        config.destination = Destination::WebSocket("wss://web.example.com/ws".into());
        let session = if plaintext {
            Session::new_dangerous_plaintext(config, T0, [1; 32])
        } else {
            Session::new(config, Authority::new().initiator(), T0, [1; 32])
        };
        Self {
            session,
            plaintext,
            host: common::host_config(),
            server: None,
            to_session: VecDeque::new(),
            now: T0,
            received: Vec::new(),
            asked_for: Vec::new(),
            refuses: None,
            is_down: false,
            connected: Vec::new(),
        }
    }

    /// Until `look` says that it has seen what it waited for. Time does not pass.
    fn run(&mut self, mut look: impl FnMut(&mut Session, SessionEvent) -> bool) {
        for _ in 0..1000 {
            match self.session.poll(self.now) {
                SessionOutput::Event(event) => {
                    if look(&mut self.session, event) {
                        return;
                    }
                }
                SessionOutput::Connect(attempt) if matches!(attempt.target, Target::Tcp { .. }) => {
                    self.connected.push(attempt.target);
                    return;
                }
                SessionOutput::Connect(attempt) if self.is_down => {
                    self.session.connect_failed(attempt.id, "down");
                }
                SessionOutput::Connect(attempt) => {
                    let (config, now, seed) = (Arc::default(), self.now, [2; 32]);
                    let server = if self.plaintext {
                        Server::accept_websocket_dangerous_plaintext(config, now, seed)
                    } else {
                        Server::accept_websocket(config, common::facts(), now, seed)
                    };
                    self.to_session.clear();
                    self.server = Some((attempt.id, server));
                    self.session.websocket_connected(self.now, attempt.id, common::facts());
                }
                SessionOutput::LookUp(Lookup::Addresses(query)) => {
                    assert_eq!(query.name(), "resume.example.com");
                    let address = "192.0.2.9".parse().unwrap();
                    self.session.provide_addresses(query, Ok(vec![address]));
                }
                SessionOutput::LookUp(lookup) => panic!("{lookup:?}"),
                SessionOutput::Transmit(id, message) => {
                    let message = message.to_vec();
                    self.session.transmitted(id, message.len());
                    if let Some((_, server)) = &mut self.server {
                        assert!(server.handle_message(&message));
                    }
                    self.serve();
                }
                SessionOutput::Shutdown(id) => self.session.handle_eof(id),
                SessionOutput::CloseTransport(_) => self.server = None,
                SessionOutput::Wait(_) => {
                    self.serve();
                    let Some((id, _)) = self.server else { panic!("waits for time") };
                    let message = self.to_session.pop_front().expect("nothing to wait for");
                    assert!(self.session.handle_message(id, &message));
                }
                SessionOutput::Closed => panic!("closed"),
            }
        }
        panic!("no end");
    }

    fn serve(&mut self) {
        let Some((_, server)) = &mut self.server else { return };
        loop {
            match server.poll(self.now) {
                Ok(Output::Event(Event::Role(event))) => match event {
                    ServerEvent::HostWanted(query) => {
                        server.choose_host(query, Arc::new(self.host.clone())).unwrap();
                    }
                    ServerEvent::CredentialsWanted(query) => {
                        let answer = common::answer(query.query());
                        server.provide_credentials(query, answer).unwrap();
                    }
                    ServerEvent::TasksWanted(query) => {
                        let demand = TasksAnswer::Demand(TaskDemand::new("TOTP-EXAMPLE"));
                        server.demand_tasks(query, demand).unwrap();
                    }
                    ServerEvent::BindWanted(query) => {
                        let asked = query.resource().map(|resource| resource.as_str().to_owned());
                        let jid = format!("{}/web", query.account());
                        self.asked_for.push(asked);
                        match self.refuses {
                            Some(condition) => {
                                server.refuse_bind(query, StanzaError::new(condition)).unwrap();
                            }
                            None => server.bind(query, FullJid::new(&jid).unwrap()).unwrap(),
                        }
                    }
                    _ => {}
                },
                Ok(Output::Event(Event::Stanza(stanza))) => {
                    let id = stanza.element().attr("id").unwrap().into_owned();
                    self.received.push(id);
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Transmit(message)) => {
                    let message = message.to_vec();
                    server.transmitted(message.len());
                    self.to_session.push_back(message);
                }
                _ => return,
            }
        }
    }

    /// Until it is online.
    fn come_online(&mut self) {
        self.run(|_, event| matches!(event, SessionEvent::Online { .. }));
    }

    /// What is on its way to the server arrives.
    fn deliver(&mut self) {
        while let SessionOutput::Transmit(id, message) = self.session.poll(self.now) {
            let message = message.to_vec();
            self.session.transmitted(id, message.len());
            let (_, server) = self.server.as_mut().unwrap();
            assert!(server.handle_message(&message));
            self.serve();
        }
    }
}

fn with_queue(limits: QueueLimits) -> Both {
    let mut config = SessionConfig::new(client());
    config.offline_queue = Some(limits);
    Both::new(config, false)
}

fn limits(stanzas: usize, bytes: usize) -> QueueLimits {
    let mut limits = QueueLimits::default();
    (limits.stanzas, limits.bytes) = (stanzas, bytes);
    limits
}

/// There is a stream, and it is not established.
#[test]
fn while_the_stream_is_negotiated_it_is_kept() {
    let mut both = with_queue(QueueLimits::default());
    both.run(|session, event| {
        if !matches!(event, SessionEvent::HeaderReceived(_)) {
            return false;
        }
        assert!(session.transport().is_some() && !session.is_online());
        assert_eq!(session.send(&stanza("1")), Ok(()));
        let ping = Iq::get("", &Ping).with_to(Jid::new("a@example.net").unwrap());
        assert_eq!(session.request(T0, ping, TIMEOUT), Err(SendError::NotEstablished));
        true
    });
    // What is sent at once when that is told goes behind what was kept.
    both.run(|session, event| {
        let online = matches!(event, SessionEvent::Online { .. });
        if online {
            assert!(session.is_online());
            session.send(&stanza("2")).unwrap();
            session.forward(stanza("3").as_ref(), &[]).unwrap();
        }
        online
    });
    both.deliver();
    assert_eq!(both.received, ["1", "2", "3"]);
    // Once it is closing, nothing is kept any more.
    both.session.close(T0, None);
    assert!(both.session.transport().is_some());
    assert_eq!(both.session.send(&stanza("4")), Err(SendError::Closed));
}

/// The limits are those of what waits; online, nothing does.
#[test]
fn online_the_limits_of_the_queue_do_not_count() {
    let mut both = with_queue(limits(1, 1000));
    both.come_online();
    both.deliver();
    for id in ["1", "2", "3"] {
        both.session.send(&stanza(id)).unwrap();
    }
    both.deliver();
    assert_eq!(both.received, ["1", "2", "3"]);
}

#[test]
fn a_queue_takes_as_many_bytes_as_its_limit() {
    let mut session = with_queue(limits(1, 1000)).session;
    session.send(&stanza("0")).unwrap();
    let Err(SendError::QueueFull { stanzas: 1, bytes }) = session.send(&stanza("0")) else {
        panic!("there is room for one");
    };
    assert!(bytes >= "<message id='0' to='a@example.net'/>".len());
    for (limit, fit) in [(2 * bytes - 1, 1), (2 * bytes, 2), (2 * bytes + 1, 2)] {
        let mut both = with_queue(limits(100, limit));
        // What has gone out has made room: again and again.
        for _ in 0..3 {
            for _ in 0..fit {
                both.session.send(&stanza("0")).unwrap();
            }
            let full = SendError::QueueFull { stanzas: fit, bytes: fit * bytes };
            assert_eq!(both.session.send(&stanza("0")), Err(full), "{limit}");
            both.come_online();
            both.deliver();
            both.session.reconnect_now(T0);
            both.run(|_, event| matches!(event, SessionEvent::Offline { .. }));
        }
        assert_eq!(both.received.len(), 3 * fit);
    }
}

/// A stream that has ended is offline, also while its last bytes go out.
#[test]
fn offline_there_are_no_requests() {
    let mut both = Both::new(SessionConfig::new(client()), false);
    both.come_online();
    let (_, server) = both.server.as_mut().unwrap();
    server.close(T0, None);
    both.run(|session, event| {
        let offline = matches!(event, SessionEvent::Offline { .. });
        if offline {
            let ping = Iq::get("", &Ping).with_to(Jid::new("a@example.net").unwrap());
            assert_eq!(session.request(T0, ping, TIMEOUT), Err(SendError::NotEstablished));
        }
        offline
    });
}

#[test]
fn a_request_of_the_peers_can_be_claimed() {
    let mut both = Both::new(SessionConfig::new(client()), false);
    both.come_online();
    for (text, claimed) in [
        ("<iq xmlns='jabber:client' type='get' id='7'><ping xmlns='urn:xmpp:x'/></iq>", true),
        ("<message xmlns='jabber:client' id='8'/>", false),
    ] {
        let (_, server) = both.server.as_mut().unwrap();
        server.send_serialized(text.as_bytes()).unwrap();
        both.run(|session, event| {
            let came = matches!(event, SessionEvent::Stanza(_));
            if came {
                assert_eq!(session.claim(), claimed, "{text}");
            }
            came
        });
    }
}

fn sasl2() -> SessionConfig {
    let mut config = SessionConfig::new(client());
    config.client.sasl2.enabled = true;
    let id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    config.client.sasl2.user_agent = UserAgent::with_id(id).unwrap();
    config
}

fn sasl2_host() -> HostConfig {
    let mut host = common::host_config();
    host.policy = host.policy.allow(Mechanism::HashedToken(TokenBinding::Exporter));
    host
}

#[test]
fn a_task_that_was_not_offered_is_a_misuse() {
    let mut config = sasl2();
    config.client.sasl2.tasks = vec!["TOTP-EXAMPLE".into()];
    let mut both = Both::new(config, false);
    both.host = sasl2_host();
    both.host.sasl2.tasks = Some(TaskLimits::default());
    both.run(|session, event| {
        let SessionEvent::Client(ClientEvent::TaskWanted(query)) = event else { return false };
        assert_eq!(query.tasks(), ["TOTP-EXAMPLE"]);
        let choice = TaskChoice::begin("HOTP-EXAMPLE");
        assert_eq!(session.begin_task(query, choice), Err(Misuse::WrongTask));
        true
    });
}

#[test]
fn a_salted_password_of_another_length_is_a_misuse() {
    let mut config = sasl2();
    config.client.credentials = Credentials::new("juliet").with_password("r0m30");
    config.client.key_derivation = KeyDerivation::Queried;
    let mut both = Both::new(config, false);
    both.host = sasl2_host();
    both.host.sasl2.upgrades = Upgrade::missing(&[Hash::Sha256]);
    both.run(|session, event| match event {
        SessionEvent::Client(ClientEvent::KeysWanted(query)) => {
            let keys = query.derive();
            session.provide_keys(query, keys).unwrap();
            false
        }
        SessionEvent::Client(ClientEvent::UpgradeWanted(query)) => {
            let wrong = session.provide_salted_password(query, Secret::from("short"));
            assert_eq!(wrong, Err(Misuse::WrongKeys));
            true
        }
        _ => false,
    });
}

/// 6120-4.9.3.3-01: who has lost the resource to somebody else asks for another one. Any
/// other refusal says nothing of whose it is.
#[test]
fn a_resource_that_is_taken_is_not_asked_for_again() {
    for (condition, asks) in [
        (StanzaCondition::Conflict, None),
        (StanzaCondition::NotAllowed, Some("balcony")),
        (StanzaCondition::BadRequest, Some("balcony")),
    ] {
        let mut both = Both::new(SessionConfig::new(client()), false);
        both.refuses = Some(condition);
        both.run(|_, event| matches!(event, SessionEvent::Stopped { .. }));
        both.refuses = None;
        both.session.reconnect_now(T0);
        both.come_online();
        let asked: Vec<_> = both.asked_for.iter().map(Option::as_deref).collect();
        assert_eq!(asked, [Some("balcony"), asks], "{condition:?}");
    }
}

/// XEP-0198 section 3: `location` may do without a port. Without TLS it is that of streams
/// without (RFC 6120 section 14.7).
#[test]
fn where_a_stream_in_the_clear_is_resumed() {
    let mut both = Both::new(SessionConfig::new(client()), true);
    let mut offer = StreamManagement::of_server();
    offer.location = Some("resume.example.com".into());
    both.host.stream_management = Some(offer);
    both.run(|_, event| {
        matches!(event, SessionEvent::Client(ClientEvent::StreamManagementEnabled { .. }))
    });
    both.is_down = true;
    both.session.reconnect_now(T0);
    both.run(|_, _| false);
    let [Target::Tcp { address, tls }] = &both.connected[..] else {
        panic!("{:?}", both.connected)
    };
    assert_eq!(
        (address.to_string().as_str(), *tls),
        ("192.0.2.9:5222", TlsMode::DangerousPlaintext)
    );
}
