//! `xmpp jid`: addresses, and the escaping of XEP-0106.

use std::borrow::Cow;
use std::process::ExitCode;

use serde::Serialize;
use xmpp_jid::legacy::LegacyJid;
use xmpp_jid::{Jid, JidRef, escape, unescape};

use crate::examples;
use crate::inspect::{self, Failure, Input, Request, write};

/// Parses and prepares addresses (RFC 7622).
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    operation: Option<Operation>,
    #[command(flatten)]
    input: Input,
    /// By the rules of RFC 6122 (stringprep).
    #[arg(long)]
    legacy: bool,
}

#[derive(clap::Subcommand)]
enum Operation {
    /// Makes text a localpart (XEP-0106).
    #[command(after_help = examples::JID_ESCAPE)]
    Escape(Input),
    /// Shows a localpart as the text that was escaped (XEP-0106).
    #[command(after_help = examples::JID_UNESCAPE)]
    Unescape(Input),
}

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    jid: &'a str,
    local: Option<&'a str>,
    domain: &'a str,
    resource: Option<&'a str>,
}

#[derive(Serialize)]
struct Output<'a> {
    output: &'a str,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match &args.operation {
        None if args.legacy => inspect::run("jid", &args.input, |request, out| {
            parse(request, |text| {
                let jid = LegacyJid::new(text)?;
                write(
                    out,
                    &Answer {
                        ok: true,
                        jid: jid.as_str(),
                        local: jid.localpart(),
                        domain: jid.domainpart(),
                        resource: jid.resourcepart(),
                    },
                );
                Ok(())
            })
        }),
        None => inspect::run("jid", &args.input, |request, out| {
            parse(request, |text| {
                match JidRef::new(text) {
                    Ok(jid) => write(out, &answer(jid)),
                    Err(_) => write(out, &answer(Jid::new(text)?.as_ref())),
                }
                Ok(())
            })
        }),
        Some(Operation::Escape(input)) => convert("jid escape", input, |text| Ok(escape(text)?)),
        Some(Operation::Unescape(input)) => {
            convert("jid unescape", input, |text| Ok(unescape(text)))
        }
    }
}

fn answer(jid: JidRef<'_>) -> Answer<'_> {
    Answer {
        ok: true,
        jid: jid.as_str(),
        local: jid.localpart().map(|part| part.as_str()),
        domain: jid.domainpart().as_str(),
        resource: jid.resourcepart().map(|part| part.as_str()),
    }
}

/// Hands the text to `parse`; what is no text is no address either.
fn parse(
    request: &Request<'_>,
    parse: impl FnOnce(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    request.text().and_then(|text| parse(&text)).map_err(|mut failure| {
        failure.part.get_or_insert("jid");
        failure
    })
}

fn convert(
    command: &str,
    input: &Input,
    convert: fn(&str) -> Result<Cow<'_, str>, Failure>,
) -> ExitCode {
    inspect::run(command, input, |request, out| {
        write(out, &Output { output: &convert(&request.text()?)? });
        Ok(())
    })
}
