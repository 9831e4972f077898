//! Verifiers of rustls, made of a [`Verifier`] or of none.

use alloc::{sync::Arc, vec::Vec};
use core::fmt;

use ::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use ::rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use ::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use ::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use ::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};

use crate::certificate::{CertificateQuery, Purpose, Verifier, domain_of};

/// The methods by which a handshake's signatures are checked: those of both traits are
/// the same.
macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls12_signature(message, cert, dss, self.algorithms())
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, cert, dss, self.algorithms())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.algorithms().supported_schemes()
        }
    };
}

/// Checks the receiving entity's certificate in the handshake, which fails if it does not
/// prove the domain.
#[derive(Debug)]
pub(super) struct InHandshake {
    pub(super) verifier: Arc<Verifier>,
    pub(super) purpose: Purpose,
}

impl InHandshake {
    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        self.verifier.algorithms()
    }
}

impl ServerCertVerifier for InHandshake {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let domain = domain_of(server_name).ok_or(Error::UnsupportedNameType)?;
        let chain: Vec<&[u8]> =
            core::iter::once(end_entity).chain(intermediates).map(AsRef::as_ref).collect();
        match self.verifier.verify_or_ask(self.purpose, &chain, domain.as_ref(), now.as_secs()) {
            Ok(_) => Ok(ServerCertVerified::assertion()),
            Err(query) => {
                let error = OtherError(Arc::new(Asked(Arc::from(query))));
                Err(Error::InvalidCertificate(CertificateError::Other(error)))
            }
        }
    }

    signatures!();
}

/// Takes any certificate of either side, or none of an initiating one: what it proves is
/// asked after the handshake. That the peer has its key is checked all the same.
pub(super) struct AfterHandshake {
    algorithms: WebPkiSupportedAlgorithms,
    hints: Vec<DistinguishedName>,
}

impl AfterHandshake {
    /// `hints` tells TLS clients which authorities' certificates are of use.
    pub(super) fn new(hints: Option<&Verifier>) -> Self {
        let names = hints.into_iter().flat_map(Verifier::authorities);
        Self {
            algorithms: ::rustls::crypto::ring::default_provider()
                .signature_verification_algorithms,
            hints: names.map(DistinguishedName::in_sequence).collect(),
        }
    }

    const fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.algorithms
    }
}

impl fmt::Debug for AfterHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AfterHandshake").field("hints", &self.hints.len()).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for AfterHandshake {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    signatures!();
}

impl ClientCertVerifier for AfterHandshake {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    signatures!();
}

/// The way of a question through rustls, as an error.
#[derive(Debug)]
struct Asked(Arc<CertificateQuery>);

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.refused().fmt(f)
    }
}

impl core::error::Error for Asked {}

/// The question in an error of rustls, if it is one.
pub(super) fn asked(error: &Error) -> Option<Arc<CertificateQuery>> {
    let Error::InvalidCertificate(CertificateError::Other(OtherError(error))) = error else {
        return None;
    };
    error.downcast_ref::<Asked>().map(|asked| Arc::clone(&asked.0))
}

/// A chain of certificates to present, end entity first, and the key of that.
#[derive(Debug)]
pub struct OwnCertificate {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl OwnCertificate {
    /// Of one's own. Whether they fit is found out by what they are given to.
    pub const fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Self {
        Self { chain, key }
    }
}

impl Clone for OwnCertificate {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}
