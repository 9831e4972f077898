//! A pull interface over the tokens of a text.

use core::fmt;

use crate::document::Progress;
use crate::lexer::{Fault, Lexer, Pause};
use crate::nodes::Text;
use crate::tape;
use crate::{ElementRef, Error, ErrorKind, Limits, stream};

/// The tokens of a text that is all there, one after another, for people who
/// want no elements. All is checked that [`StreamReader`](crate::StreamReader)
/// and [`Element::parse`](crate::Element::parse) check. The text is read some
/// tokens ahead, 32 kilobytes of them at most for each level of depth: memory
/// grows with the depth of the text only, and no token costs an allocation.
///
/// The text is a document, or a whole stream: which is a document too.
///
/// ```
/// use xmpp_xml::{Limits, Token, Tokens};
///
/// let mut tokens = Tokens::new("<a><b c='1'/>text</a>", Limits::default());
/// let mut depth = 0;
/// while let Some(token) = tokens.next()? {
///     match token {
///         Token::Start(tag) => { depth += 1; println!("{} {:?}", tag.name(), tag.attr("c")) }
///         Token::Text(text) => println!("{}", text.value()),
///         Token::End(_) => depth -= 1,
///     }
/// }
/// assert_eq!(depth, 0);
/// # Ok::<(), xmpp_xml::Error>(())
/// ```
pub struct Tokens<'t> {
    text: &'t str,
    /// The root element and what is behind it, as far as the limit lets see.
    root: &'t str,
    lexer: Lexer,
    /// The place on the tape of what is given next, and that behind the last
    /// token that it has.
    at: usize,
    ready: usize,
    after: After,
    limits: Limits,
    progress: Progress,
}

/// What comes when all tokens on the tape have been given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// The beginning of the document.
    Beginning,
    /// More of the root element.
    More,
    /// What follows the root element.
    Epilog,
    /// Nothing.
    Nothing,
    /// This error.
    Error(Error),
}

/// How many words of tape are written at a time.
const WORDS: u32 = 1024;

/// A token. Tags can be asked what an [`ElementRef`] can, except for content.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "RFC 6120, section 11.1, forbids the other kinds of tokens that there are"
)]
pub enum Token<'a> {
    /// A start tag, or the first half of an empty-element tag.
    Start(ElementRef<'a>),
    /// A piece of character data.
    Text(Text<'a>),
    /// The end of the element that this start tag began.
    End(ElementRef<'a>),
}

impl<'t> Tokens<'t> {
    /// At the beginning of `document`. [`Limits::max_element_bytes`] is the
    /// most that it may have.
    #[must_use]
    pub fn new(document: &'t str, limits: Limits) -> Self {
        Self {
            text: document,
            root: "",
            lexer: Lexer::with_ends(),
            at: 0,
            ready: 0,
            after: After::Beginning,
            limits: limits.clamped(),
            progress: Progress::default(),
        }
    }

    /// The next token, or `None` at the end of the document.
    ///
    /// # Errors
    ///
    /// What is wrong with the document. The same again at every further call.
    #[expect(clippy::should_implement_trait, reason = "a token borrows from this")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Token<'_>>, Error> {
        loop {
            let at = self.at;
            if at < self.ready
                && let Some(&word) = self.lexer.tape.words().get(at)
            {
                match tape::kind(word) {
                    tape::ELEMENT => {
                        let tag = ElementRef::new(self.lexer.view(self.root), at);
                        self.at = tag.content();
                        return Ok(Some(Token::Start(tag)));
                    }
                    tape::END_OF => {
                        self.at = at + 1;
                        let place = (word >> tape::END_SHIFT) as usize;
                        return Ok(Some(Token::End(ElementRef::new(
                            self.lexer.view(self.root),
                            place,
                        ))));
                    }
                    _ => {
                        self.at = at + tape::TEXT_WORDS;
                        return Ok(Some(Token::Text(Text::new(self.lexer.view(self.root), at))));
                    }
                }
            }
            if !self.read_on()? {
                return Ok(None);
            }
        }
    }

    /// All tokens on the tape have been given: is there more?
    #[inline(never)]
    fn read_on(&mut self) -> Result<bool, Error> {
        match self.after {
            After::Beginning => self.begin()?,
            After::More => {}
            After::Epilog => self.end()?,
            After::Nothing => return Ok(false),
            After::Error(error) => return Err(error),
        }
        if self.after == After::Nothing {
            return Ok(false);
        }
        self.lexer.forget_closed();
        self.at = self.lexer.tape.len();
        let origin = self.progress.root;
        self.after = match self.lexer.tokens(self.root, origin, &self.limits, WORDS) {
            Ok(Pause::Full) => After::More,
            Ok(Pause::Whole) => After::Epilog,
            Ok(Pause::Hungry) => After::Error(self.out_of_text()),
            Err(fault) => After::Error(fault.behind(origin).error(0)),
        };
        self.ready = self.lexer.whole();
        Ok(true)
    }

    #[cold]
    fn begin(&mut self) -> Result<(), Error> {
        let visible = stream::visible(self.text, 0, self.limits.max_element_bytes as usize);
        match self.progress.prolog(visible, None, &mut self.lexer) {
            Ok(true) => {
                self.root = &visible[self.progress.root..];
                Ok(())
            }
            Ok(false) => Err(self.fail(self.out_of_text())),
            Err(fault) => Err(self.fail(fault.error(0))),
        }
    }

    #[cold]
    fn end(&mut self) -> Result<(), Error> {
        self.progress.root_is_read(self.lexer.at());
        let visible = stream::visible(self.text, 0, self.limits.max_element_bytes as usize);
        match self.progress.epilog(visible, &mut self.lexer) {
            Ok(()) if self.progress.check_end(self.text.len(), 0).is_ok() => {
                self.after = After::Nothing;
                Ok(())
            }
            Ok(()) => Err(self.fail(self.out_of_text())),
            Err(fault) => Err(self.fail(fault.error(0))),
        }
    }

    #[cold]
    fn out_of_text(&self) -> Error {
        let (len, most) = (self.text.len(), self.limits.max_element_bytes as usize);
        let unexpected = Fault { kind: ErrorKind::UnexpectedEnd, at: len, stopped: len };
        stream::why_out_of_text(len, most, None).err().unwrap_or(unexpected).error(0)
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Error {
        self.after = After::Error(error);
        error
    }
}

impl fmt::Debug for Tokens<'_> {
    /// Without the text: that can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} bytes)", self.text.len())
    }
}
