//! Bytes as text: base 64 and hexadecimal digits.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::own::{IntoOwned, as_they_are};
use super::shape::ValueKind;
use super::value::Value;
use crate::invalid::Rule;

/// Bytes that are written in base 64 (RFC 4648, section 4).
///
/// White space within it is passed over when it is read (XML Schema has it
/// so). Its `Debug` shows the number of bytes only, as they can be a secret.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a name for the encoding of bytes")]
pub struct Base64(pub Vec<u8>);

/// Bytes that are written as pairs of hexadecimal digits, in lower case.
///
/// Its `Debug` shows the number of bytes only, as they can be a secret.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a name for the encoding of bytes")]
pub struct Hex(pub Vec<u8>);

as_they_are!(Base64, Hex);

impl Value<'_> for Base64 {
    const KIND: ValueKind = ValueKind::Base64;

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        let spaced = text.bytes().any(|byte| byte.is_ascii_whitespace());
        let decoded = if spaced {
            let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            STANDARD.decode(packed)
        } else {
            STANDARD.decode(text.as_bytes())
        };
        decoded.map(Self).map_err(|_| Rule::Base64)
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(&STANDARD.encode(&self.0));
    }
}

impl Value<'_> for Hex {
    const KIND: ValueKind = ValueKind::Hex;

    fn read(text: Cow<'_, str>) -> Result<Self, Rule> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (pairs, odd) = text.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> =
            pairs.iter().map(|[a, b]| Some((digit(*a)? << 4 | digit(*b)?) as u8)).collect();
        bytes.filter(|_| odd.is_empty()).map(Self).ok_or(Rule::UnknownValue)
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let text: String = digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect();
        out(&text);
    }
}

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hex({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Base64 {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Hex {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
