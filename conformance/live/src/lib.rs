//! A conformance suite for XMPP: it connects to a server, or is one, and holds what it sees
//! against the sentences of the RFCs.

pub mod record;
pub mod report;
pub mod verdict;
