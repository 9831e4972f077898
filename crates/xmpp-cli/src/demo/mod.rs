//! `xmpp demo`: a server and two clients in this process, over real sockets,
//! with everything that they say shown and explained.

mod play;
mod section;
mod stage;
mod transcript;
mod whisper;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::json;

use crate::net::place::Place;
use crate::out;

/// A server and two clients in one process, over real TCP and TLS, with a
/// transcript of all that they say.
#[derive(ClapArgs, Default)]
pub(crate) struct Args {
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
    /// Show every element whole, base64 and all.
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

/// Another server to play on.
#[derive(ClapArgs, Default)]
struct Elsewhere {
    /// Play on the server there instead of one in this process; the accounts
    /// `romeo` and `juliet` are to be there, with empty rosters.
    #[arg(long, value_name = "HOST[:PORT]", requires_all = ["domain", "password_file"])]
    connect: Option<Place>,
    /// The server's domain.
    #[arg(long, requires = "connect")]
    domain: Option<String>,
    /// A file whose first line is the password of both.
    #[arg(long, value_name = "FILE", requires = "connect")]
    password_file: Option<PathBuf>,
    /// Trust the authorities in this PEM file, and no others.
    #[arg(long, value_name = "FILE", requires = "connect")]
    ca: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let style = Style { json: args.json, verbose: args.verbose };
    match crate::net::block_on(play::play(style, &args.elsewhere)) {
        Ok(outcome) => {
            let last = if args.json {
                outcome.to_json().to_string()
            } else {
                let whats_next = if args.elsewhere.connect.is_none() { WHATS_NEXT } else { "" };
                format!("{}{whats_next}", outcome.to_text(args.verbose))
            };
            out::ended(WHO, out::line(last), ExitCode::SUCCESS)
        }
        Err(message) => {
            if args.json {
                let value =
                    json!({"ok": false, "error": "demo", "message": out::message(&message)});
                return out::ended(WHO, out::line(out::json(&value)), ExitCode::FAILURE);
            }
            out::error(WHO, message);
            ExitCode::FAILURE
        }
    }
}

const WHO: &str = "xmpp demo";

const WHATS_NEXT: &str = "

What next:
  xmpp serve --domain example.test --user alice:secret --user bob:secret --ca-out ca.pem
                          a server of your own, for the three commands below
  echo secret > pw
  xmpp listen --jid bob@example.test --password-file pw --connect localhost --ca ca.pem
  xmpp send --jid alice@example.test --password-file pw --connect localhost --ca ca.pem --to bob@example.test Hello
  xmpp jid 'Juliet@Capulet.Example/balcony'
                          one of the inspectors; xmpp --help has them all";

/// How the play is shown.
#[derive(Clone, Copy)]
struct Style {
    json: bool,
    verbose: bool,
}
