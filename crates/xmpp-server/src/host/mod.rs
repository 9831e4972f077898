//! The host: accounts and sessions of one domain, and what passes between them.

mod account;
mod bind;
mod elsewhere;
mod inbound;
mod moved;
mod outbound;
mod passed;
mod post;
mod roster;
mod sent;
mod session;
mod short;
mod tidy;
mod undelivered;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::fmt;

use xmpp_im::delivery::{Recipients, Resource};
use xmpp_im::roster::Roster;
use xmpp_im::routing::Domain;
use xmpp_jid::{BareJid, Domainpart, DomainpartRef, FullJid, JidRef, LocalpartRef};
use xmpp_stanza::StanzaRef;
use xmpp_stanza::disco::Item;
use xmpp_xml::{ElementRef, WriteXml, ns};

use crate::config::Config;
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

pub use bind::BindError;
pub use moved::Moved;

use account::Account;
use post::Posted;
use sent::Sent;
use session::Session;

/// The accounts and sessions of one domain, in memory; see the [crate's documentation](crate).
///
/// It is deterministic: the same calls have the same effects and put the same stanzas into
/// the outbox. No call does more work than the rosters and sessions of the accounts that
/// it concerns are large, and those have [`Limits`](crate::Limits).
#[derive(Clone)]
pub struct Host {
    domain: BareJid,
    config: Config,
    instance: u64,
    accounts: BTreeMap<BareJid, Account>,
    sessions: BTreeMap<SessionId, Session>,
    /// Roster pushes sent, for their 'id' attributes.
    pushes: u64,
    /// What there is beside the accounts.
    items: Vec<Item>,
    /// The domains that components serve.
    components: BTreeSet<Domainpart>,
    /// Users who are to be found under another address.
    moved: BTreeMap<BareJid, Moved>,
    /// What accounts have for each other while a call lasts.
    posted: VecDeque<Posted>,
}

impl Host {
    /// A host for that domain, without accounts.
    ///
    /// `instance` is a number drawn at random for each new host: it keeps a client from
    /// taking a roster version of another one, say of the time before a restart, for one of
    /// this.
    #[must_use]
    pub fn new(domain: DomainpartRef<'_>, instance: u64, config: Config) -> Self {
        Self {
            domain: BareJid::from(domain),
            config,
            instance,
            accounts: BTreeMap::new(),
            sessions: BTreeMap::new(),
            pushes: 0,
            items: Vec::new(),
            components: BTreeSet::new(),
            moved: BTreeMap::new(),
            posted: VecDeque::new(),
        }
    }

