//! PRECIS: the preparation, enforcement and comparison of internationalized
//! strings (RFC 8264) and its profiles for user names, passwords (RFC 8265) and
//! nicknames (RFC 8266).

pub(crate) mod bidi;
pub(crate) mod class;
mod context;
mod profile;
pub(crate) mod rules;

pub use class::Class;
pub use profile::Profile;

pub use crate::properties::DerivedProperty;
use crate::properties::Record;

/// The derived property of a code point (RFC 8264 §8).
#[must_use]
pub fn derived_property(c: char) -> DerivedProperty {
    Record::of(c).precis()
}
