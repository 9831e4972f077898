//! `xmpp send`: logs in and sends one message.

use core::time::Duration;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::json;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, StanzaCondition, StanzaKind, StanzaRef};

use crate::net::client::{Failure, LoginArgs, Session};
use crate::net::requests::{self, Asked};

/// For so long the server may take to answer a ping behind the message. It need not
/// know pings, so that nothing but time is lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// Log in to a server and send a message.
///
/// It is sent when the server has taken it: when it has answered what came behind the
/// message, the end of the stream included. An error that comes back by then is told,
/// with exit status 1.
#[derive(ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    login: LoginArgs,
    /// To whom.
    #[arg(long)]
    to: String,
    /// The text.
    message: String,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    crate::net::report("send", args.login.json, crate::net::block_on(send(args)))
}

async fn send(args: &Args) -> Result<(serde_json::Value, String), Failure> {
    let to = Jid::new(&args.to).map_err(|error| Failure::new("usage", error))?;
    let mut session = args.login.log_in().await?;
    let id = session.new_id();
    let message = Message::builder(MessageType::Chat)
        .with_to(to.clone())
        .with_id(id.clone())
        .with_body(args.message.as_str());
    session.send(&message)?;
    let (mechanism, tls, sasl) = (session.mechanism.name(), session.tls, session.profile);
    let refused = |stanza: StanzaRef<'_>| refusal(stanza, &id, &to);
    if let Err(failure) = taken(&mut session, refused).await {
        // What the server has to say at the end is of no account any more.
        let _ = session.close().await;
        return Err(failure);
    }
    // The server has taken what was sent before the closing tag that it answers.
    let mut late = None;
    let closed = session.close_while(|stanza| late = late.take().or_else(|| refused(stanza))).await;
    if let Some(failure) = late {
        return Err(failure);
    }
    closed?;
    let value = json!({
        "ok": true, "to": to.as_str(), "tls": tls, "mechanism": mechanism, "sasl": sasl,
    });
    Ok((value, format!("sent to {to} ({tls}, {mechanism})")))
}

/// Waits until the server has answered a request behind the message: it handles them
/// in order (RFC 6120 section 10.1).
///
/// # Errors
///
/// If it refuses the message; and if the stream ends before the answer, in order or not:
/// a closing tag that comes first answers nothing.
async fn taken(
    session: &mut Session,
    refused: impl Fn(StanzaRef<'_>) -> Option<Failure>,
) -> Result<(), Failure> {
    let server = Jid::from(BareJid::from(session.jid.domainpart()));
    let mut failure = None;
    let ping = Iq::get("", &Ping).with_to(server);
    let asked = requests::ask(session, ping, PATIENCE, |stanza| {
        failure = refused(stanza);
        failure.is_some()
    })
    .await;
    let closed = session.peer_closed_stream();
    match (failure, asked) {
        (Some(failure), _) => Err(failure),
        (None, Err(failure)) if failure.error != "closed" => Err(failure),
        (None, Ok(Asked::Answered(_) | Asked::Needless)) => Ok(()),
        (None, Ok(Asked::Unanswered)) if !closed => Ok(()),
        (None, _) => Err(Failure::new(
            "closed",
            "the server closed the stream, and may not have taken the message",
        )),
    }
}

/// What an error that answers the message says. Nobody else knows its id.
fn refusal(stanza: StanzaRef<'_>, id: &str, to: &Jid) -> Option<Failure> {
    let answers = stanza.kind() == StanzaKind::Message
        && stanza.is_error()
        && stanza.id().as_deref() == Some(id);
    answers.then(|| match stanza.error() {
        Some(error) => {
            Failure::new(error.condition.as_str(), format!("{to} does not get it: {error}"))
        }
        None => Failure::new(
            StanzaCondition::UndefinedCondition.as_str(),
            format!("{to} does not get it: an error that does not say what is wrong"),
        ),
    })
}
