//! The host behind all connections.

use core::net::SocketAddr;
use core::num::NonZeroU32;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use xmpp_core::certificate::{Proved, Purpose, Verifier};
use xmpp_core::jid::{BareJid, Domainpart, Localpart};
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::server::{AccountKeys, Config as SaslConfig, FakeSalt, default_iterations};
use xmpp_core::sasl::{Mechanism, Secret};
use xmpp_core::stanza::csi::ClientStateIndication;
use xmpp_core::stanza::disco::Item;
use xmpp_core::tls::rustls::RustlsReceiver;
use xmpp_core::xml::{Element, Writer, ns};
use xmpp_core::{BindQuery, ComponentServerConfig, HostConfig, Server, ServerConfig};
use xmpp_server::{Host, SessionId, StreamFeatures, UnixTime};

use super::accounts::Accounts;
use super::admission::Admission;
use super::entrance::Entrance;
use super::federation::{Federation, Pool};
use super::limits::Limits;
use super::tokens::Tokens;
use super::ways::Ways;
use super::{component, session};

/// One domain with its accounts, sessions and components.
pub(crate) struct Service {
    pub(crate) config: Arc<ServerConfig>,
    pub(super) component_config: Arc<ComponentServerConfig>,
    pub(crate) host_config: Arc<HostConfig>,
    pub(crate) tls: Arc<RustlsReceiver>,
    pub(crate) accounts: Accounts,
    /// If users may log in with certificates.
    pub(super) users: Option<Users>,
    /// None are issued before [`issue_tokens`](Self::issue_tokens).
    pub(super) tokens: Tokens,
    /// What resources are made of that stay the same for one installation.
    resources: Secret,
    /// The components that may connect, and their secrets.
    pub(super) components: HashMap<Domainpart, Secret>,
    hashes: Vec<Hash>,
    iterations: Option<NonZeroU32>,
    routing: Mutex<Routing>,
    next_session: AtomicU64,
    /// Looks at what is sent on each connection; for the demo.
    pub(crate) tap: Option<Box<dyn Fn(SessionId) -> Tap + Send + Sync>>,
    pub(super) admission: Arc<Admission>,
    /// Who of other servers is let in.
    pub(super) server_admission: Arc<Admission>,
    pub(super) limits: Limits,
    /// If other servers are spoken with.
    pub(super) federation: Option<Federation>,
    /// Comparing passwords is slow on purpose: so many at a time, so that there is time
    /// for something else.
    pub(super) slow: Semaphore,
    /// Turns true when the server ends.
    pub(super) ending: watch::Sender<bool>,
}

