//! Stream management (XEP-0198): both machines against each other, and each
//! against what the XEP shows.

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod counts;
mod enabling;
mod harness;
mod resuming;
mod schedules;
mod serialized;
mod values;
