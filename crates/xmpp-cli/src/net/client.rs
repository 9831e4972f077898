//! A client that has logged in: what `send`, `ping` and `listen` begin with.

use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use xmpp_core::config::{KeyDerivation, TlsMode};
use xmpp_core::jid::{FullJid, Jid};
use xmpp_core::requests::RequestId;
use xmpp_core::sasl::{Mechanism, client::Credentials};
use xmpp_core::session::discovery::{Host, Place as At};
use xmpp_core::session::{Backoff, Destination, Reason, SessionConfig, SessionEvent};
use xmpp_core::stanza::features::FeaturesRef;
use xmpp_core::stanza::sasl::{Failure as SaslFailure, SaslCondition};
use xmpp_core::stanza::{IqBuilder, StanzaRef};
use xmpp_core::xml::WriteXml;
use xmpp_core::{ClientConfig, ClientEvent, Error, Received};

use super::link::LinkError;
use super::names::Names;
use super::online::Online;
use super::place::Place;
use super::tokens::TokenFile;
use super::{certificates, names, requests, websocket};
use crate::{out, secrets};

/// Who to log in as, and where.
#[derive(Args)]
pub(crate) struct LoginArgs {
    /// The account: a bare address, or a full one to ask for that resource.
    #[arg(long)]
    jid: String,
    /// A file whose first line is the password; `-` is standard input.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["token_file", "certificate"])]
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
    /// A certificate chain in PEM, end entity first, to log in with in place of the
    /// password (SASL EXTERNAL), where the server takes it.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The key of --certificate in PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
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
    /// Ask the DNS server at this address, instead of those that the system asks.
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// One JSON object a line instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A client that is online, and may stay so.
pub(crate) struct Session {
    link: Online,
    pub(crate) jid: FullJid,
    pub(crate) mechanism: Mechanism,
    /// Which profile of SASL was used: `rfc6120` or `sasl2` (XEP-0388).
    pub(crate) profile: &'static str,
    pub(crate) tls: &'static str,
    tokens: Option<Tokens>,
    /// Why it has stopped, once it has. It is told when the server has got its closing tag.
    stopped: Option<Failure>,
}

/// What a session has to tell to a command.
pub(crate) enum News {
    Stanza(Received<'static>),
    Answered(RequestId, Received<'static>),
    Unanswered(RequestId),
    /// Not online, for so long.
    Offline(Reason, Duration),
    /// Online again.
    Online {
        resumed: bool,
    },
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
            LinkError::Stream(error) => word(error),
        };
        Self::new(word, error)
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        let word = match &reason {
            Reason::Stream(error) => word(error),
            Reason::ClosedByServer | Reason::Closed => "closed",
            Reason::Transport(_) | Reason::Unreachable(_) | Reason::NotOffered => "connection",
            _ => "stream",
        };
        Self::new(word, reason)
    }
}

fn word(error: &Error) -> &'static str {
    match error {
        Error::NotAuthenticated(failure) => failure.condition.as_str(),
        Error::ServerNotAuthenticated(_) => "server-not-authenticated",
        Error::Incompatible(_) => "incompatible",
        Error::Tls(_) => "tls",
        Error::TimedOut(_) => "timeout",
        Error::StreamError(error) => error.condition.as_str(),
        _ => "stream",
    }
}

impl LoginArgs {
    /// Connects, logs in and binds. What fails ends it.
    pub(crate) async fn log_in(&self) -> Result<Session, Failure> {
        self.come_online(None).await
    }

