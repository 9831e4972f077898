//! Jingle sessions: XEP-0166.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use xmpp_jid::Jid;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, JidCow, Payload, Rest, Word};

pub use crate::files::file_transfer::Party;
use crate::files::file_transfer::{self, Checksum, Received};

use super::grouping::Group;
use super::http::Transport as Http;
use super::http::UploadTransport as HttpUpload;
use super::ice::Transport as Ice;
use super::ice_udp::Transport as IceUdp;
use super::in_band::Transport as InBand;
use super::muji::Muji;
use super::raw_udp::Transport as RawUdp;
use super::rtp;
use super::socks5::Transport as Socks5;
use super::tones::Tone;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:1");

/// The namespace of the errors of Jingle.
pub const ERRORS: Ns<'static> = Ns::new("urn:xmpp:jingle:errors:1");

/// Something about a session, as an iq of type `set` (XEP-0166, 7.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "jingle", section = "XEP-0166, 7.1")]
#[non_exhaustive]
pub struct Jingle<'a> {
    /// What is to be done.
    #[xml(attr)]
    pub action: Action,
    /// Who began the session. It has to be there when a session begins.
    #[xml(attr)]
    pub initiator: Option<JidCow<'a>>,
    /// Who has accepted the session, if somebody else than was asked.
    #[xml(attr)]
    pub responder: Option<JidCow<'a>>,
    /// The id of the session, which the initiator chooses.
    #[xml(attr)]
    pub sid: Cow<'a, str>,
    /// Which contents belong together (XEP-0338).
    #[xml(child)]
    pub groups: Vec<Group<'a>>,
    /// The conference of many that the session is part of (XEP-0272).
    #[xml(child)]
    pub muji: Option<Muji<'a>>,
    /// What is exchanged.
    #[xml(child)]
    pub contents: Vec<Content<'a>>,
    /// Why it is done.
    #[xml(child)]
    pub reason: Option<Reason<'a>>,
    /// What is told, of an action `session-info`.
    #[xml(child)]
    pub info: Option<SessionInfo<'a>>,
    /// What others tell.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is to be done (XEP-0166, 7.2).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Accepts a content that was added.
    ContentAccept,
    /// Adds a content.
    ContentAdd,
    /// Changes who sends.
    ContentModify,
    /// Rejects a content that was added.
    ContentReject,
    /// Removes a content.
    ContentRemove,
    /// Tells more of what is sent.
    DescriptionInfo,
    /// Tells of what secures it.
    SecurityInfo,
    /// Accepts the session.
    SessionAccept,
    /// Tells something about the session; if there is nothing in it, asks whether the
    /// other is there.
    SessionInfo,
    /// Begins a session.
    SessionInitiate,
    /// Ends the session.
    SessionTerminate,
    /// Accepts another transport.
    TransportAccept,
    /// Tells more of a transport, such as its candidates.
    TransportInfo,
    /// Rejects another transport.
    TransportReject,
    /// Asks for another transport.
    TransportReplace,
}

/// A part of a session: what is sent, and how (XEP-0166, 7.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "content", section = "XEP-0166, 7.3")]
#[non_exhaustive]
pub struct Content<'a> {
    /// Who made it. With the name it tells which content it is.
    #[xml(attr, lenient)]
    pub creator: Party,
    /// How it is to be taken; `session` if there is none.
    #[xml(attr)]
    pub disposition: Option<Cow<'a, str>>,
    /// Its name, that the creator has chosen.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Who sends.
    #[xml(attr, default)]
    pub senders: Senders,
    /// What is sent.
    #[xml(child)]
    pub application: Option<Application<'a>>,
    /// How it is sent.
    #[xml(child)]
    pub transport: Option<Transport<'a>>,
    /// Applications and transports that have no type here, and what secures it.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who sends a content (XEP-0166, 7.3).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Senders {
    /// Both.
    #[default]
    Both,
    /// The one who began the session.
    Initiator,
    /// Nobody for now.
    None,
    /// The one who was asked.
    Responder,
}

