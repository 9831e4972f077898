//! The server's part, step by step, so that a case can go right as far as it wants and
//! wrong from there.

use core::time::Duration;

use tokio::time::Instant;
use xmpp_xml::{Element, ElementRef, Ns};

use super::authority::Shown;
use super::scram::{self, Begun, ServerFirst, base64};
use super::stage::Stage;
use crate::scene::Scene;
use crate::verdict::{Fault, Outcome, Setup as _};
use crate::wire::{Item, StreamError, Wire};

pub(super) const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
pub(super) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
pub(super) const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
pub(super) const ROSTER: &str = "jabber:iq:roster";
pub(super) const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
pub(super) const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
pub(super) const SM: &str = "urn:xmpp:sm:3";

pub(super) const STARTTLS: &str =
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
pub(super) const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
pub(super) const BINDING: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
pub(super) const MECHANISMS: &str = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
    <mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>";
pub(super) const SUCCESS: &str = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

/// That a client has not taken what it was sent for an error at all.
pub(super) const GOES_ON: &str = "the client goes on as if nothing had happened";

/// The offer of these mechanisms.
pub(super) fn mechanisms(names: &[&str]) -> String {
    let names: String = names.iter().map(|name| format!("<mechanism>{name}</mechanism>")).collect();
    format!("<mechanisms xmlns='{SASL}'>{names}</mechanisms>")
}

impl Scene<Stage> {
    /// A right response header.
    pub(super) fn header(&self) -> String {
        let (domain, id) = (&self.setting.domain, scram::random());
        format!(
            "<?xml version='1.0'?><stream:stream from='{domain}' id='{id}' version='1.0' \
             xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
        )
    }

    /// A right header and features.
    pub(super) fn opening(&self, features: &str) -> String {
        format!("{}<stream:features>{features}</stream:features>", self.header())
    }

    /// The client opens a stream, and is answered with these features. Gives its header.
    pub(super) async fn open(&self, wire: &mut Wire, features: &str) -> Outcome<Element> {
        let header = wire.header().await?;
        wire.send(self.opening(features)).await;
        Ok(header)
    }

    /// A connection on which the client has sent `<starttls/>`.
    pub(super) async fn asked_for_tls(&mut self) -> Outcome<Wire> {
        let mut wire = self.accept("client").await?;
        self.open(&mut wire, STARTTLS).await?;
        wire.expect_named(TLS, "starttls").await?;
        Ok(wire)
    }

    /// A connection under TLS, before the client's header.
    pub(super) async fn secured(&mut self) -> Outcome<Wire> {
        let mut wire = self.asked_for_tls().await?;
        wire.send(PROCEED).await;
        self.begin_tls(&mut wire, Shown::Right).await?;
        Ok(wire)
    }

    pub(super) async fn begin_tls(&self, wire: &mut Wire, shown: Shown) -> Outcome {
        let accept = self.setting.authority.show(shown).map_err(Fault::Error)?;
        wire.accept_tls(&accept).await
    }

    /// A connection on which the client has begun to authenticate, with what it sent.
    pub(super) async fn authenticating(&mut self, offer: &str) -> Outcome<(Wire, Element)> {
        let mut wire = self.secured().await?;
        self.open(&mut wire, offer).await?;
        let auth = wire.expect_named(SASL, "auth").await?;
        Ok((wire, auth))
    }

    /// The first message of SCRAM that the client sent.
    pub(super) async fn begun(&mut self) -> Outcome<(Wire, Begun)> {
        let (wire, auth) = self.authenticating(MECHANISMS).await.setup("up to <auth/>")?;
        let begun = read_auth(&auth).setup("the client's first message of SCRAM")?;
        Ok((wire, begun))
    }

    /// The exchange up to the client's proof, and the server's signature.
    pub(super) async fn proved(&mut self) -> Outcome<(Wire, String)> {
        let (mut wire, begun) = self.begun().await?;
        let signature = self.proof(&mut wire, &begun, &ServerFirst::to(&begun)).await?;
        Ok((wire, signature))
    }

