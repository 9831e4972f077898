//! HTTP, in Jingle: XEP-0370.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Secret};

/// Of downloads.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:http:0");

/// Of uploads.
pub const UPLOAD: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:http:upload:0");

/// Downloads, for a content of Jingle (XEP-0370, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "transport", section = "XEP-0370, 4")]
#[non_exhaustive]
pub struct Transport<'a> {
    /// Where it is found.
    #[xml(child)]
    pub candidates: Vec<Candidate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where something is found (XEP-0370, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "candidate", section = "XEP-0370, 4")]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The URI.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// The headers to send. They can be anything: take none that you do not know to be
    /// harmless.
    #[xml(child)]
    pub headers: Vec<Header<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A header of HTTP (XEP-0370, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "header", section = "XEP-0370, 4")]
#[non_exhaustive]
pub struct Header<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value, which can be a password.
    #[xml(text)]
    pub value: Secret<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Uploads, for a content of Jingle (XEP-0370, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = UPLOAD, name = "transport", section = "XEP-0370, 5")]
#[non_exhaustive]
pub struct UploadTransport<'a> {
    /// Whether the upload is done (6.1).
    #[xml(flag = "completed")]
    pub completed: bool,
    /// Where it can be put.
    #[xml(child)]
    pub candidates: Vec<UploadCandidate<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where something can be put (XEP-0370, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = UPLOAD, name = "candidate", section = "XEP-0370, 5")]
#[non_exhaustive]
pub struct UploadCandidate<'a> {
    /// The URI.
    #[xml(attr)]
    pub uri: Cow<'a, str>,
    /// The headers to send. They can be anything: take none that you do not know to be
    /// harmless.
    #[xml(child)]
    pub headers: Vec<UploadHeader<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A header of HTTP (XEP-0370, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = UPLOAD, name = "header", section = "XEP-0370, 5")]
#[non_exhaustive]
pub struct UploadHeader<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value, which can be a password.
    #[xml(text)]
    pub value: Secret<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
