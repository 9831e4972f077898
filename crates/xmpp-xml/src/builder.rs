//! Building elements.

use alloc::vec::Vec;
use core::fmt;

use crate::writer::State;
use crate::{Element, ElementRef, Limits, Ns, WriteError, WriteXml, Writer};

/// Builds an [`Element`] by writing it; see [`Element::builder`].
///
/// It is a [`Writer`] that owns what it writes: what holds there about
/// namespaces and errors holds here too.
///
/// ```
/// use xmpp_xml::{Element, ns};
///
/// let roster = Element::builder(ns::ROSTER, "query")
///     .open(ns::ROSTER, "item")
///     .attr("jid", "juliet@example.com")
///     .leaf(ns::ROSTER, "group", "Friends & family")
///     .close()
///     .build()?;
/// let item = roster.child(ns::ROSTER, "item").unwrap();
/// assert_eq!(item.child(ns::ROSTER, "group").unwrap().text(), "Friends & family");
/// # Ok::<(), xmpp_xml::WriteError>(())
/// ```
#[must_use]
pub struct Builder {
    out: Vec<u8>,
    state: State,
    /// Elements opened within the one that is built.
    depth: usize,
}

impl Builder {
    pub(crate) fn new(ns: Ns<'_>, name: &str) -> Self {
        Self { out: Vec::new(), state: State::document(), depth: 0 }.writing(|w| {
            w.start(ns, name);
        })
    }

    /// Adds an attribute in no namespace.
    pub fn attr(self, name: &str, value: &str) -> Self {
        self.writing(|w| {
            w.attr(name, value);
        })
    }

    /// Adds it if there is a value.
    pub fn attr_opt(self, name: &str, value: Option<&str>) -> Self {
        self.writing(|w| {
            w.attr_opt(name, value);
        })
    }

    /// Adds an attribute in a namespace.
    pub fn attr_ns(self, ns: Ns<'_>, name: &str, value: &str) -> Self {
        self.writing(|w| {
            w.attr_ns(ns, name, value);
        })
    }

    /// Sets `xml:lang`.
    pub fn lang(self, tag: &str) -> Self {
        self.writing(|w| {
            w.lang(tag);
        })
    }

    /// Adds character data.
    pub fn text(self, text: &str) -> Self {
        self.writing(|w| {
            w.text(text);
        })
    }

    /// Adds what the value writes.
    pub fn child(self, child: impl WriteXml) -> Self {
        self.writing(|w| {
            w.write(&child);
        })
    }

    /// Adds what each of the values writes.
    pub fn children(self, children: impl IntoIterator<Item: WriteXml>) -> Self {
        self.writing(|w| {
            for child in children {
                w.write(&child);
            }
        })
    }

    /// Adds a child element that holds character data and nothing else.
    pub fn leaf(self, ns: Ns<'_>, name: &str, text: &str) -> Self {
        self.writing(|w| {
            w.leaf(ns, name, text);
        })
    }

    /// Opens a child element, into which goes what follows.
    pub fn open(mut self, ns: Ns<'_>, name: &str) -> Self {
        self.depth += 1;
        self.writing(|w| {
            w.start(ns, name);
        })
    }

    /// Closes the child element that was opened last.
    pub fn close(mut self) -> Self {
        match self.depth.checked_sub(1) {
            Some(depth) => {
                self.depth = depth;
                self.writing(|w| {
                    w.end();
                })
            }
            None => self.writing(|w| {
                w.fail(WriteError::Unbalanced);
            }),
        }
    }

    /// Closes what is open and makes the element.
    ///
    /// # Errors
    ///
    /// The first thing that is not XML.
    pub fn build(self) -> Result<Element, WriteError> {
        let depth = self.depth;
        let mut done = self.writing(|w| {
            for _ in 0..=depth {
                w.end();
            }
        });
        Writer::resume(&mut done.out, done.state).finish()?;
        // It may be larger than what one takes from a peer.
        Element::parse_within(&done.out, Limits::trusted()).map_err(|_| WriteError::TooLarge)
    }

    fn writing(mut self, write: impl FnOnce(&mut Writer<'_>)) -> Self {
        let state = core::mem::replace(&mut self.state, State::document());
        let mut w = Writer::resume(&mut self.out, state);
        write(&mut w);
        self.state = w.suspend();
        self
    }
}

impl fmt::Debug for Builder {
    /// Without what has been written: that can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Builder({} bytes)", self.out.len())
    }
}

impl Element {
    /// A copy with an attribute in no namespace set, or removed.
    ///
    /// # Errors
    ///
    /// If it is not XML.
    pub fn with_attr(&self, name: &str, value: Option<&str>) -> Result<Self, WriteError> {
        edited(|w| {
            w.forward(self.as_ref(), &[(name, value)]);
        })
    }

    /// A copy with another child behind the others.
    ///
    /// # Errors
    ///
    /// If the child cannot be written.
    pub fn with_child(&self, child: impl WriteXml) -> Result<Self, WriteError> {
        self.with_content(|w, element| {
            for node in element.nodes() {
                w.node(node);
            }
            w.write(&child);
        })
    }

    /// A copy with the same name and attributes and only those child elements
    /// for which `keep` says so. Character data stays.
    ///
    /// # Errors
    ///
    /// None that is known of.
    pub fn retain_children(
        &self,
        mut keep: impl FnMut(ElementRef<'_>) -> bool,
    ) -> Result<Self, WriteError> {
        self.with_content(|w, element| {
            for node in element.nodes() {
                match node {
                    crate::Node::Element(child) if !keep(child) => {}
                    node => w.node(node),
                }
            }
        })
    }

    /// A copy with the same name and attributes and the content that `write`
    /// writes: it is given this element to take from.
    ///
    /// # Errors
    ///
    /// If what it writes is not XML.
    pub fn with_content(
        &self,
        write: impl FnOnce(&mut Writer<'_>, ElementRef<'_>),
    ) -> Result<Self, WriteError> {
        edited(|w| {
            w.start_like(self.as_ref());
            write(w, self.as_ref());
            w.end();
        })
    }
}

fn edited(write: impl FnOnce(&mut Writer<'_>)) -> Result<Element, WriteError> {
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    write(&mut w);
    w.finish()?;
    Element::parse_within(&out, Limits::trusted()).map_err(|_| WriteError::TooLarge)
}
