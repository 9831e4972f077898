//! Answers to service discovery, made of what an entity says of itself.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_stanza::StanzaCondition;
use xmpp_stanza::xml::ns;

use super::{Feature, Identity, Info, Item, Items};
#[cfg(feature = "hashes")]
use crate::base::caps::{Caps, IllFormed};
#[cfg(feature = "hashes")]
use crate::base::caps2::{self, Caps2, NotHashable};
use crate::base::forms::Form;
#[cfg(feature = "hashes")]
use crate::base::hashes::Algorithm;

/// What an entity says of itself: made once, it answers requests.
///
/// ```
/// use xmpp_extensions::base::disco::{Entity, Identity, Info};
///
/// let me = Entity::new(Identity::new("client", "bot").with_name("Echo"))
///     .with_features(["urn:xmpp:ping", "jabber:iq:version"]);
/// let info = me.info(&Info::new())?;
/// assert!(info.has_feature("urn:xmpp:ping"));
/// assert!(info.has_feature("http://jabber.org/protocol/disco#info"));
/// assert!(me.info(&Info::new().with_node("secrets")).is_err());
/// # Ok::<(), xmpp_stanza::StanzaCondition>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity<'a> {
    identities: Vec<Identity<'a>>,
    features: BTreeSet<Cow<'a, str>>,
    forms: Vec<Form<'a>>,
    items: Vec<Item<'a>>,
    /// Nodes that stand for the entity itself.
    nodes: Vec<Cow<'a, str>>,
    /// The nodes of the capabilities that were announced last, and hold still.
    announced: Vec<String>,
}

impl<'a> Entity<'a> {
    /// An entity that is of that kind and can be asked.
    #[must_use]
    pub fn new(identity: Identity<'a>) -> Self {
        let uri = Cow::Borrowed(ns::DISCO_INFO.uri());
        Self {
            identities: alloc::vec![identity],
            features: BTreeSet::from([uri]),
            ..Self::default()
        }
    }

    /// Returns this value with that identity too.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity<'a>) -> Self {
        self.announced.clear();
        self.identities.push(identity);
        self
    }

    /// Returns this value with those features too; each counts once.
    #[must_use]
    pub fn with_features<T: Into<Cow<'a, str>>>(
        mut self,
        features: impl IntoIterator<Item = T>,
    ) -> Self {
        self.announced.clear();
        self.features.extend(features.into_iter().map(Into::into));
        self
    }

    /// Returns this value with that form (XEP-0128) in place of one of the same
    /// `FORM_TYPE`.
    #[must_use]
    pub fn with_form(mut self, form: Form<'a>) -> Self {
        self.announced.clear();
        self.forms.retain(|old| old.form_type() != form.form_type());
        self.forms.push(form);
        self
    }

    /// Returns this value with that item.
    #[must_use]
    pub fn with_item(mut self, item: Item<'a>) -> Self {
        self.announced.clear();
        self.features.insert(Cow::Borrowed(ns::DISCO_ITEMS.uri()));
        self.items.push(item);
        self
    }

    /// Returns this value, which answers to that node as well.
    #[must_use]
    pub fn with_node(mut self, node: impl Into<Cow<'a, str>>) -> Self {
        self.nodes.push(node.into());
        self
    }

    /// What announces all of it in presence (XEP-0115, 6; feature `hashes`). It
    /// answers to the node of these capabilities until the next ones, or until
    /// it changes.
    ///
    /// ```
    /// use xmpp_extensions::base::disco::{Entity, Identity, Info};
    ///
    /// let mut me = Entity::new(Identity::new("client", "pc")).with_features(["urn:xmpp:ping"]);
    /// let caps = me.announce("https://client.example")?;
    /// let asked = Info::new().with_node(caps.query_node());
    /// let answer = me.info(&asked).map_err(|condition| condition.to_string())?;
    /// assert_eq!(caps.verify(&answer)?, Some(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an identity is there twice, or a `FORM_TYPE` has several values.
    #[cfg(feature = "hashes")]
    pub fn announce<'n>(&mut self, node: impl Into<Cow<'n, str>>) -> Result<Caps<'n>, IllFormed> {
        self.features.insert(Cow::Borrowed(ns::CAPS.uri()));
        let caps = Caps::of(&self.describe(), node)?;
        self.announced = alloc::vec![caps.query_node()];
        Ok(caps)
    }

    /// Returns this value with capabilities of version 2 by those functions (XEP-0390, 5;
    /// feature `hashes`).
    ///
    /// # Errors
    ///
    /// If either cannot be made.
    #[cfg(feature = "hashes")]
    pub fn announce_both<'n>(
        &mut self,
        node: impl Into<Cow<'n, str>>,
        algorithms: &[Algorithm<'_>],
    ) -> Result<(Caps<'n>, Caps2<'static>), AnnounceError> {
        self.features.insert(Cow::Borrowed(caps2::NS.uri()));
        let caps = self.announce(node).map_err(AnnounceError::IllFormed)?;
        let caps2 = Caps2::of(&self.describe(), algorithms).map_err(AnnounceError::NotHashable)?;
        self.announced.extend(caps2.hashes.iter().map(caps2::hash_node));
        Ok((caps, caps2))
    }

    /// All of it, as the answer about the entity itself.
    #[must_use]
    pub fn describe(&self) -> Info<'_> {
        let features = self.features.iter().map(|var| Feature::new(&**var));
        Info::new()
            .with_identities(self.identities.iter().cloned())
            .with_features(features)
            .with_forms(self.forms.iter().cloned())
    }

    /// The answer to a request (XEP-0030, 3). The node is repeated.
    ///
    /// # Errors
    ///
    /// `item-not-found`, for a node that is not known (XEP-0030, 7).
    pub fn info<'s>(&'s self, asked: &Info<'s>) -> Result<Info<'s>, StanzaCondition> {
        let mut info = self.describe();
        if let Some(node) = &asked.node {
            let known = self.nodes.contains(node) || self.announced.iter().any(|own| own == node);
            if !known {
                return Err(StanzaCondition::ItemNotFound);
            }
            info.node = Some(node.clone());
        }
        Ok(info)
    }

    /// The answer to a request for items (XEP-0030, 4). Nodes have none here.
    ///
    /// # Errors
    ///
    /// `item-not-found`, for a node.
    pub fn items<'s>(&'s self, asked: &Items<'s>) -> Result<Items<'s>, StanzaCondition> {
        if asked.node.is_some() {
            return Err(StanzaCondition::ItemNotFound);
        }
        Ok(Items::new().with_items(self.items.iter().cloned()))
    }
}

