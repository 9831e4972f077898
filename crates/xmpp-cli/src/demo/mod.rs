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

/// A server and two clients in one process, over real TCP and TLS, with a
/// transcript of all that they say.
#[derive(ClapArgs, Default)]
pub(crate) struct Args {
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

/// Another server to play on.
#[derive(ClapArgs, Default)]
struct Elsewhere {
    /// Play on the server there instead of one in this process; the accounts
    /// `romeo` and `juliet` are to be there, with empty rosters.
    #[arg(long, value_name = "HOST:PORT", requires_all = ["domain", "password_file"])]
    connect: Option<String>,
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
    match crate::net::block_on(play::play(args.json, &args.elsewhere)) {
        Ok(outcome) => {
            if args.json {
                println!("{}", outcome.to_json());
            } else {
                println!("{}", outcome.to_text());
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            if args.json {
                println!("{}", json!({"ok": false, "error": "demo", "message": message}));
            } else {
                eprintln!("xmpp demo: {message}");
            }
            ExitCode::FAILURE
        }
    }
}
