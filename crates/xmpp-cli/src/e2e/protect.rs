//! `xmpp e2e sign` and `xmpp e2e encrypt`.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use xmpp_cpim::mime::canonical_entity;
use xmpp_e2e::{
    Certificate, Certificates, ContentEncryption, Digest, Limits, Object, Policy, Purpose,
    RsaKeyEncryption, RsaSignature, Sha2, SignedForm, Timestamp, encrypt, secured_payload, sign,
    wrap,
};
use xmpp_stanza::Stanza;

use super::Failure;
use super::files;
use crate::out;

/// What both have in common.
#[derive(clap::Args)]
pub(super) struct Common {
    /// The input is a MIME entity, and so is the output.
    #[arg(long)]
    entity: bool,
    /// The stanza goes whole, as application/xmpp+xml, even if Message/CPIM or PIDF
    /// hold all of it. Without this and --lossy it does so if they do not.
    #[arg(long, conflicts_with = "entity")]
    whole: bool,
    /// The stanza goes as Message/CPIM or PIDF even if they do not hold all of it,
    /// for recipients beyond a gateway. What is lost is told.
    #[arg(long, conflicts_with_all = ["entity", "whole"])]
    lossy: bool,
    /// More octets than this at any layer are not sent.
    #[arg(long, value_name = "OCTETS", default_value_t = Limits::DEFAULT.max_object_bytes)]
    max_bytes: usize,
    /// Which algorithms are produced.
    #[arg(long, value_enum, default_value_t = PolicyName::Modern)]
    policy: PolicyName,
    /// How RSA keys sign, in place of the policy's choice.
    #[arg(long, value_enum)]
    rsa_signature: Option<RsaSignatureName>,
    /// The time of signing (RFC 3339), in place of the clock's.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The stanza itself, or the file that has it; `-` for standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum PolicyName {
    /// RFC 8551.
    Modern,
    /// RFC 8551, and reads what RFC 3923 made mandatory.
    Legacy,
    /// Produces what RFC 3923 made mandatory, but for SHA-1.
    Rfc3923,
}

