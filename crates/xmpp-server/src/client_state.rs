//! What may wait while nobody looks (XEP-0352).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use xmpp_stanza::{PresenceType, StanzaKind, StanzaRef};
use xmpp_xml::{ElementRef, ns};

/// What a stanza means to a client whose user does not look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Importance {
    /// It has to be sent, and what waits before it.
    Important,
    /// It can wait, and a later one from the same sender takes its place: presence.
    Latest,
    /// It means something only to who looks now: a message that has nothing but a chat
    /// state (XEP-0085).
    Momentary,
}

impl Importance {
    /// Of that stanza.
    ///
    /// Presence is [`Latest`](Self::Latest) if it tells availability. Subscriptions,
    /// errors, and what a room says of one's own presence or of a change with a status
    /// code (XEP-0045) are important.
    #[must_use]
    pub fn of(stanza: StanzaRef<'_>) -> Self {
        match stanza.kind() {
            StanzaKind::Presence => match stanza.presence_type() {
                Some(PresenceType::Available | PresenceType::Unavailable)
                    if !has_room_status(stanza.element()) =>
                {
                    Self::Latest
                }
                _ => Self::Important,
            },
            StanzaKind::Message if !stanza.is_error() && has_only_state(stanza.element()) => {
                Self::Momentary
            }
            _ => Self::Important,
        }
    }
}

fn has_room_status(presence: ElementRef<'_>) -> bool {
    let room = presence.child(ns::MUC_USER, "x");
    room.is_some_and(|room| room.child(ns::MUC_USER, "status").is_some())
}

/// Whether there is a chat state, and nothing beside it that anybody would miss.
fn has_only_state(message: ElementRef<'_>) -> bool {
    let mut has_state = false;
    for child in message.children() {
        let is_state = child.has_ns(ns::CHAT_STATES);
        has_state |= is_state;
        if !is_state && !child.has_ns(ns::HINTS) && child.name() != "thread" {
            return false;
        }
    }
    has_state
}

/// How much may wait for one client. One stanza more, and all of it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "to be set by servers")]
pub struct HeldLimits {
    /// Senders, by full address. 1,000 by default.
    pub senders: usize,
    /// Bytes of stanzas and addresses. 256 KiB by default.
    pub bytes: usize,
}

impl Default for HeldLimits {
    fn default() -> Self {
        Self { senders: 1000, bytes: 256 << 10 }
    }
}

/// Whether a client's user looks at it (XEP-0352), and what waits for a look.
///
/// `T` is a stanza as the caller keeps it: an element, or its bytes. The caller asks for
/// each stanza that is to go to the client, and sends what it is handed, in that order.
/// While the client is active everything is handed back at once. While it is not:
///
/// - presence waits, and the latest of each sender takes the place of those before;
/// - messages that have nothing but a chat state are dropped;
/// - anything else is sent at once, and what waits goes before it.
///
/// ```
/// use xmpp_server::{ClientState, HeldLimits};
/// use xmpp_stanza::StanzaRef;
/// use xmpp_xml::Element;
///
/// let mut state = ClientState::new(HeldLimits::default());
/// let mut sent = Vec::new();
/// let mut pass = |state: &mut ClientState<String>, xml: &str| {
///     let element = Element::parse(xml).unwrap();
///     let stanza = StanzaRef::new(element.as_ref()).unwrap();
///     state.pass(stanza, xml.to_owned(), xml.len(), |xml| sent.push(xml));
/// };
/// let away = "<presence xmlns='jabber:client' from='r@x.example/a'><show>away</show></presence>";
/// let back = "<presence xmlns='jabber:client' from='r@x.example/a'/>";
/// let hello = "<message xmlns='jabber:client' from='r@x.example/a'><body>Hello</body></message>";
/// state.deactivate();
/// for xml in [away, back, hello] {
///     pass(&mut state, xml);
/// }
/// assert_eq!(sent, [back, hello]);
/// ```
pub struct ClientState<T> {
    inactive: bool,
    /// By the sender's full address.
    held: BTreeMap<String, Held<T>>,
    /// Of addresses and stanzas.
    bytes: usize,
    serial: u64,
    limits: HeldLimits,
}

struct Held<T> {
    /// Which came before which.
    serial: u64,
    bytes: usize,
    stanza: T,
}

impl<T> ClientState<T> {
    /// A client begins active.
    #[must_use]
    pub const fn new(limits: HeldLimits) -> Self {
        Self { inactive: false, held: BTreeMap::new(), bytes: 0, serial: 0, limits }
    }

    /// Whether the user looks at the client, as far as it has said.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.inactive
    }

    /// How many stanzas wait.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// `<inactive/>` has come.
    pub const fn deactivate(&mut self) {
        self.inactive = true;
    }

    /// `<active/>` has come, or the stream has been resumed: what waits is sent.
    pub fn activate(&mut self, send: impl FnMut(T)) {
        self.inactive = false;
        self.flush(send);
    }

    /// A stanza of so many bytes is to go to the client. `send` is called for each that
    /// is to be sent now.
    pub fn pass(&mut self, stanza: StanzaRef<'_>, kept: T, bytes: usize, mut send: impl FnMut(T)) {
        if !self.inactive {
            return send(kept);
        }
        let sender = match Importance::of(stanza) {
            Importance::Momentary => return,
            Importance::Latest => stanza.element().attr("from"),
            Importance::Important => None,
        };
        let Some(sender) = sender else {
            self.flush(&mut send);
            return send(kept);
        };
        let sender = sender.to_string();
        let bytes = bytes.saturating_add(sender.len());
        if let Some(before) = self.held.remove(&sender) {
            self.bytes -= before.bytes;
        }
        if self.held.len() >= self.limits.senders
            || self.bytes.saturating_add(bytes) > self.limits.bytes
        {
            self.flush(&mut send);
            return send(kept);
        }
        self.bytes += bytes;
        self.serial += 1;
        self.held.insert(sender, Held { serial: self.serial, bytes, stanza: kept });
    }

    /// What waits, in the order in which it came.
    fn flush(&mut self, mut send: impl FnMut(T)) {
        let mut held: Vec<Held<T>> = core::mem::take(&mut self.held).into_values().collect();
        held.sort_unstable_by_key(|held| held.serial);
        self.bytes = 0;
        held.into_iter().for_each(|held| send(held.stanza));
    }
}

impl<T> Default for ClientState<T> {
    fn default() -> Self {
        Self::new(HeldLimits::default())
    }
}

impl<T> fmt::Debug for ClientState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientState")
            .field("active", &self.is_active())
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}
