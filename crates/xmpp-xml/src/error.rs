//! What can be wrong with the input.

use core::fmt;

/// Why reading stopped, and where.
///
/// However an input is cut into pieces, it gives the same error. After
/// an error a reader stays in it: every further call returns it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: u64,
    stopped_at: u64,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, offset: u64, stopped_at: u64) -> Self {
        Self { kind, offset, stopped_at: stopped_at.max(offset) }
    }

    /// The stream error condition that tells the peer (RFC 6120, section
    /// 4.9.3).
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.kind.condition()
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where the bad construct begins: bytes since the beginning of the
    /// input.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where reading stopped: the first byte that could not be taken. Bytes
    /// since the beginning of the input, never before [`Error::offset`].
    #[must_use]
    pub fn stopped_at(&self) -> u64 {
        self.stopped_at
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl core::error::Error for Error {}

/// The stream error conditions that a reader can ask for (RFC 6120, section
/// 4.9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// XML that cannot be processed (section 4.9.3.1).
    BadFormat,
    /// An unbound namespace prefix (section 4.9.3.2).
    BadNamespacePrefix,
    /// A stream header in another namespace than it must be in (section
    /// 4.9.3.10).
    InvalidNamespace,
    /// Not XML, or against the rules of XML namespaces (section 4.9.3.13).
    NotWellFormed,
    /// Over a limit of this entity (section 4.9.3.14).
    PolicyViolation,
    /// A comment, processing instruction, DTD or entity reference (section
    /// 4.9.3.18).
    RestrictedXml,
    /// An encoding other than UTF-8 (section 4.9.3.22).
    UnsupportedEncoding,
}

impl Condition {
    /// The name of the element that says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadFormat => "bad-format",
            Self::InvalidNamespace => "invalid-namespace",
            Self::BadNamespacePrefix => "bad-namespace-prefix",
            Self::NotWellFormed => "not-well-formed",
            Self::PolicyViolation => "policy-violation",
            Self::RestrictedXml => "restricted-xml",
            Self::UnsupportedEncoding => "unsupported-encoding",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong, more finely than the condition says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Bytes that are not UTF-8, or the input ends within a character.
    InvalidUtf8,
    /// A control character, U+FFFE or U+FFFF, written or referred to.
    InvalidCharacter,
    /// Something else where a name must stand, or a character that no name may begin with or contain.
    InvalidName,
    /// A colon at the beginning or the end of a name, or two of them.
    InvalidQualifiedName,
    /// A tag is not as the grammar says: no `=`, no quote, no white space between attributes, no `>`.
    UnexpectedCharacter,
    /// `<` in an attribute value.
    LessThanInAttributeValue,
    /// Two attributes of one element with the same expanded name.
    DuplicateAttribute,
    /// An end tag that does not match, or with nothing open.
    MismatchedEndTag,
    /// `]]>` outside a CDATA section.
    CdataEndInText,
    /// `&` without a well-formed reference after it.
    InvalidReference,
    /// `<!` with neither `[CDATA[`, `--` nor a declaration after it.
    InvalidMarkup,
    /// An XML declaration that is malformed, out of place, or of another version than 1.x.
    InvalidXmlDeclaration,
    /// `xml` bound to another namespace, another prefix bound to `xml`'s, or `xmlns` declared or used for an element.
    ReservedPrefix,
    /// `xmlns:p=""`.
    EmptyPrefixDeclaration,
    /// Something that is neither white space nor markup where only these may stand; in a stream also between first-level elements.
    TextOutsideRoot,
    /// Markup after the end of the root element of a document or message.
    ContentAfterRoot,
    /// The input of a document, or a message, ends before its root element does.
    UnexpectedEnd,
    /// An element or attribute with a prefix that no declaration in scope binds.
    UnboundPrefix,
    /// A comment.
    Comment,
    /// A processing instruction.
    ProcessingInstruction,
    /// A document type declaration, or another declaration that only a DTD may hold.
    DocumentTypeDeclaration,
    /// A reference to an entity other than `lt`, `gt`, `amp`, `apos` and `quot`.
    EntityReference,
    /// The XML declaration names another encoding, or the input begins as UTF-16 or UTF-32 do.
    Encoding,
    /// White space before the element of a message, a keepalive among others.
    SpaceBeforeElement,
    /// A message without a byte.
    EmptyMessage,
    /// The first message of a stream is neither `<open/>` nor `<close/>`, nor in their namespace.
    HeaderNamespace,
    /// The first message of a stream is another element of the namespace of `<open/>` and `<close/>`.
    HeaderExpected,
    /// `<open/>` or `<close/>` with content.
    HeaderNotEmpty,
    /// Over [`Limits::max_element_bytes`](crate::Limits::max_element_bytes) or,
    /// of a stream header, [`Limits::max_header_bytes`](crate::Limits::max_header_bytes).
    TooManyBytes,
    /// Over [`Limits::max_depth`](crate::Limits::max_depth).
    TooDeep,
    /// Over [`Limits::max_attributes`](crate::Limits::max_attributes).
    TooManyAttributes,
    /// Over [`Limits::max_namespaces`](crate::Limits::max_namespaces) or, of a
    /// stream header, [`Limits::max_header_namespaces`](crate::Limits::max_header_namespaces).
    TooManyNamespaces,
    /// Over [`Limits::max_name_bytes`](crate::Limits::max_name_bytes).
    NameTooLong,
    /// Over [`Limits::max_children`](crate::Limits::max_children).
    TooManyChildren,
    /// Over [`Limits::max_uri_bytes`](crate::Limits::max_uri_bytes).
    UriTooLong,
    /// Over [`Limits::max_lang_bytes`](crate::Limits::max_lang_bytes).
    LanguageTooLong,
}

