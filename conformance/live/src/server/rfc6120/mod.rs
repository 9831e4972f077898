//! RFC 6120: XMPP Core. A file a section.

mod s4_3;
mod s4_7;

use crate::case::Cases;
use crate::server::Target;

pub(super) fn cases(cases: &mut Cases<Target>) {
    s4_3::cases(cases);
    s4_7::cases(cases);
}
