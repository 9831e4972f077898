//! Taking a signed or encrypted MIME entity apart, layer by layer.

use xmpp_cpim::mime::canonical_crlf;

use crate::asn1::Malformed;
use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::cms::signed::{Digests, SignerInfo};
use crate::cms::{self, DecryptError, EnvelopedData, SignatureError, SignedData};
use crate::crypto::{ContentEncryption, KeyEncryption, PrivateKey, SignatureAlgorithm};
use crate::identity::Identity;
use crate::policy::Policy;
use crate::smime::{self, Limits, MimeError, Unread};
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
    /// The innermost MIME entity. If it is text, it has CR LF at the ends of its
    /// lines, as RFC 8551 section 3.1.1 has it signed.
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

    /// With certificates at hand.
    #[must_use]
    pub const fn with_certificates(mut self, certificates: &'a [Certificate]) -> Self {
        self.certificates = certificates;
        self
    }

    /// With other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Opens the text of an `<e2e/>` element: verifies every signature and undoes
    /// every encryption.
    ///
    /// XML has turned CR LF into LF on the way, and put blanks around; what was
    /// signed is restored (RFC 8551 section 3.1.1).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_text(&self, text: &str, now: Timestamp) -> Result<Opened, OpenError> {
        self.open(&canonical_crlf(text.as_bytes()), now)
    }

    /// Opens the octets of a MIME entity: verifies every signature and undoes
    /// every encryption. Line ends of text may be LF, as on a disk; octets that
    /// are no text stay as they are.
    ///
    /// What it costs is limited: however a peer arranges signers, certificates
    /// and layers, a budget of public-key operations is not exceeded.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; [`OpenError::case`] says which case of RFC 3923 section 7
    /// it is.
    pub fn open(&self, octets: &[u8], now: Timestamp) -> Result<Opened, OpenError> {
        let octets = octets.trim_ascii_start();
        if octets.len() > self.limits.max_object_bytes {
            let kind = xmpp_cpim::ParseErrorKind::TooLong;
            let error = xmpp_cpim::ParseError { kind, at: self.limits.max_object_bytes };
            return Err(MimeError::Entity(error).into());
        }
        let mut budget = Budget::new();
        let mut entity = octets.to_vec();
        let mut layers = Vec::new();
        // Inside AES-CBC, whatever is wrong looks like a failed decryption: else
        // one could ask us what the changed text decrypts to.
        let mut sealed = true;
        let entity = loop {
            let hide = |error: OpenError| if sealed { error } else { DecryptError::Failed.into() };
            let layer = smime::read(&entity, &self.limits).map_err(|e| hide(e.into()))?;
            if layers.len() == self.limits.max_layers && !matches!(layer, smime::Layer::Object(_)) {
                return Err(hide(MimeError::TooManyLayers.into()));
            }
            let inner = match layer {
                smime::Layer::Object(object) => break object.into_owned(),
                smime::Layer::Detached { content, signature } => {
                    let signed = SignedData::parse(&signature).map_err(|e| hide(e.into()))?;
                    let signature =
                        self.verify(&signed, &content, now, &mut budget).map_err(hide)?;
                    layers.push(Layer::Signed(signature));
                    sealed = true;
                    content.into_owned()
                }
                smime::Layer::Opaque(ber) => {
                    let signed = SignedData::parse(&ber).map_err(|e| hide(e.into()))?;
                    let content =
                        signed.content().ok_or_else(|| hide(Unverified::NoContent.into()))?;
                    let signature =
                        self.verify(&signed, content, now, &mut budget).map_err(hide)?;
                    layers.push(Layer::Signed(signature));
                    sealed = true;
                    signed.into_content().unwrap_or_default()
                }
                smime::Layer::Enveloped(ber) => {
                    let decrypted = self.decrypt(&ber, &mut budget).map_err(hide)?;
                    let content = decrypted.content_encryption;
                    layers.push(Layer::Encrypted { content, key: decrypted.key_encryption });
                    sealed &= content.is_authenticated();
                    decrypted.content
                }
            };
            entity = inner;
        };
        if !sealed {
            return Err(DecryptError::Failed.into());
        }
        if layers.is_empty() {
            return Err(MimeError::NotSecured.into());
        }
        let opened = Opened { entity, layers };
        if opened.signature().is_none() && !self.policy.accept_unsigned {
            return Err(Unverified::Unsigned.into());
        }
        Ok(opened)
    }

    fn decrypt(&self, ber: &[u8], budget: &mut Budget) -> Result<cms::Decrypted, OpenError> {
        let keys: Vec<(&PrivateKey, &Certificate)> =
            self.keys.iter().map(|identity| (identity.key(), identity.certificate())).collect();
        let enveloped = EnvelopedData::parse(ber).map_err(DecryptError::Malformed)?;
        let decrypted = enveloped.decrypt_within(&keys, self.policy.key_transport, budget)?;
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
        budget: &mut Budget,
    ) -> Result<Signature, OpenError> {
        let mut layer = Verification {
            opener: self,
            content,
            digests: Digests::new(content),
            at_hand: signed.certificates().iter().chain(self.certificates).collect(),
            verdicts: Vec::new(),
            now,
            budget,
        };
        let mut why = Unverified::NoSigner;
        let mut attempts = 0;
        for info in signed.signers() {
            let mut candidates: Vec<&Certificate> =
                layer.at_hand.iter().copied().filter(|found| info.is_by(found)).collect();
            candidates.dedup();
            if candidates.is_empty() && matches!(why, Unverified::NoSigner) {
                why = Unverified::UnknownCertificate;
            }
            for certificate in candidates {
                if info.algorithm().is_weak() && !self.policy.accept_sha1 {
                    why = Unverified::Weak(info.algorithm());
                    continue;
                }
                if attempts == MAX_VERIFICATIONS {
                    return Err(why.into());
                }
                attempts += 1;
                match layer.verify(info, certificate) {
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
        }
        Err(why.into())
    }
}

/// What is known while the signatures of one layer are tried: each digest and
/// each certificate is looked at once.
struct Verification<'v, 'a> {
    opener: &'v Opener<'a>,
    content: &'v [u8],
    digests: Digests<'v>,
    at_hand: Vec<&'v Certificate>,
    verdicts: Vec<(&'v Certificate, Result<(), CertificateError>)>,
    now: Timestamp,
    budget: &'v mut Budget,
}

impl<'v> Verification<'v, '_> {
    fn verify(
        &mut self,
        info: &SignerInfo,
        certificate: &'v Certificate,
    ) -> Result<(), Unverified> {
        self.budget
            .verify(certificate.key_kind(), info.signed_octets(self.content))
            .map_err(|_| Unverified::TooCostly)?;
        info.verify_digested(self.content, &mut self.digests, certificate)
            .map_err(Unverified::Signature)?;
        self.trusted(certificate).map_err(Unverified::Certificate)
    }

    fn trusted(&mut self, certificate: &'v Certificate) -> Result<(), CertificateError> {
        if let Some((_, verdict)) = self.verdicts.iter().find(|(known, _)| *known == certificate) {
            return verdict.clone();
        }
        let trust = self.opener.trust;
        let (purpose, now) = (Purpose::Sign, self.now);
        let verdict = trust.check_within(certificate, &self.at_hand, purpose, now, self.budget);
        self.verdicts.push((certificate, verdict.clone()));
        verdict
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
    /// The MIME part around the signature cannot be read.
    Mime(MimeError),
    /// The SignedData is not what RFC 5652 says.
    Malformed(Malformed),
    /// It stands alone, with nothing that it signs.
    NoContent,
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
    /// So many signers or layers came that to verify them costs too much.
    TooCostly,
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

impl From<Unverified> for OpenError {
    fn from(why: Unverified) -> Self {
        Self::Signature(why)
    }
}

/// Of a SignedData.
impl From<Malformed> for OpenError {
    fn from(malformed: Malformed) -> Self {
        Self::Signature(Unverified::Malformed(malformed))
    }
}

impl From<Unread> for OpenError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Signature(error) => Self::Signature(Unverified::Mime(error)),
            Unread::Other(error) => Self::Mime(error),
        }
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

impl core::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Mime(error) => Some(error),
            Self::Signature(why) => Some(why),
            Self::Decrypt(error) => Some(error),
        }
    }
}

impl core::fmt::Display for Unverified {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unsigned => f.write_str("nobody signed the object (RFC 3923 section 6.7)"),
            Self::Mime(error) => error.fmt(f),
            Self::Malformed(malformed) => {
                write!(f, "the SignedData is malformed (RFC 5652 section 5): {malformed}")
            }
            Self::NoContent => {
                f.write_str("the SignedData holds no content (RFC 8551 section 3.5.2)")
            }
            Self::TooCostly => {
                f.write_str("so many signers or layers came that to verify them costs too much")
            }
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

impl core::error::Error for Unverified {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Mime(error) => Some(error),
            Self::Malformed(malformed) => Some(malformed),
            Self::Signature(error) => Some(error),
            Self::Certificate(error) => Some(error),
            _ => None,
        }
    }
}
