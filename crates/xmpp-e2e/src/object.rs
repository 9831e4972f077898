//! The objects that are protected: Message/CPIM, PIDF, and stanzas as
//! `application/xmpp+xml` (RFC 3923 sections 3 to 5 and 10).

use xmpp_cpim::mapping::{self, MapError, Options, Side};
use xmpp_cpim::message::Message as CpimMessage;
use xmpp_cpim::mime::Entity;
use xmpp_cpim::{DateTime, Escaping, Offset, Uri, pidf};
use xmpp_jid::BareJid;
use xmpp_stanza::{Address, MessageType, Stanza, StanzaKind};
use xmpp_xml::{Element, Ns, WriteError, Writer, ns};

use crate::smime::Limits;

/// What is signed or encrypted, before and after.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Object {
    /// An instant message (RFC 3923 section 3). Also presence, if PIDF is in it.
    Message(CpimMessage<'static>),
    /// Presence (RFC 3923 section 4).
    Presence(pidf::Document),
    /// Any stanza, extensions and all (RFC 3923 sections 5 and 10).
    Stanza(Box<Stanza>),
}

impl Object {
    /// A stanza in the form RFC 3923 gives it: a message as Message/CPIM (section
    /// 3), presence as PIDF (section 4), an iq as `application/xmpp+xml`
    /// (section 5); with `time`, which comes from
    /// [`Sender::timestamp`](crate::Sender::timestamp).
    ///
    /// Message/CPIM and PIDF hold no extensions. A stanza that has some goes whole
    /// as [`Object::Stanza`], if its recipient is no gateway.
    ///
    /// # Errors
    ///
    /// If RFC 3922 has no mapping for it: it has no body, no `to`, or an address
    /// without a localpart.
    pub fn from_stanza(stanza: &Stanza, time: DateTime) -> Result<Self, MapError> {
        let options = Options::default().with_date_time(time);
        match stanza {
            Stanza::Message(message) => {
                mapping::message_to_cpim(message, &options).map(|m| Self::Message(m.value))
            }
            Stanza::Presence(presence) => {
                mapping::presence_to_pidf(presence, &options).map(|m| Self::Presence(m.value))
            }
            Stanza::Iq(_) => Ok(Self::Stanza(Box::new(stanza.clone()))),
        }
    }

    /// The stanzas that `outer`, the stanza with the `<e2e/>` payload, stands
    /// for: with its type, addresses and `id`, and what the object holds. More
    /// than one if a presence document has several tuples.
    ///
    /// # Errors
    ///
    /// If RFC 3922 has no mapping for the object.
    pub fn to_stanzas(&self, outer: &Stanza) -> Result<Vec<Stanza>, MapError> {
        let options = Options::default();
        let stanzas: Vec<Stanza> = match (self, outer) {
            (Self::Stanza(stanza), _) => vec![(**stanza).clone()],
            (Self::Message(message), Stanza::Presence(_)) => {
                let mapped = mapping::presence_from_cpim(message, &options)?.value;
                mapped.into_iter().map(Stanza::Presence).collect()
            }
            (Self::Message(message), _) => {
                let kind = match outer {
                    Stanza::Message(outer) => outer.message_type(),
                    _ => MessageType::Normal,
                };
                let options = options.with_message_type(kind);
                let mapped = mapping::message_from_cpim(message, &options)?.value;
                mapped.into_iter().map(Stanza::Message).take(1).collect()
            }
            (Self::Presence(document), _) => {
                let from = self.from().ok_or(MapError::MissingAddress(Side::From))?;
                let mapped = mapping::presence_from_pidf(document, &from, &options)?.value;
                mapped.into_iter().map(Stanza::Presence).collect()
            }
        };
        let alone = stanzas.len() == 1;
        Ok(stanzas.into_iter().map(|stanza| with_envelope(stanza, outer, alone)).collect())
    }

