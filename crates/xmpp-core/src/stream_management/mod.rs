//! Stream management (XEP-0198): which stanzas the peer has handled, and a
//! stream that goes on over another connection.
//!
//! A client asks for it by [`ClientConfig::stream_management`], which it does by
//! default where the server offers it; a server offers it by
//! [`HostConfig::stream_management`]. From then on the [`Connection`] does the
//! following by itself:
//!
//! - It counts the stanzas that it gives out, and tells the peer when asked. A
//!   stanza with a bad address counts like any other.
//! - It keeps the bytes of each stanza that is sent until the peer has
//!   acknowledged it, within the bounds of [`StreamManagement`]. Beyond them
//!   [`send`](crate::Connection::send) refuses with
//!   [`SendError::QueueFull`](crate::SendError::QueueFull): nothing is lost without
//!   notice.
//! - It asks for acknowledgements: after some stanzas, some bytes or some time.
//!
//! # Resumption
//!
//! When a connection is lost, [`Connection::take_resumption`] gives a
//! [`Resumption`]: a plain value, that can be serialised. The next connection is
//! made from it:
//!
//! ```
//! use std::sync::Arc;
//!
//! use xmpp_core::stream_management::Resumption;
//! use xmpp_core::time::Instant;
//! use xmpp_core::xml::SendBuffer;
//! use xmpp_core::{ClientConfig, Connection, role::ClientToServer};
//!
//! fn again(
//!     config: Arc<ClientConfig>,
//!     lost: &mut Connection<ClientToServer>,
//!     now: Instant,
//!     seed: [u8; 32],
//!     tx: &mut SendBuffer,
//! ) -> Result<Connection<ClientToServer>, xmpp_core::Misuse> {
//!     match lost.take_resumption() {
//!         Some(resumption) => Connection::resume(config, resumption, now, seed, tx),
//!         None => Ok(Connection::connect(config, now, seed, tx)),
//!     }
//! }
//! ```
//!
//! The client asks for the resumption before it binds a resource. If it comes
//! about, [`Event::Established`] says `resumed: true`, and what the peer has not
//! handled is sent again by itself. If not, the same connection goes on to bind a
//! resource, and what was not acknowledged is handed back by
//! [`Connection::take_unacknowledged`].
//!
//! A stream that was closed in order is not resumed, nor one that ended by an
//! error of the stream: [`Connection::take_resumption`] then gives nothing.
//!
//! [`ClientConfig::stream_management`]: crate::ClientConfig::stream_management
//! [`HostConfig::stream_management`]: crate::HostConfig::stream_management
//! [`Connection`]: crate::Connection
//! [`Connection::take_resumption`]: crate::Connection::take_resumption
//! [`Connection::take_unacknowledged`]: crate::Connection::take_unacknowledged
//! [`Event::Established`]: crate::Event::Established

mod config;
mod count;
mod ledger;
#[cfg(test)]
mod model;
mod queue;
mod resumption;
mod serialized;

pub use config::StreamManagement;
pub use count::Count;
pub(crate) use ledger::Ledger;
pub use queue::Unacknowledged;
pub use resumption::{Resumption, ResumptionId};
pub use serialized::{ResumptionError, ResumptionErrorKind};
