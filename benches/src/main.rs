//! `cargo run --release -p xmpp-bench -- SUBJECT [--json]`: the workspace
//! beside its peers, all in one run on one machine.

mod e2e;
mod measure;
mod report;

use clap::{Parser, Subcommand};

/// Measures the workspace beside its peers.
#[derive(Parser)]
#[command(name = "xmpp-bench")]
struct Cli {
    #[command(subcommand)]
    subject: Subject,
    /// One JSON object a row instead of a table.
    #[arg(long, global = true)]
    json: bool,
}

/// One module a subject.
#[derive(Subcommand)]
enum Subject {
    E2e(e2e::Args),
}

fn main() {
    let cli = Cli::parse();
    match cli.subject {
        Subject::E2e(args) => e2e::run(&args, cli.json),
    }
}
