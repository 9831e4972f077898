//! User tune: XEP-0118.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements, and the node that they are published at.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/tune");

/// What somebody listens to (XEP-0118, 2.1). An empty one says: to nothing.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "tune", section = "XEP-0118, 2.1")]
#[non_exhaustive]
pub struct Tune<'a> {
    /// Who plays it, or wrote it.
    #[xml(leaf)]
    pub artist: Option<Cow<'a, str>>,
    /// Who wrote the music.
    #[xml(leaf)]
    pub composer: Option<Cow<'a, str>>,
    /// When it was published.
    #[xml(leaf)]
    pub date: Option<Cow<'a, str>>,
    /// What kind of music it is.
    #[xml(leaf)]
    pub genre: Option<Cow<'a, str>>,
    /// The language of the words.
    #[xml(leaf)]
    pub language: Option<Cow<'a, str>>,
    /// How long it takes, in seconds.
    #[xml(leaf)]
    pub length: Option<u16>,
    /// Who wrote the words.
    #[xml(leaf)]
    pub lyricist: Option<Cow<'a, str>>,
    /// Who plays it.
    #[xml(leaf)]
    pub performer: Option<Cow<'a, str>>,
    /// How good it is found, from 1 to 10.
    #[xml(leaf)]
    pub rating: Option<u8>,
    /// The album, the station, the programme.
    #[xml(leaf)]
    pub source: Option<Cow<'a, str>>,
    /// The title.
    #[xml(leaf)]
    pub title: Option<Cow<'a, str>>,
    /// Which one of the album it is.
    #[xml(leaf)]
    pub track: Option<Cow<'a, str>>,
    /// A page of the web about it.
    #[xml(leaf)]
    pub uri: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
