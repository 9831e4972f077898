//! The gateway as a presence service: RFC 3922 §6, with RFC 3859 on the far
//! side.
//!
//! ```text
//!   XMPP                      PresenceService                    CPP
//!   <presence type=…/> ──> handle_presence
//!                              │                    ──> Action::Subscribe
//!                          handle_response   <── response
//!   Action::Stanza     <──     │
//!                          handle_notify     <── notify
//!                          handle_subscribe  <── subscribe
//!                              │                    ──> Action::Respond, ::Notify
//! ```
//!
//! No I/O and no clock: what to send is appended to the `Vec<Action>` that each
//! call is given; `now` is the time since a moment of the caller's choosing,
//! and [`PresenceService::poll_timeout`] says when
//! [`PresenceService::handle_timeout`] wants to be called.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! use core::time::Duration;
//! use xmpp_cpim::gateway::{Action, Config, PresenceService, Response, Status};
//! use xmpp_stanza::{Presence, PresenceType};
//!
//! // The prefix makes subscription ids unique in the world: random, or a name.
//! let mut service = PresenceService::new("gw1", Config::default());
//! let mut out = Vec::new();
//!
//! // Juliet, on XMPP, wants to see Romeo, who is not.
//! let subscribe = Presence::builder(PresenceType::Subscribe)
//!     .with_from("juliet@example.com".parse::<xmpp_jid::BareJid>()?)
//!     .with_to("romeo@example.net".parse::<xmpp_jid::BareJid>()?)
//!     .with_id("sub1");
//! let now = Duration::ZERO;
//! service.handle_presence(now, &subscribe.build()?, &mut out);
//! let Some(Action::Subscribe(asked)) = out.pop() else { panic!() };
//! assert_eq!(asked.watcher.to_string(), "pres:juliet@example.com");
//! assert_eq!(asked.trans_id.as_str(), "sub1");
//!
//! // He agrees, for an hour.
//! let answer = Response {
//!     trans_id: asked.trans_id,
//!     status: Status::Success,
//!     duration: Some(Duration::from_secs(3600)),
//! };
//! service.handle_response(now, &answer, &mut out);
//! let Some(Action::Stanza(subscribed)) = out.pop() else { panic!() };
//! assert_eq!(subscribed.presence_type(), PresenceType::Subscribed);
//! // Before the hour is over, the subscription will be refreshed.
//! assert!(service.poll_timeout().is_some_and(|deadline| deadline.at < Duration::from_secs(3600)));
//! # Ok(())
//! # }
//! ```
//!
//! [`Gateway`] joins it with the messages of RFC 3860, and hands on what is
//! signed or encrypted (RFC 3923 §8): one machine for all that comes from either
//! side.
//!
//! What the RFCs leave open is decided in the project's notes on CPIM; the
//! choices that somebody may want otherwise are in [`Config`].

mod cpp;
mod joined;
mod operation;
mod service;
#[cfg(test)]
mod tests;
mod timers;
mod xmpp;

pub use self::joined::{Gateway, Operation, Output};
pub use self::operation::{
    IdError, Looped, MessageOperation, MessageStatus, Notify, Response, Status, Subscribe,
    SubscriptId, TransId,
};
pub use self::service::{
    Action, Cancellation, Config, Direction, PresenceService, RestoreError, Subscription,
};
pub use self::timers::{Deadline, Reason};
