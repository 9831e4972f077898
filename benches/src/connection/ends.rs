//! Both ends of connections, in the clear and under TLS, established and idle.

use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use xmpp_core::config::TlsMode;
use xmpp_core::dialback::{Pair as Domains, Verdict};
use xmpp_core::jid::{BareJid, Domainpart, FullJid};
use xmpp_core::role::{
    ClientToServer, ComponentToServer, Role, ServerFromClient, ServerFromComponent,
    ServerFromServer, ServerToServer,
};
use xmpp_core::sasl::client::{Credentials, Policy};
use xmpp_core::sasl::crypto::{self, Crypto, Digest, Hash};
use xmpp_core::sasl::server::{AccountKeys, Answer, Config as SaslConfig, FakeSalt};
use xmpp_core::sasl::{ScramKeys, Secret};
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::time::Instant;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::tls::{TlsInitiator, TlsReceiver, TlsSession};
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer, ns};
use xmpp_core::{
    Client, ClientConfig, Component, ComponentConfig, ComponentServer, ComponentServerConfig,
    ComponentServerEvent, Connection, Endpoint, Event, FederationConfig, HostConfig, InboundPeer,
    OutboundPeer, Output, PeerAnswer, PeerEvent, Purpose, Server, ServerConfig, ServerEvent,
    XmppPreparation,
};

const DOMAIN: &str = "example.com";
const COMPONENT: &str = "gateway.example.com";
const OTHER_DOMAIN: &str = "example.net";
pub(crate) const T0: Instant = Instant::from_origin(Duration::ZERO);

/// All that connections share, made once.
pub(crate) struct Shared {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    component: Arc<ComponentConfig>,
    component_server: Arc<ComponentServerConfig>,
    federation: Arc<FederationConfig>,
    host: Arc<HostConfig>,
    keys: ScramKeys,
    initiator: Arc<RustlsInitiator>,
    receiver: Arc<RustlsReceiver>,
}

impl Shared {
    pub(crate) fn new(tls: TlsMode) -> Self {
        Self::with_crypto(tls, crypto::provider())
    }

    /// With stream management (XEP-0198), as clients ask for by themselves.
    pub(crate) fn managed() -> Self {
        let mut shared = Self::new(TlsMode::DangerousPlaintext);
        let offer = StreamManagement::of_server();
        Arc::make_mut(&mut shared.host).stream_management = Some(offer);
        shared
    }

    /// Where SCRAM costs nothing: all hashes are one.
    pub(crate) fn without_crypto() -> Self {
        Self::with_crypto(TlsMode::DangerousPlaintext, &Constant)
    }

