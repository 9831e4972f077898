//! Token buckets: how much of something is let through in a time.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// So many in a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// 0 is no limit.
    pub(super) per_second: u64,
    /// How many seconds' worth may come at once.
    pub(super) burst: u64,
}

/// A bucket that several connections may share. What is taken from it has happened
/// already: it may owe tokens, and whoever takes waits until it does not.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: Rate,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Negative if some are owed.
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        let state = State { tokens: rate.most(), at: now };
        Self { rate, state: Mutex::new(state) }
    }

    /// Takes so many; says how long to wait before the next are taken.
    pub(super) fn take(&self, count: u64, now: Instant) -> Duration {
        if self.rate.per_second == 0 {
            return Duration::ZERO;
        }
        let per_second = self.rate.per_second as f64;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fill(self.rate, now);
        state.tokens -= count as f64;
        let owed = (-state.tokens).max(0.0);
        // More than an hour is as good as for ever.
        Duration::from_secs_f64((owed / per_second).min(3600.0))
    }

    /// Takes so many if they are there.
    pub(super) fn try_take(&self, count: u64, now: Instant) -> bool {
        if self.rate.per_second == 0 {
            return true;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fill(self.rate, now);
        let there = state.tokens >= count as f64;
        if there {
            state.tokens -= count as f64;
        }
        there
    }

    /// Nobody has taken anything for so long that a new one would be the same.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fill(self.rate, now);
        state.tokens >= self.rate.most()
    }
}

impl Rate {
    fn most(self) -> f64 {
        self.per_second as f64 * self.burst.max(1) as f64
    }
}

impl State {
    fn fill(&mut self, rate: Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second as f64).min(rate.most());
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_at_once_is_followed_by_a_wait() {
        let (rate, start) = (Rate { per_second: 10, burst: 2 }, Instant::now());
        let bucket = Bucket::new(rate, start);
        assert_eq!(bucket.take(20, start), Duration::ZERO);
        assert_eq!(bucket.take(5, start), Duration::from_millis(500));
        // What others take meanwhile adds to it.
        assert_eq!(bucket.take(5, start), Duration::from_secs(1));
        assert_eq!(bucket.take(0, start + Duration::from_secs(1)), Duration::ZERO);
        // It does not fill beyond the burst.
        assert_eq!(bucket.take(20, start + Duration::from_secs(100)), Duration::ZERO);
        assert_ne!(bucket.take(1, start + Duration::from_secs(100)), Duration::ZERO);
    }

    #[test]
    fn what_is_not_there_is_not_taken() {
        let start = Instant::now();
        let bucket = Bucket::new(Rate { per_second: 1, burst: 2 }, start);
        assert!(bucket.try_take(2, start) && !bucket.try_take(1, start));
        assert!(!bucket.is_full(start));
        assert!(bucket.try_take(1, start + Duration::from_secs(1)));
        assert!(bucket.is_full(start + Duration::from_secs(9)));
    }

    #[test]
    fn zero_is_no_limit() {
        let start = Instant::now();
        let bucket = Bucket::new(Rate { per_second: 0, burst: 1 }, start);
        assert_eq!(bucket.take(u64::MAX, start), Duration::ZERO);
        assert!(bucket.try_take(u64::MAX, start) && bucket.is_full(start));
    }
}
