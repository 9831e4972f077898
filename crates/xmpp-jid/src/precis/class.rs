//! The string classes (RFC 8264 §4) and their contextual rules.

use crate::error::{Rule, Violation};
use crate::precis::context::Context;
use crate::properties::{DerivedProperty, Record};

/// A PRECIS string class: which code points a string may hold at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8264 has two, and says there will be few more")]
pub enum Class {
    /// Letters, digits and printable ASCII: for names that go on the wire
    /// (RFC 8264 §4.2).
    Identifier,
    /// Also spaces, symbols and punctuation: for words to people (RFC 8264
    /// §4.3).
    Freeform,
}

impl Class {
    /// `IdentifierClass` or `FreeformClass`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identifier => "IdentifierClass",
            Self::Freeform => "FreeformClass",
        }
    }

    /// Whether `text` consists of code points that the class allows, each in a
    /// context that allows it.
    ///
    /// # Errors
    ///
    /// [`Rule::Disallowed`], [`Rule::Unassigned`], [`Rule::ContextJ`] or
    /// [`Rule::ContextO`] for the first code point at fault.
    pub fn check(self, text: &str) -> Result<(), Violation> {
        check(text, |record| match (self, record.precis()) {
            (Self::Freeform, DerivedProperty::FreePVal) => DerivedProperty::PValid,
            (Self::Identifier, DerivedProperty::FreePVal) => DerivedProperty::Disallowed,
            (_, property) => property,
        })
    }

    /// The records that need a closer look.
    pub(crate) const fn doubtful(self) -> Record {
        match self {
            Self::Identifier => Record::NOT_IDENTIFIER,
            Self::Freeform => Record::NOT_FREEFORM,
        }
    }
}

/// Whether each code point is allowed where it is, by its derived `property`.
pub(crate) fn check(
    text: &str,
    property: impl Fn(Record) -> DerivedProperty,
) -> Result<(), Violation> {
    let mut context = Context::new(text);
    for (at, c) in text.char_indices() {
        let rule = match property(Record::of(c)) {
            DerivedProperty::PValid => continue,
            DerivedProperty::ContextJ if context.allows(at, c) => continue,
            DerivedProperty::ContextO if context.allows(at, c) => continue,
            DerivedProperty::ContextJ => Rule::ContextJ,
            DerivedProperty::ContextO => Rule::ContextO,
            DerivedProperty::Unassigned => Rule::Unassigned,
            DerivedProperty::FreePVal | DerivedProperty::Disallowed => Rule::Disallowed,
        };
        return Err(Violation::by(rule, at, c));
    }
    Ok(())
}
