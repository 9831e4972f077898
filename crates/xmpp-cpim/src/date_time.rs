use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// A date-time of RFC 3339, as `DateTime` headers and PIDF timestamps have it.
///
/// Two of them are equal if they were written alike, up to zeros at the end of
/// the fraction; [`since_unix_epoch`](Self::since_unix_epoch) gives what to
/// compare moments by. The fraction is kept to the nanosecond; digits beyond
/// are read and dropped.
///
/// ```
/// use xmpp_cpim::DateTime;
///
/// let sent: DateTime = "2000-12-13T13:40:00-08:00".parse()?;
/// assert_eq!(sent.to_utc().to_string(), "2000-12-13T21:40:00Z");
/// assert!("2000-12-13T13:40:00".parse::<DateTime>().is_err(), "no offset");
/// # Ok::<(), xmpp_cpim::DateTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    offset: Offset,
}

/// How far the clock that a date-time was read from was ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3339 §4 knows these three")]
pub enum Offset {
    /// `Z`, and `+00:00`, which says the same.
    Utc,
    /// Minutes ahead of UTC, -1439 to 1439.
    Minutes(i16),
    /// `-00:00`: the time is UTC, that of the clock is not known (§4.3).
    Unknown,
}

impl DateTime {
    /// The moment so long after the start of 1970 in UTC, leap seconds not
    /// counted, as POSIX has it; `None` after the year 9999.
    ///
    /// ```
    /// # use xmpp_cpim::DateTime;
    /// # use core::time::Duration;
    /// let at = DateTime::from_unix(Duration::from_millis(981_062_209_500)).unwrap();
    /// assert_eq!(at.to_string(), "2001-02-01T21:16:49.5Z");
    /// ```
    #[must_use]
    pub fn from_unix(since_epoch: Duration) -> Option<Self> {
        let seconds = i64::try_from(since_epoch.as_secs()).ok()?;
        Self::from_seconds(seconds, since_epoch.subsec_nanos())
    }

    fn from_seconds(seconds: i64, nanosecond: u32) -> Option<Self> {
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        Some(Self {
            year: u16::try_from(year).ok().filter(|&year| year <= 9999)?,
            month,
            day,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            nanosecond,
            offset: Offset::Utc,
        })
    }

    /// Year, month and day as they were written.
    #[must_use]
    pub fn date(&self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Hour, minute and second as they were written; the second is 60 in a leap
    /// second.
    #[must_use]
    pub fn time(&self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }

    /// The fraction of the second in nanoseconds.
    #[must_use]
    pub fn nanosecond(&self) -> u32 {
        self.nanosecond
    }

    /// The offset as it was written.
    #[must_use]
    pub fn offset(&self) -> Offset {
        self.offset
    }

    /// Seconds since the start of 1970 in UTC (before: negative) and
    /// nanoseconds to add: compares and sorts as time does. A leap second has
    /// the value of the second after it, as POSIX has it.
    #[must_use]
    pub fn since_unix_epoch(&self) -> (i64, u32) {
        let minutes = match self.offset {
            Offset::Utc | Offset::Unknown => 0,
            Offset::Minutes(minutes) => i64::from(minutes),
        };
        let seconds = days(i64::from(self.year), self.month, self.day) * 86_400
            + i64::from(self.hour) * 3600
            + (i64::from(self.minute) - minutes) * 60
            + i64::from(self.second);
        (seconds, self.nanosecond)
    }

    /// This moment in UTC, and so written with `Z`, as RFC 3923 §6.9 wants it.
    /// At the ends of the calendar, where UTC would be in the year -1 or
    /// 10000, the value as it is.
    #[must_use]
    pub fn to_utc(&self) -> Self {
        if self.offset == Offset::Utc || self.offset == Offset::Unknown {
            return Self { offset: Offset::Utc, ..*self };
        }
        let (seconds, nanosecond) = self.since_unix_epoch();
        let leap = i64::from(self.second == 60);
        match Self::from_seconds(seconds - leap, nanosecond) {
            Some(utc) => Self { second: utc.second + leap as u8, ..utc },
            None => *self,
        }
    }
}

impl FromStr for DateTime {
    type Err = DateTimeError;

