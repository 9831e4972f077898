//! What only a server is asked about a client.

use alloc::sync::Arc;

use xmpp_jid::{BareJid, FullJid};
use xmpp_sasl::server;
use xmpp_stanza::{StanzaError, StreamError};
use xmpp_xml::{Element, Framing, SendBuffer};

use super::Endpoint;
use super::output::Answer;
use super::wire::{Source, Wire};
use crate::config::{HostConfig, ServerConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::machine::Machine;
use crate::error::{Error, Misuse};
use crate::query::{
    BindQuery, CredentialsQuery, HostQuery, ResumeQuery, TaskAnswer, TaskDataQuery, TasksAnswer,
    TasksQuery, TokenAnswer, TokenQuery,
};
use crate::role::ServerFromClient;
use crate::stream_management::Resumption;
use crate::time::Instant;
use crate::tls::TlsReceiver;

impl Endpoint<ServerFromClient> {
    /// Waits for a client. `seed` is 32 bytes from the system's random
    /// generator, never used twice. TLS is begun once the host is chosen, which
    /// `tls` is then told.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn accept(
        config: Arc<ServerConfig>,
        tls: Arc<dyn TlsReceiver>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let source = Source::Receiver(tls);
        let wire = match config.tls {
            TlsMode::StartTls => Wire::before_tls(source),
            TlsMode::Direct => Wire::direct(&source, ServerFromClient::ALPN)?,
            TlsMode::DangerousPlaintext => Wire::plaintext(),
        };
        let tls = config.tls;
        Ok(Self::with_wire(config, tls, wire, now, seed))
    }

    /// Waits for a client without TLS, whatever the configuration says: for
    /// tests, and for transports that are protected otherwise. The other end is
    /// made by [`Client::connect_dangerous_plaintext`](crate::Client::connect_dangerous_plaintext).
    pub fn accept_dangerous_plaintext(
        config: Arc<ServerConfig>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self::with_wire(config, TlsMode::DangerousPlaintext, Wire::plaintext(), now, seed)
    }

    fn with_wire(
        config: Arc<ServerConfig>,
        tls: TlsMode,
        wire: Wire,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let tx = SendBuffer::new(Framing::Stream);
        let connection =
            Connection::accept_by(Arc::clone(&config), tls, Framing::Stream, now, seed);
        Self::new(connection, tx, wire, &config.limits, config.timeouts, now)
    }

    /// The account that the client acts as, once it has authenticated.
    pub fn account(&self) -> Option<&BareJid> {
        self.connection.account()
    }

    /// Answers [`ServerEvent::HostWanted`](crate::ServerEvent::HostWanted); see
    /// [`Connection::choose_host`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn choose_host(&mut self, query: HostQuery, host: Arc<HostConfig>) -> Result<(), Misuse> {
        self.connection.choose_host(query, host, &mut self.tx)
    }

    /// Answers [`ServerEvent::HostWanted`](crate::ServerEvent::HostWanted); see
    /// [`Connection::refuse_host`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_host(&mut self, query: HostQuery, error: StreamError) -> Result<(), Misuse> {
        self.connection.refuse_host(query, error, &mut self.tx)
    }

    /// Answers [`ServerEvent::CredentialsWanted`](crate::ServerEvent::CredentialsWanted);
    /// see [`Connection::provide_credentials`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_credentials(
        &mut self,
        query: CredentialsQuery,
        answer: server::Answer,
    ) -> Result<(), Misuse> {
        self.connection.provide_credentials(query, answer, &mut self.tx)
    }

    /// Answers [`ServerEvent::BindWanted`](crate::ServerEvent::BindWanted); see
    /// [`Connection::bind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn bind(&mut self, query: BindQuery, jid: FullJid) -> Result<(), Misuse> {
        self.connection.bind(query, jid, &mut self.tx)
    }

    /// Answers [`ServerEvent::BindWanted`](crate::ServerEvent::BindWanted); see
    /// [`Connection::bind_with`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn bind_with(
        &mut self,
        query: BindQuery,
        jid: FullJid,
        results: &[Element],
    ) -> Result<(), Misuse> {
        self.connection.bind_with(query, jid, results, &mut self.tx)
    }

    /// Answers [`ServerEvent::TokenWanted`](crate::ServerEvent::TokenWanted); see
    /// [`Connection::provide_token`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_token(&mut self, query: TokenQuery, answer: TokenAnswer) -> Result<(), Misuse> {
        self.connection.provide_token(query, answer, &mut self.tx)
    }

    /// Answers [`ServerEvent::TasksWanted`](crate::ServerEvent::TasksWanted); see
    /// [`Connection::demand_tasks`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn demand_tasks(&mut self, query: TasksQuery, answer: TasksAnswer) -> Result<(), Misuse> {
        self.connection.demand_tasks(query, answer, &mut self.tx)
    }

    /// Answers [`ServerEvent::TaskDataReceived`](crate::ServerEvent::TaskDataReceived);
    /// see [`Connection::answer_task`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn answer_task(&mut self, query: TaskDataQuery, answer: TaskAnswer) -> Result<(), Misuse> {
        self.connection.answer_task(query, answer, &mut self.tx)
    }

    /// Answers [`ServerEvent::BindWanted`](crate::ServerEvent::BindWanted); see
    /// [`Connection::refuse_bind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_bind(&mut self, query: BindQuery, error: StanzaError) -> Result<(), Misuse> {
        self.connection.refuse_bind(query, error, &mut self.tx)
    }

    /// Answers [`ServerEvent::ResumeWanted`](crate::ServerEvent::ResumeWanted); see
    /// [`Connection::accept_resumption`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn accept_resumption(
        &mut self,
        query: ResumeQuery,
        resumption: Resumption,
    ) -> Result<(), Misuse> {
        self.connection.accept_resumption(query, resumption, &mut self.tx)
    }

    /// Answers [`ServerEvent::ResumeWanted`](crate::ServerEvent::ResumeWanted); see
    /// [`Connection::refuse_resumption`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_resumption(&mut self, query: ResumeQuery, h: Option<u32>) -> Result<(), Misuse> {
        self.connection.refuse_resumption(query, h, &mut self.tx)
    }
}

