//! Over WebSockets (RFC 7395), whose handshakes are the driver's.

use std::sync::Arc;

use xmpp_core::session::{
    AttemptId, Destination, Session, SessionConfig, SessionEvent, SessionOutput, Target,
};
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::time::Instant;
use xmpp_core::tls::TlsFacts;
use xmpp_core::{Event, Output, Phase, Server, ServerEvent};

use crate::common::{self, T0, tls::Authority};
use crate::world::client;

/// A session and the servers behind its WebSockets, all at once.
struct Web {
    session: Session,
    now: Instant,
    server: Option<(AttemptId, Server)>,
    log: Vec<String>,
    /// What the session has sent.
    sent: String,
    /// Whether the session is closed as soon as it says that it is offline.
    gives_up: bool,
}

impl Web {
    fn new(url: &str) -> Self {
        let mut config = SessionConfig::new(client());
        config.destination = Destination::WebSocket(url.into());
        let session = Session::new(config, Authority::new().initiator(), T0, [1; 32]);
        Self {
            session,
            now: T0,
            server: None,
            log: Vec::new(),
            sent: String::new(),
            gives_up: false,
        }
    }

    /// Whose transport is protected by nobody, whatever it is said to be.
    fn in_the_clear(url: &str) -> Self {
        let mut config = SessionConfig::new(client());
        config.destination = Destination::WebSocket(url.into());
        let session = Session::new_dangerous_plaintext(config, T0, [1; 32]);
        Self {
            session,
            now: T0,
            server: None,
            log: Vec::new(),
            sent: String::new(),
            gives_up: false,
        }
    }

    fn is_in_the_clear(&self) -> bool {
        self.log.iter().any(|told| told.starts_with("connect ws:"))
    }

    /// Until the session waits and nobody has anything to say.
    fn run(&mut self) -> Option<Instant> {
        loop {
            let deadline = loop {
                match self.session.poll(self.now) {
                    SessionOutput::Connect(attempt) => {
                        let Target::WebSocket { url } = &attempt.target else { panic!() };
                        self.log.push(format!("connect {url}"));
                        let config = Arc::default();
                        let server = if self.is_in_the_clear() {
                            let now = self.now;
                            Server::accept_websocket_dangerous_plaintext(config, now, [2; 32])
                        } else {
                            Server::accept_websocket(config, facts(), self.now, [2; 32])
                        };
                        self.server = Some((attempt.id, server));
                        self.session.websocket_connected(self.now, attempt.id, facts());
                    }
                    SessionOutput::Transmit(id, message) => {
                        let (_, server) =
                            self.server.as_mut().filter(|(own, _)| *own == id).unwrap();
                        let n = message.len();
                        self.sent.push_str(str::from_utf8(message).unwrap());
                        assert!(server.handle_message(message));
                        self.session.transmitted(id, n);
                        self.serve();
                    }
                    SessionOutput::Event(event) => self.log.push(match event {
                        SessionEvent::Online { jid, .. } => format!("online {jid}"),
                        SessionEvent::Offline { why, .. } => {
                            if self.gives_up {
                                self.session.close(self.now, None);
                            }
                            format!("offline {why}")
                        }
                        SessionEvent::Stopped { why } => format!("stopped {why}"),
                        _ => continue,
                    }),
                    SessionOutput::Shutdown(id) => {
                        self.session.handle_eof(id);
                    }
                    SessionOutput::CloseTransport(_) => self.server = None,
                    SessionOutput::Wait(deadline) => break deadline.map(|deadline| deadline.at),
                    SessionOutput::Closed => return None,
                    SessionOutput::LookUp(_) => panic!("a URL needs no lookups of the session's"),
                }
            };
            if !self.serve() {
                return deadline;
            }
        }
    }

