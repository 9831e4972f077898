//! `xmpp xml`: what is in XML, or what is wrong with it.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use xmpp_xml::{
    DocumentReader, Element, ElementRef, Error, Item, Limits, Node, RecvBuffer, StreamReader,
};

use crate::input::{self, Source};
use crate::{batch, out};

const WHO: &str = "xmpp xml";

/// The most that a document may have, in bytes. What one inspects is not what
/// one lets strangers send.
const MAX_DOCUMENT_BYTES: u32 = 64 << 20;

/// Reads XML as RFC 6120 restricts it: what is in it, or what is wrong with it
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the input is: an XML stream, or a document
    #[arg(long, value_enum, default_value_t = Mode::Stream)]
    mode: Mode,
    /// Feed that many bytes at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    chunk: Option<u32>,
    /// Print the verdict alone, not the events
    #[arg(long)]
    quiet: bool,
    /// Add the canonical form (C14N 2.0, default parameters)
    #[arg(long)]
    canonical: bool,
    /// Read a request a line, `{"text":…}` or `{"base64":…}`, and answer each with a verdict
    #[arg(long)]
    batch: bool,
    /// One JSON object a line. The default for files and pipes when standard output
    /// is no terminal
    #[arg(long)]
    json: bool,
    /// XML, or the name of a file; `-` is standard input
    #[arg(value_name = "XML|FILE", default_value = "-")]
    input: OsString,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Header, first-level elements, end tag (RFC 6120, section 4)
    Stream,
    /// One root element (XML 1.0, section 2.1)
    Document,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match read(args) {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            out::error(WHO, error);
            ExitCode::from(2)
        }
    }
}

