//! Taking a signed or encrypted MIME entity apart, layer by layer.

use std::borrow::Cow;

use xmpp_cpim::mime::canonical_crlf;

use crate::certificate::Certificate;
use crate::cms::{self, DecryptError, SignatureError, SignedData};
use crate::crypto::{ContentEncryption, KeyEncryption, PrivateKey, SignatureAlgorithm};
use crate::identity::Identity;
use crate::policy::Policy;
use crate::smime::{self, Limits, MimeError};
use crate::time::Timestamp;
use crate::trust::{CertificateError, Purpose, TrustStore};

/// How many signatures of a layer are tried, with as many certificates: a peer
/// could send 64 of each, all of one name, and have us try every pair. People
/// sign with one key, or with two while they change algorithms.
const MAX_VERIFICATIONS: usize = 8;

/// What is needed to open objects.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Opener<'a> {
    /// Our keys to decrypt with.
    pub keys: &'a [Identity],
    /// Whom we trust.
    pub trust: &'a TrustStore,
    /// Certificates at hand: of signers who do not send theirs along every time
    /// (RFC 3923 section 6.6), and of authorities.
    pub certificates: &'a [Certificate],
    /// Which algorithms are read.
    pub policy: &'a Policy,
    /// How large and how deep an object may be.
    pub limits: Limits,
}

/// What was inside, and what was around it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The innermost MIME entity, as it was signed or encrypted.
    pub entity: Vec<u8>,
    /// The layers, the outermost first.
    pub layers: Vec<Layer>,
}

/// One layer of protection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// A signature that was verified, by a certificate that is trusted.
    Signed(Signature),
    /// Encryption.
    #[non_exhaustive]
    Encrypted {
        /// Of the content.
        content: ContentEncryption,
        /// Of the key.
        key: KeyEncryption,
    },
}

/// A verified signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// The signer's certificate: its addresses say who signed.
    pub certificate: Certificate,
    /// How it was signed. If [`is_weak`](SignatureAlgorithm::is_weak), it proves
    /// little.
    pub algorithm: SignatureAlgorithm,
    /// When, by the signer's word.
    pub signing_time: Option<Timestamp>,
    /// Which ciphers the signer reads, best first.
    pub capabilities: Vec<ContentEncryption>,
    /// All certificates that came along, to be kept for later.
    pub certificates: Vec<Certificate>,
}

impl Opened {
    /// The innermost signature: the one over the object itself, whose signer is
    /// its author. Signatures around encryption only say who passed it on.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        match self.layers.last() {
            Some(Layer::Signed(signature)) => Some(signature),
            _ => None,
        }
    }

    /// Whether a layer is encryption.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer, Layer::Encrypted { .. }))
    }
}

impl<'a> Opener<'a> {
    /// With the default limits, and no certificates at hand.
    #[must_use]
    pub const fn new(keys: &'a [Identity], trust: &'a TrustStore, policy: &'a Policy) -> Self {
        Self { keys, trust, certificates: &[], policy, limits: Limits::DEFAULT }
    }

