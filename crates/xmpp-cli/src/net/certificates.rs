//! Which authorities a client trusts, and what a server shows.

use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use xmpp_core::certificate::{CertificateRef, Identities, Service, Verifier};
use xmpp_core::tls::rustls::{OwnCertificate, RustlsInitiator, RustlsReceiver};

/// Trusts the authorities in the PEM file `ca`, or those of the system.
pub(crate) fn initiator(ca: Option<&Path>) -> Result<Arc<RustlsInitiator>, String> {
    initiator_with(roots(ca)?)
}

/// The authorities in the PEM file `ca`, or those of the system.
pub(crate) fn roots(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            let certificates = read_certificates(path)?;
            let (added, _) = roots.add_parsable_certificates(certificates);
            if added == 0 {
                return Err(format!("{}: no certificate of an authority in it", path.display()));
            }
        }
        None => {
            let native = rustls_native_certs::load_native_certs();
            let (added, _) = roots.add_parsable_certificates(native.certs);
            if added == 0 {
                return Err("the system has no trusted authorities; name one with --ca".into());
            }
        }
    }
    Ok(roots)
}

/// Trusts `roots`.
pub(crate) fn initiator_with(roots: RootCertStore) -> Result<Arc<RustlsInitiator>, String> {
    RustlsInitiator::with_roots(roots).map(Arc::new).map_err(|error| error.to_string())
}

/// Trusts the authorities in the PEM file `ca`, or those of the system, and presents a
/// certificate to who asks for it.
pub(crate) fn initiator_presenting(
    ca: Option<&Path>,
    own: Option<OwnCertificate>,
) -> Result<Arc<RustlsInitiator>, String> {
    let verifier = Arc::new(Verifier::new(roots(ca)?.roots));
    let initiator = RustlsInitiator::with_verifier(verifier, Service::Client, own);
    initiator.map(Arc::new).map_err(|error| error.to_string())
}

/// A client's certificate and key from PEM files, and whom it is for.
pub(crate) fn of_client(
    certificate: &Path,
    key: &Path,
) -> Result<(OwnCertificate, Identities), String> {
    let chain = read_certificates(certificate)?;
    let failed = |why: &dyn core::fmt::Display| format!("{}: {why}", certificate.display());
    let first = chain.first().ok_or_else(|| failed(&"no certificate in it"))?;
    let read = CertificateRef::read(first).map_err(|error| failed(&error))?;
    let identities = read.identities().map_err(|error| failed(&error))?;
    Ok((OwnCertificate::new(chain, read_key(key)?), identities))
}

/// Who vouches for users, from PEM files: authorities, and what they have revoked.
pub(crate) fn of_users(
    authorities: &Path,
    revoked: &[impl AsRef<Path>],
) -> Result<Verifier, String> {
    verifier(Some(authorities), revoked)
}

/// Authorities from a PEM file, or those of the system, and what they have revoked.
pub(crate) fn verifier(
    authorities: Option<&Path>,
    revoked: &[impl AsRef<Path>],
) -> Result<Verifier, String> {
    let mut verifier = Verifier::new(roots(authorities)?.roots);
    for path in revoked {
        let path = path.as_ref();
        let failed = |why: &dyn core::fmt::Display| format!("{}: {why}", path.display());
        let lists = CertificateRevocationListDer::pem_file_iter(path).map_err(|e| failed(&e))?;
        let mut none = true;
        for list in lists {
            let list = list.map_err(|error| failed(&error))?;
            verifier = verifier.with_revocation_list(&list).map_err(|error| failed(&error))?;
            none = false;
        }
        if none {
            return Err(failed(&"no revocation list in it"));
        }
    }
    Ok(verifier)
}

/// A server's certificate and key.
pub(crate) struct Identity {
    pub(crate) receiver: Arc<RustlsReceiver>,
    own: OwnCertificate,
    /// The authority to trust it by, as PEM, if it was made on the spot.
    pub(crate) authority: Option<(CertificateDer<'static>, String)>,
}

/// From PEM files.
pub(crate) fn load(certificate: &Path, key: &Path) -> Result<Identity, String> {
    let chain = read_certificates(certificate)?;
    let own = OwnCertificate::new(chain, read_key(key)?);
    Identity::new(own, None).map_err(|error| format!("{}: {error}", certificate.display()))
}

impl Identity {
    fn new(
        own: OwnCertificate,
        authority: Option<(CertificateDer<'static>, String)>,
    ) -> Result<Self, String> {
        let receiver = RustlsReceiver::showing(own.clone()).map_err(|error| error.to_string())?;
        Ok(Self { receiver: Arc::new(receiver), own, authority })
    }

    /// TLS towards peers that may have a certificate, say of these authorities.
    pub(crate) fn asking(&self, hints: Option<&Verifier>) -> Result<Arc<RustlsReceiver>, String> {
        RustlsReceiver::asking_for_certificates(self.own.clone(), hints)
            .map(Arc::new)
            .map_err(|error| error.to_string())
    }
}

impl Identity {
    /// Shown to who is connected to as well, whose certificate may be any.
    pub(crate) fn initiating(&self) -> Result<Arc<RustlsInitiator>, String> {
        RustlsInitiator::with_any_certificate(Some(self.own.clone()))
            .map(Arc::new)
            .map_err(|error| error.to_string())
    }
}

/// Made on the spot for `domain`, signed by an authority made on the spot.
pub(crate) fn make(domain: &str) -> Result<Identity, String> {
    let failed = |error: rcgen::Error| format!("cannot make a certificate: {error}");
    let authority_key = KeyPair::generate().map_err(failed)?;
    let mut authority = CertificateParams::new(Vec::new()).map_err(failed)?;
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.distinguished_name.push(rcgen::DnType::CommonName, "made by xmpp on the spot");
    let authority_cert = authority.self_signed(&authority_key).map_err(failed)?;
    let issuer = rcgen::Issuer::new(authority, authority_key);

    let key = KeyPair::generate().map_err(failed)?;
    // The brackets of `[::1]` are of addresses and URIs (RFC 7622 section 3.2): in a
    // certificate it is an iPAddress of 16 octets (RFC 5280 section 4.2.1.6).
    let bare = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(domain);
    let params = CertificateParams::new(vec![bare.to_owned()]).map_err(failed)?;
    let certificate = params.signed_by(&key, &issuer).map_err(failed)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|error| format!("cannot use the key: {error}"))?;
    let own = OwnCertificate::new(vec![certificate.der().clone()], key);
    Identity::new(own, Some((authority_cert.der().clone(), authority_cert.pem())))
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |error| format!("{}: {error}", path.display());
    CertificateDer::pem_file_iter(path)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)
}
