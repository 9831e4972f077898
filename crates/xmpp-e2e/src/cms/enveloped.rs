//! EnvelopedData (RFC 5652 section 6) and AuthEnvelopedData (RFC 5083).

mod error;

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{ContentType, MAX_ENTRIES, content_info, put_content_info};
use crate::asn1::{
    self, Algorithm, BIT_STRING, Element, Fields, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE,
    SET, explicit, implicit, nest, oid, put, put_algorithm,
};
use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::crypto::agreement::{self, Kdf, Offer, Wrap};
use crate::crypto::{
    ContentEncryption, Curve, KeyEncryption, KeyKind, KeyTransport, PrivateKey, RsaKeyEncryption,
    key::Decrypting, random, transport,
};

pub use error::{DecryptError, EncryptError};

/// To whom one encrypts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Recipient<'a> {
    /// The certificate of the recipient's key.
    pub certificate: &'a Certificate,
    /// How the key gets to an RSA recipient; the others' keys leave no choice.
    pub rsa: RsaKeyEncryption,
}

impl<'a> Recipient<'a> {
    /// A recipient; RSA by OAEP with SHA-256.
    #[must_use]
    pub const fn new(certificate: &'a Certificate) -> Self {
        Self { certificate, rsa: RsaKeyEncryption::Oaep(crate::crypto::Digest::Sha256) }
    }

    /// With another way to get the key to an RSA recipient.
    #[must_use]
    pub const fn with_rsa(mut self, how: RsaKeyEncryption) -> Self {
        self.rsa = how;
        self
    }
}

/// A `ContentInfo` with `content` encrypted to each recipient, in DER: an
/// AuthEnvelopedData if the cipher authenticates, else an EnvelopedData.
///
/// # Errors
///
/// Each variant of [`EncryptError`] says for what.
pub fn encrypt(
    content: &[u8],
    cipher: ContentEncryption,
    recipients: &[Recipient<'_>],
) -> Result<Vec<u8>, EncryptError> {
    if recipients.is_empty() || recipients.len() > MAX_ENTRIES {
        return Err(EncryptError::Recipients);
    }
    let mut key = Zeroizing::new(vec![0; cipher.key_octets()]);
    random(&mut key).map_err(|_| EncryptError::Randomness)?;
    let mut infos = Vec::with_capacity(recipients.len());
    let mut version = 0;
    for recipient in recipients {
        let agreed = recipient.certificate.key_kind().is_some_and(|kind| kind != KeyKind::Rsa);
        // RFC 5652 section 6.1: 2 if any recipient is not of version 0.
        version |= if agreed { 2 } else { 0 };
        infos.push(recipient_info(recipient, cipher, &key)?);
    }
    infos.sort_unstable();
    let sealed = cipher.encrypt(&key, content).map_err(|_| EncryptError::Randomness)?;

    let mut out = Vec::with_capacity(
        sealed.ciphertext.len() + infos.iter().map(Vec::len).sum::<usize>() + 160,
    );
    let body = |out: &mut Vec<u8>| {
        let version = if sealed.mac.is_some() { 0 } else { version };
        put(out, INTEGER, &[version]);
        nest(out, SET, |out| infos.iter().for_each(|info| out.extend_from_slice(info)));
        nest(out, SEQUENCE, |out| {
            put(out, OID, oid::DATA);
            out.extend_from_slice(&sealed.algorithm);
            put(out, implicit(0), &sealed.ciphertext);
        });
        if let Some(mac) = &sealed.mac {
            put(out, OCTET_STRING, mac);
        }
    };
    let kind =
        if cipher.is_authenticated() { oid::AUTH_ENVELOPED_DATA } else { oid::ENVELOPED_DATA };
    put_content_info(&mut out, kind, body);
    Ok(out)
}

fn recipient_info(
    recipient: &Recipient<'_>,
    cipher: ContentEncryption,
    key: &[u8],
) -> Result<Vec<u8>, EncryptError> {
    let certificate = recipient.certificate;
    let public = certificate.public_key().ok_or(EncryptError::Key)?;
    if !certificate.may_encrypt() {
        return Err(EncryptError::Usage);
    }
    let mut out = Vec::with_capacity(512);
    let curve = match public.kind {
        KeyKind::Rsa => {
            if !public.is_long_enough() {
                return Err(EncryptError::Key);
            }
            let encrypted =
                transport::encrypt(&public, recipient.rsa, key).ok_or(EncryptError::Key)?;
            nest(&mut out, SEQUENCE, |out| {
                put(out, INTEGER, &[0]);
                nest(out, SEQUENCE, |out| certificate.write_issuer_and_serial(out));
                recipient.rsa.write(out);
                put(out, OCTET_STRING, &encrypted);
            });
            return Ok(out);
        }
        kind => kind.curve().ok_or(EncryptError::Key)?,
    };
    let (kdf, wrap) = (Kdf::for_curve(curve), Wrap::for_cipher(cipher));
    let agreed = agreement::wrap(&public, kdf, wrap, key).ok_or(EncryptError::Key)?;
    nest(&mut out, explicit(1), |out| {
        put(out, INTEGER, &[3]);
        nest(out, explicit(0), |out| {
            nest(out, explicit(1), |out| {
                // RFC 5753 section 3.1.1, RFC 8418 section 3.1: without parameters.
                put_algorithm(
                    out,
                    match curve {
                        Curve::X25519 => oid::X25519,
                        Curve::P256 | Curve::P384 | Curve::P521 => oid::EC_PUBLIC_KEY,
                    },
                );
                nest(out, BIT_STRING, |out| {
                    out.push(0);
                    out.extend_from_slice(&agreed.ephemeral);
                });
            });
        });
        nest(out, SEQUENCE, |out| {
            put(out, OID, kdf.oid());
            put_algorithm(out, wrap.oid());
        });
        nest(out, SEQUENCE, |out| {
            nest(out, SEQUENCE, |out| {
                nest(out, SEQUENCE, |out| certificate.write_issuer_and_serial(out));
                put(out, OCTET_STRING, &agreed.wrapped);
            });
        });
    });
    Ok(out)
}

/// An EnvelopedData or AuthEnvelopedData that was read, not yet decrypted.
#[derive(Clone, Debug)]
pub struct EnvelopedData<'a> {
    der: Cow<'a, [u8]>,
}

