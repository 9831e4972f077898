//! Reading and writing XML: how fast, with how many allocations, beside the
//! peers and beside what no reader can beat.
//!
//! Each peer does the same work: names and namespaces of elements and
//! attributes, values and character data decoded, as far as it can at all;
//! what it does not do is said in the mode. `ratio_to_ours` is its speed
//! divided by that of our tokens on the same corpus.

mod c;
mod ours;
mod peers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::subject::Subject;
use crate::{measure, report};

/// Reading and writing XML
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only corpora whose name contains this
    #[arg(long, default_value = "")]
    corpus: String,
    /// Only subjects whose name or mode contains this; ours are always there
    #[arg(long, default_value = "")]
    subject: String,
    /// Milliseconds a corpus
    #[arg(long, default_value_t = 8000)]
    budget: u64,
    /// Run one subject of ours once, for callgrind: `tokens`, `elements`, `chunks`, `bytes`,
    /// `write`, or `nothing` to learn what the rest costs
    #[arg(long, value_name = "WORK")]
    once: Option<String>,
    /// Where the corpora are
    #[arg(long, default_value_os_t = corpora())]
    corpora: PathBuf,
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")
}

pub(crate) fn run(args: &Args, json: bool) {
    let mut rows = Vec::new();
    for name in ["chat", "xep-stanzas", "bodies"] {
        if !name.contains(&args.corpus) {
            continue;
        }
        let path = args.corpora.join(name).with_extension("xml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| {
            eprintln!("{}: {error}", path.display());
            exit(2)
        });
        match &args.once {
            Some(work) => println!("{}", ours::once(work, &text)),
            None => rows.extend(measured(name, &text, args)),
        }
    }
    for missing in c::MISSING {
        eprintln!("NOT MEASURED: {missing}");
    }
    report::print(&rows, json);
}

fn measured(corpus: &str, text: &str, args: &Args) -> Vec<Map<String, Value>> {
    let mut subjects = ours::subjects(text);
    subjects.extend(peers::subjects(text));
    subjects.extend(c::subjects(text));
    let wanted = |part: &str| part.contains(&args.subject);
    subjects.retain(|s| s.name == ours::NAME || wanted(s.name) || wanted(s.mode));
    let mut runs: Vec<&mut dyn FnMut() -> u64> =
        subjects.iter_mut().map(|subject| &mut *subject.run as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut runs, Duration::from_millis(args.budget));
    let speed = |time: Duration| text.len() as f64 / time.as_secs_f64() / 1e6;
    let ours = costs.first().map_or(f64::NAN, |cost| speed(cost.time));
    subjects
        .iter()
        .zip(&costs)
        .map(|(subject, cost)| {
            let mut row = Map::new();
            row.insert("corpus".into(), corpus.into());
            row.insert("subject".into(), subject.name.into());
            row.insert("mode".into(), subject.mode.into());
            row.insert("mb_per_s".into(), json!(speed(cost.time).round()));
            row.insert("allocations".into(), cost.allocations.into());
            row.insert(
                "ratio_to_ours".into(),
                json!((speed(cost.time) / ours * 1e3).round() / 1e3),
            );
            row
        })
        .collect()
}
