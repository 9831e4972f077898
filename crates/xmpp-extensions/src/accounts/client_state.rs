//! Client state indication: XEP-0352. These are sent beside stanzas; the stream
//! feature is [`ClientStateIndication`](xmpp_stanza::features::ClientStateIndication).

use xmpp_stanza::Payload;
use xmpp_stanza::xml::ns;

/// Whether somebody looks at the client (XEP-0352, 4.2).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ns::CSI, section = "XEP-0352, 4.2")]
#[expect(clippy::exhaustive_enums, reason = "somebody does, or does not")]
pub enum ClientState {
    /// Somebody does.
    #[xml(name = "active")]
    Active,
    /// Nobody does: the server may hold back what is not urgent.
    #[xml(name = "inactive")]
    Inactive,
}
