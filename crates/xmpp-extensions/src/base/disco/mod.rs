//! Service discovery: XEP-0030, with the forms of XEP-0128.
//!
//! These types borrow from the element that they are read from, and read the forms and
//! pages within; capabilities ([`caps`](super::caps), [`caps2`](super::caps2)) are computed
//! from them. [`xmpp_stanza::disco`] is a smaller model of the same elements, which owns its
//! content and needs no derive macro: it is for servers and components that use no other
//! extension. What both can hold, both write in the same bytes.

mod entity;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::{Ns, ns};
use xmpp_stanza::{JidCow, Payload, Rest, Word};

use super::forms::Form;
use super::result_set::ResultSet;
#[cfg(feature = "hashes")]
pub use entity::AnnounceError;
pub use entity::Entity;

/// What follows the name of a node in a feature that asks for its events
/// (XEP-0163, 4.2): `http://jabber.org/protocol/tune+notify`.
pub const NOTIFY: &str = "+notify";

/// What an entity is and can do, or the request for it (XEP-0030, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::DISCO_INFO, name = "query", section = "XEP-0030, 3")]
#[non_exhaustive]
pub struct Info<'a> {
    /// The node that is asked about, if it is not the entity itself.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// What the entity is.
    #[xml(child)]
    pub identities: Vec<Identity<'a>>,
    /// What it can do.
    #[xml(child)]
    pub features: Vec<Feature<'a>>,
    /// More of it, in forms (XEP-0128).
    #[xml(child)]
    pub forms: Vec<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an entity is, by the registry of categories and types (XEP-0030, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::DISCO_INFO, name = "identity", section = "XEP-0030, 3.1")]
#[non_exhaustive]
pub struct Identity<'a> {
    /// The category, such as `server`.
    #[xml(attr)]
    pub category: Cow<'a, str>,
    /// The type within the category, such as `im`.
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// A name for people.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// The language of the name.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Something that an entity can do (XEP-0030, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::DISCO_INFO, name = "feature", section = "XEP-0030, 3.1")]
#[non_exhaustive]
pub struct Feature<'a> {
    /// Its name, mostly a namespace.
    #[xml(attr)]
    pub var: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What there is at an entity, or the request for it (XEP-0030, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::DISCO_ITEMS, name = "query", section = "XEP-0030, 4")]
#[non_exhaustive]
pub struct Items<'a> {
    /// The node that is asked about, if it is not the entity itself.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// What there is.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// In a request: which items are wanted (XEP-0499).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// Which page of the items is wanted, or which one this is (XEP-0059).
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Another entity, or a node of one (XEP-0030, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::DISCO_ITEMS, name = "item", section = "XEP-0030, 4.1")]
#[non_exhaustive]
pub struct Item<'a> {
    /// The address.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// The node at that address.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// A name for people.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// What to do with it, in a request to publish items.
    #[xml(attr)]
    pub action: Option<ItemAction>,
    /// More about it, in forms (XEP-0499).
    #[xml(child)]
    pub forms: Vec<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What to do with a published item (XEP-0030, 5).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0030 is final")]
pub enum ItemAction {
    /// It is there no longer.
    Remove,
    /// It is new, or has changed.
    Update,
}

impl<'a> Info<'a> {
    /// Whether the entity can do that.
    #[must_use]
    pub fn has_feature(&self, var: &str) -> bool {
        self.features.iter().any(|feature| feature.var == var)
    }

    /// Whether the entity speaks that namespace.
    #[must_use]
    pub fn has_ns(&self, ns: Ns<'_>) -> bool {
        self.has_feature(ns.uri())
    }

    /// Whether the entity is of that category and type.
    #[must_use]
    pub fn is(&self, category: &str, kind: &str) -> bool {
        self.identities
            .iter()
            .any(|identity| identity.category == category && identity.kind == kind)
    }

    /// Returns this value with that language for the identities that say none: what they
    /// inherit from the stanza or the stream
    /// ([`ElementRef::lang`](xmpp_stanza::xml::ElementRef::lang) of the query
    /// tells). Capabilities of version 2 count it (XEP-0390, 4.1).
    #[must_use]
    pub fn with_inherited_lang(mut self, lang: impl Into<Cow<'a, str>>) -> Self {
        let lang = lang.into();
        for identity in self.identities.iter_mut().filter(|identity| identity.lang.is_none()) {
            identity.lang = Some(lang.clone());
        }
        self
    }

    /// The form of that `FORM_TYPE`.
    #[must_use]
    pub fn form(&self, form_type: &str) -> Option<&Form<'a>> {
        self.forms.iter().find(|form| form.form_type() == Some(form_type))
    }
}
