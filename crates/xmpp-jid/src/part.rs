//! The three parts of an address, owned and borrowed.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::error::{Error, Part, Rule};
use crate::{idna, ip, prepare};

macro_rules! part {
    ($(#[$owned_doc:meta])* $Owned:ident, $(#[$ref_doc:meta])* $Ref:ident, $part:expr) => {
        $(#[$owned_doc])*
        ///
        /// A clone shares the text: it costs a counter, not a copy.
        #[derive(Clone)]
        pub struct $Owned(Arc<str>);

        $(#[$ref_doc])*
        #[derive(Clone, Copy)]
        pub struct $Ref<'a>(&'a str);

        impl $Owned {
            /// Prepares `text` and checks it.
            ///
            /// # Errors
            ///
            /// The first rule that `text` breaks, and where.
            pub fn new(text: &str) -> Result<Self, Error> {
                prepare::part($part, text).map(|text| Self(Arc::from(&*text)))
            }

            /// This part, borrowed.
            #[must_use]
            pub fn as_ref(&self) -> $Ref<'_> {
                $Ref(&self.0)
            }
        }

        impl<'a> $Ref<'a> {
            /// Borrows `text`, which must be in canonical form already.
            ///
            /// # Errors
            ///
            #[doc = concat!("As for [`", stringify!($Owned), "::new`], and [`Rule::NotCanonical`] where that would have changed the text.")]
            pub fn new(text: &'a str) -> Result<Self, Error> {
                match prepare::part($part, text)? {
                    Cow::Borrowed(canonical) => Ok(Self(canonical)),
                    Cow::Owned(canonical) => Err(not_canonical($part, text, &canonical)),
                }
            }

            /// The text, which lives as long as what it was borrowed from.
            #[must_use]
            pub const fn as_str(self) -> &'a str {
                self.0
            }

            /// A copy that lives on its own.
            #[must_use]
            pub fn into_owned(self) -> $Owned {
                $Owned(Arc::from(self.0))
            }

            /// `text` has been prepared.
            pub(crate) const fn prepared(text: &'a str) -> Self {
                Self(text)
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
        impl<'a> TryFrom<&'a str> for $Ref<'a> {
            type Error = Error;
            fn try_from(text: &'a str) -> Result<Self, Error> {
                Self::new(text)
            }
        }
        impl From<$Ref<'_>> for $Owned {
            fn from(part: $Ref<'_>) -> Self {
                part.into_owned()
            }
        }
        impl<'a> From<&'a $Owned> for $Ref<'a> {
            fn from(part: &'a $Owned) -> Self {
                part.as_ref()
            }
        }
        impl From<$Owned> for String {
            fn from(part: $Owned) -> Self {
                part.as_str().to_owned()
            }
        }
        impl $Owned {
            /// The text in canonical form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        crate::text::text_traits!([] $Owned);
        crate::text::text_traits!(['a] $Ref<'a>);
        crate::text::cross_eq!(['a] $Owned, $Ref<'a>);
        impl Borrow<str> for $Owned {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }
    };
}

part!(
    /// The localpart of an address: what stands before the `@`, an account or a
    /// room (RFC 7622 §3.3).
    Localpart,
    /// A borrowed [`Localpart`], in canonical form.
    LocalpartRef, Part::Local
);
part!(
    /// The domainpart of an address: a domain name with U-labels, an IPv4
    /// address or an IPv6 address in brackets (RFC 7622 §3.2).
    Domainpart,
    /// A borrowed [`Domainpart`], in canonical form.
    DomainpartRef, Part::Domain
);
part!(
    /// The resourcepart of an address: what stands after the `/`, a connection
    /// or an occupant of a room (RFC 7622 §3.4).
    Resourcepart,
    /// A borrowed [`Resourcepart`], in canonical form.
    ResourcepartRef, Part::Resource
);

impl Domainpart {
    /// The form that the DNS and certificates use; see
    /// [`DomainpartRef::to_ascii`].
    #[must_use]
    pub fn to_ascii(&self) -> Cow<'_, str> {
        self.as_ref().to_ascii()
    }

    /// What kind of host the domainpart names.
    #[must_use]
    pub fn host(&self) -> Host<'_> {
        self.as_ref().host()
    }
}

impl<'a> DomainpartRef<'a> {
    /// The form that the DNS and certificates use: each U-label as its
    /// A-label, all else as it is.
    #[must_use]
    pub fn to_ascii(self) -> Cow<'a, str> {
        idna::encode(self.0)
    }

    /// What kind of host the domainpart names: where to look for it.
    #[must_use]
    pub fn host(self) -> Host<'a> {
        ip::host(self.0)
    }
}

/// What kind of host a domainpart names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the three kinds of RFC 7622 §3.2")]
pub enum Host<'a> {
    /// A domain name or an unqualified host name, with U-labels.
    Name(&'a str),
    /// An IPv4 address.
    Ipv4(core::net::Ipv4Addr),
    /// An IPv6 address, and its zone if it has one (RFC 6874).
    Ipv6(core::net::Ipv6Addr, Option<&'a str>),
}

/// The error for `text`, whose canonical form is `canonical`: where they part.
pub(crate) fn not_canonical(part: Part, text: &str, canonical: &str) -> Error {
    let at = text
        .char_indices()
        .zip(canonical.chars())
        .find(|&((_, a), b)| a != b)
        .map_or_else(|| text.len().min(canonical.len()), |((at, _), _)| at);
    Error::new(part, Rule::NotCanonical, at)
}
