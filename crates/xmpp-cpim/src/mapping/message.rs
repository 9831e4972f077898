//! Instant messages: RFC 3922 §4.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use xmpp_stanza::{LangText, Message as Stanza, MessageBuilder, MessageChild, MessageType};
use xmpp_xml::Attr;

use super::addresses::{self, Kind};
use super::languages::Languages;
use super::secured::{self, is_secured, is_secured_payload, secured_payload};
use super::{Loss, Lost, MapError, Mapped, NotMapped, Options, Required, Side, characters};
use crate::message::{Header, Message};
use crate::mime::{ContentType, Entity, Field, Headers, is_language_tag};

/// The Message/CPIM object of a message (RFC 3922 §4.1).
///
/// Of several bodies, the one in the language of the stanza goes, or else the
/// first; the others are lost.
///
/// Of a message with a secured payload (RFC 3923), the content is the secured
/// object, octet for octet, and whatever body stands beside it for those who
/// cannot read it is lost (RFC 3922 §4.1.8, RFC 3923 §8).
///
/// # Errors
///
/// A message of type `error` or `groupchat`, or without a body, is not mapped;
/// neither is one from or to an address without a localpart.
pub fn message_to_cpim(
    message: &Stanza<'_>,
    options: &Options,
) -> Result<Mapped<Message<'static>>, MapError> {
    match message.message_type() {
        MessageType::Error => return Err(NotMapped::Error.into()),
        MessageType::Groupchat => return Err(NotMapped::Groupchat.into()),
        _ => {}
    }
    let secured = secured::of_message(message);
    let body = match &secured {
        Some(_) => None,
        None => Some(message.body_for("").ok_or(NotMapped::NoBody)?),
    };
    let scope = message.lang();
    let mut lost = Vec::new();
    let from = addresses::of_stanza(message.from(), Side::From)?;
    let from = addresses::to_header(&from, Side::From, Kind::Message, options, &mut lost)?;
    let to = addresses::of_stanza(message.to(), Side::To)?;
    let to = addresses::to_header(&to, Side::To, Kind::Message, options, &mut lost)?;

    let mut builder = Message::builder().from(&from).to(&to);
    if let Some(received) = options.date_time {
        builder = builder.date_time(received);
    }
    if message.message_type() != MessageType::Normal {
        lost.push(Lost::Type(message.message_type().as_str()).by("RFC 3922 §4.1.4"));
    }
    attributes(message.attributes(), "RFC 3922 §4.1.8", &mut lost);
    let mut subjects = Languages::default();
    let mut chosen = body.as_ref();
    // The first secured object is mapped; another one is a payload like any other.
    let mut has_gone = false;
    let children: Vec<_> = message.children().collect();
    for child in &children {
        match child {
            MessageChild::Subject(subject) => {
                let tag = lang(subject, scope.as_deref());
                if !subjects.is_new(tag) {
                    let lang = tag.map(str::to_ascii_lowercase);
                    lost.push(Lost::Subject { lang }.by("RFC 6121 §5.2.4"));
                    continue;
                }
                builder = builder.header(subject_header(subject, tag, &mut lost)?);
            }
            // Of several that are the same one goes.
            MessageChild::Body(other) if chosen == Some(other) => chosen = None,
            MessageChild::Body(other) => {
                let lang = lang(other, scope.as_deref()).map(String::from);
                lost.push(Lost::Body { lang }.by("RFC 3922 §4.1.7"));
            }
            MessageChild::Thread(_) => lost.push(Lost::Thread.by("RFC 3922 §4.1.5")),
            MessageChild::Payload(payload) if !has_gone && is_secured_payload(*payload) => {
                has_gone = true;
            }
            MessageChild::Payload(payload) => lost.push(
                Lost::Payload { ns: payload.ns().to_string(), name: payload.name().to_string() }
                    .by("RFC 3922 §4.1.8"),
            ),
            _ => {}
        }
    }
    let rule = "RFC 3922 §4.1.3";
    let content = match (&secured, &body) {
        (Some(object), _) => {
            // RFC 3923 §8: not to be modified, so that it gets no Content-ID.
            if message.id().is_some() {
                lost.push(Lost::Id.by(rule));
            }
            Entity::parse(object, &options.limits).map_err(MapError::Secured)?.into_owned()
        }
        (None, Some(body)) => {
            let mut content = text(body, scope.as_deref(), &mut lost);
            content_id(message.id().as_deref(), content.headers_mut(), options, rule, &mut lost);
            content
        }
        (None, None) => return Err(NotMapped::NoBody.into()),
    };
    Ok(Mapped::new(builder.content(content).build()?, lost))
}

