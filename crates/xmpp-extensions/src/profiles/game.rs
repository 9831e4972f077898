//! User gaming: XEP-0196.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements, and the node that they are published at.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:gaming:0");

/// What somebody plays (XEP-0196, 2.1). An empty one says: nothing.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "game", section = "XEP-0196, 2.1")]
#[non_exhaustive]
pub struct Game<'a> {
    /// As whom.
    #[xml(leaf = "character_name")]
    pub character_name: Option<Cow<'a, str>>,
    /// A page of the web about the character.
    #[xml(leaf = "character_profile")]
    pub character_profile: Option<Cow<'a, str>>,
    /// At which level.
    #[xml(leaf)]
    pub level: Option<Cow<'a, str>>,
    /// The game.
    #[xml(leaf)]
    pub name: Option<Cow<'a, str>>,
    /// Where it is played: an address.
    #[xml(leaf = "server_address")]
    pub server_address: Option<Cow<'a, str>>,
    /// Where it is played, by name.
    #[xml(leaf = "server_name")]
    pub server_name: Option<Cow<'a, str>>,
    /// A page of the web about the game.
    #[xml(leaf)]
    pub uri: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
