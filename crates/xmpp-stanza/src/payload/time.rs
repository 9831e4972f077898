//! Dates and times: XEP-0082.

use alloc::borrow::Cow;
use core::fmt;
use core::str::FromStr;

use super::own::{IntoOwned, as_they_are};
use super::shape::ValueKind;
use super::value::{Value, short};
use crate::invalid::Rule;

/// A moment, to the nanosecond (XEP-0082, 3.2): `1969-07-21T02:56:15Z`.
///
/// It is kept in UTC; an offset is taken into account when it is read, and it
/// is written with `Z`. A leap second is the second after it.
///
/// ```
/// use xmpp_stanza::DateTime;
///
/// let landing: DateTime = "1969-07-20T21:56:15-05:00".parse()?;
/// assert_eq!(landing.unix_seconds(), -14_159_025);
/// assert_eq!(landing.to_string(), "1969-07-21T02:56:15Z");
/// # Ok::<(), xmpp_stanza::Rule>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime {
    seconds: i64,
    nanoseconds: u32,
}

/// A day of the calendar (XEP-0082, 3.1): `1776-07-04`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

as_they_are!(DateTime, Date);

impl DateTime {
    /// The moment that many seconds and nanoseconds after 1970-01-01T00:00:00Z. `None` if it
    /// is not within the years 0 to 9999, which is what can be written.
    #[must_use]
    pub const fn from_unix(seconds: i64, nanoseconds: u32) -> Option<Self> {
        if seconds < FIRST || seconds > LAST || nanoseconds >= 1_000_000_000 {
            return None;
        }
        Some(Self { seconds, nanoseconds })
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// The nanoseconds beyond the whole seconds.
    #[must_use]
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }
}

impl Date {
    /// `None` if the calendar has no such day.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year > 9999 || month < 1 || month > 12 || day < 1 || day > days_of(year, month) {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The year, from 0 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years that begin in March end with the leap day; 400 of them have 146,097
/// days. The epoch is day 719,468 since 0000-03-01.
const fn days_since_epoch(date: Date) -> i64 {
    let (year, month) = (date.year as i64, date.month as i64);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day = (153 * month + 2) / 5 + date.day as i64 - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day - 719_468
}

fn date_of(days: i64) -> Date {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * era + year + i64::from(month >= 10);
    let month = if month < 10 { month + 3 } else { month - 9 };
    Date { year: year as u16, month: month as u8, day: day as u8 }
}

/// Takes the next part of a text.
struct Parts<'t>(&'t [u8]);

impl Parts<'_> {
    /// So many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    }

    fn is(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.number(4)?;
        self.is(b'-')?;
        let month = self.number(2)?;
        self.is(b'-')?;
        let day = self.number(2)?;
        Date::new(year as u16, month as u8, day as u8)
    }

    /// Seconds of the day, and nanoseconds.
    fn time(&mut self) -> Option<(i64, u32)> {
        let hour = self.number(2).filter(|hour| *hour < 24)?;
        self.is(b':')?;
        let minute = self.number(2).filter(|minute| *minute < 60)?;
        self.is(b':')?;
        let second = self.number(2).filter(|second| *second <= 60)?;
        let mut nanoseconds = 0;
        if self.is(b'.').is_some() {
            let len = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let digits = len.min(9);
            nanoseconds = self.number(digits).filter(|_| digits > 0)?;
            nanoseconds *= 10_u32.pow(9 - digits as u32);
            self.0 = self.0.get(len - digits..)?;
        }
        Some((i64::from(hour * 3600 + minute * 60 + second), nanoseconds))
    }

    /// Seconds to be taken away.
    fn offset(&mut self) -> Option<i64> {
        if self.is(b'Z').is_some() {
            return Some(0);
        }
        let sign = if self.is(b'+').is_some() {
            1
        } else {
            self.is(b'-')?;
            -1
        };
        let hour = self.number(2).filter(|hour| *hour < 24)?;
        self.is(b':')?;
        let minute = self.number(2).filter(|minute| *minute < 60)?;
        Some(sign * i64::from(hour * 3600 + minute * 60))
    }

    fn end<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

impl FromStr for DateTime {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let read = || {
            let mut parts = Parts(text.as_bytes());
            let date = parts.date()?;
            parts.is(b'T')?;
            let (seconds, nanoseconds) = parts.time()?;
            let seconds = days_since_epoch(date) * 86_400 + seconds - parts.offset()?;
            parts.end(Self::from_unix(seconds, nanoseconds)?)
        };
        read().ok_or(Rule::UnknownValue)
    }
}

impl FromStr for Date {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let mut parts = Parts(text.as_bytes());
        parts.date().and_then(|date| parts.end(date)).ok_or(Rule::UnknownValue)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.seconds.div_euclid(86_400), self.seconds.rem_euclid(86_400));
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", date_of(days))?;
        if self.nanoseconds != 0 {
            let (mut fraction, mut digits) = (self.nanoseconds, 9);
            while fraction.is_multiple_of(10) {
                (fraction, digits) = (fraction / 10, digits - 1);
            }
            write!(f, ".{fraction:0digits$}")?;
        }
        f.write_str("Z")
    }
}

macro_rules! times {
    ($($time:ident, $kind:expr;)+) => {
        $(
            impl Value<'_> for $time {
                const KIND: ValueKind = $kind;

                fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
                    text.parse()
                }

                fn write(&self, out: &mut dyn FnMut(&str)) {
                    short(out, format_args!("{self}"));
                }
            }
        )+
    };
}
times! {
    DateTime, ValueKind::DateTime;
    Date, ValueKind::Other("1776-07-04");
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_examples_of_xep_0082() {
        for (text, canonical) in [
            ("1969-07-21T02:56:15Z", "1969-07-21T02:56:15Z"),
            ("1969-07-20T21:56:15-05:00", "1969-07-21T02:56:15Z"),
            ("2000-02-29T23:59:60.120Z", "2000-03-01T00:00:00.12Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999999Z", "9999-12-31T23:59:59.999999999Z"),
        ] {
            assert_eq!(text.parse::<DateTime>().unwrap().to_string(), canonical);
        }
        for text in [
            "",
            "1969-07-21",
            "1969-07-21T02:56:15",
            "1969-02-29T02:56:15Z",
            "1969-07-21T24:00:00Z",
            "1969-07-21T02:56Z",
            "1969-07-21T02:56:15.Z",
            "1969-07-21t02:56:15z",
            "1969-07-21T02:56:15Z ",
            "19690721T02:56:15",
            "0000-01-01T00:00:00+00:01",
            "1969-07-21T02:56:15+5:00",
            "\u{661}969-07-21T02:56:15Z",
        ] {
            assert_eq!(text.parse::<DateTime>(), Err(Rule::UnknownValue), "{text}");
        }
        assert_eq!("1776-07-04".parse::<Date>().unwrap().to_string(), "1776-07-04");
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (FIRST / 86_400..=LAST / 86_400).step_by(13) {
            let date = date_of(days);
            assert_eq!(days_since_epoch(date), days);
            assert_eq!(Date::new(date.year, date.month, date.day), Some(date));
        }
    }
}
