//! A peer server of ours that the server connects to: it answers by itself, as it is told.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};
use xmpp_xml::{Element, ElementRef, Ns};

use super::sasl;
use super::session::TLS;
use super::target::Target;
use crate::transcript::Transcript;
use crate::verdict::{Fault, Outcome};
use crate::wire::{Item, Wire, tls};

pub(super) const DIALBACK: &str = "jabber:server:dialback";
pub(super) const SERVER: &str = "jabber:server";

/// What is answered to who asks whether a key is ours, or claims a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Valid,
    Invalid,
    /// Valid, for another stream.
    AnotherStream,
    /// Valid, for another domain of ours.
    AnotherDomain,
}

/// A key that came, with its addresses; `id` is that of the stream it is asked about.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) id: String,
    pub(super) key: String,
}

impl Claim {
    fn of(element: ElementRef<'_>) -> Self {
        let attr = |name| element.attr(name).unwrap_or_default().into_owned();
        Self {
            from: attr("from"),
            to: attr("to"),
            id: attr("id"),
            key: element.text().into_owned(),
        }
    }
}

/// What the connections of one peer server have in common.
struct Shared {
    domain: String,
    verifying: Cell<Answer>,
    accepting: Cell<Answer>,
    asked: RefCell<Vec<Claim>>,
    claimed: RefCell<Vec<Claim>>,
    stanzas: UnboundedSender<Element>,
    accept: tls::Accept,
    transcript: Transcript,
}

/// It listens as long as it lives.
pub(super) struct PeerServer {
    shared: Rc<Shared>,
    stanzas: UnboundedReceiver<Element>,
    listening: JoinHandle<()>,
}

impl Drop for PeerServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl PeerServer {
    /// Listens where the server finds our domain. Keys that it asks about get the one
    /// answer, keys of its own the other.
    pub(super) async fn listen(
        scene: &crate::scene::Scene<Target>,
        verifying: Answer,
        accepting: Answer,
    ) -> Outcome<Self> {
        let peer = scene.setting.peer.as_ref();
        let (Some(address), Some(domain)) =
            (peer.and_then(|peer| peer.listen.clone()), scene.lease.peer_domain())
        else {
            return Err(Fault::Skipped("no --s2s-listen and --s2s-domain".into()));
        };
        let listener = bound(&address).await?;
        let (sender, stanzas) = unbounded_channel();
        let shared = Rc::new(Shared {
            accept: certificate(domain).map_err(Fault::Error)?,
            domain: domain.to_owned(),
            verifying: Cell::new(verifying),
            accepting: Cell::new(accepting),
            asked: RefCell::default(),
            claimed: RefCell::default(),
            stanzas: sender,
            transcript: scene.transcript.clone(),
        });
        let listening = tokio::task::spawn_local(accept(listener, Rc::clone(&shared)));
        Ok(Self { shared, stanzas, listening })
    }

    /// What the server has asked of keys.
    pub(super) fn asked(&self) -> Vec<Claim> {
        self.shared.asked.borrow().clone()
    }

    /// Waits until an answer about a key has been sent, or none seems to be wanted.
    pub(super) async fn answered(&self) {
        let until = Instant::now() + self.shared.transcript.patience();
        while self.shared.asked.borrow().is_empty() && Instant::now() < until {
            tokio::time::sleep(core::time::Duration::from_millis(20)).await;
        }
    }

    /// What the server has claimed with keys of its own; `id` is that of our stream.
    pub(super) fn claimed(&self) -> Vec<Claim> {
        self.shared.claimed.borrow().clone()
    }

