//! What only a client is asked.

use alloc::sync::Arc;

use xmpp_sasl::{ScramKeys, Secret};
use xmpp_xml::{Framing, SendBuffer};

use super::Endpoint;
use super::output::Answer;
use super::wire::{Source, Wire};
use crate::config::{ClientConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::machine::Machine;
use crate::error::{Error, Misuse};
use crate::negotiation::bind;
use crate::query::{KeysQuery, TaskChoice, TaskDataQuery, TaskQuery, TaskReply, UpgradeQuery};
use crate::role::ClientToServer;
use crate::stream_management::Resumption;
use crate::time::Instant;
use crate::tls::TlsInitiator;

impl Endpoint<ClientToServer> {
    /// Begins a connection: the first bytes are what [`poll`](Self::poll) says to
    /// send. `seed` is 32 bytes from the system's random generator, never used twice.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn connect(
        config: Arc<ClientConfig>,
        tls: Arc<dyn TlsInitiator>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let source = Source::Initiator(tls, config.account.domainpart().into_owned());
        let wire = match config.tls {
            TlsMode::StartTls => Wire::before_tls(source),
            TlsMode::Direct => Wire::direct(&source, ClientToServer::ALPN)?,
            TlsMode::DangerousPlaintext => Wire::plaintext(),
        };
        let tls = config.tls;
        Ok(Self::with_wire(config, tls, wire, now, seed))
    }

    /// Begins a connection in which an earlier stream is to go on; see
    /// [`Connection::resume`].
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun, and
    /// [`Error::WrongResumption`] if the resumption is of another account than the
    /// configuration.
    pub fn resume(
        config: Arc<ClientConfig>,
        resumption: Resumption,
        tls: Arc<dyn TlsInitiator>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        Self::check(&config, &resumption)?;
        let mut client = Self::connect(config, tls, now, seed)?;
        client.connection.resume_by(resumption, client.tx.framing());
        Ok(client)
    }

    /// Connects without TLS and resumes a stream, as [`resume`](Self::resume) does over
    /// TLS; see [`connect_dangerous_plaintext`](Self::connect_dangerous_plaintext).
    ///
    /// # Errors
    ///
    /// [`Error::WrongResumption`] if the resumption is of another account than the
    /// configuration.
    pub fn resume_dangerous_plaintext(
        config: Arc<ClientConfig>,
        resumption: Resumption,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        Self::check(&config, &resumption)?;
        let mut client = Self::connect_dangerous_plaintext(config, now, seed);
        client.connection.resume_by(resumption, client.tx.framing());
        Ok(client)
    }

    /// Makes a client of any kind that has just begun resume a stream. The resumption is
    /// of the account of the configuration.
    pub(crate) fn go_on_from(&mut self, resumption: Resumption) {
        self.connection.resume_by(resumption, self.tx.framing());
    }

    fn check(config: &ClientConfig, resumption: &Resumption) -> Result<(), Error> {
        let fits = bind::is_of(&resumption.jid().to_bare(), &config.account);
        if fits { Ok(()) } else { Err(Error::WrongResumption) }
    }

    /// Begins a connection without TLS, whatever the configuration says: for
    /// tests, and for transports that are protected otherwise. The other end is
    /// made by [`Server::accept_dangerous_plaintext`](crate::Server::accept_dangerous_plaintext).
    pub fn connect_dangerous_plaintext(
        config: Arc<ClientConfig>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self::with_wire(config, TlsMode::DangerousPlaintext, Wire::plaintext(), now, seed)
    }

    fn with_wire(
        config: Arc<ClientConfig>,
        tls: TlsMode,
        wire: Wire,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::connect_by(Arc::clone(&config), tls, now, seed, &mut tx);
        Self::new(connection, tx, wire, &config.limits, config.timeouts, now)
    }

    /// Answers [`ClientEvent::KeysWanted`](crate::ClientEvent::KeysWanted); see
    /// [`Connection::provide_keys`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_keys(&mut self, query: KeysQuery, keys: ScramKeys) -> Result<(), Misuse> {
        self.connection.provide_keys(query, keys, &mut self.tx)
    }

    /// Answers [`ClientEvent::UpgradeWanted`](crate::ClientEvent::UpgradeWanted); see
    /// [`Connection::provide_salted_password`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_salted_password(
        &mut self,
        query: UpgradeQuery,
        salted_password: Secret,
    ) -> Result<(), Misuse> {
        self.connection.provide_salted_password(query, salted_password, &mut self.tx)
    }

    /// Answers [`ClientEvent::TaskWanted`](crate::ClientEvent::TaskWanted); see
    /// [`Connection::begin_task`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn begin_task(&mut self, query: TaskQuery, choice: TaskChoice) -> Result<(), Misuse> {
        self.connection.begin_task(query, choice, &mut self.tx)
    }

    /// Answers [`ClientEvent::TaskDataReceived`](crate::ClientEvent::TaskDataReceived);
    /// see [`Connection::reply_in_task`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn reply_in_task(&mut self, query: TaskDataQuery, reply: TaskReply) -> Result<(), Misuse> {
        self.connection.reply_in_task(query, reply, &mut self.tx)
    }
}

impl Answer<'_, ClientToServer> {
    /// Answers [`ClientEvent::KeysWanted`](crate::ClientEvent::KeysWanted); see
    /// [`Connection::provide_keys`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_keys(&mut self, query: KeysQuery, keys: ScramKeys) -> Result<(), Misuse> {
        self.connection.provide_keys(query, keys, self.tx)
    }

    /// Answers [`ClientEvent::UpgradeWanted`](crate::ClientEvent::UpgradeWanted); see
    /// [`Connection::provide_salted_password`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_salted_password(
        &mut self,
        query: UpgradeQuery,
        salted_password: Secret,
    ) -> Result<(), Misuse> {
        self.connection.provide_salted_password(query, salted_password, self.tx)
    }

    /// Answers [`ClientEvent::TaskWanted`](crate::ClientEvent::TaskWanted); see
    /// [`Connection::begin_task`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn begin_task(&mut self, query: TaskQuery, choice: TaskChoice) -> Result<(), Misuse> {
        self.connection.begin_task(query, choice, self.tx)
    }

    /// Answers [`ClientEvent::TaskDataReceived`](crate::ClientEvent::TaskDataReceived);
    /// see [`Connection::reply_in_task`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn reply_in_task(&mut self, query: TaskDataQuery, reply: TaskReply) -> Result<(), Misuse> {
        self.connection.reply_in_task(query, reply, self.tx)
    }
}
