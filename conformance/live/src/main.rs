//! `xmpp-conformance`: see the library's documentation.

use std::process::ExitCode;

use clap::Parser;

/// Holds servers and clients against the sentences of the XMPP RFCs.
#[derive(Parser)]
#[command(name = "xmpp-conformance", version, about)]
struct Cli {
    #[command(flatten)]
    args: xmpp_conformance::Args,
}

fn main() -> ExitCode {
    xmpp_conformance::run(&Cli::parse().args)
}
