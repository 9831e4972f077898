//! `xmpp cpim`: stanzas as Message/CPIM or PIDF, and back (RFC 3922).

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use xmpp_cpim::mapping::{self, IllegalCharacters, Loss, MapError, Options, Required, TupleIds};
use xmpp_cpim::message::Message;
use xmpp_cpim::mime::canonical_crlf;
use xmpp_cpim::pidf::Document;
use xmpp_cpim::{DateTime, Escaping, Limits, Scheme, Uri};
use xmpp_stanza::Stanza;
use xmpp_xml::{Element, Writer, ns};

use crate::input::Source;
use crate::{batch, examples, out};

/// Maps stanzas to Message/CPIM objects and PIDF documents, and back (RFC 3922).
///
/// What is lost on the way goes to standard error, with the rule.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    direction: Direction,
    /// One JSON object instead of the other format, with what is lost in it.
    #[arg(long, global = true)]
    json: bool,
    /// One request a line in, `{"text":…}` or `{"base64":…}`, one answer a line out.
    #[arg(long, global = true)]
    batch: bool,
    /// Localparts spell what they cannot have as XEP-0106 does, not as RFC 3922.
    #[arg(long, global = true)]
    xep_0106: bool,
    /// `<show/>` becomes `<im:im/>` and back.
    #[arg(long, global = true)]
    pidf_im: bool,
}

#[derive(clap::Subcommand)]
enum Direction {
    /// A stanza becomes a Message/CPIM object.
    #[command(after_help = examples::CPIM_ENCODE)]
    Encode(Encode),
    /// A Message/CPIM object or a PIDF document becomes stanzas, one a line.
    #[command(after_help = examples::CPIM_DECODE)]
    Decode(Decode),
}

#[derive(clap::Args)]
struct Encode {
    /// A file with a message or presence; `-` is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// A presence becomes the PIDF document alone.
    #[arg(long)]
    pidf: bool,
    /// Ids of stanzas are unique in the world and become Content-IDs.
    #[arg(long)]
    unique_ids: bool,
    /// When the stanza was received, such as 2004-10-01T00:00:00Z.
    #[arg(long)]
    date_time: Option<DateTime>,
    /// The Formal-name of the sender.
    #[arg(long)]
    from_name: Option<String>,
    /// The Formal-name of the recipient.
    #[arg(long)]
    to_name: Option<String>,
}

#[derive(clap::Args)]
struct Decode {
    /// A file with an object or a document; `-` is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The object begins with its message headers, as SIP and MSRP carry it.
    #[arg(long)]
    body: bool,
    /// Lines may end in LF alone, as an editor writes them. Where all of them do,
    /// that is so without this.
    #[arg(long)]
    lf: bool,
    /// Characters that XML cannot have become U+FFFD.
    #[arg(long)]
    replace: bool,
    /// What the sender requires is reported and no reason to refuse.
    #[arg(long)]
    ignore_require: bool,
    /// Stanzas bear the whole PIDF document.
    #[arg(long)]
    embed: bool,
    /// Ids of tuples that `encode` made become what they were made of.
    #[arg(long)]
    decode_ids: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let file = match &args.direction {
        Direction::Encode(encode) => &encode.file,
        Direction::Decode(decode) => &decode.file,
    };
    run_on(file, args).unwrap_or_else(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // Whoever reads has heard enough.
            return ExitCode::SUCCESS;
        }
        out::error("xmpp cpim", error);
        ExitCode::from(2)
    })
}

