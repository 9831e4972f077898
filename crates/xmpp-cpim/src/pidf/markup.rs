//! What XML documents have and XMPP does not: a byte-order mark, comments and
//! processing instructions (XML 1.0 §2.5, §2.6). RFC 3863 does not forbid them,
//! and they say nothing: they are left out before the document is read.

use alloc::borrow::Cow;
use alloc::vec::Vec;

/// A document without these, and where they were.
pub(super) struct Plain<'o> {
    pub(super) octets: Cow<'o, [u8]>,
    /// At which octet of the result how many are missing before it.
    cuts: Vec<(usize, usize)>,
}

impl Plain<'_> {
    /// Where an octet of the result is in the document.
    pub(super) fn position(&self, at: usize) -> usize {
        let cut = self.cuts.partition_point(|(from, _)| *from <= at);
        at + cut.checked_sub(1).map_or(0, |cut| self.cuts[cut].1)
    }
}

/// Leaves out a byte-order mark, comments and processing instructions. What is
/// not well-formed is left as it is, to be refused.
pub(super) fn plain(octets: &[u8]) -> Plain<'_> {
    let mark = if octets.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut out: Vec<u8> = Vec::new();
    let mut cuts = Vec::new();
    // What is copied already, and what is looked at.
    let (mut copied, mut at) = (mark, mark);
    if octets[mark..].starts_with(b"<?xml") {
        at += memchr::memmem::find(&octets[mark..], b"?>").unwrap_or(0);
    }
    // Nearly all documents have none of it.
    let begins = |octets: &[u8]| {
        memchr::memchr2_iter(b'!', b'?', octets).any(|mark| mark > 0 && octets[mark - 1] == b'<')
    };
    if !begins(&octets[at..]) {
        at = octets.len();
    }
    while let Some(found) = memchr::memchr(b'<', &octets[at..]) {
        let start = at + found;
        let rest = &octets[start..];
        let length = if rest.starts_with(b"<!--") {
            comment(rest)
        } else if rest.starts_with(b"<?") {
            memchr::memmem::find(rest, b"?>").map(|end| end + 2)
        } else {
            // Within CDATA sections and the values of attributes nothing is markup.
            let end = if rest.starts_with(b"<![CDATA[") {
                memchr::memmem::find(rest, b"]]>")
            } else {
                tag(rest)
            };
            let Some(end) = end else { break };
            at = start + end;
            continue;
        };
        let Some(length) = length else { break };
        out.extend_from_slice(&octets[copied..start]);
        copied = start + length;
        at = copied;
        cuts.push((out.len(), copied - out.len()));
    }
    if cuts.is_empty() {
        let cuts = if mark == 0 { Vec::new() } else { alloc::vec![(0, mark)] };
        return Plain { octets: Cow::Borrowed(&octets[mark..]), cuts };
    }
    if mark != 0 {
        cuts.insert(0, (0, mark));
    }
    out.extend_from_slice(&octets[copied..]);
    Plain { octets: Cow::Owned(out), cuts }
}

/// The octets of a comment, which has no `--` inside.
fn comment(rest: &[u8]) -> Option<usize> {
    let end = 4 + memchr::memmem::find(rest.get(4..)?, b"--")?;
    (rest.get(end + 2) == Some(&b'>')).then_some(end + 3)
}

/// Where the tag that `rest` begins with ends.
fn tag(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let mark = at + memchr::memchr3(b'"', b'\'', b'>', rest.get(at..)?)?;
        match rest[mark] {
            b'>' => return Some(mark + 1),
            quote => at = mark + 2 + memchr::memchr(quote, rest.get(mark + 1..)?)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn comments_instructions_and_marks_are_left_out() {
        for (document, left) in [
            ("<a/>", "<a/>"),
            ("\u{FEFF}<a/>", "<a/>"),
            ("<?xml version='1.0'?><!-- x --><a/>", "<?xml version='1.0'?><a/>"),
            ("<a>op<!-- <b/> -->en<?go on?></a>", "<a>open</a>"),
            ("<a b='<!-- -->'/>", "<a b='<!-- -->'/>"),
            ("<a b=\"'\" c='>'><!---->x</a>", "<a b=\"'\" c='>'>x</a>"),
            ("<a><![CDATA[<!-- x -->]]></a>", "<a><![CDATA[<!-- x -->]]></a>"),
            // Not well-formed: for the reader to refuse.
            ("<a><!-- x -- y --></a>", "<a><!-- x -- y --></a>"),
            ("<a><!-- x", "<a><!-- x"),
            ("<!DOCTYPE a><a/>", "<!DOCTYPE a><a/>"),
        ] {
            let plain = plain(document.as_bytes());
            assert_eq!(core::str::from_utf8(&plain.octets), Ok(left), "{document}");
        }
    }

    proptest::proptest! {
        /// Whatever is left of a document stands in it at the position that is told.
        #[test]
        fn positions_are_those_of_the_document(pieces in proptest::collection::vec("[<>a-c!?-]|<!-- x -->|<\\?y\\?>|<a>", 0..30)) {
            let document: String = pieces.concat();
            let plain = plain(document.as_bytes());
            for (at, octet) in plain.octets.iter().enumerate() {
                proptest::prop_assert_eq!(document.as_bytes()[plain.position(at)], *octet);
            }
        }
    }
}
