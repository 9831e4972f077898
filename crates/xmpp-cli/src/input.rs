//! Where the text of an inspector comes from: an argument, a file or a pipe.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read, stdin};
use std::path::{Path, PathBuf};

use crate::out;

/// A source of text.
pub(crate) enum Source {
    /// The argument itself.
    Text(String),
    File(PathBuf),
    Stdin,
}

impl Source {
    /// `-` is standard input, what names a file is that file, and any other argument
    /// is the text itself.
    pub(crate) fn of(argument: &OsStr) -> Self {
        Self::of_text_like(argument, |_| true)
    }

    /// The source that an argument names, for XML: `-` is standard input, what begins with
    /// `<` is the text itself, and anything else the name of a file.
    pub(crate) fn of_xml(argument: &OsStr) -> Self {
        Self::of_text_like(argument, |text| text.trim_start().starts_with('<'))
    }

    fn of_text_like(argument: &OsStr, is_text: impl FnOnce(&str) -> bool) -> Self {
        let path = Path::new(argument);
        if argument == "-" {
            return Self::Stdin;
        }
        // A pipe has a name as well, a folder has nothing to read.
        if path.exists() && !path.is_dir() {
            return Self::File(path.to_owned());
        }
        match argument.to_str().filter(|text| is_text(text)) {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::File(path.to_owned()),
        }
    }

    pub(crate) const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Text(text) => Box::new(io::Cursor::new(text.clone().into_bytes())),
            Self::File(path) => {
                let named = |error: io::Error| {
                    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                };
                Box::new(BufReader::new(File::open(path).map_err(named)?))
            }
            Self::Stdin => {
                if stdin().is_terminal() {
                    out::note("reading standard input; Ctrl-D ends it");
                }
                Box::new(stdin().lock())
            }
        })
    }

    /// Where a line is, for errors.
    pub(crate) fn place(&self, line: u64) -> String {
        match self {
            Self::Text(_) => String::new(),
            Self::File(path) => format!("{}, line {line}: ", path.display()),
            Self::Stdin => format!("line {line}: "),
        }
    }
}

/// The line and the column of a byte, both from 1; columns count characters.
pub(crate) fn line_and_column(text: &[u8], byte: u64) -> (usize, usize) {
    let end = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let before = &text[..end];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = "ab\nüx\n".as_bytes();
        let places = [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (5, (2, 2)), (99, (3, 1))];
        for (byte, place) in places {
            assert_eq!(line_and_column(text, byte), place, "{byte}");
        }
    }
}
