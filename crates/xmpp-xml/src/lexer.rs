//! The tokenizer: one walk over new bytes that checks everything and writes
//! the tape.
//!
//! It holds no text. It is given the text of an item from its beginning, as
//! much of it as has arrived, and stops where that ends; given more, it goes
//! on from there. What it finds depends on the text alone, never on how it
//! was cut: wherever it cannot tell yet it stops *before* what it cannot
//! tell, and remembers how far it has looked.

pub(crate) mod content;
mod end_tag;
mod express;
mod names;
pub(crate) mod reference;
mod scope;
mod start_tag;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::scan::Marks;
use crate::scope::Scope;
use crate::tape::{self, FIRST, Owner, Tape, View};
use crate::{Error, ErrorKind, Limits};

pub(crate) use content::Pause;
use express::Enough;
pub(crate) use scope::Binding;
use start_tag::{Partial, Tag};

/// What is wrong, with places relative to the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) at: usize,
    pub(crate) stopped: usize,
}

impl Fault {
    /// This fault with its places counted from `bytes` before the item.
    pub(crate) fn behind(self, bytes: usize) -> Self {
        Self { at: self.at + bytes, stopped: self.stopped + bytes, ..self }
    }

    /// This fault as an error, of an item that is at `offset`.
    pub(crate) fn error(self, offset: u64) -> Error {
        Error::new(self.kind, offset + self.at as u64, offset + self.stopped as u64)
    }
}

#[cold]
pub(crate) fn fault<T>(kind: ErrorKind, at: usize, stopped: usize) -> Result<T, Fault> {
    Err(Fault { kind, at, stopped })
}

/// Where the walk stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// At a `<`.
    #[default]
    Markup,
    /// Inside a start tag, behind the name or an attribute.
    StartTag,
    /// Behind the name of a matching end tag.
    EndTag,
    /// In content.
    Content,
    /// In a CDATA section.
    Cdata,
}

/// The tape of an item, with all that is needed to go on with it.
#[derive(Clone)]
pub(crate) struct Lexer {
    pub(crate) tape: Tape,
    /// Text that does not stand in the input: URIs with references in them.
    pub(crate) side: String,
    /// What the stream header has declared.
    pub(crate) scope: Option<Arc<Scope>>,
    /// Of what the header has declared, the part that is needed all the time.
    outer: Outer,
    /// What the item has declared.
    pub(crate) bindings: Vec<Binding>,
    /// The default namespace in scope.
    default_ns: u32,
    /// The place of the `xml:lang` in scope.
    lang: u32,
    /// Whether the item has had a prefix other than `xml`.
    prefixes: bool,
    state: State,
    /// How far the walk has come.
    at: usize,
    /// Where the character data or CDATA section begins that `at` is in.
    mark: usize,
    /// Whether that is to be decoded.
    dirty: bool,
    /// How far into an incomplete reference the walk has looked.
    reference: usize,
    /// The place of the innermost open element, 0 if there is none.
    open: u32,
    depth: u32,
    tag: Tag,
    partial: Option<Partial>,
    /// Whether the tape gets an entry for the end of each element.
    ends: bool,
    marks: Marks,
}

/// What holds outside of an item.
#[derive(Clone, Copy, Debug, Default)]
struct Outer {
    default_ns: u32,
    lang: u32,
    /// How many declarations of the header are in scope.
    declarations: u32,
}

impl Lexer {
    pub(crate) fn new() -> Self {
        Self {
            tape: Tape::new(),
            side: String::new(),
            scope: None,
            outer: Outer::default(),
            bindings: Vec::new(),
            default_ns: 0,
            lang: 0,
            prefixes: false,
            state: State::Markup,
            at: 0,
            mark: 0,
            dirty: false,
            reference: 0,
            open: 0,
            depth: 0,
            tag: Tag::default(),
            partial: None,
            ends: false,
            marks: Marks::new(),
        }
    }

    /// A lexer that makes an entry on the tape for the end of each element.
    pub(crate) fn with_ends() -> Self {
        Self { ends: true, ..Self::new() }
    }

    /// Forgets the item and makes ready for the next one in the same stream.
    #[inline]
    pub(crate) fn next_item(&mut self) {
        self.tape.set_len(FIRST);
        self.side.clear();
        self.bindings.clear();
        self.default_ns = self.outer.default_ns;
        self.lang = self.outer.lang;
        self.state = State::Markup;
        self.at = 0;
        self.mark = 0;
        self.dirty = false;
        self.reference = 0;
        self.prefixes = false;
        self.open = 0;
        self.depth = 0;
        self.partial = None;
    }

    /// Forgets the item and the stream.
    pub(crate) fn next_stream(&mut self) {
        self.scope = None;
        self.outer = Outer::default();
        self.next_item();
    }

    /// Keeps of the stream header, whose start tag has just been read, what
    /// its stream needs, copied out of the input.
    pub(crate) fn keep_header(&mut self, text: &str) {
        let scope = Scope::of_header(self, text);
        self.outer = Outer {
            default_ns: scope.default_ns(),
            lang: scope.lang_word(),
            declarations: scope.len() as u32,
        };
        self.scope = Some(Arc::new(scope));
        self.next_item();
    }

