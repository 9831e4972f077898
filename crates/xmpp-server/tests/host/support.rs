//! A host and the streams of its clients, without a network.

use std::collections::{BTreeMap, VecDeque};

use xmpp_jid::{BareJid, Domainpart, DomainpartRef, LocalpartRef};
use xmpp_server::{BindError, Config, HandleError, Host, Output, Queue, SessionId, UnixTime};
use xmpp_stanza::StreamCondition;
use xmpp_xml::{Element, ElementRef, ns};

/// A host and what it has sent.
pub(crate) struct Net {
    pub(crate) host: Host,
    pub(crate) now: UnixTime,
    queue: Queue,
    streams: BTreeMap<SessionId, VecDeque<Element>>,
    closed: BTreeMap<SessionId, StreamCondition>,
    routed: BTreeMap<String, Vec<String>>,
    count: u64,
}

impl Net {
    pub(crate) fn new(accounts: &[&str]) -> Self {
        Self::with(Config::default(), accounts)
    }

    /// The domain is example.com.
    pub(crate) fn with(config: Config, accounts: &[&str]) -> Self {
        let domain = DomainpartRef::new("example.com").unwrap();
        let mut host = Host::new(domain, 0xa, config);
        for account in accounts {
            host.add_account(LocalpartRef::new(account).unwrap());
        }
        let (queue, streams, closed) = (Queue::new(), BTreeMap::new(), BTreeMap::new());
        let routed = BTreeMap::new();
        Self {
            host,
            now: UnixTime::from_secs(1_031_701_267),
            queue,
            streams,
            closed,
            routed,
            count: 0,
        }
    }

    /// A connected resource.
    pub(crate) fn bind(&mut self, account: &str, resource: &str) -> SessionId {
        self.try_bind(account, Some(resource)).unwrap().0
    }

    pub(crate) fn try_bind(
        &mut self,
        account: &str,
        resource: Option<&str>,
    ) -> Result<(SessionId, String), BindError> {
        self.count += 1;
        let id = SessionId(self.count);
        let account = BareJid::new(&format!("{account}@example.com")).unwrap();
        let random = [0x5a; 16];
        let jid =
            self.host.session_bound(self.now, id, &account, resource, random, &mut self.queue)?;
        self.streams.insert(id, VecDeque::new());
        self.collect();
        Ok((id, jid.as_str().to_owned()))
    }

