//! `xmpp caps`: the hashes over an answer of service discovery.

use std::process::ExitCode;

use serde::Serialize;
use xmpp_extensions::base::caps::{IllFormed, verification_string};
use xmpp_extensions::base::caps2::Caps2;
use xmpp_extensions::base::disco::Info;
use xmpp_extensions::base::hashes::Algorithm;
use xmpp_stanza::Payload as _;
use xmpp_stanza::payload::Value as _;
use xmpp_stanza::xml::Element;

use crate::inspect::{self, Failure, Input, write};

/// Hashes answers of service discovery: entity capabilities (XEP-0115, XEP-0390)
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    /// XEP-0115 by SHA-1; what is ill-formed has none.
    ver: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ill_formed: Option<&'static str>,
    /// XEP-0390 by the two functions that it recommends; what has parts that are not
    /// hashed has none.
    sha_256: Option<String>,
    sha3_256: Option<String>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    inspect::run("caps", &args.input, |request, out| {
        let text = request.text()?;
        let element =
            Element::parse(&*text).map_err(|problem| Failure::request(problem.to_string()))?;
        let info =
            Info::parse(element.as_ref()).map_err(|found| Failure::request(found.to_string()))?;
        let (ver, ill_formed) = match verification_string(&info, &Algorithm::Sha1) {
            Ok(ver) => (ver, None),
            Err(why) => (None, Some(code(why))),
        };
        let by = |algorithm| -> Option<String> {
            let caps = Caps2::of(&info, &[algorithm]).ok()?;
            let mut text = String::new();
            caps.hashes.first()?.digest.write(&mut |base64| text.push_str(base64));
            Some(text)
        };
        let (sha_256, sha3_256) = (by(Algorithm::Sha256), by(Algorithm::Sha3_256));
        write(out, &Answer { ok: true, ver, ill_formed, sha_256, sha3_256 });
        Ok(())
    })
}

fn code(why: IllFormed) -> &'static str {
    match why {
        IllFormed::RepeatedIdentity => "repeated-identity",
        IllFormed::RepeatedFeature => "repeated-feature",
        IllFormed::RepeatedForm => "repeated-form",
        IllFormed::AmbiguousForm => "ambiguous-form",
        _ => "ill-formed",
    }
}
