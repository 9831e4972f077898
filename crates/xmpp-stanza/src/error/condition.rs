//! The defined conditions of stanza errors, RFC 6120 section 8.3.3.

use crate::words::words;

words! {
    /// A defined condition of a stanza error (RFC 6120, section 8.3.3).
    ///
    /// A condition that is not in this list is to be treated as
    /// [`UndefinedCondition`](Self::UndefinedCondition) (`6120-8.3.2-05`);
    /// [`StanzaError::parse`](crate::StanzaError::parse) does that and keeps
    /// the element it did not know among the error's extensions.
    pub enum StanzaCondition {
        /// The XML does not conform to its schema or cannot be processed (8.3.3.1).
        BadRequest = "bad-request",
        /// A resource of that name or address exists already (8.3.3.2).
        Conflict = "conflict",
        /// What was asked for is not implemented here (8.3.3.3).
        FeatureNotImplemented = "feature-not-implemented",
        /// The requesting entity lacks the permission (8.3.3.4).
        Forbidden = "forbidden",
        /// No longer at this address, for good; may carry a new address (8.3.3.5).
        Gone = "gone",
        /// A fault of the server's own (8.3.3.6).
        InternalServerError = "internal-server-error",
        /// No such JID or item (8.3.3.7).
        ///
        /// Not to be told to somebody who may not know whether the entity is
        /// there: they get [`ServiceUnavailable`](Self::ServiceUnavailable).
        ItemNotFound = "item-not-found",
        /// An address that RFC 7622 does not allow (8.3.3.8).
        JidMalformed = "jid-malformed",
        /// Understood, but it does not meet the recipient's criteria (8.3.3.9).
        NotAcceptable = "not-acceptable",
        /// Nobody may do that here (8.3.3.10).
        NotAllowed = "not-allowed",
        /// Credentials are needed, or those given are not right (8.3.3.11).
        NotAuthorized = "not-authorized",
        /// A local policy is violated (8.3.3.12).
        PolicyViolation = "policy-violation",
        /// The recipient is unavailable for the time being (8.3.3.13).
        RecipientUnavailable = "recipient-unavailable",
        /// To be asked for elsewhere, for a while; may carry the address (8.3.3.14).
        Redirect = "redirect",
        /// Prior registration is necessary (8.3.3.15).
        RegistrationRequired = "registration-required",
        /// The remote server does not exist or cannot be resolved (8.3.3.16).
        RemoteServerNotFound = "remote-server-not-found",
        /// The remote server could not be reached in time (8.3.3.17).
        RemoteServerTimeout = "remote-server-timeout",
        /// Busy, or out of resources (8.3.3.18).
        ResourceConstraint = "resource-constraint",
        /// The service is not provided (8.3.3.19).
        ServiceUnavailable = "service-unavailable",
        /// A prior subscription is necessary (8.3.3.20).
        SubscriptionRequired = "subscription-required",
        /// None of the others; goes with an application-specific condition (8.3.3.21).
        UndefinedCondition = "undefined-condition",
        /// Understood, but not expected at this time (8.3.3.22).
        UnexpectedRequest = "unexpected-request",
    }
}

impl StanzaCondition {
    /// Whether its element may hold an address to turn to instead.
    pub(crate) const fn has_address(self) -> bool {
        matches!(self, Self::Gone | Self::Redirect)
    }

    /// The error type that RFC 6120 recommends for the condition.
    ///
    /// Where the RFC leaves a choice of two, this is the first it names; for
    /// `undefined-condition`, with which any type can go, it is `cancel`, the
    /// one that promises nothing.
    #[must_use]
    pub const fn default_type(self) -> ErrorType {
        match self {
            Self::BadRequest
            | Self::JidMalformed
            | Self::NotAcceptable
            | Self::PolicyViolation
            | Self::Redirect => ErrorType::Modify,
            Self::Conflict
            | Self::FeatureNotImplemented
            | Self::Gone
            | Self::InternalServerError
            | Self::ItemNotFound
            | Self::NotAllowed
            | Self::RemoteServerNotFound
            | Self::ServiceUnavailable
            | Self::UndefinedCondition => ErrorType::Cancel,
            Self::Forbidden
            | Self::NotAuthorized
            | Self::RegistrationRequired
            | Self::SubscriptionRequired => ErrorType::Auth,
            Self::RecipientUnavailable
            | Self::RemoteServerTimeout
            | Self::ResourceConstraint
            | Self::UnexpectedRequest => ErrorType::Wait,
        }
    }
}

words! {
    /// What the sender of the stanza can do about the error (RFC 6120, section 8.3.2).
    pub enum ErrorType {
        /// Try again with credentials.
        Auth = "auth",
        /// Do not try again: it cannot be remedied.
        Cancel = "cancel",
        /// Go on: it was only a warning.
        Continue = "continue",
        /// Try again with other data.
        Modify = "modify",
        /// Try again later.
        Wait = "wait",
    }
}
