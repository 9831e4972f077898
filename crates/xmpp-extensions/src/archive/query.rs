//! Message archive management: XEP-0313 (and XEP-0442, archives of nodes).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{DateTime, JidCow, Payload, Rest};

use crate::base::forms::{Form, FormKind, form_fields};
use crate::base::forwarding::Forwarded;
use crate::base::order::Order;
use crate::base::result_set::ResultSet;

/// The feature of archives that have all of [`Filter`] and
/// [`flip_page`](Query::flip_page) (XEP-0313, 7).
pub const EXTENDED: &str = "urn:xmpp:mam:2#extended";

/// Asks an archive (XEP-0313, 4). As a `get`, without anything in it, it asks
/// for the form of the fields (4.1.5).
///
/// ```
/// use xmpp_extensions::archive::query::{Filter, Query};
/// use xmpp_extensions::base::result_set::ResultSet;
/// use xmpp_jid::Jid;
/// use xmpp_stanza::JidCow;
///
/// // The last 50 messages with Juliet.
/// let mut filter = Filter::default();
/// filter.with = Some(JidCow::Owned(Jid::new("juliet@capulet.lit")?));
/// let query = Query::of(&filter).with_queryid("f27").with_set(ResultSet::last_page(50));
/// # Ok::<(), xmpp_jid::Error>(())
/// ```
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MAM, name = "query", section = "XEP-0313, 4")]
#[non_exhaustive]
pub struct Query<'a> {
    /// What the results have as [`queryid`](ArchivedStanza::queryid).
    #[xml(attr)]
    pub queryid: Option<Cow<'a, str>>,
    /// The node whose archive it is (XEP-0442, 2).
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// Which messages are wanted; see [`Filter`].
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// In which order they are wanted (XEP-0413).
    #[xml(child)]
    pub order: Vec<Order<'a>>,
    /// Which page is wanted.
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// Whether the page is wanted with the newest first (4.3.4).
    #[xml(flag)]
    pub flip_page: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

form_fields! {
    /// Which messages are wanted (XEP-0313, 4.1): all of what is set has to
    /// hold.
    Filter = "urn:xmpp:mam:2";
    /// Only messages from or to that address; a bare one means all its resources.
    with: one JidCow<'a> = "with",
    /// Only messages of that moment and after.
    start: one DateTime = "start",
    /// Only messages of that moment and before.
    end: one DateTime = "end",
    /// Only messages before the one that has this id in the archive.
    before_id: one Cow<'a, str> = "before-id",
    /// Only messages after the one that has this id in the archive.
    after_id: one Cow<'a, str> = "after-id",
    /// Only the messages that have these ids; a missing one is an error.
    ids: many Cow<'a, str> = "ids",
    /// Whether messages of rooms are wanted too (4.1.4).
    include_groupchat: one bool = "include-groupchat",
}

/// A message of an archive (XEP-0313, 4.2), in a message from the archive.
///
/// It counts only from an archive that one has asked, with the `queryid` that
/// one has given.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::MAM, name = "result", section = "XEP-0313, 4.2")]
#[non_exhaustive]
pub struct ArchivedStanza<'a> {
    /// Its id in the archive.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// The `queryid` of the query.
    #[xml(attr)]
    pub queryid: Option<Cow<'a, str>>,
    /// The message, and when it came.
    #[xml(child)]
    pub forwarded: Forwarded<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The end of a page (XEP-0313, 4.2), which is the answer to the query.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MAM, name = "fin", section = "XEP-0313, 4.2")]
#[non_exhaustive]
pub struct Fin<'a> {
    /// Whether there are no more pages in the direction of the query.
    #[xml(attr, default)]
    pub complete: bool,
    /// Whether another query would get the same: it would, if this is not
    /// there.
    #[xml(attr)]
    pub stable: Option<bool>,
    /// The ends of the page.
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an archive holds; the request for it, if it is empty (XEP-0313, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::MAM, name = "metadata", section = "XEP-0313, 5")]
#[non_exhaustive]
pub struct Metadata<'a> {
    /// The oldest message.
    #[xml(child)]
    pub start: Option<ArchiveStart<'a>>,
    /// The newest message.
    #[xml(child)]
    pub end: Option<ArchiveEnd<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The oldest message of an archive (XEP-0313, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::MAM, name = "start", section = "XEP-0313, 5")]
#[non_exhaustive]
pub struct ArchiveStart<'a> {
    /// Its id in the archive.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// When it came.
    #[xml(attr)]
    pub timestamp: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The newest message of an archive (XEP-0313, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::MAM, name = "end", section = "XEP-0313, 5")]
