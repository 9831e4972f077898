//! Which answer belongs to which request: RFC 6120 §8.2.3.
//!
//! An iq of type "result" or "error" answers a request if it has the request's 'id' *and*
//! comes from where the request went. With the 'id' alone, anybody who guesses it answers
//! in the name of your server.
//!
//! ```
//! use xmpp_im::requests::{Outcome, Requests};
//! use xmpp_jid::BareJid;
//! use xmpp_stanza::StanzaRef;
//! use xmpp_xml::Element;
//!
//! let mut requests = Requests::new(BareJid::new("juliet@example.com")?, "x7", 100);
//! let id = requests.sent(None, "roster get")?;            // without 'to': for one's own account
//!
//! let forged = Element::parse(&format!(
//!     "<iq xmlns='jabber:client' type='result' from='evil@example.org' id='{id}'/>"
//! ))?;
//! assert!(requests.answered(StanzaRef::new(forged.as_ref()).unwrap()).is_none());
//!
//! let answer = Element::parse(&format!("<iq xmlns='jabber:client' type='result' id='{id}'/>"))?;
//! let answered = requests.answered(StanzaRef::new(answer.as_ref()).unwrap());
//! assert_eq!(answered, Some(("roster get", Outcome::Result)));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::fmt;

use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::{AddressRef, IqType, StanzaRef};

/// The iq requests that wait for an answer, each with what the caller wants back then.
#[derive(Clone, Debug)]
pub struct Requests<T> {
    account: BareJid,
    prefix: String,
    count: u64,
    max: usize,
    waiting: BTreeMap<String, (Option<Jid>, T)>,
}

impl<T> Requests<T> {
    /// For the client of that account. The identifiers it makes begin with `prefix`, which
    /// keeps them apart from those of others; at most `max` requests may wait.
    #[must_use]
    pub fn new(account: BareJid, prefix: impl Into<String>, max: usize) -> Self {
        Self { account, prefix: prefix.into(), count: 0, max, waiting: BTreeMap::new() }
    }

    /// Makes the 'id' for a request to `to`, and remembers both.
    ///
    /// # Errors
    ///
    /// As many requests wait as may.
    pub fn sent(&mut self, to: Option<Jid>, request: T) -> Result<String, TooManyRequests> {
        if self.waiting.len() >= self.max {
            return Err(TooManyRequests { max: self.max });
        }
        self.count += 1;
        let id = format!("{}{:x}", self.prefix, self.count);
        // A request to one's own bare JID is one without 'to' (RFC 6120 §10.3.3).
        let to = to.filter(|to| to.as_str() != self.account.as_str());
        self.waiting.insert(id.clone(), (to, request));
        Ok(id)
    }

    /// Takes an iq of type "result" or "error". `None` if it answers no request that waits:
    /// ignore it then.
    pub fn answered(&mut self, iq: StanzaRef<'_>) -> Option<(T, Outcome)> {
        let outcome = match iq.iq_type()? {
            IqType::Result => Outcome::Result,
            IqType::Error => Outcome::Error,
            _ => return None,
        };
        let id = iq.id()?;
        let (to, _) = self.waiting.get(id.as_ref())?;
        let matches = match (to, &iq.from()) {
            // RFC 6120 §8.1.2.1: what the server sends on behalf of the account has no
            // 'from', or the account's bare JID.
            (None, AddressRef::Absent) => true,
            (None, AddressRef::Jid(from)) => from.as_ref().as_str() == self.account.as_str(),
            (Some(to), AddressRef::Jid(from)) => from.as_ref().as_str() == to.as_str(),
            _ => false,
        };
        if !matches {
            return None;
        }
        self.waiting.remove(id.as_ref()).map(|(_, request)| (request, outcome))
    }

    /// Gives up a request, say because no answer came in time.
    pub fn give_up(&mut self, id: &str) -> Option<T> {
        self.waiting.remove(id).map(|(_, request)| request)
    }

    /// Gives up all requests, as when the stream has ended.
    pub fn give_up_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        core::mem::take(&mut self.waiting).into_values().map(|(_, request)| request)
    }

    /// The number of requests that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no request waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// The type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 §8.2.3 has these two")]
pub enum Outcome {
    /// "result"
    Result,
    /// "error"
    Error,
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
