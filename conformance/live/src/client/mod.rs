//! The cases that clients are held against: the suite is a server, good in one case and
//! evil in the next, and judges whoever connects.
//!
//! A client is judged by what it sends. What it takes for true is seen only where it shows
//! what it received: cases that need it look for words on the standard output of the
//! client that `--command` starts, and are skipped where it shows nothing.

mod authority;
mod cases;
mod host;
mod scram;
mod stage;

use std::process::ExitCode;
use std::rc::Rc;

use crate::case::{Case, Cases};
use crate::options::run_cases;
use crate::record::Run;

pub use stage::{Args, Lease, Stage};

type Scene = crate::scene::Scene<Stage>;
type Section<'c> = crate::case::Section<'c, Stage>;

/// All cases of this half.
#[must_use]
pub fn cases() -> Vec<Case<Stage>> {
    let mut cases = Cases::default();
    cases::all(&mut cases);
    cases.into_list()
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, String> {
    let stage = Stage::new(args)?;
    let about = Run {
        half: "client".into(),
        target: match args.command {
            Some(_) => "started for each case".into(),
            None => args.listen.clone(),
        },
        domain: args.domain.clone(),
        ..Run::default()
    };
    let mut cases = cases();
    // Waiting for the client does not count.
    for case in &mut cases {
        let own = case.needs.seconds.unwrap_or(args.options.timeout);
        case.seconds(own.saturating_add(args.wait.saturating_mul(2)));
    }
    run_cases(&Rc::new(stage), cases, &args.options, about)
}
