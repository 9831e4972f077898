//! Client state indication: XEP-0352. These are sent beside stanzas.

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

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

/// The stream feature of servers that want to know (XEP-0352, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::CSI, name = "csi", section = "XEP-0352, 4.1")]
#[non_exhaustive]
pub struct ClientStateFeature<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
