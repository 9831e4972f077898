//! Which end of which kind of stream a connection is.
//!
//! A role is an order of the parts that negotiation is made of, the rule for
//! the stream header, and the rule for the addresses of stanzas. It picks the
//! state machine at compile time, so that a client has no
//! `provide_credentials` to misuse and a server no password to send.

pub(crate) mod client_to_server;
pub(crate) mod component_to_server;
pub(crate) mod federated;
pub(crate) mod server_from_client;
pub(crate) mod server_from_component;
pub(crate) mod server_from_server;
pub(crate) mod server_to_server;
#[cfg(test)]
mod tests;

use core::fmt;

use xmpp_jid::Jid;

pub use self::server_to_server::Purpose;
use crate::connection::machine::Machine;
use crate::event::PeerEvent;

/// One end of one kind of stream. Sealed: the roles are those of this module.
#[expect(private_bounds, reason = "this is what seals it")]
pub trait Role: Machine + Sized + 'static {
    /// What this role alone has to tell: [`Event::Role`](crate::Event::Role).
    type Event<'b>: fmt::Debug;

    /// The address that an established stream is for: the full JID that the server
    /// bound for a client, the domain of a component.
    type Address: Clone + fmt::Debug + fmt::Display + Into<Jid> + Send + 'static;
}

/// The initiating entity of a client-to-server stream: a client.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ClientToServer {}

/// The receiving entity of a client-to-server stream: a server.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ServerFromClient {}

/// The initiating entity of a component's stream (XEP-0114): a component.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ComponentToServer {}

/// The receiving entity of a component's stream (XEP-0114): a server.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ServerFromComponent {}

/// The initiating entity of a server-to-server stream.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ServerToServer {}

/// The receiving entity of a server-to-server stream.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ServerFromServer {}

/// Either end of a server-to-server stream. Sealed: [`ServerToServer`] and
/// [`ServerFromServer`].
#[expect(private_bounds, reason = "this is what seals it")]
pub trait PeerRole: federated::Federated + for<'b> Role<Event<'b> = PeerEvent> {}
