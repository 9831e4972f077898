//! Runs cases, some at the same time, and makes records of them.

use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::rc::Rc;

use futures_util::future::FutureExt as _;
use futures_util::stream::{self, StreamExt as _};
use tokio::time::{Instant, timeout};

use crate::case::Case;
use crate::record::{Direction, Entry, Record};
use crate::scene::{Scene, Setting};
use crate::transcript::Transcript;
use crate::verdict::{Fault, Verdict};
use crate::wire::PATIENCE;

/// How cases are run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Pace {
    /// How many cases run at the same time, but for those that run alone.
    pub parallel: usize,
    /// How long a case may take, once it has what it needs.
    pub timeout: Duration,
    /// How long a case waits for what has to come next.
    pub patience: Duration,
}

impl Pace {
    /// So many at the same time, each for so long.
    #[must_use]
    pub fn new(parallel: usize, timeout: Duration) -> Self {
        Self { parallel: parallel.max(1), timeout, patience: PATIENCE }
    }
}

/// Runs the cases and tells each record when it is there, with the case's place in the
/// list. Those that run alone come last.
pub async fn run<S: Setting>(
    setting: &Rc<S>,
    cases: &[Case<S>],
    pace: Pace,
    mut tell: impl FnMut(usize, Record),
) {
    let one_of_many = cases.iter().enumerate().filter(|(_, case)| !case.needs.alone);
    let mut running = stream::iter(one_of_many)
        .map(|(at, case)| async move { (at, one(setting, case, pace).await) })
        .buffer_unordered(pace.parallel);
    while let Some((at, record)) = running.next().await {
        tell(at, record);
    }
    for (at, case) in cases.iter().enumerate().filter(|(_, case)| case.needs.alone) {
        tell(at, one(setting, case, pace).await);
    }
}

/// Runs one case.
pub async fn one<S: Setting>(setting: &Rc<S>, case: &Case<S>, pace: Pace) -> Record {
    if let Some(lack) = setting.lacks(&case.needs) {
        return record(case, Err(Fault::Skipped(lack)), Duration::ZERO, Vec::new());
    }
    let lease = Rc::clone(setting).lease(case.needs.clone()).await;
    let most = case.needs.seconds.map_or(pace.timeout, Duration::from_secs);
    let transcript = Transcript::with_patience(pace.patience);
    let mut scene = Scene { setting: Rc::clone(setting), lease, transcript: transcript.clone() };
    let began = Instant::now();
    let played = AssertUnwindSafe(timeout(most, case.run(&mut scene))).catch_unwind().await;
    let outcome = match played {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Fault::Error(format!("not done after {} s", most.as_secs()))),
        Err(_) => Err(Fault::Error("the case panicked: a fault of the suite".into())),
    };
    if matches!(outcome, Err(Fault::Failed(_))) {
        transcript.mark_received();
    }
    let took = began.elapsed();
    // Its streams write down what they have left.
    drop(scene);
    record(case, outcome, took, transcript.take())
}

fn record<S: Setting>(
    case: &Case<S>,
    outcome: Result<(), Fault>,
    took: Duration,
    transcript: Vec<Entry>,
) -> Record {
    let (verdict, reason) = match outcome {
        Ok(()) => (Verdict::Passed, String::new()),
        Err(fault) => fault.into_parts(),
    };
    Record {
        id: case.id.clone(),
        rfc: case.rfc.into(),
        section: case.section.into(),
        level: case.level,
        verdict,
        title: case.title.clone(),
        sentence: case.sentence.clone(),
        requirements: case.requirements.iter().map(|&id| id.into()).collect(),
        reason,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        sent: all(&transcript, Direction::Sent),
        received: all(&transcript, Direction::Received),
        transcript,
    }
}

fn all(transcript: &[Entry], direction: Direction) -> String {
    let mut bytes = Vec::new();
    for entry in transcript.iter().filter(|entry| entry.direction == direction) {
        bytes.extend_from_slice(&entry.bytes.0);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
