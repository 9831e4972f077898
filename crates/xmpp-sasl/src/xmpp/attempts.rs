//! How often a client may try (RFC 6120 section 6.4.5).

use core::fmt;

/// Counts the failed exchanges of one connection.
///
/// ```
/// use xmpp_sasl::xmpp::Attempts;
///
/// let mut attempts = Attempts::default();
/// assert!(attempts.failed().is_ok()); // send <failure/>, the client may retry
/// assert!(attempts.failed().is_ok());
/// assert!(attempts.failed().is_err()); // send it, then close the stream
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    left: u8,
}

impl Default for Attempts {
    /// Two retries after the first try.
    fn default() -> Self {
        Self::with_retries(2)
    }
}

impl Attempts {
    /// Allows this many retries; the RFC wants at least 2 and at most 5
    /// (6120-6.4.5-02), and gets the nearest.
    pub const fn with_retries(retries: u8) -> Self {
        let left = match retries {
            0..=2 => 2,
            3..=5 => retries,
            _ => 5,
        };
        Self { left }
    }

    /// Counts a failure. An `<abort/>` is one, too: else a client could guess
    /// for ever and abort each time.
    ///
    /// # Errors
    ///
    /// There are no more retries: send the `<failure/>`, then end the stream
    /// with policy-violation (6120-6.4.5-05).
    pub const fn failed(&mut self) -> Result<(), Exhausted> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Exhausted),
        }
    }
}

/// The client has no retries left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many failed authentications (RFC 6120 section 6.4.5)")
    }
}

impl core::error::Error for Exhausted {}

#[cfg(test)]
mod tests {
    use super::*;

    /// 6120-6.4.5-02: at least 2 and no more than 5.
    #[test]
    fn retries_stay_within_the_rfc() {
        let tries = |retries| {
            let mut attempts = Attempts::with_retries(retries);
            (1..100).find(|_| attempts.failed().is_err())
        };
        let all = [0, 1, 2, 3, 4, 5, 6, 255].map(tries);
        assert_eq!(all, [3, 3, 3, 4, 5, 6, 6, 6].map(Some));
    }
}