    /// Opens `text`, the text of an `<e2e/>` element or the octets of a MIME
    /// entity: verifies every signature and undoes every encryption.
    ///
    /// XML has turned CR LF into LF on the way, and put blanks around; what was
    /// signed is restored (RFC 8551 section 3.1.1).
    ///
    /// # Errors
    ///
    /// [`OpenError`]; [`OpenError::case`] says which case of RFC 3923 section 7
    /// it is.
    pub fn open(&self, text: &[u8], now: Timestamp) -> Result<Opened, OpenError> {
        let text = text.trim_ascii_start();
        if text.len() > self.limits.max_object_bytes {
            let kind = xmpp_cpim::ParseErrorKind::TooLong;
            let error = xmpp_cpim::ParseError { kind, at: self.limits.max_object_bytes };
            return Err(MimeError::Entity(error).into());
        }
        let mut entity = canonical_crlf(text).into_owned();
        let mut layers = Vec::new();
        // Inside AES-CBC, whatever is wrong looks like a failed decryption: else
        // one could ask us what the changed text decrypts to.
        let mut sealed = true;
        loop {
            let hide = |error: OpenError| if sealed { error } else { DecryptError::Failed.into() };
            let layer = smime::read(&entity, &self.limits).map_err(|e| hide(e.into()))?;
            if layers.len() == self.limits.max_layers && !matches!(layer, smime::Layer::Object) {
                return Err(hide(MimeError::TooManyLayers.into()));
            }
            let inner = match layer {
                smime::Layer::Object => break,
                smime::Layer::Detached { content, signature } => {
                    let signed = SignedData::parse(&signature)
                        .map_err(|_| hide(OpenError::Signature(Unverified::Malformed)))?;
                    let signature = self.verify(&signed, content, now).map_err(hide)?;
                    layers.push(Layer::Signed(signature));
                    sealed = true;
                    content.to_vec()
                }
                smime::Layer::Opaque(der) => {
                    let signed = SignedData::parse(&der)
                        .map_err(|_| hide(OpenError::Signature(Unverified::Malformed)))?;
                    let content = signed
                        .content()
                        .ok_or_else(|| hide(OpenError::Signature(Unverified::Malformed)))?;
                    let signature = self.verify(&signed, content, now).map_err(hide)?;
                    layers.push(Layer::Signed(signature));
                    sealed = true;
                    signed.into_content().unwrap_or_default()
                }
                smime::Layer::Enveloped(der) => {
                    let decrypted = self.decrypt(&der).map_err(hide)?;
                    let content = decrypted.content_encryption;
                    layers.push(Layer::Encrypted { content, key: decrypted.key_encryption });
                    sealed &= content.is_authenticated();
                    with_crlf(decrypted.content)
                }
            };
            entity = inner;
        }
        if !sealed {
            return Err(DecryptError::Failed.into());
        }
        if layers.is_empty() {
            return Err(MimeError::NotSecured.into());
        }
        let opened = Opened { entity, layers };
        if opened.signature().is_none() && !self.policy.accept_unsigned {
            return Err(OpenError::Signature(Unverified::Unsigned));
        }
        Ok(opened)
    }

    fn decrypt(&self, der: &[u8]) -> Result<cms::Decrypted, OpenError> {
        let keys: Vec<(&PrivateKey, &Certificate)> =
            self.keys.iter().map(|identity| (identity.key(), identity.certificate())).collect();
        let decrypted = cms::decrypt(der, &keys, self.policy.accept_rsa_pkcs1_key_transport)?;
        if !decrypted.content_encryption.is_authenticated() && !self.policy.accept_cbc {
            return Err(DecryptError::Failed.into());
        }
        Ok(decrypted)
    }

    /// The first signature that verifies with a certificate that is trusted.
    fn verify(
        &self,
        signed: &SignedData,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Signature, OpenError> {
        let mut why = Unverified::NoSigner;
        let mut attempts = 0;
        let others: Vec<Certificate> =
            signed.certificates().iter().chain(self.certificates).cloned().collect();
        for info in signed.signers() {
            let candidates = others.iter().filter(|certificate| info.is_by(certificate));
            let mut unknown = true;
            for certificate in candidates {
                unknown = false;
                if info.algorithm().is_weak() && !self.policy.accept_sha1 {
                    why = Unverified::Weak(info.algorithm());
                    continue;
                }
                if attempts == MAX_VERIFICATIONS {
                    return Err(OpenError::Signature(why));
                }
                attempts += 1;
                let verified = info
                    .verify(content, certificate)
                    .map_err(Unverified::Signature)
                    .and_then(|()| {
                        self.trust
                            .check(certificate, &others, Purpose::Sign, now)
                            .map_err(Unverified::Certificate)
                    });
                match verified {
                    Ok(()) => {
                        return Ok(Signature {
                            certificate: certificate.clone(),
                            algorithm: info.algorithm(),
                            signing_time: info.signing_time(),
                            capabilities: info.capabilities().to_vec(),
                            certificates: signed.certificates().to_vec(),
                        });
                    }
                    Err(error) => why = error,
                }
            }
            if unknown && matches!(why, Unverified::NoSigner) {
                why = Unverified::UnknownCertificate;
            }
        }
        Err(OpenError::Signature(why))
    }
}

/// A decrypted entity with CR LF line ends: senders that encrypt what has bare
/// LF have not made it canonical.
fn with_crlf(content: Vec<u8>) -> Vec<u8> {
    if memchr::memmem::find(&content, b"\r\n").is_some() {
        return content;
    }
    match canonical_crlf(&content) {
        Cow::Owned(canonical) => canonical,
        Cow::Borrowed(_) => content,
    }
}

/// Why an object was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// It is no S/MIME object.
    Mime(MimeError),
    /// A signature is not good.
    Signature(Unverified),
    /// It cannot be decrypted.
    Decrypt(DecryptError),
}

