//! The faults that a stream can be made with, and what to say to them.

use core::fmt;

/// What is wrong with a stream.
///
/// There is one fault in a stream at most, and everything before and behind it is
/// good. [`conditions`](Self::conditions) is what an implementation may answer.
///
/// ```
/// use xmpp_stanza::arbitrary::{Fault, Level};
///
/// assert_eq!(Fault::Comment.conditions(), ["restricted-xml", "bad-format"]);
/// assert_eq!(Fault::Comment.section(), "RFC 6120, 11.1");
/// assert_eq!(Fault::Comment.to_string(), "comment");
/// let of_reader = Fault::ALL.iter().filter(|fault| fault.level() == Level::Xml);
/// assert_eq!(of_reader.count(), 27);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// `<!-- … -->` between first-level elements or within one.
    Comment,
    /// `<?name …?>`, likewise.
    ProcessingInstruction,
    /// `<!DOCTYPE …>` before the header.
    DocumentType,
    /// A reference to an entity other than the five predefined ones.
    EntityReference,
    /// An element with a prefix that nothing declares.
    UndeclaredPrefix,
    /// An attribute with such a prefix.
    UndeclaredAttributePrefix,
    /// One attribute twice.
    DuplicateAttribute,
    /// Two attributes whose prefixes differ and whose names and namespaces do not.
    DuplicateExpandedName,
    /// An end tag of another name than the start tag.
    MismatchedTag,
    /// Octets that are no UTF-8: a lone byte, a cut sequence, an overlong form, a surrogate.
    BadUtf8,
    /// A character that XML does not allow, as it is.
    ForbiddenCharacter,
    /// A reference to such a character.
    ForbiddenReference,
    /// `<` in an attribute value.
    LessThanInAttribute,
    /// An attribute value without quotes.
    UnquotedAttribute,
    /// An attribute without a value.
    AttributeWithoutValue,
    /// Two attributes without white space between.
    MissingSpace,
    /// `]]>` in character data.
    CdataEndInText,
    /// `&` that begins no reference.
    BareAmpersand,
    /// A reference without `;`.
    UnendedReference,
    /// An element whose name begins with a digit.
    BadName,
    /// A name with two colons.
    TwoColons,
    /// White space between `<` and the name.
    SpaceBeforeName,
    /// `xmlns:p=''`.
    EmptyPrefixDeclaration,
    /// The prefix `xml` declared for another namespace, `xmlns` declared, or the like.
    ReservedPrefix,
    /// `<!NAME …>` that is no declaration.
    BadMarkup,
    /// An XML declaration behind the header.
    LateDeclaration,
    /// An XML declaration that names another encoding than UTF-8.
    Encoding,
    /// A header in another namespace than that of streams.
    HeaderNamespace,
    /// A header whose content namespace nobody knows.
    ContentNamespace,
    /// Another stream header where a first-level element has to stand, while the
    /// first stream is open.
    SecondHeader,
    /// Character data between first-level elements.
    TextBetweenElements,
    /// A first-level element in the content namespace that is no stanza.
    UnknownStanza,
}

/// Who can tell that something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// A reader of XML that knows the restrictions of XMPP.
    Xml,
    /// It is XML; one has to know what may stand in a stream.
    Stream,
}

const RESTRICTED: &[&str] = &["restricted-xml", "bad-format"];
const ILL_FORMED: &[&str] = &["not-well-formed", "bad-format"];
/// RFC 6120 has the first in section 4.9.3.2 and the second in 4.9.3.13.
const PREFIX: &[&str] = &["bad-namespace-prefix", "not-well-formed", "bad-format"];

