//! Names that are checked when a program is compiled.

use super::scope::mark;
use super::{NAME_BYTES, WriteError, Writer, escape};
use crate::chars;

/// The name of an attribute in no namespace, checked once: for those who write the
/// same ones over and over, as stanzas have `to` and `from`. It has at most 12 bytes,
/// in ASCII.
///
/// ```
/// use xmpp_xml::{AttrName, Writer, ns};
///
/// const TO: AttrName = AttrName::new("to").expect("a name");
///
/// let mut tx = Vec::new();
/// let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
/// w.start(ns::CLIENT, "message").attr_named(&TO, "juliet@example.com").end();
/// w.finish()?;
/// assert_eq!(tx, b"<message to='juliet@example.com'/>");
/// # Ok::<(), xmpp_xml::WriteError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttrName {
    /// A space, the name, `='`, and zeros.
    open: [u8; OPEN],
    len: u8,
    mark: u64,
}

const OPEN: usize = 16;
/// What is written with a name.
const AROUND: usize = 3;

impl AttrName {
    /// That name; none if it is too long, is not a name without a colon (Namespaces in
    /// XML 1.0, section 3), or is `xmlns`.
    #[must_use]
    pub const fn new(name: &str) -> Option<Self> {
        let name = name.as_bytes();
        if name.is_empty() || name.len() + AROUND >= OPEN || is_xmlns(name) {
            return None;
        }
        if !chars::is_ascii_name_start(name[0]) {
            return None;
        }
        let mut open = [0; OPEN];
        open[0] = b' ';
        let mut at = 0;
        while at < name.len() {
            if !NAME_BYTES[name[at] as usize] {
                return None;
            }
            at += 1;
            open[at] = name[at - 1];
        }
        open[at + 1] = b'=';
        open[at + 2] = b'\'';
        Some(Self { open, len: (at + AROUND) as u8, mark: mark(name) })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.open.get(1..usize::from(self.len) + 1 - AROUND);
        name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
    }
}

const fn is_xmlns(name: &[u8]) -> bool {
    matches!(name, b"xmlns")
}

impl core::fmt::Debug for AttrName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("AttrName").field(&self.as_str()).finish()
    }
}

impl Writer<'_> {
    /// Adds an attribute in no namespace to the element just begun, whose name has been
    /// checked before.
    #[inline]
    pub fn attr_named(&mut self, name: &AttrName, value: &str) -> &mut Self {
        if self.state.error.is_some() {
            return self;
        }
        if !self.state.in_tag {
            return self.fail(WriteError::AttributeOutOfPlace);
        }
        if self.is_too_large() {
            return self;
        }
        // All of it at once, and back: that is cheaper than a copy of unknown length.
        let len = usize::from(name.len);
        let at = self.out.len() + 1;
        self.out.extend_from_slice(&name.open);
        self.out.truncate(at - 1 + len);
        let end = at + len - AROUND;
        if !self.state.scope.attribute_is_new(self.out, self.state.base, (at, end), name.mark) {
            return self.fail(WriteError::DuplicateAttribute);
        }
        if escape::attribute(self.out, value).is_err() {
            return self.fail(WriteError::InvalidCharacter);
        }
        self.out.push(b'\'');
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ns;
    use alloc::vec::Vec;

    #[test]
    fn usual_names_have_marks_of_their_own() {
        for names in [
            ["to", "from", "id", "type", "xml:lang", "xmlns"].as_slice(),
            &["to", "from", "version", "id", "xml:lang", "xmlns", "xmlns:stream"],
            &["jid", "name", "subscription", "ask", "approved"],
            &["node", "ver", "hash", "xmlns"],
            &["affiliation", "role", "jid", "nick"],
            &["queryid", "node", "xmlns", "complete"],
            &["h", "previd", "resume", "max", "id"],
            &["stamp", "from", "xmlns"],
            &["index", "first"],
        ] {
            let marks = names.iter().fold(0, |marks, name| marks | mark(name.as_bytes()));
            assert_eq!(marks.count_ones() as usize, names.len(), "{names:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for good in ["a", "to", "from", "_x-1.0", "twelve-bytes"] {
            assert_eq!(AttrName::new(good).map(|name| name.as_str().len()), Some(good.len()));
            assert_eq!(AttrName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "xmlns", "1a", "-a", "a:b", "a b", "a='", "\u{e9}", "thirteen-byte"] {
            assert_eq!(AttrName::new(bad), None, "{bad}");
        }
    }

    /// It writes, and refuses, what `attr` does.
    #[test]
    fn it_is_like_any_other_attribute() {
        let to = AttrName::new("to").unwrap();
        type Write<'w> = &'w dyn Fn(&mut Writer<'_>, &str);
        let named: Write<'_> = &|w, value| {
            w.attr_named(&to, value);
        };
        let plain: Write<'_> = &|w, value| {
            w.attr("to", value);
        };
        let written = |writes: &[(Write<'_>, &str)], in_tag: bool| {
            let mut out = Vec::from(*b"before");
            let mut w = Writer::in_stream(&mut out, ns::CLIENT);
            w.start(ns::CLIENT, "message").attr("t", "1").attr("ot", "2");
            if !in_tag {
                w.text("x");
            }
            for (write, value) in writes {
                write(&mut w, value);
            }
            w.end();
            (w.finish(), out)
        };
        for value in ["", "a@b", "<&'\">\t\n\r", "\u{0}", "x\u{ffff}"] {
            let [by_name, by_text] = [named, plain].map(|write| written(&[(write, value)], true));
            assert_eq!(by_name, by_text);
        }
        assert_eq!(written(&[(named, "a")], false), written(&[(plain, "a")], false));
        for twice in [[named, named], [named, plain], [plain, named]] {
            let (result, out) = written(&twice.map(|write| (write, "a")), true);
            assert_eq!(result, Err(WriteError::DuplicateAttribute));
            assert_eq!(out, b"before");
        }
    }
}
