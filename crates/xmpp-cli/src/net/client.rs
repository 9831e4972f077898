//! A client that has logged in: what `send`, `ping` and the demo begin with.

use core::time::Duration;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use xmpp_core::config::{KeyDerivation, TlsMode};
use xmpp_core::jid::{BareJid, FullJid, Jid};
use xmpp_core::role::ClientToServer;
use xmpp_core::sasl::{Mechanism, client::Credentials};
use xmpp_core::stanza::StanzaRef;
use xmpp_core::stanza::sasl::{Failure as SaslFailure, SaslCondition};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, ClientEvent, Error, Event, IssuedToken, Received};

use super::link::{Link, LinkError};
use super::place::Place;
use super::tokens::TokenFile;
use super::{certificates, names, requests, websocket};
use crate::{out, secrets};

/// How long connecting may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);

/// Who to log in as, and where.
#[derive(Args)]
pub(crate) struct LoginArgs {
    /// The account: a bare address, or a full one to ask for that resource.
    #[arg(long)]
    jid: String,
    /// A file whose first line is the password; `-` is standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "token_file")]
    password_file: Option<PathBuf>,
    /// A file for a token in place of the password (XEP-0484): the first login asks for
    /// one and writes it, the next ones use it. Who can read it can log in.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Authenticate by RFC 6120's profile of SASL, also where the server offers SASL2
    /// (XEP-0388).
    #[arg(long, conflicts_with = "token_file")]
    no_sasl2: bool,
    /// Where to connect to, instead of what DNS says; the port is 5222 if left out.
    /// The server's certificate still has to be for the domain of the address.
    #[arg(long, value_name = "HOST[:PORT]")]
    connect: Option<Place>,
    /// Trust the authorities in this PEM file, and no others.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Accept this SASL mechanism only.
    #[arg(long, value_name = "NAME")]
    mechanism: Option<String>,
    /// Accept the mechanism PLAIN, which shows the server the password.
    #[arg(long)]
    allow_plain: bool,
    /// Begin with TLS instead of STARTTLS (XEP-0368).
    #[arg(long)]
    direct_tls: bool,
    /// How long connecting may take, and logging in once connected, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    login_timeout: u64,
    /// Log in over this WebSocket (RFC 7395), a URI that begins with wss://. Its
    /// certificate has to be for the host of the URI; --connect says where that is,
    /// instead of what DNS says.
    #[arg(long, value_name = "URI", conflicts_with = "direct_tls")]
    websocket: Option<websocket::Url>,
    /// One JSON object a line instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A bound client.
pub(crate) struct Session {
    pub(crate) link: Link<ClientToServer>,
    pub(crate) jid: FullJid,
    pub(crate) mechanism: Mechanism,
    /// Which profile of SASL was used: `rfc6120` or `sasl2` (XEP-0388).
    pub(crate) profile: &'static str,
    pub(crate) tls: &'static str,
}

/// Why a command failed: a word for programs, a sentence for people.
pub(crate) struct Failure {
    pub(crate) error: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(error: &'static str, message: impl ToString) -> Self {
        Self { error, message: message.to_string() }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"ok": false, "error": self.error, "message": out::message(&self.message)})
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        let word = match &error {
            LinkError::Socket(_) => "connection",
            LinkError::Stream(error) => match error {
                Error::NotAuthenticated(failure) => failure.condition.as_str(),
                Error::ServerNotAuthenticated(_) => "server-not-authenticated",
                Error::Incompatible(_) => "incompatible",
                Error::Tls(_) => "tls",
                Error::TimedOut(_) => "timeout",
                Error::StreamError(error) => error.condition.as_str(),
                _ => "stream",
            },
        };
        Self::new(word, error)
    }
}

