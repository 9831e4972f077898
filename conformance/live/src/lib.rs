//! A conformance suite for XMPP: what h2spec is to HTTP/2.
//!
//! It plays the other side of a server or of a client over sockets, on raw bytes, and ties
//! each verdict to a sentence of an RFC. It is for people who never read our code:
//!
//! ```text
//! xmpp-conformance server --target 127.0.0.1:5222 --domain example.org \
//!     --account a@example.org:pw --account b@example.org:pw --json > run.jsonl
//! xmpp-conformance client --listen 127.0.0.1:5222 …
//! xmpp-conformance report run.jsonl --out report.html
//! ```
//!
//! # How it is made
//!
//! | module | what it is |
//! |---|---|
//! | [`case`] | a case: id, sentence, level, what it needs, what it does |
//! | [`verdict`] | passed, failed, skipped, error |
//! | [`scene`] | what a case has while it runs; what a half of the suite provides |
//! | [`wire`] | a stream's bytes, over TCP or TLS |
//! | [`transcript`] | what was sent and received |
//! | [`runner`] | runs cases, some at the same time |
//! | [`record`] | the JSON: a line a case |
//! | [`select`], [`options`] | which cases, and how |
//! | [`server`] | the cases that servers are held against |
//! | [`client`] | the cases that clients are held against |
//! | [`report`] | the report as a page of HTML |
//!
//! Received bytes are split into elements by `xmpp-xml`; what is sent is written by hand,
//! and so is SASL, so that a fault of our own protocol crates cannot hide itself.
//!
//! Exit status: 0 if nothing speaks against the peer, 1 if something does (see
//! `--fail-on`), 2 for wrong usage.

pub mod case;
pub mod client;
mod junit;
pub mod options;
mod output;
mod quote;
pub mod record;
pub mod report;
pub mod runner;
pub mod scene;
mod scram;
pub mod select;
pub mod server;
pub mod transcript;
pub mod verdict;
pub mod wire;

use std::process::ExitCode;

use clap::{Args as ClapArgs, Subcommand};

/// The program's command.
#[derive(ClapArgs, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Hold a server against the sentences of the RFCs
    Server(Box<server::Args>),
    /// Hold a client against them: listen, and judge whoever connects
    Client(Box<client::Args>),
    /// Make a page of HTML of one or several runs
    Report(report::Args),
    /// List the cases
    List(options::List),
}

/// Runs the command and says how it came out.
pub fn run(args: &Args) -> ExitCode {
    let done = match &args.command {
        Command::Server(args) => server::run(args),
        Command::Client(args) => client::run(args),
        Command::Report(args) => report::run(args),
        Command::List(list) => options::list(list),
    };
    match done {
        Ok(status) => status,
        Err(usage) => {
            eprintln!("xmpp-conformance: {usage}");
            ExitCode::from(2)
        }
    }
}
