//! TLS without a socket: what a TLS engine must do to sit between the wire and
//! a connection, and what its handshake proves.
//!
//! [`Connection`](crate::Connection) itself never sees a TLS record. The
//! packaged tier ([`Client`](crate::Client), [`Server`](crate::Server)) drives
//! a [`TlsSession`]; the feature `tls` brings one made of rustls
//! (`tls::rustls`).

#[cfg(feature = "tls")]
mod end_point;
#[cfg(feature = "tls")]
pub mod rustls;

use alloc::{
    boxed::Box,
    string::{String, ToString as _},
    sync::Arc,
    vec::Vec,
};
use core::fmt;

use xmpp_jid::DomainpartRef;
use xmpp_sasl::ChannelBindings;
use xmpp_xml::RecvBuffer;

use crate::certificate::{CertificateQuery, Refused};

/// What a TLS handshake proved, as far as XMPP wants to know it.
///
/// Borrowed from the TLS engine; a caller with an engine of its own fills in
/// what that engine can tell. What is `None` is simply not used: without
/// channel-binding bytes no `-PLUS` mechanism is chosen or offered.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct TlsFacts<'a> {
    /// The negotiated version.
    pub version: Option<TlsVersion>,
    /// 32 bytes exported under the label `EXPORTER-Channel-Binding` with an
    /// empty context (RFC 9266). Only to be filled in under TLS 1.3, or under
    /// TLS 1.2 with the extended master secret.
    pub exporter: Option<&'a [u8]>,
    /// The hash of the receiving entity's certificate as RFC 5929 section 4 says
    /// (`tls-server-end-point`).
    pub server_end_point: Option<&'a [u8]>,
    /// The first `Finished` message of the handshake (`tls-unique`, RFC 5929
    /// section 3): TLS 1.2 and below only.
    pub unique: Option<&'a [u8]>,
    /// The peer's end-entity certificate in DER, if it showed one.
    pub peer_certificate: Option<&'a [u8]>,
    /// Whether the handshake would have failed if the peer's certificate did not prove
    /// the domain that was asked for (RFC 6120 section 13.7.2). An initiating server
    /// whose TLS takes any certificate asks its driver:
    /// [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted).
    pub is_peer_proved: bool,
    /// The application protocol that was negotiated (ALPN, RFC 7301), if one was.
    pub alpn: Option<&'a [u8]>,
    /// Whether an earlier session was resumed (RFC 8446 section 2.2): the certificate
    /// was checked then, and the exporter is a new one.
    pub resumed: bool,
}

impl<'a> TlsFacts<'a> {
    /// Facts that say only that TLS is up.
    pub const fn new() -> Self {
        Self {
            version: None,
            exporter: None,
            server_end_point: None,
            unique: None,
            peer_certificate: None,
            is_peer_proved: false,
            alpn: None,
            resumed: false,
        }
    }

    /// The channel bindings that SASL can use.
    pub(crate) fn channel_bindings(&self) -> ChannelBindings {
        let mut bindings = ChannelBindings::over_tls();
        if let Some(data) = self.exporter {
            bindings = bindings.with_tls_exporter(data);
        }
        if let Some(data) = self.server_end_point {
            bindings = bindings.with_tls_server_end_point(data);
        }
        if let Some(data) = self.unique {
            bindings = bindings.with_tls_unique(data);
        }
        bindings
    }

    /// With the negotiated version.
    #[must_use]
    pub const fn with_version(mut self, version: TlsVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// With the bytes of `tls-exporter` (RFC 9266).
    #[must_use]
    pub const fn with_exporter(mut self, exporter: &'a [u8]) -> Self {
        self.exporter = Some(exporter);
        self
    }

    /// With the bytes of `tls-server-end-point` (RFC 5929 section 4).
    #[must_use]
    pub const fn with_server_end_point(mut self, hash: &'a [u8]) -> Self {
        self.server_end_point = Some(hash);
        self
    }

    /// With the bytes of `tls-unique` (RFC 5929 section 3).
    #[must_use]
    pub const fn with_unique(mut self, unique: &'a [u8]) -> Self {
        self.unique = Some(unique);
        self
    }

    /// With the peer's certificate in DER.
    #[must_use]
    pub const fn with_peer_certificate(mut self, der: &'a [u8]) -> Self {
        self.peer_certificate = Some(der);
        self
    }

    /// Whether the handshake has checked that the peer's certificate proves the domain.
    #[must_use]
    pub const fn with_peer_proved(mut self, is_peer_proved: bool) -> Self {
        self.is_peer_proved = is_peer_proved;
        self
    }

    /// With the negotiated application protocol.
    #[must_use]
    pub const fn with_alpn(mut self, protocol: &'a [u8]) -> Self {
        self.alpn = Some(protocol);
        self
    }

    /// Whether an earlier session was resumed.
    #[must_use]
    pub const fn with_resumed(mut self, resumed: bool) -> Self {
        self.resumed = resumed;
        self
    }
}

impl fmt::Debug for TlsFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Channel-binding bytes are no secret, but no reader of a log wants them.
        f.debug_struct("TlsFacts")
            .field("version", &self.version)
            .field("exporter", &self.exporter.is_some())
            .field("server_end_point", &self.server_end_point.is_some())
            .field("unique", &self.unique.is_some())
            .field("peer_certificate", &self.peer_certificate.map(<[u8]>::len))
            .field("is_peer_proved", &self.is_peer_proved)
            .field("alpn", &self.alpn.map(|name| name.escape_ascii().to_string()))
            .field("resumed", &self.resumed)
            .finish()
    }
}

/// A version of TLS that RFC 9325 still allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl TlsVersion {
    /// `TLSv1.2` or `TLSv1.3`, as most programs write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One TLS session, from the handshake to `close_notify`. No socket in sight.
