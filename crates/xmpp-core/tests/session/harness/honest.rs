//! Honest servers, and what they share.

use std::collections::BTreeMap;
use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::jid::FullJid;
use xmpp_core::session::Target;
use xmpp_core::stanza::{IqType, StreamError};
use xmpp_core::stream_management::Resumption;
use xmpp_core::time::Instant;
use xmpp_core::{Event, Output, Phase, Server, ServerConfig, ServerEvent, TokenAnswer};

use super::operations::client::credentials;
use super::operations::part::How;
use super::options::Options;
use super::tls::{Clear, facts};

/// What the servers of the domain know.
#[derive(Default)]
pub(super) struct Store {
    /// Streams that can be resumed.
    pub(super) kept: BTreeMap<String, Resumption>,
    /// The numbers of the stanzas that they have got.
    pub(super) received: Vec<u32>,
    /// A server without stream management has had a client, or one that forgot.
    pub(super) forgot: bool,
}

/// A server at one transport.
pub(super) struct Honest {
    server: Server,
    options: Options,
    web: bool,
    /// What it has not taken in yet.
    unread: Vec<u8>,
    /// It has authenticated the client.
    pub(super) is_sure: bool,
    pub(super) over: bool,
}

impl Honest {
    pub(super) fn new(target: &Target, options: Options, now: Instant, number: u64) -> Self {
        let mut seed = [0x5a; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let mut config = ServerConfig::default();
        let (web, plaintext) =
            (matches!(target, Target::WebSocket { .. }), options.of_connection.plaintext);
        if matches!(target, Target::Tcp { tls: TlsMode::Direct, .. }) {
            config.tls = TlsMode::Direct;
        }
        let config = Arc::new(config);
        let server = match (web, plaintext) {
            (true, true) => Server::accept_websocket_dangerous_plaintext(config, now, seed),
            (true, false) => Server::accept_websocket(config, facts(), now, seed),
            (false, true) => Server::accept_dangerous_plaintext(config, now, seed),
            (false, false) => Server::accept(config, Arc::new(Clear), now, seed).unwrap(),
        };
        Self { server, options, web, unread: Vec::new(), is_sure: false, over: false }
    }

    /// What it says to these bytes, which are a message on a WebSocket; piece by piece.
    pub(super) fn hear(&mut self, now: Instant, bytes: &[u8], store: &mut Store) -> Vec<Vec<u8>> {
        let mut said = Vec::new();
        if self.web {
            // What is not taken in is thrown away: that is for the end alone.
            if !self.server.handle_message(bytes) {
                assert!(self.over || self.server.phase() != Phase::Established);
            }
            said.extend(self.turn(now, store));
            return said;
        }
        self.unread.extend_from_slice(bytes);
        while !self.unread.is_empty() {
            let Some(room) = self.server.recv_buf() else { break };
            let n = room.len().min(self.unread.len());
            room[..n].copy_from_slice(&self.unread[..n]);
            self.server.handle_read(n);
            self.unread.drain(..n);
            said.extend(self.turn(now, store));
        }
        said
    }

    /// Sends a message with that number, if it can.
    pub(super) fn say(&mut self, number: u32) -> bool {
        let managed = !self.options.management || self.server.stream_management().is_some();
        let ns = if self.web { "xmlns='jabber:client' " } else { "" };
        let stanza = format!(
            "<message {ns}from='romeo@example.net/orchard'><body>s{number}</body></message>"
        );
        managed && self.server.send_serialized(stanza.as_bytes()).is_ok()
    }

    pub(super) fn close(&mut self, now: Instant, why: Option<StreamError>) {
        self.server.close(now, why);
    }

    /// Does what there is to do.
    pub(super) fn turn(&mut self, now: Instant, store: &mut Store) -> Vec<Vec<u8>> {
        let mut said = Vec::new();
        for _ in 0..10_000 {
            match self.server.poll(now) {
                Ok(Output::Event(event)) => self.take(event, store),
                Ok(Output::Transmit(bytes)) => {
                    let bytes = bytes.to_vec();
                    self.server.transmitted(bytes.len());
                    said.push(bytes);
                }
                Ok(Output::Shutdown) => {}
                Ok(Output::Wait(_)) => return said,
                Ok(Output::Closed) | Err(_) => {
                    self.over = true;
                    return said;
                }
            }
        }
        panic!("a server that does not come to rest");
    }

    fn take(
        &mut self,
        event: Event<'static, xmpp_core::role::ServerFromClient>,
        store: &mut Store,
    ) {
        let server = &mut self.server;
        match event {
            Event::Role(ServerEvent::HostWanted(query)) => {
                server.choose_host(query, Arc::new(self.options.host())).unwrap();
            }
            Event::Role(ServerEvent::CredentialsWanted(query)) => {
                let answer = credentials(query.query(), How::Right);
                server.provide_credentials(query, answer).unwrap();
            }
            Event::Role(ServerEvent::TokenWanted(query)) => {
                let answer = TokenAnswer::Issue { expiry: 1_900_000_000 };
                server.provide_token(query, answer).unwrap();
            }
            Event::Role(ServerEvent::Authenticated { .. }) => self.is_sure = true,
            Event::Role(ServerEvent::BindWanted(query)) => {
                let jid = FullJid::new(&format!("{}/balcony", query.account())).unwrap();
                server.bind(query, jid).unwrap();
            }
            Event::Role(ServerEvent::ResumeWanted(query)) => {
                match store.kept.remove(query.id().expose()) {
                    Some(kept) => server.accept_resumption(query, kept).unwrap(),
                    None => server.refuse_resumption(query, None).unwrap(),
                }
            }
            Event::Stanza(stanza) => {
                store.received.extend(number(stanza.element().source()));
                let pong = stanza.stanza().and_then(|stanza| {
                    let asks = stanza.iq_type() == Some(IqType::Get);
                    stanza.empty_result().filter(|_| asks)
                });
                if let Some(pong) = pong {
                    // It may be closing.
                    let _ = server.send(&pong);
                }
            }
            _ => {}
        }
    }

    /// The transport is gone: what can be resumed is kept.
    pub(super) fn end(mut self, now: Instant, store: &mut Store) {
        self.server.handle_broken_transport();
        self.turn(now, store);
        if let Some(kept) = self.server.take_resumption() {
            store.kept.insert(kept.id().expose().to_owned(), kept);
        }
    }
}

/// That of a message of the client's.
pub(super) fn number(source: &str) -> Option<u32> {
    body(source)?.parse().ok()
}

/// That of a message of a server's.
pub(super) fn number_said(source: &str) -> Option<u32> {
    body(source)?.strip_prefix('s')?.parse().ok()
}

fn body(source: &str) -> Option<&str> {
    Some(source.split_once("<body>")?.1.split_once('<')?.0)
}
