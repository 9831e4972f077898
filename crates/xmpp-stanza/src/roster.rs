//! Rosters: RFC 6121, section 2.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::Jid;
use xmpp_xml::{Element, ElementRef, Ns, Sharing, WriteXml, Writer, ns};

use crate::invalid::Rule;
use crate::words::words;
use crate::{Invalid, Payload, address, envelope};

/// `<query/>`: a roster, or the change of one item.
///
/// A get has no items, a set and a push have one ([`single`](Self::single)), a
/// result has them all.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Query {
    /// The version of the roster (RFC 6121, section 2.6). In a get, the one
    /// that the client has, empty if it has none; absent where versions are
    /// not used.
    pub ver: Option<String>,
    /// The items, in the order of the document.
    pub items: Vec<Item>,
    /// The items that are none, because their address is missing or malformed.
    ///
    /// They are beside the others so that one item that a contact's server
    /// let through does not cost a client its roster. They are not written.
    pub malformed: Vec<(Element, Invalid)>,
}

/// `<item/>`: a contact (RFC 6121, section 2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Who it is.
    pub jid: Jid,
    /// The name that the user has given them.
    pub name: Option<String>,
    /// The state of the subscription; `None` where it is not said.
    ///
    /// Values that RFC 6121 does not have are ignored (`6121-2.1.2.5-01`).
    pub subscription: Option<Subscription>,
    /// Whether the user has asked for a subscription and has no answer yet.
    pub ask: bool,
    /// Whether the user has approved a subscription that has not been asked
    /// for yet (RFC 6121, section 3.4).
    pub approved: bool,
    /// The groups that the contact is in.
    pub groups: Vec<String>,
}

words! {
    /// The `subscription` of an item (RFC 6121, section 2.1.2.5).
    pub enum Subscription {
        /// Each receives the other's presence.
        Both = "both",
        /// The contact receives the user's presence.
        From = "from",
        /// Neither receives the other's presence.
        None = "none",
        /// In a set: to be removed; in a push: has been removed.
        Remove = "remove",
        /// The user receives the contact's presence.
        To = "to",
    }
}

impl Query {
    /// A get from a client that uses no versions; an empty roster.
    #[must_use]
    pub const fn new() -> Self {
        Self { ver: None, items: Vec::new(), malformed: Vec::new() }
    }

    /// A push. A client's set is better made by [`set`](Self::set).
    #[must_use]
    pub fn of(item: Item) -> Self {
        Self { items: alloc::vec![item], ..Self::new() }
    }

    /// A client's set: of an item of its roster, say, that the user has changed. What only
    /// the server says of an item is left out: `ask`, `approved`, and any subscription but
    /// `remove` (RFC 6121, sections 2.1.2.1, 2.1.2.2 and 2.1.5).
    ///
    /// ```
    /// use xmpp_stanza::roster::{Item, Query, Subscription};
    ///
    /// let mut romeo = Item::new("romeo@example.net".parse::<xmpp_jid::Jid>()?);
    /// (romeo.subscription, romeo.ask) = (Some(Subscription::From), true);
    /// romeo.name = Some("Romeo".into());
    /// let item = Query::set(romeo).single()?.clone();
    /// assert_eq!((item.subscription, item.ask), (None, false));
    /// assert_eq!(item.name.as_deref(), Some("Romeo"));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub fn set(mut item: Item) -> Self {
        (item.ask, item.approved) = (false, false);
        item.subscription = item.subscription.filter(|s| *s == Subscription::Remove);
        Self::of(item)
    }

    /// Returns this value with that version.
    #[must_use]
    pub fn with_ver(mut self, ver: impl Into<String>) -> Self {
        self.ver = Some(ver.into());
        self
    }

    /// Returns this value with that item too.
    #[must_use]
    pub fn with_item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// The one item of a set or a push.
    ///
    /// # Errors
    ///
    /// If there is not exactly one (`6121-2.1.5-01`, `6121-2.1.6-01`), or it is
    /// malformed.
    pub fn single(&self) -> Result<&Item, Invalid> {
        let invalid = |rule| Invalid::new("query", rule, "RFC 6121, 2.1.5");
        match (self.items.as_slice(), self.malformed.as_slice()) {
            ([item], []) => Ok(item),
            ([], [(_, reason)]) => Err(reason.clone()),
            ([], []) => Err(invalid(Rule::MissingChild("item"))),
            _ => Err(invalid(Rule::TooManyChildren(1))),
        }
    }
}

