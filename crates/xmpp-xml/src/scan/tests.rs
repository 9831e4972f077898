//! What stops a search, wherever it stands and however it is looked for.

use super::*;
use alloc::vec::Vec;

/// Marks by each way that this processor has to find them.
fn each_level() -> Vec<Marks> {
    let best = Marks::new();
    #[allow(unused_mut, reason = "elsewhere there are two")]
    let mut levels = alloc::vec![best.level, Level::baseline()];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    levels.extend(best.level.as_sse4_2().map(|sse| sse.level()));
    levels.into_iter().map(|level| Marks { level, ..Marks::new() }).collect()
}

fn stops(find: impl Fn(&mut Marks, &[u8], usize) -> usize) -> Vec<u8> {
    (0..=255u8)
        .filter(|&byte| {
            let mut text = [b'a'; 90];
            text[66] = byte;
            let mut marks = Marks::new();
            marks.enter(0, text.len());
            let at = find(&mut marks, &text, 3);
            assert!(at == 66 || at == 90, "{byte} at {at}");
            marks.enter(0, 68);
            let short = find(&mut marks, &text[..68], 65);
            assert_eq!(short == 66, at == 66);
            at == 66
        })
        .collect()
}

#[test]
fn each_question_stops_at_its_bytes() {
    let name = stops(|marks, text, from| marks.name_end(text, from));
    let name_byte = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    assert_eq!(name, (0..=255).filter(|&b| !name_byte(b)).collect::<Vec<u8>>());
    let value = stops(|marks, text, from| marks.value_stop(text, from));
    let value_byte = |b: u8| b < 0x20 || b"'\"<&\xef".contains(&b);
    assert_eq!(value, (0..=255).filter(|&b| value_byte(b)).collect::<Vec<u8>>());
    let text = stops(|marks, text, from| marks.text_stop(text, from));
    let text_byte = |b: u8| (b < 0x20 && b != 9 && b != 10) || b"<>&\xef".contains(&b);
    assert_eq!(text, (0..=255).filter(|&b| text_byte(b)).collect::<Vec<u8>>());
}

#[test]
fn vectors_and_the_table_agree() {
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for mut marks in each_level() {
        for _ in 0..200 {
            let block: [u8; 64] = core::array::from_fn(|_| random());
            marks.enter(0, 64);
            marks.release();
            let at = marks.at(&block, 0);
            let found = [marks.name(at), marks.value(at), look(&marks.masks().text, at)];
            assert_eq!(found, portable::masks(&block));
            let first = portable::masks(&block)[2].trailing_zeros() as usize;
            assert_eq!(first_stop(marks.level, &block), first);
        }
        // Each byte by itself, among others that matter nowhere.
        for byte in 0..=255u8 {
            for place in [0, 1, 31, 32, 63] {
                let mut block = [b'a'; 64];
                block[place] = byte;
                marks.release();
                let at = marks.at(&block, 0);
                let found = [marks.name(at), marks.value(at), look(&marks.masks().text, at)];
                assert_eq!(found, portable::masks(&block), "{byte} {:?}", marks.level);
            }
        }
    }
}

#[test]
fn each_place_is_found_from_each_before_it() {
    let length = if cfg!(miri) { 70 } else { 200 };
    for mut marks in each_level() {
        for stop in (0..length).chain(LAST - 2..LAST + 200) {
            let mut text = alloc::vec![b'a'; stop + 1 + length];
            text[stop] = b'<';
            for from in [0, 1, 7, 8, 60, 63, 64, 65, 150] {
                let expected = if from <= stop { stop } else { text.len() };
                // What stands before it is of no concern.
                let mut text = text.clone();
                text[..from].fill(b'<');
                marks.release();
                // As long as it is not known, and when it is.
                for _ in 0..2 {
                    marks.enter(5, text.len());
                    assert_eq!(marks.text_stop(&text, from), expected.max(from));
                    assert_eq!(marks.name_end(&text, from), expected.max(from));
                    assert_eq!(marks.value_stop(&text, from), expected.max(from));
                }
            }
        }
    }
}

#[test]
fn what_is_known_is_not_looked_at_again() {
    let text = [b'a'; 3000];
    let mut marks = Marks::new();
    marks.enter(100, text.len());
    assert_eq!((marks.held_bytes(), marks.at(&text, 50).0, marks.at(&text, 60).0), (0, 0, 10));
    assert_eq!(marks.held_bytes(), size_of::<Masks>());
    // The same text without its beginning; a look takes in so much.
    marks.enter(110, text.len() - 10);
    assert_eq!((marks.at(&text[10..], 50).0, marks.at(&text[10..], 40 + LAST).0), (10, LAST));
    assert_eq!(marks.at(&text[10..], 41 + LAST).0, 0);
    assert_eq!(marks.at(&text[10..], 40 + LAST).0, 0);
    // Before what is known, and when there is more of the text.
    assert_eq!((marks.at(&text[10..], 39).0, marks.at(&text[10..], 41).0), (0, 2));
    marks.enter(110, text.len() - 11);
    assert_eq!(marks.at(&text[10..], 41).0, 0);
    marks.release();
    assert_eq!((marks.held_bytes(), marks.at(&text[10..], 42).0), (0, 0));
    // Hardly more of it, or so much more that looking ahead is worth it.
    for (more, drips) in [(0, false), (1, true), (SHORT, true), (SHORT + 1, false)] {
        marks.enter(0, 100);
        marks.enter(0, 100 + more);
        assert_eq!(marks.is_dripping(), drips, "{more}");
    }
    // A short rest is looked at byte by byte.
    for (rest, held) in [(SHORT - 1, 0), (SHORT, size_of::<Masks>())] {
        for find in [Marks::name_end, Marks::value_stop] {
            marks.release();
            assert_eq!(find(&mut marks, &text, text.len() - rest), text.len());
            assert_eq!(marks.held_bytes(), held);
        }
    }
}

#[test]
fn the_end_of_the_text_stops_every_search() {
    for length in 0..if cfg!(miri) { 70 } else { 1200 } {
        let text = alloc::vec![b'a'; length];
        let mut marks = Marks::new();
        marks.enter(0, length);
        for from in 0..=length {
            assert_eq!(marks.text_stop(&text, from), length);
            assert_eq!(marks.name_end(&text, from), length);
            assert_eq!(marks.value_stop(&text, from), length);
        }
    }
}

#[test]
fn what_is_known_moves_along_with_the_text() {
    let text = b"<a b='c'/><d/>".repeat(100);
    let mut marks = Marks::new();
    for start in (0..text.len()).step_by(7) {
        let rest = &text[start..];
        marks.enter(start, rest.len());
        let end = rest.iter().position(|&b| CLASSES[usize::from(b)] & NAME != 0);
        assert_eq!(marks.name_end(rest, 0), end.unwrap_or(rest.len()));
    }
}
