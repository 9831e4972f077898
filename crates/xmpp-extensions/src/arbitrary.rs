//! Elements by their tables, out of arbitrary bytes: for fuzzing and property
//! tests, of this crate and of any other that reads XMPP.

use alloc::string::String;
use alloc::vec::Vec;

use arbitrary::{Result, Unstructured};
use xmpp_stanza::payload::{Cardinality, FieldKind, Shape, ValueKind};
use xmpp_stanza::xml::Writer;

/// How many elements are nested at most.
const DEPTH: u32 = 8;

/// An element of that shape as a document, mostly as the shape has it: some
/// values are wrong, some fields missing, repeated or out of order, and some of
/// what is in it is unknown.
///
/// # Errors
///
/// If the bytes do not suffice.
pub fn element(shape: &Shape, u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    write(shape, u, &mut w, DEPTH)?;
    // Names and characters are well-formed.
    let _ = w.finish();
    Ok(xml)
}

/// Whether a value of that shape keeps everything in its element that is not
/// defined, and so do all within it: it is then written as it was read, whatever
/// it was.
#[must_use]
pub fn keeps_all(shape: &Shape) -> bool {
    fn within(shape: &Shape, depth: u32) -> bool {
        let mut choices = shape.choices().peekable();
        if choices.peek().is_some() {
            return choices.all(|shape| within(shape, depth));
        }
        shape.keeps_rest()
            && shape.fields().iter().all(|field| match field.kind() {
                FieldKind::Child { shape } if depth > 0 => within(shape(), depth - 1),
                _ => true,
            })
    }
    within(shape, DEPTH)
}

fn write(shape: &Shape, u: &mut Unstructured<'_>, w: &mut Writer<'_>, depth: u32) -> Result<()> {
    let choices: Vec<_> = shape.choices().collect();
    if let Some(last) = choices.len().checked_sub(1) {
        let chosen = choices.get(u.int_in_range(0..=last)?);
        return chosen.map_or(Ok(()), |chosen| write(chosen, u, w, depth));
    }
    w.start(shape.ns(), shape.name());
    let mut order: Vec<usize> = Vec::new();
    for (n, field) in shape.fields().iter().enumerate() {
        match *field.kind() {
            FieldKind::Attr { ns, name, value } => {
                if field.cardinality() == Cardinality::One || one_of(2, u)? {
                    w.attr_ns(ns, name, &text(value, u)?);
                }
            }
            _ => {
                let often = match field.cardinality() {
                    _ if one_of(32, u)? => 2,
                    Cardinality::One => 1,
                    Cardinality::Optional => u.int_in_range(0..=1)?,
                    Cardinality::Many => u.int_in_range(0..=3)?,
                };
                order.extend(core::iter::repeat_n(n, often));
            }
        }
    }
    if one_of(8, u)? {
        w.attr("unknown", "1");
    }
    if one_of(8, u)? {
        w.attr_ns("urn:example:unknown".into(), "unknown", "2");
    }
    if order.len() > 1 && one_of(4, u)? {
        let (a, b) = (u.choose_index(order.len())?, u.choose_index(order.len())?);
        order.swap(a, b);
    }
    for n in order {
        if one_of(32, u)? {
            w.start("urn:example:unknown".into(), "unknown").text("?").end();
        }
        let Some(field) = shape.fields().get(n) else { continue };
        match *field.kind() {
            FieldKind::Text { value } => _ = w.text(&text(value, u)?),
            FieldKind::Leaf { ns, name, value } => {
                w.start(ns, name).text(&text(value, u)?).end();
            }
            FieldKind::Flag { ns, name } => _ = w.start(ns, name).end(),
            FieldKind::Child { shape } if depth > 0 => write(shape(), u, w, depth - 1)?,
            FieldKind::Any => {
                w.start("urn:example:other".into(), "other").attr("a", "b").end();
            }
            _ => {}
        }
    }
    w.end();
    Ok(())
}

/// Once in so many times; not at all when there are no bytes left, so that the
/// element is not larger than the bytes are worth.
fn one_of(times: u8, u: &mut Unstructured<'_>) -> Result<bool> {
    if u.is_empty() { Ok(false) } else { u.ratio(1, times) }
}

/// A value of that kind, mostly a good one.
fn text(kind: ValueKind, u: &mut Unstructured<'_>) -> Result<String> {
    const WRONG: &str = "\u{2028}wrong";
    if one_of(16, u)? {
        return Ok(WRONG.into());
    }
    let good: &[&str] = match kind {
        ValueKind::Text => &["text", "", "fish & chips", "\u{1F339}", "]]>"],
        ValueKind::Language => &["en", "de-CH-1996", ""],
        ValueKind::Jid => &["a@example", "example", "A@Example/X y", "a@example/b"],
        ValueKind::DateTime => {
            &["2002-09-10T23:08:25Z", "2002-09-10T23:08:25.120+02:00", "0000-01-01T00:00:00Z"]
        }
        ValueKind::Boolean => &["true", "false", "1", "0", " true "],
        ValueKind::Decimal => &["0", "1.5", "-7.25", "1e3", "+2", "007"],
        ValueKind::Base64 => &["", "AAEC", "AA==", "AA EC"],
        ValueKind::Hex => &["", "00ff", "00FF"],
        ValueKind::Words(words) | ValueKind::OpenWords(words) => words,
        ValueKind::Other(example) => return Ok(example.into()),
        ValueKind::Integer(low, high) => {
            return Ok(match u.int_in_range(0..=4_u8)? {
                0 => alloc::format!("{low}"),
                1 => alloc::format!("{high}"),
                2 => "+1".into(),
                3 => " 01".into(),
                _ => "1".into(),
            });
        }
        _ => &["?"],
    };
    if good.is_empty() {
        return Ok(WRONG.into());
    }
    u.choose(good).map(|text| String::from(*text))
}
