//! What rxml, the tokenizer of xmpp-rs, makes of the streams that xmpp-stanza generates:
//!
//! ```text
//! cargo run --release -p xmpp-stanza --features arbitrary --example streams -- FOLDER 20000
//! cargo run --release -p xmpp-bench --example streams_on_rxml -- FOLDER
//! ```
//!
//! `fuzz/streams-on-expat` is the same for expat. Nothing of this project reads a stream here:
//! where both agree with the list of faults, the list is right.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use rxml::error::EndOrError;
use rxml::{Event, Parse, Parser};
use serde_json::Value;

/// How many first-level elements have ended, and whether the bytes were refused.
fn read(bytes: &[u8], piece: usize) -> (u64, bool) {
    let mut parser = Parser::new();
    let (mut depth, mut elements) = (0, 0);
    for mut piece in bytes.chunks(piece) {
        loop {
            match parser.parse(&mut piece, false) {
                Ok(Some(Event::StartElement(..))) => depth += 1,
                Ok(Some(Event::EndElement(..))) => {
                    depth -= 1;
                    elements += u64::from(depth == 1);
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(EndOrError::NeedMoreData) => break,
                Err(EndOrError::Error(_)) => return (elements, true),
            }
        }
    }
    (elements, false)
}

/// What it makes of a stream, if that is another thing than the list says.
fn difference(case: &Value, bytes: &[u8], piece: usize) -> Option<String> {
    let elements = case["elements"].as_u64()?;
    let Some(fault) = case["fault"].as_str() else {
        let read = read(bytes, piece);
        return (read != (elements, false)).then(|| format!("a good stream: {read:?}"));
    };
    let place = |key| usize::try_from(case[key].as_u64()?).ok();
    let (start, end) = (place("start")?, place("end")?);
    if read(&bytes[..start], piece) != (elements, false) {
        return Some(format!("{fault}: refused before it"));
    }
    // The others are XML, which rxml is for.
    if case["level"] != "xml" || read(&bytes[..end], piece).1 {
        return None;
    }
    let later = read(bytes, piece).1;
    Some(format!("{fault}: {}", if later { "refused later" } else { "not refused" }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: streams_on_rxml FOLDER")?;
    let folder = Path::new(&folder);
    let mut streams = 0;
    let mut differences: BTreeMap<String, (u32, String)> = BTreeMap::new();
    for (line, piece) in std::fs::read_to_string(folder.join("index.jsonl"))?
        .lines()
        .zip([1, 7, 64, 8192].iter().cycle())
    {
        let case: Value = serde_json::from_str(line)?;
        let file = case["file"].as_str().ok_or("a line without a file")?;
        streams += 1;
        if let Some(what) = difference(&case, &std::fs::read(folder.join(file))?, *piece) {
            differences.entry(what).or_insert_with(|| (0, file.into())).0 += 1;
        }
    }
    println!("{streams} streams");
    for (what, (count, example)) in differences {
        println!("{count:6} {what}, as in {example}");
    }
    Ok(())
}
