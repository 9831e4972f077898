//! The tape: what is known of a text, as words of 32 bits.
//!
//! Entries stand in document order, each beginning with a meta word. Offsets
//! are into the text that the tape is of, or into its side text; never
//! pointers, so that the text can grow and move. A place on the tape is the
//! index of an entry's meta word. Places 0 and 1 hold nothing: as a language
//! they mean "none" and "that of the stream header". An item is at [`FIRST`].
//!
//! ```text
//! element  meta  start of `<`  namespace  language  next     end  content
//! attr     meta  name          namespace  value     length of value
//! decl     meta  name          namespace  value     length of value
//! uri      meta  -             -          offset    length
//! text     meta  offset        length
//! end      meta and place of the element
//! ```
//!
//! An element's attributes and declarations follow it, then its content, at
//! the place `content`. `next` is the place behind its content (its parent while it is open),
//! `end` the offset behind its end tag (the number of child elements so far
//! while it is open), `language` the place of the `xml:lang` in scope. `end`
//! entries stand behind the content of each element on the tapes of
//! [`Tokens`](crate::Tokens), and on no others.
//!
//! A namespace is one of these:
//!
//! ```text
//! 0 to 0xfff     the number of a well-known one
//! | OUTER        the same, declared by the first-level element or the header
//! | FIRST_DECL   another one, by its number among the header's declarations
//! | FIRST_PLACE  another one, by the place of its declaration or `uri`
//! ```
//!
//! What a declaration with references in it stands for is the value of the
//! `uri` behind it. What is before a `uri` that a namespace is counted to is the
//! same as sent.

use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

use crate::Element;
use crate::lexer::Lexer;
use crate::namespace;
use crate::scope::Scope;

/// Words of an element before its attributes.
pub(crate) const ELEMENT_WORDS: usize = 7;
/// Words of an attribute, a declaration or a `uri`.
pub(crate) const ATTR_WORDS: usize = 5;
/// Words of character data.
pub(crate) const TEXT_WORDS: usize = 3;

pub(crate) const START: usize = 1;
pub(crate) const NAMESPACE: usize = 2;
pub(crate) const LANGUAGE: usize = 3;
pub(crate) const NEXT: usize = 4;
pub(crate) const END: usize = 5;
pub(crate) const CONTENT: usize = 6;
pub(crate) const NAME: usize = 1;
pub(crate) const VALUE: usize = 3;
pub(crate) const LENGTH: usize = 4;

/// Where an item is on its tape.
pub(crate) const FIRST: usize = 2;
/// The language word that stands for the language of the stream header.
pub(crate) const LANG_OF_HEADER: u32 = 1;

/// A well-known namespace that the first-level element or the stream header
/// declares.
pub(crate) const OUTER: u32 = 0x1000;
/// What a namespace word is counted from if it stands for a declaration of
/// the stream header.
pub(crate) const FIRST_DECL: u32 = 0x2000;
/// As many of them there can be.
pub(crate) const MOST_DECLS: u32 = 0x1000;
/// What a namespace word is counted from if it stands for a place.
pub(crate) const FIRST_PLACE: u32 = FIRST_DECL + MOST_DECLS;

/// Kinds of entries, in the lowest bits of the meta word.
pub(crate) const KIND_MASK: u32 = 7;
pub(crate) const ELEMENT: u32 = 1;
pub(crate) const ATTR: u32 = 2;
pub(crate) const DECL: u32 = 3;
pub(crate) const URI: u32 = 4;
pub(crate) const TEXT: u32 = 5;
pub(crate) const CDATA: u32 = 6;
pub(crate) const END_OF: u32 = 7;
/// Where the place is in the word of an `end` entry.
pub(crate) const END_SHIFT: u32 = 3;

/// The value is not what it stands for: references, line ends or white space
/// in it are to be replaced.
pub(crate) const DIRTY: u32 = 1 << 3;
/// The offset of a `uri` is into the side text.
pub(crate) const SIDE: u32 = 1 << 4;
/// An element with namespace declarations.
pub(crate) const DECLARES: u32 = 1 << 5;
/// An outermost element without prefixes, its content included, but for `xml`.
pub(crate) const NO_PREFIXES: u32 = 1 << 6;

