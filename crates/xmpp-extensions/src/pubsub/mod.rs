//! Publish-subscribe and what is stored in it.

pub mod atom;
pub mod attachments;
pub mod bookmarks;
pub mod configuration;
pub mod errors;
pub mod event;
pub mod extended_discovery;
pub mod form_publishing;
pub mod microblog;
pub mod owner;
pub mod personal;
pub mod public_subscriptions;
pub mod requests;
pub mod server_information;

use xmpp_stanza::{AnyElement, Invalid, Payload};

crate::registry::subject! {
    0060: requests::PubSub<'_>,
    0060: owner::PubSubOwner<'_>,
    0060: event::Event<'_>,
    0060: errors::PubSubError<'_>,
    0277: atom::Entry<'_>,
    0402: bookmarks::Conference<'_>,
    0465: public_subscriptions::PublicSubscription<'_>,
    0465: public_subscriptions::PublicSubscriber<'_>,
    0470: attachments::Attachments<'_>,
    0470: attachments::Summary<'_>,
    0485: server_information::ServerInfo<'_>,
}

/// What an item holds, if that is a `T`.
fn read<'s, T: Payload<'s>>(payload: Option<&'s AnyElement<'_>>) -> Result<Option<T>, Invalid> {
    payload.map(AnyElement::as_ref).filter(|element| T::matches(*element)).map(T::parse).transpose()
}
