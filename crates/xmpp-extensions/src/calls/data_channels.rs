//! Data channels of WebRTC: XEP-0343.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:dtls-sctp:1");

/// The namespace of a channel.
pub const CHANNEL: Ns<'static> = Ns::new("urn:xmpp:jingle:transports:webrtc-datachannel:0");

/// The port of SCTP over DTLS, beside the candidates of ICE (XEP-0343, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "sctpmap", section = "XEP-0343, 4.2")]
#[non_exhaustive]
pub struct SctpMap<'a> {
    /// The port.
    #[xml(attr)]
    pub number: u16,
    /// What is sent: `webrtc-datachannel`.
    #[xml(attr)]
    pub protocol: Cow<'a, str>,
    /// How many streams the sender takes.
    #[xml(attr)]
    pub streams: Option<u32>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A data channel (XEP-0343, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = CHANNEL, name = "channel", section = "XEP-0343, 4.2")]
#[non_exhaustive]
pub struct Channel<'a> {
    /// Its number.
    #[xml(attr)]
    pub id: Option<u16>,
    /// For how many milliseconds a message is sent again.
    #[xml(attr = "maxPacketLifeTime")]
    pub max_packet_life_time: Option<u16>,
    /// How often a message is sent again.
    #[xml(attr = "maxRetransmits")]
    pub max_retransmits: Option<u16>,
    /// Whether both open it by this, and not by a message within it.
    #[xml(attr, default)]
    pub negotiated: bool,
    /// Whether messages come in order; they do, if it does not say.
    #[xml(attr)]
    pub ordered: Option<bool>,
    /// What is sent.
    #[xml(attr)]
    pub protocol: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
