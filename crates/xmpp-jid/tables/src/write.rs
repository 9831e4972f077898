//! Lays the properties out as source text.

use std::collections::HashMap;
use std::fmt::{Display, Write};

use crate::derive::{lower, record, width};

const LAST: u32 = 0x10_FFFF;

pub fn tables() -> String {
    let mut distinct = Vec::new();
    let mut number = HashMap::new();
    let leaves: Vec<u8> = (0..=LAST)
        .map(|cp| {
            let record = record(cp);
            let next = number.len();
            let id = *number.entry(record).or_insert_with(|| {
                distinct.push(record);
                next
            });
            u8::try_from(id).expect("at most 256 different records")
        })
        .collect();
    let trie = smallest(&leaves);
    let (version, ..) = unicode_normalization::UNICODE_VERSION;
    let lower = lower_ranges();
    let width = width_ranges();
    let bytes = trie.bytes() + distinct.len() * 4 + lower.len() * 12 + width.len() * 12;
    let mut out = String::new();
    writeln!(
        out,
        "//! Made by the program in `tables/`, which says from what; do not edit.\n\
         //!\n\
         //! {} records, {bytes} bytes in all.\n\n\
         /// The Unicode version of the tables.\n\
         pub(crate) const UNICODE_VERSION: u8 = {version};\n",
        distinct.len()
    )
    .expect("a string takes all");
    constant(&mut out, "HIGH_SHIFT", "u32", trie.high_shift);
    constant(&mut out, "LOW_SHIFT", "u32", trie.low_shift);
    list(
        &mut out,
        "Middle block of `(code point - 0x10000) >> HIGH_SHIFT`.",
        "HIGH",
        "u8",
        &trie.high,
    );
    list(
        &mut out,
        "Leaf block of `code point >> LOW_SHIFT` for the BMP, then of a middle block's entry.",
        "MIDDLE",
        trie.middle_type(),
        &trie.middle,
    );
    list(&mut out, "Number of the record of a leaf block's entry.", "LEAVES", "u8", &trie.leaves);
    let hex: Vec<String> = distinct.iter().map(|record| format!("{record:#x}")).collect();
    list(&mut out, "The records; `properties.rs` reads their bits.", "RECORDS", "u32", &hex);
    let kind = "(u32, u32, i32)";
    list(
        &mut out,
        "First, last, and what to add: the lowercase of those that have one and are as even\n\
         /// or odd as the first, if the range is marked by the sign bit of its first.",
        "LOWER",
        kind,
        &lower,
    );
    list(
        &mut out,
        "First, last, and what to add, of fullwidth and halfwidth forms.",
        "WIDTH",
        kind,
        &width,
    );
    out
}

/// A trie of three levels, and of two for the BMP; equal blocks are stored once.
struct Trie {
    high_shift: u32,
    low_shift: u32,
    high: Vec<usize>,
    middle: Vec<usize>,
    leaves: Vec<u8>,
}

impl Trie {
    fn of(all: &[u8], low_shift: u32, high_shift: u32) -> Self {
        let (middle_full, leaves) = blocks(all, 1 << low_shift);
        let (bmp, astral) = middle_full.split_at(0x1_0000 >> low_shift);
        let (high, after) = blocks(astral, 1 << (high_shift - low_shift));
        let middle = [bmp, &after].concat();
        Self { high_shift, low_shift, high, middle, leaves }
    }

    fn middle_type(&self) -> &'static str {
        if self.middle.iter().all(|&block| block < 256) { "u8" } else { "u16" }
    }

    fn bytes(&self) -> usize {
        let width = if self.middle_type() == "u8" { 1 } else { 2 };
        self.high.len() + self.middle.len() * width + self.leaves.len()
    }
}

/// The number of each block, and the different blocks in a row.
fn blocks<T: Clone + std::hash::Hash + Eq>(all: &[T], size: usize) -> (Vec<usize>, Vec<T>) {
    let mut seen: HashMap<&[T], usize> = HashMap::new();
    let mut row = Vec::new();
    let numbers = all
        .chunks(size)
        .map(|block| {
            let next = seen.len();
            *seen.entry(block).or_insert_with(|| {
                row.extend_from_slice(block);
                next
            })
        })
        .collect();
    (numbers, row)
}

fn smallest(all: &[u8]) -> Trie {
    (4..=8)
        .flat_map(|low| (low + 3..=low + 7).map(move |high| (low, high)))
        .map(|(low, high)| Trie::of(all, low, high))
        .filter(|trie| trie.high.iter().all(|&block| block < 256))
        .min_by_key(Trie::bytes)
        .expect("there are candidates")
}

/// Runs with the same difference, of neighbours or of every second code point
/// (marked by bit 31 of the first). U+0130, whose lowercase is two code
/// points, is left to the crate.
fn lower_ranges() -> Vec<String> {
    let mapped: Vec<(u32, i32)> = (0..=LAST)
        .filter_map(char::from_u32)
        .filter(|&c| c != '\u{130}')
        .filter_map(|c| {
            let lower = lower(c);
            let mut chars = lower.chars();
            let first = chars.next().expect("nothing maps to nothing");
            assert!(chars.next().is_none(), "{c:?} has a lowercase of more than one code point");
            (first != c).then_some((c as u32, first as i32 - c as i32))
        })
        .collect();
    let mut ranges: Vec<(u32, u32, i32, u32)> = Vec::new();
    for (cp, add) in mapped {
        if let Some((first, last, with, step)) = ranges.last_mut()
            && *with == add
            && matches!(cp - *last, 1 | 2)
            && (*first == *last || cp - *last == *step)
        {
            *step = cp - *last;
            *last = cp;
            continue;
        }
        ranges.push((cp, cp, add, 1));
    }
    ranges
        .iter()
        .map(|&(first, last, add, step)| {
            let marked = if step == 2 { first | 1 << 31 } else { first };
            format!("({marked:#x}, {last:#x}, {add})")
        })
        .collect()
}

fn width_ranges() -> Vec<String> {
    let mut ranges: Vec<(u32, u32, i32)> = Vec::new();
    for c in (0..=LAST).filter_map(char::from_u32) {
        let (cp, add) = (c as u32, width(c) as i32 - c as i32);
        match ranges.last_mut() {
            _ if add == 0 => {}
            Some((_, last, with)) if *with == add && *last + 1 == cp => *last = cp,
            _ => ranges.push((cp, cp, add)),
        }
    }
    ranges.iter().map(|&(first, last, add)| format!("({first:#x}, {last:#x}, {add})")).collect()
}

fn constant(out: &mut String, name: &str, kind: &str, value: impl Display) {
    writeln!(out, "pub(crate) const {name}: {kind} = {value};").expect("a string takes all");
}

fn list<T: Display>(out: &mut String, about: &str, name: &str, kind: &str, items: &[T]) {
    writeln!(
        out,
        "\n/// {about}\n#[rustfmt::skip]\npub(crate) static {name}: [{kind}; {}] = [",
        items.len()
    )
    .expect("a string takes all");
    let mut line = String::from("   ");
    for item in items {
        let item = format!(" {item},");
        if line.len() + item.len() > 100 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("   ");
        }
        line.push_str(&item);
    }
    out.push_str(&line);
    out.push_str("\n];\n");
}
