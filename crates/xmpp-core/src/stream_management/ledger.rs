//! Both counts of a stream, and when to ask for an acknowledgement.

use alloc::string::String;

use xmpp_jid::FullJid;
use xmpp_stanza::sm;
use xmpp_xml::StreamContext;

use super::serialized::{MAX_LOCATION_BYTES, is_identifier};
use super::{Count, Resumption, ResumptionId, StreamManagement, Unacknowledged};
use crate::error::{PeerMisbehaved, SendError};

/// What one side of a stream under stream management remembers.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Ledger {
    /// Whether the peer counts what we send: not before a client's `<enable/>` is
    /// answered.
    enabled: bool,
    /// Under which identifier the stream can be resumed.
    session: Option<Session>,
    handled: Count,
    /// What the peer was told of that last.
    told: Count,
    acknowledged: Count,
    queue: Unacknowledged,
    bounds: Bounds,
    /// Whether a request of ours is not answered yet.
    asked: bool,
    /// Whether a request of the peer is not answered yet.
    owed: bool,
    /// What has been sent since our last request.
    unasked_stanzas: u32,
    unasked_bytes: usize,
}

#[cfg_attr(test, derive(Clone))]
struct Session {
    id: ResumptionId,
    location: Option<String>,
    max: Option<u32>,
}

/// The numbers of a [`StreamManagement`].
#[derive(Clone, Copy)]
struct Bounds {
    max_stanzas: usize,
    max_bytes: usize,
    ask_stanzas: u32,
    ask_bytes: usize,
}

impl Bounds {
    fn of(config: &StreamManagement) -> Self {
        Self {
            max_stanzas: config.max_stanzas.max(1) as usize,
            max_bytes: config.max_bytes,
            ask_stanzas: config.request_after_stanzas.min(config.max_stanzas / 2).max(1),
            ask_bytes: config.request_after_bytes.min(config.max_bytes / 2),
        }
    }
}

/// What an `h` tells, of which the wire has the last 32 bits alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// So many more are handled than were acknowledged. So many are unacknowledged.
    More(u32),
    /// A count from before the last acknowledgement.
    Earlier,
    /// More than was sent (section 6).
    TooHigh,
}

impl Told {
    /// With `acknowledged` acknowledged and `unacknowledged` more sent, `h` may be any count
    /// from the one to the sum of both, across the wrap at 2^32. It is an earlier one if it
    /// is less as a number, and not more than 2^31 behind. All others are too high: nobody
    /// has sent as many. So is, right behind the wrap, a count from before it, which a peer
    /// that counts cannot come back to.
    fn of(h: u32, acknowledged: Count, unacknowledged: usize) -> Self {
        match Count::new(h).since(acknowledged) {
            Some(more) if more as usize <= unacknowledged => Self::More(more),
            None if h < acknowledged.get() => Self::Earlier,
            _ => Self::TooHigh,
        }
    }
}

impl Ledger {
    /// Of a stream whose stanzas count from now on.
    pub(crate) fn new(config: &StreamManagement, context: StreamContext) -> Self {
        Self {
            enabled: false,
            session: None,
            handled: Count::default(),
            told: Count::default(),
            acknowledged: Count::default(),
            queue: Unacknowledged::new(context),
            bounds: Bounds::of(config),
            asked: false,
            owed: false,
            unasked_stanzas: 0,
            unasked_bytes: 0,
        }
    }

    /// Of a stream that goes on.
    pub(crate) fn resumed(config: &StreamManagement, resumption: Resumption) -> Self {
        let Resumption { id, location, max, handled, acknowledged, queue, .. } = resumption;
        Self {
            enabled: true,
            session: Some(Session { id, location, max }),
            handled,
            told: handled,
            acknowledged,
            unasked_stanzas: u32::try_from(queue.len()).unwrap_or(u32::MAX),
            unasked_bytes: queue.byte_len(),
            queue,
            bounds: Bounds::of(config),
            asked: false,
            owed: false,
        }
    }

