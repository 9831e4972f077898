//! `tls-server-end-point` (RFC 5929 section 4.1).

use alloc::{string::ToString, vec::Vec};

use ring::digest::{self, SHA256, SHA384, SHA512};
use x509_cert::{Certificate, der::Decode};

/// The hash of a certificate in DER, by the hash function of the signature on
/// it; `None` where the RFC leaves it undefined (a signature algorithm with
/// none or several, such as Ed25519 or RSASSA-PSS with parameters of its own).
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let algorithm = match parsed.signature_algorithm.oid.to_string().as_str() {
        // "if the … signatureAlgorithm uses … either MD5 or SHA-1, then use SHA-256"
        "1.2.840.113549.1.1.4" | "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" => &SHA256,
        // sha256WithRSAEncryption, ecdsa-with-SHA256
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => &SHA256,
        // …SHA384
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => &SHA384,
        // …SHA512
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => &SHA512,
        _ => return None,
    };
    Some(digest::digest(algorithm, certificate).as_ref().to_vec())
}
