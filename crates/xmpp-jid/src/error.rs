use core::fmt;

/// Which part of an address a rule was applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 7622 has three parts, and the whole")]
pub enum Part {
    /// The address as a whole.
    Jid,
    /// The localpart (RFC 7622 §3.3).
    Local,
    /// The domainpart (RFC 7622 §3.2).
    Domain,
    /// The resourcepart (RFC 7622 §3.4).
    Resource,
}

impl Part {
    /// `jid`, `local`, `domain` or `resource`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jid => "jid",
            Self::Local => "local",
            Self::Domain => "domain",
            Self::Resource => "resource",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Jid => "address",
            Self::Local => "localpart",
            Self::Domain => "domainpart",
            Self::Resource => "resourcepart",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rule that a string breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A part is zero bytes long.
    Empty,
    /// A part is longer than 1023 bytes after preparation, or a domain name
    /// longer than 253 in the form the DNS sees.
    TooLong,
    /// The code point is never allowed in this part.
    Disallowed,
    /// The code point is not assigned in the Unicode version of this crate.
    Unassigned,
    /// One of `"&'/:<>@`, which RFC 7622 forbids in a localpart.
    Excluded,
    /// A joiner (U+200C, U+200D) outside the contexts that allow it.
    ContextJ,
    /// A code point that is allowed only beside certain others.
    ContextO,
    /// Right-to-left text that breaks the Bidi Rule.
    Bidi,
    /// A domain name with an empty label.
    EmptyLabel,
    /// A label of more than 63 bytes in the form the DNS sees.
    LabelTooLong,
    /// A label that begins or ends with a hyphen.
    Hyphen,
    /// A label with hyphens as its third and fourth characters that is no
    /// A-label.
    HyphensInThirdAndFourth,
    /// A label that begins with a combining mark.
    LeadingMark,
    /// A label that is not in NFC.
    NotNormalized,
    /// A label that begins with `xn--` and is no A-label: it does not decode,
    /// or not to a U-label that encodes to it.
    ALabel,
    /// Brackets without a valid IPv6 address in them.
    IpLiteral,
    /// A space at the beginning or the end of text that is to be escaped.
    EscapedSpace,
    /// The rules of a profile, applied again and again, keep changing the
    /// string.
    Unstable,
    /// A full JID was asked for and there is no resourcepart.
    ResourcepartMissing,
    /// A bare JID was asked for and there is a resourcepart.
    ResourcepartPresent,
    /// Valid, but preparation would change it, where the canonical form was
    /// asked for.
    NotCanonical,
}

impl Rule {
    /// A short name for programs, in kebab case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::Disallowed => "disallowed",
            Self::Unassigned => "unassigned",
            Self::Excluded => "excluded",
            Self::ContextJ => "context-j",
            Self::ContextO => "context-o",
            Self::Bidi => "bidi",
            Self::EmptyLabel => "empty-label",
            Self::LabelTooLong => "label-too-long",
            Self::Hyphen => "hyphen",
            Self::HyphensInThirdAndFourth => "hyphens-3-4",
            Self::LeadingMark => "leading-mark",
            Self::NotNormalized => "not-normalized",
            Self::ALabel => "a-label",
            Self::IpLiteral => "ip-literal",
            Self::EscapedSpace => "escaped-space",
            Self::Unstable => "unstable",
            Self::ResourcepartMissing => "resourcepart-missing",
            Self::ResourcepartPresent => "resourcepart-present",
            Self::NotCanonical => "not-canonical",
        }
    }

    /// Where the rule stands; some stand in another place for each part.
    const fn section(self, part: Option<Part>) -> &'static str {
        match (self, part) {
            (Self::Empty | Self::TooLong, Some(Part::Local)) => "RFC 7622 §3.3",
            (Self::Empty | Self::TooLong, Some(Part::Domain)) => "RFC 7622 §3.2",
            (Self::Empty | Self::TooLong, Some(Part::Resource)) => "RFC 7622 §3.4",
            (Self::Empty, None) => "RFC 8265 §3.1 and §4.1, RFC 8266 §2.3",
            (Self::TooLong, None) => "RFC 1035 §2.3.4",
            (Self::Disallowed | Self::Unassigned, Some(Part::Local)) => "RFC 8264 §4.2",
            (Self::Disallowed | Self::Unassigned, Some(Part::Resource)) => "RFC 8264 §4.3",
            (Self::Disallowed | Self::Unassigned, Some(Part::Domain)) => "RFC 5892 §3",
            (Self::Disallowed | Self::Unassigned, _) => "RFC 8264 §8, RFC 5892 §3",
            (Self::Excluded, _) => "RFC 7622 §3.3.1",
            (Self::ContextJ | Self::ContextO, _) => "RFC 5892 appendix A",
            (Self::Bidi, _) => "RFC 5893 §2",
            (Self::EmptyLabel | Self::LabelTooLong, _) => "RFC 1035 §2.3.4",
            (Self::Hyphen | Self::HyphensInThirdAndFourth, _) => "RFC 5891 §4.2.3.1",
            (Self::LeadingMark, _) => "RFC 5891 §4.2.3.2",
            (Self::NotNormalized, _) => "RFC 5891 §4.1",
            (Self::ALabel, _) => "RFC 5891 §5.3",
            (Self::IpLiteral, _) => "RFC 6874 §2",
            (Self::EscapedSpace, _) => "XEP-0106 §4",
            (Self::Unstable, _) => "RFC 8264 §7",
            (Self::Empty | Self::TooLong, Some(Part::Jid))
            | (Self::ResourcepartMissing | Self::ResourcepartPresent | Self::NotCanonical, _) => {
                "RFC 7622 §3.1"
            }
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::Empty => "must not be empty",
            Self::TooLong => "is too long",
            Self::Disallowed => "is not allowed here",
            Self::Unassigned => "is not assigned in this version of Unicode",
            Self::Excluded => "is excluded from localparts, though it can be escaped (XEP-0106)",
            Self::ContextJ => "a joiner is not allowed in this context",
            Self::ContextO => "is not allowed in this context",
            Self::Bidi => "right-to-left text breaks the Bidi Rule",
            Self::EmptyLabel => "a label of a domain name must not be empty",
            Self::LabelTooLong => "a label of a domain name has at most 63 bytes",
            Self::Hyphen => "a label must not begin or end with a hyphen",
            Self::HyphensInThirdAndFourth => {
                "a label must not have hyphens as its third and fourth characters"
            }
            Self::LeadingMark => "a label must not begin with a combining mark",
            Self::NotNormalized => "a label must be in Unicode normalization form C",
            Self::ALabel => "a label that begins with xn-- must encode a valid U-label",
            Self::IpLiteral => "expected an IPv6 address in brackets",
            Self::EscapedSpace => "escaped text must not begin or end with a space",
            Self::Unstable => "does not become stable under the rules of its profile",
            Self::ResourcepartMissing => "expected a full JID, with a resourcepart",
            Self::ResourcepartPresent => "expected a bare JID, without a resourcepart",
            Self::NotCanonical => "is valid but not in canonical form",
        }
    }
}

