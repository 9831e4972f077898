//! A schedule: what happens, in any order; then the end.

use core::time::Duration;

use super::model::{Fate, Link, World};
use super::parcel::Numbered;
use super::tape::Tape;

/// Runs the schedule that the bytes stand for, and what has to come after it. What has
/// become of the stanzas. Panics if something does not hold.
pub(crate) fn schedule(bytes: &[u8]) -> Vec<(Fate, Numbered)> {
    let mut tape = Tape(bytes);
    let mut world = World::new(&mut tape);
    for _ in 0..MOST {
        if tape.is_empty() {
            break;
        }
        world.step(&mut tape);
    }
    world.finish(&mut tape)
}

/// What a run does at most, however long its input is.
const MOST: usize = 1000;

impl World {
    fn step(&mut self, tape: &mut Tape<'_>) {
        let byte = tape.byte();
        let what = byte % 32;
        // What goes in beside streams need not be polled after.
        match what {
            0..=5 => self.send(tape),
            6 | 7 => self.answer_srv(tape),
            8 | 9 => self.answer_addresses(tape),
            _ => return self.step_of_streams(what, tape),
        }
        if byte < 192 {
            self.run();
        }
    }

    fn step_of_streams(&mut self, what: u8, tape: &mut Tape<'_>) {
        if what == 19 && tape.one_in(4) {
            // What was said of a stream may not have been heard when it ends.
            if let Some(id) = self.any_link(tape, |_| true) {
                self.unheard = true;
                self.end(id, tape);
            }
            return self.run();
        }
        self.run();
        match what {
            10..=12 => self.connect(tape, what < 12),
            13 | 14 => self.open(tape),
            15..=17 => self.decide(tape, true),
            18 => self.decide(tape, false),
            19 => {
                let any = tape.one_in(3);
                if let Some(id) = self.any_link(tape, |link: &Link| any || link.closing) {
                    self.end(id, tape);
                }
            }
            20 => self.traffic(tape),
            21 => self.accept(tape),
            22 => self.prove(tape),
            23 => self.verify(tape),
            24 => self.verified(tape),
            25 => self.now = self.wait.unwrap_or(self.now),
            26 => self.too_early(),
            27 => self.pass(tape),
            28 => self.stale(tape),
            29 => self.odd(tape),
            30 => self.give_back(tape),
            _ => {
                // Most schedules go on for a while.
                if tape.one_in(16) {
                    self.pool.shut_down(self.now);
                    self.ended = true;
                }
            }
        }
        self.run();
    }

    /// Up to just before the deadline, where nothing is to be done.
    fn too_early(&mut self) {
        if let Some(at) = self.wait {
            let left = at.saturating_since(self.now).saturating_sub(Duration::from_nanos(1));
            self.now = self.now.saturating_add(left);
            self.rest();
        }
    }

    /// Some time: as a rule no more than there is until the deadline, but a driver may be
    /// late.
    fn pass(&mut self, tape: &mut Tape<'_>) {
        let (byte, word) = (tape.byte(), u64::from(tape.word()));
        let time = if byte % 8 == 7 { word * 100 } else { word % 4096 };
        let end = self.now.saturating_add(Duration::from_millis(time));
        let on_time = self.wait.filter(|_| byte < 192).unwrap_or(end);
        self.now = on_time.min(end);
    }

    /// No more is sent, and whatever is open ends. What has become of the stanzas.
    fn finish(mut self, tape: &mut Tape<'_>) -> Vec<(Fate, Numbered)> {
        self.run();
        // Nobody answers from here on, and nothing can be connected to.
        self.unheard = true;
        let ids: Vec<_> = self.links.keys().copied().collect();
        for id in ids {
            self.end(id, tape);
            self.run();
            self.unheard = true;
        }
        for _ in 0..10_000 {
            let Some(at) = self.wait else { break };
            assert!(at > self.now, "a deadline that does not move");
            self.now = at;
            self.run();
        }
        self.check_end();
        let taken = self.taken.into_iter();
        taken.map(|taken| (taken.fate, taken.stanza)).collect()
    }
}
