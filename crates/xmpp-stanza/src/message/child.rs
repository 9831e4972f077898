//! The children of a message.

use alloc::borrow::Cow;

use xmpp_xml::{Children, ElementRef, Ns};

use crate::invalid::Rule;
use crate::{IntoOwned, Invalid, LangText, envelope};

/// A child element of a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MessageChild<'a> {
    /// The topic, in one language (RFC 6121, section 5.2.4).
    Subject(LangText<'a>),
    /// The text, in one language (RFC 6121, section 5.2.3).
    Body(LangText<'a>),
    /// The conversation thread (RFC 6121, section 5.2.5).
    Thread(Thread<'a>),
    /// Anything else.
    Payload(ElementRef<'a>),
}

/// The conversation thread that a message belongs to (RFC 6121, section 5.2.5).
///
/// Both values are opaque: there is nothing to read from them, and only exact
/// comparisons mean something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Thread<'a> {
    /// The identifier of the thread.
    pub id: Cow<'a, str>,
    /// The thread that this one is an offshoot of.
    pub parent: Option<Cow<'a, str>>,
}

impl<'a> Thread<'a> {
    /// A thread of its own.
    pub fn new(id: impl Into<Cow<'a, str>>) -> Self {
        Self { id: id.into(), parent: None }
    }

    /// A thread that began within another.
    pub fn with_parent(id: impl Into<Cow<'a, str>>, parent: impl Into<Cow<'a, str>>) -> Self {
        Self { id: id.into(), parent: Some(parent.into()) }
    }

    pub(super) fn of(element: ElementRef<'a>) -> Self {
        Self { id: element.text(), parent: element.attr("parent") }
    }

    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> Thread<'static> {
        Thread {
            id: Cow::Owned(self.id.into_owned()),
            parent: self.parent.map(|parent| Cow::Owned(parent.into_owned())),
        }
    }
}

impl IntoOwned for Thread<'_> {
    type Owned = Thread<'static>;

    fn into_owned(self) -> Thread<'static> {
        self.into_owned()
    }
}

/// What a child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Subject,
    Body,
    Thread,
    /// Of a message of type `error`.
    Error,
    Payload,
}

/// Tells what the children of a message are, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    content: Ns<'static>,
    is_error: bool,
    has_thread: bool,
    /// Whether all children have been found to follow them.
    accepted: bool,
}

impl Rules {
    pub(super) const fn new(content: Ns<'static>, is_error: bool) -> Self {
        Self { content, is_error, has_thread: false, accepted: false }
    }

    /// Those of a message that has been accepted: of one of type `error` nothing has been
    /// looked at.
    pub(super) const fn accepted(content: Ns<'static>, is_error: bool) -> Self {
        Self { accepted: !is_error, ..Self::new(content, is_error) }
    }

    fn only_text(
        &self,
        child: ElementRef<'_>,
        name: &'static str,
        section: &'static str,
    ) -> Result<(), Invalid> {
        if self.accepted { Ok(()) } else { envelope::only_text(child, name, section) }
    }

    /// What the next child is, if it follows the rules for what it is.
    pub(super) fn part(&mut self, child: ElementRef<'_>) -> Result<Part, Invalid> {
        if !child.has_ns(self.content) {
            return Ok(Part::Payload);
        }
        Ok(match child.name() {
            "body" => {
                self.only_text(child, "body", "RFC 6121, 5.2.3")?;
                Part::Body
            }
            "subject" => {
                self.only_text(child, "subject", "RFC 6121, 5.2.4")?;
                Part::Subject
            }
            "thread" if self.has_thread => {
                return Err(Invalid::new("thread", Rule::Repeated, "RFC 6121, 5.2.5"));
            }
            "thread" => {
                self.only_text(child, "thread", "RFC 6121, 5.2.5")?;
                self.has_thread = true;
                Part::Thread
            }
            "error" if self.is_error => Part::Error,
            _ => Part::Payload,
        })
    }
}

/// The children of a message that has been accepted.
#[derive(Clone, Debug)]
pub(super) struct Parts<'a> {
    pub(super) children: Children<'a>,
    pub(super) rules: Rules,
}

impl<'a> Iterator for Parts<'a> {
    type Item = (Part, ElementRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let child = self.children.next()?;
        // What an error sends back is no reason to lose the error: it is taken as
        // it came (6120-8.3.1-08, 6120-8.3.1-11).
        Some((self.rules.part(child).unwrap_or(Part::Payload), child))
    }
}
