//! The play: Romeo and Juliet log in, become friends, talk and leave.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::roster::Query;
use xmpp_core::stanza::{
    Iq, IqType, Message, MessageType, Presence, PresenceType, StanzaKind, StanzaRef,
};
use xmpp_core::time::Clock;
use xmpp_core::xml::WriteXml;
use xmpp_core::{Client, ClientConfig, Event, Received};

use super::stage::Stage;
use super::transcript::{Transcript, Way};
use super::{Elsewhere, Style, whisper};
use crate::net::bound::{Bound, establish};
use crate::net::link::Link;
use crate::net::names;

const ROMEO: Way = Way { from: "romeo", to: "server" };
const JULIET: Way = Way { from: "juliet", to: "server" };

/// How long to wait for any one thing.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the last line says.
pub(super) struct Outcome {
    tls: &'static str,
    mechanism: &'static str,
    messages: usize,
    elements: usize,
    elapsed: Duration,
}

impl Outcome {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "ok": true, "tls": self.tls, "mechanism": self.mechanism, "clients": 2,
            "messages": self.messages, "elements": self.elements,
            "ms": (self.elapsed.as_secs_f64() * 1000.0).round(),
        })
    }

    pub(super) fn to_text(&self, verbose: bool) -> String {
        let more = if verbose { "" } else { " --verbose shows all of each." };
        format!(
            "\nDone in {:.0} ms: two clients over {} with {}, {} messages, {} elements.{more}",
            self.elapsed.as_secs_f64() * 1000.0,
            self.tls,
            self.mechanism,
            self.messages,
            self.elements,
        )
    }
}

pub(super) async fn play(style: Style, elsewhere: &Elsewhere) -> Result<Outcome, String> {
    let started = Instant::now();
    let mut transcript = Transcript::new(style);
    let stage = match &elsewhere.connect {
        None => Stage::own(&mut transcript).await?,
        Some(place) => Stage::elsewhere(place.clone(), elsewhere)?,
    };
    let mut actors = Vec::new();
    for (name, password, way) in
        [("romeo", &stage.passwords[0], ROMEO), ("juliet", &stage.passwords[1], JULIET)]
    {
        // Once is enough to see how it goes.
        let again = way == JULIET && !style.verbose && !style.json;
        let how = if again { ", as romeo did (--verbose shows it)" } else { "" };
        transcript.note(&format!("{name} connects and logs in{how}"));
        transcript.muted = again;
        let account =
            BareJid::new(&format!("{name}@{}", stage.domain)).map_err(|e| e.to_string())?;
        let credentials = Credentials::new(name).with_password(password);
        let config = ClientConfig::new(account, credentials);
        let clock = Clock::start();
        let seed = crate::net::seed();
        let mut client = Client::connect(Arc::new(config), stage.tls.clone(), clock.now(), seed)
            .map_err(|error| error.to_string())?;
        client.tap_sent(transcript.tap(way));
        let socket = names::to(&stage.place).await?;
        let session = establish(Link::new(client, socket, clock));
        let session = patient(session).await?.map_err(|failure| failure.message)?;
        transcript.print();
        transcript.muted = false;
        transcript.note(&format!("{name} is {} ({})", session.jid, session.tls));
        actors.push(Actor { name, session });
    }
    let mut actors = actors.into_iter();
    let (Some(mut romeo), Some(mut juliet)) = (actors.next(), actors.next()) else {
        return Err("an actor is missing".into());
    };

    for actor in [&mut romeo, &mut juliet] {
        transcript.note(&format!("{} fetches the roster and becomes available", actor.name));
        let id = actor.session.link.endpoint.new_id();
        actor.send(&Iq::get(&*id, &Query::default())).await?;
        actor.until(|stanza| stanza.iq_type() == Some(IqType::Result)).await?;
        actor.send(&Presence::builder(PresenceType::Available)).await?;
    }

    transcript.note("romeo asks to see juliet's presence; she lets him");
    let (romeo_jid, juliet_jid) = (romeo.session.account(), juliet.session.account());
    romeo.send(&Presence::builder(PresenceType::Subscribe).with_to(juliet_jid.clone())).await?;
    juliet.until(|stanza| stanza.presence_type() == Some(PresenceType::Subscribe)).await?;
    juliet.send(&Presence::builder(PresenceType::Subscribed).with_to(romeo_jid.clone())).await?;
    romeo.until(|stanza| stanza.presence_type() == Some(PresenceType::Subscribed)).await?;
    let from_juliet = Jid::from(juliet.session.jid.clone());
    romeo
        .until(|stanza| {
            stanza.presence_type() == Some(PresenceType::Available)
                && stanza.from().as_str() == Some(from_juliet.as_str())
        })
        .await?;

    transcript.note("they talk");
    let lines = [
        ("Art thou not Romeo, and a Montague?", "Neither, fair saint, if either thee dislike."),
        ("How cam'st thou hither, tell me, and wherefore?", "With love's light wings."),
        ("If they do see thee, they will murder thee.", "There lies more peril in thine eye."),
    ];
    let mut messages = 0;
    for (says, answers) in lines {
        juliet.say(&romeo.session.jid.clone().into(), says).await?;
        romeo.hear(says).await?;
        romeo.say(&juliet.session.jid.clone().into(), answers).await?;
        juliet.hear(answers).await?;
        messages += 2;
    }

    whisper::message(&mut transcript, &mut juliet, &mut romeo).await?;
    messages += 1;
    whisper::presence(&mut transcript, &mut romeo, &mut juliet).await?;

    transcript.note("they leave");
    let outcome = (romeo.session.tls, romeo.session.mechanism.name());
    patient(romeo.session.close()).await?.map_err(|failure| failure.message)?;
    patient(juliet.session.close()).await?.map_err(|failure| failure.message)?;
    transcript.print();
    stage.close();
    let (tls, mechanism) = outcome;
    let elements = transcript.elements();
    Ok(Outcome { tls, mechanism, messages, elements, elapsed: started.elapsed() })
}

