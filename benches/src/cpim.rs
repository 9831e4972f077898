//! Message/CPIM and the mapping of RFC 3922: MB/s beside memcpy and a MIME
//! parser, ns a stanza.

use std::hint::black_box;
use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::{Map, Value};
use xmpp_cpim::Limits;
use xmpp_cpim::mapping::{
    Options, message_from_cpim, message_to_cpim, presence_from_cpim, presence_to_cpim,
};
use xmpp_cpim::message::Message;
use xmpp_stanza::{Message as MessageStanza, Presence};
use xmpp_xml::{Element, Writer, ns};

use crate::{measure, report};

/// Message/CPIM objects: reading, writing, mapping from and to stanzas.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Milliseconds a table row group.
    #[arg(long, default_value_t = 2000)]
    budget: u64,
}

pub(crate) fn run(args: &Args, json: bool) {
    let budget = Duration::from_millis(args.budget);
    let mut rows = Vec::new();
    for (name, body) in [
        ("chat", "Wherefore art thou, Romeo? Deny thy father and refuse thy name.".to_string()),
        ("letter, 4 KiB", "O Romeo, Romeo! Žofie.\r\n".repeat(4096 / 25)),
        ("book, 256 KiB", "O Romeo, Romeo! Žofie.\r\n".repeat(256 * 1024 / 25)),
    ] {
        formats(name, &body, budget, &mut rows);
    }
    report::print(&rows, json);
    if !json {
        println!();
    }
    report::print(&mappings(budget), json);
}

type Subject<'a> = (&'static str, Box<dyn FnMut() -> u64 + 'a>);

/// One message, as a Message/CPIM object and as mail.
fn corpus(body: &str) -> (Vec<u8>, Vec<u8>) {
    let headers = "From: Juliet Capulet <im:juliet@example.com>\r\n\
        To: Romeo Montague <im:romeo@example.net>\r\n\
        DateTime: 2004-10-01T12:16:49-05:00\r\n\
        Subject: the weather will be fine today\r\n\
        Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n\
        NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n\
        MyFeatures.WackyMessageOption: Use-silly-font\r\n";
    let part = "Content-Type: text/plain; charset=utf-8\r\nContent-ID: <1234567890@foo.com>\r\n";
    let object = format!("Content-type: Message/CPIM\r\n\r\n{headers}\r\n{part}\r\n{body}");
    // Mail has the names that its parser knows, so that it reads as much.
    let mail = headers
        .replace("im:", "")
        .replace("DateTime: 2004-10-01T12:16:49-05:00", "Date: Fri, 01 Oct 2004 12:16:49 -0500")
        .replace("Subject:;lang=fr", "Comments:")
        .replace("NS:", "Keywords:")
        .replace("MyFeatures.", "X-");
    (object.into_bytes(), format!("{mail}{part}\r\n{body}").into_bytes())
}

fn formats(name: &str, body: &str, budget: Duration, rows: &mut Vec<Map<String, Value>>) {
    let (object, mail) = corpus(body);
    let limits = Limits::default();
    let message = Message::parse(&object, &limits).expect("an object");
    let built = message.clone().into_owned();
    let times = (1 << 20) / object.len() as u64 + 1;
    let mut copied = Vec::with_capacity(object.len());
    let mut written = Vec::with_capacity(object.len());
    let parser = MessageParser::default();
    let mut subjects: Vec<Subject<'_>> = vec![
        (
            "memcpy",
            repeat(times, || {
                copied.clear();
                copied.extend_from_slice(black_box(&object));
                copied.len() as u64
            }),
        ),
        (
            "xmpp-cpim: read",
            repeat(times, || {
                let message = Message::parse(black_box(&object), &limits).expect("an object");
                message.headers().len() as u64
            }),
        ),
        (
            "xmpp-cpim: read, look at sender, recipient, time, subjects",
            repeat(times, || {
                let message = Message::parse(black_box(&object), &limits).expect("an object");
                let text: usize = message.subjects().map(|subject| subject.value().len()).sum();
                let from = message.from().map_or(0, |from| from.uri().len());
                let to: usize = message.to().map(|to| to.uri().len()).sum();
                let year = message.date_time().map_or(0, |at| at.date().0);
                (text + from + to) as u64 + u64::from(year)
            }),
        ),
        (
            "mail-parser: read",
            repeat(times, || {
                let message = parser.parse(black_box(&mail)).expect("mail");
                message.parts.len() as u64
            }),
        ),
        (
            "xmpp-cpim: write",
            repeat(times, || {
                written.clear();
                black_box(&built).write(&mut written);
                written.len() as u64
            }),
        ),
    ];
    let mut work: Vec<&mut dyn FnMut() -> u64> =
        subjects.iter_mut().map(|(_, work)| &mut **work as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut work, budget);
    drop(work);
    for ((subject, _), cost) in subjects.iter().zip(&costs) {
        let octets = if subject.starts_with("mail") { mail.len() } else { object.len() };
        let seconds = cost.time.as_secs_f64() / times as f64;
        rows.push(Map::from_iter([
            ("object".into(), Value::from(name)),
            ("octets".into(), Value::from(octets)),
            ("subject".into(), Value::from(*subject)),
            ("MB/s".into(), Value::from(round(octets as f64 / seconds / 1e6))),
            ("ns".into(), Value::from(round(seconds * 1e9))),
            ("allocations".into(), Value::from(round(cost.allocations as f64 / times as f64))),
        ]));
    }
}

