//! What many exchanges use and none owns.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;

use crate::crypto::Crypto;
use crate::prepare::Preparation;

/// A provider that is a static or is counted: `&'static T` and `Arc<T>` both
/// turn into it.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use std::sync::Arc;
/// use xmpp_sasl::client::Policy;
/// use xmpp_sasl::crypto;
/// use xmpp_sasl::prepare::AsGiven;
///
/// let policy = Policy::new(crypto::provider())   // &'static dyn Crypto
///     .preparation(Arc::new(AsGiven));           // Arc<AsGiven>
/// # let _ = policy.preparation(&AsGiven);
/// # }
/// ```
pub struct Shared<T: ?Sized + 'static>(Holder<T>);

enum Holder<T: ?Sized + 'static> {
    Static(&'static T),
    Counted(Arc<T>),
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Holder::Static(one) => one,
            Holder::Counted(one) => one,
        }
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Holder::Static(one) => Holder::Static(one),
            Holder::Counted(one) => Holder::Counted(Arc::clone(one)),
        })
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized> From<&'static T> for Shared<T> {
    fn from(one: &'static T) -> Self {
        Self(Holder::Static(one))
    }
}

impl<T: ?Sized> From<Arc<T>> for Shared<T> {
    fn from(one: Arc<T>) -> Self {
        Self(Holder::Counted(one))
    }
}

impl<C: Crypto + 'static> From<&'static C> for Shared<dyn Crypto> {
    fn from(one: &'static C) -> Self {
        Self(Holder::Static(one))
    }
}

impl<C: Crypto + 'static> From<Arc<C>> for Shared<dyn Crypto> {
    fn from(one: Arc<C>) -> Self {
        Self(Holder::Counted(one))
    }
}

impl<P: Preparation + 'static> From<&'static P> for Shared<dyn Preparation> {
    fn from(one: &'static P) -> Self {
        Self(Holder::Static(one))
    }
}

impl<P: Preparation + 'static> From<Arc<P>> for Shared<dyn Preparation> {
    fn from(one: Arc<P>) -> Self {
        Self(Holder::Counted(one))
    }
}
