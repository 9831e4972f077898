//! Accounts in memory: only salted keys are kept, never a password.

use core::num::NonZeroU32;
use std::collections::{HashMap, HashSet};

use xmpp_core::CredentialsQuery;
use xmpp_core::certificate::{Account, Proved};
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
    /// Those without a password.
    certified: HashSet<BareJid>,
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

    /// An account whose user has a certificate and no password.
    pub(crate) fn add_certified(&mut self, account: BareJid) {
        self.certified.insert(account);
    }

    /// The answer to EXTERNAL's question (RFC 6120 section 13.7.2.2): `user` is what the
    /// client's certificate has proved, if anything.
    pub(crate) fn answer_external(
        &self,
        query: &CredentialsQuery,
        user: Option<&Proved>,
    ) -> Answer {
        let (Query::Certificate { authzid, .. }, Some(user)) = (query.query(), user) else {
            return Answer::unknown_user();
        };
        match user.account(authzid.as_deref(), query.from()) {
            Account::Of(account) if !self.has(account) => Answer::unknown_user(),
            account => account.to_answer(),
        }
    }

    fn has(&self, account: &BareJid) -> bool {
        self.keys.contains_key(account) || self.certified.contains(account)
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
