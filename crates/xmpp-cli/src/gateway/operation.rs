//! The operations as JSON, a line each.

use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use xmpp_core::jid::Domainpart;
use xmpp_cpim::gateway::{
    MessageOperation, MessageStatus, Notify, Operation, Response, Status, Subscribe, SubscriptId,
    TransId,
};
use xmpp_cpim::message::Message;
use xmpp_cpim::pidf::Document;
use xmpp_cpim::{Escaping, Limits, Uri};

/// A line, read or written.
#[derive(Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    Message {
        trans_id: String,
        source: String,
        destination: String,
        /// RFC 3860 §3.4.2: "reasonably large", over a hundred.
        #[serde(default = "max_forwards")]
        max_forwards: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        base64: Option<String>,
    },
    MessageResponse {
        trans_id: String,
        status: MessageWord,
    },
    Subscribe {
        trans_id: String,
        subscript_id: String,
        watcher: String,
        target: String,
        /// In seconds.
        duration: u64,
    },
    Response {
        trans_id: String,
        status: Word,
        #[serde(skip_serializing_if = "Option::is_none")]
        duration: Option<u64>,
    },
    Notify {
        trans_id: String,
        watcher: String,
        target: String,
        document: String,
    },
    SecuredPresence {
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        base64: Option<String>,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MessageWord {
    Success,
    Failure,
    Indeterminant,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Success,
    Denied,
    NoSuchPresentity,
    Forbidden,
    Conflict,
    Failure,
}

const fn max_forwards() -> u32 {
    120
}

/// What is wrong with a line: a word for programs, a sentence for people.
pub(super) struct Bad {
    pub(super) error: &'static str,
    pub(super) message: String,
}

impl Bad {
    fn new(error: &'static str, message: impl ToString) -> Self {
        Self { error, message: message.to_string() }
    }
}

/// The answer to a line that is no operation, or to a program that cannot be served.
pub(super) fn refusal(line: Option<u64>, error: &str, message: &str) -> String {
    match line {
        Some(line) => json!({"ok": false, "error": error, "message": message, "line": line}),
        None => json!({"ok": false, "error": error, "message": message}),
    }
    .to_string()
}

/// Reads an operation of somebody in `domain`.
pub(super) fn parse(line: &[u8], domain: &Domainpart) -> Result<Operation, Bad> {
    let line: Line = serde_json::from_slice(line).map_err(|error| Bad::new("bad-line", error))?;
    Ok(match line {
        Line::Message { trans_id, source, destination, max_forwards, object, base64 } => {
            let operation = MessageOperation {
                source: of(domain, "source", &source)?,
                destination: uri("destination", &destination)?,
                max_forwards,
                trans_id: id(trans_id)?,
            };
            Operation::Message { operation, object: message(object, base64)? }
        }
        Line::MessageResponse { trans_id, status } => {
            let status = match status {
                MessageWord::Success => MessageStatus::Success,
                MessageWord::Failure => MessageStatus::Failure,
                MessageWord::Indeterminant => MessageStatus::Indeterminant,
            };
            Operation::MessageResponse { trans_id: id(trans_id)?, status }
        }
        Line::Subscribe { trans_id, subscript_id, watcher, target, duration } => {
            Operation::Subscribe(Subscribe {
                watcher: of(domain, "watcher", &watcher)?,
                target: uri("target", &target)?,
                duration: Duration::from_secs(duration),
                subscript_id: SubscriptId::new(subscript_id)
                    .map_err(|error| Bad::new("bad-id", error))?,
                trans_id: id(trans_id)?,
            })
        }
        Line::Response { trans_id, status, duration } => {
            let status = match status {
                Word::Success => Status::Success,
                Word::Denied => Status::Denied,
                Word::NoSuchPresentity => Status::NoSuchPresentity,
                Word::Forbidden => Status::Forbidden,
                Word::Conflict => Status::Conflict,
                Word::Failure => Status::Failure,
            };
            let duration = duration.map(Duration::from_secs);
            Operation::Response(Response { trans_id: id(trans_id)?, status, duration })
        }
        Line::Notify { trans_id, watcher, target, document } => {
            let document = Document::parse_utf8(document.as_bytes(), &Limits::default())
                .map_err(|error| Bad::new("bad-document", error))?;
            Operation::Notify(Notify {
                watcher: uri("watcher", &watcher)?,
                target: of(domain, "target", &target)?,
                trans_id: id(trans_id)?,
                document,
            })
        }
        Line::SecuredPresence { object, base64 } => {
            Operation::SecuredPresence(message(object, base64)?)
        }
    })
}

fn id(text: String) -> Result<TransId, Bad> {
    TransId::new(text).map_err(|error| Bad::new("bad-id", error))
}

fn uri(which: &str, text: &str) -> Result<Uri<'static>, Bad> {
    Uri::parse(text)
        .map(Uri::into_owned)
        .map_err(|error| Bad::new("bad-uri", format!("{which}: {error}")))
}

