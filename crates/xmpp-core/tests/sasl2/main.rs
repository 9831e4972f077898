//! The extensible SASL profile (XEP-0388) with Bind 2 (XEP-0386), tokens (XEP-0484)
//! and upgrades (XEP-0480): both ends against each other, and each against a peer that
//! plays false. The comments say which rule of which XEP is meant.

#[path = "../common/mod.rs"]
mod common;

mod clients;
mod cuts;
mod flights;
mod framings;
mod pairs;
mod resuming;
mod servers;
mod setting;
mod stale;
mod task_faults;
mod tasks;
mod tokens;
mod unnamed;
mod upgrades;
