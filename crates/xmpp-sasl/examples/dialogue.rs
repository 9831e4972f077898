//! One side of an exchange over standard input and output, a line a message:
//! what a loop around this crate looks like, and how foreign implementations
//! are tried against it (`conformance/sasl/foreign.py`).
//!
//! `dialogue client|server MECHANISM USER PASSWORD [BINDING-TYPE BINDING-DATA]`
//!
//! Messages are base64, `=` for one of no length. A server that is done writes
//! `success` and its data, if any; a client writes `verified`.

use core::num::NonZeroU32;
use std::env;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use xmpp_sasl::client::{self, Credentials, Token};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{self, AccountKeys, Answer, Config, FakeSalt, Offer, Query, Step};
use xmpp_sasl::{ChannelBindingType, ChannelBindings, Mechanism, Nonce, ScramKeys, Secret};

type Outcome<T> = Result<T, Box<dyn core::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (role, mechanism, user, password, binding) = match arguments[..] {
        [role, mechanism, user, password] => (role, mechanism, user, password, None),
        [role, mechanism, user, password, kind, data] => {
            (role, mechanism, user, password, Some((kind, data)))
        }
        _ => {
            eprintln!("dialogue client|server MECHANISM USER PASSWORD [TYPE DATA]");
            return ExitCode::from(2);
        }
    };
    let bindings = ChannelBindings::over_tls();
    let bindings = match binding {
        Some(("tls-exporter", data)) => bindings.with_tls_exporter(data),
        Some(("tls-unique", data)) => bindings.with_tls_unique(data),
        Some((_, data)) => bindings.with_tls_server_end_point(data),
        None => bindings,
    };
    let result = match role {
        "client" => client(mechanism, user, password, &bindings),
        _ => server(mechanism, user, password, &bindings),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failure {error}");
            ExitCode::FAILURE
        }
    }
}

fn client(name: &str, user: &str, password: &str, bindings: &ChannelBindings) -> Outcome<()> {
    let mechanism = Mechanism::from_name(name).ok_or("unknown mechanism")?;
    let credentials = match mechanism {
        Mechanism::External => Credentials::new("").with_certificate(),
        Mechanism::Anonymous => Credentials::new("").with_anonymity(user),
        Mechanism::OauthBearer => Credentials::new(user).with_bearer_token(password, None, None),
        Mechanism::HashedToken(_) => {
            Credentials::new(user).with_token(Token::new(mechanism, password))
        }
        _ => Credentials::new(user).with_password(password),
    };
    let types: Vec<&str> = bindings.types().map(ChannelBindingType::as_str).collect();
    let names = [name];
    let offer = client::Offer::new(&names).with_channel_bindings(&types);
    let choice =
        client::Policy::default().allow(mechanism).choose(&offer, bindings, &credentials)?;
    let start = choice.start(Nonce::from_random(random()?));
    let mut exchange = start.exchange;
    write(&encode(start.initial_response.as_deref()))?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        if let Some(data) = line.strip_prefix("success") {
            let data = decode(data.trim())?;
            exchange.success(data.as_deref())?;
            return write("verified");
        }
        let challenge = decode(line.trim())?.unwrap_or_default();
        let response;
        (response, exchange) = exchange.challenge_in_place(&challenge)?;
        write(&encode(Some(&response)))?;
    }
    Err("the other side went away".into())
}

fn server(name: &str, user: &str, password: &str, bindings: &ChannelBindings) -> Outcome<()> {
    let rounds = NonZeroU32::new(4096).ok_or("no rounds")?;
    let account_keys = AccountKeys::new(FakeSalt::new(random()?), Hash::Sha256, rounds)
        .and(Hash::Sha1, rounds)
        .and(Hash::Sha512, rounds);
    let config = Config::new().account_keys(account_keys);
    let offer = Offer::new([name], []);
    let nonce = Nonce::from_random(random()?);
    let exchange = server::Exchange::start(name, &config, &offer, bindings, nonce)?;
    let keys = |hash| -> Outcome<Answer> {
        let salt = random::<16>()?;
        let keys = ScramKeys::derive(crypto::provider(), hash, password.as_bytes(), &salt, rounds);
        Ok(Answer::keys(keys.to_stored()))
    };
    let mut waiting = Some(exchange);
    for line in io::stdin().lock().lines() {
        let exchange = waiting.take().ok_or("nothing more to say")?;
        let mut step = exchange.respond(decode(line?.trim())?.as_deref())?;
        if let Step::CredentialsWanted { query, pending } = step {
            let answer = match &query {
                Query::ScramKeys { username, hash, .. } if username == user => keys(*hash)?,
                Query::Password { username, .. } if username == user => keys(Hash::Sha256)?,
                Query::Tokens { username, .. } if username == user => {
                    Answer::tokens(vec![Secret::from(password)])
                }
                Query::BearerToken { token, .. } if token.expose() == password.as_bytes() => {
                    Answer::identity(user)
                }
                Query::Certificate { .. } | Query::Anonymous { .. } => Answer::identity(user),
                _ => Answer::unknown_user(),
            };
            step = pending.provide(answer)?;
        }
        match step {
            Step::Challenge { data, exchange } => {
                write(&encode(Some(&data)))?;
                waiting = Some(exchange);
            }
            Step::Success { additional_data, .. } => {
                let data = encode(additional_data.as_deref());
                return write(format!("success {data}").trim_end());
            }
            Step::CredentialsWanted { .. } => return Err("asked twice".into()),
        }
    }
    Err("the other side went away".into())
}

/// No data is an empty line, and data of no length is `=`.
fn encode(data: Option<&[u8]>) -> String {
    match data {
        None => String::new(),
        Some([]) => "=".into(),
        Some(data) => STANDARD.encode(data),
    }
}

fn decode(line: &str) -> Outcome<Option<Vec<u8>>> {
    match line {
        "" => Ok(None),
        "=" => Ok(Some(Vec::new())),
        line => Ok(Some(STANDARD.decode(line).map_err(|error| error.to_string())?)),
    }
}

fn write(line: &str) -> Outcome<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
