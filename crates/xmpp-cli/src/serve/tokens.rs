//! Tokens in place of passwords (XEP-0484), in memory.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use xmpp_core::jid::BareJid;
use xmpp_core::sasl::sasl2::TokenSlots;
use xmpp_core::sasl::server::{Answer, Query};
use xmpp_core::{CredentialsQuery, TokenAnswer, TokenQuery};

/// So many installations of one account have tokens; one more takes the place of that
/// whose token expires first.
const MAX_CLIENTS: usize = 16;

/// The tokens of all accounts.
pub(crate) struct Tokens {
    lifetime: u64,
    accounts: Mutex<HashMap<BareJid, HashMap<String, TokenSlots>>>,
}

impl Tokens {
    /// Tokens that are good for so long.
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self { lifetime: lifetime.as_secs(), accounts: Mutex::default() }
    }

    /// The answer to a mechanism's question.
    pub(crate) fn answer(&self, query: &CredentialsQuery, now: u64) -> Answer {
        let Query::Tokens { mechanism, .. } = query.query() else { return Answer::unknown_user() };
        let client = query.user_agent().and_then(|user_agent| user_agent.id());
        let (Some(account), Some(client)) = (query.account(), client) else {
            return Answer::unknown_user();
        };
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let slots = accounts.get(account).and_then(|clients| clients.get(client));
        slots.map_or_else(Answer::unknown_user, |slots| slots.answer(*mechanism, now))
    }

    /// A client has proved who it is: takes note of the token that it has used, and gives
    /// it another if it wants one, or if half of the time of this one is over.
    pub(crate) fn settle(&self, query: &TokenQuery, now: u64) -> TokenAnswer {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let clients = accounts.entry(query.account().clone()).or_default();
        clients.retain(|_, slots| !slots.is_over(now));
        let mut slots = clients.remove(query.client_id()).unwrap_or_default();
        let replayed = query.used().is_some_and(|used| {
            slots.used(&used.token, used.mechanism, now, used.fast, false).is_err()
        });
        let due = slots.expires().is_some_and(|at| at < now + self.lifetime / 2);
        let mut answer = TokenAnswer::Accept;
        if replayed {
            answer = TokenAnswer::Replayed;
        } else if let Some(mechanism) = query.mechanism()
            && (query.is_requested() || due)
        {
            let expiry = now + self.lifetime;
            slots.issue(mechanism, query.new_token().clone(), expiry);
            answer = TokenAnswer::Issue { expiry };
        }
        if !slots.is_over(now) {
            if clients.len() >= MAX_CLIENTS {
                let first = clients.iter().min_by_key(|(_, slots)| slots.expires());
                if let Some(first) = first.map(|(client, _)| client.clone()) {
                    clients.remove(&first);
                }
            }
            clients.insert(query.client_id().to_owned(), slots);
        }
        answer
    }
}
