//! The line filter behind every `--batch`: one request a line in, one answer a
//! line out.
//!
//! Answers are flushed when the input pauses, so that a program at the other
//! end of the pipe that waits for each answer gets it, and one that writes
//! thousands of requests at once is not slowed down by a write an answer.

use std::io::{self, BufRead, BufReader, Read, Write};

/// A request line longer than this (bytes) is answered with `too_long` and
/// skipped, never gathered.
pub(crate) const MAX_LINE: usize = 64 << 20;

/// Feeds each line of `input`, without its line end, to `answer`, which
/// appends its answer to the buffer it is given; the line feed is added here, and
/// none if there is no answer.
///
/// # Errors
///
/// Those of reading and writing.
pub(crate) fn filter(
    input: impl Read,
    mut output: impl Write,
    mut answer: impl FnMut(&[u8], &mut Vec<u8>),
) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut line = Vec::new();
    let mut out = Vec::with_capacity(1 << 16);
    loop {
        if input.buffer().is_empty() || out.len() >= 1 << 16 {
            output.write_all(&out)?;
            output.flush()?;
            out.clear();
        }
        line.clear();
        if read_line(&mut input, &mut line)? == 0 {
            return Ok(());
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        if line.len() > MAX_LINE {
            out.extend_from_slice(br#"{"ok":false,"error":"line-too-long","message":"a request line is at most 64 MiB"}"#);
        } else {
            let before = out.len();
            answer(&line, &mut out);
            if out.len() == before {
                continue;
            }
        }
        out.push(b'\n');
    }
}

/// Like `read_until`, but keeps at most one byte over [`MAX_LINE`].
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let mut read = 0;
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(read);
        }
        let (part, done) = match available.iter().position(|&b| b == b'\n') {
            Some(at) => (&available[..=at], true),
            None => (available, false),
        };
        let room = (MAX_LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len();
        read += used;
        input.consume(used);
        if done {
            return Ok(read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_each_line_without_its_end() {
        let mut out = Vec::new();
        filter(&b"a\r\nb\n\nlast"[..], &mut out, |line, out| {
            out.push(b'[');
            out.extend_from_slice(line);
            out.push(b']');
        })
        .unwrap();
        assert_eq!(out, b"[a]\n[b]\n[]\n[last]\n");
    }
}
