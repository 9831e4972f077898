//! `xmpp sasl`: the four messages of a SCRAM exchange, all inputs given.

use std::io::{self, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use core::num::NonZeroU32;
use serde_json::{Map, Value, json};
use xmpp_sasl::Mechanism;
use xmpp_sasl::crypto;
use xmpp_sasl::scram::{InputError, Inputs, Transcript};

use crate::{batch, examples, out};

const WHO: &str = "xmpp sasl";

/// Computes SASL exchanges.
#[derive(Parser)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Compute a SCRAM exchange (RFC 5802) from its inputs.
    ///
    /// With --batch: one JSON object a line with the keys mechanism, user,
    /// password, client_nonce, server_nonce (what the server appends to the
    /// client's, or the whole), salt (base64), iterations, and optionally gs2
    /// (the header's text, as `n,,`) and cbind_data (base64, with `p=`). Without
    /// gs2 it is `n,,`, or `p=tls-exporter,,` for a -PLUS mechanism.
    #[command(after_help = examples::SASL)]
    Scram(Scram),
}

/// Names are those of the JSON keys.
#[derive(Parser)]
struct Scram {
    /// Answer each line of standard input, a JSON object, with a line.
    #[arg(long, conflicts_with_all = ["mechanism", "user"])]
    batch: bool,
    /// SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512, or one of them with -PLUS.
    #[arg(long, default_value = "SCRAM-SHA-256")]
    mechanism: String,
    /// The user name.
    #[arg(long, required_unless_present = "batch")]
    user: Option<String>,
    /// A file with the password, of which a line end is not part; standard
    /// input if there is none.
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// The client's nonce.
    #[arg(long, required_unless_present = "batch")]
    client_nonce: Option<String>,
    /// What the server appends to it.
    #[arg(long, required_unless_present = "batch")]
    server_nonce: Option<String>,
    /// The salt, in base64.
    #[arg(long, required_unless_present = "batch")]
    salt: Option<String>,
    /// The iteration count, 4096 to 4000000.
    #[arg(long, default_value_t = 4096)]
    iterations: u64,
    /// The GS2 header.
    #[arg(long)]
    gs2: Option<String>,
    /// The channel binding data, in base64.
    #[arg(long)]
    cbind_data: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> ExitCode {
    let Command::Scram(scram) = args.command;
    if scram.batch {
        let answered = batch::filter(io::stdin().lock(), io::stdout().lock(), |line, out| {
            let answer = answer(line).unwrap_or_else(|refusal| refusal.to_json());
            out::write_json(out, &answer);
        });
        return out::ended(WHO, answered, ExitCode::SUCCESS);
    }
    let json = scram.json;
    match scram.request() {
        Ok(request) => print(&transcript(&request), json),
        Err(error) => {
            out::error(WHO, error);
            ExitCode::from(2)
        }
    }
}

fn print(result: &Result<Transcript, Refusal>, json: bool) -> ExitCode {
    let status = ExitCode::from(u8::from(result.is_err()));
    let text = match result {
        Ok(transcript) if json => out::json(&to_json(transcript)),
        Ok(transcript) => format!(
            "C: {}\nS: {}\nC: {}\nS: {}",
            out::escaped(&transcript.client_first),
            out::escaped(&transcript.server_first),
            out::escaped(&transcript.client_final),
            out::escaped(&transcript.server_final)
        ),
        Err(refusal) if json => out::json(&refusal.to_json()),
        Err(refusal) => {
            out::error(WHO, &refusal.message);
            return status;
        }
    };
    out::ended(WHO, out::line(text), status)
}

/// Why a request has no transcript, in a word and in a sentence.
struct Refusal {
    error: &'static str,
    message: String,
}

impl Refusal {
    fn new(error: &'static str, message: impl Into<String>) -> Self {
        Self { error, message: message.into() }
    }

    fn to_json(&self) -> Value {
        json!({ "ok": false, "error": self.error, "message": self.message })
    }
}

/// What is asked for.
struct Request {
    mechanism: String,
    user: String,
    password: String,
    client_nonce: String,
    server_nonce: String,
    salt: String,
    iterations: u64,
    gs2: Option<String>,
    cbind_data: Option<String>,
}

impl Scram {
    fn request(self) -> io::Result<Request> {
        let mut password = String::new();
        match &self.password_file {
            Some(file) => {
                let named = |error: io::Error| {
                    io::Error::new(error.kind(), format!("{}: {error}", file.display()))
                };
                let mut file = std::fs::File::open(file).map_err(named)?;
                file.read_to_string(&mut password).map_err(named)?
            }
            None => io::stdin().read_to_string(&mut password)?,
        };
        Ok(Request {
            mechanism: self.mechanism,
            user: self.user.unwrap_or_default(),
            password: password.trim_end_matches(['\r', '\n']).into(),
            client_nonce: self.client_nonce.unwrap_or_default(),
            server_nonce: self.server_nonce.unwrap_or_default(),
            salt: self.salt.unwrap_or_default(),
            iterations: self.iterations,
            gs2: self.gs2,
            cbind_data: self.cbind_data,
        })
    }
}

fn answer(line: &[u8]) -> Result<Value, Refusal> {
    let object: Map<String, Value> = serde_json::from_slice(line)
        .map_err(|error| Refusal::new("bad-request", format!("not a JSON object: {error}")))?;
    let optional = |key: &str| match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::new("bad-request", format!("{key:?} is not a string"))),
    };
    let text = |key: &str| {
        optional(key)?.ok_or_else(|| Refusal::new("bad-request", format!("{key:?} is missing")))
    };
    let iterations = match object.get("iterations") {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(0),
        Some(Value::String(digits)) => digits.parse().unwrap_or(0),
        _ => return Err(Refusal::new("bad-request", "\"iterations\" is missing or no number")),
    };
    let request = Request {
        mechanism: text("mechanism")?,
        user: text("user")?,
        password: text("password")?,
        client_nonce: text("client_nonce")?,
        server_nonce: text("server_nonce")?,
        salt: text("salt")?,
        iterations,
        gs2: optional("gs2")?,
        cbind_data: optional("cbind_data")?,
    };
    transcript(&request).map(|transcript| to_json(&transcript))
}

