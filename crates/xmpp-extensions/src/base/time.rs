//! Entity time: XEP-0202.

use alloc::borrow::Cow;
use core::fmt;
use core::str::FromStr;

use xmpp_stanza::payload::{Value, ValueKind};
use xmpp_stanza::xml::ns;
use xmpp_stanza::{DateTime, IntoOwned, Payload, Rest, Rule};

/// The time at an entity; the request for it, if it is empty (XEP-0202, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::TIME, name = "time", section = "XEP-0202, 2")]
#[non_exhaustive]
pub struct Time<'a> {
    /// How far its clocks are from UTC.
    #[xml(leaf)]
    pub tzo: Option<Offset>,
    /// What time it is.
    #[xml(leaf)]
    pub utc: Option<DateTime>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How far local time is from UTC: `-06:00` or `Z` (XEP-0082, 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Offset(i16);

impl Offset {
    /// The offset that is so many minutes ahead of UTC. `None` if it is a day or more.
    #[must_use]
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes.unsigned_abs() < 24 * 60 { Some(Self(minutes)) } else { None }
    }

    /// How many minutes it is ahead of UTC.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

impl FromStr for Offset {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let number = |digits: &[u8]| match digits {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => {
                Some(i16::from(a - b'0') * 10 + i16::from(b - b'0'))
            }
            _ => None,
        };
        let read = || match text.as_bytes() {
            b"Z" => Some(Self(0)),
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let hours = number(&[*h1, *h2]).filter(|hours| *hours < 24)?;
                let minutes = number(&[*m1, *m2]).filter(|minutes| *minutes < 60)?;
                let minutes = hours * 60 + minutes;
                Some(Self(if *sign == b'-' { -minutes } else { minutes }))
            }
            _ => None,
        };
        read().ok_or(Rule::UnknownValue)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("Z");
        }
        let (sign, minutes) = (if self.0 < 0 { '-' } else { '+' }, self.0.unsigned_abs());
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Value<'_> for Offset {
    const KIND: ValueKind = ValueKind::Other("-06:00");

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        text.parse()
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(&alloc::format!("{self}"));
    }
}

impl IntoOwned for Offset {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn offsets() {
        for (text, minutes) in [("-06:00", -360), ("+05:30", 330), ("Z", 0), ("-00:30", -30)] {
            let offset: Offset = text.parse().unwrap();
            assert_eq!((offset.minutes(), &*offset.to_string()), (minutes, text));
        }
        assert_eq!("+00:00".parse(), Ok(Offset::default()));
        for text in ["", "z", "06:00", "+6:00", "+24:00", "+05:60", "+05:3a", "+05:300"] {
            assert_eq!(text.parse::<Offset>(), Err(Rule::UnknownValue), "{text}");
        }
        assert_eq!(Offset::from_minutes(1440), None);
    }
}
