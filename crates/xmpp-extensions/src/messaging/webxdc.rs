//! WebXDC: XEP-0491.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

use super::json::Json;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:webxdc:0");

/// A widget's state has changed (XEP-0491, 4).
///
/// The message has the `<thread/>` of the message that the widget came with;
/// what the widget tells people is its body.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "x", section = "XEP-0491, 4")]
#[non_exhaustive]
pub struct Update<'a> {
    /// What stands next to the widget, as its state.
    #[xml(leaf)]
    pub summary: Option<Cow<'a, str>>,
    /// What stands next to the widget, as its title.
    #[xml(leaf)]
    pub document: Option<Cow<'a, str>>,
    /// What the widget tells its others.
    #[xml(child)]
    pub json: Option<Json<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