    /// Gives memory back that nothing is in.
    pub(crate) fn release(&mut self) {
        self.tape.release();
        self.side.shrink_to_fit();
        self.bindings.shrink_to_fit();
        self.marks.release();
    }

    /// Bytes of memory that it holds.
    pub(crate) fn held_bytes(&self) -> usize {
        self.tape.held_bytes()
            + self.side.capacity()
            + self.bindings.capacity() * size_of::<Binding>()
            + self.marks.held_bytes()
            + self.scope.as_deref().map_or(0, Scope::held_bytes)
    }

    /// Reads on in the element at the beginning of `text`, which begins
    /// `origin` bytes into all that is read; gives its length once it is
    /// whole.
    #[inline]
    pub(crate) fn element(
        &mut self,
        text: &str,
        origin: usize,
        limits: &Limits,
    ) -> Result<Option<usize>, Fault> {
        self.marks.enter(origin, text.len());
        let all = Enough { open: 0, words: u32::MAX, at_most: u32::MAX };
        if self.run::<false>(text, limits, all)? == Pause::Whole {
            if !self.prefixes {
                self.tape[FIRST] |= tape::NO_PREFIXES;
            }
            return Ok(Some(self.at));
        }
        Ok(None)
    }

    /// Reads on in the element at the beginning of `text` as
    /// [`element`](Self::element) does, until about `words` more are on the
    /// tape; see [`Enough`].
    pub(crate) fn tokens(
        &mut self,
        text: &str,
        origin: usize,
        limits: &Limits,
        words: u32,
    ) -> Result<Pause, Fault> {
        self.marks.enter(origin, text.len());
        let len = self.tape.len() as u32;
        let enough = Enough {
            open: self.open.max(FIRST as u32),
            words: len + words,
            at_most: len + 8 * words,
        };
        self.run::<true>(text, limits, enough)
    }

    /// Whether what is on the tape are whole tokens, and the next one begins
    /// here.
    #[inline]
    fn is_between_tokens(&self) -> bool {
        match self.state {
            State::Markup => true,
            State::Content => self.at == self.mark && !self.dirty,
            State::StartTag | State::EndTag | State::Cdata => false,
        }
    }

    /// Forgets what has been read, but for the start tags of the elements that
    /// are open, and what stands before them.
    pub(crate) fn forget_closed(&mut self) {
        let mut keep = FIRST;
        if self.open != 0 {
            keep = self.tape[self.open as usize + tape::CONTENT] as usize;
        }
        self.tape.set_len(keep);
    }

    /// How much of the tape are whole tokens.
    pub(crate) fn whole(&self) -> usize {
        if self.state == State::StartTag { self.tag.place as usize } else { self.tape.len() }
    }

    /// Reads on in the start tag at the beginning of `text`, which begins
    /// `origin` bytes into all that is read; `false` if more text is needed.
    pub(crate) fn start_tag(
        &mut self,
        text: &str,
        origin: usize,
        limits: &Limits,
    ) -> Result<bool, Fault> {
        self.marks.enter(origin, text.len());
        // A header is not an element within the stream: it does not count, and
        // has a limit of its own for what it declares.
        let limits = Limits { max_namespaces: limits.max_header_namespaces, ..*limits };
        self.step(text, &limits)
    }

    /// Reads on in the start tag at the beginning of `text`, as
    /// [`element`](Self::element) does; gives its length and whether it is an
    /// end tag as well, once it is whole.
    pub(crate) fn header(
        &mut self,
        text: &str,
        origin: usize,
        limits: &Limits,
    ) -> Result<Option<(usize, bool)>, Fault> {
        if !self.start_tag(text, origin, limits)? {
            return Ok(None);
        }
        // Its source is the start tag.
        self.tape[FIRST + tape::END] = self.at as u32;
        Ok(Some((self.at, self.is_closed())))
    }

    /// Reads on in the end tag of the stream at the beginning of `text`; gives
    /// its length once it is whole.
    pub(crate) fn stream_end(
        &mut self,
        text: &str,
        origin: usize,
        limits: &Limits,
    ) -> Result<Option<usize>, Fault> {
        if self.state != State::EndTag {
            self.marks.enter(origin, text.len());
            let Some(name) = names::qname(&mut self.marks, text, 0, 2, limits)? else {
                return Ok(None);
            };
            let header = self.scope.as_deref().map_or("", Scope::header_name);
            if text.get(2..name.end) != Some(header) {
                return fault(ErrorKind::MismatchedEndTag, 0, name.end);
            }
            self.at = name.end;
            self.mark = 0;
            self.state = State::EndTag;
        }
        Ok(self.end_of_end_tag(text)?.then_some(self.at))
    }

    /// Whether no element is open.
    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.open == 0
    }

    /// How far the walk has come.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The tape over `text`.
    pub(crate) fn view<'a>(&'a self, text: &'a str) -> View<'a> {
        let owner = Owner { lexer: Some(self), element: None };
        View { text, tape: self.tape.words(), owner }
    }

    /// Whether elements on the tape are tags only, with entries for their ends.
    pub(crate) fn is_of_tokens(&self) -> bool {
        self.ends
    }

    /// The language word of what is being read.
    pub(crate) fn lang_in_scope(&self) -> u32 {
        self.lang
    }
}
