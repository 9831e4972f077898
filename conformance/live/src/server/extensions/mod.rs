//! Extensions that change how streams are negotiated and kept. A file a XEP.

mod federated;
mod xep_0114;
mod xep_0198;
mod xep_0220;
mod xep_0368;
mod xep_0388;

use crate::case::Cases;
use crate::server::Target;

pub(super) fn cases(cases: &mut Cases<Target>) {
    xep_0114::cases(cases);
    xep_0198::cases(cases);
    xep_0220::cases(cases);
    federated::cases(cases);
    xep_0368::cases(cases);
    xep_0388::cases(cases);
}
