//! The `xmpp` program: it shows each block at work and lets programs in any
//! language drive the blocks through a pipe.
//!
//! Exit status: 0 for success, 1 for a negative verdict, 2 for wrong usage.

mod batch;
mod demo;
mod net;
mod ping;
mod send;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::Value;

use self::net::client::Failure;

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
    Demo(demo::Args),
    Serve(serve::Args),
    Send(send::Args),
    Ping(ping::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command.unwrap_or(Command::Demo(demo::Args::default())) {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Send(args) => send::run(&args),
        Command::Ping(args) => ping::run(&args),
    }
}

/// Runs a command that needs sockets.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the operating system gives threads")
        .block_on(work)
}

/// Prints what became of a command, for people or for programs.
fn report(json: bool, outcome: Result<(Value, String), Failure>) -> ExitCode {
    match outcome {
        Ok((value, text)) => {
            if json {
                println!("{value}");
            } else {
                println!("{text}");
            }
            ExitCode::SUCCESS
        }
        Err(failure) => {
            if json {
                println!("{}", failure.to_json());
            } else {
                eprintln!("xmpp: {}: {}", failure.error, failure.message);
            }
            ExitCode::from(if failure.error == "usage" { 2 } else { 1 })
        }
    }
}
