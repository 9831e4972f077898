//! Qualified names (Namespaces in XML 1.0, section 4).

use super::{Fault, fault};
use crate::chars;
use crate::scan::Marks;
use crate::{ErrorKind, Limits};

/// Lengths of a qualified name's parts; the name ends at `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct QName {
    /// Without the colon; 0 if there is no prefix.
    pub(super) prefix: usize,
    pub(super) local: usize,
    pub(super) end: usize,
}

/// Reads the name at `from`, which belongs to the construct at `at`; `None`
/// if it may go on behind the text.
#[inline(never)]
pub(super) fn qname(
    marks: &mut Marks,
    text: &str,
    at: usize,
    from: usize,
    limits: &Limits,
) -> Result<Option<QName>, Fault> {
    let bytes = text.as_bytes();
    let mut prefix = None;
    let mut part = from;
    loop {
        // The plain case first: letters, then something that is neither a
        // colon nor beyond ASCII.
        if bytes.get(part).is_some_and(|&b| chars::is_ascii_name_start(b)) {
            let end = marks.name_end(bytes, part + 1);
            let local = end - part;
            if local <= limits.max_name_bytes as usize {
                match bytes.get(end) {
                    None => return Ok(None),
                    Some(&b) if b.is_ascii() && b != b':' => {
                        return Ok(Some(QName { prefix: prefix.unwrap_or(0), local, end }));
                    }
                    Some(_) => {}
                }
            }
        }
        let Some(first) = char_at(text, part) else { return Ok(None) };
        if !chars::is_name_start(first) {
            let kind = match first {
                ':' => ErrorKind::InvalidQualifiedName,
                c if prefix.is_some() && !chars::is_name_char(c) => ErrorKind::InvalidQualifiedName,
                _ => ErrorKind::InvalidName,
            };
            return fault(kind, at, part);
        }
        let mut end = part + first.len_utf8();
        let next = loop {
            end = marks.name_end(text.as_bytes(), end);
            match char_at(text, end) {
                Some(c) if !c.is_ascii() && chars::is_name_char(c) => end += c.len_utf8(),
                next => break next,
            }
        };
        if end - part > limits.max_name_bytes as usize {
            return fault(ErrorKind::NameTooLong, at, part + limits.max_name_bytes as usize);
        }
        match (next, prefix) {
            (None, _) => return Ok(None),
            (Some(':'), None) => {
                prefix = Some(end - part);
                part = end + 1;
            }
            (Some(':'), Some(_)) => return fault(ErrorKind::InvalidQualifiedName, at, end),
            (Some(_), _) => {
                return Ok(Some(QName { prefix: prefix.unwrap_or(0), local: end - part, end }));
            }
        }
    }
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}
