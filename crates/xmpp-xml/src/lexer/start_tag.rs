//! Start tags and empty-element tags (XML 1.0, section 3.1).

use super::names::{self, QName};
use super::{Fault, Lexer, State, fault, reference};
use crate::tape::{self, ATTR, ATTR_WORDS, DECL, DIRTY, ELEMENT, View};
use crate::{ErrorKind, Limits, chars};

/// What is known of the start tag that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tag {
    pub(super) place: u32,
    attributes: u32,
    declarations: u32,
    /// Whether some attribute has a prefix.
    prefixed: bool,
    /// A bit for each attribute name, by its length and some of its bytes.
    seen: u64,
    /// Whether two names had the same bit.
    clash: bool,
}

impl Tag {
    pub(super) fn new(place: u32) -> Self {
        Self { place, ..Self::default() }
    }

    /// Takes down the name of an attribute or declaration: names whose bits
    /// differ differ themselves.
    pub(super) fn note(&mut self, bytes: &[u8], meta: u32, name: usize) {
        let last = (name + tape::name_len(meta)).wrapping_sub(1);
        let first = last + 1 - tape::local_len(meta);
        let of = |at: usize| bytes.get(at).copied().map_or(0, usize::from);
        let bit = 1 << ((of(first) ^ of(last) << 2 ^ tape::local_len(meta) << 4) & 63);
        self.clash |= self.seen & bit != 0;
        self.seen |= bit;
    }

    pub(super) fn has_declaration(&mut self) {
        self.declarations += 1;
    }

    pub(super) fn has_prefix(&mut self) {
        self.prefixed = true;
    }
}

/// An attribute that the text ends within, behind its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partial {
    name: usize,
    prefix: usize,
    local: usize,
    at: Within,
    /// How far it has been looked at.
    looked: usize,
}

/// A complete attribute or declaration.
struct Attribute {
    name: usize,
    prefix: usize,
    local: usize,
    value: usize,
    /// Where the closing quote is.
    stop: usize,
    /// `DIRTY` or nothing.
    dirty: u32,
}

#[derive(Clone, Copy, Debug)]
enum Within {
    /// Before the `=`.
    Equals,
    /// Between `=` and the quote.
    Quote,
    /// In the value, which begins at `from`.
    Value { from: usize, quote: u8, dirty: bool },
}

impl Lexer {
    /// At a `<`: reads the name. `false` if more text is needed.
    pub(super) fn open_tag(&mut self, text: &str, limits: &Limits) -> Result<bool, Fault> {
        let at = self.at;
        if self.depth >= limits.max_depth {
            return fault(ErrorKind::TooDeep, at, at);
        }
        // While an element is open, its children are counted where its end
        // will stand.
        let around = self.open as usize;
        if around != 0 && self.tape[around + tape::END] >= limits.max_children {
            return fault(ErrorKind::TooManyChildren, at, at);
        }
        let Some(QName { prefix, local, end }) =
            names::qname(&mut self.marks, text, at, at + 1, limits)?
        else {
            return Ok(false);
        };
        if around != 0 {
            self.tape[around + tape::END] += 1;
        }
        self.tag = Tag::new(self.tape.len() as u32);
        self.tape.push([tape::meta(ELEMENT, prefix, local), at as u32, 0, 0, self.open, 0, 0]);
        self.at = end;
        self.state = State::StartTag;
        Ok(true)
    }

    /// Behind the name or an attribute: reads the rest of the tag. `false` if
    /// more text is needed.
    pub(super) fn rest_of_tag(&mut self, text: &str, limits: &Limits) -> Result<bool, Fault> {
        let bytes = text.as_bytes();
        let mut p = self.at;
        loop {
            if self.partial.is_none() {
                match (bytes.get(p), bytes.get(p + 1)) {
                    (Some(b'>'), _) => return self.tag_complete(text, limits, p + 1, false),
                    (Some(b'/'), Some(b'>')) => {
                        return self.tag_complete(text, limits, p + 2, true);
                    }
                    _ => {}
                }
            }
            match self.any_attribute(text, limits, p)? {
                Some(next) => p = next,
                None => return Ok(false),
            }
        }
    }

