//! Both packaged ends under real TLS, with a clock that stands still until a test
//! moves it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use xmpp_core::jid::FullJid;
use xmpp_core::role::{Role, ServerFromClient};
use xmpp_core::time::Instant;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::{
    Client, ClientConfig, Endpoint, Error, Event, Output, Server, ServerConfig, ServerEvent,
};

use super::{Cut, DOMAIN, T0, client_config, describe, host_config};

/// A test's own authority, and what it vouches for.
pub(crate) struct Authority {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn receiver(&self, params: CertificateParams) -> Arc<RustlsReceiver> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Arc::new(RustlsReceiver::with_certificate(vec![certificate.der().clone()], key).unwrap())
    }

    pub(crate) fn receiver_for(&self, name: &str) -> Arc<RustlsReceiver> {
        self.receiver(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots
    }

    pub(crate) fn initiator(&self) -> Arc<RustlsInitiator> {
        Arc::new(RustlsInitiator::with_roots(self.roots()).unwrap())
    }
}

pub(crate) struct Ends {
    pub(crate) client: Client,
    pub(crate) server: Server,
    pub(crate) logs: [Vec<String>; 2],
    pub(crate) sent: [usize; 2],
    /// What the server has sent.
    pub(crate) said: Vec<u8>,
    pub(crate) cut: [Cut; 2],
    pub(crate) now: Instant,
}

/// How far an endpoint has come.
#[derive(Debug, PartialEq)]
pub(crate) enum State {
    Waits,
    Closed,
    Failed(Error),
}

impl Ends {
    pub(crate) fn new(
        config: ClientConfig,
        server: ServerConfig,
        initiator: Arc<RustlsInitiator>,
        receiver: Arc<RustlsReceiver>,
    ) -> Self {
        Self {
            client: Client::connect(Arc::new(config), initiator, T0, [1; 32]).unwrap(),
            server: Server::accept(Arc::new(server), receiver, T0, [2; 32]).unwrap(),
            logs: [Vec::new(), Vec::new()],
            sent: [0; 2],
            said: Vec::new(),
            cut: [Cut::Whole; 2],
            now: T0,
        }
    }

    /// Established, with the defaults of everything.
    pub(crate) fn established(authority: &Authority) -> Self {
        let (client, server) = (client_config(), ServerConfig::default());
        let receiver = authority.receiver_for(DOMAIN);
        let mut ends = Self::new(client, server, authority.initiator(), receiver);
        assert_eq!(ends.drive(), [State::Waits, State::Waits]);
        ends
    }

    pub(crate) fn turn_client(&mut self) -> (Vec<u8>, State) {
        turn(&mut self.client, self.now, &mut self.logs[0], |_, _| {})
    }

    pub(crate) fn turn_server(&mut self) -> (Vec<u8>, State) {
        turn(&mut self.server, self.now, &mut self.logs[1], answer)
    }

    /// Hands bytes to the server as it takes them; gives what it sends meanwhile.
    pub(crate) fn feed_server(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        while !bytes.is_empty() {
            feed(&mut self.server, &mut bytes);
            sent.append(&mut self.turn_server().0);
        }
        sent
    }

    pub(crate) fn feed_client(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        while !bytes.is_empty() {
            feed(&mut self.client, &mut bytes);
            sent.append(&mut self.turn_client().0);
        }
        sent
    }

    /// Carries bytes back and forth until neither side has anything to say. The
    /// end of one side's transport is told to the other.
    pub(crate) fn drive(&mut self) -> [State; 2] {
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        let mut ended = [false; 2];
        loop {
            let (mut sent, client) = self.turn_client();
            to_server.append(&mut sent);
            let (mut sent, server) = self.turn_server();
            to_client.append(&mut sent);
            let over = [client != State::Waits, server != State::Waits];
            if to_server.is_empty() && to_client.is_empty() && over == ended {
                return [client, server];
            }
            let bytes = core::mem::take(&mut to_server);
            for piece in self.cut[0].pieces(self.sent[0], &bytes) {
                to_client.append(&mut self.feed_server(piece));
            }
            self.sent[0] += bytes.len();
            let bytes = core::mem::take(&mut to_client);
            self.said.extend_from_slice(&bytes);
            for piece in self.cut[1].pieces(self.sent[1], &bytes) {
                to_server.append(&mut self.feed_client(piece));
            }
            self.sent[1] += bytes.len();
            if over[0] {
                self.server.handle_eof();
            }
            if over[1] {
                self.client.handle_eof();
            }
            ended = over;
        }
    }
}

/// Does what the endpoint says, until it waits or is over.
pub(crate) fn turn<R: Role>(
    endpoint: &mut Endpoint<R>,
    now: Instant,
    log: &mut Vec<String>,
    mut look: impl FnMut(&mut Endpoint<R>, Event<'static, R>),
) -> (Vec<u8>, State) {
    let mut sent = Vec::new();
    loop {
        match endpoint.poll(now) {
            Ok(Output::Event(event)) => {
                log.push(describe(&event));
                look(endpoint, event);
            }
            Ok(Output::Transmit(bytes)) => {
                sent.extend_from_slice(bytes);
                let n = bytes.len();
                endpoint.transmitted(n);
            }
            Ok(Output::Shutdown) => {}
            Ok(Output::Wait(_)) => return (sent, State::Waits),
            Ok(Output::Closed) => return (sent, State::Closed),
            Err(error) => return (sent, State::Failed(error)),
        }
    }
}

pub(crate) fn answer(server: &mut Server, event: Event<'static, ServerFromClient>) {
    let answered = match event {
        Event::Role(ServerEvent::HostWanted(query)) => {
            server.choose_host(query, Arc::new(host_config()))
        }
        Event::Role(ServerEvent::CredentialsWanted(query)) => {
            let answer = super::answer(query.query());
            server.provide_credentials(query, answer)
        }
        Event::Role(ServerEvent::BindWanted(query)) => {
            let jid = FullJid::new(&format!("{}/balcony", query.account())).unwrap();
            server.bind(query, jid)
        }
        _ => Ok(()),
    };
    answered.unwrap();
}

/// Hands over what there is room for.
pub(crate) fn feed<R: Role>(endpoint: &mut Endpoint<R>, bytes: &mut &[u8]) {
    let Some(room) = endpoint.recv_buf() else {
        // What comes after the end is of no account.
        *bytes = &[];
        return;
    };
    let n = room.len().min(bytes.len());
    room[..n].copy_from_slice(&bytes[..n]);
    endpoint.handle_read(n);
    *bytes = &bytes[n..];
}
