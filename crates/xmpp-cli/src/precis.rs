//! `xmpp precis`: the profiles and classes of PRECIS.

use std::borrow::Cow;
use std::process::ExitCode;

use serde::Serialize;
use xmpp_jid::Violation;
use xmpp_jid::precis::{Class, Profile};

use crate::inspect::{self, Failure, Input, write};

/// Enforces PRECIS profiles (RFC 8265, RFC 8266) on strings, or compares them.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
    /// The profile or class for requests that name none: UsernameCaseMapped,
    /// UsernameCasePreserved, OpaqueString, Nickname, IdentifierClass or
    /// FreeformClass.
    #[arg(long, default_value = "UsernameCaseMapped", value_parser = Rules::named)]
    profile: Rules,
}

/// What a string is held against.
#[derive(Clone, Copy)]
enum Rules {
    Profile(Profile),
    Class(Class),
}

#[derive(Serialize)]
struct Output<'a> {
    ok: bool,
    output: &'a str,
}

#[derive(Serialize)]
struct Compared {
    equal: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    inspect::run("precis", &args.input, |request, out| {
        let rules = match &request.profile {
            Some(name) => Rules::named(&name.0).map_err(Failure::request)?,
            None => args.profile,
        };
        match (&request.a, &request.b) {
            (None, None) => {
                write(out, &Output { ok: true, output: &rules.enforce(&request.text()?)? });
            }
            (Some(a), Some(b)) => write(out, &Compared { equal: rules.equal(&a.0, &b.0)? }),
            _ => return Err(Failure::request("expected both \"a\" and \"b\"")),
        }
        Ok(())
    })
}

impl Rules {
    fn named(name: &str) -> Result<Self, String> {
        let profile = Profile::ALL.into_iter().find(|profile| profile.as_str() == name);
        let class =
            [Class::Identifier, Class::Freeform].into_iter().find(|class| class.as_str() == name);
        profile
            .map(Self::Profile)
            .or_else(|| class.map(Self::Class))
            .ok_or_else(|| format!("no such profile or class: {name}"))
    }

    fn enforce(self, text: &str) -> Result<Cow<'_, str>, Violation> {
        match self {
            Self::Profile(profile) => profile.enforce(text),
            Self::Class(class) => class.check(text).map(|()| Cow::Borrowed(text)),
        }
    }

    fn equal(self, a: &str, b: &str) -> Result<bool, Violation> {
        match self {
            Self::Profile(profile) => profile.equal(a, b),
            Self::Class(class) => class.check(a).and_then(|()| class.check(b)).map(|()| a == b),
        }
    }
}