fn transcript(request: &Request) -> Result<Transcript, Refusal> {
    let mechanism = Mechanism::from_name(&request.mechanism);
    let Some(Mechanism::Scram { hash, plus }) = mechanism else {
        let message = format!("{:?} is not a SCRAM mechanism", request.mechanism);
        return Err(Refusal::new("mechanism", message));
    };
    let base64 = |name: &str, text: &str| {
        STANDARD
            .decode(text)
            .map_err(|error| Refusal::new("base64", format!("{name} is not base64: {error}")))
    };
    let salt = base64("salt", &request.salt)?;
    let binding_data = base64("cbind_data", request.cbind_data.as_deref().unwrap_or_default())?;
    let gs2 = request.gs2.as_deref().unwrap_or(if plus { "p=tls-exporter,," } else { "n,," });
    if gs2.starts_with("p=") != plus {
        return Err(Refusal::new(
            "gs2",
            "`p=` goes with a -PLUS mechanism and a -PLUS mechanism with `p=` (RFC 5802 section 6)",
        ));
    }
    // Some write down the server's part, some the whole.
    let server_nonce = match request.server_nonce.strip_prefix(&request.client_nonce) {
        Some(rest) if !rest.is_empty() && request.client_nonce.len() >= 8 => rest,
        _ => &request.server_nonce,
    };
    let iterations = u32::try_from(request.iterations).ok().and_then(NonZeroU32::new);
    let inputs = Inputs {
        hash,
        username: &request.user,
        password: &request.password,
        client_nonce: &request.client_nonce,
        server_nonce,
        salt: &salt,
        iterations: iterations
            .ok_or_else(|| Refusal::new("iterations", InputError::Iterations.to_string()))?,
        gs2_header: gs2,
        binding_data: &binding_data,
    };
    inputs.transcript(crypto::provider()).map_err(|error| {
        let code = match &error {
            InputError::Username(_) => "user",
            InputError::Password(_) => "password",
            InputError::Nonce => "nonce",
            InputError::EmptySalt => "salt",
            InputError::Iterations => "iterations",
            InputError::Gs2Header(_) => "gs2",
            InputError::BindingData => "cbind-data",
            _ => "exchange",
        };
        Refusal::new(code, error.to_string())
    })
}

fn to_json(transcript: &Transcript) -> Value {
    json!({
        "client_first": transcript.client_first,
        "server_first": transcript.server_first,
        "client_final": transcript.client_final,
        "server_final": transcript.server_final,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_7677: &str = r#"{"mechanism":"SCRAM-SHA-256","user":"user","password":"pencil",
        "client_nonce":"rOprNGfwEbeRWgbNEkqO","server_nonce":"%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "salt":"W22ZaJ0SNY7soEsUEjb6gQ==","iterations":4096,"gs2":"n,,","cbind_data":null}"#;

    fn ask(request: &str) -> Value {
        answer(request.as_bytes()).unwrap_or_else(|refusal| refusal.to_json())
    }

    #[test]
    fn rfc_7677_section_3() {
        let answer = ask(RFC_7677);
        assert_eq!(answer["client_first"], "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assert_eq!(answer["server_final"], "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert_eq!(answer.as_object().unwrap().len(), 4);
    }

    #[test]
    fn the_whole_nonce_will_do_and_gs2_may_be_missing() {
        let whole =
            RFC_7677.replace("%hvYD", "rOprNGfwEbeRWgbNEkqO%hvYD").replace(r#""gs2":"n,,","#, "");
        assert_eq!(ask(&whole), ask(RFC_7677));
    }

    #[test]
    fn refusals_say_which_input_is_wrong() {
        let error = |from: &str, to: &str| ask(&RFC_7677.replace(from, to))["error"].clone();
        assert_eq!(error("SCRAM-SHA-256", "PLAIN"), "mechanism");
        assert_eq!(error("4096", "1"), "iterations");
        assert_eq!(error("4096", "4294967296"), "iterations");
        assert_eq!(error("W22ZaJ0SNY7soEsUEjb6gQ==", ""), "salt");
        assert_eq!(error("W22ZaJ0SNY7soEsUEjb6gQ==", "W22ZaJ0SNY7soEsUEjb6gQ"), "base64");
        assert_eq!(error("n,,", "p=tls-exporter,,"), "gs2");
        assert_eq!(error("n,,", "n,"), "gs2");
        assert_eq!(error("null", "\"AAAA\""), "cbind-data");
        assert_eq!(error("rOprNGfwEbeRWgbNEkqO", "a,b"), "nonce");
        assert_eq!(error("pencil", r"\u0007"), "password");
        assert_eq!(error("\"user\":", "\"name\":"), "bad-request");
        assert_eq!(error("}", ""), "bad-request");
    }
}
