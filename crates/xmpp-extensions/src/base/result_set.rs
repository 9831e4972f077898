//! Result set management: XEP-0059.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// Which page of a result is asked for, or which one this is (XEP-0059, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::RSM, name = "set", section = "XEP-0059, 2")]
#[non_exhaustive]
pub struct ResultSet<'a> {
    /// In a request: the page behind the item of this id.
    #[xml(leaf)]
    pub after: Option<Cow<'a, str>>,
    /// In a request: the page before the item of this id; the last page, if empty.
    #[xml(leaf)]
    pub before: Option<Cow<'a, str>>,
    /// In an answer: how many items there are in all.
    #[xml(leaf)]
    pub count: Option<u64>,
    /// In an answer: the first item of this page.
    #[xml(child)]
    pub first: Option<First<'a>>,
    /// In a request: the page that begins with the item of this number.
    #[xml(leaf)]
    pub index: Option<u64>,
    /// In an answer: the id of the last item of this page.
    #[xml(leaf)]
    pub last: Option<Cow<'a, str>>,
    /// In a request: how many items a page may have.
    #[xml(leaf)]
    pub max: Option<u64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The first item of a page (XEP-0059, 2.6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::RSM, name = "first", section = "XEP-0059, 2.6")]
#[non_exhaustive]
pub struct First<'a> {
    /// Its number among all items, from 0; it may be off by a little.
    #[xml(attr)]
    pub index: Option<u64>,
    /// Its id.
    #[xml(text)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> ResultSet<'a> {
    /// A request for the first page, of at most `max` items.
    #[must_use]
    pub fn first_page(max: u64) -> Self {
        Self::new().with_max(max)
    }

    /// A request for the last page (XEP-0059, 2.5).
    #[must_use]
    pub fn last_page(max: u64) -> Self {
        Self::new().with_max(max).with_before("")
    }

    /// A request for the page behind this one; `None` if this one is empty.
    #[must_use]
    pub fn next_page(&self, max: u64) -> Option<ResultSet<'_>> {
        let last = self.last.as_deref()?;
        Some(ResultSet::new().with_max(max).with_after(last))
    }

    /// A request for the page before this one; `None` if this one is empty.
    #[must_use]
    pub fn previous_page(&self, max: u64) -> Option<ResultSet<'_>> {
        let first = &*self.first.as_ref()?.id;
        Some(ResultSet::new().with_max(max).with_before(first))
    }
}