    /// White space, and the attribute behind it if there is one. Gives the
    /// offset behind them; `None` if more text is needed.
    fn any_attribute(
        &mut self,
        text: &str,
        limits: &Limits,
        from: usize,
    ) -> Result<Option<usize>, Fault> {
        let bytes = text.as_bytes();
        self.at = from;
        let partial = match self.partial.take() {
            Some(partial) => partial,
            None => {
                let mut p = from;
                match bytes.get(p) {
                    None => return Ok(None),
                    Some(&b) if chars::is_space(b) => {}
                    // `/` without `>`.
                    Some(b'/') => {
                        return match bytes.get(p + 1) {
                            None => Ok(None),
                            Some(_) => fault(ErrorKind::UnexpectedCharacter, p, p + 1),
                        };
                    }
                    Some(_) => return fault(ErrorKind::UnexpectedCharacter, p, p),
                }
                while bytes.get(p + 1).copied().is_some_and(chars::is_space) {
                    p += 1;
                }
                // At the last white space, so that the walk can stop here and
                // find it again.
                self.at = p;
                let name = p + 1;
                match bytes.get(name) {
                    None => return Ok(None),
                    Some(b'>' | b'/') => return Ok(Some(name)),
                    Some(_) => {}
                }
                let Some(QName { prefix, local, end }) =
                    names::qname(&mut self.marks, text, name, name, limits)?
                else {
                    return Ok(None);
                };
                Partial { name, prefix, local, at: Within::Equals, looked: end }
            }
        };
        let Some((dirty, value, stop)) = self.value(text, partial)? else {
            return Ok(None);
        };
        let Partial { name, prefix, local, .. } = partial;
        self.push_attribute(text, limits, Attribute { name, prefix, local, value, stop, dirty })?;
        Ok(Some(stop + 1))
    }

    /// Notes an attribute or declaration.
    fn push_attribute(
        &mut self,
        text: &str,
        limits: &Limits,
        attribute: Attribute,
    ) -> Result<(), Fault> {
        let bytes = text.as_bytes();
        let Attribute { name, prefix, local, value, stop, dirty } = attribute;
        let declares = (prefix == 5 || (prefix == 0 && local == 5))
            && bytes.get(name..name + 5) == Some(b"xmlns");
        let kind = if declares {
            self.tag.declarations += 1;
            if self.declarations() >= limits.max_namespaces as usize {
                return fault(ErrorKind::TooManyNamespaces, name, stop);
            }
            if stop - value > limits.max_uri_bytes as usize {
                return fault(ErrorKind::UriTooLong, name, value + limits.max_uri_bytes as usize);
            }
            DECL
        } else {
            self.tag.attributes += 1;
            if self.tag.attributes > limits.max_attributes {
                return fault(ErrorKind::TooManyAttributes, name, stop);
            }
            self.tag.prefixed |= prefix != 0;
            ATTR
        };
        let meta = tape::meta(kind, prefix, local);
        self.tag.note(bytes, meta, name);
        let place = self.tape.len();
        self.tape.push([dirty | meta, name as u32, 0, value as u32, (stop - value) as u32]);
        if declares {
            self.bind(text, place)?;
        }
        Ok(())
    }

    /// Behind the name of an attribute: gives the `DIRTY` flag, and the
    /// bounds of the value.
    fn value(
        &mut self,
        text: &str,
        attribute: Partial,
    ) -> Result<Option<(u32, usize, usize)>, Fault> {
        let bytes = text.as_bytes();
        let (from, quote, mut dirty, mut p) = match attribute.at {
            Within::Value { from, quote, dirty } => (from, quote, dirty, attribute.looked),
            _ => match bytes.get(attribute.looked..attribute.looked + 2) {
                Some(&[b'=', quote @ (b'\'' | b'"')]) if matches!(attribute.at, Within::Equals) => {
                    (attribute.looked + 2, quote, false, attribute.looked + 2)
                }
                _ => match self.equals(text, attribute)? {
                    Some((from, quote)) => (from, quote, false, from),
                    None => return Ok(None),
                },
            },
        };
        loop {
            p = self.marks.value_stop(bytes, p);
            match bytes.get(p) {
                Some(&b) if b == quote => {
                    return Ok(Some((if dirty { DIRTY } else { 0 }, from, p)));
                }
                Some(b'\'' | b'"') => p += 1,
                Some(b'\t' | b'\n' | b'\r') => {
                    dirty = true;
                    p += 1;
                }
                Some(b'&') => match reference::check(text, p, &mut self.reference)? {
                    Some(end) => {
                        dirty = true;
                        p = end;
                    }
                    None => break,
                },
                Some(b'<') => return fault(ErrorKind::LessThanInAttributeValue, p, p),
                Some(0xef) if !super::content::is_nonchar(bytes, p) => p += 3,
                Some(_) => return fault(ErrorKind::InvalidCharacter, p, p),
                None => break,
            }
        }
        self.partial =
            Some(Partial { at: Within::Value { from, quote, dirty }, looked: p, ..attribute });
        Ok(None)
    }

    /// Reads `Eq` with white space around it, and the quote.
    #[inline(never)]
    fn equals(&mut self, text: &str, attribute: Partial) -> Result<Option<(usize, u8)>, Fault> {
        let bytes = text.as_bytes();
        let mut within = attribute.at;
        let mut p = attribute.looked;
        loop {
            match (bytes.get(p), within) {
                (Some(&b), _) if chars::is_space(b) => {}
                (Some(b'='), Within::Equals) => within = Within::Quote,
                (Some(&quote @ (b'\'' | b'"')), Within::Quote) => return Ok(Some((p + 1, quote))),
                (Some(_), _) => return fault(ErrorKind::UnexpectedCharacter, attribute.name, p),
                (None, _) => break,
            }
            p += 1;
        }
        self.partial = Some(Partial { at: within, looked: p, ..attribute });
        Ok(None)
    }

