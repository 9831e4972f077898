//! What the operator of a server may set.

use core::time::Duration;

use clap::Args as ClapArgs;
use xmpp_core::stream_management::StreamManagement;
use xmpp_server::{Config, ConflictPolicy, UnknownAccount};

use super::bucket::Rate;
use super::detached;
use super::queue::Bounds;

/// Limits on what clients may do. A client that is over a rate is not read from until it is
/// within it again; one that stays over it for `--patience` is ended with
/// `policy-violation`. 0 is no limit, for rates.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Limits {
    /// What happens to the session whose resource another client asks for: it ends
    /// (`terminate`), the newcomer gets another resource (`override`), or is refused
    /// (`refuse`)
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Conflict::Terminate)]
    pub(super) conflict: Conflict,
    /// Say nothing to the sender of a message to an account that does not exist, so that
    /// nobody finds out which accounts there are; without this it is an error
    #[arg(long)]
    pub(super) silent_unknown_accounts: bool,
    /// Stanzas a second of one connection; ten seconds' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 500)]
    pub(super) connection_stanzas: u64,
    /// Bytes a second of one connection; ten seconds' worth at once
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    pub(super) connection_bytes: u64,
    /// Stanzas a second of all connections of one account; ten seconds' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub(super) account_stanzas: u64,
    /// Subscription stanzas a second of one account; a hundred seconds' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    pub(super) account_subscriptions: u64,
    /// Stanzas a second of one address: an IPv4 address, or an IPv6 network of 64 bits; ten
    /// seconds' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 4000)]
    pub(super) address_stanzas: u64,
    /// Bytes a second of one address; ten seconds' worth at once
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    pub(super) address_bytes: u64,
    /// Attempts to authenticate a second of one address; ten seconds' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub(super) address_logins: u64,
    /// Connections a second of one address; ten seconds' worth at once. One more is closed
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(super) address_connections: u64,
    /// Stanzas a second of one component; ten seconds' worth at once. What components send
    /// does not count for their addresses
    #[arg(long, value_name = "COUNT", default_value_t = 5000)]
    pub(super) component_stanzas: u64,
    /// Bytes a second of one component; ten seconds' worth at once
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    pub(super) component_bytes: u64,
    /// Stanzas a second on one stream with another server; ten seconds' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 5000)]
    pub(super) server_stanzas: u64,
    /// Bytes a second on one stream with another server; ten seconds' worth at once
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    pub(super) server_bytes: u64,
    /// Connections of other servers in all, beside those of clients and components
    #[arg(long, value_name = "COUNT", default_value_t = 5000)]
    pub(super) max_server_connections: usize,
    /// Connections of one domain that has proved to be itself
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub(super) max_domain_connections: usize,
    /// Streams that are opened to other servers.
    #[arg(skip = 2000_usize)]
    pub(super) max_links: usize,
    /// How long a client, a component or a server may be over a rate without a break, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(super) patience: u64,
    /// Connections in all. The last eighth is for addresses with no more than two
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub(super) max_connections: usize,
    /// Connections of one address
    #[arg(long, value_name = "COUNT", default_value_t = 256)]
    pub(super) max_address_connections: usize,
    /// How long a client may take to log in while more than half of the connections are
    /// taken, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub(super) pressed_negotiation_timeout: u64,
    /// Bytes that may wait for one client that does not read; then its stream ends, and
    /// what waits goes elsewhere, is stored or returned
    #[arg(long, value_name = "BYTES", default_value_t = Bounds::default().bytes)]
    pub(super) queue_bytes: usize,
    /// Stanzas that may wait for one client
    #[arg(long, value_name = "COUNT", default_value_t = Bounds::default().stanzas)]
    pub(super) queue_stanzas: usize,
    /// How long a client that has lost its connection may resume its session (XEP-0198), in
    /// seconds. 0: not at all; then there are acknowledgements alone
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(super) resume_timeout: u64,
    /// Sessions of one account that may wait for that. One more, and the oldest ends
    #[arg(long, value_name = "COUNT", default_value_t = detached::Bounds::default().account_sessions)]
    pub(super) detached_account_sessions: usize,
    /// Bytes that are kept for them of stanzas that were sent and not acknowledged
    #[arg(long, value_name = "BYTES", default_value_t = detached::Bounds::default().account_bytes)]
    pub(super) detached_account_bytes: usize,
    /// Sessions in all that may wait to be resumed. One more ends with its connection
    #[arg(long, value_name = "COUNT", default_value_t = detached::Bounds::default().sessions)]
    pub(super) detached_sessions: usize,
    /// Bytes that are kept for all of them
    #[arg(long, value_name = "BYTES", default_value_t = detached::Bounds::default().bytes)]
    pub(super) detached_bytes: usize,
    /// Stanzas sent to one client that it need not have acknowledged; with as many, the
    /// others wait
    #[arg(long, value_name = "COUNT", default_value_t = 2048)]
    pub(super) unacknowledged_stanzas: u32,
    /// Bytes of them
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    pub(super) unacknowledged_bytes: usize,
    /// Bytes that may wait for all clients
    #[arg(long, value_name = "BYTES", default_value_t = Bounds::default().total)]
    pub(super) queue_total: usize,
}

