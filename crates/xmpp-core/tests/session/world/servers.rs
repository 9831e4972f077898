//! The servers at the other ends of the transports.

use core::time::Duration;
use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::jid::FullJid;
use xmpp_core::sasl::server::Query;
use xmpp_core::sasl::{Mechanism, TokenBinding};
use xmpp_core::session::AttemptId;
use xmpp_core::stanza::{IqType, StanzaError};
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::{Event, Output, Phase, Server, ServerConfig, ServerEvent};

use super::{Does, Due, Host, World, seed_bytes};
use crate::common;

/// A transport, and the server at its other end.
pub(super) struct Pipe {
    pub(super) server: Server,
    pub(super) does: Does,
    pub(super) latency: Duration,
    pub(super) bytes: usize,
    /// The server has ended its side.
    pub(super) over: bool,
    pub(super) cut: bool,
}

impl World {
    pub(super) fn connect(&mut self, id: AttemptId) {
        let Some(address) = self.opening.remove(&id) else { return };
        let host = self.hosts[&address].clone();
        let seed = seed_bytes(self.seed ^ self.number);
        let server = match &self.receiver {
            None => Server::accept_dangerous_plaintext(Arc::default(), self.now, seed),
            Some(receiver) => {
                let mut config = ServerConfig::default();
                if address.port() == 5223 {
                    config.tls = TlsMode::Direct;
                }
                let receiver = Arc::clone(receiver);
                Server::accept(Arc::new(config), receiver, self.now, seed).unwrap()
            }
        };
        self.note(format!("connected {address}"));
        if let Does::CutAt(after) = host.does {
            self.schedule(after, Due::Eof(id));
        }
        let Host { does, latency, .. } = host;
        self.pipes.insert(id, Pipe { server, does, latency, bytes: 0, over: false, cut: false });
        self.session.connected(self.now, id);
        // What comes too late is to be closed.
        if self.session.transport() == Some(id) {
            assert!(self.live.is_none(), "seed {}: two streams at once", self.seed);
            self.live = Some(id);
        }
    }

    /// The transport is gone: what can be resumed is kept.
    pub(super) fn retire(&mut self, mut pipe: Pipe) {
        pipe.server.handle_broken_transport();
        for _ in 0..10_000 {
            match pipe.server.poll(self.now) {
                Ok(Output::Event(Event::Stanza(stanza))) => {
                    self.received.push(stanza.element().source().to_owned());
                }
                Ok(Output::Closed) | Err(_) => break,
                Ok(Output::Wait(_)) => break,
                Ok(_) => {}
            }
        }
        if let Some(kept) = pipe.server.take_resumption() {
            self.sessions.insert(kept.id().expose().to_owned(), kept);
        }
    }

    /// Whether anything happened.
    pub(super) fn turn_server(&mut self, id: AttemptId) -> bool {
        let mut moved = false;
        loop {
            let now = self.now;
            let Some(pipe) = self.pipes.get_mut(&id) else { return moved };
            if pipe.over || pipe.cut || matches!(pipe.does, Does::Nothing) {
                return moved;
            }
            let does = pipe.does.clone();
            match pipe.server.poll(now) {
                Ok(Output::Event(event)) => {
                    moved = true;
                    match event {
                        Event::Role(ServerEvent::HostWanted(query)) => match does {
                            Does::Refuse(error) => pipe.server.refuse_host(query, error).unwrap(),
                            Does::RefuseOverTls(error) if pipe.server.tls_facts().is_some() => {
                                pipe.server.refuse_host(query, error).unwrap();
                            }
                            _ => {
                                let mut host = common::host_config();
                                if self.tokens.is_some() {
                                    let bound = Mechanism::HashedToken(TokenBinding::Exporter);
                                    host.policy = host.policy.allow(bound);
                                }
                                (self.tune)(&mut host);
                                if self.management {
                                    let mut offer = StreamManagement::of_server();
                                    offer.location.clone_from(&self.location);
                                    host.stream_management = Some(offer);
                                }
                                pipe.server.choose_host(query, Arc::new(host)).unwrap();
                            }
                        },
                        Event::Role(ServerEvent::CredentialsWanted(query)) => {
                            let answer = match (query.query(), &self.tokens) {
                                (Query::Tokens { .. }, Some(store)) => store.answer(&query),
                                (query, _) => common::answer(query),
                            };
                            pipe.server.provide_credentials(query, answer).unwrap();
                        }
                        Event::Role(ServerEvent::BindWanted(query)) => {
                            if let Does::RefuseBind(condition) = does {
                                let error = StanzaError::new(condition);
                                pipe.server.refuse_bind(query, error).unwrap();
                                continue;
                            }
                            let resource = query.resource();
                            let resource = resource.map_or("made-up", |resource| resource.as_str());
                            let jid = format!("{}/{resource}", query.account());
                            pipe.server.bind(query, FullJid::new(&jid).unwrap()).unwrap();
                        }
                        Event::Established { .. } => match does {
                            Does::Fail(error) => pipe.server.close(now, Some(error)),
                            Does::Close => pipe.server.close(now, None),
                            _ => {}
                        },
                        Event::Role(ServerEvent::TokenWanted(query)) => {
                            let answer = self.tokens.as_mut().unwrap().settle(&query);
                            pipe.server.provide_token(query, answer).unwrap();
                        }
                        Event::Role(ServerEvent::ResumeWanted(query)) => {
                            match self.sessions.remove(query.id().expose()) {
                                Some(kept) => pipe.server.accept_resumption(query, kept).unwrap(),
                                None => pipe.server.refuse_resumption(query, None).unwrap(),
                            }
                        }
                        Event::Stanza(stanza) => {
                            let source = stanza.element().source().to_owned();
                            // A ping of the client's, to see whether anybody is there.
                            let pong = stanza.stanza().and_then(|stanza| {
                                let asks = stanza.iq_type() == Some(IqType::Get);
                                stanza.empty_result().filter(|_| asks)
                            });
                            match pong {
                                Some(pong) => pipe.server.send(&pong).unwrap(),
                                None => self.received.push(source),
                            }
                            if let Does::FailAtStanza(error) = does {
                                pipe.server.close(now, Some(error));
                            }
                        }
                        _ => {}
                    }
                }
                Ok(Output::Transmit(bytes)) => {
                    moved = true;
                    let bytes = bytes.to_vec();
                    pipe.server.transmitted(bytes.len());
                    let latency = pipe.latency;
                    self.schedule(latency, Due::ToClient(id, bytes));
                }
                Ok(Output::Wait(_)) => {
                    // What is sent before stream management is on is not covered by it.
                    let online = pipe.server.phase() == Phase::Established
                        && (!self.management || pipe.server.stream_management().is_some());
                    let stanza = if online { self.outbox.pop_front() } else { None };
                    let Some(stanza) = stanza else { return moved };
                    pipe.server.send_serialized(stanza.as_bytes()).unwrap();
                    moved = true;
                }
                Ok(Output::Shutdown) => {}
                Ok(Output::Closed) | Err(_) => {
                    pipe.over = true;
                    let latency = pipe.latency;
                    self.schedule(latency, Due::Eof(id));
                    return true;
                }
            }
        }
    }
}
