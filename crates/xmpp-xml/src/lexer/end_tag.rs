//! End tags (XML 1.0, section 3.1) and what closing an element means.

use super::names::{self, QName};
use super::{Fault, Lexer, State, fault};
use crate::tape::{self, END_OF, END_SHIFT};
use crate::{ErrorKind, Limits, chars};

impl Lexer {
    /// At `</`; `false` if more text is needed.
    pub(super) fn end_tag(&mut self, text: &str, limits: &Limits) -> Result<bool, Fault> {
        let at = self.at;
        let Some(QName { end, .. }) = names::qname(&mut self.marks, text, at, at + 2, limits)?
        else {
            return Ok(false);
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
    pub(super) fn end_of_end_tag(&mut self, text: &str) -> Result<bool, Fault> {
        loop {
            match text.as_bytes().get(self.at) {
                None => return Ok(false),
                Some(b'>') => break,
                Some(&b) if chars::is_space(b) => self.at += 1,
                Some(_) => return fault(ErrorKind::UnexpectedCharacter, self.mark, self.at),
            }
        }
        self.at += 1;
        // The stream's own end tag closes nothing on the tape.
        if self.open != 0 {
            self.close(self.at);
        }
        Ok(true)
    }

    /// Closes the innermost open element, which ends at `end`.
    pub(super) fn close(&mut self, end: usize) {
        let place = self.open;
        let next = self.tape.len() as u32;
        let at = place as usize;
        let parent = core::mem::replace(&mut self.tape[at + tape::NEXT], next);
        self.tape[at + tape::END] = end as u32;
        if self.tape[at] & tape::DECLARES != 0 {
            self.undeclare(place);
        }
        if self.ends {
            self.tape.push([END_OF | place << END_SHIFT]);
        }
        self.lang = match parent {
            0 => self.outer.lang,
            _ => self.tape[parent as usize + tape::LANGUAGE],
        };
        self.open = parent;
        self.depth -= 1;
        self.state = State::Content;
        self.mark = end;
        self.dirty = false;
    }
}
