//! TLS as the suite speaks it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ring::digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, ProtocolVersion, RootCertStore, ServerConfig,
    SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// How the suite connects.
#[derive(Clone, Debug)]
pub struct Connect {
    pub(super) config: Arc<ClientConfig>,
}

impl Connect {
    /// Trusts the authorities in a PEM file, or those of the system. `alpn` is what is
    /// asked for.
    ///
    /// # Errors
    ///
    /// There are none.
    pub fn trusting(ca: Option<&Path>, alpn: &[&str]) -> Result<Self, String> {
        let config = builder().with_root_certificates(roots(ca)?).with_no_client_auth();
        Ok(Self::with(config, alpn))
    }

    /// The same, and shows a certificate to who asks for one.
    ///
    /// # Errors
    ///
    /// There are no authorities, or certificate and key are of no use.
    pub fn presenting(ca: Option<&Path>, own: &Own, alpn: &[&str]) -> Result<Self, String> {
        let config = builder()
            .with_root_certificates(roots(ca)?)
            .with_client_auth_cert(own.chain.clone(), own.key.clone_key())
            .map_err(|error| error.to_string())?;
        Ok(Self::with(config, alpn))
    }

    /// Takes any certificate: for servers that are tried out.
    #[must_use]
    pub fn unchecked(alpn: &[&str]) -> Self {
        let config = builder()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider())))
            .with_no_client_auth();
        Self::with(config, alpn)
    }

    fn with(mut config: ClientConfig, alpn: &[&str]) -> Self {
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Self { config: Arc::new(config) }
    }
}

/// How the suite is connected to.
#[derive(Clone, Debug)]
pub struct Accept {
    pub(super) config: Arc<ServerConfig>,
}

impl Accept {
    /// Shows this certificate, and asks for none.
    ///
    /// # Errors
    ///
    /// Certificate and key are of no use.
    pub fn with(own: &Own, alpn: &[&str]) -> Result<Self, String> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(own.chain.clone(), own.key.clone_key())
            .map_err(|error| error.to_string())?;
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(Self { config: Arc::new(config) })
    }

    /// With a configuration of one's own.
    #[must_use]
    pub fn of(config: ServerConfig) -> Self {
        Self { config: Arc::new(config) }
    }
}

/// A certificate chain and its key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Own {
    /// End entity first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The end entity's.
    pub key: PrivateKeyDer<'static>,
}

impl Own {
    /// A chain and a key.
    #[must_use]
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Self {
        Self { chain, key }
    }

    /// From PEM files.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let chain = certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| format!("{}: {error}", key.display()))?;
        Ok(Self { chain, key })
    }
}

/// What of a connection under TLS a case may need.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// The version.
    pub version: Option<ProtocolVersion>,
    /// What was agreed on by ALPN.
    pub alpn: Option<Vec<u8>>,
    /// The peer's certificate.
    pub peer: Option<CertificateDer<'static>>,
    /// The channel binding `tls-exporter` (RFC 9266).
    pub exporter: Option<Vec<u8>>,
}

impl Facts {
    pub(super) fn of(stream: &TlsStream<TcpStream>) -> Self {
        let (_, common) = stream.get_ref();
        let label: (&[u8], Option<&[u8]>) = (b"EXPORTER-Channel-Binding", Some(b""));
        let exported = match stream {
            TlsStream::Client(stream) => {
                stream.get_ref().1.export_keying_material(vec![0; 32], label.0, label.1)
            }
            TlsStream::Server(stream) => {
                stream.get_ref().1.export_keying_material(vec![0; 32], label.0, label.1)
            }
        };
        Self {
            version: common.protocol_version(),
            alpn: common.alpn_protocol().map(<[u8]>::to_vec),
            peer: common.peer_certificates().and_then(|chain| chain.first()).cloned(),
            exporter: exported.ok(),
        }
    }

    /// The channel binding `tls-server-end-point` (RFC 5929) of a certificate signed with
    /// SHA-256.
    #[must_use]
    pub fn end_point(&self) -> Option<Vec<u8>> {
        let certificate = self.peer.as_ref()?;
        Some(digest::digest(&digest::SHA256, certificate).as_ref().to_vec())
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has suites for all versions of rustls")
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |why: &dyn core::fmt::Display| format!("{}: {why}", path.display());
    let pem = fs::read(path).map_err(|error| failed(&error))?;
    CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| failed(&error))
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let found = match ca {
        Some(path) => certificates(path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    match roots.add_parsable_certificates(found) {
        (0, _) => Err("no authority to trust; name one with --ca".into()),
        _ => Ok(roots),
    }
}

/// Looks at the signatures of the handshake, and at nothing in the certificate.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
