//! Breaking a rule at a chosen stage of a stream, and what has to follow.

use super::session::User;
use super::target::Target;
use crate::verdict::{Fault, Outcome};
use crate::wire::{Item, StreamError, Wire};

/// How far a stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A connection; no header has been sent.
    Connected,
    /// Headers and features in the clear.
    Clear,
    /// The same under TLS.
    Secure,
    /// Authenticated, no resource bound. Takes an account.
    Authenticated,
    /// A resource is bound. Takes an account.
    Bound,
}

impl crate::scene::Scene<Target> {
    /// A wire at that stage.
    pub(super) async fn at(&self, stage: Stage) -> Outcome<Wire> {
        Ok(match stage {
            Stage::Connected => self.dial("client").await?,
            Stage::Clear => self.open("client").await?.wire,
            Stage::Secure => self.secure("client").await?.wire,
            Stage::Authenticated => self.login(&self.account(0), "client").await?.wire,
            Stage::Bound => self.bound(&self.account(0), "").await?.wire,
        })
    }

    /// Sends what breaks a rule; the stream has to end with one of these errors, or with
    /// any if none is named.
    pub(super) async fn provoke(
        &self,
        stage: Stage,
        bytes: impl AsRef<[u8]>,
        conditions: &[&str],
    ) -> Outcome {
        let mut wire = self.at(stage).await?;
        wire.send_marked(bytes).await;
        ends_with(&mut wire, conditions).await.map(drop)
    }
}

/// A stream error with one of these conditions, or with any if none is named.
pub(super) async fn ends_with(wire: &mut Wire, conditions: &[&str]) -> Outcome<StreamError> {
    if conditions.is_empty() {
        wire.stream_error().await
    } else {
        wire.expect_stream_error(conditions).await
    }
}

/// What a server did with something that it may ignore, answer with a stanza error, or end
/// the stream for.
#[derive(Debug)]
pub(super) enum Reaction {
    /// It went on as if nothing had been.
    Ignored,
    /// It sent a stanza error with this condition.
    Refused(String),
    /// It ended the stream with this error.
    Ended(StreamError),
    /// It closed the stream or the connection without an error.
    Closed,
}

/// Looks at what comes of what a user has just sent: a request behind it marks the end.
pub(super) async fn reaction(user: &mut User) -> Outcome<Reaction> {
    use crate::wire::StanzaError;

    let id = user.id();
    user.send(format!("<iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>")).await;
    let mut refused = None;
    loop {
        match user.wire.item().await {
            Item::Element(element) => {
                if let Some(error) = StreamError::of(&element) {
                    return Ok(Reaction::Ended(error));
                }
                if element.attr("id").as_deref() == Some(&*id) {
                    return Ok(refused.map_or(Reaction::Ignored, Reaction::Refused));
                }
                if let Some(error) = StanzaError::of(element.as_ref()) {
                    refused = Some(error.condition);
                }
            }
            Item::Closed | Item::End(_) => return Ok(Reaction::Closed),
            other => return Err(Fault::Failed(format!("no reaction: {}", other.what()))),
        }
    }
}
