//! SCRAM where there is no XML: an IMAP-like `AUTHENTICATE`, lines of base64
//! over a pipe in memory, a client and a server on two threads.
//!
//! ```text
//! S: * OK AUTH=SCRAM-SHA-256
//! C: a1 AUTHENTICATE SCRAM-SHA-256 <client-first-message>
//! S: + <server-first-message>
//! C: <client-final-message>
//! S: + <server-final-message>       ; `OK` carries no data
//! C:                                ; an empty line
//! S: a1 OK
//! ```
//!
//! `cargo run -p xmpp-sasl --example scram_outside_xmpp`

use core::error::Error;
use core::num::NonZeroU32;
use std::collections::HashMap;
use std::io::Read as _;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use xmpp_sasl::client::{self, Credentials, Policy};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{self, AccountKeys, Answer, Config, FakeSalt, Query, Step};
use xmpp_sasl::{ChannelBindings, FailureReason, Nonce, ScramKeys, StoredKeys};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let rounds = NonZeroU32::new(4096).ok_or("no rounds")?;
    let juliet =
        ScramKeys::derive(crypto::provider(), Hash::Sha256, b"r0m30", &random::<16>()?, rounds);
    let accounts = HashMap::from([("juliet".to_owned(), juliet.to_stored())]);
    let keys = AccountKeys::new(FakeSalt::new(random()?), Hash::Sha256, rounds);
    let config = Config::new().account_keys(keys).data_with_success(false);

    let (mut here, mut there) = pipe();
    let serving = thread::spawn(move || -> Outcome<Vec<Option<String>>> {
        (0..3).map(|_| serve(&mut there, &config, &accounts)).collect()
    });
    let right = log_in(&mut here, "juliet", "r0m30")?;
    let wrong = log_in(&mut here, "juliet", "paris")?;
    let nobody = log_in(&mut here, "rosaline", "r0m30")?;
    let served = serving.join().map_err(|_| "the server panicked")??;

    assert!(right, "the right password");
    assert!(!wrong && !nobody, "a wrong password, and nobody");
    assert_eq!(served, [Some("juliet".to_owned()), None, None]);
    println!("logged in with the right password alone");
    Ok(())
}

/// The client's side of one `AUTHENTICATE`.
fn log_in(line: &mut Line, user: &str, password: &str) -> Outcome<bool> {
    let greeting = line.read()?;
    let names: Vec<&str> =
        greeting.split(' ').filter_map(|word| word.strip_prefix("AUTH=")).collect();
    // The example's pipe stands for a TLS connection that nothing is known of.
    let choice = Policy::default().choose(
        &client::Offer::new(&names),
        &ChannelBindings::over_tls(),
        &Credentials::new(user).with_password(password),
    )?;
    let start = choice.start(Nonce::from_random(random()?));
    let first = encode(&start.initial_response.unwrap_or_default());
    line.write(&format!("a1 AUTHENTICATE {} {first}", start.mechanism))?;
    let mut exchange = start.exchange;
    loop {
        let answer = line.read()?;
        if answer == "a1 OK" {
            // The server's signature came in a challenge; this fails if not.
            return Ok(exchange.success(None)?.is_mutual());
        }
        let Some(challenge) = answer.strip_prefix("+ ") else {
            assert_eq!(answer, "a1 NO [AUTHENTICATIONFAILED]");
            return Ok(false);
        };
        // A client with an event loop has the query answered by a worker.
        let step = match exchange.challenge(&STANDARD.decode(challenge).map_err(text)?)? {
            client::Step::KeysWanted { query, pending } => pending.provide(query.derive())?,
            step @ client::Step::Response { .. } => step,
        };
        let client::Step::Response { response, exchange: next } = step else {
            return Err("keys asked for twice".into());
        };
        line.write(&encode(&response))?;
        exchange = next;
    }
}

/// The server's side of one `AUTHENTICATE`: who logged in, if anybody did.
fn serve(
    line: &mut Line,
    config: &Config,
    accounts: &HashMap<String, StoredKeys>,
) -> Outcome<Option<String>> {
    let tls = ChannelBindings::over_tls();
    let offer = server::Policy::default().offer(config, &tls);
    let names: Vec<String> = offer.mechanisms().iter().map(|name| format!("AUTH={name}")).collect();
    line.write(&format!("* OK {}", names.join(" ")))?;

    let command = line.read()?;
    let mut words = command.split(' ').skip(2);
    let mechanism = words.next().unwrap_or_default();
    let mut message = words.next().map(|word| STANDARD.decode(word)).transpose().map_err(text)?;
    let nonce = Nonce::from_random(random()?);
    let mut step = server::Exchange::start(mechanism, config, &offer, &tls, nonce)
        .and_then(|exchange| exchange.respond(message.as_deref()));
    loop {
        step = match step {
            Ok(Step::CredentialsWanted { query, pending }) => pending.provide(match &query {
                Query::ScramKeys { username, .. } => accounts
                    .get(username)
                    .map_or_else(Answer::unknown_user, |keys| Answer::keys(keys.clone())),
                _ => Answer::temporary_failure(),
            }),
            Ok(Step::Challenge { data, exchange }) => {
                line.write(&format!("+ {}", encode(&data)))?;
                message = Some(STANDARD.decode(line.read()?).map_err(text)?);
                exchange.respond(message.as_deref())
            }
            Ok(Step::Success { authenticated, .. }) => {
                line.write("a1 OK")?;
                return Ok(Some(authenticated.authcid().to_owned()));
            }
            Err(failure) => {
                println!("server's log: {}", failure.cause());
                // RFC 5530.
                let code = match failure.reason() {
                    FailureReason::CredentialsRejected => " [AUTHENTICATIONFAILED]",
                    FailureReason::AuthorizationDenied => " [AUTHORIZATIONFAILED]",
                    FailureReason::CredentialsExpired => " [EXPIRED]",
                    FailureReason::EncryptionRequired => " [PRIVACYREQUIRED]",
                    FailureReason::AccountDisabled => " [CONTACTADMIN]",
                    FailureReason::Temporary => " [UNAVAILABLE]",
                    FailureReason::Aborted
                    | FailureReason::IncorrectEncoding
                    | FailureReason::MechanismUnavailable
                    | FailureReason::Malformed
                    | FailureReason::MechanismTooWeak => "",
                };
                line.write(&format!("a1 NO{code}"))?;
                return Ok(None);
            }
        };
    }
}

/// One end of the pipe.
struct Line {
    name: &'static str,
    out: Sender<String>,
    read: Receiver<String>,
}

fn pipe() -> (Line, Line) {
    let (to_server, at_server) = mpsc::channel();
    let (to_client, at_client) = mpsc::channel();
    (
        Line { name: "C", out: to_server, read: at_client },
        Line { name: "S", out: to_client, read: at_server },
    )
}

impl Line {
    fn write(&self, line: &str) -> Outcome<()> {
        println!("{}: {line}", self.name);
        Ok(self.out.send(line.to_owned())?)
    }

    fn read(&self) -> Outcome<String> {
        Ok(self.read.recv()?)
    }
}

fn encode(data: &[u8]) -> String {
    STANDARD.encode(data)
}

fn text(error: base64::DecodeError) -> String {
    error.to_string()
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
