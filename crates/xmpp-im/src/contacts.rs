//! The presence of others, as a client knows it: RFC 6121 §4.
//!
//! ```
//! use xmpp_im::contacts::Contacts;
//! use xmpp_stanza::StanzaRef;
//! use xmpp_xml::Element;
//!
//! let mut contacts = Contacts::new(1000);
//! let away = Element::parse(
//!     "<presence xmlns='jabber:client' from='romeo@example.net/orchard'>
//!        <show>away</show></presence>",
//! )?;
//! contacts.received(StanzaRef::new(away.as_ref()).unwrap())?;
//! assert!(contacts.is_available("romeo@example.net"));
//!
//! // From the bare JID: none of his resources is available any more.
//! let gone = Element::parse(
//!     "<presence xmlns='jabber:client' from='romeo@example.net' type='unavailable'/>",
//! )?;
//! contacts.received(StanzaRef::new(gone.as_ref()).unwrap())?;
//! assert!(!contacts.is_available("romeo@example.net"));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use alloc::collections::BTreeMap;
use core::fmt;

use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::{PresenceType, StanzaRef};
use xmpp_xml::Element;

/// Who is available, by the presence that a client has received.
#[derive(Clone, Debug)]
pub struct Contacts {
    of: BTreeMap<BareJid, BTreeMap<Jid, Element>>,
    count: usize,
    max: usize,
}

impl Contacts {
    /// Nobody is known to be available; at most `max` addresses are remembered.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { of: BTreeMap::new(), count: 0, max }
    }

    /// Takes a presence stanza of the client's stream. Tells whether it changed what is
    /// known; only presence without type and of type "unavailable" does.
    ///
    /// # Errors
    ///
    /// There are as many as may be. What is known stays as it was.
    pub fn received(&mut self, presence: StanzaRef<'_>) -> Result<bool, TooManyContacts> {
        let from = presence.from();
        let Some(from) = from.jid() else { return Ok(false) };
        let bare = from.to_bare();
        match presence.presence_type() {
            Some(PresenceType::Available) => {
                let known = self.of.get(bare.as_str()).and_then(|of| of.get(from.as_str()));
                if known.is_none() {
                    if self.count >= self.max {
                        return Err(TooManyContacts { max: self.max });
                    }
                    self.count += 1;
                }
                let of = self.of.entry(bare.into_owned()).or_default();
                of.insert(from.into_owned(), presence.element().into_shared());
                Ok(true)
            }
            // 6121-4.5.4-01: from the bare JID it applies to all resources.
            Some(PresenceType::Unavailable) if from.is_bare() => Ok(self.forget(bare.as_str())),
            Some(PresenceType::Unavailable) => {
                let Some(of) = self.of.get_mut(bare.as_str()) else { return Ok(false) };
                let known = of.remove(from.as_str()).is_some();
                if of.is_empty() {
                    self.of.remove(bare.as_str());
                }
                self.count -= usize::from(known);
                Ok(known)
            }
            _ => Ok(false),
        }
    }

    /// Forgets what is known of a contact: when the client sends "unsubscribe", and when a
    /// roster push says that it is not subscribed any more (RFC 6121 §3.3.3: "null and
    /// void"). Tells whether anything was known.
    pub fn forget(&mut self, contact: &str) -> bool {
        let of = self.of.remove(contact).unwrap_or_default();
        self.count -= of.len();
        !of.is_empty()
    }

    /// Forgets everything: when the client has sent unavailable presence, or its stream has
    /// ended.
    pub fn clear(&mut self) {
        self.of.clear();
        self.count = 0;
    }

    /// Whether the contact (a bare JID in canonical form) is available, with any resource.
    #[must_use]
    pub fn is_available(&self, contact: &str) -> bool {
        self.of.contains_key(contact)
    }

    /// The available resources of a contact (a bare JID in canonical form), each with the
    /// last presence that came from it.
    pub fn of(&self, contact: &str) -> impl Iterator<Item = (&Jid, &Element)> + Clone {
        self.of.get(contact).into_iter().flatten()
    }

    /// All contacts that are available.
    pub fn available(&self) -> impl Iterator<Item = &BareJid> + Clone {
        self.of.keys()
    }
}

/// More addresses are available than the client remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooManyContacts {
    /// The limit.
    pub max: usize,
}

impl fmt::Display for TooManyContacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "presence of more than {} addresses", self.max)
    }
}

impl core::error::Error for TooManyContacts {}