    /// Reads `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`.
    ///
    /// # Errors
    ///
    /// Where the text differs from the grammar of RFC 3339 §5.6, or names a
    /// moment that there is not. `t` and `z` are read as `T` and `Z`; a PIDF
    /// timestamp cannot have them, and is refused with them.
    fn from_str(text: &str) -> Result<Self, DateTimeError> {
        let mut reader = Reader { text: text.as_bytes(), at: 0 };
        let year = reader.digits(4)?;
        reader.byte(b'-')?;
        let month = reader.number(2, 1, 12)?;
        reader.byte(b'-')?;
        let day = reader.number(2, 1, u16::from(month_length(year, month as u8)))?;
        reader.letter(b'T')?;
        let hour = reader.number(2, 0, 23)?;
        reader.byte(b':')?;
        let minute = reader.number(2, 0, 59)?;
        reader.byte(b':')?;
        let second_at = reader.at;
        let second = reader.number(2, 0, 60)?;
        let nanosecond = if reader.next_is(b'.') { reader.fraction()? } else { 0 };
        let offset = reader.offset()?;
        if reader.at != text.len() {
            return Err(DateTimeError { at: reader.at });
        }
        let parsed = Self {
            year,
            month: month as u8,
            day: day as u8,
            hour: hour as u8,
            minute: minute as u8,
            second: second as u8,
            nanosecond,
            offset,
        };
        // RFC 3339 §5.7: the second 60 is the last of a month in UTC. Which
        // months had one is in no table of ours: there may be more.
        if second == 60 {
            let (after, _) = parsed.since_unix_epoch();
            if after.rem_euclid(86_400) != 0 || civil(after.div_euclid(86_400)).2 != 1 {
                return Err(DateTimeError { at: second_at });
            }
        }
        Ok(parsed)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, nanosecond, offset } = *self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if nanosecond != 0 {
            let (mut fraction, mut width) = (nanosecond, 9);
            while fraction % 10 == 0 {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        match offset {
            Offset::Utc => f.write_str("Z"),
            Offset::Unknown => f.write_str("-00:00"),
            Offset::Minutes(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// Why a text is no date-time of RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTimeError {
    /// Octets from the start of the text to what is wrong.
    pub at: usize,
}

impl fmt::Display for DateTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a date-time such as 2001-02-01T12:16:49Z (RFC 3339 §5.6) at octet {}",
            self.at
        )
    }
}

impl core::error::Error for DateTimeError {}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn next_is(&self, byte: u8) -> bool {
        self.text.get(self.at) == Some(&byte)
    }

    fn byte(&mut self, byte: u8) -> Result<(), DateTimeError> {
        if !self.next_is(byte) {
            return Err(DateTimeError { at: self.at });
        }
        self.at += 1;
        Ok(())
    }

    /// A letter, in capitals or not.
    fn letter(&mut self, letter: u8) -> Result<(), DateTimeError> {
        if self.next_is(letter.to_ascii_lowercase()) {
            self.at += 1;
            return Ok(());
        }
        self.byte(letter)
    }

