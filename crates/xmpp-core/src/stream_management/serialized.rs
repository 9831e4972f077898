//! The serialised form of a resumption.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::FullJid;
use xmpp_stanza::sm;
use xmpp_xml::{Framing, StreamContext, Writer, ns};

use super::queue::element;
use super::{Count, Resumption, ResumptionId, Unacknowledged};

/// What every serialised resumption begins with.
const MAGIC: &[u8; 6] = b"XMPPSM";
/// The version of the form that is written, and the only one that is read.
const VERSION: u8 = 1;
/// XEP-0198 section 5: an identifier should not be longer than 4,000 bytes.
pub(super) const MAX_ID_BYTES: usize = 4096;
/// A domainpart of 1,023 bytes, brackets, a port.
pub(super) const MAX_LOCATION_BYTES: usize = 1100;

impl Resumption {
    /// The serialised form, for [`from_bytes`](Self::from_bytes). Numbers are
    /// unsigned and big-endian.
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 6 | `XMPPSM` |
    /// | 1 | the version of this form: 1 |
    /// | 1 | how the stanzas are framed: 0 for RFC 6120, 1 for WebSocket (RFC 7395) |
    /// | 4 | how many stanzas of the peer were handled, modulo 2^32 |
    /// | 4 | how many stanzas the peer acknowledged, modulo 2^32 |
    /// | 4 | for how many seconds the session is kept; 0 if that is not known |
    /// | 2, n | the bound full JID: its length and its UTF-8 |
    /// | 2, n | the identifier, 1 to 4,096 bytes |
    /// | 2, n | the location; no bytes if there is none |
    /// | 4 | how many stanzas were not acknowledged |
    /// | 4, n | of each, in order: its length and its XML, in the content namespace `jabber:client` |
    ///
    /// # Security
    ///
    /// It holds what people wrote to each other, and an identifier that is worth
    /// as much as the session to whoever has the account's credentials.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 4 * self.queue.len() + self.queue.byte_len());
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        out.push(match self.queue.context().framing {
            Framing::Stream => 0,
            Framing::WebSocket => 1,
        });
        out.extend_from_slice(&self.handled.get().to_be_bytes());
        out.extend_from_slice(&self.acknowledged.get().to_be_bytes());
        out.extend_from_slice(&self.max.unwrap_or(0).to_be_bytes());
        let location = self.location.as_deref().unwrap_or_default();
        for text in [self.jid.as_str(), self.id.expose(), location] {
            // None of them is longer than 4,096 bytes.
            let length = u16::try_from(text.len()).unwrap_or(0);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(text.as_bytes().get(..length.into()).unwrap_or_default());
        }
        let count = u32::try_from(self.queue.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&count.to_be_bytes());
        for stanza in self.queue.iter() {
            let length = u32::try_from(stanza.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(stanza);
        }
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote, and nothing else: each stanza
    /// is exactly one well-formed stanza, and nothing follows the last. Memory is in
    /// proportion to `bytes`.
    ///
    /// # Errors
    ///
    /// If anything is wrong with them: what, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ResumptionError> {
        let mut input = Input { bytes, offset: 0 };
        if input.take(MAGIC.len())? != MAGIC {
            return Err(ResumptionError::new(ResumptionErrorKind::NotAResumption, 0));
        }
        let version = input.byte()?;
        if version != VERSION {
            return Err(input.error_before(1, ResumptionErrorKind::UnknownVersion(version)));
        }
        let framing = match input.byte()? {
            0 => Framing::Stream,
            1 => Framing::WebSocket,
            _ => return Err(input.error_before(1, ResumptionErrorKind::Framing)),
        };
        let handled = Count::new(input.number()?);
        let acknowledged = Count::new(input.number()?);
        let max = Some(input.number()?).filter(|&max| max > 0);
        let (at, jid) = (input.offset, input.text(usize::MAX)?);
        let jid = FullJid::new(jid).ok().filter(|read| read.as_str() == jid);
        let jid = jid.ok_or_else(|| ResumptionError::new(ResumptionErrorKind::Jid, at))?;
        let (at, id) = (input.offset, input.text(MAX_ID_BYTES)?);
        if !is_identifier(id) {
            return Err(ResumptionError::new(ResumptionErrorKind::Id, at));
        }
        let location = input.text(MAX_LOCATION_BYTES)?;
        let context = StreamContext { content: ns::CLIENT, framing };
        let mut queue = Unacknowledged::new(context);
        for _ in 0..input.number()? {
            let at = input.offset;
            let length = input.number()? as usize;
            let stanza = input.take(length)?;
            if element(stanza, context).is_none() {
                return Err(ResumptionError::new(ResumptionErrorKind::Stanza, at));
            }
            queue.push(stanza);
        }
        if input.offset < bytes.len() {
            return Err(ResumptionError::new(ResumptionErrorKind::Trailing, input.offset));
        }
        Ok(Self {
            id: ResumptionId::new(id),
            jid,
            location: (!location.is_empty()).then(|| String::from(location)),
            max,
            handled,
            acknowledged,
            queue,
        })
    }
}

