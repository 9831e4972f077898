//! What a payload is made of, as a table.

use xmpp_xml::{ElementRef, Ns};

/// What the elements of a type are made of: the table that reading, writing,
/// showing and testing them is driven by.
///
/// `#[derive(Payload)]` makes one for each type;
/// [`Payload::SHAPE`](crate::Payload::SHAPE) is where it is found.
#[derive(Debug)]
pub struct Shape {
    ns: Ns<'static>,
    name: &'static str,
    section: &'static str,
    content: Content,
    keeps: bool,
}

#[derive(Debug)]
enum Content {
    /// Read and written by hand.
    Opaque,
    Fields(&'static [Field]),
    Choice(&'static [fn() -> &'static Shape]),
}

impl Shape {
    /// An element with these fields; `section` says where it is defined, as in
    /// `XEP-0203, 4`.
    #[must_use]
    pub const fn new(
        ns: Ns<'static>,
        name: &'static str,
        section: &'static str,
        fields: &'static [Field],
    ) -> Self {
        Self { ns, name, section, content: Content::Fields(fields), keeps: false }
    }

    /// An element that is read and written by hand.
    #[must_use]
    pub const fn opaque(ns: Ns<'static>, name: &'static str) -> Self {
        Self { ns, name, section: "", content: Content::Opaque, keeps: false }
    }

    /// One of several elements. `ns` is the namespace of its own names, and
    /// `name` is that of the first of them.
    #[must_use]
    pub const fn choice(
        ns: Ns<'static>,
        name: &'static str,
        section: &'static str,
        shapes: &'static [fn() -> &'static Self],
    ) -> Self {
        Self { ns, name, section, content: Content::Choice(shapes), keeps: false }
    }

    /// Marks the shape of a type that has a [`Rest`](crate::Rest).
    #[must_use]
    pub const fn with_rest(mut self) -> Self {
        self.keeps = true;
        self
    }

    /// Whether the type keeps what it does not define.
    #[must_use]
    pub const fn keeps_rest(&self) -> bool {
        self.keeps
    }

    /// The namespace of the element.
    #[must_use]
    pub const fn ns(&self) -> Ns<'static> {
        self.ns
    }

    /// The local name of the element.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where the element is defined, as in `XEP-0203, 4`.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.section
    }

    /// The fields, in the order in which they are written; none of a choice.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        match self.content {
            Content::Fields(fields) => fields,
            Content::Opaque | Content::Choice(_) => &[],
        }
    }

    /// The shapes that there is a choice of; empty if there is none.
    pub fn choices(&self) -> impl ExactSizeIterator<Item = &'static Self> + use<> {
        let shapes = match self.content {
            Content::Choice(shapes) => shapes,
            Content::Opaque | Content::Fields(_) => &[],
        };
        shapes.iter().map(|shape| shape())
    }

    /// Whether the element is read and written by hand, so that the table says
    /// no more than its name.
    #[must_use]
    pub const fn is_opaque(&self) -> bool {
        matches!(self.content, Content::Opaque)
    }

    /// Whether the element is of this shape, by its name and namespace.
    #[must_use]
    pub fn matches(&self, element: ElementRef<'_>) -> bool {
        self.of(element).is_some()
    }

    /// The shape of the element: this one, or the one of a choice.
    #[must_use]
    pub fn of(&self, element: ElementRef<'_>) -> Option<&Self> {
        match self.content {
            Content::Choice(shapes) => {
                // A choice within a choice is the nesting of types, not of input.
                shapes.iter().find_map(|shape| shape().of(element))
            }
            _ => element.is(self.ns, self.name).then_some(self),
        }
    }
}

/// A part of an element: a field of the type.
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    kind: FieldKind,
    cardinality: Cardinality,
}

impl Field {
    /// The field of that name in the Rust type.
    #[must_use]
    pub const fn new(name: &'static str, kind: FieldKind, cardinality: Cardinality) -> Self {
        Self { name, kind, cardinality }
    }

    /// Its name in the Rust type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it is in the element.
    #[must_use]
    pub const fn kind(&self) -> &FieldKind {
        &self.kind
    }

    /// How often it may be there.
    #[must_use]
    pub const fn cardinality(&self) -> Cardinality {
        self.cardinality
    }
}

/// What a field is in the element.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum FieldKind {
    /// An attribute.
    Attr {
        /// Its namespace; mostly none.
        ns: Ns<'static>,
        /// Its local name.
        name: &'static str,
        /// What its value is.
        value: ValueKind,
    },
    /// The element's own character data.
    Text {
        /// What it is.
        value: ValueKind,
    },
    /// A child element with character data alone.
    Leaf {
        /// Its namespace.
        ns: Ns<'static>,
        /// Its local name.
        name: &'static str,
        /// What its character data is.
        value: ValueKind,
    },
    /// A child element that says something by being there.
    Flag {
        /// Its namespace.
        ns: Ns<'static>,
        /// Its local name.
        name: &'static str,
    },
    /// A child element of a shape of its own, or one of several.
    Child {
        /// That shape.
        shape: fn() -> &'static Shape,
    },
    /// Child elements that no other field is for.
    Any,
}

impl FieldKind {
    /// Whether this field is for the child element.
    #[must_use]
    pub fn takes(&self, child: ElementRef<'_>) -> bool {
        match *self {
            Self::Leaf { ns, name, .. } | Self::Flag { ns, name } => child.is(ns, name),
            Self::Child { shape } => shape().matches(child),
            Self::Attr { .. } | Self::Text { .. } | Self::Any => false,
        }
    }

    /// Whether it is something between the tags.
    #[must_use]
    pub const fn is_content(&self) -> bool {
        !matches!(self, Self::Attr { .. })
    }
}

/// How often a field may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "these are the field types that there are")]
pub enum Cardinality {
    /// Once: a `T`.
    One,
    /// Once or not at all: an `Option<T>`, a `bool` that is a flag, or a value
    /// with a default.
    Optional,
    /// As often as one likes: a `Vec<T>`.
    Many,
}

/// What a value is, as text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Any text.
    Text,
    /// An RFC 5646 language tag.
    Language,
    /// An address (RFC 7622).
    Jid,
    /// A moment (XEP-0082, 3.2).
    DateTime,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// A whole number in this range.
    Integer(i64, u64),
    /// A number with a fraction.
    Decimal,
    /// Base 64 (RFC 4648, section 4).
    Base64,
    /// Pairs of hexadecimal digits.
    Hex,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these words, or another text.
    OpenWords(&'static [&'static str]),
    /// Another text with a syntax of its own, such as this one.
    Other(&'static str),
}
