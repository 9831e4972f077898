//! Which languages have been seen: RFC 6121 §5.2.4 wants no two subjects of one.

use alloc::vec::Vec;

/// Languages, compared as RFC 5646 §2.1.1 has it, without regard to case.
#[derive(Default)]
pub(super) struct Languages<'a> {
    /// Most stanzas have one.
    first: Option<Option<&'a str>>,
    more: Vec<Option<&'a str>>,
}

impl<'a> Languages<'a> {
    /// Whether that language (`None` is none in particular) is the first of its
    /// kind.
    pub(super) fn is_new(&mut self, tag: Option<&'a str>) -> bool {
        let same = |seen: &Option<&str>| match (seen, tag) {
            (Some(seen), Some(tag)) => seen.eq_ignore_ascii_case(tag),
            (seen, tag) => seen.is_none() && tag.is_none(),
        };
        if self.first.as_ref().is_some_and(same) || self.more.iter().any(same) {
            return false;
        }
        match self.first {
            None => self.first = Some(tag),
            Some(_) => self.more.push(tag),
        }
        true
    }
}
