//! Writing an element by its table. What `#[derive(Payload)]` makes calls
//! this; each function here exists once, not once a type.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use xmpp_xml::{ElementRef, Node, Nodes, WriteXml, Writer};

use super::read::trimmed;
use super::rest::{Rest, is_known_attr, known_child};
use super::shape::{Field, FieldKind, Shape};
use super::value::Value;

/// Writes the fields of a type as an element: for the code that
/// `#[derive(Payload)]` makes.
///
/// Without a [`Rest`] the fields are written in the order of the table. With
/// one the element as it was read is followed: what the type does not define is
/// copied, and what it defines is written from the fields in the places where
/// it was; what is new comes last.
#[derive(Debug)]
pub struct Output<'w, 'o, 's> {
    w: &'w mut Writer<'o>,
    shape: &'static Shape,
    follow: Option<Follow<'s>>,
    /// The next field to be written as a whole.
    next: usize,
}

#[derive(Debug)]
struct Follow<'s> {
    source: ElementRef<'s>,
    nodes: Nodes<'s>,
    passed: &'s [u32],
    /// How many children have been looked at.
    looked_at: u32,
    /// How many values of each field are written.
    written: Vec<usize>,
    text: FollowedText,
}

/// What becomes of the character data that is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum FollowedText {
    /// It is the fields': not decided yet.
    Open,
    /// It still says what the field says: copied piece by piece.
    Same,
    /// Another text is written in its place.
    Written,
}

/// Where in an element that is written a field goes.
#[derive(Clone, Copy, Debug)]
pub struct Place<'s> {
    field: usize,
    at: At<'s>,
}

#[derive(Clone, Copy, Debug)]
enum At<'s> {
    /// In the place of a child, its next value.
    Child(ElementRef<'s>),
    /// In the place of the character data.
    Text,
    /// All that is left of it.
    Left,
}

impl Place<'_> {
    /// The field, by its number in the table.
    #[must_use]
    pub const fn field(self) -> usize {
        self.field
    }
}

impl<'w, 'o, 's> Output<'w, 'o, 's> {
    /// Begins the element.
    pub fn start(shape: &'static Shape, rest: Option<&'s Rest<'_>>, w: &'w mut Writer<'o>) -> Self {
        w.start(shape.ns(), shape.name());
        let follow = rest.and_then(|rest| Some((rest.source()?, rest.passed())));
        let follow = follow.map(|(source, passed)| {
            for attr in source.attrs().filter(|attr| !is_known_attr(shape, *attr)) {
                w.attr_ns(attr.ns().into(), attr.name(), &attr.value());
            }
            Follow {
                source,
                nodes: source.nodes(),
                passed,
                looked_at: 0,
                written: vec![0; shape.fields().len()],
                text: FollowedText::Open,
            }
        });
        Self { w, shape, follow, next: 0 }
    }