    fn digits(&mut self, count: usize) -> Result<u16, DateTimeError> {
        let mut value = 0;
        for _ in 0..count {
            let digit = self.text.get(self.at).filter(|b| b.is_ascii_digit());
            let Some(&digit) = digit else { return Err(DateTimeError { at: self.at }) };
            value = value * 10 + u16::from(digit - b'0');
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self, digits: usize, min: u16, max: u16) -> Result<u16, DateTimeError> {
        let at = self.at;
        let value = self.digits(digits)?;
        if (min..=max).contains(&value) { Ok(value) } else { Err(DateTimeError { at }) }
    }

    /// `time-secfrac = "." 1*DIGIT`
    fn fraction(&mut self) -> Result<u32, DateTimeError> {
        self.byte(b'.')?;
        let (mut value, mut unit) = (0, 100_000_000);
        let start = self.at;
        while let Some(digit) = self.text.get(self.at).filter(|b| b.is_ascii_digit()) {
            value += u32::from(digit - b'0') * unit;
            unit /= 10;
            self.at += 1;
        }
        if self.at == start { Err(DateTimeError { at: start }) } else { Ok(value) }
    }

    fn offset(&mut self) -> Result<Offset, DateTimeError> {
        let sign = match self.text.get(self.at) {
            Some(b'Z' | b'z') => {
                self.at += 1;
                return Ok(Offset::Utc);
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(DateTimeError { at: self.at }),
        };
        self.at += 1;
        let hours = self.number(2, 0, 23)?;
        self.byte(b':')?;
        let minutes = (hours * 60 + self.number(2, 0, 59)?) as i16;
        Ok(match minutes * sign {
            0 if sign < 0 => Offset::Unknown,
            0 => Offset::Utc,
            minutes => Offset::Minutes(minutes),
        })
    }
}

fn month_length(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. A year is counted
/// from March, so that the leap day is the last one of it.
fn days(year: i64, month: u8, day: u8) -> i64 {
    let year = year - i64::from(month < 3);
    let month = (i64::from(month) + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 306 days from March to December; 719468 from 0000-03-01 to 1970-01-01.
    year * 365 + leap_days + (month * 306 + 5) / 10 + i64::from(day) - 1 - 719_468
}

/// The day of the Gregorian calendar so many days after 1970-01-01.
fn civil(since_epoch: i64) -> (i64, u8, u8) {
    let day = since_epoch + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (year * 365 + year / 4 - year / 100);
    let month = (of_year * 5 + 2) / 153;
    let day = of_year - (month * 153 + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month < 3), month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn parse(text: &str) -> Result<DateTime, usize> {
        text.parse().map_err(|e: DateTimeError| e.at)
    }

    // RFC 3339 §5.8, all of them.
    #[test]
    fn the_examples_of_the_rfc() {
        for (text, utc) in [
            ("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z"),
            ("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"),
            ("1990-12-31T23:59:60Z", "1990-12-31T23:59:60Z"),
            ("1990-12-31T15:59:60-08:00", "1990-12-31T23:59:60Z"),
            ("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z"),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(parsed.to_string(), text);
            assert_eq!(parsed.to_utc().to_string(), utc);
        }
    }

    // RFC 3339 §5.6, the note on letters.
    #[test]
    fn letters_are_written_in_capitals() {
        assert_eq!(parse("2001-02-01t00:00:00z").unwrap().to_string(), "2001-02-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_date_time_says_where() {
        for (text, at) in [
            ("", 0),
            ("2001-02-30T00:00:00Z", 8),
            ("1900-02-29T00:00:00Z", 8),
            ("2001-13-01T00:00:00Z", 5),
            ("2001-02-01 00:00:00Z", 10),
            ("2001-02-01T00:00:00", 19),
            ("2001-02-01T24:00:00Z", 11),
            ("2001-02-01T00:60:00Z", 14),
            ("2001-02-01T00:00:61Z", 17),
            ("2001-02-01T00:00:60Z", 17),
            ("2001-02-01T00:00:00.Z", 20),
            ("2001-02-01T00:00:00+24:00", 20),
            ("2001-02-01T00:00:00+0100", 22),
            ("2001-02-01T00:00:00Zx", 20),
            ("+001-02-01T00:00:00Z", 0),
            ("2001-02-01T00:00:00.\u{661}Z", 20),
        ] {
            assert_eq!(parse(text), Err(at), "{text}");
        }
    }

    #[test]
    fn ends_and_leaps_of_the_calendar() {
        assert_eq!(parse("2000-02-29T00:00:00Z").unwrap().date(), (2000, 2, 29));
        assert_eq!(parse("1970-01-01T00:00:00Z").unwrap().since_unix_epoch(), (0, 0));
        assert_eq!(parse("1969-12-31T23:59:59.25Z").unwrap().since_unix_epoch().0, -1);
        assert_eq!(
            parse("0000-01-01T00:00:00+23:59").unwrap().to_utc().to_string(),
            "0000-01-01T00:00:00+23:59"
        );
        assert_eq!(parse("2001-01-01T00:00:00-00:00").unwrap().offset(), Offset::Unknown);
        assert_eq!(parse("2001-01-01T00:00:00+00:00").unwrap().offset(), Offset::Utc);
        assert_eq!(
            DateTime::from_unix(Duration::from_secs(253_402_300_799)).unwrap().to_string(),
            "9999-12-31T23:59:59Z"
        );
        assert_eq!(DateTime::from_unix(Duration::from_secs(253_402_300_800)), None);
        assert_eq!(DateTime::from_unix(Duration::MAX), None);
        assert_eq!(
            parse("2001-01-01T00:00:00.1234567899Z").unwrap().to_string(),
            "2001-01-01T00:00:00.123456789Z"
        );
    }

    // RFC 3339 §5.6, §5.7, appendix C
    #[test]
    fn each_number_has_its_least_and_greatest() {
        for (text, good) in [
            ("2001-00-01T00:00:00Z", false),
            ("2001-01-00T00:00:00Z", false),
            ("2001-01-01T00:00:00Z", true),
            ("2001-12-31T23:59:59Z", true),
            ("2001-01-32T00:00:00Z", false),
            ("2001-02-28T00:00:00Z", true),
            ("2001-02-29T00:00:00Z", false),
            ("2004-02-29T00:00:00Z", true),
            ("2000-02-29T00:00:00Z", true),
            ("2100-02-29T00:00:00Z", false),
            ("2000-02-30T00:00:00Z", false),
            ("2001-03-31T00:00:00Z", true),
            ("2001-04-30T00:00:00Z", true),
            ("2001-04-31T00:00:00Z", false),
            ("2001-06-31T00:00:00Z", false),
            ("2001-09-31T00:00:00Z", false),
            ("2001-11-31T00:00:00Z", false),
            ("2001-07-31T00:00:00Z", true),
            ("2001-08-31T00:00:00Z", true),
            ("2001-01-01T00:00:00+23:59", true),
            ("2001-01-01T00:00:00-23:59", true),
            ("2001-01-01T00:00:00+23:60", false),
            ("2001-01-01T00:00:00-24:00", false),
            ("2001-01-01T00:00:00", false),
            ("2001-01-01T00:00:00+", false),
            // The second 60 is the last of a month, in UTC.
            ("2016-12-31T23:59:60Z", true),
            ("2017-01-01T00:59:60+01:00", true),
            ("2016-12-31T22:59:60-01:00", true),
            ("2016-12-31T23:59:60+01:00", false),
            ("2016-12-31T22:59:60Z", false),
            ("2016-12-31T23:58:60Z", false),
            ("2016-12-30T23:59:60Z", false),
            ("2017-01-01T00:00:60Z", false),
        ] {
            assert_eq!(parse(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn moments_and_what_they_were_written_as() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2001-09-09T03:16:40+01:30", 1_000_000_000),
            ("2001-09-08T23:46:40-02:00", 1_000_000_000),
            ("2001-09-09T01:46:40-00:00", 1_000_000_000),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2000-03-01T12:00:00Z", 951_912_000),
            ("1969-12-31T23:59:59Z", -1),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            // As POSIX has it, that of the second after it.
            ("2016-12-31T23:59:60Z", 1_483_228_800),
        ] {
            let read = parse(text).unwrap();
            assert_eq!(read.since_unix_epoch(), (seconds, 0), "{text}");
            assert_eq!(read.to_string(), text);
            let utc = read.to_utc();
            assert_eq!(utc.since_unix_epoch(), (seconds, 0), "{text}");
            assert_eq!(utc.offset(), Offset::Utc, "{text}");
            if let Ok(seconds) = u64::try_from(seconds)
                && read.time().2 != 60
            {
                assert_eq!(DateTime::from_unix(Duration::from_secs(seconds)), Some(utc));
            }
        }
        let read = parse("2001-02-03T04:05:06.078-01:30").unwrap();
        assert_eq!((read.date(), read.time()), ((2001, 2, 3), (4, 5, 6)));
        assert_eq!((read.nanosecond(), read.offset()), (78_000_000, Offset::Minutes(-90)));
        assert_eq!(read.since_unix_epoch().1, 78_000_000);
        assert_eq!(read.to_utc().to_string(), "2001-02-03T05:35:06.078Z");
        assert_eq!(parse("2001-01-01T00:00:00+00:30").unwrap().offset(), Offset::Minutes(30));
        assert_eq!(
            parse("2001-01-01T00:00:00-00:00").unwrap().to_utc().to_string(),
            "2001-01-01T00:00:00Z"
        );
        // Where UTC would be in another era.
        let last = parse("9999-12-31T23:59:59-00:01").unwrap();
        assert_eq!(last.to_utc(), last);
        let leap = parse("2016-12-31T15:59:60.5-08:00").unwrap();
        assert_eq!(leap.to_utc().to_string(), "2016-12-31T23:59:60.5Z");
    }

    #[test]
    fn every_day_there_and_back() {
        let last = days(9999, 12, 31);
        let mut day = days(0, 1, 1);
        while day <= last {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
            assert!(of_month <= month_length(year as u16, month));
            day += 1;
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(
            seconds in -62_167_219_200_i64..253_402_300_799,
            nanosecond in 0_u32..1_000_000_000,
            minutes in -1439_i16..1440,
        ) {
            let utc = DateTime::from_seconds(seconds, nanosecond).unwrap();
            proptest::prop_assert_eq!(parse(&utc.to_string()), Ok(utc));
            let offset = if minutes == 0 { Offset::Unknown } else { Offset::Minutes(minutes) };
            let other = DateTime { offset, ..utc };
            proptest::prop_assert_eq!(parse(&other.to_string()), Ok(other));
            proptest::prop_assert_eq!(other.to_utc().since_unix_epoch(), other.since_unix_epoch());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9TZ:.+-]{0,30}|.*") {
            let _ = parse(&text);
        }
    }
}
