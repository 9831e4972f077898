//! A client's copy of its roster: RFC 6121 §2.1.4, §2.1.6, §2.6.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::AddressRef;
use xmpp_xml::{ElementRef, ns};

use super::Item;

/// A client's copy of its roster.
///
/// Feed it the roster result that answers your own roster get (match it with
/// [`Requests`](crate::requests::Requests) first) and every roster push.
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

    /// The version to name in the next roster get: that of the last roster push or result,
    /// or the empty string if nothing is cached (RFC 6121 §2.6.2). Only for servers that
    /// advertise `urn:xmpp:features:rosterver`.
    #[must_use]
    pub fn ver(&self) -> &str {
        self.ver.as_deref().unwrap_or_default()
    }

    /// Takes the result of a roster get: its `<query/>`, or `None` if it was empty, which
    /// says that the cache is up to date but for the pushes that follow (RFC 6121 §2.6.3).
    ///
    /// # Errors
    ///
    /// An item is no item, or there are too many. The cache is as it was.
    pub fn result(&mut self, query: Option<ElementRef<'_>>) -> Result<(), CacheError> {
        let Some(query) = query else { return Ok(()) };
        if !query.is(ns::ROSTER, "query") {
            return Err(CacheError::NotARoster);
        }
        let mut items = BTreeMap::new();
        for element in query.children().filter(|c| c.is(ns::ROSTER, "item")) {
            let item = Item::parse(element).map_err(CacheError::Jid)?;
            if items.len() >= self.max_items && !items.contains_key(item.jid.as_str()) {
                return Err(CacheError::TooManyItems { max: self.max_items });
            }
            items.insert(item.jid.clone(), item);
        }
        self.items = items;
        self.ver = query.attr("ver").map(alloc::borrow::Cow::into_owned);
        Ok(())
    }

    /// Takes an iq of type "set" with a roster `<query/>`: a roster push.
    ///
    /// If it counted, answer it with an empty result. If not, answer `service-unavailable`
    /// or, so as not to tell a stranger that you are there, not at all (RFC 6121 §2.1.6).
    ///
    /// # Errors
    ///
    /// It is from somebody else, or malformed. The cache is as it was.
    pub fn push(&mut self, iq: ElementRef<'_>) -> Result<Push<'_>, CacheError> {
        // 6121-2.1.6: "MUST ignore the stanza unless it has no 'from' attribute […] or it
        // has a 'from' attribute whose value matches the user's bare JID".
        match AddressRef::from_attribute(iq.attr("from")) {
            AddressRef::Absent => {}
            AddressRef::Jid(jid) if jid.as_ref().as_str() == self.account.as_str() => {}
            _ => return Err(CacheError::NotFromOwnAccount),
        }
        let query = iq.child(ns::ROSTER, "query").ok_or(CacheError::NotARoster)?;
        if iq.name() != "iq" || iq.attr("type").as_deref() != Some("set") {
            return Err(CacheError::NotARoster);
        }
        let mut items = query.children().filter(|c| c.is(ns::ROSTER, "item"));
        let (Some(element), None) = (items.next(), items.next()) else {
            return Err(CacheError::NotOneItem);
        };
        let item = Item::parse(element).map_err(CacheError::Jid)?;
        let removed = element.attr("subscription").is_some_and(|s| s == "remove");
        let known = self.items.contains_key(item.jid.as_str());
        if !removed && !known && self.items.len() >= self.max_items {
            return Err(CacheError::TooManyItems { max: self.max_items });
        }
        if let Some(ver) = query.attr("ver") {
            self.ver = Some(ver.into_owned());
        }
        if removed {
            self.items.remove(item.jid.as_str());
            return Ok(Push::Removed(item.jid));
        }
        let jid = item.jid.clone();
        self.items.insert(jid.clone(), item);
        self.items.get(jid.as_str()).map(Push::Item).ok_or(CacheError::NotARoster)
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
    /// It is no roster result or push.
    NotARoster,
    /// The push has no item, or more than one.
    NotOneItem,
    /// An item's 'jid' attribute is missing or no address.
    Jid(Option<xmpp_jid::Error>),
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
            Self::NotARoster => f.write_str("neither a roster result nor a roster push"),
            Self::NotOneItem => f.write_str("a roster push has exactly one item"),
            Self::Jid(None) => f.write_str("a roster item has no 'jid' attribute"),
            Self::Jid(Some(error)) => write!(f, "a roster item's 'jid': {error}"),
            Self::TooManyItems { max } => write!(f, "more than {max} roster items"),
        }
    }
}

impl core::error::Error for CacheError {}
