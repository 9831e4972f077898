//! `xmpp serve` and other servers: two or three of it on loopback, with a DNS of the test's
//! own.

#[path = "../common/mod.rs"]
mod common;

mod dns;
mod person;
mod refusals;
mod servers;
mod stanzas;
mod without_tls;
