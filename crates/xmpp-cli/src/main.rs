//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict, 2 for wrong usage.

mod batch;
mod xml;

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
    /// Reads XML as RFC 6120 restricts it and tells what is in it, or what is wrong with it
    Xml(xml::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Some(Command::Xml(args)) => xml::run(&args),
        None => ExitCode::SUCCESS,
    }
}
