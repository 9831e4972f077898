//! What the inspectors of strings have in common: lines come in, plain or as
//! JSON requests, and one JSON object a line goes out.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use xmpp_jid::{Error, Violation};

use crate::batch;

/// Where the lines come from and what they are.
#[derive(clap::Args)]
pub(crate) struct Input {
    /// What to read, a line each; `-` is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The lines are JSON requests, answered one by one as they come.
    #[arg(long, global = true)]
    batch: bool,
    /// For symmetry: the answers are JSON in any case.
    #[arg(long, global = true)]
    json: bool,
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

/// Answers each line with what `answer` writes for it.
///
/// Without `--batch`, negative verdicts go to standard error too, in words, and
/// make the exit status 1; with it, every line that has an answer is a success.
pub(crate) fn run(
    input: &Input,
    mut answer: impl FnMut(&Request<'_>, &mut Vec<u8>) -> Result<(), Failure>,
) -> ExitCode {
    let mut negative = false;
    let result = open(input).and_then(|source| {
        batch::filter(source, stdout().lock(), |line, out| {
            let request = if input.batch {
                serde_json::from_slice(line).map_err(|error| Failure::request(error.to_string()))
            } else {
                match str::from_utf8(line) {
                    Ok(text) => {
                        Ok(Request { input: Some(Text(Cow::Borrowed(text))), ..Request::default() })
                    }
                    Err(error) => Err(Failure::not_utf8(error.valid_up_to())),
                }
            };
            if let Err(failure) = request.and_then(|request| answer(&request, out)) {
                negative = true;
                if !input.batch {
                    eprintln!("{}", failure.message);
                }
                write(out, &failure);
            }
        })
    });
    match result {
        Ok(()) if negative && !input.batch => ExitCode::from(1),
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has heard enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", input.file.display());
            ExitCode::from(2)
        }
    }
}

/// Appends `value` as JSON.
pub(crate) fn write(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out.by_ref(), value).expect("a vector takes all, and keys are strings");
}

fn open(input: &Input) -> io::Result<Box<dyn Read>> {
    if input.file.as_os_str() == "-" {
        Ok(Box::new(stdin().lock()))
    } else {
        Ok(Box::new(BufReader::new(File::open(&input.file)?)))
    }
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
