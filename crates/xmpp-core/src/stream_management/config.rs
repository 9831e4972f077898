//! What a side wants of stream management.

use alloc::string::String;
use core::time::Duration;

/// What a side wants of stream management (XEP-0198), and how much it keeps for
/// it: part of [`ClientConfig`](crate::ClientConfig) and
/// [`HostConfig`](crate::HostConfig).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamManagement {
    /// Whether the stream is to be resumable after its connection is lost. Of a
    /// server: it is then asked
    /// [`ResumeWanted`](crate::ServerEvent::ResumeWanted).
    pub resume: bool,
    /// For how long after that: of a client what it would like, of a server at
    /// most this. Whole seconds are told; `None` leaves it to the other side, or
    /// tells nothing.
    pub max: Option<Duration>,
    /// Of a server: where clients are to connect to for a resumption, as
    /// `domainpart:port` (RFC 6120 section 4.9.3.19).
    pub location: Option<String>,
    /// How many stanzas are kept that the peer has not acknowledged. While there are
    /// as many, sending is refused by [`SendError::QueueFull`](crate::SendError::QueueFull).
    pub max_stanzas: u32,
    /// How many bytes of them are kept. A single stanza may be longer.
    pub max_bytes: usize,
    /// An acknowledgement is requested once this many stanzas have been sent
    /// since the last request, and at the latest when half of what is kept has
    /// been used up. One request is under way at a time.
    pub request_after_stanzas: u32,
    /// An acknowledgement is requested once this many bytes of stanzas have been sent
    /// since the last request.
    pub request_after_bytes: usize,
    /// An acknowledgement is requested this long after the last stanza was sent.
    pub request_after: Duration,
    /// While a request is not answered the peer may be silent for so long, then
    /// it is gone: the connection ends by
    /// [`Error::TimedOut`](crate::Error::TimedOut), and can be resumed. `None`:
    /// for as long as it likes.
    pub answer_within: Option<Duration>,
}

impl StreamManagement {
    /// A client's: resumable, for as long as the server likes. 4,096 stanzas and
    /// 4 MiB are kept. Requests after 10 stanzas, 32 KiB, or one second; the
    /// answer within a minute.
    #[must_use]
    pub const fn of_client() -> Self {
        Self {
            resume: true,
            max: None,
            location: None,
            max_stanzas: 4096,
            max_bytes: 4 << 20,
            request_after_stanzas: 10,
            request_after_bytes: 32 << 10,
            request_after: Duration::from_secs(1),
            answer_within: Some(Duration::from_secs(60)),
        }
    }

    /// A server's: resumable for five minutes. 2,048 stanzas and 1 MiB are kept for
    /// each client; else as a client's.
    #[must_use]
    pub const fn of_server() -> Self {
        let mut server = Self::of_client();
        server.max = Some(Duration::from_secs(300));
        server.max_stanzas = 2048;
        server.max_bytes = 1 << 20;
        server
    }

    /// Returns this value with acknowledgements alone.
    #[must_use]
    pub const fn without_resumption(mut self) -> Self {
        self.resume = false;
        self
    }

    /// [`max`](Self::max) on the wire.
    pub(crate) fn max_seconds(&self) -> Option<u32> {
        let max = self.max?.as_secs().max(1);
        Some(u32::try_from(max).unwrap_or(u32::MAX))
    }
}