    /// Connects, logs in and binds. With `stay`, what can be got over is not the end:
    /// neither of the login nor of what follows.
    pub(crate) async fn come_online(&self, stay: Option<Backoff>) -> Result<Session, Failure> {
        let usage = |error: &dyn core::fmt::Display| Failure::new("usage", error);
        let jid = Jid::new(&self.jid).map_err(|error| usage(&error))?;
        let account = jid.to_bare();
        let local = account.localpart().ok_or_else(|| usage(&"--jid needs a localpart"))?;
        let mut credentials = Credentials::new(local.as_str());
        if let Some(file) = &self.password_file {
            let password = secrets::password(file).map_err(|error| usage(&error))?;
            credentials = credentials.with_password(&password);
        }
        let mut own = None;
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.key) {
            let (presented, identities) =
                certificates::of_client(certificate, key).map_err(|error| usage(&error))?;
            credentials = credentials.with_certificate();
            if identities.needs_authorization_identity(&account) {
                credentials = credentials.with_authorization_identity(account.as_str());
            }
            own = Some(presented);
        }
        let mut config = ClientConfig::new(account.clone(), credentials);
        // What this program says is in English.
        config.lang = Some("en".into());
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
        let tokens = match &self.token_file {
            Some(path) => {
                let failed = |error: String| Failure::new("token-file", error);
                let mut file = TokenFile::read(path, account.as_str()).map_err(failed)?;
                file.apply(&mut config).map_err(failed)?;
                if !file.has_token() && self.password_file.is_none() && own.is_none() {
                    return Err(usage(&"there is no token yet; --password-file is needed"));
                }
                // Before the attempt: a count is not to be used twice.
                file.write(path).map_err(failed)?;
                Some(Tokens { path: path.clone(), file, logins: 0 })
            }
            None => None,
        };
        let patience = Duration::from_secs(self.login_timeout);
        config.timeouts.negotiation = patience;
        let tls = certificates::initiator_presenting(self.ca.as_deref(), own)
            .map_err(|error| usage(&error))?;
        let mut config = SessionConfig::new(config);
        config.reconnect = stay.is_some();
        config.backoff = stay.unwrap_or_default();
        config.methods.start_tls = !self.direct_tls;
        if let Some(url) = &self.websocket {
            config.destination = Destination::WebSocket(url.to_string());
        } else if let Some(place) = &self.connect {
            let tls = if self.direct_tls { TlsMode::Direct } else { TlsMode::StartTls };
            let (host, port) = place.or_port(names::PORT);
            config.destination = Destination::Place(At::new(Host::new(host), port, tls));
        }
        config.timing.connect = config.timing.connect.min(patience);
        config.timing.lookup = config.timing.lookup.min(patience);
        let names = Names::new(self.resolver);
        let link = Online::begin(config, tls, names, self.connect.clone());
        Session::begin(link, tokens).await.map_err(|mut failure| {
            if let (Some(name), "incompatible") = (&self.mechanism, failure.error) {
                failure.message.push_str(&format!(" (with --mechanism {name})"));
            }
            failure
        })
    }
}

/// Whether a failure says that a token is no good any more (XEP-0484 section 5.1).
fn is_lost(mechanism: Mechanism, failure: &SaslFailure) -> bool {
    matches!(mechanism, Mechanism::HashedToken(_))
        && failure.condition != SaslCondition::TemporaryAuthFailure
}

/// The file of a token, and what becomes of the token (XEP-0484).
struct Tokens {
    path: PathBuf,
    file: TokenFile,
    /// Logins with it.
    logins: u32,
}

impl Tokens {
    fn look(&mut self, event: &ClientEvent<'_>) -> Result<(), Failure> {
        match event {
            ClientEvent::AuthenticationFailed { mechanism, failure }
                if is_lost(*mechanism, failure) =>
            {
                self.file.forget();
            }
            ClientEvent::Authenticated { token: Some(issued), .. } => self.file.keep(issued),
            ClientEvent::Authenticated { proof, .. }
                if matches!(proof.mechanism(), Mechanism::HashedToken(_)) =>
            {
                // The first was counted before it was made.
                self.logins += 1;
                if self.logins == 1 {
                    return Ok(());
                }
                self.file.count();
            }
            _ => return Ok(()),
        }
        self.file.write(&self.path).map_err(|error| Failure::new("token-file", error))
    }
}

/// What a close that is not answered means.
pub(super) const NOT_CLOSED: &str =
    "the server did not answer the end of the stream, and may not have taken what was sent";

