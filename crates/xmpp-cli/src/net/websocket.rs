//! XMPP over WebSocket (RFC 7395): the codec is a library's, TLS is below it.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::sync::Arc;

use futures_util::{Sink, Stream};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use xmpp_core::MessageFault;
use xmpp_core::tls::rustls::{RustlsFacts, RustlsInitiator, RustlsReceiver};

use super::transport::Machine;

/// Where `xmpp serve` has its WebSockets: what Prosody calls it.
pub(crate) const PATH: &str = "/xmpp-websocket";
const PROTOCOL_HEADER: &str = "Sec-WebSocket-Protocol";
/// RFC 7395 section 3.1.
const PROTOCOL: &str = "xmpp";
/// How long the other side has for its part of the closing handshake.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);
/// So many messages go out in a turn.
const BATCH: usize = 16;

/// A WebSocket whose handshake is through.
pub(crate) struct WebSocket {
    stream: WebSocketStream<TlsStream<TcpStream>>,
    /// The length of a message that is the codec's and may not be on the wire yet.
    in_flight: Option<usize>,
    /// Our part of the closing handshake has begun.
    closing: bool,
}

impl WebSocket {
    const fn new(stream: WebSocketStream<TlsStream<TcpStream>>) -> Self {
        Self { stream, in_flight: None, closing: false }
    }

    /// Waits until something can be sent or read, and does it. Says how many bytes
    /// were read. Nothing is lost if it is dropped meanwhile.
    pub(super) async fn turn(
        &mut self,
        endpoint: &mut impl Machine,
        reads: bool,
    ) -> io::Result<u64> {
        poll_fn(|cx| self.poll(cx, endpoint, reads)).await
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        endpoint: &mut impl Machine,
        reads: bool,
    ) -> Poll<io::Result<u64>> {
        let mut moved = match self.poll_send(cx, endpoint) {
            Ok(moved) => moved,
            Err(error) => return Poll::Ready(Err(broken(error))),
        };
        if self.closing && Pin::new(&mut self.stream).poll_close(cx).is_ready() {
            self.closing = false;
        }
        let mut read = 0;
        if reads && endpoint.wants_read() {
            match Pin::new(&mut self.stream).poll_next(cx) {
                Poll::Ready(received) => {
                    moved = true;
                    read = take(received, endpoint)?;
                }
                Poll::Pending => {}
            }
        }
        if moved { Poll::Ready(Ok(read)) } else { Poll::Pending }
    }

    /// A message counts as sent once it has left the codec.
    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        endpoint: &mut impl Machine,
    ) -> Result<bool, Error> {
        let mut stream = Pin::new(&mut self.stream);
        for sent in 0..BATCH {
            if self.in_flight.is_none() {
                let Ok(message) = str::from_utf8(endpoint.transmit()) else { return Ok(false) };
                if message.is_empty() {
                    return Ok(sent > 0);
                }
                let Poll::Ready(ready) = stream.as_mut().poll_ready(cx) else {
                    return Ok(sent > 0);
                };
                ready?;
                stream.as_mut().start_send(Message::text(message))?;
                self.in_flight = Some(message.len());
            }
            let Poll::Ready(flushed) = stream.as_mut().poll_flush(cx) else {
                return Ok(sent > 0);
            };
            flushed?;
            endpoint.transmitted(self.in_flight.take().unwrap_or(0));
        }
        Ok(true)
    }

    /// Our side ends: nothing more will be sent. The other side's part is waited for by
    /// the next turns.
    pub(super) fn shutdown(&mut self) {
        self.closing = true;
    }

    /// The streams are over: the closing handshake (`7395-3.6-01`), within a bound.
    pub(super) async fn finish(&mut self) {
        let handshake = poll_fn(|cx| {
            let mut stream = Pin::new(&mut self.stream);
            if stream.as_mut().poll_close(cx).is_pending() {
                return Poll::Pending;
            }
            // What still comes is of no account, but for its end.
            loop {
                match stream.as_mut().poll_next(cx) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        let _ = tokio::time::timeout(CLOSE_PATIENCE, handshake).await;
        let shutdown = tokio::io::AsyncWriteExt::shutdown(self.stream.get_mut());
        let _ = tokio::time::timeout(CLOSE_PATIENCE, shutdown).await;
    }
}

/// What was received goes to the endpoint. Says how many bytes that were.
fn take(received: Option<Result<Message, Error>>, endpoint: &mut impl Machine) -> io::Result<u64> {
    let message = match received {
        Some(Ok(message)) => message,
        Some(Err(Error::Capacity(_))) => {
            endpoint.handle_bad_message(MessageFault::TooLarge);
            return Ok(0);
        }
        Some(Err(Error::Utf8(_))) => {
            endpoint.handle_bad_message(MessageFault::NotText);
            return Ok(0);
        }
        Some(Err(Error::Io(error))) => return Err(error),
        // Its end, in order or not: the stream knows whether it was time.
        Some(Err(_)) | None => {
            endpoint.handle_eof();
            return Ok(0);
        }
    };
    let len = message.len() as u64;
    match &message {
        // Taken, as the endpoint has said that it wants to read.
        Message::Text(text) => _ = endpoint.handle_message(text.as_bytes()),
        Message::Binary(_) => endpoint.handle_bad_message(MessageFault::NotText),
        // A pong is the codec's.
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        Message::Close(_) => endpoint.handle_eof(),
    }
    Ok(len)
}

fn broken(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::ConnectionAborted.into(),
        other => io::Error::other(other),
    }
}

/// Messages of at most that many bytes; buffers of a few kilobytes.
fn config(max_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(max_bytes))
        .max_frame_size(Some(max_bytes))
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
}