/// The content for a body.
fn text(body: &LangText<'_>, scope: Option<&str>, lost: &mut Vec<Loss>) -> Entity<'static> {
    let mut content = Entity::text(&body.text).into_owned();
    if let Some(tag) = lang(body, scope) {
        if is_language_tag(tag) {
            push(content.headers_mut(), "Content-Language", tag);
        } else {
            lost.push(Lost::Language { tag: tag.to_string() }.by("RFC 3066 §2.1"));
        }
    }
    content
}

/// The messages of a Message/CPIM object, one for each `To` (RFC 3922 §4.2).
///
/// Content that is signed or encrypted as in RFC 3923 becomes an `<e2e/>`
/// payload, unchanged.
///
/// # Errors
///
/// An object without `From` or `To`, or with addresses that are no `im:` or
/// `pres:` URIs; content that is not text in US-ASCII or UTF-8; what
/// [`Options`] says to refuse.
pub fn message_from_cpim(
    object: &Message<'_>,
    options: &Options,
) -> Result<Mapped<Vec<MessageBuilder>>, MapError> {
    let mut lost = Vec::new();
    let from = addresses::sender(object, Kind::Message, options, &mut lost)?;
    let recipients = addresses::recipients(object, Kind::Message, options, &mut lost)?;
    required(object, options)?;

    let mut message =
        Stanza::builder(options.message_type.unwrap_or(MessageType::Normal)).with_from(from);
    let mut subjects = Languages::default();
    for header in object.headers() {
        let name = header.local_name();
        let rule = match (object.namespace_of(header) == crate::message::CPIM_HEADERS, name) {
            (true, "From" | "To") => continue,
            (true, "Subject") => {
                // RFC 6121 §5.2.4: no two of the same language.
                let tag = header.lang();
                if !subjects.is_new(tag) {
                    let lang = tag.map(str::to_ascii_lowercase);
                    lost.push(Lost::Subject { lang }.by("RFC 6121 §5.2.4"));
                    continue;
                }
                let text = header.value();
                let text = characters::for_xml(&text, options.illegal_characters, &mut lost)?;
                message = message.with_subject(match header.lang() {
                    Some(tag) => LangText::in_lang(tag, text),
                    None => LangText::new(text),
                });
                continue;
            }
            (true, "cc") => "RFC 3922 §4.2.3",
            (true, "DateTime") => "RFC 3922 §4.2.4",
            (true, "Require") => "RFC 3922 §4.2.7",
            _ => "RFC 3922 §4.2.6",
        };
        lost.push(Lost::Header { name: header.name().to_string() }.by(rule));
    }
    let content = object.content();
    let content_type = content_type(content)?;
    if let Some(id) = content.headers().content_id() {
        message = message.with_id(id);
    }
    if is_secured(&content_type) {
        message = message.with(&secured_payload(&content.to_vec())?);
    } else {
        let text = plain_text(content, &content_type, options, &mut lost)?;
        message = message.with_body(match content_language(content.headers(), &mut lost) {
            Some(tag) => LangText::in_lang(tag, text),
            None => LangText::new(text),
        });
        mime_fields(content.headers(), &mut lost);
    }
    if recipients.len() > options.limits.max_stanzas {
        return Err(MapError::TooManyStanzas);
    }
    let messages = recipients.into_iter().map(|to| message.clone().with_to(to)).collect();
    Ok(Mapped::new(messages, lost))
}

fn subject_header(
    subject: &LangText<'_>,
    tag: Option<&str>,
    lost: &mut Vec<Loss>,
) -> Result<Header<'static>, MapError> {
    let text = subject.text.trim_matches(' ');
    if text.len() != subject.text.len() {
        lost.push(Lost::OuterWhitespace.by("RFC 3862 §2.2"));
    }
    let header = match tag {
        Some(tag) if is_language_tag(tag) => Header::with_lang("Subject", tag, text),
        Some(tag) => {
            lost.push(Lost::Language { tag: tag.to_string() }.by("RFC 3066 §2.1"));
            Header::new("Subject", text)
        }
        None => Header::new("Subject", text),
    };
    header.map_err(|error| MapError::Build(crate::message::BuildError::of("Subject", error.kind)))
}

/// The language of a text: its own, or the one in scope (RFC 6120 §8.1.5).
pub(super) fn lang<'a>(text: &'a LangText<'_>, scope: Option<&'a str>) -> Option<&'a str> {
    text.lang.as_deref().or(scope).filter(|tag| !tag.is_empty())
}

