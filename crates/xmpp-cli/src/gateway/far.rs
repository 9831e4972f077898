//! The local socket: lines in and lines out, of one program at a time.

use core::fmt::Display;
use core::future::pending;
use core::str::FromStr;
use core::time::Duration;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use crate::net::client::Failure;
use crate::net::place::Place;

/// Octets that a line has at most, both ways: room for an object of 512 KiB.
const MAX_LINE: usize = 1 << 20;

/// Octets that wait for the program to read them. Beyond, it is disconnected.
const MAX_WAITING: usize = 8 << 20;

/// How long a program that has ended its side may take to read the rest.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where programs connect.
pub(super) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

/// Where to listen: a host and a port, or a path.
#[derive(Clone, Debug)]
pub(super) enum At {
    Place(Place),
    Path(String),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("unix:") {
            Some("") => Err("expected a path after `unix:`".into()),
            Some(path) => Ok(Self::Path(path.to_owned())),
            None => text.parse().map(Self::Place),
        }
    }
}

impl Listener {
    /// Listens, and says where.
    pub(super) async fn bind(on: &At) -> Result<(Self, String), Failure> {
        let failed = |on: &dyn Display, error: io::Error| {
            Failure::new("listen", format!("cannot listen on {on}: {error}"))
        };
        let place = match on {
            At::Path(path) => return Self::bind_unix(path).map_err(|error| failed(path, error)),
            At::Place(place) => place,
        };
        let (host, port) = place.or_port(0);
        let found = tokio::net::lookup_host((host, port)).await;
        let found: Vec<_> = found.map_err(|error| failed(place, error))?.collect();
        if found.iter().any(|address| !address.ip().is_loopback()) {
            return Err(Failure::new("usage", format!("--listen {place}: not a loopback address")));
        }
        let bound = TcpListener::bind(&found[..]).await;
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|error| failed(place, error))?;
        Ok((Self::Tcp(listener), address.to_string()))
    }

    #[cfg(unix)]
    fn bind_unix(path: &str) -> io::Result<(Self, String)> {
        use std::os::unix::fs::FileTypeExt;
        // A socket that nobody listens on is what an earlier run has left.
        let is_socket = std::fs::metadata(path).is_ok_and(|file| file.file_type().is_socket());
        if is_socket
            && std::os::unix::net::UnixStream::connect(path)
                .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        {
            std::fs::remove_file(path)?;
        }
        Ok((Self::Unix(UnixListener::bind(path)?), format!("unix:{path}")))
    }

    #[cfg(not(unix))]
    fn bind_unix(_: &str) -> io::Result<(Self, String)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) async fn accept(&self) -> io::Result<Far> {
        match self {
            Self::Tcp(listener) => {
                let (socket, _) = listener.accept().await?;
                let _ = socket.set_nodelay(true);
                let (read, write) = socket.into_split();
                Ok(Far::new(Box::new(read), Box::new(write)))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (read, write) = listener.accept().await?.0.into_split();
                Ok(Far::new(Box::new(read), Box::new(write)))
            }
        }
    }
}

/// The program on the socket.
pub(super) struct Far {
    read: Box<dyn AsyncRead + Send + Unpin>,
    write: Box<dyn AsyncWrite + Send + Unpin>,
    input: Vec<u8>,
    /// Where in `input` the next line begins.
    start: usize,
    /// How far in `input` a line feed was looked for.
    seen: usize,
    /// The line is too long and its rest is not kept.
    skips: bool,
    /// Its side has ended.
    ended: bool,
    /// Lines read.
    lines: u64,
    output: Vec<u8>,
    /// How much of `output` is written.
    written: usize,
}

/// What came of waiting.
pub(super) enum Moved {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line longer than [`MAX_LINE`], which was skipped.
    TooLong,
    /// It has ended, or the socket is broken.
    Gone,
}

/// Waits for the program, if there is one; without `reads`, only until it has read
/// what is to be read. Safe to drop and call again.
pub(super) async fn next(far: Option<&mut Far>, reads: bool) -> Moved {
    match far {
        Some(far) => far.next(reads).await,
        None => pending().await,
    }
}

impl Far {
    fn new(
        read: Box<dyn AsyncRead + Send + Unpin>,
        write: Box<dyn AsyncWrite + Send + Unpin>,
    ) -> Self {
        Self {
            read,
            write,
            input: Vec::new(),
            start: 0,
            seen: 0,
            skips: false,
            ended: false,
            lines: 0,
            output: Vec::new(),
            written: 0,
        }
    }

    /// The number of the line that was read last.
    pub(super) const fn line(&self) -> u64 {
        self.lines
    }

