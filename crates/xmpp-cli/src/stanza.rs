//! `xmpp stanza`: stanzas, and what is said around them, as the typed model
//! sees them.

mod model;
mod shape;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use xmpp_xml::{Error, ErrorKind, Item, Limits, RecvBuffer, StreamReader, ns};

use crate::input::{self, Source};
use crate::{batch, out, readable};

const WHO: &str = "xmpp stanza";

/// Reads stanzas, or a stream of them, and prints the typed model of each first-level
/// element, last in it what could not be modelled.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// One stanza, several, or a whole stream; or the name of a file with them; `-` is
    /// standard input.
    #[arg(value_name = "XML|FILE", default_value = "-")]
    input: OsString,
    /// Add each element as the model writes it, as `xml`.
    #[arg(long)]
    roundtrip: bool,
    /// One request a line in, `{"text":…}` or `{"base64":…}`, one answer a line out.
    #[arg(long)]
    batch: bool,
    /// One JSON object a line. The default for files and pipes when standard output
    /// is no terminal.
    #[arg(long)]
    json: bool,
}

/// The model of one element, as `xmpp listen` shows it.
pub(crate) fn model(element: xmpp_xml::ElementRef<'_>) -> Map<String, Value> {
    model::element(element, false)
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let source = Source::of_xml(&args.input);
    let mut text = Vec::new();
    let read = source.open().and_then(|mut input| {
        if args.batch {
            return batch::filter(input, io::stdout().lock(), |line, out| {
                out::write_json(out, &answer(line, args.roundtrip));
            });
        }
        input.read_to_end(&mut text).map(drop)
    });
    match read {
        Ok(()) if args.batch => ExitCode::SUCCESS,
        Ok(()) => {
            let for_people = source.is_text() || out::is_terminal();
            let mut good = true;
            let written = inspect(&text, args.roundtrip, for_people && !args.json, &mut good);
            out::ended(WHO, written, ExitCode::from(u8::from(!good)))
        }
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            out::error(WHO, error);
            ExitCode::from(2)
        }
    }
}

/// A line for each first-level element; the first thing that is wrong with the XML
/// ends it.
fn inspect(text: &[u8], roundtrip: bool, for_people: bool, good: &mut bool) -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut between = "";
    for_each(text, roundtrip, |line, at| {
        let wrong = line["ok"] == false;
        *good &= !wrong;
        if !for_people {
            return writeln!(output, "{}", out::json(&Value::Object(line)));
        }
        if wrong {
            output.flush()?;
            out::error(WHO, wrong_at(text, &line, at));
            return Ok(());
        }
        writeln!(output, "{between}{}", readable::answer(&Value::Object(line)))?;
        between = "\n";
        Ok(())
    })?;
    output.flush()
}

/// What is wrong, with its place and its rule.
fn wrong_at(text: &[u8], line: &Map<String, Value>, at: u64) -> String {
    let (row, column) = input::line_and_column(text, at);
    let message = line["message"].as_str().unwrap_or_default();
    match line.get("section") {
        // The model's messages have it already.
        Some(Value::String(section)) if !message.contains(section.as_str()) => {
            format!("line {row}, column {column}: {message} ({section})")
        }
        _ => format!("line {row}, column {column}: {message}"),
    }
}

/// The answer to one request of `--batch`: the model of its one element, or of
/// the header of its stream.
fn answer(line: &[u8], roundtrip: bool) -> Value {
    let text = match request(line) {
        Ok(text) => text,
        Err(message) => return json!({"ok": false, "error": "bad-line", "message": message}),
    };
    let mut lines = Vec::new();
    let told: io::Result<()> = for_each(&text, roundtrip, |line, _| {
        lines.push(line);
        Ok(())
    });
    drop(told); // Nothing is written, so nothing can fail.
    let wrong = lines.iter().position(|line| line["ok"] == false);
    if wrong.is_none() && lines.len() > 1 {
        // One answer a line: none of them is passed over in silence.
        let message = format!("there are {} elements, a request has one", lines.len());
        return json!({"ok": false, "error": "bad-line", "message": message});
    }
    match wrong.map(|at| lines.swap_remove(at)).or_else(|| lines.into_iter().next()) {
        Some(line) => Value::Object(line),
        None => json!({"ok": false, "error": "bad-line", "message": "there is no element"}),
    }
}

