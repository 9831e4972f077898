//! What a pool needs to know before it begins.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_jid::Domainpart;

use crate::federation::AddressPolicy;
use crate::session::discovery::Place;
use crate::session::{Backoff, QueueLimits, Timing};

/// How the pool speaks with other domains.
///
/// Make one with `default()` and change the fields that do not suit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PoolConfig {
    /// With which domains to speak. What is sent to others comes back as `not-allowed`.
    pub domains: DomainPolicy,
    /// Which of the addresses that DNS names to connect to.
    pub addresses: Arc<AddressPolicy>,
    /// Where these domains are, whatever DNS says: for closed networks and for tests.
    /// The policy for addresses is not asked about these.
    pub places: BTreeMap<Domainpart, Vec<Place>>,
    /// Whether to connect to places that SRV records of `_xmpp-server` name, and to the
    /// domain itself. `true` by default.
    pub start_tls: bool,
    /// Whether to connect to places that SRV records of `_xmpps-server` name (XEP-0368).
    /// `true` by default.
    pub direct_tls: bool,
    /// Whether a stream that is open carries other domains of ours, too.
    pub multiplexing: Multiplexing,

    /// How much may wait for one remote domain: 1000 stanzas and 1 MiB by default.
    pub queue: QueueLimits,
    /// How much may wait in all: 20,000 stanzas and 32 MiB by default.
    pub total_queue: QueueLimits,
    /// How long a stanza waits at most: 60 seconds by default.
    pub queue_for: Duration,

    /// How many rounds through all of a domain's places are made, with a wait between
    /// them, before what waits is bounced. 2 by default.
    pub rounds: u32,
    /// How long to wait between rounds, and how long a domain counts as unreachable after
    /// the last of them: at least half a second; at most 5 seconds after the first,
    /// doubling up to 5 minutes.
    pub backoff: Backoff,
    /// How long the steps of connecting may take.
    pub timing: Timing,
    /// How long a stream may take from the transport until it is open. 30 seconds by
    /// default.
    pub negotiation: Duration,
    /// How long the other server may take to accept a pair of domains, which it may have
    /// to ask a third one about. 30 seconds by default.
    pub authorisation: Duration,
    /// How long the answer about a dialback key may take, from the question on. 30 seconds
    /// by default.
    pub verification: Duration,
    /// A stream of ours that nothing has passed over for so long is closed. 10 minutes by
    /// default.
    pub idle: Duration,

    /// About how many remote domains something is remembered: 10,000 by default.
    pub max_remotes: usize,
    /// To how many of them connections are being made at once: 100 by default. The others
    /// wait for their turn: next is one on whose behalf the fewest are being connected to,
    /// where users of ours are one party, and each address that claims come from is one.
    pub max_searches: usize,
    /// While others wait for their turn, a domain is connected to for so long at most, until
    /// the stream is open: 5 seconds by default.
    pub search_while_others_wait: Duration,
    /// How many streams we open: 2000 by default. Once there are so many, the one that has
    /// been without use the longest (at least 10 seconds) makes room.
    pub max_links: usize,
    /// How many streams we open to one remote domain: 4 by default.
    pub links_per_remote: usize,
    /// How many streams that others open are taken: 5000 by default.
    pub max_incoming: usize,
    /// How many of them that one remote domain has proved to be its own: 8 by default.
    pub incoming_per_remote: usize,
    /// How many pairs of domains one stream carries: 100 by default.
    pub pairs_per_link: usize,
    /// How many dialback keys are being asked about at once: 1000 by default. Once there are
    /// so many, one of the address that most of them came from makes room for one of an
    /// address that has fewer.
    pub max_verifications: usize,
    /// How many of them that came over the same stream: 8 by default. The domain that a
    /// key claims to be of is not counted, since anybody may claim it.
    pub verifications_per_link: usize,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            domains: DomainPolicy::All,
            addresses: Arc::new(AddressPolicy::public()),
            places: BTreeMap::new(),
            start_tls: true,
            direct_tls: true,
            multiplexing: Multiplexing::WithErrors,
            queue: QueueLimits { stanzas: 1000, bytes: 1 << 20 },
            total_queue: QueueLimits { stanzas: 20_000, bytes: 32 << 20 },
            queue_for: Duration::from_secs(60),
            rounds: 2,
            backoff: Backoff {
                first: Duration::from_secs(5),
                longest: Duration::from_secs(300),
                ..Backoff::default()
            },
            timing: Timing::default(),
            negotiation: Duration::from_secs(30),
            authorisation: Duration::from_secs(30),
            verification: Duration::from_secs(30),
            idle: Duration::from_secs(600),
            max_remotes: 10_000,
            max_searches: 100,
            search_while_others_wait: Duration::from_secs(5),
            max_links: 2000,
            links_per_remote: 4,
            max_incoming: 5000,
            incoming_per_remote: 8,
            pairs_per_link: 100,
            max_verifications: 1000,
            verifications_per_link: 8,
        }
    }
}

/// With which domains to speak.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DomainPolicy {
    /// With all of them.
    #[default]
    All,
    /// With these alone.
    Only(BTreeSet<Domainpart>),
    /// With all but these.
    AllBut(BTreeSet<Domainpart>),
}

impl DomainPolicy {
    /// Whether to speak with a domain.
    pub fn allows(&self, domain: &Domainpart) -> bool {
        match self {
            Self::All => true,
            Self::Only(domains) => domains.contains(domain.as_str()),
            Self::AllBut(domains) => !domains.contains(domain.as_str()),
        }
    }
}

/// Whether a stream of ours to a remote domain carries stanzas of others of our domains,
/// too, each of them accepted on its own by dialback ("sender multiplexing" or "piggybacking", XEP-0220 section 2.7.1). Stanzas to
/// another remote domain always go over a stream of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Multiplexing {
    /// Never: a stream for each pair of domains.
    Never,
    /// Where the other server says that it tells what it refuses
    /// ([`Offers::dialback_errors`](super::Offers::dialback_errors)), instead of ending the
    /// stream. The default.
    #[default]
    WithErrors,
    /// Wherever there is dialback.
    Always,
}
