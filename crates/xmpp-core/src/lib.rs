//! XMPP streams (RFC 6120) as a state machine without input and output: bytes,
//! time and answers go in; bytes, events and the next deadline come out. No
//! sockets, no clock, no tasks, no runtime.
//!
//! # Two tiers
//!
//! ```text
//!            your driver: sockets, clock, database, DNS
//!                 |                        |
//!        Session (over many Clients)       |        stays online:
//!                 |                        |        discovery, waits, resumption
//!  Client / Server / Component / peers     |        the packaged tier:
//!      owns buffers and TLS, shows         |        bytes of the wire
//!      the driver only the wire            |
//!                 |                        |
//!              Connection<R: Role>  <------'        the engine:
//!      headers, features, STARTTLS, SASL,           XML in the clear,
//!      binding, stanzas, timers, close              your buffers, your TLS
//!                 |
//!   xmpp-xml   xmpp-stanza   xmpp-sasl   xmpp-jid
//! ```
//!
//! Most programs take the packaged tier, and a client that is to stay online takes a
//! [`session::Session`] above it. Take [`Connection`] when the buffers
//! or TLS are yours already: a WebSocket, a kernel's TLS, a test.
//!
//! # A whole blocking client
//!
//! ```no_run
//! use std::net::Shutdown;
//! use std::sync::Arc;
//!
//! use xmpp_core::sasl::client::Credentials;
//! use xmpp_core::stanza::{Presence, PresenceType};
//! use xmpp_core::time::Clock;
//! use xmpp_core::{Client, ClientConfig, Event, Output};
//!
//! # fn example(
//! #     tls: Arc<dyn xmpp_core::tls::TlsInitiator>,
//! #     seed: [u8; 32],
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let account = "juliet@example.com".parse()?;
//! let credentials = Credentials::new("juliet").with_password("r0m30myr0m30");
//! let config = Arc::new(ClientConfig::new(account, credentials));
//! let mut socket = std::net::TcpStream::connect("example.com:5222")?;
//! let clock = Clock::start();
//! let mut client = Client::connect(config, tls, clock.now(), seed)?;
//! loop {
//!     match client.poll(clock.now())? {
//!         Output::Event(Event::Established { jid, .. }) => {
//!             println!("I am {jid}");
//!             client.send(&Presence::builder(PresenceType::Available))?;
//!         }
//!         Output::Event(Event::Stanza(stanza)) => println!("{}", stanza.element().source()),
//!         Output::Event(_) => {}
//!         Output::Transmit(_) => client.write_to(&mut socket)?,
//!         Output::Wait(deadline) => {
//!             socket.set_read_timeout(deadline.map(|deadline| deadline.after(clock.now())))?;
//!             client.read_from(&mut socket)?;
//!         }
//!         Output::Shutdown => _ = socket.shutdown(Shutdown::Write),
//!         Output::Closed => break,
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! That loop is the whole contract of a driver:
//!
//! - **Do what [`Endpoint::poll`] says** and poll again: look at the event, send,
//!   wait, end one side of the transport or both. A driver that writes `?` behind it loses nothing: an
//!   error comes last, after all that was received and once the peer has been sent
//!   what it is owed.
//! - **Wait** until something can be read, at most until the deadline. A driver
//!   that can wait for several things at once may also read while there is
//!   something to send, whenever [`Endpoint::wants_read`] says so.
//! - **Answer queries**, now or later: the connection stands still until then, and
//!   its deadlines go on. An answer to another query is a [`Misuse`] and harms
//!   nothing.
//! - **Answer requests** of the peer's before polling again, or [claim](Endpoint::claim)
//!   them. The connection refuses the others (RFC 6120 section 8.2.3), so that a client
//!   that knows no requests is in order as well.
//! - **[`Event::Closed`] ends the session** that the stream carried, at once.
//!   [`Output::Closed`], or the error, ends the transport.
//!
//! `examples/blocking.rs` and `examples/tokio.rs` are whole programs, on a
//! [`session::Session`], which stays online over many connections.
//!
//! # What the machine checks, so that no driver has to
//!
//! - Bytes in the clear between `<starttls/>` or `<proceed/>` and the handshake
//!   end the stream (injected by somebody on the way), wherever they lie.
//! - Authentication is a value that only the verifying step of the mechanism
//!   makes: a `<success/>` without the server's signature is none.
//! - The certificate is checked against the domainpart of the address, never
//!   against a name that DNS gave.
//! - A token that was seen before lets nobody in, and no driver is told that it did.
//! - Success comes behind the last task (XEP-0388) that the driver demands, and no
//!   answer of a driver's goes around one; nor does RFC 6120's profile.
//! - A bind result counts only if it answers our request, comes from the server and
//!   is for our account.
//! - An iq answers a request only if its `id` and its `from` are right, once, and in
//!   time. A request that the application does not answer is answered for it.
//! - While a stream closes, only stanzas, stream errors and the end count: no
//!   password goes out behind a closing tag.
//! - Limits on everything a peer sends, lower before it has authenticated; they
//!   are counted while reading. Reading stops while too much waits to be sent.
//! - From the closing tag until the end there is a deadline, whatever the peer does.
//! - A stanza with a bad address is that stanza's fault: the stream goes on.
//! - Between servers, a stanza is of a pair of domains that was proved in its direction,
//!   by a certificate or by [dialback].
//! - What was sent is kept until the peer has acknowledged it, where it offers
//!   [stream management](stream_management): a lost connection loses no stanza.
//!
//! # Errors and panics
//!
//! An [`Error`] ends the connection and is sorted by whose fault it was; the
//! stream error that tells the peer is written by the connection. No input makes
//! this crate panic.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `std` | yes | `time::Clock`; without it the crate is `no_std` with `alloc` |
//! | `tls` | yes | `tls::rustls`: TLS by rustls and ring (needs `std`) |
//! | `saslprep` | yes | SASLprep beyond ASCII (needs `std`); [`Precis`] does without |
//! | `ring` | yes | SASL's cryptography by ring |
//! | `host-meta` | no | host-meta files in JSON ([`session::discovery`]); those in XML need nothing |
//! | `rustcrypto` | no | SASL's cryptography in pure Rust, for targets without ring |
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod accounts;
pub mod certificate;
pub mod config;
mod connection;
pub mod dialback;
mod error;
mod event;
pub mod federation;
mod negotiation;
mod packaged;
mod query;
pub mod requests;
pub mod role;
pub mod session;
pub mod stream_management;
pub mod time;
pub mod tls;
#[cfg(test)]
mod words;

