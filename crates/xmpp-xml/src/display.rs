//! Elements as text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::chars::is_space;
use crate::walk::{Visit, Walk};
use crate::{Element, ElementRef, Writer};

impl fmt::Display for ElementRef<'_> {
    /// Writes it as a document of its own; with `{:#}` for people to read, a
    /// line an element, where its meaning allows white space to be added.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if f.alternate() { pretty(*self) } else { plain(*self) };
        f.write_str(&text)
    }
}

impl fmt::Display for Element {
    /// As [`ElementRef`] does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

fn plain(element: ElementRef<'_>) -> String {
    written(|w| {
        w.element(element);
    })
}

fn pretty(root: ElementRef<'_>) -> String {
    written(|w| {
        // Whether white space means something in each open element.
        let mut mixed: Vec<bool> = Vec::new();
        for visit in Walk::new(root) {
            match visit {
                Visit::Start(element) => {
                    if mixed.last() == Some(&false) {
                        line(w, mixed.len());
                    }
                    if mixed.is_empty() {
                        w.start_like(element);
                    } else {
                        w.start_like_within(element);
                    }
                    let blank = |text: &str| text.bytes().all(is_space);
                    mixed.push(
                        element.children().next().is_none()
                            || element.texts().any(|text| !blank(&text.value())),
                    );
                }
                Visit::Text(text) => {
                    if mixed.last() == Some(&true) {
                        w.node(crate::Node::Text(text));
                    }
                }
                Visit::End(_) => {
                    if mixed.pop() == Some(false) {
                        line(w, mixed.len());
                    }
                    w.end();
                }
            }
        }
    })
}

fn line(w: &mut Writer<'_>, depth: usize) {
    w.text("\n");
    for _ in 0..depth {
        w.text("  ");
    }
}

fn written(write: impl FnOnce(&mut Writer<'_>)) -> String {
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    write(&mut w);
    // What has been read can be written.
    let written = w.finish();
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8(out).unwrap_or_default()
}
