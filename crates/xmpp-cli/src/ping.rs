//! `xmpp ping`: logs in and pings (XEP-0199).

use core::time::Duration;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args as ClapArgs;
use serde_json::json;
use xmpp_core::Event;
use xmpp_core::jid::Jid;
use xmpp_core::stanza::{Iq, IqType, ping::Ping};

use crate::net::client::{Failure, LoginArgs};

/// Log in to a server and ping it, or somebody through it.
#[derive(ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    login: LoginArgs,
    /// Whom to ping; the server itself if left out.
    #[arg(long)]
    to: Option<String>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    crate::net::report(args.login.json, crate::net::block_on(ping(args)))
}

async fn ping(args: &Args) -> Result<(serde_json::Value, String), Failure> {
    let to = match &args.to {
        Some(to) => Some(Jid::new(to).map_err(|error| Failure::new("usage", error))?),
        None => None,
    };
    let mut session = args.login.log_in().await?;
    // The server answers for itself at its domain.
    let to =
        to.unwrap_or_else(|| Jid::from(xmpp_core::jid::BareJid::from(session.jid.domainpart())));
    let id = session.link.endpoint.new_id();
    let sent = Instant::now();
    let request = Iq::get(&*id, Ping).with_to(to.clone());
    session.link.endpoint.send(&request).map_err(|error| Failure::new("send", error))?;
    let answer = async {
        while let Some(event) = session.link.next().await? {
            let Event::Stanza(received) = event else { continue };
            let Some(stanza) = received.stanza() else { continue };
            // An answer counts if both its id and its sender are right.
            let is_ours = stanza.id().as_deref() == Some(&*id)
                && stanza.from().as_str().is_none_or(|from| from == to.as_str());
            match stanza.iq_type() {
                Some(IqType::Result) if is_ours => return Ok(None),
                Some(IqType::Error) if is_ours => return Ok(stanza.error()),
                _ => {}
            }
        }
        Err(Failure::new("closed", "the server closed the stream"))
    };
    let error = tokio::time::timeout(Duration::from_secs(30), answer)
        .await
        .map_err(|_| Failure::new("timeout", "no answer within 30 seconds"))??;
    let elapsed = sent.elapsed();
    let (mechanism, tls) = (session.mechanism.name(), session.tls);
    session.close().await?;
    let ms = elapsed.as_secs_f64() * 1000.0;
    // An entity that knows no ping says so, which shows just as well that it is there.
    let text = match &error {
        None => format!("{to} answered in {ms:.1} ms ({tls}, {mechanism})"),
        Some(error) => format!("{to} answered with an error in {ms:.1} ms: {error}"),
    };
    let value = json!({
        "ok": error.is_none(), "to": to.as_str(), "ms": ms, "tls": tls, "mechanism": mechanism,
        "error": error.map(|error| error.condition.as_str()),
    });
    Ok((value, text))
}
