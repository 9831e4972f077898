//! BER to DER, as far as CMS needs it.
//!
//! RFC 5652 lets everything but the signed and authenticated attributes be BER,
//! and programs that stream write indefinite lengths and strings in pieces.
//! Here such an object becomes one with definite lengths and whole strings, in
//! one walk with a bounded stack; what is DER already is not copied.

use std::borrow::Cow;

use super::{Malformed, OCTET_STRING, SEQUENCE, explicit, put_length};

/// More levels than any structure of CMS, X.509 names included, has.
const MAX_DEPTH: usize = 32;

/// A constructed element that is still open.
struct Open {
    /// Where it ends, if its length is definite.
    end: Option<usize>,
    /// Where its contents begin in the output.
    start: usize,
    tag: u8,
    /// Its parts are pieces of one string.
    string: bool,
    /// The tag of the part that was read last.
    last: u8,
}

/// `ber` with definite lengths and primitive strings.
///
/// # Errors
///
/// If an element reaches past its parent, lacks its end, or lies more than
/// 32 levels deep.
pub(crate) fn to_der(ber: &[u8]) -> Result<Cow<'_, [u8]>, Malformed> {
    // What is no BER either is for its reader to say.
    if is_der(ber).unwrap_or(true) { Ok(Cow::Borrowed(ber)) } else { convert(ber).map(Cow::Owned) }
}

/// Whether all lengths are definite and as short as can be, and no string is in
/// pieces; nothing if an element reaches past its parent or lies too deep. BER may
/// begin anywhere: a program that streams the content alone leaves the lengths
/// around it definite.
fn is_der(ber: &[u8]) -> Option<bool> {
    // Where the elements that are open end, and the tag last read in each.
    let mut open = [(0, 0); MAX_DEPTH];
    open[0] = (ber.len(), 0);
    let (mut depth, mut at) = (0, 0);
    loop {
        let (end, last) = open[depth];
        if at == end {
            if depth == 0 {
                return Some(true);
            }
            depth -= 1;
            continue;
        }
        let head = header(&ber[..end], at).ok()?;
        let Some(contents_end) = head.end else { return Some(false) };
        let length = contents_end - head.start;
        let shortest = match head.start - at {
            2 => true,
            3 => length >= 0x80,
            octets => length >> (8 * (octets - 3)) != 0,
        };
        if !shortest || (head.constructed && is_in_pieces(ber, &head, last)) {
            return Some(false);
        }
        open[depth].1 = head.tag;
        if head.constructed {
            depth += 1;
            *open.get_mut(depth)? = (contents_end, 0);
            at = head.start;
        } else {
            at = contents_end;
        }
    }
}

/// A constructed OCTET STRING, or the implicitly tagged one of
/// EncryptedContentInfo, which alone follows an AlgorithmIdentifier and whose
/// pieces are OCTET STRINGs.
fn is_in_pieces(ber: &[u8], head: &Head, last: u8) -> bool {
    head.tag == 0x20 | OCTET_STRING
        || (head.tag == explicit(0)
            && last == SEQUENCE
            && ber.get(head.start).is_some_and(|&tag| tag & !0x20 == OCTET_STRING))
}

