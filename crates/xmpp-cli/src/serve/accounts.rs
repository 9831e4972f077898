//! Accounts in memory: only salted keys are kept, never a password.

use core::num::NonZeroU32;
use std::collections::HashMap;

use xmpp_core::CredentialsQuery;
use xmpp_core::jid::BareJid;
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::prepare::{Preparation, Purpose, Saslprep};
use xmpp_core::sasl::server::{Answer, Query, default_iterations};
use xmpp_core::sasl::{ScramKeys, StoredKeys};

/// For which hashes keys are kept.
pub(crate) const HASHES: [Hash; 3] = [Hash::Sha512, Hash::Sha256, Hash::Sha1];

/// Accounts by address.
#[derive(Default)]
pub(crate) struct Accounts {
    keys: HashMap<BareJid, Vec<StoredKeys>>,
}

impl Accounts {
    /// Derives and keeps the keys of an account for these hashes.
    pub(crate) fn add(
        &mut self,
        hashes: &[Hash],
        account: BareJid,
        password: &str,
        iterations: Option<NonZeroU32>,
    ) -> Result<(), String> {
        let password = Saslprep
            .password(password, Purpose::Stored)
            .map_err(|error| format!("the password of {account}: {error}"))?;
        let keys = hashes
            .iter()
            .map(|&hash| {
                let salt: [u8; 16] = crate::net::random();
                let password = password.as_bytes();
                let iterations = iterations.unwrap_or_else(|| default_iterations(hash));
                ScramKeys::derive(crypto::provider(), hash, password, &salt, iterations).to_stored()
            })
            .collect();
        self.keys.insert(account, keys);
        Ok(())
    }

    /// The answer to a mechanism's question.
    pub(crate) fn answer(&self, query: &CredentialsQuery) -> Answer {
        let Some(keys) = query.account().and_then(|account| self.keys.get(account)) else {
            return Answer::unknown_user();
        };
        let suitable = match query.query() {
            Query::ScramKeys { hash, .. } => keys.iter().find(|keys| keys.hash() == *hash),
            Query::Password { .. } => keys.first(),
            _ => None,
        };
        suitable.map_or_else(Answer::unknown_user, |keys| Answer::keys(keys.clone()))
    }
}
