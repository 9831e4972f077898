//! How much work one call does at a stranger's request.
//!
//! Public-key operations are what an object can make expensive: it names the
//! signers, brings the certificates, and may be wrapped several times. All that
//! one call does is counted against one budget, by what each operation costs,
//! so that no arrangement of 64 KiB takes more than some ten milliseconds.

use crate::crypto::KeyKind;

/// The budget of one call. A unit is about 40 µs on a core of 2024, the time
/// that verifying an Ed25519 signature takes; an ordinary object costs under 10.
const UNITS: u32 = 300;

/// Octets that are hashed in the time of a unit.
const OCTETS: usize = 16 << 10;

/// What is left to one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget(u32);

/// More work than one call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Budget {
    pub(crate) const fn new() -> Self {
        Self(UNITS)
    }

    /// For one verification of a signature over so many octets.
    pub(crate) fn verify(&mut self, key: Option<KeyKind>, octets: usize) -> Result<(), Exhausted> {
        // Measured, rounded up. RSA is counted for 8192 bits, which an authority may
        // have; a key of none of our kinds as the dearest.
        let units: u32 = match key {
            Some(KeyKind::Ed25519 | KeyKind::X25519) => 1,
            Some(KeyKind::P256) => 2,
            Some(KeyKind::Rsa) => 8,
            Some(KeyKind::P384 | KeyKind::P521) | None => 15,
        };
        self.spend(units.saturating_add((octets / OCTETS) as u32))
    }

    /// For one decryption of a key, and of so many octets of content.
    pub(crate) fn decrypt(&mut self, key: KeyKind, octets: usize) -> Result<(), Exhausted> {
        let units: u32 = match key {
            KeyKind::Ed25519 | KeyKind::X25519 => 1,
            KeyKind::P256 => 2,
            KeyKind::P384 => 5,
            KeyKind::P521 => 15,
            KeyKind::Rsa => 50,
        };
        self.spend(units.saturating_add((octets / OCTETS) as u32))
    }

    fn spend(&mut self, units: u32) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(units).ok_or(Exhausted)?;
        Ok(())
    }

    /// How much of it is gone.
    #[cfg(test)]
    pub(crate) const fn spent(self) -> u32 {
        UNITS - self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends() {
        let mut budget = Budget::new();
        let mut done = 0;
        while budget.verify(Some(KeyKind::P384), 0).is_ok() {
            done += 1;
        }
        assert_eq!((done, budget.spent()), (20, 300));
        assert_eq!(budget.decrypt(KeyKind::Rsa, 0), Err(Exhausted));
        assert_eq!(Budget::new().verify(None, usize::MAX), Err(Exhausted));
    }
}
