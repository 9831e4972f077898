//! What the host changes in a stanza before it looks at it.
//!
//! - A delay stamp in this domain's name is discarded (XEP-0203 §4): only the host itself
//!   makes those.
//! - A presence priority that is an integer out of range becomes the nearest that is within
//!   (RFC 6121 §4.7.2.3 has -128 to 127): some clients send 200, and mean "the highest".

use alloc::string::ToString;

use xmpp_jid::{BareJid, BareJidRef, Jid};
use xmpp_stanza::{StanzaKind, StanzaRef};
use xmpp_xml::{Element, ElementRef, Node, ns};

use super::Host;

impl Host {
    /// The stanza as it should have been; `None` if it is so, as nearly all are.
    pub(super) fn tidied(&self, sender: BareJidRef<'_>, stanza: StanzaRef<'_>) -> Option<Element> {
        let element = stanza.element();
        if stanza.kind() == StanzaKind::Iq {
            return None;
        }
        let presence = stanza.kind() == StanzaKind::Presence;
        let tidied = |child: ElementRef<'_>| {
            if self.is_forged(child, sender) {
                return Some(Tidied::Dropped);
            }
            let is_priority = presence && child.is(stanza.content(), "priority");
            if is_priority { clamped(child).map(Tidied::Priority) } else { None }
        };
        element.children().find_map(tidied)?;
        let copy = element.into_shared().with_content(|w, element| {
            for node in element.nodes() {
                match node {
                    Node::Element(child) => match tidied(child) {
                        Some(Tidied::Dropped) => {}
                        Some(Tidied::Priority(priority)) => {
                            w.leaf(stanza.content(), "priority", &priority.to_string());
                        }
                        None => w.node(node),
                    },
                    Node::Text(_) => w.node(node),
                }
            }
        });
        copy.ok()
    }

    /// A stamp of this domain. A client may say that it delayed the stanza itself.
    fn is_forged(&self, child: ElementRef<'_>, sender: BareJidRef<'_>) -> bool {
        is_stamp(child)
            && stamped_by(child)
                .is_some_and(|by| self.is_local(by.as_ref()) && by.to_bare() != sender)
    }
}

/// What becomes of a child.
enum Tidied {
    Dropped,
    Priority(i8),
}

/// Whether it is the stamp of that domain itself.
pub(super) fn is_stamp_of(child: ElementRef<'_>, domain: &BareJid) -> bool {
    is_stamp(child) && stamped_by(child).is_some_and(|by| by.to_bare() == domain.as_ref())
}

/// XEP-0203, and XEP-0091 which it replaced and old clients still read.
fn is_stamp(child: ElementRef<'_>) -> bool {
    child.is(ns::DELAY, "delay") || (child.name() == "x" && child.ns() == "jabber:x:delay")
}

/// Who says to have delayed the stanza, in canonical form: a domain has many spellings.
fn stamped_by(stamp: ElementRef<'_>) -> Option<Jid> {
    Jid::new(&stamp.attr("from")?).ok()
}

/// The priority within the range nearest to what is given; `None` if that is within it, or
/// is no integer.
fn clamped(priority: ElementRef<'_>) -> Option<i8> {
    if priority.children().next().is_some() {
        return None;
    }
    let text = priority.text();
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let (least, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // It may be longer than any integer type.
    let is_integer = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_integer || text.parse::<i8>().is_ok() {
        return None;
    }
    Some(if least { i8::MIN } else { i8::MAX })
}
