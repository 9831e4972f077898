//! Service discovery: XEP-0030, as far as every entity has to answer it.
//!
//! These types own their content and need nothing but this crate: they are for servers,
//! components and clients that say who they are and need no extension. Forms and pages
//! within are kept as elements. The crate `xmpp-extensions` has a second model of the same
//! elements, in `base::disco`: it borrows, reads the forms of XEP-0128 and the pages of
//! XEP-0059, and computes capabilities (XEP-0115, XEP-0390), for which it needs the derive
//! macro. A program that uses `xmpp-extensions` for anything takes that one.
//!
//! ```
//! use xmpp_stanza::disco::{Identity, Info};
//! use xmpp_stanza::xml::Element;
//! use xmpp_stanza::StanzaRef;
//!
//! let asked = Element::parse(
//!     "<iq xmlns='jabber:client' id='1' type='get' from='a@example.com/x' to='b.example.com'>\
//!      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
//! )?;
//! let request = StanzaRef::new(asked.as_ref()).ok_or("no stanza")?;
//! let asked: Info = request.payload()?.ok_or("another request")?;
//! assert_eq!(asked.node, None);
//! let me = Info::new()
//!     .with_identity(Identity::new("component", "generic").with_name("Echo"))
//!     .with_feature("urn:xmpp:ping");
//! let answer = request.result(me);
//! assert!(answer.is_some());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::Jid;
use xmpp_xml::{Element, ElementRef, Ns, Sharing, WriteXml, Writer, ns};

use crate::invalid::Rule;
use crate::{Invalid, Payload, address, envelope};

/// `<query/>` of `disco#info`: what an entity is and can do.
///
/// A request has a node or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// The node that is asked about, if it is not the entity itself.
    pub node: Option<String>,
    /// What the entity is.
    pub identities: Vec<Identity>,
    /// The features, mostly namespaces, that it supports.
    pub features: Vec<String>,
    /// What else is in it, data forms for instance, in the order of the document.
    pub extensions: Vec<Element>,
}

/// What an entity is, by the registry of categories and types.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The category, such as `server`.
    pub category: String,
    /// The type within the category, such as `im`.
    pub identity_type: String,
    /// A name for people.
    pub name: Option<String>,
    /// The language of the name.
    pub lang: Option<String>,
}

impl Info {
    /// A request about the entity itself; an answer without anything in it.
    #[must_use]
    pub const fn new() -> Self {
        Self { node: None, identities: Vec::new(), features: Vec::new(), extensions: Vec::new() }
    }

    /// Returns this value, about that node.
    #[must_use]
    pub fn with_node(mut self, node: impl Into<String>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// Returns this value with that identity too.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Returns this value with that feature too.
    #[must_use]
    pub fn with_feature(mut self, feature: impl Into<String>) -> Self {
        self.features.push(feature.into());
        self
    }
}

impl Identity {
    /// An identity without a name.
    pub fn new(category: impl Into<String>, identity_type: impl Into<String>) -> Self {
        Self {
            category: category.into(),
            identity_type: identity_type.into(),
            name: None,
            lang: None,
        }
    }

    /// Returns this value with that name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

fn required(
    element: ElementRef<'_>,
    name: &'static str,
    attribute: &'static str,
) -> Result<String, Invalid> {
    element.attr(attribute).map(Cow::into_owned).ok_or_else(|| {
        Invalid::new(name, Rule::MissingAttribute, "XEP-0030, 3").in_attribute(attribute)
    })
}

impl Payload<'_> for Info {
    const NS: Ns<'static> = ns::DISCO_INFO;
    const NAME: &'static str = "query";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut info = Self { node: element.attr("node").map(Cow::into_owned), ..Self::new() };
        let mut sharing = Sharing::new(element);
        for child in element.children() {
            let name = if child.has_ns(Self::NS) { child.name() } else { "" };
            match name {
                "identity" => info.identities.push(Identity {
                    category: required(child, "identity", "category")?,
                    identity_type: required(child, "identity", "type")?,
                    name: child.attr("name").map(Cow::into_owned),
                    lang: envelope::own_lang(child).map(Cow::into_owned),
                }),
                "feature" => info.features.push(required(child, "feature", "var")?),
                _ => info.extensions.push(sharing.share(child)),
            }
        }
        Ok(info)
    }
}

impl WriteXml for Info {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        w.attr_opt("node", self.node.as_deref());
        for identity in &self.identities {
            w.start(Self::NS, "identity");
            w.attr("category", &identity.category);
            w.attr("type", &identity.identity_type);
            w.attr_opt("name", identity.name.as_deref());
            if let Some(lang) = &identity.lang {
                w.lang(lang);
            }
            w.end();
        }
        for feature in &self.features {
            w.start(Self::NS, "feature").attr("var", feature).end();
        }
        for extension in &self.extensions {
            w.element(extension.as_ref());
        }
        w.end();
    }
}

/// `<query/>` of `disco#items`: what there is at an entity.
///
/// A request has a node or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Items {
    /// The node that is asked about, if it is not the entity itself.
    pub node: Option<String>,
    /// What there is.
    pub items: Vec<Item>,
    /// What else is in it, in the order of the document.
    pub extensions: Vec<Element>,
}

/// A thing at an entity: another entity, or a node of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Its address.
    pub jid: Jid,
    /// The node at that address.
    pub node: Option<String>,
    /// A name for people.
    pub name: Option<String>,
}

impl Items {
    /// A request about the entity itself; an answer that there is nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { node: None, items: Vec::new(), extensions: Vec::new() }
    }

    /// Returns this value, about that node.
    #[must_use]
    pub fn with_node(mut self, node: impl Into<String>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// Returns this value with that item too.
    #[must_use]
    pub fn with_item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }
}

impl Item {
    /// A thing without a name.
    pub fn new(jid: impl Into<Jid>) -> Self {
        Self { jid: jid.into(), node: None, name: None }
    }
}

impl Payload<'_> for Items {
    const NS: Ns<'static> = ns::DISCO_ITEMS;
    const NAME: &'static str = "query";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut items = Self { node: element.attr("node").map(Cow::into_owned), ..Self::new() };
        let mut sharing = Sharing::new(element);
        for child in element.children() {
            if child.is(Self::NS, "item") {
                items.items.push(Item {
                    jid: address::required(child.attr("jid"), "item", "jid", "XEP-0030, 4")?,
                    node: child.attr("node").map(Cow::into_owned),
                    name: child.attr("name").map(Cow::into_owned),
                });
            } else {
                items.extensions.push(sharing.share(child));
            }
        }
        Ok(items)
    }
}

impl WriteXml for Items {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        w.attr_opt("node", self.node.as_deref());
        for item in &self.items {
            w.start(Self::NS, "item");
            w.attr("jid", item.jid.as_str());
            w.attr_opt("node", item.node.as_deref());
            w.attr_opt("name", item.name.as_deref());
            w.end();
        }
        for extension in &self.extensions {
            w.element(extension.as_ref());
        }
        w.end();
    }
}
