//! Certificates to log in with: XEP-0257.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest};

/// The namespace of XEP-0257.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:saslcert:1");

/// Adds a certificate (XEP-0257, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "append", section = "XEP-0257, 2.1")]
#[non_exhaustive]
pub struct AppendCertificate<'a> {
    /// A name for it.
    #[xml(leaf)]
    pub name: Cow<'a, str>,
    /// The certificate, in DER.
    #[xml(leaf)]
    pub x509cert: Base64,
    /// Whether those who log in with it may not manage certificates.
    #[xml(flag)]
    pub no_cert_management: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The certificates; the request for them, if it is empty (XEP-0257, 2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "items", section = "XEP-0257, 2.2")]
#[non_exhaustive]
pub struct Certificates<'a> {
    /// Each of them.
    #[xml(child)]
    pub items: Vec<Certificate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A certificate (XEP-0257, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0257, 2.2")]
#[non_exhaustive]
pub struct Certificate<'a> {
    /// Its name.
    #[xml(leaf)]
    pub name: Cow<'a, str>,
    /// The certificate, in DER.
    #[xml(leaf)]
    pub x509cert: Base64,
    /// Whether those who log in with it may not manage certificates.
    #[xml(flag)]
    pub no_cert_management: bool,
    /// Who is logged in with it.
    #[xml(child)]
    pub users: Option<CertificateUsers<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who is logged in with a certificate (XEP-0257, 2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "users", section = "XEP-0257, 2.2")]
#[non_exhaustive]
pub struct CertificateUsers<'a> {
    /// The resources.
    #[xml(leaf = "resource")]
    pub resources: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Lets nobody log in with a certificate any more (XEP-0257, 2.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "disable", section = "XEP-0257, 2.3")]
#[non_exhaustive]
pub struct DisableCertificate<'a> {
    /// Its name.
    #[xml(leaf)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Takes a certificate back, and ends the sessions of those who have logged in with it
/// (XEP-0257, 2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "revoke", section = "XEP-0257, 2.4")]
#[non_exhaustive]
pub struct RevokeCertificate<'a> {
    /// Its name.
    #[xml(leaf)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
