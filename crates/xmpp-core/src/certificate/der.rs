//! The fields of a certificate (RFC 5280 section 4.1) that XMPP looks at, where they
//! lie. Nothing is copied, nothing recurses, and each byte is read a few times at most.

use der::asn1::{GeneralizedTime, UtcTime};
use der::{AnyRef, Decode, Reader as _, SliceReader};

use super::Unreadable;

/// One value of DER: its first octet, its contents, and all of it.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) contents: &'a [u8],
    pub(super) whole: &'a [u8],
}

/// The values that lie one behind the other in some contents.
pub(super) struct Values<'a>(SliceReader<'a>);

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const IA5_STRING: u8 = 0x16;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;

/// A context-specific tag of a constructed value.
pub(super) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// A context-specific tag of a primitive value.
pub(super) const fn implicit(number: u8) -> u8 {
    0x80 | number
}

impl<'a> Values<'a> {
    pub(super) fn of(contents: &'a [u8]) -> Result<Self, Unreadable> {
        SliceReader::new(contents).map(Self).map_err(|_| Unreadable)
    }

    /// The next one, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<Value<'a>>, Unreadable> {
        if self.0.is_finished() {
            return Ok(None);
        }
        let whole = self.0.tlv_bytes().map_err(|_| Unreadable)?;
        let tag = *whole.first().ok_or(Unreadable)?;
        let contents = AnyRef::from_der(whole).map_err(|_| Unreadable)?.value();
        Ok(Some(Value { tag, contents, whole }))
    }

    /// The next one, which has to be there.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Value<'a>, Unreadable> {
        self.next()?.filter(|value| value.tag == tag).ok_or(Unreadable)
    }

    pub(super) fn end(&self) -> Result<(), Unreadable> {
        if self.0.is_finished() { Ok(()) } else { Err(Unreadable) }
    }
}

/// The only value in some bytes.
pub(super) fn only(der: &[u8], tag: u8) -> Result<Value<'_>, Unreadable> {
    let mut values = Values::of(der)?;
    let value = values.expect(tag)?;
    values.end()?;
    Ok(value)
}

/// Seconds since 1970-01-01T00:00:00Z of a `Time` (RFC 5280 section 4.1.2.5).
pub(super) fn time(value: Value<'_>) -> Result<u64, Unreadable> {
    let since = match value.tag {
        UTC_TIME => UtcTime::from_der(value.whole).map(|time| time.to_unix_duration()),
        GENERALIZED_TIME => {
            GeneralizedTime::from_der(value.whole).map(|time| time.to_unix_duration())
        }
        _ => return Err(Unreadable),
    };
    since.map(|since| since.as_secs()).map_err(|_| Unreadable)
}

/// The `Extension`s of a certificate: an object identifier and what it says.
pub(super) fn extension<'a>(
    extensions: Option<&'a [u8]>,
    wanted: &[u8],
) -> Result<Option<&'a [u8]>, Unreadable> {
    let Some(extensions) = extensions else { return Ok(None) };
    let mut list = Values::of(extensions)?;
    let mut found = None;
    while let Some(extension) = list.next()? {
        if extension.tag != SEQUENCE {
            return Err(Unreadable);
        }
        let mut parts = Values::of(extension.contents)?;
        let oid = parts.expect(OID)?;
        let mut value = parts.next()?.ok_or(Unreadable)?;
        if value.tag == BOOLEAN {
            value = parts.next()?.ok_or(Unreadable)?;
        }
        if value.tag != OCTET_STRING {
            return Err(Unreadable);
        }
        parts.end()?;
        if oid.contents == wanted {
            // RFC 5280 section 4.2: "A certificate MUST NOT include more than one
            // instance of a particular extension."
            if found.is_some() {
                return Err(Unreadable);
            }
            found = Some(value.contents);
        }
    }
    Ok(found)
}