fn run_on(file: &Path, args: &Args) -> io::Result<ExitCode> {
    let mut input = Source::of_xml(file.as_os_str()).open()?;
    let mut output = io::stdout().lock();
    if args.batch {
        batch::filter(input, output, |line, out| {
            let answer = match request(line) {
                Ok(octets) => answer(args.convert(&octets)),
                Err(message) => json!({"ok": false, "error": "bad-line", "message": message}),
            };
            out.extend_from_slice(answer.to_string().as_bytes());
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut octets = Vec::new();
    input.read_to_end(&mut octets)?;
    let converted = args.convert(&octets);
    let verdict = ExitCode::from(u8::from(converted.is_err()));
    match &converted {
        Ok(converted) => {
            for loss in &converted.lost {
                out::note(&out::shown(&format!("lost: {loss}")));
            }
        }
        Err(failure) if !args.json => out::error("xmpp cpim", &failure.message),
        Err(_) => {}
    }
    if args.json {
        writeln!(output, "{}", answer(converted))?;
    } else if let Ok(converted) = converted {
        output.write_all(&converted.octets())?;
    }
    output.flush()?;
    Ok(verdict)
}

/// The other format, and what is not in it.
struct Converted {
    result: Output,
    lost: Vec<Loss>,
}

enum Output {
    Object(Vec<u8>),
    Stanzas(Vec<String>),
}

impl Converted {
    fn octets(&self) -> Cow<'_, [u8]> {
        match &self.result {
            Output::Object(octets) => Cow::Borrowed(octets),
            Output::Stanzas(stanzas) => {
                Cow::Owned(stanzas.iter().flat_map(|s| [s, "\n"]).collect::<String>().into())
            }
        }
    }
}

/// A negative verdict.
struct Failure {
    code: &'static str,
    offset: Option<usize>,
    message: String,
}

impl Args {
    /// The answer to one input, as `--batch` gives it.
    pub(crate) fn answer(&self, octets: &[u8]) -> Value {
        answer(self.convert(octets))
    }

    fn options(&self) -> Options {
        let mut options = Options::default().with_pidf_im(self.pidf_im);
        if self.xep_0106 {
            options = options.with_escaping(Escaping::Xep0106);
        }
        match &self.direction {
            Direction::Encode(encode) => {
                options.unique_ids = encode.unique_ids;
                options.date_time = encode.date_time;
                options.from_name.clone_from(&encode.from_name);
                options.to_name.clone_from(&encode.to_name);
            }
            Direction::Decode(decode) => {
                options.embed_pidf = decode.embed;
                if decode.replace {
                    options.illegal_characters = IllegalCharacters::Replace;
                }
                if decode.ignore_require {
                    options.required = Required::Report;
                }
                if decode.decode_ids {
                    options.tuple_ids = TupleIds::Decoded;
                }
            }
        }
        options
    }

    fn convert(&self, octets: &[u8]) -> Result<Converted, Failure> {
        match &self.direction {
            Direction::Encode(encode) => self.encode(encode, octets),
            Direction::Decode(decode) => self.decode(decode, octets),
        }
    }

    fn encode(&self, encode: &Encode, octets: &[u8]) -> Result<Converted, Failure> {
        let stanza = stanza(octets)?;
        let options = self.options();
        if encode.pidf {
            let Stanza::Presence(presence) = &stanza else {
                return Err(Failure::plain("not-presence", "only a presence becomes PIDF"));
            };
            let mapped = mapping::presence_to_pidf(presence, &options)?;
            let octets = mapped.value.to_vec().map_err(MapError::Write)?;
            return Ok(Converted { result: Output::Object(octets), lost: mapped.lost });
        }
        let mapped = mapping::to_cpim(&stanza, &options)?;
        Ok(Converted { result: Output::Object(mapped.value.to_vec()), lost: mapped.lost })
    }

    fn decode(&self, decode: &Decode, octets: &[u8]) -> Result<Converted, Failure> {
        let options = self.options();
        let limits = Limits::default();
        let text = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        if text.trim_ascii_start().starts_with(b"<") {
            let document = Document::parse(octets, &limits).map_err(|error| Failure {
                code: error.kind.as_str(),
                offset: Some(error.at),
                message: error.to_string(),
            })?;
            return from_pidf(&document, &options);
        }
        // A file without any CR is one from a disk, as an editor writes it.
        let from_disk = decode.lf || !octets.contains(&b'\r');
        let octets = if from_disk { canonical_crlf(octets) } else { Cow::Borrowed(octets) };
        let parse = if decode.body { Message::parse_body } else { Message::parse };
        let object = parse(&octets, &limits).map_err(|error| Failure {
            code: error.kind.as_str(),
            offset: Some(error.at),
            message: error.to_string(),
        })?;
        let mapped = mapping::from_cpim(&object, &options)?;
        stanzas(&mapped.value, mapped.lost)
    }
}

/// A document on its own is about its entity and for nobody in particular.
fn from_pidf(document: &Document, options: &Options) -> Result<Converted, Failure> {
    let wrong = |error| MapError::Address(mapping::Side::From, error);
    let entity = Uri::parse(document.entity()).map_err(wrong)?;
    let from = entity.with_scheme(Scheme::Im).to_jid(options.escaping).map_err(wrong)?;
    let mapped = mapping::presence_from_pidf(document, &from, options)?;
    let presences: Vec<Stanza> = mapped.value.into_iter().map(Stanza::Presence).collect();
    stanzas(&presences, mapped.lost)
}

fn stanzas(stanzas: &[Stanza], lost: Vec<Loss>) -> Result<Converted, Failure> {
    let written = stanzas.iter().map(|stanza| {
        let mut out = Vec::new();
        let mut writer = Writer::in_stream(&mut out, ns::CLIENT);
        writer.write(stanza);
        writer.finish().map_err(MapError::Write)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    });
    let written = written.collect::<Result<_, MapError>>()?;
    Ok(Converted { result: Output::Stanzas(written), lost })
}

/// The stanza, read as in a client's stream.
fn stanza(octets: &[u8]) -> Result<Stanza, Failure> {
    const BEFORE: &[u8] = b"<stream xmlns='jabber:client'>";
    let text = [BEFORE, octets, b"</stream>"].concat();
    let root = Element::parse(&text).map_err(|error| Failure {
        code: error.condition().as_str(),
        offset: usize::try_from(error.offset()).ok().map(|at| at.saturating_sub(BEFORE.len())),
        message: error.to_string(),
    })?;
    let mut children = root.children();
    let (Some(element), None) = (children.next(), children.next()) else {
        return Err(Failure::plain("not-one-stanza", "expected one stanza"));
    };
    Stanza::parse(element).map_err(|invalid| Failure::plain("bad-request", &invalid.to_string()))
}

fn request(line: &[u8]) -> Result<Vec<u8>, String> {
    let request: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    match (&request["text"], &request["base64"]) {
        (Value::String(text), _) => Ok(text.clone().into_bytes()),
        (_, Value::String(base64)) => STANDARD.decode(base64).map_err(|error| error.to_string()),
        _ => Err("the request needs \"text\" or \"base64\"".into()),
    }
}

fn answer(converted: Result<Converted, Failure>) -> Value {
    match converted {
        Ok(Converted { result, lost }) => {
            let lost: Vec<Value> = lost
                .iter()
                .map(|loss| {
                    json!({
                        "what": loss.what.as_str(),
                        "detail": loss.what.detail(),
                        "rule": loss.rule,
                    })
                })
                .collect();
            match result {
                Output::Object(octets) => match String::from_utf8(octets) {
                    Ok(object) => json!({"ok": true, "object": object, "lost": lost}),
                    Err(error) => {
                        json!({"ok": true, "base64": STANDARD.encode(error.as_bytes()), "lost": lost})
                    }
                },
                Output::Stanzas(stanzas) => json!({"ok": true, "stanzas": stanzas, "lost": lost}),
            }
        }
        Err(Failure { code, offset, message }) => match offset {
            Some(offset) => {
                json!({"ok": false, "error": code, "offset": offset, "message": message})
            }
            None => json!({"ok": false, "error": code, "message": message}),
        },
    }
}

impl Failure {
    fn plain(code: &'static str, message: &str) -> Self {
        Self { code, offset: None, message: message.into() }
    }
}

impl From<MapError> for Failure {
    fn from(error: MapError) -> Self {
        Self { code: error.as_str(), offset: None, message: error.to_string() }
    }
}
