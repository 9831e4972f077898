//! A host and the streams of its clients, without a network. Or, where a test asks for it, a
//! host for each account and the streams between them: see [`apart`].

use core::cell::Cell;
use std::collections::{BTreeMap, VecDeque};

use xmpp_jid::{BareJid, Domainpart, DomainpartRef, LocalpartRef};
use xmpp_server::{
    BindError, Config, HandleError, Host, Output, Queue, SessionId, TakenBy, Undelivered, UnixTime,
};
use xmpp_stanza::{StanzaCondition, StreamCondition};
use xmpp_xml::{Element, ElementRef, ns};

use super::stanzas::{domain_of, in_stream};
pub(crate) use super::stanzas::{element, in_stream_of, without_error_text, without_whims};

/// A host and what it has sent.
pub(crate) struct Net {
    /// The host of example.com.
    pub(crate) host: Host,
    pub(crate) now: UnixTime,
    seconds: u64,
    queue: Queue,
    /// The hosts of other accounts, if these are apart.
    others: Vec<(Host, Queue)>,
    accounts: Vec<String>,
    /// At which of them a session is.
    places: BTreeMap<SessionId, usize>,
    streams: BTreeMap<SessionId, VecDeque<Element>>,
    closed: BTreeMap<SessionId, StreamCondition>,
    routed: BTreeMap<String, Vec<String>>,
    count: u64,
}

thread_local! {
    static APART: Cell<bool> = const { Cell::new(false) };
}

/// Runs a test in which every account but the first has a host of its own. The hosts are
/// joined by what they route to each other and by nothing else. The test writes and reads
/// the addresses as if all were of example.com.
pub(crate) fn apart(test: impl FnOnce()) {
    /// However the test ends.
    struct Together;
    impl Drop for Together {
        fn drop(&mut self) {
            APART.set(false);
        }
    }
    let _together = Together;
    APART.set(true);
    test();
}

/// Runs these tests once more, with each account on a host of its own.
macro_rules! also_apart {
    ($($test:ident,)*) => {
        mod apart {
            $(
                #[test]
                fn $test() {
                    $crate::support::apart(super::$test);
                }
            )*
        }
    };
}
pub(crate) use also_apart;

/// When the tests begin.
const START: u64 = 1_031_701_267;

impl Net {
    pub(crate) fn new(accounts: &[&str]) -> Self {
        Self::with(Config::default(), accounts)
    }

    /// The domain is example.com.
    pub(crate) fn with(config: Config, accounts: &[&str]) -> Self {
        let apart = APART.get();
        let domain = DomainpartRef::new("example.com").unwrap();
        let mut host = Host::new(domain, 0xa, config);
        let mut others = Vec::new();
        for (n, account) in accounts.iter().enumerate() {
            let local = LocalpartRef::new(account).unwrap();
            if n == 0 || !apart {
                host.add_account(local);
            } else {
                let domain = Domainpart::new(&format!("{account}.example")).unwrap();
                let mut other = Host::new(domain.as_ref(), 0xa, config);
                other.add_account(local);
                others.push((other, Queue::new()));
            }
        }
        let mut queue = Queue::new();
        let mut domains = vec![domain.into_owned()];
        domains.extend(others.iter().map(|(host, _)| host.domain().into_owned()));
        for (at, queue) in core::iter::once(&mut queue)
            .chain(others.iter_mut().map(|(_, queue)| queue))
            .enumerate()
        {
            let rest = domains.iter().enumerate().filter(|(n, _)| *n != at);
            queue.routes = rest.map(|(_, domain)| (domain.clone(), ns::SERVER)).collect();
        }
        Self {
            host,
            now: UnixTime::from_secs(START),
            seconds: START,
            queue,
            others,
            accounts: accounts.iter().map(|account| (*account).to_owned()).collect(),
            places: BTreeMap::new(),
            streams: BTreeMap::new(),
            closed: BTreeMap::new(),
            routed: BTreeMap::new(),
            count: 0,
        }
    }

    fn at(&mut self, place: usize) -> (&mut Host, &mut Queue) {
        match place.checked_sub(1) {
            None => (&mut self.host, &mut self.queue),
            Some(n) => {
                let (host, queue) = &mut self.others[n];
                (host, queue)
            }
        }
    }

