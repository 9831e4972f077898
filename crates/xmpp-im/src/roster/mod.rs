//! Rosters of both sides: RFC 6121 §2.
//!
//! A server keeps a [`Roster`] for each account. It holds the roster items, the requests
//! that wait for the user's answer, and as much of its history as roster versions need; it
//! says what changed, and sending is the caller's. [`RosterSet`] is a client's request,
//! checked by the rules of RFC 6121 §2.3.3.
//!
//! A client keeps a [`RosterCache`]: what the server told it, and only what its own
//! account's server told it.
//!
//! ```
//! use xmpp_im::roster::{Limits, Roster, RosterSet};
//! use xmpp_xml::Element;
//!
//! let query = Element::parse(
//!     "<query xmlns='jabber:iq:roster'>
//!        <item jid='nurse@example.com' name='Nurse'><group>Servants</group></item>
//!      </query>",
//! )?;
//! let limits = Limits::default();
//! let mut roster = Roster::new(1, limits);
//! let set = RosterSet::parse(query.as_ref(), &limits)?;
//! let item = roster.set(set)?;
//! assert_eq!(item.name, "Nurse");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod cache;
mod item;
mod query;
mod set;
mod version;

use alloc::collections::{BTreeMap, VecDeque};
use core::fmt;

use xmpp_jid::{BareJid, Jid};
use xmpp_xml::{Element, ElementRef};

use crate::subscription::{Inbound, Outbound, Subscription, SubscriptionType};

pub use cache::{CacheError, Push, RosterCache};
pub use item::Item;
pub use query::{QueryPush, QueryResult};
pub use set::{RosterSet, SetError};
pub use version::{Change, Changes, Ver};

/// The roster of one account at its server.
#[derive(Clone, Debug)]
pub struct Roster {
    entries: BTreeMap<Jid, Entry>,
    /// Entries that are roster items, and the bytes of their texts.
    items: usize,
    item_bytes: usize,
    /// Requests that wait, and the bytes that they hold.
    requests: usize,
    request_bytes: usize,
    instance: u64,
    version: u64,
    /// Items removed, oldest first, with the version that removed them.
    removed: VecDeque<(u64, Jid)>,
    /// Removals up to this version are forgotten.
    forgotten: u64,
    limits: Limits,
}

/// A roster item, or merely a request of somebody who is in no roster (Appendix A.1).
#[derive(Clone, Debug)]
struct Entry {
    item: Item,
    listed: bool,
    /// The version that changed the item last.
    version: u64,
    /// The contact's request as it came, while the state is "Pending In" (RFC 6121 §3.1.3).
    request: Option<Element>,
}

/// Limits on what an account can make its server keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Roster items. Default 1000.
    pub max_items: usize,
    /// Bytes of the addresses, names and groups of all roster items. Default 524,288.
    pub max_item_bytes: usize,
    /// Bytes of the 'name' attribute (RFC 6121 §2.3.3). Default 1023, as for the parts of
    /// an address.
    pub max_name_bytes: usize,
    /// Groups of an item. Default 50.
    pub max_groups: usize,
    /// Bytes of a group's name (RFC 6121 §2.3.3). Default 1023.
    pub max_group_bytes: usize,
    /// Subscription requests that wait for the user (RFC 6121 §3.1.3, security warning).
    /// Default 100.
    pub max_requests: usize,
    /// Bytes of memory that all subscription requests that wait hold, which can be several
    /// times what was received: see [`Element::held_bytes`]. Default 262,144.
    pub max_request_bytes: usize,
    /// Removed items that are remembered, so that a client with an older version of the
    /// roster learns of them by roster pushes; a client that is further behind gets the
    /// whole roster. Default 100.
    pub max_removed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_items: 1000,
            max_item_bytes: 524_288,
            max_name_bytes: 1023,
            max_groups: 50,
            max_group_bytes: 1023,
            max_requests: 100,
            max_request_bytes: 262_144,
            max_removed: 100,
        }
    }
}

impl Roster {
    /// An empty roster.
    ///
    /// `instance` tells its versions from those of another roster of the same account: draw
    /// it at random whenever a roster begins anew, as one in memory does at each start.
    #[must_use]
    pub const fn new(instance: u64, limits: Limits) -> Self {
        Self {
            entries: BTreeMap::new(),
            items: 0,
            item_bytes: 0,
            requests: 0,
            request_bytes: 0,
            instance,
            version: 0,
            removed: VecDeque::new(),
            forgotten: 0,
            limits,
        }
    }

