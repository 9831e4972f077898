//! Whole XMPP streams out of arbitrary bytes, good ones and ones with a fault: for
//! fuzzing and property tests of anything that reads XMPP.
//!
//! A fuzzer that changes bytes rarely gets past the XML. Here the bytes are
//! decisions ([`arbitrary::Unstructured`]), and each gives a stream: a header in one
//! of the content namespaces with the attributes of RFC 6120, section 4.7; features,
//! SASL, STARTTLS, stream management (XEP-0198), client state, dialback; messages,
//! presences and iqs with payloads, stanza errors; white space between them, a
//! stream error perhaps, the closing tag. They are written in the many ways that XML has for
//! the same: prefixes and default namespaces, references, CDATA sections, quotes,
//! white space in tags, the order of attributes.
//!
//! What follows what is *not* that of a negotiation: this is for whatever reads, not
//! for state machines. A driver may take single elements out of it, though.
//!
//! # The oracle
//!
//! A stream is good, or has one [`Fault`], at a known place. So whatever the
//! implementation, and whatever its language:
//!
//! - A **good** stream is read to its end, with as many first-level elements as
//!   [`Stream::elements`] says, however the bytes are cut.
//! - A **faulty** one is refused, by one of [`Fault::conditions`] (RFC 6120,
//!   section 4.9.3). With the bytes before the place alone it has not been refused
//!   yet, and all [`Stream::elements`] have been given; with the bytes up to the
//!   end of the place it has been. Who looks at elements when they are whole sees a
//!   [second header](Fault::SecondHeader) later, or never: the stream does not end.
//!
//! ```
//! use xmpp_stanza::arbitrary::{Fault, Stream, Unstructured};
//! use xmpp_xml::{Limits, RecvBuffer, StreamReader};
//!
//! // An implementation: whether it takes these bytes, and with which condition not.
//! fn read(bytes: &[u8]) -> Result<(), &'static str> {
//!     let mut rx = RecvBuffer::new(1 << 20);
//!     let mut reader = StreamReader::new(Limits::default());
//!     rx.push(bytes);
//!     while reader.poll(&mut rx).map_err(|error| error.condition().as_str())?.is_some() {}
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let decisions: Vec<u8> = (0..2000_u32).map(|n| (n.wrapping_mul(n) >> 3) as u8).collect();
//! let good = Stream::good(&mut Unstructured::new(&decisions))?;
//! assert_eq!(read(&good.bytes), Ok(()));
//!
//! let bad = Stream::faulty(Fault::Comment, &mut Unstructured::new(&decisions))?;
//! let (fault, place) = bad.fault.expect("asked for");
//! assert_eq!(read(&bad.bytes[..place.start]), Ok(()));
//! let condition = read(&bad.bytes[..place.end]).unwrap_err();
//! assert!(fault.conditions().contains(&condition));
//! # Ok(()) }
//! ```
//!
//! [`Stream`] is [`Arbitrary`], so that a libFuzzer target in Rust takes it as its
//! input: `fuzz_target!(|stream: Stream| …)`. For an implementation in another
//! language the example `streams` of this crate writes streams to files, with a
//! line of JSON for each that says what has to become of it.
//!
//! # Sizes
//!
//! A stream has 40 first-level elements at most, nested 10 deep at most, and each
//! costs a few bytes of the input; without input there is a header and an end. It
//! is a function of its input alone.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use arbitrary::Result;
#[doc(no_inline)]
pub use arbitrary::{Arbitrary, Unstructured};

mod content;
mod fault;
mod plant;
mod syntax;

pub use fault::{Fault, Level};
use syntax::{Place, Scope, Syntax};

use crate::xml::ns;

/// The content namespaces.
const CONTENT: [&str; 4] =
    [ns::CLIENT.uri(), ns::SERVER.uri(), ns::COMPONENT_ACCEPT.uri(), ns::COMPONENT_CONNECT.uri()];
/// How many first-level elements there are at most.
const MOST_ELEMENTS: usize = 40;

