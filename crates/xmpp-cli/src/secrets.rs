//! Names and their secrets, from the command line or from a file.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::path::Path;

/// A file of secrets that is longer than this (bytes) is none.
const MOST: u64 = 64 << 20;

/// The names and secrets of `given`, and of `file`, one NAME:SECRET a line; of a line,
/// empty or beginning with `#`, nothing is read. `-` is standard input. `option` is
/// where those given stand.
///
/// # Errors
///
/// Where there is something else, in words that do not repeat it: what stands there
/// may be a secret whose name was forgotten.
pub(crate) fn pairs(
    option: &str,
    given: &[String],
    file: Option<&Path>,
) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for line in given {
        pairs.push(
            pair(line).ok_or_else(|| format!("{option}: expected a name, `:` and a secret"))?,
        );
    }
    let Some(path) = file else { return Ok(pairs) };
    let name =
        if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    let text = read(path).map_err(|error| format!("{name}: {error}"))?;
    for (at, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || format!("{name}, line {}: expected a name, `:` and a secret", at + 1);
        pairs.push(pair(line).ok_or_else(wrong)?);
    }
    Ok(pairs)
}

/// The first line of a file is a password; `-` is standard input.
pub(crate) fn password(path: &Path) -> Result<String, String> {
    let text = read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn pair(line: &str) -> Option<(String, String)> {
    let (name, secret) = line.split_once(':')?;
    let complete = !name.is_empty() && !secret.is_empty();
    complete.then(|| (name.to_owned(), secret.to_owned()))
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    if path == Path::new("-") {
        stdin().lock().take(MOST).read_to_string(&mut text)?;
    } else {
        File::open(path)?.take(MOST).read_to_string(&mut text)?;
    }
    Ok(text)
}
