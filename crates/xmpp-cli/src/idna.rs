//! `xmpp idna`: internationalized domain names.

use std::borrow::Cow;
use std::process::ExitCode;

use serde::Serialize;
use xmpp_jid::idna;

use crate::inspect::{self, Input, write};

/// Checks domain names by IDNA2008 (RFC 5891) and shows both forms.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
    /// Map the names first (RFC 5895), as is done with domainparts.
    #[arg(long)]
    map: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    unicode: &'a str,
    ascii: &'a str,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    inspect::run("idna", &args.input, |request, out| {
        let text = request.text()?;
        let name = if args.map { idna::map(&text) } else { Cow::Borrowed(&*text) };
        let unicode = idna::to_unicode(&name)?;
        write(out, &Answer { ok: true, unicode: &unicode, ascii: &idna::to_ascii(&unicode)? });
        Ok(())
    })
}