impl Fault {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Comment,
        Self::ProcessingInstruction,
        Self::DocumentType,
        Self::EntityReference,
        Self::UndeclaredPrefix,
        Self::UndeclaredAttributePrefix,
        Self::DuplicateAttribute,
        Self::DuplicateExpandedName,
        Self::MismatchedTag,
        Self::BadUtf8,
        Self::ForbiddenCharacter,
        Self::ForbiddenReference,
        Self::LessThanInAttribute,
        Self::UnquotedAttribute,
        Self::AttributeWithoutValue,
        Self::MissingSpace,
        Self::CdataEndInText,
        Self::BareAmpersand,
        Self::UnendedReference,
        Self::BadName,
        Self::TwoColons,
        Self::SpaceBeforeName,
        Self::EmptyPrefixDeclaration,
        Self::ReservedPrefix,
        Self::BadMarkup,
        Self::LateDeclaration,
        Self::Encoding,
        Self::HeaderNamespace,
        Self::ContentNamespace,
        Self::SecondHeader,
        Self::TextBetweenElements,
        Self::UnknownStanza,
    ];

    /// The stream error conditions (RFC 6120, section 4.9.3) that may be the answer. The
    /// first is the one that the RFC wants; the others it lets stand, or its
    /// sections disagree.
    ///
    /// An implementation that ignores an [unknown stanza](Self::UnknownStanza), as section
    /// 4.8.4 allows for data of other namespaces, gives no answer at all.
    #[must_use]
    pub fn conditions(self) -> &'static [&'static str] {
        match self {
            Self::Comment
            | Self::ProcessingInstruction
            | Self::DocumentType
            | Self::EntityReference => RESTRICTED,
            Self::UndeclaredPrefix | Self::UndeclaredAttributePrefix => PREFIX,
            // Section 11.6 calls another encoding what 4.9.3.22 calls a violation of UTF-8.
            Self::BadUtf8 => &["not-well-formed", "unsupported-encoding", "bad-format"],
            // Neither a declaration in its place nor a processing instruction.
            Self::LateDeclaration => &["not-well-formed", "restricted-xml", "bad-format"],
            Self::BadMarkup => &["not-well-formed", "restricted-xml", "bad-format"],
            Self::Encoding => &["unsupported-encoding", "bad-format"],
            Self::HeaderNamespace | Self::ContentNamespace => &["invalid-namespace", "bad-format"],
            Self::SecondHeader => {
                &["bad-format", "unsupported-stanza-type", "invalid-xml", "policy-violation"]
            }
            // Well-formed, and nothing that can be processed.
            Self::TextBetweenElements => &["bad-format", "not-well-formed", "invalid-xml"],
            Self::UnknownStanza => &["unsupported-stanza-type", "bad-format"],
            _ => ILL_FORMED,
        }
    }

    /// Where it is said that this is wrong.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::Comment
            | Self::ProcessingInstruction
            | Self::DocumentType
            | Self::EntityReference => "RFC 6120, 11.1",
            Self::UndeclaredPrefix | Self::UndeclaredAttributePrefix => "RFC 6120, 4.9.3.2",
            Self::DuplicateAttribute
            | Self::LessThanInAttribute
            | Self::UnquotedAttribute
            | Self::AttributeWithoutValue
            | Self::MissingSpace
            | Self::SpaceBeforeName
            | Self::BadMarkup => "XML 1.0, 3.1",
            Self::DuplicateExpandedName => "Namespaces in XML 1.0, 6.3",
            Self::MismatchedTag => "XML 1.0, 3",
            Self::BadUtf8 | Self::Encoding => "RFC 6120, 11.6",
            Self::ForbiddenCharacter => "XML 1.0, 2.2",
            Self::ForbiddenReference | Self::BareAmpersand | Self::UnendedReference => {
                "XML 1.0, 4.1"
            }
            Self::CdataEndInText => "XML 1.0, 2.4",
            Self::BadName => "XML 1.0, 2.3",
            Self::TwoColons => "Namespaces in XML 1.0, 4",
            Self::EmptyPrefixDeclaration => "Namespaces in XML 1.0, 2.2",
            Self::ReservedPrefix => "Namespaces in XML 1.0, 3",
            Self::LateDeclaration => "XML 1.0, 2.8",
            Self::HeaderNamespace => "RFC 6120, 4.8.1",
            Self::ContentNamespace => "RFC 6120, 4.8.3",
            Self::SecondHeader => "RFC 6120, 4.2",
            Self::TextBetweenElements => "RFC 6120, 11.7",
            Self::UnknownStanza => "RFC 6120, 4.9.3.24",
        }
    }

    /// Who can tell.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::HeaderNamespace
            | Self::ContentNamespace
            | Self::SecondHeader
            | Self::TextBetweenElements
            | Self::UnknownStanza => Level::Stream,
            _ => Level::Xml,
        }
    }

    /// Its name, as programs and files have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::ProcessingInstruction => "processing-instruction",
            Self::DocumentType => "document-type",
            Self::EntityReference => "entity-reference",
            Self::UndeclaredPrefix => "undeclared-prefix",
            Self::UndeclaredAttributePrefix => "undeclared-attribute-prefix",
            Self::DuplicateAttribute => "duplicate-attribute",
            Self::DuplicateExpandedName => "duplicate-expanded-name",
            Self::MismatchedTag => "mismatched-tag",
            Self::BadUtf8 => "bad-utf-8",
            Self::ForbiddenCharacter => "forbidden-character",
            Self::ForbiddenReference => "forbidden-reference",
            Self::LessThanInAttribute => "less-than-in-attribute",
            Self::UnquotedAttribute => "unquoted-attribute",
            Self::AttributeWithoutValue => "attribute-without-value",
            Self::MissingSpace => "missing-space",
            Self::CdataEndInText => "cdata-end-in-text",
            Self::BareAmpersand => "bare-ampersand",
            Self::UnendedReference => "unended-reference",
            Self::BadName => "bad-name",
            Self::TwoColons => "two-colons",
            Self::SpaceBeforeName => "space-before-name",
            Self::EmptyPrefixDeclaration => "empty-prefix-declaration",
            Self::ReservedPrefix => "reserved-prefix",
            Self::BadMarkup => "bad-markup",
            Self::LateDeclaration => "late-declaration",
            Self::Encoding => "encoding",
            Self::HeaderNamespace => "header-namespace",
            Self::ContentNamespace => "content-namespace",
            Self::SecondHeader => "second-header",
            Self::TextBetweenElements => "text-between-elements",
            Self::UnknownStanza => "unknown-stanza",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
