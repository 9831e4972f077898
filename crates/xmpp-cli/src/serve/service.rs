//! The host behind all connections.

use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::{TcpListener, TcpStream};
use xmpp_core::jid::{Domainpart, Localpart};
use xmpp_core::sasl::Secret;
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::server::{AccountKeys, Config as SaslConfig, FakeSalt, default_iterations};
use xmpp_core::tls::rustls::RustlsReceiver;
use xmpp_core::xml::{Element, Writer, ns};
use xmpp_core::{ComponentServerConfig, HostConfig, ServerConfig};
use xmpp_server::{Host, SessionId, StreamFeatures, UnixTime};

use super::accounts::Accounts;
use super::ways::Ways;
use super::{component, session};

/// One domain with its accounts, sessions and components.
pub(crate) struct Service {
    pub(crate) config: Arc<ServerConfig>,
    pub(super) component_config: Arc<ComponentServerConfig>,
    pub(crate) host_config: Arc<HostConfig>,
    pub(crate) tls: Arc<RustlsReceiver>,
    pub(crate) accounts: Accounts,
    /// The components that may connect, and their secrets.
    pub(super) components: HashMap<Domainpart, Secret>,
    hashes: Vec<Hash>,
    iterations: Option<NonZeroU32>,
    routing: Mutex<Routing>,
    next_session: AtomicU64,
    /// Looks at what is sent on each connection; for the demo.
    pub(crate) tap: Option<Box<dyn Fn(SessionId) -> Tap + Send + Sync>>,
}

/// What [`Endpoint::tap_sent`](xmpp_core::Endpoint::tap_sent) takes.
pub(crate) type Tap = Box<dyn FnMut(&[u8]) + Send>;

/// What is behind one lock: the host, and the ways to the connections.
pub(super) struct Routing {
    pub(super) host: Host,
    pub(super) ways: Ways,
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
            config: Arc::default(),
            component_config: Arc::default(),
            host_config: Arc::new(host_config),
            tls,
            accounts: Accounts::default(),
            components: HashMap::new(),
            hashes: hashes.to_vec(),
            iterations,
            routing: Mutex::new(Routing { host, ways: Ways::default() }),
            next_session: AtomicU64::new(0),
            tap: None,
        }
    }

    pub(crate) fn add_account(&mut self, name: &str, password: &str) -> Result<(), String> {
        let local = Localpart::new(name).map_err(|error| format!("{name}: {error}"))?;
        let account = self.routing().host.add_account(local.as_ref());
        self.accounts.add(&self.hashes, account, password, self.iterations)
    }

    pub(super) fn add_component(&mut self, name: &str, secret: &str) -> Result<(), String> {
        let domain = Domainpart::new(name).map_err(|error| format!("{name}: {error}"))?;
        if domain == self.host_config.domain {
            return Err(format!("{name} is served here; a component needs a domain of its own"));
        }
        self.routing().ways.expect_component(domain.clone());
        self.components.insert(domain, Secret::from(secret));
        Ok(())
    }

    fn new_id(&self) -> SessionId {
        SessionId(self.next_session.fetch_add(1, Ordering::Relaxed))
    }

    /// Nothing that holds the lock panics; should it ever, the others go on.
    pub(super) fn routing(&self) -> MutexGuard<'_, Routing> {
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

/// Accepts clients, each a task of its own, for as long as the program runs.
pub(crate) async fn accept_all(service: Arc<Service>, listener: TcpListener) {
    loop {
        let socket = accept(&listener).await;
        tokio::spawn(session::run(Arc::clone(&service), socket, service.new_id()));
    }
}

/// The same for components.
pub(super) async fn accept_components(service: Arc<Service>, listener: TcpListener) {
    loop {
        let socket = accept(&listener).await;
        tokio::spawn(component::run(Arc::clone(&service), socket, service.new_id()));
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => return socket,
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