    /// Lists a service of the domain, a component say, in the answer to who asks what there
    /// is (XEP-0030 §4, `disco#items` to the domain). Whether it can be reached is a matter
    /// of its [`route`](Outbox::route). What is listed already is replaced.
    ///
    /// ```
    /// # use xmpp_jid::{BareJid, DomainpartRef};
    /// # use xmpp_server::{Config, Host};
    /// use xmpp_stanza::disco::Item;
    ///
    /// let mut host = Host::new(DomainpartRef::new("example.com")?, 1, Config::default());
    /// host.add_item(Item::new(BareJid::new("rooms.example.com")?));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn add_item(&mut self, item: Item) {
        self.items.retain(|other| (&other.jid, &other.node) != (&item.jid, &item.node));
        self.items.push(item);
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> DomainpartRef<'_> {
        self.domain.domainpart()
    }

    /// Creates an account, and gives its address. One that is there stays as it is.
    pub fn add_account(&mut self, local: LocalpartRef<'_>) -> BareJid {
        let jid = BareJid::from_parts(Some(local), self.domain.domainpart());
        let Self { config, instance, accounts, .. } = self;
        accounts
            .entry(jid.clone())
            .or_insert_with_key(|jid| Account::new(jid.clone(), *instance, config.limits.roster));
        jid
    }

    /// The roster of an account.
    #[must_use]
    pub fn roster(&self, account: &BareJid) -> Option<&Roster> {
        self.accounts.get(account.as_str()).map(|a| &a.roster)
    }

    /// The address of a session.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&FullJid> {
        self.sessions.get(&id).map(|s| &s.jid)
    }

    /// The sessions of an account, in the order in which they were bound.
    pub fn sessions(&self, account: &BareJid) -> impl Iterator<Item = SessionId> + '_ {
        self.session_ids(account.as_str()).iter().copied()
    }

    /// Takes a stanza that a session's client sent: a first-level element of its stream.
    ///
    /// Whatever is wrong with the stanza, the client gets a stanza error for it and its
    /// stream goes on. What the client claims as 'from' does not count (RFC 6120 §8.1.2.1).
    ///
    /// # Errors
    ///
    /// The call is wrong, or the element is no stanza; nothing has happened then.
    pub fn handle_stanza(
        &mut self,
        now: UnixTime,
        session: SessionId,
        stanza: ElementRef<'_>,
        out: &mut impl Outbox,
    ) -> Result<(), HandleError> {
        let from = self.sessions.get(&session).ok_or(HandleError::UnknownSession)?.jid.clone();
        let stanza = StanzaRef::new(stanza).filter(|stanza| stanza.content() == ns::CLIENT);
        let stanza = stanza.ok_or(HandleError::NotAStanza)?;
        let tidied = self.tidied(JidRef::from(from.as_ref()).to_bare(), stanza);
        let stanza = tidied.as_ref().and_then(|t| StanzaRef::new(t.as_ref())).unwrap_or(stanza);
        self.depart(&Sent::new(now, session, from.into(), stanza), out);
        self.hand_over(now, out);
        Ok(())
    }

    /// A session's stream has ended, however it did: tells those who have to know that the
    /// resource is unavailable (RFC 6121 §4.5.2). Unknown sessions do not matter.
    ///
    /// If stanzas for it are left that were not sent, [`session_failed`](Self::session_failed)
    /// takes them.
    pub fn session_ended(&mut self, now: UnixTime, id: SessionId, out: &mut impl Outbox) {
        self.end_session(now, id, out);
        self.hand_over(now, out);
    }

    /// What a domain is to this host.
    fn domain_of(&self, domain: &str) -> Domain {
        if domain == self.domain.as_str() {
            Domain::Served
        } else if self.components.contains(domain) {
            Domain::Service
        } else {
            Domain::Remote
        }
    }

    /// Whether the entity is one of this host's domain.
    fn is_local(&self, entity: JidRef<'_>) -> bool {
        entity.domainpart().as_str() == self.domain.as_str()
    }

    fn session_ids(&self, account: &str) -> &[SessionId] {
        self.accounts.get(account).map(|a| a.sessions.as_slice()).unwrap_or_default()
    }

    /// The account's sessions, `None` if there is no such account.
    fn sessions_of<'h>(
        &'h self,
        account: &str,
    ) -> Option<impl Iterator<Item = (SessionId, &'h Session)> + Clone + use<'h>> {
        let ids = &self.accounts.get(account)?.sessions;
        Some(ids.iter().filter_map(|id| Some((*id, self.sessions.get(id)?))))
    }

    /// The account's sessions as the rules of delivery see them, `None` if there is no such
    /// account.
    fn resources<'h>(
        &'h self,
        account: &str,
    ) -> Option<impl Iterator<Item = Resource<'h>> + Clone + use<'h>> {
        self.sessions_of(account).map(|sessions| sessions.map(|(_, s)| s.as_resource()))
    }

    fn available<'h>(&'h self, account: &str) -> impl Iterator<Item = SessionId> + use<'h> {
        let sessions = self.sessions_of(account).into_iter().flatten();
        sessions.filter(|(_, s)| s.presence.is_available()).map(|(id, _)| id)
    }

    /// Sends the stanza to those of the account's sessions.
    fn deliver(
        &self,
        account: &str,
        recipients: Recipients<'_>,
        stanza: &dyn WriteXml,
        out: &mut dyn Outbox,
    ) {
        for (id, session) in self.sessions_of(account).into_iter().flatten() {
            if recipients.includes(session.as_resource()) {
                out.send(id, stanza);
            }
        }
    }

    /// Whether the user of `account` is subscribed to by `entity`'s account, or is it: may
    /// see the presence of all its resources.
    fn is_subscriber(&self, account: &str, entity: JidRef<'_>) -> bool {
        let bare = entity.to_bare();
        bare.as_str() == account
            || self
                .accounts
                .get(account)
                .is_some_and(|a| a.roster.subscription(bare.as_str()).state.has_from())
    }

    /// Whether the entity may know that one of these sessions is there: by subscription or
    /// by directed presence (RFC 6121 §8.1).
    fn may_know(
        &self,
        account: &str,
        entity: JidRef<'_>,
        sessions: impl Fn(&Session) -> bool,
    ) -> bool {
        self.is_subscriber(account, entity)
            || self
                .sessions_of(account)
                .into_iter()
                .flatten()
                .any(|(_, s)| sessions(s) && s.presence.is_directed_to(entity))
    }
}

impl fmt::Debug for Host {
    /// Not whose contacts are whose, nor what waits for them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("domain", &self.domain)
            .field("config", &self.config)
            .field("accounts", &self.accounts.len())
            .field("sessions", &self.sessions.len())
            .finish_non_exhaustive()
    }
}

/// Why a stanza could not be handled: the driver's mistake, not the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandleError {
    /// There is no such session: it was not bound, or has ended.
    UnknownSession,
    /// The element is not a message, presence or iq of the stream's content namespace. The
    /// stream error for it is `unsupported-stanza-type` (RFC 6120 §4.9.3.24).
    NotAStanza,
    /// A stanza from another domain has no 'to', or no 'from' of another domain. The stream
    /// errors for it are `improper-addressing` and `invalid-from` (RFC 6120 §4.9.3.7,
    /// §4.9.3.9).
    ImproperAddressing,
    /// A stanza from another server says that it is from this host's domain or from one of
    /// its components'. The stream error for it is `invalid-from` (RFC 6120 §4.9.3.9).
    InvalidFrom,
    /// A stanza from another server is for a domain that is neither this host's nor one of
    /// its components'. The stream error for it is `host-unknown` (RFC 6120 §4.9.3.6).
    HostUnknown,
}

impl fmt::Display for HandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownSession => "no such session: not bound, or ended",
            Self::NotAStanza => "not a message, presence or iq of the content namespace",
            Self::ImproperAddressing => "not from another domain, or without 'to'",
            Self::InvalidFrom => "from another server, in the name of a domain of this one",
            Self::HostUnknown => "from another server, for a domain that is not of this one",
        })
    }
}

impl core::error::Error for HandleError {}
