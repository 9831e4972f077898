//! Any sequence of operations on one end of a connection, with an honest peer
//! that its bytes can be carried to, an attacker's bytes between them, and what
//! has to hold whatever happens. Fuzz targets and a property test run the same.

pub(crate) mod client;
mod component;
mod cuts;
mod federation;
mod noted;
pub(crate) mod options;
pub(crate) mod part;
mod peer;
mod run;
mod sent;
#[path = "../../common/tape.rs"]
#[allow(dead_code, reason = "each harness uses its part of this")]
pub(crate) mod tape;

pub(crate) use self::cuts::same_however_cut;
pub(crate) use self::run::operate;
