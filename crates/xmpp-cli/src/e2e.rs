//! `xmpp e2e`: signing and encryption end to end (RFC 3923).

mod cert;
mod files;
mod open;
mod protect;

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use crate::{examples, out};

/// Signs, encrypts, decrypts and verifies stanzas (RFC 3923, S/MIME).
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    operation: Operation,
    /// Tells about the result as one JSON object a line, on standard error.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Operation {
    /// Signs a stanza, or a MIME entity.
    #[command(after_help = examples::E2E_SIGN)]
    Sign(protect::Sign),
    /// Encrypts a stanza, or a MIME entity; signs it first if there is a key.
    #[command(after_help = examples::E2E_ENCRYPT)]
    Encrypt(protect::Encrypt),
    /// Decrypts, and verifies the signature inside.
    #[command(after_help = examples::E2E_DECRYPT)]
    Decrypt(open::Decrypt),
    /// Verifies a signature.
    #[command(after_help = examples::E2E_VERIFY)]
    Verify(open::Verify),
    /// Makes a key and a certificate for an address, to try things out.
    #[command(after_help = examples::E2E_CERT)]
    Cert(cert::Cert),
}

/// What is wrong, in a word for programs and in a sentence for people.
struct Failure {
    /// The word, and whether it is about the usage and not the object.
    code: &'static str,
    usage: bool,
    message: String,
}

impl Failure {
    /// A verdict on the object.
    fn verdict(code: &'static str, message: impl ToString) -> Self {
        Self { code, usage: false, message: message.to_string() }
    }

    /// Wrong options or files.
    fn usage(message: impl ToString) -> Self {
        Self { code: "usage", usage: true, message: message.to_string() }
    }
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let outcome = match &args.operation {
        Operation::Sign(options) => options.run(),
        Operation::Encrypt(options) => options.run(),
        Operation::Decrypt(options) => options.run(),
        Operation::Verify(options) => options.run(),
        Operation::Cert(options) => options.run(),
    };
    match outcome {
        Ok(report) => {
            if args.json {
                out::note(&out::json(&report));
            }
            ExitCode::SUCCESS
        }
        Err(failure) => {
            if args.json {
                let Failure { code, message, .. } = &failure;
                let told = json!({ "ok": false, "error": code, "message": message });
                out::note(&out::json(&told));
            } else {
                out::error("xmpp e2e", &failure.message);
            }
            ExitCode::from(if failure.usage { 2 } else { 1 })
        }
    }
}
