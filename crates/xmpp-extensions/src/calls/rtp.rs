//! Calls with sound and pictures: XEP-0167.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Secret};

use super::category::Category;
use super::feedback::Feedback;
use super::feedback::FeedbackInterval;
use super::header_extensions::{self, HeaderExtension};
use super::sources::{Source, SourceGroup};
use super::zrtp::ZrtpHash;
use crate::files::file_transfer::Party;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:1");

/// The namespace of the errors of RTP sessions.
pub const ERRORS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:errors:1");

/// The namespace of what is told during a call.
pub const INFO: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:info:1");

/// The feature of those who take sound (XEP-0167, 10).
pub const AUDIO: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:audio");

/// The feature of those who take pictures (XEP-0167, 10).
pub const VIDEO: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:rtp:video");

/// Sound or pictures, as a content of a Jingle session (XEP-0167, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "description", section = "XEP-0167, 4")]
#[non_exhaustive]
pub struct Description<'a> {
    /// What it is: `audio` or `video`, mostly.
    #[xml(attr)]
    pub media: Cow<'a, str>,
    /// The 32 bits that identify the source (RFC 3550).
    #[xml(attr)]
    pub ssrc: Option<u32>,
    /// What is seen or heard (XEP-0507).
    #[xml(child)]
    pub categories: Vec<Category<'a>>,
    /// The codecs, that which is liked best first.
    #[xml(child)]
    pub payload_types: Vec<PayloadType<'a>>,
    /// How SRTP is keyed.
    #[xml(child)]
    pub encryption: Option<Encryption<'a>>,
    /// How much bandwidth it takes.
    #[xml(child)]
    pub bandwidth: Option<Bandwidth<'a>>,
    /// Whether RTCP may use the port of RTP (RFC 5761).
    #[xml(flag = "rtcp-mux")]
    pub rtcp_mux: bool,
    /// The feedback for all codecs (XEP-0293).
    #[xml(child)]
    pub feedback: Vec<Feedback<'a>>,
    /// How often there is feedback at least (XEP-0293).
    #[xml(child)]
    pub feedback_interval: Option<FeedbackInterval<'a>>,
    /// The extensions of headers (XEP-0294).
    #[xml(child)]
    pub header_extensions: Vec<HeaderExtension<'a>>,
    /// Whether headers of one byte and of two can be mixed (XEP-0294).
    #[xml(flag = "extmap-allow-mixed", ns = header_extensions::NS)]
    pub mixed_headers: bool,
    /// The sources that belong together (XEP-0339).
    #[xml(child)]
    pub source_groups: Vec<SourceGroup<'a>>,
    /// The sources (XEP-0339).
    #[xml(child)]
    pub sources: Vec<Source<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A codec (XEP-0167, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "payload-type", section = "XEP-0167, 4")]
#[non_exhaustive]
pub struct PayloadType<'a> {
    /// How many channels; 1, if it does not say.
    #[xml(attr)]
    pub channels: Option<u8>,
    /// Samples a second.
    #[xml(attr)]
    pub clockrate: Option<u32>,
    /// Its number, from 0 to 127: those from 96 on mean what is said here.
    #[xml(attr)]
    pub id: u8,
    /// How many milliseconds are in a packet at most.
    #[xml(attr)]
    pub maxptime: Option<u32>,
    /// The name of the codec; it has to be there if the number is 96 or more.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// How many milliseconds are in a packet.
    #[xml(attr)]
    pub ptime: Option<u32>,
    /// The parameters of the codec.
    #[xml(child)]
    pub parameters: Vec<Parameter<'a>>,
    /// The feedback for it (XEP-0293).
    #[xml(child)]
    pub feedback: Vec<Feedback<'a>>,
    /// How often there is feedback at least (XEP-0293).
    #[xml(child)]
    pub feedback_interval: Option<FeedbackInterval<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A parameter of a codec (XEP-0167, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "parameter", section = "XEP-0167, 4")]
#[non_exhaustive]
pub struct Parameter<'a> {
    /// Its name. It can be empty (RFC 4566 allows for values alone).
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its value.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How SRTP is keyed (XEP-0167, 7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "encryption", section = "XEP-0167, 7")]
#[non_exhaustive]
pub struct Encryption<'a> {
    /// Whether it has to be encrypted.
    #[xml(attr)]
    pub required: Option<bool>,
    /// The keys that are offered (RFC 4568).
    #[xml(child)]
    pub cryptos: Vec<Crypto<'a>>,
    /// The hash of ZRTP (XEP-0262).
    #[xml(child)]
    pub zrtp_hash: Option<ZrtpHash<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A key for SRTP (RFC 4568) (XEP-0167, 7).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "crypto", section = "XEP-0167, 7")]
#[non_exhaustive]
pub struct Crypto<'a> {
    /// What it is for, such as `AES_CM_128_HMAC_SHA1_80`.
    #[xml(attr = "crypto-suite")]
    pub suite: Cow<'a, str>,
    /// The key.
    #[xml(attr = "key-params")]
    pub key_params: Secret<'a>,
    /// Parameters of the session.
    #[xml(attr = "session-params")]
    pub session_params: Option<Cow<'a, str>>,
    /// A number that identifies it.
    #[xml(attr)]
    pub tag: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How much bandwidth it takes (XEP-0167, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "bandwidth", section = "XEP-0167, 4")]
#[non_exhaustive]
pub struct Bandwidth<'a> {
    /// How it is measured, such as `AS` (RFC 4566).
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// How much: kilobits a second, mostly.
    #[xml(text)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How the call stands (XEP-0167, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = INFO, section = "XEP-0167, 8")]
#[non_exhaustive]
pub enum Info<'a> {
    /// It is going on, again.
    #[xml(name = "active")]
    Active,
    /// It is on hold.
    #[xml(name = "hold")]
    Hold,
    /// Somebody sends nothing.
    Mute(Mute<'a>),
    /// The telephone rings.
    #[xml(name = "ringing")]
    Ringing,
    /// It is not on hold any more.
    #[xml(name = "unhold")]
    Unhold,
    /// Somebody sends again.
    Unmute(Unmute<'a>),
}

/// Nothing is sent (XEP-0167, 8.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = INFO, name = "mute", section = "XEP-0167, 8.3")]
#[non_exhaustive]
pub struct Mute<'a> {
    /// Who made the content.
    #[xml(attr, lenient)]
    pub creator: Party,
    /// The name of the content; all of them, if there is none.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is sent again (XEP-0167, 8.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = INFO, name = "unmute", section = "XEP-0167, 8.3")]
#[non_exhaustive]
pub struct Unmute<'a> {
    /// Who made the content.
    #[xml(attr, lenient)]
    pub creator: Party,
    /// The name of the content; all of them, if there is none.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is wrong with the encryption, beside the condition of an error or a reason
/// (XEP-0167, 7).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ERRORS, section = "XEP-0167, 7")]
#[non_exhaustive]
pub enum RtpError {
    /// It has to be encrypted.
    #[xml(name = "crypto-required")]
    CryptoRequired,
    /// None of the keys can be used.
    #[xml(name = "invalid-crypto")]
    InvalidCrypto,
}
