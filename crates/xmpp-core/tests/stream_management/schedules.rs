//! Random schedules: latency, loss at any byte, clocks that jump, acknowledgements
//! whenever they come, sessions that a host forgets, and states that are written down in
//! between. Each stanza reaches the other side exactly once and in order, or is handed
//! back as not acknowledged.

use core::time::Duration;
use std::collections::VecDeque;

use xmpp_core::stream_management::{Resumption, Unacknowledged};
use xmpp_core::xml::SendBuffer;

use crate::common::{T0, take};
use crate::harness::{Pair, Setup};

const SCHEDULES: u64 = 10_000;

/// SplitMix64: a schedule is its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// What one side sends and what becomes of it at the other, over all connections.
#[derive(Default)]
struct Way {
    sent: u32,
    /// Of the stanzas that this session has not delivered, the first.
    begun: u32,
    got: Vec<String>,
    on_the_way: VecDeque<u8>,
}

impl Way {
    fn next_id(&mut self) -> String {
        self.sent += 1;
        (self.sent - 1).to_string()
    }

    fn put(&mut self, tx: &mut SendBuffer) {
        self.on_the_way.extend(take(tx));
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let count = count.min(self.on_the_way.len());
        self.on_the_way.drain(..count).collect()
    }

    /// What has come is what was sent, each once, in order, as far as it goes.
    fn check(&self) {
        for (n, id) in self.got.iter().enumerate() {
            assert_eq!(*id, (self.begun + n as u32).to_string(), "{:?}", self.got);
        }
        assert!(self.begun + self.got.len() as u32 <= self.sent);
    }

    /// The session is over: what was not acknowledged, and what has come, is all.
    fn over(&mut self, left: &Unacknowledged) {
        self.check();
        let left: Vec<u32> =
            left.elements().map(|stanza| stanza.attr("id").unwrap().parse().unwrap()).collect();
        let first = self.sent - left.len() as u32;
        assert_eq!(left, (first..self.sent).collect::<Vec<_>>());
        assert!(first <= self.begun + self.got.len() as u32, "some are lost");
        self.begun = self.sent;
        self.got.clear();
    }
}

struct World {
    setup: Setup,
    random: Random,
    pair: Pair,
    there: Way,
    back: Way,
    round: u8,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut setup = Setup::new();
        let mut random = Random(seed);
        for config in [&mut setup.client.stream_management, &mut setup.host.stream_management] {
            let config = config.as_mut().unwrap();
            config.request_after_stanzas = 1 + random.below(5) as u32;
            config.request_after = Duration::from_millis(random.below(3000));
            config.max_stanzas = 4 + random.below(20) as u32;
        }
        let pair = Pair::begin(&setup, None, None);
        Self { setup, random, pair, there: Way::default(), back: Way::default(), round: 0 }
    }

    /// What has come since the last time.
    fn gather(&mut self) {
        self.there.got.append(&mut self.pair.server.got);
        self.back.got.append(&mut self.pair.client.got);
        self.there.put(&mut self.pair.client.tx);
        self.back.put(&mut self.pair.server.tx);
        self.there.check();
        self.back.check();
    }

    fn step(&mut self) {
        let some = self.random.below(200) as usize;
        match self.random.below(20) {
            // Refused before the stream is established and while the queue is full.
            0..=3 if self.pair.client.connection.stream_management().is_some() => {
                let id = self.there.next_id();
                if self.pair.client.send(&id).is_err() {
                    self.there.sent -= 1;
                }
            }
            4..=7 if self.pair.server.connection.stream_management().is_some() => {
                let id = self.back.next_id();
                if self.pair.server.send(&id).is_err() {
                    self.back.sent -= 1;
                }
            }
            8..=12 => {
                let bytes = self.there.take(some);
                self.pair.give_server(&bytes);
            }
            13..=17 => {
                let bytes = self.back.take(some);
                self.pair.give_client(&bytes);
            }
            18 => {
                let jump = match self.random.below(30) {
                    0 => 7200,
                    1 => 90,
                    n => n % 4,
                };
                self.pair.wait(Duration::from_secs(jump));
            }
            _ if self.random.below(6) == 0 => self.cut(),
            _ => {}
        }
        self.gather();
        if self.pair.client.closed.is_some() || self.pair.server.closed.is_some() {
            self.cut();
        }
    }

    /// The connection is lost with all that is under way, and the next one begins.
    fn cut(&mut self) {
        self.pair.cut();
        self.gather();
        self.there.on_the_way.clear();
        self.back.on_the_way.clear();
        let mut from = self.pair.client.connection.take_resumption();
        let mut kept = self.pair.server.connection.take_resumption();
        if kept.is_none() {
            // Who was cut off before it could resume has left the session where it was.
            kept = self.pair.kept.take();
        }
        if self.random.below(3) == 0 {
            from = from.map(|from| written_down(&from));
            kept = kept.map(|kept| written_down(&kept));
        }
        // The client has not heard of a session that the server has begun, or the server
        // has forgotten one that the client would resume.
        let forgets = self.random.below(5) == 0;
        let tells = self.random.below(2) == 0;
        let mut forgotten_h = None;
        if from.is_none() || kept.is_none() || forgets {
            if let (Some(kept), true) = (&kept, tells) {
                forgotten_h = Some(kept.handled().get());
            }
            let left = kept.take().map(Resumption::into_unacknowledged).unwrap_or_default();
            let mut lost = self.pair.server.connection.take_unacknowledged();
            if lost.is_empty() {
                lost = left;
            }
            self.back.over(&lost);
            if from.is_none() {
                let lost = self.pair.client.connection.take_unacknowledged();
                self.there.over(&lost);
            }
        }
        self.round += 1;
        let had = from.is_some();
        let now = self.pair.now;
        self.pair = Pair::begin_at(&self.setup, from, kept, now, self.round);
        self.pair.forgotten_h = forgotten_h;
        if had && self.pair.kept.is_none() {
            // Refused for certain: see it through, and count what is handed back.
            self.pair.settle();
            let left = self.pair.client.connection.take_unacknowledged();
            if let Some(h) = forgotten_h {
                assert_eq!(left.len(), self.there.sent.wrapping_sub(h) as usize % (1 << 20));
            }
            self.there.over(&left);
        }
    }

    /// From here on nothing is lost.
    fn finish(&mut self) {
        for _ in 0..4 {
            self.pair.settle();
            self.gather();
            self.pair.settle();
            let (there, back) = (self.there.take(usize::MAX), self.back.take(usize::MAX));
            self.pair.give_server(&there);
            self.pair.give_client(&back);
            self.gather();
            if self.pair.client.closed.is_some() || self.pair.server.closed.is_some() {
                self.cut();
            }
        }
        while !self.there.on_the_way.is_empty() || !self.back.on_the_way.is_empty() {
            let (there, back) = (self.there.take(usize::MAX), self.back.take(usize::MAX));
            self.pair.give_server(&there);
            self.pair.give_client(&back);
            self.gather();
        }
        for way in [&self.there, &self.back] {
            assert_eq!(way.begun + way.got.len() as u32, way.sent, "some have not come");
        }
    }
}

