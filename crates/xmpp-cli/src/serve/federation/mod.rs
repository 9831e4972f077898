//! Other servers: streams out and in, and the pool between the host and them.
//!
//! The pool stands behind the same lock as the host, so that a stanza passes from one to the
//! other without waiting. What it wants done is put on the [ways](way) of the streams, each
//! of which is a task of its own, or is an [errand](errands) for the task that stands beside
//! the pool.

mod accept;
mod errands;
mod open;
mod options;
mod parcel;
mod pool;
mod side;
mod stream;
mod trust;
mod verification;
mod way;

use std::sync::Arc;

use xmpp_core::FederationConfig;
use xmpp_core::jid::Domainpart;
use xmpp_core::time::Clock;

pub(super) use self::accept::{Entrance, accept_servers};
pub(super) use self::errands::run as run_errands;
pub(super) use self::options::Options;
pub(super) use self::parcel::Parcel;
pub(super) use self::pool::{Pool, Returned};
use self::trust::Trust;
use super::limits::Limits;
use crate::net::certificates::Identity;
use crate::net::names::Names;

/// What all streams with other servers share.
pub(super) struct Federation {
    streams: Arc<FederationConfig>,
    trust: Trust,
    names: Names,
    clock: Clock,
}

impl Federation {
    /// For these domains of ours, the host's own one first.
    pub(super) fn new(
        options: &Options,
        identity: &Identity,
        domains: &[Domainpart],
        limits: &Limits,
        negotiation: core::time::Duration,
    ) -> Result<(Self, Pool), String> {
        let clock = Clock::start();
        let pool = Pool::new(options.pool(limits), domains, clock);
        let federation = Self {
            streams: Arc::new(options.streams(domains, negotiation)?),
            trust: options.trust(identity)?,
            names: Names::new(options.resolver),
            clock,
        };
        Ok((federation, pool))
    }
}
