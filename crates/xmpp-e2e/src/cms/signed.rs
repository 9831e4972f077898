//! Reading SignedData and verifying its signatures (RFC 5652 section 5).

use std::borrow::Cow;

use der::Decode;
use der::asn1::{GeneralizedTime, UtcTime};

use super::{ContentType, MAX_ENTRIES, content_info};
use crate::asn1::{
    self, Algorithm, Element, Fields, Malformed, OCTET_STRING, OID, SEQUENCE, SET, explicit,
    implicit, oid,
};
use crate::certificate::Certificate;
use crate::crypto::{ContentEncryption, Digest, SignatureAlgorithm};
use crate::time::Timestamp;

/// A SignedData that was read, not yet verified.
#[derive(Clone, Debug)]
pub struct SignedData {
    content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    signers: Vec<SignerInfo>,
}

/// One signature, not yet verified.
#[derive(Clone, Debug)]
pub struct SignerInfo {
    signer: SignerIdentifier,
    digest: Digest,
    algorithm: SignatureAlgorithm,
    /// The signed attributes as a SET OF, as they are signed; empty if there are
    /// none and the content itself is signed.
    attributes: Vec<u8>,
    message_digest: Option<Vec<u8>>,
    signing_time: Option<Timestamp>,
    capabilities: Vec<ContentEncryption>,
    signature: Vec<u8>,
}

#[derive(Clone, Debug)]
enum SignerIdentifier {
    IssuerAndSerialNumber(Vec<u8>),
    SubjectKeyIdentifier(Vec<u8>),
}

impl SignedData {
    /// Reads a `ContentInfo` in BER or DER. Certificates that are not X.509, and
    /// signatures with algorithms this crate does not know, are passed over.
    ///
    /// # Errors
    ///
    /// If it is not a SignedData over data (RFC 5652 sections 4 and 5), or has
    /// more than [`MAX_ENTRIES`] certificates or signers.
    pub fn parse(ber: &[u8]) -> Result<Self, Malformed> {
        let der = asn1::to_der(ber)?;
        let (kind, element) = content_info(&der)?;
        if kind != ContentType::SignedData || element.tag != SEQUENCE {
            return Err(element.malformed("a SignedData (RFC 5652 section 5.1)"));
        }
        let mut fields = element.fields();
        let version = fields.small_integer("the version of SignedData")?;
        let digests = digest_algorithms(fields.take(SET, "digestAlgorithms")?)?;

        let mut encapsulated = fields.take(SEQUENCE, "encapContentInfo")?.fields();
        let content_type = encapsulated.take(OID, "eContentType")?;
        if content_type.value != oid::DATA {
            return Err(content_type.malformed("the content type id-data"));
        }
        let content = match encapsulated.optional(explicit(0), "eContent")? {
            Some(element) => {
                let mut inner = element.fields();
                let content = inner.take(OCTET_STRING, "eContent, an OCTET STRING")?.value;
                inner.end("the end of eContent")?;
                Some(content.to_vec())
            }
            None => None,
        };
        encapsulated.end("the end of encapContentInfo")?;

        // RFC 5652 section 5.1: which version it has to be.
        let mut least = 1;
        let mut certificates = Vec::new();
        if let Some(set) = fields.optional(explicit(0), "certificates")? {
            each(set, "CertificateChoices", |element| {
                match element.tag {
                    SEQUENCE => certificates.push(Certificate::from_der(element.whole)?),
                    // v1AttrCert, v2AttrCert, other
                    tag if tag == explicit(1) => least = least.max(3),
                    tag if tag == explicit(2) => least = least.max(4),
                    tag if tag == explicit(3) => least = 5,
                    _ => return Err(element.malformed("CertificateChoices")),
                }
                Ok(())
            })?;
        }
        if let Some(set) = fields.optional(explicit(1), "crls")? {
            each(set, "RevocationInfoChoice", |element| {
                least = if element.tag == explicit(1) { 5 } else { least };
                Ok(())
            })?;
        }
        let mut signers = Vec::new();
        each(fields.take(SET, "signerInfos")?, "a SignerInfo", |element| {
            if let Some(signer) = signer_info(element, &digests)? {
                if matches!(signer.signer, SignerIdentifier::SubjectKeyIdentifier(_)) {
                    least = least.max(3);
                }
                signers.push(signer);
            }
            Ok(())
        })?;
        fields.end("the end of the SignedData")?;
        if version != least {
            return Err(
                element.malformed("the version that goes with the rest (RFC 5652 section 5.1)")
            );
        }
        Ok(Self { content, certificates, signers })
    }