/// What was encrypted, and how.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decrypted {
    /// The content. If the cipher does not authenticate, anybody may have
    /// changed it: look for a signature inside before anything else.
    pub content: Vec<u8>,
    /// How the content was encrypted.
    pub content_encryption: ContentEncryption,
    /// How the key was.
    pub key_encryption: KeyEncryption,
}

impl core::fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decrypted")
            .field("octets", &self.content.len())
            .field("content_encryption", &self.content_encryption)
            .field("key_encryption", &self.key_encryption)
            .finish()
    }
}

/// The parts that decryption needs.
struct Parts<'a> {
    recipients: Vec<Element<'a>>,
    cipher: Algorithm<'a>,
    ciphertext: &'a [u8],
    /// The authenticated attributes as a SET OF.
    aad: Vec<u8>,
    mac: &'a [u8],
}

/// Decrypts a `ContentInfo` in BER or DER with the first of `keys` it is
/// encrypted to; `transport` says which RSA key transport is read.
///
/// # Errors
///
/// [`DecryptError::Malformed`], [`DecryptError::NotForUs`] and
/// [`DecryptError::Unsupported`] tell what everybody can see on the outside;
/// whatever fails behind that is [`DecryptError::Failed`].
pub fn decrypt(
    ber: &[u8],
    keys: &[(&PrivateKey, &Certificate)],
    transport: KeyTransport,
) -> Result<Decrypted, DecryptError> {
    EnvelopedData::parse(ber)?.decrypt(keys, transport)
}

impl<'a> EnvelopedData<'a> {
    /// Reads a `ContentInfo` in BER or DER.
    ///
    /// # Errors
    ///
    /// If it is neither an EnvelopedData nor an AuthEnvelopedData with data, or
    /// has more than [`MAX_ENTRIES`] recipients.
    pub fn parse(ber: &'a [u8]) -> Result<Self, Malformed> {
        let der = asn1::to_der(ber)?;
        parts(&der)?;
        Ok(Self { der })
    }

    /// Decrypts it with the first of `keys` it is encrypted to; `transport` says
    /// which RSA key transport is read.
    ///
    /// # Errors
    ///
    /// As [`decrypt`].
    pub fn decrypt(
        &self,
        keys: &[(&PrivateKey, &Certificate)],
        transport: KeyTransport,
    ) -> Result<Decrypted, DecryptError> {
        self.decrypt_within(keys, transport, &mut Budget::new())
    }

