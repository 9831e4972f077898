//! What a stream between servers asks its driver.

use alloc::boxed::Box;

use xmpp_jid::Domainpart;
use xmpp_sasl::Secret;

use crate::dialback::{Claim, Pair, Verdict};

/// May this server be talked to, and does its certificate prove the domain?
///
/// Of a receiving server it comes for each stream before authentication: in the clear,
/// and again under TLS, since what was said in the clear does not count
/// (`6120-5.4.3.3-03`). Of an initiating one it comes once TLS is up, unless the handshake
/// has proved the domain
/// ([`TlsFacts::is_peer_proved`](crate::tls::TlsFacts::is_peer_proved)); nothing is sent
/// under TLS before the answer.
///
/// Whether a certificate proves a domain is a matter of RFC 6120 section 13.7.2 and RFC
/// 9525; nothing of it is checked here.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct PeerQuery {
    pub(crate) serial: u32,
    pub(crate) local: Option<Domainpart>,
    pub(crate) remote: Option<Domainpart>,
    pub(crate) is_tls: bool,
    pub(crate) certificate: Option<Box<[u8]>>,
}

impl PeerQuery {
    /// The domain here that is asked for: the `to` of the stream header. `None` if the
    /// peer left it out.
    pub const fn local(&self) -> Option<&Domainpart> {
        self.local.as_ref()
    }

    /// The domain that the peer claims: the `from` of the stream header; of an
    /// initiating server the one that it has connected to. `None` if there was none.
    pub const fn remote(&self) -> Option<&Domainpart> {
        self.remote.as_ref()
    }

    /// Whether TLS is up.
    pub const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The end-entity certificate that the peer has shown, in DER.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }
}

/// What the driver makes of a [`PeerQuery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerAnswer {
    /// The peer has proved that it is the remote domain: by its certificate, or by what
    /// the driver knows of a closed network. A receiving server offers EXTERNAL.
    Proved,
    /// It has not. What is left is dialback, if the
    /// [policy](crate::config::DialbackPolicy) has it.
    NotProved,
}

/// A server claims a domain by dialback: is it true?
///
/// The stream goes on meanwhile. The driver has the authoritative server asked
/// ([`Connection::verify`](crate::Connection::verify) on a stream to the remote domain),
/// or knows by other means. Without an answer in
/// [time](crate::FederationConfig::verdict) the peer is told
/// `remote-server-timeout`, and an answer that comes later has no effect.
#[must_use = "without an answer the peer waits for its deadline"]
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct ResultQuery {
    pub(crate) serial: u32,
    pub(crate) claim: Claim,
}

impl ResultQuery {
    /// Which domain is claimed, by which key, on which stream.
    pub const fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Which domain is claimed towards which.
    pub const fn pair(&self) -> &Pair {
        &self.claim.pair
    }
}

/// A receiving server asks whether a key is ours: the question to the authoritative
/// server.
///
/// The stream goes on meanwhile. Comes only for domains that the
/// [configuration](crate::FederationConfig::authoritative_for) does not name.
#[must_use = "without an answer the peer waits for its deadline"]
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct VerifyQuery {
    pub(crate) serial: u32,
    pub(crate) stream: alloc::string::String,
    pub(crate) claim: Claim,
}

impl VerifyQuery {
    /// The domain here whose key it is said to be.
    pub const fn domain(&self) -> &Domainpart {
        &self.claim.pair.remote
    }

    /// The claim as the receiving server sees it: its own domain is the `local` one of
    /// the pair.
    pub const fn claim(&self) -> &Claim {
        &self.claim
    }

    /// The verdict by the secret of the domain.
    #[must_use]
    pub fn judge(&self, secret: &Secret) -> Verdict {
        self.claim.judge(secret)
    }
}