fn read(args: &Args) -> io::Result<ExitCode> {
    let source = Source::of_xml(&args.input);
    let input = source.open()?;
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    if args.batch {
        batch::filter(input, out, |line, answer| {
            let verdict = match request(line) {
                Ok(bytes) => inspect(&bytes, args, &mut |_| Ok(())).unwrap_or_else(not_read),
                Err(message) => json!({"ok": false, "error": "bad-request", "message": message}),
            };
            out::write_json(answer, &verdict);
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut bytes = Vec::new();
    let most = u64::from(MAX_DOCUMENT_BYTES) * 4;
    let read = input.take(most + 1).read_to_end(&mut bytes)?;
    if read as u64 > most {
        return Err(io::Error::other("the input has more than 256 MiB"));
    }
    let for_people = !args.json && (source.is_text() || out::is_terminal());
    let mut depth = 0;
    let verdict = inspect(&bytes, args, &mut |event| match () {
        () if args.quiet => Ok(()),
        () if for_people => outline(&mut out, &event, &mut depth),
        () => writeln!(out, "{}", out::json(&event)),
    })?;
    let good = verdict["ok"] == true;
    match () {
        () if !for_people => writeln!(out, "{}", out::json(&verdict))?,
        () if good => {
            writeln!(
                out,
                "well-formed: {} elements, {} bytes",
                verdict["elements"], verdict["bytes"]
            )?;
            if let Value::String(canonical) = &verdict["canonical"] {
                writeln!(out, "{}", out::escaped(canonical))?;
            }
        }
        () => {}
    }
    out.flush()?;
    if for_people && !good {
        let (row, column) = input::line_and_column(&bytes, verdict["offset"].as_u64().unwrap_or(0));
        let [message, offset, error, section] =
            ["message", "offset", "error", "section"].map(|key| match &verdict[key] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
        out::error(
            WHO,
            format!("line {row}, column {column} (byte {offset}): {message} ({error}; {section})"),
        );
    }
    Ok(ExitCode::from(u8::from(!good)))
}

/// An event for people: what is in an element stands below it, further in.
fn outline(out: &mut impl Write, event: &Value, depth: &mut usize) -> io::Result<()> {
    let text = |value: &Value| out::escaped(value.as_str().unwrap_or_default());
    let name = |value: &Value| match text(&value["prefix"]) {
        prefix if prefix.is_empty() => text(&value["name"]),
        prefix => format!("{prefix}:{}", text(&value["name"])),
    };
    // No indentation is wider than people's screens.
    let indent = " ".repeat(2 * (*depth).min(20));
    match event["event"].as_str() {
        Some("start") => {
            *depth += 1;
            write!(out, "{indent}{}", name(event))?;
            if event["namespace"] != "" {
                write!(out, " {{{}}}", text(&event["namespace"]))?;
            }
            for attribute in event["attributes"].as_array().into_iter().flatten() {
                write!(out, " {}=\u{201c}{}\u{201d}", name(attribute), text(&attribute["value"]))?;
            }
            writeln!(out)
        }
        Some("end") => {
            *depth = depth.saturating_sub(1);
            Ok(())
        }
        _ => writeln!(out, "{indent}\u{201c}{}\u{201d}", text(&event["text"])),
    }
}

fn request(line: &[u8]) -> Result<Vec<u8>, String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    match (value.get("text"), value.get("base64")) {
        (Some(Value::String(text)), None) => Ok(text.clone().into_bytes()),
        (None, Some(Value::String(text))) => {
            STANDARD.decode(text).map_err(|error| error.to_string())
        }
        _ => Err("a request has a string `text` or a string `base64`".into()),
    }
}

fn not_read(error: io::Error) -> Value {
    json!({"ok": false, "error": "bad-request", "message": error.to_string()})
}

type Print<'p> = &'p mut dyn FnMut(Value) -> io::Result<()>;

fn inspect(bytes: &[u8], args: &Args, print: Print<'_>) -> io::Result<Value> {
    let mut elements = 0u64;
    let piece = args.chunk.map_or(1 << 16, |n| n as usize);
    let result = match args.mode {
        Mode::Stream => stream(bytes, piece, &mut elements, print)?,
        Mode::Document => document(bytes, piece, &mut elements, print)?,
    };
    Ok(match result {
        Err(error) => json!({
            "ok": false,
            "error": error.condition().as_str(),
            "offset": error.offset(),
            "stopped_at": error.stopped_at(),
            "section": error.kind().section(),
            "message": error.kind().to_string(),
        }),
        Ok(()) => {
            let mut verdict = json!({"ok": true, "elements": elements, "bytes": bytes.len()});
            if args.canonical {
                // A stream that has been closed is a document as well.
                let whole = Element::parse_within(bytes, Limits::trusted());
                verdict["canonical"] = whole.map_or(Value::Null, |root| root.canonical().into());
            }
            verdict
        }
    })
}

fn stream(
    bytes: &[u8],
    piece: usize,
    elements: &mut u64,
    print: Print<'_>,
) -> io::Result<Result<(), Error>> {
    let limits = Limits::default();
    let mut rx = RecvBuffer::new(limits.max_element_bytes as usize + (1 << 16));
    let mut reader = StreamReader::new(limits);
    let mut header = None;
    let mut rest = bytes;
    loop {
        match reader.poll(&mut rx) {
            Ok(Some(Item::Header(tag))) => {
                *elements += 1;
                print(start(tag, reader.item_offset()))?;
                header = Some(end(tag, 0));
            }
            Ok(Some(Item::Element(element))) => {
                tree(element, reader.item_offset(), elements, print)?;
            }
            Ok(Some(Item::Closed)) => {
                if let Some(mut event) = header.take() {
                    event["offset"] = json!(rx.received() - rx.unread() as u64);
                    print(event)?;
                }
            }
            Ok(Some(_)) => {}
            Ok(None) if rest.is_empty() => return Ok(reader.finish(&mut rx).map(drop)),
            Ok(None) => {
                let taken = rx.push(&rest[..piece.min(rest.len())]);
                if taken == 0 {
                    // Only behind the end of the stream is nothing consumed.
                    return Ok(reader.finish(&mut rx).map(drop));
                }
                rest = &rest[taken..];
            }
            Err(error) => return Ok(Err(error)),
        }
    }
}

fn document(
    bytes: &[u8],
    piece: usize,
    elements: &mut u64,
    print: Print<'_>,
) -> io::Result<Result<(), Error>> {
    let limits = Limits::default().max_element_bytes(MAX_DOCUMENT_BYTES).max_children(u32::MAX);
    let mut rx = RecvBuffer::new(MAX_DOCUMENT_BYTES as usize + 16);
    let mut reader = DocumentReader::new(limits);
    let mut rest = bytes;
    while !rest.is_empty() {
        let taken = rx.push(&rest[..piece.min(rest.len())]);
        if let Err(error) = reader.read(&mut rx) {
            return Ok(Err(error));
        }
        if taken == 0 {
            break;
        }
        rest = &rest[taken..];
    }
    match reader.finish(&mut rx) {
        Ok(root) => {
            let offset = reader.root_offset();
            tree(root, offset, elements, print)?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// The events of an element and all in it, which begins at `base`.
fn tree(root: ElementRef<'_>, base: u64, elements: &mut u64, print: Print<'_>) -> io::Result<()> {
    *elements += 1;
    print(start(root, base))?;
    // A stack of our own: a peer may nest as deep as the limit lets it.
    let mut open = vec![(root, root.nodes())];
    while let Some((element, nodes)) = open.last_mut() {
        match nodes.next() {
            Some(Node::Element(child)) => {
                *elements += 1;
                print(start(child, base))?;
                open.push((child, child.nodes()));
            }
            Some(Node::Text(text)) => print(json!({
                "event": "text",
                "text": text.value(),
                "cdata": text.is_cdata(),
                "offset": base + text.offset() as u64,
            }))?,
            None => {
                print(end(*element, base))?;
                open.pop();
            }
        }
    }
    Ok(())
}

fn start(element: ElementRef<'_>, base: u64) -> Value {
    let attributes: Vec<Value> = element
        .attrs()
        .map(|attr| {
            let mut object = name(attr.ns(), attr.prefix(), attr.name());
            object.insert("value".into(), attr.value().into());
            object.into()
        })
        .collect();
    let mut event = Map::new();
    event.insert("event".into(), "start".into());
    event.append(&mut name(element.ns(), element.prefix(), element.name()));
    event.insert("attributes".into(), attributes.into());
    event.insert("offset".into(), (base + element.offset() as u64).into());
    event.into()
}

fn end(element: ElementRef<'_>, base: u64) -> Value {
    let mut event = Map::new();
    event.insert("event".into(), "end".into());
    event.append(&mut name(element.ns(), element.prefix(), element.name()));
    event.insert("offset".into(), (base + element.end_offset() as u64).into());
    event.into()
}

fn name(ns: &str, prefix: &str, local: &str) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("namespace".into(), ns.into());
    object.insert("prefix".into(), prefix.into());
    object.insert("name".into(), local.into());
    object
}
