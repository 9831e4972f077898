//! Why a question of dialback was not asked.

use core::fmt;

/// Why a pair was not requested, or a claim not passed on. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PairError {
    /// The stream is not ready for it yet.
    NotEstablished,
    /// The stream is closed or closing from our side.
    Closed,
    /// The policy has no dialback here, or the peer knows none.
    NoDialback,
    /// Stanzas go the other way alone: the peer has opened the stream, and XEP-0288 was
    /// not agreed on.
    WrongDirection,
    /// The peer has not said that it handles errors of dialback: it is not asked for a
    /// further domain of its own (XEP-0220 section 2.5.2).
    NoErrors,
    /// On a stream that the peer has opened, only domains that it has proved can be
    /// spoken to (XEP-0288 section 2.2).
    NotProved,
    /// The claim came on this very stream (XEP-0288 section 2.2): nobody vouches for
    /// himself.
    SameStream,
    /// As many pairs are authorised, or as many questions open, as may be.
    TooMany {
        /// The limit.
        max: usize,
    },
}

impl fmt::Display for PairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEstablished => f.write_str("the stream is not established yet"),
            Self::Closed => f.write_str("the stream is closed"),
            Self::NoDialback => f.write_str("there is no dialback on this stream"),
            Self::WrongDirection => f.write_str("the peer may send on this stream, we may not"),
            Self::NoErrors => {
                f.write_str("the peer handles no errors of dialback (XEP-0220 section 2.5.2)")
            }
            Self::NotProved => f.write_str("the peer has not proved that domain"),
            Self::SameStream => f.write_str("the claim came on this very stream"),
            Self::TooMany { max } => write!(f, "there are {max} already"),
        }
    }
}

impl core::error::Error for PairError {}
