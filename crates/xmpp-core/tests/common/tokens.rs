//! A server's tokens (XEP-0484), by account and installation.

use std::collections::BTreeMap;

use xmpp_core::sasl::sasl2::TokenSlots;
use xmpp_core::sasl::server::{Answer, Query};
use xmpp_core::{CredentialsQuery, TokenAnswer, TokenQuery};

/// How long a token is good, in seconds; it is replaced in the last third of that.
pub(crate) const LIFETIME: u64 = 300;

#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) slots: BTreeMap<(String, String), TokenSlots>,
    /// Seconds since 1970.
    pub(crate) now: u64,
    pub(crate) logins: u8,
}

impl Store {
    pub(crate) fn answer(&self, query: &CredentialsQuery) -> Answer {
        let Query::Tokens { mechanism, .. } = query.query() else { unreachable!() };
        let client = query.user_agent().and_then(|user_agent| user_agent.id());
        let key = query.account().zip(client).map(|(jid, id)| (jid.to_string(), id.to_owned()));
        let slots = key.and_then(|key| self.slots.get(&key));
        slots.map_or_else(Answer::unknown_user, |slots| slots.answer(*mechanism, self.now))
    }

    pub(crate) fn settle(&mut self, query: &TokenQuery) -> TokenAnswer {
        let key = (query.account().to_string(), query.client_id().to_owned());
        let slots = self.slots.entry(key).or_default();
        if let Some(used) = query.used()
            && slots.used(&used.token, used.mechanism, self.now, used.fast, false).is_err()
        {
            return TokenAnswer::Replayed;
        }
        let due = slots.expires().is_some_and(|at| at < self.now + LIFETIME / 3);
        match query.mechanism() {
            Some(mechanism) if query.is_requested() || due => {
                let expiry = self.now + LIFETIME;
                slots.issue(mechanism, query.new_token().clone(), expiry);
                TokenAnswer::Issue { expiry }
            }
            _ => TokenAnswer::Accept,
        }
    }
}
