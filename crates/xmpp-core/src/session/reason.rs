//! Why a session is not online.

use alloc::string::String;
use core::fmt;

use crate::error::Error;

/// Why a session went offline, or did not come online.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The stream ended by this error.
    Stream(Error),
    /// The server closed its stream in order, without a word why.
    ClosedByServer,
    /// The transport broke; the driver's words for it.
    Transport(String),
    /// Nothing could be connected to: what was tried, and what came of it.
    Unreachable(String),
    /// DNS says that the domain does not offer the service: the target of its SRV
    /// record is `.` (`6120-3.2.1-01`).
    NotOffered,
    /// More redirections in a row than are followed (`6120-4.9.3.19-07`).
    TooManyRedirects,
    /// [`Session::reconnect_now`](super::Session::reconnect_now).
    Reconnecting,
    /// [`Session::close`](super::Session::close).
    Closed,
}

impl Reason {
    /// The stream's error, if it is one.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::Stream(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::ClosedByServer => f.write_str("the server closed the stream"),
            Self::Transport(message) => write!(f, "the connection broke: {message}"),
            Self::Unreachable(message) => f.write_str(message),
            Self::NotOffered => f.write_str(
                "the domain says that it does not offer the service (its SRV target is `.`)",
            ),
            Self::TooManyRedirects => {
                f.write_str("the server redirects too often (RFC 6120 section 4.9.3.19)")
            }
            Self::Reconnecting => f.write_str("connecting anew, as asked"),
            Self::Closed => f.write_str("closed here, as asked"),
        }
    }
}

impl core::error::Error for Reason {}
