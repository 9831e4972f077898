//! What DNS is asked, and what follows from it: RFC 6120 section 3.2, XEP-0368.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use serde_json::{Value, json};
use xmpp_core::config::TlsMode;
use xmpp_core::federation::AddressPolicy;
use xmpp_core::session::discovery::{
    Answers, Family, Host, LookupFailed, Place, Plan, Service, Srv, plan, plan_for_server,
};

use super::{Kind, Probe};
use crate::net;
use crate::net::client::Failure;
use crate::out;

/// How many addresses of one service are visited.
pub(super) const MAX_VISITS: usize = 24;
/// How many of them of one place.
const MAX_ADDRESSES: usize = 8;
/// How many records of one answer are shown.
const MAX_SHOWN: usize = 32;

/// What follows from what DNS says.
pub(super) struct Found {
    /// In the order in which they are tried.
    pub(super) places: Vec<Place>,
    /// Why there are none.
    pub(super) nothing: Option<String>,
}

/// Asks for the SRV records of a service, and tells them and the places.
pub(super) async fn places(probe: &Probe, kind: Kind) -> Result<Found, Failure> {
    let domain = probe.domain.as_ref();
    let services = match kind {
        Kind::Client => (Service::Client, Service::ClientDirectTls),
        Kind::Server => (Service::Server, Service::ServerDirectTls),
    };
    let mut answers = Answers::default();
    if matches!(domain.host(), xmpp_core::jid::Host::Name(_)) {
        answers.start_tls = Some(srv(probe, kind, services.0, TlsMode::StartTls).await?);
        answers.direct_tls = Some(srv(probe, kind, services.1, TlsMode::Direct).await?);
    }
    let has = |answer: &Option<Result<Vec<Srv>, LookupFailed>>| matches!(answer, Some(Ok(records)) if !records.is_empty());
    let by_srv = has(&answers.start_tls) || has(&answers.direct_tls);
    let plan = match kind {
        Kind::Client => plan(domain, answers, net::seed()),
        Kind::Server => plan_for_server(domain, answers, net::seed()),
    };
    let (places, nothing) = match plan {
        Plan::Places(places) => (places, None),
        Plan::NotOffered => {
            (Vec::new(), Some("the domain says that it has no such service".into()))
        }
        Plan::Unknown(error) => (Vec::new(), Some(format!("SRV: {error}"))),
        _ => (Vec::new(), Some("no places".into())),
    };
    probe.tell(&json!({
        "kind": "places",
        "service": kind.name(),
        "from": if by_srv { "srv" } else { "fallback" },
        "places": places.iter().map(shown).collect::<Vec<_>>(),
        "why": nothing,
    }))?;
    Ok(Found { places, nothing })
}

async fn srv(
    probe: &Probe,
    kind: Kind,
    service: Service,
    tls: TlsMode,
) -> Result<Result<Vec<Srv>, LookupFailed>, Failure> {
    let name = service.query_name(probe.domain.as_ref());
    let answer = within(probe.patience, probe.names.srv(&name)).await;
    let records = answer.as_ref().map_or(Value::Null, |records| {
        let record = |srv: &Srv| {
            json!({
                "priority": srv.priority, "weight": srv.weight, "port": srv.port,
                "target": out::message(&srv.target),
            })
        };
        records.iter().take(MAX_SHOWN).map(record).collect::<Vec<_>>().into()
    });
    probe.tell(&json!({
        "kind": "srv", "service": kind.name(), "tls": mode(tls), "name": name,
        "records": records,
        "more": answer.as_ref().map_or(0, |records| records.len().saturating_sub(MAX_SHOWN)),
        "error": answer.as_ref().err().map(|error| out::message(&error.to_string())),
    }))?;
    Ok(answer)
}

/// Asks for the addresses of a place, and tells them. IPv6 first, in turns (RFC 8305).
pub(super) async fn addresses(
    probe: &Probe,
    kind: Kind,
    place: &Place,
) -> Result<Vec<SocketAddr>, Failure> {
    let name = match &place.host {
        Host::Address(address) => return Ok(vec![SocketAddr::new(*address, place.port)]),
        Host::Name(name) => name,
        _ => return Ok(Vec::new()),
    };
    let ask = |family| within(probe.patience, probe.names.addresses(name, family));
    let (six, four) = tokio::join!(ask(Family::Ipv6), ask(Family::Ipv4));
    for (record, answer) in [("AAAA", &six), ("A", &four)] {
        let shown = |address: &IpAddr| {
            let public = AddressPolicy::public().check(*address).is_ok();
            json!({"address": address.to_string(), "public": public})
        };
        probe.tell(&json!({
            "kind": "addresses", "service": kind.name(), "name": out::message(name),
            "record": record,
            "addresses": answer.as_ref().map_or(Value::Null, |addresses| {
                addresses.iter().take(MAX_SHOWN).map(shown).collect::<Vec<_>>().into()
            }),
            "error": answer.as_ref().err().map(|error| out::message(&error.to_string())),
        }))?;
    }
    let (mut six, mut four) =
        (six.unwrap_or_default().into_iter(), four.unwrap_or_default().into_iter());
    let mut all = Vec::new();
    while all.len() < MAX_ADDRESSES {
        let next: Vec<IpAddr> = [six.next(), four.next()].into_iter().flatten().collect();
        if next.is_empty() {
            break;
        }
        all.extend(next.into_iter().map(|address| SocketAddr::new(address, place.port)));
    }
    all.truncate(MAX_ADDRESSES);
    Ok(all)
}

async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, LookupFailed>>,
) -> Result<T, LookupFailed> {
    let late = || Err(LookupFailed::new("no answer in time"));
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| late())
}

pub(super) const fn mode(tls: TlsMode) -> &'static str {
    match tls {
        TlsMode::Direct => "direct",
        TlsMode::StartTls => "starttls",
        _ => "none",
    }
}

fn shown(place: &Place) -> Value {
    json!({
        "host": out::message(&place.host.to_string()), "port": place.port, "tls": mode(place.tls),
    })
}
