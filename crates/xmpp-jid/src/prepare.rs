//! What is done to each part, and what is asked of it: RFC 7622 §3.2 to §3.4.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::error::{Error, Part, Rule, Violation};
use crate::idna::{self, Form};
use crate::ip;
use crate::precis::rules::Rules;
use crate::scan::{self, Ascii};
use crate::sink::Sink;

/// RFC 7622 §3.1.
const MAX_PART_BYTES: usize = 1023;

/// No mapping makes a string shorter than a quarter (U+FF35 U+0308 U+0304, 7
/// bytes, become the 2 of U+01D6; nothing does better), so a longer part stays
/// too long and need not be looked at.
const MAX_UNMAPPED_BYTES: usize = 4 * MAX_PART_BYTES;

/// Whether a part is valid and in canonical form as it stands; false also
/// where that takes a closer look, which is what [`write`] is for.
#[inline]
pub(crate) fn is_canonical(part: Part, text: &str) -> Result<bool, Error> {
    match look(part, text) {
        Ascii::Canonical => return Ok(true),
        Ascii::Uppercase => return Ok(false),
        Ascii::Unknown => {}
    }
    match part {
        _ if text.is_empty() || text.len() > MAX_PART_BYTES => Ok(false),
        Part::Local => Rules::LOCALPART.is_enforced(text),
        Part::Resource => Rules::OPAQUE_STRING.is_enforced(text),
        Part::Domain | Part::Jid if text.starts_with('[') => Ok(ip::is_canonical(text)),
        Part::Domain | Part::Jid => Ok(idna::is_canonical(text)),
    }
    .map_err(|violation| violation.of(part))
}

fn look(part: Part, text: &str) -> Ascii {
    match part {
        _ if !text.is_ascii() => Ascii::Unknown,
        Part::Local => scan::localpart(text),
        Part::Resource => scan::resourcepart(text),
        Part::Domain | Part::Jid => scan::domainpart(text),
    }
}

/// Writes the canonical form of a part to `out`.
pub(crate) fn write(part: Part, text: &str, out: &mut impl Sink) -> Result<(), Error> {
    match look(part, text) {
        Ascii::Canonical => {
            out.push_str(text);
            return Ok(());
        }
        Ascii::Uppercase => {
            out.push_lowercase(text);
            return Ok(());
        }
        Ascii::Unknown => {}
    }
    let start = out.len();
    let done = match part {
        _ if text.is_empty() => Err(Violation::new(Rule::Empty, 0)),
        _ if text.len() > MAX_UNMAPPED_BYTES => Err(Violation::new(Rule::TooLong, 0)),
        Part::Local => Rules::LOCALPART.write(text, out),
        Part::Resource => Rules::OPAQUE_STRING.write(text, out),
        Part::Domain | Part::Jid => domain(text, out),
    };
    done.and_then(|()| {
        if out.len() - start > MAX_PART_BYTES {
            Err(Violation::new(Rule::TooLong, 0))
        } else {
            Ok(())
        }
    })
    .map_err(|violation| violation.of(part))
}

/// A part of its own in canonical form.
pub(crate) fn part(part: Part, text: &str) -> Result<Cow<'_, str>, Error> {
    if is_canonical(part, text)? {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::new();
    write(part, text, &mut out)?;
    Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
}

/// RFC 7622 §3.2: an address in brackets, or a name. An IPv4 address is written
/// like a name, and like no other name.
fn domain(text: &str, out: &mut impl Sink) -> Result<(), Violation> {
    if text.starts_with('[') {
        return ip::literal(text)
            .map(|literal| literal.write(out))
            .ok_or_else(|| Violation::new(Rule::IpLiteral, 0));
    }
    // "such a character MUST be stripped before any other canonicalization
    // steps are taken"
    let name = text.strip_suffix(idna::is_separator).unwrap_or(text);
    if name.is_empty() {
        return Err(Violation::new(Rule::Empty, 0));
    }
    idna::enforce(name, Form::Mapped, out)
}
