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
    /// A label that begins with `xn--` and is no A-label: it does not decode,
    /// or not to a U-label that encodes to it.
    ALabel,
    /// Brackets without a valid IPv6 address in them.
    IpLiteral,
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
            Self::ALabel => "a-label",
            Self::IpLiteral => "ip-literal",
            Self::Unstable => "unstable",
            Self::ResourcepartMissing => "resourcepart-missing",
            Self::ResourcepartPresent => "resourcepart-present",
            Self::NotCanonical => "not-canonical",
        }
    }
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
    rule: Rule,
    at: u32,
    code_point: Option<char>,
}

impl Error {
    pub(crate) const fn new(part: Part, rule: Rule, at: usize) -> Self {
        Self {
            part,
            rule,
            at: if at > u32::MAX as usize { u32::MAX } else { at as u32 },
            code_point: None,
        }
    }

    pub(crate) const fn with(mut self, code_point: char) -> Self {
        self.code_point = Some(code_point);
        self
    }

    /// The same error in a string where the part begins `offset` bytes later.
    pub(crate) const fn shifted(mut self, offset: usize) -> Self {
        let offset = if offset > u32::MAX as usize { u32::MAX } else { offset as u32 };
        self.at = self.at.saturating_add(offset);
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
        self.rule
    }

    /// Where, in bytes from the beginning of the string that was parsed.
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

    /// The specification that has the rule, such as `RFC 7622 §3.3.1`.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match (self.rule, self.part) {
            (Rule::Empty | Rule::TooLong, Part::Local) => "RFC 7622 §3.3",
            (Rule::Empty | Rule::TooLong, Part::Resource) => "RFC 7622 §3.4",
            (Rule::Empty | Rule::TooLong, Part::Domain) => "RFC 7622 §3.2",
            (Rule::Disallowed | Rule::Unassigned, Part::Local) => "RFC 8264 §4.2",
            (Rule::Disallowed | Rule::Unassigned, Part::Resource) => "RFC 8264 §4.3",
            (Rule::Disallowed | Rule::Unassigned, Part::Domain) => "RFC 5892 §3",
            (Rule::Disallowed | Rule::Unassigned, Part::Jid) => "RFC 8264 §8",
            (Rule::Excluded, _) => "RFC 7622 §3.3.1",
            (Rule::ContextJ | Rule::ContextO, _) => "RFC 5892 appendix A",
            (Rule::Bidi, _) => "RFC 5893 §2",
            (Rule::EmptyLabel | Rule::LabelTooLong, _) => "RFC 1035 §2.3.4",
            (Rule::Hyphen | Rule::HyphensInThirdAndFourth, _) => "RFC 5891 §4.2.3.1",
            (Rule::LeadingMark, _) => "RFC 5891 §4.2.3.2",
            (Rule::ALabel, _) => "RFC 5891 §5.3",
            (Rule::IpLiteral, _) => "RFC 6874 §2",
            (Rule::Unstable, _) => "RFC 8264 §7",
            (Rule::Empty | Rule::TooLong, Part::Jid)
            | (Rule::ResourcepartMissing | Rule::ResourcepartPresent | Rule::NotCanonical, _) => {
                "RFC 7622 §3.1"
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part.name();
        match self.code_point {
            Some(c) => write!(f, "{part}: U+{:04X} at byte {}: ", c as u32, self.at)?,
            None => write!(f, "{part}, at byte {}: ", self.at)?,
        }
        f.write_str(match self.rule {
            Rule::Empty => "must not be empty",
            Rule::TooLong => "is too long",
            Rule::Disallowed => "is not allowed here",
            Rule::Unassigned => "is not assigned in this version of Unicode",
            Rule::Excluded => "is excluded from localparts, though it can be escaped (XEP-0106)",
            Rule::ContextJ => "a joiner is not allowed in this context",
            Rule::ContextO => "is not allowed in this context",
            Rule::Bidi => "right-to-left text breaks the Bidi Rule",
            Rule::EmptyLabel => "a label of a domain name must not be empty",
            Rule::LabelTooLong => "a label of a domain name has at most 63 bytes",
            Rule::Hyphen => "a label must not begin or end with a hyphen",
            Rule::HyphensInThirdAndFourth => {
                "a label must not have hyphens as its third and fourth characters"
            }
            Rule::LeadingMark => "a label must not begin with a combining mark",
            Rule::ALabel => "a label that begins with xn-- must encode a valid U-label",
            Rule::IpLiteral => "expected an IPv6 address in brackets",
            Rule::Unstable => "does not become stable under the rules of its profile",
            Rule::ResourcepartMissing => "expected a full JID, with a resourcepart",
            Rule::ResourcepartPresent => "expected a bare JID, without a resourcepart",
            Rule::NotCanonical => "is valid but not in canonical form",
        })?;
        write!(f, " ({})", self.section())
    }
}

impl core::error::Error for Error {}
