//! `xmpp serve`: a small server, all in memory.

pub(crate) mod accounts;
pub(crate) mod service;
mod session;

use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args as ClapArgs;
use tokio::net::TcpListener;
use xmpp_core::jid::Domainpart;

use self::service::Service;
use crate::net::certificates;

/// Serve a domain: accounts, rosters, presence and messages, all in memory.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The domain.
    #[arg(long)]
    domain: String,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5222")]
    listen: SocketAddr,
    /// An account; may be given several times.
    #[arg(long = "user", value_name = "NAME:PASSWORD")]
    users: Vec<String>,
    /// The certificate chain in PEM, end entity first. Without one, an authority
    /// and a certificate are made on the spot.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The certificate's key in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
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
    /// Begin with TLS instead of STARTTLS (XEP-0368).
    #[arg(long)]
    direct_tls: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match crate::net::block_on(serve(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xmpp serve: {error}");
            ExitCode::from(2)
        }
    }
}

async fn serve(args: &Args) -> Result<(), String> {
    let domain = Domainpart::new(&args.domain).map_err(|error| error.to_string())?;
    let identity = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => certificates::load(cert, key)?,
        _ => certificates::make(&domain.to_ascii())?,
    };
    if let (Some(path), Some((_, pem))) = (&args.ca_out, &identity.authority) {
        std::fs::write(path, pem).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut service = Service::new(domain, identity.receiver, &accounts::HASHES, args.iterations);
    service.config.timeouts.negotiation = Duration::from_secs(args.negotiation_timeout);
    service.config.timeouts.idle = Some(Duration::from_secs(args.idle_timeout));
    service.config.direct_tls = args.direct_tls;
    for user in &args.users {
        let (name, password) =
            user.split_once(':').ok_or_else(|| format!("--user {user}: expected NAME:PASSWORD"))?;
        service.add_account(name, password)?;
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("serving {} on {address}", args.domain);
    service::accept_all(Arc::new(service), listener).await;
    Ok(())
}
