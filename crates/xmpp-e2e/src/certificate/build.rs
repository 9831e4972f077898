//! Making certificates: for tests, for demonstrations, and for people who
//! compare fingerprints instead of asking an authority.

use xmpp_cpim::{Escaping, Scheme, Uri};
use xmpp_jid::BareJid;

use super::Certificate;
use crate::asn1::{
    BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTF8_STRING, explicit,
    implicit, nest, oid, put, put_algorithm, put_algorithm_null, write_time,
};
use crate::crypto::{Digest, KeyKind, PrivateKey, PublicKey, RsaSignature, Sha2, random};
use crate::policy::Policy;
use crate::time::Timestamp;

/// What a new certificate is to say.
///
/// ```
/// use xmpp_e2e::{CertificateBuilder, KeyKind, PrivateKey, Timestamp};
/// # use core::time::Duration;
///
/// let key = PrivateKey::from_pkcs8_der(&PrivateKey::generate(KeyKind::P256)?)?;
/// let from = Timestamp::from_unix(Duration::from_secs(1_700_000_000));
/// let until = Timestamp::from_unix(Duration::from_secs(1_800_000_000));
/// let certificate = CertificateBuilder::new(from, until)
///     .with_address("juliet@example.com".parse()?)
///     .self_signed(&key)?;
/// let names: Vec<_> = certificate.addresses().iter().map(|a| a.text.as_str()).collect();
/// assert_eq!(
///     names,
///     ["juliet@example.com", "im:juliet@example.com", "pres:juliet@example.com"],
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CertificateBuilder {
    not_before: Timestamp,
    not_after: Timestamp,
    name: Option<String>,
    addresses: Vec<BareJid>,
    authority: bool,
    key_usage: Option<u8>,
    extended_key_usage: Option<String>,
}

impl CertificateBuilder {
    /// A certificate for an end entity, valid from one time to another.
    #[must_use]
    pub const fn new(not_before: Timestamp, not_after: Timestamp) -> Self {
        Self {
            not_before,
            not_after,
            name: None,
            addresses: Vec::new(),
            authority: false,
            key_usage: None,
            extended_key_usage: None,
        }
    }

    /// Adds an address: as id-on-xmppAddr, and if it has a localpart as `im:`
    /// and `pres:` URIs in entries of their own (RFC 3923 section 6.3).
    #[must_use]
    pub fn with_address(mut self, address: BareJid) -> Self {
        self.addresses.push(address);
        self
    }

    /// The common name of the subject; without it, the first address.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lets the subject issue certificates itself.
    #[must_use]
    pub const fn authority(mut self) -> Self {
        self.authority = true;
        self
    }

    /// The first eight bits of KeyUsage (RFC 5280 section 4.2.1.3), digitalSignature
    /// the most significant, in place of those that go with the key.
    #[must_use]
    pub const fn with_key_usage(mut self, bits: u8) -> Self {
        self.key_usage = Some(bits);
        self
    }

    /// The purpose in ExtendedKeyUsage, an object identifier in dotted form, in
    /// place of emailProtection.
    #[must_use]
    pub fn with_extended_key_usage(mut self, oid: impl Into<String>) -> Self {
        self.extended_key_usage = Some(oid.into());
        self
    }

    /// A certificate for `key` that `key` itself signs.
    ///
    /// # Errors
    ///
    /// As [`Self::issued_by`].
    pub fn self_signed(&self, key: &PrivateKey) -> Result<Certificate, BuildError> {
        let name = self.subject();
        self.issue(key.public(), key, &name)
    }

    /// A certificate for the owner of `subject` that `issuer` signs with `key`.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the key cannot sign, a time is after 9999, or an object
    /// identifier is none.
    pub fn issued_by(
        &self,
        subject: &PrivateKey,
        issuer: &Certificate,
        key: &PrivateKey,
    ) -> Result<Certificate, BuildError> {
        self.issue(subject.public(), key, issuer.subject())
    }

    fn issue(
        &self,
        subject: PublicKey<'_>,
        key: &PrivateKey,
        issuer: &[u8],
    ) -> Result<Certificate, BuildError> {
        // RSASSA-PKCS1-v1_5 is what every verifier of chains knows.
        let policy = Policy::modern().with_rsa_signature(RsaSignature::Pkcs1(Sha2::Sha256));
        let algorithm = policy.signature(key.kind()).ok_or(BuildError)?;
        let mut serial = [0; 16];
        random(&mut serial).map_err(|_| BuildError)?;
        // Positive, and without leading zeros.
        serial[0] = serial[0] & 0x7f | 0x40;
        let mut validity = Vec::with_capacity(32);
        write_time(&mut validity, self.not_before).ok_or(BuildError)?;
        write_time(&mut validity, self.not_after).ok_or(BuildError)?;
        let extensions = self.extensions(&subject, &key.public())?;
        let mut tbs = Vec::with_capacity(1024);
        nest(&mut tbs, SEQUENCE, |out| {
            nest(out, explicit(0), |out| put(out, INTEGER, &[2]));
            put(out, INTEGER, &serial);
            algorithm.write(out);
            out.extend_from_slice(issuer);
            nest(out, SEQUENCE, |out| out.extend_from_slice(&validity));
            out.extend_from_slice(&self.subject());
            write_key(out, &subject);
            nest(out, explicit(3), |out| {
                nest(out, SEQUENCE, |out| out.extend_from_slice(&extensions));
            });
        });
        let signature = key.sign(algorithm, &tbs).ok_or(BuildError)?;
        let mut der = Vec::with_capacity(tbs.len() + signature.len() + 32);
        nest(&mut der, SEQUENCE, |out| {
            out.extend_from_slice(&tbs);
            algorithm.write(out);
            write_bits(out, &signature);
        });
        Certificate::from_der(&der).map_err(|_| BuildError)
    }

