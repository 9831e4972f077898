//! UTF-8 that comes in pieces (RFC 3629).

/// A character has at most this many bytes before its last one.
pub(crate) const MOST_PENDING: usize = 3;

/// Bytes that are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    /// The first of them.
    pub(crate) first: u8,
    /// How many there are before the byte that cannot follow.
    pub(crate) len: u8,
}

/// Bytes as text and what is left of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split<'a> {
    pub(crate) valid: &'a str,
    /// The beginning of a character, up to [`MOST_PENDING`] bytes; or, with
    /// `bad`, everything behind the text.
    pub(crate) rest: &'a [u8],
    pub(crate) bad: Option<Bad>,
}

/// Takes as much of `bytes` as is complete and valid.
#[inline]
pub(crate) fn split(bytes: &[u8]) -> Split<'_> {
    let whole = bytes.len() - incomplete(bytes);
    let (head, tail) = bytes.split_at(whole);
    match simdutf8::basic::from_utf8(head) {
        Ok(valid) if tail.is_empty() || may_go_on(tail) => Split { valid, rest: tail, bad: None },
        _ => split_slowly(bytes),
    }
}

#[cold]
fn split_slowly(bytes: &[u8]) -> Split<'_> {
    match core::str::from_utf8(bytes) {
        Ok(valid) => Split { valid, rest: &[], bad: None },
        Err(error) => {
            let (head, rest) = bytes.split_at(error.valid_up_to());
            let bad = error.error_len().and_then(|len| {
                Some(Bad { first: *rest.first()?, len: u8::try_from(len).unwrap_or(1) })
            });
            // Checked by the call above; checking again costs nothing that
            // matters on the way to an error or at a cut character.
            let valid = core::str::from_utf8(head).unwrap_or_default();
            Split { valid, rest, bad }
        }
    }
}

/// Whether these few bytes are the beginning of a character.
fn may_go_on(tail: &[u8]) -> bool {
    core::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none())
}

/// How many bytes at the end begin a character and do not complete it.
fn incomplete(bytes: &[u8]) -> usize {
    for (back, &byte) in bytes.iter().rev().take(MOST_PENDING).enumerate() {
        let len = match byte {
            0x00..=0x7f => return 0,
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0.. => 4,
        };
        return if len > back + 1 { back + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], valid: &str, rest: &[u8], bad: Option<Bad>) {
        let split = split(bytes);
        assert_eq!((split.valid, split.rest, split.bad), (valid, rest, bad), "{bytes:x?}");
    }

    #[test]
    fn only_a_cut_character_is_looked_at_slowly() {
        for c in ['a', '\u{e9}', '\u{20ac}', '\u{1f600}'] {
            let mut buffer = [0; 8];
            buffer[..4].fill(b'x');
            let end = 4 + c.encode_utf8(&mut buffer[4..]).len();
            for cut in 4..=end {
                let rest = if cut == end { 0 } else { cut - 4 };
                assert_eq!(incomplete(&buffer[..cut]), rest, "{cut} of {c:?}");
                assert_eq!(incomplete(&buffer[4..cut]), rest, "{cut} of {c:?}");
            }
        }
        assert_eq!(
            (incomplete(b"\x80\x80\x80\x80"), incomplete(b"\x80"), incomplete(b"")),
            (0, 0, 0)
        );
        assert!(may_go_on(b"\xf0\x9f") && !may_go_on(b"\xff") && !may_go_on(b"a"));
    }

    #[test]
    fn cut_characters_wait_and_wrong_ones_do_not() {
        check(b"abc", "abc", b"", None);
        check("aé".as_bytes(), "aé", b"", None);
        check(b"a\xc3", "a", b"\xc3", None);
        check(b"\xe2\x82", "", b"\xe2\x82", None);
        check(b"\xf0\x9f\x98", "", b"\xf0\x9f\x98", None);
        // Overlong, surrogate, beyond Unicode, a lone continuation byte.
        check(b"a\xc0", "a", b"\xc0", Some(Bad { first: 0xc0, len: 1 }));
        check(b"\xe0\x80", "", b"\xe0\x80", Some(Bad { first: 0xe0, len: 1 }));
        check(b"\xed\xa0", "", b"\xed\xa0", Some(Bad { first: 0xed, len: 1 }));
        check(b"\xf4\x90", "", b"\xf4\x90", Some(Bad { first: 0xf4, len: 1 }));
        check(b"\x80", "", b"\x80", Some(Bad { first: 0x80, len: 1 }));
        check(b"\xe2\x82a", "", b"\xe2\x82a", Some(Bad { first: 0xe2, len: 2 }));
        check(b"\xff", "", b"\xff", Some(Bad { first: 0xff, len: 1 }));
    }
}
