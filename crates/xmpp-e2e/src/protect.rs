//! Signing and encrypting MIME entities (RFC 8551 sections 3.3 to 3.7).

use crate::certificate::Certificate;
use crate::cms::{self, EncryptError, Recipient, SignError, Signer};
use crate::crypto::ContentEncryption;
use crate::identity::Identity;
use crate::policy::{Policy, READ_CIPHERS};
use crate::smime::{multipart_signed, pkcs7_mime};
use crate::time::Timestamp;

/// Signs `entity`, a MIME entity with CR LF line ends; gives the entity around
/// it. `include` puts the signer's certificates along.
///
/// ```
/// # use xmpp_e2e::{Identity, Policy, Timestamp};
/// # fn example(identity: &Identity, now: Timestamp) -> Result<(), xmpp_e2e::ProtectError> {
/// let entity = b"Content-Type: text/plain\r\n\r\nWherefore art thou, Romeo?";
/// let signed = xmpp_e2e::sign(entity, identity, &Policy::modern(), now, true)?;
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
    include: bool,
) -> Result<Vec<u8>, ProtectError> {
    sign_with(entity, identity, &[], policy, now, include)
}

/// [`sign`], with more certificates to be put along.
pub(crate) fn sign_with(
    entity: &[u8],
    identity: &Identity,
    others: &[&Certificate],
    policy: &Policy,
    now: Timestamp,
    include: bool,
) -> Result<Vec<u8>, ProtectError> {
    let algorithm = policy.signature(identity.key().kind());
    let mut signer = Signer::new(identity.key(), identity.certificate(), algorithm, now);
    signer.capabilities = &READ_CIPHERS;
    let certificates: Vec<&Certificate> = if include {
        core::iter::once(identity.certificate())
            .chain(identity.chain())
            .chain(others.iter().copied())
            .collect()
    } else {
        Vec::new()
    };
    let signed = cms::sign(entity, policy.detached, &[signer], &certificates)?;
    if policy.detached {
        multipart_signed(entity, &signed, algorithm.digest())
            .map_err(|_| ProtectError::Encrypt(EncryptError::Randomness))
    } else {
        Ok(pkcs7_mime(&signed, "signed-data"))
    }
}

/// Encrypts `entity`, a MIME entity, to each recipient; gives the entity around
/// it. Beside each certificate stand the ciphers its owner reads, empty if that
/// is not known.
///
/// Whether the certificates are to be trusted is asked before, of a
/// [`TrustStore`](crate::TrustStore).
///
/// # Errors
///
/// [`ProtectError::Encrypt`] if there is no recipient, or one cannot encrypt to
/// its key.
pub fn encrypt(
    entity: &[u8],
    recipients: &[(&Certificate, &[ContentEncryption])],
    policy: &Policy,
) -> Result<Vec<u8>, ProtectError> {
    let known: Vec<&[ContentEncryption]> = recipients.iter().map(|(_, known)| *known).collect();
    let cipher = policy.choose(&known);
    let recipients: Vec<Recipient<'_>> = recipients
        .iter()
        .map(|(certificate, _)| Recipient {
            rsa: policy.rsa_key_encryption,
            ..Recipient::new(certificate)
        })
        .collect();
    let encrypted = cms::encrypt(entity, cipher, &recipients)?;
    let smime_type =
        if cipher.is_authenticated() { "authEnveloped-data" } else { "enveloped-data" };
    Ok(pkcs7_mime(&encrypted, smime_type))
}

/// Why nothing was signed or encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtectError {
    /// It could not be signed.
    Sign(SignError),
    /// It could not be encrypted.
    Encrypt(EncryptError),
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
        }
    }
}

impl core::error::Error for ProtectError {}
