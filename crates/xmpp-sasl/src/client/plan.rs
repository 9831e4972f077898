//! How each mechanism starts.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::OwnExchange;
use super::exchange::State;
use crate::crypto::Digest;
use crate::nonce::Nonce;
use crate::scram;
use crate::secret::Secret;

/// A mechanism that the policy chose, with all that it needs.
pub(super) enum Plan {
    Scram(Box<scram::client::Setup>),
    /// PLAIN: the whole message.
    Plain(Secret),
    /// EXTERNAL: the authorization identity or nothing.
    External(String),
    /// ANONYMOUS: the trace or nothing.
    Anonymous(String),
    /// OAUTHBEARER: the whole message.
    Bearer(Secret),
    /// HT-: the whole message, and the proof to expect.
    Token {
        message: Vec<u8>,
        expected: Digest,
    },
    Own(Box<dyn OwnExchange>),
}

impl Plan {
    pub(super) fn start(self, nonce: Nonce) -> (Option<Vec<u8>>, State) {
        let (message, state) = match self {
            Self::Scram(setup) => {
                let (message, sent) = setup.start(nonce);
                (message, State::ScramFirst(Box::new(sent)))
            }
            Self::Plain(message) => (message.expose().into(), State::Done),
            Self::External(text) | Self::Anonymous(text) => (text.into_bytes(), State::Done),
            Self::Bearer(message) => (message.expose().into(), State::BearerSent),
            Self::Token { message, expected } => (message, State::TokenSent { expected }),
            Self::Own(mut exchange) => return (exchange.start(nonce), State::Own(exchange)),
        };
        (Some(message), state)
    }
}
