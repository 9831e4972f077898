//! JUnit XML, which systems for continuous integration read.

use core::time::Duration;
use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::record::{Record, Run};
use crate::verdict::Verdict;

/// A suite for each RFC, a test for each case. What is below MUST and was not met is told
/// as skipped if nobody minds it: the status of the run says who does.
pub(crate) fn of(about: &Run, records: &[Record]) -> Result<String, String> {
    let name = if about.name.is_empty() { &about.target } else { &about.name };
    let mut report = Report::new(format!("xmpp-conformance {} {name}", about.half));
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for record in records {
        let suite = suites.entry(&record.rfc).or_insert_with(|| TestSuite::new(&*record.rfc));
        suite.add_test_case(test(record));
    }
    report.add_test_suites(suites.into_values());
    report.to_string().map_err(|error| error.to_string())
}

fn test(record: &Record) -> TestCase {
    let status = match record.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(&*record.reason);
            status
        }
        Verdict::Failed | Verdict::Error => {
            let kind = if record.verdict == Verdict::Failed {
                NonSuccessKind::Failure
            } else {
                NonSuccessKind::Error
            };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(&*record.reason);
            status.set_type(record.level.as_str());
            status.set_description(format!(
                "{}\n\n{}\n\nsent:\n{}\n\nreceived:\n{}",
                record.reason, record.sentence, record.sent, record.received
            ));
            status
        }
    };
    let mut test = TestCase::new(format!("{} {}", record.id, record.title), status);
    test.set_classname(format!("{}.{}", record.rfc, record.section));
    test.set_time(Duration::from_millis(record.duration_ms));
    test
}
