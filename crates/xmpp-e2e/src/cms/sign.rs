//! Making SignedData (RFC 5652 section 5, RFC 8551 section 2.5).

use super::put_content_info;
use crate::asn1::{
    INTEGER, OCTET_STRING, OID, SEQUENCE, SET, explicit, nest, oid, put, put_algorithm, write_time,
};
use crate::certificate::Certificate;
use crate::crypto::{ContentEncryption, Digest, PrivateKey, SignatureAlgorithm};
use crate::time::Timestamp;

/// Who signs: a key, its certificate, and how.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Signer<'a> {
    /// The key.
    pub key: &'a PrivateKey,
    /// The certificate of the key.
    pub certificate: &'a Certificate,
    /// The algorithm, which has to fit the key.
    pub algorithm: SignatureAlgorithm,
    /// When it is signed.
    pub time: Timestamp,
    /// Which ciphers the signer reads, best first, for the recipients to know
    /// (SMIMECapabilities, RFC 8551 section 2.5.2).
    pub capabilities: &'a [ContentEncryption],
}

impl<'a> Signer<'a> {
    /// A signer that tells no capabilities.
    #[must_use]
    pub const fn new(
        key: &'a PrivateKey,
        certificate: &'a Certificate,
        algorithm: SignatureAlgorithm,
        time: Timestamp,
    ) -> Self {
        Self { key, certificate, algorithm, time, capabilities: &[] }
    }

    /// With the ciphers the signer reads, best first.
    #[must_use]
    pub const fn with_capabilities(mut self, ciphers: &'a [ContentEncryption]) -> Self {
        self.capabilities = ciphers;
        self
    }
}

/// Where the content of a SignedData is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 5652 section 5.2: it is inside or not")]
pub enum SignedForm {
    /// Beside it: `multipart/signed`.
    #[default]
    Detached,
    /// Inside: `application/pkcs7-mime`.
    Opaque,
}

/// A `ContentInfo` with a SignedData over `content`, in DER.
///
/// The content is inside if `form` says so; `certificates` are put along, so that
/// recipients can check the signer's.
///
/// # Errors
///
/// Each variant of [`SignError`] says for what.
pub fn sign(
    content: &[u8],
    form: SignedForm,
    signers: &[Signer<'_>],
    certificates: &[&Certificate],
) -> Result<Vec<u8>, SignError> {
    let mut infos = Vec::with_capacity(signers.len());
    let mut digests: Vec<Digest> = Vec::new();
    for signer in signers {
        infos.push(signer_info(signer, content)?);
        let digest = signer.algorithm.digest();
        if !digests.contains(&digest) {
            digests.push(digest);
        }
    }
    infos.sort_unstable();
    digests.sort_unstable_by_key(|digest| digest.oid());
    let mut sorted: Vec<&[u8]> = certificates.iter().map(|c| c.der()).collect();
    sorted.sort_unstable();
    sorted.dedup();

    let inside = match form {
        SignedForm::Detached => None,
        SignedForm::Opaque => Some(content),
    };
    let capacity = inside.map_or(0, <[u8]>::len)
        + sorted.iter().map(|c| c.len()).sum::<usize>()
        + infos.iter().map(Vec::len).sum::<usize>();
    let mut out = Vec::with_capacity(capacity + 128);
    put_content_info(&mut out, oid::SIGNED_DATA, |out| {
        // id-data, no attribute certificates, signers named by issuer and
        // serial number: version 1 (RFC 5652 section 5.1).
        put(out, INTEGER, &[1]);
        nest(out, SET, |out| digests.iter().for_each(|digest| put_algorithm(out, digest.oid())));
        nest(out, SEQUENCE, |out| {
            put(out, OID, oid::DATA);
            if let Some(content) = inside {
                nest(out, explicit(0), |out| put(out, OCTET_STRING, content));
            }
        });
        if !sorted.is_empty() {
            nest(out, explicit(0), |out| sorted.iter().for_each(|der| out.extend_from_slice(der)));
        }
        nest(out, SET, |out| infos.iter().for_each(|info| out.extend_from_slice(info)));
    });
    Ok(out)
}

fn signer_info(signer: &Signer<'_>, content: &[u8]) -> Result<Vec<u8>, SignError> {
    if signer.certificate.public_key() != Some(signer.key.public()) {
        return Err(SignError::OtherKey);
    }
    let mut attributes = signed_attributes(signer, content)?;
    let signature = signer.key.sign(signer.algorithm, &attributes).ok_or(SignError::Algorithm)?;
    // Signed as a SET, sent as [0] IMPLICIT (RFC 5652 section 5.4).
    attributes[0] = explicit(0);
    let mut out = Vec::with_capacity(attributes.len() + signature.len() + 256);
    nest(&mut out, SEQUENCE, |out| {
        put(out, INTEGER, &[1]);
        nest(out, SEQUENCE, |out| signer.certificate.write_issuer_and_serial(out));
        put_algorithm(out, signer.algorithm.digest().oid());
        out.extend_from_slice(&attributes);
        signer.algorithm.write(out);
        put(out, OCTET_STRING, &signature);
    });
    Ok(out)
}

/// The SET OF Attribute that is signed.
fn signed_attributes(signer: &Signer<'_>, content: &[u8]) -> Result<Vec<u8>, SignError> {
    let digest = signer.algorithm.digest();
    let mut attributes = vec![
        attribute(oid::CONTENT_TYPE, |out| put(out, OID, oid::DATA)),
        attribute(oid::MESSAGE_DIGEST, |out| {
            put(out, OCTET_STRING, digest.compute(content).as_ref());
        }),
    ];
    let mut time = Vec::with_capacity(16);
    write_time(&mut time, signer.time).ok_or(SignError::Time)?;
    attributes.push(attribute(oid::SIGNING_TIME, |out| out.extend_from_slice(&time)));
    // RFC 6211: what the algorithms are is signed as well.
    attributes.push(attribute(oid::ALGORITHM_PROTECTION, |out| {
        nest(out, SEQUENCE, |out| {
            put_algorithm(out, digest.oid());
            let start = out.len();
            signer.algorithm.write(out);
            out[start] = explicit(1);
        });
    }));
    if !signer.capabilities.is_empty() {
        attributes.push(attribute(oid::SMIME_CAPABILITIES, |out| {
            nest(out, SEQUENCE, |out| {
                signer.capabilities.iter().for_each(|cipher| put_algorithm(out, cipher.oid()));
            });
        }));
    }
    attributes.sort_unstable();
    let mut out = Vec::with_capacity(attributes.iter().map(Vec::len).sum::<usize>() + 4);
    nest(&mut out, SET, |out| attributes.iter().for_each(|a| out.extend_from_slice(a)));
    Ok(out)
}

fn attribute(id: &[u8], value: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    nest(&mut out, SEQUENCE, |out| {
        put(out, OID, id);
        nest(out, SET, value);
    });
    out
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The certificate is for another key.
    OtherKey,
    /// The key does not make such signatures.
    Algorithm,
    /// The time is not between 1970 and 9999.
    Time,
}

impl core::fmt::Display for SignError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::OtherKey => "the signer's certificate is for another key",
            Self::Algorithm => "the signer's key does not make signatures of this algorithm",
            Self::Time => "the signing time is not between 1970 and 9999 (RFC 5652 section 11.3)",
        })
    }
}

impl core::error::Error for SignError {}