pub use accounts::{OwnAccount, Precis, XmppPreparation};
pub use config::{
    ClientConfig, ComponentConfig, ComponentServerConfig, FederationConfig, HostConfig,
    ServerConfig,
};
pub use connection::{Connection, Counters, Phase};
pub use error::{
    Error, MessageFault, Misuse, PairError, PeerIncompatible, PeerMisbehaved, SendError,
};
pub use event::{
    ClientEvent, ComponentServerEvent, Direction, Event, PeerEvent, ProvedBy, Received, Refusal,
    ServerEvent, VerificationId,
};
pub use packaged::{
    Answer, Client, Component, ComponentServer, Endpoint, InboundPeer, Lent, OutboundPeer, Output,
    Server,
};
pub use query::{
    BindQuery, ComponentQuery, CredentialsQuery, HostQuery, IssuedToken, KeysQuery, PeerAnswer,
    PeerQuery, ResultQuery, ResumeQuery, TaskAnswer, TaskChoice, TaskDataQuery, TaskDemand,
    TaskQuery, TaskReply, TasksAnswer, TasksQuery, TokenAnswer, TokenQuery, UpgradeQuery,
    UsedToken, VerifyQuery,
};
pub use requests::RequestId;
pub use role::Purpose;
pub use xmpp_jid as jid;
pub use xmpp_sasl as sasl;
pub use xmpp_stanza as stanza;
pub use xmpp_xml as xml;
