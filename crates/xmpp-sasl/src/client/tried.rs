//! What to try after a failure.

use alloc::vec::Vec;

use crate::mechanism::Mechanism;
use crate::reason::FailureReason;

/// What has been tried on a connection, and how it failed: the server lets a
/// client try again within bounds (RFC 6120 section 6.4.5; RFC 4422 section
/// 3.4), and [`Offer::after`](super::Offer::after) leaves out what is not to be
/// tried again.
///
/// | the server said | left out |
/// |---|---|
/// | [`MechanismUnavailable`](FailureReason::MechanismUnavailable), [`EncryptionRequired`](FailureReason::EncryptionRequired), [`IncorrectEncoding`](FailureReason::IncorrectEncoding), [`Malformed`](FailureReason::Malformed), [`Temporary`](FailureReason::Temporary) | the mechanism |
/// | [`MechanismTooWeak`](FailureReason::MechanismTooWeak) | the mechanism and all that are worth no more |
/// | [`CredentialsRejected`](FailureReason::CredentialsRejected), [`CredentialsExpired`](FailureReason::CredentialsExpired), [`AuthorizationDenied`](FailureReason::AuthorizationDenied) | all mechanisms that use the same secret: a wrong password is not sent in another form, and after a token comes the password |
/// | [`AccountDisabled`](FailureReason::AccountDisabled), [`Aborted`](FailureReason::Aborted) | everything |
///
/// Each failure takes at least one mechanism away, so that there is an end to
/// it. What is left is judged by the same policy as before: floor, pin and
/// channel binding hold.
///
/// An exchange that this side gave up with an [`Error`](super::Error) is not to
/// be followed by another on the same connection.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use xmpp_sasl::client::{Credentials, Offer, Policy, Token, Tried};
/// use xmpp_sasl::{ChannelBindings, FailureReason, Mechanism};
///
/// let token = Token::new(Mechanism::from_name("HT-SHA-256-NONE").unwrap(), "of last week");
/// let juliet = Credentials::new("juliet").with_password("r0m30").with_token(token);
/// let offer = Offer::new(&["SCRAM-SHA-256", "SCRAM-SHA-1"])
///     .with_token_mechanisms(&["HT-SHA-256-NONE"]);
/// let (policy, tls) = (Policy::default(), ChannelBindings::over_tls());
///
/// let mut tried = Tried::default();
/// let mut names = Vec::new();
/// while let Ok(choice) = policy.choose(&offer.after(&tried), &tls, &juliet) {
///     names.push(choice.mechanism().name());
///     // ... and the server refuses:
///     tried.failed(choice.mechanism(), FailureReason::CredentialsRejected);
/// }
/// assert_eq!(names, ["HT-SHA-256-NONE", "SCRAM-SHA-256"]);
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    failed: Vec<(Mechanism, FailureReason)>,
}

impl Tried {
    /// Takes note that the server failed an exchange of `mechanism`.
    pub fn failed(&mut self, mechanism: Mechanism, reason: FailureReason) {
        self.failed.push((mechanism, reason));
    }

    /// How many exchanges have failed.
    pub const fn count(&self) -> usize {
        self.failed.len()
    }

    /// Why `mechanism` is not to be tried, if it is not.
    pub(super) fn bars(&self, mechanism: Mechanism) -> Option<FailureReason> {
        let bars = |&(failed, reason): &(Mechanism, FailureReason)| {
            let barred = match reason {
                FailureReason::AccountDisabled | FailureReason::Aborted => true,
                FailureReason::CredentialsRejected
                | FailureReason::CredentialsExpired
                | FailureReason::AuthorizationDenied => {
                    SecretUsed::by(failed) == SecretUsed::by(mechanism)
                }
                FailureReason::MechanismTooWeak => mechanism.rank() <= failed.rank(),
                FailureReason::MechanismUnavailable
                | FailureReason::EncryptionRequired
                | FailureReason::IncorrectEncoding
                | FailureReason::Malformed
                | FailureReason::Temporary => mechanism == failed,
            };
            barred.then_some(reason)
        };
        self.failed.iter().find_map(bars)
    }
}

/// What a mechanism works with.
#[derive(PartialEq, Eq)]
enum SecretUsed {
    Password,
    Token,
    Bearer,
    Certificate,
    Nothing,
    Own(&'static str),
}

impl SecretUsed {
    const fn by(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::Plain | Mechanism::Scram { .. } => Self::Password,
            Mechanism::HashedToken(_) => Self::Token,
            Mechanism::OauthBearer => Self::Bearer,
            Mechanism::External => Self::Certificate,
            Mechanism::Anonymous => Self::Nothing,
            Mechanism::Own(own) if own.uses_password() => Self::Password,
            Mechanism::Own(own) => Self::Own(own.name()),
        }
    }
}
