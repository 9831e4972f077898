//! What stands before the root element: the XML declaration (XML 1.0, section
//! 2.8; RFC 6120, section 11.5) and signs of other encodings.

use crate::ErrorKind;
use crate::chars::is_space;
use crate::lexer::{Fault, fault};

/// An XML declaration longer than this, in bytes, is over the limit whatever
/// the reader's limits are: it is looked at again with each piece of it.
const MOST_DECLARATION_BYTES: usize = 1024;

/// What the very beginning of the input shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// More text is needed to tell.
    Undecided,
    /// An XML declaration of that length.
    Declaration(usize),
    /// Something else.
    Other,
}

/// Looks at the very beginning of the input.
pub(crate) fn opening(text: &str) -> Result<Opening, Fault> {
    let bytes = text.as_bytes();
    // XML 1.0, appendix F.1: UTF-16 and UTF-32 without a byte-order mark.
    match bytes {
        [0, ..] | [b'<', 0, ..] => return fault(ErrorKind::Encoding, 0, 0),
        _ => {}
    }
    const START: &[u8] = b"<?xml";
    if bytes.len() <= START.len() {
        return Ok(if START.starts_with(bytes) { Opening::Undecided } else { Opening::Other });
    }
    if !bytes.starts_with(START) || !is_space(bytes[START.len()]) {
        return Ok(Opening::Other);
    }
    let most =
        (0..=MOST_DECLARATION_BYTES.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    let mut declaration = Declaration { bytes: &bytes[..most.unwrap_or(0)], at: START.len() };
    match declaration.read() {
        Ok(()) => Ok(Opening::Declaration(declaration.at)),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::End) if bytes.len() > MOST_DECLARATION_BYTES => {
            fault(ErrorKind::TooManyBytes, 0, MOST_DECLARATION_BYTES)
        }
        Err(Stop::End) => Ok(Opening::Undecided),
    }
}

/// `'<?xml' VersionInfo EncodingDecl? SDDecl? S? '?>'`
struct Declaration<'a> {
    bytes: &'a [u8],
    at: usize,
}

enum Stop {
    End,
    Fault(Fault),
}

impl Declaration<'_> {
    fn read(&mut self) -> Result<(), Stop> {
        self.space()?;
        let version = self.pseudo_attribute(b"version")?;
        // VersionNum ::= '1.' [0-9]+
        match self.bytes.get(version.0..version.1) {
            Some([b'1', b'.', minor @ ..])
                if !minor.is_empty() && minor.iter().all(u8::is_ascii_digit) => {}
            _ => return self.malformed(),
        }
        let mut spaced = self.space()?;
        if self.next()? == b'e' {
            if !spaced {
                return self.malformed();
            }
            let (from, end) = self.pseudo_attribute(b"encoding")?;
            let name = &self.bytes[from..end];
            // EncName ::= [A-Za-z] ([A-Za-z0-9._] | '-')*
            let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
            if !name.first().is_some_and(u8::is_ascii_alphabetic) || !name.iter().all(is_name) {
                return self.malformed();
            }
            if !name.eq_ignore_ascii_case(b"UTF-8") {
                return Err(Stop::Fault(Fault {
                    kind: ErrorKind::Encoding,
                    at: from,
                    stopped: end,
                }));
            }
            spaced = self.space()?;
        }
        if self.next()? == b's' {
            if !spaced {
                return self.malformed();
            }
            let (from, end) = self.pseudo_attribute(b"standalone")?;
            if !matches!(&self.bytes[from..end], b"yes" | b"no") {
                return self.malformed();
            }
            self.space()?;
        }
        self.expect(b"?>")
    }

    /// `Name Eq Quote Value Quote`; gives the bounds of the value.
    fn pseudo_attribute(&mut self, name: &[u8]) -> Result<(usize, usize), Stop> {
        self.expect(name)?;
        self.space()?;
        self.expect(b"=")?;
        self.space()?;
        let quote = self.next()?;
        if !matches!(quote, b'\'' | b'"') {
            return self.malformed();
        }
        self.at += 1;
        let from = self.at;
        loop {
            let byte = self.next()?;
            if byte == quote {
                break;
            }
            if !byte.is_ascii_graphic() || matches!(byte, b'<' | b'&' | b'>' | b'\'' | b'"') {
                return self.malformed();
            }
            self.at += 1;
        }
        self.at += 1;
        Ok((from, self.at - 1))
    }

    fn next(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::End)
    }

    fn expect(&mut self, what: &[u8]) -> Result<(), Stop> {
        for &byte in what {
            if self.next()? != byte {
                return self.malformed();
            }
            self.at += 1;
        }
        Ok(())
    }

    fn space(&mut self) -> Result<bool, Stop> {
        let from = self.at;
        while is_space(self.next()?) {
            self.at += 1;
        }
        Ok(self.at > from)
    }

    fn malformed<T>(&self) -> Result<T, Stop> {
        Err(Stop::Fault(Fault { kind: ErrorKind::InvalidXmlDeclaration, at: 0, stopped: self.at }))
    }
}
