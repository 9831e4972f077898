//! The `xmpp-conformance` program.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xmpp-conformance", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make an HTML report of one run or several.
    Report(xmpp_conformance::report::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Report(args) => xmpp_conformance::report::run(&args),
    }
}
