//! Resource binding, and the end of sessions: RFC 6120 §7.

use alloc::format;
use alloc::string::String;
use core::fmt::{self, Write};

use xmpp_jid::{BareJid, FullJid, Jid, Resourcepart};
use xmpp_stanza::{StanzaCondition, StreamCondition};

use super::Host;
use super::session::Session;
use crate::config::ConflictPolicy;
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

impl Host {
    /// A client has authenticated and asks for a resource (RFC 6120 §7): gives the address
    /// that it is bound to, for the result of its request. From now on it is a connected
    /// resource, under the number `id`.
    ///
    /// `requested` is the resourcepart that the client asked for, as it came; `random` are
    /// bytes that nobody can guess, for a resourcepart that the server makes (§7.5).
    ///
    /// # Errors
    ///
    /// The client gets the stanza error [`BindError::condition`], and may try again; the
    /// driver counts (§7.7.3). Nothing has changed.
    pub fn session_bound(
        &mut self,
        now: UnixTime,
        id: SessionId,
        account: &BareJid,
        requested: Option<&str>,
        random: [u8; 16],
        out: &mut impl Outbox,
    ) -> Result<FullJid, BindError> {
        if self.sessions.contains_key(&id) {
            return Err(BindError::SessionInUse);
        }
        let jid = &self.accounts.get(account.as_str()).ok_or(BindError::NoAccount)?.jid;
        let resourcepart = match requested {
            // §7.7.2.1: "of zero length […] SHOULD instead process the resourcepart so that
            // it is in conformance"
            None | Some("") => self.generated(jid, "", random)?,
            Some(requested) => {
                let requested = Resourcepart::new(requested).map_err(BindError::Resourcepart)?;
                match (self.holder(jid, requested.as_str()), self.config.conflict) {
                    (None, _) => requested,
                    (Some(_), ConflictPolicy::Override) => {
                        self.generated(jid, requested.as_str(), random)?
                    }
                    (Some(_), ConflictPolicy::Refuse) => return Err(BindError::Conflict),
                    (Some(holder), ConflictPolicy::Terminate) => {
                        out.close(holder, StreamCondition::Conflict);
                        self.end_session(now, holder, out);
                        self.hand_over(now, out);
                        requested
                    }
                }
            }
        };
        let account = self.accounts.get_mut(account.as_str()).ok_or(BindError::NoAccount)?;
        if account.sessions.len() >= self.config.limits.max_sessions {
            return Err(BindError::TooManySessions { max: self.config.limits.max_sessions });
        }
        let full = account.jid.with_resourcepart(resourcepart.as_ref());
        account.sessions.push(id);
        self.sessions.insert(id, Session::new(full.clone(), self.config.limits.max_directed));
        Ok(full)
    }

    /// The session of the account that has that resourcepart.
    fn holder(&self, account: &BareJid, resourcepart: &str) -> Option<SessionId> {
        self.session_ids(account.as_str())
            .iter()
            .copied()
            .find(|id| self.sessions.get(id).is_some_and(|s| s.jid.resourcepart() == resourcepart))
    }

    /// A resourcepart that nobody can guess and no session has, beginning with `base` if
    /// that leaves it short enough.
    fn generated(
        &self,
        account: &BareJid,
        base: &str,
        random: [u8; 16],
    ) -> Result<Resourcepart, BindError> {
        let mut unique = String::with_capacity(32);
        for byte in random {
            // Writing to a string does not fail.
            let _ = write!(unique, "{byte:02x}");
        }
        // The bytes may come twice where a test or a poor source repeats them.
        let tries = (0..=self.session_ids(account.as_str()).len()).map(|n| match n {
            0 => unique.clone(),
            n => format!("{unique}-{n}"),
        });
        for suffix in tries {
            let both = if base.is_empty() { suffix.clone() } else { format!("{base} {suffix}") };
            let resourcepart = Resourcepart::new(&both)
                .or_else(|_| Resourcepart::new(&suffix))
                .map_err(BindError::Resourcepart)?;
            if self.holder(account, resourcepart.as_str()).is_none() {
                return Ok(resourcepart);
            }
        }
        Err(BindError::Conflict)
    }

    pub(super) fn end_session(&mut self, now: UnixTime, id: SessionId, out: &mut dyn Outbox) {
        let Some(session) = self.sessions.remove(&id) else { return };
        let account = session.jid.to_bare();
        if let Some(account) = self.accounts.get_mut(account.as_str()) {
            account.sessions.retain(|s| *s != id);
        }
        let mut presence = session.presence;
        let end = presence.unavailable();
        self.gone(now, &Jid::from(session.jid), end, out);
    }
}

/// Why a resource could not be bound.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BindError {
    /// The resourcepart asked for is none (RFC 6120 §7.7.2.1).
    Resourcepart(xmpp_jid::Error),
    /// It is in use, and the policy is to refuse (RFC 6120 §7.7.2.2).
    Conflict,
    /// The account has as many sessions as it may (RFC 6120 §7.6.2.1).
    TooManySessions {
        /// The limit.
        max: usize,
    },
    /// There is no such account: an error of the calling code, which authenticated it.
    NoAccount,
    /// The number is that of a session that lives: an error of the calling code.
    SessionInUse,
}

impl BindError {
    /// The condition of the stanza error for the client.
    #[must_use]
    pub const fn condition(&self) -> StanzaCondition {
        match self {
            Self::Resourcepart(_) => StanzaCondition::BadRequest,
            Self::Conflict => StanzaCondition::Conflict,
            Self::TooManySessions { .. } => StanzaCondition::ResourceConstraint,
            Self::NoAccount => StanzaCondition::NotAllowed,
            Self::SessionInUse => StanzaCondition::InternalServerError,
        }
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resourcepart(error) => write!(f, "the resourcepart asked for: {error}"),
            Self::Conflict => f.write_str("the resourcepart asked for is in use"),
            Self::TooManySessions { max } => write!(f, "the account has {max} sessions already"),
            Self::NoAccount => f.write_str("there is no such account"),
            Self::SessionInUse => f.write_str("the session's number is in use"),
        }
    }
}

impl core::error::Error for BindError {}