impl Item {
    /// A contact without a name, in no group.
    #[must_use]
    pub fn new(jid: impl Into<Jid>) -> Self {
        Self {
            jid: jid.into(),
            name: None,
            subscription: None,
            ask: false,
            approved: false,
            groups: Vec::new(),
        }
    }

    /// The item to be removed, of a set; that has been removed, of a push.
    #[must_use]
    pub fn removal(jid: impl Into<Jid>) -> Self {
        Self { subscription: Some(Subscription::Remove), ..Self::new(jid) }
    }

    /// Returns this value with that name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns this item with that state of subscription.
    #[must_use]
    pub const fn with_subscription(mut self, subscription: Subscription) -> Self {
        self.subscription = Some(subscription);
        self
    }

    /// Returns this item with one more group.
    #[must_use]
    pub fn with_group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Reads an `<item/>` of the roster's namespace.
    ///
    /// # Errors
    ///
    /// If it is another element, has no address (`6121-2.1.2.3-01`) or a
    /// malformed one, or if a `<group/>` has child elements.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        if !element.is(ns::ROSTER, "item") {
            return Err(
                Invalid::new("item", Rule::WrongElement, "RFC 6121, 2.1.2").found(element.name())
            );
        }
        let jid = address::required(element.attr("jid"), "item", "jid", "RFC 6121, 2.1.2.3")?;
        let groups = element
            .children()
            .filter(|child| child.is(ns::ROSTER, "group"))
            .map(|group| envelope::text(group, "group", "RFC 6121, 2.1.2.6").map(Cow::into_owned))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            jid,
            name: element.attr("name").map(Cow::into_owned),
            subscription: element.attr("subscription").and_then(|s| Subscription::from_name(&s)),
            ask: element.attr("ask").as_deref() == Some("subscribe"),
            approved: element.attr("approved").and_then(|b| envelope::boolean(&b)) == Some(true),
            groups,
        })
    }
}

impl Payload<'_> for Query {
    const NS: Ns<'static> = ns::ROSTER;
    const NAME: &'static str = "query";

    /// Reads a `<query/>`.
    ///
    /// # Errors
    ///
    /// Only if it is another element: items that are malformed go to
    /// [`malformed`](Query::malformed).
    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut query = Self { ver: element.attr("ver").map(Cow::into_owned), ..Self::new() };
        let mut sharing = Sharing::new(element);
        for child in element.children().filter(|child| child.is(ns::ROSTER, "item")) {
            match Item::parse(child) {
                Ok(item) => query.items.push(item),
                Err(reason) => query.malformed.push((sharing.share(child), reason)),
            }
        }
        Ok(query)
    }
}

impl WriteXml for Query {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        w.attr_opt("ver", self.ver.as_deref());
        for item in &self.items {
            w.write(item);
        }
        w.end();
    }
}

impl WriteXml for Item {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::ROSTER, "item");
        w.attr("jid", self.jid.as_str());
        w.attr_opt("name", self.name.as_deref());
        w.attr_opt("subscription", self.subscription.map(Subscription::as_str));
        if self.ask {
            w.attr("ask", "subscribe");
        }
        if self.approved {
            w.attr("approved", "true");
        }
        for group in &self.groups {
            w.leaf(ns::ROSTER, "group", group);
        }
        w.end();
    }
}
