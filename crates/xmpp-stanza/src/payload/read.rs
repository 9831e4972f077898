//! Reading an element by its table. What `#[derive(Payload)]` makes calls
//! this; each function here exists once, not once a type.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_xml::{ElementRef, Node, Nodes};

use super::Payload;
use super::findings::{Finding, FindingKind, Findings};
use super::rest::{Rest, is_known_attr, is_space, known_child};
use super::shape::{Cardinality, Field, FieldKind, Shape};
use super::value::Value;
use crate::Invalid;
use crate::invalid::Rule;

/// Reads an element into the fields of a type: for the code that
/// `#[derive(Payload)]` makes.
#[derive(Debug)]
pub struct Reader<'a, 'f> {
    element: ElementRef<'a>,
    shape: &'static Shape,
    findings: &'f mut Findings,
    nodes: Nodes<'a>,
    /// Whether writing it again needs the element.
    keep: bool,
    /// The field of the last child.
    last: usize,
    /// Which of the first 64 fields have had a child.
    seen: u64,
    /// Whether the element's own character data is a field.
    has_text: bool,
    /// How many children have been looked at.
    looked_at: u32,
    /// Those that are defined and were passed over, by their place.
    passed: Vec<u32>,
}

impl<'a, 'f> Reader<'a, 'f> {
    /// Begins to read an element of that shape.
    ///
    /// # Errors
    ///
    /// If it is another element.
    pub fn new(
        shape: &'static Shape,
        element: ElementRef<'a>,
        findings: &'f mut Findings,
    ) -> Result<Self, Invalid> {
        if !shape.matches(element) {
            let rule = Rule::WrongElement;
            return Err(Invalid::new(shape.name(), rule, shape.section()).found(element.name()));
        }
        let has_text =
            shape.fields().iter().any(|field| matches!(field.kind(), FieldKind::Text { .. }));
        let nodes = element.nodes();
        let mut this = Self {
            element,
            shape,
            findings,
            nodes,
            keep: false,
            last: 0,
            seen: 0,
            has_text,
            looked_at: 0,
            passed: Vec::new(),
        };
        for attr in element.attrs() {
            if !is_known_attr(shape, attr) {
                this.note(FindingKind::UnknownAttribute, attr.name())?;
            }
        }
        Ok(this)
    }