/// The bytes of a stream, and what is known about them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stream {
    /// From the XML declaration or the header to the closing tag; with a fault as well.
    pub bytes: Vec<u8>,
    /// The content namespace that the header declares, or its first-level elements if
    /// it declares none (RFC 6120, section 4.8.2).
    pub content: &'static str,
    /// Whether the prefix of the stream namespace is `stream`. An implementation may
    /// refuse others with `bad-namespace-prefix` (RFC 6120, section 4.8.5); one in
    /// eight streams has one.
    pub usual_prefix: bool,
    /// How many first-level elements there are; with a fault, how many end before it.
    pub elements: usize,
    /// What is wrong, and where: the offsets of the bad construct in `bytes`. Whatever
    /// comes before it may still become a good stream, and whatever is behind it
    /// cannot mend it.
    pub fault: Option<(Fault, Range<usize>)>,
}

impl Stream {
    /// A stream without a fault.
    ///
    /// # Errors
    ///
    /// None today. What makes values of bytes may always say that there are too few.
    pub fn good(u: &mut Unstructured<'_>) -> Result<Self> {
        make(None, u)
    }

    /// A stream with that fault.
    ///
    /// # Errors
    ///
    /// None today. What makes values of bytes may always say that there are too few.
    pub fn faulty(fault: Fault, u: &mut Unstructured<'_>) -> Result<Self> {
        make(Some(fault), u)
    }
}

impl<'a> Arbitrary<'a> for Stream {
    /// Every second one has a fault, any of [`Fault::ALL`].
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let fault = if u.arbitrary()? { Some(*u.choose(Fault::ALL)?) } else { None };
        make(fault, u)
    }
}

fn make(fault: Option<Fault>, u: &mut Unstructured<'_>) -> Result<Stream> {
    let fuse = match fault {
        Some(fault) => Some((fault, u.int_in_range(0..=20)?)),
        None => None,
    };
    let mut s = Syntax { u, out: Vec::new(), fuse, planted: None, whole: 0 };
    let content = s.pick(&CONTENT)?;
    // The one whose fault is in the header has one place for it.
    if let Some((fault, left)) = &mut s.fuse
        && plant::fits(*fault, Place::Header)
    {
        *left = 0;
    }
    let scope = s.header(content)?;
    let mut negotiating = false;
    let count = s.u.int_in_range(0..=MOST_ELEMENTS)?;
    for _ in 0..count {
        if s.u.is_empty() {
            break;
        }
        let element = s.first_level(content)?;
        // No white space next to what belongs to the negotiation of TLS and SASL
        // (RFC 6120, sections 5.3.3 and 6.3.5).
        let was = core::mem::replace(
            &mut negotiating,
            [ns::TLS.uri(), ns::SASL.uri()].contains(&element.ns),
        );
        if !was && !negotiating {
            s.keepalive()?;
        }
        s.between(content)?;
        s.element(&element, scope)?;
        s.count();
    }
    s.plant_now(content, scope)?;
    if s.one_of(4)? {
        let error = s.stream_error()?;
        s.element(&error, scope)?;
        s.count();
    } else if !negotiating {
        s.keepalive()?;
    }
    let name = if scope.stream.is_empty() { "" } else { ":" };
    s.push(&alloc::format!("</{}{name}stream", scope.stream));
    if s.one_of(16)? {
        s.push(" ");
    }
    s.push(">");
    Ok(Stream {
        bytes: s.out,
        content,
        usual_prefix: scope.stream == "stream",
        elements: s.whole,
        fault: s.planted,
    })
}

