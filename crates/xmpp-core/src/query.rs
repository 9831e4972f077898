//! What a connection asks its driver, to be answered later by a call.
//!
//! A query holds a serial number, so that an answer to another one is a
//! [`Misuse`](crate::Misuse) and harms nothing; one that comes after the stream
//! has been closed is of no account. The connection stands still until its query
//! is answered; the deadline for the negotiation goes on.

use xmpp_jid::{BareJid, Domainpart, Resourcepart};
use xmpp_sasl::ScramKeys;

use crate::stream_management::ResumptionId;

/// Which host shall serve this stream?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct HostQuery {
    pub(crate) serial: u32,
    pub(crate) to: Option<Domainpart>,
    pub(crate) from: Option<BareJid>,
}

impl HostQuery {
    /// The `to` of the stream header; `None` if the client left it out
    /// (`6120-4.7.2-01` says that it must not). A malformed one never gets here:
    /// it is answered with `host-unknown`.
    pub const fn to(&self) -> Option<&Domainpart> {
        self.to.as_ref()
    }

    /// Who the client says it is. Nothing has been proved yet.
    pub const fn from(&self) -> Option<&BareJid> {
        self.from.as_ref()
    }
}

/// What does the server know of this account?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct CredentialsQuery {
    pub(crate) serial: u32,
    pub(crate) account: Option<BareJid>,
    pub(crate) query: xmpp_sasl::server::Query,
}

impl CredentialsQuery {
    /// The account in question: the user name at the host's domain, as RFC 7622
    /// prepares addresses. It is the key for the lookup. `None` if the mechanism
    /// names nobody (a certificate, a bearer token, ANONYMOUS).
    ///
    /// A user name that is no localpart never gets here: the exchange goes on
    /// and fails as with an account that does not exist.
    pub const fn account(&self) -> Option<&BareJid> {
        self.account.as_ref()
    }

    /// The mechanism's own question: what of, and for which hash.
    pub const fn query(&self) -> &xmpp_sasl::server::Query {
        &self.query
    }
}

/// Which resource shall this client have?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct BindQuery {
    pub(crate) serial: u32,
    pub(crate) account: BareJid,
    pub(crate) resource: Option<Resourcepart>,
}

impl BindQuery {
    /// The authenticated account.
    pub const fn account(&self) -> &BareJid {
        &self.account
    }

    /// The resource that the client would like; `None` leaves it to the server.
    pub const fn resource(&self) -> Option<&Resourcepart> {
        self.resource.as_ref()
    }
}

/// Is there a session to resume, and of what kind?
///
/// That it belongs to the account is for the machine to check.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct ResumeQuery {
    pub(crate) serial: u32,
    pub(crate) account: BareJid,
    pub(crate) id: ResumptionId,
    pub(crate) h: u32,
}

impl ResumeQuery {
    /// The authenticated account.
    pub const fn account(&self) -> &BareJid {
        &self.account
    }

    /// The identifier of the earlier stream (`previd`): the key for the lookup.
    pub const fn id(&self) -> &ResumptionId {
        &self.id
    }

    /// How many stanzas of the earlier stream the client has handled.
    pub const fn h(&self) -> u32 {
        self.h
    }
}

/// Which keys belong to the password, with the server's salt and iteration
/// count? PBKDF2 is slow on purpose (tens of milliseconds to seconds): an event
/// loop or a browser tab runs [`derive`](Self::derive) elsewhere.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct KeysQuery {
    pub(crate) serial: u32,
    pub(crate) query: xmpp_sasl::client::KeysQuery,
}

impl KeysQuery {
    /// The mechanism's own question: hash, salt and iteration count.
    pub const fn query(&self) -> &xmpp_sasl::client::KeysQuery {
        &self.query
    }

    /// Derives the keys, here and now. `KeysQuery` is `Send`, so that a thread
    /// can do it.
    #[must_use]
    pub fn derive(&self) -> ScramKeys {
        self.query.derive()
    }
}

/// Is this component known here, and what is its secret?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct ComponentQuery {
    pub(crate) serial: u32,
    pub(crate) domain: Domainpart,
}

impl ComponentQuery {
    /// The domain that the component says it is. Nothing has been proved yet.
    pub const fn domain(&self) -> &Domainpart {
        &self.domain
    }
}
