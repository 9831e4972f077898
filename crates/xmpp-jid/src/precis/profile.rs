//! The profiles (RFC 8265 and RFC 8266).

use alloc::borrow::Cow;
use alloc::string::String;

use unicode_normalization::UnicodeNormalization;

use crate::error::{Rule, Violation};
use crate::precis::rules::Rules;
use crate::precis::{Class, rules};
use crate::properties::{Record, records};

/// A PRECIS profile: how strings of one kind are made comparable.
///
/// ```
/// use xmpp_jid::precis::Profile;
///
/// assert_eq!(Profile::UsernameCaseMapped.enforce("Ｊuliet")?, "juliet");
/// assert_eq!(Profile::OpaqueString.enforce("correct\u{3000}horse")?, "correct horse");
/// assert!(Profile::Nickname.equal("Foo  Bar", " foo bar ")?);
/// # Ok::<(), xmpp_jid::Violation>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// User names without regard to case (RFC 8265 §3.3): XMPP's localparts.
    UsernameCaseMapped,
    /// User names with regard to case (RFC 8265 §3.4).
    UsernameCasePreserved,
    /// Passwords and other strings that nobody interprets (RFC 8265 §4.2):
    /// XMPP's resourceparts.
    OpaqueString,
    /// Names that people go by (RFC 8266).
    Nickname,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::UsernameCaseMapped, Self::UsernameCasePreserved, Self::OpaqueString, Self::Nickname];

    /// The name in the registry, such as `UsernameCaseMapped`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsernameCaseMapped => "UsernameCaseMapped",
            Self::UsernameCasePreserved => "UsernameCasePreserved",
            Self::OpaqueString => "OpaqueString",
            Self::Nickname => "Nickname",
        }
    }

    /// The string class that the profile is one of.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::UsernameCaseMapped | Self::UsernameCasePreserved => Class::Identifier,
            Self::OpaqueString | Self::Nickname => Class::Freeform,
        }
    }

    /// What a client does to input before it sends it (RFC 8264 §6.1): user
    /// names are width-mapped, and the code points must be of the class.
    ///
    /// # Errors
    ///
    /// The first code point that is not allowed.
    pub fn prepare(self, text: &str) -> Result<Cow<'_, str>, Violation> {
        let rules = match self {
            Self::UsernameCaseMapped | Self::UsernameCasePreserved => Rules::WIDTH_ONLY,
            Self::OpaqueString | Self::Nickname => Rules::CLASS_ONLY_FREEFORM,
        };
        rules.enforce(text)
    }

    /// Brings `text` into the form in which it can be compared and stored
    /// (RFC 8264 §6.2). What this returns, it returns again unchanged.
    ///
    /// Mappings come first and the code points are checked last, in the order
    /// of RFC 8264 §7; so U+212B, which is not allowed in user names, is,
    /// because it becomes `å`. RFC 8265 §3.3.3 can be read the other way round;
    /// the implementations that are out there read it like this.
    ///
    /// # Errors
    ///
    /// The first rule that is broken. Positions are those in `text`.
    pub fn enforce(self, text: &str) -> Result<Cow<'_, str>, Violation> {
        match self {
            Self::UsernameCaseMapped => Rules::USERNAME_CASE_MAPPED.enforce(text),
            Self::UsernameCasePreserved => Rules::USERNAME_CASE_PRESERVED.enforce(text),
            Self::OpaqueString => Rules::OPAQUE_STRING.enforce(text),
            Self::Nickname => nickname(text, false),
        }
    }

    /// Whether two strings are the same under the profile (RFC 8264 §6.3).
    ///
    /// # Errors
    ///
    /// Where either is not valid; then they are not to be treated as equal.
    pub fn equal(self, a: &str, b: &str) -> Result<bool, Violation> {
        Ok(self.comparable(a)? == self.comparable(b)?)
    }

    /// The form in which equal strings are the same bytes: that of
    /// [`enforce`](Self::enforce), but that nicknames lose their case.
    ///
    /// # Errors
    ///
    /// As for [`enforce`](Self::enforce).
    pub fn comparable(self, text: &str) -> Result<Cow<'_, str>, Violation> {
        match self {
            Self::Nickname => nickname(text, true),
            _ => self.enforce(text),
        }
    }
}

/// RFC 8266 §2: the rules again and again until nothing changes, at most three
/// more times.
fn nickname(text: &str, fold: bool) -> Result<Cow<'_, str>, Violation> {
    if is_plain(text, fold) {
        return Class::Freeform.check(text).map(|()| Cow::Borrowed(text));
    }
    let mut current = Cow::Borrowed(text);
    for _ in 0..4 {
        let next = once(&current, fold);
        if next == *current {
            if next.is_empty() {
                return Err(Violation::new(Rule::Empty, 0));
            }
            return match Class::Freeform.check(&next) {
                Ok(()) => Ok(current),
                Err(violation) => Err(rules::relocate(violation, &next, text, |c, sink| {
                    for c in core::iter::once(c).nfkc() {
                        sink.push(c);
                    }
                })),
            };
        }
        current = Cow::Owned(next);
    }
    Err(Violation::new(Rule::Unstable, 0))
}

/// Whether no rule would change `text`.
fn is_plain(text: &str, fold: bool) -> bool {
    let mut all = records(text);
    if !fold {
        all = Record(all.0 & !Record::CASE.0);
    }
    !all.has(Record::SPACE.and(Record::NFKC).and(Record::CASE))
        && !text.is_empty()
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
}

/// RFC 8266 §2.1: spaces, then case (for comparison), then NFKC.
fn once(text: &str, fold: bool) -> String {
    let words = text.split(rules::is_space).filter(|word| !word.is_empty());
    let spaced = words.enumerate().flat_map(|(i, word)| {
        let space = (i != 0).then_some(' ');
        space.into_iter().chain(word.chars())
    });
    if fold {
        spaced.flat_map(rules::lowercase_chars).nfkc().collect()
    } else {
        spaced.nfkc().collect()
    }
}
