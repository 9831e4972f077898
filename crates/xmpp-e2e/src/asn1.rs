//! Reading and writing DER: tags and lengths, and a borrowed view of what is
//! within. Object identifiers and the calendar are [`der`]'s.

mod ber;
pub(crate) mod oid;
mod time;

pub(crate) use ber::to_der;
pub(crate) use time::{read_time, write_time};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The tag of a primitive `[number] IMPLICIT`.
pub(crate) const fn implicit(number: u8) -> u8 {
    0x80 | number
}

/// The tag of `[number] EXPLICIT`, or of a constructed `[number] IMPLICIT`.
pub(crate) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// An ASN.1 structure that is not what its definition says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where in the DER the unexpected element begins, in bytes.
    pub offset: usize,
    /// What should stand there, in the words of the defining RFC.
    pub expected: &'static str,
}

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "byte {} of the DER: expected {}", self.offset, self.expected)
    }
}

impl core::error::Error for Malformed {}

/// The elements of one constructed value, taken one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    offset: usize,
}

/// One element: its contents, and the whole of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) whole: &'a [u8],
    /// Of `value`, from the beginning of the outermost structure.
    offset: usize,
}

impl<'a> Element<'a> {
    pub(crate) fn fields(&self) -> Fields<'a> {
        Fields { rest: self.value, offset: self.offset }
    }

    pub(crate) fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { offset: self.offset, expected }
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn new(der: &'a [u8]) -> Self {
        Self { rest: der, offset: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { offset: self.offset, expected }
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self, expected: &'static str) -> Result<Element<'a>, Malformed> {
        let malformed = self.malformed(expected);
        let (tag, start, length) = header(self.rest).ok_or(malformed)?;
        let end = start.checked_add(length).filter(|&end| end <= self.rest.len());
        let (whole, rest) = self.rest.split_at(end.ok_or(malformed)?);
        let value = &whole[start..];
        let offset = self.offset + start;
        self.rest = rest;
        self.offset += whole.len();
        Ok(Element { tag, value, whole, offset })
    }

    /// The next element, which has this tag.
    pub(crate) fn take(
        &mut self,
        tag: u8,
        expected: &'static str,
    ) -> Result<Element<'a>, Malformed> {
        match self.rest.first() {
            Some(&found) if found == tag => self.any(expected),
            _ => Err(self.malformed(expected)),
        }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(
        &mut self,
        tag: u8,
        expected: &'static str,
    ) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.any(expected).map(Some) } else { Ok(None) }
    }

    /// A small non-negative INTEGER, such as a version.
    pub(crate) fn small_integer(&mut self, expected: &'static str) -> Result<u8, Malformed> {
        let element = self.take(INTEGER, expected)?;
        match *element.value {
            [value] if value < 0x80 => Ok(value),
            _ => Err(element.malformed(expected)),
        }
    }

    /// A non-negative INTEGER below 65536, such as the length of a salt.
    pub(crate) fn small_unsigned(&mut self, expected: &'static str) -> Result<u16, Malformed> {
        let element = self.take(INTEGER, expected)?;
        match *element.value {
            [value] if value < 0x80 => Ok(u16::from(value)),
            [high, low] if high < 0x80 && (high != 0 || low >= 0x80) => {
                Ok(u16::from_be_bytes([high, low]))
            }
            [0, high, low] if high >= 0x80 => Ok(u16::from_be_bytes([high, low])),
            _ => Err(element.malformed(expected)),
        }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self, expected: &'static str) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(self.malformed(expected)) }
    }
}

/// Tag, octets of the header, and length of the contents: X.690 sections 8.1
/// and 10.1, without tags of 31 and above, which CMS and X.509 do not have.
/// Written out, since it is what reading an object spends its time with.
fn header(der: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    if first < 0x80 {
        return Some((tag, 2, usize::from(first)));
    }
    let octets = usize::from(first & 0x7f);
    if octets == 0 || octets > 4 {
        return None;
    }
    let length = rest.get(..octets)?;
    let value = length.iter().fold(0, |sum: usize, &octet| sum << 8 | usize::from(octet));
    // DER: as few octets as it takes.
    let shortest = length[0] != 0 && value >= 0x80;
    shortest.then_some((tag, 2 + octets, value))
}

