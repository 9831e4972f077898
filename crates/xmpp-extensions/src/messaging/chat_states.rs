//! Chat state notifications: XEP-0085.

use xmpp_stanza::Payload;
use xmpp_stanza::xml::ns;

/// What somebody does in a chat (XEP-0085, 2).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ns::CHAT_STATES, section = "XEP-0085, 2")]
#[expect(clippy::exhaustive_enums, reason = "XEP-0085 is final")]
pub enum ChatState {
    /// Takes part in the chat.
    #[xml(name = "active")]
    Active,
    /// Writes a message.
    #[xml(name = "composing")]
    Composing,
    /// Wrote, and has stopped for now.
    #[xml(name = "paused")]
    Paused,
    /// Has not taken part for a while.
    #[xml(name = "inactive")]
    Inactive,
    /// Has left the chat.
    #[xml(name = "gone")]
    Gone,
}
