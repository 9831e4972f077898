//! The log, on standard error.
//!
//! Whoever reads it may be slow, or not read at all: lines wait in a queue that is bounded,
//! and are dropped when it is full. No connection waits for the log.

use std::io::Write;

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Lines that may wait.
const LINES: usize = 8192;

/// Begins to log, for as long as what is returned is kept.
pub(super) fn begin() -> WorkerGuard {
    let (writer, guard) = lossy(std::io::stderr());
    let log = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(false)
        .with_target(false)
        .with_max_level(tracing::Level::INFO);
    // Set already only where tests run several servers in one program.
    let _ = log.try_init();
    guard
}

/// A writer that never waits for what it writes to.
fn lossy(to: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES).finish(to)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// Takes nothing until it is told to.
    struct Blocked(Receiver<()>);

    impl Write for Blocked {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// This test ends: more is logged than may wait.
    #[test]
    fn a_log_that_nobody_reads_loses_lines_and_blocks_nobody() {
        let (read, reader) = channel();
        let (mut writer, guard) = lossy(Blocked(reader));
        for _ in 0..2 * LINES {
            writer.write_all(b"a line\n").unwrap();
        }
        // One line is being written.
        let dropped = writer.error_counter().dropped_lines();
        assert!((LINES - 1..=LINES).contains(&dropped), "{dropped}");
        drop(read);
        drop(guard);
    }
}
