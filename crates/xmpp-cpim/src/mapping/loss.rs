use alloc::string::String;
use core::fmt;

use super::Side;

/// Something that the other side does not get to see, and the rule by which it
/// does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// What is lost.
    pub what: Lost,
    /// The section that says so, such as `RFC 3922 §4.1.4`; for what no RFC
    /// speaks of, the decision of ours.
    pub rule: &'static str,
}

/// What is lost in a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// The resourcepart of an address.
    Resourcepart(Side),
    /// The name beside an address.
    FormalName(Side),
    /// What stands after `?` in a URI.
    UriHeaders(Side),
    /// The `id` of a stanza.
    Id,
    /// The `type` of a stanza: this one.
    Type(&'static str),
    /// An attribute of a stanza that RFC 6120 does not define.
    Attribute {
        /// Its local name.
        name: String,
    },
    /// The `<thread/>`.
    Thread,
    /// One more `<body/>`, in this language.
    Body {
        /// The `xml:lang` in scope.
        lang: Option<String>,
    },
    /// One more subject, in a language that has one.
    Subject {
        /// The language.
        lang: Option<String>,
    },
    /// A child element that is not RFC 6121's.
    Payload {
        /// Its namespace.
        ns: String,
        /// Its local name.
        name: String,
    },
    /// A language tag that is none, of this element or header.
    Language {
        /// The tag.
        tag: String,
    },
    /// White space around a subject.
    OuterWhitespace,
    /// Characters that XML cannot have were replaced by U+FFFD.
    IllegalCharacters,
    /// The `<show/>`.
    Show,
    /// A `<status/>` beside a secured object.
    Status,
    /// The `<priority/>` beside a secured object, or of a tuple without a
    /// `<contact/>`.
    Priority,
    /// A priority below zero.
    NegativePriority,
    /// A message header: this one.
    Header {
        /// Its name with its prefix.
        name: String,
    },
    /// A MIME header field of the content.
    MimeField {
        /// Its name.
        name: String,
    },
    /// A tuple without `open` or `closed`.
    TupleWithoutBasic {
        /// Its `id`.
        id: String,
    },
    /// A tuple whose `id` cannot be a resourcepart.
    TupleId {
        /// It.
        id: String,
    },
    /// The `<contact/>` of a tuple.
    Contact,
    /// The `<timestamp/>` of a tuple.
    Timestamp,
    /// A `<note/>` about the presentity, or a second one in the same language.
    Note,
    /// An extension element of a PIDF document.
    Extension {
        /// Its namespace.
        ns: String,
        /// Its local name.
        name: String,
    },
}

impl Lost {
    /// A short name that will not change, such as `thread`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Resourcepart(_) => "resourcepart",
            Self::FormalName(_) => "formal-name",
            Self::UriHeaders(_) => "uri-headers",
            Self::Id => "id",
            Self::Type(_) => "type",
            Self::Attribute { .. } => "attribute",
            Self::Thread => "thread",
            Self::Body { .. } => "body",
            Self::Subject { .. } => "subject",
            Self::Payload { .. } => "payload",
            Self::Language { .. } => "language",
            Self::OuterWhitespace => "outer-whitespace",
            Self::IllegalCharacters => "illegal-characters",
            Self::Show => "show",
            Self::Status => "status",
            Self::Priority => "priority",
            Self::NegativePriority => "negative-priority",
            Self::Header { .. } => "header",
            Self::MimeField { .. } => "mime-field",
            Self::TupleWithoutBasic { .. } => "tuple-without-basic",
            Self::TupleId { .. } => "tuple-id",
            Self::Contact => "contact",
            Self::Timestamp => "timestamp",
            Self::Note => "note",
            Self::Extension { .. } => "extension",
        }
    }

    /// What it is about, where the kind alone does not say: a name, a language
    /// or a side.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Resourcepart(side) | Self::FormalName(side) | Self::UriHeaders(side) => {
                Some(match side {
                    Side::From => "from",
                    Side::To => "to",
                })
            }
            Self::Type(name) => Some(name),
            Self::Attribute { name }
            | Self::Payload { name, .. }
            | Self::Header { name }
            | Self::MimeField { name }
            | Self::Extension { name, .. } => Some(name),
            Self::Body { lang } | Self::Subject { lang } => lang.as_deref(),
            Self::Language { tag } => Some(tag),
            Self::TupleWithoutBasic { id } | Self::TupleId { id } => Some(id),
            Self::Id
            | Self::Thread
            | Self::OuterWhitespace
            | Self::IllegalCharacters
            | Self::Show
            | Self::Status
            | Self::Priority
            | Self::NegativePriority
            | Self::Contact
            | Self::Timestamp
            | Self::Note => None,
        }
    }

    pub(super) const fn by(self, rule: &'static str) -> Loss {
        Loss { what: self, rule }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what.as_str())?;
        if let Some(detail) = self.what.detail() {
            write!(f, " {detail}")?;
        }
        write!(f, " ({})", self.rule)
    }
}
