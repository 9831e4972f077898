//! Walking over an element and all in it without recursion, and comparing.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::nodes::Text;
use crate::tape::View;
use crate::{ElementRef, Node};

/// A step of a walk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Visit<'a> {
    Start(ElementRef<'a>),
    Text(Text<'a>),
    End(ElementRef<'a>),
}

/// All in an element, itself included, in document order.
#[derive(Clone)]
pub(crate) struct Walk<'a> {
    view: View<'a>,
    at: usize,
    /// The elements that the walk is in.
    open: Vec<usize>,
    root: Option<ElementRef<'a>>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(root: ElementRef<'a>) -> Self {
        Self { view: root.view, at: root.content(), open: Vec::new(), root: Some(root) }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Visit<'a>;

    fn next(&mut self) -> Option<Visit<'a>> {
        if let Some(root) = self.root.take() {
            self.open.push(root.place);
            return Some(Visit::Start(root));
        }
        let innermost = ElementRef::new(self.view, *self.open.last()?);
        if self.at >= innermost.next() {
            self.open.pop();
            return Some(Visit::End(innermost));
        }
        Some(match self.view.node(self.at)? {
            Node::Element(element) => {
                self.at = element.content();
                self.open.push(element.place);
                Visit::Start(element)
            }
            Node::Text(text) => {
                self.at = self.view.skip(self.at);
                Visit::Text(text)
            }
        })
    }
}

impl PartialEq<ElementRef<'_>> for ElementRef<'_> {
    fn eq(&self, other: &ElementRef<'_>) -> bool {
        let (mut ours, mut theirs) = (Whole::new(*self), Whole::new(*other));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(Part::Start(a)), Some(Part::Start(b))) if same_tag(a, b) => {}
                (Some(Part::Text(a)), Some(Part::Text(b))) if a == b => {}
                (Some(Part::End), Some(Part::End)) => {}
                _ => return false,
            }
        }
    }
}

impl Eq for ElementRef<'_> {}

fn same_tag(a: ElementRef<'_>, b: ElementRef<'_>) -> bool {
    a.name() == b.name()
        && a.ns() == b.ns()
        && a.attrs().count() == b.attrs().count()
        && a.attrs().all(|attr| {
            b.attrs().any(|other| {
                attr.name() == other.name()
                    && attr.ns() == other.ns()
                    && attr.value() == other.value()
            })
        })
}

/// A walk in which adjacent pieces of character data are one.
struct Whole<'a> {
    walk: Walk<'a>,
    ahead: Option<Visit<'a>>,
}

enum Part<'a> {
    Start(ElementRef<'a>),
    Text(Cow<'a, str>),
    End,
}

impl<'a> Whole<'a> {
    fn new(root: ElementRef<'a>) -> Self {
        Self { walk: Walk::new(root), ahead: None }
    }
}

impl<'a> Iterator for Whole<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let mut text = match self.ahead.take().or_else(|| self.walk.next())? {
            Visit::Start(element) => return Some(Part::Start(element)),
            Visit::End(_) => return Some(Part::End),
            Visit::Text(text) => text.value(),
        };
        loop {
            match self.walk.next() {
                Some(Visit::Text(more)) => text.to_mut().push_str(&more.value()),
                other => {
                    self.ahead = other;
                    return Some(Part::Text(text));
                }
            }
        }
    }
}
