//! Any sequence of what can happen to a session: answers of DNS, transports that open, take
//! little and break, an honest server at each of them, an attacker's bytes on the way,
//! calls of the application, time; and what has to hold whatever happens. The fuzz target
//! `session` and a test run the same.

mod calls;
mod cuts;
mod honest;
#[path = "../../operations/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the two ends of a connection, and words")]
mod operations;
mod options;
mod outputs;
mod run;
mod tls;
mod world;

pub(crate) use self::cuts::same_however_cut;
pub(crate) use self::run::operate;