    fn with_crypto(tls: TlsMode, crypto: &'static dyn Crypto) -> Self {
        let rounds = NonZeroU32::new(4096).unwrap();
        let keys = ScramKeys::derive(crypto, Hash::Sha256, b"r0m30", b"0123456789abcdef", rounds);
        let account = BareJid::new("juliet@example.com").unwrap();
        let credentials = Credentials::new("juliet").with_scram_keys(keys.clone());
        let mut client = ClientConfig::new(account, credentials);
        client.tls = tls;
        client.sasl = Policy::new(crypto).preparation(&XmppPreparation).allow_without_tls();
        let mut server = ServerConfig::default();
        server.tls = tls;
        let account_keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, rounds);
        let sasl = SaslConfig::with_crypto(crypto).account_keys(account_keys);
        let mut host = HostConfig::new(Domainpart::new(DOMAIN).unwrap(), sasl);
        host.policy = host.policy.allow_without_tls();
        let secret = Secret::from("r0m30");
        let component = ComponentConfig::new(Domainpart::new(COMPONENT).unwrap(), secret);
        let mut federation = FederationConfig::new(Secret::from("r0m30"));
        federation.tls = tls;
        federation.stream_management = None;
        let (initiator, receiver) = tls_ends();
        Self {
            client: Arc::new(client),
            server: Arc::new(server),
            component: Arc::new(component),
            component_server: Arc::new(ComponentServerConfig::default()),
            federation: Arc::new(federation),
            host: Arc::new(host),
            keys,
            initiator,
            receiver,
        }
    }

    fn client(&self) -> Engine<ClientToServer> {
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::connect(Arc::clone(&self.client), T0, [1; 32], &mut tx);
        Engine::new(connection, tx)
    }

    pub(crate) fn server(&self) -> Engine<ServerFromClient> {
        let config = Arc::clone(&self.server);
        let connection = Connection::accept(config, Framing::Stream, T0, [2; 32]);
        Engine::new(connection, SendBuffer::new(Framing::Stream))
    }

    /// A client and a server, and in how many flights they came to terms.
    pub(crate) fn engines(&self) -> Pair<Engine<ClientToServer>, Engine<ServerFromClient>> {
        let (mut client, mut server) = (self.client(), self.server());
        let flights = negotiate(
            &mut client,
            &mut server,
            |_, _, _| {},
            |end, event, tx| {
                self.answer(end, event, tx);
            },
        );
        assert!(client.connection.bound().is_some());
        Pair { initiating: client, receiving: server, flights }
    }

    /// A component and a server.
    pub(crate) fn component_engines(
        &self,
    ) -> Pair<Engine<ComponentToServer>, Engine<ServerFromComponent>> {
        let mut tx = SendBuffer::new(Framing::Stream);
        let config = Arc::clone(&self.component);
        let connection = Connection::connect_component(config, T0, [1; 32], &mut tx);
        let mut component = Engine::new(connection, tx);
        let config = Arc::clone(&self.component_server);
        let connection = Connection::accept_component(config, T0, [2; 32]);
        let mut tx = SendBuffer::new(Framing::Stream);
        tx.set_content(ns::COMPONENT_ACCEPT);
        let mut server = Engine::new(connection, tx);
        let answer = |end: &mut Connection<_>, event: Event<'_, _>, tx: &mut SendBuffer| {
            if let Event::Role(ComponentServerEvent::ComponentWanted(query)) = event {
                end.provide_secret(query, Secret::from("r0m30"), tx).unwrap();
            }
        };
        let flights = negotiate(&mut component, &mut server, |_, _, _| {}, answer);
        assert!(server.connection.component().is_some());
        Pair { initiating: component, receiving: server, flights }
    }

    /// Between servers, with SASL EXTERNAL for those who say that certificates prove the
    /// domain, or with dialback whose key is taken to be right.
    pub(crate) fn peer_engines(
        &self,
        external: bool,
    ) -> Pair<Engine<ServerToServer>, Engine<ServerFromServer>> {
        let mut tx = SendBuffer::new(Framing::Stream);
        let config = Arc::clone(&self.federation);
        let connection =
            Connection::connect_server(config, domains(), Purpose::Stanzas, T0, [1; 32], &mut tx);
        let mut initiating = Engine::new(connection, tx);
        let connection = Connection::accept_server(Arc::clone(&self.federation), T0, [2; 32]);
        let mut receiving = Engine::new(connection, SendBuffer::new(Framing::Stream));
        let answer = |end: &mut Connection<_>, event: Event<'_, _>, tx: &mut SendBuffer| match event
        {
            Event::Role(PeerEvent::PeerWanted(query)) => {
                let proved = if external { PeerAnswer::Proved } else { PeerAnswer::NotProved };
                end.accept_peer(query, proved, tx).unwrap();
            }
            Event::Role(PeerEvent::ResultWanted(query)) => {
                end.answer_result(query, Verdict::Valid, tx).unwrap();
            }
            _ => {}
        };
        let flights = negotiate(&mut initiating, &mut receiving, |_, _, _| {}, answer);
        assert!(receiving.connection.pairs().count() > 0);
        Pair { initiating, receiving, flights }
    }

    /// Two servers with their buffers and TLS, joined by the configured TLS and dialback.
    pub(crate) fn peers(&self) -> Pair<OutboundPeer, InboundPeer> {
        let config = Arc::clone(&self.federation);
        let initiator = Arc::clone(&self.initiator);
        let mut out = OutboundPeer::connect_server(
            config,
            domains(),
            Purpose::Stanzas,
            initiator,
            T0,
            [1; 32],
        )
        .unwrap();
        let receiver = Arc::clone(&self.receiver);
        let config = Arc::clone(&self.federation);
        let mut inn = InboundPeer::accept_server(config, receiver, T0, [2; 32]).unwrap();
        let mut flights = 0;
        loop {
            let there = carry(&mut out, &mut inn, T0, |_, _| {});
            let back = carry(&mut inn, &mut out, T0, |inn, event| match event {
                Event::Role(PeerEvent::PeerWanted(query)) => {
                    inn.accept_peer(query, PeerAnswer::NotProved).unwrap();
                }
                Event::Role(PeerEvent::ResultWanted(query)) => {
                    inn.answer_result(query, Verdict::Valid).unwrap();
                }
                _ => {}
            });
            flights += u32::from(there > 0) + u32::from(back > 0);
            if there + back == 0 {
                assert!(inn.pairs().count() > 0);
                return Pair { initiating: out, receiving: inn, flights };
            }
        }
    }

    fn answer(
        &self,
        end: &mut Connection<ServerFromClient>,
        event: Event<'_, ServerFromClient>,
        tx: &mut SendBuffer,
    ) {
        match event {
            Event::Role(ServerEvent::HostWanted(query)) => {
                end.choose_host(query, Arc::clone(&self.host), tx).unwrap();
            }
            Event::Role(ServerEvent::CredentialsWanted(query)) => {
                let answer = Answer::keys(self.keys.to_stored());
                end.provide_credentials(query, answer, tx).unwrap();
            }
            Event::Role(ServerEvent::BindWanted(query)) => {
                let jid = FullJid::new("juliet@example.com/balcony").unwrap();
                end.bind(query, jid, tx).unwrap();
            }
            _ => {}
        }
    }

    /// A client and a server with all that they own, by the configured TLS.
    pub(crate) fn endpoints(&self) -> Pair<Client, Server> {
        let initiator = Arc::clone(&self.initiator);
        let mut client = Client::connect(Arc::clone(&self.client), initiator, T0, [1; 32]).unwrap();
        let receiver = Arc::clone(&self.receiver);
        let mut server = Server::accept(Arc::clone(&self.server), receiver, T0, [2; 32]).unwrap();
        let mut flights = 0;
        loop {
            let there = carry(&mut client, &mut server, T0, |_, _| {});
            let back = carry(&mut server, &mut client, T0, |server, event| match event {
                Event::Role(ServerEvent::HostWanted(query)) => {
                    server.choose_host(query, Arc::clone(&self.host)).unwrap();
                }
                Event::Role(ServerEvent::CredentialsWanted(query)) => {
                    let answer = Answer::keys(self.keys.to_stored());
                    server.provide_credentials(query, answer).unwrap();
                }
                Event::Role(ServerEvent::BindWanted(query)) => {
                    let jid = FullJid::new("juliet@example.com/balcony").unwrap();
                    server.bind(query, jid).unwrap();
                }
                _ => {}
            });
            flights += u32::from(there > 0) + u32::from(back > 0);
            if there + back == 0 {
                assert!(client.bound().is_some());
                return Pair { initiating: client, receiving: server, flights };
            }
        }
    }

    /// What TLS is made of, without a stream: established, and memory given back.
    pub(crate) fn sessions(&self) -> (Box<dyn TlsSession>, Box<dyn TlsSession>) {
        let domain = Domainpart::new(DOMAIN).unwrap();
        let mut client = self.initiator.initiate(domain.as_ref(), None).unwrap();
        let mut server = self.receiver.receive(None, None).unwrap();
        let mut rx = RecvBuffer::new(1 << 16);
        loop {
            let (mut there, mut back) = (Vec::new(), Vec::new());
            client.encrypt(&[], &mut there);
            server.decrypt(&mut &*there, &mut rx).unwrap();
            server.encrypt(&[], &mut back);
            client.decrypt(&mut &*back, &mut rx).unwrap();
            if there.is_empty() && back.is_empty() {
                assert!(!client.is_handshaking() && !server.is_handshaking());
                client.release();
                server.release();
                return (client, server);
            }
        }
    }

    /// A component and its server with their buffers, in the clear: XEP-0114 has no TLS.
    pub(crate) fn component_endpoints(&self) -> Pair<Component, ComponentServer> {
        let mut component = Component::connect_component(Arc::clone(&self.component), T0, [1; 32]);
        let config = Arc::clone(&self.component_server);
        let mut server = ComponentServer::accept_component(config, T0, [2; 32]);
        let mut flights = 0;
        loop {
            let there = carry(&mut component, &mut server, T0, |_, _| {});
            let back = carry(&mut server, &mut component, T0, |server, event| {
                if let Event::Role(ComponentServerEvent::ComponentWanted(query)) = event {
                    server.provide_secret(query, Secret::from("r0m30")).unwrap();
                }
            });
            flights += u32::from(there > 0) + u32::from(back > 0);
            if there + back == 0 {
                assert!(server.component().is_some());
                return Pair { initiating: component, receiving: server, flights };
            }
        }
    }
}