impl Answer<'_, ServerFromClient> {
    /// Answers [`ServerEvent::HostWanted`](crate::ServerEvent::HostWanted); see
    /// [`Connection::choose_host`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn choose_host(&mut self, query: HostQuery, host: Arc<HostConfig>) -> Result<(), Misuse> {
        self.connection.choose_host(query, host, self.tx)
    }

    /// Answers [`ServerEvent::HostWanted`](crate::ServerEvent::HostWanted); see
    /// [`Connection::refuse_host`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_host(&mut self, query: HostQuery, error: StreamError) -> Result<(), Misuse> {
        self.connection.refuse_host(query, error, self.tx)
    }

    /// Answers [`ServerEvent::CredentialsWanted`](crate::ServerEvent::CredentialsWanted);
    /// see [`Connection::provide_credentials`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_credentials(
        &mut self,
        query: CredentialsQuery,
        answer: server::Answer,
    ) -> Result<(), Misuse> {
        self.connection.provide_credentials(query, answer, self.tx)
    }

    /// Answers [`ServerEvent::BindWanted`](crate::ServerEvent::BindWanted); see
    /// [`Connection::bind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn bind(&mut self, query: BindQuery, jid: FullJid) -> Result<(), Misuse> {
        self.connection.bind(query, jid, self.tx)
    }

    /// Answers [`ServerEvent::BindWanted`](crate::ServerEvent::BindWanted); see
    /// [`Connection::bind_with`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn bind_with(
        &mut self,
        query: BindQuery,
        jid: FullJid,
        results: &[Element],
    ) -> Result<(), Misuse> {
        self.connection.bind_with(query, jid, results, self.tx)
    }

    /// Answers [`ServerEvent::TokenWanted`](crate::ServerEvent::TokenWanted); see
    /// [`Connection::provide_token`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_token(&mut self, query: TokenQuery, answer: TokenAnswer) -> Result<(), Misuse> {
        self.connection.provide_token(query, answer, self.tx)
    }

    /// Answers [`ServerEvent::TasksWanted`](crate::ServerEvent::TasksWanted); see
    /// [`Connection::demand_tasks`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn demand_tasks(&mut self, query: TasksQuery, answer: TasksAnswer) -> Result<(), Misuse> {
        self.connection.demand_tasks(query, answer, self.tx)
    }

    /// Answers [`ServerEvent::TaskDataReceived`](crate::ServerEvent::TaskDataReceived);
    /// see [`Connection::answer_task`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn answer_task(&mut self, query: TaskDataQuery, answer: TaskAnswer) -> Result<(), Misuse> {
        self.connection.answer_task(query, answer, self.tx)
    }

    /// Answers [`ServerEvent::BindWanted`](crate::ServerEvent::BindWanted); see
    /// [`Connection::refuse_bind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_bind(&mut self, query: BindQuery, error: StanzaError) -> Result<(), Misuse> {
        self.connection.refuse_bind(query, error, self.tx)
    }

    /// Answers [`ServerEvent::ResumeWanted`](crate::ServerEvent::ResumeWanted); see
    /// [`Connection::accept_resumption`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn accept_resumption(
        &mut self,
        query: ResumeQuery,
        resumption: Resumption,
    ) -> Result<(), Misuse> {
        self.connection.accept_resumption(query, resumption, self.tx)
    }

    /// Answers [`ServerEvent::ResumeWanted`](crate::ServerEvent::ResumeWanted); see
    /// [`Connection::refuse_resumption`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_resumption(&mut self, query: ResumeQuery, h: Option<u32>) -> Result<(), Misuse> {
        self.connection.refuse_resumption(query, h, self.tx)
    }
}
