//! Presence: RFC 3922 §5.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use xmpp_jid::{BareJid, Jid, Resourcepart};
use xmpp_stanza::{LangText, Presence, PresenceBuilder, PresenceChild, PresenceType, Show};
use xmpp_xml::{Element, Ns};

use super::addresses::{self, Kind};
use super::message::{
    attributes, content_id, content_type, in_charset, lang, mime_fields, required,
};
use super::secured::{self, is_secured, is_secured_payload, secured_payload};
use super::{
    Loss, Lost, MapError, Mapped, NotMapped, Options, Presentity, Side, TupleIds, characters,
    priority_from_pidf, priority_to_pidf, resource_to_tuple_id, tuple_id_to_resource,
};
use crate::Scheme;
use crate::message::{CPIM_HEADERS, Message};
use crate::mime::Entity;
use crate::pidf::{Basic, Contact, Document, Status, Tuple, is_understood};

/// The namespace that was to hold the values of `<show/>` (RFC 3922 §5.1.5).
const PIDF_IM: Ns<'static> = Ns::new("urn:ietf:params:xml:ns:pidf:im");

/// The Message/CPIM object of a presence: around a PIDF document of one tuple
/// (RFC 3922 §5.1).
///
/// A gateway that knows all of a user's resources makes the document of all of
/// them (`3922-6.3.1-04`): see [`Presentity`].
///
/// # Errors
///
/// A presence that is neither available nor unavailable is not mapped; neither
/// is one from or to an address without a localpart. Of a secured one (RFC 3923)
/// the content is the secured object, octet for octet.
pub fn presence_to_cpim(
    presence: &Presence<'_>,
    options: &Options,
) -> Result<Mapped<Message<'static>>, MapError> {
    let to = addresses::of_stanza(presence.to(), Side::To)?;
    if let Some(object) = secured::of_presence(presence) {
        return secured_to_cpim(presence, &object, &to, options);
    }
    let Mapped { value: document, mut lost } = presence_to_pidf(presence, options)?;
    let from = addresses::of_stanza(presence.from(), Side::From)?.to_bare();
    if to.resourcepart().is_some() {
        lost.push(Lost::Resourcepart(Side::To).by("RFC 3922 §5.1.2"));
    }
    let mut content = Entity::pidf(document.to_vec().map_err(MapError::Write)?);
    let headers = content.headers_mut();
    content_id(presence.id().as_deref(), headers, options, "RFC 3922 §5.1.3", &mut lost);
    Ok(Mapped::new(wrapped(content, &from, &to.to_bare(), options)?, lost))
}

/// RFC 3923 §8: the secured object is the content, octet for octet.
fn secured_to_cpim(
    presence: &Presence<'_>,
    object: &[u8],
    to: &Jid,
    options: &Options,
) -> Result<Mapped<Message<'static>>, MapError> {
    let basic = basic(presence)?;
    let mut lost = Vec::new();
    let from = addresses::of_stanza(presence.from(), Side::From)?;
    for (jid, side, rule) in
        [(&from, Side::From, "RFC 3922 §5.1.1"), (to, Side::To, "RFC 3922 §5.1.2")]
    {
        if jid.resourcepart().is_some() {
            lost.push(Lost::Resourcepart(side).by(rule));
        }
    }
    if presence.id().is_some() {
        lost.push(Lost::Id.by("RFC 3922 §5.1.3"));
    }
    if basic == Basic::Closed {
        lost.push(Lost::Type(presence.presence_type().as_str()).by("RFC 3923 §8"));
    }
    attributes(presence.attributes(), "RFC 3922 §5.1.8", &mut lost);
    // The first secured object is mapped; another one is a payload like any other.
    let mut has_gone = false;
    for child in presence.children() {
        match child {
            PresenceChild::Payload(payload) if !has_gone && is_secured_payload(payload) => {
                has_gone = true;
            }
            PresenceChild::Payload(payload) => lost.push(
                Lost::Payload { ns: payload.ns().to_string(), name: payload.name().to_string() }
                    .by("RFC 3922 §5.1.8"),
            ),
            PresenceChild::Show(_) => lost.push(Lost::Show.by("RFC 3923 §8")),
            PresenceChild::Status(_) => lost.push(Lost::Status.by("RFC 3923 §8")),
            PresenceChild::Priority(_) => lost.push(Lost::Priority.by("RFC 3923 §8")),
            _ => {}
        }
    }
    let content = Entity::parse(object, &options.limits).map_err(MapError::Secured)?.into_owned();
    let wrapped = wrapped(content, &from.to_bare(), &to.to_bare(), options)?;
    Ok(Mapped::new(wrapped, lost))
}

