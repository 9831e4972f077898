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
    use super::*;

    fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
    }

    /// As much of a certificate as is looked at, with that algorithm.
    fn certificate(oid: &[u8]) -> Vec<u8> {
        let (empty, time) = (tlv(0x30, &[]), tlv(0x17, b"250101000000Z"));
        let validity = tlv(0x30, &[time.clone(), time].concat());
        let signed =
            [tlv(0x02, &[1]), empty.clone(), empty.clone(), validity, empty.clone(), empty];
        let algorithm = tlv(0x30, &tlv(0x06, oid));
        tlv(0x30, &[tlv(0x30, &signed.concat()), algorithm].concat())
    }

    /// RFC 5929 section 4.1.
    #[test]
    fn the_hash_is_that_of_the_signature() {
        const MD5_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
        const SHA1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
        const PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
        const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
        const SHA384_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
        const SHA512_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
        const SHA1_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
        const SHA256_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
        const SHA384_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
        const SHA512_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
        const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
        for (oid, bits) in [
            (MD5_RSA, Some(256)),
            (SHA1_RSA, Some(256)),
            (PSS, None),
            (SHA256_RSA, Some(256)),
            (SHA384_RSA, Some(384)),
            (SHA512_RSA, Some(512)),
            (SHA1_ECDSA, Some(256)),
            (SHA256_ECDSA, Some(256)),
            (SHA384_ECDSA, Some(384)),
            (SHA512_ECDSA, Some(512)),
            (ED25519, None),
        ] {
            use sha2::Digest as _;
            let certificate = certificate(oid);
            let expected = bits.map(|bits| match bits {
                256 => sha2::Sha256::digest(&certificate).to_vec(),
                384 => sha2::Sha384::digest(&certificate).to_vec(),
                _ => sha2::Sha512::digest(&certificate).to_vec(),
            });
            assert_eq!(hash(&certificate), expected, "{oid:?}");
        }
        assert_eq!(hash(b"no certificate"), None);
    }
}
