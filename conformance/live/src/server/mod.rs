//! The cases that servers are held against.

mod dns;
mod extensions;
mod peer;
mod provoke;
mod reach;
mod rfc6120;
mod rfc6121;
mod rfc7622;
mod rfc7622_inputs;
mod sasl;
mod session;
mod target;

use std::process::ExitCode;
use std::rc::Rc;

use crate::case::{Case, Cases};
use crate::options::run_cases;
use crate::record::Run;

pub use session::User;
pub use target::{Account, Args, Component, Domains, Lease, Peer, Target};

/// All cases of this half.
#[must_use]
pub fn cases() -> Vec<Case<Target>> {
    let mut cases = Cases::default();
    rfc6120::cases(&mut cases);
    rfc6121::cases(&mut cases);
    rfc7622::cases(&mut cases);
    extensions::cases(&mut cases);
    // Last, as they may leave items in rosters that some servers do not find again.
    rfc7622_inputs::cases(&mut cases);
    cases.into_list()
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, String> {
    let target = Target::new(args)?;
    reach::check(args)?;
    let about = Run {
        half: "server".into(),
        target: args.target.clone(),
        domain: args.domain.clone(),
        ..Run::default()
    };
    run_cases(&Rc::new(target), cases(), &args.options, about)
}