    /// The number of roster items.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items
    }

    /// Whether there are no roster items.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// The roster items, ordered by their addresses.
    pub fn items(&self) -> impl Iterator<Item = &Item> + Clone {
        self.entries.values().filter(|e| e.listed).map(|e| &e.item)
    }

    /// The roster item of that address (in canonical form).
    #[must_use]
    pub fn item(&self, jid: &str) -> Option<&Item> {
        self.entries.get(jid).filter(|e| e.listed).map(|e| &e.item)
    }

    /// The subscription with that contact; the default for one that is unknown.
    #[must_use]
    pub fn subscription(&self, contact: &str) -> Subscription {
        self.entries.get(contact).map(|e| e.item.subscription).unwrap_or_default()
    }

    /// The contacts that are subscribed to the user's presence: to them it is broadcast.
    pub fn subscribers(&self) -> impl Iterator<Item = &Jid> + Clone {
        self.entries.values().filter(|e| e.item.subscription.state.has_from()).map(|e| &e.item.jid)
    }

    /// The contacts to whose presence the user is subscribed: they are probed.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Jid> + Clone {
        self.entries.values().filter(|e| e.item.subscription.state.has_to()).map(|e| &e.item.jid)
    }

    /// The contacts whose answer to a subscription request the user waits for
    /// (RFC 6121 §3.1.2).
    pub fn asked(&self) -> impl Iterator<Item = &Jid> + Clone {
        let entries = self.entries.values();
        entries.filter(|e| e.item.subscription.state.is_pending_out()).map(|e| &e.item.jid)
    }

    /// The subscription requests that wait for the user's answer, with their senders: each
    /// new available resource gets them (RFC 6121 §3.1.3).
    pub fn requests(&self) -> impl Iterator<Item = (&Jid, &Element)> + Clone {
        self.entries.values().filter_map(|e| e.request.as_ref().map(|r| (&e.item.jid, r)))
    }

    /// Adds or updates an item as a roster set asks (RFC 6121 §2.3, §2.4), and gives the
    /// item to push. A [removal](RosterSet::Remove) is for [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// The roster is full, or the set asks for a removal and there is no such item.
    pub fn set(&mut self, set: RosterSet) -> Result<&Item, SetError> {
        let (jid, name, groups) = match set {
            RosterSet::Update { jid, name, groups } => (jid, name, groups),
            RosterSet::Remove { .. } => return Err(SetError::NotAnUpdate),
        };
        let before = self.item(jid.as_str()).map(Item::bytes);
        let item = Item { jid, name, groups, subscription: Subscription::default() };
        let bytes = self.item_bytes - before.unwrap_or(0) + item.bytes();
        if before.is_none() && self.items >= self.limits.max_items
            || bytes > self.limits.max_item_bytes
        {
            return Err(SetError::RosterFull);
        }
        self.item_bytes = bytes;
        self.version += 1;
        let Item { jid, name, groups, .. } = item;
        let entry = self.entries.entry(jid).or_insert_with_key(Entry::unlisted);
        entry.item.name = name;
        entry.item.groups = groups;
        entry.version = self.version;
        if !entry.listed {
            entry.listed = true;
            self.items += 1;
        }
        Ok(&entry.item)
    }

    /// Removes an item (RFC 6121 §2.5), and tells the subscription that it had.
    ///
    /// The server has to send the contact what ends the subscription:
    /// [`Removed::stanzas`](Removed).
    ///
    /// # Errors
    ///
    /// There is no such item.
    pub fn remove(&mut self, jid: &str) -> Result<Removed, SetError> {
        if self.item(jid).is_none() {
            return Err(SetError::NotInRoster);
        }
        let Some(entry) = self.entries.remove(jid) else { return Err(SetError::NotInRoster) };
        self.items -= 1;
        self.item_bytes -= entry.item.bytes();
        self.forget_request(entry.request.as_ref());
        self.version += 1;
        self.removed.push_back((self.version, entry.item.jid.clone()));
        while self.removed.len() > self.limits.max_removed {
            if let Some((version, _)) = self.removed.pop_front() {
                self.forgotten = version;
            }
        }
        Ok(Removed { jid: entry.item.jid, subscription: entry.item.subscription })
    }

    /// Whether [`outbound`](Self::outbound) would have room for what it has to keep.
    ///
    /// # Errors
    ///
    /// The roster is full, and the contact would need a new item.
    pub fn check_outbound(
        &self,
        contact: &BareJid,
        stanza: SubscriptionType,
    ) -> Result<(), RosterFull> {
        let listed = self.item(contact.as_str()).is_some();
        let outcome = self.subscription(contact.as_str()).outbound(stanza);
        if outcome.push && !listed {
            if self.items >= self.limits.max_items {
                return Err(RosterFull { limit: "roster items", max: self.limits.max_items });
            }
            if self.item_bytes + contact.as_str().len() > self.limits.max_item_bytes {
                let max = self.limits.max_item_bytes;
                return Err(RosterFull { limit: "bytes of roster items", max });
            }
        }
        Ok(())
    }

    /// The user sends the contact a subscription stanza (Appendix A.2). If the outcome says
    /// so, push the [item](Self::item), which is a new one where there was none.
    ///
    /// # Errors
    ///
    /// As for [`check_outbound`](Self::check_outbound); nothing has changed then.
    pub fn outbound(
        &mut self,
        contact: &BareJid,
        stanza: SubscriptionType,
    ) -> Result<Outbound, RosterFull> {
        self.check_outbound(contact, stanza)?;
        let outcome = self.subscription(contact.as_str()).outbound(stanza);
        self.update(contact, outcome.next, outcome.push, None);
        Ok(outcome)
    }

    /// Whether [`inbound`](Self::inbound) would have room for what it has to keep.
    ///
    /// # Errors
    ///
    /// It is a request that would wait, and too much waits already.
    pub fn check_inbound(
        &self,
        contact: &BareJid,
        stanza: SubscriptionType,
        element: ElementRef<'_>,
    ) -> Result<(), RosterFull> {
        let before = self.subscription(contact.as_str());
        let next = before.inbound(stanza).next;
        if !before.state.is_pending_in() && next.state.is_pending_in() {
            if self.requests >= self.limits.max_requests {
                let max = self.limits.max_requests;
                return Err(RosterFull { limit: "subscription requests", max });
            }
            let max = self.limits.max_request_bytes;
            let fits = |bytes| self.request_bytes.saturating_add(bytes) <= max;
            // What is too long as a text is not copied.
            if !(fits(element.source().len()) && fits(element.into_shared().held_bytes())) {
                return Err(RosterFull { limit: "bytes of subscription requests", max });
            }
        }
        Ok(())
    }

    /// The contact sends the user a subscription stanza (Appendix A.3): `element`, which is
    /// kept if it is a request that has to wait.
    ///
    /// # Errors
    ///
    /// As for [`check_inbound`](Self::check_inbound); nothing has changed then.
    pub fn inbound(
        &mut self,
        contact: &BareJid,
        stanza: SubscriptionType,
        element: ElementRef<'_>,
    ) -> Result<Inbound, RosterFull> {
        self.check_inbound(contact, stanza, element)?;
        let outcome = self.subscription(contact.as_str()).inbound(stanza);
        self.update(contact, outcome.next, outcome.push, Some(element));
        Ok(outcome)
    }

    /// The server answers the contact's stanza on the user's behalf, or the contact's
    /// answer came without an element worth keeping: as [`inbound`](Self::inbound), for
    /// stanzas that are never kept.
    pub fn inbound_reply(&mut self, contact: &BareJid, stanza: SubscriptionType) -> Inbound {
        let outcome = self.subscription(contact.as_str()).inbound(stanza);
        self.update(contact, outcome.next, outcome.push, None);
        outcome
    }

    /// An error came back for a subscription stanza that the user sent the contact: see
    /// [`Subscription::inbound_error`].
    pub fn inbound_error(&mut self, contact: &BareJid) -> Inbound {
        let outcome = self.subscription(contact.as_str()).inbound_error();
        self.update(contact, outcome.next, outcome.push, None);
        outcome
    }

    fn update(
        &mut self,
        contact: &BareJid,
        next: Subscription,
        push: bool,
        request: Option<ElementRef<'_>>,
    ) {
        let known = self.entries.contains_key(contact.as_str());
        // Nothing has changed, and nothing is made for it.
        if !known && next == Subscription::default() {
            return;
        }
        let jid = Jid::from(contact.clone());
        let entry = self.entries.entry(jid).or_insert_with_key(Entry::unlisted);
        entry.item.subscription = next;
        if push {
            self.version += 1;
            entry.version = self.version;
            if !entry.listed {
                entry.listed = true;
                self.items += 1;
                self.item_bytes += entry.item.bytes();
            }
        }
        let mut answered = None;
        if !next.state.is_pending_in() {
            answered = entry.request.take();
        } else if entry.request.is_none()
            && let Some(request) = request
        {
            let request = request.into_shared();
            self.requests += 1;
            self.request_bytes += request.held_bytes();
            entry.request = Some(request);
        }
        if !entry.listed && next == Subscription::default() {
            self.entries.remove(contact.as_str());
        }
        self.forget_request(answered.as_ref());
    }

    fn forget_request(&mut self, request: Option<&Element>) {
        if let Some(request) = request {
            self.requests = self.requests.saturating_sub(1);
            self.request_bytes = self.request_bytes.saturating_sub(request.held_bytes());
        }
    }
}

