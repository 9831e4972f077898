//! A server on loopback that does as a test says, good or bad.

use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU32, Ordering};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use xmpp_core::jid::{Domainpart, FullJid};
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::server::{AccountKeys, Answer, Config, FakeSalt};
use xmpp_core::sasl::{ScramKeys, StoredKeys};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsReceiver;
use xmpp_core::{Event, HostConfig, Output, Server, ServerConfig, ServerEvent};

const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).unwrap();

/// What the server does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Goes on in order.
    GoOn,
    /// Says nothing more, but keeps the connection.
    Fall,
    /// Cuts the connection.
    Hang,
    /// Sends this again and again, without looking at what comes.
    Flood(&'static str),
}

/// A server for `x.test` whose accounts all have the password `pw`.
pub(crate) struct Scripted {
    pub(crate) address: String,
    folder: PathBuf,
    thread: Option<JoinHandle<Vec<String>>>,
}

impl Scripted {
    /// For one connection: `act` is called with every stanza's source, after an
    /// empty one when the stream is established. Those that `act` appends are sent.
    pub(crate) fn start(act: impl FnMut(&str, &mut Vec<String>) -> Then + Send + 'static) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("xmpp-cli-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("pw"), "pw\n").unwrap();
        let (receiver, authority) = certificate();
        std::fs::write(folder.join("ca.pem"), authority).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let thread = std::thread::spawn(move || serve(&listener, receiver, act));
        Self { address, folder, thread: Some(thread) }
    }

    /// The options that log in here.
    pub(crate) fn login(&self) -> Vec<String> {
        let file = |name| self.folder.join(name).display().to_string();
        let options = [
            ("--jid", "alice@x.test".to_owned()),
            ("--password-file", file("pw")),
            ("--connect", self.address.clone()),
            ("--ca", file("ca.pem")),
        ];
        options.into_iter().flat_map(|(option, value)| [option.to_owned(), value]).collect()
    }

    /// What the client has sent, once it has gone.
    pub(crate) fn received(mut self) -> Vec<String> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn certificate() -> (Arc<RustlsReceiver>, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["x.test".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let receiver = RustlsReceiver::with_certificate(vec![certificate.der().clone()], key).unwrap();
    (Arc::new(receiver), pem)
}

fn keys() -> StoredKeys {
    ScramKeys::derive(crypto::provider(), Hash::Sha256, b"pw", b"0123456789abcdef", ITERATIONS)
        .to_stored()
}

fn serve(
    listener: &TcpListener,
    receiver: Arc<RustlsReceiver>,
    mut act: impl FnMut(&str, &mut Vec<String>) -> Then,
) -> Vec<String> {
    let (mut socket, _) = listener.accept().unwrap();
    let clock = Clock::start();
    let salt = FakeSalt::new([7; 32]);
    let sasl = Config::new().account_keys(AccountKeys::new(salt, Hash::Sha256, ITERATIONS));
    let host = Arc::new(HostConfig::new(Domainpart::new("x.test").unwrap(), sasl));
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept(config, receiver, clock.now(), [9; 32]).unwrap();
    let (mut received, mut say) = (Vec::new(), Vec::new());
    let mut then = Then::GoOn;
    loop {
        let Ok(output) = server.poll(clock.now()) else { return received };
        match output {
            Output::Event(Event::Role(ServerEvent::HostWanted(query))) => {
                server.choose_host(query, Arc::clone(&host)).unwrap();
            }
            Output::Event(Event::Role(ServerEvent::CredentialsWanted(query))) => {
                server.provide_credentials(query, Answer::keys(keys())).unwrap();
            }
            Output::Event(Event::Role(ServerEvent::BindWanted(query))) => {
                let jid = FullJid::new(&format!("{}/r", query.account())).unwrap();
                server.bind(query, jid).unwrap();
            }
            Output::Event(Event::Established { .. }) => then = act("", &mut say),
            Output::Event(Event::Stanza(stanza)) => {
                let source = stanza.element().source().to_owned();
                then = act(&source, &mut say);
                received.push(source);
            }
            Output::Event(_) => {}
            Output::Transmit(_) => {
                if server.write_to(&mut socket).is_err() {
                    return received;
                }
            }
            Output::Wait(deadline) => {
                match then {
                    Then::GoOn => {}
                    Then::Fall => {
                        swallow(socket);
                        return received;
                    }
                    Then::Hang => return received,
                    Then::Flood(stanza) => {
                        for _ in 0..200 {
                            server.send_serialized(stanza.as_bytes()).unwrap();
                        }
                        continue;
                    }
                }
                let patience = deadline.map(|deadline| deadline.after(clock.now()));
                let patience =
                    patience.map(|patience| patience.max(core::time::Duration::from_millis(1)));
                socket.set_read_timeout(patience).unwrap();
                if server.read_from(&mut socket).is_err() {
                    return received;
                }
            }
            Output::Shutdown => _ = socket.shutdown(std::net::Shutdown::Write),
            Output::Closed => return received,
        }
        for stanza in say.drain(..) {
            server.send_serialized(stanza.as_bytes()).unwrap();
        }
    }
}

/// Until the client has gone.
fn swallow(mut socket: TcpStream) {
    use std::io::Read;
    socket.set_read_timeout(None).unwrap();
    let mut bytes = [0; 1024];
    while socket.read(&mut bytes).is_ok_and(|read| read > 0) {}
}

/// The value of an attribute in the source of a stanza.
pub(crate) fn attribute<'s>(source: &'s str, name: &str) -> &'s str {
    let from = source.split_once(&format!(" {name}='")).unwrap().1;
    from.split_once('\'').unwrap().0
}

/// The result that answers a request.
pub(crate) fn result(request: &str) -> String {
    format!("<iq type='result' id='{}' from='x.test'/>", attribute(request, "id"))
}
