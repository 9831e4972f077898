//! Self-ping: XEP-0410, whether one is still in a room.

use xmpp_stanza::StanzaCondition;

/// The feature of rooms that answer such a ping themselves (XEP-0410, 3.3).
pub const FEATURE: &str = "http://jabber.org/protocol/muc#self-ping-optimization";

/// What the answer to a ping of one's own occupant address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one is, one is not, or nobody knows")]
pub enum Membership {
    /// One is still in the room.
    Joined,
    /// One is not in the room any more, and has to enter it again.
    NotJoined,
    /// The room cannot be reached at the moment: ask again later.
    Unknown,
}

/// What the answer says: `error` is the condition of the error, none if it was
/// a result. An answer that does not come in time says [`Membership::Unknown`]
/// (XEP-0410, 3.2).
#[must_use]
pub const fn membership(error: Option<StanzaCondition>) -> Membership {
    match error {
        // Another client of one's own has answered, though it knows no pings or
        // nickname has changed in between.
        None
        | Some(
            StanzaCondition::ServiceUnavailable
            | StanzaCondition::FeatureNotImplemented
            | StanzaCondition::ItemNotFound,
        ) => Membership::Joined,
        Some(StanzaCondition::RemoteServerNotFound | StanzaCondition::RemoteServerTimeout) => {
            Membership::Unknown
        }
        Some(_) => Membership::NotJoined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XEP-0410, 3.2: its list of answers.
    #[test]
    fn what_answers_say() {
        for (error, says) in [
            (None, Membership::Joined),
            (Some(StanzaCondition::ServiceUnavailable), Membership::Joined),
            (Some(StanzaCondition::FeatureNotImplemented), Membership::Joined),
            (Some(StanzaCondition::ItemNotFound), Membership::Joined),
            (Some(StanzaCondition::RemoteServerNotFound), Membership::Unknown),
            (Some(StanzaCondition::RemoteServerTimeout), Membership::Unknown),
            (Some(StanzaCondition::NotAcceptable), Membership::NotJoined),
            (Some(StanzaCondition::Forbidden), Membership::NotJoined),
        ] {
            assert_eq!(membership(error), says, "{error:?}");
        }
    }
}
