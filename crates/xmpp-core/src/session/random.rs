//! Randomness from the session's seed.

use core::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What is drawn for one session. The seeds of its connections are drawn here, too,
/// so that one seed from outside is enough.
pub(crate) struct Random(ChaCha20Rng);

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// A seed for something else.
    pub(crate) fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        seed
    }

    /// A number from 0 to `most`, each as likely as the others.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        let Some(range) = most.checked_add(1) else { return self.0.next_u64() };
        // What lies behind the last whole multiple would favour small numbers.
        let whole = u64::MAX - u64::MAX % range;
        loop {
            let drawn = self.0.next_u64();
            if drawn < whole {
                return drawn % range;
            }
        }
    }

    /// A time from `least` to `most`, to the millisecond.
    pub(crate) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let range = most.saturating_sub(least).as_millis();
        let drawn = self.up_to(u64::try_from(range).unwrap_or(u64::MAX));
        least.saturating_add(Duration::from_millis(drawn))
    }
}