const LOCAL_SHIFT: u32 = 8;
const PREFIX_SHIFT: u32 = 20;
const LENGTH_MASK: u32 = 0xfff;

/// The kind of an entry and the lengths of its prefix and its local name, without flags.
pub(crate) const NAME_MASK: u32 =
    KIND_MASK | LENGTH_MASK << LOCAL_SHIFT | LENGTH_MASK << PREFIX_SHIFT;

/// The meta word of something with a name; `prefix` is its length without the
/// colon.
#[inline]
pub(crate) const fn meta(kind: u32, prefix: usize, local: usize) -> u32 {
    kind | (local as u32 & LENGTH_MASK) << LOCAL_SHIFT | (prefix as u32) << PREFIX_SHIFT
}

#[inline]
pub(crate) const fn kind(meta: u32) -> u32 {
    meta & KIND_MASK
}

#[inline]
pub(crate) const fn local_len(meta: u32) -> usize {
    (meta >> LOCAL_SHIFT & LENGTH_MASK) as usize
}

/// Without the colon.
#[inline]
pub(crate) const fn prefix_len(meta: u32) -> usize {
    (meta >> PREFIX_SHIFT) as usize
}

/// Where the local name begins in the qualified name.
#[inline]
pub(crate) const fn local_from(meta: u32) -> u32 {
    let prefix = meta >> PREFIX_SHIFT;
    if prefix == 0 { 0 } else { prefix + 1 }
}

/// Of the qualified name, colon and all.
#[inline]
pub(crate) const fn name_len(meta: u32) -> usize {
    match prefix_len(meta) {
        0 => local_len(meta),
        prefix => prefix + 1 + local_len(meta),
    }
}

/// A tape that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    /// Entries, and behind them room for more.
    words: Vec<u32>,
    len: usize,
}

impl Tape {
    pub(crate) fn new() -> Self {
        Self { words: alloc::vec![0; FIRST], len: FIRST }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn words(&self) -> &[u32] {
        self.words.get(..self.len).unwrap_or_default()
    }

    /// All words, those of no entry yet among them.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut [u32] {
        &mut self.words
    }

    /// As many words are entries: written to [`room`](Self::room), or no
    /// longer wanted.
    #[inline]
    pub(crate) fn set_len(&mut self, len: usize) {
        self.len = len.min(self.words.len());
    }

    #[inline]
    pub(crate) fn push<const N: usize>(&mut self, entry: [u32; N]) {
        if self.rest::<N>().is_none() {
            self.grow();
        }
        if let Some(room) = self.rest() {
            *room = entry;
            self.len += N;
        }
    }

    /// Room for so many words behind the entries, if there is.
    #[inline]
    fn rest<const N: usize>(&mut self) -> Option<&mut [u32; N]> {
        self.words.get_mut(self.len..)?.first_chunk_mut()
    }

    /// Makes room for twice as much.
    #[cold]
    pub(crate) fn grow(&mut self) {
        let words = (self.words.len() * 2).max(64);
        self.words.resize(words, 0);
    }

    pub(crate) fn release(&mut self) {
        if self.words.capacity() != self.len {
            self.words.truncate(self.len);
            self.words.shrink_to_fit();
        }
    }

    /// Bytes of memory that it holds.
    pub(crate) fn held_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u32>()
    }
}

impl Index<usize> for Tape {
    type Output = u32;

    #[inline]
    fn index(&self, at: usize) -> &u32 {
        &self.words[at]
    }
}

impl IndexMut<usize> for Tape {
    #[inline]
    fn index_mut(&mut self, at: usize) -> &mut u32 {
        &mut self.words[at]
    }
}

/// A tape with the text that its offsets are into.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) text: &'a str,
    pub(crate) tape: &'a [u32],
    pub(crate) owner: Owner<'a>,
}

/// Who has the rest of what an element needs, which is rarely asked for: the
/// scope of its stream, and URIs that stand nowhere in the text. One of the
/// two: as an `enum` its discriminant would be copied about wherever a view is.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) lexer: Option<&'a Lexer>,
    pub(crate) element: Option<&'a Element>,
}

impl<'a> Owner<'a> {
    /// What the stream around it has declared.
    fn scope(self) -> Option<&'a Scope> {
        match (self.lexer, self.element) {
            (Some(lexer), _) => lexer.scope.as_deref(),
            (None, element) => element?.scope(),
        }
    }
}

