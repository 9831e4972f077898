//! The report: one or several runs as a page of HTML.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;

/// What the page is made of.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// What runs wrote with `--json`
    #[arg(required = true, value_name = "RUN.jsonl")]
    runs: Vec<PathBuf>,
    /// The page
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
}

pub(crate) fn run(_args: &Args) -> Result<ExitCode, String> {
    Err("the report is not made yet".into())
}