    /// Challenges, and looks at the proof.
    pub(super) async fn proof(
        &self,
        wire: &mut Wire,
        begun: &Begun,
        first: &ServerFirst,
    ) -> Outcome<String> {
        wire.send(challenge(&first.message())).await;
        let response = wire.expect_named(SASL, "response").await?;
        let last = scram::decoded(&response.text())?;
        begun.verify(first, &self.setting.password, &last)
    }

    /// A connection on which the client is authenticated; its new header comes next.
    pub(super) async fn authenticated(&mut self) -> Outcome<Wire> {
        let (mut wire, signature) = self.proved().await.setup("authentication")?;
        wire.send(success(&signature)).await;
        wire.restart();
        Ok(wire)
    }

    /// A connection on which the client asks for a resource, with its request.
    pub(super) async fn binding(&mut self, more_features: &str) -> Outcome<(Wire, Element)> {
        let mut wire = self.authenticated().await?;
        self.open(&mut wire, &format!("{BINDING}{more_features}"))
            .await
            .setup("the last stream")?;
        let request = wire.wait_for("a request to bind a resource", is_bind).await?;
        Ok((wire, request))
    }

    /// The client with a resource.
    pub(super) async fn session(&mut self) -> Outcome<Session> {
        self.session_with("").await
    }

    /// The same, with more features offered beside binding.
    pub(super) async fn session_with(&mut self, more_features: &str) -> Outcome<Session> {
        let (wire, request) = self.binding(more_features).await?;
        let mut session = Session::new(self, wire);
        let id = attr(&request, "id");
        session
            .send(format!(
                "<iq type='result' id='{id}'><bind xmlns='{BIND}'><jid>{}</jid></bind></iq>",
                session.jid
            ))
            .await;
        Ok(session)
    }

    /// It is ended by a stream error, or at least not gone on with.
    pub(super) async fn must_give_up(&self, wire: &mut Wire, why: &str) -> Outcome {
        self.must_give_up_within(wire, self.setting.quiet, why).await
    }

    /// The same, where going on takes a client some time: it derives keys from a password.
    pub(super) async fn must_give_up_though_slow(&self, wire: &mut Wire, why: &str) -> Outcome {
        self.must_give_up_within(wire, self.setting.quiet + Duration::from_secs(6), why).await
    }

    /// Where TLS is not offered: the client may ask for it nevertheless, and does nothing else.
    pub(super) async fn must_not_log_in(&self, wire: &mut Wire, why: &str) -> Outcome {
        match wire.item_until(Instant::now() + self.setting.quiet).await {
            Item::Element(element) if element.is(Ns::new(TLS), "starttls") => {
                self.must_give_up(wire, why).await
            }
            item => self.must_have_given_up(wire, &item, why),
        }
    }

    async fn must_give_up_within(&self, wire: &mut Wire, quiet: Duration, why: &str) -> Outcome {
        let item = wire.item_until(Instant::now() + quiet).await;
        self.must_have_given_up(wire, &item, why)
    }

    fn must_have_given_up(&self, wire: &mut Wire, item: &Item, why: &str) -> Outcome {
        let goes_on = match item {
            Item::Header(_) => "a stream header".to_owned(),
            Item::Element(element) if StreamError::of(element).is_none() && !is_abort(element) => {
                format!("<{}/>", element.name())
            }
            _ => return Ok(()),
        };
        wire.transcript().mark_received();
        Err(Fault::Failed(format!("the client goes on with {goes_on}: {why}")))
    }
}

/// The end of an exchange, which is what is wanted.
fn is_abort(element: &Element) -> bool {
    element.is(Ns::new(SASL), "abort")
}

/// The mechanism and the first message of `<auth/>`.
pub(super) fn read_auth(auth: &Element) -> Outcome<Begun> {
    Begun::read(&attr(auth, "mechanism"), &scram::decoded(&auth.text())?)
}

pub(super) fn challenge(message: &str) -> String {
    format!("<challenge xmlns='{SASL}'>{}</challenge>", base64(message))
}

