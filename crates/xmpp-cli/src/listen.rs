//! `xmpp listen`: logs in and shows what arrives.

use core::time::Duration;
use std::io;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::{Value, json};
use xmpp_core::session::Backoff;
use xmpp_core::stanza::{Presence, PresenceType};
use xmpp_core::xml::ElementRef;

use crate::net::client::{Failure, LoginArgs, News};
use crate::roster::Roster;
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
    /// Stay online: connect again after a loss, resume the stream where the server allows
    /// it, and say so. Without it, the first loss is the end.
    #[arg(long)]
    reconnect: bool,
    /// With --reconnect: how long to wait at most before the first try after a loss, in
    /// seconds. The wait is a random time, and longer after tries that fail.
    #[arg(long, value_name = "SECONDS", requires = "reconnect")]
    retry_within: Option<u64>,
    /// Ask for the roster first, keep it by the pushes of the server, and show its items
    /// and what becomes of them: a line an item.
    #[arg(long)]
    roster: bool,
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
    let mut session = args.login.come_online(backoff(args)).await?;
    let (jid, tls, mechanism) = (session.jid.clone(), session.tls, session.mechanism.name());
    let sasl = session.profile;
    let mut roster = args.roster.then(|| Roster::of(&jid));
    if let Some(roster) = &mut roster {
        roster.ask(&mut session)?;
    }
    if !args.unavailable {
        let presence = Presence::builder(PresenceType::Available);
        session.send(&presence)?;
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
        let news = tokio::select! {
            news = session.news() => news?,
            () = &mut over => break,
            _ = &mut interrupted => break,
        };
        let json = args.login.json;
        match news {
            Some(News::Stanza(received)) => {
                written = out::line(shown(received.element(), json));
                left -= 1;
                let stanza = received.stanza();
                let pushed = roster.as_mut().zip(stanza).and_then(|(r, s)| r.pushed(s, json));
                if let Some((line, taken)) = pushed {
                    if let Some(result) = stanza.and_then(|s| s.empty_result()).filter(|_| taken) {
                        session.send(&result)?;
                    }
                    written = written.and_then(|()| out::line(line));
                }
            }
            Some(News::Answered(request, answer)) => {
                let answer = roster.as_mut().zip(answer.stanza());
                let lines = answer.map(|(roster, answer)| roster.answered(request, answer, json));
                for line in lines.into_iter().flatten() {
                    written = written.and_then(|()| out::line(line));
                }
            }
            Some(News::Unanswered(_)) => {}
            Some(News::Offline(why, wait)) => {
                let (why, wait) = (why.to_string(), wait.as_secs_f64());
                written = out::line(if json {
                    let value =
                        json!({"event": "offline", "why": out::message(&why), "retry_in": wait});
                    value.to_string()
                } else {
                    out::shown(&format!("offline: {why}; again in {wait:.0} s"))
                });
            }
            Some(News::Online { resumed }) => {
                // What was true of the stream before is to be said again.
                if let Some(roster) = roster.as_mut().filter(|_| !resumed) {
                    roster.ask(&mut session)?;
                }
                if !resumed && !args.unavailable {
                    session.send(&Presence::builder(PresenceType::Available))?;
                }
                let jid = &session.jid;
                written = out::line(if json {
                    json!({"event": "online", "jid": jid.as_str(), "resumed": resumed}).to_string()
                } else {
                    format!("online as {jid}{}", if resumed { ", resumed" } else { "" })
                });
            }
            None => return Err(Failure::new("closed", "the server closed the stream")),
        }
    }
    if !args.unavailable {
        // RFC 6121 section 4.5.1. In vain while there is no stream.
        let _ = session.send(&Presence::builder(PresenceType::Unavailable));
    }
    // All that was wanted has been shown.
    let _ = session.close().await;
    Ok(written)
}

/// How long to wait between tries, if there are to be several.
fn backoff(args: &Args) -> Option<Backoff> {
    args.reconnect.then(|| {
        let mut backoff = Backoff::default();
        if let Some(within) = args.retry_within {
            backoff.first = Duration::from_secs(within);
        }
        backoff
    })
}

fn shown(element: ElementRef<'_>, json: bool) -> String {
    let model = stanza::model(element);
    if json { out::json(&Value::Object(model)) } else { readable::stanza(&model) }
}