/// The PIDF document of one presence: one tuple.
///
/// # Errors
///
/// Those of [`presence_to_cpim`], but for what `to` is.
pub fn presence_to_pidf(
    presence: &Presence<'_>,
    options: &Options,
) -> Result<Mapped<Document>, MapError> {
    if secured::of_presence(presence).is_some() {
        return Err(NotMapped::Secured.into());
    }
    let from = addresses::of_stanza(presence.from(), Side::From)?;
    Presentity::new(from.to_bare()).update(presence, options)
}

/// The Message/CPIM object around a PIDF document, such as a [`Presentity`]'s.
///
/// # Errors
///
/// An address without a localpart, and text that XML cannot have.
pub(super) fn wrapped(
    content: Entity<'static>,
    from: &BareJid,
    to: &BareJid,
    options: &Options,
) -> Result<Message<'static>, MapError> {
    let mut builder = Message::builder()
        .from(&addresses::bare_to_header(from, Side::From, options)?)
        .to(&addresses::bare_to_header(to, Side::To, options)?);
    if let Some(received) = options.date_time {
        builder = builder.date_time(received);
    }
    Ok(builder.content(content).build()?)
}

/// What the type of a presence says (`3922-5.1.4-01`).
fn basic(presence: &Presence<'_>) -> Result<Basic, NotMapped> {
    match presence.presence_type() {
        PresenceType::Available => Ok(Basic::Open),
        PresenceType::Unavailable => Ok(Basic::Closed),
        PresenceType::Error => Err(NotMapped::Error),
        _ => Err(NotMapped::Subscription),
    }
}