/// A URI of the people beyond: nobody else can be spoken for.
fn of(domain: &Domainpart, which: &str, text: &str) -> Result<Uri<'static>, Bad> {
    let uri = uri(which, text)?;
    let jid = uri
        .to_jid(Escaping::default())
        .map_err(|error| Bad::new("bad-uri", format!("{which}: {error}")))?;
    if jid.domainpart().as_str() != domain.as_str() {
        let message = format!("{which}: not of the gateway's domain, {}", domain.as_str());
        return Err(Bad::new("foreign-source", message));
    }
    Ok(uri)
}

fn message(object: Option<String>, base64: Option<String>) -> Result<Message<'static>, Bad> {
    let octets = match (object, base64) {
        (Some(object), None) => object.into_bytes(),
        (None, Some(base64)) => {
            STANDARD.decode(base64).map_err(|error| Bad::new("bad-line", error))?
        }
        _ => return Err(Bad::new("bad-line", "expected either \"object\" or \"base64\"")),
    };
    Message::parse(&octets, &Limits::default())
        .map(Message::into_owned)
        .map_err(|error| Bad::new("bad-object", error))
}

/// Writes an operation, without the line feed.
pub(super) fn write(operation: &Operation) -> Result<String, String> {
    let octets = |object: &Message<'_>| match String::from_utf8(object.to_vec()) {
        Ok(object) => (Some(object), None),
        Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
    };
    let line = match operation {
        Operation::Message { operation, object } => {
            let (object, base64) = octets(object);
            Line::Message {
                trans_id: operation.trans_id.to_string(),
                source: operation.source.to_string(),
                destination: operation.destination.to_string(),
                max_forwards: operation.max_forwards,
                object,
                base64,
            }
        }
        Operation::MessageResponse { trans_id, status } => Line::MessageResponse {
            trans_id: trans_id.to_string(),
            status: match status {
                MessageStatus::Success => MessageWord::Success,
                MessageStatus::Failure => MessageWord::Failure,
                MessageStatus::Indeterminant => MessageWord::Indeterminant,
            },
        },
        Operation::Subscribe(asked) => Line::Subscribe {
            trans_id: asked.trans_id.to_string(),
            subscript_id: asked.subscript_id.to_string(),
            watcher: asked.watcher.to_string(),
            target: asked.target.to_string(),
            duration: asked.duration.as_secs(),
        },
        Operation::Response(response) => Line::Response {
            trans_id: response.trans_id.to_string(),
            status: match response.status {
                Status::Success => Word::Success,
                Status::Denied => Word::Denied,
                Status::NoSuchPresentity => Word::NoSuchPresentity,
                Status::Forbidden => Word::Forbidden,
                Status::Conflict => Word::Conflict,
                _ => Word::Failure,
            },
            duration: response.duration.map(|duration| duration.as_secs()),
        },
        Operation::Notify(notify) => {
            let document = notify.document.to_vec().map_err(|error| error.to_string())?;
            Line::Notify {
                trans_id: notify.trans_id.to_string(),
                watcher: notify.watcher.to_string(),
                target: notify.target.to_string(),
                document: String::from_utf8(document).map_err(|error| error.to_string())?,
            }
        }
        Operation::SecuredPresence(object) => {
            let (object, base64) = octets(object);
            Line::SecuredPresence { object, base64 }
        }
        _ => return Err("this program has no line for it".into()),
    };
    serde_json::to_string(&line).map_err(|error| error.to_string())
}

/// What an operation comes to that nobody took: its response, if it has one.
pub(super) fn failed(operation: &Operation) -> Option<Operation> {
    match operation {
        Operation::Message { operation, .. } => {
            let trans_id = operation.trans_id.clone();
            Some(Operation::MessageResponse { trans_id, status: MessageStatus::Failure })
        }
        Operation::Subscribe(asked) => {
            let trans_id = asked.trans_id.clone();
            let (status, duration) = (Status::Failure, None);
            Some(Operation::Response(Response { trans_id, status, duration }))
        }
        _ => None,
    }
}