    /// Whether the server had anything to say.
    fn serve(&mut self) -> bool {
        let mut said = false;
        while let Some((id, server)) = &mut self.server {
            match server.poll(self.now) {
                Ok(Output::Event(Event::Role(ServerEvent::HostWanted(query)))) => {
                    server.choose_host(query, Arc::new(common::host_config())).unwrap();
                }
                Ok(Output::Event(Event::Role(ServerEvent::CredentialsWanted(query)))) => {
                    let answer = common::answer(query.query());
                    server.provide_credentials(query, answer).unwrap();
                }
                Ok(Output::Event(Event::Role(ServerEvent::BindWanted(query)))) => {
                    let jid = format!("{}/web", query.account());
                    server.bind(query, jid.parse().unwrap()).unwrap();
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Transmit(message)) => {
                    // Looked at by the next poll of the session.
                    if !self.session.handle_message(*id, message) {
                        return true;
                    }
                    let n = message.len();
                    server.transmitted(n);
                    said = true;
                }
                _ => return said,
            }
        }
        said
    }
}

fn facts() -> TlsFacts<'static> {
    common::facts()
}

#[test]
fn a_websocket_carries_a_session() {
    let mut web = Web::new("wss://web.example.com/ws");
    web.run();
    assert_eq!(web.log, ["connect wss://web.example.com/ws", "online juliet@example.com/web"]);
}

/// RFC 7395 section 3.6.1: elsewhere, protected as before; a few times at most.
#[test]
fn see_other_uri_is_followed() {
    let mut web = Web::new("wss://web.example.com/ws");
    web.run();
    for n in 0..10 {
        let (_, server) = web.server.as_mut().unwrap();
        assert_eq!(server.phase(), Phase::Established);
        server.close_see_other_uri(web.now, &format!("wss://web{n}.example.com/ws")).unwrap();
        web.run();
        assert_eq!(web.log[web.log.len() - 2], format!("connect wss://web{n}.example.com/ws"));
        assert_eq!(web.log.last().unwrap(), "online juliet@example.com/web");
    }
    // 7395-3.6.1-02: not to one without TLS.
    let (_, server) = web.server.as_mut().unwrap();
    server.close_see_other_uri(web.now, "ws://web.example.com/ws").unwrap();
    let deadline = web.run().unwrap();
    assert!(web.log.last().unwrap().starts_with("offline"), "{:?}", web.log);
    web.now = deadline;
    web.run();
    let last = &web.log[web.log.len() - 2];
    assert_eq!(last, "connect wss://web.example.com/ws", "the first place again");
}

/// What TLS below the transport is said to have proved counts for nothing where the session
/// is to do without: there is no channel to bind to (RFC 5802 section 6, `n`).
#[test]
fn a_websocket_in_the_clear() {
    let mut web = Web::in_the_clear("ws://localhost/ws");
    web.run();
    assert_eq!(web.log, ["connect ws://localhost/ws", "online juliet@example.com/web"]);
    // `n,,n=juliet`
    assert!(web.sent.contains(">biwsbj1qdWxpZXQ"), "{}", web.sent);
    let mut web = Web::new("wss://web.example.com/ws");
    web.run();
    assert!(!web.sent.contains(">biws"), "{}", web.sent);
}

#[test]
fn the_next_deadline_is_the_one_that_is_waited_for() {
    let mut web = Web::new("wss://web.example.com/ws");
    let deadline = web.run();
    assert!(deadline.is_some());
    assert_eq!(web.session.poll_timeout().map(|deadline| deadline.at), deadline);
}

/// RFC 7395 section 3.2: text, and nothing else.
#[test]
fn a_message_that_is_none_of_xmpp_ends_the_stream() {
    let mut web = Web::new("wss://web.example.com/ws");
    web.run();
    let id = web.session.transport().unwrap();
    web.session.handle_bad_message(id, xmpp_core::MessageFault::NotText);
    web.run();
    assert!(web.log.last().unwrap().starts_with("offline "), "{:?}", web.log);
    assert!(web.sent.contains("<bad-format "), "{}", web.sent);
}

/// A session that is closed while the last bytes of its stream are on their way waits for
/// nothing more of that stream.
#[test]
fn closing_while_a_stream_ends() {
    let mut web = Web::new("wss://web.example.com/ws");
    web.run();
    web.gives_up = true;
    let reset = StreamError::new(StreamCondition::Reset);
    let (_, server) = web.server.as_mut().unwrap();
    server.close(web.now, Some(reset));
    assert_eq!(web.run(), None, "{:?}", web.log);
    assert!(web.session.is_stopped());
    assert!(web.log[2].starts_with("offline "), "{:?}", web.log);
    assert_eq!(web.log[3..], ["stopped closed here, as asked"]);
}