/// Why a signature is not good.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unverified {
    /// Nobody signed.
    Unsigned,
    /// The SignedData is not what RFC 5652 says.
    Malformed,
    /// It has no signature of an algorithm that is read.
    NoSigner,
    /// The signer's certificate neither came along nor is at hand.
    UnknownCertificate,
    /// The signature is over something else, or by someone else.
    Signature(SignatureError),
    /// The digest's collisions can be computed, and the policy does not accept
    /// that.
    Weak(SignatureAlgorithm),
    /// The signer's certificate is not trusted.
    Certificate(CertificateError),
    /// The signer's certificate is for another address than the one that sent
    /// the stanza (RFC 3923 section 6.3).
    OtherSender,
    /// The addresses in the signed object are not those of the stanza.
    OtherAddresses,
}

/// The cases of RFC 3923 section 7 in which something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3923 section 7 has these")]
pub enum Case {
    /// Case 3: the timestamp is not right.
    BadTimestamp,
    /// Case 4: the signature was not verified.
    UnverifiedSignature,
    /// Case 5: the object was not decrypted.
    DecryptionFailed,
}

impl OpenError {
    /// Which case of RFC 3923 section 7 it is. What cannot be read at all is
    /// case 5, which goes with `<bad-request/>`.
    #[must_use]
    pub const fn case(&self) -> Case {
        match self {
            Self::Signature(_) => Case::UnverifiedSignature,
            Self::Mime(_) | Self::Decrypt(_) => Case::DecryptionFailed,
        }
    }
}

impl From<MimeError> for OpenError {
    fn from(error: MimeError) -> Self {
        Self::Mime(error)
    }
}

impl From<DecryptError> for OpenError {
    fn from(error: DecryptError) -> Self {
        Self::Decrypt(error)
    }
}

impl core::fmt::Display for OpenError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Mime(error) => error.fmt(f),
            Self::Signature(why) => why.fmt(f),
            Self::Decrypt(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for OpenError {}

impl core::fmt::Display for Unverified {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unsigned => f.write_str("nobody signed the object (RFC 3923 section 6.7)"),
            Self::Malformed => f.write_str("the SignedData is malformed (RFC 5652 section 5)"),
            Self::NoSigner => f.write_str("no signature has an algorithm that is read"),
            Self::UnknownCertificate => f.write_str(
                "the signer's certificate did not come along and is not at hand: ask for it \
                 (RFC 3923 section 6.2)",
            ),
            Self::Signature(error) => error.fmt(f),
            Self::Weak(algorithm) => {
                write!(f, "{algorithm} proves nothing any more; a legacy policy accepts it")
            }
            Self::Certificate(error) => write!(f, "the signer's certificate: {error}"),
            Self::OtherSender => f.write_str(
                "the signer's certificate is not for the address that sent the stanza \
                 (RFC 3923 section 6.3)",
            ),
            Self::OtherAddresses => {
                f.write_str("the signed object is from or to another address than the stanza")
            }
        }
    }
}

impl core::error::Error for Unverified {}
