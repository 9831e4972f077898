//! Streams between servers, of both roles.

use alloc::sync::Arc;

use xmpp_stanza::StreamError;
use xmpp_xml::{Framing, SendBuffer};

use super::Endpoint;
use super::output::Answer;
use super::wire::{Source, Wire};
use crate::config::{FederationConfig, TlsMode};
use crate::connection::Connection;
use crate::connection::machine::Machine;
use crate::dialback::{Claim, Pair, Verdict};
use crate::error::{Error, Misuse, PairError};
use crate::event::{Direction, VerificationId};
use crate::federation::Offers;
use crate::query::{PeerAnswer, PeerQuery, ResultQuery, VerifyQuery};
use crate::role::{PeerRole, Purpose, ServerFromServer, ServerToServer};
use crate::time::Instant;
use crate::tls::{TlsInitiator, TlsReceiver};

impl Endpoint<ServerToServer> {
    /// Begins a stream from `pair.local` to `pair.remote`, whose name TLS is told.
    /// `seed` is 32 bytes from the system's random generator, never used twice.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn connect_server(
        config: Arc<FederationConfig>,
        pair: Pair,
        purpose: Purpose,
        tls: Arc<dyn TlsInitiator>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let mode = config.tls;
        Self::connect_server_by(config, mode, pair, purpose, tls, now, seed)
    }

    /// Connects to another server in this TLS mode, whatever the configuration says: DNS
    /// tells of each place whether it begins with TLS (XEP-0368).
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn connect_server_by(
        config: Arc<FederationConfig>,
        mode: TlsMode,
        pair: Pair,
        purpose: Purpose,
        tls: Arc<dyn TlsInitiator>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let source = Source::Initiator(tls, pair.remote.clone());
        let wire = match mode {
            TlsMode::StartTls => Wire::before_tls(source),
            TlsMode::Direct => Wire::direct(&source, ServerToServer::ALPN)?,
            TlsMode::DangerousPlaintext => Wire::plaintext(),
        };
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::connect_server_by(
            Arc::clone(&config),
            mode,
            pair,
            purpose,
            now,
            seed,
            &mut tx,
        );
        let timeouts = config.initiating_timeouts;
        Ok(Self::new(connection, tx, wire, &config.limits, timeouts, now))
    }
}

impl Endpoint<ServerToServer> {
    /// What the peer offers; see [`Connection::offers`].
    pub fn offers(&self) -> Offers {
        self.connection.offers()
    }
}

impl Endpoint<ServerFromServer> {
    /// Waits for another server. `seed` is 32 bytes from the system's random generator,
    /// never used twice. TLS is begun once the domain is chosen, which `tls` is then
    /// told.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn accept_server(
        config: Arc<FederationConfig>,
        tls: Arc<dyn TlsReceiver>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let mode = config.tls;
        Self::accept_server_by(config, mode, tls, now, seed)
    }

    /// Accepts another server in this TLS mode, whatever the configuration says: on a port
    /// that begins with TLS (XEP-0368), say.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn accept_server_by(
        config: Arc<FederationConfig>,
        mode: TlsMode,
        tls: Arc<dyn TlsReceiver>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let source = Source::Receiver(tls);
        let wire = match mode {
            TlsMode::StartTls => Wire::before_tls(source),
            TlsMode::Direct => Wire::direct(&source, ServerFromServer::ALPN)?,
            TlsMode::DangerousPlaintext => Wire::plaintext(),
        };
        let tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::accept_server_by(Arc::clone(&config), mode, now, seed);
        let timeouts = config.receiving_timeouts;
        Ok(Self::new(connection, tx, wire, &config.limits, timeouts, now))
    }
}

impl<R: PeerRole> Endpoint<R> {
    /// Answers [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted); see
    /// [`Connection::accept_peer`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn accept_peer(&mut self, query: PeerQuery, answer: PeerAnswer) -> Result<(), Misuse> {
        self.connection.accept_peer(query, answer, &mut self.tx)
    }

    /// Answers [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted); see
    /// [`Connection::refuse_peer`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_peer(&mut self, query: PeerQuery, error: StreamError) -> Result<(), Misuse> {
        self.connection.refuse_peer(query, error, &mut self.tx)
    }

    /// Asks to be let in for a further pair; see [`Connection::request_pair`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn request_pair(&mut self, now: Instant, pair: &Pair) -> Result<(), PairError> {
        self.connection.request_pair(now, pair, &mut self.tx)
    }

    /// Has a claim judged; see [`Connection::verify`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn verify(&mut self, now: Instant, claim: &Claim) -> Result<VerificationId, PairError> {
        self.connection.verify(now, claim, &mut self.tx)
    }

    /// Answers [`PeerEvent::ResultWanted`](crate::PeerEvent::ResultWanted); see
    /// [`Connection::answer_result`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn answer_result(&mut self, query: ResultQuery, verdict: Verdict) -> Result<(), Misuse> {
        self.connection.answer_result(query, verdict, &mut self.tx)
    }

    /// Answers [`PeerEvent::VerifyWanted`](crate::PeerEvent::VerifyWanted); see
    /// [`Connection::answer_verify`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn answer_verify(&mut self, query: VerifyQuery, verdict: Verdict) -> Result<(), Misuse> {
        self.connection.answer_verify(query, verdict, &mut self.tx)
    }

    /// The pairs that stanzas may go between; see [`Connection::pairs`].
    pub fn pairs(&self) -> impl Iterator<Item = (&Pair, Direction)> {
        self.connection.pairs()
    }

    /// Whether stanzas may go between the two domains, in that direction.
    pub fn is_authorised(&self, pair: &Pair, direction: Direction) -> bool {
        self.connection.is_authorised(pair, direction)
    }

    /// Whether stanzas may go both ways on this stream (XEP-0288).
    pub fn is_bidirectional(&self) -> bool {
        self.connection.is_bidirectional()
    }
}

impl<R: PeerRole> Answer<'_, R> {
    /// Answers [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted); see
    /// [`Connection::accept_peer`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn accept_peer(&mut self, query: PeerQuery, answer: PeerAnswer) -> Result<(), Misuse> {
        self.connection.accept_peer(query, answer, self.tx)
    }

    /// Answers [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted); see
    /// [`Connection::refuse_peer`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_peer(&mut self, query: PeerQuery, error: StreamError) -> Result<(), Misuse> {
        self.connection.refuse_peer(query, error, self.tx)
    }

    /// Answers [`PeerEvent::ResultWanted`](crate::PeerEvent::ResultWanted); see
    /// [`Connection::answer_result`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn answer_result(&mut self, query: ResultQuery, verdict: Verdict) -> Result<(), Misuse> {
        self.connection.answer_result(query, verdict, self.tx)
    }

    /// Answers [`PeerEvent::VerifyWanted`](crate::PeerEvent::VerifyWanted); see
    /// [`Connection::answer_verify`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn answer_verify(&mut self, query: VerifyQuery, verdict: Verdict) -> Result<(), Misuse> {
        self.connection.answer_verify(query, verdict, self.tx)
    }
}
