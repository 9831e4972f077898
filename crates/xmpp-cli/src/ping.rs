//! `xmpp ping`: logs in and pings (XEP-0199).

use core::time::Duration;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args as ClapArgs;
use serde_json::json;
use xmpp_core::Received;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::stanza::{Iq, StanzaCondition, ping::Ping};

use crate::net::client::{Failure, LoginArgs};
use crate::net::requests::{self, Asked};

/// Log in to a server and ping it, or somebody through it.
///
/// The exit status is 1 if an error comes back: an entity that does not know pings
/// cannot be told from a server that could not reach it.
#[derive(ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    login: LoginArgs,
    /// Whom to ping; the server itself if left out.
    #[arg(long)]
    to: Option<String>,
    /// How long to wait for the answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    crate::net::report("ping", args.login.json, crate::net::block_on(ping(args)))
}

async fn ping(args: &Args) -> Result<(serde_json::Value, String), Failure> {
    let to = match &args.to {
        Some(to) => Some(Jid::new(to).map_err(|error| Failure::new("usage", error))?),
        None => None,
    };
    let mut session = args.login.log_in().await?;
    // The server answers for itself at its domain.
    let to = to.unwrap_or_else(|| Jid::from(BareJid::from(session.jid.domainpart())));
    let sent = Instant::now();
    let patience = Duration::from_secs(args.timeout);
    let request = Iq::get("", &Ping).with_to(to.clone());
    let refused = match requests::ask(&mut session, request, patience, |_| false).await? {
        Asked::Answered(answer) => refusal(&answer),
        Asked::Unanswered | Asked::Needless => {
            let message = format!("no answer within {} seconds", args.timeout);
            return Err(Failure::new("timeout", message));
        }
    };
    let elapsed = sent.elapsed();
    let (mechanism, tls, sasl) = (session.mechanism.name(), session.tls, session.profile);
    // The answer is here, however the stream ends.
    let _ = session.close().await;
    let ms = elapsed.as_secs_f64() * 1000.0;
    let mut value = json!({
        "ok": refused.is_none(), "to": to.as_str(), "ms": ms, "tls": tls, "mechanism": mechanism,
        "sasl": sasl,
        "error": refused.as_ref().map(|(condition, _)| condition.as_str()),
    });
    let text = match &refused {
        None => format!("{to} answered in {ms:.1} ms ({tls}, {mechanism})"),
        Some((_, told)) => {
            let text = format!("{to} answered with an error in {ms:.1} ms: {told}");
            value["message"] = crate::out::message(&text).into();
            text
        }
    };
    Ok((value, text))
}

/// The error that came back instead of a pong, if one did.
fn refusal(answer: &Received<'_>) -> Option<(StanzaCondition, String)> {
    let stanza = answer.stanza().filter(|stanza| stanza.is_error())?;
    Some(stanza.error().map_or_else(
        || (StanzaCondition::UndefinedCondition, "it does not say which".into()),
        |error| (error.condition, error.to_string()),
    ))
}