/// Whether it can be asked for by this: as an attribute, and within the limit.
pub(super) fn is_identifier(id: &str) -> bool {
    let mut written = Vec::new();
    let mut w = Writer::document(&mut written);
    w.write(&sm::Resume::new(id, 0));
    (1..=MAX_ID_BYTES).contains(&id.len()) && w.finish().is_ok()
}

struct Input<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ResumptionError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let Some(taken) = rest.get(..length) else {
            return Err(ResumptionError::new(ResumptionErrorKind::Truncated, self.bytes.len()));
        };
        self.offset += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ResumptionError> {
        let truncated = ResumptionError::new(ResumptionErrorKind::Truncated, self.bytes.len());
        self.take(N)?.try_into().map_err(|_| truncated)
    }

    fn byte(&mut self) -> Result<u8, ResumptionError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u32, ResumptionError> {
        self.array().map(u32::from_be_bytes)
    }

    fn text(&mut self, limit: usize) -> Result<&'a str, ResumptionError> {
        let at = self.offset;
        let length = usize::from(u16::from_be_bytes(self.array()?));
        if length > limit {
            return Err(ResumptionError::new(ResumptionErrorKind::TooLong, at));
        }
        let text = core::str::from_utf8(self.take(length)?);
        text.map_err(|_| ResumptionError::new(ResumptionErrorKind::NotUtf8, at))
    }

    fn error_before(&self, bytes: usize, kind: ResumptionErrorKind) -> ResumptionError {
        ResumptionError::new(kind, self.offset.saturating_sub(bytes))
    }
}

/// Why bytes are no serialised [`Resumption`], and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResumptionError {
    /// What is wrong.
    pub kind: ResumptionErrorKind,
    /// Where what is wrong begins, in bytes from the start.
    pub offset: usize,
}

impl ResumptionError {
    const fn new(kind: ResumptionErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// What is wrong with a serialised [`Resumption`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResumptionErrorKind {
    /// It does not begin as one.
    NotAResumption,
    /// A version that is not known here: this one.
    UnknownVersion(u8),
    /// It ends too early.
    Truncated,
    /// A framing that is not known here.
    Framing,
    /// The address is no full JID, or not in its canonical form.
    Jid,
    /// The identifier is none.
    Id,
    /// A text is over its limit.
    TooLong,
    /// A text is no UTF-8.
    NotUtf8,
    /// A stanza is not exactly one well-formed stanza.
    Stanza,
    /// Something follows the end.
    Trailing,
}

impl fmt::Display for ResumptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ResumptionErrorKind::NotAResumption => f.write_str("no serialised resumption"),
            ResumptionErrorKind::UnknownVersion(version) => {
                write!(f, "version {version} of the serialised form is not known")
            }
            ResumptionErrorKind::Truncated => f.write_str("it ends too early"),
            ResumptionErrorKind::Framing => f.write_str("the framing is not known"),
            ResumptionErrorKind::Jid => f.write_str("the address is no canonical full JID"),
            ResumptionErrorKind::Id => f.write_str("the identifier is none"),
            ResumptionErrorKind::TooLong => f.write_str("a text is over its limit"),
            ResumptionErrorKind::NotUtf8 => f.write_str("a text is no UTF-8"),
            ResumptionErrorKind::Stanza => f.write_str("not exactly one well-formed stanza"),
            ResumptionErrorKind::Trailing => f.write_str("something follows the end"),
        }?;
        write!(f, " (at byte {})", self.offset)
    }
}

impl core::error::Error for ResumptionError {}
