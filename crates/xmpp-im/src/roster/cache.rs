//! A client's copy of its roster: RFC 6121 §2.1.4, §2.1.6, §2.6.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::features::{FeaturesRef, RosterVersioning};
use xmpp_stanza::roster::{Item, Query, Subscription};
use xmpp_stanza::{AddressRef, Invalid, IqType, StanzaRef};

/// A client's copy of its roster.
///
/// Feed it the roster result that answers your own roster get (an answer counts by its 'id'
/// and its 'from', as `xmpp-core`'s `Connection::request` sees to) and every roster push.
///
/// ```
/// use xmpp_im::roster::{CacheError, RosterCache};
/// use xmpp_jid::BareJid;
/// use xmpp_stanza::StanzaRef;
/// use xmpp_xml::Element;
///
/// let mut roster = RosterCache::new(BareJid::new("juliet@example.com")?, 1000);
/// let forged = Element::parse(
///     "<iq xmlns='jabber:client' from='tybalt@example.net' type='set' id='p1'>
///        <query xmlns='jabber:iq:roster'><item jid='tybalt@example.net'/></query></iq>",
/// )?;
/// let push = StanzaRef::new(forged.as_ref()).unwrap();
/// assert_eq!(roster.push(push), Err(CacheError::NotFromOwnAccount));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Security
///
/// A roster push counts only if it comes from the user's own account: anybody else can
/// send an iq that looks like one. [`push`](Self::push) checks its 'from'.
#[derive(Clone, Debug)]
pub struct RosterCache {
    account: BareJid,
    items: BTreeMap<Jid, Item>,
    ver: Option<String>,
    max_items: usize,
}

impl RosterCache {
    /// The empty cache of that account's client, for at most `max_items` items.
    #[must_use]
    pub const fn new(account: BareJid, max_items: usize) -> Self {
        Self { account, items: BTreeMap::new(), ver: None, max_items }
    }

    /// The items, ordered by their addresses.
    pub fn items(&self) -> impl Iterator<Item = &Item> + Clone {
        self.items.values()
    }

    /// The item of that address (in canonical form).
    #[must_use]
    pub fn item(&self, jid: &str) -> Option<&Item> {
        self.items.get(jid)
    }

    /// The next roster get: with the version of what is cached if the server keeps versions,
    /// as its stream features say (RFC 6121 §2.6.2). It then answers with an empty result and
    /// pushes what has changed, or with the whole roster.
    ///
    /// `features` are those that came last, after authentication.
    ///
    /// ```
    /// use xmpp_im::roster::RosterCache;
    /// use xmpp_jid::BareJid;
    /// use xmpp_stanza::features::FeaturesRef;
    /// use xmpp_xml::Element;
    ///
    /// let roster = RosterCache::new(BareJid::new("juliet@example.com")?, 1000);
    /// let features = Element::parse(
    ///     "<features xmlns='http://etherx.jabber.org/streams'>
    ///        <ver xmlns='urn:xmpp:features:rosterver'/></features>",
    /// )?;
    /// let query = roster.query(FeaturesRef::parse(features.as_ref())?);
    /// assert_eq!(query.ver.as_deref(), Some("")); // Nothing is cached yet.
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn query(&self, features: FeaturesRef<'_>) -> Query {
        let mut query = Query::new();
        query.ver = features.has::<RosterVersioning>().then(|| self.ver().into());
        query
    }

    /// The version of what is cached: that of the last roster push or result, or the empty
    /// string if nothing is (RFC 6121 §2.6.2).
    #[must_use]
    pub fn ver(&self) -> &str {
        self.ver.as_deref().unwrap_or_default()
    }

    /// Takes the result of a roster get: its query, or `None` if it was empty, which says
    /// that the cache is up to date but for the pushes that follow (RFC 6121 §2.6.3).
    ///
    /// # Errors
    ///
    /// There are too many items. The cache is as it was.
    pub fn result(&mut self, query: Option<Query>) -> Result<(), CacheError> {
        let Some(query) = query else { return Ok(()) };
        if query.items.len() > self.max_items {
            return Err(CacheError::TooManyItems { max: self.max_items });
        }
        let items = query.items.into_iter().map(|mut item| {
            // 6121-2.1.2.5-01: "MUST ignore values other than none, to, from, or both".
            item.subscription = item.subscription.filter(|s| *s != Subscription::Remove);
            (item.jid.clone(), item)
        });
        self.items = items.collect();
        self.ver = query.ver;
        Ok(())
    }

    /// Takes a roster push: an iq of type "set" with a roster query.
    ///
    /// If it counted, answer it with an empty result. If not, answer `service-unavailable`
    /// or, so as not to tell a stranger that you are there, not at all (RFC 6121 §2.1.6).
    ///
    /// # Errors
    ///
    /// It is from somebody else, or malformed. The cache is as it was.
    pub fn push(&mut self, iq: StanzaRef<'_>) -> Result<Push<'_>, CacheError> {
        // 6121-2.1.6-02: "MUST ignore the stanza unless it has no 'from' attribute […] or it
        // has a 'from' attribute whose value matches the user's bare JID".
        match iq.from() {
            AddressRef::Absent => {}
            AddressRef::Jid(jid) if jid.as_ref().as_str() == self.account.as_str() => {}
            _ => return Err(CacheError::NotFromOwnAccount),
        }
        let query = match iq.payload::<Query>() {
            Ok(Some(query)) if iq.iq_type() == Some(IqType::Set) => query,
            _ => return Err(CacheError::NotAPush),
        };
        let item = query.single().map_err(CacheError::Invalid)?.clone();
        let removed = item.subscription == Some(Subscription::Remove);
        let known = self.items.contains_key(item.jid.as_str());
        if !removed && !known && self.items.len() >= self.max_items {
            return Err(CacheError::TooManyItems { max: self.max_items });
        }
        if query.ver.is_some() {
            self.ver = query.ver;
        }
        self.items.remove(item.jid.as_str());
        if removed {
            return Ok(Push::Removed(item.jid));
        }
        Ok(Push::Item(self.items.entry(item.jid.clone()).or_insert(item)))
    }
}

/// What a roster push changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §2.1.6: created or updated, or deleted")]
pub enum Push<'a> {
    /// The item was added or updated.
    Item(&'a Item),
    /// The item of that address was removed.
    Removed(Jid),
}

/// Why a roster result or push does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheError {
    /// The push has a 'from' that is not the user's own bare JID.
    NotFromOwnAccount,
    /// It is no roster push.
    NotAPush,
    /// It has not exactly one item, or one that is none.
    Invalid(Invalid),
    /// More items than the cache may hold.
    TooManyItems {
        /// The limit.
        max: usize,
    },
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFromOwnAccount => {
                f.write_str("a roster push from somebody else (RFC 6121 section 2.1.6)")
            }
            Self::NotAPush => f.write_str("no roster push (RFC 6121 section 2.1.6)"),
            Self::Invalid(invalid) => write!(f, "{invalid}"),
            Self::TooManyItems { max } => write!(f, "more than {max} roster items"),
        }
    }
}

impl core::error::Error for CacheError {}