pub(super) fn success(signature: &str) -> String {
    format!("<success xmlns='{SASL}'>{}</success>", base64(signature))
}

/// An attribute, or nothing.
pub(super) fn attr(element: &Element, name: &str) -> String {
    element.attr(name).unwrap_or_default().into_owned()
}

pub(super) fn is_bind(element: ElementRef<'_>) -> bool {
    element.name() == "iq" && element.child(Ns::new(BIND), "bind").is_some()
}

/// A client with a resource. What it asks is answered as an orderly server would, unless a
/// case wants it otherwise.
pub(super) struct Session {
    pub(super) wire: Wire,
    pub(super) jid: String,
    pub(super) bare: String,
    pub(super) domain: String,
    quiet: Duration,
    ids: u32,
}

impl Session {
    pub(super) fn new(scene: &Scene<Stage>, mut wire: Wire) -> Self {
        // From here on the client has nothing slow to compute.
        wire.patience = Duration::from_secs(5);
        let bare = scene.setting.account();
        Self {
            wire,
            jid: format!("{bare}/conformance"),
            bare,
            domain: scene.setting.domain.clone(),
            quiet: scene.setting.quiet,
            ids: 0,
        }
    }

    pub(super) fn id(&mut self) -> String {
        self.ids += 1;
        format!("srv{}-{}", self.ids, &scram::random()[..6])
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.wire.send(bytes).await;
    }

    pub(super) async fn send_marked(&mut self, bytes: impl AsRef<[u8]>) {
        self.wire.send_marked(bytes).await;
    }

    /// Answers a request of the client.
    async fn answer(&mut self, iq: &Element) {
        if iq.name() != "iq" || !matches!(&*attr(iq, "type"), "get" | "set") {
            return;
        }
        let id = attr(iq, "id").replace('&', "&amp;").replace('\'', "&apos;").replace('<', "&lt;");
        let from = iq.attr("to").map(|to| format!(" from='{to}'")).unwrap_or_default();
        let child = iq.children().next();
        let payload = child.map(|child| (child.ns().to_string(), child.name().to_owned()));
        let result = match payload.as_ref().map(|(ns, name)| (ns.as_str(), name.as_str())) {
            Some((ROSTER, _)) => format!("<query xmlns='{ROSTER}'/>"),
            Some(("http://jabber.org/protocol/disco#info", _)) => {
                "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='server' type='im'/>\
                 <feature var='http://jabber.org/protocol/disco#info'/></query>".into()
            }
            Some(("http://jabber.org/protocol/disco#items", _)) => {
                "<query xmlns='http://jabber.org/protocol/disco#items'/>".into()
            }
            Some(("urn:ietf:params:xml:ns:xmpp-session" | "urn:xmpp:carbons:2" | "urn:xmpp:ping", _)) => {
                String::new()
            }
            _ => {
                self.send(format!(
                    "<iq type='error' id='{id}'{from}><error type='cancel'><service-unavailable xmlns='{STANZAS}'/></error></iq>"
                ))
                .await;
                return;
            }
        };
        self.send(format!("<iq type='result' id='{id}'{from}>{result}</iq>")).await;
    }

