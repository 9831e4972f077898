//! RFC 6120: XMPP Core. A file a section.

mod s10;
mod s11;
mod s4_3;
mod s4_7;
mod s4_8;
mod s4_9;
mod s5;
mod s6;
mod s6_errors;
mod s7;
mod s8;

use crate::case::Cases;
use crate::server::Target;

pub(super) fn cases(cases: &mut Cases<Target>) {
    s4_3::cases(cases);
    s4_7::cases(cases);
    s4_8::cases(cases);
    s4_9::cases(cases);
    s5::cases(cases);
    s6::cases(cases);
    s6_errors::cases(cases);
    s7::cases(cases);
    s8::cases(cases);
    s10::cases(cases);
    s11::cases(cases);
}
