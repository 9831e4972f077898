//! What a connection asks its driver, to be answered later by a call.
//!
//! A query holds a serial number, so that an answer to another one is a
//! [`Misuse`](crate::Misuse) and harms nothing; one that comes after the stream
//! has been closed is of no account. The connection stands still until its query
//! is answered; the deadline for the negotiation goes on.

use alloc::{format, sync::Arc};

use xmpp_jid::{BareJid, Domainpart, Resourcepart};
use xmpp_sasl::sasl2::{Fast, UserAgent};
use xmpp_sasl::{Mechanism, ScramKeys, Secret, client};
use xmpp_xml::{Element, ns};

mod peer;
mod tasks;

pub use self::peer::{PeerAnswer, PeerQuery, ResultQuery, VerifyQuery};
pub use self::tasks::{
    TaskAnswer, TaskChoice, TaskDataQuery, TaskDemand, TaskQuery, TaskReply, TasksAnswer,
    TasksQuery,
};
use crate::negotiation::bind2::Inline;
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
    pub(crate) user_agent: Option<Arc<UserAgent>>,
    pub(crate) from: Option<BareJid>,
}

impl CredentialsQuery {
    /// Who the client said it is, in the header of this stream. Under TLS a certificate
    /// for several accounts is for this one, if no authorization identity tells (RFC 6120
    /// section 13.7.2.2.1, sub-case 2).
    pub const fn from(&self) -> Option<&BareJid> {
        self.from.as_ref()
    }

    /// What the client tells about itself (XEP-0388). Tokens
    /// ([`Query::Tokens`](xmpp_sasl::server::Query::Tokens)) are kept by account and
    /// the `id` in it, which is there then.
    pub fn user_agent(&self) -> Option<&UserAgent> {
        self.user_agent.as_deref()
    }

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
    /// What came inline, if it came so.
    pub(crate) inline: Option<Inline>,
}

impl BindQuery {
    /// Whether the client asks inline with its authentication (Bind 2, XEP-0386).
    pub const fn is_inline(&self) -> bool {
        self.inline.is_some()
    }

    /// What the resource shall begin with, if it was asked for inline, as it came:
    /// mostly the name of the software.
    pub fn tag(&self) -> Option<&str> {
        self.inline.as_ref()?.tag.as_deref()
    }

    /// The resource that XEP-0386 section 3.2.1 recommends: the tag, `/`, and what
    /// tells the sessions apart (`unique`). If the tag is none that a resource can
    /// begin with, `unique` alone. `None` if that is no resource either.
    ///
    /// The `id` of the [user agent](Self::user_agent) must not be seen in `unique`.
    pub fn tagged(&self, unique: &str) -> Option<Resourcepart> {
        let tagged = self.tag().and_then(|tag| Resourcepart::new(&format!("{tag}/{unique}")).ok());
        tagged.or_else(|| Resourcepart::new(unique).ok())
    }

    /// What is to be enabled with the resource, of the features that the host
    /// [offers](crate::config::Sasl2Host::inline): carbons (XEP-0280), client state
    /// (XEP-0352). To be enabled from the first stanza on.
    pub fn inline(&self) -> &[Element] {
        self.inline.as_ref().map_or(&[], |inline| &inline.requests)
    }

    /// Whether message carbons (XEP-0280) are among that.
    pub fn wants_carbons(&self) -> bool {
        self.inline().iter().any(|element| element.as_ref().is(ns::CARBONS, "enable"))
    }

    /// What the client tells about itself, if it asked inline. An earlier session of
    /// the same `id` is one that the client has lost (XEP-0386 section 3.2).
    pub fn user_agent(&self) -> Option<&UserAgent> {
        self.inline.as_ref()?.user_agent.as_deref()
    }

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
    pub(crate) query: client::KeysQuery,
}

impl KeysQuery {
    /// The mechanism's own question: hash, salt and iteration count.
    pub const fn query(&self) -> &client::KeysQuery {
        &self.query
    }

    /// Derives the keys, here and now. `KeysQuery` is `Send`, so that a thread
    /// can do it.
    #[must_use]
    pub fn derive(&self) -> ScramKeys {
        self.query.derive()
    }
}

