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
            Ok(())
        }
        Ascii::Uppercase => {
            out.push_lowercase(text);
            Ok(())
        }
        Ascii::Unknown => by_rules(part, text, out),
    }
}

/// Prepares a part by the rules of its profile, without the short cuts for ASCII.
fn by_rules(part: Part, text: &str, out: &mut impl Sink) -> Result<(), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jid::Jid;
    use crate::jid_ref::Spans;
    use crate::scan::Scanned;

    /// All strings of up to four of these, where short cuts and rules could
    /// disagree.
    fn each(mut check: impl FnMut(&str)) {
        const PIECES: [&str; 11] = ["a", "Z", "0", "-", ".", "@", "/", " ", "'", "_", "["];
        let mut all = alloc::vec![String::new()];
        for _ in 0..4 {
            let longer =
                all.iter().flat_map(|text| PIECES.iter().map(|piece| text.clone() + piece));
            all = longer.collect();
            all.iter().for_each(|text| check(text));
        }
    }

    /// The localpart, all before the resourcepart, and the resourcepart: RFC 7622
    /// §3.2, once more and as plainly as can be.
    fn cut(text: &str) -> (Option<&str>, &str, Option<&str>) {
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(resource)),
            None => (text, None),
        };
        (bare.split_once('@').map(|(local, _)| local), bare, resource)
    }

    /// The address, each part prepared by the rules alone.
    fn by_parts(text: &str) -> Option<String> {
        let (local, bare, resource) = cut(text);
        let mut jid = String::new();
        if let Some(local) = local {
            jid += &by_rules_alone(Part::Local, local).ok()?;
            jid.push('@');
        }
        let domain = local.map_or(bare, |local| &bare[local.len() + 1..]);
        jid += &by_rules_alone(Part::Domain, domain).ok()?;
        if let Some(resource) = resource {
            jid.push('/');
            jid += &by_rules_alone(Part::Resource, resource).ok()?;
        }
        Some(jid)
    }

    /// What needs no preparation costs no copy.
    #[test]
    fn canonical_parts_are_known_without_writing_them() {
        for (part, text) in [
            (Part::Local, "juliet"),
            (Part::Local, "žofie"),
            (Part::Domain, "example.com"),
            (Part::Domain, "bücher.example"),
            (Part::Domain, "127.0.0.1"),
            (Part::Domain, "[2001:db8::1]"),
            (Part::Domain, "[fe80::1%25eth0]"),
            (Part::Resource, "Balcony"),
            (Part::Resource, "🚀 ž"),
        ] {
            assert_eq!(is_canonical(part, text), Ok(true), "{text}");
            assert_eq!(by_rules_alone(part, text).as_deref(), Ok(text));
        }
        for (part, text) in [
            (Part::Local, "Juliet"),
            (Part::Local, "Žofie"),
            (Part::Domain, "Example.com"),
            (Part::Domain, "example.com."),
            (Part::Domain, "xn--bcher-kva.example"),
            (Part::Domain, "[2001:DB8::1]"),
            (Part::Domain, "[2001:db8::0:1]"),
            (Part::Domain, "[::1"),
            (Part::Domain, ""),
            (Part::Resource, "a\u{3000}b"),
        ] {
            assert_eq!(is_canonical(part, text), Ok(false), "{text}");
        }
    }

    fn by_rules_alone(part: Part, text: &str) -> Result<String, Error> {
        let mut out = String::new();
        by_rules(part, text, &mut out).map(|()| out)
    }

    #[test]
    fn short_cuts_for_parts_lead_where_the_rules_lead() {
        each(|text| {
            // Around the sixteen bytes of a block, and as the last of a mask.
            for pad in ["", "aaaaaaaaaaaaa", &"a".repeat(59)] {
                let text = alloc::format!("{pad}{text}");
                for of in [Part::Local, Part::Domain, Part::Resource] {
                    let ruled = by_rules_alone(of, &text);
                    assert_eq!(part(of, &text).map(Cow::into_owned), ruled, "{of} {text}");
                    if is_canonical(of, &text) == Ok(true) {
                        assert_eq!(ruled.as_deref(), Ok(&*text));
                    }
                    // They are taken wherever there is nothing to do but lowercase.
                    let taken = match look(of, &text) {
                        Ascii::Canonical => Some(text.clone()),
                        Ascii::Uppercase => Some(text.to_ascii_lowercase()),
                        Ascii::Unknown => None,
                    };
                    let plain = ruled.ok().filter(|ruled| ruled.len() == text.len());
                    assert_eq!(taken, plain, "{of} {text}");
                }
            }
        });
    }

    /// Each ASCII character, wherever it stands in a block of sixteen bytes, and
    /// beyond what fits in a mask.
    #[test]
    fn short_cuts_know_each_character_at_each_place() {
        for c in (0..128).map(char::from) {
            for (before, after) in
                (0..20).flat_map(|n| [(n, 0), (n, 1), (n, 19)]).chain([(62, 0), (63, 1), (64, 3)])
            {
                let text = alloc::format!("{}{c}{}", "a".repeat(before), "b".repeat(after));
                for of in [Part::Local, Part::Domain, Part::Resource] {
                    let ruled = by_rules_alone(of, &text);
                    assert_eq!(part(of, &text).map(Cow::into_owned), ruled, "{of} {text:?}");
                }
                for text in [alloc::format!("{text}@b"), alloc::format!("b/{text}"), text] {
                    let jid = Jid::new(&text).map(String::from);
                    assert_eq!(jid.ok(), by_parts(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn short_cuts_for_addresses_lead_where_the_rules_lead() {
        each(|text| {
            for pad in
                ["", "bbbbbbbbbbbb", &"b".repeat(58), &("b".repeat(40) + ".bbbbbbbbbbbbbbbbbbb")]
            {
                let text = alloc::format!("{pad}{text}");
                let (local, bare, resource) = cut(&text);
                let ruled = by_parts(&text);
                // They are taken wherever there is nothing to do but lowercase.
                let plain = bare.to_ascii_lowercase() + &text[bare.len()..];
                let known = bare.len() < 63 || text.len() == 63;
                let at = local.map_or(0, str::len);
                let spans = Spans { at: at as u16, bare_len: bare.len() as u16 };
                let has_uppercase = plain != text;
                let expected = match &ruled {
                    _ if !known => Scanned::Unknown,
                    Some(ruled) if *ruled == plain => Scanned::Valid { spans, has_uppercase },
                    _ => {
                        Scanned::Split { at: local.map_or(text.len(), str::len), slash: bare.len() }
                    }
                };
                assert_eq!(scan::scan(&text), expected, "{text}");
                let jid = Jid::new(&text).ok();
                assert_eq!(jid.as_ref().map(Jid::as_str), ruled.as_deref(), "{text}");
                if let Some(jid) = jid {
                    assert_eq!(jid.localpart().is_some(), local.is_some());
                    assert_eq!(jid.resourcepart().map(|part| part.as_str()), resource);
                }
            }
        });
    }
}
