//! `xmpp demo`: a server and two clients in this process, over real sockets,
//! with everything that they say shown and explained.

mod play;
mod section;
mod transcript;
mod whisper;

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
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match crate::net::block_on(play::play(args.json)) {
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