#[non_exhaustive]
pub struct ArchiveEnd<'a> {
    /// Its id in the archive.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// When it came.
    #[xml(attr)]
    pub timestamp: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> Query<'a> {
    /// Asks for those messages.
    #[must_use]
    pub fn of(filter: &Filter<'a>) -> Self {
        Self::new().with_form(filter.to_form(FormKind::Submit))
    }

    /// Asks for the first page of what came after the message of that id in the
    /// archive: what a client does that comes back (XEP-0313, 6.3).
    #[must_use]
    pub fn since(id: impl Into<Cow<'a, str>>, max: u64) -> Self {
        Self::new().with_set(ResultSet::new().with_max(max).with_after(id))
    }

    /// Asks for the page behind the one that this query got, in its direction:
    /// backwards, if it asked for a page before something. `None` if that was
    /// the last one.
    ///
    /// ```
    /// use xmpp_extensions::archive::query::{Fin, Query};
    /// use xmpp_extensions::base::result_set::{First, ResultSet};
    ///
    /// let query = Query::since("28482-98726-73623", 10);
    /// let page = ResultSet::new().with_first(First::new("28482-98726-73624")).with_last("09af3-cc343-b409f");
    /// let fin = Fin::new().with_set(page);
    /// let next = query.next_page(&fin).ok_or("no more")?;
    /// assert_eq!(next.set.and_then(|set| set.after).as_deref(), Some("09af3-cc343-b409f"));
    /// assert!(query.next_page(&fin.with_complete(true)).is_none());
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn next_page(&self, fin: &Fin<'a>) -> Option<Self> {
        let page = fin.set.as_ref().filter(|_| !fin.complete)?;
        let asked = self.set.as_ref();
        let mut set = ResultSet::new();
        set.max = asked.and_then(|asked| asked.max);
        if asked.is_some_and(|asked| asked.before.is_some()) {
            set.before = Some(page.first.as_ref()?.id.clone());
        } else {
            set.after = Some(page.last.clone()?);
        }
        let mut next = self.clone();
        next.set = Some(set);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::result_set::First;
    use xmpp_stanza::xml::Element;

    #[test]
    fn a_filter_is_the_form_of_the_examples() {
        // XEP-0313, examples 7 and 10 to 12.
        let element = Element::parse(
            "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>
              <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>
              <field var='start'><value>2010-06-07T00:00:00Z</value></field>
              <field var='end'><value>2010-07-07T13:23:54Z</value></field>
              <field var='after-id'><value>28482-98726-73623</value></field>
              <field var='ids'><value>a</value><value>b</value></field>
              <field var='include-groupchat'><value>true</value></field></x></query>",
        )
        .unwrap();
        let query = Query::parse(element.as_ref()).unwrap();
        let form = query.form.as_ref().unwrap();
        let filter = Filter::from_form(form).unwrap();
        assert_eq!(filter.start.unwrap().unix_seconds(), 1_275_868_800);
        assert_eq!(filter.after_id.as_deref(), Some("28482-98726-73623"));
        assert_eq!((filter.ids.len(), filter.include_groupchat), (2, Some(true)));
        assert!(filter.others.is_empty());
        let again = Query::of(&filter);
        assert_eq!(Filter::from_form(again.form.as_ref().unwrap()), Some(filter.clone()));
    }

    #[test]
    fn backwards_page_by_page() {
        // XEP-0313, 4.3.3: "<before/>" asks for the last page.
        let query = Query::new().with_queryid("q").with_set(ResultSet::last_page(10));
        let page = ResultSet::new().with_first(First::new("7")).with_last("16");
        let fin = Fin::new().with_set(page);
        let next = query.next_page(&fin).unwrap();
        assert_eq!(next.queryid.as_deref(), Some("q"));
        let set = next.set.as_ref().unwrap();
        assert_eq!(
            (set.before.as_deref(), set.after.as_deref(), set.max),
            (Some("7"), None, Some(10))
        );
        // And on from there.
        let page = ResultSet::new().with_first(First::new("1")).with_last("6");
        let last = next.next_page(&Fin::new().with_set(page)).unwrap();
        assert_eq!(last.set.unwrap().before.as_deref(), Some("1"));
        // An empty page is the last one, whatever it says.
        assert!(query.next_page(&Fin::new().with_set(ResultSet::new())).is_none());
        assert!(query.next_page(&Fin::new()).is_none());
    }
}
