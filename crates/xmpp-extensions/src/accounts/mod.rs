//! Registration, invitations, storage, blocking, push, commands.

pub mod administration;
pub mod blocking;
pub mod bookmark_storage;
pub mod captcha;
pub mod certificates;
pub mod client_access;
pub mod client_state;
pub mod commands;
pub mod invitations;
pub mod legacy_authentication;
pub mod notification_settings;
pub mod offline_messages;
pub mod privacy_lists;
pub mod private_storage;
pub mod push;
pub mod registration;
pub mod reports;
pub mod subscription_tokens;

crate::registry::subject! {
    0013: offline_messages::Offline<'_>,
    0016: privacy_lists::Privacy<'_>,
    0048: bookmark_storage::BookmarkStorage<'_>,
    0049: private_storage::PrivateStorage<'_>,
    0050: commands::Command<'_>,
    0050: commands::CommandError,
    0077: registration::Registration<'_>,
    0077: registration::RegisterFeature<'_>,
    0078: legacy_authentication::LegacyAuth<'_>,
    0078: legacy_authentication::LegacyAuthFeature<'_>,
    0158: captcha::Captcha<'_>,
    0191: blocking::BlockList<'_>,
    0191: blocking::Block<'_>,
    0191: blocking::Unblock<'_>,
    0191: blocking::Blocked<'_>,
    0257: certificates::AppendCertificate<'_>,
    0257: certificates::Certificates<'_>,
    0257: certificates::DisableCertificate<'_>,
    0257: certificates::RevokeCertificate<'_>,
    0352: client_state::ClientState,
    0352: xmpp_stanza::features::ClientStateIndication,
    0357: push::Enable<'_>,
    0357: push::Disable<'_>,
    0357: push::Notification<'_>,
    0377: reports::Report<'_>,
    0379: subscription_tokens::PreAuth<'_>,
    0445: registration::TokenRegisterFeature<'_>,
    0492: notification_settings::Notify<'_>,
    0494: client_access::ListClients<'_>,
    0494: client_access::Clients<'_>,
    0494: client_access::RevokeClient<'_>,
    0494: client_access::PasswordResetRequired<'_>,
}
