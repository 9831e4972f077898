//! Text put in front of parts of a source file and behind them.

use core::cmp::Reverse;
use core::ops::Range;

/// What is put around a part of the text. Parts of several wraps nest, and never overlap else.
#[derive(Debug)]
struct Wrap {
    part: Range<usize>,
    before: String,
    after: String,
}

/// All that is put into one file.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    wraps: Vec<Wrap>,
    /// Parts that are left out.
    deleted: Vec<Range<usize>>,
}

impl Edits {
    /// Of two wraps of the same part, the one that comes first is the outer one.
    pub(crate) fn wrap(&mut self, part: Range<usize>, before: String, after: &str) {
        self.wraps.push(Wrap { part, before, after: after.to_owned() });
    }

    pub(crate) fn delete(&mut self, part: Range<usize>) {
        self.deleted.push(part);
    }

    /// The text with everything in its place.
    pub(crate) fn apply(mut self, text: &str) -> String {
        // What is put between two parts comes before the second. An outer part starts no later and
        // ends no earlier than an inner one; the sort is stable.
        self.wraps
            .sort_by_key(|Wrap { part, .. }| (part.start, !part.is_empty(), Reverse(part.end)));
        self.deleted.sort_by_key(|part| part.start);
        let mut out = String::with_capacity(2 * text.len());
        let mut open: Vec<&Wrap> = Vec::new();
        let mut wraps = self.wraps.iter().peekable();
        let mut deleted = self.deleted.iter().peekable();
        let mut at = 0;
        loop {
            while open.last().is_some_and(|wrap| wrap.part.end == at) {
                out.push_str(&open.pop().expect("there is a last one").after);
            }
            while let Some(wrap) = wraps.next_if(|wrap| wrap.part.start == at) {
                out.push_str(&wrap.before);
                if wrap.part.end == at {
                    out.push_str(&wrap.after);
                } else {
                    open.push(wrap);
                }
            }
            if let Some(part) = deleted.next_if(|part| part.start == at) {
                at = part.end;
                continue;
            }
            if at == text.len() {
                return out;
            }
            let next = [
                open.last().map(|wrap| wrap.part.end),
                wraps.peek().map(|wrap| wrap.part.start),
                deleted.peek().map(|part| part.start),
            ]
            .into_iter()
            .flatten()
            .fold(text.len(), usize::min);
            out.push_str(&text[at..next]);
            at = next;
        }
    }
}
