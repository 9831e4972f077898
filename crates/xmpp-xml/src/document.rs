//! Whole documents (XML 1.0, section 2.1): for what is not a stream, such as
//! PIDF or host-meta.

use crate::chars::is_space;
use crate::lexer::{Fault, Lexer};
use crate::prolog::{self, Opening};
use crate::{Element, ElementRef, Error, ErrorKind, Limits, RecvBuffer, stream, tape, utf8};

/// Reads a document that comes in pieces.
///
/// ```
/// use xmpp_xml::{DocumentReader, Limits, RecvBuffer};
///
/// let mut rx = RecvBuffer::new(64 * 1024);
/// let mut reader = DocumentReader::new(Limits::default());
/// for piece in ["<?xml version='1.0'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>", "</XRD>"] {
///     rx.push(piece.as_bytes());
///     reader.read(&mut rx)?;
/// }
/// assert_eq!(reader.finish(&mut rx)?.name(), "XRD");
/// # Ok::<(), xmpp_xml::Error>(())
/// ```
///
/// The whole of it has to fit into the buffer. What holds for streams holds
/// here too (RFC 6120, section 11.1): no comments, processing instructions or
/// DTDs. A byte-order mark may stand at the beginning (XML 1.0, section
/// 4.3.3).
#[derive(Clone, Debug)]
pub struct DocumentReader {
    limits: Limits,
    progress: Progress,
    error: Option<Error>,
}

impl DocumentReader {
    /// At the beginning of a document.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits: limits.clamped(), progress: Progress::default(), error: None }
    }

    /// Looks at what has come in since the last call.
    ///
    /// # Errors
    ///
    /// What is wrong with it. The same again at every further call.
    pub fn read(&mut self, rx: &mut RecvBuffer) -> Result<(), Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let most = rx.most_text().min(self.limits.max_element_bytes as usize);
        let text = rx.text.get(rx.start..).unwrap_or_default();
        let visible = stream::visible(&rx.text, rx.start, most);
        let result = self.progress.advance(visible, rx.bad, &mut rx.lexer, &self.limits);
        let result = result.and_then(|()| stream::why_out_of_text(text.len(), most, rx.bad));
        result.map_err(|fault| self.fail(rx, fault))
    }

    /// The input ends here: gives the root element.
    ///
    /// # Errors
    ///
    /// What is wrong with the document, or that it is not complete.
    pub fn finish<'b>(&mut self, rx: &'b mut RecvBuffer) -> Result<ElementRef<'b>, Error> {
        self.read(rx)?;
        let text = rx.text.get(rx.start..).unwrap_or_default();
        if let Err(fault) = self.progress.check_end(text.len(), rx.held()) {
            return Err(self.fail(rx, fault));
        }
        let text = rx.text.get(rx.start + self.progress.root..).unwrap_or_default();
        Ok(ElementRef::new(rx.lexer.view(text), tape::FIRST))
    }

    /// Where the root element begins: bytes since the beginning of the
    /// document.
    #[must_use]
    pub fn root_offset(&self) -> u64 {
        self.progress.root as u64
    }

    fn fail(&mut self, rx: &RecvBuffer, fault: Fault) -> Error {
        *self.error.insert(fault.error(rx.offset()))
    }
}

/// Reads a whole document into an element.
pub(crate) fn parse(document: &[u8], limits: Limits) -> Result<Element, Error> {
    let limits = limits.clamped();
    let mut progress = Progress::default();
    let mut lexer = Lexer::new();
    let utf8::Split { valid, rest, bad } = utf8::split(document);
    let most = limits.max_element_bytes as usize;
    progress
        .advance(stream::visible(valid, 0, most), bad, &mut lexer, &limits)
        .and_then(|()| stream::why_out_of_text(valid.len(), most, bad))
        .and_then(|()| progress.check_end(valid.len(), rest.len()))
        .map_err(|fault| fault.error(0))?;
    let text = valid.get(progress.root..).unwrap_or_default();
    Ok(ElementRef::new(lexer.view(text), tape::FIRST).into_shared())
}

