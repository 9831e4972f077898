//! What is known of a file: XEP-0446.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest};

use super::thumbnails::Thumbnail;
use crate::base::hashes::Hash;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:file:metadata:0");

/// What is known of a file (XEP-0446, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "file", section = "XEP-0446, 2")]
#[non_exhaustive]
pub struct File<'a> {
    /// When it was last changed.
    #[xml(leaf)]
    pub date: Option<DateTime>,
    /// Its media type.
    #[xml(leaf = "media-type")]
    pub media_type: Option<Cow<'a, str>>,
    /// Its name. It is no path: take the part behind the last slash at most.
    #[xml(leaf)]
    pub name: Option<Cow<'a, str>>,
    /// Its size in bytes.
    #[xml(leaf)]
    pub size: Option<u64>,
    /// The width of a picture, in pixels.
    #[xml(leaf)]
    pub width: Option<u32>,
    /// The height of a picture, in pixels.
    #[xml(leaf)]
    pub height: Option<u32>,
    /// The length of sound or a film, in milliseconds.
    #[xml(leaf)]
    pub length: Option<u64>,
    /// What it is, for people, by language.
    #[xml(child)]
    pub descriptions: Vec<FileDescription<'a>>,
    /// Its hashes.
    #[xml(child)]
    pub hashes: Vec<Hash<'a>>,
    /// Small pictures of it (XEP-0264).
    #[xml(child)]
    pub thumbnails: Vec<Thumbnail<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a file is, for people (XEP-0446, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "desc", section = "XEP-0446, 2")]
#[non_exhaustive]
pub struct FileDescription<'a> {
    /// The language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What it is.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
