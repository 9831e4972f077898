//! Which answer belongs to which request: RFC 6120 section 8.2.3.
//!
//! An iq of type `result` or `error` answers a request if it has the `id` of the
//! request *and* comes from where the request went. By the `id` alone, anybody who
//! guesses or learns it could answer in the name of your server.
//!
//! A connection keeps one of these and does the rest by itself:
//! [`Connection::request`](crate::Connection::request) sends, and
//! [`Event::Answered`](crate::Event::Answered) or
//! [`Event::Unanswered`](crate::Event::Unanswered) tells. The type is here for who
//! has a stream of another kind.
//!
//! ```
//! use core::time::Duration;
//!
//! use xmpp_core::requests::{Asker, Requests};
//! use xmpp_core::stanza::StanzaRef;
//! use xmpp_core::time::Instant;
//! use xmpp_core::xml::Element;
//!
//! let account = xmpp_core::jid::BareJid::new("juliet@example.com")?;
//! let asker = Asker::Client(account.as_ref());
//! let mut requests = Requests::new(100);
//! // Without `to`: for one's own account. The id should be hard to guess.
//! let deadline = Instant::from_origin(Duration::from_secs(30));
//! let request = requests.sent("x7q", None, deadline)?;
//!
//! let forged = Element::parse(
//!     "<iq xmlns='jabber:client' type='result' from='evil@example.org' id='x7q'/>",
//! )?;
//! let forged = StanzaRef::new(forged.as_ref()).ok_or("no stanza")?;
//! assert_eq!(requests.answered(forged, asker), None);
//!
//! let answer = Element::parse("<iq xmlns='jabber:client' type='result' id='x7q'/>")?;
//! let answer = StanzaRef::new(answer.as_ref()).ok_or("no stanza")?;
//! assert_eq!(requests.answered(answer, asker), Some(request));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::fmt;

use xmpp_jid::{BareJidRef, Jid};
use xmpp_stanza::{AddressRef, StanzaRef};

use crate::time::Instant;

/// A request that was sent, for whoever waits for its answer.
///
/// It is another thing than the `id` of the iq, which is made to be hard to guess.
/// None comes twice in one [`Requests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u64);

/// The iq requests that wait for an answer: a bounded number, each until its
/// deadline.
///
/// Each call costs the logarithm of how many there are. The default may have none at
/// all: see [`set_max`](Self::set_max).
#[derive(Clone, Default)]
pub struct Requests {
    waiting: BTreeMap<Box<str>, Waiting>,
    deadlines: BTreeMap<(Instant, RequestId), Box<str>>,
    made: u64,
    max: usize,
}

#[derive(Clone)]
struct Waiting {
    to: Option<Jid>,
    deadline: Instant,
    request: RequestId,
}

/// Whose requests they are, which decides who may answer them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Asker<'a> {
    /// A client of that account. What comes without `from` is from its account
    /// (`6120-8.1.2.1-04`), in whose name the server answers what had no `to`
    /// (RFC 6120 section 10.3.3). It counts for the server itself as well: a stanza
    /// of anybody else has a `from`, since the server sets it.
    Client(BareJidRef<'a>),
    /// An entity on a stream between domains: an answer has a `from`, and it is the
    /// `to` of the request.
    Entity,
    /// A server that asks its client: whatever comes on the stream is from who was
    /// asked, and what it says of its sender does not count (`6120-8.1.2.1-01`).
    Server,
}

impl Asker<'_> {
    /// Whether who sends from `from` is who was asked by a request to `to`.
    #[must_use]
    pub fn accepts(self, to: Option<&Jid>, from: &AddressRef<'_>) -> bool {
        match self {
            Self::Server => true,
            Self::Entity => is(to, from),
            Self::Client(account) => match to {
                None => is_account(account, from),
                Some(to) if to.as_str() == account.as_str() => is_account(account, from),
                Some(to) if to.as_str() == account.domainpart().as_str() => {
                    matches!(from, AddressRef::Absent) || is(Some(to), from)
                }
                to => is(to, from),
            },
        }
    }
}

fn is_account(account: BareJidRef<'_>, from: &AddressRef<'_>) -> bool {
    match from {
        AddressRef::Absent => true,
        AddressRef::Jid(from) => from.as_ref().as_str() == account.as_str(),
        AddressRef::Malformed { .. } => false,
    }
}

fn is(to: Option<&Jid>, from: &AddressRef<'_>) -> bool {
    match (to, from) {
        (Some(to), AddressRef::Jid(from)) => from.as_ref().as_str() == to.as_str(),
        _ => false,
    }
}

impl Requests {
    /// None yet; at most `max` may wait.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { waiting: BTreeMap::new(), deadlines: BTreeMap::new(), made: 0, max }
    }

    /// Remembers a request to `to` with that `id`, to be answered by then.
    ///
    /// # Errors
    ///
    /// As many requests wait as may, or one with that `id` does.
    pub fn sent(
        &mut self,
        id: impl Into<Box<str>>,
        to: Option<Jid>,
        deadline: Instant,
    ) -> Result<RequestId, TooManyRequests> {
        let id = id.into();
        if self.is_full() || self.waiting.contains_key(&id) {
            return Err(TooManyRequests { max: self.max });
        }
        self.made += 1;
        let request = RequestId(self.made);
        self.deadlines.insert((deadline, request), id.clone());
        self.waiting.insert(id, Waiting { to, deadline, request });
        Ok(request)
    }

    /// Takes an iq of type `result` or `error`, and says which request it answers.
    /// `None` if it answers none that waits: it is to be ignored then
    /// (`6120-10.3.3-04`).
    pub fn answered(&mut self, iq: StanzaRef<'_>, asker: Asker<'_>) -> Option<RequestId> {
        if self.waiting.is_empty() || !iq.is_response() {
            return None;
        }
        let id = iq.id()?;
        let waiting = self.waiting.get(&*id)?;
        if !asker.accepts(waiting.to.as_ref(), &iq.from()) {
            return None;
        }
        let waiting = self.waiting.remove(&*id)?;
        self.deadlines.remove(&(waiting.deadline, waiting.request));
        Some(waiting.request)
    }

    /// The next request whose deadline has come; it waits no longer.
    pub fn due(&mut self, now: Instant) -> Option<RequestId> {
        if self.next_deadline()? > now {
            return None;
        }
        let ((_, request), id) = self.deadlines.pop_first()?;
        self.waiting.remove(&id);
        Some(request)
    }

    /// When [`due`](Self::due) has something to tell.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Does not wait for an answer any longer. Says whether it did.
    pub fn give_up(&mut self, request: RequestId) -> bool {
        let found = self.deadlines.iter().find(|((_, other), _)| *other == request);
        let Some((&key, _)) = found else { return false };
        if let Some(id) = self.deadlines.remove(&key) {
            self.waiting.remove(&id);
        }
        true
    }

    /// The requests that wait, in the order of their deadlines.
    pub fn iter(&self) -> impl Iterator<Item = RequestId> + '_ {
        self.deadlines.keys().map(|(_, request)| *request)
    }

    /// At most `max` may wait from here on. Those that do still may.
    pub fn set_max(&mut self, max: usize) {
        self.max = max;
    }

    /// How many requests wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no request waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether no more may be sent for now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= self.max
    }
}

impl fmt::Debug for Requests {
    /// Not who was asked, nor the ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("waiting", &self.len()).finish_non_exhaustive()
    }
}

/// As many requests wait for an answer as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooManyRequests {
    /// The limit.
    pub max: usize,
}

impl fmt::Display for TooManyRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests wait for an answer already", self.max)
    }
}

impl core::error::Error for TooManyRequests {}
