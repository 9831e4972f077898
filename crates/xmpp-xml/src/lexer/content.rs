//! Content of elements (XML 1.0, section 3.1): the main loop, character data
//! and CDATA sections.

use super::express::{Enough, Halt};
use super::{Fault, Lexer, State, fault, reference};
use crate::tape::{CDATA, DIRTY, TEXT};
use crate::{ErrorKind, Limits};

/// Why [`Lexer::run`] has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The outermost element is complete.
    Whole,
    /// More text is needed.
    Hungry,
    /// As much is on the tape as was asked for.
    Full,
}

/// What a run of character data has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// A piece of character data.
    Token,
    /// Nothing that would be a piece.
    Nothing,
    /// The end of the text.
    Hungry,
}

impl Lexer {
    /// Reads on until the outermost element is complete, or the text ends, or
    /// `enough` tokens are on the tape.
    #[inline]
    pub(crate) fn run<const TOKENS: bool>(
        &mut self,
        text: &str,
        limits: &Limits,
        enough: Enough,
    ) -> Result<Pause, Fault> {
        loop {
            if self.is_between_tokens() && !self.marks.is_dripping() {
                match self.express::<TOKENS>(text, limits, enough) {
                    Halt::Closed => return Ok(Pause::Whole),
                    Halt::Enough => return Ok(Pause::Full),
                    Halt::Full => {
                        self.tape.grow();
                        continue;
                    }
                    Halt::Special(tag) => {
                        if self.resolve_tag(text, limits, tag) {
                            if self.open == 0 {
                                return Ok(Pause::Whole);
                            }
                            continue;
                        }
                    }
                    Halt::Odd => {}
                }
            }
            if !self.step(text, limits)? {
                return Ok(Pause::Hungry);
            }
            if self.open == 0 {
                return Ok(Pause::Whole);
            }
        }
    }

    /// Reads one token, whatever it is; `false` if more text is needed.
    #[inline(never)]
    pub(super) fn step(&mut self, text: &str, limits: &Limits) -> Result<bool, Fault> {
        loop {
            let found = match self.state {
                // Markup behind markup is the common case. If `at` is not the
                // beginning, the text ended just before the `<`.
                State::Content
                    if text.as_bytes().get(self.at) != Some(&b'<') || self.at != self.mark =>
                {
                    self.character_data(text)?
                }
                State::Content | State::Markup => match text.as_bytes().get(self.at + 1) {
                    None => return Ok(false),
                    Some(b'/') => return self.end_tag(text, limits),
                    Some(b'!' | b'?') => match self.other_markup(text)? {
                        true => continue,
                        false => return Ok(false),
                    },
                    Some(_) => {
                        return Ok(self.open_tag(text, limits)? && self.rest_of_tag(text, limits)?);
                    }
                },
                State::StartTag => return self.rest_of_tag(text, limits),
                State::EndTag => return self.end_of_end_tag(text),
                State::Cdata => self.cdata(text)?,
            };
            match found {
                Run::Token => return Ok(true),
                Run::Nothing => {}
                Run::Hungry => return Ok(false),
            }
        }
    }

    /// Character data up to the next `<`.
    fn character_data(&mut self, text: &str) -> Result<Run, Fault> {
        let bytes = text.as_bytes();
        let mut p = self.at;
        loop {
            p = self.marks.text_stop(bytes, p);
            match bytes.get(p) {
                Some(b'<') => break,
                Some(b'&') => match reference::check(text, p, &mut self.reference)? {
                    Some(end) => {
                        self.dirty = true;
                        p = end;
                    }
                    None => {
                        self.at = p;
                        return Ok(Run::Hungry);
                    }
                },
                Some(b'>') => {
                    // XML 1.0, section 2.4: no `]]>`. The text begins behind a
                    // `>`, so that these two bytes are part of it.
                    if bytes[..p].ends_with(b"]]") {
                        return fault(ErrorKind::CdataEndInText, p - 2, p);
                    }
                    p += 1;
                }
                Some(b'\r') => {
                    self.dirty = true;
                    p += 1;
                }
                Some(0xef) if !is_nonchar(bytes, p) => p += 3,
                Some(_) => return fault(ErrorKind::InvalidCharacter, p, p),
                None => {
                    self.at = p;
                    return Ok(Run::Hungry);
                }
            }
        }
        self.at = p;
        self.state = State::Markup;
        if p == self.mark {
            return Ok(Run::Nothing);
        }
        let meta = if self.dirty { TEXT | DIRTY } else { TEXT };
        self.dirty = false;
        self.push_text(meta, self.mark, p);
        Ok(Run::Token)
    }

    fn push_text(&mut self, meta: u32, from: usize, end: usize) {
        self.tape.push([meta, from as u32, (end - from) as u32]);
    }