impl ErrorKind {
    /// The stream error condition for it.
    #[must_use]
    pub fn condition(self) -> Condition {
        match self {
            Self::InvalidUtf8
            | Self::InvalidCharacter
            | Self::InvalidName
            | Self::InvalidQualifiedName
            | Self::UnexpectedCharacter
            | Self::LessThanInAttributeValue
            | Self::DuplicateAttribute
            | Self::MismatchedEndTag
            | Self::CdataEndInText
            | Self::InvalidReference
            | Self::InvalidMarkup
            | Self::InvalidXmlDeclaration
            | Self::ReservedPrefix
            | Self::EmptyPrefixDeclaration
            | Self::TextOutsideRoot
            | Self::ContentAfterRoot
            | Self::UnexpectedEnd => Condition::NotWellFormed,
            Self::UnboundPrefix => Condition::BadNamespacePrefix,
            Self::Comment
            | Self::ProcessingInstruction
            | Self::DocumentTypeDeclaration
            | Self::EntityReference => Condition::RestrictedXml,
            Self::Encoding => Condition::UnsupportedEncoding,
            Self::SpaceBeforeElement
            | Self::EmptyMessage
            | Self::HeaderExpected
            | Self::HeaderNotEmpty => Condition::BadFormat,
            Self::HeaderNamespace => Condition::InvalidNamespace,
            Self::TooManyBytes
            | Self::TooDeep
            | Self::TooManyAttributes
            | Self::TooManyNamespaces
            | Self::NameTooLong
            | Self::TooManyChildren
            | Self::UriTooLong
            | Self::LanguageTooLong => Condition::PolicyViolation,
        }
    }

