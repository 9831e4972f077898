//! What DNS and the system say of names. That is where to connect to, never whom to
//! trust; what follows from it is the session's.

use core::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfigGroup, ResolverConfig};
use hickory_resolver::name_server::TokioConnectionProvider;
use tokio::net::TcpStream;
use xmpp_core::session::discovery::{Family, LookupFailed, Srv};

use super::place::Place;

/// The port of client-to-server streams (RFC 6120 section 14.7).
pub(crate) const PORT: u16 = 5222;

/// Connects to one place.
pub(crate) async fn to(place: &Place) -> Result<TcpStream, String> {
    let (host, port) = place.or_port(PORT);
    TcpStream::connect((host, port))
        .await
        .map_err(|error| format!("cannot connect to {host} port {port}: {error}"))
}

/// Whoever is asked.
#[derive(Clone)]
pub(crate) struct Names {
    /// `None` if the system names no DNS server.
    resolver: Option<TokioResolver>,
    /// Whether the system's own table of hosts is of account.
    system: bool,
}

impl Names {
    /// Asks whom the system asks, or the DNS server at `server`.
    pub(crate) fn new(server: Option<SocketAddr>) -> Self {
        let resolver = match server {
            None => TokioResolver::builder_tokio().ok(),
            Some(server) => {
                let (ip, port) = (server.ip(), server.port());
                let group = NameServerConfigGroup::from_ips_clear(&[ip], port, true);
                let config = ResolverConfig::from_parts(None, Vec::new(), group);
                let provider = TokioConnectionProvider::default();
                Some(TokioResolver::builder_with_config(config, provider))
            }
        };
        Self { resolver: resolver.map(|builder| builder.build()), system: server.is_none() }
    }

    /// The SRV records of a name with a dot at its end.
    pub(crate) async fn srv(&self, name: &str) -> Result<Vec<Srv>, LookupFailed> {
        let Some(resolver) = &self.resolver else {
            return Err(LookupFailed::new("the system names no DNS server"));
        };
        match resolver.srv_lookup(name).await {
            Ok(records) => Ok(records
                .iter()
                .map(|record| {
                    let target = record.target().to_ascii();
                    Srv::new(record.priority(), record.weight(), record.port(), target)
                })
                .collect()),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(LookupFailed::new(error)),
        }
    }

    /// The addresses of one family of a host.
    pub(crate) async fn addresses(
        &self,
        name: &str,
        family: Family,
    ) -> Result<Vec<IpAddr>, LookupFailed> {
        if self.system {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(LookupFailed::new)?;
            let found = found.map(|address| address.ip());
            return Ok(found.filter(|ip| Family::of(*ip) == family).collect());
        }
        let Some(resolver) = &self.resolver else { return Ok(Vec::new()) };
        let name = format!("{name}.");
        let found =
            match family {
                Family::Ipv6 => resolver.ipv6_lookup(name).await.map(|found| {
                    found.iter().map(|record| IpAddr::from(record.0)).collect::<Vec<_>>()
                }),
                Family::Ipv4 => resolver.ipv4_lookup(name).await.map(|found| {
                    found.iter().map(|record| IpAddr::from(record.0)).collect::<Vec<_>>()
                }),
            };
        match found {
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            found => found.map_err(LookupFailed::new),
        }
    }
}
