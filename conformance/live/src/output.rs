//! What a run prints: lines of JSON for programs, the rest for people.

use std::collections::HashMap;
use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::options::Options;
use crate::record::{Direction, Line, Record, Run, Totals};
use crate::verdict::Verdict;

pub(crate) struct Output {
    json: bool,
    verbose: bool,
    bar: ProgressBar,
}

impl Output {
    pub(crate) fn new(options: &Options, about: &Run) -> Self {
        // Nobody wants it in a log.
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let count = u64::try_from(about.cases).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(count), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}") {
            bar.set_style(style);
        }
        let output = Self { json: options.json, verbose: options.verbose, bar };
        output.line(&Line::Run { run: about.clone() });
        output
    }

    /// A case is done.
    pub(crate) fn record(&mut self, record: &Record) {
        self.line(&Line::Record(Box::new(record.clone())));
        self.bar.inc(1);
        self.bar.set_message(record.id.clone());
        if record.verdict.is_negative() {
            let text = self.negative(record);
            self.bar.suspend(|| self.say(&text));
        }
    }

    /// The run is done.
    pub(crate) fn end(&mut self, records: &[Record], totals: &Totals) {
        self.bar.finish_and_clear();
        self.line(&Line::Totals { totals: totals.clone() });
        let mut text = String::new();
        for (rfc, count) in &totals.rfcs {
            text.push_str(&format!("{rfc:9} {count}\n"));
        }
        for (level, count) in &totals.levels {
            text.push_str(&format!("{level:9} {count}\n"));
        }
        let seconds = totals.duration_ms / 1000;
        text.push_str(&format!("{} cases, {}, {seconds} s\n", records.len(), totals.all));
        if let Some((count, reason)) = common_error(records) {
            text.push_str(&format!(
                "{count} cases ended with one and the same error: {reason}\n\
                 Look at the run, not at the cases: the domain, the accounts and their passwords, \
                 the authority,\nand what the server lets one address do in a second \
                 (connections, logins, stanzas).\n"
            ));
        }
        self.say(&text);
    }

    fn negative(&self, record: &Record) -> String {
        let word = match record.verdict {
            Verdict::Failed => "FAILED",
            _ => "ERROR ",
        };
        let Record { id, level, title, reason, sentence, .. } = record;
        let mut text =
            format!("{word} {id} ({level}) {title}\n       {reason}\n       “{sentence}”\n");
        if self.verbose {
            for entry in &record.transcript {
                let arrow = match entry.direction {
                    Direction::Sent => "-->",
                    Direction::Received => "<--",
                    Direction::Note => "   ",
                };
                let mark = if entry.marked { '*' } else { ' ' };
                let (at, who, bytes) = (entry.at, &entry.who, entry.bytes.text());
                text.push_str(&format!("      {mark}{at:6} {who:12} {arrow} {bytes}\n"));
            }
        }
        text
    }

    fn line(&self, line: &Line) {
        if self.json
            && let Ok(json) = serde_json::to_string(line)
        {
            // Who reads no further has seen enough.
            let _ = writeln!(std::io::stdout(), "{json}");
        }
    }

    /// To people: standard output, unless that is JSON.
    fn say(&self, text: &str) {
        let _ = if self.json {
            write!(std::io::stderr(), "{text}")
        } else {
            write!(std::io::stdout(), "{text}")
        };
    }
}

/// The error that a quarter of all cases or more had before they came to their question: how
/// many, and which.
fn common_error(records: &[Record]) -> Option<(usize, &str)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for record in records.iter().filter(|record| record.verdict == Verdict::Error) {
        *counts.entry(record.reason.as_str()).or_default() += 1;
    }
    let (reason, count) = counts.into_iter().max_by_key(|&(reason, count)| (count, reason))?;
    (count > 1 && 4 * count >= records.len()).then_some((count, reason))
}