    /// Where the rule stands that the input breaks.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "RFC 3629",
            Self::InvalidCharacter => "XML 1.0, section 2.2",
            Self::InvalidName => "XML 1.0, section 2.3",
            Self::InvalidQualifiedName => "Namespaces in XML 1.0, section 4",
            Self::UnexpectedCharacter => "XML 1.0, section 3.1",
            Self::LessThanInAttributeValue => "XML 1.0, section 3.1",
            Self::DuplicateAttribute => "XML 1.0, section 3.1; Namespaces in XML 1.0, section 6.3",
            Self::MismatchedEndTag => "XML 1.0, section 3",
            Self::CdataEndInText => "XML 1.0, section 2.4",
            Self::InvalidReference => "XML 1.0, section 4.1",
            Self::InvalidMarkup => "XML 1.0, section 3.1",
            Self::InvalidXmlDeclaration => "XML 1.0, section 2.8",
            Self::ReservedPrefix => "Namespaces in XML 1.0, section 3",
            Self::EmptyPrefixDeclaration => "Namespaces in XML 1.0, section 2.2",
            Self::TextOutsideRoot => "XML 1.0, section 2.1",
            Self::ContentAfterRoot => "XML 1.0, section 2.1",
            Self::UnexpectedEnd => "XML 1.0, section 2.1",
            Self::UnboundPrefix => "Namespaces in XML 1.0, section 5",
            Self::Comment => "RFC 6120, section 11.1",
            Self::ProcessingInstruction => "RFC 6120, section 11.1",
            Self::DocumentTypeDeclaration => "RFC 6120, section 11.1",
            Self::EntityReference => "RFC 6120, section 11.1",
            Self::Encoding => "RFC 6120, section 11.6",
            Self::SpaceBeforeElement => "RFC 7395, sections 3.3.3 and 3.8",
            Self::EmptyMessage => "RFC 7395, section 3.3.3",
            Self::HeaderNamespace => "RFC 7395, section 3.3.2",
            Self::HeaderExpected => "RFC 7395, section 3.4",
            Self::HeaderNotEmpty => "RFC 7395, appendix A",
            Self::TooManyBytes => "RFC 6120, section 13.12",
            Self::TooDeep => "RFC 6120, section 13.12",
            Self::TooManyAttributes => "RFC 6120, section 13.12",
            Self::TooManyNamespaces => "RFC 6120, section 13.12",
            Self::NameTooLong => "RFC 6120, section 13.12",
            Self::TooManyChildren => "RFC 6120, section 13.12",
            Self::UriTooLong => "RFC 6120, section 13.12",
            Self::LanguageTooLong => "RFC 6120, section 13.12",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidUtf8 => "not UTF-8",
            Self::InvalidCharacter => "a character that XML does not allow",
            Self::InvalidName => "a name was expected",
            Self::InvalidQualifiedName => "a name with a colon out of place",
            Self::UnexpectedCharacter => "a character out of place in a tag",
            Self::LessThanInAttributeValue => "`<` in an attribute value",
            Self::DuplicateAttribute => "the same attribute twice",
            Self::MismatchedEndTag => "an end tag whose name is not that of the open element",
            Self::CdataEndInText => "`]]>` in character data",
            Self::InvalidReference => "a malformed reference",
            Self::InvalidMarkup => "malformed markup after `<!`",
            Self::InvalidXmlDeclaration => {
                "a malformed XML declaration, or one that is not at the very beginning"
            }
            Self::ReservedPrefix => {
                "`xml` or `xmlns` declared otherwise than Namespaces in XML allows"
            }
            Self::EmptyPrefixDeclaration => "a prefix declared with an empty namespace",
            Self::TextOutsideRoot => "character data outside the root element",
            Self::ContentAfterRoot => "another element after the root element",
            Self::UnexpectedEnd => "the document or message ends before its root element does",
            Self::UnboundPrefix => "an undeclared namespace prefix",
            Self::Comment => "a comment",
            Self::ProcessingInstruction => "a processing instruction",
            Self::DocumentTypeDeclaration => "a document type declaration",
            Self::EntityReference => "a reference to an entity that is not predefined",
            Self::Encoding => "an encoding other than UTF-8",
            Self::SpaceBeforeElement => "white space before the element of a message",
            Self::EmptyMessage => "an empty message",
            Self::HeaderNamespace => "a stream header that is not in the namespace of `<open/>`",
            Self::HeaderExpected => "neither `<open/>` nor `<close/>` where a stream begins",
            Self::HeaderNotEmpty => "content in `<open/>` or `<close/>`",
            Self::TooManyBytes => "more bytes than the limit for one element or header",
            Self::TooDeep => "more elements within one another than the limit",
            Self::TooManyAttributes => "more attributes than the limit",
            Self::TooManyNamespaces => "more namespace declarations in scope than the limit",
            Self::NameTooLong => "a longer name than the limit",
            Self::TooManyChildren => "more child elements than the limit",
            Self::UriTooLong => "a longer namespace URI than the limit",
            Self::LanguageTooLong => "a longer language tag than the limit",
        })?;
        write!(f, " ({})", self.section())
    }
}
