//! What a handshake by rustls proved, kept apart from the connection.

use alloc::vec::Vec;

use ::rustls::pki_types::CertificateDer;
use ::rustls::{ConnectionCommon, HandshakeKind, ProtocolVersion};

use super::super::{TlsFacts, TlsVersion, end_point};

/// The label of RFC 9266 section 4.2.
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// What a handshake proved, for a driver whose TLS is rustls but not driven by this
/// crate: below a WebSocket, say. Made by
/// [`RustlsInitiator::facts`](super::RustlsInitiator::facts) and
/// [`RustlsReceiver::facts`](super::RustlsReceiver::facts).
#[derive(Clone)]
pub struct RustlsFacts {
    version: Option<TlsVersion>,
    exporter: Option<[u8; 32]>,
    server_end_point: Option<Vec<u8>>,
    peer_certificates: Vec<CertificateDer<'static>>,
    is_peer_proved: bool,
    alpn: Option<Vec<u8>>,
    resumed: bool,
}

impl RustlsFacts {
    pub(super) fn of<S>(
        connection: &ConnectionCommon<S>,
        has_ems: bool,
        is_peer_proved: bool,
        server_end_point: Option<Vec<u8>>,
    ) -> Self {
        Self {
            version: version(connection),
            exporter: exporter(connection, has_ems),
            server_end_point,
            peer_certificates: connection.peer_certificates().unwrap_or_default().to_vec(),
            is_peer_proved,
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            resumed: is_resumed(connection),
        }
    }

    /// The peer's certificates in DER, end entity first, if it showed any.
    pub fn peer_certificates(&self) -> Vec<&[u8]> {
        self.peer_certificates.iter().map(AsRef::as_ref).collect()
    }

    /// These facts as a connection takes them.
    pub fn as_facts(&self) -> TlsFacts<'_> {
        TlsFacts {
            version: self.version,
            exporter: self.exporter.as_ref().map(|bytes| &bytes[..]),
            server_end_point: self.server_end_point.as_deref(),
            unique: None,
            peer_certificate: self.peer_certificates.first().map(AsRef::as_ref),
            is_peer_proved: self.is_peer_proved,
            alpn: self.alpn.as_deref(),
            resumed: self.resumed,
        }
    }
}

impl core::fmt::Debug for RustlsFacts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_facts().fmt(f)
    }
}

pub(super) fn version<S>(connection: &ConnectionCommon<S>) -> Option<TlsVersion> {
    match connection.protocol_version()? {
        ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls13),
        ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls12),
        _ => None,
    }
}

/// `tls-exporter`. RFC 9266 section 4.2: under TLS 1.2 with the extended master secret
/// only, and rustls tells of that no more than whether it has insisted on it.
pub(super) fn exporter<S>(connection: &ConnectionCommon<S>, has_ems: bool) -> Option<[u8; 32]> {
    match version(connection)? {
        TlsVersion::Tls12 if !has_ems => None,
        _ => connection.export_keying_material([0; 32], EXPORTER_LABEL, Some(b"")).ok(),
    }
}

/// `tls-server-end-point`, on the side of the client.
pub(super) fn end_point_of_peer<S>(connection: &ConnectionCommon<S>) -> Option<Vec<u8>> {
    end_point::hash(connection.peer_certificates()?.first()?)
}

pub(super) fn is_resumed<S>(connection: &ConnectionCommon<S>) -> bool {
    connection.handshake_kind() == Some(HandshakeKind::Resumed)
}
