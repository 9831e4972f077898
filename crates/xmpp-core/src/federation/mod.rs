//! Between servers: which stream a stanza for another domain goes out on (RFC 6120
//! sections 3.2, 3.3 and 10.4), and where that domain's server is.
//!
//! A [`Pool`] is the one machine that a server drives for all of its own domains and all
//! of the others. It does no input and output, and knows streams by number only: what
//! happens on them (TLS, SASL EXTERNAL, dialback) is told to it.
//!
//! [`AddressPolicy`] says which of the addresses that DNS names are connected to at all.
//!
//! # The loop
//!
//! ```
//! use core::time::Duration;
//!
//! use xmpp_core::federation::{Pool, PoolConfig, PoolOutput};
//! use xmpp_core::jid::Domainpart;
//! use xmpp_core::session::discovery::Srv;
//! use xmpp_core::time::Instant;
//! use xmpp_core::xml::Element;
//!
//! let now = Instant::default();
//! let mut pool = Pool::new(PoolConfig::default(), [7; 32]);
//! let (here, there) = (Domainpart::new("im.example")?, Domainpart::new("example.net")?);
//! let stanza = "<message xmlns='jabber:server' from='a@im.example' to='b@example.net'/>";
//! pool.send(now, &here, &there, Element::parse(stanza)?);
//!
//! let mut asked = Vec::new();
//! loop {
//!     match pool.poll(now) {
//!         // Ask DNS, and answer now or later.
//!         PoolOutput::LookUpSrv(query) => {
//!             asked.push(query.name().to_owned());
//!             pool.provide_srv(query, Ok(vec![Srv::new(0, 0, 5269, "xmpp.example.net.")]));
//!         }
//!         PoolOutput::LookUpAddresses(query) => {
//!             pool.provide_addresses(query, Ok(vec!["2606:4700::1111".parse()?]));
//!         }
//!         // Open a transport, then a stream from `local` to `remote`, and say what
//!         // comes of it.
//!         PoolOutput::Connect(dial) => {
//!             assert_eq!(dial.remote, there);
//!             pool.connected(now, dial.link);
//!             pool.authorised(now, dial.link, &dial.local, &dial.remote);
//!         }
//!         PoolOutput::Send { link: _, stanza, .. } => {
//!             assert_eq!(stanza.attr("to").as_deref(), Some("b@example.net"));
//!             break;
//!         }
//!         PoolOutput::Wait(_) => panic!("nothing to wait for"),
//!         _ => {}
//!     }
//! }
//! assert_eq!(asked, ["_xmpp-server._tcp.example.net.", "_xmpps-server._tcp.example.net."]);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod address_policy;
mod failure;
mod pool;

pub use self::address_policy::{AddressPolicy, AddressRefused, Network};
pub use self::failure::Failure;
pub use self::pool::{
    Counters, Dial, DomainPolicy, LinkEnd, LinkId, Multiplexing, Offers, Parcel, Pool, PoolConfig,
    PoolOutput, Undelivered, VerifyId,
};