impl LoginArgs {
    /// Connects, logs in and binds.
    pub(crate) async fn log_in(&self) -> Result<Session, Failure> {
        let usage = |error: &dyn core::fmt::Display| Failure::new("usage", error);
        let jid = Jid::new(&self.jid).map_err(|error| usage(&error))?;
        let account = jid.to_bare();
        let local = account.localpart().ok_or_else(|| usage(&"--jid needs a localpart"))?;
        let mut credentials = Credentials::new(local.as_str());
        if let Some(file) = &self.password_file {
            let password = secrets::password(file).map_err(|error| usage(&error))?;
            credentials = credentials.with_password(&password);
        }
        let mut config = ClientConfig::new(account.clone(), credentials);
        config.sasl2.enabled = !self.no_sasl2;
        config.sasl2.user_agent.software = Some("xmpp".into());
        if let Some(bind) = &mut config.sasl2.bind {
            bind.tag = Some("xmpp".into());
        }
        config.key_derivation = KeyDerivation::Queried;
        config.resource = jid.resourcepart().map(|resource| resource.into_owned());
        if self.allow_plain {
            config.sasl = config.sasl.allow(Mechanism::Plain);
        }
        if let Some(name) = &self.mechanism {
            let mechanism = Mechanism::from_name(name)
                .ok_or_else(|| usage(&format!("unknown mechanism `{name}`")))?;
            config.sasl = Mechanism::ALL
                .into_iter()
                .filter(|other| *other != mechanism)
                .fold(config.sasl, |policy, other| policy.forbid(other));
        }
        if self.direct_tls {
            config.tls = TlsMode::Direct;
        }
        let patience = Duration::from_secs(self.login_timeout);
        config.timeouts.negotiation = patience;
        let mut tokens = match &self.token_file {
            Some(path) => {
                let failed = |error: String| Failure::new("token-file", error);
                let mut file = TokenFile::read(path, account.as_str()).map_err(failed)?;
                file.apply(&mut config).map_err(failed)?;
                if !file.has_token() && self.password_file.is_none() {
                    return Err(usage(&"there is no token yet; --password-file is needed"));
                }
                // Before the attempt: a count is not to be used twice.
                file.write(path).map_err(failed)?;
                Some((path, file))
            }
            None => None,
        };
        let tls = certificates::initiator(self.ca.as_deref()).map_err(|error| usage(&error))?;
        let link = match &self.websocket {
            Some(url) => {
                let connected = self.websocket(url, Arc::new(config), &tls);
                tokio::time::timeout(patience.min(CONNECT_PATIENCE), connected)
                    .await
                    .map_err(|_| Failure::new("connection", "connecting took too long"))??
            }
            None => {
                let domain = account.domainpart().to_ascii().into_owned();
                let socket = names::connect(&domain, self.connect.as_ref());
                let socket = tokio::time::timeout(patience.min(CONNECT_PATIENCE), socket)
                    .await
                    .map_err(|_| Failure::new("connection", "connecting took too long"))?
                    .map_err(|error| Failure::new("connection", error))?;
                let clock = Clock::start();
                let client = Client::connect(Arc::new(config), tls, clock.now(), super::seed())
                    .map_err(|error| Failure::new("tls", error))?;
                Link::new(client, socket, clock)
            }
        };
        let mut news = Tokens::default();
        let established = establish_with(link, &mut news).await;
        if let Some((path, file)) = &mut tokens {
            let changed = news.refused || news.issued.is_some();
            if news.refused {
                file.forget();
            }
            if let Some(issued) = &news.issued {
                file.keep(issued);
            }
            if changed {
                file.write(path).map_err(|error| Failure::new("token-file", error))?;
            }
        }
        established.map_err(|mut failure| {
            if let (Some(name), "incompatible") = (&self.mechanism, failure.error) {
                failure.message.push_str(&format!(" (with --mechanism {name})"));
            }
            failure
        })
    }
}

impl LoginArgs {
    /// A client on a WebSocket.
    async fn websocket(
        &self,
        url: &websocket::Url,
        config: Arc<ClientConfig>,
        tls: &RustlsInitiator,
    ) -> Result<Link<ClientToServer>, Failure> {
        let failed = |error: &dyn core::fmt::Display| Failure::new("connection", error);
        let (host, port) = match &self.connect {
            Some(place) => place.or_port(url.port),
            None => (url.host(), url.port),
        };
        let socket = TcpStream::connect((host, port))
            .await
            .map_err(|error| failed(&format!("cannot connect to {host} port {port}: {error}")))?;
        let max_bytes = config.limits.max_message_bytes();
        let connected = websocket::connect(url, socket, tls, max_bytes).await;
        let (socket, facts) = connected.map_err(|error| failed(&error))?;
        let clock = Clock::start();
        let facts = facts.as_facts();
        let version = facts.version.map_or("none", |version| version.as_str());
        let client = Client::connect_websocket(config, facts, clock.now(), super::seed());
        let mut link = Link::new(client, socket, clock);
        link.tls_below = Some(version);
        Ok(link)
    }
}

/// What became of tokens (XEP-0484).
#[derive(Default)]
struct Tokens {
    /// The one that was used is no good.
    refused: bool,
    issued: Option<IssuedToken>,
}

