//! `xmpp listen`: logs in and shows what arrives.

use core::time::Duration;
use std::io;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::{Value, json};
use xmpp_core::stanza::{Presence, PresenceType};
use xmpp_core::xml::ElementRef;

use crate::net::client::{Failure, LoginArgs};
use crate::{out, readable, stanza};

/// Log in to a server, become available and show what arrives: a line a stanza.
///
/// With --json, the first object says who listens, and each of the others is what
/// `xmpp stanza` makes of a stanza. Requests are answered: pings with a pong, all
/// others with an error. Ctrl-C ends it, in order.
#[derive(ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    login: LoginArgs,
    /// End after this many stanzas.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// End after this many seconds.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
    /// Stay unavailable: messages to the bare address go elsewhere.
    #[arg(long)]
    unavailable: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match crate::net::block_on(listen(args)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(written) => out::ended("xmpp listen", written, ExitCode::SUCCESS),
        Err(failure) => crate::net::report("listen", args.login.json, Err(failure)),
    }
}

async fn listen(args: &Args) -> Result<io::Result<()>, Failure> {
    let mut session = args.login.log_in().await?;
    let (jid, tls, mechanism) = (session.jid.clone(), session.tls, session.mechanism.name());
    let sasl = session.profile;
    if !args.unavailable {
        let presence = Presence::new(PresenceType::Available);
        session.link.endpoint.send(&presence).map_err(|error| Failure::new("send", error))?;
    }
    let mut written = out::line(if args.login.json {
        json!({
            "ok": true, "jid": jid.as_str(), "tls": tls, "mechanism": mechanism, "sasl": sasl,
        })
        .to_string()
    } else {
        format!("listening as {jid} ({tls}, {mechanism}); Ctrl-C ends it")
    });
    let patience = args.seconds.map_or(Duration::MAX, Duration::from_secs);
    let over = tokio::time::sleep(patience);
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(over, interrupted);
    let mut left = args.count.unwrap_or(u64::MAX);
    while written.is_ok() && left > 0 {
        let received = tokio::select! {
            received = session.stanza() => received?,
            () = &mut over => break,
            _ = &mut interrupted => break,
        };
        let Some(received) = received else {
            return Err(Failure::new("closed", "the server closed the stream"));
        };
        written = out::line(shown(received.element(), args.login.json));
        left -= 1;
    }
    // All that was wanted has been shown.
    let _ = session.close().await;
    Ok(written)
}

fn shown(element: ElementRef<'_>, json: bool) -> String {
    let model = stanza::model(element);
    if json { out::json(&Value::Object(model)) } else { readable::stanza(&model) }
}