    async fn next(&mut self, reads: bool) -> Moved {
        loop {
            if reads {
                if let Some(moved) = self.take() {
                    return moved;
                }
                if self.ended {
                    return Moved::Gone;
                }
                // What was taken leaves once for each read, not once for each line.
                self.input.drain(..self.start);
                self.seen -= self.start;
                self.start = 0;
                self.input.reserve(8 << 10);
            }
            let writes = self.written < self.output.len();
            tokio::select! {
                read = self.read.read_buf(&mut self.input), if reads => match read {
                    Ok(0) => self.ended = true,
                    Ok(_) => {}
                    Err(_) => return Moved::Gone,
                },
                written = self.write.write(&self.output[self.written..]), if writes => {
                    match written {
                        Ok(0) | Err(_) => return Moved::Gone,
                        Ok(written) => self.written += written,
                    }
                    if self.written == self.output.len() {
                        self.output.clear();
                        self.written = 0;
                    }
                }
                else => pending().await,
            }
        }
    }

    /// The next line of what was read.
    fn take(&mut self) -> Option<Moved> {
        let feed = self.input[self.seen..].iter().position(|&octet| octet == b'\n');
        let end = match feed {
            Some(at) => self.seen + at,
            None if self.ended && (self.start < self.input.len() || self.skips) => self.input.len(),
            None => {
                self.seen = self.input.len();
                if self.seen - self.start > MAX_LINE {
                    self.skips = true;
                }
                if self.skips {
                    self.start = self.seen;
                }
                return None;
            }
        };
        let line = &self.input[self.start..end];
        let moved = if core::mem::take(&mut self.skips) || line.len() > MAX_LINE {
            Moved::TooLong
        } else {
            Moved::Line(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
        };
        self.start = self.input.len().min(end + 1);
        self.seen = self.start;
        self.lines += 1;
        Some(moved)
    }

    /// Has a line written. False if there are too many already.
    pub(super) fn push(&mut self, line: &str) -> bool {
        if self.output.len() - self.written + line.len() >= MAX_WAITING {
            return false;
        }
        if self.written > MAX_WAITING / 2 {
            self.output.drain(..self.written);
            self.written = 0;
        }
        self.output.extend_from_slice(line.as_bytes());
        self.output.push(b'\n');
        true
    }

    /// Writes the rest, if it is read in time, and closes.
    pub(super) fn finish(mut self) {
        tokio::spawn(tokio::time::timeout(PATIENCE, async move {
            let _ = self.write.write_all(&self.output[self.written..]).await;
            let _ = self.write.shutdown().await;
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(input: Vec<u8>) -> Vec<String> {
        let mut far = Far::new(Box::new(io::Cursor::new(input)), Box::new(tokio::io::sink()));
        let mut lines = Vec::new();
        loop {
            match far.next(true).await {
                Moved::Line(line) => lines.push(String::from_utf8(line).unwrap()),
                Moved::TooLong => lines.push("too long".into()),
                Moved::Gone => return lines,
            }
            assert!(far.input.capacity() < 4 * MAX_LINE, "{}", far.input.capacity());
        }
    }

    /// What waits for a program that does not read is bounded, and what is pushed comes
    /// out as it was, whatever was written in between.
    #[tokio::test]
    async fn what_waits_is_bounded() {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let (read, write) = tokio::io::split(ours);
        let mut far = Far::new(Box::new(read), Box::new(write));
        let line = "x".repeat(MAX_LINE - 1);
        let pushed = (0..100).take_while(|_| far.push(&line)).count();
        assert_eq!(pushed, MAX_WAITING / MAX_LINE);
        let reading = tokio::spawn(async move {
            let mut heard = vec![0; 6 * MAX_LINE];
            theirs.read_exact(&mut heard).await.unwrap();
            (heard, theirs)
        });
        let waited = tokio::time::timeout(Duration::from_secs(60), async {
            while far.written < 5 * MAX_LINE {
                let short = Duration::from_millis(5);
                let _ = tokio::time::timeout(short, far.next(true)).await;
            }
        });
        waited.await.unwrap();
        assert!(far.push(&line) && far.push(&line));
        assert!(far.output.len() <= MAX_WAITING, "{}", far.output.len());
        let finish = tokio::spawn(async move {
            while far.written < far.output.len() {
                let short = Duration::from_millis(5);
                let _ = tokio::time::timeout(short, far.next(true)).await;
            }
        });
        let (mut heard, mut theirs) = reading.await.unwrap();
        let mut rest = vec![0; (pushed + 2 - 6) * MAX_LINE];
        theirs.read_exact(&mut rest).await.unwrap();
        finish.await.unwrap();
        heard.append(&mut rest);
        assert!(
            heard
                .split(|&octet| octet == b'\n')
                .take(pushed + 2)
                .all(|heard| heard == line.as_bytes())
        );
    }

    #[tokio::test]
    async fn a_line_of_any_length_is_read_or_skipped() {
        assert_eq!(lines(b"a\r\nb\n\nlast".to_vec()).await, ["a", "b", "", "last"]);
        let whole = "x".repeat(MAX_LINE);
        let text = format!("a\n{whole}\n{}\nb\n{whole}xx", whole.repeat(20));
        assert_eq!(lines(text.into_bytes()).await, ["a", &whole, "too long", "b", "too long"]);
    }
}
