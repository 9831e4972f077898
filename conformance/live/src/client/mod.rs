//! The cases that clients are held against.

use std::process::ExitCode;
use std::rc::Rc;

use clap::Args as ClapArgs;

use crate::case::{Case, Cases, Local, Needs};
use crate::options::{Options, run_cases};
use crate::record::Run;
use crate::scene::Setting;

/// Where we listen and how clients are judged.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: String,
    #[command(flatten)]
    options: Options,
}

/// What the cases know of a run.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Stage {}

impl Setting for Stage {
    type Lease = ();

    fn lacks(&self, _: &Needs) -> Option<String> {
        None
    }

    fn lease(self: Rc<Self>, _: Needs) -> Local<'static, ()> {
        Box::pin(async {})
    }
}

/// All cases of this half.
#[must_use]
pub fn cases() -> Vec<Case<Stage>> {
    Cases::default().into_list()
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, String> {
    let about = Run { half: "client".into(), target: args.listen.clone(), ..Run::default() };
    run_cases(&Rc::new(Stage::default()), cases(), &args.options, about)
}
