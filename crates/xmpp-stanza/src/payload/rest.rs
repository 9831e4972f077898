//! What a payload has beyond what its type defines.

use alloc::vec::Vec;
use core::fmt;

use xmpp_xml::{Attr, Element, ElementRef, Node};

use super::own::IntoOwned;
use super::shape::{FieldKind, Shape};

/// What an element has beyond what its type defines: unknown attributes and
/// children, and where they lie between the known ones.
///
/// It is empty, and costs nothing, if the element holds what its type defines
/// in the order in which it would be written. Else it refers to the element as
/// it was read, and writing the payload follows it: what is unknown is written
/// again in its place, what is known from the fields.
///
/// Two are equal if they have the same unknown attributes and children.
#[derive(Clone, Default)]
pub struct Rest<'a>(Option<Kept<'a>>);

#[derive(Clone)]
struct Kept<'a> {
    source: Source<'a>,
    shape: &'static Shape,
    /// The children that are defined and were passed over all the same, by
    /// their place among all children.
    passed: Vec<u32>,
}

#[derive(Clone)]
enum Source<'a> {
    Borrowed(ElementRef<'a>),
    Shared(Element),
}

impl<'a> Rest<'a> {
    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    pub(super) const fn of(
        source: ElementRef<'a>,
        shape: &'static Shape,
        passed: Vec<u32>,
    ) -> Self {
        Self(Some(Kept { source: Source::Borrowed(source), shape, passed }))
    }

    pub(super) fn passed(&self) -> &[u32] {
        self.0.as_ref().map_or(&[], |kept| &kept.passed)
    }

    /// The element as it was read, if it has anything unknown or out of order.
    #[must_use]
    pub fn source(&self) -> Option<ElementRef<'_>> {
        self.0.as_ref().map(|kept| match &kept.source {
            Source::Borrowed(element) => *element,
            Source::Shared(element) => element.as_ref(),
        })
    }

    /// The attributes that the type does not define.
    pub fn attrs(&self) -> impl Iterator<Item = Attr<'_>> {
        self.with_shape().into_iter().flat_map(|(source, shape)| {
            source.attrs().filter(move |attr| !is_known_attr(shape, *attr))
        })
    }

    /// The child elements that the type does not define.
    pub fn children(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.with_shape().into_iter().flat_map(|(source, shape)| {
            source.children().filter(move |child| known_child(shape, *child).is_none())
        })
    }

    /// Whether there is nothing unknown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attrs().next().is_none() && self.children().next().is_none()
    }

    fn with_shape(&self) -> Option<(ElementRef<'_>, &'static Shape)> {
        Some((self.source()?, self.0.as_ref()?.shape))
    }
}

pub(super) fn is_known_attr(shape: &Shape, attr: Attr<'_>) -> bool {
    shape.fields().iter().any(|field| match *field.kind() {
        FieldKind::Attr { ns, name, .. } => attr.is(ns, name),
        _ => false,
    })
}

/// The field that a child element belongs to.
pub(super) fn known_child(shape: &Shape, child: ElementRef<'_>) -> Option<usize> {
    let fields = shape.fields();
    let place = fields.iter().position(|field| field.kind().takes(child));
    place.or_else(|| fields.iter().position(|field| matches!(field.kind(), FieldKind::Any)))
}

/// Whether a piece of an element's content is white space.
pub(super) fn is_space(node: Node<'_>) -> bool {
    match node {
        Node::Text(text) => {
            text.raw().bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        }
        Node::Element(_) => false,
    }
}

impl IntoOwned for Rest<'_> {
    type Owned = Rest<'static>;

    fn into_owned(self) -> Rest<'static> {
        Rest(self.0.map(|Kept { source, shape, passed }| {
            let element = match source {
                Source::Borrowed(element) => element.into_shared(),
                Source::Shared(element) => element,
            };
            // Not detached: payloads within each other would each copy what the inner
            // ones hold as well.
            Kept { source: Source::Shared(element), shape, passed }
        }))
    }
}

impl PartialEq<Rest<'_>> for Rest<'_> {
    fn eq(&self, other: &Rest<'_>) -> bool {
        let count = self.attrs().count();
        count == other.attrs().count()
            && self.attrs().all(|a| {
                other
                    .attrs()
                    .any(|b| a.name() == b.name() && a.ns() == b.ns() && a.value() == b.value())
            })
            && self.children().eq(other.children())
    }
}

impl fmt::Debug for Rest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values can be somebody's secret.
        f.debug_list().entries(self.attrs()).entries(self.children()).finish()
    }
}
