//! JSON containers and messages: XEP-0335 and XEP-0432.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// Of the container.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:json:0");

/// Of the message.
pub const NS_MESSAGE: Ns<'static> = Ns::new("urn:xmpp:json-msg:0");

/// A text that is JSON (XEP-0335, 3). Whether it is, is not looked at.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "json", section = "XEP-0335, 3")]
#[non_exhaustive]
pub struct Json<'a> {
    /// The JSON.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// JSON as what a message is about (XEP-0432, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS_MESSAGE, name = "payload", section = "XEP-0432, 2.2.1")]
#[non_exhaustive]
pub struct JsonMessage<'a> {
    /// What kind of data it is: a URI of the application.
    #[xml(attr)]
    pub datatype: Option<Cow<'a, str>>,
    /// The JSON.
    #[xml(child)]
    pub json: Json<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
