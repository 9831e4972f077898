//! What the inspectors of strings have in common: arguments or lines come in, plain
//! or as JSON requests, and answers for people or one JSON object a line go out.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write, stdout};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xmpp_jid::{Error, Violation};

use crate::input::Source;
use crate::{batch, out, readable};

/// Where the texts come from and what they are.
#[derive(clap::Args)]
pub(crate) struct Input {
    /// What to look at: a text, or the name of a file with one a line; `-`, and no
    /// argument, is standard input, a line each.
    #[arg(value_name = "TEXT|FILE")]
    texts: Vec<OsString>,
    /// The lines are JSON requests, answered one by one as they come.
    #[arg(long, global = true)]
    batch: bool,
    /// One JSON object a line. The default for lines when standard output is no
    /// terminal.
    #[arg(long, global = true)]
    json: bool,
}

impl Input {
    fn sources(&self) -> Vec<Source> {
        if self.texts.is_empty() {
            vec![Source::Stdin]
        } else {
            self.texts.iter().map(|text| Source::of(text)).collect()
        }
    }
}

/// What is asked with `--batch`; a plain line is its `input`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) input: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) hex: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) profile: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) a: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) b: Option<Text<'a>>,
}

/// Borrowed from the line unless it has escapes: serde borrows a `Cow` only
/// where it is a field of its own.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl Request<'_> {
    /// The text to look at.
    ///
    /// # Errors
    ///
    /// What to answer where there is none.
    pub(crate) fn text(&self) -> Result<Cow<'_, str>, Failure> {
        match (&self.input, &self.hex) {
            (Some(input), None) => Ok(Cow::Borrowed(&input.0)),
            (None, Some(hex)) => match String::from_utf8(from_hex(&hex.0)?) {
                Ok(text) => Ok(Cow::Owned(text)),
                Err(error) => Err(Failure::not_utf8(error.utf8_error().valid_up_to())),
            },
            _ => Err(Failure::request("expected either \"input\" or \"hex\"")),
        }
    }
}

/// A negative verdict.
#[derive(Serialize)]
pub(crate) struct Failure {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<&'static str>,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_point: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'static str>,
}

impl Failure {
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self {
            ok: false,
            part: None,
            error: "bad-request",
            message: message.into(),
            at: None,
            code_point: None,
            section: None,
        }
    }

    fn not_utf8(at: usize) -> Self {
        Self {
            error: "not-utf-8",
            at: Some(at),
            section: Some("RFC 3629 §3"),
            ..Self::request(format!("at byte {at}: expected UTF-8 (RFC 3629 §3)"))
        }
    }
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Self {
            error: violation.as_str(),
            at: Some(violation.at()),
            code_point: violation.code_point().map(|c| format!("U+{:04X}", c as u32)),
            section: Some(violation.section()),
            ..Self::request(violation.to_string())
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            part: Some(error.part().as_str()),
            error: error.as_str(),
            at: Some(error.at()),
            code_point: error.code_point().map(|c| format!("U+{:04X}", c as u32)),
            section: Some(error.section()),
            ..Self::request(error.to_string())
        }
    }
}

/// Answers each text with what `answer` writes for it.
///
/// For people, negative verdicts go to standard error, with the line and the input;
/// for programs they are answers as well. They make the exit status 1, except with
/// `--batch`, where every line that has an answer is a success.
pub(crate) fn run(
    command: &str,
    input: &Input,
    answer: impl FnMut(&Request<'_>, &mut Vec<u8>) -> Result<(), Failure>,
) -> ExitCode {
    let sources = input.sources();
    let for_people = out::is_terminal() || sources.iter().any(Source::is_text);
    let who = format!("xmpp {command}");
    let mut inspector = Inspector {
        who: &who,
        batch: input.batch,
        readable: for_people && !input.json && !input.batch,
        negative: false,
        answer,
    };
    for source in &sources {
        match inspector.look_at(source) {
            Ok(()) => {}
            // Whoever reads has heard enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => {
                out::error(&who, error);
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::from(u8::from(inspector.negative && !input.batch))
}

struct Inspector<'w, A> {
    who: &'w str,
    batch: bool,
    readable: bool,
    negative: bool,
    answer: A,
}

impl<A: FnMut(&Request<'_>, &mut Vec<u8>) -> Result<(), Failure>> Inspector<'_, A> {
    fn look_at(&mut self, source: &Source) -> io::Result<()> {
        if let Source::Text(text) = source {
            // One text, whatever line ends are in it.
            let mut out = Vec::new();
            self.tell(source, 1, text.as_bytes(), &mut out);
            if !out.is_empty() {
                out.push(b'\n');
            }
            let mut stdout = stdout().lock();
            stdout.write_all(&out)?;
            return stdout.flush();
        }
        let mut number = 0;
        batch::filter(source.open()?, stdout().lock(), |line, out| {
            number += 1;
            self.tell(source, number, line, out);
        })
    }

    fn tell(&mut self, source: &Source, number: u64, line: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        let told = self.request(line).and_then(|request| (self.answer)(&request, out));
        match told {
            Ok(()) if self.readable => {
                let told = serde_json::from_slice::<Value>(&out[start..]);
                out.truncate(start);
                let told = told.map_or_else(|error| error.to_string(), |v| readable::answer(&v));
                out.extend_from_slice(told.as_bytes());
            }
            Ok(()) => {}
            Err(failure) => {
                out.truncate(start);
                self.negative = true;
                if self.readable {
                    let (place, text) = (source.place(number), String::from_utf8_lossy(line));
                    let text = out::bounded(&text, 100);
                    out::error(
                        self.who,
                        format!("{place}\u{201c}{text}\u{201d}: {}", failure.message),
                    );
                } else {
                    write(out, &failure);
                }
            }
        }
    }

    fn request<'l>(&self, line: &'l [u8]) -> Result<Request<'l>, Failure> {
        if self.batch {
            return serde_json::from_slice(line)
                .map_err(|error| Failure::request(error.to_string()));
        }
        match str::from_utf8(line) {
            Ok(text) => {
                Ok(Request { input: Some(Text(Cow::Borrowed(text))), ..Request::default() })
            }
            Err(error) => Err(Failure::not_utf8(error.valid_up_to())),
        }
    }
}

/// Appends `value` as JSON.
pub(crate) fn write(out: &mut Vec<u8>, value: &impl Serialize) {
    out::write_json(out, value);
}

fn from_hex(hex: &str) -> Result<Vec<u8>, Failure> {
    let digit = |b: &u8| char::from(*b).to_digit(16);
    hex.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some((digit(high)? << 4 | digit(low)?) as u8),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::request("\"hex\" is not pairs of hexadecimal digits"))
}
