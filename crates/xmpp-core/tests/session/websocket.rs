//! Over WebSockets (RFC 7395), whose handshakes are the driver's.

use std::sync::Arc;

use xmpp_core::session::{
    AttemptId, Destination, Session, SessionConfig, SessionEvent, SessionOutput, Target,
};
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
}

impl Web {
    fn new(url: &str) -> Self {
        let mut config = SessionConfig::new(client());
        config.destination = Destination::WebSocket(url.into());
        let session = Session::new(config, Authority::new().initiator(), T0, [1; 32]);
        Self { session, now: T0, server: None, log: Vec::new() }
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
                        let server = Server::accept_websocket(config, facts(), self.now, [2; 32]);
                        self.server = Some((attempt.id, server));
                        self.session.websocket_connected(self.now, attempt.id, facts());
                    }
                    SessionOutput::Transmit(id, message) => {
                        let (_, server) =
                            self.server.as_mut().filter(|(own, _)| *own == id).unwrap();
                        let n = message.len();
                        assert!(server.handle_message(message));
                        self.session.transmitted(id, n);
                        self.serve();
                    }
                    SessionOutput::Event(event) => self.log.push(match event {
                        SessionEvent::Online { jid, .. } => format!("online {jid}"),
                        SessionEvent::Offline { why, .. } => format!("offline {why}"),
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