    /// A stanza that `is` knows has to come.
    pub(super) async fn wait_for(
        &mut self,
        what: &str,
        is: impl Fn(ElementRef<'_>) -> bool,
    ) -> Outcome<Element> {
        let until = Instant::now() + self.shared.transcript.patience() * 2;
        let mut other = None;
        loop {
            match timeout_at(until, self.stanzas.recv()).await {
                Ok(Some(element)) if is(element.as_ref()) => return Ok(element),
                Ok(Some(element)) => other = Some(element),
                _ => {
                    let instead = other
                        .map_or_else(|| "nothing came".into(), |e| format!("{} came", e.source()));
                    return Err(Fault::Failed(format!("{what} is expected; {instead}")));
                }
            }
        }
    }
}

/// The listener of the case before ends with its task, which may take a moment.
async fn bound(address: &str) -> Outcome<TcpListener> {
    for _ in 0..100 {
        if let Ok(listener) = TcpListener::bind(address).await {
            return Ok(listener);
        }
        tokio::time::sleep(core::time::Duration::from_millis(20)).await;
    }
    Ok(TcpListener::bind(address).await?)
}

fn certificate(domain: &str) -> Result<tls::Accept, String> {
    let failed = |error: rcgen::Error| error.to_string();
    let key = KeyPair::generate().map_err(failed)?;
    let params = CertificateParams::new(vec![domain.to_owned()]).map_err(failed)?;
    let certificate = params.self_signed(&key).map_err(failed)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    tls::Accept::with(&tls::Own::new(vec![certificate.der().clone()], key), &[])
}

async fn accept(listener: TcpListener, shared: Rc<Shared>) {
    // They end with this task.
    let mut connections = JoinSet::new();
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        number += 1;
        let wire = Wire::of(stream, &format!("from-server-{number}"), &shared.transcript);
        connections.spawn_local(serve(wire, Rc::clone(&shared)));
    }
}

async fn serve(mut wire: Wire, shared: Rc<Shared>) {
    let mut secure = false;
    let mut id = String::new();
    wire.patience = core::time::Duration::from_secs(60);
    loop {
        match wire.item().await {
            Item::Header(header) => {
                id = sasl::random();
                wire.send(response(&header, &id, &shared.domain, secure)).await;
            }
            Item::Element(e) if e.is(Ns::new(TLS), "starttls") => {
                wire.send(format!("<proceed xmlns='{TLS}'/>")).await;
                if wire.accept_tls(&shared.accept).await.is_err() {
                    return;
                }
                wire.patience = core::time::Duration::from_secs(60);
                secure = true;
            }
            Item::Element(e) if e.is(Ns::new(DIALBACK), "verify") && e.attr("type").is_none() => {
                let claim = Claim::of(e.as_ref());
                wire.send(verified(&claim, shared.verifying.get())).await;
                shared.asked.borrow_mut().push(claim);
            }
            Item::Element(e) if e.is(Ns::new(DIALBACK), "result") && e.attr("type").is_none() => {
                let mut claim = Claim::of(e.as_ref());
                claim.id.clone_from(&id);
                let kind =
                    if shared.accepting.get() == Answer::Valid { "valid" } else { "invalid" };
                let Claim { from, to, .. } = &claim;
                wire.send(format!("<db:result from='{to}' to='{from}' type='{kind}'/>")).await;
                shared.claimed.borrow_mut().push(claim);
            }
            Item::Element(e) => {
                let _ = shared.stanzas.send(e);
            }
            Item::Closed => {
                wire.send("</stream:stream>").await;
                return;
            }
            Item::End(_) | Item::Malformed(_) | Item::Silence => return,
        }
    }
}

fn verified(claim: &Claim, answer: Answer) -> String {
    let Claim { from, to, id, .. } = claim;
    let (to, id) = match answer {
        Answer::AnotherStream => (to.clone(), "another-stream".to_owned()),
        Answer::AnotherDomain => (format!("other.{to}"), id.clone()),
        Answer::Valid | Answer::Invalid => (to.clone(), id.clone()),
    };
    let kind = if answer == Answer::Invalid { "invalid" } else { "valid" };
    format!("<db:verify from='{to}' to='{from}' id='{id}' type='{kind}'/>")
}

fn response(header: &Element, id: &str, domain: &str, secure: bool) -> String {
    let to = header.attr("from").map(|from| format!(" to='{from}'")).unwrap_or_default();
    let tls = if secure { String::new() } else { format!("<starttls xmlns='{TLS}'/>") };
    // Without a version, features mean nothing.
    let features = if header.attr("version").is_some() {
        format!(
            "<stream:features>{tls}<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>"
        )
    } else {
        String::new()
    };
    let version = if features.is_empty() { "" } else { " version='1.0'" };
    format!(
        "<?xml version='1.0'?><stream:stream from='{domain}'{to} id='{id}'{version} xml:lang='en' xmlns='{SERVER}' \
         xmlns:db='{DIALBACK}' xmlns:stream='http://etherx.jabber.org/streams'>{features}"
    )
}
