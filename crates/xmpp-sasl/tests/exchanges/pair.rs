//! A client and a server that talk without anything between them.

use core::num::NonZeroU32;

use xmpp_sasl::client::{self, Credentials};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{self, AccountKeys, Answer, Config, FakeSalt, Query};
use xmpp_sasl::{ChannelBindings, Nonce, ScramKeys, StoredKeys};

pub(crate) const PASSWORD: &str = "pencil";
pub(crate) const SALT: &[u8] = b"salt of the account";

pub(crate) fn nonce(text: &str) -> Nonce {
    Nonce::from_text(text).expect("a test's nonce is printable")
}

pub(crate) fn config() -> Config {
    Config::new().account_keys(account_keys(&[Hash::Sha256, Hash::Sha512, Hash::Sha1]))
}

/// For accounts that have these hashes, the first for PLAIN.
pub(crate) fn account_keys(hashes: &[Hash]) -> AccountKeys {
    let rounds = NonZeroU32::new(4096).unwrap();
    let (first, more) = hashes.split_first().expect("a test's accounts have keys");
    let keys = AccountKeys::new(FakeSalt::new([9; 32]), *first, rounds);
    more.iter().fold(keys, |keys, hash| keys.and(*hash, rounds))
}

pub(crate) fn stored(hash: Hash) -> StoredKeys {
    keys(hash, SALT, 4096).to_stored()
}

pub(crate) fn keys(hash: Hash, salt: &[u8], iterations: u32) -> ScramKeys {
    let iterations = NonZeroU32::new(iterations).expect("a test's count is not zero");
    ScramKeys::derive(crypto::provider(), hash, PASSWORD.as_bytes(), salt, iterations)
}

/// All types, the same bytes on both sides.
pub(crate) fn tls() -> ChannelBindings {
    ChannelBindings::over_tls()
        .with_tls_exporter([1; 32])
        .with_tls_unique([2; 12])
        .with_tls_server_end_point([3; 32])
}

pub(crate) fn client_offer<'a>(
    mechanisms: &'a [&'a str],
    types: &'a [&'a str],
) -> client::Offer<'a> {
    let offer = client::Offer::new(mechanisms);
    if types.is_empty() { offer } else { offer.with_channel_bindings(types) }
}

pub(crate) fn strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// What an exchange of the two came to.
pub(crate) struct Done {
    pub(crate) client: client::Authenticated,
    pub(crate) server: server::Authenticated,
}

#[derive(Debug)]
pub(crate) enum Failed {
    Choice(client::NoMechanism),
    Client(client::Error),
    Server(server::Failure),
}

/// Both sides of a connection.
pub(crate) struct Pair {
    pub(crate) policy: client::Policy,
    pub(crate) credentials: Credentials,
    pub(crate) client_bindings: ChannelBindings,
    pub(crate) server_policy: server::Policy,
    pub(crate) config: Config,
    pub(crate) server_bindings: ChannelBindings,
    pub(crate) sasl2: bool,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self {
            policy: client::Policy::default(),
            credentials: Credentials::new("user").with_password(PASSWORD),
            client_bindings: tls(),
            server_policy: server::Policy::default(),
            config: config(),
            server_bindings: tls(),
            sasl2: false,
        }
    }

    pub(crate) fn run(&self, answer: impl FnMut(&Query) -> Answer) -> Result<Done, Failed> {
        self.run_altered(|_, _| (), answer)
    }

    /// For accounts that have these hashes.
    pub(crate) fn with_hashes(mut self, hashes: &[Hash]) -> Self {
        self.config = self.config.account_keys(account_keys(hashes));
        self
    }

    /// `alter` is an attacker's view of the offer on its way.
    pub(crate) fn run_altered(
        &self,
        alter: impl FnOnce(&mut Vec<&str>, &mut Vec<&str>),
        mut answer: impl FnMut(&Query) -> Answer,
    ) -> Result<Done, Failed> {
        let offer = self.server_policy.offer(&self.config, &self.server_bindings);
        let (mut names, mut types) = (strs(offer.mechanisms()), strs(offer.channel_bindings()));
        alter(&mut names, &mut types);
        let tokens = strs(offer.token_mechanisms());
        let seen =
            if self.sasl2 { client::Offer::sasl2(&names) } else { client::Offer::new(&names) };
        let seen = if types.is_empty() { seen } else { seen.with_channel_bindings(&types) };
        let seen = seen.with_token_mechanisms(&tokens);
        let choice = self
            .policy
            .choose(&seen, &self.client_bindings, &self.credentials)
            .map_err(Failed::Choice)?;
        let start = choice.start(nonce("client-nonce"));
        let mut client = start.exchange;
        let mut step = server::Exchange::start(
            start.mechanism.name(),
            &self.config,
            &offer,
            &self.server_bindings,
            nonce("server-nonce"),
        )
        .and_then(|exchange| exchange.respond(start.initial_response.as_deref()));
        loop {
            step = match step.map_err(Failed::Server)? {
                server::Step::CredentialsWanted { query, pending } => {
                    pending.provide(answer(&query))
                }
                server::Step::Challenge { data, exchange } => {
                    let response;
                    (response, client) =
                        client.challenge_in_place(&data).map_err(Failed::Client)?;
                    exchange.respond(Some(&response))
                }
                server::Step::Success { additional_data, authenticated } => {
                    let client =
                        client.success(additional_data.as_deref()).map_err(Failed::Client)?;
                    return Ok(Done { client, server: authenticated });
                }
            }
        }
    }
}

/// An account `user` with keys for every hash.
pub(crate) fn account(query: &Query) -> Answer {
    match query {
        Query::ScramKeys { username, hash, .. } if username == "user" => {
            Answer::keys(stored(*hash))
        }
        Query::Password { username, hash: Some(hash), .. } if username == "user" => {
            Answer::keys(stored(*hash))
        }
        _ => Answer::unknown_user(),
    }
}
