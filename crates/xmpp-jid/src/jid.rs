//! Addresses that own their text.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::error::{Error, Part, Rule};
use crate::jid_ref::{BareJidRef, FullJidRef, JidRef, Spans};
use crate::parse;
use crate::part::{DomainpartRef, LocalpartRef, ResourcepartRef};

/// An address with or without resourcepart, in canonical form.
///
/// Two addresses are equal exactly if their texts are, and the order and the
/// hash are those of the text; so a map of addresses can be asked with a
/// `&str`.
///
/// A clone shares the text and so does [`to_bare`](Self::to_bare): they cost a
/// counter, not a copy. The type itself is 24 bytes.
///
/// ```
/// use xmpp_jid::Jid;
///
/// let jid = Jid::new("Juliet@Example.com/Balcony")?;
/// assert_eq!(jid, "juliet@example.com/Balcony");
/// assert_eq!(jid.to_bare(), "juliet@example.com");
/// assert_eq!(jid.resourcepart().unwrap(), "Balcony");
/// # Ok::<(), xmpp_jid::Error>(())
/// ```
#[derive(Clone)]
pub struct Jid(Shared);

/// An address without resourcepart, in canonical form: an account, a room or
/// a server.
///
/// Clones, equality, order and hash are as for [`Jid`].
#[derive(Clone)]
pub struct BareJid(Shared);

/// An address with resourcepart, in canonical form: a connection, an occupant
/// of a room, or a thing of a server.
///
/// Clones, equality, order and hash are as for [`Jid`].
#[derive(Clone)]
pub struct FullJid(Shared);

/// Text that may be shared with a longer address.
#[derive(Clone)]
struct Shared {
    text: Arc<str>,
    len: u16,
    spans: Spans,
}

impl Shared {
    fn as_str(&self) -> &str {
        // Always in range and on a boundary; a default costs less code than a panic.
        self.text.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn as_ref(&self) -> JidRef<'_> {
        JidRef::from_prepared(self.as_str(), self.spans)
    }

    fn bare(mut self) -> Self {
        self.len = self.spans.bare_len;
        self
    }

    fn from_ref(jid: JidRef<'_>) -> Self {
        Self::from_prepared(Arc::from(jid.as_str()), jid.spans())
    }

    fn from_prepared(text: Arc<str>, spans: Spans) -> Self {
        Self { len: text.len() as u16, text, spans }
    }

    fn from_parts(
        local: Option<LocalpartRef<'_>>,
        domain: DomainpartRef<'_>,
        resource: Option<ResourcepartRef<'_>>,
    ) -> Self {
        let local = local.map_or("", LocalpartRef::as_str);
        let resource = resource.map_or("", ResourcepartRef::as_str);
        let at = if local.is_empty() { "" } else { "@" };
        let slash = if resource.is_empty() { "" } else { "/" };
        let text = [local, at, domain.as_str(), slash, resource].concat();
        let bare_len = local.len() + at.len() + domain.as_str().len();
        let spans = Spans { at: local.len() as u16, bare_len: bare_len as u16 };
        Self::from_prepared(Arc::from(text), spans)
    }
}

impl Jid {
    /// Parses and prepares an address.
    ///
    /// # Errors
    ///
    /// The first rule that `text` breaks, and where; see [`Error`].
    pub fn new(text: &str) -> Result<Self, Error> {
        parse::jid(text)
    }

    /// Puts an address together. It cannot fail: the parts are valid, and
    /// nothing else is asked of the whole.
    #[must_use]
    pub fn from_parts(
        local: Option<LocalpartRef<'_>>,
        domain: DomainpartRef<'_>,
        resource: Option<ResourcepartRef<'_>>,
    ) -> Self {
        Self(Shared::from_parts(local, domain, resource))
    }

    pub(crate) fn from_prepared(text: Arc<str>, spans: Spans) -> Self {
        Self(Shared::from_prepared(text, spans))
    }

    /// This address, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> JidRef<'_> {
        self.0.as_ref()
    }

    /// Whether there is no resourcepart.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.0.len == self.0.spans.bare_len
    }

    /// Whether there is a resourcepart.
    #[must_use]
    pub fn is_full(&self) -> bool {
        !self.is_bare()
    }

    /// The resourcepart, if there is one.
    #[must_use]
    pub fn resourcepart(&self) -> Option<ResourcepartRef<'_>> {
        self.as_ref().resourcepart()
    }

    /// This address without its resourcepart, sharing its text.
    #[must_use]
    pub fn to_bare(&self) -> BareJid {
        self.clone().into_bare()
    }

    /// This address without its resourcepart, sharing its text.
    #[must_use]
    pub fn into_bare(self) -> BareJid {
        BareJid(self.0.bare())
    }

    /// This address without its resourcepart: another name for
    /// [`to_bare`](Self::to_bare).
    #[must_use]
    pub fn without_resourcepart(&self) -> BareJid {
        self.to_bare()
    }

    /// This address as what it is, full or bare.
    ///
    /// # Errors
    ///
    /// The address is bare; it is handed back.
    pub fn try_into_full(self) -> Result<FullJid, BareJid> {
        if self.is_bare() { Err(BareJid(self.0)) } else { Ok(FullJid(self.0)) }
    }
}

impl BareJid {
    /// Parses and prepares an address without resourcepart.
    ///
    /// # Errors
    ///
    /// As for [`Jid::new`], and [`Rule::ResourcepartPresent`].
    pub fn new(text: &str) -> Result<Self, Error> {
        Jid::new(text)?.try_into()
    }

