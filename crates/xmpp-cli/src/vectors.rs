//! `xmpp vectors`: answers to the requests of the test vectors in `conformance/vectors`,
//! for each kind of them. Where an inspector answers them already, it is that one.

mod addresses;
mod cpim;
mod e2e;
mod sasl;
mod stream_management;

use std::io;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Parser as _, ValueEnum};
use serde_json::{Value, json};

use crate::{Cli, batch, out};

/// Answers requests of test vectors, one JSON object a line; conformance/vectors/README.md has
/// what they are
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the requests are about
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Jid,
    JidEscape,
    Precis,
    Idna,
    XmppUri,
    Xml,
    Stanza,
    Payload,
    Caps,
    Scram,
    Plain,
    Oauthbearer,
    Downgrade,
    HashedToken,
    StreamManagement,
    Dialback,
    Cpim,
    CpimFormat,
    CpimUri,
    DateTime,
    Pidf,
    E2e,
}

/// Why there is no positive answer: a word for programs, and a sentence.
struct Refusal {
    error: String,
    message: String,
    at: Option<usize>,
}

impl Refusal {
    fn new(error: impl Into<String>, message: impl ToString) -> Self {
        Self { error: error.into(), message: message.to_string(), at: None }
    }

    fn at(mut self, at: usize) -> Self {
        self.at = Some(at);
        self
    }

    fn bad_request(message: impl ToString) -> Self {
        Self::new("bad-request", message)
    }
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match args.kind {
        Kind::Jid => inspector(&["jid", "--batch"]),
        Kind::Precis => inspector(&["precis", "--batch"]),
        Kind::Idna => inspector(&["idna", "--batch"]),
        Kind::Xml => inspector(&["xml", "--mode", "document", "--canonical", "--batch"]),
        Kind::Stanza => inspector(&["stanza", "--batch"]),
        Kind::Payload => inspector(&["stanza", "--batch", "--roundtrip"]),
        Kind::Caps => inspector(&["caps", "--batch"]),
        Kind::Scram => inspector(&["sasl", "scram", "--batch"]),
        Kind::JidEscape => answer(addresses::escape),
        Kind::XmppUri => answer(addresses::uri),
        Kind::Plain => answer(sasl::plain),
        Kind::Oauthbearer => answer(sasl::oauthbearer),
        Kind::Downgrade => answer(sasl::downgrade),
        Kind::HashedToken => answer(sasl::hashed_token),
        Kind::StreamManagement => answer(stream_management::trace),
        Kind::Dialback => answer(addresses::dialback),
        Kind::Cpim | Kind::Pidf => answer(cpim::mapping),
        Kind::CpimFormat => answer(cpim::format),
        Kind::CpimUri => answer(cpim::uri),
        Kind::DateTime => answer(cpim::date_time),
        Kind::E2e => answer(e2e::open),
    }
}

fn inspector(words: &[&str]) -> ExitCode {
    match Cli::try_parse_from(["xmpp"].iter().chain(words)) {
        Ok(cli) => crate::perform(cli),
        Err(error) => {
            out::error("xmpp vectors", error);
            ExitCode::from(2)
        }
    }
}

/// Answers each line of standard input.
fn answer(answer: fn(&Value) -> Result<Value, Refusal>) -> ExitCode {
    let answered = batch::filter(io::stdin().lock(), io::stdout().lock(), |line, out| {
        let told = serde_json::from_slice(line).map_err(Refusal::bad_request);
        let told = told.and_then(|request| answer(&request));
        out::write_json(out, &told.unwrap_or_else(refused));
    });
    out::ended("xmpp vectors", answered, ExitCode::SUCCESS)
}

fn refused(refusal: Refusal) -> Value {
    let Refusal { error, message, at } = refusal;
    match at {
        Some(at) => json!({"ok": false, "error": error, "offset": at, "message": message}),
        None => json!({"ok": false, "error": error, "message": message}),
    }
}

fn text<'r>(request: &'r Value, key: &str) -> Result<&'r str, Refusal> {
    request[key].as_str().ok_or_else(|| Refusal::bad_request(format!("{key:?} is no text")))
}

/// The octets that a member has in base64.
fn octets(request: &Value, key: &str) -> Result<Vec<u8>, Refusal> {
    STANDARD
        .decode(text(request, key)?)
        .map_err(|error| Refusal::bad_request(format!("{key:?}: {error}")))
}

fn base64(octets: impl AsRef<[u8]>) -> String {
    STANDARD.encode(octets)
}

/// The texts in a list; none if there is no list.
fn texts(request: &Value, key: &str) -> Vec<String> {
    let all = request[key].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(Into::into).collect()
}
