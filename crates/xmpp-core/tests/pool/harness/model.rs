//! What the pool has been told, and has told.

use std::collections::{BTreeMap, BTreeSet};

use xmpp_core::config::TlsMode;
use xmpp_core::federation::{Dial, DomainPolicy, LinkId, Multiplexing, Pool, PoolConfig, VerifyId};
use xmpp_core::jid::Domainpart;
use xmpp_core::session::discovery::{Host, Place};
use xmpp_core::session::{AddressQuery, SrvQuery};
use xmpp_core::time::Instant;

use super::parcel::{Numbered, config, domain, queue_limits};
use super::tape::Tape;

/// A domain of ours and another one, by number.
pub(super) type Pair = (usize, usize);

pub(super) const LOCAL: usize = 3;
pub(super) const REMOTE: usize = 6;

/// A stream as the driver has it.
#[derive(Default)]
pub(super) struct Link {
    /// For ours: of which pair.
    pub(super) dial: Option<Dial>,
    pub(super) open: bool,
    /// Those that may be sent.
    pub(super) pairs: BTreeSet<Pair>,
    /// Those that are to be decided.
    pub(super) asked: BTreeSet<Pair>,
    /// Those that the peer has proved.
    pub(super) proved: BTreeSet<Pair>,
    pub(super) closing: bool,
    pub(super) congested: bool,
    /// What was sent lately.
    pub(super) recent: Vec<(Pair, Numbered)>,
}

/// A dialback key that is being asked about.
pub(super) struct Key {
    pub(super) came_over: LinkId,
    pub(super) asked_on: Option<LinkId>,
}

/// What has become of a stanza.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Waiting,
    Sent,
    Bounced,
}

pub(super) struct Taken {
    pub(super) fate: Fate,
    pub(super) stanza: Numbered,
    pub(super) pair: Pair,
    /// When it was last given to the pool.
    pub(super) since: Instant,
}

pub(super) struct World {
    pub(super) pool: Pool<Numbered>,
    pub(super) config: PoolConfig,
    pub(super) now: Instant,
    pub(super) local: Vec<Domainpart>,
    pub(super) remote: Vec<Domainpart>,
    pub(super) srv: Vec<SrvQuery>,
    pub(super) addresses: Vec<AddressQuery>,
    pub(super) dials: Vec<Dial>,
    pub(super) links: BTreeMap<LinkId, Link>,
    /// What is not the pool's any more: streams that have ended, transports given up.
    pub(super) gone: Vec<LinkId>,
    pub(super) keys: BTreeMap<VerifyId, Key>,
    /// Keys that have ended.
    pub(super) old_keys: Vec<VerifyId>,
    /// By number.
    pub(super) taken: Vec<Taken>,
    /// By pair: the least number that may go out.
    pub(super) next: BTreeMap<Pair, u64>,
    /// What streams that are gone had been given.
    pub(super) left: Vec<(Pair, Numbered)>,
    /// A stream has ended, and what the pool had said before has not been heard.
    pub(super) unheard: bool,
    /// The server ends, and what the pool had said before has been heard.
    pub(super) ended: bool,
    pub(super) wait: Option<Instant>,
}

impl World {
    /// Small limits, so that a few bytes reach all of them.
    pub(super) fn new(tape: &mut Tape<'_>) -> Self {
        let remote: Vec<Domainpart> =
            (0..REMOTE).map(|n| domain(&format!("r{n}.example"))).collect();
        let mut config = config();
        config.queue = queue_limits(6, 2000);
        config.total_queue = queue_limits(10, 3000);
        config.max_remotes = 4;
        config.max_searches = 2;
        config.max_links = 5;
        config.links_per_remote = 2;
        config.max_incoming = 5;
        config.incoming_per_remote = 2;
        config.max_verifications = 6;
        config.verifications_per_link = 2;
        config.pairs_per_link = 2;
        let byte = tape.byte();
        config.multiplexing = match byte % 4 {
            0 => Multiplexing::Never,
            1 => Multiplexing::WithErrors,
            _ => Multiplexing::Always,
        };
        config.start_tls = byte & 4 == 0;
        config.direct_tls = byte & 8 == 0 || byte & 4 != 0;
        if byte & 16 != 0 {
            config.domains = DomainPolicy::AllBut([remote[5].clone()].into());
        }
        if byte & 32 != 0 {
            let host = Host::Address([192, 0, 2, 77].into());
            let place = Place::new(host, 5269, TlsMode::StartTls);
            config.places.insert(remote[4].clone(), vec![place]);
        }
        let mut seed = [7; 32];
        seed[0] = tape.byte();
        Self {
            pool: Pool::new(config.clone(), seed),
            config,
            now: Instant::default(),
            local: (0..LOCAL).map(|n| domain(&format!("l{n}.example"))).collect(),
            remote,
            srv: Vec::new(),
            addresses: Vec::new(),
            dials: Vec::new(),
            links: BTreeMap::new(),
            gone: Vec::new(),
            keys: BTreeMap::new(),
            old_keys: Vec::new(),
            taken: Vec::new(),
            next: BTreeMap::new(),
            left: Vec::new(),
            unheard: false,
            ended: false,
            wait: None,
        }
    }

    pub(super) fn pair(&self, local: &Domainpart, remote: &Domainpart) -> Pair {
        let at = |of: &[Domainpart], domain| of.iter().position(|one| one == domain).unwrap();
        (at(&self.local, local), at(&self.remote, remote))
    }

    pub(super) fn names(&self, (local, remote): Pair) -> (Domainpart, Domainpart) {
        (self.local[local].clone(), self.remote[remote].clone())
    }

    pub(super) fn any_pair(tape: &mut Tape<'_>) -> Pair {
        let byte = usize::from(tape.byte());
        (byte % LOCAL, byte / LOCAL % REMOTE)
    }

    /// One of the streams that fit.
    pub(super) fn any_link(
        &self,
        tape: &mut Tape<'_>,
        fits: impl Fn(&Link) -> bool,
    ) -> Option<LinkId> {
        let fitting = self.links.iter().filter(|(_, link)| fits(link));
        let mut fitting: Vec<LinkId> = fitting.map(|(id, _)| *id).collect();
        tape.pick(&mut fitting)
    }

    pub(super) fn settle(&mut self, stanza: &Numbered, fate: Fate) {
        let taken = &mut self.taken[usize::try_from(stanza.number).unwrap()];
        assert_eq!(taken.fate, Fate::Waiting, "{stanza:?} is {fate:?} too");
        assert_eq!(taken.stanza, *stanza, "another one");
        taken.fate = fate;
    }

    /// It is the pool's again.
    pub(super) fn unsettle(&mut self, stanza: &Numbered) {
        let taken = &mut self.taken[usize::try_from(stanza.number).unwrap()];
        taken.fate = Fate::Waiting;
        taken.since = self.now;
    }

    /// That key is not asked about any more.
    pub(super) fn end_key(&mut self, id: VerifyId) -> bool {
        self.old_keys.push(id);
        self.keys.remove(&id).is_some()
    }
}
