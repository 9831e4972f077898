//! vCards, avatars, nicknames, moods, places.

pub mod avatar;
pub mod game;
pub mod idle;
pub mod location;
pub mod mood;
pub mod nick;
pub mod roster_exchange;
pub mod tune;
pub mod vcard4;
pub mod vcard_avatar;
pub mod vcard_temp;

crate::registry::subject! {
    0054: vcard_temp::VCard<'_>,
    0080: location::Location<'_>,
    0084: avatar::Data<'_>,
    0084: avatar::Metadata<'_>,
    0107: mood::Mood<'_>,
    0118: tune::Tune<'_>,
    0144: roster_exchange::Exchange<'_>,
    0153: vcard_avatar::Update<'_>,
    0172: nick::Nick<'_>,
    0196: game::Game<'_>,
    0292: vcard4::VCard<'_>,
    0319: idle::Idle<'_>,
}
