//! Namespaces as numbers, and the well-known ones by name.

mod extensions;

use core::fmt;

use extensions::EXTENSIONS;

/// A namespace to match with or to write: a URI and, for the well-known ones,
/// its number.
///
/// Comparing with a well-known namespace is the comparison of two integers;
/// the number is looked up by [`Ns::new`], at compile time where it is used
/// for a constant:
///
/// ```
/// use xmpp_xml::{Ns, ns};
///
/// const MOOD: Ns<'_> = Ns::new("http://jabber.org/protocol/mood");
/// assert_ne!(MOOD, ns::CLIENT);
/// assert_eq!(Ns::new("jabber:client"), ns::CLIENT);
/// ```
#[derive(Clone, Copy)]
pub struct Ns<'a> {
    uri: &'a str,
    id: u32,
}

impl<'a> Ns<'a> {
    /// The namespace of that URI; the empty one is "no namespace".
    #[must_use]
    pub const fn new(uri: &'a str) -> Self {
        Self { uri, id: well_known_id(uri) }
    }

    /// The URI.
    #[must_use]
    pub const fn uri(self) -> &'a str {
        self.uri
    }

    /// Whether stanzas can be in it: those of clients, of servers (RFC 6120,
    /// section 4.8.3), of components (XEP-0114).
    pub(crate) const fn is_content(id: u32) -> bool {
        id >= names::CLIENT.id && id <= names::COMPONENT_CONNECT.id
    }

    pub(crate) const fn with_id(uri: &'a str, id: u32) -> Self {
        Self { uri, id }
    }

    /// The number of a well-known namespace, [`UNKNOWN`] for others.
    pub(crate) const fn id(self) -> u32 {
        self.id
    }
}

impl PartialEq<Ns<'_>> for Ns<'_> {
    fn eq(&self, other: &Ns<'_>) -> bool {
        if self.id != UNKNOWN || other.id != UNKNOWN {
            self.id == other.id
        } else {
            self.uri == other.uri
        }
    }
}

impl Eq for Ns<'_> {}

impl fmt::Debug for Ns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ns").field(&self.uri).finish()
    }
}

impl fmt::Display for Ns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uri)
    }
}

impl<'a> From<&'a str> for Ns<'a> {
    fn from(uri: &'a str) -> Self {
        Self::new(uri)
    }
}

/// Not a well-known namespace. Larger than every number of one, smaller than
/// everything that [`tape`](crate::tape) uses for the others.
pub(crate) const UNKNOWN: u32 = 0xfff;

/// The number of "no namespace".
pub(crate) const NONE_ID: u32 = 0;
/// The number of `xml`'s namespace.
pub(crate) const XML_ID: u32 = 1;
/// The number of `xmlns`'s namespace.
pub(crate) const XMLNS_ID: u32 = 2;

/// The URI of a well-known namespace.
pub(crate) const fn well_known_uri(id: u32) -> Option<&'static str> {
    if (id as usize) < COUNT { Some(uri_of(id as usize)) } else { None }
}

/// The number of a well-known namespace, or [`UNKNOWN`].
const fn well_known_id(uri: &str) -> u32 {
    let bytes = uri.as_bytes();
    let mut id = BUCKETS[hash(bytes)];
    while id != NO_ENTRY {
        if equal(uri_of(id as usize).as_bytes(), bytes) {
            return id as u32;
        }
        id = CHAIN[id as usize];
    }
    UNKNOWN
}

/// The number of a URI that is not known when this is compiled.
#[inline]
pub(crate) fn look_up(uri: &[u8]) -> u32 {
    let mut id = BUCKETS[hash(uri)];
    while let Some(&known) = URIS.get(usize::from(id)) {
        if known.as_bytes() == uri {
            return u32::from(id);
        }
        id = CHAIN[usize::from(id)];
    }
    UNKNOWN
}

// Buckets by the length and two bytes; their entries are chained.

const NO_ENTRY: u16 = 0xffff;
const BUCKET_COUNT: usize = 512;

/// How many there are.
const COUNT: usize = NAMED.len() + EXTENSIONS.len();

