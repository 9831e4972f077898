//! What is wrong with a Message/CPIM object or a MIME entity.

use core::fmt;

/// Why octets are not a Message/CPIM object or a MIME entity, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The rule that is broken.
    pub kind: ParseErrorKind,
    /// Octets from the start of the input to where it is broken.
    pub at: usize,
}

impl ParseError {
    pub(crate) const fn new(kind: ParseErrorKind, at: usize) -> Self {
        Self { kind, at }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) at octet {}", self.kind, self.kind.section(), self.at)
    }
}

impl core::error::Error for ParseError {}

/// The rule that octets break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The object is larger than [`Limits::max_object_bytes`](crate::Limits::max_object_bytes).
    TooLong,
    /// There are more headers than [`Limits`](crate::Limits) allows.
    TooManyHeaders,
    /// The input ends before the blank line that ends a block of headers.
    UnexpectedEnd,
    /// A line ends in a carriage return or a line feed alone.
    BareCrOrLf,
    /// A control character (U+0000 to U+001F, U+007F) in a header.
    ControlCharacter,
    /// A header is not UTF-8.
    NotUtf8,
    /// A header line begins or ends with white space; folding is not allowed.
    OuterWhitespace,
    /// A header name is empty, has a character that is not allowed, or more
    /// than one `.`, or no colon follows it.
    HeaderName,
    /// Something between the colon and the space is not `;name=value`.
    Parameter,
    /// The value of `;lang=` is not a language tag.
    LanguageTag,
    /// No space, or more than one, between the colon and the value.
    SingleSpace,
    /// An escaped half of a surrogate pair without its other half.
    LoneSurrogate,
    /// The value of `From`, `To` or `cc` is not `[Formal-name] <URI>`.
    Address,
    /// The value of `DateTime` is not a date-time of RFC 3339.
    DateTime,
    /// The value of `NS` is not `[Name-prefix] <URI>`.
    NamespaceDeclaration,
    /// A prefix is used before an `NS` header declares it.
    UndeclaredPrefix,
    /// The value of `Require` is not a list of header names.
    Require,
    /// The MIME headers do not say `Content-type: Message/CPIM`.
    NotMessageCpim,
    /// The encapsulated MIME object has no `Content-Type`.
    MissingContentType,
    /// A MIME header field has no name, a character that is not allowed in it,
    /// or no colon.
    MimeFieldName,
    /// The value of `Content-Type` is not `type/subtype *(;attribute=value)`.
    ContentType,
    /// A `Content-Type` has more parameters, or a `Require` header more names,
    /// than any has use for.
    TooManyParameters,
    /// A MIME header field that may be there once is there more than once.
    RepeatedField,
}

impl ParseErrorKind {
    /// A short name that will not change, such as `lone-surrogate`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::TooManyHeaders => "too-many-headers",
            Self::UnexpectedEnd => "unexpected-end",
            Self::BareCrOrLf => "bare-cr-or-lf",
            Self::ControlCharacter => "control-character",
            Self::NotUtf8 => "not-utf-8",
            Self::OuterWhitespace => "outer-whitespace",
            Self::HeaderName => "header-name",
            Self::Parameter => "parameter",
            Self::LanguageTag => "language-tag",
            Self::SingleSpace => "single-space",
            Self::LoneSurrogate => "lone-surrogate",
            Self::Address => "address",
            Self::DateTime => "date-time",
            Self::NamespaceDeclaration => "namespace-declaration",
            Self::UndeclaredPrefix => "undeclared-prefix",
            Self::Require => "require",
            Self::NotMessageCpim => "not-message-cpim",
            Self::MissingContentType => "missing-content-type",
            Self::MimeFieldName => "mime-field-name",
            Self::ContentType => "content-type",
            Self::TooManyParameters => "too-many-parameters",
            Self::RepeatedField => "repeated-field",
        }
    }

    /// The section that has the rule.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::TooLong | Self::TooManyHeaders | Self::TooManyParameters => "a limit of ours",
            Self::UnexpectedEnd => "RFC 3862 §2",
            Self::BareCrOrLf
            | Self::ControlCharacter
            | Self::NotUtf8
            | Self::OuterWhitespace
            | Self::SingleSpace => "RFC 3862 §2.2",
            Self::LoneSurrogate => "RFC 3862 §2.3",
            Self::HeaderName => "RFC 3862 §3.1",
            Self::Parameter => "RFC 3862 §3.6",
            Self::LanguageTag => "RFC 3862 §3.3",
            Self::Address => "RFC 3862 §4.1",
            Self::DateTime => "RFC 3862 §4.4",
            Self::NamespaceDeclaration => "RFC 3862 §4.6",
            Self::UndeclaredPrefix => "RFC 3862 §3.4",
            Self::Require => "RFC 3862 §4.7",
            Self::NotMessageCpim => "RFC 3862 §2.1",
            Self::MissingContentType => "RFC 3862 §2.4",
            Self::MimeFieldName => "RFC 5322 §2.2",
            Self::ContentType => "RFC 2045 §5.1",
            Self::RepeatedField => "RFC 2045 §3",
        }
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the object is larger than the limit",
            Self::TooManyHeaders => "there are more headers than the limit",
            Self::UnexpectedEnd => "the input ends before the blank line after the headers",
            Self::BareCrOrLf => "a line has to end in CR LF, not in one of them alone",
            Self::ControlCharacter => "a control character in a header has to be escaped",
            Self::NotUtf8 => "a header has to be UTF-8",
            Self::OuterWhitespace => "a header line cannot begin or end with white space",
            Self::HeaderName => "expected a header name and a colon",
            Self::Parameter => "expected `;name=value` parameters, then a space",
            Self::LanguageTag => "expected a language tag after `;lang=`",
            Self::SingleSpace => "expected exactly one space before the header value",
            Self::LoneSurrogate => "an escaped surrogate without its other half is no character",
            Self::Address => "expected `[Formal-name] <URI>`",
            Self::DateTime => "expected a date-time of RFC 3339",
            Self::NamespaceDeclaration => "expected `[prefix] <URI>`",
            Self::UndeclaredPrefix => "no NS header before this one declares the prefix",
            Self::Require => "expected header names separated by commas",
            Self::NotMessageCpim => "the MIME headers have to say `Content-type: Message/CPIM`",
            Self::MissingContentType => "the encapsulated object needs a Content-Type",
            Self::MimeFieldName => "expected the name of a MIME header field and a colon",
            Self::ContentType => "expected `type/subtype` and `;attribute=value` parameters",
            Self::TooManyParameters => "there are more parameters or names than the limit",
            Self::RepeatedField => "this MIME header field can be there only once",
        })
    }
}