/// What is sent: the applications that have a type here (XEP-0166, 12.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0166, 12.1")]
#[non_exhaustive]
pub enum Application<'a> {
    /// Sound or pictures (XEP-0167).
    Rtp(Box<rtp::Description<'a>>),
    /// A file (XEP-0234).
    File(Box<file_transfer::Description<'a>>),
}

/// How it is sent: the transports that have a type here (XEP-0166, 12.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0166, 12.2")]
#[non_exhaustive]
pub enum Transport<'a> {
    /// The way that ICE finds, with UDP (XEP-0176).
    IceUdp(Box<IceUdp<'a>>),
    /// The way that ICE finds (XEP-0371).
    Ice(Box<Ice<'a>>),
    /// UDP to an address that is known (XEP-0177).
    RawUdp(RawUdp<'a>),
    /// Streams that begin with SOCKS5 (XEP-0260).
    Socks5(Box<Socks5<'a>>),
    /// Within stanzas (XEP-0261).
    InBand(InBand<'a>),
    /// Downloads (XEP-0370).
    Http(Http<'a>),
    /// Uploads (XEP-0370).
    HttpUpload(HttpUpload<'a>),
}

/// What is told about a session: that which has a type here (XEP-0166, 7.2.9).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0166, 7.2.9")]
#[non_exhaustive]
pub enum SessionInfo<'a> {
    /// How the call stands (XEP-0167).
    Rtp(rtp::Info<'a>),
    /// A key was pressed (XEP-0181).
    Tone(Tone<'a>),
    /// The hash of a file that has been sent (XEP-0234).
    Checksum(Box<Checksum<'a>>),
    /// A file has been received (XEP-0234).
    Received(Received<'a>),
}

/// Why something is done (XEP-0166, 7.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "reason", section = "XEP-0166, 7.4")]
#[non_exhaustive]
pub struct Reason<'a> {
    /// Why, for programs.
    #[xml(child)]
    pub condition: Condition<'a>,
    /// Why, for people.
    #[xml(leaf)]
    pub text: Option<Cow<'a, str>>,
    /// What an application says of it.
    #[xml(any)]
    pub details: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Why something is done, for programs (XEP-0166, 7.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0166, 7.4")]
#[non_exhaustive]
pub enum Condition<'a> {
    /// There is another session to be used.
    AlternativeSession(AlternativeSession<'a>),
    /// Somebody is busy.
    #[xml(name = "busy")]
    Busy,
    /// The initiator does not want it any more.
    #[xml(name = "cancel")]
    Cancel,
    /// The two do not reach each other.
    #[xml(name = "connectivity-error")]
    ConnectivityError,
    /// It is not wanted.
    #[xml(name = "decline")]
    Decline,
    /// It took too long.
    #[xml(name = "expired")]
    Expired,
    /// The application could not be set up.
    #[xml(name = "failed-application")]
    FailedApplication,
    /// The transport could not be set up.
    #[xml(name = "failed-transport")]
    FailedTransport,
    /// Something else went wrong.
    #[xml(name = "general-error")]
    GeneralError,
    /// Somebody is not there any more.
    #[xml(name = "gone")]
    Gone,
    /// The parameters of the other do not fit.
    #[xml(name = "incompatible-parameters")]
    IncompatibleParameters,
    /// Media cannot be played or recorded.
    #[xml(name = "media-error")]
    MediaError,
    /// It is not secure enough.
    #[xml(name = "security-error")]
    SecurityError,
    /// It is done.
    #[xml(name = "success")]
    Success,
    /// There was no answer in time.
    #[xml(name = "timeout")]
    Timeout,
    /// None of the applications is supported.
    #[xml(name = "unsupported-applications")]
    UnsupportedApplications,
    /// None of the transports is supported.
    #[xml(name = "unsupported-transports")]
    UnsupportedTransports,
}

/// There is another session to be used (XEP-0166, 7.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "alternative-session", section = "XEP-0166, 7.4")]
#[non_exhaustive]
pub struct AlternativeSession<'a> {
    /// Its id.
    #[xml(leaf)]
    pub sid: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is wrong, beside the condition of an error (XEP-0166, 10).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ERRORS, section = "XEP-0166, 10")]
#[non_exhaustive]
pub enum JingleError {
    /// It is not the time for that.
    #[xml(name = "out-of-order")]
    OutOfOrder,
    /// The other one asks for the same, and goes first.
    #[xml(name = "tie-break")]
    TieBreak,
    /// There is no session of that id.
    #[xml(name = "unknown-session")]
    UnknownSession,
    /// What was told is not understood.
    #[xml(name = "unsupported-info")]
    UnsupportedInfo,
}

/// Whether a session that somebody begins comes before one that the other
/// begins at the same time (XEP-0166, 7.2.16; XEP-0353, 4.1): that with the
/// lower id, and with the same id that of the lower address. The one that comes
/// after it is refused with [`JingleError::TieBreak`].
///
/// Within a session it is the initiator whose action holds.
#[must_use]
pub fn comes_first(sid: &str, sender: &Jid, other_sid: &str, other_sender: &Jid) -> bool {
    (sid.as_bytes(), sender.as_str()) < (other_sid.as_bytes(), other_sender.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_id_comes_first() {
        // XEP-0353, example 11.
        let romeo = "romeo@montague.example/orchard".parse().unwrap();
        let juliet = "juliet@capulet.example/phone".parse().unwrap();
        let (lower, higher) =
            ("ca3cf894-5325-482f-a412-a6e9f832298d", "fecbea35-08d3-404f-9ec7-2b57c566fa74");
        assert!(comes_first(lower, &romeo, higher, &juliet));
        assert!(!comes_first(higher, &juliet, lower, &romeo));
        // By octets: capitals are lower than small letters.
        assert!(comes_first("B", &romeo, "a", &juliet));
        // The same id: the lower address.
        assert!(comes_first("a", &juliet, "a", &romeo));
        assert!(!comes_first("a", &romeo, "a", &juliet));
    }
}
