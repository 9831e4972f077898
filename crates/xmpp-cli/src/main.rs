//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict, 2 for wrong usage.

mod batch;
mod cpim;
mod demo;
mod e2e;
mod idna;
mod inspect;
mod jid;
mod net;
mod ping;
mod precis;
mod sasl;
mod send;
mod serve;
mod stanza;
mod xml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// XMPP building blocks at work. Without a command: the demo.
#[derive(Parser)]
#[command(name = "xmpp", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// One module a command; each has `Args` and `run`.
#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    Send(send::Args),
    Ping(ping::Args),
    E2e(e2e::Args),
    Jid(jid::Args),
    Precis(precis::Args),
    Idna(idna::Args),
    Sasl(sasl::Args),
    Stanza(stanza::Args),
    Cpim(cpim::Args),
    Xml(xml::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command.unwrap_or_else(|| Command::Demo(demo::Args::default())) {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Send(args) => send::run(&args),
        Command::Ping(args) => ping::run(&args),
        Command::E2e(args) => e2e::run(&args),
        Command::Jid(args) => jid::run(&args),
        Command::Precis(args) => precis::run(&args),
        Command::Idna(args) => idna::run(&args),
        Command::Sasl(args) => sasl::run(args).unwrap_or_else(|error| {
            eprintln!("xmpp sasl: {error}");
            ExitCode::from(2)
        }),
        Command::Stanza(args) => stanza::run(&args),
        Command::Cpim(args) => cpim::run(&args),
        Command::Xml(args) => xml::run(&args),
    }
}
