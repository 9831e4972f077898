//! Finding the chain from a certificate to an anchor.
//!
//! `rustls-webpki` finds chains too, but with a budget of its own that lets a
//! peer's certificates cost a hundred verifications. Here a chain is put
//! together by names; where several authorities of one name are at hand, the one
//! whose key made the signature is told by verifying it. `rustls-webpki` gets
//! that one chain and validates it (RFC 5280 section 6). All is counted.

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeId,
    KeyPurposeIdIter, KeyUsage, RequiredEkuNotFoundContext, RevocationOptionsBuilder,
    UnknownStatusPolicy,
};

use super::{CertificateError, SIGNATURES, TrustStore};
use crate::asn1::oid;
use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::time::Timestamp;

/// How many intermediate authorities are looked at, on whatever paths.
const MAX_INTERMEDIATES: usize = 8;

struct Search<'s, 'c> {
    store: &'s TrustStore,
    others: &'s [&'c Certificate],
    now: Timestamp,
    budget: &'s mut Budget,
    looked_at: usize,
}

/// Whether a chain of `others` leads from `certificate` to an anchor.
pub(super) fn find(
    store: &TrustStore,
    certificate: &Certificate,
    others: &[&Certificate],
    now: Timestamp,
    budget: &mut Budget,
) -> Result<(), CertificateError> {
    let mut search = Search { store, others, now, budget, looked_at: 0 };
    search.from(&mut vec![certificate])
}

impl<'c> Search<'_, 'c> {
    /// Whether a chain that begins with `path` leads to an anchor. It recurses
    /// as often as it looks at an intermediate: eight times.
    fn from(&mut self, path: &mut Vec<&'c Certificate>) -> Result<(), CertificateError> {
        let Some(last) = path.last().copied() else { return Err(CertificateError::UnknownIssuer) };
        let mut why = CertificateError::UnknownIssuer;
        if self.store.anchors.iter().any(|anchor| anchor.subject == last.issuer()) {
            match self.validate(path) {
                Ok(()) => return Ok(()),
                Err(CertificateError::TooCostly) => return Err(CertificateError::TooCostly),
                Err(error) => why = error,
            }
        }
        let named =
            |other: &&&'c Certificate| other.subject() == last.issuer() && !path.contains(*other);
        let mut candidates: Vec<&Certificate> = self.others.iter().filter(named).copied().collect();
        candidates.sort_by_key(|other| !last.names_key_of(other));
        candidates.dedup();
        let ambiguous = candidates.len() > 1;
        for candidate in candidates {
            if ambiguous && !self.is_certified_by(last, candidate)? {
                continue;
            }
            if self.looked_at == MAX_INTERMEDIATES {
                return Err(CertificateError::TooCostly);
            }
            self.looked_at += 1;
            path.push(candidate);
            let found = self.from(path);
            path.pop();
            match found {
                Err(CertificateError::UnknownIssuer) => {}
                Err(error) if error != CertificateError::TooCostly => why = error,
                done => return done,
            }
        }
        Err(why)
    }

    fn is_certified_by(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<bool, CertificateError> {
        let (signed, signature) = certificate.signed();
        self.budget.verify(issuer.key_kind(), signed.len())?;
        let der = issuer.to_pki();
        let Ok(issuer) = EndEntityCert::try_from(&der) else { return Ok(false) };
        Ok(SIGNATURES
            .iter()
            .filter(|known| known.signature_alg_id().as_ref() == certificate.signed_with())
            .any(|known| issuer.verify_signature(*known, signed, signature).is_ok()))
    }

    /// RFC 5280 section 6 of a path whose last certificate an anchor issued.
    fn validate(&mut self, path: &[&Certificate]) -> Result<(), CertificateError> {
        let anchors: Vec<TrustAnchor<'_>> = self.spend_on(path)?;
        let der = path[0].to_pki();
        let end_entity = EndEntityCert::try_from(&der).map_err(explain)?;
        let links: Vec<CertificateDer<'_>> =
            path[1..].iter().map(|certificate| certificate.to_pki()).collect();
        let lists: Vec<&CertRevocationList<'_>> =
            self.store.lists.iter().map(|list| &*list.0).collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|builder| {
            builder
                .with_status_policy(UnknownStatusPolicy::Allow)
                .with_expiration_policy(ExpirationPolicy::Ignore)
                .build()
        });
        let time = UnixTime::since_unix_epoch(self.now.since_unix());
        end_entity
            .verify_for_usage(SIGNATURES, &anchors, &links, time, ForMail, revocation, None)
            .map_err(explain)?;
        // What is revoked by hand is so as an authority too.
        if path.iter().any(|certificate| self.store.revoked.contains(certificate)) {
            return Err(CertificateError::Revoked);
        }
        Ok(())
    }

    /// The anchors at the end of the path, once all is counted that validating it
    /// may verify: each signature, and that of a list of revocations.
    fn spend_on(
        &mut self,
        path: &[&Certificate],
    ) -> Result<Vec<TrustAnchor<'static>>, CertificateError> {
        let times = if self.store.lists.is_empty() { 1 } else { 2 };
        let mut anchors = Vec::new();
        for _ in 0..times {
            for (certificate, issuer) in path.iter().zip(path.iter().skip(1)) {
                self.budget.verify(issuer.key_kind(), certificate.der().len())?;
            }
        }
        let last = path[path.len() - 1];
        for anchor in &self.store.anchors {
            if anchor.subject == last.issuer() {
                for _ in 0..times {
                    self.budget.verify(anchor.key, last.der().len())?;
                }
                anchors.push(anchor.anchor.clone());
            }
        }
        Ok(anchors)
    }
}

/// RFC 8550 section 4.4.4: if extended key usage is there, it says
/// emailProtection or anyExtendedKeyUsage; of authorities on the chain too.
struct ForMail;

impl ExtendedKeyUsageValidator for ForMail {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let wanted = [
            KeyPurposeId::new(oid::EMAIL_PROTECTION),
            KeyPurposeId::new(oid::ANY_EXTENDED_KEY_USAGE),
        ];
        let mut present = Vec::new();
        for purpose in purposes {
            let purpose = purpose?;
            if wanted.contains(&purpose) {
                return Ok(());
            }
            present.push(purpose.to_decoded_oid());
        }
        if present.is_empty() {
            return Ok(());
        }
        let required = KeyUsage::required(oid::EMAIL_PROTECTION);
        Err(webpki::Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
            required,
            present,
        }))
    }
}

fn explain(error: webpki::Error) -> CertificateError {
    use webpki::Error;
    match error {
        Error::CertExpired { .. } => CertificateError::Expired,
        Error::CertNotValidYet { .. } => CertificateError::NotYetValid,
        Error::CertRevoked => CertificateError::Revoked,
        Error::UnknownIssuer => CertificateError::UnknownIssuer,
        Error::RequiredEkuNotFoundContext(_) => CertificateError::WrongUsage,
        Error::UnsupportedCriticalExtension => CertificateError::CriticalExtension,
        Error::InvalidSignatureForPublicKey
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | Error::SignatureAlgorithmMismatch => CertificateError::Signature,
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => CertificateError::Malformed,
        other => CertificateError::Path(format!("{other:?}")),
    }
}
