//! How long to wait before the next try: RFC 6120 section 3.3.

use core::time::Duration;

use super::random::Random;

/// How long to wait between tries.
///
/// After a loss the wait is a random time from [`least`](Self::least) to
/// [`first`](Self::first) (`6120-3.3-01`: an unpredictable number of seconds between 0
/// and 60, so that not all clients of a server that restarts come back at once). With
/// each try that fails the upper end doubles, up to [`longest`](Self::longest)
/// (`6120-3.3-02`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// The shortest wait: half a second by default.
    pub least: Duration,
    /// The longest first wait: 60 seconds by default.
    pub first: Duration,
    /// The longest wait of all: 10 minutes by default.
    pub longest: Duration,
    /// After this long online the next loss counts as the first again: 60 seconds by
    /// default. A server that ends every connection after a second is not tried as
    /// if it were well.
    pub stable: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            least: Duration::from_millis(500),
            first: Duration::from_secs(60),
            longest: Duration::from_secs(600),
            stable: Duration::from_secs(60),
        }
    }
}

impl Backoff {
    /// The longest wait after so many tries that failed since the last time that was
    /// stable.
    pub fn ceiling(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let longest = self.longest.max(self.first);
        self.first.checked_mul(doubled).map_or(longest, |wait| wait.min(longest))
    }

    pub(crate) fn wait(&self, failures: u32, random: &mut Random) -> Duration {
        random.between(self.least, self.ceiling(failures).max(self.least))
    }

    /// The wait after a server has said that it has too much to do, or does not like
    /// what we do: beyond that of a first loss, whatever number this is.
    pub(super) fn long_wait(&self, random: &mut Random) -> Duration {
        let least = self.first.max(self.least);
        random.between(least, self.longest.max(least))
    }
}
