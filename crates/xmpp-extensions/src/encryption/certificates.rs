//! Certificates for end-to-end authentication, issued and revoked: XEP-0417.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:x509:0");

/// A certificate (XEP-0417, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x509-cert", section = "XEP-0417, 4.1")]
#[non_exhaustive]
pub struct Certificate<'a> {
    /// X.509, in DER.
    #[xml(text)]
    pub der: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A certificate, and those who have issued it (XEP-0417, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "x509-cert-chain", section = "XEP-0417, 4.1")]
#[non_exhaustive]
pub struct Chain<'a> {
    /// What it is for, for people: a device.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// Each is signed by the next one.
    #[xml(child)]
    pub certificates: Vec<Certificate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks for a certificate (XEP-0417, 6.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x509-csr", section = "XEP-0417, 4.2")]
#[non_exhaustive]
pub struct Request<'a> {
    /// What tells the request from others.
    #[xml(attr)]
    pub transaction: Option<Cow<'a, str>>,
    /// What the certificate is for, for people: a device.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// PKCS #10, in DER.
    #[xml(text)]
    pub der: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A signature (XEP-0417, 4.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x509-signature", section = "XEP-0417, 4.3")]
#[non_exhaustive]
pub struct Signature<'a> {
    /// The signature.
    #[xml(text)]
    pub signature: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A page of the web that the user has to look at first (XEP-0417, 6.2). Its
/// address must be one of `https`.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x509-challenge", section = "XEP-0417, 6.2")]
#[non_exhaustive]
pub struct Challenge<'a> {
    /// Which request it belongs to.
    #[xml(attr)]
    pub transaction: Cow<'a, str>,
    /// The address of the page.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// The issuer's signature of both.
    #[xml(child)]
    pub signature: Signature<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Challenge<'_> {
    /// What is signed: the transaction and the address, one behind the other
    /// (XEP-0417, 6.2).
    #[must_use]
    pub fn signed(&self) -> Vec<u8> {
        [self.transaction.as_bytes(), self.uri.as_bytes()].concat()
    }
}

/// Within a stanza error: the user has failed the challenge (XEP-0417, 6.4).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = NS, name = "x509-challenge-failed", section = "XEP-0417, 6.4")]
#[non_exhaustive]
pub struct ChallengeFailed {}

/// Those who issue certificates, asked for or told (XEP-0417, 5.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "x509-ca-list", section = "XEP-0417, 5.2")]
#[non_exhaustive]
pub struct Authorities<'a> {
    /// Their certificates.
    #[xml(child)]
    pub certificates: Vec<Certificate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks that a certificate be revoked (XEP-0417, 7).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x509-revoke", section = "XEP-0417, 7")]
#[non_exhaustive]
pub struct Revocation<'a> {
    /// The certificate.
    #[xml(child)]
    pub certificate: Certificate<'a>,
    /// Its key's signature of it.
    #[xml(child)]
    pub signature: Signature<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A stream feature: one can register with a certificate (XEP-0417, 5.1.2).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = NS, name = "x509-register", section = "XEP-0417, 5.1.2")]
#[non_exhaustive]
pub struct Register {}
