//! The host, by the chapters of RFC 6120 and RFC 6121.

mod bind;
mod consistency;
mod directed;
mod edges;
mod halves;
mod iq;
mod messages;
mod moved;
mod order;
mod presence;
mod remote;
mod roster;
mod routes;
mod stanzas;
mod stored;
mod subscriptions;
mod support;
mod too_long;
mod two_hosts;
mod words;
