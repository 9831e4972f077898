//! What the pool wants of the world: answers of DNS, and transports.

use std::sync::Arc;

use tokio::time::sleep;
use xmpp_core::federation::Dial;
use xmpp_core::session::discovery::{LookupFailed, Srv};
use xmpp_core::session::{AddressQuery, SrvQuery};

use super::super::service::Service;
use super::open;
use super::way::Way;

/// Something to be done that takes time.
pub(super) enum Errand {
    Srv(SrvQuery),
    Addresses(AddressQuery),
    Open(Dial, Arc<Way>),
}

/// Does what the pool wants done, each a task of its own, and lets it know when a time is
/// over. For as long as the program runs.
pub(in crate::serve) async fn run(service: Arc<Service>) {
    let Some(wake) = service.routing().ways.pool().map(|pool| pool.wake()) else { return };
    loop {
        let woken = wake.notified();
        let (errands, wait) = {
            let mut routing = service.routing();
            let Some(pool) = routing.ways.pool() else { return };
            (pool.take_errands(), pool.wait())
        };
        for errand in errands {
            let service = Arc::clone(&service);
            match errand {
                Errand::Srv(query) => drop(tokio::spawn(srv(service, query))),
                Errand::Addresses(query) => drop(tokio::spawn(addresses(service, query))),
                Errand::Open(dial, way) => drop(tokio::spawn(open::run(service, dial, way))),
            }
        }
        match wait {
            None => woken.await,
            Some(wait) => {
                tokio::select! {
                    () = woken => {}
                    () = sleep(wait) => service.routing().ways.pool().map_or((), |pool| pool.tick()),
                }
            }
        }
    }
}

async fn srv(service: Arc<Service>, query: SrvQuery) {
    let Some(federation) = &service.federation else { return };
    let answer: Result<Vec<Srv>, LookupFailed> = federation.names.srv(query.name()).await;
    if let Some(pool) = service.routing().ways.pool() {
        pool.provide_srv(query, answer);
    }
}

async fn addresses(service: Arc<Service>, query: AddressQuery) {
    let Some(federation) = &service.federation else { return };
    let answer = federation.names.addresses(query.name(), query.family()).await;
    if let Some(pool) = service.routing().ways.pool() {
        pool.provide_addresses(query, answer);
    }
}
