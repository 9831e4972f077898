use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_jid::BareJid;
use xmpp_stanza::Presence;

use super::presence::{tuple, wrapped};
use super::{MapError, Mapped, Options, Side, addresses};
use crate::message::Message;
use crate::mime::Entity;
use crate::pidf::{Basic, Document, Tuple};
use crate::{DateTime, Scheme};

/// The presence of an XMPP user as the other side sees it: one document with a
/// tuple for each resource, complete each time (`3922-6.3.1-02`, `-04`).
///
/// A resource that has become unavailable is in the next document as `closed`
/// and then no more, unless it is the only one left: a document has at least
/// one tuple (`3922-6.3.2-02`).
///
/// ```
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// use xmpp_cpim::mapping::{Options, Presentity};
/// use xmpp_stanza::{Presence, PresenceType};
///
/// let options = Options::default();
/// let mut juliet = Presentity::new("juliet@example.com".parse()?);
/// for resource in ["balcony", "chamber"] {
///     let from: xmpp_jid::Jid = format!("juliet@example.com/{resource}").parse()?;
///     let presence = Presence::builder(PresenceType::Available).with_from(from).build()?;
///     juliet.update(&presence, &options)?;
/// }
/// let document = juliet.document(&options)?;
/// let ids: Vec<_> = document.tuples().iter().map(|tuple| tuple.id()).collect();
/// assert_eq!(ids, ["balcony", "chamber"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Presentity {
    jid: BareJid,
    /// By `id`, so that documents have them in the same order.
    tuples: BTreeMap<String, Tuple>,
    /// Of the last document that had one.
    timestamp: Option<(i64, u32)>,
}

impl Presentity {
    /// A user of whom nothing is known yet.
    #[must_use]
    pub const fn new(jid: BareJid) -> Self {
        Self { jid, tuples: BTreeMap::new(), timestamp: None }
    }

    /// The user.
    #[must_use]
    pub const fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Takes in a presence of the user, available or unavailable, and gives the
    /// document to notify watchers with.
    ///
    /// With [`Options::date_time`], the tuple gets that as its timestamp, or a
    /// microsecond more than the last one if time stands still: no two
    /// documents have the same (`3863-4.1.7-04`).
    ///
    /// # Errors
    ///
    /// A presence of another type or another user; one resource more than
    /// [`Limits::max_tuples`](crate::Limits::max_tuples).
    pub fn update(
        &mut self,
        presence: &Presence<'_>,
        options: &Options,
    ) -> Result<Mapped<Document>, MapError> {
        let from = addresses::of_stanza(presence.from(), Side::From)?;
        if from.to_bare() != self.jid {
            return Err(MapError::OtherUser);
        }
        let mut lost = Vec::new();
        let mut tuple = tuple(presence, &from, options, &mut lost)?;
        let is_new = !self.tuples.contains_key(tuple.id());
        if is_new && self.tuples.len() >= options.limits.max_tuples.max(1) {
            return Err(MapError::TooManyResources);
        }
        tuple.timestamp = tuple.timestamp.map(|timestamp| self.later(timestamp));
        self.tuples.insert(tuple.id().to_string(), tuple);
        let document = self.document(options)?;
        self.forget_closed();
        Ok(Mapped::new(document, lost))
    }

    /// The document as it stands, such as for a new watcher. Without tuples only
    /// if nothing was ever taken in: then there is nothing to tell.
    ///
    /// # Errors
    ///
    /// An address without a localpart.
    pub fn document(&self, options: &Options) -> Result<Document, MapError> {
        let entity = options
            .uri(Scheme::Pres, self.jid.as_ref())
            .map_err(|error| MapError::Address(Side::From, error))?;
        let mut document = Document::new(entity);
        for tuple in self.tuples.values() {
            // The keys are the ids: none is there twice.
            let _ = document.push(tuple.clone());
        }
        Ok(document)
    }

    /// The Message/CPIM object that brings `document` to a watcher.
    ///
    /// # Errors
    ///
    /// An address without a localpart, and text that XML cannot have.
    pub fn notification(
        &self,
        document: &Document,
        watcher: &BareJid,
        options: &Options,
    ) -> Result<Message<'static>, MapError> {
        let content = Entity::pidf(document.to_vec().map_err(MapError::Write)?);
        wrapped(content, &self.jid, watcher, options)
    }

    /// Whether any resource is available.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.tuples.values().any(|tuple| tuple.status.basic() == Some(Basic::Open))
    }

    fn forget_closed(&mut self) {
        if self.is_available() {
            self.tuples.retain(|_, tuple| tuple.status.basic() == Some(Basic::Open));
        } else {
            // All closed: the last one to close stands for the user.
            let last = self
                .tuples
                .values()
                .max_by_key(|tuple| tuple.timestamp.map(|at| at.since_unix_epoch()))
                .map(|tuple| tuple.id().to_string());
            self.tuples.retain(|id, _| Some(id) == last.as_ref());
        }
    }

    fn later(&mut self, timestamp: DateTime) -> DateTime {
        let wanted = timestamp.since_unix_epoch();
        let Some(last) = self.timestamp.filter(|last| *last >= wanted) else {
            self.timestamp = Some(wanted);
            return timestamp;
        };
        let last = Duration::new(u64::try_from(last.0).unwrap_or(0), last.1);
        let next = last.saturating_add(Duration::from_micros(1));
        let bumped = DateTime::from_unix(next).unwrap_or(timestamp);
        self.timestamp = Some(bumped.since_unix_epoch());
        bumped
    }
}
