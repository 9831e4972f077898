//! [`TlsSession`]s made of rustls, with no socket and no thread.
//!
//! Bring a `ClientConfig` or `ServerConfig` of your own, or take
//! [`RustlsInitiator::with_roots`] and [`RustlsReceiver::with_certificate`],
//! which use the ring provider and the versions that RFC 9325 asks for.
//!
//! # Resumption
//!
//! A client that connects again resumes its TLS session, which saves the
//! certificates and their checks. It is on by default on both sides: an initiator
//! remembers sessions with 256 names at most, so keep it from one connection to the
//! next; a receiver remembers nothing and gives out tickets under keys that it
//! changes every six hours. Early data (0-RTT) is off: what is sent in it can be
//! replayed by anybody who has seen it (RFC 8446 section 8), and a SASL exchange
//! cannot bind to it.

use alloc::{boxed::Box, format, string::ToString, sync::Arc, vec::Vec};
use core::ops::DerefMut;
use std::io::{BufRead, Read, Write};

use ::rustls::client::danger::ServerCertVerifier;
use ::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use ::rustls::{
    CertificateError, ClientConfig, ClientConnection, ConnectionCommon, RootCertStore,
    ServerConfig, ServerConnection, SideData,
};
use xmpp_jid::DomainpartRef;
use xmpp_xml::RecvBuffer;

mod certificates;
mod facts;

pub use self::certificates::OwnCertificate;
use self::certificates::{AfterHandshake, InHandshake};
pub use self::facts::RustlsFacts;
use super::{TlsError, TlsErrorKind, TlsFacts, TlsInitiator, TlsReceiver, TlsSession, end_point};
use crate::certificate::{Purpose, Service, Verifier};

/// Begins TLS sessions as a client, out of a rustls `ClientConfig`.
#[derive(Clone, Debug)]
pub struct RustlsInitiator {
    config: Arc<ClientConfig>,
}

impl RustlsInitiator {
    /// With a configuration of the caller's own. Its verifier decides what
    /// certificates are good; it is handed the domainpart's A-label form.
    pub fn new(config: Arc<ClientConfig>) -> Self {
        Self { config }
    }

    /// Trusts `roots` and nothing else, as a client; TLS 1.3 and 1.2; no client
    /// certificate.
    ///
    /// # Errors
    ///
    /// [`TlsErrorKind::Configuration`] if the provider refuses its own defaults.
    pub fn with_roots(roots: RootCertStore) -> Result<Self, TlsError> {
        Self::with_verifier(Arc::new(Verifier::new(roots.roots)), Service::Client, None)
    }

    /// The handshake fails unless `verifier` proves the domain in it: for
    /// [`Purpose::ClientToServer`] if `service` is that for clients, for
    /// [`Purpose::ServerToServer`] if it is that for servers. `own` is presented to who
    /// asks for it, for SASL EXTERNAL; TLS 1.3 and 1.2.
    ///
    /// A [`TlsError`] of such a handshake says what was presented and what is wrong
    /// with it: [`TlsError::certificate_query`].
    ///
    /// # Errors
    ///
    /// [`TlsErrorKind::Configuration`] if key and certificate do not fit.
    pub fn with_verifier(
        verifier: Arc<Verifier>,
        service: Service,
        own: Option<OwnCertificate>,
    ) -> Result<Self, TlsError> {
        let purpose = match service {
            Service::Client => Purpose::ClientToServer,
            Service::Server => Purpose::ServerToServer,
        };
        Self::made_of(Arc::new(InHandshake { verifier, purpose }), own)
    }

    /// The handshake takes any certificate, of whoever has its key. **Nothing is
    /// proved by it**: ask a [`Verifier`] what [`TlsSession::peer_certificates`] prove,
    /// for each domain in question. For servers, where dialback (XEP-0220) takes over
    /// if that is nothing.
    ///
    /// # Errors
    ///
    /// [`TlsErrorKind::Configuration`] if key and certificate do not fit.
    pub fn with_any_certificate(own: Option<OwnCertificate>) -> Result<Self, TlsError> {
        Self::made_of(Arc::new(AfterHandshake::new(None)), own)
    }