impl<'a> View<'a> {
    /// A word of the entry at `place`; 0 beyond the tape.
    #[inline]
    pub(crate) fn word(self, place: usize, word: usize) -> u32 {
        self.tape.get(place + word).copied().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn text_at(self, offset: u32, len: usize) -> &'a str {
        piece(self.text, offset, len as u32)
    }

    /// The local name of the element at `place`.
    #[inline]
    pub(crate) fn element_name(self, place: usize) -> &'a str {
        let Some(&[meta, start]) = self.tape.get(place..).and_then(<[u32]>::first_chunk) else {
            return "";
        };
        piece(self.text, start + 1 + local_from(meta), local_len(meta) as u32)
    }

    /// The local name of the attribute or declaration at `place`.
    #[inline]
    pub(crate) fn local(self, place: usize) -> &'a str {
        let meta = self.word(place, 0);
        piece(self.text, self.word(place, NAME) + local_from(meta), local_len(meta) as u32)
    }

    #[inline]
    pub(crate) fn prefix(self, place: usize) -> &'a str {
        let meta = self.word(place, 0);
        let from = self.word(place, NAME) + u32::from(kind(meta) == ELEMENT);
        piece(self.text, from, prefix_len(meta) as u32)
    }

    /// The value of an attribute or declaration, as sent.
    #[inline]
    pub(crate) fn raw_value(self, place: usize) -> &'a str {
        piece(self.text, self.word(place, VALUE), self.word(place, LENGTH))
    }

    /// The URI of a namespace word.
    #[inline]
    pub(crate) fn uri(self, namespace: u32) -> &'a str {
        if let Some(uri) = namespace::well_known_uri(namespace & !OUTER) {
            return uri;
        }
        let place = namespace.wrapping_sub(FIRST_PLACE) as usize;
        let entry = self.tape.get(place..).and_then(|rest| rest.first_chunk::<ATTR_WORDS>());
        match entry {
            Some(&[meta, .., from, len]) if meta & SIDE == 0 => piece(self.text, from, len),
            Some(&[.., from, len]) => uri_beside(self.owner.lexer, from, len),
            None => uri_of_header(self.owner, namespace),
        }
    }

    /// The URI of a namespace word, as it was sent.
    pub(crate) fn raw_uri(self, namespace: u32) -> &'a str {
        if let Some(place) = namespace.checked_sub(FIRST_PLACE) {
            let place = place as usize;
            let meta = self.word(place, 0);
            if kind(meta) == URI {
                return self.raw_value(place.saturating_sub(ATTR_WORDS));
            }
        } else if let Some(decl) = namespace.checked_sub(FIRST_DECL) {
            return self.scope().map_or("", |scope| scope.raw_uri(decl));
        }
        self.uri(namespace)
    }

    /// What the stream around it has declared.
    pub(crate) fn scope(self) -> Option<&'a Scope> {
        self.owner.scope()
    }

    /// Where the entry after the one at `place` begins, content and all if it
    /// is an element.
    #[inline]
    pub(crate) fn skip(self, place: usize) -> usize {
        match kind(self.word(place, 0)) {
            ELEMENT => (self.word(place, NEXT) as usize).max(place + ELEMENT_WORDS),
            // Content is character data but for that.
            _ => place + TEXT_WORDS,
        }
    }
}

/// A URI that does not stand in the text.
#[cold]
#[inline(never)]
fn uri_beside(lexer: Option<&Lexer>, from: u32, len: u32) -> &str {
    lexer.map_or("", |lexer| piece(&lexer.side, from, len))
}

/// The URI of a namespace that the stream header has declared.
#[cold]
#[inline(never)]
fn uri_of_header(owner: Owner<'_>, namespace: u32) -> &str {
    let decl = namespace.wrapping_sub(FIRST_DECL);
    owner.scope().map_or("", |scope| scope.uri(decl))
}

/// From 32 bits, so that no sum can overflow.
#[inline(always)]
pub(crate) fn piece(text: &str, from: u32, len: u32) -> &str {
    text.get(from as usize..from as usize + len as usize).unwrap_or_default()
}