    /// A Name with a common name.
    fn subject(&self) -> Vec<u8> {
        let first = self.addresses.first().map(BareJid::as_str);
        let name = self.name.as_deref().or(first).unwrap_or("anonymous");
        let mut out = Vec::with_capacity(name.len() + 16);
        nest(&mut out, SEQUENCE, |out| {
            nest(out, SET, |out| {
                nest(out, SEQUENCE, |out| {
                    put(out, OID, oid::COMMON_NAME);
                    put(out, UTF8_STRING, name.as_bytes());
                });
            });
        });
        out
    }

    fn extensions(
        &self,
        subject: &PublicKey<'_>,
        issuer: &PublicKey<'_>,
    ) -> Result<Vec<u8>, BuildError> {
        const SIGN: u8 = 0xc0;
        const ENCIPHER: u8 = 0x20;
        const AGREE: u8 = 0x08;
        const CERTIFY: u8 = 0x06;
        let mut out = Vec::with_capacity(512);
        if self.authority {
            extension(&mut out, oid::BASIC_CONSTRAINTS, true, |out| {
                nest(out, SEQUENCE, |out| put(out, BOOLEAN, &[0xff]));
            });
        }
        let usage = self.key_usage.unwrap_or(match subject.kind {
            _ if self.authority => CERTIFY,
            KeyKind::Rsa => SIGN | ENCIPHER,
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => SIGN | AGREE,
            KeyKind::Ed25519 => SIGN,
            KeyKind::X25519 => AGREE,
        });
        extension(&mut out, oid::KEY_USAGE, true, |out| {
            let unused = usage.trailing_zeros().min(7) as u8;
            put(out, BIT_STRING, &[unused, usage]);
        });
        extension(&mut out, oid::SUBJECT_KEY_IDENTIFIER, false, |out| {
            put(out, OCTET_STRING, &key_identifier(subject));
        });
        extension(&mut out, oid::AUTHORITY_KEY_IDENTIFIER, false, |out| {
            nest(out, SEQUENCE, |out| put(out, implicit(0), &key_identifier(issuer)));
        });
        if !self.authority {
            let purpose = match &self.extended_key_usage {
                Some(dotted) => {
                    let parsed: der::asn1::ObjectIdentifier =
                        dotted.parse().map_err(|_| BuildError)?;
                    parsed.as_bytes().to_vec()
                }
                None => oid::EMAIL_PROTECTION.to_vec(),
            };
            extension(&mut out, oid::EXTENDED_KEY_USAGE, false, |out| {
                nest(out, SEQUENCE, |out| put(out, OID, &purpose));
            });
        }
        if !self.addresses.is_empty() {
            extension(&mut out, oid::SUBJECT_ALT_NAME, false, |out| {
                nest(out, SEQUENCE, |out| self.addresses.iter().for_each(|a| names(out, a)));
            });
        }
        Ok(out)
    }
}

/// The GeneralNames of one address.
fn names(out: &mut Vec<u8>, address: &BareJid) {
    nest(out, explicit(0), |out| {
        put(out, OID, oid::XMPP_ADDR);
        nest(out, explicit(0), |out| put(out, UTF8_STRING, address.as_str().as_bytes()));
    });
    for scheme in [Scheme::Im, Scheme::Pres] {
        if let Ok(uri) = Uri::from_jid(scheme, address.as_ref(), Escaping::default()) {
            put(out, implicit(6), uri.to_string().as_bytes());
        }
    }
}

fn extension(out: &mut Vec<u8>, id: &[u8], critical: bool, value: impl FnOnce(&mut Vec<u8>)) {
    nest(out, SEQUENCE, |out| {
        put(out, OID, id);
        if critical {
            put(out, BOOLEAN, &[0xff]);
        }
        nest(out, OCTET_STRING, value);
    });
}

/// RFC 7093 section 2 method 1: the leftmost 160 bits of SHA-256.
fn key_identifier(key: &PublicKey<'_>) -> [u8; 20] {
    let mut out = [0; 20];
    out.copy_from_slice(&Digest::Sha256.compute(key.octets).as_ref()[..20]);
    out
}

fn write_key(out: &mut Vec<u8>, key: &PublicKey<'_>) {
    let on_curve = |out: &mut Vec<u8>, curve| {
        nest(out, SEQUENCE, |out| {
            put(out, OID, oid::EC_PUBLIC_KEY);
            put(out, OID, curve);
        });
    };
    nest(out, SEQUENCE, |out| {
        match key.kind {
            KeyKind::Rsa => put_algorithm_null(out, oid::RSA_ENCRYPTION),
            KeyKind::Ed25519 => put_algorithm(out, oid::ED25519),
            KeyKind::X25519 => put_algorithm(out, oid::X25519),
            KeyKind::P256 => on_curve(out, oid::P256),
            KeyKind::P384 => on_curve(out, oid::P384),
            KeyKind::P521 => on_curve(out, oid::P521),
        }
        write_bits(out, key.octets);
    });
}

fn write_bits(out: &mut Vec<u8>, octets: &[u8]) {
    nest(out, BIT_STRING, |out| {
        out.push(0);
        out.extend_from_slice(octets);
    });
}

/// The certificate cannot be made: the key cannot sign, a time is after 9999,
/// an object identifier is none, or there are no random octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildError;

impl core::fmt::Display for BuildError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no certificate can be made with this key, these times and this purpose")
    }
}

impl core::error::Error for BuildError {}
