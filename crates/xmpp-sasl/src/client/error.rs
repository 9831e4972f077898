//! Why a client gives up an exchange.

use alloc::string::String;
use core::fmt;

use crate::grammar::MessageError;

/// Why the client does not go on with an exchange. Unless the server has
/// failed it already, abort it (RFC 4422 section 3.5), and do not trust the
/// connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A challenge that the mechanism has no place for.
    UnexpectedChallenge,
    /// Additional data with success that the mechanism has no place for.
    UnexpectedData,
    /// A SCRAM message that is not one.
    Message(MessageError),
    /// The server asks for an extension to be understood (`m=`), and this
    /// version of SCRAM has none (RFC 5802 section 5.1).
    MandatoryExtension,
    /// The server's nonce does not begin with the client's, or adds nothing to
    /// it (RFC 5802 section 5.1).
    NonceNotExtended,
    /// Fewer iterations than the policy allows: the password would be easy to
    /// guess from the exchange.
    TooFewIterations {
        /// What the server asked for.
        count: u32,
        /// What the policy asks for.
        least: u32,
    },
    /// More iterations than the policy allows: the server would keep this
    /// machine busy.
    TooManyIterations {
        /// What the server asked for.
        count: u32,
        /// What the policy allows.
        most: u32,
    },
    /// There is no password, and the cached keys are for another salt or
    /// iteration count: ask for the password.
    KeysOutdated,
    /// The keys provided are not the ones asked for: a mistake of this program.
    WrongKeys,
    /// What the server offered is not what arrived (XEP-0474): somebody
    /// changed the lists on the way.
    OfferAltered,
    /// The server did not say what it offered (XEP-0474), and the policy or the
    /// choice depends on it.
    OfferNotConfirmed,
    /// The server says that the exchange failed (`e=`, RFC 5802 section 7).
    Server(String),
    /// The server's signature is wrong: it does not know the password.
    ServerSignature,
    /// The server reports success without having proved that it knows the
    /// secret.
    SuccessWithoutProof,
    /// The server rejected the bearer token; this is what it says about it, in
    /// JSON (RFC 7628 section 3.2.2).
    BearerRejected(String),
    /// What an [own](super::OwnMechanism) mechanism says.
    Own(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedChallenge => {
                f.write_str("the server sent a challenge that the mechanism has no place for")
            }
            Self::UnexpectedData => {
                f.write_str("the server sent data with success that the mechanism has no place for")
            }
            Self::Message(error) => write!(f, "the server's SCRAM message is malformed {error}"),
            Self::MandatoryExtension => f.write_str(
                "the server asks for an extension to be understood (RFC 5802 section 5.1, `m=`)",
            ),
            Self::NonceNotExtended => f.write_str(
                "the server's nonce does not extend the client's (RFC 5802 section 5.1, `r=`)",
            ),
            Self::TooFewIterations { count, least } => write!(
                f,
                "the server asks for {count} iterations, fewer than the {least} of the policy"
            ),
            Self::TooManyIterations { count, most } => write!(
                f,
                "the server asks for {count} iterations, more than the {most} of the policy"
            ),
            Self::KeysOutdated => f.write_str(
                "the cached keys are for another salt or iteration count and there is no password",
            ),
            Self::WrongKeys => f.write_str(
                "the keys provided are for another hash, salt or iteration count than asked for",
            ),
            Self::OfferAltered => f.write_str(
                "the mechanisms or channel bindings that the server offered were changed on the \
                 way (XEP-0474): somebody is in the middle",
            ),
            Self::OfferNotConfirmed => {
                f.write_str("the server does not confirm what it offered (XEP-0474)")
            }
            Self::Server(error) => write!(f, "the server reports `{error}`"),
            Self::ServerSignature => f.write_str(
                "the server's signature is wrong: it does not know the password \
                 (RFC 5802 section 5, step 4)",
            ),
            Self::SuccessWithoutProof => f.write_str(
                "the server reports success without having proved that it knows the secret",
            ),
            Self::Own(error) => f.write_str(error),
            Self::BearerRejected(json) => write!(f, "the server rejected the token: {json}"),
        }
    }
}

impl core::error::Error for Error {}
