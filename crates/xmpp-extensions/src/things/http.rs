//! HTTP within stanzas: XEP-0332.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Base64, Payload, Rest, Word};

use crate::base::headers::Headers;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:http");

/// A request: an iq of type `set` (XEP-0332, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "req", section = "XEP-0332, 4.1")]
#[non_exhaustive]
pub struct Request<'a> {
    /// What is asked for.
    #[xml(attr)]
    pub method: Method<'a>,
    /// Of what: the path, and the query.
    #[xml(attr)]
    pub resource: Cow<'a, str>,
    /// The version of HTTP, such as `1.1`.
    #[xml(attr)]
    pub version: Cow<'a, str>,
    /// How many bytes a chunk has at most: from 256 to 65536.
    #[xml(attr = "maxChunkSize")]
    pub max_chunk_size: Option<u32>,
    /// Whether the response may be published (4.2.5); it may, if it does not say.
    #[xml(attr)]
    pub sipub: Option<bool>,
    /// Whether it may come in a stream within stanzas (4.2.6); it may, if it does not
    /// say.
    #[xml(attr)]
    pub ibb: Option<bool>,
    /// Whether it may come by Jingle (4.2.7); it may, if it does not say.
    #[xml(attr)]
    pub jingle: Option<bool>,
    /// The headers.
    #[xml(child)]
    pub headers: Option<Headers<'a>>,
    /// What is sent.
    #[xml(child)]
    pub data: Option<Data<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A response: the result of an iq (XEP-0332, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "resp", section = "XEP-0332, 4.1")]
#[non_exhaustive]
pub struct Response<'a> {
    /// The version of HTTP.
    #[xml(attr)]
    pub version: Cow<'a, str>,
    /// The status, such as 200.
    #[xml(attr = "statusCode")]
    pub status_code: u16,
    /// What it means.
    #[xml(attr = "statusMessage")]
    pub status_message: Option<Cow<'a, str>>,
    /// The headers.
    #[xml(child)]
    pub headers: Option<Headers<'a>>,
    /// What is sent.
    #[xml(child)]
    pub data: Option<Data<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is sent (XEP-0332, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "data", section = "XEP-0332, 4.2")]
#[non_exhaustive]
pub struct Data<'a> {
    /// The content, if it is not one of the others.
    #[xml(child)]
    pub content: Option<Content<'a>>,
    /// A publication, or a Jingle session.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How a content is sent (XEP-0332, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0332, 4.2")]
#[non_exhaustive]
pub enum Content<'a> {
    /// As a text.
    Text(Text<'a>),
    /// As XML.
    Xml(Xml<'a>),
    /// In base 64.
    Base64(Bytes<'a>),
    /// In chunks, which follow.
    Chunked(Chunked<'a>),
    /// In a stream within stanzas.
    InBand(InBand<'a>),
}

/// A text (XEP-0332, 4.2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "text", section = "XEP-0332, 4.2.1")]
#[non_exhaustive]
pub struct Text<'a> {
    /// The text.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// XML (XEP-0332, 4.2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "xml", section = "XEP-0332, 4.2.2")]
#[non_exhaustive]
pub struct Xml<'a> {
    /// The element.
    #[xml(any)]
    pub elements: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Bytes (XEP-0332, 4.2.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "base64", section = "XEP-0332, 4.2.3")]
#[non_exhaustive]
pub struct Bytes<'a> {
    /// The bytes.
    #[xml(text)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Chunks follow (XEP-0332, 4.2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "chunkedBase64", section = "XEP-0332, 4.2.4")]
#[non_exhaustive]
pub struct Chunked<'a> {
    /// The id that they have.
    #[xml(attr = "streamId")]
    pub stream_id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A stream within stanzas follows (XEP-0047) (XEP-0332, 4.2.6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "ibb", section = "XEP-0332, 4.2.6")]
#[non_exhaustive]
pub struct InBand<'a> {
    /// Its id.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A chunk, in a message (XEP-0332, 4.2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "chunk", section = "XEP-0332, 4.2.4")]
#[non_exhaustive]
pub struct Chunk<'a> {
    /// The id.
    #[xml(attr = "streamId")]
    pub stream_id: Cow<'a, str>,
    /// Its number, from 0.
    #[xml(attr)]
    pub nr: u32,
    /// Whether it is the last one.
    #[xml(attr, default)]
    pub last: bool,
    /// The bytes.
    #[xml(text)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks for no more chunks, in a message (XEP-0332, 4.2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "close", section = "XEP-0332, 4.2.4")]
#[non_exhaustive]
pub struct Close<'a> {
    /// The id.
    #[xml(attr = "streamId")]
    pub stream_id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is asked for (XEP-0332, 4.1).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method<'a> {
    /// What can be asked for.
    #[word("OPTIONS")]
    Options,
    /// The resource.
    #[word("GET")]
    Get,
    /// What is known of the resource.
    #[word("HEAD")]
    Head,
    /// That it does something with what is sent.
    #[word("POST")]
    Post,
    /// That it is what is sent.
    #[word("PUT")]
    Put,
    /// That it is no more.
    #[word("DELETE")]
    Delete,
    /// What has arrived.
    #[word("TRACE")]
    Trace,
    /// That it changes.
    #[word("PATCH")]
    Patch,
    /// Something else.
    #[word(other)]
    Other(Cow<'a, str>),
}
