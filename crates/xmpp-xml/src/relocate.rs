//! Giving an element a text and a tape of its own.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::tape::{self, CDATA, ELEMENT, FIRST_PLACE, SIDE, TEXT};
use crate::{Element, ElementRef};

/// A copy of `element` in two allocations.
pub(crate) fn shared(element: ElementRef<'_>) -> Element {
    if element.word(tape::START) == 0 { outermost(element) } else { inner(element) }
}

/// The element that its tape is of: offsets stay as they are, and so do all
/// places, if what stands before it (of the stream's header) is copied too.
fn outermost(element: ElementRef<'_>) -> Element {
    let view = element.view;
    let tape = view.tape.get(..element.next()).unwrap_or_default();
    let side = view.side.as_bytes();
    let packed = side.chunks(4).map(|bytes| {
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        u32::from_ne_bytes(word)
    });
    Element::from_parts(
        Arc::from(element.source()),
        tape.iter().copied().chain(packed).collect(),
        tape.len(),
        side.len(),
        element.place,
    )
}

/// An element within another one: moved to the beginning of a new text and
/// tape, with what it inherits before it.
fn inner(element: ElementRef<'_>) -> Element {
    let view = element.view;
    let range = element.place..element.next();
    // Where what it refers to but does not hold stands now.
    let mut inherited: Vec<u32> = Vec::new();
    let outside = |place: u32| place != 0 && (place as usize) < range.start;
    let mut at = range.start;
    while at < range.end {
        let meta = view.word(at, 0);
        if matches!(tape::kind(meta), TEXT | CDATA) {
            at += tape::TEXT_WORDS;
            continue;
        }
        let namespace = view.word(at, tape::NAMESPACE);
        let mut refer = |place: u32| {
            if outside(place) && !inherited.contains(&place) {
                inherited.push(place);
            }
        };
        if namespace >= FIRST_PLACE {
            refer(namespace - FIRST_PLACE);
        }
        if tape::kind(meta) == ELEMENT {
            refer(view.word(at, tape::LANGUAGE));
            at += tape::ELEMENT_WORDS;
        } else {
            at += tape::ATTR_WORDS;
        }
    }

    let first = 1 + inherited.len() * tape::ATTR_WORDS;
    let moved = |place: u32| -> u32 {
        if place == 0 {
            return 0;
        }
        match inherited.iter().position(|&other| other == place) {
            Some(i) => (1 + i * tape::ATTR_WORDS) as u32,
            None => place - range.start as u32 + first as u32,
        }
    };
    let base = element.word(tape::START);
    let mut side: Vec<u8> = Vec::new();
    let mut words: Vec<u32> = Vec::with_capacity(first + range.len());
    words.push(0);
    let beside = |side: &mut Vec<u8>, part: &str| {
        let at = side.len() as u32;
        side.extend_from_slice(part.as_bytes());
        at
    };
    for &place in &inherited {
        let place = place as usize;
        let value = view.raw_value(place);
        let at = beside(&mut side, value);
        words.extend_from_slice(&[
            tape::URI | SIDE | (view.word(place, 0) & tape::DIRTY),
            0,
            0,
            at,
            value.len() as u32,
        ]);
    }
    let mut at = range.start;
    while at < range.end {
        let meta = view.word(at, 0);
        match tape::kind(meta) {
            ELEMENT => {
                words.extend_from_slice(&[
                    meta,
                    view.word(at, tape::START) - base,
                    namespace(view.word(at, tape::NAMESPACE), moved),
                    moved(view.word(at, tape::LANGUAGE)),
                    moved(view.word(at, tape::NEXT)),
                    view.word(at, tape::END) - base,
                    moved(view.word(at, tape::CONTENT)),
                ]);
                at += tape::ELEMENT_WORDS;
            }
            TEXT | CDATA => {
                words.extend_from_slice(&[meta, view.word(at, 1) - base, view.word(at, 2)]);
                at += tape::TEXT_WORDS;
            }
            _ => {
                let in_side = meta & SIDE != 0;
                let value = if in_side {
                    beside(&mut side, view.raw_value(at))
                } else {
                    view.word(at, tape::VALUE) - base
                };
                words.extend_from_slice(&[
                    meta,
                    view.word(at, tape::NAME).saturating_sub(base),
                    namespace(view.word(at, tape::NAMESPACE), moved),
                    value,
                    view.word(at, tape::LENGTH),
                ]);
                at += tape::ATTR_WORDS;
            }
        }
    }
    let len = words.len();
    words.extend(side.chunks(4).map(|bytes| {
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        u32::from_ne_bytes(word)
    }));
    Element::from_parts(Arc::from(element.source()), words.into(), len, side.len(), first)
}

fn namespace(namespace: u32, moved: impl Fn(u32) -> u32) -> u32 {
    match namespace.checked_sub(FIRST_PLACE) {
        Some(place) => FIRST_PLACE + moved(place),
        None => namespace,
    }
}
