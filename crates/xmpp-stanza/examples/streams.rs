//! Writes XMPP streams to files, to fuzz an implementation in any language:
//!
//! ```text
//! cargo run -p xmpp-stanza --features arbitrary --example streams -- FOLDER COUNT [NUMBER [FAULT]]
//! ```
//!
//! `FOLDER/000000.xml` and so on are the streams, the same ones for the same NUMBER (0);
//! every second one has a fault, or all have the one that is named (`none`: none has).
//! `FOLDER/index.jsonl` has a line for each:
//!
//! ```json
//! {"file":"000000.xml","content":"jabber:client","usual_prefix":true,"elements":3,
//!  "fault":"comment","start":231,"end":249,"conditions":["restricted-xml","bad-format"],
//!  "section":"RFC 6120, 11.1","level":"xml"}
//! ```
//!
//! A stream without a fault (`"fault":null`) has to be read to its end. Of another, the
//! bytes before `start` must not be refused, and those up to `end` must be, with one of the
//! `conditions`; in both cases after so many first-level `elements`.

use core::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use xmpp_stanza::arbitrary::{Arbitrary, Fault, Level, Stream, Unstructured};

/// SplitMix64, so that a number means the same streams everywhere.
fn decisions(mut state: u64) -> Vec<u8> {
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let words = next() % 256;
    (0..words).flat_map(|_| next().to_le_bytes()).collect()
}

fn made(bytes: &[u8], fault: Option<&str>) -> Result<Stream, Box<dyn Error>> {
    let mut u = Unstructured::new(bytes);
    Ok(match fault {
        None => Stream::arbitrary(&mut u)?,
        Some("none") => Stream::good(&mut u)?,
        Some(name) => {
            let fault = Fault::ALL.iter().find(|fault| fault.as_str() == name);
            Stream::faulty(*fault.ok_or_else(|| format!("there is no fault {name}"))?, &mut u)?
        }
    })
}

fn line(file: &str, stream: &Stream) -> String {
    let mut line = format!(
        "{{\"file\":\"{file}\",\"content\":\"{}\",\"usual_prefix\":{},\"elements\":{},\"fault\":",
        stream.content, stream.usual_prefix, stream.elements
    );
    match &stream.fault {
        None => line += "null}",
        Some((fault, place)) => {
            let level = if fault.level() == Level::Xml { "xml" } else { "stream" };
            line += &format!(
                "\"{fault}\",\"start\":{},\"end\":{},\"conditions\":{:?},\"section\":\"{}\",\"level\":\"{level}\"}}",
                place.start,
                place.end,
                fault.conditions(),
                fault.section()
            );
        }
    }
    line
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (folder, count) = match &args[..] {
        [folder, count, ..] if args.len() <= 4 => (PathBuf::from(folder), count.parse::<u64>()?),
        _ => return Err("usage: streams FOLDER COUNT [NUMBER [FAULT]]".into()),
    };
    let number: u64 = args.get(2).map_or(Ok(0), |number| number.parse())?;
    fs::create_dir_all(&folder)?;
    let mut index = BufWriter::new(File::create(folder.join("index.jsonl"))?);
    for n in 0..count {
        let bytes = decisions(number.wrapping_mul(1 << 32).wrapping_add(n));
        let stream = made(&bytes, args.get(3).map(String::as_str))?;
        let file = format!("{n:06}.xml");
        fs::write(folder.join(&file), &stream.bytes)?;
        writeln!(index, "{}", line(&file, &stream))?;
    }
    index.flush()?;
    Ok(())
}
