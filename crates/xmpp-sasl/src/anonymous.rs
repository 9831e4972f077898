//! ANONYMOUS (RFC 4505): an optional trace, and nothing to prove.

use crate::grammar::MessageError;

/// The trace as the client wants to leave it, checked against
/// `message = [ email / token ]`, where a token has 1 to 255 characters and no
/// `@`. Control characters are prohibited in both (RFC 4505 section 3).
pub(crate) fn read(message: &[u8]) -> Result<&str, MessageError> {
    let text = core::str::from_utf8(message)
        .map_err(|error| MessageError { at: error.valid_up_to(), expected: "UTF-8" })?;
    if let Some(at) = text.find(char::is_control) {
        return Err(MessageError { at, expected: "no control character" });
    }
    match text.char_indices().nth(255) {
        Some((at, _)) => Err(MessageError { at, expected: "at most 255 characters" }),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_short_and_printable() {
        assert_eq!(read(b""), Ok(""));
        assert_eq!(read(b"sirhc@example.com"), Ok("sirhc@example.com"));
        assert_eq!(read(b"a\0").map_err(|error| error.at), Err(1));
        assert_eq!(read(&[b'a'; 256]).map_err(|error| error.at), Err(255));
    }
}
