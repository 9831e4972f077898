//! The presence of one connected resource at its server: RFC 6121 §4.
//!
//! A resource that has bound is *connected*; its initial presence makes it *available*; a
//! roster get makes it *interested* in roster pushes (RFC 6121 §2.2). While it lives, the
//! server remembers to whom it sent *directed presence*, since those entities have to be
//! told when it becomes unavailable (RFC 6121 §4.6).
//!
//! ```
//! use xmpp_im::presence::{Broadcast, ResourcePresence};
//! use xmpp_jid::Jid;
//!
//! let mut balcony = ResourcePresence::new(100);
//! let room = Jid::new("garden@chat.example.net/juliet")?;
//! assert_eq!(balcony.available(5), Broadcast::Initial);
//! balcony.directed_available(&room)?;
//! assert_eq!(balcony.available(0), Broadcast::Subsequent);
//!
//! let end = balcony.unavailable();
//! assert!(end.was_available);
//! assert!(end.directed.contains(&room));
//! assert!(!balcony.is_available());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use alloc::collections::BTreeSet;
use core::fmt;

use xmpp_jid::{Jid, JidRef};

/// What a server keeps of the presence of one connected resource.
#[derive(Clone, Debug)]
pub struct ResourcePresence {
    priority: Option<i8>,
    interested: bool,
    directed: BTreeSet<Jid>,
    /// Of their addresses.
    directed_bytes: usize,
    max_directed: usize,
}

impl ResourcePresence {
    /// A resource that has just been bound. It may have sent directed presence to
    /// `max_directed` entities at a time, whose addresses have no more than 256 bytes on
    /// average: a JID may have 3071 (RFC 7622 §3.1).
    #[must_use]
    pub const fn new(max_directed: usize) -> Self {
        Self {
            priority: None,
            interested: false,
            directed: BTreeSet::new(),
            directed_bytes: 0,
            max_directed,
        }
    }

    /// Whether it is an available resource: it sent initial presence.
    #[must_use]
    pub const fn is_available(&self) -> bool {
        self.priority.is_some()
    }

    /// The priority of its presence, if it is available.
    #[must_use]
    pub const fn priority(&self) -> Option<i8> {
        self.priority
    }

    /// Whether it is an interested resource, which gets roster pushes.
    #[must_use]
    pub const fn is_interested(&self) -> bool {
        self.interested
    }

    /// It sent a roster get (RFC 6121 §2.2).
    pub const fn roster_requested(&mut self) {
        self.interested = true;
    }

    /// It sent presence without 'to' and 'type' (RFC 6121 §4.2.2, §4.4.2).
    pub const fn available(&mut self, priority: i8) -> Broadcast {
        let before = self.priority.replace(priority);
        if before.is_some() { Broadcast::Subsequent } else { Broadcast::Initial }
    }

    /// It sent unavailable presence without 'to', or its stream ended (RFC 6121 §4.5.2).
    ///
    /// What it sent directed presence to is forgotten with this answer (§4.6.1).
    pub fn unavailable(&mut self) -> BecameUnavailable {
        self.directed_bytes = 0;
        BecameUnavailable {
            was_available: self.priority.take().is_some(),
            directed: core::mem::take(&mut self.directed),
        }
    }

    /// It sent directed available presence to an entity that does not get its broadcasts:
    /// one without a subscription to the user, or any while the resource is not available
    /// (RFC 6121 §4.6.3, cases 2 and 3).
    ///
    /// # Errors
    ///
    /// There are as many as may be. The stanza is then not to be delivered, since the
    /// entity could not be told of the end.
    pub fn directed_available(&mut self, to: &Jid) -> Result<(), TooManyDirected> {
        if !self.directed.contains(to) {
            let bytes = self.directed_bytes + to.as_str().len();
            let max_bytes = self.max_directed.saturating_mul(256).max(3071);
            if self.directed.len() >= self.max_directed || bytes > max_bytes {
                return Err(TooManyDirected { max: self.max_directed });
            }
            self.directed_bytes = bytes;
            self.directed.insert(to.clone());
        }
        Ok(())
    }

    /// It sent directed unavailable presence to an entity, or that entity sent it unavailable
    /// presence, or a subscription was cancelled and the entity told so (RFC 6121 §4.6.1).
    pub fn directed_unavailable(&mut self, to: &Jid) {
        if self.directed.remove(to.as_str()) {
            self.directed_bytes -= to.as_str().len();
        }
    }

    /// Whether `entity` got directed presence from this resource: at this address, or at
    /// the bare JID that it belongs to.
    #[must_use]
    pub fn is_directed_to(&self, entity: JidRef<'_>) -> bool {
        self.directed.contains(entity.as_str()) || self.directed.contains(entity.to_bare().as_str())
    }
}

/// Which presence broadcast a resource began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two kinds of RFC 6121 §4.2 and §4.4")]
pub enum Broadcast {
    /// The presence session begins: broadcast it, and probe (RFC 6121 §4.2.2, §4.3.1).
    Initial,
    /// An update of the presence session: broadcast it (RFC 6121 §4.4.2).
    Subsequent,
}

/// Who has to be told that a resource became unavailable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BecameUnavailable {
    /// It was an available resource: tell the subscribers and the user's own available
    /// resources (RFC 6121 §4.5.2).
    pub was_available: bool,
    /// It sent these directed presence (RFC 6121 §4.6.3). Some may be subscribers by now.
    pub directed: BTreeSet<Jid>,
}

/// A resource sent directed presence to more entities than the server remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooManyDirected {
    /// The limit.
    pub max: usize,
}

impl fmt::Display for TooManyDirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "directed presence to more than {} entities (RFC 6121 section 4.6.1)", self.max)
    }
}

impl core::error::Error for TooManyDirected {}
