//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict, 2 for wrong usage.

mod batch;
mod sasl;

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
    /// SASL exchanges (RFC 5802): compute them from their inputs.
    Sasl(sasl::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Some(Command::Sasl(args)) => sasl::run(args),
        None => Ok(ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!("xmpp: {error}");
        ExitCode::from(2)
    })
}
