//! From what is written to what it stands for.

use alloc::string::String;

use crate::lexer::reference;

/// An attribute value, normalised (XML 1.0, section 3.3.3) after line ends
/// (section 2.11), with references resolved.
pub(crate) fn value(raw: &str) -> String {
    // What a reference stands for is never longer than the reference.
    let mut out = String::with_capacity(raw.len());
    append_value(&mut out, raw);
    out
}

/// Character data with line ends normalised (XML 1.0, section 2.11) and
/// references resolved.
pub(crate) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    append_text(&mut out, raw);
    out
}

/// A CDATA section with line ends normalised.
pub(crate) fn cdata(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    append_cdata(&mut out, raw);
    out
}

pub(crate) fn append_value(out: &mut String, raw: &str) {
    let special = |rest: &str| rest.bytes().position(|b| matches!(b, b'&' | b'\r' | b'\n' | b'\t'));
    append(out, raw, special, |_| ' ');
}

pub(crate) fn append_text(out: &mut String, raw: &str) {
    append(out, raw, |rest| memchr::memchr2(b'&', b'\r', rest.as_bytes()), |space| space);
}

pub(crate) fn append_cdata(out: &mut String, raw: &str) {
    for (i, line) in raw.split('\r').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(if i == 0 { line } else { line.strip_prefix('\n').unwrap_or(line) });
    }
}

fn append(
    out: &mut String,
    raw: &str,
    special: impl Fn(&str) -> Option<usize>,
    space: impl Fn(char) -> char,
) {
    let mut rest = raw;
    while let Some(at) = special(rest) {
        out.push_str(&rest[..at]);
        let len = match rest.as_bytes()[at] {
            b'&' => {
                let (c, len) = reference::decode(&rest[at..]);
                out.extend(c);
                len
            }
            b'\r' => {
                out.push(space('\n'));
                if rest.as_bytes().get(at + 1) == Some(&b'\n') { 2 } else { 1 }
            }
            other => {
                out.push(space(char::from(other)));
                1
            }
        };
        rest = rest.get(at + len..).unwrap_or_default();
    }
    out.push_str(rest);
}
