//! The host behind all connections: who is connected, and how to reach them.

use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use xmpp_core::jid::{Domainpart, Localpart};
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::server::{AccountKeys, Config as SaslConfig, FakeSalt, default_iterations};
use xmpp_core::stanza::StreamCondition;
use xmpp_core::tls::rustls::RustlsReceiver;
use xmpp_core::xml::{Element, WriteXml, Writer, ns};
use xmpp_core::{HostConfig, ServerConfig};
use xmpp_server::{Host, Outbox, SessionId, StreamFeatures, UnixTime};

use super::accounts::Accounts;
use super::session;

/// How many stanzas may wait for a client that does not read. One more ends
/// its stream, so that a sleeping client cannot fill the server's memory.
const QUEUE: usize = 4096;

/// One domain with its accounts and sessions.
pub(crate) struct Service {
    pub(crate) config: ServerConfig,
    pub(crate) host_config: Arc<HostConfig>,
    pub(crate) tls: Arc<RustlsReceiver>,
    pub(crate) accounts: Accounts,
    hashes: Vec<Hash>,
    iterations: Option<NonZeroU32>,
    routing: Mutex<Routing>,
    next_session: AtomicU64,
    /// Looks at what is sent on each connection; for the demo.
    pub(crate) tap: Option<Box<dyn Fn(SessionId) -> Tap + Send + Sync>>,
}

/// What [`Endpoint::tap_sent`](xmpp_core::Endpoint::tap_sent) takes.
pub(crate) type Tap = Box<dyn FnMut(&[u8]) + Send>;

/// What is behind one lock: the host, and the ways to its sessions.
pub(crate) struct Routing {
    pub(crate) host: Host,
    pub(crate) sessions: Sessions,
}

/// What is to be sent on a session's stream.
pub(crate) enum Outgoing {
    Stanza(Vec<u8>),
    Close(StreamCondition),
}

impl Service {
    pub(crate) fn new(
        domain: Domainpart,
        tls: Arc<RustlsReceiver>,
        hashes: &[Hash],
        iterations: Option<NonZeroU32>,
    ) -> Self {
        let salt = FakeSalt::new(crate::net::random());
        let mut sasl = SaslConfig::new();
        if let Some((&first, more)) = hashes.split_first() {
            let count = |hash| iterations.unwrap_or_else(|| default_iterations(hash));
            let keys = AccountKeys::new(salt, first, count(first));
            let keys = more.iter().fold(keys, |keys, &hash| keys.and(hash, count(hash)));
            sasl = sasl.account_keys(keys);
        }
        let instance = u64::from_le_bytes(crate::net::random());
        let mut host_config = HostConfig::new(domain.clone(), sasl);
        host_config.features = features();
        let host = Host::new(domain.as_ref(), instance, xmpp_server::Config::default());
        Self {
            config: ServerConfig::default(),
            host_config: Arc::new(host_config),
            tls,
            accounts: Accounts::default(),
            hashes: hashes.to_vec(),
            iterations,
            routing: Mutex::new(Routing { host, sessions: Sessions::default() }),
            next_session: AtomicU64::new(0),
            tap: None,
        }
    }

    pub(crate) fn add_account(&mut self, name: &str, password: &str) -> Result<(), String> {
        let local = Localpart::new(name).map_err(|error| format!("{name}: {error}"))?;
        self.accounts.add(&self.hashes, local.as_str(), password, self.iterations)?;
        self.routing().host.add_account(local.as_ref());
        Ok(())
    }

    /// Nothing that holds the lock panics; should it ever, the others go on.
    pub(crate) fn routing(&self) -> MutexGuard<'_, Routing> {
        self.routing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the host can do for those who have authenticated.
fn features() -> Vec<Element> {
    let mut bytes = Vec::new();
    let mut writer = Writer::document(&mut bytes);
    writer.start(ns::STREAM, "features").write(&StreamFeatures).end();
    let written = writer.finish().ok().and_then(|()| Element::parse(&bytes).ok());
    written.map_or_else(Vec::new, |features| {
        features.children().map(|feature| feature.into_shared()).collect()
    })
}

/// Accepts connections, each a task of its own, until the listener fails for good.
pub(crate) async fn accept_all(service: Arc<Service>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                let id = SessionId(service.next_session.fetch_add(1, Ordering::Relaxed));
                tokio::spawn(session::run(Arc::clone(&service), socket, id));
            }
            Err(error) => {
                // Out of file descriptors, say: those who are connected go on.
                eprintln!("xmpp serve: cannot accept: {error}");
                tokio::time::sleep(core::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// The wall clock, for the delay stamps of stored messages.
pub(crate) fn unix_time() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_secs(since.as_secs())
}

/// The ways to the sessions' tasks.
#[derive(Default)]
pub(crate) struct Sessions(HashMap<SessionId, mpsc::Sender<Outgoing>>);

impl Sessions {
    pub(crate) fn open(&mut self, id: SessionId) -> mpsc::Receiver<Outgoing> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        self.0.insert(id, sender);
        receiver
    }

    pub(crate) fn forget(&mut self, id: SessionId) {
        self.0.remove(&id);
    }
}

impl Outbox for Sessions {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        let Some(sender) = self.0.get(&session) else { return };
        let mut bytes = Vec::new();
        let mut writer = Writer::in_stream(&mut bytes, ns::CLIENT);
        stanza.write_xml(&mut writer);
        if writer.finish().is_err() {
            return;
        }
        if sender.try_send(Outgoing::Stanza(bytes)).is_err() {
            // Without a sender the session's task ends its stream.
            self.0.remove(&session);
        }
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        if let Some(sender) = self.0.remove(&session) {
            let _ = sender.try_send(Outgoing::Close(condition));
        }
    }
}
