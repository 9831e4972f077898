//! Instant messaging and presence over XMPP: the rules of RFC 6121 as state machines of
//! both sides.
//!
//! The RFC says what a server must do with a roster set, with a presence stanza of type
//! "subscribed" in the state "None + Pending Out", with a message of type "chat" for a full
//! JID that is not there. Here these rules are types and functions that decide; sending and
//! storing is the caller's. Nothing opens a socket, reads a clock or draws a random number.
//!
//! | to be decided | RFC 6121 | here | of |
//! |---|---|---|---|
//! | what becomes of a subscription | §3, Appendix A | [`subscription`] | servers |
//! | what a roster holds, what is pushed, what is refused | §2 | [`roster`]: [`Roster`](roster::Roster), [`RosterSet`](roster::RosterSet) | servers |
//! | which roster pushes count | §2.1.6 | [`roster`]: [`RosterCache`](roster::RosterCache) | clients |
//! | whom a resource's presence concerns | §4 | [`presence`] | servers |
//! | who is available | §4 | [`contacts`] | clients |
//! | where a stanza leads | RFC 6120 §8.1, §10 | [`routing`] | servers |
//! | which resources get a stanza | §8.5 | [`delivery`] | servers |
//!
//! A server that is made of these is `xmpp-server`'s `Host`; how little stands between is
//! worth a look there.
//!
//! # A subscription, from request to approval
//!
//! ```
//! use xmpp_im::roster::{Limits, Roster};
//! use xmpp_im::subscription::{SubscriptionState, SubscriptionType};
//! use xmpp_jid::BareJid;
//! use xmpp_xml::Element;
//!
//! let (romeo, juliet) = (BareJid::new("romeo@example.net")?, BareJid::new("juliet@example.com")?);
//! let mut romeos = Roster::new(1, Limits::default());
//! let mut juliets = Roster::new(1, Limits::default());
//!
//! // Romeo's client sends this to his server, which routes it, then pushes the new item.
//! let request = Element::parse(
//!     "<presence xmlns='jabber:client' to='juliet@example.com' type='subscribe'/>",
//! )?;
//! let sent = romeos.outbound(&juliet, SubscriptionType::Subscribe)?;
//! assert!(sent.route && sent.push);
//!
//! // Juliet's server delivers it, and keeps it until she answers. It is no roster item yet.
//! let received = juliets.inbound(&romeo, SubscriptionType::Subscribe, request.as_ref())?;
//! assert!(received.deliver && !received.push);
//! assert_eq!((juliets.len(), juliets.requests().count()), (0, 1));
//!
//! // She approves.
//! assert!(juliets.outbound(&romeo, SubscriptionType::Subscribed)?.route);
//! assert!(romeos.inbound_reply(&juliet, SubscriptionType::Subscribed).deliver);
//! assert_eq!(romeos.subscription(juliet.as_str()).state, SubscriptionState::To);
//! assert_eq!(juliets.subscription(romeo.as_str()).state, SubscriptionState::From);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Limits
//!
//! Whatever a peer can make grow has a limit: roster items and their parts, requests that
//! wait, entities with directed presence. See [`roster::Limits`] and the
//! constructors.
//!
//! # Panics
//!
//! Nothing here panics, whatever the input.
//!
//! # Features
//!
//! `std` (default) turns on the same feature of the crates below and adds nothing here: the
//! crate needs `alloc` alone.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod contacts;
pub mod delivery;
pub mod presence;
pub mod roster;
pub mod routing;
pub mod subscription;
