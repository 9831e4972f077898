//! Certificates: whom they are for, and what they prove (RFC 6120 section 13.7).
//!
//! [`CertificateRef`] and [`Identities`] read a certificate and compare what is in it
//! with a domain. They need neither `std` nor a connection, and they verify nothing.
//! [`Verifier`] (feature `tls`) tells what a peer's chain of certificates proves, for one
//! [`Purpose`] and one domain, at one time:
//!
//! ```text
//! chain, purpose, domain, now ──► Verifier::verify ──► Proved: by which identity, until when
//!                                                 └──► Refused: why ──► CertificateQuery
//! ```
//!
//! Chains are found and checked by `rustls-webpki`; which names count is decided here,
//! for it knows no SRV-ID and no xmppAddr. A [`Verifier`] may check during a TLS handshake,
//! which then fails, or after one that took any certificate: `tls::rustls` has both. The
//! second is for servers, where the same chain may have to prove several domains, and
//! where dialback takes over if it proves none.
//!
//! # Decisions
//!
//! - **The common name is never looked at**, nor is the subject: RFC 9525 section 2.
//! - **Wildcards**: `*` as the whole left-most label of a DNS-ID stands for exactly one
//!   label. RFC 6125 section 6.4.3 allows more, RFC 6120 section 13.7.1.2.1 does not.
//!   An SRV-ID or xmppAddr has no wildcards.
//! - **SRV-IDs are for one service**: `_xmpp-client` proves nothing to a server.
//! - **An xmppAddr without a localpart is a domain's identity** (section 13.7.2.1), though
//!   no longer encouraged (section 13.7.1.2.1).
//! - **`dNSName` constraints of an authority bind SRV-IDs and xmppAddrs as well**, which
//!   RFC 5280 has no words for.
//! - **What a certificate is limited to** (extended key usage) has to fit the purpose:
//!   `serverAuth` for the one that was connected to, `clientAuth` for the one that
//!   connects; or `id-on-xmppAddr`, for both.
//!   [`Verifier::accept_server_auth_of_initiating_servers`] is the way round it.
//!   `anyExtendedKeyUsage` counts for neither.
//! - **An empty subject is accepted** against `6120-13.7.1.1-03`, where there is a
//!   `subjectAltName`: RFC 5280 section 4.1.2.6 allows it, and public authorities sign it.
//!   A `keyUsage` of an authority has to allow `keyCertSign`, as RFC 5280 has it;
//!   `digitalSignature` (`6120-13.7.1.1-07`) is not asked for.

#[cfg(feature = "tls")]
mod constraints;
mod der;
mod identities;
mod pin;
mod proved;
mod purpose;
mod reference;
mod refused;
#[cfg(feature = "tls")]
mod usage;
#[cfg(feature = "tls")]
mod verifier;
mod view;

use core::fmt;

pub use self::identities::{Identities, IdentitiesError, Identity};
pub use self::pin::Pin;
pub use self::proved::{Account, CertificateQuery, Proved, ProvedBy};
pub use self::purpose::{Purpose, Service};
pub use self::refused::Refused;
#[cfg(feature = "tls")]
pub(crate) use self::verifier::domain_of;
#[cfg(feature = "tls")]
pub use self::verifier::{Revocation, Verifier};
pub use self::view::CertificateRef;

/// How many certificates a peer may present. RFC 8446 names no number; chains of the
/// public web have two to four.
pub const MAX_CERTIFICATES: usize = 10;

/// Bytes that are no certificate in DER (RFC 5280 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "nothing more is known")]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no certificate")
    }
}

impl core::error::Error for Unreadable {}