/// Users with certificates.
pub(super) struct Users {
    /// Who vouches for them.
    verifier: Verifier,
    /// The host as it is for them: with EXTERNAL.
    pub(super) host: Arc<HostConfig>,
    /// Asks for certificates. Not below WebSocket, where browsers would ask everybody
    /// which certificate to use.
    pub(super) tls: Arc<RustlsReceiver>,
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
        host_config.sasl2.inline = vec![ns::CSI.uri().to_owned()];
        let host = Host::new(domain.as_ref(), instance, xmpp_server::Config::default());
        let mut config = ServerConfig::default();
        config.nonzas.push(ns::CSI);
        config.space_behind_starttls = true;
        Self {
            config: Arc::new(config),
            component_config: Arc::default(),
            host_config: Arc::new(host_config),
            tls,
            accounts: Accounts::default(),
            users: None,
            tokens: Tokens::new(Duration::ZERO),
            resources: Secret::new(crate::net::random::<32>()),
            components: HashMap::new(),
            hashes: hashes.to_vec(),
            iterations,
            routing: Mutex::new(Routing { host, ways: Ways::default() }),
            next_session: AtomicU64::new(0),
            tap: None,
            admission: Arc::new(Admission::new(Limits::default())),
            server_admission: Arc::new(Admission::new(Limits::default().of_servers())),
            limits: Limits::default(),
            federation: None,
            slow: Semaphore::new(1),
            ending: watch::Sender::new(false),
        }
    }

    /// To be called once all else of the host is configured: users may log in with the
    /// certificates that `verifier` takes. `tls` asks for them.
    pub(super) fn accept_certificates(&mut self, verifier: Verifier, tls: Arc<RustlsReceiver>) {
        let mut host = HostConfig::clone(&self.host_config);
        host.policy = host.policy.allow(Mechanism::External);
        self.users = Some(Users { verifier, host: Arc::new(host), tls });
    }

    /// What the client's certificate proves, if it has a good one.
    pub(super) fn user(&self, server: &Server) -> Option<Proved> {
        let users = self.users.as_ref()?;
        let chain = server.peer_certificates();
        if chain.is_empty() {
            return None;
        }
        let domain = self.host_config.domain.as_ref();
        let now = unix_seconds();
        users.verifier.verify(Purpose::ServerFromClient, &chain, domain, now).map_or_else(
            |refused| {
                tracing::info!("a client's certificate is refused: {refused}");
                None
            },
            Some,
        )
    }

    /// To be called before there are accounts and components.
    pub(super) fn limit(&mut self, limits: &Limits) {
        let instance = u64::from_le_bytes(crate::net::random());
        let domain = self.host_config.domain.as_ref();
        self.routing().host = Host::new(domain, instance, limits.host());
        self.limits = limits.clone();
        self.admission = Arc::new(Admission::new(limits.clone()));
        self.server_admission = Arc::new(Admission::new(limits.of_servers()));
        let mut routing = self.routing();
        routing.ways.bounds = limits.bounds();
        routing.ways.resumable.bounds = limits.detached();
        drop(routing);
        Arc::make_mut(&mut self.host_config).stream_management = Some(limits.stream_management());
    }

    pub(crate) fn add_account(&mut self, name: &str, password: &str) -> Result<(), String> {
        let local = Localpart::new(name).map_err(|error| format!("{name}: {error}"))?;
        let account = self.routing().host.add_account(local.as_ref());
        self.accounts.add(&self.hashes, account, password, self.iterations)
    }

    /// Adds an account without a password.
    pub(super) fn add_certified_account(&mut self, name: &str) -> Result<(), String> {
        let local = Localpart::new(name).map_err(|error| format!("{name}: {error}"))?;
        let account = self.routing().host.add_account(local.as_ref());
        self.accounts.add_certified(account);
        Ok(())
    }

    /// Offers tokens in place of passwords (XEP-0484) that are good for so long.
    pub(super) fn issue_tokens(&mut self, lifetime: Duration) {
        self.tokens = Tokens::new(lifetime);
        let host = Arc::make_mut(&mut self.host_config);
        let tokens =
            Mechanism::ALL.into_iter().filter(|it| matches!(it, Mechanism::HashedToken(_)));
        host.policy = tokens.fold(host.policy, |policy, mechanism| policy.allow(mechanism));
    }

    /// What tells this session's resource from others of the account: the same for each
    /// session of one installation (XEP-0386 section 3.2.1), so that a new one takes the
    /// place of one that was lost; its name does not show.
    pub(super) fn unique(&self, query: &BindQuery) -> String {
        let client = query.user_agent().and_then(|user_agent| user_agent.id());
        let random: [u8; 8] = crate::net::random();
        let digest = client.map(|client| {
            let parts = [query.account().as_str().as_bytes(), b"\0", client.as_bytes()];
            crypto::provider().hmac(Hash::Sha256, self.resources.expose(), &parts)
        });
        let bytes = digest.as_ref().and_then(|digest| digest.as_ref().get(..8)).unwrap_or(&random);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn add_component(&mut self, name: &str, secret: &str) -> Result<(), String> {
        let domain = Domainpart::new(name).map_err(|error| format!("{name}: {error}"))?;
        if domain == self.host_config.domain {
            return Err(format!("{name} is served here; a component needs a domain of its own"));
        }
        {
            let mut routing = self.routing();
            routing.ways.expect_component(domain.clone());
            routing.host.add_component(domain.as_ref());
            routing.host.add_item(Item::new(BareJid::from(domain.as_ref())));
        }
        self.components.insert(domain, Secret::from(secret));
        Ok(())
    }

    /// To be called once the components are there: other servers are spoken with.
    pub(super) fn federate(&mut self, federation: Federation, pool: Pool) {
        self.federation = Some(federation);
        self.routing().ways.federate(pool);
    }

    /// The domains that are served here: the host's own, and those of its components.
    pub(super) fn domains(&self) -> Vec<Domainpart> {
        let own = core::iter::once(&self.host_config.domain);
        own.chain(self.components.keys()).cloned().collect()
    }

    /// Tells all clients, components and servers that this one ends, and waits for them, but
    /// no longer than that.
    pub(super) async fn end(&self, patience: Duration) {
        // What waits for other servers comes back before its senders are told of the end.
        if let Some(pool) = self.routing().ways.pool() {
            pool.end();
        }
        self.ending.send_replace(true);
        let empty = async {
            self.admission.empty().await;
            self.server_admission.empty().await;
        };
        let _ = tokio::time::timeout(patience, empty).await;
    }

    fn new_id(&self) -> SessionId {
        SessionId(self.next_session.fetch_add(1, Ordering::Relaxed))
    }

    /// Nothing that holds the lock panics; should it ever, the others go on.
    pub(super) fn routing(&self) -> RoutingGuard<'_> {
        RoutingGuard(self.routing.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The lock on what is behind it. Before it opens, the host is told which ways have ended.
pub(super) struct RoutingGuard<'a>(MutexGuard<'a, Routing>);

impl Deref for RoutingGuard<'_> {
    type Target = Routing;

    fn deref(&self) -> &Routing {
        &self.0
    }
}

