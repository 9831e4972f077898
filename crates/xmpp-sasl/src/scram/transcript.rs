//! Whole exchanges with every input given: for vectors and inspectors.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::num::NonZeroU32;

use super::client::Setup;
use super::keys::ScramKeys;
use super::server::Challenge;
use crate::client::Error;
use crate::crypto::{Crypto, Hash};
use crate::grammar::{self, GssFlag, MessageError};
use crate::nonce::Nonce;
use crate::prepare::{Preparation as _, PrepareError, Purpose, Saslprep};
use crate::secret::Secret;
use crate::server::Failure;
use crate::shared::Shared;

/// All that an exchange of SCRAM depends on.
///
/// [`Inputs::transcript`] runs it through the same code as a
/// [`client::Exchange`](crate::client::Exchange) and a
/// [`server::Exchange`](crate::server::Exchange), but with nonces, salt and
/// channel binding as they are given, whether or not a policy would allow them.
/// To log in, use those.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The hash of the mechanism's name.
    pub hash: Hash,
    /// The user name, not prepared and not escaped.
    pub username: &'a str,
    /// The password, not prepared.
    pub password: &'a str,
    /// The client's nonce.
    pub client_nonce: &'a str,
    /// What the server appends to it.
    pub server_nonce: &'a str,
    /// The salt.
    pub salt: &'a [u8],
    /// The iteration count.
    pub iterations: NonZeroU32,
    /// `gs2-header`: `n,,` or `p=tls-exporter,a=juliet,`.
    pub gs2_header: &'a str,
    /// The channel binding data; only with `p=`.
    pub binding_data: &'a [u8],
}

/// The four messages of an exchange that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transcript {
    /// `client-first-message`.
    pub client_first: String,
    /// `server-first-message`.
    pub server_first: String,
    /// `client-final-message`.
    pub client_final: String,
    /// `server-final-message`.
    pub server_final: String,
}

/// Why there is no transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// The user name cannot be prepared.
    Username(PrepareError),
    /// The password cannot be prepared.
    Password(PrepareError),
    /// A nonce is empty or has other than printable ASCII.
    Nonce,
    /// The salt is empty.
    EmptySalt,
    /// Fewer than 4096 iterations or more than 4,000,000.
    Iterations,
    /// This is no GS2 header.
    Gs2Header(MessageError),
    /// Channel binding data without `p=`, or `p=` without data.
    BindingData,
    /// The client would give up.
    Client(Error),
    /// The server would fail the exchange.
    Server(Failure),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Username(error) => write!(f, "the user name cannot be used: {error}"),
            Self::Password(error) => write!(f, "the password cannot be used: {error}"),
            Self::Nonce => f.write_str(
                "a nonce has 1 to 256 printable ASCII characters and no comma \
                 (RFC 5802 section 7)",
            ),
            Self::EmptySalt => f.write_str("the salt is empty"),
            Self::Iterations => f.write_str(
                "the iteration count is out of the bounds that clients accept, 4096 to 4000000 \
                 (RFC 5802 section 5.1, RFC 7677 section 4)",
            ),
            Self::Gs2Header(error) => write!(f, "not a gs2-header (RFC 5801 section 4) {error}"),
            Self::BindingData => f.write_str(
                "channel binding data goes with `p=` and `p=` with channel binding data \
                 (RFC 5802 section 7, `cbind-input`)",
            ),
            Self::Client(error) => error.fmt(f),
            Self::Server(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for InputError {}

impl Inputs<'_> {
    /// Runs the exchange.
    ///
    /// ```
    /// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
    /// use core::num::NonZeroU32;
    /// use xmpp_sasl::crypto::{self, Hash};
    /// use xmpp_sasl::scram::Inputs;
    ///
    /// // RFC 5802 section 5.
    /// let inputs = Inputs {
    ///     hash: Hash::Sha1,
    ///     username: "user",
    ///     password: "pencil",
    ///     client_nonce: "fyko+d2lbbFgONRv9qkxdawL",
    ///     server_nonce: "3rfcNHYJY1ZVvWVs7j",
    ///     salt: b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76",
    ///     iterations: NonZeroU32::new(4096).unwrap(),
    ///     gs2_header: "n,,",
    ///     binding_data: &[],
    /// };
    /// let transcript = inputs.transcript(crypto::provider()).unwrap();
    /// assert_eq!(transcript.server_final, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The inputs make no exchange.
    pub fn transcript(
        &self,
        crypto: impl Into<Shared<dyn Crypto>>,
    ) -> Result<Transcript, InputError> {
        let username =
            Saslprep.username(self.username, Purpose::Query).map_err(InputError::Username)?;
        let password =
            Saslprep.password(self.password, Purpose::Query).map_err(InputError::Password)?;
        let nonce = |text| Nonce::from_text(text).ok_or(InputError::Nonce);
        let client_nonce = nonce(self.client_nonce)?;
        nonce(self.server_nonce)?;
        if self.salt.is_empty() {
            return Err(InputError::EmptySalt);
        }
        let bounds =
            crate::client::Policy::LEAST_ITERATIONS..=crate::client::Policy::MOST_ITERATIONS;
        if !bounds.contains(&self.iterations.get()) {
            return Err(InputError::Iterations);
        }
        let header = grammar::whole(self.gs2_header.as_bytes(), grammar::gs2_header)
            .map_err(InputError::Gs2Header)?;
        if matches!(header.flag, GssFlag::Used(_)) == self.binding_data.is_empty() {
            return Err(InputError::BindingData);
        }

        let crypto = crypto.into();
        let setup = Box::new(Setup {
            crypto: crypto.clone(),
            hash: self.hash,
            username: username.clone().into_owned(),
            password: Some(Secret::from(&*password)),
            cached: None,
            gs2_header: self.gs2_header.into(),
            binding_data: self.binding_data.into(),
            iterations: bounds,
            offer_hash: String::new(),
            require_offer_hash: false,
        });
        let (client_first, client) = setup.start(client_nonce);
        let bare = client_first.get(self.gs2_header.len()..).unwrap_or_default();
        let keys =
            ScramKeys::derive(&*crypto, self.hash, password.as_bytes(), self.salt, self.iterations);
        let challenge = Challenge {
            hash: self.hash,
            client_nonce: self.client_nonce.into(),
            server_nonce: self.server_nonce.into(),
            client_first_bare: String::from_utf8_lossy(bare).into_owned(),
            channel_binding: [self.gs2_header.as_bytes(), self.binding_data].concat(),
            offer_hash: None,
        };
        let (server_first, server) = challenge.send(keys.to_stored(), true);
        let challenged = client.challenge(&server_first).map_err(InputError::Client)?;
        let (client_final, client) = challenged.prove(keys);
        let server_final = server.verify(&*crypto, &client_final).map_err(InputError::Server)?;
        client.verify(&server_final).map_err(InputError::Client)?;
        let text = |message| String::from_utf8_lossy(message).into_owned();
        Ok(Transcript {
            client_first: text(&client_first),
            server_first: text(&server_first),
            client_final: text(&client_final),
            server_final: text(&server_final),
        })
    }
}