impl Session {
    /// Waits until it is online for the first time.
    async fn begin(mut link: Online, mut tokens: Option<Tokens>) -> Result<Self, Failure> {
        while let Some(event) = link.next().await {
            match event {
                SessionEvent::Client(event) => {
                    tokens.as_mut().map_or(Ok(()), |tokens| tokens.look(&event))?;
                }
                SessionEvent::Online { jid, .. } => {
                    let (Some(mechanism), tls) = (link.mechanism, link.tls_version()) else {
                        break;
                    };
                    let profile = link.profile;
                    return Ok(Self { link, jid, mechanism, profile, tls, tokens, stopped: None });
                }
                SessionEvent::Offline { why, .. } => out::note(&why.to_string()),
                SessionEvent::Stopped { why: Reason::ClosedByServer } => break,
                SessionEvent::Stopped { why } => return Err(why.into()),
                _ => {}
            }
        }
        Err(Failure::new("closed", "the server closed the stream before it was ready"))
    }

    /// What there is to tell next; `None` once the session has stopped, in order. A
    /// request is answered as well.
    pub(crate) async fn news(&mut self) -> Result<Option<News>, Failure> {
        while let Some(event) = self.link.next().await {
            return Ok(Some(match event {
                SessionEvent::Stanza(received) => {
                    if let Some(stanza) = received.stanza() {
                        // In vain if the stream has ended meanwhile, which is told next.
                        let session = &mut self.link.session;
                        let _ = requests::answer(stanza, |answer| session.send(answer));
                    }
                    News::Stanza(received)
                }
                SessionEvent::Answered { request, answer } => News::Answered(request, answer),
                SessionEvent::Unanswered { request } => News::Unanswered(request),
                SessionEvent::Client(event) => {
                    self.tokens.as_mut().map_or(Ok(()), |tokens| tokens.look(&event))?;
                    continue;
                }
                SessionEvent::Online { jid, resumed } => {
                    self.jid = jid;
                    News::Online { resumed }
                }
                SessionEvent::Offline { why, retry_at } => {
                    News::Offline(why, retry_at.saturating_since(self.link.now()))
                }
                SessionEvent::Stopped { why: Reason::Closed | Reason::ClosedByServer } => continue,
                SessionEvent::Stopped { why } => {
                    self.stopped = Some(why.into());
                    continue;
                }
                _ => continue,
            }));
        }
        self.stopped.take().map_or(Ok(None), Err)
    }

    pub(crate) fn send(&mut self, stanza: &impl WriteXml) -> Result<(), Failure> {
        self.link.session.send(stanza).map_err(|error| Failure::new("send", error))
    }

    pub(crate) fn request(
        &mut self,
        request: IqBuilder,
        patience: Duration,
    ) -> Result<RequestId, Failure> {
        let now = self.link.now();
        let sent = self.link.session.request(now, request, patience);
        sent.map_err(|error| Failure::new("send", error))
    }

    /// What the server offers to those who are authenticated, as far as it has said.
    pub(crate) fn features(&self) -> Option<FeaturesRef<'_>> {
        FeaturesRef::parse(self.link.features.as_ref()?.as_ref()).ok()
    }

    pub(crate) fn new_id(&mut self) -> String {
        self.link.session.new_id()
    }

    /// Whether the server's closing tag ended the last stream.
    pub(crate) const fn peer_closed_stream(&self) -> bool {
        self.link.session.peer_closed_stream()
    }

    /// Whether it has come to its end.
    pub(super) fn is_stopped(&self) -> bool {
        self.link.session.is_stopped()
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

    /// Closes the stream in order, as [`close`](Self::close) does; `look` sees the stanzas
    /// that still come.
    pub(crate) async fn close_while(
        mut self,
        mut look: impl FnMut(StanzaRef<'_>),
    ) -> Result<(), Failure> {
        let now = self.link.now();
        self.link.session.close(now, None);
        while let Some(event) = self.link.next().await {
            match event {
                SessionEvent::Stanza(received) => {
                    if let Some(stanza) = received.stanza() {
                        look(stanza);
                    }
                }
                SessionEvent::Stopped { why } if why != Reason::Closed => return Err(why.into()),
                _ => {}
            }
        }
        if self.link.session.peer_closed_stream() {
            Ok(())
        } else {
            Err(Failure::new("not-closed", NOT_CLOSED))
        }
    }
}
