//! `xmpp serve`: a small server, all in memory.

pub(crate) mod accounts;
mod admission;
mod bucket;
mod component;
mod detached;
mod entrance;
mod federation;
mod limits;
mod log;
mod meter;
mod on_stream;
mod queue;
mod resumption;
pub(crate) mod service;
mod session;
mod tokens;
mod ways;

use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args as ClapArgs;
use tokio::net::TcpListener;
use xmpp_core::ServerConfig;
use xmpp_core::config::TlsMode;
use xmpp_core::jid::Domainpart;
use xmpp_core::sasl::Mechanism;

use self::entrance::Entrance;
use self::federation::Federation;
use self::limits::Limits;
use self::service::Service;
use crate::net::client::Failure;
use crate::net::place::Place;
use crate::net::{certificates, names, websocket};
use crate::{out, secrets};

/// Serve a domain: accounts, rosters, presence and messages, all in memory.
#[derive(ClapArgs)]
#[command(after_help = "A client that is over a rate is not read from until it is within it \
    again. One that stays over a rate of its connection or its account for --patience is ended \
    with policy-violation. For rates, 0 is no limit.")]
pub(crate) struct Args {
    /// The domain.
    #[arg(long)]
    domain: String,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS[:PORT]", default_value = "127.0.0.1:5222")]
    listen: Place,
    /// An account; may be given several times. Whoever lists this machine's processes
    /// can read the password: for trying out.
    #[arg(long = "user", value_name = "NAME:PASSWORD")]
    users: Vec<String>,
    /// A file with one NAME:PASSWORD a line; empty lines and those that begin with `#`
    /// do not count. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    user_file: Option<PathBuf>,
    /// A component (XEP-0114) that may connect; may be given several times. Whoever
    /// lists this machine's processes can read the secret: for trying out.
    #[arg(long = "component", value_name = "NAME:SECRET")]
    components: Vec<String>,
    /// A file with one NAME:SECRET a line; empty lines and those that begin with
    /// `#` do not count.
    #[arg(long, value_name = "FILE")]
    component_file: Option<PathBuf>,
    /// Where to listen for components, if there are any. Their connections are in
    /// the clear.
    #[arg(long, value_name = "ADDRESS[:PORT]", default_value = "127.0.0.1:5347")]
    component_listen: Place,
    /// The certificate chain in PEM, end entity first. Without one, an authority
    /// and a certificate are made on the spot.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The certificate's key in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// The authorities, in PEM, whose certificates users may log in with (SASL EXTERNAL).
    /// The address in the certificate (xmppAddr) is the account, which has to be one of
    /// --user or --certificate-user.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// A list in PEM of what an authority of --client-ca has revoked; may be given several
    /// times. Once it has expired, nobody's certificate of that authority is good.
    #[arg(long, value_name = "FILE", requires = "client_ca")]
    client_crl: Vec<PathBuf>,
    /// An account without a password, for a user with a certificate; may be given several
    /// times.
    #[arg(long = "certificate-user", value_name = "NAME", requires = "client_ca")]
    certificate_users: Vec<String>,
    /// Where to write the authority made on the spot, for clients to trust.
    #[arg(long, value_name = "FILE", conflicts_with = "cert")]
    ca_out: Option<PathBuf>,
    /// Iterations of the SCRAM keys made from the passwords, instead of what
    /// OWASP recommends for each hash. Few make logins quick, many make stolen
    /// keys worth less.
    #[arg(long, value_name = "COUNT")]
    iterations: Option<core::num::NonZeroU32>,
    /// How long a client may take to log in, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    negotiation_timeout: u64,
    /// How long a client may be silent, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    idle_timeout: u64,
    /// Where to listen for clients that begin with TLS (XEP-0368), beside those of
    /// --listen. Without an address, those of --listen begin with TLS instead of STARTTLS.
    #[arg(long, value_name = "ADDRESS[:PORT]", num_args = 0..=1)]
    direct_tls: Option<Option<Place>>,
    /// Where to listen for clients over WebSocket (RFC 7395), with TLS and the path
    /// /xmpp-websocket.
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    websocket: Option<Place>,
    /// Offer the mechanism PLAIN as well, which shows the server the password: for clients
    /// that know nothing better.
    #[arg(long)]
    allow_plain: bool,
    /// Offer RFC 6120's profile of SASL alone, without SASL2 (XEP-0388), Bind 2 (XEP-0386)
    /// and tokens (XEP-0484).
    #[arg(long)]
    no_sasl2: bool,
    /// How long a token in place of the password is good (XEP-0484), in seconds; half
    /// of it over, the next login brings another. 0: there are no tokens.
    #[arg(long, value_name = "SECONDS", default_value_t = 14 * 86_400)]
    token_lifetime: u64,
    /// When the program is told to end (SIGTERM, SIGINT): how long the clients have to
    /// close their streams, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    shutdown_timeout: u64,
    #[command(flatten)]
    servers: federation::Options,
    #[command(flatten)]
    limits: Limits,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match crate::net::block_on(serve(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::error("xmpp serve", &failure.message);
            ExitCode::from(if failure.error == "usage" { 2 } else { 1 })
        }
    }
}