/// `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2), borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Algorithm<'a> {
    /// The contents of the OBJECT IDENTIFIER.
    pub(crate) oid: &'a [u8],
    pub(crate) parameters: Option<Element<'a>>,
    pub(crate) whole: &'a [u8],
}

impl<'a> Algorithm<'a> {
    pub(crate) fn parse(
        fields: &mut Fields<'a>,
        expected: &'static str,
    ) -> Result<Self, Malformed> {
        Self::of(fields.take(SEQUENCE, expected)?, expected)
    }

    pub(crate) fn of(element: Element<'a>, expected: &'static str) -> Result<Self, Malformed> {
        if element.tag != SEQUENCE {
            return Err(element.malformed(expected));
        }
        let mut fields = element.fields();
        let oid = fields.take(OID, expected)?.value;
        let parameters = if fields.is_empty() { None } else { Some(fields.any(expected)?) };
        fields.end(expected)?;
        Ok(Self { oid, parameters, whole: element.whole })
    }

    /// Parameters that mean nothing: absent or NULL.
    pub(crate) fn no_parameters(&self) -> bool {
        self.parameters.is_none_or(|p| p.tag == NULL && p.value.is_empty())
    }
}

/// An object identifier in dotted form, for messages; `?` if it is not one.
pub(crate) fn dotted(oid: &[u8]) -> String {
    der::asn1::ObjectIdentifier::from_bytes(oid).map_or_else(|_| "?".into(), |oid| oid.to_string())
}

/// Appends an element whose contents `contents` writes.
pub(crate) fn nest(out: &mut Vec<u8>, tag: u8, contents: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let start = out.len();
    // One octet is reserved for the length; the rare longer form moves the
    // contents once.
    out.push(0);
    contents(out);
    let length = out.len() - start - 1;
    if length < 0x80 {
        out[start] = length as u8;
        return;
    }
    let octets = length.to_be_bytes();
    let skip = octets.iter().take_while(|&&octet| octet == 0).count();
    let octets = &octets[skip..];
    out[start] = 0x80 | octets.len() as u8;
    out.splice(start + 1..start + 1, octets.iter().copied());
}

/// Appends an element with the given contents.
pub(crate) fn put(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    out.push(tag);
    put_length(out, contents.len());
    out.extend_from_slice(contents);
}

/// Appends a non-negative INTEGER.
pub(crate) fn put_unsigned(out: &mut Vec<u8>, value: u16) {
    match value.to_be_bytes() {
        [0, low] if low < 0x80 => put(out, INTEGER, &[low]),
        [high, low] if high >= 0x80 => put(out, INTEGER, &[0, high, low]),
        octets => put(out, INTEGER, &octets),
    }
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(length as u8);
        return;
    }
    let octets = length.to_be_bytes();
    let skip = octets.iter().take_while(|&&octet| octet == 0).count();
    out.push(0x80 | (octets.len() - skip) as u8);
    out.extend_from_slice(&octets[skip..]);
}

/// Appends an `AlgorithmIdentifier` without parameters.
pub(crate) fn put_algorithm(out: &mut Vec<u8>, oid: &[u8]) {
    nest(out, SEQUENCE, |out| put(out, OID, oid));
}

/// Appends an `AlgorithmIdentifier` whose parameters are NULL.
pub(crate) fn put_algorithm_null(out: &mut Vec<u8>, oid: &[u8]) {
    nest(out, SEQUENCE, |out| {
        put(out, OID, oid);
        put(out, NULL, &[]);
    });
}

#[cfg(test)]
mod tests;