fn speaks_xmpp(headers: &HeaderMap) -> bool {
    let values = headers.get_all(PROTOCOL_HEADER).iter();
    let mut names = values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    names.any(|name| name.trim() == PROTOCOL)
}

/// The TLS of a server's WebSockets: the same certificate, another protocol.
#[derive(Clone)]
pub(crate) struct Acceptor {
    receiver: Arc<RustlsReceiver>,
    tls: TlsAcceptor,
}

impl Acceptor {
    pub(crate) fn new(receiver: &Arc<RustlsReceiver>) -> Self {
        let mut config = rustls::ServerConfig::clone(receiver.config());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { receiver: Arc::clone(receiver), tls: TlsAcceptor::from(Arc::new(config)) }
    }

    /// The handshakes of a client that has connected. For the caller to bound in time.
    pub(crate) async fn accept(
        &self,
        socket: TcpStream,
        max_bytes: usize,
    ) -> io::Result<(WebSocket, RustlsFacts)> {
        let stream = self.tls.accept(socket).await?;
        let facts = self.receiver.facts(stream.get_ref().1);
        let config = Some(config(max_bytes));
        let stream = tokio_tungstenite::accept_hdr_async_with_config(stream.into(), Choose, config)
            .await
            .map_err(broken)?;
        Ok((WebSocket::new(stream), facts))
    }
}

/// Who may go on, by their request.
struct Choose;

impl tokio_tungstenite::tungstenite::handshake::server::Callback for Choose {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        let refuse = |status, why: &str| {
            let mut refusal = ErrorResponse::new(Some(format!("{why}\n")));
            *refusal.status_mut() = status;
            refusal
        };
        if request.uri().path() != PATH {
            return Err(refuse(StatusCode::NOT_FOUND, "XMPP is at /xmpp-websocket"));
        }
        // 7395-3.1-02
        if !speaks_xmpp(request.headers()) {
            return Err(refuse(StatusCode::BAD_REQUEST, "the subprotocol here is xmpp"));
        }
        response.headers_mut().insert(PROTOCOL_HEADER, HeaderValue::from_static(PROTOCOL));
        Ok(response)
    }
}

/// Where a client's WebSocket is: a `wss:` URI.
#[derive(Clone, Debug)]
pub(crate) struct Url {
    uri: Uri,
    host: String,
    pub(crate) port: u16,
}

impl core::str::FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|error| format!("not a URI: {error}"))?;
        if uri.scheme_str() != Some("wss") {
            return Err("expected a URI that begins with wss:// (TLS is required)".into());
        }
        let host = uri.host().ok_or("expected a host")?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(443);
        Ok(Self { uri, host, port })
    }
}

impl core::fmt::Display for Url {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.uri.fmt(f)
    }
}

