//! XMPP streams (RFC 6120), sans-IO.
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
pub mod role;
pub mod time;
pub mod tls;

pub use config::{ClientConfig, HostConfig, ServerConfig};
pub use connection::{Connection, Phase};
pub use endpoint::{Client, Endpoint, Server};
pub use error::{Error, Misuse, PeerIncompatible, PeerMisbehaved, SendError};
pub use event::{BindQuery, CredentialsQuery, Event, HostQuery, Received};
pub use xmpp_jid as jid;
pub use xmpp_sasl as sasl;
pub use xmpp_stanza as stanza;
pub use xmpp_xml as xml;