/// RFC 6120 section 7.7.2.2.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Conflict {
    Terminate,
    Override,
    Refuse,
}

impl Limits {
    /// Makes the numbers of connections fit what there can be of them: `most` says how many
    /// of so many. If it is less, other servers have at most half.
    pub(super) fn fit(&mut self, federates: bool, most: impl FnOnce(usize) -> usize) {
        let servers = self.max_server_connections.saturating_add(self.max_links);
        let servers = if federates { servers } else { 0 };
        let wanted = self.max_connections.saturating_add(servers);
        let there = most(wanted).min(wanted);
        let servers = servers.min((there / 2).max(there.saturating_sub(self.max_connections)));
        self.max_connections = self.max_connections.min(there - servers);
        if servers < self.max_server_connections.saturating_add(self.max_links) {
            self.max_links = self.max_links.min(servers / 3);
            self.max_server_connections = self.max_server_connections.min(servers - self.max_links);
        }
    }

    /// Those for other servers' connections.
    pub(super) fn of_servers(&self) -> Self {
        Self { max_connections: self.max_server_connections, ..self.clone() }
    }

    /// What the host has to know of them.
    pub(super) fn host(&self) -> Config {
        let mut config = Config::default();
        config.conflict = match self.conflict {
            Conflict::Terminate => ConflictPolicy::Terminate,
            Conflict::Override => ConflictPolicy::Override,
            Conflict::Refuse => ConflictPolicy::Refuse,
        };
        if self.silent_unknown_accounts {
            config.unknown_account = UnknownAccount::Silence;
        }
        config
    }

    /// What is offered of stream management (XEP-0198).
    pub(super) fn stream_management(&self) -> StreamManagement {
        let mut offer = StreamManagement::of_server();
        offer.resume = self.resume_timeout > 0;
        offer.max = Some(Duration::from_secs(self.resume_timeout));
        offer.max_stanzas = self.unacknowledged_stanzas;
        offer.max_bytes = self.unacknowledged_bytes;
        offer
    }

    pub(super) const fn detached(&self) -> detached::Bounds {
        detached::Bounds {
            time: Duration::from_secs(self.resume_timeout),
            account_sessions: self.detached_account_sessions,
            account_bytes: self.detached_account_bytes,
            sessions: self.detached_sessions,
            bytes: self.detached_bytes,
        }
    }

    pub(super) const fn bounds(&self) -> Bounds {
        // What is not acknowledged is counted without what holds it.
        let unacknowledged = self.unacknowledged_bytes.saturating_mul(2);
        Bounds {
            stanzas: self.queue_stanzas,
            bytes: self.queue_bytes,
            moved: self.queue_bytes.saturating_add(unacknowledged),
            total: self.queue_total,
        }
    }
}

impl Default for Limits {
    /// Those of the options.
    fn default() -> Self {
        #[derive(clap::Parser)]
        struct Options {
            #[command(flatten)]
            limits: Limits,
        }
        <Options as clap::Parser>::parse_from([""]).limits
    }
}

/// Ten seconds' worth at once.
pub(super) const fn rate(per_second: u64) -> Rate {
    Rate { per_second, burst: 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clients, servers that connect, and streams that are opened to servers.
    fn fitted(federates: bool, files: usize) -> (usize, usize, usize) {
        let mut limits = Limits::default();
        limits.fit(federates, |wanted| wanted.min(files));
        (limits.max_connections, limits.max_server_connections, limits.max_links)
    }

    #[test]
    fn all_connections_have_a_file() {
        assert_eq!(fitted(true, usize::MAX), (10_000, 5000, 2000));
        assert_eq!(fitted(false, 10_000).0, 10_000);
        assert_eq!(fitted(false, 900).0, 900);
        for files in [3, 10, 900, 5000, 16_999] {
            let (clients, servers, links) = fitted(true, files);
            assert_eq!(clients + servers + links, files);
            assert!(clients >= files / 2, "{clients} of {files}");
        }
    }
}
