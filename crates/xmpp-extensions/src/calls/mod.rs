//! Jingle: voice, video, files, and what belongs to it.

pub mod category;
pub mod conference;
pub mod data_channels;
pub mod dtls;
pub mod external_services;
pub mod feedback;
pub mod grouping;
pub mod header_extensions;
pub mod http;
pub mod ice;
pub mod ice_udp;
pub mod in_band;
pub mod invites;
pub mod jingle;
pub mod meetings;
pub mod message_initiation;
pub mod muji;
pub mod publication;
pub mod raw_udp;
pub mod rtp;
pub mod socks5;
pub mod sources;
pub mod tones;
pub mod zrtp;

crate::registry::subject! {
    0166: jingle::Jingle<'_>,
    0166: jingle::JingleError,
    0167: rtp::Description<'_>,
    0167: rtp::RtpError,
    0176: ice_udp::Transport<'_>,
    0177: raw_udp::Transport<'_>,
    0181: tones::Tone<'_>,
    0215: external_services::Services<'_>,
    0215: external_services::Credentials<'_>,
    0260: socks5::Transport<'_>,
    0261: in_band::Transport<'_>,
    0262: zrtp::ZrtpHash<'_>,
    0272: muji::Muji<'_>,
    0293: feedback::Feedback<'_>,
    0293: feedback::FeedbackInterval<'_>,
    0294: header_extensions::HeaderExtension<'_>,
    0298: conference::Coin<'_>,
    0298: conference::ConferenceInfo<'_>,
    0320: dtls::Fingerprint<'_>,
    0338: grouping::Group<'_>,
    0339: sources::Source<'_>,
    0339: sources::SourceGroup<'_>,
    0343: data_channels::SctpMap<'_>,
    0343: data_channels::Channel<'_>,
    0353: message_initiation::Propose<'_>,
    0353: message_initiation::Ringing<'_>,
    0353: message_initiation::Retract<'_>,
    0353: message_initiation::Proceed<'_>,
    0353: message_initiation::Accept<'_>,
    0353: message_initiation::Reject<'_>,
    0353: message_initiation::Finish<'_>,
    0358: publication::JinglePublication<'_>,
    0358: publication::Start<'_>,
    0358: publication::Starting<'_>,
    0370: http::Transport<'_>,
    0370: http::UploadTransport<'_>,
    0371: ice::Transport<'_>,
    0482: invites::Invite<'_>,
    0482: invites::Retract<'_>,
    0482: invites::Accept<'_>,
    0482: invites::Reject<'_>,
    0482: invites::Left<'_>,
    0483: meetings::Query<'_>,
    0483: meetings::Meeting<'_>,
    0483: meetings::Retry<'_>,
    0507: category::Category<'_>,
}
