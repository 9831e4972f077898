//! RFC 3862, RFC 3863, and the mapping of RFC 3922.

use clap::Parser;
use serde_json::{Value, json};
use xmpp_cpim::message::Message;
use xmpp_cpim::{DateTime, Escaping, Limits, Scheme, Uri};
use xmpp_jid::BareJid;

use super::{Refusal, text, texts};

/// The options of a vector are those of the command line.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    args: crate::cpim::Args,
}

/// `{"direction":…,"options":[…],"input":…}`, and of what is lost its rule.
pub(super) fn mapping(request: &Value) -> Result<Value, Refusal> {
    let mut words = vec!["cpim".to_owned(), text(request, "direction")?.to_owned()];
    words.extend(texts(request, "options"));
    let options = Options::try_parse_from(words).map_err(Refusal::bad_request)?;
    let mut answer = options.args.answer(text(request, "input")?.as_bytes());
    if let Some(lost) = answer["lost"].as_array() {
        answer["lost"] = lost.iter().map(|loss| loss["rule"].clone()).collect();
    }
    Ok(answer)
}

/// `{"input":…}`: a Message/CPIM object.
pub(super) fn format(request: &Value) -> Result<Value, Refusal> {
    let input = text(request, "input")?.as_bytes();
    let message = Message::parse(input, &Limits::default())
        .map_err(|error| Refusal::new(error.kind.as_str(), &error).at(error.at))?;
    let headers = message.headers().iter();
    let headers: Vec<_> = headers
        .map(|header| {
            json!([
                message.namespace_of(header),
                header.local_name(),
                header.lang(),
                header.value()
            ])
        })
        .collect();
    Ok(json!({"ok": true, "headers": headers}))
}

/// `{"to":"jid" or "uri","input":…}`
pub(super) fn uri(request: &Value) -> Result<Value, Refusal> {
    let input = text(request, "input")?;
    let output = match text(request, "to")? {
        "jid" => Uri::parse(input)
            .and_then(|uri| uri.to_jid(Escaping::Rfc3922))
            .map(|jid| jid.as_str().to_owned()),
        _ => {
            let jid = BareJid::new(input).map_err(|error| Refusal::new(error.as_str(), error))?;
            Uri::from_jid(Scheme::Im, (&jid).into(), Escaping::Rfc3922).map(|uri| uri.to_string())
        }
    };
    let output = output.map_err(|error| Refusal::new(error.kind.as_str(), error))?;
    Ok(json!({"ok": true, "output": output}))
}

/// `{"input":…}`: RFC 3339.
pub(super) fn date_time(request: &Value) -> Result<Value, Refusal> {
    let parsed: DateTime =
        text(request, "input")?.parse().map_err(|error: xmpp_cpim::DateTimeError| {
            Refusal::new("date-time", &error).at(error.at)
        })?;
    let (seconds, nanoseconds) = parsed.since_unix_epoch();
    Ok(json!({"ok": true, "seconds": seconds, "nanoseconds": nanoseconds}))
}
