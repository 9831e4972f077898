//! Private XML storage: XEP-0049.

use xmpp_stanza::xml::ns;
use xmpp_stanza::{AnyElement, Invalid, Payload, Rest};

/// Stores an element at one's account, or asks for it by an empty one of the
/// same name and namespace (XEP-0049, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::PRIVATE, name = "query", section = "XEP-0049, 2")]
#[non_exhaustive]
pub struct PrivateStorage<'a> {
    /// The element.
    #[xml(any)]
    pub element: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl PrivateStorage<'_> {
    /// The element, if it is a `T`.
    ///
    /// # Errors
    ///
    /// If it is one, and breaks the rules of its own.
    pub fn read<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        let element = self.element.as_ref().map(AnyElement::as_ref);
        element.filter(|element| T::matches(*element)).map(T::parse).transpose()
    }
}