pub(super) struct Actor {
    pub(super) name: &'static str,
    pub(super) session: Bound,
}

impl Actor {
    pub(super) async fn send(&mut self, stanza: &impl WriteXml) -> Result<(), String> {
        self.session.link.endpoint.send(stanza).map_err(|error| error.to_string())?;
        self.session.link.flush().await.map_err(|error| error.to_string())
    }

    async fn say(&mut self, to: &Jid, text: &str) -> Result<(), String> {
        let id = self.session.link.endpoint.new_id();
        let message = Message::builder(MessageType::Chat).with_to(to.clone()).with_id(id);
        self.send(&message.with_body(text)).await
    }

    async fn hear(&mut self, text: &str) -> Result<(), String> {
        let message = self.until(|stanza| stanza.kind() == StanzaKind::Message).await?;
        let message = Message::parse(message.element()).map_err(|error| error.to_string())?;
        if message.body().as_deref() == Some(text) {
            Ok(())
        } else {
            Err(format!("{} heard {:?} instead of {text:?}", self.name, message.body()))
        }
    }

    /// Waits for a stanza; what comes before it is not for this play.
    pub(super) async fn until(
        &mut self,
        mut wanted: impl FnMut(StanzaRef<'_>) -> bool,
    ) -> Result<Received<'static>, String> {
        let find = async {
            loop {
                match self.session.link.next().await {
                    Ok(Some(Event::Stanza(stanza))) if stanza.stanza().is_some_and(&mut wanted) => {
                        return Ok(stanza);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return Err(String::from("the server closed the stream")),
                    Err(error) => return Err(error.to_string()),
                }
            }
        };
        patient(find).await?
    }
}

async fn patient<T>(work: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .map_err(|_| format!("nothing happened for {} seconds", PATIENCE.as_secs()))
}
