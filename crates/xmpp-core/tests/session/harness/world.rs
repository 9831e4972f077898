//! What a driver of a session has, and what it has been told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use xmpp_core::requests::RequestId;
use xmpp_core::session::{Attempt, AttemptId, Lookup, Session};
use xmpp_core::time::Instant;
use xmpp_core::xml::Element;

use super::honest::{Honest, Store};
use super::operations::part::T0;
use super::operations::tape::Tape;
use super::options::Options;
use super::tls::Clear;

/// The transport that the stream is on.
pub(super) struct Transport {
    pub(super) id: AttemptId,
    pub(super) web: bool,
    pub(super) server: Honest,
    pub(super) to_server: Vec<Vec<u8>>,
    pub(super) to_client: VecDeque<Vec<u8>>,
    /// The session's side has ended.
    pub(super) shut: bool,
    /// The end, or a break, has been told to the session.
    pub(super) cut: bool,
    /// The session has said that it has authenticated.
    pub(super) authenticated: bool,
}

pub(super) struct World {
    pub(super) options: Options,
    pub(super) session: Session,
    pub(super) now: Instant,
    pub(super) lookups: Vec<Lookup>,
    pub(super) attempts: Vec<Attempt>,
    /// All that ever were.
    pub(super) known: BTreeSet<AttemptId>,
    /// What is not the session's any more.
    pub(super) gone: Vec<AttemptId>,
    /// Given up, and said to be open nevertheless.
    pub(super) to_close: Vec<AttemptId>,
    pub(super) transport: Option<Transport>,
    pub(super) store: Store,
    /// Transports take nothing.
    pub(super) blocked: bool,
    /// How many bytes they take at once.
    pub(super) piece: usize,
    /// The session has been told something that no honest server has said.
    pub(super) attacked: bool,
    pub(super) online: bool,
    pub(super) stopped: bool,
    /// The application has closed it.
    pub(super) closing: bool,
    /// All is said, and all is closed.
    pub(super) closed: bool,
    pub(super) wait: Option<Instant>,
    /// When it was polled last.
    pub(super) polled: Instant,
    /// The numbers of messages: made, and taken.
    pub(super) made: u32,
    pub(super) taken: Vec<u32>,
    /// How many of them while offline, since the last time online.
    pub(super) queued: usize,
    /// How often they were handed back.
    pub(super) returned: BTreeMap<u32, usize>,
    pub(super) requests: BTreeSet<RequestId>,
    /// The numbers of what servers have said, and of what has come.
    pub(super) said: u32,
    pub(super) heard: Vec<u32>,
    pub(super) latest: Option<Element>,
    pub(super) times_online: usize,
}

impl World {
    pub(super) fn new(tape: &mut Tape<'_>) -> Self {
        let options = Options::new(tape);
        let seed = [tape.byte(); 32];
        let session = if options.of_connection.plaintext {
            Session::new_dangerous_plaintext(options.session(), T0, seed)
        } else {
            Session::new(options.session(), Arc::new(Clear), T0, seed)
        };
        Self {
            options,
            session,
            now: T0,
            lookups: Vec::new(),
            attempts: Vec::new(),
            known: BTreeSet::new(),
            gone: Vec::new(),
            to_close: Vec::new(),
            transport: None,
            store: Store { forgot: !options.management, ..Store::default() },
            blocked: false,
            piece: usize::MAX,
            attacked: false,
            online: false,
            stopped: false,
            closing: false,
            closed: false,
            wait: None,
            polled: T0,
            made: 0,
            taken: Vec::new(),
            queued: 0,
            returned: BTreeMap::new(),
            requests: BTreeSet::new(),
            said: 0,
            heard: Vec::new(),
            latest: None,
            times_online: 0,
        }
    }
}