/// As another value, from bytes alone.
fn written_down(resumption: &Resumption) -> Resumption {
    let read = Resumption::from_bytes(&resumption.to_bytes()).unwrap();
    assert!(read == *resumption);
    read
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..150 {
        world.step();
    }
    world.finish();
}

/// One schedule again: `SCHEDULE=seed`.
#[test]
fn no_random_schedule_loses_or_repeats_a_stanza() {
    if let Ok(seed) = std::env::var("SCHEDULE") {
        return run(seed.parse().unwrap());
    }
    let threads = std::thread::available_parallelism().map_or(2, usize::from) as u64;
    std::thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || {
                for seed in (first..SCHEDULES).step_by(threads as usize) {
                    if std::panic::catch_unwind(|| run(seed)).is_err() {
                        panic!("the schedule with SCHEDULE={seed}");
                    }
                }
            });
        }
    });
}

/// Cut after each byte of a long exchange, each way; resumed in the same process and
/// from bytes alone.
#[test]
fn a_cut_at_any_byte_loses_and_repeats_nothing() {
    let setup = Setup::new();
    // How many bytes each side sends, over a connection that lives.
    let total = exchange(&setup, [usize::MAX; 2], false);
    assert!(total[0] > 500 && total[1] > 500, "{total:?}");
    for way in [0, 1] {
        for cut in 0..=total[way] {
            let mut at = [usize::MAX; 2];
            at[way] = cut;
            exchange(&setup, at, cut % 2 == 0);
        }
    }
}

/// Stanzas both ways, of which the bytes behind `cut` are lost; then the rest. Gives how
/// many bytes each side has sent once the stream was established.
fn exchange(setup: &Setup, cut: [usize; 2], write_down: bool) -> [usize; 2] {
    let mut pair = Pair::open(setup);
    let (mut there, mut back) = (Way::default(), Way::default());
    let mut carried = [0, 0];
    let mut broken = false;
    for turn in 0..40 {
        pair.client.send(&there.next_id()).unwrap();
        if turn % 3 == 0 {
            pair.server.send(&back.next_id()).unwrap();
            pair.server.send(&back.next_id()).unwrap();
        }
        if broken {
            continue;
        }
        let mut bytes = [take(&mut pair.client.tx), take(&mut pair.server.tx)];
        for (way, bytes) in bytes.iter_mut().enumerate() {
            let left = cut[way].saturating_sub(carried[way]);
            carried[way] += bytes.len();
            if bytes.len() > left {
                bytes.truncate(left);
                broken = true;
            }
        }
        pair.give_server(&bytes[0]);
        pair.give_client(&bytes[1]);
    }
    if !broken {
        return carried;
    }
    there.got.append(&mut pair.server.got);
    back.got.append(&mut pair.client.got);
    pair.cut();
    let mut from = pair.client.connection.take_resumption().unwrap();
    let mut kept = pair.server.connection.take_resumption().unwrap();
    if write_down {
        (from, kept) = (written_down(&from), written_down(&kept));
    }
    let mut pair = Pair::begin_at(setup, Some(from), Some(kept), T0, 1);
    pair.settle();
    there.got.append(&mut pair.server.got);
    back.got.append(&mut pair.client.got);
    for way in [&there, &back] {
        way.check();
        assert_eq!(way.got.len() as u32, way.sent, "{cut:?}");
    }
    carried
}
