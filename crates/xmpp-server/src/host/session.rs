//! A connected resource.

use xmpp_im::delivery::Resource;
use xmpp_im::presence::ResourcePresence;
use xmpp_jid::FullJid;
use xmpp_xml::Element;

/// What the host keeps of a session.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) jid: FullJid,
    pub(super) presence: ResourcePresence,
    /// The last presence it broadcast, while it is available: the answer to probes.
    pub(super) last: Option<Element>,
}

impl Session {
    pub(super) const fn new(jid: FullJid, max_directed: usize) -> Self {
        Self { jid, presence: ResourcePresence::new(max_directed), last: None }
    }

    pub(super) fn as_resource(&self) -> Resource<'_> {
        Resource {
            resourcepart: self.jid.resourcepart().as_str(),
            priority: self.presence.priority(),
        }
    }
}