    /// At `<!` or `<?`: a CDATA section, or what is forbidden or malformed.
    #[cold]
    fn other_markup(&mut self, text: &str) -> Result<bool, Fault> {
        let at = self.at;
        let markup = &text.as_bytes()[at..];
        for (start, kind) in FORBIDDEN {
            if markup.starts_with(start) {
                return fault(kind, at, at + start.len() - 1);
            }
        }
        const CDATA_START: &[u8] = b"<![CDATA[";
        if markup.starts_with(CDATA_START) {
            if self.open == 0 {
                return fault(ErrorKind::TextOutsideRoot, at, at);
            }
            self.at += CDATA_START.len();
            self.mark = self.at;
            self.dirty = false;
            self.state = State::Cdata;
            return Ok(true);
        }
        if markup.starts_with(b"<?") {
            return match processing_instruction(text, at) {
                Some(kind) => fault(kind, at, at + 2),
                None => Ok(false),
            };
        }
        let starts = FORBIDDEN.iter().map(|(start, _)| *start).chain([CDATA_START]);
        // The longest beginning of any of them.
        let shared = starts
            .map(|start| start.iter().zip(markup).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(0);
        if shared == markup.len() {
            return Ok(false);
        }
        fault(ErrorKind::InvalidMarkup, at, at + shared)
    }

    /// What stands behind the root element of a document and begins with
    /// `<`: a fault, once it is clear which.
    pub(crate) fn behind_root(&mut self, text: &str) -> Result<(), Fault> {
        self.at = 0;
        match text.as_bytes().get(1) {
            None => Ok(()),
            Some(b'!' | b'?') => self.other_markup(text).map(|_| ()),
            Some(b'/') => fault(ErrorKind::MismatchedEndTag, 0, 1),
            Some(_) => fault(ErrorKind::ContentAfterRoot, 0, 1),
        }
    }

    /// A CDATA section up to and with its end.
    #[inline(never)]
    fn cdata(&mut self, text: &str) -> Result<Run, Fault> {
        let bytes = text.as_bytes();
        let mut p = self.at;
        loop {
            p = self.marks.text_stop(bytes, p);
            match bytes.get(p) {
                // The section begins behind a `[`: these bytes are part of it.
                Some(b'>') if bytes[..p].ends_with(b"]]") => break,
                Some(b'<' | b'&' | b'>') => p += 1,
                Some(b'\r') => {
                    self.dirty = true;
                    p += 1;
                }
                Some(0xef) if !is_nonchar(bytes, p) => p += 3,
                Some(_) => return fault(ErrorKind::InvalidCharacter, p, p),
                None => {
                    self.at = p;
                    return Ok(Run::Hungry);
                }
            }
        }
        let (from, end) = (self.mark, p - 2);
        let meta = if self.dirty { CDATA | DIRTY } else { CDATA };
        self.at = p + 1;
        self.mark = p + 1;
        self.dirty = false;
        self.state = State::Content;
        if from == end {
            return Ok(Run::Nothing);
        }
        self.push_text(meta, from, end);
        Ok(Run::Token)
    }
}

/// Whether the character at `at`, whose first byte is 0xEF, is U+FFFE or
/// U+FFFF.
#[inline]
pub(crate) fn is_nonchar(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf]))
}

/// What `<?` at `at` begins: a processing instruction, which is forbidden,
/// or something malformed; `None` if more text is needed to tell.
pub(crate) fn processing_instruction(text: &str, at: usize) -> Option<ErrorKind> {
    let target = text.get(at + 2..)?;
    let first = target.chars().next()?;
    if first != ':' && !crate::chars::is_name_start(first) {
        return Some(ErrorKind::InvalidMarkup);
    }
    // XML 1.0, section 2.6: the target `xml` is an XML declaration out of
    // place, `XML` and the like are not allowed at all.
    let bytes = target.as_bytes();
    let same = bytes.iter().zip(b"xml").take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    if same < 3 {
        return if same == bytes.len() { None } else { Some(ErrorKind::ProcessingInstruction) };
    }
    let after = target[3..].chars().next()?;
    if after == ':' || crate::chars::is_name_char(after) {
        Some(ErrorKind::ProcessingInstruction)
    } else {
        Some(ErrorKind::InvalidXmlDeclaration)
    }
}

static FORBIDDEN: [(&[u8], ErrorKind); 6] = [
    (b"<!--", ErrorKind::Comment),
    (b"<!DOCTYPE", ErrorKind::DocumentTypeDeclaration),
    (b"<!ENTITY", ErrorKind::DocumentTypeDeclaration),
    (b"<!ELEMENT", ErrorKind::DocumentTypeDeclaration),
    (b"<!ATTLIST", ErrorKind::DocumentTypeDeclaration),
    (b"<!NOTATION", ErrorKind::DocumentTypeDeclaration),
];
