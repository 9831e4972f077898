//! The authority that clients are told to trust, and what the suite shows them: one right
//! certificate and those that RFC 6120 section 13.7.2 has them refuse.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::wire::tls::{Accept, Own};

/// How the suite shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// For the domain, by the trusted authority.
    Right,
    /// The same, with an authority between that is sent along.
    ThroughIntermediate,
    /// For another domain.
    OtherName,
    /// For a domain below ours.
    NameBelow,
    /// For `*.` and our domain's parent, where our domain would need two labels: `*` stands
    /// for one label and no more.
    WildcardTooHigh,
    /// The domain stands in the subject's common name, another in the alternative names.
    CommonNameAlone,
    /// It was valid once.
    Expired,
    /// It will be.
    NotYetValid,
    /// Signed by itself, for the domain.
    SelfSigned,
    /// By an authority that nobody told the client of, sent along.
    UnknownAuthority,
    /// By a certificate that is trusted as a server's and is no authority.
    SignedByNoAuthority,
    /// For clients alone, by its extended key usage.
    ForClients,
}

/// An authority with a key of its own.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    domain: String,
}

impl Authority {
    /// That of the folder. Without one there, a key and `ca.pem` are made, so that a person
    /// tells a client of it once.
    pub(super) fn at(folder: &Path, domain: &str) -> Result<Self, String> {
        let failed = |error: &dyn core::fmt::Display| format!("{}: {error}", folder.display());
        let (key_file, ca_file) = (folder.join("ca.key"), folder.join("ca.pem"));
        let key = if key_file.exists() {
            let pem = fs::read_to_string(&key_file).map_err(|error| failed(&error))?;
            KeyPair::from_pem(&pem).map_err(|error| failed(&error))?
        } else {
            fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            let key = KeyPair::generate().map_err(|error| failed(&error))?;
            fs::write(&key_file, key.serialize_pem()).map_err(|error| failed(&error))?;
            key
        };
        let params = authority_named("xmpp-conformance");
        // The same name and key make the same anchor.
        if !ca_file.exists() {
            let certificate = params.self_signed(&key).map_err(|error| failed(&error))?;
            fs::write(&ca_file, certificate.pem()).map_err(|error| failed(&error))?;
        }
        Ok(Self { issuer: Issuer::new(params, key), domain: domain.into() })
    }

    /// What is shown in a handshake.
    pub(super) fn show(&self, shown: Shown) -> Result<Accept, String> {
        let own = self.make(shown).map_err(|error| error.to_string())?;
        Accept::with(&own, &[])
    }

    fn make(&self, shown: Shown) -> Result<Own, rcgen::Error> {
        let domain = self.domain.as_str();
        let parent = domain.split_once('.').map_or("example", |(_, parent)| parent);
        let key = KeyPair::generate()?;
        let mut params = match shown {
            Shown::OtherName | Shown::CommonNameAlone => {
                CertificateParams::new(["other.example".to_owned()])?
            }
            Shown::NameBelow => CertificateParams::new([format!("below.{domain}")])?,
            Shown::WildcardTooHigh => CertificateParams::new([format!("*.{}", top(parent))])?,
            _ => CertificateParams::new([domain.to_owned()])?,
        };
        let common_name = if shown == Shown::CommonNameAlone { domain } else { "conformance" };
        params.distinguished_name = named(common_name);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match shown {
            Shown::ForClients => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2044, 1, 1);
        if shown == Shown::Expired {
            params.not_after = date_time_ymd(2024, 6, 1);
        }
        if shown == Shown::NotYetValid {
            params.not_before = date_time_ymd(2043, 1, 1);
        }
        let chain = match shown {
            Shown::SelfSigned => vec![params.self_signed(&key)?],
            Shown::UnknownAuthority => {
                let authority_key = KeyPair::generate()?;
                // It has the name of the one that is trusted.
                let authority = authority_named("xmpp-conformance");
                let certificate = authority.self_signed(&authority_key)?;
                let issuer = Issuer::new(authority, authority_key);
                vec![params.signed_by(&key, &issuer)?, certificate]
            }
            Shown::ThroughIntermediate => {
                let between_key = KeyPair::generate()?;
                let mut between = authority_named("xmpp-conformance between");
                between.use_authority_key_identifier_extension = true;
                let certificate = between.signed_by(&between_key, &self.issuer)?;
                let issuer = Issuer::new(between, between_key);
                vec![params.signed_by(&key, &issuer)?, certificate]
            }
            Shown::SignedByNoAuthority => {
                let server_key = KeyPair::generate()?;
                let mut server = CertificateParams::new(["server.example".to_owned()])?;
                server.distinguished_name = named("server.example");
                server.use_authority_key_identifier_extension = true;
                let certificate = server.signed_by(&server_key, &self.issuer)?;
                let issuer = Issuer::new(server, server_key);
                vec![params.signed_by(&key, &issuer)?, certificate]
            }
            _ => vec![params.signed_by(&key, &self.issuer)?],
        };
        let chain = chain.iter().map(Certificate::der).map(CertificateDer::clone).collect();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Own::new(chain, key))
    }
}

/// One label less, if there are two: what a wildcard must not reach across.
fn top(parent: &str) -> &str {
    parent.split_once('.').map_or(parent, |(_, rest)| rest)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn authority_named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2044, 1, 1);
    params
}
