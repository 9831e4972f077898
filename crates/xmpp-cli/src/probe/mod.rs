//! `xmpp probe`: what a domain offers to clients and to other servers, and what a client
//! or a server would make of it.
//!
//! Nothing is sent but stream headers and STARTTLS: no password, no stanza.

mod certificate;
mod say;
mod search;
mod stream;
mod visit;

use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::{Value, json};
use xmpp_core::jid::Domainpart;

use self::certificate::Trust;
use crate::net::client::Failure;
use crate::net::names::Names;
use crate::out;

/// Show where a domain's services are, and what they offer: what was asked of DNS and
/// what it answered, each place, its TLS, certificate and features, and why it would be
/// taken or refused.
///
/// All places are tried, also behind the first that would be taken. The exit status is 0 if
/// each service that was asked for is to be had at one of them.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The domain.
    domain: String,
    /// The service for other servers; both if neither is named.
    #[arg(long)]
    server: bool,
    /// The service for clients; both if neither is named.
    #[arg(long)]
    client: bool,
    /// Trust the authorities in this PEM file, and no others.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Ask the DNS server at this address, instead of those that the system asks.
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// The domain to speak for to servers: some want to know.
    #[arg(long, value_name = "DOMAIN")]
    from: Option<String>,
    /// How long each step may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    timeout: u64,
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
}

/// One of the two services.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Client,
    Server,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// What is the same for the whole of a probe.
struct Probe {
    domain: Domainpart,
    from: Option<Domainpart>,
    names: Names,
    trust: Trust,
    patience: Duration,
    json: bool,
}

impl Probe {
    /// Tells something as soon as it is known.
    fn tell(&self, finding: &Value) -> Result<(), Failure> {
        let text = if self.json { out::json(finding) } else { say::lines(finding) };
        out::line(text).map_err(|error| Failure::new("output", error))
    }
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match crate::net::block_on(probe(args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) if failure.error == "output" => ExitCode::FAILURE,
        failed => crate::net::report("probe", args.json, failed.map(|_| Default::default())),
    }
}

async fn probe(args: &Args) -> Result<bool, Failure> {
    let domain = |text: &str| {
        Domainpart::new(text).map_err(|error| Failure::new("usage", format!("{text}: {error}")))
    };
    let probe = Probe {
        domain: domain(&args.domain)?,
        from: args.from.as_deref().map(domain).transpose()?,
        names: Names::new(args.resolver),
        trust: Trust::new(args.ca.as_deref()).map_err(|error| Failure::new("ca", error))?,
        patience: Duration::from_secs(args.timeout.max(1)),
        json: args.json,
    };
    let both = args.client == args.server;
    let mut all = true;
    for (kind, wanted) in [(Kind::Client, args.client), (Kind::Server, args.server)] {
        if wanted || both {
            all &= service(&probe, kind).await?;
        }
    }
    Ok(all)
}

/// Probes one service. Says whether it is to be had.
async fn service(probe: &Probe, kind: Kind) -> Result<bool, Failure> {
    let mut taken = None;
    let mut rest = search::MAX_VISITS;
    let found = search::places(probe, kind).await?;
    for place in &found.places {
        for address in search::addresses(probe, kind, place).await? {
            if rest == 0 {
                break;
            }
            rest -= 1;
            let visit = visit::visit(probe, kind, place, address).await;
            if visit["verdict"] == "taken" && taken.is_none() {
                taken = Some((place.to_string(), address));
            }
            probe.tell(&visit)?;
        }
    }
    let why = match (&taken, found.nothing) {
        (Some(_), _) => Value::Null,
        (None, Some(why)) => why.into(),
        (None, None) => "none of the places would be taken".into(),
    };
    probe.tell(&json!({
        "kind": "result",
        "service": kind.name(),
        "domain": probe.domain.as_str(),
        "ok": taken.is_some(),
        "place": taken.as_ref().map(|(place, _)| place),
        "address": taken.as_ref().map(|(_, address)| address.to_string()),
        "why": why,
    }))?;
    Ok(taken.is_some())
}
