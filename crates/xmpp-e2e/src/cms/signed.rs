//! Reading SignedData and verifying its signatures (RFC 5652 section 5).

use super::{ContentType, MAX_ENTRIES, content_info};
use crate::asn1::{
    self, Algorithm, Element, Fields, Malformed, OCTET_STRING, OID, SEQUENCE, SET, explicit,
    implicit, oid, read_time,
};
use crate::certificate::Certificate;
use crate::crypto::signature::Stated;
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
    stated: Stated,
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
    /// Reads a `ContentInfo` in BER or DER. Certificates that are not X.509 or
    /// cannot be read, and signatures with algorithms this crate does not know,
    /// are passed over.
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
                    // One that cannot be read is of no use, and no harm to the
                    // others.
                    SEQUENCE => certificates.extend(Certificate::from_der(element.whole).ok()),
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
            // Also what is passed over counts: its version is that of the sid.
            if signer_version(element)? == 3 {
                least = least.max(3);
            }
            signers.extend(signer_info(element, &digests)?);
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
        self.stated.algorithm
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
    /// [`SignatureError::Signature`] if the key's owner did not sign,
    /// [`SignatureError::Ambiguous`] if the content could be a set of attributes.
    pub fn verify(&self, content: &[u8], certificate: &Certificate) -> Result<(), SignatureError> {
        self.verify_digested(content, &mut Digests::new(content), certificate)
    }

    /// [`verify`](Self::verify) with the digests of the content that are known.
    pub(crate) fn verify_digested(
        &self,
        content: &[u8],
        digests: &mut Digests<'_>,
        certificate: &Certificate,
    ) -> Result<(), SignatureError> {
        let key = certificate.public_key().ok_or(SignatureError::Key)?;
        let signed = match &self.message_digest {
            Some(expected) => {
                if digests.of(self.digest) != &expected[..] {
                    return Err(SignatureError::Digest);
                }
                &self.attributes[..]
            }
            None if is_attributes(content) => return Err(SignatureError::Ambiguous),
            None => content,
        };
        if self.stated.verify(&key, signed, &self.signature) {
            Ok(())
        } else {
            Err(SignatureError::Signature)
        }
    }

    /// How many octets the signature itself is over.
    pub(crate) fn signed_octets(&self, content: &[u8]) -> usize {
        if self.message_digest.is_some() { self.attributes.len() } else { content.len() }
    }
}

/// The digests of one content, each computed once for however many signers.
pub(crate) struct Digests<'c> {
    content: &'c [u8],
    known: Vec<(Digest, ring::digest::Digest)>,
}

impl<'c> Digests<'c> {
    pub(crate) const fn new(content: &'c [u8]) -> Self {
        Self { content, known: Vec::new() }
    }

    fn of(&mut self, digest: Digest) -> &[u8] {
        let at = self.known.iter().position(|(known, _)| *known == digest).unwrap_or_else(|| {
            self.known.push((digest, digest.compute(self.content)));
            self.known.len() - 1
        });
        self.known[at].1.as_ref()
    }
}

/// Whether octets are a SET OF Attribute. A signature without signed attributes
/// is over the content itself, one with them over a SET OF Attribute: who takes
/// the attributes of a signed object for a content could pass them off as
/// signed. No MIME entity is such a set.
fn is_attributes(content: &[u8]) -> bool {
    let mut outer = Fields::new(content);
    let Ok(set) = outer.take(SET, "") else { return false };
    let mut fields = set.fields();
    let mut some = false;
    while !fields.is_empty() {
        let Ok(attribute) = fields.take(SEQUENCE, "") else { return false };
        let mut inner = attribute.fields();
        if inner.take(OID, "").is_err() || inner.take(SET, "").is_err() || !inner.is_empty() {
            return false;
        }
        some = true;
    }
    some && outer.is_empty()
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

/// The version of a `SignerInfo`, which goes with its sid.
fn signer_version(element: Element<'_>) -> Result<u8, Malformed> {
    if element.tag != SEQUENCE {
        return Err(element.malformed("a SignerInfo"));
    }
    element.fields().small_integer("the version of a SignerInfo")
}

/// `SignerInfo` (RFC 5652 section 5.3); nothing if its algorithms are not ours.
fn signer_info(element: Element<'_>, digests: &[Digest]) -> Result<Option<SignerInfo>, Malformed> {
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
    let Some(stated) = Stated::read(&signature_algorithm, digest) else { return Ok(None) };
    // RFC 5652 section 5.1: an implementation may refuse a digest that is not
    // announced; we do, for it has no good reason.
    if !digests.contains(&digest) {
        return Err(element.malformed("a digestAlgorithm that is among digestAlgorithms"));
    }
    let mut info = SignerInfo {
        signer,
        digest,
        stated,
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
/// digest are there; none of those that are looked at is there twice, or with
/// several values (RFC 5652 section 11.3, RFC 8551 section 2.5.2, RFC 6211
/// section 2).
fn attributes(
    info: &mut SignerInfo,
    signed: Element<'_>,
    protected: (&Algorithm<'_>, &Algorithm<'_>),
) -> Result<(), Malformed> {
    let mut content_type = None;
    let mut seen: Vec<&[u8]> = Vec::new();
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
        if seen.contains(&id) {
            return Err(element.malformed("an attribute that is there once"));
        }
        seen.push(id);
        let value = values.any("an AttributeValue")?;
        values.end("one AttributeValue")?;
        if id == oid::CONTENT_TYPE {
            if value.tag != OID || value.value != oid::DATA {
                return Err(value.malformed("one content type, id-data"));
            }
            content_type = Some(());
        } else if id == oid::MESSAGE_DIGEST {
            if value.tag != OCTET_STRING {
                return Err(value.malformed("one message digest"));
            }
            info.message_digest = Some(value.value.to_vec());
        } else if id == oid::SIGNING_TIME {
            info.signing_time = read_time(value);
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
        found.extend(ContentEncryption::from_oid(id));
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
    /// There are no signed attributes, and the content parses as a set of them:
    /// what was signed may have been something else.
    Ambiguous,
}

impl core::fmt::Display for SignatureError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Digest => "the content is not the one that was signed (RFC 5652 section 5.6)",
            Self::Signature => "the signature was not made with the certificate's key",
            Self::Key => "the certificate's key is neither RSA, P-256, P-384, P-521 nor Ed25519",
            Self::Ambiguous => {
                "the content is a set of signed attributes, and may have been signed as such \
                 (RFC 5652 section 5.4)"
            }
        })
    }
}

impl core::error::Error for SignatureError {}

#[cfg(test)]
mod tests;
