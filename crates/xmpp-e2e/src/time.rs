//! Points in time, and the rules of RFC 3923 section 6.9 for those that
//! stanzas carry.

mod freshness;

use core::time::Duration;

use xmpp_cpim::DateTime;

pub use freshness::{BadTimestamp, Freshness, NotFreshness};

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

    /// In words of RFC 3339; `None` after the year 9999.
    #[must_use]
    pub fn to_date_time(self) -> Option<DateTime> {
        DateTime::from_unix(self.0)
    }

    /// `None` before 1970.
    #[must_use]
    pub fn from_date_time(date_time: DateTime) -> Option<Self> {
        let (seconds, nanoseconds) = date_time.since_unix_epoch();
        Some(Self(Duration::new(u64::try_from(seconds).ok()?, nanoseconds)))
    }

    pub(crate) fn later(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }
}