fn request(line: &[u8]) -> Result<Vec<u8>, String> {
    let request: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    match (&request["text"], &request["base64"]) {
        (Value::String(text), _) => Ok(text.clone().into_bytes()),
        (_, Value::String(base64)) => STANDARD.decode(base64).map_err(|error| error.to_string()),
        _ => Err("the request needs \"text\" or \"base64\"".into()),
    }
}

/// Calls `tell` for each first-level element of `text`, and for what is wrong
/// with it, with the byte where it begins.
fn for_each(
    text: &[u8],
    roundtrip: bool,
    mut tell: impl FnMut(Map<String, Value>, u64) -> io::Result<()>,
) -> io::Result<()> {
    // Stanzas without a stream around them are read as in a client's stream.
    let whole_stream = has_stream_header(text);
    let header =
        format!("<stream:stream xmlns='{}' xmlns:stream='{}'>", ns::CLIENT.uri(), ns::STREAM.uri());
    let before: &[u8] = if whole_stream { b"" } else { header.as_bytes() };
    let input = [before, text].concat();
    let mut rest = input.as_slice();
    let mut rx = RecvBuffer::new(input.len() + 64);
    let mut reader = StreamReader::new(Limits::default());
    let mut elements = 0_u64;
    loop {
        // After TLS and SASL a header follows that no end tag announces.
        let consumed = usize::try_from(rx.received()).unwrap_or(0) - rx.unread();
        if consumed > 0 && has_stream_header(input.get(consumed..).unwrap_or_default()) {
            reader.restart();
        }
        match reader.poll(&mut rx) {
            Ok(Some(Item::Header(element))) if whole_stream => {
                let at = reader.item_offset().saturating_sub(before.len() as u64);
                tell(model::header(element), at)?;
            }
            Ok(Some(Item::Element(element))) => {
                elements += 1;
                let at = reader.item_offset().saturating_sub(before.len() as u64);
                tell(model::element(element, roundtrip), at)?;
            }
            Ok(Some(Item::Closed)) => return Ok(()),
            Ok(Some(_)) => {}
            Ok(None) if rest.is_empty() => {
                let at = rx.received() - before.len() as u64;
                return match rx.unread() {
                    0 if elements > 0 || whole_stream => Ok(()),
                    _ => tell(ended_early(at), at),
                };
            }
            Ok(None) => {
                let taken = rx.push(rest);
                if taken == 0 {
                    let at = rx.received() - before.len() as u64;
                    return tell(ended_early(at), at);
                }
                rest = rest.get(taken..).unwrap_or_default();
            }
            Err(error) => {
                let at = error.offset().saturating_sub(before.len() as u64);
                return tell(not_xml(&error, at), at);
            }
        }
    }
}

/// Whether the text, after an XML declaration perhaps, begins a stream.
fn has_stream_header(text: &[u8]) -> bool {
    let text = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(text).trim_ascii_start();
    let after = if text.starts_with(b"<?xml") {
        let end = text.windows(2).position(|pair| pair == b"?>");
        end.and_then(|end| text.get(end + 2..)).unwrap_or_default()
    } else {
        text
    };
    let tag = after.trim_ascii_start();
    let end = tag.iter().position(|byte| b" \t\r\n/>".contains(byte)).unwrap_or(tag.len());
    let name = tag.get(..end).unwrap_or_default();
    name == b"<stream" || name.ends_with(b":stream")
}

fn not_xml(error: &Error, offset: u64) -> Map<String, Value> {
    object(json!({
        "ok": false,
        "error": error.condition().as_str(),
        "offset": offset,
        "section": error.kind().section(),
        "message": format!("{} at byte {offset}", error.kind()),
    }))
}

