//! Makes the tables of xmpp-jid from the Unicode data of ICU4X.
//!
//! `cargo run --manifest-path crates/xmpp-jid/tables/Cargo.toml` writes
//! `src/tables.rs`; with `--check` it only compares, and exits with 1 where
//! they differ.

mod derive;
mod write;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().any(|arg| arg == "--check");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/tables.rs");
    let made = write::tables();
    if !check {
        std::fs::write(&path, made).expect("the crate's folder can be written to");
        return ExitCode::SUCCESS;
    }
    if std::fs::read_to_string(&path).is_ok_and(|committed| committed == made) {
        println!("src/tables.rs is what the generator makes");
        ExitCode::SUCCESS
    } else {
        eprintln!("src/tables.rs is not what the generator makes: run it without --check");
        ExitCode::FAILURE
    }
}
