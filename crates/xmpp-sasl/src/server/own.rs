//! The server's half of a mechanism of the caller's own.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::nonce::Nonce;
use crate::own::Own;
use crate::reason::FailureReason;
use crate::secret::Secret;

/// The server's half of a mechanism that this crate does not have, for
/// [`Config::with_mechanism`](super::Config::with_mechanism).
///
/// What it decides is whether the client has proved who it is. Whether the
/// client may act as whom it asked for, and whether the account is barred, is
/// decided as for any other mechanism; and the proof that comes of it names the
/// mechanism as [`Mechanism::Own`](crate::Mechanism::Own).
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use std::sync::Arc;
/// use xmpp_sasl::server::{
///     Answer, Config, Exchange, OwnExchange, OwnMechanism, OwnStep, Policy, Step,
/// };
/// use xmpp_sasl::{ChannelBindings, FailureReason, Nonce, Own, Secret, Strength};
///
/// /// The user name, and four digits when asked for them.
/// #[derive(Debug)]
/// struct Pin;
///
/// impl OwnMechanism for Pin {
///     fn describe(&self) -> Own {
///         Own::new("X-PIN", Strength::SecretRevealed).unwrap().without_password()
///     }
///     fn start(&self, _: &ChannelBindings, _: Nonce) -> Box<dyn OwnExchange> {
///         Box::new(PinExchange::default())
///     }
/// }
///
/// #[derive(Default)]
/// struct PinExchange {
///     user: Option<String>,
///     given: Option<Secret>,
/// }
///
/// impl OwnExchange for PinExchange {
///     fn respond(&mut self, response: Option<&[u8]>) -> Result<OwnStep, FailureReason> {
///         match (&self.user, response) {
///             (None, None) => Ok(OwnStep::Challenge(b"User?".to_vec())),
///             (None, Some(user)) => {
///                 let user = String::from_utf8(user.into());
///                 self.user = Some(user.map_err(|_| FailureReason::Malformed)?);
///                 Ok(OwnStep::Challenge(b"PIN?".to_vec()))
///             }
///             (Some(user), pin) => {
///                 self.given = Some(Secret::new(pin.unwrap_or_default()));
///                 Ok(OwnStep::Lookup { username: user.clone() })
///             }
///         }
///     }
///     fn provide(&mut self, found: Option<Secret>) -> Result<OwnStep, FailureReason> {
///         match (self.user.take(), found) {
///             (Some(user), found @ Some(_)) if self.given == found => {
///                 Ok(OwnStep::Success { authcid: user, authzid: None, additional_data: None })
///             }
///             _ => Err(FailureReason::CredentialsRejected),
///         }
///     }
/// }
///
/// let config = Config::new().with_mechanism(Arc::new(Pin));
/// let tls = ChannelBindings::over_tls();
/// let offer = Policy::default().offer(&config, &tls);
/// assert_eq!(offer.mechanisms(), ["X-PIN"]);
/// let nonce = Nonce::from_random([7; 18]);
/// let exchange = Exchange::start("X-PIN", &config, &offer, &tls, nonce).unwrap();
/// let Step::Challenge { exchange, .. } = exchange.respond(Some(b"juliet")).unwrap() else {
///     panic!()
/// };
/// let Step::CredentialsWanted { pending, .. } = exchange.respond(Some(b"1234")).unwrap() else {
///     panic!()
/// };
/// let step = pending.provide(Answer::own(Secret::from("1234"))).unwrap();
/// let Step::Success { authenticated, .. } = step else { panic!() };
/// assert_eq!((authenticated.authcid(), authenticated.mechanism().name()), ("juliet", "X-PIN"));
/// # }
/// ```
pub trait OwnMechanism: fmt::Debug + Send + Sync {
    /// Its name and what it is worth: the same at every call.
    fn describe(&self) -> Own;

    /// An exchange on a connection with these channel bindings.
    fn start(&self, bindings: &ChannelBindings, nonce: Nonce) -> Box<dyn OwnExchange>;
}

/// The server's exchange of an [`OwnMechanism`]. It is dropped after an error,
/// and after success.
pub trait OwnExchange: Send {
    /// What it is bound to, once it succeeds.
    fn channel_binding(&self) -> Option<ChannelBindingType> {
        None
    }

    /// Takes a response of the client. `None` is the absence of an initial
    /// response, or of data where the protocol can tell that from data of no
    /// length.
    ///
    /// # Errors
    ///
    /// The exchange failed, for this reason.
    fn respond(&mut self, response: Option<&[u8]>) -> Result<OwnStep, FailureReason>;

    /// Takes what was [looked up](OwnStep::Lookup): `None` if there is no such
    /// account.
    ///
    /// # Security
    ///
    /// Do for an account that does not exist what is done for one that does,
    /// and fail with the same reason as for a wrong proof.
    ///
    /// # Errors
    ///
    /// The exchange failed, for this reason.
    fn provide(&mut self, found: Option<Secret>) -> Result<OwnStep, FailureReason>;
}

/// What comes of a step of an [`OwnExchange`].
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "these are the caller's to make")]
pub enum OwnStep {
    /// Send this.
    Challenge(Vec<u8>),
    /// Ask for what is kept of this account:
    /// [`Query::Own`](super::Query::Own), with the name prepared.
    Lookup {
        /// Whose.
        username: String,
    },
    /// The client has proved who it is.
    Success {
        /// Who it is.
        authcid: String,
        /// Whom it asked to act as, if it did.
        authzid: Option<String>,
        /// What goes with success: `Some` of something, or `None`.
        additional_data: Option<Vec<u8>>,
    },
}