/// Drives a client up to the bound resource.
pub(crate) async fn establish(link: Link<ClientToServer>) -> Result<Session, Failure> {
    establish_with(link, &mut Tokens::default()).await
}

async fn establish_with(
    mut link: Link<ClientToServer>,
    tokens: &mut Tokens,
) -> Result<Session, Failure> {
    let (mut used, mut profile) = (None, "rfc6120");
    while let Some(event) = link.next().await? {
        match event {
            Event::Role(ClientEvent::KeysWanted(query)) => {
                // PBKDF2 takes long enough to be felt by all others on this thread.
                let derive = move || (query.derive(), query);
                let mut derived = tokio::task::spawn_blocking(derive);
                let patience = tokio::time::sleep(Duration::from_secs(1));
                let derived = tokio::select! {
                    derived = &mut derived => derived,
                    () = patience => {
                        out::note("hashing the password, as often as the server asks for");
                        derived.await
                    }
                };
                let (keys, query) = derived.map_err(|error| Failure::new("stream", error))?;
                // In vain if the stream has ended meanwhile, which is told next.
                let _ = link.endpoint.provide_keys(query, keys);
            }
            Event::Role(ClientEvent::UpgradeWanted(query)) => {
                let derived = tokio::task::spawn_blocking(move || (query.derive(), query));
                let (salted, query) =
                    derived.await.map_err(|error| Failure::new("stream", error))?;
                let _ = link.endpoint.provide_salted_password(query, salted);
            }
            Event::Role(ClientEvent::AuthenticationFailed { mechanism, failure }) => {
                tokens.refused |= is_lost(mechanism, &failure);
            }
            Event::Role(ClientEvent::SuccessReceived(_)) => profile = "sasl2",
            Event::Role(ClientEvent::Authenticated { proof, token, .. }) => {
                used = Some(proof.mechanism());
                tokens.issued = token;
            }
            Event::Established { .. } => {
                let tls = link.endpoint.tls_facts().and_then(|facts| facts.version);
                let tls = tls.map_or("none", |version| version.as_str());
                let tls = link.tls_below.unwrap_or(tls);
                let jid = link.endpoint.bound().cloned();
                let (Some(mechanism), Some(jid)) = (used, jid) else { break };
                return Ok(Session { link, jid, mechanism, profile, tls });
            }
            _ => {}
        }
    }
    Err(Failure::new("closed", "the server closed the stream before it was ready"))
}

/// Whether a failure says that a token is no good any more (XEP-0484 section 5.1).
fn is_lost(mechanism: Mechanism, failure: &SaslFailure) -> bool {
    matches!(mechanism, Mechanism::HashedToken(_))
        && failure.condition != SaslCondition::TemporaryAuthFailure
}

impl Session {
    /// The next stanza; `None` once the connection is over, in order. A request is
    /// answered as well.
    pub(crate) async fn stanza(&mut self) -> Result<Option<Received<'static>>, Failure> {
        while let Some(event) = self.link.next().await? {
            let Event::Stanza(received) = event else { continue };
            if let Some(stanza) = received.stanza() {
                // In vain if the stream has ended meanwhile, which is told next.
                let _ = requests::answer(&mut self.link.endpoint, stanza);
            }
            return Ok(Some(received));
        }
        Ok(None)
    }

    /// Closes the stream in order.
    ///
    /// # Errors
    ///
    /// Also if the server does not answer the closing tag: it may not have taken
    /// what was sent before (RFC 6120 section 4.4).
    pub(crate) async fn close(self) -> Result<(), Failure> {
        self.close_while(|_| {}).await
    }

    /// The same; `look` sees the stanzas that still come.
    pub(crate) async fn close_while(
        mut self,
        mut look: impl FnMut(StanzaRef<'_>),
    ) -> Result<(), Failure> {
        let now = self.link.now();
        self.link.endpoint.close(now, None);
        while let Some(event) = self.link.next().await? {
            let Event::Stanza(received) = event else { continue };
            if let Some(stanza) = received.stanza() {
                look(stanza);
            }
        }
        if self.link.endpoint.peer_closed_stream() {
            Ok(())
        } else {
            let message = "the server did not answer the end of the stream, \
                           and may not have taken what was sent";
            Err(Failure::new("not-closed", message))
        }
    }

    pub(crate) fn account(&self) -> BareJid {
        self.jid.to_bare()
    }
}
