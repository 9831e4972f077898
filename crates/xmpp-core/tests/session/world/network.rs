//! What DNS says, and who is at an address.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::HashMap;

use xmpp_core::session::discovery::Srv;
use xmpp_core::stanza::{StanzaCondition, StreamError};

/// What DNS says, and how long it takes to.
#[derive(Clone, Default)]
pub(crate) struct Dns {
    pub(crate) srv: HashMap<String, Vec<Srv>>,
    pub(crate) addresses: HashMap<String, Vec<IpAddr>>,
    /// Names (with the family) that are never answered.
    pub(crate) silent: Vec<String>,
    /// Names for which no answer can be had.
    pub(crate) broken: Vec<String>,
    pub(crate) delays: HashMap<String, Duration>,
    /// By URL.
    pub(crate) files: HashMap<String, String>,
}

impl Dns {
    pub(crate) fn srv(&mut self, service: &str, records: &[(u16, u16, u16, &str)]) -> &mut Self {
        let records = records
            .iter()
            .map(|&(priority, weight, port, target)| Srv::new(priority, weight, port, target));
        self.srv.insert(format!("{service}._tcp.example.com."), records.collect());
        self
    }

    pub(crate) fn host(&mut self, name: &str, addresses: &[&str]) -> &mut Self {
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        self.addresses.insert(name.into(), addresses.collect());
        self
    }
}

/// Who is at an address.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) reached: Reached,
    pub(crate) does: Does,
    /// How long bytes are on their way.
    pub(crate) latency: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Reached {
    After(u64),
    Refuses(u64),
    /// Packets vanish.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) enum Does {
    Serve,
    /// Accepts, and says nothing.
    Nothing,
    /// Refuses the stream before authentication.
    Refuse(StreamError),
    /// Refuses the stream before authentication, once TLS is up.
    RefuseOverTls(StreamError),
    /// Has no resource for anybody.
    RefuseBind(StanzaCondition),
    /// Ends the stream with this error as soon as it is established.
    Fail(StreamError),
    /// Ends the stream with this error at the first stanza of each session.
    FailAtStanza(StreamError),
    /// Closes the stream in order as soon as it is established.
    Close,
    /// The transport ends after that many bytes, both ways together.
    CutAfter(usize),
    /// The transport ends this long after it was opened.
    CutAt(Duration),
}

impl Host {
    pub(crate) fn new(does: Does) -> Self {
        Self { reached: Reached::After(10), does, latency: Duration::ZERO }
    }

    pub(crate) const fn unreachable(reached: Reached) -> Self {
        Self { reached, does: Does::Serve, latency: Duration::ZERO }
    }
}