/// The tuple of a presence.
pub(super) fn tuple(
    presence: &Presence<'_>,
    from: &Jid,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<Tuple, MapError> {
    let basic = basic(presence)?;
    let resource = from.resourcepart().map_or(String::new(), |part| part.as_str().to_string());
    let mut tuple = Tuple::new(resource_to_tuple_id(&resource), Status::basic_only(basic));
    tuple.timestamp = options.date_time;
    attributes(presence.attributes(), "RFC 3922 §5.1.8", lost);
    let mut priority = None;
    for child in presence.children() {
        match child {
            PresenceChild::Show(show) if options.pidf_im => {
                let extension = Element::builder(PIDF_IM, "im").text(show.as_str()).build();
                let extension = extension.map_err(MapError::Write)?;
                tuple.status = tuple.status.with_extension(extension);
            }
            PresenceChild::Show(_) => lost.push(Lost::Show.by("RFC 3922 §5.1.5")),
            PresenceChild::Status(status) => {
                tuple.notes.push(match lang(&status, presence.lang().as_deref()) {
                    Some(tag) => LangText::in_lang(tag, &*status.text).into_owned(),
                    None => LangText::new(&*status.text).into_owned(),
                });
            }
            PresenceChild::Priority(given) => match priority_to_pidf(given) {
                Some(given) => priority = Some(given),
                None => lost.push(Lost::NegativePriority.by("RFC 3922 §5.1.7")),
            },
            PresenceChild::Payload(payload) => lost.push(
                Lost::Payload { ns: payload.ns().to_string(), name: payload.name().to_string() }
                    .by("RFC 3922 §5.1.8"),
            ),
            _ => {}
        }
    }
    if options.without_contact {
        lost.extend(priority.map(|_| Lost::Priority.by("RFC 3922 §5.1.9.2")));
    } else {
        let uri = options
            .uri(Scheme::Im, from.to_bare().as_ref())
            .map_err(|error| MapError::Address(Side::From, error))?;
        let mut contact = Contact::new(uri);
        contact.priority = priority;
        tuple.contact = Some(contact);
    }
    Ok(tuple)
}

/// The presences of a Message/CPIM object: one for each tuple and each `To`
/// (RFC 3922 §5.2, `3922-6.3.1-02`).
///
/// Content that is signed or encrypted as in RFC 3923 becomes an `<e2e/>`
/// payload, unchanged.
///
/// # Errors
///
/// An object without `From` or `To`, or with addresses that are no `im:` or
/// `pres:` URIs; content that is no PIDF document about the sender; what
/// [`Options`] says to refuse.
pub fn presence_from_cpim(
    object: &Message<'_>,
    options: &Options,
) -> Result<Mapped<Vec<PresenceBuilder>>, MapError> {
    let mut lost = Vec::new();
    let from = addresses::sender(object, Kind::Presence, options, &mut lost)?;
    let recipients = addresses::recipients(object, Kind::Presence, options, &mut lost)?;
    required(object, options)?;
    for header in object.headers() {
        let rule = match (object.namespace_of(header) == CPIM_HEADERS, header.local_name()) {
            (true, "From" | "To") => continue,
            (true, "cc") => "RFC 3922 §5.2.3",
            (true, "DateTime") => "RFC 3922 §5.2.4",
            (true, "Subject") => "RFC 3922 §5.2.5",
            (true, "Require") => "RFC 3922 §5.2.7",
            _ => "RFC 3922 §5.2.6",
        };
        lost.push(Lost::Header { name: header.name().to_string() }.by(rule));
    }
    let content = object.content();
    let found = content_type(content)?;
    let id = content.headers().content_id();
    let presences = if is_secured(&found) {
        let presence = Presence::builder(PresenceType::Available).with_from(from);
        alloc::vec![presence.with(&secured_payload(&content.to_vec())?)]
    } else if found.is("application", "pidf+xml") {
        mime_fields(content.headers(), &mut lost);
        let octets = content.decoded().map_err(MapError::Transfer)?;
        let parsed = if found.parameter("charset").is_some() {
            in_charset(&octets, &found)?;
            Document::parse_utf8(&octets, &options.limits)
        } else {
            Document::parse(&octets, &options.limits)
        };
        let document = parsed.map_err(MapError::Pidf)?;
        check_entity(&document, &from, options)?;
        let mapped = presence_from_pidf(&document, &from, options)?;
        lost.extend(mapped.lost);
        mapped.value
    } else {
        return Err(MapError::ContentType([found.type_(), found.subtype()].join("/")));
    };
    let count = presences.len() * recipients.len();
    if count > options.limits.max_stanzas {
        return Err(MapError::TooManyStanzas);
    }
    let mut stanzas = Vec::with_capacity(count);
    for to in &recipients {
        for presence in &presences {
            let mut presence = presence.clone().with_to(to.clone());
            presence.id = id.map(String::from);
            stanzas.push(presence);
        }
    }
    Ok(Mapped::new(stanzas, lost))
}

/// Whether the document is about the sender: `From` names the one whose
/// presence it is (RFC 3922 §5.2.1), so nobody can send another's.
fn check_entity(document: &Document, from: &BareJid, options: &Options) -> Result<(), MapError> {
    let wrong = |error| MapError::Address(Side::From, error);
    if options.jid(document.entity()).map_err(wrong)? == *from {
        Ok(())
    } else {
        Err(MapError::OtherEntity)
    }
}

/// The presences of a PIDF document, one for each tuple that is open or closed,
/// without `to`; from `from` with the `id` of the tuple as its resourcepart
/// (`3922-5.2.1-01`).
///
/// A document without tuples is unavailable presence from the bare address
/// (`3922-6.3.2-01`).
///
/// # Errors
///
/// A document without tuples that has notes, and one of whose tuples none says
/// open or closed, are not mapped; a note can have no place in XML.
pub fn presence_from_pidf(
    document: &Document,
    from: &BareJid,
    options: &Options,
) -> Result<Mapped<Vec<PresenceBuilder>>, MapError> {
    if document.tuples().is_empty() {
        if !document.notes.is_empty() {
            return Err(NotMapped::NotesAlone.into());
        }
        let gone = Presence::builder(PresenceType::Unavailable).with_from(from.clone());
        let mut presences = alloc::vec![gone];
        embed(document, &mut presences, options)?;
        return Ok(Mapped::new(presences, Vec::new()));
    }
    let mut lost = Vec::new();
    let mut presences = Vec::with_capacity(document.tuples().len());
    for tuple in document.tuples() {
        if let Some(presence) = from_tuple(tuple, from, options, &mut lost)? {
            presences.push(presence);
        }
    }
    for _ in &document.notes {
        lost.push(Lost::Note.by("RFC 3922 §5.2.11"));
    }
    extensions(&document.extensions, &mut lost);
    if presences.is_empty() {
        return Err(NotMapped::NoBasicStatus.into());
    }
    embed(document, &mut presences, options)?;
    Ok(Mapped::new(presences, lost))
}

fn from_tuple(
    tuple: &Tuple,
    from: &BareJid,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<Option<PresenceBuilder>, MapError> {
    let presence_type = match tuple.status.basic() {
        Some(Basic::Open) => PresenceType::Available,
        Some(Basic::Closed) => PresenceType::Unavailable,
        None => {
            let id = tuple.id().to_string();
            lost.push(Lost::TupleWithoutBasic { id }.by("RFC 3922 §5.2.9"));
            return Ok(None);
        }
    };
    let Some(from) = full_jid(tuple.id(), from, options) else {
        lost.push(Lost::TupleId { id: tuple.id().to_string() }.by("RFC 3922 §5.2.1"));
        return Ok(None);
    };
    let mut presence = Presence::builder(presence_type).with_from(from);
    let mut shown = false;
    for extension in tuple.status.extensions() {
        match show(extension).filter(|_| options.pidf_im && !shown) {
            Some(show) => {
                shown = true;
                presence = presence.with_show(show);
            }
            None => extensions(core::slice::from_ref(extension), lost),
        }
    }
    let mut languages: Vec<Option<&str>> = Vec::new();
    for note in &tuple.notes {
        let tag = note.lang.as_deref();
        // RFC 6121 §4.7.2.2: no two of the same language.
        if languages.contains(&tag) {
            lost.push(Lost::Note.by("RFC 6121 §4.7.2.2"));
            continue;
        }
        languages.push(tag);
        let text = characters::for_xml(&note.text, options.illegal_characters, lost)?;
        presence = presence.with_status(match tag {
            Some(tag) => LangText::in_lang(tag, text),
            None => LangText::new(text),
        });
    }
    if let Some(contact) = &tuple.contact {
        lost.push(Lost::Contact.by("RFC 3922 §5.2.12"));
        if let Some(priority) = contact.priority {
            presence = presence.with_priority(priority_from_pidf(priority));
        }
    }
    if tuple.timestamp.is_some() {
        lost.push(Lost::Timestamp.by("RFC 3922 §5.2.14"));
    }
    extensions(&tuple.extensions, lost);
    Ok(Some(presence))
}

fn full_jid(id: &str, from: &BareJid, options: &Options) -> Option<Jid> {
    let resource = match options.tuple_ids {
        TupleIds::Verbatim => Cow::Borrowed(id),
        TupleIds::Decoded => tuple_id_to_resource(id),
    };
    if resource.is_empty() {
        return Some(from.clone().into());
    }
    let resource = Resourcepart::new(&resource).ok()?;
    Some(from.with_resourcepart(resource.as_ref()).into())
}

/// What `<im:im/>` says, with the values that the examples of RFC 3922 and RFC
/// 3863 have.
fn show(extension: &Element) -> Option<Show> {
    let knows = |ns: &str, name: &str| ns == PIDF_IM.uri() && name == "im";
    if !is_understood(extension.as_ref(), knows) {
        return None;
    }
    match extension.text().trim_ascii() {
        "busy" => Some(Show::Dnd),
        name => Show::from_name(name),
    }
}

fn extensions(extensions: &[Element], lost: &mut Vec<Loss>) {
    for extension in extensions {
        let (ns, name) = (extension.ns().to_string(), extension.name().to_string());
        lost.push(Lost::Extension { ns, name }.by("RFC 3922 §5.2.10"));
    }
}

/// Puts the document into the first of the presences (`3922-5.2.15-01`).
pub(super) fn embed(
    document: &Document,
    presences: &mut [PresenceBuilder],
    options: &Options,
) -> Result<(), MapError> {
    let Some(first) = presences.first_mut().filter(|_| options.embed_pidf) else {
        return Ok(());
    };
    let octets = document.to_vec().map_err(MapError::Write)?;
    let root = crate::pidf::without_declaration(&octets);
    // What was just written reads; what does not fit the limits of XML is not
    // embedded, for it is an extra.
    if let Ok(element) = Element::parse(root) {
        first.push(&element);
    }
    Ok(())
}
