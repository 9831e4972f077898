//! Whole exchanges of SCRAM-SHA-256, with and without PBKDF2.

use std::io::Cursor;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use rsasl::callback::{Context, Request, SessionCallback, SessionData};
use rsasl::mechanisms::scram::properties::ScramStoredPassword;
use rsasl::mechname::Mechname;
use rsasl::prelude::{SASLClient, SASLConfig, SASLServer, SessionError, Validation};
use rsasl::validate::{Validate, ValidationError};
use sasl::client::Mechanism as _;
use sasl::server::Mechanism as _;
use serde_json::{Map, Value};
use xmpp_sasl::client::{Credentials, Offer, Policy};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{self, AccountKeys, Answer, Config, FakeSalt, Step};
use xmpp_sasl::{ChannelBindings, Nonce, ScramKeys, StoredKeys};

use super::row;
use crate::measure;

const PASSWORD: &str = "r0m30myr0m30";
const SALT: &[u8; 16] = b"sixteen bytes...";
const MECHANISM: &str = "SCRAM-SHA-256";

pub(super) fn rows() -> Vec<Map<String, Value>> {
    [4096, 10_000].into_iter().flat_map(with_rounds).collect()
}

fn with_rounds(rounds: u32) -> Vec<Map<String, Value>> {
    let count = NonZeroU32::new(rounds).unwrap();
    let crypto = crypto::provider();
    let keys = ScramKeys::derive(crypto, Hash::Sha256, PASSWORD.as_bytes(), SALT, count);

    let mut derive = || {
        let derived = crypto.pbkdf2(Hash::Sha256, PASSWORD.as_bytes(), SALT, count);
        u64::from(derived.as_ref()[0])
    };
    let bench = Bench::new(keys.to_stored());
    let with_password = Credentials::new("juliet").with_password(PASSWORD);
    let with_keys = Credentials::new("juliet").with_scram_keys(keys.clone());
    let mut ours = || bench.exchange(&with_password);
    let mut cached = || bench.exchange(&with_keys);

    let account = Account { rounds, keys: secret(&keys) };
    let mut of_sasl = || account.sasl();
    let rsasl = Rsasl::new(&keys, rounds);
    let mut of_rsasl = || rsasl.exchange();

    let names = [
        "PBKDF2 alone",
        "xmpp-sasl, password",
        "xmpp-sasl, cached keys",
        "sasl, password",
        "rsasl, password",
    ];
    let costs = measure::compare(
        &mut [&mut derive, &mut ours, &mut cached, &mut of_sasl, &mut of_rsasl],
        Duration::from_secs(4),
    );
    let alone = costs[0].time.as_secs_f64();
    names
        .into_iter()
        .zip(costs)
        .map(|(name, cost)| {
            let seconds = cost.time.as_secs_f64();
            row([
                ("rounds", rounds.into()),
                ("subject", name.into()),
                ("µs", (seconds * 1e6).into()),
                ("% of our PBKDF2", (seconds / alone * 100.0).into()),
                ("allocations", cost.allocations.into()),
            ])
        })
        .collect()
}

/// Both our sides.
struct Bench {
    stored: StoredKeys,
    policy: Policy,
    config: Config,
    offer: server::Offer,
    tls: ChannelBindings,
}

impl Bench {
    fn new(stored: StoredKeys) -> Self {
        let tls = ChannelBindings::over_tls();
        let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, stored.iterations());
        let config = Config::new().account_keys(keys);
        Self {
            stored,
            policy: Policy::default(),
            offer: server::Policy::default().offer(&config, &tls),
            config,
            tls,
        }
    }

    fn exchange(&self, credentials: &Credentials) -> u64 {
        let names: Vec<&str> = self.offer.mechanisms().iter().map(String::as_str).collect();
        let choice = self.policy.choose(&Offer::new(&names), &self.tls, credentials).unwrap();
        let start = choice.start(Nonce::from_random([3; 18]));
        let nonce = Nonce::from_random([4; 18]);
        let exchange =
            server::Exchange::start(MECHANISM, &self.config, &self.offer, &self.tls, nonce)
                .unwrap();
        let Step::CredentialsWanted { pending, .. } =
            exchange.respond(start.initial_response.as_deref()).unwrap()
        else {
            unreachable!("SCRAM asks for keys")
        };
        let Step::Challenge { data, exchange } =
            pending.provide(Answer::keys(self.stored.clone())).unwrap()
        else {
            unreachable!("SCRAM challenges")
        };
        let (response, client) = start.exchange.challenge_in_place(&data).unwrap();
        let Step::Success { additional_data, .. } = exchange.respond(Some(&response)).unwrap()
        else {
            unreachable!("the password is right")
        };
        client.success(additional_data.as_deref()).unwrap();
        additional_data.map_or(0, |data| data.len() as u64)
    }
}

