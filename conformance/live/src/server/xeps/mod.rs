//! Extensions. A file each.

mod xep0030;
mod xep0114;
mod xep0198;
mod xep0198_resumption;
mod xep0199;
mod xep0220;
mod xep0386;
mod xep0388;

use crate::case::Cases;
use crate::server::Target;

pub(super) fn cases(cases: &mut Cases<Target>) {
    xep0030::cases(cases);
    xep0114::cases(cases);
    xep0198::cases(cases);
    xep0199::cases(cases);
    xep0220::cases(cases);
    xep0388::cases(cases);
    xep0386::cases(cases);
}
