//! Where the host puts what is to be sent.

use xmpp_stanza::StreamCondition;
use xmpp_xml::{WriteXml, Writer, ns};

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A connected resource, by a number that the caller picks and does not use again while
/// the session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "made by callers")]
pub struct SessionId(pub u64);

/// Where the host puts what is to be sent. The driver's connections stand behind it.
///
/// The host calls it while it handles a stanza, in the order in which things are to be
/// sent: within a session the order must be kept (RFC 6120 §10.1). It must not wait. A
/// session whose stream takes no more is the driver's to end, after the host has returned.
pub trait Outbox {
    /// Send this stanza on the stream of that session, which has the content namespace
    /// `jabber:client`.
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml);

    /// Close the stream of that session with this stream error. The host has forgotten the
    /// session; [`session_ended`](crate::Host::session_ended) need not be called for it.
    fn close(&mut self, session: SessionId, condition: StreamCondition);
}

impl<O: Outbox + ?Sized> Outbox for &mut O {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        (**self).send(session, stanza);
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        (**self).close(session, condition);
    }
}

/// An outbox that keeps all in one queue, for drivers that hand it on and for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queue {
    /// What is to be sent, oldest first.
    pub output: VecDeque<Output>,
}

/// One entry of a [`Queue`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle what an outbox can be told")]
pub enum Output {
    /// The bytes of one stanza, for a stream with the content namespace `jabber:client`.
    Stanza(SessionId, Vec<u8>),
    /// Close the session's stream with this error.
    Close(SessionId, StreamCondition),
}

impl Queue {
    /// An empty queue.
    #[must_use]
    pub const fn new() -> Self {
        Self { output: VecDeque::new() }
    }
}

impl Outbox for Queue {
    fn send(&mut self, session: SessionId, stanza: &dyn WriteXml) {
        let mut bytes = Vec::new();
        let mut writer = Writer::in_stream(&mut bytes, ns::CLIENT);
        stanza.write_xml(&mut writer);
        // What the host sends was either received, hence checked, or made of checked parts.
        if writer.finish().is_ok() {
            self.output.push_back(Output::Stanza(session, bytes));
        }
    }

    fn close(&mut self, session: SessionId, condition: StreamCondition) {
        self.output.push_back(Output::Close(session, condition));
    }
}
