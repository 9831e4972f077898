//! Extensions. A file each.

mod xep0198;
mod xep0198_resumption;

use crate::case::Cases;
use crate::server::Target;

pub(super) fn cases(cases: &mut Cases<Target>) {
    xep0198::cases(cases);
}
