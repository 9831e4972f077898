//! `cargo run --release -p xmpp-bench -- SUBJECT [--json]`: the workspace
//! beside its peers, all in one run on one machine.

mod connection;
mod cpim;
mod e2e;
mod im;
mod jid;
mod measure;
mod report;
mod sasl;
mod stanza;
mod subject;
mod xml;

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
    Connection(connection::Args),
    Im(im::Args),
    E2e(e2e::Args),
    Cpim(cpim::Args),
    Jid(jid::Args),
    Sasl(sasl::Options),
    Stanza(stanza::Args),
    Xml(xml::Args),
}

fn main() {
    let cli = Cli::parse();
    match &cli.subject {
        Subject::Connection(args) => connection::run(args, cli.json),
        Subject::Im(args) => im::run(args, cli.json),
        Subject::E2e(args) => e2e::run(args, cli.json),
        Subject::Cpim(args) => cpim::run(args, cli.json),
        Subject::Jid(args) => jid::run(args, cli.json),
        Subject::Sasl(options) => sasl::run(options, cli.json),
        Subject::Stanza(args) => stanza::run(args, cli.json),
        Subject::Xml(args) => xml::run(args, cli.json),
    }
}