/// What `sasl` wants of a database: the salted password itself.
#[derive(Clone)]
struct Account {
    rounds: u32,
    keys: Vec<u8>,
}

fn secret(keys: &ScramKeys) -> Vec<u8> {
    let count = keys.to_stored().iterations();
    crypto::provider().pbkdf2(Hash::Sha256, PASSWORD.as_bytes(), SALT, count).as_ref().to_vec()
}

impl sasl::server::Provider<sasl::secret::Pbkdf2Sha256> for Account {
    fn provide(
        &self,
        _: &sasl::common::Identity,
    ) -> Result<sasl::secret::Pbkdf2Sha256, sasl::server::ProviderError> {
        Ok(sasl::secret::Pbkdf2Sha256 {
            salt: SALT.to_vec(),
            iterations: self.rounds,
            digest: self.keys.clone(),
        })
    }
}

sasl::impl_validator_using_provider!(Account, sasl::secret::Pbkdf2Sha256);

impl Account {
    fn sasl(&self) -> u64 {
        use sasl::client::mechanisms::Scram as Client;
        use sasl::common::ChannelBinding;
        use sasl::common::scram::Sha256;
        use sasl::server::Response;
        use sasl::server::mechanisms::Scram as Server;

        // `Unsupported` is its word for the flag `y`, the only one both its
        // sides take without channel binding.
        let mut client =
            Client::<Sha256>::new("juliet", PASSWORD, ChannelBinding::Unsupported).unwrap();
        let mut server = Server::<Sha256, _>::new(self.clone(), ChannelBinding::Unsupported);
        let Ok(Response::Proceed(challenge)) = server.respond(&client.initial()) else {
            unreachable!("SCRAM challenges")
        };
        let response = client.response(&challenge).unwrap();
        let Ok(Response::Success(_, data)) = server.respond(&response) else {
            unreachable!("the password is right")
        };
        client.success(&data).unwrap();
        data.len() as u64
    }
}

struct Rsasl {
    client: Arc<SASLConfig>,
    server: Arc<SASLConfig>,
}

struct Stored {
    rounds: u32,
    stored_key: Vec<u8>,
    server_key: Vec<u8>,
}

struct Validated;

impl Validation for Validated {
    type Value = ();
}

impl SessionCallback for Stored {
    fn callback(
        &self,
        _: &SessionData,
        _: &Context<'_>,
        request: &mut Request<'_>,
    ) -> Result<(), SessionError> {
        request.satisfy::<ScramStoredPassword<'_>>(&ScramStoredPassword::new(
            self.rounds,
            SALT,
            &self.stored_key,
            &self.server_key,
        ))?;
        Ok(())
    }

    fn validate(
        &self,
        _: &SessionData,
        _: &Context<'_>,
        validate: &mut Validate<'_>,
    ) -> Result<(), ValidationError> {
        validate.with::<Validated, _>(|| Ok(()))?;
        Ok(())
    }
}

impl Rsasl {
    fn new(keys: &ScramKeys, rounds: u32) -> Self {
        let salted = secret(keys);
        let crypto = crypto::provider();
        let client_key = crypto.hmac(Hash::Sha256, &salted, &[b"Client Key"]);
        let stored = Stored {
            rounds,
            stored_key: crypto.digest(Hash::Sha256, &[client_key.as_ref()]).as_ref().to_vec(),
            server_key: crypto.hmac(Hash::Sha256, &salted, &[b"Server Key"]).as_ref().to_vec(),
        };
        Self {
            client: SASLConfig::with_credentials(None, "juliet".into(), PASSWORD.into()).unwrap(),
            server: SASLConfig::builder().with_defaults().with_callback(stored).unwrap(),
        }
    }

    fn exchange(&self) -> u64 {
        let mechanism = Mechname::parse(MECHANISM.as_bytes()).unwrap();
        let mut client =
            SASLClient::new(Arc::clone(&self.client)).start_suggested(&[mechanism]).unwrap();
        let mut server = SASLServer::<Validated>::new(Arc::clone(&self.server))
            .start_suggested(mechanism)
            .unwrap();
        let mut from_client = Cursor::new(Vec::new());
        client.step(None, &mut from_client).unwrap();
        loop {
            let mut from_server = Cursor::new(Vec::new());
            let state =
                server.step(Some(from_client.get_ref().as_slice()), &mut from_server).unwrap();
            from_client = Cursor::new(Vec::new());
            client.step(Some(from_server.get_ref().as_slice()), &mut from_client).unwrap();
            if !state.is_running() {
                return from_server.get_ref().len() as u64;
            }
        }
    }
}