fn convert(ber: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(ber.len());
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    loop {
        while let Some(top) = open.last() {
            let ends = match top.end {
                Some(end) => at == end,
                None => {
                    let ends = ber[at..].starts_with(&[0, 0]);
                    at += if ends { 2 } else { 0 };
                    ends
                }
            };
            if !ends {
                break;
            }
            let (tag, start) = (top.tag, top.start);
            open.pop();
            close(&mut out, tag, start);
        }
        if open.is_empty() && at > 0 {
            return if at == ber.len() {
                Ok(out)
            } else {
                Err(Malformed { offset: at, expected: "the end of the object" })
            };
        }
        let limit = open.iter().rev().find_map(|o| o.end).unwrap_or(ber.len());
        let head = header(&ber[..limit], at)?;
        if !head.constructed {
            let value = &ber[head.start..head.end.unwrap_or(head.start)];
            if open.last().is_some_and(|o| o.string) {
                if head.tag != OCTET_STRING {
                    return Err(Malformed { offset: at, expected: "a piece of an OCTET STRING" });
                }
            } else {
                out.push(head.tag);
                put_length(&mut out, value.len());
            }
            out.extend_from_slice(value);
            at = head.start + value.len();
            if let Some(parent) = open.last_mut() {
                parent.last = head.tag;
            }
            continue;
        }
        if open.len() == MAX_DEPTH {
            return Err(Malformed { offset: at, expected: "at most 32 levels of elements" });
        }
        let inside_string = open.last().is_some_and(|o| o.string);
        let string = is_in_pieces(ber, &head, open.last().map_or(0, |o| o.last));
        if inside_string && !string {
            return Err(Malformed { offset: at, expected: "a piece of an OCTET STRING" });
        }
        if !inside_string {
            out.push(if string { head.tag & !0x20 } else { head.tag });
        }
        if let Some(parent) = open.last_mut() {
            parent.last = head.tag;
        }
        // Pieces within pieces add to the same string: no header of their own.
        let tag = if inside_string { 0 } else { head.tag };
        open.push(Open { end: head.end, start: out.len(), tag, string, last: 0 });
        at = head.start;
    }
}

/// Puts the length before the contents that have now all been written.
fn close(out: &mut Vec<u8>, tag: u8, start: usize) {
    if tag == 0 {
        return;
    }
    let mut length = Vec::with_capacity(9);
    put_length(&mut length, out.len() - start);
    out.splice(start..start, length);
}

struct Head {
    tag: u8,
    constructed: bool,
    /// Of the contents.
    start: usize,
    /// Of the contents, if the length is definite.
    end: Option<usize>,
}

