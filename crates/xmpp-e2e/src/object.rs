//! The objects that are protected: Message/CPIM, PIDF, and stanzas as
//! `application/xmpp+xml` (RFC 3923 sections 3 to 5 and 10).

use xmpp_cpim::mapping::{self, Lost, MapError, Mapped, Options, Side};
use xmpp_cpim::message::Message as CpimMessage;
use xmpp_cpim::mime::Entity;
use xmpp_cpim::{DateTime, Escaping, Offset, Uri, pidf};
use xmpp_jid::BareJid;
use xmpp_stanza::{AddressRef, MessageType, Stanza, StanzaBuilder, StanzaKind};
use xmpp_xml::{Element, Ns, WriteError, Writer, ns};

use crate::envelope::{copy_envelope, in_client_namespace, readdressed};
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
    Stanza(Box<Stanza<'static>>),
}

impl Object {
    /// A stanza as an object from which nothing is missing: in the form RFC 3923
    /// gives it (a message as Message/CPIM, section 3; presence as PIDF,
    /// section 4; an iq as `application/xmpp+xml`, section 5) if that holds all of
    /// it, and else whole, as [`Object::Stanza`]. With `time`, which comes from
    /// [`Sender::timestamp`](crate::Sender::timestamp).
    ///
    /// # Errors
    ///
    /// If RFC 3922 has no mapping for it: it has no body, no `to`, or an address
    /// without a localpart.
    ///
    /// ```
    /// use xmpp_e2e::{DateTime, Object};
    /// use xmpp_stanza::{Message, MessageType, Stanza, Thread};
    ///
    /// let time: DateTime = "2026-01-01T00:00:00Z".parse()?;
    /// let message = Message::builder(MessageType::Chat)
    ///     .with_from("juliet@example.com".parse::<xmpp_jid::BareJid>()?)
    ///     .with_to("romeo@example.net".parse::<xmpp_jid::BareJid>()?)
    ///     .with_body("Wherefore art thou?");
    /// let object = Object::from_stanza(&Stanza::Message(message.build()?), time)?;
    /// assert!(matches!(object, Object::Message(_)));
    /// // Message/CPIM has no place for a thread.
    /// let message = message.with_thread(Thread::new("t1"));
    /// let object = Object::from_stanza(&Stanza::Message(message.build()?), time)?;
    /// assert!(matches!(object, Object::Stanza(_)));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn from_stanza(stanza: &Stanza<'_>, time: DateTime) -> Result<Self, MapError> {
        let Mapped { value, lost, .. } = Self::from_stanza_for_gateway(stanza, time)?;
        if lost.is_empty() { Ok(value) } else { Ok(Self::whole(stanza)) }
    }

    /// A stanza as Message/CPIM or PIDF even if they do not hold all of it, and
    /// what is lost: for recipients beyond a gateway, who read nothing else. An
    /// iq goes whole.
    ///
    /// What the stanza with the `<e2e/>` payload still says (its type, `id` and
    /// resources) is not lost.
    ///
    /// # Errors
    ///
    /// As [`from_stanza`](Self::from_stanza).
    pub fn from_stanza_for_gateway(
        stanza: &Stanza<'_>,
        time: DateTime,
    ) -> Result<Mapped<Self>, MapError> {
        let options = Options::default().with_date_time(time);
        let mut mapped = match stanza {
            Stanza::Message(message) => {
                mapping::message_to_cpim(message, &options)?.map(Self::Message)
            }
            Stanza::Presence(presence) => {
                mapping::presence_to_pidf(presence, &options)?.map(Self::Presence)
            }
            Stanza::Iq(_) => return Ok(Mapped::whole(Self::whole(stanza))),
        };
        mapped
            .lost
            .retain(|loss| !matches!(loss.what, Lost::Resourcepart(_) | Lost::Id | Lost::Type(_)));
        Ok(mapped)
    }

    /// Any stanza as it is, in `application/xmpp+xml`.
    #[must_use]
    pub fn whole(stanza: &Stanza<'_>) -> Self {
        Self::Stanza(Box::new(stanza.clone().into_owned()))
    }

    /// The stanzas that `outer`, the stanza with the `<e2e/>` payload, stands
    /// for: with its type, addresses and `id`, and what the object holds. More
    /// than one if a presence document has several tuples.
    ///
    /// # Errors
    ///
    /// If RFC 3922 has no mapping for the object.
    pub fn to_stanzas(&self, outer: &Stanza<'_>) -> Result<Vec<Stanza<'static>>, MapError> {
        let options = Options::default();
        let stanzas: Vec<StanzaBuilder> = match (self, outer) {
            (Self::Stanza(stanza), _) => {
                let stanza = readdressed(stanza, outer).map_err(MapError::Write)?;
                let stanza = Stanza::try_from(stanza);
                return Ok(vec![stanza.map_err(|error| MapError::Stanza(error.into()))?]);
            }
            (Self::Message(message), Stanza::Presence(_)) => {
                let mapped = mapping::presence_from_cpim(message, &options)?.value;
                mapped.into_iter().map(StanzaBuilder::Presence).collect()
            }
            (Self::Message(message), _) => {
                let kind = match outer {
                    Stanza::Message(outer) => outer.message_type(),
                    _ => MessageType::Normal,
                };
                let options = options.with_message_type(kind);
                let mapped = mapping::message_from_cpim(message, &options)?.value;
                mapped.into_iter().map(StanzaBuilder::Message).take(1).collect()
            }
            (Self::Presence(document), _) => {
                let from = self.from().ok_or(MapError::MissingAddress(Side::From))?;
                let mapped = mapping::presence_from_pidf(document, &from, &options)?.value;
                mapped.into_iter().map(StanzaBuilder::Presence).collect()
            }
        };
        let alone = stanzas.len() == 1;
        let stanzas = stanzas.into_iter().map(|stanza| {
            // One of several tuples keeps its own `from`, which names the resource.
            if alone { copy_envelope(stanza, outer) } else { stanza.with_to(outer.to()) }
        });
        stanzas.map(|stanza| stanza.build().map_err(MapError::Stanza)).collect()
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
                let stanza = in_client_namespace(stanza)?;
                writer.start(ns::CLIENT, "xmpp").write(&stanza).end();
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
            Self::Stanza(stanza) => bare(&stanza.from()),
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
            Self::Stanza(stanza) => bare(&stanza.to()).into_iter().collect(),
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

/// `<xmpp/>` with one stanza (3923-10-01).
fn stanza(root: &Element) -> Result<Stanza<'static>, ObjectError> {
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
            Stanza::try_from(child.into_shared()).map_err(ObjectError::Stanza)
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

fn bare(address: &AddressRef<'_>) -> Option<BareJid> {
    address.jid().map(|jid| jid.to_bare().into())
}

fn crlf(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    xmpp_cpim::mime::canonical_crlf(text)
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

impl core::error::Error for ObjectError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Mime(error) | Self::Cpim(error) => Some(error),
            Self::Pidf(error) => Some(error),
            Self::Xml(error) => Some(error),
            Self::Stanza(error) => Some(error),
            Self::MediaType | Self::Charset | Self::Transfer | Self::Root => None,
        }
    }
}