/// Which salted password belongs to the password, with the server's salt and count
/// (XEP-0480)? It takes as long as [`KeysQuery`]'s answer.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct UpgradeQuery {
    pub(crate) serial: u32,
    pub(crate) query: xmpp_sasl::sasl2::UpgradeQuery,
}

impl UpgradeQuery {
    /// The task's own question.
    pub const fn query(&self) -> &xmpp_sasl::sasl2::UpgradeQuery {
        &self.query
    }

    /// Derives the answer, here and now. `UpgradeQuery` is `Send`, so that a thread
    /// can do it.
    #[must_use]
    pub fn derive(&self) -> Secret {
        self.query.derive()
    }
}

/// A token that the server issued (XEP-0484): to be kept, as safe as a password, for
/// the next login of this installation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token, and the one mechanism that it is good for.
    pub token: client::Token,
    /// When it expires: seconds since 1970-01-01T00:00:00Z.
    pub expiry: u64,
}

/// What becomes of this client's tokens (XEP-0484)? Asked when it has proved who it
/// is, and before it is told so, if it has used a token or wants one.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct TokenQuery {
    pub(crate) serial: u32,
    pub(crate) account: BareJid,
    pub(crate) user_agent: Arc<UserAgent>,
    pub(crate) used: Option<UsedToken>,
    pub(crate) requested: Option<Mechanism>,
    pub(crate) fresh: Secret,
}

impl TokenQuery {
    /// The account whose token it is: who the client is, which may be another than
    /// whom it acts as.
    pub const fn account(&self) -> &BareJid {
        &self.account
    }

    /// The installation that the token belongs to.
    pub fn client_id(&self) -> &str {
        self.user_agent.id().unwrap_or_default()
    }

    /// What the client tells about itself: to show a user which devices have tokens.
    pub fn user_agent(&self) -> &UserAgent {
        &self.user_agent
    }

    /// The token that the client has authenticated with, if it did with one.
    pub const fn used(&self) -> Option<&UsedToken> {
        self.used.as_ref()
    }

    /// Whether the client asks for a token. If not, one may follow the one that it
    /// has used, in time before that expires.
    pub const fn is_requested(&self) -> bool {
        self.requested.is_some()
    }

    /// The mechanism that a new token will be good for. `None`: the client gives its
    /// token up and is to have none (XEP-0484 section 3.6);
    /// [`TokenAnswer::Issue`] is then taken for [`TokenAnswer::Accept`].
    pub fn mechanism(&self) -> Option<Mechanism> {
        let follows = self.used.as_ref().filter(|used| !used.fast.invalidate);
        self.requested.or_else(|| follows.map(|used| used.mechanism))
    }

    /// The new token, made for the case that one is issued: 256 bits of randomness.
    pub const fn new_token(&self) -> &Secret {
        &self.fresh
    }
}

/// A token that a client has authenticated with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UsedToken {
    /// The token.
    pub token: Secret,
    /// The mechanism.
    pub mechanism: Mechanism,
    /// The count, which must be above the last, and whether the token is given up.
    pub fast: Fast,
}

/// The answer to [`ServerEvent::TokenWanted`](crate::ServerEvent::TokenWanted).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenAnswer {
    /// The use of a token is taken note of; there is no new one.
    Accept,
    /// The use of a token is taken note of, and [`TokenQuery::new_token`] is kept and
    /// goes to the client.
    Issue {
        /// When it expires: seconds since 1970-01-01T00:00:00Z.
        expiry: u64,
    },
    /// The token has been used in this way before, or is not good any more
    /// ([`Replayed`](xmpp_sasl::sasl2::Replayed)): `not-authorized`.
    Replayed,
    /// The use could not be taken note of: `temporary-auth-failure`.
    TemporaryFailure,
}

/// Is this component known here, and what is its secret?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct ComponentQuery {
    pub(crate) domain: Domainpart,
}

impl ComponentQuery {
    /// The domain that the component says it is. Nothing has been proved yet.
    pub const fn domain(&self) -> &Domainpart {
        &self.domain
    }
}
