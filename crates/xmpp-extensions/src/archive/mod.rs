//! What was said before.

pub mod displayed;
pub mod inbox;
pub mod preferences;
pub mod query;

crate::registry::subject! {
    0313: query::Query<'_>,
    0313: query::ArchivedStanza<'_>,
    0313: query::Fin<'_>,
    0313: query::Metadata<'_>,
    0430: inbox::Inbox<'_>,
    0430: inbox::InboxEntry<'_>,
    0430: inbox::InboxFin<'_>,
    0441: preferences::Preferences<'_>,
    0490: displayed::Displayed<'_>,
}
