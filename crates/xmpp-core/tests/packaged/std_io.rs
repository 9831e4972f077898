//! Transports of `std`: what is an error to the driver, and what is not.

use std::io::{self, ErrorKind, Read, Write};

use xmpp_core::{Output, Phase};

use crate::common::T0;
use crate::plain::Ends;

/// Takes or gives so many bytes at once, or fails.
struct Transport {
    does: Result<usize, ErrorKind>,
    written: Vec<u8>,
}

impl Transport {
    fn new(does: Result<usize, ErrorKind>) -> Self {
        Self { does, written: Vec::new() }
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.does?.min(bytes.len());
        self.written.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.does?.min(buffer.len());
        buffer[..n].fill(b' ');
        Ok(n)
    }
}

const PATIENT: [ErrorKind; 3] =
    [ErrorKind::Interrupted, ErrorKind::TimedOut, ErrorKind::WouldBlock];

fn ready_to_send() -> (Ends, usize) {
    let mut ends = Ends::established();
    ends.client.send_serialized(b"<message id='1'/>").unwrap();
    let Ok(Output::Transmit(bytes)) = ends.client.poll(T0) else { panic!() };
    let waiting = bytes.len();
    (ends, waiting)
}

#[test]
fn what_a_transport_took_is_sent_and_nothing_else() {
    let (mut ends, waiting) = ready_to_send();
    for kind in PATIENT {
        ends.client.write_to(&mut Transport::new(Err(kind))).unwrap();
        assert_eq!(ends.client.transmit().len(), waiting);
    }
    let mut some = Transport::new(Ok(3));
    ends.client.write_to(&mut some).unwrap();
    assert_eq!((&some.written[..], ends.client.transmit().len()), (&b"<me"[..], waiting - 3));
    let mut rest = Transport::new(Ok(usize::MAX));
    ends.client.write_to(&mut rest).unwrap();
    assert_eq!((rest.written.len(), ends.client.transmit().len()), (waiting - 3, 0));
    // With nothing to send, a transport that takes nothing is in order.
    ends.client.write_to(&mut Transport::new(Ok(0))).unwrap();
}

#[test]
fn a_transport_that_takes_nothing_or_breaks_is_an_error() {
    let (mut ends, _) = ready_to_send();
    let error = ends.client.write_to(&mut Transport::new(Ok(0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    let broken = Err(ErrorKind::ConnectionReset);
    let error = ends.client.write_to(&mut Transport::new(broken)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let error = ends.client.read_from(&mut Transport::new(broken)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn what_a_transport_gave_is_read_and_its_end_is_the_end() {
    let mut ends = Ends::established();
    for kind in PATIENT {
        ends.client.read_from(&mut Transport::new(Err(kind))).unwrap();
    }
    ends.client.read_from(&mut Transport::new(Ok(2))).unwrap();
    assert_eq!(ends.client_sends(), "", "white space keeps the stream alive");
    assert_eq!(ends.client.phase(), Phase::Established);
    ends.client.read_from(&mut Transport::new(Ok(0))).unwrap();
    assert!(!ends.client.wants_read());
    // Nothing more is read.
    ends.client.read_from(&mut Transport::new(Err(ErrorKind::ConnectionReset))).unwrap();
    ends.client_sends();
    assert_eq!(ends.client.phase(), Phase::Closed);
}

#[test]
fn once_the_streams_are_over_a_broken_transport_hides_nothing() {
    for writes in [true, false] {
        let mut ends = Ends::established();
        ends.give_client("</stream:stream>");
        while !matches!(ends.client.poll(T0), Ok(Output::Transmit(_))) {}
        assert_eq!(ends.client.phase(), Phase::Closed);
        let mut broken = Transport::new(Err(ErrorKind::BrokenPipe));
        if writes {
            ends.client.write_to(&mut broken).unwrap();
        } else {
            ends.client.read_from(&mut broken).unwrap();
        }
        assert!(matches!(ends.client.poll(T0), Ok(Output::Closed)));
    }
}