async fn serve(args: &Args) -> Result<(), Failure> {
    let _log = log::begin();
    let (service, components) = service(args).map_err(|error| Failure::new("usage", error))?;
    let service = Arc::new(service);
    if components > 0 {
        let (listener, address) = listen(&args.component_listen, 5347).await?;
        let _ = out::line(format!("components on {address}"));
        tokio::spawn(service::accept_components(Arc::clone(&service), listener));
    }
    let mut accepting = Vec::new();
    if let Some(Some(place)) = &args.direct_tls {
        let (listener, address) = listen(place, 5223).await?;
        let _ = out::line(format!("direct TLS on {address}"));
        let mut config = ServerConfig::clone(&service.config);
        config.tls = TlsMode::Direct;
        let entrance = Entrance::Stream(Arc::new(config));
        let accept = service::accept_all_by(Arc::clone(&service), listener, entrance);
        accepting.push(tokio::spawn(accept));
    }
    if let Some(place) = &args.websocket {
        let (listener, address) = listen(place, 5281).await?;
        let _ = out::line(format!("WebSocket on wss://{address}{}", websocket::PATH));
        let acceptor = websocket::Acceptor::new(&service.tls);
        let entrance = Entrance::WebSocket(Arc::clone(&service.config), acceptor);
        let accept = service::accept_all_by(Arc::clone(&service), listener, entrance);
        accepting.push(tokio::spawn(accept));
    }
    if service.federation.is_some() {
        use federation::Entrance::{Direct, StartTls};
        let servers = &args.servers;
        for (place, port, entrance, label) in [
            (&servers.s2s_listen, 5269, StartTls, "servers"),
            (&servers.s2s_direct_listen, 5270, Direct, "servers with direct TLS"),
        ] {
            let Some(place) = place else { continue };
            let (listener, address) = listen(place, port).await?;
            let _ = out::line(format!("{label} on {address}"));
            let accept = federation::accept_servers(Arc::clone(&service), listener, entrance);
            accepting.push(tokio::spawn(accept));
        }
        tokio::spawn(federation::run_errands(Arc::clone(&service)));
    }
    let (listener, address) = listen(&args.listen, names::PORT).await?;
    let told = told_to_end().map_err(|error| Failure::new("signals", error))?;
    // Whoever started this may not want to read on.
    let _ = out::line(format!("serving {} on {address}", args.domain));
    accepting.push(tokio::spawn(service::accept_all(Arc::clone(&service), listener)));
    told.await;
    accepting.iter().for_each(tokio::task::JoinHandle::abort);
    service.end(Duration::from_secs(args.shutdown_timeout)).await;
    Ok(())
}

/// What is to be served, and how many components may connect.
fn service(args: &Args) -> Result<(Service, usize), String> {
    let domain = Domainpart::new(&args.domain).map_err(|error| error.to_string())?;
    let identity = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => certificates::load(cert, key)?,
        _ => certificates::make(&domain.to_ascii())?,
    };
    if let (Some(path), Some((_, pem))) = (&args.ca_out, &identity.authority) {
        std::fs::write(path, pem).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut limits = args.limits.clone();
    limits.fit(args.servers.is_on(), descriptors);
    let receiver = Arc::clone(&identity.receiver);
    let mut service = Service::new(domain, receiver, &accounts::HASHES, args.iterations);
    service.limit(&limits);
    let config = Arc::make_mut(&mut service.config);
    config.timeouts.negotiation = Duration::from_secs(args.negotiation_timeout);
    config.timeouts.idle = Some(Duration::from_secs(args.idle_timeout));
    if let Some(None) = args.direct_tls {
        config.tls = TlsMode::Direct;
    }
    if args.no_sasl2 {
        Arc::make_mut(&mut service.host_config).sasl2.enabled = false;
    } else if args.token_lifetime > 0 {
        service.issue_tokens(Duration::from_secs(args.token_lifetime));
    }
    if args.allow_plain {
        let host = Arc::make_mut(&mut service.host_config);
        host.policy = host.policy.allow(Mechanism::Plain);
    }
    let users = secrets::pairs("--user", &args.users, args.user_file.as_deref())?;
    if !users.is_empty() && args.iterations.is_none_or(|count| count.get() > 100_000) {
        let hashes = accounts::HASHES.len();
        out::note(&format!(
            "hashing {} passwords, each for {hashes} mechanisms; few --iterations make it quicker",
            users.len()
        ));
    }
    for (name, password) in &users {
        service.add_account(name, password)?;
    }
    for name in &args.certificate_users {
        service.add_certified_account(name)?;
    }
    if let Some(authorities) = &args.client_ca {
        let verifier = certificates::of_users(authorities, &args.client_crl)?;
        let tls = identity.asking(Some(&verifier))?;
        service.accept_certificates(verifier, tls);
    }
    let file = args.component_file.as_deref();
    let components = secrets::pairs("--component", &args.components, file)?;
    for (name, secret) in &components {
        service.add_component(name, secret)?;
    }
    if args.servers.is_on() {
        let (domains, negotiation) =
            (service.domains(), Duration::from_secs(args.negotiation_timeout));
        let (federation, pool) =
            Federation::new(&args.servers, &identity, &domains, &limits, negotiation)?;
        service.federate(federation, pool);
    }
    Ok((service, components.len()))
}

/// Raises the limit on open files to what so many connections need, as far as that goes;
/// says how many connections there can be. Some files are needed for other things.
fn descriptors(connections: usize) -> usize {
    const OTHERS: u64 = 64;
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    let open = rlimit::increase_nofile_limit(wanted).unwrap_or(1024);
    let left = open.saturating_sub(OTHERS).max(1);
    usize::try_from(left).unwrap_or(usize::MAX)
}

/// Waits for a signal to end.
fn told_to_end() -> Result<impl Future<Output = ()>, String> {
    let failed = |error| format!("cannot listen for signals: {error}");
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async move {
        if let Err(error) = tokio::signal::ctrl_c().await.map_err(failed) {
            tracing::warn!("{error}");
            core::future::pending().await
        }
    })
}

async fn listen(on: &Place, port: u16) -> Result<(TcpListener, SocketAddr), Failure> {
    let (host, port) = on.or_port(port);
    let failed =
        |error| Failure::new("listen", format!("cannot listen on {host} port {port}: {error}"));
    let listener = TcpListener::bind((host, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