    /// The peer counts from here on.
    pub(crate) fn enabled(&mut self, enabled: sm::Enabled) {
        self.enabled = true;
        self.handled = Count::default();
        self.told = self.handled;
        let sm::Enabled { resume, id, location, max, .. } = enabled;
        // What could not be asked for cannot be resumed.
        let id = id.filter(|id| resume && is_identifier(id));
        self.session = id.map(|id| Session {
            id: ResumptionId::new(&id),
            location: location.filter(|location| location.len() <= MAX_LOCATION_BYTES),
            max,
        });
    }

    pub(crate) const fn is_enabled(&self) -> bool {
        self.enabled
    }

    pub(crate) const fn is_resumable(&self) -> bool {
        self.session.is_some()
    }

    pub(crate) fn id(&self) -> Option<&ResumptionId> {
        self.session.as_ref().map(|session| &session.id)
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.session.as_ref()?.location.as_deref()
    }

    pub(crate) fn max(&self) -> Option<u32> {
        self.session.as_ref()?.max
    }

    pub(crate) const fn handled(&self) -> Count {
        self.handled
    }

    pub(crate) const fn acknowledged(&self) -> Count {
        self.acknowledged
    }

    /// How many stanzas were sent.
    pub(crate) fn sent(&self) -> Count {
        self.acknowledged.plus(u32::try_from(self.queue.len()).unwrap_or(u32::MAX))
    }

    pub(crate) const fn queue(&self) -> &Unacknowledged {
        &self.queue
    }

    pub(crate) fn into_queue(self) -> Unacknowledged {
        self.queue
    }

    /// A stanza of the peer is given out.
    pub(crate) const fn handle(&mut self) {
        if self.enabled {
            self.handled.increment();
        }
    }

    /// Keeps a stanza that is about to be sent.
    pub(crate) fn keep(&mut self, stanza: &[u8]) -> Result<(), SendError> {
        let stanzas = self.queue.len();
        let bytes = self.queue.byte_len().saturating_add(stanza.len());
        if stanzas >= self.bounds.max_stanzas || (stanzas > 0 && bytes > self.bounds.max_bytes) {
            return Err(SendError::QueueFull { stanzas, bytes: self.queue.byte_len() });
        }
        self.queue.push(stanza);
        self.unasked_stanzas = self.unasked_stanzas.saturating_add(1);
        self.unasked_bytes = self.unasked_bytes.saturating_add(stanza.len());
        Ok(())
    }

    /// Whether enough has been sent since the last request to ask again.
    pub(crate) fn asks_now(&self) -> bool {
        self.may_ask()
            && (self.unasked_stanzas >= self.bounds.ask_stanzas
                || self.unasked_bytes >= self.bounds.ask_bytes)
    }

    /// Whether there is something to ask for and no request is under way.
    pub(crate) fn may_ask(&self) -> bool {
        self.enabled && !self.asked && !self.queue.is_empty()
    }

    /// Whether an answer is awaited.
    pub(crate) const fn is_asked(&self) -> bool {
        self.asked
    }

    /// An acknowledgement has been requested.
    pub(crate) const fn ask(&mut self) {
        self.asked = true;
        self.unasked_stanzas = 0;
        self.unasked_bytes = 0;
    }

    /// The peer has requested an acknowledgement.
    pub(crate) const fn owe(&mut self) {
        self.owed = true;
    }

    pub(crate) const fn owes(&self) -> bool {
        self.owed
    }

    /// Whether the peer does not know yet how many stanzas of it were handled.
    pub(crate) fn has_news(&self) -> bool {
        self.enabled && self.told != self.handled
    }

    /// The answer to a request, or one that nobody asked for.
    pub(crate) const fn answer(&mut self) -> sm::Ack {
        self.owed = false;
        self.told = self.handled;
        sm::Ack::new(self.handled.get())
    }

    /// The peer has handled `h` stanzas. One that is not higher than an earlier
    /// one tells nothing new.
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<(), PeerMisbehaved> {
        self.asked = false;
        match Told::of(h, self.acknowledged, self.queue.len()) {
            Told::Earlier => Ok(()),
            Told::More(more) => {
                self.queue.drop_first(more);
                self.acknowledged = Count::new(h);
                Ok(())
            }
            Told::TooHigh => {
                Err(PeerMisbehaved::HandledCountTooHigh { h, send_count: self.sent().get() })
            }
        }
    }