    fn made_of(
        verifier: Arc<dyn ServerCertVerifier>,
        own: Option<OwnCertificate>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(::rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(configuration)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match own {
            Some(own) => {
                builder.with_client_auth_cert(own.chain, own.key).map_err(configuration)?
            }
            None => builder.with_no_client_auth(),
        };
        Ok(Self::new(Arc::new(config)))
    }
}

impl RustlsInitiator {
    /// The configuration: for a driver that runs TLS itself, say below a WebSocket.
    pub const fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    /// What the handshake of a connection made by this configuration proved, once it
    /// is through.
    pub fn facts(&self, connection: &ClientConnection) -> RustlsFacts {
        RustlsFacts::of(connection, self.config.require_ems, facts::end_point_of_peer(connection))
    }
}

impl TlsInitiator for RustlsInitiator {
    fn initiate(
        &self,
        domain: DomainpartRef<'_>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        let ascii = domain.to_ascii();
        // An IPv6 domainpart has brackets, a certificate's address has none.
        let bare = ascii.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let name = ServerName::try_from(bare.unwrap_or(&ascii).to_string()).map_err(|_| {
            let message = format!("`{ascii}` cannot be in a certificate");
            TlsError::new(TlsErrorKind::Configuration, message)
        })?;
        let config = Arc::clone(&self.config);
        let connection = match alpn {
            Some(protocol) if config.alpn_protocols.is_empty() => {
                ClientConnection::new_with_alpn(config, name, alloc::vec![protocol.to_vec()])
            }
            _ => ClientConnection::new(config, name),
        };
        Ok(Box::new(Session {
            connection: connection.map_err(tls_error)?,
            peer_closed: false,
            has_ems: self.config.require_ems,
            exporter: None,
            end_point: EndPoint::OfPeer(None),
        }))
    }
}

/// Begins TLS sessions as a server, out of a rustls `ServerConfig`.
///
/// For several hosts with a certificate each, implement [`TlsReceiver`] and pick
/// one of these by the host that it is asked for.
#[derive(Clone, Debug)]
pub struct RustlsReceiver {
    config: Arc<ServerConfig>,
    /// The same, each with an application protocol of XEP-0368.
    with_alpn: [Arc<ServerConfig>; 2],
    end_point: Option<Vec<u8>>,
}

const ALPN: [&[u8]; 2] = [b"xmpp-client", b"xmpp-server"];

impl RustlsReceiver {
    /// With a configuration of the caller's own, for example one that picks
    /// among certificates by name. `tls-server-end-point` is not offered, since
    /// rustls does not tell which certificate it showed.
    pub fn new(config: Arc<ServerConfig>) -> Self {
        let with_alpn = ALPN.map(|protocol| {
            if config.alpn_protocols.is_empty() {
                let mut config = ServerConfig::clone(&config);
                config.alpn_protocols = alloc::vec![protocol.to_vec()];
                Arc::new(config)
            } else {
                Arc::clone(&config)
            }
        });
        Self { config, with_alpn, end_point: None }
    }

    /// Shows one certificate chain, end entity first, to everybody; TLS 1.3 and
    /// 1.2; asks for no client certificate.
    ///
    /// # Errors
    ///
    /// [`TlsErrorKind::Configuration`] if key and certificate do not fit.
    pub fn with_certificate(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        Self::showing(OwnCertificate::new(chain, key))
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn showing(own: OwnCertificate) -> Result<Self, TlsError> {
        Self::made_of(own, None)
    }

    /// The same, and asks for a certificate of the client or initiating server. It may
    /// have none, and the handshake takes any, of whoever has its key: ask a
    /// [`Verifier`] what [`TlsSession::peer_certificates`] prove.
    ///
    /// `hints`: the authorities of this verifier are named to the peer, to help it
    /// choose. Name those for users to clients; to servers, none.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn asking_for_certificates(
        own: OwnCertificate,
        hints: Option<&Verifier>,
    ) -> Result<Self, TlsError> {
        Self::made_of(own, Some(AfterHandshake::new(hints)))
    }

