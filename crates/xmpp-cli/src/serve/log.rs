//! The log, on standard error.
//!
//! Whoever reads it may be slow, or not read at all: lines wait in a queue that is bounded,
//! and are dropped when it is full. No connection waits for the log.

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};

/// Lines that may wait.
const LINES: usize = 8192;

/// Begins to log, for as long as what is returned is kept.
pub(super) fn begin() -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES)
        .finish(std::io::stderr());
    let log = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(false)
        .with_target(false)
        .with_max_level(tracing::Level::INFO);
    // Set already only where tests run several servers in one program.
    let _ = log.try_init();
    guard
}