    /// The MIME entity, with CR LF line ends.
    ///
    /// # Errors
    ///
    /// If a text in a document or stanza has characters that XML does not allow.
    pub fn to_entity(&self) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Message(message) => Ok(message.to_vec()),
            Self::Presence(document) => {
                let mut out = b"Content-Type: application/pidf+xml; charset=utf-8\r\n\r\n".to_vec();
                out.extend_from_slice(&crlf(&document.to_vec()?));
                Ok(out)
            }
            Self::Stanza(stanza) => {
                let mut xml = Vec::new();
                let mut writer = Writer::document(&mut xml);
                writer.start(ns::CLIENT, "xmpp").write(&**stanza).end();
                writer.finish()?;
                let mut out = b"Content-Type: application/xmpp+xml; charset=utf-8\r\n\r\n\
                                <?xml version='1.0' encoding='UTF-8'?>\r\n"
                    .to_vec();
                out.extend_from_slice(&crlf(&xml));
                Ok(out)
            }
        }
    }

    /// Reads the MIME entity.
    ///
    /// # Errors
    ///
    /// Each variant of [`ObjectError`] says for what.
    pub fn parse(entity: &[u8], limits: &Limits) -> Result<Self, ObjectError> {
        let cpim = limits.cpim();
        let parsed = Entity::parse(entity, &cpim).map_err(ObjectError::Mime)?;
        let content_type = parsed
            .headers()
            .content_type()
            .map_err(ObjectError::Mime)?
            .ok_or(ObjectError::MediaType)?;
        if content_type.is("message", "cpim") {
            let message = CpimMessage::parse(entity, &cpim).map_err(ObjectError::Cpim)?;
            return Ok(Self::Message(message.into_owned()));
        }
        // RFC 3923 section 10: the character encoding is UTF-8.
        if content_type.parameter("charset").is_some_and(|name| !name.eq_ignore_ascii_case("utf-8"))
        {
            return Err(ObjectError::Charset);
        }
        let body = parsed.decoded().map_err(|_| ObjectError::Transfer)?;
        if content_type.is("application", "pidf+xml") {
            return pidf::Document::parse(&body, &cpim)
                .map(Self::Presence)
                .map_err(ObjectError::Pidf);
        }
        if !content_type.is("application", "xmpp+xml") {
            return Err(ObjectError::MediaType);
        }
        let bytes = u32::try_from(limits.max_object_bytes).unwrap_or(u32::MAX);
        let xml = xmpp_xml::Limits::default().max_element_bytes(bytes);
        let root = Element::parse_within(&body, xml).map_err(ObjectError::Xml)?;
        stanza(&root).map(|stanza| Self::Stanza(Box::new(stanza)))
    }

    /// From whom it says it is. `None` if it does not say, or not in a form that
    /// stands for an XMPP address.
    #[must_use]
    pub fn from(&self) -> Option<BareJid> {
        match self {
            Self::Message(message) => uri(message.from()?.uri()),
            Self::Presence(document) => uri(document.entity()),
            Self::Stanza(stanza) => bare(stanza.addresses().0),
        }
    }

    /// To whom it says it is: every `To` and `cc` of a message.
    #[must_use]
    pub fn to(&self) -> Vec<BareJid> {
        match self {
            Self::Message(message) => {
                message.to().chain(message.cc()).filter_map(|address| uri(address.uri())).collect()
            }
            Self::Presence(_) => Vec::new(),
            Self::Stanza(stanza) => bare(stanza.addresses().1).into_iter().collect(),
        }
    }

    /// When it was made, by its own word and in UTC: the `DateTime` of a
    /// message, the latest `<timestamp/>` of a presence document. A stanza does
    /// not say.
    #[must_use]
    pub fn date_time(&self) -> Option<DateTime> {
        let stated = match self {
            Self::Message(message) => message.date_time().or_else(|| {
                let document = presence_in(message)?;
                latest(&document)
            }),
            Self::Presence(document) => latest(document),
            Self::Stanza(_) => None,
        };
        // 3923-6.9-01: "presented as UTC with no offset"
        stated.filter(|time| time.offset() == Offset::Utc)
    }

    /// Whether RFC 3923 gives it no place for its recipient: PIDF says whose
    /// presence it is, not for whom.
    pub(crate) fn names_no_recipient(&self) -> bool {
        match self {
            Self::Message(_) => false,
            Self::Presence(_) => true,
            Self::Stanza(stanza) => stanza.kind() == StanzaKind::Presence,
        }
    }
}

