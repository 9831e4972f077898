//! Any schedule of what can happen to a pool (stanzas, answers of DNS, transports, streams,
//! dialback keys, time), with a model of what the pool has been told, and what has to hold
//! whatever happens. The fuzz target `federation_pool` and a test run the same.

mod calls;
mod model;
mod outputs;
mod parcel;
mod run;
#[path = "../../common/tape.rs"]
#[allow(dead_code, reason = "each harness uses its part of this")]
mod tape;

#[allow(unused_imports, reason = "a fuzz target needs none of them")]
pub(crate) use self::parcel::{Numbered, config, domain, queue_limits};
pub(crate) use self::run::schedule;
