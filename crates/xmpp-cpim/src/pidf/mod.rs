//! PIDF: presence as an XML document (RFC 3863).
//!
//! ```text
//! presence entity="pres:someone@example.com"
//! ├── tuple id="bs35r9"            one way to reach the presentity
//! │   ├── status
//! │   │   ├── basic                open | closed
//! │   │   └── extensions
//! │   ├── extensions
//! │   ├── contact priority="0.8"   im:someone@example.com
//! │   ├── note xml:lang="en"
//! │   └── timestamp
//! ├── note
//! └── extensions
//! ```
//!
//! Elements of no known name are ignored (`3863-4.2.3-01`): kept where the
//! format has a place for extensions, and written again, but nothing is read
//! out of them.

mod markup;
mod priority;
mod read;
#[cfg(test)]
mod tests;
mod understand;
mod write;

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use xmpp_stanza::LangText;
use xmpp_xml::Element;

pub use self::priority::{Priority, PriorityError};
pub(crate) use self::read::without_declaration;
pub use self::understand::is_understood;

use crate::DateTime;

/// A presence document: what is known of one presentity.
///
/// ```
/// use xmpp_cpim::Limits;
/// use xmpp_cpim::pidf::{Basic, Document};
///
/// let document = Document::parse(
///     b"<?xml version='1.0' encoding='UTF-8'?>
///     <presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:romeo@example.net'>
///       <tuple id='orchard'>
///         <status><basic>open</basic></status>
///         <contact priority='0.102'>im:romeo@example.net</contact>
///         <note xml:lang='en'>Wooing Juliet</note>
///       </tuple>
///     </presence>",
///     &Limits::default(),
/// )?;
/// let tuple = &document.tuples()[0];
/// assert_eq!((tuple.id(), tuple.status.basic()), ("orchard", Some(Basic::Open)));
/// assert_eq!(tuple.contact.as_ref().unwrap().uri, "im:romeo@example.net");
/// assert_eq!(Document::parse(&document.to_vec()?, &Limits::default())?, document);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    entity: String,
    tuples: Vec<Tuple>,
    /// What is said about the presentity as a whole. The language of each is
    /// the one in scope.
    pub notes: Vec<LangText<'static>>,
    /// Child elements of other names.
    pub extensions: Vec<Element>,
}

impl Document {
    /// A document without tuples about `entity`, a `pres:` URI.
    #[must_use]
    pub fn new(entity: impl Into<String>) -> Self {
        Self {
            entity: entity.into(),
            tuples: Vec::new(),
            notes: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Adds a tuple at the end.
    ///
    /// # Errors
    ///
    /// There is one with its `id` already (`3863-4.1.2-03`).
    pub fn push(&mut self, tuple: Tuple) -> Result<(), RepeatedId> {
        if self.tuples.iter().any(|known| known.id == tuple.id) {
            return Err(RepeatedId);
        }
        self.tuples.push(tuple);
        Ok(())
    }

    /// The URI of the presentity.
    #[must_use]
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The tuples in order; no two have the same `id`.
    #[must_use]
    pub fn tuples(&self) -> &[Tuple] {
        &self.tuples
    }

    /// Where the presentity is reached: the addresses of its tuples, the highest
    /// priority first (`3863-4.1.5-04`). Of equal ones, the order is that of the tuples.
    ///
    /// A tuple that is closed has its address here as well: it says that no message is
    /// taken there now.
    #[must_use]
    pub fn contacts(&self) -> Vec<&Contact> {
        let mut contacts: Vec<_> =
            self.tuples.iter().filter_map(|tuple| tuple.contact.as_ref()).collect();
        contacts.sort_by_key(|contact| Reverse(contact.priority.unwrap_or(Priority::LOWEST)));
        contacts
    }

    /// The tuple of this `id`.
    #[must_use]
    pub fn tuple(&self, id: &str) -> Option<&Tuple> {
        self.tuples.iter().find(|tuple| tuple.id == id)
    }
}

/// A presence tuple: one way to reach the presentity, such as a device.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tuple {
    id: String,
    /// Whether, and how, it can be reached.
    pub status: Status,
    /// Child elements of other names.
    pub extensions: Vec<Element>,
    /// Where.
    pub contact: Option<Contact>,
    /// What is said about it. The language of each is the one in scope.
    pub notes: Vec<LangText<'static>>,
    /// When the status became what it is.
    pub timestamp: Option<DateTime>,
}

impl Tuple {
    /// A tuple of nothing but its `id` and a status.
    #[must_use]
    pub fn new(id: impl Into<String>, status: Status) -> Self {
        Self {
            id: id.into(),
            status,
            extensions: Vec::new(),
            contact: None,
            notes: Vec::new(),
            timestamp: None,
        }
    }

    /// What tells the tuple from the others of the same presentity, and finds
    /// it again in the next document.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The status of a tuple: a basic one, extensions, or both, but not nothing
/// (`3863-4.1.3-02`).
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    basic: Option<Basic>,
    extensions: Vec<Element>,
}

impl Status {
    /// `open` or `closed`.
    #[must_use]
    pub const fn basic_only(basic: Basic) -> Self {
        Self { basic: Some(basic), extensions: Vec::new() }
    }

    /// A status that is an extension alone.
    #[must_use]
    pub fn extension_only(extension: Element) -> Self {
        Self { basic: None, extensions: alloc::vec![extension] }
    }

    /// With an extension at the end.
    #[must_use]
    pub fn with_extension(mut self, extension: Element) -> Self {
        self.extensions.push(extension);
        self
    }

