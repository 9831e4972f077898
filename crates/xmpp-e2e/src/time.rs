//! Points in time, and the rules of RFC 3923 section 6.9 for those that
//! stanzas carry.

use core::time::Duration;

/// A point in time, in UTC, as the time since 1970-01-01T00:00:00Z.
///
/// This crate reads no clock: whoever calls says what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(Duration);

impl Timestamp {
    /// That long after the beginning of 1970.
    #[must_use]
    pub const fn from_unix(since: Duration) -> Self {
        Self(since)
    }

    /// How long after the beginning of 1970.
    #[must_use]
    pub const fn since_unix(self) -> Duration {
        self.0
    }
}
