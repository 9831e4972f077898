//! The addresses of a stanza: absent, an address, or malformed.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use xmpp_jid::{BareJid, FullJid, Jid, JidRef, Rule};

use crate::Invalid;
use crate::invalid;

/// A `to`, `from` or `by`: absent, an address, or something that is none.
///
/// That a stanza bears an address which RFC 7622 does not allow is that one
/// stanza's fault and not its stream's: reading it succeeds, the fault can be
/// told from absence, and the answer `jid-malformed` can bear the text as it
/// came (RFC 6120, section 8.3.3.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth case")]
pub enum Address {
    /// There is no such attribute.
    #[default]
    Absent,
    /// The address, in canonical form.
    Jid(Jid),
    /// The attribute's value is no address.
    Malformed(Malformed),
}

/// What stands where an address should, and why it is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Malformed {
    /// The text as it came.
    pub raw: String,
    /// The rule that it breaks.
    pub error: xmpp_jid::Error,
}

impl Address {
    /// An address as the value of an attribute, `None` where there is none.
    #[must_use]
    pub fn from_attribute(value: Option<&str>) -> Self {
        match value.map(|raw| (raw, Jid::new(raw))) {
            None => Self::Absent,
            Some((_, Ok(jid))) => Self::Jid(jid),
            Some((raw, Err(error))) => Self::Malformed(Malformed { raw: raw.into(), error }),
        }
    }

    /// The address, if it is one.
    #[must_use]
    pub const fn jid(&self) -> Option<&Jid> {
        match self {
            Self::Jid(jid) => Some(jid),
            _ => None,
        }
    }

    /// The value of the attribute, malformed or not.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Jid(jid) => Some(jid.as_str()),
            Self::Malformed(malformed) => Some(&malformed.raw),
        }
    }

    /// Whether there is no such attribute.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the attribute's value is no address.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self, Self::Malformed(_))
    }
}

impl From<Jid> for Address {
    fn from(jid: Jid) -> Self {
        Self::Jid(jid)
    }
}

impl From<BareJid> for Address {
    fn from(jid: BareJid) -> Self {
        Self::Jid(jid.into())
    }
}

impl From<FullJid> for Address {
    fn from(jid: FullJid) -> Self {
        Self::Jid(jid.into())
    }
}

impl From<AddressRef<'_>> for Address {
    fn from(address: AddressRef<'_>) -> Self {
        address.into_owned()
    }
}

impl<J: Into<Self>> From<Option<J>> for Address {
    fn from(jid: Option<J>) -> Self {
        jid.map_or(Self::Absent, Into::into)
    }
}

/// An [`Address`] borrowed from a stanza.
///
/// An attribute in canonical form, as all that a well-behaved server sends is,
/// costs a scan; one that must be prepared first is owned.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth case")]
pub enum AddressRef<'a> {
    /// There is no such attribute.
    Absent,
    /// The address.
    Jid(JidCow<'a>),
    /// The attribute's value is no address.
    Malformed {
        /// The text as it came.
        raw: Cow<'a, str>,
        /// The rule that it breaks.
        error: xmpp_jid::Error,
    },
}

/// An address in canonical form, borrowed where the text was in that form.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "as with Cow, there is no third case")]
pub enum JidCow<'a> {
    /// The text was in canonical form.
    Borrowed(JidRef<'a>),
    /// The text was prepared first.
    Owned(Jid),
}

impl<'a> AddressRef<'a> {
    /// An address as the value of an attribute, `None` where there is none.
    #[must_use]
    pub fn from_attribute(value: Option<Cow<'a, str>>) -> Self {
        let prepared = match &value {
            None => return Self::Absent,
            Some(Cow::Borrowed(raw)) => match JidRef::new(raw) {
                Ok(jid) => return Self::Jid(JidCow::Borrowed(jid)),
                Err(error) if error.rule() == Rule::NotCanonical => Jid::new(raw),
                Err(error) => Err(error),
            },
            Some(Cow::Owned(raw)) => Jid::new(raw),
        };
        match prepared {
            Ok(jid) => Self::Jid(JidCow::Owned(jid)),
            Err(error) => Self::Malformed { raw: value.unwrap_or_default(), error },
        }
    }

    /// The address, if it is one.
    #[must_use]
    pub fn jid(&self) -> Option<JidRef<'_>> {
        match self {
            Self::Jid(jid) => Some(jid.as_ref()),
            _ => None,
        }
    }

    /// The value of the attribute: the canonical form of an address, or the
    /// malformed text as it came.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Jid(jid) => Some(jid.as_ref().as_str()),
            Self::Malformed { raw, .. } => Some(raw),
        }
    }

    /// Whether there is no such attribute.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the attribute's value is no address.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self, Self::Malformed { .. })
    }

    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> Address {
        match self {
            Self::Absent => Address::Absent,
            Self::Jid(jid) => Address::Jid(jid.into_owned()),
            Self::Malformed { raw, error } => {
                Address::Malformed(Malformed { raw: raw.into_owned(), error })
            }
        }
    }
}

impl JidCow<'_> {
    /// The address, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> JidRef<'_> {
        match self {
            Self::Borrowed(jid) => *jid,
            Self::Owned(jid) => jid.as_ref(),
        }
    }

    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> Jid {
        match self {
            Self::Borrowed(jid) => jid.into_owned(),
            Self::Owned(jid) => jid,
        }
    }
}

impl PartialEq for JidCow<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl Eq for JidCow<'_> {}

impl fmt::Display for JidCow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_ref().as_str())
    }
}

/// A required attribute that must be an address.
pub(crate) fn required(
    value: Option<Cow<'_, str>>,
    element: &'static str,
    attribute: &'static str,
    section: &'static str,
) -> Result<Jid, Invalid> {
    let Some(value) = value else {
        return Err(
            Invalid::new(element, invalid::Rule::MissingAttribute, section).in_attribute(attribute)
        );
    };
    Jid::new(&value).map_err(|error| {
        Invalid::new(element, invalid::Rule::Jid(error), section).in_attribute(attribute)
    })
}