/// The stanza with what `outer` says of its way. One of several tuples keeps its
/// own `from`, which names the resource.
fn with_envelope(mut stanza: Stanza, outer: &Stanza, alone: bool) -> Stanza {
    let (outer_from, outer_to) = outer.addresses();
    let (outer_from, outer_to) = (outer_from.clone(), outer_to.clone());
    let (from, to) = match &mut stanza {
        Stanza::Message(message) => (&mut message.from, &mut message.to),
        Stanza::Presence(presence) => (&mut presence.from, &mut presence.to),
        Stanza::Iq(iq) => (&mut iq.from, &mut iq.to),
    };
    *to = outer_to;
    if alone {
        *from = outer_from;
        match (&mut stanza, outer) {
            (Stanza::Message(inner), Stanza::Message(outer)) => inner.id.clone_from(&outer.id),
            (Stanza::Presence(inner), Stanza::Presence(outer)) => inner.id.clone_from(&outer.id),
            (Stanza::Iq(inner), Stanza::Iq(outer)) => inner.id.clone_from(&outer.id),
            _ => {}
        }
    }
    stanza
}

/// `<xmpp/>` with one stanza (3923-10-01).
fn stanza(root: &Element) -> Result<Stanza, ObjectError> {
    let content: Ns<'_> = if root.is(ns::CLIENT, "xmpp") {
        ns::CLIENT
    } else if root.is(ns::SERVER, "xmpp") {
        ns::SERVER
    } else {
        return Err(ObjectError::Root);
    };
    let mut children = root.children();
    match (children.next(), children.next()) {
        (Some(child), None) if child.has_ns(content) => {
            Stanza::parse(child).map_err(ObjectError::Stanza)
        }
        _ => Err(ObjectError::Root),
    }
}

/// A document of presence inside Message/CPIM.
fn presence_in(message: &CpimMessage<'_>) -> Option<pidf::Document> {
    let content = message.content();
    let content_type = content.headers().content_type().ok()??;
    if !content_type.is("application", "pidf+xml") {
        return None;
    }
    pidf::Document::parse(&content.decoded().ok()?, &xmpp_cpim::Limits::default()).ok()
}

fn latest(document: &pidf::Document) -> Option<DateTime> {
    let stated = document.tuples().iter().filter_map(|tuple| tuple.timestamp);
    stated.max_by_key(DateTime::since_unix_epoch)
}

fn uri(text: &str) -> Option<BareJid> {
    Uri::parse(text).ok()?.to_jid(Escaping::default()).ok()
}

fn bare(address: &Address) -> Option<BareJid> {
    address.jid().map(xmpp_jid::Jid::to_bare)
}

fn crlf(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    xmpp_cpim::mime::canonical_crlf(text)
}

/// `from` and `to` of a stanza of any kind.
trait Addresses {
    fn addresses(&self) -> (&Address, &Address);
}

impl Addresses for Stanza {
    fn addresses(&self) -> (&Address, &Address) {
        match self {
            Self::Message(message) => (&message.from, &message.to),
            Self::Presence(presence) => (&presence.from, &presence.to),
            Self::Iq(iq) => (&iq.from, &iq.to),
        }
    }
}

/// Why an entity is no object.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ObjectError {
    /// The MIME headers are wrong.
    Mime(xmpp_cpim::ParseError),
    /// The media type is neither Message/CPIM, application/pidf+xml nor
    /// application/xmpp+xml.
    MediaType,
    /// The character encoding is not UTF-8.
    Charset,
    /// The transfer encoding is unknown or not kept to.
    Transfer,
    /// No Message/CPIM (RFC 3862).
    Cpim(xmpp_cpim::ParseError),
    /// No PIDF (RFC 3863).
    Pidf(pidf::PidfError),
    /// Not well-formed.
    Xml(xmpp_xml::Error),
    /// No `<xmpp/>` with exactly one stanza (RFC 3923 section 10).
    Root,
    /// The stanza breaks a rule.
    Stanza(xmpp_stanza::Invalid),
}

impl core::fmt::Display for ObjectError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Mime(error) | Self::Cpim(error) => error.fmt(f),
            Self::MediaType => f.write_str(
                "the object is neither Message/CPIM, application/pidf+xml nor \
                 application/xmpp+xml (RFC 3923 section 9)",
            ),
            Self::Charset => {
                f.write_str("the object's character encoding is not UTF-8 (RFC 3923 section 10)")
            }
            Self::Transfer => f.write_str("the object is not in its transfer encoding"),
            Self::Pidf(error) => error.fmt(f),
            Self::Xml(error) => error.fmt(f),
            Self::Root => f.write_str(
                "application/xmpp+xml has to be <xmpp/> with one stanza (RFC 3923 section 10)",
            ),
            Self::Stanza(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ObjectError {}
