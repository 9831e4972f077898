//! From a domain to an address (RFC 6120 section 3.2). What DNS says is where
//! to connect to, never whom to trust.

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::rdata::SRV;
use tokio::net::TcpStream;

use super::place::Place;

/// The port of client-to-server streams (RFC 6120 section 14.7).
pub(crate) const PORT: u16 = 5222;

/// Connects to `connect` if given, else to where the SRV records of `domain`
/// point, else to `domain` itself.
pub(crate) async fn connect(domain: &str, connect: Option<&Place>) -> Result<TcpStream, String> {
    if let Some(place) = connect {
        return to(place).await;
    }
    let mut tried = Vec::new();
    for (target, port) in targets(domain).await? {
        match TcpStream::connect((target.as_str(), port)).await {
            Ok(socket) => return Ok(socket),
            Err(error) => tried.push(format!("{target}:{port}: {error}")),
        }
    }
    Err(format!("cannot connect to {domain} ({})", tried.join("; ")))
}

/// Connects to one place.
pub(crate) async fn to(place: &Place) -> Result<TcpStream, String> {
    let (host, port) = place.or_port(PORT);
    TcpStream::connect((host, port))
        .await
        .map_err(|error| format!("cannot connect to {host} port {port}: {error}"))
}

/// Where to try, in order.
async fn targets(domain: &str) -> Result<Vec<(String, u16)>, String> {
    let fallback = || vec![(domain.trim_matches(['[', ']']).to_owned(), PORT)];
    // 6120-3.2.3: no SRV lookup for addresses.
    if domain.starts_with('[') || domain.parse::<core::net::Ipv4Addr>().is_ok() {
        return Ok(fallback());
    }
    let Ok(resolver) = TokioResolver::builder_tokio() else { return Ok(fallback()) };
    let name = format!("_xmpp-client._tcp.{domain}.");
    // 6120-3.2.1-03: without an answer the domain itself is tried.
    let Ok(answer) = resolver.build().srv_lookup(name).await else { return Ok(fallback()) };
    let records: Vec<SRV> = answer.iter().cloned().collect();
    // 6120-3.2.1-01: a single record with the target "." says no.
    if let [only] = &*records
        && only.target().is_root()
    {
        return Err(format!("{domain} says that it offers no XMPP (its SRV target is `.`)"));
    }
    Ok(in_order(records, crate::net::random))
}

/// RFC 2782: by priority, and within one priority at random by weight.
fn in_order(mut records: Vec<SRV>, mut random: impl FnMut() -> [u8; 8]) -> Vec<(String, u16)> {
    records.sort_by_key(|record| (record.priority(), record.weight()));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority();
        let alike = records.iter().take_while(|record| record.priority() == priority).count();
        let total: u64 = records[..alike].iter().map(|record| u64::from(record.weight())).sum();
        let mut point = u64::from_be_bytes(random()) % (total + 1);
        let at = records[..alike]
            .iter()
            .position(|record| {
                let weight = u64::from(record.weight());
                let here = point <= weight;
                point = point.saturating_sub(weight);
                here
            })
            .unwrap_or(0);
        let record = records.remove(at);
        let target = record.target().to_ascii();
        ordered.push((target.trim_end_matches('.').to_owned(), record.port()));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::Name;

    #[test]
    fn lower_priorities_come_first_and_weights_decide_among_equals() {
        let record = |priority, weight, name: &str| {
            SRV::new(priority, weight, 5222, Name::from_ascii(name).unwrap())
        };
        let records = vec![
            record(20, 0, "last.example."),
            record(10, 1, "light.example."),
            record(10, 100, "heavy.example."),
        ];
        let names = |point: u64| -> Vec<String> {
            in_order(records.clone(), move || point.to_be_bytes())
                .into_iter()
                .map(|(name, _)| name)
                .collect()
        };
        assert_eq!(names(0), ["light.example", "heavy.example", "last.example"]);
        assert_eq!(names(50), ["heavy.example", "light.example", "last.example"]);
    }
}