    /// [`decrypt`](Self::decrypt) as a part of a longer piece of work.
    pub(crate) fn decrypt_within(
        &self,
        keys: &[(&PrivateKey, &Certificate)],
        transport: KeyTransport,
        budget: &mut Budget,
    ) -> Result<Decrypted, DecryptError> {
        let parts = parts(&self.der)?;
        let unsupported = || DecryptError::Unsupported(asn1::dotted(parts.cipher.oid));
        let content_encryption =
            ContentEncryption::from_oid(parts.cipher.oid).ok_or_else(unsupported)?;
        // An AEAD without a tag, or a tag without an AEAD.
        if content_encryption.is_authenticated() == parts.mac.is_empty() {
            return Err(unsupported());
        }
        let parameters = content_encryption.parameters(&parts.cipher).ok_or_else(unsupported)?;
        let octets = content_encryption.key_octets();
        let mut why = DecryptError::NotForUs;
        for recipient in &parts.recipients {
            for (key, certificate) in keys {
                let Some(found) = matching(recipient, certificate)? else { continue };
                budget
                    .decrypt(key.kind(), parts.ciphertext.len())
                    .map_err(|_| DecryptError::Failed)?;
                let (key_encryption, key) = match found.open(key, octets, transport) {
                    Ok(opened) => opened,
                    Err(unsupported @ DecryptError::Unsupported(_)) => {
                        why = unsupported;
                        continue;
                    }
                    Err(other) => return Err(other),
                };
                let content = content_encryption
                    .decrypt(&key, parameters, parts.ciphertext, parts.mac, &parts.aad)
                    .ok_or(DecryptError::Failed)?;
                return Ok(Decrypted { content, content_encryption, key_encryption });
            }
        }
        Err(why)
    }
}

fn parts(der: &[u8]) -> Result<Parts<'_>, Malformed> {
    let (kind, element) = content_info(der)?;
    let authenticated = kind == ContentType::AuthEnvelopedData;
    if element.tag != SEQUENCE || !(authenticated || kind == ContentType::EnvelopedData) {
        return Err(element.malformed("an EnvelopedData or AuthEnvelopedData"));
    }
    let mut fields = element.fields();
    let version = fields.small_integer("the version")?;
    let originator = fields.optional(explicit(0), "originatorInfo")?;
    let mut infos = fields.take(SET, "recipientInfos")?.fields();
    let mut recipients = Vec::new();
    while !infos.is_empty() {
        if recipients.len() == MAX_ENTRIES {
            return Err(infos.malformed("at most 64 recipients"));
        }
        recipients.push(infos.any("a RecipientInfo")?);
    }
    let mut content = fields.take(SEQUENCE, "encryptedContentInfo")?.fields();
    let content_type = content.take(OID, "contentType")?;
    if content_type.value != oid::DATA {
        return Err(content_type.malformed("the content type id-data"));
    }
    let cipher = Algorithm::parse(&mut content, "contentEncryptionAlgorithm")?;
    let ciphertext = content.take(implicit(0), "encryptedContent")?.value;
    content.end("the end of encryptedContentInfo")?;
    let mut aad = Vec::new();
    let mut mac: &[u8] = &[];
    let mut unprotected = false;
    if authenticated {
        if let Some(attributes) = fields.optional(explicit(1), "authAttrs")? {
            // RFC 5083 section 2.2: authenticated as a SET OF.
            aad = attributes.whole.to_vec();
            aad[0] = SET;
        }
        mac = fields.take(OCTET_STRING, "mac")?.value;
        fields.optional(explicit(2), "unauthAttrs")?;
    } else {
        unprotected = fields.optional(explicit(1), "unprotectedAttrs")?.is_some();
    }
    fields.end("the end of the object")?;
    // RFC 5652 section 6.1, RFC 5083 section 2.1.
    let plain = originator.is_none()
        && !unprotected
        && recipients.iter().all(|r| {
            r.tag == SEQUENCE && r.fields().small_integer("version").is_ok_and(|v| v == 0)
        });
    let right = match version {
        0 => authenticated || plain,
        2 => !authenticated && !plain,
        3 | 4 => !authenticated,
        _ => false,
    };
    if !right {
        return Err(element.malformed("the version that goes with the recipients"));
    }
    Ok(Parts { recipients, cipher, ciphertext, aad, mac })
}

/// A key encrypted to us.
enum Found<'a> {
    Transport {
        algorithm: Algorithm<'a>,
        encrypted: &'a [u8],
    },
    Agreement {
        ephemeral: &'a [u8],
        algorithm: Algorithm<'a>,
        ukm: Option<&'a [u8]>,
        wrapped: &'a [u8],
    },
}

/// What a RecipientInfo has for the owner of a certificate.
fn matching<'a>(
    recipient: &Element<'a>,
    certificate: &Certificate,
) -> Result<Option<Found<'a>>, Malformed> {
    let mut fields = recipient.fields();
    match recipient.tag {
        SEQUENCE => {
            let version = fields.small_integer("the version of a KeyTransRecipientInfo")?;
            let rid = fields.any("rid")?;
            let ours = match (rid.tag, version) {
                (SEQUENCE, 0) => certificate.is_issuer_and_serial(rid.value),
                (tag, 2) if tag == implicit(0) => certificate.is_key_identifier(rid.value),
                _ => return Err(rid.malformed("a rid that goes with the version")),
            };
            let algorithm = Algorithm::parse(&mut fields, "keyEncryptionAlgorithm")?;
            let encrypted = fields.take(OCTET_STRING, "encryptedKey")?.value;
            fields.end("the end of a KeyTransRecipientInfo")?;
            Ok(ours.then_some(Found::Transport { algorithm, encrypted }))
        }
        tag if tag == explicit(1) => key_agreement(fields, certificate),
        // Shared keys, passwords, KEMs: not ours.
        _ => Ok(None),
    }
}

