//! Making borrowed values free.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::{BareJid, FullJid, Jid};
use xmpp_xml::Element;

use crate::JidCow;

/// Values that can be freed from what they were read from.
///
/// `#[derive(Payload)]` implements it for payloads: a `Delay<'a>` becomes a
/// `Delay<'static>`.
///
/// Texts are copied. What a [`Rest`](crate::Rest) keeps is shared if the payload
/// was read from an [`Element`], which then stays in memory as a whole. If it was
/// read from a receive buffer, each payload within another that keeps something
/// copies its own element: share the stanza first where payloads nest deep.
pub trait IntoOwned {
    /// This type without a borrow.
    type Owned: 'static;

    /// Copies what is borrowed.
    fn into_owned(self) -> Self::Owned;
}

impl<T: ?Sized + ToOwned + 'static> IntoOwned for Cow<'_, T>
where
    T::Owned: 'static,
{
    type Owned = Cow<'static, T>;

    fn into_owned(self) -> Cow<'static, T> {
        Cow::Owned(self.into_owned())
    }
}

impl IntoOwned for JidCow<'_> {
    type Owned = JidCow<'static>;

    fn into_owned(self) -> JidCow<'static> {
        JidCow::Owned(self.into_owned())
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

macro_rules! as_they_are {
    ($($owned:ty),+ $(,)?) => {
        $(
            impl IntoOwned for $owned {
                type Owned = Self;

                fn into_owned(self) -> Self {
                    self
                }
            }
        )+
    };
}
pub(crate) use as_they_are;

as_they_are!(
    bool, u8, u16, u32, u64, i8, i16, i32, i64, f32, f64, String, Jid, BareJid, FullJid, Element
);
