//! Hats: XEP-0317.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:hats:0");

/// The form type of the commands that make, give and take hats (XEP-0317, 3.2).
pub const COMMANDS: &str = "urn:xmpp:hats:commands";

/// In a presence: what somebody is in a room besides role and affiliation
/// (XEP-0317, 3.1). It counts if the room itself has put it there.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "hats", section = "XEP-0317, 3.1")]
#[non_exhaustive]
pub struct Hats<'a> {
    /// The hats.
    #[xml(child)]
    pub hats: Vec<Hat<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A hat (XEP-0317, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "hat", section = "XEP-0317, 3.1")]
#[non_exhaustive]
pub struct Hat<'a> {
    /// What it is called, for people.
    #[xml(attr)]
    pub title: Cow<'a, str>,
    /// What tells it from others.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// Its colour, as a hue in degrees (XEP-0392).
    #[xml(attr)]
    pub hue: Option<f64>,
    /// The language of the title.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What the application says of it.
    #[xml(any)]
    pub annotations: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