impl Syntax<'_, '_> {
    /// The XML declaration and the start tag (RFC 6120, sections 4.2, 4.7 and 4.8).
    fn header(&mut self, content: &'static str) -> Result<Scope> {
        let fault = self.due(Place::Header);
        let start = self.out.len();
        if fault == Some(Fault::Encoding) {
            let encoding = self.pick(&["UTF-16", "ISO-8859-1", "US-ASCII"])?;
            self.push(&alloc::format!("<?xml version='1.0' encoding='{encoding}'?>"));
            self.plant(Fault::Encoding, start);
        } else if !self.one_of(3)? {
            let declaration = self.pick(&[
                "<?xml version='1.0'?>",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>",
            ])?;
            self.push(declaration);
        }
        let start = self.out.len();
        if fault == Some(Fault::DocumentType) {
            let declaration = self.pick(&[
                "<!DOCTYPE stream>",
                "<!DOCTYPE stream SYSTEM 'stream.dtd'>",
                "<!DOCTYPE s [<!ENTITY lol 'lol'>]>",
            ])?;
            self.push(declaration);
            self.plant(Fault::DocumentType, start);
        }
        let unusual = fault != Some(Fault::ContentNamespace) && self.one_of(8)?;
        let prefix = if unusual { self.pick(&["", "s", "str-eam"])? } else { "stream" };
        let streams = match fault {
            Some(Fault::HeaderNamespace) => self.pick(&[
                "http://wrong.namespace.example.org/",
                "http://etherx.jabber.org/stream",
            ])?,
            _ => ns::STREAM.uri(),
        };
        let declared = match fault {
            Some(Fault::ContentNamespace) => {
                self.pick(&["urn:example:content", "jabber:clients"])?
            }
            _ => content,
        };
        let mut attrs = Vec::new();
        let mut attr = |name: &str, value| attrs.push((String::from(name), value));
        // Prefix-free canonicalization (section 4.8.2): each element declares its own.
        let own = fault != Some(Fault::ContentNamespace) && self.one_of(8)?;
        let default = match prefix {
            "" => {
                attr("xmlns", streams);
                streams
            }
            _ => {
                attr(&alloc::format!("xmlns:{prefix}"), streams);
                if !own {
                    attr("xmlns", declared);
                }
                if own { "" } else { declared }
            }
        };
        let domains = &["im.example.com", "example.net", "bücher.example", "[2001:db8::1]"];
        if !self.one_of(4)? {
            attr("to", self.pick(domains)?);
        }
        if self.one_of(2)? {
            attr("from", self.pick(&["juliet@im.example.com", "example.net"])?);
        }
        if self.one_of(2)? {
            attr("id", self.pick(&["++TR84Sm6A3hnt3Q065SnAbbk3Y=", "1", "<'&\">"])?);
        }
        if !self.one_of(8)? {
            attr("version", self.pick(&["1.0", "1.1", "01.00"])?);
        }
        if self.one_of(2)? {
            attr("xml:lang", self.pick(&["en", "cs", "de-CH-1996"])?);
        }
        if content == ns::SERVER.uri() && self.one_of(2)? {
            attr("xmlns:db", ns::DIALBACK.uri());
        }
        let start = self.out.len();
        let name =
            if prefix.is_empty() { "stream".into() } else { alloc::format!("{prefix}:stream") };
        self.start_tag(&name, attrs, false)?;
        if let Some(fault @ (Fault::HeaderNamespace | Fault::ContentNamespace)) = fault {
            self.plant(fault, start);
        }
        Ok(Scope { default, stream: prefix, bound: None })
    }

    /// White space between first-level elements (RFC 6120, section 4.6.1).
    fn keepalive(&mut self) -> Result<()> {
        if self.one_of(4)? {
            let space = self.pick(&[" ", "\n", "\r\n", " \t "])?;
            self.push(space);
        }
        Ok(())
    }

    /// A first-level element has been written.
    fn count(&mut self) {
        self.whole += usize::from(self.planted.is_none());
    }

    /// A place between first-level elements.
    fn between(&mut self, content: &'static str) -> Result<()> {
        match self.due(Place::Between) {
            Some(Fault::UnknownStanza) => plant::unknown_stanza(self, content),
            Some(fault) => plant::in_content(self, fault),
            None => Ok(()),
        }
    }

    /// The fault that has not found its place so far.
    fn plant_now(&mut self, content: &'static str, scope: Scope) -> Result<()> {
        let Some((_, left)) = &mut self.fuse else { return Ok(()) };
        *left = 0;
        self.between(content)?;
        if self.fuse.is_some() {
            let body = syntax::Node::new(content, "body").text("?");
            self.element(&syntax::Node::new(content, "message").child(body), scope)?;
        }
        Ok(())
    }
}