    /// The content, unless the signature is detached from it.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// Takes the content out.
    #[must_use]
    pub fn into_content(self) -> Option<Vec<u8>> {
        self.content
    }

    /// The certificates that came along.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The signatures.
    #[must_use]
    pub fn signers(&self) -> &[SignerInfo] {
        &self.signers
    }
}

impl SignerInfo {
    /// How it is signed.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// When it was signed, by the signer's word: believe it only after
    /// [`Self::verify`].
    #[must_use]
    pub const fn signing_time(&self) -> Option<Timestamp> {
        self.signing_time
    }

    /// Which ciphers the signer reads, best first.
    #[must_use]
    pub fn capabilities(&self) -> &[ContentEncryption] {
        &self.capabilities
    }

    /// Whether it says that this certificate's owner signed.
    #[must_use]
    pub fn is_by(&self, certificate: &Certificate) -> bool {
        match &self.signer {
            SignerIdentifier::IssuerAndSerialNumber(contents) => {
                certificate.is_issuer_and_serial(contents)
            }
            SignerIdentifier::SubjectKeyIdentifier(octets) => certificate.is_key_identifier(octets),
        }
    }

    /// Verifies the signature over `content` with the certificate's key. Whether
    /// the certificate is to be trusted is another question.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Digest`] if the content is not what was signed,
    /// [`SignatureError::Signature`] if the key's owner did not sign.
    pub fn verify(&self, content: &[u8], certificate: &Certificate) -> Result<(), SignatureError> {
        let key = certificate.public_key().ok_or(SignatureError::Key)?;
        let signed: Cow<'_, [u8]> = match &self.message_digest {
            Some(expected) => {
                if self.digest.compute(content).as_ref() != &expected[..] {
                    return Err(SignatureError::Digest);
                }
                Cow::Borrowed(&self.attributes)
            }
            None => Cow::Borrowed(content),
        };
        if self.algorithm.verify(&key, &signed, &self.signature) {
            Ok(())
        } else {
            Err(SignatureError::Signature)
        }
    }
}

fn each<'a>(
    set: Element<'a>,
    expected: &'static str,
    mut take: impl FnMut(Element<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut fields = set.fields();
    for _ in 0..MAX_ENTRIES {
        if fields.is_empty() {
            return Ok(());
        }
        take(fields.any(expected)?)?;
    }
    fields.end("at most 64 entries")
}

fn digest_algorithms(set: Element<'_>) -> Result<Vec<Digest>, Malformed> {
    let mut found = Vec::new();
    each(set, "a DigestAlgorithmIdentifier", |element| {
        let algorithm = Algorithm::of(element, "a DigestAlgorithmIdentifier")?;
        found.extend(Digest::from_algorithm(&algorithm));
        Ok(())
    })?;
    Ok(found)
}

/// `SignerInfo` (RFC 5652 section 5.3); nothing if its algorithms are not ours.
fn signer_info(element: Element<'_>, digests: &[Digest]) -> Result<Option<SignerInfo>, Malformed> {
    if element.tag != SEQUENCE {
        return Err(element.malformed("a SignerInfo"));
    }
    let mut fields = element.fields();
    let version = fields.small_integer("the version of a SignerInfo")?;
    let sid = fields.any("sid")?;
    let signer = match (sid.tag, version) {
        (SEQUENCE, 1) => SignerIdentifier::IssuerAndSerialNumber(sid.value.to_vec()),
        (tag, 3) if tag == implicit(0) => {
            SignerIdentifier::SubjectKeyIdentifier(sid.value.to_vec())
        }
        _ => return Err(sid.malformed("a sid that goes with the version")),
    };
    let digest_algorithm = Algorithm::parse(&mut fields, "digestAlgorithm")?;
    let signed = fields.optional(explicit(0), "signedAttrs")?;
    let signature_algorithm = Algorithm::parse(&mut fields, "signatureAlgorithm")?;
    let signature = fields.take(OCTET_STRING, "signature")?.value.to_vec();
    fields.optional(explicit(1), "unsignedAttrs")?;
    fields.end("the end of the SignerInfo")?;

    let Some(digest) = Digest::from_algorithm(&digest_algorithm) else { return Ok(None) };
    let Some(algorithm) = SignatureAlgorithm::from_algorithm(&signature_algorithm, digest) else {
        return Ok(None);
    };
    // RFC 5652 section 5.1: an implementation may refuse a digest that is not
    // announced; we do, for it has no good reason.
    if !digests.contains(&digest) {
        return Err(element.malformed("a digestAlgorithm that is among digestAlgorithms"));
    }
    let mut info = SignerInfo {
        signer,
        digest,
        algorithm,
        attributes: Vec::new(),
        message_digest: None,
        signing_time: None,
        capabilities: Vec::new(),
        signature,
    };
    if let Some(signed) = signed {
        let protected = (&digest_algorithm, &signature_algorithm);
        attributes(&mut info, signed, protected)?;
    }
    Ok(Some(info))
}

