//! Rooms of many.

pub mod channel_search;
pub mod direct_invitation;
pub mod hats;
pub mod mix;
pub mod muc;
pub mod self_ping;

pub use crate::base::occupant_id;

crate::registry::subject! {
    0045: muc::Join<'_>,
    0045: muc::user::User<'_>,
    0045: muc::admin::Query<'_>,
    0045: muc::owner::Query<'_>,
    0045: muc::unique::Unique<'_>,
    0249: direct_invitation::Invitation<'_>,
    0317: hats::Hats<'_>,
    0369: mix::Join<'_>,
    0369: mix::Leave<'_>,
    0369: mix::UpdateSubscription<'_>,
    0369: mix::SetNick<'_>,
    0369: mix::Create<'_>,
    0369: mix::Destroy<'_>,
    0369: mix::Participant<'_>,
    0369: mix::Sender<'_>,
    0405: mix::pam::ClientJoin<'_>,
    0405: mix::pam::ClientLeave<'_>,
    0405: mix::pam::Channel<'_>,
    0433: channel_search::Search<'_>,
    0433: channel_search::Results<'_>,
    0433: channel_search::Problem<'_>,
}
