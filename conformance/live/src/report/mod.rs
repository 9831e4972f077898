//! The HTML report of one run or of several side by side.
//!
//! The report is one file that needs nothing from elsewhere: a table of the runs, a matrix by
//! section, and each case with its transcript, which folds. It can be read without its script;
//! with it, cases can be filtered and searched.
//!
//! # Security
//!
//! A transcript holds what a peer sent, and the peer may be hostile. Its bytes come to the page as
//! text that the template escapes; nothing in the template is exempt from that. The page's policy
//! (`Content-Security-Policy`) lets only the report's own script run, which it names by its hash,
//! and loads nothing.
//!
//! ```
//! use xmpp_conformance::report::{self, Run};
//!
//! let line = r#"{"id":"6120/4.3.2/1","rfc":"6120","section":"4.3.2","level":"must",
//!     "verdict":"failed","title":"","sentence":"","requirements":[],"reason":"<script>",
//!     "duration_ms":0,"sent":"","received":"","transcript":[]}"#.replace('\n', "");
//! let html = report::html(&[Run::read(&line)?]);
//! assert!(html.contains("6120/4.3.2/1") && html.contains("&#60;script&#62;"));
//! # Ok::<(), report::Error>(())
//! ```

mod model;
mod page;
mod printable;
mod read;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use read::{Error, Run};

use crate::verdict::Verdict;

/// The report of `runs`, in the order of the columns.
#[must_use]
pub fn html(runs: &[Run]) -> String {
    page::render(&model::Report::new(runs))
}

/// What the page is made of.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// What runs wrote with `--json`, a column each; NAME= names the column
    #[arg(required = true, value_name = "[NAME=]RUN.jsonl")]
    runs: Vec<String>,
    /// The page
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
    /// Leave out the transcripts of what passed
    #[arg(long)]
    brief: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, String> {
    let mut runs = args.runs.iter().map(|name| read(name)).collect::<Result<Vec<_>, _>>()?;
    if args.brief {
        let records = runs.iter_mut().flat_map(|run| &mut run.records);
        for record in records.filter(|record| record.verdict == Verdict::Passed) {
            record.transcript.clear();
        }
    }
    fs::write(&args.out, html(&runs))
        .map_err(|error| format!("{}: {error}", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn read(named: &str) -> Result<Run, String> {
    // A file whose name has an equals sign in it is taken as it is.
    let (label, path) = match named.split_once('=') {
        Some((label, path)) if !Path::new(named).exists() => (label, path),
        _ => ("", named),
    };
    let lines = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let mut run = Run::read(&lines).map_err(|error| format!("{path}: {error}"))?;
    label.clone_into(&mut run.label);
    Ok(run)
}
