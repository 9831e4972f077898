//! What a certificate proves, and what is asked where it proves nothing.

use alloc::{borrow::ToOwned as _, vec::Vec};
use core::fmt;

use xmpp_jid::{BareJid, Domainpart, DomainpartRef, Jid};
use xmpp_sasl::FailureReason;
use xmpp_sasl::server::Answer;

use super::{CertificateRef, Identities, Identity, Pin, Purpose, Refused};

/// A domain that a peer has proved to be; or that a user's certificates are good.
///
/// Only [`Verifier`](super::Verifier) and a driver's decision
/// ([`CertificateQuery::trust`]) make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    pub(super) purpose: Purpose,
    pub(super) domain: Domainpart,
    pub(super) by: ProvedBy,
    pub(super) valid_until: u64,
    pub(super) identities: Identities,
}

/// What it was that proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProvedBy {
    /// This identity of the domain, in a certificate of a trusted authority.
    Identity(Identity),
    /// A user's certificate is of a trusted authority. Whom it is for is what
    /// [`Proved::account`] tells.
    Authority,
    /// It is pinned for this domain.
    Pin(Pin),
    /// The driver has decided so.
    Driver,
}

impl Proved {
    /// What was checked.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The peer's domain; that of the host, if the peer is a user.
    pub const fn domain(&self) -> &Domainpart {
        &self.domain
    }

    /// How.
    pub const fn by(&self) -> &ProvedBy {
        &self.by
    }

    /// The last second in which all certificates are valid: since
    /// 1970-01-01T00:00:00Z. A stream that lasts longer should then be closed with
    /// `reset` (RFC 6120 section 13.7.2.3).
    pub const fn valid_until(&self) -> u64 {
        self.valid_until
    }

    /// All identities in the certificate.
    pub const fn identities(&self) -> &Identities {
        &self.identities
    }

    /// The account that a user means, by RFC 6120 section 13.7.2.2 and XEP-0178
    /// section 2.
    ///
    /// `authzid` is the authorization identity of EXTERNAL, `from` what the user said
    /// in the stream header under TLS, if anything.
    ///
    /// An address counts only in a certificate of a trusted authority. In one that is
    /// pinned or that the driver has decided to trust, whoever made it may have written
    /// what he liked: that is [`Account::Unknown`].
    pub fn account(&self, authzid: Option<&str>, from: Option<&BareJid>) -> Account<'_> {
        if self.purpose != Purpose::ServerFromClient || self.by != ProvedBy::Authority {
            return Account::Unknown;
        }
        let mut accounts: Vec<&BareJid> = self.identities.accounts(self.domain.as_ref()).collect();
        // One that is in it twice is one.
        accounts.sort_unstable_by_key(|account| account.as_str());
        accounts.dedup();
        account(&accounts, authzid, from)
    }
}

/// The account that a user's certificate stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Account<'a> {
    /// This one. If the user wants to act as another, that is for the rules of the
    /// host to allow (RFC 6120 section 6.3.8).
    Of(&'a BareJid),
    /// It has several accounts of this host, and the user has chosen none of them:
    /// `invalid-authzid`.
    Ambiguous,
    /// It has none of this host. The driver may know whose it is by other means, such
    /// as its subject; if not, `not-authorized`.
    Unknown,
}

impl Account<'_> {
    /// The answer to EXTERNAL's question, of a server that knows no other means. That
    /// there is such an account is for the caller to know.
    pub fn to_answer(&self) -> Answer {
        match self {
            Self::Of(account) => {
                let local = account.localpart().map(|local| local.as_str().to_owned());
                Answer::identity(local.unwrap_or_default())
            }
            // XEP-0178 section 2, step 11b.
            Self::Ambiguous => Answer::identity("").barred(FailureReason::AuthorizationDenied),
            Self::Unknown => Answer::unknown_user(),
        }
    }
}

/// Of `accounts`, those of this host.
fn account<'a>(
    accounts: &[&'a BareJid],
    authzid: Option<&str>,
    from: Option<&BareJid>,
) -> Account<'a> {
    let chosen = match authzid.filter(|text| !text.is_empty()) {
        Some(text) => Jid::new(text).ok().map(|jid| jid.to_bare()),
        // Section 13.7.2.2.1, sub-case 2: the one in the stream header.
        None => from.cloned(),
    };
    let chosen = accounts.iter().find(|account| chosen.as_ref() == Some(**account));
    match (chosen, accounts) {
        (Some(account), _) | (None, [account]) => Account::Of(account),
        (None, []) => Account::Unknown,
        (None, _) => Account::Ambiguous,
    }
}

/// A certificate that was refused: shall it be trusted all the same?
///
/// For closed networks and for people who are asked. The answer may come later: what
/// was presented is kept in here. A driver that says yes
/// [pins](super::Verifier::trust) it for the next connections, or
/// [proves](Self::trust) this one.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateQuery {
    pub(super) purpose: Purpose,
    pub(super) domain: Domainpart,
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) refused: Refused,
}

impl CertificateQuery {
    /// A query of one's own: `chain` was presented, end entity first, by a peer that
    /// says that it is `domain`, and `refused` is what is wrong with it.
    pub fn new<C: AsRef<[u8]>>(
        purpose: Purpose,
        domain: DomainpartRef<'_>,
        chain: &[C],
        refused: Refused,
    ) -> Self {
        let chain = chain.iter().take(super::MAX_CERTIFICATES);
        Self {
            purpose,
            domain: domain.into_owned(),
            chain: chain.map(|certificate| certificate.as_ref().to_owned()).collect(),
            refused,
        }
    }

    /// What it was checked for.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The domain that the peer says it is; that of the host, if the peer is a user.
    pub const fn domain(&self) -> &Domainpart {
        &self.domain
    }

    /// What is wrong.
    pub const fn refused(&self) -> &Refused {
        &self.refused
    }

    /// What the peer presented, in DER, end entity first;
    /// [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES) of it at most.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The end entity's certificate, if there is one that can be read.
    pub fn certificate(&self) -> Option<CertificateRef<'_>> {
        CertificateRef::read(self.chain.first()?).ok()
    }

    /// Trusts it, this time. `None` if there is no certificate that can be read: nothing
    /// has been proved then, not even that the peer has a key.
    pub fn trust(self) -> Option<Proved> {
        let certificate = self.certificate()?;
        let valid_until = certificate.not_after();
        let identities = certificate.identities().unwrap_or_default();
        let (purpose, domain, by) = (self.purpose, self.domain, ProvedBy::Driver);
        Some(Proved { purpose, domain, by, valid_until, identities })
    }
}

/// What is wrong, for people; of a certificate for other names, the first of them.
impl fmt::Display for CertificateQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        self.refused.fmt(f)?;
        if self.refused != Refused::Name {
            return Ok(());
        }
        let identities = self.certificate().and_then(|it| it.identities().ok());
        let identities = identities.unwrap_or_default();
        let mut before = ": ";
        for identity in identities.as_slice().iter().take(SHOWN) {
            write!(f, "{before}{identity}")?;
            before = ", ";
        }
        match identities.as_slice().len() {
            0 => f.write_str(": it has none that counts"),
            count if count > SHOWN => write!(f, " and {} more", count - SHOWN),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for CertificateQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateQuery")
            .field("purpose", &self.purpose)
            .field("domain", &self.domain)
            .field("refused", &self.refused)
            .field("certificates", &self.chain.len())
            .finish()
    }
}
