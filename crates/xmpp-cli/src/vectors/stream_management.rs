//! XEP-0198: a server's side of a stream whose counts are given.

use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use serde_json::{Value, json};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::{BareJid, Domainpart};
use xmpp_core::role::{ClientToServer, Role, ServerFromClient};
use xmpp_core::sasl::ScramKeys;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::server::{AccountKeys, Answer, Config, FakeSalt};
use xmpp_core::stream_management::{Resumption, StreamManagement};
use xmpp_core::time::Instant;
use xmpp_core::xml::{Framing, Item, Limits, RecvBuffer, SendBuffer, StreamReader};
use xmpp_core::{ClientConfig, Connection, Event, HostConfig, ServerConfig, ServerEvent};

use super::{Refusal, text, texts};

const NOW: Instant = Instant::from_origin(Duration::ZERO);
const JID: &str = "juliet@example.com/balcony";
const SM: &str = "urn:xmpp:sm:3";

/// `{"received_before":N,"acknowledged_before":N,"unacknowledged":[…],"received":…}`: a
/// session with these counts has been resumed, and then this comes. `h` is the last count that
/// it answers, `left` is how many stanzas are still not acknowledged.
pub(super) fn trace(request: &Value) -> Result<Value, Refusal> {
    let count = |key: &str| {
        let number = request[key].as_u64().unwrap_or(0);
        u32::try_from(number).map_err(|_| Refusal::bad_request(format!("{key:?} has 32 bits")))
    };
    let (received, acknowledged) = (count("received_before")?, count("acknowledged_before")?);
    let unacknowledged = texts(request, "unacknowledged");
    let kept = resumption(received, acknowledged, &unacknowledged)?;
    let from = resumption(acknowledged, received, &[])?;
    let mut stream = Resumed::open(kept, from)?;
    stream.server.sent();
    stream.give_server(text(request, "received")?.as_bytes());
    let h = stream.handled().last().copied();
    let counters = stream.server.connection.stream_management();
    let left = counters.map(|counters| counters.unacknowledged().len());
    let error = stream.error;
    Ok(json!({"ok": error.is_none(), "h": h, "left": left, "error": error}))
}

