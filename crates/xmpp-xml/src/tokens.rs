//! A pull interface over the tokens of a text.

use crate::document::Progress;
use crate::lexer::{Fault, Lexer, Step};
use crate::nodes::Text;
use crate::scan::{self, Scanner};
use crate::{ElementRef, Error, ErrorKind, Limits, stream};

/// The tokens of a text that is all there, one after another, for people who
/// want no elements. All is checked that [`StreamReader`](crate::StreamReader)
/// and [`Element::parse`](crate::Element::parse) check; memory grows with the
/// depth of the text only, and no token costs an allocation.
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
#[derive(Debug)]
pub struct Tokens<'t> {
    text: &'t str,
    /// The root element and what is behind it, as far as the limit lets see.
    root: &'t str,
    scan: Scanner<'t>,
    lexer: Lexer,
    limits: Limits,
    progress: Progress,
    before: Before,
    error: Option<Error>,
}

/// What was given last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Nothing: the root element has not begun.
    Nothing,
    /// A start tag, which stays on the tape until its element ends.
    Start,
    /// The start tag of an empty element: its end is next.
    Empty(usize),
    /// Something that is over: from its place on the tape is not needed.
    Over(usize),
    /// The end of the root element, or an error.
    Last,
}

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
            scan: Scanner::new(&[], scan::level()),
            lexer: Lexer::new(),
            limits: limits.clamped(),
            progress: Progress::default(),
            before: Before::Nothing,
            error: None,
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
        match self.before {
            Before::Start => {}
            Before::Over(place) => self.lexer.tape.truncate(place),
            Before::Empty(place) => return Ok(Some(self.token(Step::End(place)))),
            Before::Nothing => self.begin()?,
            Before::Last => return self.end().map(|()| None),
        }
        match self.lexer.run::<true>(&mut self.scan, self.root, &self.limits) {
            Ok(Some(step)) => Ok(Some(self.token(step))),
            Ok(None) => Err(self.out_of_text()),
            Err(fault) => Err(self.fail(fault.behind(self.progress.root))),
        }
    }

    #[inline]
    fn token(&mut self, step: Step) -> Token<'_> {
        self.before = match step {
            Step::Start(_) => Before::Start,
            Step::Empty(place) => Before::Empty(place),
            Step::Text(place) => Before::Over(place),
            Step::End(_) if self.lexer.is_closed() => Before::Last,
            Step::End(place) => Before::Over(place),
        };
        let view = self.lexer.view(self.root);
        match step {
            Step::Start(place) | Step::Empty(place) => Token::Start(ElementRef::new(view, place)),
            Step::Text(place) => Token::Text(Text::new(view, place)),
            Step::End(place) => Token::End(ElementRef::new(view, place)),
        }
    }

    #[cold]
    fn begin(&mut self) -> Result<(), Error> {
        let visible = stream::visible(self.text, 0, self.limits.max_element_bytes as usize);
        match self.progress.prolog(visible, None, &mut self.lexer) {
            Ok(true) => {
                self.root = &visible[self.progress.root..];
                self.scan = Scanner::new(self.root.as_bytes(), scan::level());
                Ok(())
            }
            Ok(false) => Err(self.out_of_text()),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    #[cold]
    fn end(&mut self) -> Result<(), Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.progress.root_is_read(self.lexer.at());
        let visible = stream::visible(self.text, 0, self.limits.max_element_bytes as usize);
        match self.progress.epilog(visible, &mut self.lexer) {
            Ok(()) if self.progress.check_end(self.text.len(), 0).is_ok() => Ok(()),
            Ok(()) => Err(self.out_of_text()),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    #[cold]
    fn out_of_text(&mut self) -> Error {
        let (len, most) = (self.text.len(), self.limits.max_element_bytes as usize);
        let unexpected = Fault { kind: ErrorKind::UnexpectedEnd, at: len, stopped: len };
        self.fail(stream::why_out_of_text(len, most, None).err().unwrap_or(unexpected))
    }

    #[cold]
    fn fail(&mut self, fault: Fault) -> Error {
        self.before = Before::Last;
        *self.error.insert(fault.error(0))
    }
}
