//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict or a failure, 2 for wrong
//! usage.

mod batch;
mod caps;
mod cpim;
mod demo;
mod e2e;
mod examples;
mod gateway;
mod idna;
mod input;
mod inspect;
mod jid;
mod listen;
mod net;
mod out;
mod ping;
mod precis;
mod probe;
mod readable;
mod roster;
mod sasl;
mod secrets;
mod send;
mod serve;
mod stanza;
mod vectors;
mod xml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// XMPP building blocks at work. Without a command: the demo.
#[derive(Parser)]
#[command(name = "xmpp", version, about, after_help = examples::PROGRAM)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// One module a command; each has `Args` and `run`.
#[derive(Subcommand)]
enum Command {
    #[command(after_help = examples::DEMO)]
    Demo(demo::Args),
    #[command(after_help = examples::SERVE)]
    Serve(Box<serve::Args>),
    #[command(after_help = examples::GATEWAY)]
    Gateway(gateway::Args),
    #[command(after_help = examples::SEND)]
    Send(send::Args),
    #[command(after_help = examples::PING)]
    Ping(ping::Args),
    #[command(after_help = examples::PROBE)]
    Probe(probe::Args),
    #[command(after_help = examples::LISTEN)]
    Listen(listen::Args),
    #[command(after_help = examples::E2E)]
    E2e(e2e::Args),
    #[command(after_help = examples::JID)]
    Jid(jid::Args),
    #[command(after_help = examples::PRECIS)]
    Precis(precis::Args),
    #[command(after_help = examples::IDNA)]
    Idna(idna::Args),
    #[command(after_help = examples::CAPS)]
    Caps(caps::Args),
    #[command(after_help = examples::SASL)]
    Sasl(sasl::Args),
    #[command(after_help = examples::STANZA)]
    Stanza(stanza::Args),
    #[command(after_help = examples::CPIM)]
    Cpim(cpim::Args),
    #[command(after_help = examples::XML)]
    Xml(xml::Args),
    #[command(after_help = examples::VECTORS)]
    Vectors(vectors::Args),
    /// Hold a server or a client against the sentences of the RFCs, and report.
    #[command(after_help = examples::CONFORMANCE)]
    Conformance(xmpp_conformance::Args),
}

fn main() -> ExitCode {
    perform(Cli::parse())
}

fn perform(cli: Cli) -> ExitCode {
    match cli.command.unwrap_or_else(|| Command::Demo(demo::Args::default())) {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Gateway(args) => gateway::run(&args),
        Command::Send(args) => send::run(&args),
        Command::Ping(args) => ping::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Listen(args) => listen::run(&args),
        Command::E2e(args) => e2e::run(&args),
        Command::Jid(args) => jid::run(&args),
        Command::Precis(args) => precis::run(&args),
        Command::Idna(args) => idna::run(&args),
        Command::Caps(args) => caps::run(&args),
        Command::Sasl(args) => sasl::run(args),
        Command::Stanza(args) => stanza::run(&args),
        Command::Cpim(args) => cpim::run(&args),
        Command::Xml(args) => xml::run(&args),
        Command::Vectors(args) => vectors::run(&args),
        Command::Conformance(args) => xmpp_conformance::run(&args),
    }
}
