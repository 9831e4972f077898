//! A file a subject.

mod binding;
mod certificates;
mod endings;
mod im;
mod sasl;
mod scram;
mod stanzas;
mod starttls;
mod stream_management;
mod streams;
mod xml;

use crate::case::Cases;
use crate::client::Stage;

pub(super) fn all(cases: &mut Cases<Stage>) {
    streams::cases(cases);
    endings::cases(cases);
    starttls::cases(cases);
    certificates::cases(cases);
    sasl::cases(cases);
    scram::cases(cases);
    binding::cases(cases);
    stanzas::cases(cases);
    xml::cases(cases);
    im::cases(cases);
    stream_management::cases(cases);
}
