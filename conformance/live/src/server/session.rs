//! A client's way into the server, as far as a case wants to go, and a user who is there.

use std::collections::VecDeque;

use tokio::time::Instant;
use xmpp_xml::{Element, ElementRef, Ns};

use super::sasl::{self, Hash, Scram};
use super::target::{Account, Target};
use crate::verdict::{Fault, Outcome, Setup as _};
use crate::wire::{Item, StanzaError, StreamError, Wire};

pub(super) const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
pub(super) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
pub(super) const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
pub(super) const STREAMS: &str = "http://etherx.jabber.org/streams";
pub(super) const CLIENT: &str = "jabber:client";
pub(super) const ROSTER: &str = "jabber:iq:roster";

/// A wire on which a stream is open, and what the server has said of it.
pub(super) struct Open {
    pub(super) wire: Wire,
    pub(super) header: Element,
    pub(super) features: Element,
}

impl Open {
    /// The names of the mechanisms that are offered.
    pub(super) fn mechanisms(&self) -> Vec<String> {
        let offered = self.features.child(Ns::new(SASL), "mechanisms");
        offered
            .map(|offered| {
                let named = offered.children().filter(|child| child.name() == "mechanism");
                named.map(|mechanism| mechanism.text().trim().to_owned()).collect()
            })
            .unwrap_or_default()
    }

    /// Whether a feature is offered.
    pub(super) fn offers(&self, ns: &str, name: &str) -> bool {
        self.features.child(Ns::new(ns), name).is_some()
    }
}

impl crate::scene::Scene<Target> {
    /// The domain that the server serves.
    pub(super) fn domain(&self) -> &str {
        &self.setting.domain
    }

    /// One of the accounts that the case has for itself.
    pub(super) fn account(&self, at: usize) -> Account {
        self.lease.accounts()[at].clone()
    }

    /// A right header of a client's stream.
    pub(super) fn header(&self) -> String {
        self.header_with("version='1.0' xml:lang='en'")
    }

