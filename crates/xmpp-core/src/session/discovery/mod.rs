//! From a domain to the places where its service is: RFC 6120 section 3.2, XEP-0368,
//! XEP-0156.
//!
//! All of it is pure: what DNS and the web server said goes in, places in the order in
//! which to try them come out. [`Session`](super::Session) asks the questions; programs
//! with a loop of their own use the functions.
//!
//! What DNS says is where to connect to, never whom to trust: the certificate is always
//! checked against the domain of the account (RFC 6120 section 13.7.2.1).
//!
//! ```
//! use xmpp_core::session::discovery::{Answers, Plan, Service, Srv, plan};
//! use xmpp_core::jid::Domainpart;
//!
//! let domain = Domainpart::new("example.com")?;
//! assert_eq!(Service::Client.query_name(domain.as_ref()), "_xmpp-client._tcp.example.com.");
//! let mut answers = Answers::default();
//! answers.start_tls = Some(Ok(vec![Srv::new(10, 0, 5222, "xmpp.example.com.")]));
//! let Plan::Places(places) = plan(domain.as_ref(), answers, [7; 32]) else { panic!() };
//! assert_eq!(places[0].to_string(), "xmpp.example.com:5222");
//! # Ok::<(), xmpp_core::jid::Error>(())
//! ```

mod host_meta;
mod place;
mod srv;

pub use self::host_meta::{AlternativeConnections, HostMetaError, HostMetaFormat};
pub use self::place::{Family, Host, Place};
pub use self::srv::{Answers, LookupFailed, Plan, Service, Srv, order, plan, plan_for_server};
