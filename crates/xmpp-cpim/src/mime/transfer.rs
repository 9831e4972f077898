//! Transfer encodings: RFC 2045 §6.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Why a body cannot be had without its transfer encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferError {
    /// None of 7bit, 8bit, binary, base64 and quoted-printable.
    UnknownEncoding,
    /// The body is not in base64 (RFC 2045 §6.8).
    Base64,
    /// The body is not quoted-printable (RFC 2045 §6.7).
    QuotedPrintable,
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownEncoding => "the transfer encoding is not one of RFC 2045 §6.1",
            Self::Base64 => "the body is not in base64 (RFC 2045 §6.8)",
            Self::QuotedPrintable => "the body is not quoted-printable (RFC 2045 §6.7)",
        })
    }
}

impl core::error::Error for TransferError {}

/// Padding may be left out: some mail software does, and nothing is ambiguous
/// without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn decode<'b>(
    encoding: Option<&str>,
    body: &'b [u8],
) -> Result<Cow<'b, [u8]>, TransferError> {
    let Some(encoding) = encoding else { return Ok(Cow::Borrowed(body)) };
    if ["7bit", "8bit", "binary"].iter().any(|known| known.eq_ignore_ascii_case(encoding)) {
        Ok(Cow::Borrowed(body))
    } else if encoding.eq_ignore_ascii_case("base64") {
        let lines: Vec<u8> = body.iter().copied().filter(|b| !b" \t\r\n".contains(b)).collect();
        BASE64.decode(lines).map(Cow::Owned).map_err(|_| TransferError::Base64)
    } else if encoding.eq_ignore_ascii_case("quoted-printable") {
        quoted_printable(body).map(Cow::Owned).ok_or(TransferError::QuotedPrintable)
    } else {
        Err(TransferError::UnknownEncoding)
    }
}

/// RFC 2045 §6.7: `=hh` is an octet, `=` at the end of a line joins it to the
/// next, white space at the end of a line was added on the way.
fn quoted_printable(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut lines = body.split(|&b| b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
        let mut rest = line;
        let mut soft = false;
        while let Some(at) = memchr::memchr(b'=', rest) {
            out.extend_from_slice(&rest[..at]);
            match &rest[at + 1..] {
                [] => {
                    soft = true;
                    rest = &[];
                }
                [high, low, after @ ..] => {
                    let high = char::from(*high).to_digit(16)?;
                    let low = char::from(*low).to_digit(16)?;
                    out.push((high * 16 + low) as u8);
                    rest = after;
                }
                [_] => return None,
            }
        }
        out.extend_from_slice(rest);
        if !soft && !last {
            out.extend_from_slice(b"\r\n");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: &str, body: &str) -> Result<Vec<u8>, TransferError> {
        decode(Some(encoding), body.as_bytes()).map(Cow::into_owned)
    }

    // 3862-7.1-02
    #[test]
    fn each_encoding() {
        for (encoding, body, plain) in [
            ("7bit", "a\r\n", "a\r\n"),
            ("8Bit", "é", "é"),
            ("BINARY", "\0", "\0"),
            ("base64", "V2hlcmVmb3JlIGFy\r\ndCB0aG91Pw==\r\n", "Wherefore art thou?"),
            ("base64", "V2hlcmVmb3Jl IGFydCB0aG91Pw", "Wherefore art thou?"),
            ("Quoted-Printable", "caf=C3=A9 =3d  \r\nsoft=\r\nly", "café =\r\nsoftly"),
            ("quoted-printable", "a =\n b\n", "a  b\r\n"),
            ("quoted-printable", "", ""),
            ("quoted-printable", "=00=7F=C3=bf=", "\0\u{7f}\u{ff}"),
            ("quoted-printable", "a=\r\n=\r\nb \t\r\n\r\nc", "ab\r\n\r\nc"),
        ] {
            assert_eq!(decoded(encoding, body).as_deref(), Ok(plain.as_bytes()), "{body}");
        }
        assert!(matches!(decode(None, b"x"), Ok(Cow::Borrowed(b"x"))));
    }

    #[test]
    fn what_is_not_in_it() {
        assert_eq!(decoded("x-uuencode", ""), Err(TransferError::UnknownEncoding));
        assert_eq!(decoded("base64", "a*b="), Err(TransferError::Base64));
        assert_eq!(decoded("base64", "A"), Err(TransferError::Base64));
        assert_eq!(decoded("quoted-printable", "=4"), Err(TransferError::QuotedPrintable));
        assert_eq!(decoded("quoted-printable", "=zz"), Err(TransferError::QuotedPrintable));
    }
}
