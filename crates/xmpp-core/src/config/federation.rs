//! What the two roles between servers need to know.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_jid::Domainpart;
use xmpp_sasl::Secret;
use xmpp_xml::Ns;

use super::{StreamLimits, Timeouts, TlsMode};
use crate::stream_management::StreamManagement;

/// A server's side of its streams with other servers, in both directions.
///
/// Make one with [`new`](Self::new), change the fields that do not suit, and share it
/// among all streams.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FederationConfig {
    /// How TLS comes about. With [`TlsMode::StartTls`] it is required, unless
    /// [`DialbackPolicy::DangerousWithoutTls`] says otherwise.
    pub tls: TlsMode,
    /// When dialback (XEP-0220) counts.
    pub dialback: DialbackPolicy,
    /// What dialback keys are made of (XEP-0185): at least 32 bytes from the system's
    /// random generator, the same in all servers of these domains.
    pub dialback_secret: Secret,
    /// The domains that are served here. A peer that claims a domain towards another than
    /// these, or the one that its stream was accepted for, is told `item-not-found`
    /// (XEP-0220 section 2.2.1). Empty by default: enough for a server of one domain.
    pub domains: BTreeSet<Domainpart>,
    /// The domains for which `<db:verify/>` is answered from the secret, at once. What
    /// is asked for others is told by
    /// [`PeerEvent::VerifyWanted`](crate::PeerEvent::VerifyWanted). Empty by default.
    pub authoritative_for: Vec<Domainpart>,
    /// Whether an initiating server authenticates by SASL EXTERNAL where it is offered
    /// (XEP-0178). It makes sense if its TLS shows a certificate. On by default.
    pub external: bool,
    /// Whether the authorization identity is sent with EXTERNAL: the domain itself. If
    /// not, `=` is (XEP-0178 section 3). On by default.
    pub external_authzid: bool,
    /// Whether stanzas may go both ways on one stream (XEP-0288). On by default.
    pub bidi: bool,
    /// What is wanted of stream management (XEP-0198): acknowledgements. Streams
    /// between servers are not resumed, whatever it says. `None`: nothing.
    pub stream_management: Option<StreamManagement>,
    /// How many pairs of domains a stream may be authorised for, in each direction. 64
    /// by default; more are refused with `resource-constraint`.
    pub max_pairs: usize,
    /// How many questions of dialback may be open on a stream, of each kind. 16 by
    /// default.
    pub max_pending: usize,
    /// How many requests of dialback may be refused on a stream before it ends. 32 by
    /// default.
    pub max_refused: u32,
    /// How long a verdict of dialback may take, of whomever it is. 30 seconds by
    /// default.
    pub verdict: Duration,
    /// What peers may send.
    pub limits: StreamLimits,
    /// How long things may take on streams that we have opened. By default a keepalive
    /// after five silent minutes, and no idle deadline: where stanzas go one way,
    /// nothing comes.
    pub initiating_timeouts: Timeouts,
    /// How long things may take on streams that we have accepted. By default one that
    /// is silent for half an hour is closed.
    pub receiving_timeouts: Timeouts,
    /// Namespaces of first-level elements other than stanzas that the caller
    /// wants as [`Event::Nonza`](crate::Event::Nonza). Any other ends the stream.
    pub nonzas: Vec<Ns<'static>>,
}

impl FederationConfig {
    /// With the defaults of each field: TLS is required, and both EXTERNAL and dialback
    /// under TLS prove a domain.
    #[must_use]
    pub fn new(dialback_secret: Secret) -> Self {
        let server = StreamLimits::default();
        Self {
            tls: TlsMode::StartTls,
            dialback: DialbackPolicy::OverTls,
            dialback_secret,
            domains: BTreeSet::new(),
            authoritative_for: Vec::new(),
            external: true,
            external_authzid: true,
            bidi: true,
            stream_management: Some(StreamManagement::of_server().without_resumption()),
            max_pairs: 64,
            max_pending: 16,
            max_refused: 32,
            verdict: Duration::from_secs(30),
            // What another server has taken from its client and added to fits.
            limits: StreamLimits { send: server.send, ..StreamLimits::of_client() },
            initiating_timeouts: Timeouts { ping: None, ..Timeouts::of_client() },
            receiving_timeouts: Timeouts::of_server(),
            nonzas: Vec::new(),
        }
    }
}

/// When dialback (XEP-0220) proves a domain.
///
/// It proves that the server which DNS names for a domain stands by the stream. Whoever
/// can change what DNS says, or bytes on the way to that server, can claim the domain;
/// a certificate that is checked says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DialbackPolicy {
    /// Never: certificates alone count.
    Never,
    /// Under TLS, whatever the certificate is worth. With
    /// [`TlsMode::DangerousPlaintext`], where there is no TLS, it counts as well.
    #[default]
    OverTls,
    /// Also without TLS, if the other server has none: for servers of before RFC 3920,
    /// which send no version, and for those that have TLS switched off. RFC 7590
    /// section 3.1 asks for encryption: whoever can read the bytes on the way reads
    /// everything.
    DangerousWithoutTls,
}
