//! Counts of stanzas.

use core::fmt;

/// A count of stanzas as XEP-0198 section 4 has it: modulo 2^32, so that the
/// one after 4,294,967,295 is zero.
///
/// ```
/// use xmpp_core::stream_management::Count;
///
/// let mut count = Count::new(u32::MAX);
/// count.increment();
/// assert_eq!(count, Count::new(0));
/// assert_eq!(count.since(Count::new(u32::MAX)), Some(1));
/// assert_eq!(Count::new(u32::MAX).since(count), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Count(u32);

impl Count {
    /// That many, modulo 2^32.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self(count)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// One more.
    pub const fn increment(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }

    /// `more` more.
    #[must_use]
    pub const fn plus(self, more: u32) -> Self {
        Self(self.0.wrapping_add(more))
    }

    /// How many came after `earlier`. `None` if `earlier` is the later of the two:
    /// of two counts less than 2^31 apart that is known.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Option<u32> {
        let more = self.0.wrapping_sub(earlier.0);
        if more < 1 << 31 { Some(more) } else { None }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_two_counts_survives_the_wrap() {
        for start in [0, 1, 5, u32::MAX - 2, u32::MAX, 1 << 31, (1 << 31) - 1] {
            let mut count = Count::new(start);
            for more in 0..5 {
                assert_eq!(count.since(Count::new(start)), Some(more));
                assert_eq!(count, Count::new(start).plus(more));
                if more > 0 {
                    assert_eq!(Count::new(start).since(count), None);
                }
                count.increment();
            }
        }
    }
}
