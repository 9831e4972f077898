//! A message and a presence that the server cannot read: signed and encrypted from end to end
//! (RFC 3923), shown before and after.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use xmpp_core::jid::BareJid;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType, Stanza};
use xmpp_e2e::{
    CertificateBuilder, CertificateStore, Identity, KeyKind, Known, MemoryStore, Object, Policy,
    PrivateKey, Protection, Receiver, Sender, Timestamp, TrustStore, wrap,
};

use super::play::Actor;
use super::transcript::Transcript;

/// Juliet's message.
pub(super) async fn message(
    transcript: &mut Transcript,
    speaker: &mut Actor,
    hearer: &mut Actor,
) -> Result<(), String> {
    let text = "'Tis almost morning; I would have thee gone.";
    let message = Message::builder(MessageType::Chat)
        .with_from(speaker.session.account())
        .with_to(hearer.session.jid.clone())
        .with_id(speaker.session.link.endpoint.new_id())
        .with_body(text);
    let message = Stanza::Message(message.build().map_err(told)?);
    match whisper(transcript, speaker, hearer, &message, text).await? {
        Stanza::Message(plain) if plain.body().as_deref() == Some(text) => Ok(()),
        _ => Err(format!("{} read something else", hearer.name)),
    }
}

/// Romeo's presence, for Juliet alone (RFC 3923 section 4).
pub(super) async fn presence(
    transcript: &mut Transcript,
    speaker: &mut Actor,
    hearer: &mut Actor,
) -> Result<(), String> {
    let text = "on the balcony";
    let presence = Presence::builder(PresenceType::Available)
        .with_from(speaker.session.jid.clone())
        .with_to(hearer.session.account())
        .with_status(text);
    let presence = Stanza::Presence(presence.build().map_err(told)?);
    match whisper(transcript, speaker, hearer, &presence, text).await? {
        Stanza::Presence(plain) if plain.status().as_deref() == Some(text) => Ok(()),
        _ => Err(format!("{} read something else", hearer.name)),
    }
}

/// `speaker` sends a stanza to `hearer`, who checks who wrote it.
async fn whisper(
    transcript: &mut Transcript,
    speaker: &mut Actor,
    hearer: &mut Actor,
    plain: &Stanza<'_>,
    text: &str,
) -> Result<Stanza<'static>, String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(told)?;
    let now = Timestamp::from_unix(since);
    let (from, to) = (speaker.session.account(), hearer.session.account());
    let (of_speaker, of_hearer) = (identity(&from, now)?, identity(&to, now)?);
    // Each has the other's certificate from a meeting in person.
    let mut trust = TrustStore::new();
    trust.pin(of_speaker.certificate().clone());
    trust.pin(of_hearer.certificate().clone());
    let mut store = MemoryStore::new();
    store.remember(&to, Known::new(of_hearer.certificate().clone()));

    transcript.note(&format!("{} signs and encrypts for {}: {text:?}", speaker.name, hearer.name));
    let mut sender = Sender::new(of_speaker, Policy::modern());
    let time = sender.timestamp(now).ok_or("the clock is beyond the year 9999")?;
    let object = Object::from_stanza(plain, time).map_err(told)?;
    let known = store.find(&to);
    let how = Protection::SignAndEncrypt;
    let payload = sender.protect(&object, how, &[(&to, &known[..])], &trust, now).map_err(told)?;
    let wrapped = wrap(plain, &payload).map_err(told)?;
    speaker.send(&wrapped).await?;

    let received =
        hearer.until(|stanza| stanza.payloads().any(|payload| payload.name() == "e2e")).await?;
    let stanza = received.stanza().ok_or("no stanza came")?;
    let mut receiver = Receiver::new(to, vec![of_hearer], trust, MemoryStore::new());
    let opened = receiver.open(stanza, now).ok_or("no <e2e/> came")?.map_err(told)?;
    let outer = Stanza::parse(stanza.element()).map_err(told)?;
    let mut plain = opened.object.to_stanzas(&outer).map_err(told)?;
    let author = opened.author.map_or_else(|| "nobody".to_owned(), |author| author.to_string());
    transcript.note(&format!("{} reads: {text:?}, signed by {author}", hearer.name));
    plain.pop().ok_or_else(|| "the object holds no stanza".to_owned())
}

/// A key and a certificate for an address, good for a day.
fn identity(address: &BareJid, now: Timestamp) -> Result<Identity, String> {
    let tomorrow = Timestamp::from_unix(now.since_unix() + Duration::from_secs(86_400));
    let pkcs8 = PrivateKey::generate(KeyKind::P256).map_err(told)?;
    let key = PrivateKey::from_pkcs8_der(&pkcs8).map_err(told)?;
    let builder = CertificateBuilder::new(now, tomorrow).with_address(address.clone());
    let certificate = builder.self_signed(&key).map_err(told)?;
    Identity::new(key, [certificate]).map_err(told)
}

fn told(error: impl core::fmt::Display) -> String {
    error.to_string()
}
