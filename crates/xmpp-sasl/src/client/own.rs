//! The client's half of a mechanism of the caller's own.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::{Credentials, Error, Refusal};
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::nonce::Nonce;
use crate::own::Own;

/// The client's half of a mechanism that this crate does not have, for
/// [`Policy::with_mechanism`](super::Policy::with_mechanism).
///
/// Policies treat it by what its [description](Own) says. An
/// [`Authenticated`](super::Authenticated) of such an exchange names the
/// mechanism as [`Mechanism::Own`](crate::Mechanism::Own): no mechanism of the
/// caller's can pass for one of this crate's.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use std::sync::Arc;
/// use xmpp_sasl::client::{Credentials, Error, Offer, OwnExchange, OwnMechanism, Policy, Refusal};
/// use xmpp_sasl::{ChannelBindings, Nonce, Own, Strength};
///
/// /// The user name, and four digits when asked for them.
/// #[derive(Debug)]
/// struct Pin(&'static str);
///
/// impl OwnMechanism for Pin {
///     fn describe(&self) -> Own {
///         Own::new("X-PIN", Strength::SecretRevealed).unwrap().without_password()
///     }
///     fn prepare(
///         &self,
///         credentials: &Credentials,
///         _: &ChannelBindings,
///     ) -> Result<Box<dyn OwnExchange>, Refusal> {
///         Ok(Box::new(PinExchange { user: credentials.username().into(), pin: Some(self.0) }))
///     }
/// }
///
/// struct PinExchange {
///     user: String,
///     pin: Option<&'static str>,
/// }
///
/// impl OwnExchange for PinExchange {
///     fn start(&mut self, _: Nonce) -> Option<Vec<u8>> {
///         Some(self.user.clone().into_bytes())
///     }
///     fn challenge(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
///         self.pin.take().map(Into::into).ok_or(Error::UnexpectedChallenge)
///     }
///     fn success(self: Box<Self>, _: Option<&[u8]>) -> Result<(), Error> {
///         if self.pin.is_none() { Ok(()) } else { Err(Error::SuccessWithoutProof) }
///     }
/// }
///
/// let start = Policy::default()
///     .with_mechanism(Arc::new(Pin("1234")))
///     .choose(
///         &Offer::new(&["X-PIN"]),
///         &ChannelBindings::over_tls(),
///         &Credentials::new("juliet"),
///     )
///     .unwrap()
///     .start(Nonce::from_random([7; 18]));
/// assert_eq!(start.initial_response.as_deref(), Some(&b"juliet"[..]));
/// let (response, exchange) = start.exchange.challenge_in_place(b"PIN?").unwrap();
/// assert_eq!(response, b"1234");
/// assert_eq!(exchange.success(None).unwrap().mechanism().name(), "X-PIN");
/// # }
/// ```
pub trait OwnMechanism: fmt::Debug + Send + Sync {
    /// Its name and what it is worth: the same at every call.
    fn describe(&self) -> Own;

    /// An exchange with these credentials on this connection. It may never be
    /// started, if another mechanism on offer is better.
    ///
    /// # Errors
    ///
    /// The credentials or the connection have not what it needs.
    fn prepare(
        &self,
        credentials: &Credentials,
        bindings: &ChannelBindings,
    ) -> Result<Box<dyn OwnExchange>, Refusal>;
}

/// The client's exchange of an [`OwnMechanism`]. It is dropped after an error,
/// and after success.
pub trait OwnExchange: Send {
    /// What it will be bound to, for [`Pin`](super::Pin)s and logs.
    fn channel_binding(&self) -> Option<ChannelBindingType> {
        None
    }

    /// Begins: the initial response, or `None` if the server speaks first.
    fn start(&mut self, nonce: Nonce) -> Option<Vec<u8>>;

    /// Answers a challenge, of at most 16 KiB.
    ///
    /// # Errors
    ///
    /// The exchange is to be aborted.
    fn challenge(&mut self, data: &[u8]) -> Result<Vec<u8>, Error>;

    /// Takes the server's success.
    ///
    /// # Errors
    ///
    /// The server has not proved what the mechanism makes it prove.
    fn success(self: Box<Self>, additional_data: Option<&[u8]>) -> Result<(), Error>;
}