/// A broken rule: which one, where, and the code point that is at fault if it
/// is one code point's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Violation {
    rule: Rule,
    at: u32,
    code_point: Option<char>,
}

impl Violation {
    pub(crate) const fn new(rule: Rule, at: usize) -> Self {
        Self { rule, at: clamp(at), code_point: None }
    }

    pub(crate) const fn by(rule: Rule, at: usize, code_point: char) -> Self {
        Self { rule, at: clamp(at), code_point: Some(code_point) }
    }

    /// This violation in a string where the text begins `offset` bytes later.
    pub(crate) const fn shifted(mut self, offset: usize) -> Self {
        self.at = self.at.saturating_add(clamp(offset));
        self
    }

    pub(crate) const fn of(self, part: Part) -> Error {
        Error { part, violation: self }
    }

    /// Which rule.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// Where, in bytes from the beginning of the string that was given.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at as usize
    }

    /// The code point that is at fault, if it is one code point's fault.
    #[must_use]
    pub const fn code_point(&self) -> Option<char> {
        self.code_point
    }

    /// The rule as a short name for programs, in kebab case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.rule.as_str()
    }

    /// The specification that has the rule, such as `RFC 5893 §2`.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.rule.section(None)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, section: &str) -> fmt::Result {
        if let Some(c) = self.code_point {
            write!(f, "U+{:04X} ", c as u32)?;
        }
        write!(f, "at byte {}: {} ({section})", self.at, self.rule.explanation())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, self.section())
    }
}

impl core::error::Error for Violation {}

const fn clamp(at: usize) -> u32 {
    if at > u32::MAX as usize { u32::MAX } else { at as u32 }
}

/// Why a string is no address, or no such part of one.
///
/// It says which part, which rule, where, and names the code point if it is
/// one code point's fault. It does not hold the string: a log line made of it
/// identifies nobody. An entity that receives such an address in a stanza
/// answers with the stanza error `jid-malformed` (RFC 6120 §8.3.3.8); it is
/// never a reason to end a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    part: Part,
    violation: Violation,
}

impl Error {
    pub(crate) const fn new(part: Part, rule: Rule, at: usize) -> Self {
        Violation::new(rule, at).of(part)
    }

    /// This error in a string where the part begins `offset` bytes later.
    pub(crate) const fn shifted(mut self, offset: usize) -> Self {
        self.violation = self.violation.shifted(offset);
        self
    }

    /// Which part of the address.
    #[must_use]
    pub const fn part(&self) -> Part {
        self.part
    }

    /// Which rule it breaks.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.violation.rule
    }

    /// Where, in bytes from the beginning of the string that was parsed.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.violation.at()
    }

    /// The code point that is at fault, if it is one code point's fault.
    #[must_use]
    pub const fn code_point(&self) -> Option<char> {
        self.violation.code_point
    }

    /// The rule as a short name for programs, in kebab case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.violation.as_str()
    }

    /// The specification that has the rule, such as `RFC 7622 §3.3.1`.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.violation.rule.section(Some(self.part))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.part.name())?;
        self.violation.write(f, self.section())
    }
}

impl core::error::Error for Error {}
