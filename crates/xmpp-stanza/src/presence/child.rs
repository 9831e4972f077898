//! The children of a presence.

use xmpp_xml::{Children, ElementRef, Ns};

use super::Show;
use crate::invalid::Rule;
use crate::{Invalid, LangText, envelope};

/// A child element of a presence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PresenceChild<'a> {
    /// What kind of available.
    Show(Show),
    /// What the user says about it, in one language (RFC 6121, section 4.7.2.2).
    Status(LangText<'a>),
    /// The priority of the resource (RFC 6121, section 4.7.2.3).
    Priority(i8),
    /// Anything else.
    Payload(ElementRef<'a>),
}

/// What a child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Show(Show),
    Status,
    Priority(i8),
    /// Of a presence of type `error`.
    Error,
    Payload,
}

/// Tells what the children of a presence are, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    content: Ns<'static>,
    is_error: bool,
    has_show: bool,
    has_priority: bool,
}

impl Rules {
    pub(super) const fn new(content: Ns<'static>, is_error: bool) -> Self {
        Self { content, is_error, has_show: false, has_priority: false }
    }

    /// What the next child is, if it follows the rules for what it is.
    pub(super) fn part(&mut self, child: ElementRef<'_>) -> Result<Part, Invalid> {
        if !child.has_ns(self.content) {
            return Ok(Part::Payload);
        }
        Ok(match child.name() {
            // Clients (go-sendxmpp 0.5) send an empty one when they mean none,
            // others `online`, and servers hand it on: it says nothing, and is
            // kept as such.
            "show" if child.nodes().next().is_none() => Part::Payload,
            "show" if self.has_show => {
                return Err(Invalid::new("show", Rule::Repeated, "RFC 6121, 4.7.2.1"));
            }
            "show" => match read_show(child)? {
                Some(show) => {
                    self.has_show = true;
                    Part::Show(show)
                }
                None => Part::Payload,
            },
            "status" => {
                envelope::only_text(child, "status", "RFC 6121, 4.7.2.2")?;
                Part::Status
            }
            "priority" if self.has_priority => {
                return Err(Invalid::new("priority", Rule::Repeated, "RFC 6121, 4.7.2.3"));
            }
            "priority" => {
                let priority = read_priority(child)?;
                self.has_priority = true;
                Part::Priority(priority)
            }
            "error" if self.is_error => Part::Error,
            _ => Part::Payload,
        })
    }
}

/// `None` is a word that RFC 6121 does not have.
fn read_show(child: ElementRef<'_>) -> Result<Option<Show>, Invalid> {
    let text = envelope::text(child, "show", "RFC 6121, 4.7.2.1")?;
    Ok(Show::from_name(envelope::trimmed(&text)))
}

fn read_priority(child: ElementRef<'_>) -> Result<i8, Invalid> {
    const SECTION: &str = "RFC 6121, 4.7.2.3";
    let text = envelope::text(child, "priority", SECTION)?;
    let word = envelope::trimmed(&text);
    word.parse()
        .map_err(|_| Invalid::new("priority", Rule::NotInRange(-128, 127), SECTION).found(word))
}

/// The children of a presence that has been accepted.
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
