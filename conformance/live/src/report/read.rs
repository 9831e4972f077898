//! Reading the JSON lines of runs.

use core::fmt;
use std::collections::HashSet;

use serde_json::Value;

use crate::record::{self, Record};
use crate::verdict::Verdict;

/// One run: what was held against what, and what came of each case.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The name of its column. If it is empty: the name that the run gave its target, or
    /// else the address.
    pub label: String,
    pub(crate) about: record::Run,
    pub(crate) records: Vec<Record>,
}

/// Why a file is not what a run writes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A line is not JSON, or not one of a run's lines.
    Line {
        /// The line, from one.
        number: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// Two cases have the same id.
    Repeated {
        /// The second line, from one.
        number: usize,
        /// The id.
        id: String,
    },
    /// There is no case in it.
    Empty,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { number, error } => write!(f, "line {number}: {error}"),
            Self::Repeated { number, id } => {
                write!(f, "line {number}: the case {id:?} is there already")
            }
            Self::Empty => f.write_str("there is no case in it"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Line { error, .. } => Some(error),
            Self::Repeated { .. } | Self::Empty => None,
        }
    }
}

impl Run {
    /// Reads what `--json` wrote. A run that was broken off has no totals, and is read, too.
    ///
    /// # Errors
    ///
    /// A line that no run writes, a case that is there twice, no case at all.
    pub fn read(lines: &str) -> Result<Self, Error> {
        let mut run = Self::default();
        let mut ids = HashSet::new();
        let lines = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        for (index, line) in lines {
            let number = index + 1;
            let wrong = |error| Error::Line { number, error };
            let mut value: Value = serde_json::from_str(line).map_err(wrong)?;
            if let Some(about) = value.get_mut("run") {
                run.about = serde_json::from_value(about.take()).map_err(wrong)?;
            } else if value.get("totals").is_none() {
                // They are counted here, by section and level.
                let record: Record = serde_json::from_value(value).map_err(wrong)?;
                if !ids.insert(record.id.clone()) {
                    return Err(Error::Repeated { number, id: record.id });
                }
                run.records.push(record);
            }
        }
        if run.records.is_empty() { Err(Error::Empty) } else { Ok(run) }
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.records.iter().filter(|record| record.verdict == verdict).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"id":"6120/4.3.2/1","rfc":"6120","section":"4.3.2","level":"must",
        "verdict":"passed","title":"","sentence":"","requirements":[],"duration_ms":3,"sent":"",
        "received":"","transcript":[]}"#;

    #[test]
    fn what_no_run_writes_is_refused_by_its_line() {
        let record = RECORD.replace('\n', "");
        let lines = format!(
            "{{\"run\":{{\"half\":\"server\",\"name\":\"x\",\"target\":\"t\",\"domain\":\"d\",\
            \"suite\":\"1\",\"began\":\"\",\"cases\":1}}}}\n{record}\n{{\"totals\":0}}"
        );
        let run = Run::read(&lines).unwrap();
        assert_eq!((run.about.name.as_str(), run.records.len()), ("x", 1));
        assert!(matches!(Run::read("\n"), Err(Error::Empty)));
        assert!(matches!(
            Run::read(&format!("{record}\n\n{{")),
            Err(Error::Line { number: 3, .. })
        ));
        let twice = Run::read(&format!("{record}\n{record}"));
        assert!(matches!(twice, Err(Error::Repeated { number: 2, id }) if id == "6120/4.3.2/1"));
        let unknown = record.replace("passed", "perhaps");
        assert!(matches!(Run::read(&unknown), Err(Error::Line { number: 1, .. })));
    }
}
