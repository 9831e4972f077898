//! Files that are shared: XEP-0447.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Word};

use super::encrypted_sharing::Encrypted;
use super::metadata::File as FileMetadata;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:sfs:0");

/// The namespace of XEP-0103.
pub const URL_DATA: Ns<'static> = Ns::new("http://jabber.org/protocol/url-data");

/// A message shares a file (XEP-0447, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "file-sharing", section = "XEP-0447, 3.1")]
#[non_exhaustive]
pub struct FileSharing<'a> {
    /// How it is to be shown.
    #[xml(attr)]
    pub disposition: Option<Disposition>,
    /// An id, to attach sources to.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// What is known of it.
    #[xml(child)]
    pub file: FileMetadata<'a>,
    /// Where it is. Without any, they come later.
    #[xml(child)]
    pub sources: Option<Sources<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where a file is: with the file, or in a message of its own that attaches more (3.3)
/// (XEP-0447, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "sources", section = "XEP-0447, 3.1")]
#[non_exhaustive]
pub struct Sources<'a> {
    /// The id of the file that they are attached to, if it has one.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// URLs.
    #[xml(child)]
    pub urls: Vec<UrlData<'a>>,
    /// Where it is, encrypted (XEP-0448).
    #[xml(child)]
    pub encrypted: Vec<Encrypted<'a>>,
    /// By other means, such as a [publication](crate::calls::publication) of Jingle
    /// (XEP-0358).
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A URL (XEP-0103, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = URL_DATA, name = "url-data", section = "XEP-0103, 2")]
#[non_exhaustive]
pub struct UrlData<'a> {
    /// The URL.
    #[xml(attr)]
    pub target: Cow<'a, str>,
    /// What its scheme needs to be told, such as a password for HTTP.
    #[xml(any)]
    pub schemes: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How a file is to be shown (XEP-0447, 3.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// It is not fetched before somebody asks for it.
    Attachment,
    /// It is shown at once.
    Inline,
}
