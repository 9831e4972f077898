//! Extensions that change how streams are negotiated and kept. A file a XEP.

mod federated;
mod xep_0030;
mod xep_0114;
mod xep_0114_addresses;
mod xep_0198;
mod xep_0198_odd;
mod xep_0199;
mod xep_0220;
mod xep_0368;
mod xep_0388;
mod xep_0388_odd;

use crate::case::Cases;
use crate::server::Target;

pub(super) fn cases(cases: &mut Cases<Target>) {
    federated::cases(cases);
    xep_0030::cases(cases);
    xep_0114::cases(cases);
    xep_0114_addresses::cases(cases);
    xep_0198::cases(cases);
    xep_0198_odd::cases(cases);
    xep_0199::cases(cases);
    xep_0220::cases(cases);
    xep_0368::cases(cases);
    xep_0388::cases(cases);
    xep_0388_odd::cases(cases);
}