    /// Everything that can be said only once the whole tag is known.
    pub(super) fn tag_complete(
        &mut self,
        text: &str,
        limits: &Limits,
        end: usize,
        empty: bool,
    ) -> Result<bool, Fault> {
        let tag = self.tag;
        let place = tag.place as usize;
        if tag.declarations != 0 {
            self.tape[place] |= tape::DECLARES;
        }
        if tag.prefixed {
            self.resolve_attributes(text, limits, &tag)?;
        }
        if tag.clash {
            self.check_duplicates(text, &tag)?;
        }
        let meta = self.tape[place];
        self.tape[place + tape::NAMESPACE] = if tape::prefix_len(meta) == 0 {
            self.default_ns
        } else {
            self.prefixes = true;
            self.namespace(text, place)?
        };
        self.tape[place + tape::LANGUAGE] = self.lang;
        self.tape[place + tape::CONTENT] = self.tape.len() as u32;
        self.at = end;
        self.open = tag.place;
        self.depth += 1;
        if empty {
            self.close(end);
            return Ok(true);
        }
        self.state = State::Content;
        self.mark = end;
        self.dirty = false;
        Ok(true)
    }

    /// The namespace of an element with a prefix.
    #[inline(never)]
    fn namespace(&self, text: &str, place: usize) -> Result<u32, Fault> {
        let view = self.view(text);
        let at = view.word(place, tape::START) as usize;
        let prefix = view.prefix(place);
        if prefix == "xmlns" {
            // Namespaces in XML 1.0, section 3: elements must not have it.
            return fault(ErrorKind::ReservedPrefix, at, at + 1);
        }
        match self.resolve(text, prefix) {
            Some(namespace) => Ok(namespace),
            None => fault(ErrorKind::UnboundPrefix, at, at + 1 + prefix.len()),
        }
    }

    /// Uniqueness of attributes by expanded name (Namespaces in XML 1.0,
    /// section 6.3) and of declarations.
    #[cold]
    fn check_duplicates(&self, text: &str, tag: &Tag) -> Result<(), Fault> {
        let view = self.view(text);
        let first = tag.place as usize + tape::ELEMENT_WORDS;
        let entries = |until: usize| {
            (first..until)
                .step_by(ATTR_WORDS)
                .filter(move |&at| matches!(tape::kind(view.word(at, 0)), ATTR | DECL))
        };
        for at in entries(self.tape.len()) {
            if entries(at).any(|before| same_name(view, before, at)) {
                let name = view.word(at, tape::NAME) as usize;
                return fault(ErrorKind::DuplicateAttribute, name, name);
            }
        }
        Ok(())
    }
}

fn same_name(view: View<'_>, a: usize, b: usize) -> bool {
    let (meta_a, meta_b) = (view.word(a, 0), view.word(b, 0));
    if tape::kind(meta_a) != tape::kind(meta_b)
        || tape::local_len(meta_a) != tape::local_len(meta_b)
        || view.local(a) != view.local(b)
    {
        return false;
    }
    if tape::kind(meta_a) == DECL {
        // `xmlns` and `xmlns:xmlns`: the latter is a fault anyway.
        return (tape::prefix_len(meta_a) == 0) == (tape::prefix_len(meta_b) == 0);
    }
    let (ns_a, ns_b) = (view.word(a, tape::NAMESPACE), view.word(b, tape::NAMESPACE));
    ns_a == ns_b || view.uri(ns_a) == view.uri(ns_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attributes and declarations that stand together in many tags.
    const USUAL: [&[&str]; 11] = [
        &["to", "from", "id", "type", "xml:lang", "xmlns"],
        &["to", "from", "version", "id", "xml:lang", "xmlns", "xmlns:stream"],
        &["jid", "name", "subscription", "ask", "approved"],
        &["node", "ver", "hash", "xmlns"],
        &["affiliation", "role", "jid", "nick"],
        &["queryid", "node", "xmlns", "complete"],
        &["h", "previd", "resume", "max", "id"],
        &["category", "type", "name", "xml:lang"],
        &["stamp", "from", "xmlns"],
        &["index", "first"],
        &["sid", "action", "initiator", "responder"],
    ];

    fn noted(names: &[&str]) -> Tag {
        let mut tag = Tag::new(0);
        for name in names {
            let text = alloc::format!("<a {name}=''/>");
            let prefix = name.find(':').unwrap_or(0);
            let local = name.len() - if prefix == 0 { 0 } else { prefix + 1 };
            tag.note(text.as_bytes(), tape::meta(ATTR, prefix, local), 3);
        }
        tag
    }

    #[test]
    fn usual_names_have_bits_of_their_own() {
        for names in USUAL {
            let tag = noted(names);
            assert!(!tag.clash, "{names:?}");
            assert_eq!(tag.seen.count_ones() as usize, names.len());
            for &name in names {
                let twice = [names, &[name]].concat();
                assert!(noted(&twice).clash, "{name} is there twice");
            }
        }
    }
}
