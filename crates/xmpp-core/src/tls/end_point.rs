//! `tls-server-end-point` (RFC 5929 section 4.1).

use alloc::vec::Vec;

use ring::digest::{self, SHA256, SHA384, SHA512};

use crate::certificate::CertificateRef;

/// The hash of a certificate in DER, by the hash function of the signature on
/// it; `None` where the RFC leaves it undefined (a signature algorithm with
/// none or several, such as Ed25519 or RSASSA-PSS with parameters of its own).
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    const PKCS_1: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: [u8; 6] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    let oid = CertificateRef::read(certificate).ok()?.signature_algorithm();
    let algorithm = match (oid.strip_prefix(&PKCS_1), oid.strip_prefix(&ECDSA)) {
        // "if the … signatureAlgorithm uses … either MD5 or SHA-1, then use SHA-256"
        (Some([4 | 5]), _) | (_, Some([1])) => &SHA256,
        // sha256WithRSAEncryption, ecdsa-with-SHA256
        (Some([11]), _) | (_, Some([3, 2])) => &SHA256,
        // …SHA384
        (Some([12]), _) | (_, Some([3, 3])) => &SHA384,
        // …SHA512
        (Some([13]), _) | (_, Some([3, 4])) => &SHA512,
        _ => return None,
    };
    Some(digest::digest(algorithm, certificate).as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};
    use sha2::{Digest as _, Sha256, Sha384};

    use super::*;

    fn signed_by(algorithm: &'static SignatureAlgorithm) -> Vec<u8> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(vec!["example.com".into()]).unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    /// RFC 5929 section 4.1: "the hash function associated with the certificate's
    /// signatureAlgorithm", and none is defined where there is none.
    #[test]
    fn the_hash_is_that_of_the_signature() {
        let certificate = signed_by(&rcgen::PKCS_ECDSA_P256_SHA256);
        assert_eq!(hash(&certificate), Some(Sha256::digest(&certificate).to_vec()));
        let certificate = signed_by(&rcgen::PKCS_ECDSA_P384_SHA384);
        assert_eq!(hash(&certificate), Some(Sha384::digest(&certificate).to_vec()));
        assert_eq!(hash(&signed_by(&rcgen::PKCS_ED25519)), None);
        assert_eq!(hash(b"no certificate"), None);
    }
}