    /// A header to the domain with other attributes than usual.
    pub(super) fn header_with(&self, attributes: &str) -> String {
        let to = self.domain();
        format!(
            "<?xml version='1.0'?><stream:stream to='{to}' {attributes} xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        )
    }

    /// A connection, with nothing said.
    pub(super) async fn dial(&self, who: &str) -> Outcome<Wire> {
        Wire::connect(&*self.setting.address, who, &self.transcript).await
    }

    /// Sends a right header on a wire, and takes the answer and the features.
    pub(super) async fn open_on(&self, wire: Wire) -> Outcome<Open> {
        self.open_with(wire, &self.header()).await
    }

    /// The same with a header of one's own.
    pub(super) async fn open_with(&self, mut wire: Wire, header: &str) -> Outcome<Open> {
        wire.send(header).await;
        let header = wire.header().await?;
        let features = wire.expect_named(STREAMS, "features").await?;
        Ok(Open { wire, header, features })
    }

    /// A stream in the clear.
    pub(super) async fn open(&self, who: &str) -> Outcome<Open> {
        let wire = self.dial(who).await?;
        self.open_on(wire).await.setup("opening a stream")
    }

    /// A stream under TLS, with nobody authenticated. Where the server has no STARTTLS, it
    /// is one in the clear.
    pub(super) async fn secure(&self, who: &str) -> Outcome<Open> {
        let mut open = self.open(who).await?;
        if !open.offers(TLS, "starttls") {
            return Ok(open);
        }
        open.wire.send(format!("<starttls xmlns='{TLS}'/>")).await;
        open.wire.expect_named(TLS, "proceed").await.setup("STARTTLS")?;
        self.begin_tls(&mut open.wire).await?;
        self.open_on(open.wire).await.setup("opening a stream under TLS")
    }

    /// The handshake of TLS.
    pub(super) async fn begin_tls(&self, wire: &mut Wire) -> Outcome {
        wire.connect_tls(&self.setting.tls, self.domain()).await.setup("STARTTLS")
    }

    /// A stream that `account` has authenticated on, with no resource bound.
    pub(super) async fn login(&self, account: &Account, who: &str) -> Outcome<Open> {
        self.login_with(account, who, &self.header()).await
    }

    /// The same, with a header of one's own on the stream that follows SASL.
    pub(super) async fn login_with(
        &self,
        account: &Account,
        who: &str,
        header: &str,
    ) -> Outcome<Open> {
        let mut open = self.secure(who).await?;
        authenticate(&mut open, account).await.setup("logging in")?;
        open.wire.restart();
        open.wire.farewell = true;
        self.open_with(open.wire, header).await.setup("the stream after SASL")
    }

    /// A session whose last header is one's own.
    pub(super) async fn bound_with(
        &self,
        account: &Account,
        resource: &str,
        header: &str,
    ) -> Outcome<User> {
        let who = format!("{}/{resource}", account.user);
        let open = self.login_with(account, &who, header).await?;
        bind(open.wire, account, resource).await.setup("binding a resource")
    }

    /// A session with that resource, or one of the server's choice, with no presence sent.
    pub(super) async fn bound(&self, account: &Account, resource: &str) -> Outcome<User> {
        let who = format!("{}/{resource}", account.user);
        let open = self.login(account, &who).await?;
        bind(open.wire, account, resource).await.setup("binding a resource")
    }

    /// The same, and available.
    pub(super) async fn online(&self, account: &Account, resource: &str) -> Outcome<User> {
        let mut user = self.bound(account, resource).await?;
        user.appear("").await?;
        Ok(user)
    }
}

/// Authenticates with what is offered, the strongest first.
pub(super) async fn authenticate(open: &mut Open, account: &Account) -> Outcome {
    let offered = open.mechanisms();
    let has = |name: &str| offered.iter().any(|offered| offered == name);
    for name in ["SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-512"] {
        if let (true, Some(hash)) = (has(name), Hash::of(name)) {
            let scram = Scram::new(hash, &account.user, &account.password);
            return exchange(&mut open.wire, name, &scram).await;
        }
    }
    if has("PLAIN") {
        let message = sasl::plain("", &account.user, &account.password);
        open.wire.send(format!("<auth xmlns='{SASL}' mechanism='PLAIN'>{message}</auth>")).await;
        open.wire.expect_named(SASL, "success").await?;
        return Ok(());
    }
    Err(Fault::Error(format!("no mechanism that the suite knows: {offered:?}")))
}

/// A whole exchange of SCRAM; the server's signature is looked at.
pub(super) async fn exchange(wire: &mut Wire, mechanism: &str, scram: &Scram) -> Outcome {
    let first = scram.first();
    wire.send(format!("<auth xmlns='{SASL}' mechanism='{mechanism}'>{first}</auth>")).await;
    let challenge = wire.expect_named(SASL, "challenge").await?;
    let server_first = decoded(challenge.as_ref())?;
    let last = scram.last(&server_first)?;
    wire.send(format!("<response xmlns='{SASL}'>{}</response>", last.message())).await;
    let success = wire.expect_named(SASL, "success").await?;
    let verifier = decoded(success.as_ref())?;
    if verifier != last.verifier {
        return Err(Fault::Failed("the server's signature is not right".into()));
    }
    Ok(())
}

/// What an element of SASL carries.
pub(super) fn decoded(element: ElementRef<'_>) -> Outcome<String> {
    let bytes = sasl::from_base64(element.text().trim())?;
    String::from_utf8(bytes).map_err(|_| Fault::Failed("a message of SASL is no UTF-8".into()))
}

/// Binds a resource; an empty one is the server's choice.
async fn bind(mut wire: Wire, account: &Account, resource: &str) -> Outcome<User> {
    let wish = match resource {
        "" => String::new(),
        resource => format!("<resource>{resource}</resource>"),
    };
    wire.send(format!("<iq type='set' id='bind'><bind xmlns='{BIND}'>{wish}</bind></iq>")).await;
    let answer =
        wire.expect("the result of binding", |e| e.attr("id").as_deref() == Some("bind")).await?;
    if let Some(error) = StanzaError::of(answer.as_ref())
        && !resource.is_empty()
    {
        // Whether it may be refused is the question of other cases.
        let condition = error.condition;
        return Err(Fault::Skipped(format!("the resource {resource} is refused: {condition}")));
    }
    let jid = answer
        .child(Ns::new(BIND), "bind")
        .and_then(|bind| bind.child(Ns::new(BIND), "jid"))
        .map(|jid| jid.text().into_owned())
        .ok_or_else(|| Fault::Failed("no JID in the result of binding".into()))?;
    wire.rename(&format!("{}/{}", account.user, jid.split('/').nth(1).unwrap_or_default()));
    Ok(User { wire, account: account.clone(), jid, inbox: VecDeque::new(), ids: 0 })
}

/// A user with a bound resource.
pub struct User {
    /// The stream.
    pub wire: Wire,
    /// Whose it is.
    pub account: Account,
    /// The full JID.
    pub jid: String,
    /// What has come and nobody has waited for.
    inbox: VecDeque<Element>,
    ids: u32,
}

impl User {
    /// The bare JID.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.jid.split('/').next().unwrap_or_default()
    }

    /// An id that was not used before.
    pub fn id(&mut self) -> String {
        self.ids += 1;
        format!("{}-{}", self.ids, &sasl::random()[..8])
    }

    /// Sends stanzas.
    pub async fn send(&mut self, stanzas: impl AsRef<[u8]>) {
        self.wire.send(stanzas).await;
    }

    /// Sends what the case is about.
    pub async fn send_marked(&mut self, stanzas: impl AsRef<[u8]>) {
        self.wire.send_marked(stanzas).await;
    }

