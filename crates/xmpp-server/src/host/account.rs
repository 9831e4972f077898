//! An account, and the messages that wait for its user.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use xmpp_im::roster::{self, Roster};
use xmpp_jid::{BareJid, Jid};
use xmpp_xml::{Element, ElementRef};

use crate::config::Limits;
use crate::outbox::SessionId;
use crate::time::UnixTime;

/// What the host keeps of an account.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) jid: BareJid,
    pub(super) roster: Roster,
    /// In the order in which they were bound.
    pub(super) sessions: Vec<SessionId>,
    pub(super) offline: Offline,
    /// When its last available resource became unavailable.
    pub(super) last_available: Option<UnixTime>,
    /// When the requests that wait for answers were sent last; at first, when
    /// the first of them was.
    pub(super) asked_at: Option<UnixTime>,
}

impl Account {
    pub(super) fn new(jid: BareJid, instance: u64, limits: roster::Limits) -> Self {
        Self {
            jid,
            roster: Roster::new(instance, limits),
            sessions: Vec::new(),
            offline: Offline::default(),
            last_available: None,
            asked_at: None,
        }
    }
}

/// Messages stored until the user is there again (RFC 6121 §8.5.2.2.1, XEP-0160).
#[derive(Clone, Default)]
pub(super) struct Offline {
    messages: VecDeque<Stored>,
    bytes: usize,
}

/// A stored message as it came, with memory of its own, and what the host knows of it.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) at: UnixTime,
    pub(super) from: Jid,
    pub(super) message: Element,
}

impl Offline {
    /// Stores a message; `false` if there is no room.
    pub(super) fn store(
        &mut self,
        at: UnixTime,
        from: &Jid,
        message: ElementRef<'_>,
        limits: &Limits,
    ) -> bool {
        // A message that cannot fit is not copied first.
        if message.source().len() > limits.max_offline_bytes {
            return false;
        }
        // What is around it, and what only its stream's header says, is not kept with it.
        let message = message.into_shared().detach();
        let held = message.held_bytes() + from.as_str().len() + size_of::<Stored>();
        let bytes = self.bytes.saturating_add(held);
        if self.messages.len() >= limits.max_offline_messages || bytes > limits.max_offline_bytes {
            return false;
        }
        self.bytes = bytes;
        self.messages.push_back(Stored { at, from: from.clone(), message });
        true
    }

    /// Takes all messages, oldest first.
    pub(super) fn take(&mut self) -> VecDeque<Stored> {
        self.bytes = 0;
        core::mem::take(&mut self.messages)
    }
}
