//! Delayed delivery as it was before 2009: XEP-0091. To be read, not sent.

use alloc::borrow::Cow;
use core::fmt;

use xmpp_stanza::payload::{Value, ValueKind};
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, IntoOwned, JidCow, Payload, Rest, Rule};

/// The namespace of XEP-0091.
pub const NS: Ns<'static> = Ns::new("jabber:x:delay");

/// When a stanza was first sent (XEP-0091, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "x", section = "XEP-0091, 2")]
#[non_exhaustive]
pub struct LegacyDelay<'a> {
    /// Who delayed it.
    #[xml(attr)]
    pub from: Option<JidCow<'a>>,
    /// When it was first sent.
    #[xml(attr)]
    pub stamp: LegacyDateTime,
    /// Why it came late, for people.
    #[xml(text)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A moment in UTC as it was written before 2003: `20020910T23:08:25`
/// (XEP-0082, 4).
///
/// What is written as [`DateTime`]s are is read as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "a name for another spelling")]
pub struct LegacyDateTime(pub DateTime);

impl fmt::Display for LegacyDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = alloc::format!("{}", self.0);
        let seconds = text.get(..19).unwrap_or_default();
        seconds.chars().filter(|c| *c != '-').try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

impl Value<'_> for LegacyDateTime {
    const KIND: ValueKind = ValueKind::Other("20020910T23:08:25");

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        if let (Some(year), Some(month), Some(rest)) =
            (text.get(..4), text.get(4..6), text.get(6..))
            && !text.contains('-')
        {
            let zone = if rest.ends_with('Z') { "" } else { "Z" };
            let (day, time) = rest.split_once('T').ok_or(Rule::UnknownValue)?;
            return alloc::format!("{year}-{month}-{day}T{time}{zone}").parse().map(Self);
        }
        text.parse().map(Self)
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(&alloc::format!("{self}"));
    }
}

impl IntoOwned for LegacyDateTime {
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
    fn old_times() {
        let read = |text: &'static str| LegacyDateTime::read(text.into());
        let time = read("20020910T23:08:25").unwrap();
        assert_eq!(time.0.unix_seconds(), 1_031_699_305);
        assert_eq!(time.to_string(), "20020910T23:08:25");
        assert_eq!(read("2002-09-10T23:08:25Z"), Ok(time));
        assert_eq!(read("20020910T23:08:25Z"), Ok(time));
        for text in ["", "20020910", "2002091T23:08:25", "200209100T23:08:25", "20021310T23:08:25"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
