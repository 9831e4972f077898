//! What the operator says of other servers.

use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};
use xmpp_core::FederationConfig;
use xmpp_core::config::DialbackPolicy;
use xmpp_core::federation::{AddressPolicy, PoolConfig};
use xmpp_core::jid::Domainpart;
use xmpp_core::sasl::Secret;

use super::super::limits::Limits;
use super::trust::Trust;
use crate::net::certificates::Identity;
use crate::net::place::Place;

/// Other servers. They are spoken with if there is somewhere to listen for them.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Other servers")]
pub(in crate::serve) struct Options {
    /// Where to listen for other servers, with STARTTLS; port 5269 if none is named. With
    /// this or --s2s-direct-listen, the domain and its components federate
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub(in crate::serve) s2s_listen: Option<Place>,
    /// Where to listen for other servers that begin with TLS (XEP-0368); port 5270 if none
    /// is named
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub(in crate::serve) s2s_direct_listen: Option<Place>,
    /// When dialback (XEP-0220) proves a domain: never, so that certificates are required;
    /// under TLS; or also in the clear
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Dialback::OverTls)]
    s2s_dialback: Dialback,
    /// The authorities, in PEM, that are trusted for other servers' certificates, instead
    /// of those of the system
    #[arg(long, value_name = "FILE")]
    s2s_ca: Option<PathBuf>,
    /// A list in PEM of what such an authority has revoked; may be given several times.
    /// Once it has expired, no certificate of that authority is good
    #[arg(long, value_name = "FILE")]
    s2s_crl: Vec<PathBuf>,
    /// Never let stanzas go both ways on one stream (XEP-0288)
    #[arg(long)]
    s2s_no_bidi: bool,
    /// Neither offer nor use SASL EXTERNAL: dialback alone
    #[arg(long)]
    s2s_no_external: bool,
    /// What dialback keys are made of: the same for all servers of a domain. Without it, it
    /// is drawn at random
    #[arg(long, value_name = "FILE")]
    s2s_secret_file: Option<PathBuf>,
    /// Which addresses that DNS names are connected to: public ones alone, or any, also of
    /// this machine and of the network behind it
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Addresses::Public)]
    s2s_addresses: Addresses,
    /// Ask the DNS server at this address, instead of those that the system asks
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(in crate::serve) resolver: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dialback {
    Never,
    OverTls,
    DangerousWithoutTls,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Addresses {
    Public,
    Any,
}

impl Options {
    /// Whether there is anything to do with other servers.
    pub(in crate::serve) const fn is_on(&self) -> bool {
        self.s2s_listen.is_some() || self.s2s_direct_listen.is_some()
    }

    const fn policy(&self) -> DialbackPolicy {
        match self.s2s_dialback {
            Dialback::Never => DialbackPolicy::Never,
            Dialback::OverTls => DialbackPolicy::OverTls,
            Dialback::DangerousWithoutTls => DialbackPolicy::DangerousWithoutTls,
        }
    }

    /// Whom to trust.
    pub(super) fn trust(&self, identity: &Identity) -> Result<Trust, String> {
        if self.s2s_no_external && self.s2s_dialback == Dialback::Never {
            return Err("with --s2s-no-external and --s2s-dialback never, no server could \
                        prove who it is"
                .into());
        }
        let (policy, offers) = (self.policy(), !self.s2s_no_external);
        Trust::new(identity, self.s2s_ca.as_deref(), &self.s2s_crl, policy, offers)
    }

    /// How streams are negotiated, for these domains of ours.
    pub(super) fn streams(
        &self,
        domains: &[Domainpart],
        negotiation: Duration,
    ) -> Result<FederationConfig, String> {
        let secret = match &self.s2s_secret_file {
            None => Secret::new(crate::net::random::<32>()),
            Some(path) => {
                let failed = |why: &dyn core::fmt::Display| format!("{}: {why}", path.display());
                let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
                let secret = text.trim_end_matches(['\r', '\n']);
                if secret.is_empty() {
                    return Err(failed(&"no secret in it"));
                }
                Secret::from(secret)
            }
        };
        let mut config = FederationConfig::new(secret);
        config.dialback = self.policy();
        config.domains = domains.iter().cloned().collect();
        config.authoritative_for = domains.to_vec();
        config.external = !self.s2s_no_external;
        config.bidi = !self.s2s_no_bidi;
        config.initiating_timeouts.negotiation = negotiation;
        config.receiving_timeouts.negotiation = negotiation;
        Ok(config)
    }

    /// How streams are kept.
    pub(super) fn pool(&self, limits: &Limits) -> PoolConfig {
        let mut config = PoolConfig::default();
        config.addresses = Arc::new(match self.s2s_addresses {
            Addresses::Public => AddressPolicy::public(),
            Addresses::Any => AddressPolicy::any(),
        });
        config.max_links = limits.max_links;
        config.max_incoming = limits.max_server_connections;
        config.incoming_per_remote = limits.max_domain_connections;
        config
    }
}
