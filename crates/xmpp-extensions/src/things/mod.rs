//! Middleware, the Internet of Things, games.

pub mod conditions;
pub mod delegation;
pub mod discovery;
pub mod http;
pub mod http_verification;
pub mod message_processing;
pub mod moved;
pub mod outage;
pub mod privilege;
pub mod rpc;
pub mod search;
pub mod server_address;

crate::registry::subject! {
    0009: rpc::Query<'_>,
    0055: search::Query<'_>,
    0070: http_verification::Confirm<'_>,
    0079: message_processing::Amp<'_>,
    0079: message_processing::UnsupportedActions<'_>,
    0079: message_processing::UnsupportedConditions<'_>,
    0079: message_processing::InvalidRules<'_>,
    0079: message_processing::FailedRules<'_>,
    0079: message_processing::Feature,
    0279: server_address::Address<'_>,
    0283: moved::Moved<'_>,
    0332: http::Request<'_>,
    0332: http::Response<'_>,
    0332: http::Chunk<'_>,
    0332: http::Close<'_>,
    0347: discovery::Register<'_>,
    0347: discovery::Mine<'_>,
    0347: discovery::Claimed<'_>,
    0347: discovery::Remove<'_>,
    0347: discovery::Removed<'_>,
    0347: discovery::Update<'_>,
    0347: discovery::Search<'_>,
    0347: discovery::Found<'_>,
    0347: discovery::Unregister<'_>,
    0347: discovery::Disown<'_>,
    0347: discovery::Disowned<'_>,
    0355: delegation::Delegation<'_>,
    0355: delegation::Query<'_>,
    0356: privilege::Privilege<'_>,
    0356: privilege::PrivilegedIq<'_>,
}