    /// A stanza that `is` knows has to come, or have come.
    ///
    /// # Errors
    ///
    /// It does not, or the stream ends.
    pub async fn wait_for(
        &mut self,
        what: &str,
        is: impl Fn(ElementRef<'_>) -> bool,
    ) -> Outcome<Element> {
        if let Some(at) = self.inbox.iter().position(|element| is(element.as_ref())) {
            return Ok(self.inbox.remove(at).expect("it is there"));
        }
        let mut before = Vec::new();
        let found = self.wire.collect_until(what, is, &mut before).await;
        self.inbox.extend(before);
        found
    }

    /// Sends a request and takes its answer, a result or an error.
    ///
    /// # Errors
    ///
    /// No answer comes.
    pub async fn iq(&mut self, kind: &str, to: Option<&str>, payload: &str) -> Outcome<Element> {
        let id = self.id();
        let to = to.map(|to| format!(" to='{to}'")).unwrap_or_default();
        self.send_marked(format!("<iq type='{kind}' id='{id}'{to}>{payload}</iq>")).await;
        self.answer(&id).await
    }

    /// The answer to the request with that id.
    ///
    /// # Errors
    ///
    /// No answer comes.
    pub async fn answer(&mut self, id: &str) -> Outcome<Element> {
        self.wait_for("the answer to the iq", |e| {
            e.name() == "iq"
                && e.attr("id").as_deref() == Some(id)
                && matches!(e.attr("type").as_deref(), Some("result" | "error"))
        })
        .await
    }

    /// Sends a request that has to be granted.
    ///
    /// # Errors
    ///
    /// No result comes.
    pub async fn granted(&mut self, kind: &str, payload: &str) -> Outcome<Element> {
        let answer = self.iq(kind, None, payload).await?;
        if answer.attr("type").as_deref() == Some("result") {
            return Ok(answer);
        }
        Err(Fault::Failed(format!("the request is refused: {}", answer.source())))
    }

    /// The server has done with everything that was sent before.
    ///
    /// # Errors
    ///
    /// No answer comes.
    pub async fn sync(&mut self) -> Outcome {
        let id = self.id();
        self.send(format!("<iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>")).await;
        self.answer(&id).await.map(drop)
    }

    /// Sends initial presence, with children, and waits until it comes back: from then on
    /// it is known.
    ///
    /// # Errors
    ///
    /// It does not come back.
    pub async fn appear(&mut self, children: &str) -> Outcome {
        self.send(format!("<presence>{children}</presence>")).await;
        let jid = self.jid.clone();
        self.wait_for("our own presence", |e| {
            e.name() == "presence"
                && e.attr("from").as_deref() == Some(&*jid)
                && e.attr("type").is_none()
        })
        .await
        .setup("becoming available")
        .map(drop)
    }

    /// All that has come up to now, as far as it depends on what `sender` has sent: a
    /// message of `sender`'s behind it marks the end.
    ///
    /// # Errors
    ///
    /// The mark does not come.
    pub async fn all_until_now(&mut self, sender: &mut Self) -> Outcome<Vec<Element>> {
        let id = sender.id();
        let to = &self.jid;
        // Of a type that is not stored, should it not arrive.
        sender
            .send(format!(
                "<message type='headline' id='{id}' to='{to}'><body>mark</body></message>"
            ))
            .await;
        let mut all: Vec<_> = self.inbox.drain(..).collect();
        self.wire
            .collect_until("the mark", |e| e.attr("id").as_deref() == Some(&*id), &mut all)
            .await
            .setup("a message to a full JID")?;
        Ok(all)
    }

    /// All that has come up to now, as far as it depends on what the user itself has sent.
    ///
    /// # Errors
    ///
    /// No answer comes.
    pub async fn all_of_own(&mut self) -> Outcome<Vec<Element>> {
        self.sync().await?;
        Ok(self.inbox.drain(..).collect())
    }

    /// Takes what has come and `is` knows, if it has come.
    pub fn take_where(&mut self, is: impl Fn(ElementRef<'_>) -> bool) -> Option<Element> {
        let at = self.inbox.iter().position(|element| is(element.as_ref()))?;
        self.inbox.remove(at)
    }

    /// Forgets what has come.
    pub fn forget(&mut self) {
        self.inbox.clear();
    }

    /// The items of the roster.
    ///
    /// # Errors
    ///
    /// It is not given.
    pub async fn roster(&mut self) -> Outcome<Vec<Element>> {
        let answer = self.granted("get", &format!("<query xmlns='{ROSTER}'/>")).await?;
        let Some(query) = answer.child(Ns::new(ROSTER), "query") else { return Ok(Vec::new()) };
        Ok(query.children().map(ElementRef::to_owned).collect())
    }

    /// Empties the roster.
    ///
    /// # Errors
    ///
    /// It cannot be read or changed.
    pub async fn empty_roster(&mut self) -> Outcome {
        for item in self.roster().await? {
            let jid = item.attr("jid").unwrap_or_default().into_owned();
            let remove = format!(
                "<query xmlns='{ROSTER}'><item jid='{jid}' subscription='remove'/></query>"
            );
            // What the server lets in and does not find again is left to it.
            self.iq("set", None, &remove).await?;
        }
        Ok(())
    }

    /// Logs out in order, so that nothing is left of the session.
    pub async fn leave(mut self) {
        self.wire.send("</stream:stream>").await;
        let until = Instant::now() + self.wire.patience;
        loop {
            match self.wire.item_until(until).await {
                Item::Element(element) if StreamError::of(&element).is_none() => {}
                _ => break,
            }
        }
    }
}
