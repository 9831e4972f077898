//! `xmpp ping`: logs in and pings (XEP-0199).

use core::time::Duration;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args as ClapArgs;
use serde_json::json;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::stanza::{Iq, IqType, StanzaCondition, ping::Ping};

use crate::net::client::{Failure, LoginArgs, Session};

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
    let answer = answer(&mut session, &to);
    let refused =
        tokio::time::timeout(Duration::from_secs(args.timeout), answer).await.map_err(|_| {
            Failure::new("timeout", format!("no answer within {} seconds", args.timeout))
        })??;
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

/// Pings and waits; the error that came back instead of a pong, if one did.
async fn answer(
    session: &mut Session,
    to: &Jid,
) -> Result<Option<(StanzaCondition, String)>, Failure> {
    let id = session.link.endpoint.new_id();
    let request = Iq::get(&*id, Ping).with_to(to.clone());
    session.link.endpoint.send(&request).map_err(|error| Failure::new("send", error))?;
    while let Some(received) = session.stanza().await? {
        let Some(stanza) = received.stanza() else { continue };
        // An answer counts if both its id and its sender are right.
        let is_ours = stanza.id().as_deref() == Some(&*id)
            && stanza.from().as_str().is_none_or(|from| from == to.as_str());
        match stanza.iq_type() {
            Some(IqType::Result) if is_ours => return Ok(None),
            Some(IqType::Error) if is_ours => {
                return Ok(Some(stanza.error().map_or_else(
                    || (StanzaCondition::UndefinedCondition, "it does not say which".into()),
                    |error| (error.condition, error.to_string()),
                )));
            }
            _ => {}
        }
    }
    Err(Failure::new("closed", "the server closed the stream"))
}