impl Url {
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

/// The handshakes of a client on a socket that is connected. The certificate has to be
/// for the host of the URI.
pub(crate) async fn connect(
    url: &Url,
    socket: TcpStream,
    initiator: &RustlsInitiator,
    max_bytes: usize,
) -> io::Result<(WebSocket, RustlsFacts)> {
    let mut tls = rustls::ClientConfig::clone(initiator.config());
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(url.host.clone()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::new(tls)).connect(name, socket).await?;
    let facts = initiator.facts(stream.get_ref().1);
    let mut request = url.uri.clone().into_client_request().map_err(broken)?;
    request.headers_mut().insert(PROTOCOL_HEADER, HeaderValue::from_static(PROTOCOL));
    let config = Some(config(max_bytes));
    let (stream, response) =
        tokio_tungstenite::client_async_with_config(request, stream.into(), config)
            .await
            .map_err(broken)?;
    // 7395-3.1-03
    if !speaks_xmpp(response.headers()) {
        return Err(io::Error::other("the server does not speak XMPP on this WebSocket"));
    }
    Ok((WebSocket::new(stream), facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protected_uris_are_taken() {
        let url: Url = "wss://[::1]:5281/xmpp-websocket".parse().unwrap();
        assert_eq!((url.host(), url.port), ("::1", 5281));
        let url: Url = "wss://x.example/ws".parse().unwrap();
        assert_eq!((url.host(), url.port), ("x.example", 443));
        for text in ["", "x.example", "ws://x.example/", "https://x.example/", "wss:", "wss:///a"] {
            assert!(text.parse::<Url>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_subprotocol_is_one_of_a_list() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(PROTOCOL_HEADER, HeaderValue::from_static(value));
            speaks_xmpp(&headers)
        };
        assert!(with("xmpp") && with("chat, xmpp") && with("xmpp,other"));
        assert!(!with("xmpp2") && !with("") && !with("chat"));
        assert!(!speaks_xmpp(&HeaderMap::new()));
    }

    use futures_util::{SinkExt, StreamExt};
    use rustls::RootCertStore;
    use tokio::net::TcpListener;
    use xmpp_core::time::Clock;
    use xmpp_core::{Server, ServerConfig};

    use super::super::link::{Link, LinkError};
    use crate::net::certificates::{self, Identity};

    type Raw = WebSocketStream<TlsStream<TcpStream>>;

    /// What came of a WebSocket's stream on the server.
    type Ended = tokio::task::JoinHandle<Result<(), String>>;

    /// A server for one connection, and a codec at its other end that can say anything.
    async fn raw(path: &str, protocol: Option<&'static str>) -> (Result<Raw, Error>, Ended) {
        let Identity { receiver, authority, .. } = certificates::make("x.example").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ended = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let config = Arc::new(ServerConfig::default());
            let acceptor = Acceptor::new(&receiver);
            let accepted = acceptor.accept(socket, config.limits.max_message_bytes()).await;
            let (socket, facts) = accepted.map_err(|error| error.to_string())?;
            let clock = Clock::start();
            let facts = facts.as_facts();
            assert_eq!(facts.exporter.map(<[u8]>::len), Some(32));
            let server = Server::accept_websocket(config, facts, clock.now(), [1; 32]);
            let mut link = Link::new(server, socket, clock);
            loop {
                match link.next().await {
                    Ok(Some(_)) => {}
                    Ok(None) => return Ok(()),
                    Err(LinkError::Stream(error)) => return Err(error.to_string()),
                    Err(error) => panic!("{error}"),
                }
            }
        });
        let mut roots = RootCertStore::empty();
        roots.add(authority.unwrap().0).unwrap();
        let initiator = certificates::initiator_with(roots).unwrap();
        let socket = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("x.example").unwrap();
        let connector = TlsConnector::from(Arc::clone(initiator.config()));
        let stream = connector.connect(name, socket).await.unwrap();
        let uri = format!("wss://x.example{path}");
        let mut request = uri.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            let value = HeaderValue::from_static(protocol);
            request.headers_mut().insert(PROTOCOL_HEADER, value);
        }
        let stream = tokio_tungstenite::client_async(request, TlsStream::from(stream)).await;
        let stream = stream.map(|(stream, response)| {
            // 7395-3.1-02
            assert!(speaks_xmpp(response.headers()), "{response:?}");
            stream
        });
        (stream, ended)
    }

    async fn hear(stream: &mut Raw) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(Ok(message)) = stream.next().await {
            heard.push(match message {
                Message::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            });
        }
        heard
    }

    #[tokio::test]
    async fn other_paths_and_protocols_are_refused() {
        for (path, protocol, status) in
            [("/", Some("xmpp"), 404), (PATH, None, 400), (PATH, Some("chat"), 400)]
        {
            let (stream, ended) = raw(path, protocol).await;
            let Err(Error::Http(response)) = stream else { panic!("{path} {protocol:?}") };
            assert_eq!(response.status(), status);
            assert!(ended.await.unwrap().is_err());
        }
    }

    /// RFC 7395 sections 3.2 and 3.5, 7395-3.6-01: the stream error, `<close/>`, and the
    /// closing handshake, whatever was wrong.
    #[tokio::test]
    async fn what_is_no_xmpp_is_answered_with_a_stream_error() {
        let large = "x".repeat(ServerConfig::default().limits.max_message_bytes() + 1);
        for (message, condition) in [
            (Message::binary(vec![b'<'; 10]), "bad-format"),
            (Message::text(large), "policy-violation"),
            (Message::text("<open/>"), "invalid-namespace"),
            (Message::text(" "), "bad-format"),
        ] {
            let (stream, ended) = raw(PATH, Some("xmpp")).await;
            let mut stream = stream.unwrap();
            stream.send(message).await.unwrap();
            let heard = hear(&mut stream).await;
            let [open, error, close, end] = &heard[..] else { panic!("{heard:#?}") };
            assert!(open.starts_with("<open "), "{heard:#?}");
            assert!(error.contains(condition) && error.starts_with("<stream:error "), "{error}");
            assert!(close.starts_with("<close ") && end.starts_with("Close"), "{heard:#?}");
            assert!(ended.await.unwrap().is_err());
        }
    }

    #[tokio::test]
    async fn a_websocket_that_goes_away_ends_the_stream() {
        // 7395-3.6-02
        let (stream, ended) = raw(PATH, Some("xmpp")).await;
        stream.unwrap().close(None).await.unwrap();
        assert!(ended.await.unwrap().unwrap_err().contains("the transport ended"));
    }
}