/// Signed attributes (RFC 5652 sections 5.3 and 11): content type and message
/// digest are there, once and with one value.
fn attributes(
    info: &mut SignerInfo,
    signed: Element<'_>,
    protected: (&Algorithm<'_>, &Algorithm<'_>),
) -> Result<(), Malformed> {
    let mut content_type = None;
    each(signed, "an Attribute", |element| {
        let mut fields = element.fields();
        let id = fields.take(OID, "attrType")?.value;
        let mut values = fields.take(SET, "attrValues")?.fields();
        fields.end("the end of an Attribute")?;
        let known = [
            oid::CONTENT_TYPE,
            oid::MESSAGE_DIGEST,
            oid::SIGNING_TIME,
            oid::SMIME_CAPABILITIES,
            oid::ALGORITHM_PROTECTION,
        ];
        if !known.contains(&id) {
            return Ok(());
        }
        let value = values.any("an AttributeValue")?;
        values.end("one AttributeValue")?;
        if id == oid::CONTENT_TYPE {
            if value.tag != OID || value.value != oid::DATA || content_type.is_some() {
                return Err(value.malformed("one content type, id-data"));
            }
            content_type = Some(());
        } else if id == oid::MESSAGE_DIGEST {
            if value.tag != OCTET_STRING || info.message_digest.is_some() {
                return Err(value.malformed("one message digest"));
            }
            info.message_digest = Some(value.value.to_vec());
        } else if id == oid::SIGNING_TIME {
            info.signing_time = UtcTime::from_der(value.whole)
                .map(|t| t.to_unix_duration())
                .or_else(|_| GeneralizedTime::from_der(value.whole).map(|t| t.to_unix_duration()))
                .ok()
                .map(Timestamp::from_unix);
        } else if id == oid::SMIME_CAPABILITIES {
            info.capabilities = capabilities(value)?;
        } else {
            algorithm_protection(value, protected)?;
        }
        Ok(())
    })?;
    if content_type.is_none() || info.message_digest.is_none() {
        return Err(signed.malformed("the attributes content-type and message-digest"));
    }
    // Sent as [0] IMPLICIT, signed as a SET (RFC 5652 section 5.4).
    info.attributes = signed.whole.to_vec();
    info.attributes[0] = SET;
    Ok(())
}

/// RFC 8551 section 2.5.2; what is not ours in it is passed over.
fn capabilities(value: Element<'_>) -> Result<Vec<ContentEncryption>, Malformed> {
    let mut found = Vec::new();
    each(value, "a SMIMECapability", |element| {
        let mut fields: Fields<'_> = element.fields();
        let id = fields.take(OID, "capabilityID")?.value;
        let algorithm = Algorithm { oid: id, parameters: None, whole: element.whole };
        found.extend(ContentEncryption::from_algorithm(&algorithm));
        Ok(())
    })?;
    Ok(found)
}

/// RFC 6211 section 2: the signed copies are equal to what stands outside.
fn algorithm_protection(
    value: Element<'_>,
    (digest, signature): (&Algorithm<'_>, &Algorithm<'_>),
) -> Result<(), Malformed> {
    let expected = "a CMSAlgorithmProtection that agrees with the SignerInfo (RFC 6211)";
    let mut fields = value.fields();
    let signed_digest = Algorithm::parse(&mut fields, expected)?;
    let signed_signature = fields.take(explicit(1), expected)?;
    fields.end(expected)?;
    let same = signed_digest.whole == digest.whole
        && signed_signature.whole.get(1..) == signature.whole.get(1..);
    if same { Ok(()) } else { Err(value.malformed(expected)) }
}

/// Why a signature is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// The content is not the one that was signed.
    Digest,
    /// The signature was not made with the certificate's key.
    Signature,
    /// The certificate's key is of a kind this crate does not know.
    Key,
}

impl core::fmt::Display for SignatureError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Digest => "the content is not the one that was signed (RFC 5652 section 5.6)",
            Self::Signature => "the signature was not made with the certificate's key",
            Self::Key => "the certificate's key is neither RSA, P-256, P-384 nor Ed25519",
        })
    }
}

impl core::error::Error for SignatureError {}
