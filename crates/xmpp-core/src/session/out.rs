//! What waits to be told to the driver.

use crate::requests::RequestId;

use super::output::{Attempt, AttemptId, Lookup, SessionEvent, SessionOutput};

/// An output that borrows nothing.
pub(crate) enum Out {
    Event(SessionEvent),
    LookUp(Lookup),
    Connect(Attempt),
    CloseTransport(AttemptId),
}

impl Out {
    pub(super) fn is_unanswered(&self, request: RequestId) -> bool {
        matches!(self, Self::Event(SessionEvent::Unanswered { request: of }) if *of == request)
    }
}

impl From<Out> for SessionOutput<'_> {
    fn from(out: Out) -> Self {
        match out {
            Out::Event(event) => Self::Event(event),
            Out::LookUp(lookup) => Self::LookUp(lookup),
            Out::Connect(attempt) => Self::Connect(attempt),
            Out::CloseTransport(id) => Self::CloseTransport(id),
        }
    }
}

/// Numbers for questions and attempts, none of them twice.
#[derive(Default)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        self.0
    }
}