pub(super) fn attributes<'a>(
    attributes: impl Iterator<Item = Attr<'a>>,
    rule: &'static str,
    lost: &mut Vec<Loss>,
) {
    for attribute in attributes {
        lost.push(Lost::Attribute { name: attribute.name().to_string() }.by(rule));
    }
}

/// `3922-4.1.3-02`, `3922-5.1.3-02`
pub(super) fn content_id(
    id: Option<&str>,
    headers: &mut Headers<'_>,
    options: &Options,
    rule: &'static str,
    lost: &mut Vec<Loss>,
) {
    let Some(id) = id else { return };
    if options.unique_ids && is_message_id(id) {
        push(headers, "Content-ID", &["<", id, ">"].concat());
    } else {
        lost.push(Lost::Id.by(rule));
    }
}

/// Whether `id` can stand between the angle brackets of a Content-ID: `id-left
/// "@" id-right` of RFC 5322 §3.6.4 without quotes and brackets.
fn is_message_id(id: &str) -> bool {
    let dot_atom = |text: &str| {
        text.split('.').all(|atom| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        })
    };
    id.split_once('@').is_some_and(|(left, right)| dot_atom(left) && dot_atom(right))
}

fn push(headers: &mut Headers<'_>, name: &str, value: &str) {
    if let Ok(field) = Field::new(name, value) {
        headers.push(field);
    }
}

/// `3922-4.2.7-02`
pub(super) fn required(object: &Message<'_>, options: &Options) -> Result<(), MapError> {
    let names: Vec<(String, String)> =
        object.required().map(|(uri, name)| (uri.to_string(), name.to_string())).collect();
    if names.is_empty() || options.required == Required::Report {
        return Ok(());
    }
    Err(MapError::Required(names))
}

pub(super) fn content_type(content: &Entity<'_>) -> Result<ContentType, MapError> {
    match content.headers().content_type() {
        Ok(Some(found)) => Ok(found),
        // RFC 2045 §5.2 has a default, RFC 3862 §2.4 does not let it come to that.
        Ok(None) => Err(MapError::ContentType(String::new())),
        Err(error) => Err(MapError::MalformedContentType(error)),
    }
}

/// `3922-4.2.9-01`, `3922-4.2.9-02`
fn plain_text(
    content: &Entity<'_>,
    content_type: &ContentType,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<String, MapError> {
    if !content_type.is("text", "plain") {
        let found = [content_type.type_(), content_type.subtype()];
        return Err(MapError::ContentType(found.join("/")));
    }
    let octets = content.decoded().map_err(MapError::Transfer)?;
    let text = in_charset(&octets, content_type)?;
    Ok(characters::for_xml(text, options.illegal_characters, lost)?.into_owned())
}

/// Text in US-ASCII, which is what no `charset` means (RFC 2046 §4.1.2), or
/// UTF-8.
pub(super) fn in_charset<'o>(
    octets: &'o [u8],
    content_type: &ContentType,
) -> Result<&'o str, MapError> {
    let charset = content_type.parameter("charset").unwrap_or("us-ascii");
    let is_ascii = charset.eq_ignore_ascii_case("us-ascii");
    if !is_ascii && !charset.eq_ignore_ascii_case("utf-8") {
        return Err(MapError::Charset(charset.to_string()));
    }
    match core::str::from_utf8(octets) {
        Ok(text) if !is_ascii || text.is_ascii() => Ok(text),
        _ => Err(MapError::NotInCharset),
    }
}

/// The one language of the content. A list of them says nothing about this
/// text; it is reported with the other fields.
fn content_language(headers: &Headers<'_>, lost: &mut Vec<Loss>) -> Option<String> {
    let value = headers.value("Content-Language")?;
    if is_language_tag(&value) {
        return Some(Cow::into_owned(value));
    }
    lost.push(Lost::Language { tag: value.into_owned() }.by("RFC 3282 §2"));
    None
}

/// The fields that RFC 3922 does not speak of.
pub(super) fn mime_fields(headers: &Headers<'_>, lost: &mut Vec<Loss>) {
    const KNOWN: [&str; 3] = ["Content-Type", "Content-Language", "Content-Transfer-Encoding"];
    for field in headers.iter() {
        let used = KNOWN.iter().any(|known| field.is(known))
            || (field.is("Content-ID") && headers.content_id().is_some());
        if !used {
            lost.push(Lost::MimeField { name: field.name().to_string() }.by("RFC 3922 §4.2"));
        }
    }
}
