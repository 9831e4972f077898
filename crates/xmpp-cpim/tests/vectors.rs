//! The language-neutral vectors of `conformance/vectors/{cpim,pidf}`.

use serde_json::Value;
use xmpp_cpim::mapping::{
    IllegalCharacters, Mapped, Options, Required, from_cpim, presence_from_pidf, presence_to_pidf,
    to_cpim,
};
use xmpp_cpim::message::Message;
use xmpp_cpim::pidf::Document;
use xmpp_cpim::{DateTime, Escaping, Limits, Scheme, Uri};
use xmpp_jid::BareJid;
use xmpp_stanza::Stanza;
use xmpp_xml::{Element, WriteXml, Writer, ns};

fn vectors(path: &str) -> Vec<Value> {
    let path = format!("{}/../../conformance/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let vectors: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(vectors.len() > 10, "{path}");
    vectors
}

fn text<'v>(vector: &'v Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap_or_else(|| panic!("{key} of {vector}"))
}

#[test]
fn format() {
    for vector in vectors("cpim/format.jsonl") {
        let input = text(&vector, "input").as_bytes();
        match Message::parse(input, &Limits::default()) {
            Ok(message) => {
                let headers: Vec<Value> = message
                    .headers()
                    .iter()
                    .map(|header| {
                        Value::from(vec![
                            Value::from(message.namespace_of(header)),
                            Value::from(header.local_name()),
                            Value::from(header.lang()),
                            Value::from(&*header.value()),
                        ])
                    })
                    .collect();
                assert_eq!(vector["headers"], Value::from(headers), "{vector}");
                assert_eq!(message.to_vec(), input);
            }
            Err(error) => {
                assert_eq!(vector["error"], error.kind.as_str(), "{vector}");
                assert_eq!(vector["offset"], error.at, "{vector}");
            }
        }
    }
}

#[test]
fn uris() {
    for vector in vectors("cpim/uris.jsonl") {
        let input = text(&vector, "input");
        let output = if vector["to"] == "jid" {
            let jid = Uri::parse(input).and_then(|uri| uri.to_jid(Escaping::Rfc3922));
            jid.map(|jid| jid.to_string())
        } else {
            let jid = BareJid::new(input).unwrap();
            let uri = Uri::from_jid(Scheme::Im, (&jid).into(), Escaping::Rfc3922);
            uri.map(|uri| uri.to_string())
        };
        match output {
            Ok(output) => assert_eq!(vector["output"], output, "{vector}"),
            Err(error) => assert_eq!(vector["error"], error.kind.as_str(), "{vector}"),
        }
    }
}

#[test]
fn date_times() {
    for vector in vectors("cpim/date-times.jsonl") {
        match text(&vector, "input").parse::<DateTime>() {
            Ok(parsed) => {
                let (seconds, nanoseconds) = parsed.since_unix_epoch();
                assert_eq!(vector["seconds"], seconds, "{vector}");
                assert_eq!(vector["nanoseconds"], nanoseconds, "{vector}");
            }
            Err(error) => assert_eq!(vector["offset"], error.at, "{vector}"),
        }
    }
}

#[test]
fn messages() {
    vectors("cpim/mapping.jsonl").iter().for_each(run);
}

#[test]
fn presence() {
    vectors("pidf/mapping.jsonl").iter().for_each(run);
}