    /// `open`, `closed`, or neither said.
    #[must_use]
    pub const fn basic(&self) -> Option<Basic> {
        self.basic
    }

    /// The child elements of other names. One that holds something which has
    /// to be understood and is not counts for nothing: see [`is_understood`].
    #[must_use]
    pub fn extensions(&self) -> &[Element] {
        &self.extensions
    }
}

/// Whether instant messages can be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3863 §4.1.4 has these two")]
pub enum Basic {
    /// The contact is ready to accept one.
    Open,
    /// It is not.
    Closed,
}

impl Basic {
    /// The value of `<basic/>`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// Where a tuple is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// A URI, such as `im:someone@example.com` or `tel:+09012345678`.
    pub uri: String,
    /// How much rather here than elsewhere; none is the lowest
    /// (`3863-4.1.5-02`).
    pub priority: Option<Priority>,
}

impl Contact {
    /// An address, without a priority.
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), priority: None }
    }

    /// With a priority.
    #[must_use]
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }
}

/// The document has a tuple with this `id` already (`3863-4.1.2-03`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepeatedId;

impl fmt::Display for RepeatedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document has a tuple with this id already (RFC 3863 §4.1.2)")
    }
}

impl core::error::Error for RepeatedId {}

/// Why octets are not a presence document, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PidfError {
    /// The rule that is broken.
    pub kind: PidfErrorKind,
    /// Octets from the start of the document to the element that breaks it.
    pub at: usize,
}

impl fmt::Display for PidfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) at octet {}", self.kind, self.kind.section(), self.at)
    }
}

impl core::error::Error for PidfError {}

/// The rule that a presence document breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PidfErrorKind {
    /// It is larger than [`Limits::max_object_bytes`](crate::Limits::max_object_bytes).
    TooLong,
    /// It is not XML as XMPP can carry it.
    Xml(xmpp_xml::ErrorKind),
    /// The root is not `<presence xmlns='urn:ietf:params:xml:ns:pidf'/>`.
    NotPresence,
    /// The namespace of an element is no absolute URI, or has a fragment.
    Namespace,
    /// The root has no `entity`.
    MissingEntity,
    /// A tuple has no `id`, or an empty one.
    MissingId,
    /// Two tuples have the same `id`.
    RepeatedId,
    /// A tuple has no `<status/>`.
    MissingStatus,
    /// A `<status/>` has no child element.
    EmptyStatus,
    /// An element that may be there once is there more than once.
    RepeatedElement,
    /// `<basic/>` is neither `open` nor `closed`.
    Basic,
    /// An element that holds text holds elements.
    NotText,
    /// A `<timestamp/>` is not a date-time of RFC 3339 with `T` and `Z` in
    /// capitals.
    Timestamp,
    /// There are more tuples than [`Limits::max_tuples`](crate::Limits::max_tuples).
    TooManyTuples,
    /// There are more notes or extensions in one place than
    /// [`Limits::max_notes_or_extensions`](crate::Limits::max_notes_or_extensions).
    TooManyElements,
}

impl PidfErrorKind {
    /// A short name that will not change, such as `missing-entity`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::Xml(kind) => kind.condition().as_str(),
            Self::NotPresence => "not-presence",
            Self::Namespace => "namespace",
            Self::MissingEntity => "missing-entity",
            Self::MissingId => "missing-id",
            Self::RepeatedId => "repeated-id",
            Self::MissingStatus => "missing-status",
            Self::EmptyStatus => "empty-status",
            Self::RepeatedElement => "repeated-element",
            Self::Basic => "basic",
            Self::NotText => "not-text",
            Self::Timestamp => "timestamp",
            Self::TooManyTuples => "too-many-tuples",
            Self::TooManyElements => "too-many-elements",
        }
    }

    /// The section that has the rule.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::TooLong | Self::TooManyTuples | Self::TooManyElements => "a limit of ours",
            Self::Xml(kind) => kind.section(),
            Self::NotPresence | Self::MissingEntity => "RFC 3863 §4.1.1",
            Self::MissingId | Self::RepeatedId | Self::MissingStatus | Self::RepeatedElement => {
                "RFC 3863 §4.1.2"
            }
            Self::Namespace => "RFC 3863 §4.2.2",
            Self::EmptyStatus => "RFC 3863 §4.1.3",
            Self::Basic => "RFC 3863 §4.1.4",
            Self::NotText => "RFC 3863 §4.4",
            Self::Timestamp => "RFC 3863 §4.1.7",
        }
    }
}

impl fmt::Display for PidfErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the document is larger than the limit",
            Self::Xml(kind) => return kind.fmt(f),
            Self::NotPresence => {
                "expected the root <presence xmlns='urn:ietf:params:xml:ns:pidf'/>"
            }
            Self::Namespace => "the namespace of an element has to be an absolute URI",
            Self::MissingEntity => "<presence/> needs an entity",
            Self::MissingId => "<tuple/> needs an id",
            Self::RepeatedId => "two tuples cannot have the same id",
            Self::MissingStatus => "<tuple/> needs a <status/>",
            Self::EmptyStatus => "<status/> needs a child element",
            Self::RepeatedElement => "this element can be there only once",
            Self::Basic => "<basic/> has to be open or closed",
            Self::NotText => "this element holds text alone",
            Self::Timestamp => "expected a date-time such as 2001-10-27T16:49:29Z",
            Self::TooManyTuples => "there are more tuples than the limit",
            Self::TooManyElements => "there are more notes or extensions than the limit",
        })
    }
}
