//! Who takes part in a call: XEP-0298.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:coin:1");

/// The namespace of RFC 4575.
pub const CONFERENCE: Ns<'static> = Ns::new("urn:ietf:params:xml:ns:conference-info");

/// Whether the sender mixes a call of many (XEP-0298, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "conference-info", section = "XEP-0298, 5")]
#[non_exhaustive]
pub struct Coin<'a> {
    /// Whether it does.
    #[xml(attr)]
    pub isfocus: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who takes part in a call (RFC 4575) (XEP-0298, 6).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = CONFERENCE, name = "conference-info", section = "XEP-0298, 6")]
#[non_exhaustive]
pub struct ConferenceInfo<'a> {
    /// The call: a URI.
    #[xml(attr)]
    pub entity: Cow<'a, str>,
    /// Whether all is told.
    #[xml(attr, default)]
    pub state: State,
    /// One more each time.
    #[xml(attr)]
    pub version: Option<u32>,
    /// What the call is.
    #[xml(child)]
    pub description: Option<ConferenceDescription<'a>>,
    /// Who takes part.
    #[xml(child)]
    pub users: Option<Users<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a call is (XEP-0298, 10.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = CONFERENCE, name = "conference-description", section = "XEP-0298, 10.2")]
#[non_exhaustive]
pub struct ConferenceDescription<'a> {
    /// Its name.
    #[xml(leaf = "display-text")]
    pub display_text: Option<Cow<'a, str>>,
    /// What it is about.
    #[xml(leaf)]
    pub subject: Option<Cow<'a, str>>,
    /// How many can take part.
    #[xml(leaf = "maximum-user-count")]
    pub maximum_user_count: Option<u32>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who takes part (XEP-0298, 10.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = CONFERENCE, name = "users", section = "XEP-0298, 10.2")]
#[non_exhaustive]
pub struct Users<'a> {
    /// Whether all is told.
    #[xml(attr, default)]
    pub state: State,
    /// Those who do.
    #[xml(child)]
    pub users: Vec<User<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody who takes part (XEP-0298, 10.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = CONFERENCE, name = "user", section = "XEP-0298, 10.2")]
#[non_exhaustive]
pub struct User<'a> {
    /// Who: a URI.
    #[xml(attr)]
    pub entity: Option<Cow<'a, str>>,
    /// Whether all is told.
    #[xml(attr, default)]
    pub state: State,
    /// The name.
    #[xml(leaf = "display-text")]
    pub display_text: Option<Cow<'a, str>>,
    /// With which devices.
    #[xml(child)]
    pub endpoints: Vec<Endpoint<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A device of somebody who takes part (XEP-0298, 10.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = CONFERENCE, name = "endpoint", section = "XEP-0298, 10.2")]
#[non_exhaustive]
pub struct Endpoint<'a> {
    /// Which one.
    #[xml(attr)]
    pub entity: Option<Cow<'a, str>>,
    /// Whether all is told.
    #[xml(attr, default)]
    pub state: State,
    /// Its name.
    #[xml(leaf = "display-text")]
    pub display_text: Option<Cow<'a, str>>,
    /// How it stands.
    #[xml(leaf)]
    pub status: Option<EndpointStatus>,
    /// What it sends and receives.
    #[xml(child)]
    pub media: Vec<Media<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a device sends and receives (XEP-0298, 10.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = CONFERENCE, name = "media", section = "XEP-0298, 10.2")]
#[non_exhaustive]
pub struct Media<'a> {
    /// An id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Its name.
    #[xml(leaf = "display-text")]
    pub display_text: Option<Cow<'a, str>>,
    /// What it is: `audio`, `video`.
    #[xml(leaf = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// A label.
    #[xml(leaf)]
    pub label: Option<Cow<'a, str>>,
    /// The source of RTP.
    #[xml(leaf = "src-id")]
    pub source: Option<Cow<'a, str>>,
    /// In which direction.
    #[xml(leaf)]
    pub status: Option<MediaStatus>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Whether all is told, or what has changed.
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// All.
    #[default]
    Full,
    /// What has changed.
    Partial,
    /// That it is no more.
    Deleted,
}

/// How a device stands.
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointStatus {
    /// It may not take part yet.
    Pending,
    /// It is being called.
    DialingOut,
    /// It calls.
    DialingIn,
    /// It rings.
    Alerting,
    /// It is on hold.
    OnHold,
    /// It takes part.
    Connected,
    /// It was muted.
    MutedViaFocus,
    /// It is leaving.
    Disconnecting,
    /// It has left.
    Disconnected,
}

/// In which direction something is sent.
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaStatus {
    /// It is received.
    #[word("recvonly")]
    ReceiveOnly,
    /// It is sent.
    #[word("sendonly")]
    SendOnly,
    /// Both.
    #[word("sendrecv")]
    SendReceive,
    /// None.
    Inactive,
}