impl Entry {
    fn unlisted(jid: &Jid) -> Self {
        Self { item: Item::new(jid.clone()), listed: false, version: 0, request: None }
    }
}

/// A removed roster item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Its address.
    pub jid: Jid,
    /// The subscription that it had.
    pub subscription: Subscription,
}

impl Removed {
    /// What the server sends the contact to end the subscription, in this order
    /// (RFC 6121 §2.5.2). A pending request of either side ends with it: it could not be
    /// answered any more.
    pub fn stanzas(&self) -> impl Iterator<Item = SubscriptionType> + Clone {
        let state = self.subscription.state;
        let unsubscribe = state.has_to() || state.is_pending_out();
        let unsubscribed = state.has_from() || state.is_pending_in();
        [
            unsubscribe.then_some(SubscriptionType::Unsubscribe),
            unsubscribed.then_some(SubscriptionType::Unsubscribed),
        ]
        .into_iter()
        .flatten()
    }
}

/// There is no room for what a subscription stanza needs kept.
///
/// The sender gets the stanza error `resource-constraint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RosterFull {
    /// What there are too many of.
    pub limit: &'static str,
    /// How many there may be.
    pub max: usize,
}

impl fmt::Display for RosterFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} {}", self.max, self.limit)
    }
}

impl core::error::Error for RosterFull {}
