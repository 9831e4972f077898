//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict, 2 for wrong usage.

mod batch;
mod e2e;
mod idna;
mod inspect;
mod jid;
mod precis;
mod stanza;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// XMPP building blocks at work.
#[derive(Parser)]
#[command(name = "xmpp", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// One module a command; each has `Args` and `run`.
#[derive(Subcommand)]
enum Command {
    E2e(e2e::Args),
    Jid(jid::Args),
    Precis(precis::Args),
    Idna(idna::Args),
    Stanza(stanza::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Some(Command::E2e(args)) => e2e::run(&args),
        Some(Command::Jid(args)) => jid::run(&args),
        Some(Command::Precis(args)) => precis::run(&args),
        Some(Command::Idna(args)) => idna::run(&args),
        Some(Command::Stanza(args)) => stanza::run(&args),
        None => ExitCode::SUCCESS,
    }
}
