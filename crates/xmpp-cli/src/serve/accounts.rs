//! Accounts in memory: only salted keys are kept, never a password.

use core::num::NonZeroU32;
use std::collections::HashMap;

use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::prepare::{Preparation, Purpose, Saslprep};
use xmpp_core::sasl::server::{Answer, Query, default_iterations};
use xmpp_core::sasl::{ScramKeys, StoredKeys};

/// For which hashes keys are kept.
pub(crate) const HASHES: [Hash; 3] = [Hash::Sha512, Hash::Sha256, Hash::Sha1];

/// Accounts by prepared localpart.
#[derive(Default)]
pub(crate) struct Accounts {
    keys: HashMap<String, Vec<StoredKeys>>,
}

impl Accounts {
    /// Derives and keeps the keys of an account for these hashes.
    pub(crate) fn add(
        &mut self,
        hashes: &[Hash],
        name: &str,
        password: &str,
        iterations: Option<NonZeroU32>,
    ) -> Result<(), String> {
        let password = Saslprep
            .password(password, Purpose::Stored)
            .map_err(|error| format!("the password of {name}: {error}"))?;
        let keys = hashes
            .iter()
            .map(|&hash| {
                let salt: [u8; 16] = crate::net::random();
                let password = password.as_bytes();
                let iterations = iterations.unwrap_or_else(|| default_iterations(hash));
                ScramKeys::derive(crypto::provider(), hash, password, &salt, iterations).to_stored()
            })
            .collect();
        self.keys.insert(name.to_owned(), keys);
        Ok(())
    }

    /// The answer to a mechanism's question.
    pub(crate) fn answer(&self, query: &Query) -> Answer {
        match query {
            Query::ScramKeys { username, hash, .. } => self
                .keys
                .get(username)
                .and_then(|keys| keys.iter().find(|keys| keys.hash() == *hash))
                .map_or_else(Answer::unknown_user, |keys| Answer::keys(keys.clone())),
            // Keys of the hash that is asked for, so that it takes the same time
            // for everybody.
            Query::Password { username, hash, .. } => self
                .keys
                .get(username)
                .and_then(|keys| keys.iter().find(|keys| Some(keys.hash()) == *hash))
                .map_or_else(Answer::unknown_user, |keys| Answer::keys(keys.clone())),
            _ => Answer::unknown_user(),
        }
    }
}