    /// Where the account is; one that does not exist is not where the first one is.
    fn place(&self, account: &str) -> usize {
        let n = self.accounts.iter().position(|name| name == account);
        n.unwrap_or(self.others.len()).min(self.others.len())
    }

    fn domain(&self, account: &str) -> &str {
        match self.place(account).checked_sub(1) {
            None => "example.com",
            Some(n) => self.others[n].0.domain().as_str(),
        }
    }

    /// The addresses as they are.
    fn really(&self, text: &str) -> String {
        let names = self.accounts.iter().map(String::as_str).chain(["nobody"]);
        names.fold(text.to_owned(), |text, name| {
            let real = format!("{name}@{}", self.domain(name));
            text.replace(&format!("{name}@example.com"), &real)
        })
    }

    /// The addresses as the test sees them.
    fn seemingly(&self, text: &str) -> String {
        self.others.iter().fold(text.to_owned(), |text, (host, _)| {
            let domain = host.domain();
            let text = text.replace(&format!("@{}", domain.as_str()), "@example.com");
            text.replace(&format!("'{}'", domain.as_str()), "'example.com'")
        })
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
        let (place, now) = (self.place(account), self.now);
        let account = BareJid::new(&format!("{account}@{}", self.domain(account))).unwrap();
        let (host, queue) = self.at(place);
        let jid = host.session_bound(now, id, &account, resource, [0x5a; 16], queue)?;
        self.places.insert(id, place);
        self.streams.insert(id, VecDeque::new());
        self.collect();
        Ok((id, self.seemingly(jid.as_str())))
    }

    /// The full JID of a session.
    pub(crate) fn address(&self, id: SessionId) -> String {
        let host = match self.places[&id].checked_sub(1) {
            None => &self.host,
            Some(n) => &self.others[n].0,
        };
        self.seemingly(host.session(id).unwrap().as_str())
    }

