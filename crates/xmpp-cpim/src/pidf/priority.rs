use core::fmt;
use core::str::FromStr;

/// The priority of a contact among those of a presentity: 0 to 1 in
/// thousandths.
///
/// ```text
/// qvalue = 0(.[0-9]{0,3})? | 1(.0{0,3})?
/// ```
///
/// ```
/// use xmpp_cpim::pidf::Priority;
///
/// let priority: Priority = "0.80".parse()?;
/// assert_eq!(priority.thousandths(), 800);
/// assert_eq!(priority.to_string(), "0.8");
/// # Ok::<(), xmpp_cpim::pidf::PriorityError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(u16);

impl Priority {
    /// The lowest, 0: also what a contact without one has.
    pub const LOWEST: Self = Self(0);
    /// The highest, 1.
    pub const HIGHEST: Self = Self(1000);

    /// The priority of that many thousandths; `None` above 1000.
    #[must_use]
    pub const fn from_thousandths(thousandths: u16) -> Option<Self> {
        if thousandths <= 1000 { Some(Self(thousandths)) } else { None }
    }

    /// In thousandths.
    #[must_use]
    pub const fn thousandths(self) -> u16 {
        self.0
    }
}

impl FromStr for Priority {
    type Err = PriorityError;

    /// Reads the attribute's value.
    ///
    /// # Errors
    ///
    /// A value that is none, such as `1.5`, `.5` or `0.1234`. In a document it
    /// counts as if it were not there (`3863-4.1.5-03`).
    fn from_str(text: &str) -> Result<Self, PriorityError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
        let thousandths = fraction
            .bytes()
            .chain(core::iter::repeat(b'0'))
            .take(3)
            .fold(0, |value, digit| value * 10 + u16::from(digit.wrapping_sub(b'0')));
        match whole {
            "0" if digits => Ok(Self(thousandths)),
            "1" if digits && thousandths == 0 => Ok(Self(1000)),
            _ => Err(PriorityError),
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut fraction, mut width) = (self.0 % 1000, 3);
        if fraction == 0 {
            return write!(f, "{}", self.0 / 1000);
        }
        while fraction % 10 == 0 {
            fraction /= 10;
            width -= 1;
        }
        write!(f, "0.{fraction:0width$}")
    }
}

/// The text is not a decimal number from 0 to 1 with at most three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriorityError;

impl fmt::Display for PriorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a number from 0 to 1 with at most three decimals (RFC 3863 §4.1.5)")
    }
}

impl core::error::Error for PriorityError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    // 3863-4.1.5-01
    #[test]
    fn a_number_from_0_to_1_with_three_decimals() {
        for (text, thousandths) in [
            ("0", 0),
            ("0.021", 21),
            ("0.5", 500),
            ("1.00", 1000),
            ("0.", 0),
            ("1.", 1000),
            ("1", 1000),
        ] {
            assert_eq!(text.parse::<Priority>().unwrap().thousandths(), thousandths, "{text}");
        }
        for text in [
            "",
            ".5",
            "0.1234",
            "1.001",
            "2",
            "-0",
            "+1",
            "0,5",
            "00",
            "0.5 ",
            "1e0",
            "0.\u{661}",
            "0.a",
        ] {
            assert_eq!(text.parse::<Priority>(), Err(PriorityError), "{text}");
        }
    }

    #[test]
    fn all_of_them_come_back() {
        for thousandths in 0..=1000 {
            let priority = Priority::from_thousandths(thousandths).unwrap();
            assert_eq!(priority.to_string().parse(), Ok(priority));
        }
        assert_eq!(Priority::from_thousandths(1001), None);
    }
}
