//! SRV records: RFC 2782, as RFC 6120 section 3.2 and XEP-0368 use them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::DomainpartRef;

use super::place::{Host, Place};
use crate::config::TlsMode;
use crate::session::random::Random;

/// How many places of one answer are tried: whoever publishes more has none of these.
const MAX_PLACES: usize = 16;

/// A name has no more bytes in DNS (RFC 1035 section 2.3.4).
const MAX_NAME_BYTES: usize = 253;

/// A service that SRV records tell the places of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// `_xmpp-client._tcp`: clients, by STARTTLS (RFC 6120 section 3.2.1).
    Client,
    /// `_xmpps-client._tcp`: clients, with TLS from the first byte (XEP-0368).
    ClientDirectTls,
    /// `_xmpp-server._tcp`: servers, by STARTTLS.
    Server,
    /// `_xmpps-server._tcp`: servers, with TLS from the first byte.
    ServerDirectTls,
}

impl Service {
    /// The name to look up for a domain: internationalised labels as A-labels, a dot
    /// at the end, so that no search list is applied.
    pub fn query_name(self, domain: DomainpartRef<'_>) -> String {
        let service = match self {
            Self::Client => "_xmpp-client",
            Self::ClientDirectTls => "_xmpps-client",
            Self::Server => "_xmpp-server",
            Self::ServerDirectTls => "_xmpps-server",
        };
        format!("{service}._tcp.{}.", domain.to_ascii())
    }
}

/// One SRV record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Srv {
    /// Lower ones come first.
    pub priority: u16,
    /// The share among records of the same priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The name of the host; `.` says that the service is not offered.
    pub target: String,
}

impl Srv {
    /// A record, its four fields in the order of the zone file.
    pub fn new(priority: u16, weight: u16, port: u16, target: impl Into<String>) -> Self {
        Self { priority, weight, port, target: target.into() }
    }

    /// Whether the target is the root: the service is decidedly not available.
    pub fn is_declined(&self) -> bool {
        matches!(self.target.as_str(), "." | "")
    }
}

/// A question was not answered: no server that could be asked, none that answered in
/// time, or one that could not tell. That a name does not exist is an answer: an empty
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupFailed(String);

impl LookupFailed {
    /// With a sentence for people.
    pub fn new(message: impl ToString) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for LookupFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for LookupFailed {}

/// What DNS said of a domain's services. `None` stands for a question that was not
/// asked: by that kind of place one does not want to connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answers {
    /// Of [`Service::Client`] (or [`Service::Server`]).
    pub start_tls: Option<Result<Vec<Srv>, LookupFailed>>,
    /// Of [`Service::ClientDirectTls`] (or [`Service::ServerDirectTls`]).
    pub direct_tls: Option<Result<Vec<Srv>, LookupFailed>>,
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plan {
    /// To these, in this order.
    Places(Vec<Place>),
    /// Nowhere: the domain says that it does not offer the service.
    NotOffered,
    /// One of the two services is declined, and of the other nothing is known.
    Unknown(LookupFailed),
}

/// Where to connect to, after what DNS said of a client's services.
///
/// Records of both services are mixed by priority and weight as if they were of one
/// (XEP-0368 section 3). Where there are none at all, the domain itself is tried (RFC
/// 6120 section 3.2.2); never if a target is `.`, and never because nobody answers at
/// the places that there are.
pub fn plan(domain: DomainpartRef<'_>, answers: Answers, seed: [u8; 32]) -> Plan {
    plan_with(Place::default_port, domain, answers, seed)
}

/// Where to connect to, after what DNS said of a domain's services for other servers: as
/// [`plan`], but that the domain itself is tried at port 5269 (RFC 6120 section 3.2.2).
pub fn plan_for_server(domain: DomainpartRef<'_>, answers: Answers, seed: [u8; 32]) -> Plan {
    plan_with(Place::default_server_port, domain, answers, seed)
}

fn plan_with(
    default_port: fn(TlsMode) -> u16,
    domain: DomainpartRef<'_>,
    answers: Answers,
    seed: [u8; 32],
) -> Plan {
    let Answers { start_tls, direct_tls } = answers;
    let fallback = match (&start_tls, &direct_tls) {
        (None, Some(_)) => TlsMode::Direct,
        _ => TlsMode::StartTls,
    };
    let (mut records, mut declined, mut failed) = (Vec::new(), false, None);
    for (answer, tls) in [(start_tls, TlsMode::StartTls), (direct_tls, TlsMode::Direct)] {
        match answer {
            None => {}
            Some(Err(error)) => failed = Some(error),
            Some(Ok(found)) => {
                declined |= found.iter().any(Srv::is_declined);
                let usable = found.into_iter().filter(|record| !record.is_declined());
                records.extend(usable.map(|record| (record, tls)));
            }
        }
    }
    if records.is_empty() {
        return match (declined, failed) {
            (true, None) => Plan::NotOffered,
            (true, Some(failed)) => Plan::Unknown(failed),
            (false, _) => {
                let (host, port) = (Host::of_domain(domain), default_port(fallback));
                Plan::Places(Vec::from([Place::new(host, port, fallback)]))
            }
        };
    }
    let ordered = in_order(records, |(record, _)| record, &mut Random::new(seed));
    let fits = |(record, _): &(Srv, TlsMode)| record.target.len() <= MAX_NAME_BYTES + 1;
    let place =
        |(record, tls): (Srv, TlsMode)| Place::new(Host::new(&record.target), record.port, tls);
    Plan::Places(ordered.into_iter().filter(fits).take(MAX_PLACES).map(place).collect())
}

/// Records in the order in which to try them (RFC 2782): by priority, and among
/// equals at random by weight. The seed decides.
pub fn order(records: Vec<Srv>, seed: [u8; 32]) -> Vec<Srv> {
    in_order(records, |record| record, &mut Random::new(seed))
}

fn in_order<T>(mut rest: Vec<T>, record: impl Fn(&T) -> &Srv, random: &mut Random) -> Vec<T> {
    // A lottery costs a walk over the records of its priority. More than a few times
    // what is tried need not take part.
    rest.sort_by_key(|item| (record(item).priority, record(item).weight));
    rest.truncate(MAX_PLACES * 16);
    let mut ordered = Vec::with_capacity(rest.len());
    while let Some(first) = rest.first() {
        let priority = record(first).priority;
        let alike = rest.iter().take_while(|item| record(item).priority == priority);
        let weights = alike.map(|item| u64::from(record(item).weight));
        // "The running sum value which is the first in the selected order which is
        // greater than or equal to the random number selected", records of weight 0 at
        // the beginning.
        let mut point = random.up_to(weights.clone().sum());
        let chosen = weights.take_while(|&weight| match point.checked_sub(weight) {
            Some(rest) if rest > 0 => {
                point = rest;
                true
            }
            _ => false,
        });
        let at = chosen.count();
        ordered.push(rest.remove(at));
    }
    ordered
}
