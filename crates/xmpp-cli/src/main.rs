//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict, 2 for wrong usage.

mod batch;
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
    Stanza(stanza::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Some(command) => run(&command).unwrap_or_else(|error| {
            eprintln!("xmpp: {error}");
            ExitCode::from(2)
        }),
        None => ExitCode::SUCCESS,
    }
}

fn run(command: &Command) -> std::io::Result<ExitCode> {
    match command {
        Command::Stanza(args) => stanza::run(args),
    }
}
