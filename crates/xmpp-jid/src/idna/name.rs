//! A whole domain name: its labels, its length and its directions.

use super::label::{self, Label};
use crate::error::{Rule, Violation};
use crate::precis::bidi;
use crate::sink::Sink;

/// The longest name in the form the DNS sees, without a dot at its end: 255
/// bytes on the wire, less the first length and the root (RFC 1035 §2.3.4).
const MAX_NAME_BYTES: usize = 253;

/// How a name is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it stands: RFC 5891.
    Strict,
    /// Mapped first: RFC 5895.
    Mapped,
}

/// Whether `name`, without a dot at its end, is valid and in canonical form as
/// it stands. False also where that takes a closer look.
#[inline]
pub(crate) fn is_canonical(name: &str) -> bool {
    let mut total = Total::default();
    for label in name.split('.') {
        let Some(label) = label::canonical(label) else { return false };
        total.add(label);
    }
    total.ascii_len <= MAX_NAME_BYTES
        && !(total.rtl && name.split('.').any(|label| bidi::broken_at(label).is_some()))
}

/// Writes the canonical form of `name`, which has no dot at its end, to `out`.
pub(crate) fn enforce(name: &str, form: Form, out: &mut impl Sink) -> Result<(), Violation> {
    let is_dot = |c: char| if form == Form::Mapped { is_separator(c) } else { c == '.' };
    let start = out.len();
    let mut total = Total::default();
    for label in name.split(is_dot) {
        if out.len() > start {
            out.push('.');
        }
        let at = offset(name, label);
        total.add(
            label::enforce(label, form == Form::Mapped, out)
                .map_err(|violation| violation.shifted(at))?,
        );
    }
    if total.ascii_len > MAX_NAME_BYTES {
        return Err(Violation::new(Rule::TooLong, 0));
    }
    if total.rtl {
        // RFC 5893 §2: one right-to-left label makes all labels subject to the rule.
        for (label, original) in out.since(start).split('.').zip(name.split(is_dot)) {
            if let Some((at, c)) = bidi::broken_at(label) {
                let violation = Violation::by(Rule::Bidi, at, c);
                let found = label::in_original(violation, label, original, form == Form::Mapped);
                return Err(found.shifted(offset(name, original)));
            }
        }
    }
    Ok(())
}

/// The dots of RFC 5895: all that mapping makes a full stop of.
pub(crate) const fn is_separator(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

#[derive(Default)]
struct Total {
    rtl: bool,
    labels: usize,
    ascii_len: usize,
}

impl Total {
    fn add(&mut self, label: Label) {
        self.rtl |= label.rtl;
        self.ascii_len += label.ascii_len + usize::from(self.labels > 0);
        self.labels += 1;
    }
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}
