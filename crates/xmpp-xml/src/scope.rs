//! What a stream header declares, held once a stream.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::decode;
use crate::lexer::Lexer;
use crate::namespace;
use crate::tape::{self, DIRTY, FIRST, FIRST_DECL, FIRST_PLACE, LANG_OF_HEADER, piece};

/// The name, declarations and language of a stream header. The lexer and all
/// shared elements of the stream hold the same one; nothing of it is ever
/// copied for an element.
pub(crate) struct Scope {
    /// All that the parts below are parts of.
    text: Box<str>,
    declarations: Box<[Declared]>,
    name: Part,
    lang: Option<Part>,
}

/// A declaration of the header.
struct Declared {
    prefix: Part,
    /// As sent.
    raw: Part,
    uri: Part,
    /// The namespace word for it.
    namespace: u32,
}

#[derive(Clone, Copy)]
struct Part {
    at: u32,
    len: u32,
}

impl Scope {
    /// That of the header with the text `text`, which the lexer has just read.
    pub(crate) fn of_header(lexer: &Lexer, text: &str) -> Self {
        let view = lexer.view(text);
        let mut all = String::new();
        let mut part = |text: &str| {
            let at = all.len() as u32;
            all.push_str(text);
            Part { at, len: text.len() as u32 }
        };
        let meta = view.word(FIRST, 0);
        let name = part(view.text_at(view.word(FIRST, tape::START) + 1, tape::name_len(meta)));
        let mut declarations = Vec::with_capacity(lexer.bindings.len());
        for binding in &lexer.bindings {
            let decl = binding.decl as usize;
            let meta = view.word(decl, 0);
            let is_default = tape::prefix_len(meta) == 0;
            let prefix = part(if is_default { "" } else { view.local(decl) });
            let raw = part(view.raw_value(decl));
            let uri = if meta & DIRTY == 0 { raw } else { part(view.uri(binding.namespace)) };
            let namespace = match binding.namespace.checked_sub(FIRST_PLACE) {
                Some(_) => FIRST_DECL + declarations.len() as u32,
                None => binding.namespace,
            };
            declarations.push(Declared { prefix, raw, uri, namespace });
        }
        let lang = lexer.lang_in_scope() as usize;
        let lang = (lang != 0).then(|| {
            // Decoding leaves what stands so as it is.
            part(&decode::value(view.raw_value(lang)))
        });
        Self { text: all.into(), declarations: declarations.into(), name, lang }
    }

    /// The qualified name of the header.
    pub(crate) fn header_name(&self) -> &str {
        self.part(self.name)
    }

    /// The language, not empty.
    pub(crate) fn lang(&self) -> Option<&str> {
        self.lang.map(|lang| self.part(lang)).filter(|lang| !lang.is_empty())
    }

    /// The language word of an element that inherits it.
    pub(crate) fn lang_word(&self) -> u32 {
        if self.lang.is_some() { LANG_OF_HEADER } else { 0 }
    }

    /// The namespace word for that prefix, or for the default namespace if it
    /// is empty.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<u32> {
        self.declarations
            .iter()
            .find(|declared| self.part(declared.prefix) == prefix)
            .map(|declared| declared.namespace)
    }

    /// The namespace word of elements without a prefix.
    pub(crate) fn default_ns(&self) -> u32 {
        self.resolve("").unwrap_or(namespace::NONE_ID)
    }

    /// How many declarations there are.
    pub(crate) fn len(&self) -> usize {
        self.declarations.len()
    }

    pub(crate) fn uri(&self, decl: u32) -> &str {
        self.declarations.get(decl as usize).map_or("", |declared| self.part(declared.uri))
    }

    /// The URI as it was sent.
    pub(crate) fn raw_uri(&self, decl: u32) -> &str {
        self.declarations.get(decl as usize).map_or("", |declared| self.part(declared.raw))
    }

    /// Bytes of memory that it holds.
    pub(crate) fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + size_of_val(&*self.declarations)
    }

    fn part(&self, part: Part) -> &str {
        piece(&self.text, part.at, part.len)
    }
}
