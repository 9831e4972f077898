//! The time of day, which comes from outside.

use core::fmt;
use core::time::Duration;

use xmpp_stanza::DateTime;

/// Seconds since 1970-01-01T00:00:00Z, for the stamps of delayed delivery (XEP-0203).
///
/// Displayed, it is a date-time of XEP-0082: `2002-09-10T23:41:07Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The moment that many seconds after the epoch. Later than the year 9999, which
    /// XEP-0082 cannot write, is that year's end.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(if secs > LAST { LAST } else { secs })
    }

    /// How long ago `earlier` was; nothing if it is later.
    pub(crate) const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for UnixTime {
    fn from(time: std::time::SystemTime) -> Self {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self::from_secs(since.as_secs())
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Within the years that can be written, as `from_secs` has seen to.
        let moment = i64::try_from(self.0).ok().and_then(|secs| DateTime::from_unix(secs, 0));
        moment.ok_or(fmt::Error)?.fmt(f)
    }
}

/// 9999-12-31T23:59:59Z
const LAST: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::UnixTime;
    use alloc::string::ToString;

    #[test]
    fn dates_of_xep_0082() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_031_701_267, "2002-09-10T23:41:07Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixTime::from_secs(secs).to_string(), text);
        }
    }
}
