//! What the host tells clients that it can do.

use xmpp_stanza::features::{RosterVersioning, SubscriptionPreApproval};
use xmpp_xml::{WriteXml, Writer};

/// The stream features to offer beside resource binding, once a client has authenticated:
/// roster versions (RFC 6121 §2.6.1) and subscription pre-approval (§3.4). Both "MUST" be
/// advertised by a server that supports them; neither is negotiated.
///
/// ```
/// use xmpp_server::StreamFeatures;
/// use xmpp_xml::{Writer, ns};
///
/// let mut tx = Vec::new();
/// let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
/// w.start(ns::STREAM, "features").write(&StreamFeatures).end();
/// w.finish()?;
/// assert_eq!(
///     tx,
///     b"<stream:features><ver xmlns='urn:xmpp:features:rosterver'/>\
///       <sub xmlns='urn:xmpp:features:pre-approval'/></stream:features>"
/// );
/// # Ok::<(), xmpp_xml::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to say but what it writes")]
pub struct StreamFeatures;

impl WriteXml for StreamFeatures {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.write(&RosterVersioning).write(&SubscriptionPreApproval);
    }
}
