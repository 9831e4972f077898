//! Content of elements (XML 1.0, section 3.1): the main loop, character data
//! and CDATA sections.

use super::{Fault, Lexer, State, Step, fault, reference};
use crate::scan::Scanner;
use crate::tape::{CDATA, DIRTY, TEXT};
use crate::{ErrorKind, Limits};

impl Lexer {
    /// Reads on. With `ONE` it stops behind each token, without it at the end
    /// of the outermost element. `None` if more text is needed.
    #[inline(always)]
    pub(crate) fn run<const ONE: bool>(
        &mut self,
        scan: &mut Scanner<'_>,
        text: &str,
        limits: &Limits,
    ) -> Result<Option<Step>, Fault> {
        loop {
            let step = match self.state {
                // Markup behind markup is the common case.
                State::Content if text.as_bytes().get(self.at) != Some(&b'<') => {
                    match self.character_data(scan, text)? {
                        Some(Some(place)) => Step::Text(place),
                        Some(None) => continue,
                        None => return Ok(None),
                    }
                }
                State::Content if self.at != self.mark => {
                    // The text ended just before the `<`.
                    match self.character_data(scan, text)? {
                        Some(Some(place)) => Step::Text(place),
                        Some(None) => continue,
                        None => return Ok(None),
                    }
                }
                State::Content | State::Markup => match text.as_bytes().get(self.at + 1) {
                    None => return Ok(None),
                    Some(b'/') => match self.end_tag(scan, text, limits)? {
                        Some(place) => Step::End(place),
                        None => return Ok(None),
                    },
                    Some(b'!' | b'?') => match self.other_markup(text)? {
                        true => continue,
                        false => return Ok(None),
                    },
                    Some(_) => {
                        if !self.open_tag(scan, text, limits)? {
                            return Ok(None);
                        }
                        match self.rest_of_tag(scan, text, limits)? {
                            Some(step) => step,
                            None => return Ok(None),
                        }
                    }
                },
                State::StartTag => match self.rest_of_tag(scan, text, limits)? {
                    Some(step) => step,
                    None => return Ok(None),
                },
                State::EndTag => match self.end_of_end_tag(text)? {
                    Some(place) => Step::End(place),
                    None => return Ok(None),
                },
                State::Cdata => match self.cdata(scan, text)? {
                    Some(Some(place)) => Step::Text(place),
                    Some(None) => continue,
                    None => return Ok(None),
                },
            };
            if ONE || self.open == 0 {
                return Ok(Some(step));
            }
        }
    }

    /// Character data up to the next `<`; the inner `None` if there is none.
    #[inline(always)]
    fn character_data(
        &mut self,
        scan: &mut Scanner<'_>,
        text: &str,
    ) -> Result<Option<Option<usize>>, Fault> {
        let bytes = text.as_bytes();
        let mut p = self.at;
        loop {
            p = scan.text_stop(p);
            match bytes.get(p) {
                Some(b'<') => break,
                Some(b'&') => match reference::check(text, p, &mut self.reference)? {
                    Some(end) => {
                        self.dirty = true;
                        p = end;
                    }
                    None => {
                        self.at = p;
                        return Ok(None);
                    }
                },
                Some(b'>') => {
                    // XML 1.0, section 2.4: not `]]>`.
                    if p >= self.mark + 2 && &bytes[p - 2..p] == b"]]" {
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
                    return Ok(None);
                }
            }
        }
        self.at = p;
        self.state = State::Markup;
        if p == self.mark {
            return Ok(Some(None));
        }
        let meta = if self.dirty { TEXT | DIRTY } else { TEXT };
        Ok(Some(Some(self.push_text(meta, self.mark, p))))
    }

    fn push_text(&mut self, meta: u32, from: usize, end: usize) -> usize {
        let place = self.tape.len();
        self.tape.extend_from_slice(&[meta, from as u32, (end - from) as u32]);
        place
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
    fn cdata(
        &mut self,
        scan: &mut Scanner<'_>,
        text: &str,
    ) -> Result<Option<Option<usize>>, Fault> {
        let bytes = text.as_bytes();
        let mut p = self.at;
        loop {
            p = scan.text_stop(p);
            match bytes.get(p) {
                Some(b'>') if p >= self.mark + 2 && &bytes[p - 2..p] == b"]]" => break,
                Some(b'<' | b'&' | b'>') => p += 1,
                Some(b'\r') => {
                    self.dirty = true;
                    p += 1;
                }
                Some(0xef) if !is_nonchar(bytes, p) => p += 3,
                Some(_) => return fault(ErrorKind::InvalidCharacter, p, p),
                None => {
                    self.at = p;
                    return Ok(None);
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
            return Ok(Some(None));
        }
        Ok(Some(Some(self.push_text(meta, from, end))))
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
