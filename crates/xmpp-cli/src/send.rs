//! `xmpp send`: logs in and sends one message.

use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::json;
use xmpp_core::jid::Jid;
use xmpp_core::stanza::{Message, MessageType};

use crate::net::client::{Failure, LoginArgs};

/// Log in to a server and send a message.
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
    crate::net::report(args.login.json, crate::net::block_on(send(args)))
}

async fn send(args: &Args) -> Result<(serde_json::Value, String), Failure> {
    let to = Jid::new(&args.to).map_err(|error| Failure::new("usage", error))?;
    let mut session = args.login.log_in().await?;
    let message = Message::new(MessageType::Chat)
        .with_to(to.clone())
        .with_id(session.link.endpoint.new_id())
        .with_body(args.message.as_str());
    session.link.endpoint.send(&message).map_err(|error| Failure::new("send", error))?;
    let (mechanism, tls) = (session.mechanism.name(), session.tls);
    // The server has taken what was sent before the closing tag that it answers.
    session.close().await?;
    let value = json!({"ok": true, "to": to.as_str(), "tls": tls, "mechanism": mechanism});
    Ok((value, format!("sent to {to} ({tls}, {mechanism})")))
}