    fn made_of(own: OwnCertificate, asking: Option<AfterHandshake>) -> Result<Self, TlsError> {
        let end_point = own.chain.first().and_then(|certificate| end_point::hash(certificate));
        let provider = Arc::new(::rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(configuration)?;
        let builder = match asking {
            Some(verifier) => builder.with_client_cert_verifier(Arc::new(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(own.chain, own.key).map_err(configuration)?;
        // Tickets take no memory here, however many clients there are. Their keys last
        // six hours, and then six more for what was given out.
        config.ticketer = ::rustls::crypto::ring::Ticketer::new().map_err(configuration)?;
        Ok(Self { end_point, ..Self::new(Arc::new(config)) })
    }
}

impl RustlsReceiver {
    /// The configuration, without an application protocol: for a driver that runs TLS
    /// itself, say below a WebSocket.
    pub const fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    /// What the handshake of a connection made by this configuration proved, once it
    /// is through.
    pub fn facts(&self, connection: &ServerConnection) -> RustlsFacts {
        RustlsFacts::of(connection, self.config.require_ems, self.end_point.clone())
    }
}

impl TlsReceiver for RustlsReceiver {
    fn receive(
        &self,
        _host: Option<DomainpartRef<'_>>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        let known = ALPN.iter().position(|protocol| alpn == Some(protocol));
        let config = known.and_then(|at| self.with_alpn.get(at)).unwrap_or(&self.config);
        let connection = ServerConnection::new(Arc::clone(config)).map_err(tls_error)?;
        Ok(Box::new(Session {
            connection,
            peer_closed: false,
            has_ems: config.require_ems,
            exporter: None,
            end_point: EndPoint::OfUs(self.end_point.clone()),
        }))
    }
}

struct Session<C> {
    connection: C,
    peer_closed: bool,
    /// Whether TLS 1.2 has the extended master secret, for certain.
    has_ems: bool,
    exporter: Option<[u8; 32]>,
    end_point: EndPoint,
}

/// The hash of the *server's* certificate (RFC 5929 section 4.1), whoever's it is.
enum EndPoint {
    OfUs(Option<Vec<u8>>),
    OfPeer(Option<Vec<u8>>),
}

impl<C, S> Session<C>
where
    C: DerefMut<Target = ConnectionCommon<S>>,
    S: SideData,
{
    fn handshake_done(&mut self) {
        self.exporter = facts::exporter(&self.connection, self.has_ems);
        if let EndPoint::OfPeer(hash) = &mut self.end_point {
            *hash = facts::end_point_of_peer(&self.connection);
        }
    }

    /// Moves decrypted bytes on while there is room. Says whether there was
    /// enough of it.
    fn hand_over(&mut self, rx: &mut RecvBuffer) -> bool {
        loop {
            let mut reader = self.connection.reader();
            match reader.fill_buf() {
                // Only close_notify reads as the end; all before it has been read.
                Ok([]) => {
                    self.peer_closed = true;
                    return true;
                }
                Ok(plaintext) => {
                    let n = rx.push(plaintext);
                    if n == 0 {
                        return false;
                    }
                    reader.consume(n);
                }
                // Nothing more for now, or the transport's end without close_notify,
                // which the driver reports.
                Err(_) => return true,
            }
        }
    }
}

impl<C, S> TlsSession for Session<C>
where
    C: DerefMut<Target = ConnectionCommon<S>> + Send,
    S: SideData + 'static,
{
    fn decrypt(&mut self, wire: &mut &[u8], rx: &mut RecvBuffer) -> Result<(), TlsError> {
        loop {
            let handshaking = self.connection.is_handshaking();
            // Plaintext first: rustls answers a full plaintext buffer with an error.
            if !handshaking && !self.hand_over(rx) {
                return Ok(());
            }
            if wire.is_empty() {
                return Ok(());
            }
            // Reading from memory fails only if rustls' own buffers are full, and
            // they were emptied above; nothing is read after close_notify.
            if !matches!(self.connection.read_tls(wire), Ok(1..)) {
                *wire = &[];
                return Ok(());
            }
            if let Err(error) = self.connection.process_new_packets() {
                // What came in good records before the bad one is good.
                if !handshaking {
                    self.hand_over(rx);
                }
                return Err(tls_error(error));
            }
            if handshaking && !self.connection.is_handshaking() {
                self.handshake_done();
                return Ok(());
            }
        }
    }

    fn encrypt(&mut self, plaintext: &[u8], wire: &mut Vec<u8>) -> usize {
        let mut taken = 0;
        loop {
            // The writer takes what its buffer limit allows; the records then
            // make room for more. Neither side can fail in memory. During the
            // handshake rustls would keep what it takes, unbounded by us.
            let rest = plaintext.get(taken..).unwrap_or_default();
            let n = if self.connection.is_handshaking() {
                0
            } else {
                self.connection.writer().write(rest).unwrap_or(0)
            };
            taken += n;
            let mut wrote = 0;
            while self.connection.wants_write() {
                match self.connection.write_tls(wire) {
                    Ok(0) | Err(_) => break,
                    Ok(bytes) => wrote += bytes,
                }
            }
            if taken == plaintext.len() || (n == 0 && wrote == 0) {
                return taken;
            }
        }
    }

    fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    fn peer_has_closed(&self) -> bool {
        self.peer_closed
    }

    fn close(&mut self) {
        self.connection.send_close_notify();
    }

    fn release(&mut self) {
        // The buffer for records grows to a whole one and more while they come, and
        // shrinks when rustls prepares to read while it is empty: the same 4 KiB
        // then stay that any connection has.
        let _ = self.connection.read_tls(&mut Nothing);
    }

    fn peer_certificates(&self) -> Vec<&[u8]> {
        let chain = self.connection.peer_certificates().unwrap_or_default();
        chain.iter().map(AsRef::as_ref).collect()
    }

    fn facts(&self) -> TlsFacts<'_> {
        TlsFacts {
            version: facts::version(&self.connection),
            exporter: self.exporter.as_ref().map(|bytes| &bytes[..]),
            server_end_point: match &self.end_point {
                EndPoint::OfUs(hash) | EndPoint::OfPeer(hash) => hash.as_deref(),
            },
            unique: None,
            peer_certificate: self
                .connection
                .peer_certificates()
                .and_then(|chain| chain.first())
                .map(|certificate| &certificate[..]),
            alpn: self.connection.alpn_protocol(),
            resumed: facts::is_resumed(&self.connection),
        }
    }
}

/// A transport that has nothing to read now, and has not ended.
struct Nothing;

impl Read for Nothing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::WouldBlock.into())
    }
}

fn configuration(error: ::rustls::Error) -> TlsError {
    TlsError::new(TlsErrorKind::Configuration, error.to_string())
}

fn tls_error(error: ::rustls::Error) -> TlsError {
    use ::rustls::Error;
    if let Some(query) = certificates::asked(&error) {
        return TlsError::of_certificate(query);
    }
    let kind = match &error {
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => TlsErrorKind::CertificateName,
        // A bad signature: it names an authority that did not make it.
        Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => TlsErrorKind::CertificateIssuer,
        Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => TlsErrorKind::CertificateTime,
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented => TlsErrorKind::Certificate,
        Error::AlertReceived(_) => TlsErrorKind::Alert,
        Error::PeerIncompatible(_) => TlsErrorKind::Incompatible,
        Error::General(_) | Error::FailedToGetRandomBytes | Error::FailedToGetCurrentTime => {
            TlsErrorKind::Configuration
        }
        _ => TlsErrorKind::Misbehaved,
    };
    TlsError::new(kind, error.to_string())
}
