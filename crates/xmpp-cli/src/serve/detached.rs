//! Sessions that can be resumed (XEP-0198): where each is, and those whose connection is
//! lost.

use core::time::Duration;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::Notify;
use xmpp_core::jid::BareJid;
use xmpp_core::stream_management::{Resumption, ResumptionId, Unacknowledged};
use xmpp_server::SessionId;

/// How much is kept of sessions without a connection.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// For how long, unless the client wanted less.
    pub(super) time: Duration,
    /// How many of one account. One more, and the oldest ends.
    pub(super) account_sessions: usize,
    /// Bytes of stanzas that were not acknowledged, of one account. As above.
    pub(super) account_bytes: usize,
    /// How many in all. One more is not kept.
    pub(super) sessions: usize,
    /// Bytes in all. As above.
    pub(super) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(300),
            account_sessions: 8,
            account_bytes: 4 << 20,
            sessions: 10_000,
            bytes: 64 << 20,
        }
    }
}

/// So many sessions that are over are remembered, to tell who asks for one of them what
/// had been handled.
const REMEMBERED: usize = 1000;

/// What an entry holds beside what its stanzas do.
const ENTRY_BYTES: usize = 512;

/// The sessions that can be resumed.
#[derive(Default)]
pub(super) struct Resumable {
    entries: HashMap<ResumptionId, Entry>,
    ids: HashMap<SessionId, ResumptionId>,
    pub(super) bounds: Bounds,
    /// Of those without a connection.
    sessions: usize,
    bytes: usize,
    /// When each lost its connection, as a number.
    order: u64,
    over: VecDeque<(ResumptionId, BareJid, u32)>,
}

struct Entry {
    session: SessionId,
    account: BareJid,
    handover: Arc<Handover>,
    away: Option<Away>,
}

struct Away {
    resumption: Resumption,
    bytes: usize,
    order: u64,
}

/// Between the connection that has a session and the one that wants it.
#[derive(Default)]
pub(super) struct Handover {
    /// Another connection wants it.
    pub(super) wanted: Notify,
    /// It is there to be taken.
    pub(super) left: Notify,
}

/// A session that is over, and what its client was not sent or has not acknowledged.
pub(super) type Over = (SessionId, Unacknowledged);

/// Where a session is.
pub(super) enum Place {
    /// It was without a connection; now it is the caller's.
    Away(SessionId, Box<Resumption>),
    /// On another connection.
    Here(Arc<Handover>),
    /// Nowhere. Perhaps it is remembered how many stanzas it had handled.
    Nowhere(Option<u32>),
}

impl Resumable {
    /// A connection has that session, which can be resumed from now on.
    pub(super) fn enter(
        &mut self,
        id: ResumptionId,
        session: SessionId,
        account: BareJid,
    ) -> Arc<Handover> {
        let handover = Arc::new(Handover::default());
        let entry = Entry { session, account, handover: Arc::clone(&handover), away: None };
        self.ids.insert(session, id.clone());
        self.entries.insert(id, entry);
        handover
    }

    /// The session's connection is lost. Gives a number for [`expire`](Self::expire), and
    /// the sessions that are over now for its sake; or, if there is no room, what it would
    /// have been resumed from.
    pub(super) fn leave(
        &mut self,
        session: SessionId,
        resumption: Resumption,
    ) -> Result<(u64, Vec<Over>), Box<Resumption>> {
        let bytes = resumption.held_bytes().saturating_add(ENTRY_BYTES);
        let id = resumption.id().clone();
        let Some(entry) = self.entries.get(&id).filter(|entry| entry.session == session) else {
            return Err(Box::new(resumption));
        };
        let account = entry.account.clone();
        let mut over = Vec::new();
        loop {
            let (sessions, held) = self.of(&account);
            if sessions < self.bounds.account_sessions && held + bytes <= self.bounds.account_bytes
            {
                break;
            }
            match self.oldest(&account) {
                Some(oldest) => over.extend(self.take(oldest).map(|left| (oldest, left))),
                None => break,
            }
        }
        let (_, held) = self.of(&account);
        let fits = self.sessions < self.bounds.sessions
            && self.bytes + bytes <= self.bounds.bytes
            && held + bytes <= self.bounds.account_bytes
            && self.bounds.account_sessions > 0;
        let Some(entry) = self.entries.get_mut(&id).filter(|_| fits || !over.is_empty()) else {
            return Err(Box::new(resumption));
        };
        self.order += 1;
        self.sessions += 1;
        self.bytes += bytes;
        entry.away = Some(Away { resumption, bytes, order: self.order });
        // Kept for a while if somebody is about to wait for it.
        entry.handover.left.notify_one();
        Ok((self.order, over))
    }

    /// How many sessions of the account are without a connection, and their bytes.
    fn of(&self, account: &BareJid) -> (usize, usize) {
        let away = self.entries.values().filter(|entry| entry.account == *account);
        let away = away.filter_map(|entry| entry.away.as_ref());
        away.fold((0, 0), |(count, bytes), away| (count + 1, bytes + away.bytes))
    }

    fn oldest(&self, account: &BareJid) -> Option<SessionId> {
        let of_account = self.entries.values().filter(|entry| entry.account == *account);
        let away = of_account.filter_map(|entry| Some((entry.away.as_ref()?.order, entry.session)));
        away.min_by_key(|(order, _)| *order).map(|(_, session)| session)
    }

    /// Where the session is that the account may resume by that identifier.
    pub(super) fn find(&mut self, account: &BareJid, id: &ResumptionId) -> Place {
        let found = self.entries.get_mut(id).filter(|entry| entry.account == *account);
        let Some(entry) = found else {
            let over = self.over.iter().find(|(over, of, _)| over == id && of == account);
            return Place::Nowhere(over.map(|(_, _, h)| *h));
        };
        let Some(away) = entry.away.take() else {
            return Place::Here(Arc::clone(&entry.handover));
        };
        let session = entry.session;
        self.sessions -= 1;
        self.bytes -= away.bytes;
        self.entries.remove(id);
        self.ids.remove(&session);
        Place::Away(session, Box::new(away.resumption))
    }

    /// The time of a session is over, unless it has been resumed meanwhile.
    pub(super) fn expire(&mut self, session: SessionId, order: u64) -> Option<Over> {
        let entry = self.entries.get(self.ids.get(&session)?)?;
        if entry.away.as_ref().is_none_or(|away| away.order != order) {
            return None;
        }
        self.take(session).map(|left| (session, left))
    }

    /// The session has ended: it cannot be resumed any more. Gives what was kept of one
    /// without a connection.
    pub(super) fn take(&mut self, session: SessionId) -> Option<Unacknowledged> {
        let id = self.ids.remove(&session)?;
        let Entry { account, away, .. } = self.entries.remove(&id)?;
        let Away { resumption, bytes, .. } = away?;
        self.sessions -= 1;
        self.bytes -= bytes;
        if self.over.len() >= REMEMBERED {
            self.over.pop_front();
        }
        self.over.push_back((id, account, resumption.handled().get()));
        Some(resumption.into_unacknowledged())
    }
}
