//! What people and programs get to read: lines on standard output, errors on
//! standard error, neither of which can make the program panic.

use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// So many characters of a text that somebody else has written are shown.
const MOST_SHOWN: usize = 500;

/// Prints a line at once.
///
/// # Errors
///
/// Those of writing. [`ended`] says what they mean.
pub(crate) fn line(text: impl AsRef<str>) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_ref().as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// An error, on standard error, once. What a peer or a file has put into the message
/// is escaped and bounded.
pub(crate) fn error(who: &str, message: impl core::fmt::Display) {
    note(&format!("{who}: {}", shown(&message.to_string())));
}

/// A line on standard error, for people. If nobody reads there, so be it.
pub(crate) fn note(text: &str) {
    let _ = stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// The exit status after output could not be written: whoever reads a pipe may have
/// heard enough, which is `status`; anything else is a failure.
pub(crate) fn ended(who: &str, written: io::Result<()>, status: ExitCode) -> ExitCode {
    match written {
        Ok(()) => status,
        Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => status,
        Err(problem) => {
            error(who, format!("cannot write: {problem}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether people look at standard output.
pub(crate) fn is_terminal() -> bool {
    stdout().is_terminal()
}

/// How to set off text on standard output: on a terminal only, and not if
/// `NO_COLOR` is set or the terminal is dumb.
#[derive(Clone, Copy)]
pub(crate) struct Colours(bool);

impl Colours {
    pub(crate) fn of_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        Self(is_terminal() && !unwanted && !dumb)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.set_off("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.set_off("2", text)
    }

    fn set_off(self, how: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{how}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The text without what a terminal would obey or would show in another order than
/// it is in: these characters are written as numbers.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unprintable(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// As [`escaped`], and no longer than people care to read.
pub(crate) fn shown(text: &str) -> String {
    bounded(&escaped(text), MOST_SHOWN)
}

/// The first `most` characters, and how much was left out.
pub(crate) fn bounded(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            format!("{}… ({} bytes more)", &text[..end], text.len() - end)
        }
    }
}

/// A message for programs: as it is, but bounded.
pub(crate) fn message(text: &str) -> String {
    bounded(text, MOST_SHOWN)
}

/// Control characters, and those that Unicode reorders or breaks lines by.
const fn is_unprintable(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A value as JSON in one line, in which those characters are escaped as well: the
/// same value to every program, and harmless on a terminal.
pub(crate) fn json(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write_json(&mut out, value);
    String::from_utf8(out).expect("JSON is text")
}

/// Appends it.
pub(crate) fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    let mut serializer = Serializer::with_formatter(out, Harmless);
    value.serialize(&mut serializer).expect("a vector takes all, and keys are strings");
}

struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unprintable) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut after = from.chars();
            if let Some(c) = after.next() {
                write!(writer, "\\u{:04x}", u32::from(c))?;
            }
            rest = after.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\x1b[2Jb\u{9b}c\u{202e}d\x7f\r\n";

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(escaped(HOSTILE), "a\\u{1b}[2Jb\\u{9b}c\\u{202e}d\\u{7f}\\r\\n");
        assert_eq!(escaped("grüß \u{1f44b} שלום"), "grüß \u{1f44b} שלום");
    }

    #[test]
    fn what_is_shown_is_bounded() {
        let long = shown(&"\x1b".repeat(100_000));
        assert!(long.chars().count() < 2 * MOST_SHOWN, "{}", long.len());
        assert!(shown(&"ä".repeat(600)).ends_with("… (200 bytes more)"));
    }

    #[test]
    fn json_is_the_same_value_and_harmless() {
        let line = json(&HOSTILE);
        assert!(line.is_ascii() && !line.contains(char::is_control), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), HOSTILE);
    }

    #[test]
    fn colours_are_for_terminals() {
        assert_eq!(Colours(false).bold("a"), "a");
        assert_eq!(Colours(true).dim("a"), "\x1b[2ma\x1b[0m");
    }
}