    /// Serves the client until it sends what `is` knows.
    pub(super) async fn until(
        &mut self,
        what: &str,
        wait: Duration,
        is: impl Fn(ElementRef<'_>) -> bool,
    ) -> Outcome<Element> {
        let until = Instant::now() + wait;
        loop {
            match self.wire.item_until(until).await {
                Item::Element(element) if is(element.as_ref()) => return Ok(element),
                Item::Element(element) if StreamError::of(&element).is_none() => {
                    self.answer(&element).await
                }
                other => {
                    return Err(Fault::Failed(format!("{what} is expected; {}", other.what())));
                }
            }
        }
    }

    /// Serves the client until it says no more for a while: it has logged in.
    pub(super) async fn settle(&mut self) -> Outcome {
        let until = Instant::now() + Duration::from_secs(8);
        let mut heard = false;
        loop {
            let pause = Duration::from_millis(if heard { 400 } else { 1500 });
            match self.wire.item_until((Instant::now() + pause).min(until)).await {
                Item::Element(element) if StreamError::of(&element).is_none() => {
                    heard = true;
                    self.answer(&element).await;
                }
                Item::Silence => return Ok(()),
                other => return Err(Fault::Error(format!("after binding, {}", other.what()))),
            }
        }
    }

    /// The client must not do that, for as long as is waited.
    pub(super) async fn never(
        &mut self,
        is: impl Fn(ElementRef<'_>) -> bool,
        why: &str,
    ) -> Outcome {
        let until = Instant::now() + self.quiet;
        loop {
            match self.wire.item_until(until).await {
                Item::Element(element) if is(element.as_ref()) => {
                    self.wire.transcript().mark_received();
                    return Err(Fault::Failed(why.into()));
                }
                Item::Element(element) => self.answer(&element).await,
                Item::Silence => return Ok(()),
                other => {
                    return Err(Fault::Failed(format!("the stream must go on; {}", other.what())));
                }
            }
        }
    }

    /// The stream goes on: no error, no end. A ping that is answered shows it at once.
    pub(super) async fn goes_on(&mut self) -> Outcome {
        let id = self.id();
        let from = self.domain.clone();
        self.send(format!(
            "<iq type='get' id='{id}' from='{from}' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>",
            self.jid
        ))
        .await;
        let until = Instant::now() + self.quiet;
        loop {
            match self.wire.item_until(until).await {
                Item::Element(element) if element.name() == "iq" && attr(&element, "id") == id => {
                    return Ok(());
                }
                Item::Element(element) if StreamError::of(&element).is_none() => {
                    self.answer(&element).await
                }
                // There are clients that answer no ping, which is another case's matter.
                Item::Silence => return Ok(()),
                other => {
                    return Err(Fault::Failed(format!("the stream must go on; {}", other.what())));
                }
            }
        }
    }

    /// Sends a request of somebody and takes the answer.
    pub(super) async fn request(
        &mut self,
        kind: &str,
        from: &str,
        payload: &str,
    ) -> Outcome<Element> {
        let id = self.id();
        let to = self.jid.clone();
        let from = if from.is_empty() { String::new() } else { format!(" from='{from}'") };
        self.send_marked(format!("<iq type='{kind}' id='{id}'{from} to='{to}'>{payload}</iq>"))
            .await;
        self.until("an answer to the request", Duration::from_secs(5), |e| {
            e.name() == "iq" && e.attr("id").as_deref() == Some(&*id)
        })
        .await
    }

    /// A message from a contact.
    pub(super) fn message(&self, body: &str) -> String {
        format!(
            "<message type='chat' from='romeo@{}/orchard' to='{}'><body>{body}</body></message>",
            self.domain, self.jid
        )
    }

    /// The client ends the stream with an error: one of these conditions, if there are any.
    pub(super) async fn must_end_with(&mut self, conditions: &[&str]) -> Outcome {
        self.must_end_with_or(conditions, |_| false).await
    }

    /// The client ends the stream with such an error, or refuses the stanza alone, where the RFC
    /// leaves it to the client.
    pub(super) async fn must_end_with_or(
        &mut self,
        conditions: &[&str],
        is_refusal: impl Fn(ElementRef<'_>) -> bool,
    ) -> Outcome {
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            match self.wire.item_until(until).await {
                Item::Element(element) => match StreamError::of(&element) {
                    Some(error)
                        if conditions.is_empty() || conditions.contains(&&*error.condition) =>
                    {
                        return self.wire.expect_closing_tag().await;
                    }
                    Some(error) => {
                        return Err(Fault::Failed(format!(
                            "the stream error {} is expected; {} came",
                            conditions.join(" or "),
                            error.condition
                        )));
                    }
                    None if is_refusal(element.as_ref()) => return Ok(()),
                    None => {}
                },
                Item::Silence => {
                    return Err(Fault::Failed(GOES_ON.into()));
                }
                other => {
                    return Err(Fault::Failed(format!(
                        "a stream error is expected; {}",
                        other.what()
                    )));
                }
            }
        }
    }
}
