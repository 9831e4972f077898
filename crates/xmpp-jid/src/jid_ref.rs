//! Addresses that borrow their text.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::error::{Error, Part, Rule};
use crate::parse;
use crate::part::{DomainpartRef, LocalpartRef, ResourcepartRef};

/// A borrowed address in canonical form, with or without resourcepart.
///
/// To make one costs a scan and no allocation.
#[derive(Clone, Copy)]
pub struct JidRef<'a> {
    text: &'a str,
    spans: Spans,
}

/// A borrowed [`BareJid`](crate::BareJid).
#[derive(Clone, Copy)]
pub struct BareJidRef<'a>(JidRef<'a>);

/// A borrowed [`FullJid`](crate::FullJid).
#[derive(Clone, Copy)]
pub struct FullJidRef<'a>(JidRef<'a>);

/// Where the parts are. A part has at most 1023 bytes, so 16 bits do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spans {
    /// The length of the localpart, 0 if there is none.
    pub(crate) at: u16,
    /// The length without the resourcepart and its slash.
    pub(crate) bare_len: u16,
}

impl<'a> JidRef<'a> {
    /// Borrows `text`, which must be in canonical form already.
    ///
    /// # Errors
    ///
    /// As for [`Jid::new`](crate::Jid::new), and [`Rule::NotCanonical`] where
    /// that would have changed the text.
    pub fn new(text: &'a str) -> Result<Self, Error> {
        parse::jid_ref(text)
    }

    pub(crate) const fn from_prepared(text: &'a str, spans: Spans) -> Self {
        Self { text, spans }
    }

    pub(crate) const fn spans(self) -> Spans {
        self.spans
    }

    /// The address, which lives as long as what it was borrowed from.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.text
    }

    /// The localpart, if there is one.
    #[must_use]
    pub fn localpart(self) -> Option<LocalpartRef<'a>> {
        match self.spans.at {
            0 => None,
            at => Some(LocalpartRef::prepared(self.text.get(..at.into()).unwrap_or_default())),
        }
    }

    /// The domainpart.
    #[must_use]
    pub fn domainpart(self) -> DomainpartRef<'a> {
        let start = usize::from(self.spans.at) + usize::from(self.spans.at != 0);
        DomainpartRef::prepared(
            self.text.get(start..self.spans.bare_len.into()).unwrap_or_default(),
        )
    }

    /// The resourcepart, if there is one.
    #[must_use]
    pub fn resourcepart(self) -> Option<ResourcepartRef<'a>> {
        self.text.get(usize::from(self.spans.bare_len) + 1..).map(ResourcepartRef::prepared)
    }

    /// Whether there is no resourcepart.
    #[must_use]
    pub const fn is_bare(self) -> bool {
        self.text.len() == self.spans.bare_len as usize
    }

    /// Whether there is a resourcepart.
    #[must_use]
    pub const fn is_full(self) -> bool {
        !self.is_bare()
    }

    /// This address without its resourcepart.
    #[must_use]
    pub fn to_bare(self) -> BareJidRef<'a> {
        let text = self.text.get(..self.spans.bare_len.into()).unwrap_or_default();
        BareJidRef(Self { text, spans: self.spans })
    }
}

impl<'a> BareJidRef<'a> {
    /// Borrows `text`, which must be in canonical form already.
    ///
    /// # Errors
    ///
    /// As for [`JidRef::new`], and [`Rule::ResourcepartPresent`].
    pub fn new(text: &'a str) -> Result<Self, Error> {
        JidRef::new(text)?.try_into()
    }

    pub(crate) const fn from_bare(jid: JidRef<'a>) -> Self {
        Self(jid)
    }

    /// The address, which lives as long as what it was borrowed from.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0.text
    }

    /// The localpart, if there is one.
    #[must_use]
    pub fn localpart(self) -> Option<LocalpartRef<'a>> {
        self.0.localpart()
    }

    /// The domainpart.
    #[must_use]
    pub fn domainpart(self) -> DomainpartRef<'a> {
        self.0.domainpart()
    }
}

impl<'a> FullJidRef<'a> {
    /// Borrows `text`, which must be in canonical form already.
    ///
    /// # Errors
    ///
    /// As for [`JidRef::new`], and [`Rule::ResourcepartMissing`].
    pub fn new(text: &'a str) -> Result<Self, Error> {
        JidRef::new(text)?.try_into()
    }

    pub(crate) const fn from_full(jid: JidRef<'a>) -> Self {
        Self(jid)
    }

    /// The address, which lives as long as what it was borrowed from.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0.text
    }

    /// The localpart, if there is one.
    #[must_use]
    pub fn localpart(self) -> Option<LocalpartRef<'a>> {
        self.0.localpart()
    }

    /// The domainpart.
    #[must_use]
    pub fn domainpart(self) -> DomainpartRef<'a> {
        self.0.domainpart()
    }

    /// The resourcepart.
    #[must_use]
    pub fn resourcepart(self) -> ResourcepartRef<'a> {
        let start = usize::from(self.0.spans.bare_len) + 1;
        ResourcepartRef::prepared(self.0.text.get(start..).unwrap_or_default())
    }

    /// This address without its resourcepart.
    #[must_use]
    pub fn to_bare(self) -> BareJidRef<'a> {
        self.0.to_bare()
    }
}

crate::text::text_traits!(['a] JidRef<'a>);
crate::text::text_traits!(['a] BareJidRef<'a>);
crate::text::text_traits!(['a] FullJidRef<'a>);

impl<'a> TryFrom<&'a str> for JidRef<'a> {
    type Error = Error;
    fn try_from(text: &'a str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl<'a> From<BareJidRef<'a>> for JidRef<'a> {
    fn from(jid: BareJidRef<'a>) -> Self {
        jid.0
    }
}

impl<'a> From<FullJidRef<'a>> for JidRef<'a> {
    fn from(jid: FullJidRef<'a>) -> Self {
        jid.0
    }
}

impl<'a> TryFrom<JidRef<'a>> for BareJidRef<'a> {
    type Error = Error;
    fn try_from(jid: JidRef<'a>) -> Result<Self, Error> {
        if jid.is_bare() {
            Ok(Self(jid))
        } else {
            Err(Error::new(Part::Jid, Rule::ResourcepartPresent, jid.spans.bare_len.into()))
        }
    }
}

impl<'a> TryFrom<JidRef<'a>> for FullJidRef<'a> {
    type Error = Error;
    fn try_from(jid: JidRef<'a>) -> Result<Self, Error> {
        if jid.is_full() {
            Ok(Self(jid))
        } else {
            Err(Error::new(Part::Jid, Rule::ResourcepartMissing, jid.text.len()))
        }
    }
}
