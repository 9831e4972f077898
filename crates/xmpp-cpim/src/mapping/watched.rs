use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::BareJid;
use xmpp_stanza::{Presence, PresenceBuilder, PresenceType};

use super::presence::embed;
use super::{MapError, Mapped, Options, presence_from_pidf};
use crate::pidf::{Document, Tuple};

/// The presence of somebody beyond the gateway, as XMPP users see it: what
/// their documents said last, so that only changes become stanzas
/// (`3922-6.3.1-03`).
///
/// ```
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// use xmpp_cpim::Limits;
/// use xmpp_cpim::mapping::{Options, Watched};
/// use xmpp_cpim::pidf::Document;
///
/// let mut romeo = Watched::new("romeo@example.net".parse()?);
/// let document = Document::parse(
///     b"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:romeo@example.net'>
///         <tuple id='orchard'><status><basic>open</basic></status></tuple>
///       </presence>",
///     &Limits::default(),
/// )?;
/// let options = Options::default();
/// assert_eq!(romeo.update(&document, &options)?.value.len(), 1);
/// assert_eq!(romeo.update(&document, &options)?.value.len(), 0, "nothing new");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Watched {
    jid: BareJid,
    /// The last presence of each address.
    presences: BTreeMap<String, PresenceBuilder>,
    /// The timestamp of each tuple that has one, by its `id`.
    timestamps: BTreeMap<String, (i64, u32)>,
}

impl Watched {
    /// Somebody of whom nothing is known yet.
    #[must_use]
    pub const fn new(jid: BareJid) -> Self {
        Self { jid, presences: BTreeMap::new(), timestamps: BTreeMap::new() }
    }

    /// Whose presence it is.
    #[must_use]
    pub const fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Takes in a document and gives a presence, without `to`, for each tuple
    /// that says something new. A tuple that is no longer there has become
    /// unavailable: documents are complete (RFC 3922 §6.3.1).
    ///
    /// A document with a tuple that is older than it was is outdated, or
    /// replayed, and ignored (`3863-6-02`).
    ///
    /// # Errors
    ///
    /// Those of [`presence_from_pidf`]; nothing is taken in then.
    pub fn update(
        &mut self,
        document: &Document,
        options: &Options,
    ) -> Result<Mapped<Vec<PresenceBuilder>>, MapError> {
        if self.is_outdated(document) {
            return Ok(Mapped::new(Vec::new(), Vec::new()));
        }
        let plain = options.clone().with_embed_pidf(false);
        let Mapped { value: presences, lost } = presence_from_pidf(document, &self.jid, &plain)?;
        let mut now = BTreeMap::new();
        let mut changed = Vec::new();
        for presence in presences {
            let key = String::from(presence.from.as_str().unwrap_or_default());
            if self.presences.get(&key) != Some(&presence) {
                changed.push(presence.clone());
            }
            now.insert(key, presence);
        }
        for (key, known) in &self.presences {
            if known.presence_type() == PresenceType::Available && !now.contains_key(key) {
                let gone = known.from.clone();
                changed.push(Presence::builder(PresenceType::Unavailable).with_from(gone));
            }
        }
        embed(document, &mut changed, options)?;
        self.presences = now;
        self.timestamps = timestamps(document).map(|(id, at)| (String::from(id), at)).collect();
        Ok(Mapped::new(changed, lost))
    }

    fn is_outdated(&self, document: &Document) -> bool {
        timestamps(document)
            .any(|(id, at)| self.timestamps.get(id).is_some_and(|known| at < *known))
    }

    /// What is known: the presence of each tuple, for a new subscriber or a
    /// probe.
    pub fn presences(&self) -> impl Iterator<Item = &PresenceBuilder> {
        self.presences.values()
    }
}

fn timestamps(document: &Document) -> impl Iterator<Item = (&str, (i64, u32))> {
    let known = |tuple: &Tuple| tuple.timestamp.map(|at| at.since_unix_epoch());
    document.tuples().iter().filter_map(move |tuple| Some((tuple.id(), known(tuple)?)))
}