fn ended_early(at: u64) -> Map<String, Value> {
    object(json!({
        "ok": false,
        "error": "not-well-formed",
        "offset": at,
        "section": ErrorKind::UnexpectedEnd.section(),
        "message": format!("the input ends before an element does, at byte {at}"),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The language-neutral vectors: each expected member is in the answer.
    #[test]
    fn the_vectors_hold() {
        let vectors = [
            include_str!("../../../conformance/vectors/stanza/stanzas.jsonl"),
            include_str!("../../../conformance/vectors/stanza/errors.jsonl"),
            include_str!("../../../conformance/vectors/stanza/streams.jsonl"),
        ];
        let mut wrong = Vec::new();
        for line in vectors.iter().flat_map(|file| file.lines()) {
            let vector: Value = serde_json::from_str(line).unwrap();
            let answer = answer(line.as_bytes(), false);
            for (key, expected) in vector["expected"].as_object().unwrap() {
                if answer.get(key) != Some(expected) {
                    wrong.push(format!("{}: {key} is not {expected}: {answer}", vector["id"]));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn lines(text: &str) -> Vec<Value> {
        let mut lines = Vec::new();
        for_each(text.as_bytes(), true, |line, _| {
            lines.push(Value::Object(line));
            Ok(())
        })
        .unwrap();
        lines
    }

    #[test]
    fn a_stream_is_read_to_its_end() {
        let lines = lines(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:server' to='a.example' \
             xmlns:stream='http://etherx.jabber.org/streams' xml:lang='en'>\n<message to='x'/> \
             <iq/></stream:stream>",
        );
        let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["stream", "message", "iq"]);
        assert_eq!(lines[0]["to"], "a.example");
        assert_eq!(lines[1]["lang"], "en");
        assert_eq!(lines[2]["ok"], false);
    }

    #[test]
    fn a_stream_may_be_restarted() {
        let header = "<stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>";
        let lines = lines(&format!(
            "{header}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><?xml version='1.0'?>{header}\
             <message/>{header}\n<presence/></stream:stream>"
        ));
        let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["stream", "starttls", "stream", "message", "stream", "presence"]);
    }

    #[test]
    fn stanzas_need_no_stream() {
        let lines = lines("<message><body>a</body></message>\n<presence/>\n");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["xml"], "<message><body>a</body></message>");
    }

    #[test]
    fn what_is_not_xml_has_an_offset_of_its_own() {
        assert_eq!(lines("<message></iq>")[0]["offset"], 9);
        assert_eq!(lines("<message><!-- -->")[0]["error"], "restricted-xml");
        assert_eq!(lines("<message>")[0]["error"], "not-well-formed");
        assert_eq!(lines("<message>")[0]["offset"], 9);
        assert_eq!(lines("")[0]["ok"], false);
    }

    #[test]
    fn a_bad_line_is_answered() {
        for line in ["", "{}", "[]", "{\"text\":1}", "{\"base64\":\"*\"}", "{\"text\":\"\"}"] {
            assert_eq!(answer(line.as_bytes(), false)["ok"], false, "{line}");
        }
        // Two stanzas have no one answer; neither have a header and a stanza.
        let stream = "<stream:stream xmlns='jabber:client' \
            xmlns:stream='http://etherx.jabber.org/streams'>";
        for text in ["<presence/><message/>", "<iq id='1' type='result'/> <presence/>\n<message/>"]
        {
            for text in [text.to_owned(), format!("{stream}{text}</stream:stream>")] {
                let line = json!({"text": text}).to_string();
                let told = answer(line.as_bytes(), false);
                assert_eq!((&told["ok"], &told["error"]), (&json!(false), &json!("bad-line")));
                assert!(told["message"].as_str().unwrap().starts_with("there are "), "{told}");
            }
        }
        let answer = answer(br#"{"base64":"PGlxIGlkPScxJyB0eXBlPSdyZXN1bHQnLz4="}"#, true);
        assert_eq!((&answer["kind"], &answer["type"]), (&json!("iq"), &json!("result")));
    }
}
