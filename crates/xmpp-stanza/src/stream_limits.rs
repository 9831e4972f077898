//! Stream limits: XEP-0478.

use alloc::format;

use xmpp_xml::{ElementRef, Ns, WriteXml, Writer};

use crate::envelope::trimmed;
use crate::{Invalid, Payload};

/// `<limits/>`: the stream feature that says how much a receiving entity takes,
/// so that nobody has to find out by losing a stream.
///
/// A limit that cannot be read is taken to be absent.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::Payload;
/// use xmpp_stanza::stream_limits::StreamLimits;
///
/// let limits = StreamLimits { max_bytes: Some(10_000), idle_seconds: Some(1800) };
/// assert_eq!(StreamLimits::parse(limits.to_element()?.as_ref())?, limits);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "XEP-0478 has these two")]
pub struct StreamLimits {
    /// Bytes of a first-level element.
    pub max_bytes: Option<u32>,
    /// Seconds without anything received after which the stream may be closed.
    pub idle_seconds: Option<u32>,
}

impl Payload<'_> for StreamLimits {
    const NS: Ns<'static> = Ns::new("urn:xmpp:stream-limits:0");
    const NAME: &'static str = "limits";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let number = |name| {
            let child = element.child(Self::NS, name)?;
            trimmed(&child.text()).parse().ok()
        };
        Ok(Self { max_bytes: number("max-bytes"), idle_seconds: number("idle-seconds") })
    }
}

impl WriteXml for StreamLimits {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        for (name, limit) in [("max-bytes", self.max_bytes), ("idle-seconds", self.idle_seconds)] {
            if let Some(limit) = limit {
                w.leaf(Self::NS, name, &format!("{limit}"));
            }
        }
        w.end();
    }
}