fn header(ber: &[u8], at: usize) -> Result<Head, Malformed> {
    let malformed = Malformed { offset: at, expected: "a BER element within its parent" };
    let (&tag, rest) = ber.get(at..).and_then(<[u8]>::split_first).ok_or(malformed)?;
    if tag & 0x1f == 0x1f || tag == 0 {
        return Err(Malformed { offset: at, expected: "a tag below 31" });
    }
    let (&first, rest) = rest.split_first().ok_or(malformed)?;
    let constructed = tag & 0x20 != 0;
    let (length, octets) = match first {
        0x80 if constructed => {
            return Ok(Head { tag, constructed, start: at + 2, end: None });
        }
        0..0x80 => (usize::from(first), 0),
        0x81..=0x84 => {
            let octets = usize::from(first & 0x7f);
            let length = rest.get(..octets).ok_or(malformed)?;
            (length.iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet)), octets)
        }
        _ => return Err(Malformed { offset: at + 1, expected: "a length of at most 4 octets" }),
    };
    let start = at + 2 + octets;
    let end = start.checked_add(length).filter(|&end| end <= ber.len()).ok_or(malformed)?;
    Ok(Head { tag, constructed, start, end: Some(end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(ber: &[u8]) -> Result<Vec<u8>, usize> {
        to_der(ber).map(Cow::into_owned).map_err(|e| e.offset)
    }

    #[test]
    fn definite_lengths_are_not_copied() {
        assert!(matches!(to_der(&[0x30, 0x02, 0x05, 0x00]), Ok(Cow::Borrowed(_))));
    }

    /// X.690, 10.1: the length in the fewest octets that hold it. What has it is left where
    /// it is; what has more octets becomes the same.
    #[test]
    fn the_fewest_octets_that_hold_a_length() {
        let with = |length: &[u8], contents: usize| {
            [&[OCTET_STRING], length, &vec![7; contents][..]].concat()
        };
        for (contents, least, more) in [
            (0, &[0x00][..], &[0x81, 0x00][..]),
            (0x7f, &[0x7f], &[0x81, 0x7f]),
            (0x80, &[0x81, 0x80], &[0x82, 0x00, 0x80]),
            (0xff, &[0x81, 0xff], &[0x82, 0x00, 0xff]),
            (0x100, &[0x82, 0x01, 0x00], &[0x83, 0x00, 0x01, 0x00]),
            (0xffff, &[0x82, 0xff, 0xff], &[0x83, 0x00, 0xff, 0xff]),
            (0x1_0000, &[0x83, 0x01, 0x00, 0x00], &[0x84, 0x00, 0x01, 0x00, 0x00]),
            (0xff_ffff, &[0x83, 0xff, 0xff, 0xff], &[0x84, 0x00, 0xff, 0xff, 0xff]),
            (0x100_0000, &[0x84, 0x01, 0x00, 0x00, 0x00], &[0x84, 0x01, 0x00, 0x00, 0x00]),
        ] {
            let (least, more) = (with(least, contents), with(more, contents));
            assert!(matches!(to_der(&least), Ok(Cow::Borrowed(_))), "{contents}");
            assert_eq!(to_der(&more).as_deref(), Ok(&least[..]), "{contents}");
        }
        let five = with(&[0x85, 0x00, 0x00, 0x00, 0x00, 0x01], 1);
        assert!(header(&five, 0).is_err_and(|error| error.offset == 1));
    }

    #[test]
    fn indefinite_lengths_become_definite() {
        let ber = [0x30, 0x80, 0x02, 0x01, 0x05, 0x31, 0x80, 0x00, 0x00, 0x00, 0x00];
        assert_eq!(converted(&ber), Ok(vec![0x30, 0x05, 0x02, 0x01, 0x05, 0x31, 0x00]));
    }

    #[test]
    fn strings_in_pieces_are_joined() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x24, 0x03, 0x04, 0x01, b'b', 0x00, 0x00,
            0x00, 0x00,
        ];
        assert_eq!(converted(&ber), Ok(vec![0x30, 0x04, 0x04, 0x02, b'a', b'b']));
        let implicit = [
            0x30, 0x80, 0x30, 0x00, 0xa0, 0x80, 0x04, 0x01, b'a', 0x04, 0x01, b'b', 0x00, 0x00,
            0x00, 0x00,
        ];
        assert_eq!(converted(&implicit), Ok(vec![0x30, 0x06, 0x30, 0x00, 0x80, 0x02, b'a', b'b']));
        // [0] EXPLICIT around one OCTET STRING is another thing.
        let explicit = [0x30, 0x80, 0x06, 0x01, 1, 0xa0, 0x80, 0x04, 0x01, b'a', 0, 0, 0, 0];
        assert_eq!(
            converted(&explicit),
            Ok(vec![0x30, 0x08, 0x06, 0x01, 1, 0xa0, 0x03, 0x04, 0x01, b'a'])
        );
    }

    /// A definite length outside says nothing of what is inside.
    #[test]
    fn ber_begins_anywhere() {
        let inside = [0x30, 0x06, 0x30, 0x80, 0x05, 0x00, 0x00, 0x00];
        assert_eq!(converted(&inside), Ok(vec![0x30, 0x04, 0x30, 0x02, 0x05, 0x00]));
        let pieces = [0x30, 0x08, 0x24, 0x06, 0x04, 0x01, b'a', 0x04, 0x01, b'b'];
        assert_eq!(converted(&pieces), Ok(vec![0x30, 0x04, 0x04, 0x02, b'a', b'b']));
        let long = [0x30, 0x82, 0x00, 0x02, 0x05, 0x00];
        assert_eq!(converted(&long), Ok(vec![0x30, 0x02, 0x05, 0x00]));
        let deep = [0x30, 0x02].repeat(40);
        assert!(matches!(to_der(&deep), Ok(Cow::Borrowed(_))), "for its reader to refuse");
    }

    #[test]
    fn nothing_reaches_past_its_parent_or_its_depth() {
        assert_eq!(converted(&[0x30, 0x80, 0x30, 0x02, 0x04, 0x01, 0x00, 0x00]), Err(4));
        assert_eq!(converted(&[0x30, 0x80]), Err(2));
        assert_eq!(converted(&[0x30, 0x80, 0x00, 0x00, 0x00]), Err(4));
        assert_eq!(converted(&[0x30, 0x80].repeat(33)), Err(64));
        assert_eq!(converted(&[0x30, 0x80, 0x24, 0x80, 0x02, 0x01, 0x00]), Err(4));
    }
}
