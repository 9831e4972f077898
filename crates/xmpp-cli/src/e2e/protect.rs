//! `xmpp e2e sign` and `xmpp e2e encrypt`.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use xmpp_cpim::mime::canonical_crlf;
use xmpp_e2e::{
    Certificate, ContentEncryption, Digest, KeyEncryption, Object, Policy, SignatureAlgorithm,
    Timestamp, encrypt, sign, to_payload, wrap,
};
use xmpp_stanza::Stanza;

use super::Failure;
use super::files;

/// What both have in common.
#[derive(clap::Args)]
pub(super) struct Common {
    /// The input is a MIME entity, and so is the output.
    #[arg(long)]
    entity: bool,
    /// The stanza goes whole, as application/xmpp+xml, and not as Message/CPIM or
    /// PIDF: extensions are kept.
    #[arg(long, conflicts_with = "entity")]
    whole: bool,
    /// Which algorithms are produced.
    #[arg(long, value_enum, default_value_t = PolicyName::Modern)]
    policy: PolicyName,
    /// How RSA keys sign, in place of the policy's choice.
    #[arg(long, value_enum)]
    rsa_signature: Option<RsaSignature>,
    /// The time of signing (RFC 3339), in place of the clock's.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The input, `-` for standard input.
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
enum RsaSignature {
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
    #[command(flatten)]
    common: Common,
}

impl Sign {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        let mut policy = self.common.policy();
        policy.detached = !self.opaque;
        let identity = files::identity(&self.key, &self.cert)?;
        self.common.run(|entity, now| {
            sign(entity, &identity, &policy, now, !self.without_certificates)
                .map_err(|error| Failure::verdict("not-signed", error))
        })
    }
}

impl Encrypt {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        let mut policy = self.common.policy();
        if let Some(cipher) = self.cipher {
            policy.content_encryption = match cipher {
                Cipher::Aes128Gcm => ContentEncryption::Aes128Gcm,
                Cipher::Aes256Gcm => ContentEncryption::Aes256Gcm,
                Cipher::ChaCha20Poly1305 => ContentEncryption::ChaCha20Poly1305,
                Cipher::Aes128Cbc => ContentEncryption::Aes128Cbc,
                Cipher::Aes256Cbc => ContentEncryption::Aes256Cbc,
            };
        }
        if let Some(how) = self.rsa_key {
            policy.rsa_key_encryption = match how {
                RsaKey::OaepSha1 => KeyEncryption::RsaOaep(Digest::Sha1),
                RsaKey::OaepSha256 => KeyEncryption::RsaOaep(Digest::Sha256),
                RsaKey::OaepSha384 => KeyEncryption::RsaOaep(Digest::Sha384),
                RsaKey::OaepSha512 => KeyEncryption::RsaOaep(Digest::Sha512),
                RsaKey::Pkcs1 => KeyEncryption::RsaPkcs1,
            };
        }
        let identity = match (&self.key, &self.cert) {
            (Some(key), Some(cert)) => Some(files::identity(key, cert)?),
            _ => None,
        };
        let mut recipients = Vec::new();
        for path in &self.to {
            recipients.extend(files::certificates(path)?.into_iter().next());
        }
        let recipients: Vec<(&Certificate, &[ContentEncryption])> =
            recipients.iter().map(|certificate| (certificate, &[][..])).collect();
        self.common.run(|entity, now| {
            let failed = |error| Failure::verdict("not-encrypted", error);
            match &identity {
                Some(identity) => {
                    let signed = sign(entity, identity, &policy, now, true).map_err(failed)?;
                    encrypt(&signed, &recipients, &policy).map_err(failed)
                }
                None => encrypt(entity, &recipients, &policy).map_err(failed),
            }
        })
    }
}

impl Common {
    fn policy(&self) -> Policy {
        let mut policy = self.policy.policy();
        if let Some(how) = self.rsa_signature {
            policy.rsa_signature = match how {
                RsaSignature::PssSha256 => SignatureAlgorithm::RsaPss(Digest::Sha256),
                RsaSignature::PssSha384 => SignatureAlgorithm::RsaPss(Digest::Sha384),
                RsaSignature::PssSha512 => SignatureAlgorithm::RsaPss(Digest::Sha512),
                RsaSignature::Pkcs1Sha256 => SignatureAlgorithm::RsaPkcs1(Digest::Sha256),
                RsaSignature::Pkcs1Sha384 => SignatureAlgorithm::RsaPkcs1(Digest::Sha384),
                RsaSignature::Pkcs1Sha512 => SignatureAlgorithm::RsaPkcs1(Digest::Sha512),
            };
        }
        policy
    }

    fn run(
        &self,
        protect: impl FnOnce(&[u8], Timestamp) -> Result<Vec<u8>, Failure>,
    ) -> Result<Value, Failure> {
        let input = files::read(&self.file)?;
        let now = files::now(self.at.as_deref())?;
        if self.entity {
            let protected = protect(&canonical_crlf(&input), now)?;
            files::write(None, &protected)?;
            return Ok(json!({ "ok": true, "octets": protected.len() }));
        }
        let (_, stanza) = files::stanza(&input)?;
        let object = self.object(&stanza, now)?;
        let entity =
            object.to_entity().map_err(|error| Failure::verdict("not-well-formed", error))?;
        let protected = protect(&entity, now)?;
        let payload =
            to_payload(&protected).map_err(|error| Failure::verdict("not-acceptable", error))?;
        let wrapped =
            wrap(&stanza, payload).map_err(|error| Failure::verdict("not-acceptable", error))?;
        files::write(None, &files::xml(&wrapped)?)?;
        Ok(json!({ "ok": true, "octets": protected.len() }))
    }

    fn object(&self, stanza: &Stanza, now: Timestamp) -> Result<Object, Failure> {
        if self.whole {
            return Ok(Object::Stanza(Box::new(stanza.clone())));
        }
        let time = now.to_date_time().ok_or_else(|| Failure::usage("times end with 9999"))?;
        Object::from_stanza(stanza, time).map_err(|error| Failure::verdict("not-acceptable", error))
    }
}
