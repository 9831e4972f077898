//! Stanzas in typed form: from bytes to values and back, with how many
//! allocations, beside the peers.
//!
//! **Read**: from bytes to all that a program asks of a stanza: kind, `from`, `to`,
//! `id`, type, bodies, subjects, thread, show, statuses, priority, whether there is an
//! error, and the name of each payload. Every side adds up what it found; a stanza
//! about which two sides disagree, or that one of them refuses, is left out for all
//! (`corpus.rs`), and the number of those that are measured is printed. We and
//! tokio-xmpp read one stream; the others get each stanza as a document of its own,
//! for whose end they need not look. Where someone does less, the mode says so.
//!
//! **Read payloads**: the same, and each payload that both xmpp-extensions and
//! xmpp-parsers have a type for is read into it (`known.rs`).
//!
//! **Make**: of values (texts, addresses, payloads) what can be written: ours is a
//! builder, that of xmpp-parsers a clone of the value.
//!
//! **Write**: what is there already, into one buffer that stays. A builder has its
//! payloads as text, as a view has all; xmpp-parsers has values and trees; quick-xml
//! has its events.

mod corpus;
mod known;
mod ours;
mod parsers;
mod peers;
mod stream;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::subject::Subject;
use crate::{measure, report};
use corpus::Corpus;

/// Reading and writing typed stanzas
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only corpora whose name contains this
    #[arg(long, default_value = "")]
    corpus: String,
    /// Only work whose name contains this: `read`, `read payloads`, `make`, `write`
    #[arg(long, default_value = "")]
    work: String,
    /// Milliseconds a corpus
    #[arg(long, default_value_t = 8000)]
    budget: u64,
    /// Take one stanza of so many
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Run the subjects whose name, work and mode, in one line, contain this, each once, and print
    /// how many stanzas that were: for callgrind, which is to count within `collected` alone
    #[arg(long, value_name = "SUBJECT")]
    once: Option<String>,
    /// Where the corpora are
    #[arg(long, default_value_os_t = corpora())]
    corpora: PathBuf,
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")
}

/// Those who do the same work; the first is what the others are compared with.
struct Group<'c> {
    work: &'static str,
    subjects: Vec<Subject<'c>>,
}

pub(crate) fn run(args: &Args, json: bool) {
    let mut rows = Vec::new();
    for name in ["chat", "xep-stanzas"] {
        if !name.contains(&args.corpus) {
            continue;
        }
        let path = args.corpora.join(name).with_extension("xml");
        let bytes = fs::read(&path).unwrap_or_else(|error| {
            eprintln!("{}: {error}", path.display());
            exit(2)
        });
        let corpus = Corpus::new(&bytes, args.every);
        eprintln!("{name}: {corpus}");
        let mut groups = groups(&corpus);
        groups.retain(|group| group.work.contains(&args.work));
        match &args.once {
            Some(part) => once(part, &mut groups, corpus.len()),
            None => rows.extend(measured(name, &mut groups, &corpus, args)),
        }
    }
    report::print(&rows, json);
}

fn groups(corpus: &Corpus) -> Vec<Group<'_>> {
    vec![
        Group {
            work: "read",
            subjects: vec![
                ours::read(corpus),
                ours::keep(corpus),
                parsers::read(corpus),
                stream::read(corpus),
                peers::minidom(corpus),
                peers::serde(corpus),
            ],
        },
        Group {
            work: "read payloads",
            subjects: vec![
                ours::read_payloads(corpus),
                parsers::read_payloads(corpus),
                stream::read_payloads(corpus),
            ],
        },
        Group { work: "make", subjects: vec![ours::make(corpus), parsers::make(corpus)] },
        Group {
            work: "write",
            subjects: vec![
                ours::write_builders(corpus),
                ours::write_views(corpus),
                peers::write_events(corpus),
                parsers::write(corpus),
                stream::write(corpus),
            ],
        },
    ]
}

fn measured(
    name: &str,
    groups: &mut [Group<'_>],
    corpus: &Corpus,
    args: &Args,
) -> Vec<Map<String, Value>> {
    let mut runs: Vec<&mut dyn FnMut() -> u64> = groups
        .iter_mut()
        .flat_map(|group| &mut group.subjects)
        .map(|subject| &mut *subject.run as &mut dyn FnMut() -> u64)
        .collect();
    let costs = measure::compare(&mut runs, Duration::from_millis(args.budget));
    let mut costs = costs.iter();
    let count = corpus.len() as f64;
    let hundredths = |value: f64| json!((value * 100.0).round() / 100.0);
    let mut rows = Vec::new();
    for group in groups {
        let mut ours = None;
        for (subject, cost) in group.subjects.iter().zip(costs.by_ref()) {
            let ours = *ours.get_or_insert(cost.time.as_secs_f64());
            let mut row = Map::new();
            row.insert("corpus".into(), name.into());
            row.insert("work".into(), group.work.into());
            row.insert("subject".into(), subject.name.into());
            row.insert("mode".into(), subject.mode.into());
            let nanoseconds = cost.time.as_secs_f64() * 1e9 / count;
            row.insert("ns_a_stanza".into(), json!(nanoseconds.round()));
            row.insert("allocations_a_stanza".into(), hundredths(cost.allocations as f64 / count));
            row.insert("time_to_ours".into(), hundredths(cost.time.as_secs_f64() / ours));
            rows.push(row);
        }
    }
    rows
}

/// Runs each once; before that once more, so that buffers have their size.
fn once(part: &str, groups: &mut [Group<'_>], stanzas: usize) {
    for group in groups {
        for subject in &mut group.subjects {
            let label = format!("{} {} {}", subject.name, group.work, subject.mode);
            if label.contains(part) {
                (subject.run)();
                println!("{label}\t{stanzas}\t{}", collected(&mut *subject.run));
            }
        }
    }
}

/// For `callgrind --toggle-collect`.
#[inline(never)]
fn collected(run: &mut dyn FnMut() -> u64) -> u64 {
    std::hint::black_box(run())
}