fn domains() -> Domains {
    let domain = |text| Domainpart::new(text).unwrap();
    Domains::new(domain(OTHER_DOMAIN), domain(DOMAIN))
}

/// Two ends that have come to terms.
pub(crate) struct Pair<I, S> {
    pub(crate) initiating: I,
    pub(crate) receiving: S,
    /// How often bytes went one way or the other.
    pub(crate) flights: u32,
}

/// The engine and the buffers that its owner has for it.
pub(crate) struct Engine<R: Role> {
    pub(crate) connection: Connection<R>,
    pub(crate) rx: RecvBuffer,
    pub(crate) tx: SendBuffer,
}

impl<R: Role> Engine<R> {
    fn new(connection: Connection<R>, tx: SendBuffer) -> Self {
        Self { connection, rx: RecvBuffer::new(1 << 20), tx }
    }

    /// Gives the buffers' memory back.
    pub(crate) fn release(&mut self) {
        self.rx.release();
        self.tx.release();
    }
}

fn negotiate<I: Role, S: Role>(
    initiating: &mut Engine<I>,
    receiving: &mut Engine<S>,
    mut first: impl FnMut(&mut Connection<I>, Event<'_, I>, &mut SendBuffer),
    mut second: impl FnMut(&mut Connection<S>, Event<'_, S>, &mut SendBuffer),
) -> u32 {
    let mut flights = 0;
    loop {
        poll(initiating, &mut first);
        let there = receiving.rx.push(initiating.tx.unsent());
        initiating.tx.sent(there);
        poll(receiving, &mut second);
        let back = initiating.rx.push(receiving.tx.unsent());
        receiving.tx.sent(back);
        flights += u32::from(there > 0) + u32::from(back > 0);
        if there + back == 0 {
            return flights;
        }
    }
}

fn poll<R: Role>(
    end: &mut Engine<R>,
    look: &mut impl FnMut(&mut Connection<R>, Event<'_, R>, &mut SendBuffer),
) {
    let Engine { connection, rx, tx } = end;
    while let Some(event) = connection.poll_event(T0, rx, tx).unwrap() {
        look(connection, event, tx);
    }
}

/// Does what `from` says until it sends, and carries that to `to`; says how much
/// it was. Nothing if it waits, or if `to` takes nothing in.
pub(crate) fn carry<A: Role, B: Role>(
    from: &mut Endpoint<A>,
    to: &mut Endpoint<B>,
    now: Instant,
    mut look: impl FnMut(&mut Endpoint<A>, Event<'static, A>),
) -> usize {
    loop {
        match from.poll(now).unwrap() {
            Output::Event(event) => look(from, event),
            Output::Transmit(bytes) => {
                let Some(room) = to.recv_buf() else { return 0 };
                let n = room.len().min(bytes.len());
                room[..n].copy_from_slice(&bytes[..n]);
                from.transmitted(n);
                to.handle_read(n);
                return n;
            }
            Output::Shutdown => {}
            Output::Wait(_) | Output::Closed => return 0,
        }
    }
}

/// A certificate that signs itself, and who trusts it.
fn tls_ends() -> (Arc<RustlsInitiator>, Arc<RustlsReceiver>) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap().self_signed(&key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let receiver = RustlsReceiver::with_certificate(vec![certificate.der().clone()], key).unwrap();
    (Arc::new(RustlsInitiator::with_roots(roots).unwrap()), Arc::new(receiver))
}

/// All hashes are one: both ends agree, and it costs nothing.
#[derive(Debug)]
struct Constant;

impl Constant {
    fn digest_of(hash: Hash) -> Digest {
        Digest::new(&[7; 64][..hash.output_len()]).expect("no more than 64 bytes")
    }
}

impl Crypto for Constant {
    fn digest(&self, hash: Hash, _: &[&[u8]]) -> Digest {
        Self::digest_of(hash)
    }
    fn hmac(&self, hash: Hash, _: &[u8], _: &[&[u8]]) -> Digest {
        Self::digest_of(hash)
    }
    fn pbkdf2(&self, hash: Hash, _: &[u8], _: &[u8], _: NonZeroU32) -> Digest {
        Self::digest_of(hash)
    }
}
