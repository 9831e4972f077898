//! `xmpp e2e cert`.

use core::time::Duration;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use xmpp_e2e::{CertificateBuilder, KeyKind, PrivateKey, Timestamp, to_pem};
use xmpp_jid::BareJid;

use super::{Failure, files};

/// Options of `xmpp e2e cert`.
#[derive(clap::Args)]
pub(super) struct Cert {
    /// The address the certificate is for; may be given several times.
    #[arg(required_unless_present = "authority")]
    address: Vec<BareJid>,
    /// Makes an authority, which certifies others.
    #[arg(long)]
    authority: bool,
    /// The name of the subject, which nobody looks at.
    #[arg(long)]
    name: Option<String>,
    /// The kind of key.
    #[arg(long, value_enum, default_value_t = Kind::P256)]
    kind: Kind,
    /// Where the private key goes, in PEM; read from there if the file exists.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the certificate goes, in PEM, and those of the issuer after it;
    /// without it, to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The certificate of the issuer; without one, the certificate is
    /// self-signed.
    #[arg(long, value_name = "PEM", requires = "issuer_key")]
    issuer: Option<PathBuf>,
    /// The private key of the issuer.
    #[arg(long, value_name = "PEM", requires = "issuer")]
    issuer_key: Option<PathBuf>,
    /// Valid from this time (RFC 3339); without it, from now.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// For how many days.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// The first eight bits of KeyUsage as hexadecimal digits, to try out what a
    /// wrong usage does.
    #[arg(long, value_name = "HEX", value_parser = hex)]
    key_usage: Option<u8>,
    /// The object identifier in ExtendedKeyUsage, in place of emailProtection.
    #[arg(long, value_name = "OID")]
    purpose: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
    X25519,
}

impl Kind {
    const fn kind(self) -> KeyKind {
        match self {
            Self::Rsa => KeyKind::Rsa,
            Self::P256 => KeyKind::P256,
            Self::P384 => KeyKind::P384,
            Self::P521 => KeyKind::P521,
            Self::Ed25519 => KeyKind::Ed25519,
            Self::X25519 => KeyKind::X25519,
        }
    }
}

fn hex(text: &str) -> Result<u8, String> {
    u8::from_str_radix(text, 16).map_err(|_| "two hexadecimal digits, such as c0".into())
}

impl Cert {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        if !self.key.exists() {
            let der = PrivateKey::generate(self.kind.kind()).map_err(Failure::usage)?;
            files::write_secret(&self.key, to_pem("PRIVATE KEY", &der).as_bytes())?;
        }
        let key = files::key(&self.key)?;
        let from = files::now(self.from.as_deref())?;
        let until = from.since_unix() + Duration::from_secs(u64::from(self.days) * 86_400);
        let mut builder = CertificateBuilder::new(from, Timestamp::from_unix(until));
        for address in &self.address {
            builder = builder.with_address(address.clone());
        }
        if self.authority {
            builder = builder.authority();
        }
        if let Some(name) = &self.name {
            builder = builder.with_name(name);
        }
        if let Some(bits) = self.key_usage {
            builder = builder.with_key_usage(bits);
        }
        if let Some(oid) = &self.purpose {
            builder = builder.with_extended_key_usage(oid);
        }
        let (certificate, chain) = match (&self.issuer, &self.issuer_key) {
            (Some(issuer), Some(issuer_key)) => {
                let chain = files::certificates(issuer)?;
                let issuer_key = files::key(issuer_key)?;
                (builder.issued_by(&key, &chain[0], &issuer_key), chain)
            }
            _ => (builder.self_signed(&key), Vec::new()),
        };
        let certificate = certificate.map_err(Failure::usage)?;
        let mut pem = certificate.to_pem();
        chain.iter().for_each(|issuer| pem.push_str(&issuer.to_pem()));
        files::write(self.out.as_deref(), pem.as_bytes())?;
        let addresses: Vec<_> = certificate.addresses().iter().map(|a| a.text.as_str()).collect();
        Ok(json!({ "ok": true, "addresses": addresses }))
    }
}