fn mappings(budget: Duration) -> Vec<Map<String, Value>> {
    const TIMES: u64 = 256;
    let message_text = "<message xmlns='jabber:client' from='juliet@example.com/balcony' \
        to='romeo@example.net' type='chat' id='m1' xml:lang='en'><subject>Hi!</subject>\
        <body>Wherefore art thou, Romeo? Deny thy father and refuse thy name.</body>\
        <active xmlns='http://jabber.org/protocol/chatstates'/></message>";
    let presence_text = "<presence xmlns='jabber:client' from='juliet@example.com/balcony' \
        to='romeo@example.net'><show>away</show><status>retired to the chamber</status>\
        <priority>13</priority></presence>";
    let options = Options::default();
    let limits = Limits::default();
    let element = |text| Element::parse(text).expect("XML");
    let message = MessageStanza::try_from(element(message_text)).expect("a message");
    let presence = Presence::try_from(element(presence_text)).expect("a presence");
    let object = message_to_cpim(&message, &options).expect("maps").value.to_vec();
    let document = presence_to_cpim(&presence, &options).expect("maps").value.to_vec();
    let mut out = Vec::with_capacity(4096);
    let mut tx = Vec::with_capacity(4096);
    let mut subjects: Vec<Subject<'_>> = vec![
        (
            "message, typed -> object, typed",
            repeat(TIMES, || {
                let mapped = message_to_cpim(black_box(&message), &options).expect("maps");
                mapped.lost.len() as u64
            }),
        ),
        (
            "message, XML -> object, octets",
            repeat(TIMES, || {
                let element = Element::parse(black_box(message_text)).expect("XML");
                let message = MessageStanza::parse(element.as_ref()).expect("a message");
                out.clear();
                message_to_cpim(&message, &options).expect("maps").value.write(&mut out);
                out.len() as u64
            }),
        ),
        (
            "object, octets -> message, XML",
            repeat(TIMES, || {
                let object = Message::parse(black_box(&object), &limits).expect("an object");
                let mapped = message_from_cpim(&object, &options).expect("maps");
                tx.clear();
                let mut writer = Writer::in_stream(&mut tx, ns::CLIENT);
                for message in &mapped.value {
                    writer.write(message);
                }
                writer.finish().expect("writes");
                mapped.lost.len() as u64
            }),
        ),
        (
            "presence, typed -> object with PIDF, octets",
            repeat(TIMES, || {
                let mapped = presence_to_cpim(black_box(&presence), &options).expect("maps");
                mapped.value.to_vec().len() as u64
            }),
        ),
        (
            "object with PIDF, octets -> presence, typed",
            repeat(TIMES, || {
                let object = Message::parse(black_box(&document), &limits).expect("an object");
                let mapped = presence_from_cpim(&object, &options).expect("maps");
                mapped.value.len() as u64
            }),
        ),
    ];
    let mut work: Vec<&mut dyn FnMut() -> u64> =
        subjects.iter_mut().map(|(_, work)| &mut **work as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut work, budget);
    drop(work);
    subjects
        .iter()
        .zip(&costs)
        .map(|((subject, _), cost)| {
            Map::from_iter([
                ("mapping".into(), Value::from(*subject)),
                (
                    "ns a stanza".into(),
                    Value::from(round(cost.time.as_secs_f64() * 1e9 / TIMES as f64)),
                ),
                ("allocations".into(), Value::from(round(cost.allocations as f64 / TIMES as f64))),
            ])
        })
        .collect()
}

/// Small work many times over: a run takes microseconds at least.
fn repeat<'a>(times: u64, mut work: impl FnMut() -> u64 + 'a) -> Box<dyn FnMut() -> u64 + 'a> {
    Box::new(move || (0..times).map(|_| work()).sum())
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
