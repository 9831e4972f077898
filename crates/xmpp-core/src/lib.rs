//! XMPP streams (RFC 6120) as a state machine without input and output: bytes,
//! time and answers go in; bytes, events and the next deadline come out. No
//! sockets, no clock, no tasks, no runtime.
//!
//! # Two tiers
//!
//! ```text
//!            your driver: sockets, clock, database
//!                 |                        |
//!     Client / Server (Endpoint)           |        the packaged tier:
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
//! Most programs take the packaged tier. Take [`Connection`] when the buffers
//! or TLS are yours already: a WebSocket, a kernel's TLS, a test.
//!
//! # A whole blocking client
//!
//! ```no_run
//! use std::io::{ErrorKind, Read, Write};
//! use std::sync::Arc;
//!
//! use xmpp_core::sasl::client::Credentials;
//! use xmpp_core::stanza::{Presence, PresenceType};
//! use xmpp_core::time::Clock;
//! use xmpp_core::{Client, ClientConfig, Event};
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
//!     while !client.transmit().is_empty() {
//!         let n = socket.write(client.transmit())?;
//!         client.transmitted(n);
//!     }
//!     match client.poll_event(clock.now())? {
//!         Some(Event::Established { jid, .. }) => {
//!             println!("I am {jid}");
//!             client.send(&Presence::new(PresenceType::Available))?;
//!             continue;
//!         }
//!         Some(Event::Stanza(stanza)) => {
//!             println!("{}", stanza.element().source());
//!             continue;
//!         }
//!         Some(_) => continue,
//!         None if client.is_closed() => break,
//!         None => {}
//!     }
//!     let wait = client.poll_timeout().map(|deadline| deadline.after(clock.now()));
//!     socket.set_read_timeout(wait)?;
//!     let Some(buffer) = client.recv_buf() else { continue };
//!     match socket.read(buffer) {
//!         Ok(0) => client.handle_eof(clock.now())?,
//!         Ok(n) => client.handle_read(n),
//!         Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
//!             client.handle_timeout(clock.now())?;
//!         }
//!         Err(e) => return Err(e.into()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `examples/blocking.rs` and `examples/tokio.rs` are whole programs.
//!
//! # What the machine checks, so that no driver has to
//!
//! - Bytes in the clear between `<starttls/>` or `<proceed/>` and the handshake
//!   end the stream (injected by somebody on the way).
//! - Authentication is a value that only the verifying step of the mechanism
//!   makes: a `<success/>` without the server's signature is none.
//! - The certificate is checked against the domainpart of the address, never
//!   against a name that DNS gave.
//! - A bind result counts only if it answers our request.
//! - Limits on everything a peer sends, lower before it has authenticated; they
//!   are counted while reading.
//! - A stanza with a bad address is that stanza's fault: the stream goes on.
//!
//! # Errors and panics
//!
//! An [`Error`] ends the connection, is sorted by whose fault it was, and is
//! sticky; the stream error that tells the peer is written already. No input
//! makes this crate panic.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `std` | yes | `time::Clock`; without it the crate is `no_std` with `alloc` |
//! | `tls` | yes | `tls::rustls`: TLS by rustls and ring (needs `std`) |
//! | `saslprep` | yes | SASLprep beyond ASCII (needs `std`); [`Precis`] does without |
//! | `ring` | yes | SASL's cryptography by ring |
//! | `rustcrypto` | no | SASL's cryptography in pure Rust, for targets without ring |
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod config;
mod connection;
mod endpoint;
mod error;
mod event;
mod precis;
pub mod role;
pub mod time;
pub mod tls;

pub use config::{ClientConfig, HostConfig, ServerConfig};
pub use connection::{Connection, Phase};
pub use endpoint::{Client, Endpoint, Server};
pub use error::{Error, Misuse, PeerIncompatible, PeerMisbehaved, SendError};
pub use event::{BindQuery, CredentialsQuery, Event, HostQuery, Received};
pub use precis::Precis;
pub use xmpp_jid as jid;
pub use xmpp_sasl as sasl;
pub use xmpp_stanza as stanza;
pub use xmpp_xml as xml;
