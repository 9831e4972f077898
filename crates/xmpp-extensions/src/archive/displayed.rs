//! Up to where one has read, for all of one's clients: XEP-0490.

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

use crate::base::stanza_id::StanzaId;

/// The namespace of XEP-0490, and the node where it is kept. Each chat is an
/// item with the bare JID of the other as its id.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:mds:displayed:0");
/// The feature of accounts whose server publishes the item for a client that
/// puts it into a message (XEP-0490, 4.5.1).
pub const SERVER_ASSIST: &str = "urn:xmpp:mds:server-assist:0";

/// Up to where one has read in a chat (XEP-0490, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "displayed", section = "XEP-0490, 4.1")]
#[non_exhaustive]
pub struct Displayed<'a> {
    /// The last message that one has read: by one's account, or by the room.
    #[xml(child)]
    pub stanza_id: StanzaId<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