impl PolicyName {
    pub(super) const fn policy(self) -> Policy {
        match self {
            Self::Modern => Policy::modern(),
            Self::Legacy => Policy::legacy(),
            Self::Rfc3923 => Policy::rfc3923(),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum RsaSignatureName {
    PssSha256,
    PssSha384,
    PssSha512,
    Pkcs1Sha256,
    Pkcs1Sha384,
    Pkcs1Sha512,
}

#[derive(Clone, Copy, ValueEnum)]
enum Cipher {
    #[value(name = "aes-128-gcm")]
    Aes128Gcm,
    #[value(name = "aes-256-gcm")]
    Aes256Gcm,
    #[value(name = "chacha20-poly1305")]
    ChaCha20Poly1305,
    #[value(name = "aes-128-cbc")]
    Aes128Cbc,
    #[value(name = "aes-256-cbc")]
    Aes256Cbc,
}

#[derive(Clone, Copy, ValueEnum)]
enum RsaKey {
    OaepSha1,
    OaepSha256,
    OaepSha384,
    OaepSha512,
    Pkcs1,
}

/// Options of `xmpp e2e sign`.
#[derive(clap::Args)]
pub(super) struct Sign {
    /// The signer's private key (PKCS #8).
    #[arg(long, value_name = "PEM")]
    key: PathBuf,
    /// The signer's certificate, then those up to the authority.
    #[arg(long, value_name = "PEM")]
    cert: PathBuf,
    /// Signs with application/pkcs7-mime and not multipart/signed.
    #[arg(long)]
    opaque: bool,
    /// Leaves the certificates out.
    #[arg(long)]
    without_certificates: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `xmpp e2e encrypt`.
#[derive(clap::Args)]
pub(super) struct Encrypt {
    /// A recipient's certificate; may be given several times.
    #[arg(long, value_name = "PEM", required = true)]
    to: Vec<PathBuf>,
    /// The signer's private key (PKCS #8).
    #[arg(long, value_name = "PEM", requires = "cert")]
    key: Option<PathBuf>,
    /// The signer's certificate, then those up to the authority.
    #[arg(long, value_name = "PEM", requires = "key")]
    cert: Option<PathBuf>,
    /// The cipher, in place of the policy's choice.
    #[arg(long, value_enum)]
    cipher: Option<Cipher>,
    /// How keys reach RSA recipients, in place of the policy's choice.
    #[arg(long, value_enum)]
    rsa_key: Option<RsaKey>,
    /// If there is any, recipients' certificates have to be trusted by it; without,
    /// only their dates and usages are checked.
    #[command(flatten)]
    trust: files::Trust,
    #[command(flatten)]
    common: Common,
}

impl Sign {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        let mut policy = self.common.policy();
        if self.opaque {
            policy.form = SignedForm::Opaque;
        }
        let certificates =
            if self.without_certificates { Certificates::LeftOut } else { Certificates::SentAlong };
        let identity = files::identity(&self.key, &self.cert)?;
        self.common.run(|entity, now| {
            sign(entity, &identity, &policy, now, certificates)
                .map_err(|error| Failure::verdict("not-signed", error))
        })
    }
}

impl Encrypt {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        let mut policy = self.common.policy();
        if let Some(cipher) = self.cipher {
            policy = policy.with_content_encryption(match cipher {
                Cipher::Aes128Gcm => ContentEncryption::Aes128Gcm,
                Cipher::Aes256Gcm => ContentEncryption::Aes256Gcm,
                Cipher::ChaCha20Poly1305 => ContentEncryption::ChaCha20Poly1305,
                Cipher::Aes128Cbc => ContentEncryption::Aes128Cbc,
                Cipher::Aes256Cbc => ContentEncryption::Aes256Cbc,
            });
        }
        if let Some(how) = self.rsa_key {
            policy.rsa_key_encryption = match how {
                RsaKey::OaepSha1 => RsaKeyEncryption::Oaep(Digest::Sha1),
                RsaKey::OaepSha256 => RsaKeyEncryption::Oaep(Digest::Sha256),
                RsaKey::OaepSha384 => RsaKeyEncryption::Oaep(Digest::Sha384),
                RsaKey::OaepSha512 => RsaKeyEncryption::Oaep(Digest::Sha512),
                RsaKey::Pkcs1 => RsaKeyEncryption::Pkcs1,
            };
        }
        let identity = match (&self.key, &self.cert) {
            (Some(key), Some(cert)) => Some(files::identity(key, cert)?),
            _ => None,
        };
        let mut chains = Vec::new();
        for path in &self.to {
            chains.push(files::certificates(path)?);
        }
        if self.trust.is_given() {
            let trust = self.trust.store()?;
            let now = files::now(self.common.at.as_deref())?;
            for chain in &chains {
                trust
                    .check(&chain[0], &chain[1..], Purpose::Encrypt, now)
                    .map_err(|error| Failure::verdict("not-encrypted", error))?;
            }
        }
        let recipients: Vec<&Certificate> = chains.iter().map(|chain| &chain[0]).collect();
        let recipients: Vec<(&Certificate, &[ContentEncryption])> =
            recipients.iter().map(|certificate| (*certificate, &[][..])).collect();
        self.common.run(|entity, now| {
            let failed = |error| Failure::verdict("not-encrypted", error);
            match &identity {
                Some(identity) => {
                    let along = Certificates::SentAlong;
                    let signed = sign(entity, identity, &policy, now, along).map_err(failed)?;
                    self.common.bounded(&signed)?;
                    encrypt(&signed, &recipients, &policy, now).map_err(failed)
                }
                None => encrypt(entity, &recipients, &policy, now).map_err(failed),
            }
        })
    }
}

impl Common {
    fn policy(&self) -> Policy {
        let mut policy = self.policy.policy();
        if let Some(how) = self.rsa_signature {
            policy.rsa_signature = match how {
                RsaSignatureName::PssSha256 => RsaSignature::Pss(Sha2::Sha256),
                RsaSignatureName::PssSha384 => RsaSignature::Pss(Sha2::Sha384),
                RsaSignatureName::PssSha512 => RsaSignature::Pss(Sha2::Sha512),
                RsaSignatureName::Pkcs1Sha256 => RsaSignature::Pkcs1(Sha2::Sha256),
                RsaSignatureName::Pkcs1Sha384 => RsaSignature::Pkcs1(Sha2::Sha384),
                RsaSignatureName::Pkcs1Sha512 => RsaSignature::Pkcs1(Sha2::Sha512),
            };
        }
        policy
    }

    fn run(
        &self,
        protect: impl FnOnce(&[u8], Timestamp) -> Result<Vec<u8>, Failure>,
    ) -> Result<Value, Failure> {
        let input = files::input(&self.file)?;
        let now = files::now(self.at.as_deref())?;
        if self.entity {
            let limits = xmpp_cpim::Limits::default().with_max_object_bytes(self.max_bytes);
            let entity = canonical_entity(&input, &limits)
                .map_err(|error| Failure::verdict("not-acceptable", error))?;
            let protected = protect(&entity, now)?;
            self.bounded(&protected)?;
            files::write(None, &protected)?;
            return Ok(json!({ "ok": true, "octets": protected.len() }));
        }
        let (_, stanza) = files::stanza(&input)?;
        let object = self.object(&stanza, now)?;
        let entity =
            object.to_entity().map_err(|error| Failure::verdict("not-well-formed", error))?;
        self.bounded(&entity)?;
        let protected = protect(&entity, now)?;
        self.bounded(&protected)?;
        let payload = secured_payload(&protected)
            .map_err(|error| Failure::verdict("not-acceptable", error))?;
        let wrapped =
            wrap(&stanza, &payload).map_err(|error| Failure::verdict("not-acceptable", error))?;
        files::write(None, &files::xml(&wrapped)?)?;
        Ok(json!({ "ok": true, "octets": protected.len() }))
    }

    /// What a recipient with the same limit reads.
    fn bounded(&self, entity: &[u8]) -> Result<(), Failure> {
        if entity.len() <= self.max_bytes {
            return Ok(());
        }
        let octets = entity.len();
        let message =
            format!("the object would have {octets} octets, more than {}", self.max_bytes);
        Err(Failure::verdict("too-long", message))
    }

    fn object(&self, stanza: &Stanza<'_>, now: Timestamp) -> Result<Object, Failure> {
        if self.whole {
            return Ok(Object::whole(stanza));
        }
        let time = now.to_date_time().ok_or_else(|| Failure::usage("times end with 9999"))?;
        let failed = |error| Failure::verdict("not-acceptable", error);
        if !self.lossy {
            return Object::from_stanza(stanza, time).map_err(failed);
        }
        let mapped = Object::from_stanza_for_gateway(stanza, time).map_err(failed)?;
        for loss in &mapped.lost {
            out::note(&format!("lost: {}", out::shown(&loss.to_string())));
        }
        Ok(mapped.value)
    }
}