/// A session from its serialised form.
fn resumption(handled: u32, acknowledged: u32, queue: &[String]) -> Result<Resumption, Refusal> {
    fn sized<N: TryFrom<usize>>(
        bytes: &mut Vec<u8>,
        text: &str,
        number: fn(N) -> Vec<u8>,
    ) -> Result<(), Refusal> {
        let length = N::try_from(text.len()).map_err(|_| Refusal::bad_request("too long"))?;
        bytes.extend(number(length));
        bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
    let mut bytes = b"XMPPSM\x01\x00".to_vec();
    bytes.extend_from_slice(&handled.to_be_bytes());
    bytes.extend_from_slice(&acknowledged.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    for text in [JID, "id", ""] {
        sized(&mut bytes, text, |length: u16| length.to_be_bytes().to_vec())?;
    }
    let number = u32::try_from(queue.len()).map_err(Refusal::bad_request)?;
    bytes.extend_from_slice(&number.to_be_bytes());
    for stanza in queue {
        sized(&mut bytes, stanza, |length: u32| length.to_be_bytes().to_vec())?;
    }
    Resumption::from_bytes(&bytes).map_err(Refusal::bad_request)
}

/// One end, and what it is to send.
struct End<R: Role> {
    connection: Connection<R>,
    rx: RecvBuffer,
    tx: SendBuffer,
}

impl<R: Role> End<R> {
    fn new(connection: Connection<R>, tx: SendBuffer) -> Self {
        Self { connection, rx: RecvBuffer::new(1 << 20), tx }
    }

    fn sent(&mut self) -> Vec<u8> {
        let sent = self.tx.unsent().to_vec();
        self.tx.sent(sent.len());
        sent
    }
}

/// Both ends of a stream that has been resumed.
struct Resumed {
    client: End<ClientToServer>,
    server: End<ServerFromClient>,
    host: Arc<HostConfig>,
    keys: ScramKeys,
    kept: Option<Resumption>,
    error: Option<&'static str>,
}

impl Resumed {
    fn open(kept: Resumption, from: Resumption) -> Result<Self, Refusal> {
        let domain = Domainpart::new("example.com").map_err(Refusal::bad_request)?;
        let account = BareJid::new("juliet@example.com").map_err(Refusal::bad_request)?;
        let rounds = NonZeroU32::MIN.saturating_add(4095);
        let keys =
            ScramKeys::derive(crypto::provider(), Hash::Sha256, b"r0m30", b"saltsaltsalt", rounds);
        let credentials = Credentials::new("juliet").with_scram_keys(keys.clone());
        let mut config = ClientConfig::new(account, credentials);
        config.sasl2.enabled = false;
        config.tls = TlsMode::DangerousPlaintext;
        let mut tx = SendBuffer::new(Framing::Stream);
        let client = Connection::resume(Arc::new(config), from, NOW, [1; 32], &mut tx);
        let client = End::new(client.map_err(Refusal::bad_request)?, tx);

        let accounts = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, rounds);
        let mut host = HostConfig::new(domain, Config::new().account_keys(accounts));
        host.stream_management = Some(StreamManagement::of_server());
        let mut config = ServerConfig::default();
        config.tls = TlsMode::DangerousPlaintext;
        let server = Connection::accept(Arc::new(config), Framing::Stream, NOW, [2; 32]);
        let server = End::new(server, SendBuffer::new(Framing::Stream));
        let (kept, host) = (Some(kept), Arc::new(host));
        let mut this = Self { client, server, host, keys, kept, error: None };
        loop {
            let (there, back) = (this.client.sent(), this.server.sent());
            if there.is_empty() && back.is_empty() {
                break;
            }
            this.give_server(&there);
            // What is sent again must not reach a client that would acknowledge it.
            if this.kept.is_none() {
                break;
            }
            this.give_client(&back);
        }
        match this.kept {
            None if this.error.is_none() => Ok(this),
            _ => Err(Refusal::new("not-resumed", "the session was not resumed")),
        }
    }

    fn give_client(&mut self, bytes: &[u8]) {
        self.client.rx.push(bytes);
        let End { connection, rx, tx } = &mut self.client;
        while let Ok(Some(_)) = connection.poll_event(NOW, rx, tx) {}
    }

    fn give_server(&mut self, bytes: &[u8]) {
        self.server.rx.push(bytes);
        loop {
            let End { connection, rx, tx } = &mut self.server;
            let Ok(Some(event)) = connection.poll_event(NOW, rx, tx) else { return };
            let done = match event {
                Event::Role(ServerEvent::HostWanted(query)) => {
                    connection.choose_host(query, Arc::clone(&self.host), tx).is_ok()
                }
                Event::Role(ServerEvent::CredentialsWanted(query)) => {
                    let answer = Answer::keys(self.keys.to_stored());
                    connection.provide_credentials(query, answer, tx).is_ok()
                }
                Event::Role(ServerEvent::ResumeWanted(query)) => match self.kept.take() {
                    Some(kept) => connection.accept_resumption(query, kept, tx).is_ok(),
                    None => false,
                },
                Event::Closed { error } => error.is_none(),
                _ => true,
            };
            if !done {
                self.error.get_or_insert("closed");
            }
        }
    }

    /// The `h` of each `<a/>` that the server sends, and whether it has said what is wrong.
    fn handled(&mut self) -> Vec<u32> {
        let sent = self.server.sent();
        let before = b"<stream:stream xmlns='jabber:client' \
                       xmlns:stream='http://etherx.jabber.org/streams'>";
        let mut rx = RecvBuffer::new(sent.len() + before.len() + 64);
        rx.push(before);
        rx.push(&sent);
        let mut reader = StreamReader::new(Limits::default());
        let mut handled = Vec::new();
        while let Ok(Some(item)) = reader.poll(&mut rx) {
            match item {
                Item::Element(element) if element.ns() == SM && element.name() == "a" => {
                    handled.extend(element.attr("h").and_then(|h| h.parse::<u32>().ok()));
                }
                Item::Element(element) if element.name() == "error" => {
                    let told =
                        element.children().any(|child| child.name() == "handled-count-too-high");
                    self.error = Some(if told { "handled-count-too-high" } else { "stream-error" });
                }
                Item::Closed => break,
                _ => {}
            }
        }
        handled
    }
}
