//! What other extensions stand on.

pub mod delay;
pub mod occupant_id;
pub mod result_set;

crate::registry::subject! {
    0059: result_set::ResultSet<'_>,
    0203: delay::Delay<'_>,
    0421: occupant_id::OccupantId<'_>,
}
