//! Where the play is: on a server in this process, or on another one.

use core::num::NonZeroU32;
use std::sync::Arc;

use rustls::RootCertStore;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use xmpp_core::jid::Domainpart;
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::tls::rustls::RustlsInitiator;

use super::Elsewhere;
use super::transcript::{Transcript, Way};
use crate::net::certificates::{self, Identity};
use crate::net::place::Place;
use crate::secrets;
use crate::serve::service::{self, Service};

const DOMAIN: &str = "capulet.example";
const TO_ROMEO: Way = Way { from: "server", to: "romeo" };
const TO_JULIET: Way = Way { from: "server", to: "juliet" };

pub(super) struct Stage {
    pub(super) domain: String,
    /// To connect to.
    pub(super) place: Place,
    pub(super) tls: Arc<RustlsInitiator>,
    /// Of romeo and of juliet.
    pub(super) passwords: [String; 2],
    server: Option<JoinHandle<()>>,
}

impl Stage {
    /// A server in this process, with a certificate made on the spot, whose
    /// words are heard as well.
    pub(super) async fn own(transcript: &mut Transcript) -> Result<Self, String> {
        let domain = Domainpart::new(DOMAIN).map_err(|error| error.to_string())?;
        let Identity { receiver, authority, .. } = certificates::make(DOMAIN)?;
        let authority = authority.ok_or("no authority was made")?.0;
        let passwords = ["wherefore", "what's in a name?"].map(String::from);

        // Few iterations, since a demo has no passwords worth keeping: see `xmpp serve`.
        let iterations = NonZeroU32::new(10_000);
        let mut service = Service::new(domain, receiver, &[Hash::Sha256], iterations);
        service.add_account("romeo", &passwords[0])?;
        service.add_account("juliet", &passwords[1])?;
        service.tap = Some(Box::new({
            let (romeo, juliet) = (transcript.tap_maker(TO_ROMEO), transcript.tap_maker(TO_JULIET));
            // Romeo connects first.
            move |id| if id.0 == 0 { romeo() } else { juliet() }
        }));
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(|error| format!("cannot listen: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
        transcript.note(&format!("a server for {DOMAIN} listens on {address}"));
        let server = tokio::spawn(service::accept_all(Arc::new(service), listener));

        let mut roots = RootCertStore::empty();
        roots.add(authority).map_err(|error| error.to_string())?;
        let tls = certificates::initiator_with(roots)?;
        let place = address.parse()?;
        Ok(Self { domain: DOMAIN.to_owned(), place, tls, passwords, server: Some(server) })
    }

    /// A server somewhere else; only what its clients say is heard.
    pub(super) fn elsewhere(place: Place, elsewhere: &Elsewhere) -> Result<Self, String> {
        let domain = elsewhere.domain.clone().ok_or("--domain is missing")?;
        let file = elsewhere.password_file.as_ref().ok_or("--password-file is missing")?;
        let password = secrets::password(file)?;
        let tls = certificates::initiator(elsewhere.ca.as_deref())?;
        let passwords = [password.clone(), password];
        Ok(Self { domain, place, tls, passwords, server: None })
    }

    pub(super) fn close(self) {
        if let Some(server) = self.server {
            server.abort();
        }
    }
}