/// What came out, its losses, or the error and where.
type Outcome = Result<(Vec<String>, Vec<&'static str>), (String, Option<usize>)>;

fn run(vector: &Value) {
    let (options, pidf) = options(vector);
    let input = text(vector, "input");
    let outcome = match text(vector, "direction") {
        "encode" => encode(input, &options, pidf),
        _ if input.trim_start_matches('\u{FEFF}').starts_with('<') => decode_pidf(input, &options),
        _ => decode(input, &options),
    };
    match outcome {
        Ok((results, lost)) => {
            let expected: Vec<&str> = match &vector["stanzas"] {
                Value::Array(stanzas) => stanzas.iter().filter_map(Value::as_str).collect(),
                _ => vec![text(vector, "object")],
            };
            assert_eq!(results.len(), expected.len(), "{vector}\n{results:?}");
            for (result, expected) in results.iter().zip(expected) {
                let same = match (result.starts_with('<'), expected.starts_with('<')) {
                    (true, true) => Element::parse(result) == Element::parse(expected),
                    _ => result == expected,
                };
                assert!(same, "{vector}\n{result}");
            }
            let expected: Vec<&str> =
                vector["lost"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert_eq!(lost, expected, "{vector}");
        }
        Err((error, at)) => {
            assert_eq!(vector["error"], error, "{vector}");
            if let Some(offset) = vector["offset"].as_u64() {
                assert_eq!(at.map(|at| at as u64), Some(offset), "{vector}");
            }
        }
    }
}

/// The options of the command line.
fn options(vector: &Value) -> (Options, bool) {
    let mut options = Options::default();
    let mut pidf = false;
    let mut words = vector["options"].as_array().unwrap().iter().filter_map(Value::as_str);
    while let Some(word) = words.next() {
        options = match word {
            "--pidf" => {
                pidf = true;
                options
            }
            "--pidf-im" => options.with_pidf_im(true),
            "--unique-ids" => options.with_unique_ids(true),
            "--xep-0106" => options.with_escaping(Escaping::Xep0106),
            "--replace" => options.with_illegal_characters(IllegalCharacters::Replace),
            "--ignore-require" => options.with_required(Required::Report),
            "--from-name" => options.with_from_name(words.next().unwrap()),
            other => panic!("{other}"),
        };
    }
    (options, pidf)
}

fn encode(input: &str, options: &Options, pidf: bool) -> Outcome {
    let name = if input.starts_with("<message") { "<message" } else { "<presence" };
    let input = input.replacen(name, &format!("{name} xmlns='jabber:client'"), 1);
    let stanza = Stanza::parse(Element::parse(&input).unwrap().as_ref()).unwrap();
    let octets = match &stanza {
        Stanza::Presence(presence) if pidf => presence_to_pidf(presence, options)
            .map(|mapped| mapped.map(|document| document.to_vec().unwrap())),
        _ => to_cpim(&stanza, options).map(|mapped| mapped.map(|object| object.to_vec())),
    };
    let mapped = octets.map_err(|error| (error.as_str().to_string(), None))?;
    let rules = rules(&mapped);
    Ok((vec![String::from_utf8(mapped.value).unwrap()], rules))
}

fn decode(input: &str, options: &Options) -> Outcome {
    let object = Message::parse(input.as_bytes(), &options.limits)
        .map_err(|error| (error.kind.as_str().to_string(), Some(error.at)))?;
    let mapped = from_cpim(&object, options).map_err(|error| (error.as_str().to_string(), None))?;
    Ok((mapped.value.iter().map(xml).collect(), rules(&mapped)))
}

fn decode_pidf(input: &str, options: &Options) -> Outcome {
    let document = Document::parse(input.as_bytes(), &options.limits)
        .map_err(|error| (error.kind.as_str().to_string(), Some(error.at)))?;
    let from = Uri::parse(document.entity()).unwrap().to_jid(options.escaping).unwrap();
    let mapped = presence_from_pidf(&document, &from, options)
        .map_err(|error| (error.as_str().to_string(), None))?;
    Ok((mapped.value.iter().map(xml).collect(), rules(&mapped)))
}

fn rules<T>(mapped: &Mapped<T>) -> Vec<&'static str> {
    mapped.lost.iter().map(|loss| loss.rule).collect()
}

fn xml(stanza: &impl WriteXml) -> String {
    let mut out = Vec::new();
    let mut writer = Writer::in_stream(&mut out, ns::CLIENT);
    writer.write(stanza);
    writer.finish().unwrap();
    String::from_utf8(out).unwrap()
}
