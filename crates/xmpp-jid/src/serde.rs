//! Everything here is a string to serde; what is read is parsed and prepared.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::{Error as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    BareJid, BareJidRef, Domainpart, DomainpartRef, Error, FullJid, FullJidRef, Jid, JidRef,
    Localpart, LocalpartRef, Resourcepart, ResourcepartRef,
};

/// Parses a string without keeping a copy of it.
struct Parse<T>(&'static str, PhantomData<T>);

impl<T: FromStr<Err = Error>> Visitor<'_> for Parse<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! as_string {
    ($($Owned:ident, $Ref:ident, $what:literal;)+) => {$(
        impl Serialize for $Owned {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl Serialize for $Ref<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $Owned {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Parse($what, PhantomData))
            }
        }
        /// Borrows the input, which must be in canonical form.
        impl<'de: 'a, 'a> Deserialize<'de> for $Ref<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <&str>::deserialize(deserializer)?;
                $Ref::new(text).map_err(|error| match error.rule() {
                    crate::Rule::NotCanonical => {
                        D::Error::invalid_value(Unexpected::Str(text), &"text in canonical form")
                    }
                    _ => D::Error::custom(error),
                })
            }
        }
    )+};
}

as_string! {
    Jid, JidRef, "an XMPP address";
    BareJid, BareJidRef, "an XMPP address without resourcepart";
    FullJid, FullJidRef, "an XMPP address with resourcepart";
    Localpart, LocalpartRef, "the localpart of an XMPP address";
    Domainpart, DomainpartRef, "the domainpart of an XMPP address";
    Resourcepart, ResourcepartRef, "the resourcepart of an XMPP address";
}
