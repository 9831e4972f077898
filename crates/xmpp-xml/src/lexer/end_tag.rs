//! End tags (XML 1.0, section 3.1) and what closing an element means.

use super::names::{self, QName};
use super::{Fault, Lexer, State, fault};
use crate::scan::Scanner;
use crate::tape;
use crate::{ErrorKind, Limits, chars};

impl Lexer {
    /// At `</`: gives the place of the element that it closes.
    #[inline(always)]
    pub(super) fn end_tag(
        &mut self,
        scan: &mut Scanner<'_>,
        text: &str,
        limits: &Limits,
    ) -> Result<Option<usize>, Fault> {
        let bytes = text.as_bytes();
        let open = self.open as usize;
        let name = self.at + 2;
        if let Some(&[meta, start]) = self.tape.get(open..).and_then(|rest| rest.first_chunk())
            && open != 0
        {
            let len = tape::name_len(meta);
            if same(bytes, start as usize + 1, name, len) && bytes.get(name + len) == Some(&b'>') {
                self.at = name + len + 1;
                return Ok(Some(self.close(self.at)));
            }
        }
        self.any_end_tag(scan, text, limits)
    }

    /// The same where the tag is incomplete, has white space or is wrong.
    #[inline(never)]
    fn any_end_tag(
        &mut self,
        scan: &mut Scanner<'_>,
        text: &str,
        limits: &Limits,
    ) -> Result<Option<usize>, Fault> {
        let at = self.at;
        let Some(QName { end, .. }) = names::qname(scan, text, at, at + 2, limits)? else {
            return Ok(None);
        };
        let open = self.open as usize;
        let view = self.view(text);
        let expected =
            view.text_at(view.word(open, tape::START) + 1, tape::name_len(view.word(open, 0)));
        if open == 0 || &text[at + 2..end] != expected {
            return fault(ErrorKind::MismatchedEndTag, at, end);
        }
        self.mark = at;
        self.at = end;
        self.state = State::EndTag;
        self.end_of_end_tag(text)
    }

    /// Behind the name of a matching end tag.
    pub(super) fn end_of_end_tag(&mut self, text: &str) -> Result<Option<usize>, Fault> {
        loop {
            match text.as_bytes().get(self.at) {
                None => return Ok(None),
                Some(b'>') => break,
                Some(&b) if chars::is_space(b) => self.at += 1,
                Some(_) => return fault(ErrorKind::UnexpectedCharacter, self.mark, self.at),
            }
        }
        self.at += 1;
        // The stream's own end tag closes nothing on the tape.
        Ok(Some(if self.open == 0 { 0 } else { self.close(self.at) }))
    }

    /// Closes the innermost open element, which ends at `end`.
    #[inline(always)]
    pub(super) fn close(&mut self, end: usize) -> usize {
        let place = self.open;
        let next = self.tape.len() as u32;
        let mut declares = false;
        let mut parent = 0;
        if let Some(words) = self.tape.get_mut(place as usize..place as usize + tape::ELEMENT_WORDS)
        {
            parent = words[tape::NEXT];
            words[tape::NEXT] = next;
            words[tape::END] = end as u32;
            declares = words[0] & tape::DECLARES != 0;
        }
        if declares {
            self.undeclare(place);
        }
        self.lang = match parent {
            0 => self.kept.lang,
            _ => self.tape[parent as usize + tape::LANGUAGE],
        };
        self.open = parent;
        self.depth -= 1;
        self.state = State::Content;
        self.mark = end;
        self.dirty = false;
        place as usize
    }
}

/// Whether the `len` bytes at `a` are there again at `b`.
#[inline(always)]
fn same(bytes: &[u8], a: usize, b: usize, len: usize) -> bool {
    let eight = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk::<8>()?));
    if len <= 8
        && let (Some(a), Some(b)) = (eight(a), eight(b))
    {
        // The first byte is the lowest: shift those behind the name out.
        return len != 0 && (a ^ b) << (64 - 8 * len) == 0;
    }
    matches!((bytes.get(a..a + len), bytes.get(b..b + len)), (Some(a), Some(b)) if a == b)
}