    fn kind(&self, field: usize) -> Option<&'static FieldKind> {
        self.shape.fields().get(field).map(Field::kind)
    }

    /// Writes an attribute, if there is a value.
    pub fn attr<'v, T: Value<'v>>(&mut self, field: usize, value: Option<&T>) {
        let Some(&FieldKind::Attr { ns, name, .. }) = self.kind(field) else { return };
        let raw = self.follow.as_ref().and_then(|follow| follow.source.attr_ns(ns, name));
        if let Some(raw) = raw
            && says::<T>(raw.clone(), value)
        {
            self.w.attr_ns(ns, name, &raw);
        } else if let Some(value) = value {
            value.write(&mut |text| {
                self.w.attr_ns(ns, name, text);
            });
        }
    }

    /// Writes an attribute that has a default, unless it has that value and
    /// was not there, or was a bad one, when it was read.
    pub fn attr_or_default<'v, T: Value<'v> + Default>(&mut self, field: usize, value: &T) {
        let Some(&FieldKind::Attr { ns, name, .. }) = self.kind(field) else { return };
        if *value != T::default() {
            return self.attr(field, Some(value));
        }
        match self.follow.as_ref().and_then(|follow| follow.source.attr_ns(ns, name)) {
            None => {}
            Some(bad) if says::<T>(bad.clone(), None) => _ = self.w.attr_ns(ns, name, &bad),
            Some(_) => self.attr(field, Some(value)),
        }
    }

    /// Writes an attribute that has to be there, unless it has its default and
    /// was not there, or was a bad one, when it was read.
    pub fn attr_lenient<'v, T: Value<'v> + Default>(&mut self, field: usize, value: &T) {
        let Some(&FieldKind::Attr { ns, name, .. }) = self.kind(field) else { return };
        if *value != T::default() {
            return self.attr(field, Some(value));
        }
        match self.follow.as_ref().map(|follow| follow.source.attr_ns(ns, name)) {
            Some(None) => {}
            Some(Some(bad)) if says::<T>(bad.clone(), None) => _ = self.w.attr_ns(ns, name, &bad),
            _ => self.attr(field, Some(value)),
        }
    }

    /// Where the next values between the tags go. `None`: all are written.
    pub fn next_place(&mut self) -> Option<Place<'s>> {
        if let Some(follow) = &mut self.follow {
            for node in follow.nodes.by_ref() {
                match node {
                    Node::Element(child) => {
                        follow.looked_at += 1;
                        let passed = follow.passed.binary_search(&(follow.looked_at - 1)).is_ok();
                        match known_child(self.shape, child).filter(|_| !passed) {
                            Some(field) => return Some(Place { field, at: At::Child(child) }),
                            None => self.w.node(node),
                        }
                    }
                    Node::Text(_) => match (follow.text, text_field(self.shape)) {
                        (FollowedText::Open, Some(field)) => {
                            return Some(Place { field, at: At::Text });
                        }
                        (FollowedText::Written, Some(_)) => {}
                        _ => self.w.node(node),
                    },
                }
            }
        }
        let fields = self.shape.fields();
        let left = fields.iter().skip(self.next).position(|field| field.kind().is_content())?;
        let field = self.next + left;
        self.next = field + 1;
        Some(Place { field, at: At::Left })
    }

    /// Writes the element's own character data.
    pub fn text<'v, T: Value<'v>>(&mut self, place: Place<'s>, value: Option<&T>) {
        let mut write = true;
        if let Some(follow) = &mut self.follow {
            match (place.at, follow.text) {
                (At::Text, _) if says::<T>(follow.source.text(), value) => {
                    follow.text = FollowedText::Same;
                    // The piece that this place is; the others follow.
                    write = false;
                }
                (At::Left, FollowedText::Same | FollowedText::Written) => write = false,
                _ => follow.text = FollowedText::Written,
            }
            if !write && matches!(place.at, At::Text) {
                let first = follow.source.nodes().find(|node| matches!(node, Node::Text(_)));
                if let Some(first) = first {
                    self.w.node(first);
                }
            }
        }
        if let Some(value) = value.filter(|_| write) {
            value.write(&mut |text| {
                self.w.text(text);
            });
        }
    }

    /// Writes children with character data alone.
    pub fn leaves<'v, T: Value<'v>>(&mut self, place: Place<'s>, values: &[T]) {
        let Some(&FieldKind::Leaf { ns, name, .. }) = self.kind(place.field) else { return };
        let from = self.turn(place, values.len());
        for value in values.get(from).unwrap_or_default() {
            if let At::Child(child) = place.at {
                if says::<T>(child.text(), Some(value)) {
                    self.w.element(child);
                    continue;
                }
                self.w.start(ns, name);
                for attr in child.attrs() {
                    self.w.attr_ns(attr.ns().into(), attr.name(), &attr.value());
                }
            } else {
                self.w.start(ns, name);
            }
            value.write(&mut |text| {
                self.w.text(text);
            });
            self.w.end();
        }
    }

    /// Writes a child that says something by being there.
    pub fn flag(&mut self, place: Place<'s>, is_set: bool) {
        let Some(&FieldKind::Flag { ns, name }) = self.kind(place.field) else { return };
        let turn = self.turn(place, usize::from(is_set));
        if turn.is_empty() {
            return;
        }
        match place.at {
            At::Child(child) => self.w.element(child),
            _ => self.w.start(ns, name).end(),
        };
    }

    /// Writes children of types of their own.
    pub fn children<T: WriteXml>(&mut self, place: Place<'s>, values: &[T]) {
        let turn = self.turn(place, values.len());
        for value in values.get(turn).unwrap_or_default() {
            self.w.write(value);
        }
    }

    /// Ends the element.
    pub fn end(self) {
        self.w.end();
    }

    /// Which of so many values of a field go into that place.
    fn turn(&mut self, place: Place<'s>, len: usize) -> core::ops::Range<usize> {
        let Some(written) =
            self.follow.as_mut().and_then(|follow| follow.written.get_mut(place.field))
        else {
            return 0..len;
        };
        let from = (*written).min(len);
        let to = match place.at {
            At::Left => len,
            _ => (from + 1).min(len),
        };
        *written = to;
        from..to
    }
}

/// Whether a text, as it was read, says what the field says: a bad one says
/// nothing.
fn says<'v, T: Value<'v>>(text: Cow<'_, str>, value: Option<&T>) -> bool {
    if value.is_none() && trimmed(Cow::Borrowed(&text)).is_empty() {
        return true;
    }
    let text = if T::VERBATIM { text } else { trimmed(text) };
    T::read(Cow::Owned(text.into_owned())).ok().as_ref() == value
}

fn text_field(shape: &Shape) -> Option<usize> {
    shape.fields().iter().position(|field| matches!(field.kind(), FieldKind::Text { .. }))
}
