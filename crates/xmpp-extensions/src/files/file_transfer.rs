//! Files in Jingle sessions: XEP-0234.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest, Word};

use super::thumbnails::Thumbnail;
use crate::base::hashes::Hash;
use crate::base::hashes::HashUsed;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:file-transfer:5");

/// The namespace of its errors.
pub const ERRORS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:file-transfer:errors:0");

/// A file, as a content of a Jingle session (XEP-0234, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "description", section = "XEP-0234, 5")]
#[non_exhaustive]
pub struct Description<'a> {
    /// The file. In what is only announced there is none.
    #[xml(child)]
    pub file: Option<File<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is known of a file (XEP-0234, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "file", section = "XEP-0234, 5")]
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
    /// What it is, for people, by language.
    #[xml(child)]
    pub descriptions: Vec<FileDescription<'a>>,
    /// The part that is sent, or that part of files can be asked for.
    #[xml(child)]
    pub range: Option<Range<'a>>,
    /// Its hashes.
    #[xml(child)]
    pub hashes: Vec<Hash<'a>>,
    /// The functions whose hashes come later.
    #[xml(child)]
    pub hashes_to_come: Vec<HashUsed<'a>>,
    /// Small pictures of it (XEP-0264).
    #[xml(child)]
    pub thumbnails: Vec<Thumbnail<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a file is, for people (XEP-0234, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "desc", section = "XEP-0234, 5")]
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

/// A part of a file (XEP-0234, 6.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "range", section = "XEP-0234, 6.4")]
#[non_exhaustive]
pub struct Range<'a> {
    /// Where it begins, in bytes.
    #[xml(attr, default)]
    pub offset: u64,
    /// How many bytes; all the rest, if it does not say.
    #[xml(attr)]
    pub length: Option<u64>,
    /// The hashes of the part.
    #[xml(child)]
    pub hashes: Vec<Hash<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The hash of a file that has been sent (XEP-0234, 8.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "checksum", section = "XEP-0234, 8.2")]
#[non_exhaustive]
pub struct Checksum<'a> {
    /// Who made the content.
    #[xml(attr, lenient)]
    pub creator: Party,
    /// The name of the content.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// The file: its hashes.
    #[xml(child)]
    pub file: File<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A file has been received (XEP-0234, 8.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "received", section = "XEP-0234, 8.1")]
#[non_exhaustive]
pub struct Received<'a> {
    /// Who made the content.
    #[xml(attr, lenient)]
    pub creator: Party,
    /// The name of the content.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// One of the two of a Jingle session.
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Party {
    /// Who began it.
    #[default]
    Initiator,
    /// Who was asked.
    Responder,
}

/// Why a file is not sent, beside the condition of a reason (XEP-0234, 9).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ERRORS, section = "XEP-0234, 9")]
#[non_exhaustive]
pub enum TransferError {
    /// It is not there.
    #[xml(name = "file-not-available")]
    FileNotAvailable,
    /// It is too large.
    #[xml(name = "file-too-large")]
    FileTooLarge,
}