/// How far a document has been read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    phase: Phase,
    /// Where the phase begins.
    at: usize,
    /// Where the root element begins.
    pub(crate) root: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// A byte-order mark.
    #[default]
    Mark,
    /// An XML declaration.
    Opening,
    /// White space before the root element.
    Prolog,
    Root,
    /// White space behind it.
    Epilog,
}

impl Progress {
    /// Reads on in `text`, which is the document from its beginning.
    pub(crate) fn advance(
        &mut self,
        text: &str,
        bad: Option<utf8::Bad>,
        lexer: &mut Lexer,
        limits: &Limits,
    ) -> Result<(), Fault> {
        if !self.prolog(text, bad, lexer)? {
            return Ok(());
        }
        if self.phase == Phase::Root {
            let rest = text.get(self.root..).unwrap_or_default();
            match lexer.element(rest, self.root, limits).map_err(|fault| fault.behind(self.root))? {
                None => return Ok(()),
                Some(len) => self.root_is_read(len),
            }
        }
        self.epilog(text, lexer)
    }

    /// Reads on before the root element; `false` if that has not begun.
    pub(crate) fn prolog(
        &mut self,
        text: &str,
        bad: Option<utf8::Bad>,
        lexer: &mut Lexer,
    ) -> Result<bool, Fault> {
        loop {
            let rest = text.get(self.at..).unwrap_or_default();
            match self.phase {
                Phase::Mark => {
                    stream::check_mark(rest, bad)?;
                    if rest.is_empty() {
                        return Ok(false);
                    }
                    self.at = if rest.starts_with('\u{feff}') { 3 } else { 0 };
                    self.phase = Phase::Opening;
                }
                Phase::Opening => {
                    match prolog::opening(rest).map_err(|fault| fault.behind(self.at))? {
                        Opening::Undecided => return Ok(false),
                        Opening::Declaration(len) => self.at += len,
                        Opening::Other => {}
                    }
                    self.phase = Phase::Prolog;
                }
                Phase::Prolog => match self.skip_space(text).as_bytes().first() {
                    None => return Ok(false),
                    Some(b'<') => {
                        lexer.next_stream();
                        self.root = self.at;
                        self.phase = Phase::Root;
                    }
                    Some(_) => return Err(self.outside(text)),
                },
                Phase::Root | Phase::Epilog => return Ok(true),
            }
        }
    }

    /// The root element has `len` bytes.
    pub(crate) fn root_is_read(&mut self, len: usize) {
        self.at = self.root + len;
        self.phase = Phase::Epilog;
    }

    /// Reads on behind the root element.
    pub(crate) fn epilog(&mut self, text: &str, lexer: &mut Lexer) -> Result<(), Fault> {
        let rest = self.skip_space(text);
        match rest.as_bytes().first() {
            None => Ok(()),
            Some(b'<') => lexer.behind_root(rest).map_err(|fault| fault.behind(self.at)),
            Some(_) => Err(self.outside(text)),
        }
    }

    fn skip_space<'t>(&mut self, text: &'t str) -> &'t str {
        let rest = text.get(self.at..).unwrap_or_default();
        self.at += rest.bytes().take_while(|&b| is_space(b)).count();
        text.get(self.at..).unwrap_or_default()
    }

    fn outside(&self, text: &str) -> Fault {
        stream::outside(text.get(self.at..).unwrap_or_default()).behind(self.at)
    }

    /// Whether the document may end after `len` bytes and `held` ones of a
    /// character that is not complete.
    pub(crate) fn check_end(&self, len: usize, held: usize) -> Result<(), Fault> {
        if held != 0 {
            return Err(Fault { kind: ErrorKind::InvalidUtf8, at: len, stopped: len + held });
        }
        if self.phase != Phase::Epilog || self.at != len {
            return Err(Fault { kind: ErrorKind::UnexpectedEnd, at: len, stopped: len });
        }
        Ok(())
    }
}
