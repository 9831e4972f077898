//! Signing and encrypting MIME entities (RFC 8551 sections 3.3 to 3.7).

use crate::certificate::Certificate;
use crate::cms::{self, EncryptError, Recipient, SignError, SignedForm, Signer};
use crate::crypto::ContentEncryption;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::smime::{multipart_signed, pkcs7_mime};
use crate::time::Timestamp;
use crate::trust::{CertificateError, Purpose};

/// Whether the signer's certificates go along with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "they do or do not")]
pub enum Certificates {
    /// They do: the recipient need not have them.
    SentAlong,
    /// They do not: the recipient has had them (RFC 3923 section 6.6).
    LeftOut,
}

/// Signs `entity`, a MIME entity in canonical form
/// ([`canonical_entity`](xmpp_cpim::mime::canonical_entity)); gives the entity
/// around it.
///
/// ```
/// # use xmpp_e2e::{Certificates, Identity, Policy, Timestamp};
/// # fn example(identity: &Identity, now: Timestamp) -> Result<(), xmpp_e2e::ProtectError> {
/// let entity = b"Content-Type: text/plain\r\n\r\nWherefore art thou, Romeo?";
/// let along = Certificates::SentAlong;
/// let signed = xmpp_e2e::sign(entity, identity, &Policy::modern(), now, along)?;
/// assert!(signed.starts_with(b"Content-Type: multipart/signed"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ProtectError::Sign`] if the key cannot sign so.
pub fn sign(
    entity: &[u8],
    identity: &Identity,
    policy: &Policy,
    now: Timestamp,
    certificates: Certificates,
) -> Result<Vec<u8>, ProtectError> {
    sign_with(entity, identity, &[], policy, now, certificates)
}

/// [`sign`], with more certificates to be put along.
pub(crate) fn sign_with(
    entity: &[u8],
    identity: &Identity,
    others: &[&Certificate],
    policy: &Policy,
    now: Timestamp,
    certificates: Certificates,
) -> Result<Vec<u8>, ProtectError> {
    let algorithm = policy.signature(identity.key().kind()).ok_or(SignError::Algorithm)?;
    let capabilities = policy.read_ciphers();
    let signer = Signer::new(identity.key(), identity.certificate(), algorithm, now)
        .with_capabilities(&capabilities);
    let along: Vec<&Certificate> = match certificates {
        Certificates::SentAlong => core::iter::once(identity.certificate())
            .chain(identity.chain())
            .chain(others.iter().copied())
            .collect(),
        Certificates::LeftOut => Vec::new(),
    };
    let signed = cms::sign(entity, policy.form, &[signer], &along)?;
    match policy.form {
        SignedForm::Detached => multipart_signed(entity, &signed, algorithm.digest())
            .map_err(|_| ProtectError::Encrypt(EncryptError::Randomness)),
        SignedForm::Opaque => Ok(pkcs7_mime(&signed, "signed-data")),
    }
}

/// Encrypts `entity`, a MIME entity, to each recipient; gives the entity around
/// it. Beside each certificate stand the ciphers its owner reads, empty if that
/// is not known.
///
/// Each certificate is checked for what it says itself, its dates and usages
/// ([`Certificate::check`]). Whether it is to be trusted is asked before, of a
/// [`TrustStore`](crate::TrustStore).
///
/// # Errors
///
/// [`ProtectError::Encrypt`] if there is no recipient, or one cannot encrypt to
/// its key; [`ProtectError::Certificate`] if a certificate does not allow it now;
/// [`ProtectError::NoCommonCipher`] if the policy lets no cipher that all read.
pub fn encrypt(
    entity: &[u8],
    recipients: &[(&Certificate, &[ContentEncryption])],
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<u8>, ProtectError> {
    for (certificate, _) in recipients {
        certificate.check(Purpose::Encrypt, now).map_err(ProtectError::Certificate)?;
    }
    let known: Vec<&[ContentEncryption]> = recipients.iter().map(|(_, known)| *known).collect();
    let cipher = policy.choose(&known).ok_or(ProtectError::NoCommonCipher)?;
    let recipients: Vec<Recipient<'_>> = recipients
        .iter()
        .map(|(certificate, _)| Recipient::new(certificate).with_rsa(policy.rsa_key_encryption))
        .collect();
    let encrypted = cms::encrypt(entity, cipher, &recipients)?;
    let smime_type =
        if cipher.is_authenticated() { "authEnveloped-data" } else { "enveloped-data" };
    Ok(pkcs7_mime(&encrypted, smime_type))
}

/// Why nothing was signed or encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtectError {
    /// It could not be signed.
    Sign(SignError),
    /// It could not be encrypted.
    Encrypt(EncryptError),
    /// The certificate of a recipient does not allow it, or not now.
    Certificate(CertificateError),
    /// No cipher above the policy's [`floor`](Policy::floor) is one that all
    /// recipients read.
    NoCommonCipher,
}

impl From<SignError> for ProtectError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl From<EncryptError> for ProtectError {
    fn from(error: EncryptError) -> Self {
        Self::Encrypt(error)
    }
}

impl core::fmt::Display for ProtectError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Sign(error) => error.fmt(f),
            Self::Encrypt(error) => error.fmt(f),
            Self::Certificate(error) => write!(f, "a recipient's certificate: {error}"),
            Self::NoCommonCipher => f.write_str(
                "the recipients read no cipher in common that the policy lets be produced",
            ),
        }
    }
}

impl core::error::Error for ProtectError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Sign(error) => Some(error),
            Self::Encrypt(error) => Some(error),
            Self::Certificate(error) => Some(error),
            Self::NoCommonCipher => None,
        }
    }
}
