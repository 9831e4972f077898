use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// `octets` with every line ending in CR LF, which is how MIME has text and how
/// it was when it was signed. XML turns CR LF into LF, so what comes out of a
/// stanza needs this. Borrows if there is nothing to do.
///
/// Each CR LF, lone LF and lone CR is one line end.
///
/// ```
/// use xmpp_cpim::mime::canonical_crlf;
///
/// assert_eq!(&*canonical_crlf(b"a\nb\r\nc\r"), b"a\r\nb\r\nc\r\n");
/// ```
#[must_use]
pub fn canonical_crlf(octets: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Option<Vec<u8>> = None;
    let mut copied = 0;
    for at in memchr::memchr2_iter(b'\r', b'\n', octets) {
        let follows = octets.get(at + 1);
        let alone = if octets[at] == b'\r' {
            follows != Some(&b'\n')
        } else {
            at == 0 || octets[at - 1] != b'\r'
        };
        if alone {
            let out = out.get_or_insert_with(|| Vec::with_capacity(octets.len() + 64));
            out.extend_from_slice(&octets[copied..at]);
            out.extend_from_slice(b"\r\n");
            copied = at + 1;
        }
    }
    match out {
        None => Cow::Borrowed(octets),
        Some(mut out) => {
            out.extend_from_slice(&octets[copied..]);
            Cow::Owned(out)
        }
    }
}

/// `text` with every line ending in LF, as an XML parser would have it (XML 1.0
/// §2.11). Borrows if there is nothing to do.
#[must_use]
pub fn lf_only(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\r', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('\r') {
        out.push('\n');
        let after = after.strip_prefix('\n').unwrap_or(after);
        let next = memchr::memchr(b'\r', after.as_bytes()).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    Cow::Owned(out)
}

/// Where the head of an entity ends, its blank line included, if lines may end in
/// LF alone: nothing if there is no blank line.
pub(super) fn head_end(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = octets.get(at..)?;
        let length = memchr::memchr(b'\n', line)?;
        at += length + 1;
        if matches!(&line[..length], [] | [b'\r']) {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_line_ends_become_cr_lf() {
        for (from, to) in [
            ("", ""),
            ("a", "a"),
            ("a\r\nb", "a\r\nb"),
            ("a\nb", "a\r\nb"),
            ("a\rb", "a\r\nb"),
            ("\n\n", "\r\n\r\n"),
            ("\r\r\n\n", "\r\n\r\n\r\n"),
            ("\n\r", "\r\n\r\n"),
        ] {
            assert_eq!(&*canonical_crlf(from.as_bytes()), to.as_bytes(), "{from:?}");
            assert_eq!(&*canonical_crlf(to.as_bytes()), to.as_bytes(), "{to:?}");
        }
        assert!(matches!(canonical_crlf(b"a\r\n"), Cow::Borrowed(_)));
    }

    proptest::proptest! {
        #[test]
        fn there_and_back(text in "[a\r\n]*|.*") {
            let crlf = canonical_crlf(text.as_bytes());
            let crlf = core::str::from_utf8(&crlf).unwrap();
            proptest::prop_assert_eq!(lf_only(crlf), lf_only(&text));
            proptest::prop_assert!(!lf_only(crlf).contains('\r'));
        }
    }
}