    /// A resource that is interested and available, and has read all that this brings it.
    pub(crate) fn login(&mut self, account: &str, resource: &str) -> SessionId {
        let id = self.bind(account, resource);
        self.send(id, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
        self.send(id, "<presence/>");
        self.drain();
        id
    }

    /// The same, without having read.
    pub(crate) fn login_and_keep(&mut self, account: &str, resource: &str) -> SessionId {
        let id = self.bind(account, resource);
        self.send(id, "<presence/>");
        id
    }

    /// The stream fails before these have been sent.
    pub(crate) fn fail(&mut self, id: SessionId, undelivered: &[String]) {
        let undelivered: Vec<_> = undelivered.iter().map(|stanza| element(stanza)).collect();
        self.host.session_failed(self.now, id, undelivered, &mut self.queue);
        self.collect();
    }

    /// The client sends a stanza, given as it stands in the stream.
    #[track_caller]
    pub(crate) fn send(&mut self, id: SessionId, stanza: &str) {
        let stream = in_stream(stanza);
        let mut children = stream.children();
        let stanza = children.next().expect("a stanza");
        assert!(children.next().is_none(), "one stanza");
        self.send_element(id, stanza);
    }

    #[track_caller]
    pub(crate) fn send_element(&mut self, id: SessionId, stanza: ElementRef<'_>) {
        self.host.handle_stanza(self.now, id, stanza, &mut self.queue).unwrap();
        self.collect();
    }

    /// A component for that domain connects.
    pub(crate) fn connect(&mut self, domain: &str) {
        self.queue.routes.insert(Domainpart::new(domain).unwrap(), ns::COMPONENT_ACCEPT);
    }

    pub(crate) fn disconnect(&mut self, domain: &str) {
        self.queue.routes.remove(domain);
    }

    /// A component sends a stanza, given as it stands in its stream.
    pub(crate) fn send_routed(&mut self, stanza: &str) -> Result<(), HandleError> {
        let stream = format!("<stream xmlns='jabber:component:accept'>{stanza}</stream>");
        let stream = Element::parse(stream).unwrap();
        let stanza = stream.children().next().expect("a stanza");
        let handled = self.host.handle_routed(self.now, stanza, &mut self.queue);
        self.collect();
        handled
    }

    /// Exactly these bytes have gone to the component of that domain since the last look.
    #[track_caller]
    pub(crate) fn expect_routed(&mut self, domain: &str, stanzas: &[&str]) {
        assert_eq!(self.routed.remove(domain).unwrap_or_default(), stanzas);
    }

    pub(crate) fn end(&mut self, id: SessionId) {
        self.host.session_ended(self.now, id, &mut self.queue);
        self.collect();
    }

    /// Exactly these stanzas have come on the stream since the last look, in this order.
    ///
    /// The 'id' of roster pushes and the 'ver' of rosters are as the host likes.
    #[track_caller]
    pub(crate) fn expect(&mut self, id: SessionId, stanzas: &[&str]) {
        let got: Vec<_> = self.streams.get_mut(&id).expect("a stream").drain(..).collect();
        let show = |elements: &[Element]| {
            elements.iter().map(|e| format!("    {}\n", e.source())).collect::<String>()
        };
        let expected: Vec<_> = stanzas.iter().map(|stanza| element(stanza)).collect();
        assert!(
            got.iter().map(without_whims).eq(expected.iter().map(without_whims)),
            "\nexpected:\n{}got:\n{}",
            show(&expected),
            show(&got)
        );
    }

    #[track_caller]
    pub(crate) fn expect_nothing(&mut self, id: SessionId) {
        self.expect(id, &[]);
    }

    /// Nothing has come that was not looked at.
    #[track_caller]
    pub(crate) fn expect_silence(&mut self) {
        for id in self.streams.keys().copied().collect::<Vec<_>>() {
            self.expect_nothing(id);
        }
    }

    /// What has come on the stream, as it came.
    pub(crate) fn take(&mut self, id: SessionId) -> Vec<Element> {
        self.streams.get_mut(&id).map(|s| s.drain(..).collect()).unwrap_or_default()
    }

    /// Forgets all that has been sent.
    pub(crate) fn drain(&mut self) {
        self.streams.values_mut().for_each(VecDeque::clear);
        self.routed.clear();
    }

    pub(crate) fn closed(&self, id: SessionId) -> Option<StreamCondition> {
        self.closed.get(&id).copied()
    }

    /// The subscription attribute, with "?" for 'ask' and "!" for 'approved'.
    pub(crate) fn shown(&self, account: &str, contact: &str) -> String {
        let account = BareJid::new(&format!("{account}@example.com")).unwrap();
        let roster = self.host.roster(&account).unwrap();
        roster.item(&format!("{contact}@example.com")).map_or_else(
            || "-".to_owned(),
            |item| {
                let state = item.subscription.state;
                let ask = if state.is_pending_out() { "?" } else { "" };
                let approved = if item.subscription.approved { "!" } else { "" };
                format!("{}{ask}{approved}", state.attr())
            },
        )
    }

    fn collect(&mut self) {
        for output in self.queue.output.drain(..) {
            match output {
                Output::Stanza(id, bytes) => {
                    let text = String::from_utf8(bytes).expect("UTF-8");
                    let stanza = element(&text);
                    let stream = self.streams.get_mut(&id).expect("sent to a session that lives");
                    stream.push_back(stanza);
                }
                Output::Routed { to: domain, stanza: bytes, .. } => {
                    let text = String::from_utf8(bytes).expect("UTF-8");
                    self.routed.entry(domain.as_str().to_owned()).or_default().push(text);
                }
                Output::Close(id, condition) => {
                    self.closed.insert(id, condition);
                }
            }
        }
    }
}

/// The content of a client's stream whose header says nothing else.
fn in_stream(stanza: &str) -> Element {
    Element::parse(format!("<stream xmlns='jabber:client'>{stanza}</stream>"))
        .unwrap_or_else(|e| panic!("{e:?} in {stanza}"))
}

fn without_whims(stanza: &Element) -> Element {
    let source = stanza.source();
    let push = stanza.attr("type").as_deref() == Some("set")
        && stanza.attr("id").is_some_and(|id| id.starts_with("push"));
    let mut text = strip(source, " ver=");
    if push {
        text = strip(&text, " id=");
    }
    element(&text)
}

/// Without the attributes that begin so.
fn strip(text: &str, attribute: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find(attribute) {
        let value = at + attribute.len();
        let quote = text[value..].chars().next().expect("a quote");
        let end = value + 1 + text[value + 1..].find(quote).expect("the other quote");
        text.replace_range(at..=end, "");
    }
    text
}

/// A session's number.
pub(crate) type Id = SessionId;

/// The bare JID of an account.
pub(crate) fn bare(account: &str) -> BareJid {
    BareJid::new(&format!("{account}@example.com")).unwrap()
}

/// A stanza as it stands in a stream.
#[track_caller]
pub(crate) fn element(stanza: &str) -> Element {
    in_stream(stanza).children().next().expect("a stanza").into_shared()
}

/// An error stanza without its `<text/>`.
pub(crate) fn without_error_text(stanza: &Element) -> Element {
    let source = stanza.source();
    let Some(start) = source.find("<text") else { return element(source) };
    let end = source.find("</text>").expect("the end of <text/>") + "</text>".len();
    element(&format!("{}{}", &source[..start], &source[end..]))
}