/// Why an entity cannot announce what it says of itself.
#[cfg(feature = "hashes")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnnounceError {
    /// By XEP-0115.
    IllFormed(IllFormed),
    /// By XEP-0390.
    NotHashable(NotHashable),
}

#[cfg(feature = "hashes")]
impl core::fmt::Display for AnnounceError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::IllFormed(error) => error.fmt(f),
            Self::NotHashable(error) => error.fmt(f),
        }
    }
}

#[cfg(feature = "hashes")]
impl core::error::Error for AnnounceError {}

#[cfg(all(test, feature = "hashes"))]
mod tests {
    use super::*;

    fn entity() -> Entity<'static> {
        Entity::new(Identity::new("client", "pc")).with_features(["urn:xmpp:ping", "urn:xmpp:ping"])
    }

    #[test]
    fn both_capabilities_are_answered_for() {
        let mut me = entity();
        let (caps, caps2) = me.announce_both("https://c.example", &[Algorithm::Sha256]).unwrap();
        let nodes = [caps.query_node(), caps2::hash_node(&caps2.hashes[0])];
        for node in &nodes {
            let info = me.info(&Info::new().with_node(&**node)).unwrap().with_node("");
            assert_eq!(caps.verify(&info), Ok(Some(true)));
            assert_eq!(caps2.verify(&info), Ok(Some(true)));
            assert!(info.has_feature("urn:xmpp:caps") && info.has_ns(ns::CAPS));
        }
        // What has changed is not what was announced.
        let changed = me.with_features(["urn:xmpp:time"]);
        for node in &nodes {
            let asked = Info::new().with_node(&**node);
            assert_eq!(changed.info(&asked), Err(StanzaCondition::ItemNotFound));
        }
    }

    #[test]
    fn items_and_forms() {
        let jid = xmpp_jid::Jid::new("conference.example").unwrap();
        let item = Item::new(xmpp_stanza::JidCow::Owned(jid));
        let me = entity().with_item(item).with_node("same");
        assert_eq!(me.items(&Items::new()).unwrap().items.len(), 1);
        assert!(me.items(&Items::new().with_node("same")).is_err());
        assert_eq!(me.info(&Info::new().with_node("same")).unwrap().node.as_deref(), Some("same"));
        let info = me.info(&Info::new()).unwrap();
        assert!(info.has_ns(ns::DISCO_ITEMS) && info.has_ns(ns::DISCO_INFO));
        assert_eq!(info.features.iter().filter(|f| f.var == "urn:xmpp:ping").count(), 1);
    }
}
