//! `sasl`: PBKDF2, whole exchanges, and what a server's steps tell by their
//! time.

mod exchanges;
mod pbkdf2;
mod timing;

use std::process::Command;

use clap::Args;
use serde_json::{Map, Value};

use crate::report;

/// Whole SCRAM exchanges, their PBKDF2, and the timing of unknown users.
#[derive(Args)]
pub(crate) struct Options {
    /// Leave out the same again, built for this very processor with full
    /// link-time optimisation (which takes minutes to build).
    #[arg(long)]
    this_build: bool,
}

pub(crate) fn run(options: &Options, json: bool) {
    heading(json, "PBKDF2, nanoseconds a round, best of many");
    report::print(&pbkdf2::rows(), json);
    heading(json, "A SCRAM exchange, both sides, microseconds, best of many");
    report::print(&exchanges::rows(), json);
    heading(json, "A server's two steps: an account with a wrong password, and no account");
    report::print(&timing::rows(), json);
    if !options.this_build {
        heading(json, "The same, built with -C target-cpu=native and lto=fat");
        native(json);
    }
}

fn heading(json: bool, text: &str) {
    if !json {
        println!("\n{text}\n");
    }
}

/// Where RustCrypto's hash functions collapse on processors with both AVX-512
/// and the SHA instructions (llvm/llvm-project#142368).
fn native(json: bool) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["run", "--quiet", "--release", "--package", "xmpp-bench"])
        .args(["--target-dir", "target/native", "--", "sasl", "--this-build"])
        .env("RUSTFLAGS", "-C target-cpu=native")
        .env("CARGO_PROFILE_RELEASE_LTO", "fat");
    if json {
        command.arg("--json");
    }
    match command.status() {
        Ok(status) if status.success() => {}
        other => eprintln!("the other build did not run: {other:?}"),
    }
}

/// A row of a table.
fn row<const N: usize>(cells: [(&str, Value); N]) -> Map<String, Value> {
    cells.into_iter().map(|(head, cell)| (head.to_owned(), cell)).collect()
}
