//! Transports of `std`.

use std::io::{Error, ErrorKind, Read, Result, Write};

use super::Endpoint;
use crate::connection::Phase;
use crate::role::Role;

impl<R: Role> Endpoint<R> {
    /// Sends some of [`Output::Transmit`](crate::Output::Transmit) on a transport of
    /// `std`. If the streams are over, a broken transport is no error: the next poll
    /// tells how they ended.
    ///
    /// # Errors
    ///
    /// The error of the transport, unless it says to try again.
    pub fn write_to<T: Write>(&mut self, transport: &mut T) -> Result<()> {
        match transport.write(self.transmit()) {
            // `std`'s word for a transport that takes nothing any more.
            Ok(0) if !self.transmit().is_empty() => {
                self.take_io_error(ErrorKind::WriteZero.into())?;
            }
            Ok(n) => self.transmitted(n),
            Err(error) => self.take_io_error(error)?,
        }
        Ok(())
    }

    /// Reads once from a transport of `std`, as much as there is room for. That it
    /// has ended, or that its timeout has passed, is no error.
    ///
    /// # Errors
    ///
    /// The error of the transport, unless it says to try again.
    pub fn read_from<T: Read>(&mut self, transport: &mut T) -> Result<()> {
        let Some(buffer) = self.recv_buf() else { return Ok(()) };
        match transport.read(buffer) {
            Ok(0) => self.handle_eof(),
            Ok(n) => self.handle_read(n),
            Err(error) => self.take_io_error(error)?,
        }
        Ok(())
    }

    fn take_io_error(&mut self, error: Error) -> Result<()> {
        use ErrorKind::{Interrupted, TimedOut, WouldBlock};
        if matches!(error.kind(), Interrupted | TimedOut | WouldBlock) {
            return Ok(());
        }
        if self.phase() != Phase::Closed {
            return Err(error);
        }
        self.handle_broken_transport();
        Ok(())
    }
}
