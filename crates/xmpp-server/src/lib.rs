//! An XMPP host to embed: the accounts and sessions of a domain, and what passes between
//! them, without a socket.
//!
//! ```text
//!            bytes             stanzas                  stanzas            bytes
//!  client ─────────▶ connection ──────▶ ┌──────────┐ ──────────▶ connection ─────────▶ client
//!         ◀─────────  (yours)   ◀────── │   Host   │ ◀──────────  (yours)   ◀─────────
//!                                outbox └──────────┘ outbox
//!                                           ▲  │ route
//!                                           │  ▼
//!                            components, other servers (yours)
//! ```
//!
//! A [`Host`] knows what RFC 6120 §8 and §10 and RFC 6121 ask of a server once a client has
//! authenticated: rosters with versions, presence subscriptions with pre-approval, presence
//! broadcast, probes and directed presence, delivery of messages and their storage for
//! those who are not there, routing of iq stanzas, and the answers that a server gives itself
//! (roster, ping, service discovery). The rules are those of [`xmpp_im`]; the host joins them.
//!
//! It does no input or output, has no clock and no randomness, and starts nothing: calls go
//! in, and what is to be sent comes out through an [`Outbox`] before they return.
//!
//! It is cut at the address, as RFC 6121 is. What a session sends passes an *outbound* half,
//! which looks at the sender's account alone; what arrives for an account passes an *inbound*
//! half, which looks at the recipient's alone. They meet in stanzas and in nothing else. Two
//! users of one host speak to each other as if they were on two servers.
//!
//! # The calls
//!
//! - [`Host::session_bound`], when a client asks for a resource;
//! - [`Host::handle_stanza`], for each stanza that it sends;
//! - [`Host::session_ended`], when its stream has ended, however it did; or
//!   [`Host::session_failed`], if stanzas for it are left over;
//! - [`Host::handle_routed`], for each stanza that comes from a component (XEP-0114);
//! - [`Host::handle_remote`], for each stanza that comes from another server;
//! - [`Host::route_failed`], for each stanza that was routed to another domain and cannot be
//!   sent there after all;
//! - [`Host::send_failed`], for each stanza that a stream never takes, since it is too long.
//!
//! Offer [`StreamFeatures`] to clients that have authenticated.
//!
//! # Example
//!
//! ```
//! use xmpp_jid::{DomainpartRef, LocalpartRef};
//! use xmpp_server::{Config, Host, Output, Queue, SessionId, UnixTime};
//! use xmpp_xml::Element;
//!
//! let mut host = Host::new(DomainpartRef::new("example.com")?, 0x5eed, Config::default());
//! let romeo = host.add_account(LocalpartRef::new("romeo")?);
//! let juliet = host.add_account(LocalpartRef::new("juliet")?);
//!
//! // Both have authenticated; each asks for a resource. The bytes are to be random.
//! let (now, mut out) = (UnixTime::from_secs(1_300_000_000), Queue::new());
//! let (orchard, balcony) = (SessionId(1), SessionId(2));
//! host.session_bound(now, orchard, &romeo, Some("orchard"), [1; 16], &mut out)?;
//! let jid = host.session_bound(now, balcony, &juliet, Some("balcony"), [2; 16], &mut out)?;
//! assert_eq!(jid, "juliet@example.com/balcony");
//!
//! // A stanza from Juliet's stream, whatever it says of its sender.
//! let message = Element::parse(
//!     "<message xmlns='jabber:client' from='nurse@example.com' to='romeo@example.com/orchard'>\
//!      <body>Wherefore art thou?</body></message>",
//! )?;
//! host.handle_stanza(now, balcony, message.as_ref(), &mut out)?;
//!
//! let sent = "<message from='juliet@example.com/balcony' to='romeo@example.com/orchard'>\
//!             <body>Wherefore art thou?</body></message>";
//! assert_eq!(out.output.pop_front(), Some(Output::Stanza(orchard, sent.into())));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # What a stanza can do to the host
//!
//! Cost time in proportion to the rosters and sessions of the accounts that it concerns, and
//! memory within [`Limits`]. Nothing that a client sends ends its stream or panics: what is
//! wrong is answered with a stanza error, once, and errors are not answered.
//!
//! A client learns of another account only what that account's user allows by a subscription
//! or by directed presence. For presence and iq stanzas an account that does not exist looks
//! like one whose user is not there; for messages as well, if [`UnknownAccount::Silence`] says
//! so. See `docs/im.md` for each choice that the RFCs leave.
//!
//! # What it does not do
//!
//! It serves one domain, and speaks to no other by itself: what is for one goes to
//! [`Outbox::route`], with the pair of domains that it goes between, and where that leads
//! nowhere the sender is told `remote-server-not-found`. It keeps everything in memory.
//!
//! # Features
//!
//! `std` (default): [`UnixTime`] from a `SystemTime`. Without it, the crate needs `alloc`
//! alone.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod client_state;
mod config;
mod features;
mod host;
mod outbox;
mod time;

pub use client_state::{ClientState, HeldLimits, Importance};
pub use config::{Config, ConflictPolicy, Limits, UnknownAccount};
pub use features::StreamFeatures;
pub use host::{BindError, HandleError, Host, Moved};
pub use outbox::{DomainPair, Outbox, Output, Queue, RouteError, SessionId, TakenBy, Undelivered};
pub use time::UnixTime;