/// `KeyAgreeRecipientInfo` (RFC 5652 section 6.2.2) with an ephemeral key.
fn key_agreement<'a>(
    mut fields: Fields<'a>,
    certificate: &Certificate,
) -> Result<Option<Found<'a>>, Malformed> {
    let version = fields.small_integer("the version of a KeyAgreeRecipientInfo")?;
    let mut originator = fields.take(explicit(0), "originator")?.fields();
    let ukm = match fields.optional(explicit(1), "ukm")? {
        Some(ukm) => Some(ukm.fields().take(OCTET_STRING, "ukm")?.value),
        None => None,
    };
    let algorithm = Algorithm::parse(&mut fields, "keyEncryptionAlgorithm")?;
    let keys = fields.take(SEQUENCE, "recipientEncryptedKeys")?;
    fields.end("the end of a KeyAgreeRecipientInfo")?;
    if version != 3 {
        return Err(keys.malformed("version 3 of a KeyAgreeRecipientInfo"));
    }
    let Some(originator) = originator.optional(explicit(1), "originatorKey")? else {
        return Ok(None);
    };
    let mut public = originator.fields();
    let curve = Algorithm::parse(&mut public, "the algorithm of the originatorKey")?;
    if curve.oid != oid::EC_PUBLIC_KEY && curve.oid != oid::X25519 {
        return Ok(None);
    }
    let bits = public.take(BIT_STRING, "the publicKey of the originatorKey")?;
    let Some((0, ephemeral)) = bits.value.split_first() else {
        return Err(bits.malformed("whole octets"));
    };
    let mut keys = keys.fields();
    for _ in 0..MAX_ENTRIES {
        if keys.is_empty() {
            break;
        }
        let mut entry = keys.take(SEQUENCE, "a RecipientEncryptedKey")?.fields();
        let rid = entry.any("rid")?;
        let wrapped = entry.take(OCTET_STRING, "encryptedKey")?.value;
        entry.end("the end of a RecipientEncryptedKey")?;
        let ours = if rid.tag == SEQUENCE {
            certificate.is_issuer_and_serial(rid.value)
        } else if rid.tag == explicit(0) {
            let identifier = rid.fields().take(OCTET_STRING, "subjectKeyIdentifier")?;
            certificate.is_key_identifier(identifier.value)
        } else {
            false
        };
        if ours {
            return Ok(Some(Found::Agreement { ephemeral, algorithm, ukm, wrapped }));
        }
    }
    keys.end("at most 64 recipients")?;
    Ok(None)
}

impl Found<'_> {
    fn open(
        &self,
        key: &PrivateKey,
        octets: usize,
        transport: KeyTransport,
    ) -> Result<(KeyEncryption, Zeroizing<Vec<u8>>), DecryptError> {
        match (self, key.decrypting()) {
            (Self::Transport { algorithm, encrypted }, Some(Decrypting::Rsa(private))) => {
                let how = match (RsaKeyEncryption::read(algorithm), transport) {
                    (Some(how @ RsaKeyEncryption::Oaep(_)), _)
                    | (Some(how @ RsaKeyEncryption::Pkcs1), KeyTransport::OaepAndPkcs1) => how,
                    (Some(RsaKeyEncryption::Pkcs1), KeyTransport::Oaep) | (None, _) => {
                        return Err(DecryptError::Unsupported(asn1::dotted(algorithm.oid)));
                    }
                };
                let key = transport::decrypt(private, how, encrypted, octets)
                    .ok_or(DecryptError::Failed)?;
                Ok((KeyEncryption::Rsa(how), key))
            }
            (
                Self::Agreement { ephemeral, algorithm, ukm, wrapped },
                Some(Decrypting::Agreement(private)),
            ) => {
                let unsupported = || DecryptError::Unsupported(asn1::dotted(algorithm.oid));
                let curve = key.kind().curve().ok_or_else(unsupported)?;
                let (kdf, wrap, identifier) =
                    agreement::scheme(algorithm).ok_or_else(unsupported)?;
                let offer = Offer { ephemeral, kdf, wrap, identifier, ukm: *ukm };
                let found = agreement::unwrap(private, &offer, wrapped)
                    .filter(|found| found.len() == octets)
                    .ok_or(DecryptError::Failed)?;
                Ok((KeyEncryption::Ecdh(curve), found))
            }
            (Self::Transport { algorithm, .. } | Self::Agreement { algorithm, .. }, _) => {
                Err(DecryptError::Unsupported(asn1::dotted(algorithm.oid)))
            }
        }
    }
}