    /// What the stream, bound to that address, can be resumed from.
    pub(crate) fn resumption(&self, jid: &FullJid) -> Option<Resumption> {
        let session = self.session.as_ref()?;
        Some(Resumption {
            id: session.id.clone(),
            jid: jid.clone(),
            location: session.location.clone(),
            max: session.max,
            handled: self.handled,
            acknowledged: self.acknowledged,
            queue: self.queue.clone(),
        })
    }

    /// What the stream can be resumed from, without copying its queue: the ledger is at
    /// its end.
    pub(crate) fn into_resumption(self, jid: &FullJid) -> Option<Resumption> {
        let Session { id, location, max } = self.session?;
        let jid = jid.clone();
        let (handled, acknowledged, queue) = (self.handled, self.acknowledged, self.queue);
        Some(Resumption { id, jid, location, max, handled, acknowledged, queue })
    }

    /// All that tells two states of a model apart.
    #[cfg(test)]
    pub(super) fn fingerprint(&self) -> [u32; 8] {
        [
            self.handled.get(),
            self.told.get(),
            self.acknowledged.get(),
            self.queue.len() as u32,
            u32::from(self.asked),
            u32::from(self.owed),
            self.unasked_stanzas,
            self.unasked_bytes as u32,
        ]
    }

    /// Gives memory back that nothing needs.
    pub(crate) fn release(&mut self) {
        self.queue.release();
    }
}

impl Resumption {
    /// The peer has handled `h` stanzas of the former stream. Fewer than it had
    /// acknowledged before cannot be: what it has forgotten is not kept here.
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<(), PeerMisbehaved> {
        let sent = self.acknowledged.plus(u32::try_from(self.queue.len()).unwrap_or(u32::MAX));
        match Told::of(h, self.acknowledged, self.queue.len()) {
            Told::Earlier => {
                let acknowledged = self.acknowledged.get();
                Err(PeerMisbehaved::HandledCountReversed { h, acknowledged })
            }
            Told::More(more) => {
                self.queue.drop_first(more);
                self.acknowledged = Count::new(h);
                Ok(())
            }
            Told::TooHigh => Err(PeerMisbehaved::HandledCountTooHigh { h, send_count: sent.get() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 4: counts are modulo 2^32; section 6: more than was sent is an error.
    #[test]
    fn what_a_count_tells() {
        use Told::{Earlier, More, TooHigh};

        const HALF: u32 = 1 << 31;
        const MAX: u32 = u32::MAX;
        for (acknowledged, unacknowledged, h, told) in [
            // Nothing was sent: nothing but zero can be.
            (0, 0, 0, More(0)),
            (0, 0, 1, TooHigh),
            (0, 0, HALF - 1, TooHigh),
            (0, 0, HALF, TooHigh),
            (0, 0, HALF + 1, TooHigh),
            (0, 0, MAX, TooHigh),
            // Three were acknowledged, two more were sent.
            (3, 2, 3, More(0)),
            (3, 2, 5, More(2)),
            (3, 2, 6, TooHigh),
            (3, 2, HALF + 3, TooHigh),
            (3, 2, MAX, TooHigh),
            (3, 2, 2, Earlier),
            (3, 2, 0, Earlier),
            // Many were acknowledged.
            (HALF + 9, 2, HALF + 11, More(2)),
            (HALF + 9, 2, HALF + 12, TooHigh),
            (HALF + 9, 2, MAX, TooHigh),
            (HALF + 9, 2, 9, Earlier),
            // Nearer to what comes than to what was.
            (HALF + 9, 2, 8, TooHigh),
            // Across the wrap.
            (MAX - 1, 4, MAX - 1, More(0)),
            (MAX - 1, 4, MAX, More(1)),
            (MAX - 1, 4, 2, More(4)),
            (MAX - 1, 4, 3, TooHigh),
            (MAX - 1, 4, MAX - 2, Earlier),
            // Behind it.
            (1, 1, 2, More(1)),
            (1, 1, 0, Earlier),
            (1, 1, MAX, TooHigh),
        ] {
            let found = Told::of(h, Count::new(acknowledged), unacknowledged);
            assert_eq!(found, told, "{acknowledged} + {unacknowledged}, h={h}");
        }
    }
}