/// All of them; their numbers are their places.
static URIS: [&str; COUNT] = {
    let mut uris = [""; COUNT];
    let mut id = 0;
    while id < COUNT {
        uris[id] = uri_of(id);
        id += 1;
    }
    uris
};

const fn uri_of(id: usize) -> &'static str {
    if id < NAMED.len() { NAMED[id] } else { EXTENSIONS[id - NAMED.len()] }
}

const fn hash(bytes: &[u8]) -> usize {
    let n = bytes.len();
    if n == 0 {
        return 0;
    }
    (n * 11 + bytes[n - 1] as usize * 3 + bytes[n / 2] as usize) % BUCKET_COUNT
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

const TABLES: ([u16; BUCKET_COUNT], [u16; COUNT]) = {
    let mut buckets = [NO_ENTRY; BUCKET_COUNT];
    let mut chain = [NO_ENTRY; COUNT];
    // From the last to the first, so that those that are named above are found
    // first: nearly all that are seen are.
    let mut id = COUNT;
    while id > 0 {
        id -= 1;
        let at = hash(uri_of(id).as_bytes());
        chain[id] = buckets[at];
        buckets[at] = id as u16;
    }
    (buckets, chain)
};
static BUCKETS: [u16; BUCKET_COUNT] = TABLES.0;
static CHAIN: [u16; COUNT] = TABLES.1;

macro_rules! well_known {
    ($($(#[$doc:meta])+ $name:ident = $uri:literal;)+) => {
        static NAMED: [&str; [$($uri),+].len()] = [$($uri),+];
        /// The well-known namespaces, by the names that their documents use.
        pub mod names {
            use super::Ns;
            $($(#[$doc])+ pub const $name: Ns<'static> = Ns::new($uri);)+
        }
    };
}

// The first three are known by number in this crate, and those of `CLIENT` to
// `COMPONENT_CONNECT` to be all content namespaces.
well_known! {
    /// No namespace.
    NONE = "";
    /// `xml`, bound in every document (Namespaces in XML 1.0, section 3).
    XML = "http://www.w3.org/XML/1998/namespace";
    /// `xmlns`, bound in every document (Namespaces in XML 1.0, section 3).
    XMLNS = "http://www.w3.org/2000/xmlns/";
    /// Streams (RFC 6120, section 4.8.1).
    STREAM = "http://etherx.jabber.org/streams";
    /// Content namespace of client-to-server streams (RFC 6120, section 4.8.2).
    CLIENT = "jabber:client";
    /// Content namespace of server-to-server streams (RFC 6120, section 4.8.2).
    SERVER = "jabber:server";
    /// External components, accepted by the server (XEP-0114).
    COMPONENT_ACCEPT = "jabber:component:accept";
    /// External components, connected to by the server (XEP-0114).
    COMPONENT_CONNECT = "jabber:component:connect";
    /// Stream errors (RFC 6120, section 4.9).
    STREAMS_ERR = "urn:ietf:params:xml:ns:xmpp-streams";
    /// Stanza errors (RFC 6120, section 8.3).
    STANZAS_ERR = "urn:ietf:params:xml:ns:xmpp-stanzas";
    /// STARTTLS (RFC 6120, section 5).
    TLS = "urn:ietf:params:xml:ns:xmpp-tls";
    /// SASL (RFC 6120, section 6).
    SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
    /// Resource binding (RFC 6120, section 7).
    BIND = "urn:ietf:params:xml:ns:xmpp-bind";
    /// Session establishment (RFC 3921, section 3).
    SESSION = "urn:ietf:params:xml:ns:xmpp-session";
    /// Rosters (RFC 6121, section 2).
    ROSTER = "jabber:iq:roster";
    /// Roster versions as a stream feature (RFC 6121, section 2.6).
    ROSTER_VERSION = "urn:xmpp:features:rosterver";
    /// Subscription pre-approval as a stream feature (RFC 6121, section 3.4).
    PRE_APPROVAL = "urn:xmpp:features:pre-approval";
    /// Framing for WebSocket (RFC 7395).
    FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
    /// End-to-end signing and encryption (RFC 3923).
    E2E = "urn:ietf:params:xml:ns:xmpp-e2e";
    /// Presence Information Data Format (RFC 3863).
    PIDF = "urn:ietf:params:xml:ns:pidf";
    /// Server dialback (XEP-0220).
    DIALBACK = "jabber:server:dialback";
    /// Dialback as a stream feature (XEP-0220).
    DIALBACK_FEATURE = "urn:xmpp:features:dialback";
    /// Bidirectional server-to-server connections (XEP-0288).
    BIDI = "urn:xmpp:bidi";
    /// Bidirectional connections as a stream feature (XEP-0288).
    BIDI_FEATURE = "urn:xmpp:features:bidi";
    /// Ping (XEP-0199).
    PING = "urn:xmpp:ping";
    /// Stream management (XEP-0198).
    SM = "urn:xmpp:sm:3";
    /// Extensible SASL profile (XEP-0388).
    SASL2 = "urn:xmpp:sasl:2";
    /// Bind 2 (XEP-0386).
    BIND2 = "urn:xmpp:bind:0";
    /// Fast authentication streamlining tokens (XEP-0484).
    FAST = "urn:xmpp:fast:0";
    /// SASL channel binding type capability (XEP-0440).
    SASL_CHANNEL_BINDING = "urn:xmpp:sasl-cb:0";
    /// Client state indication (XEP-0352).
    CSI = "urn:xmpp:csi:0";
    /// Stream compression (XEP-0138).
    COMPRESS = "http://jabber.org/protocol/compress";
    /// Stream compression as a stream feature (XEP-0138).
    COMPRESS_FEATURE = "http://jabber.org/features/compress";
    /// In-band registration (XEP-0077).
    REGISTER = "jabber:iq:register";
    /// In-band registration as a stream feature (XEP-0077).
    REGISTER_FEATURE = "http://jabber.org/features/iq-register";
    /// Service discovery, information (XEP-0030).
    DISCO_INFO = "http://jabber.org/protocol/disco#info";
    /// Service discovery, items (XEP-0030).
    DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
    /// Entity capabilities (XEP-0115).
    CAPS = "http://jabber.org/protocol/caps";
    /// Data forms (XEP-0004).
    DATA_FORMS = "jabber:x:data";
    /// Software version (XEP-0092).
    VERSION = "jabber:iq:version";
    /// Entity time (XEP-0202).
    TIME = "urn:xmpp:time";
    /// Last activity (XEP-0012).
    LAST = "jabber:iq:last";
    /// Private XML storage (XEP-0049).
    PRIVATE = "jabber:iq:private";
    /// Blocking command (XEP-0191).
    BLOCKING = "urn:xmpp:blocking";
    /// Delayed delivery (XEP-0203).
    DELAY = "urn:xmpp:delay";
    /// Message carbons (XEP-0280).
    CARBONS = "urn:xmpp:carbons:2";
    /// Stanza forwarding (XEP-0297).
    FORWARD = "urn:xmpp:forward:0";
    /// Message archive management (XEP-0313).
    MAM = "urn:xmpp:mam:2";
    /// Result set management (XEP-0059).
    RSM = "http://jabber.org/protocol/rsm";
    /// Unique and stable stanza ids (XEP-0359).
    STANZA_ID = "urn:xmpp:sid:0";
    /// Message delivery receipts (XEP-0184).
    RECEIPTS = "urn:xmpp:receipts";
    /// Chat state notifications (XEP-0085).
    CHAT_STATES = "http://jabber.org/protocol/chatstates";
    /// Chat markers (XEP-0333).
    CHAT_MARKERS = "urn:xmpp:chat-markers:0";
    /// Message processing hints (XEP-0334).
    HINTS = "urn:xmpp:hints";
    /// Last message correction (XEP-0308).
    CORRECT = "urn:xmpp:message-correct:0";
    /// Explicit message encryption (XEP-0380).
    EME = "urn:xmpp:eme:0";
    /// OMEMO encryption as deployed (XEP-0384 version 0.3).
    OMEMO_LEGACY = "eu.siacs.conversations.axolotl";
    /// Multi-user chat (XEP-0045).
    MUC = "http://jabber.org/protocol/muc";
    /// Multi-user chat, users (XEP-0045).
    MUC_USER = "http://jabber.org/protocol/muc#user";
    /// Multi-user chat, administrators (XEP-0045).
    MUC_ADMIN = "http://jabber.org/protocol/muc#admin";
    /// Multi-user chat, owners (XEP-0045).
    MUC_OWNER = "http://jabber.org/protocol/muc#owner";
    /// Publish-subscribe (XEP-0060).
    PUBSUB = "http://jabber.org/protocol/pubsub";
    /// Publish-subscribe, events (XEP-0060).
    PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event";
    /// Publish-subscribe, owners (XEP-0060).
    PUBSUB_OWNER = "http://jabber.org/protocol/pubsub#owner";
    /// Bytes in band (XEP-0047).
    IBB = "http://jabber.org/protocol/ibb";
    /// vCards (XEP-0054).
    VCARD = "vcard-temp";
    /// Avatars in presence (XEP-0153).
    VCARD_UPDATE = "vcard-temp:x:update";
    /// Nicknames (XEP-0172).
    NICK = "http://jabber.org/protocol/nick";
    /// XHTML-IM (XEP-0071).
    XHTML_IM = "http://jabber.org/protocol/xhtml-im";
    /// XHTML.
    XHTML = "http://www.w3.org/1999/xhtml";
    /// Out-of-band data in messages (XEP-0066).
    OOB = "jabber:x:oob";
    /// Occupant identifiers (XEP-0421).
    OCCUPANT_ID = "urn:xmpp:occupant-id:0";
    /// Reactions (XEP-0444).
    REACTIONS = "urn:xmpp:reactions:0";
    /// Ad-hoc commands (XEP-0050).
    COMMANDS = "http://jabber.org/protocol/commands";
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn every_well_known_uri_is_found_by_its_number() {
        for (id, uri) in URIS.iter().enumerate() {
            assert_eq!(
                (well_known_id(uri), look_up(uri.as_bytes())),
                (id as u32, id as u32),
                "{uri}"
            );
            assert_eq!(well_known_uri(id as u32), Some(*uri));
        }
        assert!(COUNT < UNKNOWN as usize);
        for id in COUNT as u32..=UNKNOWN {
            assert_eq!(well_known_uri(id), None);
        }
        let content =
            [names::CLIENT, names::SERVER, names::COMPONENT_ACCEPT, names::COMPONENT_CONNECT];
        let are_content = (0..COUNT as u32).filter(|&id| Ns::is_content(id));
        assert_eq!(are_content.collect::<Vec<_>>(), content.map(Ns::id));
        assert_eq!(
            (NONE_ID, XML_ID, XMLNS_ID),
            (names::NONE.id(), names::XML.id(), names::XMLNS.id())
        );
    }

    #[test]
    fn every_uri_can_be_looked_up() {
        // Whatever its length and bytes: a peer writes it.
        for (middle, last) in (0..=255).flat_map(|middle| [(middle, 0), (middle, 9), (0, middle)]) {
            for uri in [&[last][..], &[middle, last], &[b'a', middle, last], &[middle; 1000]] {
                assert_eq!(look_up(uri), UNKNOWN);
            }
        }
    }

    #[test]
    fn unknown_namespaces_compare_by_their_uris() {
        assert_eq!(Ns::new("urn:example:a"), Ns::new("urn:example:a"));
        assert_ne!(Ns::new("urn:example:a"), Ns::new("urn:example:b"));
        assert_ne!(Ns::new("urn:example:a"), names::CLIENT);
    }

    #[test]
    fn a_namespace_is_shown_by_its_uri() {
        for ns in [names::CLIENT, Ns::new("urn:example:a")] {
            assert_eq!(alloc::format!("{ns:?}"), alloc::format!("Ns({:?})", ns.uri()));
            assert_eq!(alloc::format!("{ns}"), ns.uri());
            assert_eq!(Ns::from(ns.uri()), ns);
        }
    }
}
