//! What other extensions stand on.

pub mod delay;
pub mod result_set;

crate::registry::subject! {
    0059: result_set::ResultSet<'_>,
    0203: delay::Delay<'_>,
}