    /// Puts an address together.
    #[must_use]
    pub fn from_parts(local: Option<LocalpartRef<'_>>, domain: DomainpartRef<'_>) -> Self {
        Self(Shared::from_parts(local, domain, None))
    }

    /// This address, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> BareJidRef<'_> {
        BareJidRef::from_bare(self.0.as_ref())
    }
}

impl FullJid {
    /// Parses and prepares an address with resourcepart.
    ///
    /// # Errors
    ///
    /// As for [`Jid::new`], and [`Rule::ResourcepartMissing`].
    pub fn new(text: &str) -> Result<Self, Error> {
        Jid::new(text)?.try_into()
    }

    /// Puts an address together.
    #[must_use]
    pub fn from_parts(
        local: Option<LocalpartRef<'_>>,
        domain: DomainpartRef<'_>,
        resource: ResourcepartRef<'_>,
    ) -> Self {
        Self(Shared::from_parts(local, domain, Some(resource)))
    }

    /// This address, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> FullJidRef<'_> {
        FullJidRef::from_full(self.0.as_ref())
    }

    /// The resourcepart.
    #[must_use]
    pub fn resourcepart(&self) -> ResourcepartRef<'_> {
        self.as_ref().resourcepart()
    }

    /// This address without its resourcepart, sharing its text.
    #[must_use]
    pub fn to_bare(&self) -> BareJid {
        self.clone().into_bare()
    }

    /// This address without its resourcepart, sharing its text.
    #[must_use]
    pub fn into_bare(self) -> BareJid {
        BareJid(self.0.bare())
    }

    /// This address without its resourcepart: another name for
    /// [`to_bare`](Self::to_bare).
    #[must_use]
    pub fn without_resourcepart(&self) -> BareJid {
        self.to_bare()
    }
}

macro_rules! owned {
    ($Owned:ident, $Ref:ident) => {
        impl $Owned {
            /// The address in canonical form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The localpart, if there is one.
            #[must_use]
            pub fn localpart(&self) -> Option<LocalpartRef<'_>> {
                self.0.as_ref().localpart()
            }

            /// The domainpart.
            #[must_use]
            pub fn domainpart(&self) -> DomainpartRef<'_> {
                self.0.as_ref().domainpart()
            }

            /// The full address that is this one with `resource` as its
            /// resourcepart, in place of the one it may have.
            #[must_use]
            pub fn with_resourcepart(&self, resource: ResourcepartRef<'_>) -> FullJid {
                FullJid::from_parts(self.localpart(), self.domainpart(), resource)
            }
        }
        crate::text::text_traits!([] $Owned);
        crate::text::cross_eq!(['a] $Owned, $Ref<'a>);
        impl Borrow<str> for $Owned {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }
        impl FromStr for $Owned {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }
        impl TryFrom<&str> for $Owned {
            type Error = Error;
            fn try_from(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }
        impl TryFrom<String> for $Owned {
            type Error = Error;
            fn try_from(text: String) -> Result<Self, Error> {
                Self::new(&text)
            }
        }
        impl From<$Owned> for String {
            fn from(jid: $Owned) -> Self {
                jid.as_str().to_owned()
            }
        }
        impl<'a> From<&'a $Owned> for $Ref<'a> {
            fn from(jid: &'a $Owned) -> Self {
                jid.as_ref()
            }
        }
        impl From<$Ref<'_>> for $Owned {
            fn from(jid: $Ref<'_>) -> Self {
                jid.into_owned()
            }
        }
    };
}

owned!(Jid, JidRef);
owned!(BareJid, BareJidRef);
owned!(FullJid, FullJidRef);
crate::text::cross_eq!([] Jid, BareJid);
crate::text::cross_eq!([] Jid, FullJid);

impl JidRef<'_> {
    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> Jid {
        Jid(Shared::from_ref(self))
    }
}

impl BareJidRef<'_> {
    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> BareJid {
        BareJid(Shared::from_ref(self.into()))
    }
}

impl FullJidRef<'_> {
    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> FullJid {
        FullJid(Shared::from_ref(self.into()))
    }
}

impl From<BareJid> for Jid {
    fn from(jid: BareJid) -> Self {
        Self(jid.0)
    }
}

impl From<FullJid> for Jid {
    fn from(jid: FullJid) -> Self {
        Self(jid.0)
    }
}

impl From<FullJid> for BareJid {
    fn from(jid: FullJid) -> Self {
        jid.into_bare()
    }
}

impl TryFrom<Jid> for BareJid {
    type Error = Error;
    fn try_from(jid: Jid) -> Result<Self, Error> {
        match jid.try_into_full() {
            Ok(full) => {
                let end = full.0.spans.bare_len.into();
                Err(Error::new(Part::Jid, Rule::ResourcepartPresent, end))
            }
            Err(bare) => Ok(bare),
        }
    }
}

impl TryFrom<Jid> for FullJid {
    type Error = Error;
    fn try_from(jid: Jid) -> Result<Self, Error> {
        jid.try_into_full()
            .map_err(|bare| Error::new(Part::Jid, Rule::ResourcepartMissing, bare.as_str().len()))
    }
}

impl From<DomainpartRef<'_>> for BareJid {
    fn from(domain: DomainpartRef<'_>) -> Self {
        Self::from_parts(None, domain)
    }
}
