//! Data in elements: base64, with `=` for data of no length.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::FailureCondition;

/// The text of `<auth/>`, `<challenge/>`, `<response/>` or `<success/>`: `None`
/// is nothing at all, and `Some` of nothing is `=` (6120-6.4.2-02,
/// 6120-6.4.6-03).
///
/// ```
/// use xmpp_sasl::xmpp::{decode_payload, encode_payload};
///
/// assert_eq!(encode_payload(None), "");
/// assert_eq!(encode_payload(Some(b"")), "=");
/// assert_eq!(encode_payload(Some(b"n,,")), "biws");
/// assert_eq!(decode_payload("=", 100), Ok(Some(vec![])));
/// ```
pub fn encode_payload(data: Option<&[u8]>) -> String {
    match data {
        None => String::new(),
        Some([]) => String::from("="),
        Some(data) => STANDARD.encode(data),
    }
}

/// The data of an element's text; `None` if there is no text.
///
/// # Errors
///
/// The text is not base64 as section 4 of RFC 4648 has it, padding and all
/// (6120-6.3.5-02: neither line breaks nor other characters are skipped), or
/// its data is longer than `max_bytes`, in which case it is not decoded.
pub fn decode_payload(text: &str, max_bytes: usize) -> Result<Option<Vec<u8>>, PayloadError> {
    match text {
        "" => Ok(None),
        "=" => Ok(Some(Vec::new())),
        text if text.len() / 4 * 3 > max_bytes.saturating_add(2) => Err(PayloadError::TooLong),
        text => match STANDARD.decode(text) {
            Ok(data) if data.len() > max_bytes => Err(PayloadError::TooLong),
            Ok(data) => Ok(Some(data)),
            Err(_) => Err(PayloadError::NotBase64),
        },
    }
}

/// Why an element's text is not data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// It is not base64.
    NotBase64,
    /// It is longer than allowed.
    TooLong,
}

impl PayloadError {
    /// What a server answers.
    pub const fn condition(self) -> FailureCondition {
        match self {
            Self::NotBase64 => FailureCondition::IncorrectEncoding,
            Self::TooLong => FailureCondition::MalformedRequest,
        }
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotBase64 => "not base64 (RFC 4648 section 4; RFC 6120 section 6.3.5)",
            Self::TooLong => "longer than the limit",
        })
    }
}

impl core::error::Error for PayloadError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// 6120-6.3.5-02, and the padding bits are zero.
    #[test]
    fn junk_is_not_skipped() {
        for text in ["biw", "biws\n", " biws", "bi ws", "biws=", "==", "bix=", "a", "YQ=", "YR=="] {
            assert_eq!(decode_payload(text, 100), Err(PayloadError::NotBase64), "{text:?}");
        }
        assert_eq!(decode_payload("YQ==", 100), Ok(Some(b"a".to_vec())));
    }

    #[test]
    fn the_limit_is_on_the_data() {
        assert_eq!(decode_payload("YWJj", 3), Ok(Some(b"abc".to_vec())));
        assert_eq!(decode_payload("YWJjZA==", 3), Err(PayloadError::TooLong));
        assert_eq!(decode_payload(&"A".repeat(1 << 20), 3), Err(PayloadError::TooLong));
    }
}
