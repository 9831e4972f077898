//! The receiving entity.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use ::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ::rustls::{ServerConfig, ServerConnection};
use xmpp_jid::DomainpartRef;

use super::certificates::AfterHandshake;
use super::{EndPoint, OwnCertificate, RustlsFacts, Session, configuration, tls_error};
use crate::certificate::Verifier;
use crate::tls::{TlsError, TlsReceiver, TlsSession, end_point};

/// Begins TLS sessions as a server, out of a rustls `ServerConfig`.
///
/// For several hosts with a certificate each, implement [`TlsReceiver`] and pick
/// one of these by the host that it is asked for.
#[derive(Clone, Debug)]
pub struct RustlsReceiver {
    config: Arc<ServerConfig>,
    /// Copies of the configuration, each with an application protocol of XEP-0368.
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
    /// [`TlsErrorKind::Configuration`](crate::tls::TlsErrorKind::Configuration) if key and certificate do not fit.
    pub fn with_certificate(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        Self::showing(OwnCertificate::new(chain, key))
    }

    /// Shows that certificate to whoever connects; TLS 1.3 and 1.2; asks for none.
    ///
    /// # Errors
    ///
    /// [`TlsErrorKind::Configuration`](crate::tls::TlsErrorKind::Configuration) if key and
    /// certificate do not fit.
    pub fn showing(own: OwnCertificate) -> Result<Self, TlsError> {
        Self::made_of(own, None)
    }

    /// Shows that certificate, and asks for one of the client or initiating server. It may
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
        RustlsFacts::of(connection, self.config.require_ems, false, self.end_point.clone())
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
            is_peer_proved: false,
            exporter: None,
            end_point: EndPoint::OfUs(self.end_point.clone()),
        }))
    }
}