pub trait TlsSession: Send {
    /// Takes records from the front of `wire` and puts plaintext into `rx` while
    /// it has room. What is left in `wire` afterwards waits until the stream has
    /// consumed some of `rx`: that is the backpressure. Answers (handshake
    /// messages, alerts) are written by the next [`encrypt`](Self::encrypt).
    ///
    /// Returns as soon as the handshake has ended, before it gives any plaintext:
    /// what is in `rx` by then came in the clear.
    ///
    /// # Errors
    ///
    /// A fatal one of the handshake or of the record layer, after all plaintext
    /// that came before it has been given; the alert for the peer is ready for
    /// the next `encrypt`.
    fn decrypt(&mut self, wire: &mut &[u8], rx: &mut RecvBuffer) -> Result<(), TlsError>;

    /// Takes plaintext from the front of `plaintext`, says how much, and appends it
    /// as records to `wire`, with whatever else the engine has to say. During the
    /// handshake it takes none.
    fn encrypt(&mut self, plaintext: &[u8], wire: &mut Vec<u8>) -> usize;

    /// Whether the handshake is still under way.
    fn is_handshaking(&self) -> bool;

    /// Whether the peer has sent `close_notify`.
    fn peer_has_closed(&self) -> bool;

    /// Queues `close_notify` for the next [`encrypt`](Self::encrypt).
    fn close(&mut self);

    /// Gives memory back that no received byte needs: nothing has moved for a
    /// while. By default nothing happens.
    fn release(&mut self) {}

    /// The peer's certificates in DER, end entity first, if it showed any; to be asked
    /// once the handshake is through. By default only the end entity's.
    fn peer_certificates(&self) -> Vec<&[u8]> {
        self.facts().peer_certificate.into_iter().collect()
    }

    /// What the handshake proved; to be asked once it is through.
    fn facts(&self) -> TlsFacts<'_>;
}

/// Begins TLS sessions as the initiating entity.
pub trait TlsInitiator: Send + Sync {
    /// A session that will accept only a certificate for `domain`, which is the
    /// domainpart of the address and never a name that DNS gave (RFC 6120
    /// section 13.7.2.1). `alpn` is the application protocol to offer: `Some` on a
    /// connection that begins with TLS (XEP-0368).
    ///
    /// # Errors
    ///
    /// If no TLS session can be begun for this domain.
    fn initiate(
        &self,
        domain: DomainpartRef<'_>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError>;
}

/// Begins TLS sessions as the receiving entity.
pub trait TlsReceiver: Send + Sync {
    /// A session that waits for the peer's first handshake message. `host` is who
    /// the peer wants to talk to, chosen before the handshake; `None` on a
    /// connection that begins with TLS, where the handshake itself says it
    /// (SNI, RFC 6066 section 3). `alpn` is the application protocol to accept: `Some` on a
    /// connection that begins with TLS (XEP-0368).
    ///
    /// # Errors
    ///
    /// If the configuration cannot serve.
    fn receive(
        &self,
        host: Option<DomainpartRef<'_>>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError>;
}

/// Why a TLS session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsError {
    kind: TlsErrorKind,
    message: String,
    query: Option<Arc<CertificateQuery>>,
}

impl TlsError {
    /// An error for [`TlsSession`]s to return; `message` is for people.
    pub fn new(kind: TlsErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), query: None }
    }

    /// The peer's certificates were refused. The question may be answered later, by
    /// [pinning](crate::certificate) what it holds before another connection.
    pub fn of_certificate(query: Arc<CertificateQuery>) -> Self {
        let kind = match query.refused() {
            Refused::Name => TlsErrorKind::CertificateName,
            // A bad signature: it names an authority that did not make it.
            Refused::UnknownAuthority | Refused::SelfSigned | Refused::BadSignature => {
                TlsErrorKind::CertificateIssuer
            }
            Refused::Expired { .. } | Refused::NotYetValid { .. } | Refused::NeverValid => {
                TlsErrorKind::CertificateTime
            }
            _ => TlsErrorKind::Certificate,
        };
        Self { kind, message: query.to_string(), query: Some(query) }
    }

    /// What the peer presented and what is wrong with it, if that was it and the engine
    /// tells.
    pub fn certificate_query(&self) -> Option<&CertificateQuery> {
        self.query.as_deref()
    }

    /// What it was about.
    pub const fn kind(&self) -> TlsErrorKind {
        self.kind
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.message)
    }
}

impl core::error::Error for TlsError {}

/// What a [`TlsError`] was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsErrorKind {
    /// The peer's certificate is for another name than the one asked for.
    CertificateName,
    /// The peer's certificate does not lead to a trusted authority.
    CertificateIssuer,
    /// The peer's certificate has expired or is not valid yet.
    CertificateTime,
    /// Anything else about the peer's certificate.
    Certificate,
    /// The peer sent an alert: it does not want us.
    Alert,
    /// The two sides have no version, cipher or group in common.
    Incompatible,
    /// The peer broke the protocol, or what it sent was no TLS at all.
    Misbehaved,
    /// The local configuration cannot serve.
    Configuration,
}

impl TlsErrorKind {
    /// A sentence's beginning for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CertificateName => "the peer's certificate is for another name",
            Self::CertificateIssuer => "the peer's certificate has an unknown issuer",
            Self::CertificateTime => "the peer's certificate is expired or not valid yet",
            Self::Certificate => "the peer's certificate is not acceptable",
            Self::Alert => "the peer ended the TLS session with an alert",
            Self::Incompatible => "no TLS parameters in common",
            Self::Misbehaved => "the peer broke the TLS protocol",
            Self::Configuration => "the TLS configuration cannot serve",
        }
    }
}