    /// A resource that is interested and available, and has read all that this brings it.
    pub(crate) fn login(&mut self, account: &str, resource: &str) -> SessionId {
        let id = self.bind(account, resource);
        self.send(id, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
        self.send(id, "<presence/>");
        self.drain();
        id
    }

    /// A resource that is available, with what this brings it still to be read.
    pub(crate) fn login_and_keep(&mut self, account: &str, resource: &str) -> SessionId {
        let id = self.bind(account, resource);
        self.send(id, "<presence/>");
        id
    }

    /// The stream fails before these have been sent.
    pub(crate) fn fail(&mut self, id: SessionId, undelivered: &[String]) {
        let undelivered: Vec<_> =
            undelivered.iter().map(|stanza| element(&self.really(stanza))).collect();
        let (place, now) = (self.places[&id], self.now);
        let (host, queue) = self.at(place);
        host.session_failed(now, id, undelivered, queue);
        self.collect();
    }

    /// The client sends a stanza, given as it stands in the stream.
    #[track_caller]
    pub(crate) fn send(&mut self, id: SessionId, stanza: &str) {
        let stream = in_stream(&self.really(stanza));
        let mut children = stream.children();
        let stanza = children.next().expect("a stanza");
        assert!(children.next().is_none(), "one stanza");
        self.send_element(id, stanza);
    }

    #[track_caller]
    pub(crate) fn send_element(&mut self, id: SessionId, stanza: ElementRef<'_>) {
        let (place, now) = (self.places[&id], self.now);
        let (host, queue) = self.at(place);
        host.handle_stanza(now, id, stanza, queue).unwrap();
        self.collect();
    }

    /// A component for that domain connects.
    pub(crate) fn connect(&mut self, domain: &str) {
        for place in 0..=self.others.len() {
            let domain = Domainpart::new(domain).unwrap();
            self.at(place).1.routes.insert(domain, ns::COMPONENT_ACCEPT);
        }
    }

    pub(crate) fn disconnect(&mut self, domain: &str) {
        for place in 0..=self.others.len() {
            self.at(place).1.routes.remove(domain);
        }
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

    /// Another server sends a stanza, given as it stands in its stream.
    pub(crate) fn send_remote(&mut self, stanza: &str) -> Result<(), HandleError> {
        let stream = in_stream_of(ns::SERVER, stanza);
        let stanza = stream.children().next().expect("a stanza");
        let handled = self.host.handle_remote(self.now, stanza, &mut self.queue);
        self.collect();
        handled
    }

    /// The stream of whom this stanza was for never takes it.
    pub(crate) fn send_failed(
        &mut self,
        taken_by: TakenBy,
        stanza: ElementRef<'_>,
        why: StanzaCondition,
    ) -> Result<Undelivered, HandleError> {
        let failed = self.host.send_failed(self.now, taken_by, stanza, why, &mut self.queue);
        self.collect();
        failed
    }

    /// There is no way to where this stanza was routed.
    pub(crate) fn route_failed(
        &mut self,
        stanza: ElementRef<'_>,
        why: StanzaCondition,
    ) -> Result<Undelivered, HandleError> {
        let failed = self.host.route_failed(self.now, stanza, why, &mut self.queue);
        self.collect();
        failed
    }

    /// What has gone to that domain since the last look.
    pub(crate) fn take_routed(&mut self, domain: &str) -> Vec<String> {
        self.routed.remove(domain).unwrap_or_default()
    }

    /// Exactly these bytes have gone to the component of that domain since the last look.
    #[track_caller]
    pub(crate) fn expect_routed(&mut self, domain: &str, stanzas: &[&str]) {
        assert_eq!(self.routed.remove(domain).unwrap_or_default(), stanzas);
    }

    /// So many seconds pass.
    pub(crate) fn pass(&mut self, seconds: u64) {
        self.seconds += seconds;
        self.now = UnixTime::from_secs(self.seconds);
    }

    pub(crate) fn end(&mut self, id: SessionId) {
        let (place, now) = (self.places[&id], self.now);
        let (host, queue) = self.at(place);
        host.session_ended(now, id, queue);
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
        let domain = |name| format!("{name}@{}", self.domain(name));
        let jid = BareJid::new(&domain(account)).unwrap();
        let host = match self.place(account).checked_sub(1) {
            None => &self.host,
            Some(n) => &self.others[n].0,
        };
        let roster = host.roster(&jid).unwrap();
        roster.item(&domain(contact)).map_or_else(
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
        for _ in 0..20 {
            let mut quiet = true;
            for place in 0..=self.others.len() {
                for output in core::mem::take(&mut self.at(place).1.output) {
                    quiet &= !self.take_output(output);
                }
            }
            if quiet {
                return;
            }
        }
        panic!("the hosts talk to each other without end");
    }

    /// Tells whether a host has been given something.
    fn take_output(&mut self, output: Output) -> bool {
        match output {
            Output::Stanza(id, bytes) => {
                let stanza = element(&self.seemingly(core::str::from_utf8(&bytes).expect("UTF-8")));
                let stream = self.streams.get_mut(&id).expect("sent to a session that lives");
                stream.push_back(stanza);
            }
            Output::Routed { from, to, stanza } => {
                let text = String::from_utf8(stanza).expect("UTF-8");
                let known = self.others.iter().position(|(host, _)| host.domain() == to.as_ref());
                let place = known.map(|n| n + 1).or_else(|| (to == "example.com").then_some(0));
                if let Some(place) = place {
                    let stream = in_stream_of(ns::SERVER, &text);
                    let stanza = stream.children().next().expect("a stanza");
                    assert_eq!(domain_of(stanza, "from"), from.as_str());
                    assert_eq!(domain_of(stanza, "to"), to.as_str());
                    let now = self.now;
                    let (host, queue) = self.at(place);
                    host.handle_remote(now, stanza, queue).unwrap();
                    return true;
                }
                let text = self.seemingly(&text);
                self.routed.entry(to.as_str().to_owned()).or_default().push(text);
            }
            Output::Close(id, condition) => {
                self.closed.insert(id, condition);
            }
        }
        false
    }
}

/// A session's number.
pub(crate) type Id = SessionId;

/// The bare JID of an account.
pub(crate) fn bare(account: &str) -> BareJid {
    BareJid::new(&format!("{account}@example.com")).unwrap()
}
