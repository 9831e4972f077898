//! What is remembered of tries that failed: RFC 6120 section 3.3.

use core::time::Duration;

use super::config::PoolConfig;
use crate::federation::Failure;
use crate::session::random::Random;
use crate::time::Instant;

/// Tries to speak with a domain, or to have a pair of domains accepted there.
#[derive(Default)]
pub(super) struct Trials {
    /// Rounds that failed since the last stream that was stable.
    failures: u32,
    /// Rounds that failed since something was last given up, or worked.
    rounds: u32,
    /// No round before then.
    retry_at: Option<Instant>,
    setback: Option<Setback>,
    /// What failed last, until something works.
    last: Option<Failure>,
    /// Until when all of this is remembered.
    forget_at: Option<Instant>,
}

/// Why nothing is tried at all for a time.
#[derive(Clone, Copy)]
struct Setback {
    failure: Failure,
    since: Instant,
    until: Instant,
}

impl Trials {
    /// A round has failed. Says whether to give up what waits.
    pub(super) fn fail(
        &mut self,
        failure: Failure,
        now: Instant,
        config: &PoolConfig,
        random: &mut Random,
    ) -> bool {
        self.failures = self.failures.saturating_add(1);
        self.rounds = self.rounds.saturating_add(1);
        let until = self.wait(now, config, random);
        self.last = Some(failure);
        self.forget_at = Some(until.saturating_add(config.backoff.longest));
        let given_up = failure.is_final() || self.rounds >= config.rounds;
        if given_up {
            self.rounds = 0;
            self.retry_at = None;
            self.setback = Some(Setback { failure, since: now, until });
        } else {
            self.retry_at = Some(until);
        }
        given_up
    }

    /// A stream that worked was lost early.
    pub(super) fn lose(&mut self, now: Instant, config: &PoolConfig, random: &mut Random) {
        self.failures = self.failures.saturating_add(1);
        let until = self.wait(now, config, random);
        self.retry_at = Some(until);
        self.forget_at = Some(until.saturating_add(config.backoff.longest));
    }

    /// Never no wait at all, whatever the configuration says.
    fn wait(&self, now: Instant, config: &PoolConfig, random: &mut Random) -> Instant {
        let wait = config.backoff.wait(self.failures, random);
        now.saturating_add(wait.max(Duration::from_millis(1)))
    }

    /// It works.
    pub(super) const fn succeed(&mut self) {
        self.rounds = 0;
        self.retry_at = None;
        self.setback = None;
        self.last = None;
    }

    /// It has worked for long enough to count as well.
    pub(super) const fn settle(&mut self) {
        self.failures = 0;
        self.forget_at = None;
    }

    /// What failed last.
    pub(super) const fn last(&self) -> Option<Failure> {
        self.last
    }

    /// Why nothing is tried now.
    pub(super) fn setback(&self, now: Instant) -> Option<Failure> {
        self.setback.filter(|setback| setback.until > now).map(|setback| setback.failure)
    }

    /// Why a question about a key is not tried now. It is tried again sooner than a
    /// stanza, since somebody of that domain has just been heard.
    pub(super) fn setback_of_key(&self, now: Instant, config: &PoolConfig) -> Option<Failure> {
        let over = |setback: &Setback| setback.since.saturating_add(config.backoff.first);
        self.setback
            .filter(|setback| setback.until.min(over(setback)) > now)
            .map(|setback| setback.failure)
    }

    /// When the next round may begin, if it may not now.
    pub(super) fn waits_until(&self, now: Instant) -> Option<Instant> {
        self.retry_at.filter(|at| *at > now)
    }

    /// When there is nothing more to remember, if there is something now.
    pub(super) fn remembered_until(&self, now: Instant) -> Option<Instant> {
        self.forget_at.filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_failed_is_remembered_until_something_works() {
        let (config, mut random) = (PoolConfig::default(), Random::new([1; 32]));
        let now = Instant::default();
        let mut trials = Trials::default();
        assert_eq!(trials.last(), None);
        // One that may pass: it is tried again.
        assert!(!trials.fail(Failure::Unreachable, now, &config, &mut random));
        assert_eq!(trials.last(), Some(Failure::Unreachable));
        assert!(trials.waits_until(now).is_some());
        assert_eq!((trials.setback(now), trials.setback_of_key(now, &config)), (None, None));
        trials.succeed();
        assert_eq!((trials.last(), trials.waits_until(now)), (None, None));
        // One that does not: nothing is tried for a time.
        assert!(trials.fail(Failure::NotOffered, now, &config, &mut random));
        let failed = Some(Failure::NotOffered);
        assert_eq!((trials.last(), trials.setback(now)), (failed, failed));
        assert_eq!(trials.setback_of_key(now, &config), failed);
        let over = now.saturating_add(config.backoff.first);
        assert_eq!(trials.setback_of_key(over, &config), None);
        // And at its end it is over.
        let forgotten = trials.remembered_until(now).unwrap().saturating_since(now);
        let wait = forgotten.saturating_sub(config.backoff.longest);
        let before = wait.saturating_sub(Duration::from_nanos(1));
        assert_eq!(trials.setback(now.saturating_add(before)), failed);
        assert_eq!(trials.setback(now.saturating_add(wait)), None);
        trials.succeed();
        assert_eq!((trials.last(), trials.setback(now)), (None, None));
        assert_eq!(trials.setback_of_key(now, &config), None);
    }
}
