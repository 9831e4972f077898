//! How a stream is laid on its transport, and what that means for writing.

use crate::{Ns, ns};

/// How the parts of a stream are told apart on its transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XMPP has two: RFC 6120 and RFC 7395")]
pub enum Framing {
    /// One XML document as long as the stream, over a transport of bytes
    /// (RFC 6120, section 4): `<stream:stream>`, first-level elements with
    /// white space between them, `</stream:stream>`. What the header declares
    /// is in scope everywhere.
    #[default]
    Stream,
    /// One XML document a message, over a transport that has messages
    /// (RFC 7395): `<open/>`, first-level elements, `<close/>`. Nothing is
    /// inherited from the header.
    WebSocket,
}

/// What whoever writes into a stream must know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair, to be taken apart")]
pub struct StreamContext {
    /// The content namespace: that of the stanzas (RFC 6120, section 4.8.2).
    /// In [`Framing::Stream`] it is also the default namespace that the header
    /// has declared.
    pub content: Ns<'static>,
    /// How the stream is framed.
    pub framing: Framing,
}

impl StreamContext {
    /// The default namespace outside all first-level elements.
    pub(crate) fn default_namespace(self) -> Ns<'static> {
        match self.framing {
            Framing::Stream => self.content,
            Framing::WebSocket => ns::NONE,
        }
    }
}

impl Default for StreamContext {
    /// That of a client over TCP.
    fn default() -> Self {
        Self { content: ns::CLIENT, framing: Framing::Stream }
    }
}

impl From<Ns<'static>> for StreamContext {
    /// That content namespace, in [`Framing::Stream`].
    fn from(content: Ns<'static>) -> Self {
        Self { content, framing: Framing::Stream }
    }
}
