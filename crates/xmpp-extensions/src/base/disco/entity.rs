//! Answers to service discovery, made of what an entity says of itself.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use xmpp_stanza::StanzaCondition;
use xmpp_stanza::xml::ns;

use super::{Feature, Identity, Info, Item, Items};
use crate::base::forms::Form;

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

    /// The same, of that kind too.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity<'a>) -> Self {
        self.identities.push(identity);
        self
    }

    /// The same, with those features too; each counts once.
    #[must_use]
    pub fn with_features<T: Into<Cow<'a, str>>>(
        mut self,
        features: impl IntoIterator<Item = T>,
    ) -> Self {
        self.features.extend(features.into_iter().map(Into::into));
        self
    }

    /// The same, with that form (XEP-0128) in place of one of the same
    /// `FORM_TYPE`.
    #[must_use]
    pub fn with_form(mut self, form: Form<'a>) -> Self {
        self.forms.retain(|old| old.form_type() != form.form_type());
        self.forms.push(form);
        self
    }

    /// The same, with that item.
    #[must_use]
    pub fn with_item(mut self, item: Item<'a>) -> Self {
        self.features.insert(Cow::Borrowed(ns::DISCO_ITEMS.uri()));
        self.items.push(item);
        self
    }

    /// The same, answering to that node as well, as capabilities need it
    /// (XEP-0115, 6.2: the node, `#`, the verification string).
    #[must_use]
    pub fn with_node(mut self, node: impl Into<Cow<'a, str>>) -> Self {
        self.nodes.push(node.into());
        self
    }

    /// What announces all of it in presence: it answers to the node of these
    /// capabilities from now on (XEP-0115, 6; feature `hashes`). Comes last,
    /// as every change makes other capabilities.
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
    /// If an identity is there twice, or a form cannot be hashed.
    #[cfg(feature = "hashes")]
    pub fn announce<'n>(
        &mut self,
        node: impl Into<Cow<'n, str>>,
    ) -> Result<crate::base::caps::Caps<'n>, crate::base::caps::IllFormed> {
        self.features.insert(Cow::Borrowed(ns::CAPS.uri()));
        let caps = crate::base::caps::Caps::of(&self.describe(), node)?;
        self.nodes.push(Cow::Owned(caps.query_node()));
        Ok(caps)
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
            if !self.nodes.contains(node) {
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