impl DerefMut for RoutingGuard<'_> {
    fn deref_mut(&mut self) -> &mut Routing {
        &mut self.0
    }
}

impl Drop for RoutingGuard<'_> {
    fn drop(&mut self) {
        let Routing { host, ways } = &mut *self.0;
        ways.settle(host);
    }
}

/// What the host can do for those who have authenticated.
fn features() -> Vec<Element> {
    let mut bytes = Vec::new();
    let mut writer = Writer::document(&mut bytes);
    writer.start(ns::STREAM, "features").write(&StreamFeatures);
    writer.write(&ClientStateIndication).end();
    let written = writer.finish().ok().and_then(|()| Element::parse(&bytes).ok());
    written.map_or_else(Vec::new, |features| {
        features.children().map(|feature| feature.into_shared()).collect()
    })
}

/// Accepts clients, each a task of its own, for as long as the program runs.
pub(crate) async fn accept_all(service: Arc<Service>, listener: TcpListener) {
    let entrance = Entrance::Stream(Arc::clone(&service.config));
    accept_all_by(service, listener, entrance).await;
}

/// Accepts the clients that come by that way, each a task of its own, for as long as the
/// program runs.
pub(super) async fn accept_all_by(
    service: Arc<Service>,
    listener: TcpListener,
    entrance: Entrance,
) {
    loop {
        let (socket, peer) = accept(&listener).await;
        match service.admission.admit(peer.ip(), Instant::now()) {
            Ok(place) => {
                let id = service.new_id();
                let entrance = entrance.clone();
                tokio::spawn(session::run(Arc::clone(&service), entrance, socket, id, place));
            }
            // Without a word: before TLS there is nobody to trust it.
            Err(refused) => tracing::debug!(%peer, ?refused, "not accepted"),
        }
    }
}

/// Accepts components, each a task of its own, for as long as the program runs.
pub(super) async fn accept_components(service: Arc<Service>, listener: TcpListener) {
    loop {
        let (socket, peer) = accept(&listener).await;
        match service.admission.admit(peer.ip(), Instant::now()) {
            Ok(place) => {
                let (service, id) = (Arc::clone(&service), service.new_id());
                tokio::spawn(component::run(service, socket, id, place));
            }
            Err(refused) => tracing::debug!(%peer, ?refused, "component not accepted"),
        }
    }
}

pub(super) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // Out of file descriptors, say: those who are connected go on.
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// The wall clock, for the delay stamps of stored messages.
pub(crate) fn unix_time() -> UnixTime {
    UnixTime::from_secs(unix_seconds())
}

/// The wall clock in seconds since 1970, for the time that tokens are good.
pub(super) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// How long what a certificate has proved is good. The last second counts.
pub(super) fn left(proved: &Proved) -> Duration {
    let end = proved.valid_until().saturating_add(1);
    Duration::from_secs(end.saturating_sub(unix_seconds()))
}
