//! Values: what attributes and character data say.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{self, Write as _};

use xmpp_jid::{BareJid, FullJid, Jid, JidRef};

use super::shape::ValueKind;
use crate::JidCow;
use crate::invalid::Rule;

/// What an attribute, or the character data of an element, says.
///
/// Implemented for texts, addresses, numbers, [`DateTime`](crate::DateTime),
/// [`Base64`](crate::Base64), [`Hex`](crate::Hex) and enums with
/// `#[derive(Word)]`.
pub trait Value<'a>: Sized + PartialEq {
    /// What it is, for the table.
    const KIND: ValueKind;

    /// Whether every text is such a value, and each is written as it was read.
    const VERBATIM: bool = false;

    /// Reads it. White space around it is gone, unless it is
    /// [verbatim](Self::VERBATIM).
    ///
    /// # Errors
    ///
    /// The rule that the text breaks.
    fn read(text: Cow<'a, str>) -> Result<Self, Rule>;

    /// Gives `out` its text, once.
    fn write(&self, out: &mut dyn FnMut(&str));
}

impl<'a> Value<'a> for Cow<'a, str> {
    const KIND: ValueKind = ValueKind::Text;
    const VERBATIM: bool = true;

    fn read(text: Self) -> Result<Self, Rule> {
        Ok(text)
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(self);
    }
}

impl Value<'_> for String {
    const KIND: ValueKind = ValueKind::Text;
    const VERBATIM: bool = true;

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        Ok(text.into_owned())
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(self);
    }
}

impl<'a> Value<'a> for JidCow<'a> {
    const KIND: ValueKind = ValueKind::Jid;

    fn read(text: Cow<'a, str>) -> Result<Self, Rule> {
        if let Cow::Borrowed(text) = text
            && let Ok(jid) = JidRef::new(text)
        {
            return Ok(JidCow::Borrowed(jid));
        }
        Jid::new(&text).map(JidCow::Owned).map_err(Rule::Jid)
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(self.as_ref().as_str());
    }
}

macro_rules! addresses {
    ($($jid:ident),+) => {
        $(
            impl Value<'_> for $jid {
                const KIND: ValueKind = ValueKind::Jid;

                fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
                    $jid::new(&text).map_err(Rule::Jid)
                }

                fn write(&self, out: &mut dyn FnMut(&str)) {
                    out(self.as_str());
                }
            }
        )+
    };
}
addresses!(Jid, BareJid, FullJid);

impl Value<'_> for bool {
    const KIND: ValueKind = ValueKind::Boolean;

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        match &*text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Rule::UnknownValue),
        }
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(if *self { "true" } else { "false" });
    }
}

macro_rules! integers {
    ($($integer:ident),+) => {
        $(
            impl Value<'_> for $integer {
                const KIND: ValueKind = ValueKind::Integer($integer::MIN as i64, $integer::MAX as u64);

                fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
                    let most = i64::try_from($integer::MAX).unwrap_or(i64::MAX);
                    text.parse().map_err(|_| Rule::NotInRange($integer::MIN as i64, most))
                }

                fn write(&self, out: &mut dyn FnMut(&str)) {
                    short(out, format_args!("{self}"));
                }
            }
        )+
    };
}
integers!(u8, u16, u32, u64, i8, i16, i32, i64);

macro_rules! decimals {
    ($($decimal:ident),+) => {
        $(
            impl Value<'_> for $decimal {
                const KIND: ValueKind = ValueKind::Decimal;

                fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
                    // `inf` and `nan` are none of XML Schema's spellings, and no measures.
                    let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
                    let value = text.parse::<$decimal>().ok().filter(|value| plain && value.is_finite());
                    value.ok_or(Rule::UnknownValue)
                }

                fn write(&self, out: &mut dyn FnMut(&str)) {
                    // At most 17 digits count, but a plain form can have three hundred.
                    out(&alloc::format!("{self}"));
                }
            }
        )+
    };
}
decimals!(f32, f64);

/// Gives `out` a text of at most 48 bytes without an allocation.
pub(crate) fn short(out: &mut dyn FnMut(&str), text: fmt::Arguments<'_>) {
    let mut buffer = Short { bytes: [0; 48], len: 0 };
    if buffer.write_fmt(text).is_ok()
        && let Some(Ok(text)) = buffer.bytes.get(..buffer.len).map(core::str::from_utf8)
    {
        out(text);
    } else {
        out(&alloc::fmt::format(text));
    }
}

struct Short {
    bytes: [u8; 48],
    len: usize,
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
