//! The initiating entity.

use alloc::{boxed::Box, format, string::ToString, sync::Arc};

use ::rustls::client::danger::ServerCertVerifier;
use ::rustls::pki_types::ServerName;
use ::rustls::{ClientConfig, ClientConnection, RootCertStore};
use xmpp_jid::DomainpartRef;

use super::certificates::{AfterHandshake, InHandshake};
use super::{EndPoint, OwnCertificate, RustlsFacts, Session, configuration, facts, tls_error};
use crate::certificate::{Purpose, Service, Verifier};
use crate::tls::{TlsError, TlsErrorKind, TlsInitiator, TlsSession};

/// Begins TLS sessions as a client, out of a rustls `ClientConfig`.
#[derive(Clone, Debug)]
pub struct RustlsInitiator {
    config: Arc<ClientConfig>,
    /// Whether a handshake proves the domain.
    proves: bool,
}

impl RustlsInitiator {
    /// With a configuration of the caller's own. Its verifier decides what
    /// certificates are good ([`TlsFacts::is_peer_proved`](crate::tls::TlsFacts)); it is
    /// handed the domainpart's A-label form.
    pub fn new(config: Arc<ClientConfig>) -> Self {
        Self { config, proves: true }
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
        let any = Self::made_of(Arc::new(AfterHandshake::new(None)), own)?;
        Ok(Self { proves: false, ..any })
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

    /// A domain as a certificate and TLS name it: in ASCII, an IPv6 address without
    /// brackets.
    ///
    /// # Errors
    ///
    /// [`TlsErrorKind::Configuration`] if no certificate can be for such a domain.
    pub fn server_name(domain: DomainpartRef<'_>) -> Result<ServerName<'static>, TlsError> {
        let ascii = domain.to_ascii();
        let bare = ascii.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        ServerName::try_from(bare.unwrap_or(&ascii).to_string()).map_err(|_| {
            let message = format!("`{ascii}` cannot be in a certificate");
            TlsError::new(TlsErrorKind::Configuration, message)
        })
    }

    /// What the handshake of a connection made by this configuration proved, once it
    /// is through.
    pub fn facts(&self, connection: &ClientConnection) -> RustlsFacts {
        let end_point = facts::end_point_of_peer(connection);
        RustlsFacts::of(connection, self.config.require_ems, self.proves, end_point)
    }
}

impl TlsInitiator for RustlsInitiator {
    fn initiate(
        &self,
        domain: DomainpartRef<'_>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        let name = Self::server_name(domain)?;
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
            is_peer_proved: self.proves,
            exporter: None,
            end_point: EndPoint::OfPeer(None),
        }))
    }
}
