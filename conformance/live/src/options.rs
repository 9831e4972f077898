//! Options that both halves have, and the course of a run.

use core::time::Duration;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Args as ClapArgs, ValueEnum};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use crate::case::Case;
use crate::output::Output;
use crate::record::{Run, Totals};
use crate::runner::{self, Pace};
use crate::scene::Setting;
use crate::select::Selection;
use crate::verdict::{Level, Verdict};
use crate::{client, junit, server};

/// How cases are run and what comes out.
#[derive(ClapArgs, Clone, Debug)]
pub struct Options {
    /// Which cases.
    #[command(flatten)]
    pub selection: Selection,
    /// How many cases run at the same time, where that is safe
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub parallel: usize,
    /// How long a case may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub timeout: u64,
    /// How long is waited for what has to come next, in seconds: more for a slow peer
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub patience: u64,
    /// Print a line of JSON a case, and one about the run before and behind them
    #[arg(long)]
    pub json: bool,
    /// Write a report for continuous integration as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// End with status 1 if a case of this level or a stronger one failed, or could not be
    /// found out
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = FailOn::Must)]
    pub fail_on: FailOn,
    /// Who is judged, for the report: "Prosody 0.12.3"
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub name: String,
    /// Print the transcripts of cases that did not pass
    #[arg(long, short)]
    pub verbose: bool,
}

/// What makes the exit status 1.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(clippy::exhaustive_enums, reason = "the levels, and none of them")]
pub enum FailOn {
    /// What MUST be.
    Must,
    /// And what SHOULD be.
    Should,
    /// And what MAY be.
    May,
    /// Nothing.
    Never,
}

impl FailOn {
    fn minds(self, level: Level) -> bool {
        match self {
            Self::Must => level == Level::Must,
            Self::Should => level <= Level::Should,
            Self::May => true,
            Self::Never => false,
        }
    }
}

/// Runs the chosen cases and prints what comes out. `about` says what is held against
/// what; its date, version and count are filled in.
///
/// # Errors
///
/// Wrong usage: no case is chosen, a file cannot be written.
pub fn run_cases<S: Setting>(
    setting: &Rc<S>,
    cases: Vec<Case<S>>,
    options: &Options,
    mut about: Run,
) -> Result<ExitCode, String> {
    let cases: Vec<_> = cases.into_iter().filter(|case| options.selection.chooses(case)).collect();
    if cases.is_empty() {
        return Err("no case fits; `list` shows them".into());
    }
    about.suite = env!("CARGO_PKG_VERSION").into();
    about.began = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    about.cases = cases.len();
    about.name.clone_from(&options.name);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let mut pace = Pace::new(options.parallel, Duration::from_secs(options.timeout.max(1)));
    pace.patience = Duration::from_secs(options.patience.max(1));
    let mut output = Output::new(options, &about);
    let mut records = Vec::new();
    let duration = runtime.block_on(tokio::task::LocalSet::new().run_until(async {
        let began = Instant::now();
        runner::run(setting, &cases, pace, |at, record| {
            output.record(&record);
            records.push((at, record));
        })
        .await;
        began.elapsed()
    }));
    records.sort_by_key(|(at, _)| *at);
    let records: Vec<_> = records.into_iter().map(|(_, record)| record).collect();
    let mut totals = Totals::of(&records);
    totals.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    output.end(&records, &totals);
    if let Some(path) = &options.junit {
        std::fs::write(path, junit::of(&about, &records)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let negative = |level, verdict: Verdict| verdict.is_negative() && options.fail_on.minds(level);
    let minded = records.iter().any(|record| negative(record.level, record.verdict));
    Ok(ExitCode::from(u8::from(minded)))
}

/// Lists cases.
#[derive(ClapArgs, Clone, Debug)]
pub struct List {
    /// Those of one half alone
    #[arg(value_enum)]
    half: Option<Half>,
    #[command(flatten)]
    selection: Selection,
    /// One object a line: id, level, requirements, title, sentence
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Half {
    Server,
    Client,
}

pub(crate) fn list(list: &List) -> Result<ExitCode, String> {
    if list.half != Some(Half::Client) {
        print_cases("server", &server::cases(), list)?;
    }
    if list.half != Some(Half::Server) {
        print_cases("client", &client::cases(), list)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_cases<S: Setting>(half: &str, cases: &[Case<S>], list: &List) -> Result<(), String> {
    use std::io::Write as _;

    let mut out = std::io::stdout().lock();
    for case in cases.iter().filter(|case| list.selection.chooses(case)) {
        let line = if list.json {
            serde_json::json!({
                "half": half, "id": case.id, "rfc": case.rfc, "section": case.section,
                "level": case.level, "requirements": case.requirements,
                "title": case.title, "sentence": case.sentence,
            })
            .to_string()
        } else {
            format!("{:28} {:6} {}", case.id, case.level.as_str(), case.title)
        };
        match writeln!(out, "{line}") {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            written => written.map_err(|error| error.to_string())?,
        }
    }
    Ok(())
}
