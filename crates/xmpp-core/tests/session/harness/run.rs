//! A run: what happens, in any order; then the end.

use core::time::Duration;

use super::operations::tape::Tape;
use super::world::World;

/// How far a run came.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) times_online: usize,
    pub(crate) received: usize,
    pub(crate) heard: usize,
    pub(crate) returned: usize,
}

/// What a run does at most, however long its input is.
const MOST: usize = 1000;

/// Runs the operations that the bytes stand for, and then the end. Panics if something does
/// not hold.
pub(crate) fn operate(bytes: &[u8]) -> Report {
    let mut tape = Tape(bytes);
    let mut world = World::new(&mut tape);
    world.poll();
    for _ in 0..MOST {
        if tape.is_empty() {
            break;
        }
        let byte = tape.byte();
        world.step(byte % 32, &mut tape);
        // A driver should poll after each; nothing breaks if it does not.
        if byte < 192 {
            world.poll();
        }
    }
    world.finish(tape.one_in(2))
}

impl World {
    fn step(&mut self, what: u8, tape: &mut Tape<'_>) {
        match what {
            0..=5 => self.go_on(),
            6 => {
                if let Some(lookup) = tape.pick(&mut self.lookups) {
                    self.answer(lookup, tape.byte());
                }
            }
            7 => {
                self.poll();
                self.connect(tape.index(self.attempts.len()));
            }
            8 => {
                self.poll();
                self.connect_failed(tape.index(self.attempts.len()));
            }
            9 => self.carry_to_client(tape.index(64)),
            10 => self.carry_to_server(),
            11 => self.attack(tape),
            12 => self.tamper(tape),
            13 => self.end(),
            14 => self.break_off(),
            15 => {
                self.poll();
                self.now = self.wait.unwrap_or(self.now);
            }
            16 => {
                self.poll();
                if let Some(at) = self.wait {
                    let left = at.saturating_since(self.now);
                    let less = left.saturating_sub(Duration::from_nanos(1));
                    self.now = self.now.saturating_add(less);
                    self.rest();
                }
            }
            17 => {
                let long = Duration::from_millis(1 << (tape.byte() % 22));
                self.now = self.now.saturating_add(long);
            }
            18 | 19 => self.send(tape),
            20 => self.ask(tape),
            21 => self.say(),
            22 => self.server_closes(tape),
            23 => {
                // Most runs go on for a while.
                if tape.one_in(4) {
                    self.poll();
                    self.close(tape.byte());
                }
            }
            24 => {
                self.poll();
                self.reconnect();
            }
            25 => self.blocked = !self.blocked,
            26 => {
                self.store.kept.clear();
                self.store.forgot = true;
            }
            27 => {
                self.poll();
                self.stale(tape);
            }
            28 => self.send_bad(tape.byte()),
            29 => self.piece = usize::from(tape.byte()).max(1),
            30 => self.look(),
            // Nothing has been read, and it is said that something was.
            _ => {
                if let Some(own) = &self.transport {
                    self.session.handle_read(own.id, tape.index(64));
                    self.attacked = true;
                }
            }
        }
    }

    /// The application closes it, whether anybody is there at the other end or not.
    fn finish(mut self, answers: bool) -> Report {
        self.blocked = false;
        self.poll();
        let began = self.now;
        self.close(0);
        self.poll();
        for _ in 0..100 {
            if self.closed {
                break;
            }
            if answers {
                self.carry_to_server();
                self.carry_to_client(usize::MAX);
                self.poll();
            }
            if !self.closed {
                self.now = self.wait.expect("waits for nothing").max(self.now);
                self.poll();
            }
        }
        assert!(self.closed && self.stopped, "no end: {:?}", self.session);
        let took = self.now.saturating_since(began);
        assert!(took <= Duration::from_secs(20), "an end after {took:?}");
        self.check_end();
        Report {
            times_online: self.times_online,
            received: self.store.received.len(),
            heard: self.heard.len(),
            returned: self.returned.len(),
        }
    }
}
