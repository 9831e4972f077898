//! Explicit mentions: XEP-0513.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use crate::base::forms::Form;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:mentions:0");

/// Somebody, or some group, is mentioned (XEP-0513, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "mention", section = "XEP-0513, 3.1")]
#[non_exhaustive]
pub struct Mention<'a> {
    /// Where in the body it begins, in characters (Unicode code points).
    #[xml(attr)]
    pub begin: Option<u32>,
    /// Where in the body it ends: the character behind it.
    #[xml(attr)]
    pub end: Option<u32>,
    /// Which body, by its language (XEP-0513, 3.4).
    #[xml(attr)]
    pub hreflang: Option<Cow<'a, str>>,
    /// Who, in a room with occupant ids (XEP-0421).
    #[xml(attr)]
    pub occupantid: Option<Cow<'a, str>>,
    /// Who, elsewhere.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// Which kind of group: [`CHANNEL`], [`MODERATORS`] and others, or a URI of
    /// the application. None if it is one person.
    #[xml(attr)]
    pub mentions: Option<Cow<'a, str>>,
    /// Which group: the URI of a room, a space, a server, a hat.
    #[xml(attr)]
    pub uri: Option<Cow<'a, str>>,
    /// Only those who are there when the message is sent (XEP-0513, 3.5.1).
    #[xml(flag)]
    pub active: bool,
    /// Without a notification (XEP-0513, 3.5.2).
    #[xml(flag)]
    pub noping: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// All occupants of a room (XEP-0513, 3.2.1.1).
pub const CHANNEL: &str = "urn:xmpp:mentions:0#channel";
/// All members of a space (XEP-0513, 3.2.1.2).
pub const SPACE: &str = "urn:xmpp:mentions:0#space";
/// All users of a server (XEP-0513, 3.2.1.3).
pub const SERVER: &str = "urn:xmpp:mentions:0#server";
/// The moderators of a room (XEP-0513, 3.2.2).
pub const MODERATORS: &str = "urn:xmpp:mentions:0#moderators";
/// The participants of a room (XEP-0513, 3.2.2).
pub const PARTICIPANTS: &str = "urn:xmpp:mentions:0#participants";
/// The visitors of a room (XEP-0513, 3.2.2).
pub const VISITORS: &str = "urn:xmpp:mentions:0#visitors";
/// The owners of a room (XEP-0513, 3.2.2).
pub const OWNER: &str = "urn:xmpp:mentions:0#owner";
/// The admins of a room (XEP-0513, 3.2.2).
pub const ADMIN: &str = "urn:xmpp:mentions:0#admin";
/// The members of a room (XEP-0513, 3.2.2).
pub const MEMBER: &str = "urn:xmpp:mentions:0#member";
/// The occupants of a room without an affiliation (XEP-0513, 3.2.2).
pub const NONE: &str = "urn:xmpp:mentions:0#none";
/// Those with a hat (XEP-0513, 3.2.3).
pub const HATS: &str = "urn:xmpp:mentions:0#hats";

/// Who may mention whom in a room: a form that its owners can fill in
/// (XEP-0513, 3.6). Also in a message, when it has changed.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0513, 3.6")]
#[non_exhaustive]
pub struct Permissions<'a> {
    /// The form, with the fields `mentions#count`, `mentions#individual` and others.
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