    fn field(&self, field: usize) -> Option<&'static Field> {
        self.shape.fields().get(field)
    }

    fn note(&mut self, kind: FindingKind, name: &str) -> Result<(), Invalid> {
        self.keep = true;
        let shape = self.shape;
        self.findings.note(|| Finding::new(shape.name(), shape.section(), kind, name))
    }

    /// What is wrong with an attribute or the character data of a child.
    fn invalid(&self, field: usize, rule: Rule) -> Invalid {
        let invalid = Invalid::new(self.shape.name(), rule, self.shape.section());
        match self.field(field).map(Field::kind) {
            Some(FieldKind::Attr { name, .. }) => invalid.in_attribute(name),
            Some(FieldKind::Leaf { name, .. }) => Invalid::new(name, rule, self.shape.section()),
            _ => invalid,
        }
    }

    /// An attribute that has to be there.
    ///
    /// # Errors
    ///
    /// If it is not, or breaks its rules.
    pub fn attr<T: Value<'a>>(&mut self, field: usize) -> Result<T, Invalid> {
        match self.raw_attr(field) {
            None => Err(self.invalid(field, Rule::MissingAttribute)),
            Some(text) => self.value(field, text),
        }
    }

    /// An attribute that may be missing. One that breaks its rules counts as missing.
    ///
    /// # Errors
    ///
    /// If findings are refused.
    pub fn attr_opt<T: Value<'a>>(&mut self, field: usize) -> Result<Option<T>, Invalid> {
        match self.raw_attr(field) {
            None => Ok(None),
            Some(text) => self.value(field, text).map(Some).or_else(|bad| self.pass_over(bad)),
        }
    }

    /// An attribute that has a default. One that breaks its rules counts as missing.
    ///
    /// # Errors
    ///
    /// If findings are refused.
    pub fn attr_or_default<T: Value<'a> + Default>(&mut self, field: usize) -> Result<T, Invalid> {
        let Some(value) = self.attr_opt(field)? else { return Ok(T::default()) };
        // It would not be written, and is there.
        self.keep |= value == T::default();
        Ok(value)
    }

    /// An attribute that has to be there, but that peers leave out: it is its
    /// default then, and is noted.
    ///
    /// # Errors
    ///
    /// If findings are refused.
    pub fn attr_lenient<T: Value<'a> + Default>(&mut self, field: usize) -> Result<T, Invalid> {
        match self.attr(field) {
            Ok(value) => Ok(value),
            Err(bad) => self.pass_over(bad).map(Option::unwrap_or_default),
        }
    }

    /// The element's own character data.
    ///
    /// # Errors
    ///
    /// If it breaks its rules.
    pub fn text<T: Value<'a>>(&mut self, field: usize) -> Result<T, Invalid> {
        let text = self.element.text();
        self.value(field, text)
    }

    /// The element's own character data, if there is any.
    ///
    /// # Errors
    ///
    /// If findings are refused.
    pub fn text_opt<T: Value<'a>>(&mut self, field: usize) -> Result<Option<T>, Invalid> {
        let text = self.element.text();
        if trimmed(Cow::Borrowed(&text)).is_empty() {
            self.keep |= !text.is_empty();
            return Ok(None);
        }
        self.value(field, text).map(Some).or_else(|bad| self.pass_over(bad))
    }

    /// The next child element, and the field that it is for.
    ///
    /// # Errors
    ///
    /// If findings are refused.
    pub fn next_child(&mut self) -> Result<Option<(usize, ElementRef<'a>)>, Invalid> {
        loop {
            let child = match self.nodes.next() {
                None => return Ok(None),
                Some(Node::Element(child)) => child,
                Some(text) => {
                    if !self.has_text && !is_space(text) {
                        self.note(FindingKind::UnexpectedText, "")?;
                    }
                    // White space between children is of no account; where there
                    // are none, it is all that there is.
                    self.keep |= self.element.children().next().is_none();
                    continue;
                }
            };
            self.looked_at += 1;
            let Some(field) = known_child(self.shape, child) else {
                self.note(FindingKind::UnknownChild, child.name())?;
                continue;
            };
            let bit = 1_u64.checked_shl(u32::try_from(field).unwrap_or(64)).unwrap_or(0);
            let repeats = self.field(field).is_none_or(|f| f.cardinality() != Cardinality::Many);
            if repeats && self.seen & bit != 0 {
                self.passed.push(self.looked_at - 1);
                self.note(FindingKind::Repeated, child.name())?;
                continue;
            }
            self.seen |= bit;
            self.keep |= field < self.last || self.has_text;
            self.last = field;
            return Ok(Some((field, child)));
        }
    }

    /// Reads the character data of a child into a slot.
    ///
    /// # Errors
    ///
    /// If it breaks its rules and has to be there.
    pub fn leaf<T: Value<'a>>(
        &mut self,
        field: usize,
        child: ElementRef<'a>,
        slot: &mut impl Slot<T>,
    ) -> Result<(), Invalid> {
        self.bare(child)?;
        match self.value(field, child.text()) {
            Ok(value) => slot.put(value),
            Err(bad) => self.pass_over_unless_needed(field, bad)?,
        }
        Ok(())
    }

    /// A child that says something by being there.
    ///
    /// # Errors
    ///
    /// If findings are refused.
    pub fn flag(&mut self, child: ElementRef<'a>) -> Result<bool, Invalid> {
        self.bare(child)?;
        if child.texts().any(|text| !is_space(Node::Text(text))) {
            self.note(FindingKind::UnexpectedText, child.name())?;
        }
        Ok(true)
    }

    /// Reads a child of a type of its own into a slot.
    ///
    /// # Errors
    ///
    /// If it breaks its rules and has to be there.
    pub fn child<T: Payload<'a>>(
        &mut self,
        field: usize,
        child: ElementRef<'a>,
        slot: &mut impl Slot<T>,
    ) -> Result<(), Invalid> {
        match T::parse_noting(child, self.findings) {
            Ok(value) => slot.put(value),
            Err(bad) => self.pass_over_unless_needed(field, bad)?,
        }
        Ok(())
    }

    /// A child that has to be there.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn required<T>(&self, field: usize, slot: Option<T>) -> Result<T, Invalid> {
        slot.ok_or_else(|| {
            let name = match self.field(field).map(Field::kind) {
                Some(FieldKind::Leaf { name, .. }) => name,
                Some(FieldKind::Child { shape }) => shape().name(),
                _ => "",
            };
            Invalid::new(self.shape.name(), Rule::MissingChild(name), self.shape.section())
        })
    }

    /// What else the element holds. Comes last.
    #[must_use]
    pub fn rest(&mut self) -> Rest<'a> {
        if !self.keep {
            return Rest::none();
        }
        Rest::of(self.element, self.shape, core::mem::take(&mut self.passed))
    }

    fn raw_attr(&self, field: usize) -> Option<Cow<'a, str>> {
        match *self.field(field)?.kind() {
            FieldKind::Attr { ns, name, .. } if ns == xmpp_xml::ns::NONE => self.element.attr(name),
            FieldKind::Attr { ns, name, .. } => self.element.attr_ns(ns, name),
            _ => None,
        }
    }

    fn value<T: Value<'a>>(&mut self, field: usize, text: Cow<'a, str>) -> Result<T, Invalid> {
        if T::VERBATIM {
            return T::read(text).map_err(|rule| self.invalid(field, rule));
        }
        let raw = text.clone();
        let read = T::read(trimmed(text)).map_err(|rule| self.invalid(field, rule).found(&raw))?;
        // Written in another way than it would be here, `1` for `true`.
        read.write(&mut |canonical| self.keep |= canonical != raw);
        Ok(read)
    }

    /// Attributes and children of an element that has none.
    fn bare(&mut self, child: ElementRef<'a>) -> Result<(), Invalid> {
        if let Some(attr) = child.attrs().next() {
            self.note(FindingKind::UnknownAttribute, attr.name())?;
        }
        if let Some(inner) = child.children().next() {
            self.note(FindingKind::UnknownChild, inner.name())?;
        }
        Ok(())
    }

    fn pass_over<T>(&mut self, bad: Invalid) -> Result<Option<T>, Invalid> {
        self.note(FindingKind::Bad(bad), "")?;
        Ok(None)
    }

    fn pass_over_unless_needed(&mut self, field: usize, bad: Invalid) -> Result<(), Invalid> {
        match self.field(field).map(Field::cardinality) {
            Some(Cardinality::Optional | Cardinality::Many) => {
                self.passed.push(self.looked_at - 1);
                self.pass_over::<()>(bad).map(|_| ())
            }
            _ => Err(bad),
        }
    }
}

/// Where a child that was read goes to.
pub trait Slot<T> {
    /// Takes it.
    fn put(&mut self, value: T);
}

impl<T> Slot<T> for Option<T> {
    fn put(&mut self, value: T) {
        *self = Some(value);
    }
}

impl<T> Slot<T> for Vec<T> {
    fn put(&mut self, value: T) {
        self.push(value);
    }
}

/// Without the white space around it (XML Schema, part 2, section 4.3.6).
pub(super) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_space)),
        Cow::Owned(text) => {
            let inner = text.trim_matches(is_space);
            if inner.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(inner.into()) }
        }
    }
}

/// Reads an element that has nothing in it: for the code that
/// `#[derive(Payload)]` makes of an enum.
///
/// # Errors
///
/// If findings are refused.
pub fn read_empty(
    shape: &'static Shape,
    element: ElementRef<'_>,
    findings: &mut Findings,
) -> Result<(), Invalid> {
    let mut reader = Reader::new(shape, element, findings)?;
    while reader.next_child()?.is_some() {}
    Ok(())
}
