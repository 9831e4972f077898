//! Why a certificate is refused.

use alloc::string::String;
use core::fmt;

use super::{IdentitiesError, Unreadable};

/// What is wrong with a peer's certificates, the first thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The peer presented none.
    NoCertificate,
    /// One is not what RFC 5280 section 4 says.
    Unreadable,
    /// There are more of them than
    /// [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES).
    TooManyCertificates,
    /// There are more names in it than [`Identities::MAX`](super::Identities::MAX).
    TooManyIdentities,
    /// It, or one that it depends on, has expired.
    #[non_exhaustive]
    Expired {
        /// Its last second: since 1970-01-01T00:00:00Z.
        at: u64,
    },
    /// It, or one that it depends on, is not valid yet.
    #[non_exhaustive]
    NotYetValid {
        /// Its first second: since 1970-01-01T00:00:00Z.
        from: u64,
    },
    /// Its time of validity, or that of one that it depends on, ends before it begins.
    NeverValid,
    /// No chain leads to an authority that is trusted.
    UnknownAuthority,
    /// No chain leads to an authority that is trusted, and it names itself as its issuer.
    SelfSigned,
    /// A signature in the chain is wrong.
    BadSignature,
    /// It is the certificate of an authority (`6120-13.7.1.1-02`).
    AuthorityAsLeaf,
    /// One that is none of an authority has issued another (`6120-13.7.1.1-10`).
    LeafAsAuthority,
    /// It, or one that it depends on, is limited to other uses (extended key usage).
    Usage,
    /// An authority may not sign for this name (RFC 5280 section 4.2.1.10).
    NameConstraints,
    /// An authority has more authorities below it than it may.
    PathLength,
    /// It, or one that it depends on, has been revoked.
    Revoked,
    /// No revocation list tells, and one is [required](super::Revocation::Required).
    RevocationUnknown,
    /// The revocation list is older than its authority allows.
    RevocationListExpired,
    /// It is signed by an algorithm that is not supported.
    UnsupportedAlgorithm,
    /// It has a critical extension that is not known.
    CriticalExtension,
    /// Too much work would be needed to find out.
    TooCostly,
    /// No identity in it is the domain in question.
    Name,
    /// It is none of those that were pinned for this domain.
    Pin,
    /// Another rule of RFC 5280 section 6 is broken, in the words of the library that
    /// finds chains.
    Other(String),
}

impl From<Unreadable> for Refused {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}

impl From<IdentitiesError> for Refused {
    fn from(error: IdentitiesError) -> Self {
        match error {
            IdentitiesError::Unreadable => Self::Unreadable,
            IdentitiesError::TooMany => Self::TooManyIdentities,
        }
    }
}

impl Refused {
    /// A word for programs: `unknown-authority`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoCertificate => "no-certificate",
            Self::Unreadable => "unreadable",
            Self::TooManyCertificates => "too-many-certificates",
            Self::TooManyIdentities => "too-many-identities",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::NeverValid => "never-valid",
            Self::UnknownAuthority => "unknown-authority",
            Self::SelfSigned => "self-signed",
            Self::BadSignature => "bad-signature",
            Self::AuthorityAsLeaf => "authority-as-leaf",
            Self::LeafAsAuthority => "leaf-as-authority",
            Self::Usage => "usage",
            Self::NameConstraints => "name-constraints",
            Self::PathLength => "path-length",
            Self::Revoked => "revoked",
            Self::RevocationUnknown => "revocation-unknown",
            Self::RevocationListExpired => "revocation-list-expired",
            Self::UnsupportedAlgorithm => "unsupported-algorithm",
            Self::CriticalExtension => "critical-extension",
            Self::TooCostly => "too-costly",
            Self::Name => "name",
            Self::Pin => "pin",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCertificate => "the peer presented no certificate",
            Self::Unreadable => "a certificate cannot be read",
            Self::TooManyCertificates => "the peer presented too many certificates",
            Self::TooManyIdentities => "the certificate has too many names",
            Self::Expired { .. } => "a certificate has expired",
            Self::NotYetValid { .. } => "a certificate is not valid yet",
            Self::NeverValid => "the validity of a certificate ends before it begins",
            Self::UnknownAuthority => "no chain leads to a trusted authority",
            Self::SelfSigned => "the certificate is self-signed",
            Self::BadSignature => "a signature in the chain is wrong",
            Self::AuthorityAsLeaf => "the certificate is one of an authority",
            Self::LeafAsAuthority => "an issuer is no authority",
            Self::Usage => "a certificate is limited to other uses",
            Self::NameConstraints => "an authority may not sign for this name",
            Self::PathLength => "an authority has too many authorities below it",
            Self::Revoked => "a certificate has been revoked",
            Self::RevocationUnknown => "no revocation list tells of a certificate",
            Self::RevocationListExpired => "a revocation list has expired",
            Self::UnsupportedAlgorithm => "a certificate is signed by an unsupported algorithm",
            Self::CriticalExtension => "a certificate has an unknown critical extension",
            Self::TooCostly => "the certificates take too much work to check",
            Self::Name => "the certificate is for another name",
            Self::Pin => "the certificate is none of those that were pinned",
            Self::Other(message) => return f.write_str(message),
        })
    }
}

impl core::error::Error for Refused {}
