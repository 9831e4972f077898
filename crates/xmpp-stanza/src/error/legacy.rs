//! Errors as they were before RFC 3920: XEP-0086.

use super::{ErrorType, StanzaCondition};

/// What a numeric code stood for (XEP-0086, section 3). `payment-required` (402)
/// is not among RFC 6120's conditions any more.
pub(super) const fn meaning(code: u16) -> Option<(StanzaCondition, ErrorType)> {
    Some(match code {
        302 => (StanzaCondition::Redirect, ErrorType::Modify),
        400 => (StanzaCondition::BadRequest, ErrorType::Modify),
        401 => (StanzaCondition::NotAuthorized, ErrorType::Auth),
        402 => (StanzaCondition::UndefinedCondition, ErrorType::Auth),
        403 => (StanzaCondition::Forbidden, ErrorType::Auth),
        404 => (StanzaCondition::ItemNotFound, ErrorType::Cancel),
        405 => (StanzaCondition::NotAllowed, ErrorType::Cancel),
        406 => (StanzaCondition::NotAcceptable, ErrorType::Modify),
        407 => (StanzaCondition::RegistrationRequired, ErrorType::Auth),
        408 | 504 => (StanzaCondition::RemoteServerTimeout, ErrorType::Wait),
        409 => (StanzaCondition::Conflict, ErrorType::Cancel),
        500 => (StanzaCondition::InternalServerError, ErrorType::Wait),
        501 => (StanzaCondition::FeatureNotImplemented, ErrorType::Cancel),
        502 => (StanzaCondition::ServiceUnavailable, ErrorType::Wait),
        503 | 510 => (StanzaCondition::ServiceUnavailable, ErrorType::Cancel),
        _ => return None,
    })
}
