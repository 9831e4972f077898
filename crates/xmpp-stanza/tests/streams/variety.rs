//! That good streams are of every kind, and each kind is as the RFCs have it.

use std::collections::{BTreeMap, BTreeSet};

use xmpp_stanza::arbitrary::{Stream, Unstructured};
use xmpp_stanza::{Stanza, StanzaCondition, StreamCondition, StreamError, StreamHeader};
use xmpp_xml::{Element, ElementRef, Item, Limits, Ns, RecvBuffer, StreamReader, ns};

use crate::decisions;

struct Made {
    stream: Stream,
    header: Element,
    elements: Vec<Element>,
}

impl Made {
    fn text(&self) -> &str {
        str::from_utf8(&self.stream.bytes).unwrap()
    }

    /// The header as it is written.
    fn start_tag(&self) -> &str {
        self.header.source()
    }

    /// The name in it, with its prefix.
    fn name(&self) -> &str {
        self.start_tag()[1..].split(char::is_whitespace).next().unwrap()
    }
}

fn made() -> Vec<Made> {
    let one = |seed| {
        let bytes = decisions(seed, 6000);
        let stream = Stream::good(&mut Unstructured::new(&bytes)).unwrap();
        let mut rx = RecvBuffer::new(1 << 20);
        rx.push(&stream.bytes);
        let mut reader = StreamReader::new(Limits::default());
        let (mut header, mut elements) = (None, Vec::new());
        while let Some(item) = reader.poll(&mut rx).unwrap() {
            match item {
                Item::Header(found) => header = Some(found.into_shared()),
                Item::Element(element) => elements.push(element.into_shared()),
                _ => {}
            }
        }
        assert_eq!(elements.len(), stream.elements);
        Made { stream, header: header.unwrap(), elements }
    };
    (1000..1250).map(one).collect()
}

/// How many of so many there are, at the least and at the most, in per cent.
#[track_caller]
fn about(count: usize, of: usize, least: usize, most: usize, what: &str) {
    let rate = count * 100 / of.max(1);
    assert!((least..=most).contains(&rate), "{what}: {count} of {of}");
}

#[track_caller]
fn some<'e>(
    all: &[ElementRef<'e>],
    least: usize,
    most: usize,
    what: &str,
    is: impl Fn(ElementRef<'e>) -> bool,
) {
    about(all.iter().filter(|element| is(**element)).count(), all.len(), least, most, what);
}

/// RFC 6120, 4.2, 4.7 and 4.8.
#[test]
fn headers() {
    let all = made();
    let headers: Vec<_> = all.iter().map(|made| made.header.as_ref()).collect();
    some(&headers, 100, 100, "the element", |header| header.is(ns::STREAM, "stream"));
    for (name, least, most) in
        [("to", 65, 85), ("from", 40, 60), ("id", 40, 60), ("version", 80, 95)]
    {
        some(&headers, least, most, name, |header| header.attr(name).is_some());
    }
    some(&headers, 40, 60, "xml:lang", |header| header.attr_ns(ns::XML, "lang").is_some());
    about(
        all.iter().filter(|made| made.text().starts_with("<?xml ")).count(),
        all.len(),
        58,
        75,
        "declarations",
    );
    for made in &all {
        assert_eq!(
            made.stream.usual_prefix,
            made.name() == "stream:stream",
            "{}",
            made.start_tag()
        );
    }
    let usual = all.iter().filter(|made| made.stream.usual_prefix).count();
    about(usual, all.len(), 80, 95, "the usual prefix");
    let names: BTreeSet<_> = all.iter().map(Made::name).collect();
    assert_eq!(names, ["stream:stream", "stream", "s:stream", "str-eam:stream"].into());
    for content in [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT] {
        let of: Vec<_> = all.iter().filter(|made| made.stream.content == content.uri()).collect();
        about(of.len(), all.len(), 17, 33, content.uri());
        // 4.8.2: declared by the header, or by each element where that declares none.
        let declared =
            |made: &&&Made| StreamHeader::parse(made.header.as_ref()).unwrap().content.is_some();
        about(of.iter().filter(declared).count(), of.len(), 70, 97, "declared by the header");
        // 4.8.5: the prefix of dialback is declared between servers alone.
        let dialback = of.iter().filter(|made| made.start_tag().contains("xmlns:db")).count();
        let (least, most) = if content == ns::SERVER { (35, 65) } else { (0, 0) };
        about(dialback, of.len(), least, most, "the prefix of dialback");
    }
}

/// Of each kind some, and what is for some kinds of streams alone only in those.
#[test]
fn first_level_elements() {
    let all = made();
    let mut kinds: BTreeMap<(String, String), usize> = BTreeMap::new();
    for made in &all {
        for (n, element) in made.elements.iter().enumerate() {
            let content = [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT]
                .into_iter()
                .any(|content| element.as_ref().has_ns(content));
            let ns = if content { "content" } else { element.ns() };
            assert!(!content || element.ns() == made.stream.content);
            *kinds.entry((ns.to_owned(), element.name().to_owned())).or_default() += 1;
            let is = |one: Ns<'_>| made.stream.content == one.uri();
            match (element.ns(), element.name()) {
                ("urn:xmpp:csi:0", _) => assert!(is(ns::CLIENT)),
                ("jabber:server:dialback", _) => assert!(is(ns::SERVER)),
                (_, "handshake") => assert!(is(ns::COMPONENT_ACCEPT) || is(ns::COMPONENT_CONNECT)),
                // 4.9.1.1: nothing but the end follows a stream error.
                (_, "error") => assert_eq!(n + 1, made.elements.len()),
                _ => {}
            }
        }
    }
    let total: usize = kinds.values().sum();
    for (ns, name, least, most) in [
        ("content", "message", 17, 33),
        ("content", "presence", 8, 20),
        ("content", "iq", 17, 33),
        ("http://etherx.jabber.org/streams", "features", 7, 15),
    ] {
        let key = (ns.to_owned(), name.to_owned());
        about(kinds[&key], total, least, most, name);
    }
    for (ns, names) in [
        (
            "urn:ietf:params:xml:ns:xmpp-sasl",
            &["auth", "challenge", "response", "success", "abort", "failure"][..],
        ),
        ("urn:xmpp:sm:3", &["enable", "enabled", "r", "a", "resume", "resumed", "failed"]),
        ("urn:ietf:params:xml:ns:xmpp-tls", &["starttls", "proceed", "failure"]),
        ("urn:xmpp:csi:0", &["active", "inactive"]),
        ("jabber:server:dialback", &["result", "verify"]),
        ("content", &["handshake"]),
        ("http://etherx.jabber.org/streams", &["error"]),
    ] {
        for name in names {
            let count = kinds.get(&(ns.to_owned(), (*name).to_owned())).copied().unwrap_or(0);
            assert!(count >= 5, "{name} of {ns}: {count}");
        }
    }
    // Nothing else.
    assert_eq!(kinds.len(), 3 + 2 + 6 + 7 + 3 + 2 + 2 + 1, "{kinds:?}");
    about(all.iter().filter(|made| made.elements.len() > 5).count(), all.len(), 50, 100, "several");
    assert!(all.iter().all(|made| made.elements.len() <= 41));
}

fn error_of(stanza: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let ns = stanza.ns();
    stanza.children().find(|child| child.name() == "error" && child.ns() == ns)
}

/// RFC 6120, 8.1 to 8.3; RFC 6121, 4.7 and 5.2.
#[test]
fn stanzas() {
    let all = made();
    let elements = || all.iter().flat_map(|made| &made.elements).map(Element::as_ref);
    let of = |name: &str, is_error: bool| -> Vec<ElementRef<'_>> {
        let stanza = |element: &ElementRef<'_>| {
            element.ns().starts_with("jabber:")
                && element.name() == name
                && (element.attr("type").as_deref() == Some("error")) == is_error
        };
        elements().filter(stanza).collect()
    };
    for kind in ["message", "presence", "iq"] {
        for is_error in [false, true] {
            let all = of(kind, is_error);
            assert!(all.len() > 20, "{kind}: {}", all.len());
            let clients: Vec<_> = all.iter().copied().filter(|e| e.has_ns(ns::CLIENT)).collect();
            let others: Vec<_> = all.iter().copied().filter(|e| !e.has_ns(ns::CLIENT)).collect();
            for address in ["to", "from"] {
                // 8.1.1.2 and 8.1.2.2: between servers both are there.
                some(&others, 100, 100, address, |stanza| stanza.attr(address).is_some());
                some(&clients, 30, 70, address, |stanza| stanza.attr(address).is_some());
            }
            let (least, most) = if kind == "iq" { (100, 100) } else { (35, 65) };
            some(&all, least, most, "id", |stanza| stanza.attr("id").is_some());
            some(&all, 12, 38, "xml:lang", |stanza| stanza.attr_ns(ns::XML, "lang").is_some());
            for stanza in &all {
                assert!(
                    Stanza::parse(*stanza).is_ok() || kind == "message" || kind == "presence",
                    "{}",
                    stanza.source()
                );
            }
        }
        let errors = of(kind, true);
        some(&errors, 100, 100, "<error/>", |stanza| error_of(stanza).is_some());
        some(&errors, 20, 50, "by", |stanza| error_of(stanza).unwrap().attr("by").is_some());
        some(&errors, 35, 65, "text", |stanza| {
            error_of(stanza).unwrap().child(ns::STANZAS_ERR, "text").is_some()
        });
        let own = Ns::new("urn:example:errors");
        some(&errors, 20, 50, "of its own", |stanza| {
            error_of(stanza).unwrap().child(own, "too-many-parameters").is_some()
        });
        some(&errors, 18, 50, "what was sent", |stanza| stanza.children().count() > 1);
    }
    let of_type = |all: &[ElementRef<'_>]| -> BTreeSet<Option<String>> {
        all.iter().map(|stanza| stanza.attr("type").map(|kind| kind.into_owned())).collect()
    };
    let types = |names: &[&str]| -> BTreeSet<Option<String>> {
        names.iter().map(|name| (*name != "").then(|| (*name).to_owned())).collect()
    };
    let messages = of("message", false);
    assert_eq!(
        of_type(&messages),
        types(&["", "chat", "normal", "groupchat", "headline", "unknown"])
    );
    let presences = of("presence", false);
    assert_eq!(
        of_type(&presences),
        types(&["", "unavailable", "subscribe", "subscribed", "unsubscribe", "probe"])
    );
    let iqs = of("iq", false);
    assert_eq!(of_type(&iqs), types(&["get", "set", "result"]));
    // 8.2.3: a request has one payload, a result one or none.
    for iq in &iqs {
        let count = iq.children().count();
        assert!(count == 1 || count == 0 && iq.attr("type").as_deref() == Some("result"));
        assert!(Stanza::parse(*iq).is_ok(), "{}", iq.source());
    }
    let results: Vec<_> =
        iqs.iter().copied().filter(|iq| iq.attr("type").as_deref() == Some("result")).collect();
    some(&results, 10, 30, "empty results", |iq| iq.children().count() == 0);
    for (payload, least, most) in [("ping", 5, 20), ("bind", 10, 30)] {
        some(&iqs, least, most, payload, |iq| iq.children().any(|child| child.name() == payload));
    }
    for (payload, least, most) in [(ns::ROSTER, 10, 30), (ns::DISCO_INFO, 10, 30)] {
        some(&iqs, least, most, payload.uri(), |iq| {
            iq.children().any(|child| child.has_ns(payload))
        });
    }
    some(&iqs, 10, 35, "unknown payloads", |iq| {
        iq.children().any(|child| child.ns().contains("example"))
    });
    let has = |stanza: ElementRef<'_>, name: &str| {
        stanza.children().any(|child| child.name() == name && child.ns() == stanza.ns())
    };
    for (name, least, most) in [("body", 30, 60), ("subject", 15, 40), ("thread", 15, 40)] {
        some(&messages, least, most, name, |message| has(message, name));
    }
    some(&messages, 15, 40, "payloads", |message| {
        message.children().any(|child| child.ns() != message.ns())
    });
    let bodies: Vec<_> = messages
        .iter()
        .flat_map(|message| message.children())
        .filter(|c| c.name() == "body")
        .collect();
    some(&bodies, 20, 50, "languages of bodies", |body| body.attr_ns(ns::XML, "lang").is_some());
    for name in ["show", "status", "priority"] {
        some(&presences, 38, 62, name, |presence| has(presence, name));
    }
    some(&presences, 38, 62, "capabilities", |presence| presence.child(ns::CAPS, "c").is_some());
    some(&presences, 38, 62, "payloads", |presence| {
        presence.children().any(|child| child.ns().contains("example"))
    });
}

/// Payloads that nobody knows: nested, with attributes, four levels deep and not deeper.
#[test]
fn unknown_payloads() {
    fn levels(element: ElementRef<'_>) -> usize {
        1 + element.children().map(levels).max().unwrap_or(0)
    }
    let all = made();
    let stanzas = || all.iter().flat_map(|made| &made.elements).map(Element::as_ref);
    let unknown = |ns: &str| {
        ["urn:example:a", "urn:example:b", "http://example.org/é?a=1&b='2'"].contains(&ns)
    };
    let payloads: Vec<_> = stanzas()
        .flat_map(|stanza| stanza.children().filter(|child| unknown(child.ns())))
        .collect();
    let deepest = |name: &str| {
        stanzas()
            .filter(|stanza| stanza.name() == name)
            .flat_map(|stanza| stanza.children().filter(|child| unknown(child.ns())))
            .map(levels)
            .max()
    };
    assert_eq!(
        (deepest("message"), deepest("presence"), deepest("iq")),
        (Some(4), Some(3), Some(5))
    );
    some(&payloads, 40, 60, "an attribute", |payload| payload.attr("value").is_some());
    some(&payloads, 55, 85, "something in it", |payload| payload.nodes().next().is_some());
    some(&payloads, 20, 60, "elements in it", |payload| payload.children().next().is_some());
    let deepest = stanzas().map(levels).max().unwrap();
    assert!((5..=10).contains(&deepest), "{deepest}");
}

/// RFC 6120, 4.3.2, 4.9 and 8.3.3: of features and conditions all.
#[test]
fn features_and_conditions() {
    let all = made();
    let elements = || all.iter().flat_map(|made| &made.elements).map(Element::as_ref);
    let features: Vec<_> =
        elements().filter(|element| element.is(ns::STREAM, "features")).collect();
    for name in ["starttls", "mechanisms", "bind", "sm", "csi", "ver", "session"] {
        some(&features, 38, 62, name, |features| {
            features.children().any(|child| child.name() == name)
        });
    }
    let tls: Vec<_> =
        features.iter().filter_map(|features| features.child(ns::TLS, "starttls")).collect();
    some(&tls, 38, 62, "required", |tls| tls.child(ns::TLS, "required").is_some());
    let errors: Vec<_> = elements().filter(|element| element.is(ns::STREAM, "error")).collect();
    about(errors.len(), all.len(), 17, 33, "stream errors");
    let mut conditions = BTreeSet::new();
    for error in &errors {
        let error = StreamError::parse(*error).unwrap();
        conditions.insert(error.condition.as_str());
        let is_other = error.condition == StreamCondition::SeeOtherHost;
        assert_eq!(error.other_host().map(|host| host.is_some()), Ok(is_other));
        assert!(error.extensions.is_empty());
    }
    assert!(conditions.len() > 15, "{conditions:?}");
    some(&errors, 35, 65, "texts", |error| error.child(ns::STREAMS_ERR, "text").is_some());
    let conditions: BTreeSet<_> = elements()
        .flat_map(|stanza| stanza.children())
        .filter(|child| child.name() == "error")
        .flat_map(|error| error.children().next())
        .map(|condition| condition.name())
        .collect();
    assert_eq!(conditions.len(), StanzaCondition::ALL.len(), "{conditions:?}");
}

/// RFC 6120, 5.3.3 and 6.3.5: no white space next to what belongs to the negotiation of TLS and
/// SASL; 4.6.1: elsewhere there may be some.
#[test]
fn white_space_between_elements() {
    let (mut spaces, mut places) = (BTreeMap::new(), 0);
    for made in made() {
        let mut rest =
            &made.text()[made.text().find(made.start_tag()).unwrap() + made.start_tag().len()..];
        let mut was_negotiation = false;
        let ends = made.elements.iter().map(Some).chain([None]);
        for element in ends {
            let trimmed = rest.trim_start();
            let space = &rest[..rest.len() - trimmed.len()];
            let is_negotiation = element.is_some_and(|element| {
                [ns::TLS, ns::SASL].into_iter().any(|ns| element.as_ref().has_ns(ns))
            });
            if is_negotiation || was_negotiation {
                assert_eq!(space, "", "…{rest}");
            } else if element.is_some_and(|element| !element.is(ns::STREAM, "error")) {
                places += 1;
                *spaces.entry(space.to_owned()).or_insert(0_usize) += 1;
            }
            was_negotiation = is_negotiation;
            let Some(element) = element else {
                assert!(trimmed.starts_with("</") && trimmed.ends_with('>'), "{trimmed}");
                break;
            };
            let source = element.as_ref().source().to_owned();
            rest = trimmed
                .strip_prefix(source.as_str())
                .unwrap_or_else(|| panic!("{source}\n{trimmed}"));
        }
    }
    about(places - spaces[""], places, 18, 32, "white space");
    let kinds: Vec<&str> = spaces.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["", "\n", "\r\n", " ", " \t "]);
}

/// XML 1.0: the many ways to write the same.
#[test]
fn ways_to_write_the_same() {
    let all = made();
    let text: String = all.iter().map(Made::text).collect();
    let count = |pattern: &str| text.matches(pattern).count();
    for (pattern, least) in [
        // References by name, in capitals, with zeros.
        ("&amp;", 20),
        ("&lt;", 20),
        ("&gt;", 20),
        ("&apos;", 5),
        ("&quot;", 5),
        ("&#x26;", 3),
        ("&#x00026;", 3),
        ("&#x3C;", 3),
        ("&#x0003c;", 3),
        ("<![CDATA[", 20),
        ("]]]]><![CDATA[>", 1),
        // Quotes, white space, empty elements, the order of attributes.
        ("=\"", 500),
        ("='", 500),
        (" =", 20),
        ("= ", 20),
        ("\t", 20),
        ("\r\n  ", 5),
        (" \n\t", 5),
        ("/>", 200),
        ("></", 50),
        (" />", 20),
        (" >", 20),
        ("xmlns:unused", 50),
        ("other:attribute", 50),
        ("xmlns:other", 50),
    ] {
        assert!(count(pattern) >= least, "{pattern:?}: {}", count(pattern));
    }
    for prefix in ["p", "x", "a-b.c", "_", "é", "ns1", "stanza"] {
        assert!(
            count(&format!("xmlns:{prefix}=")) > 3 && count(&format!("</{prefix}:")) > 3,
            "{prefix}"
        );
        assert!(count(&format!("<{prefix}:")) >= count(&format!("</{prefix}:")), "{prefix}");
    }
    let closing = text.split("</").skip(1).map(|tag| &tag[..=tag.find('>').unwrap()]);
    let (spaced, closing) =
        (closing.clone().filter(|tag| tag.contains(char::is_whitespace)).count(), closing.count());
    about(spaced, closing, 3, 10, "closing tags with white space");
    about(count("=\""), count("=\"") + count("='"), 35, 65, "double quotes");
    about(count("<![CDATA["), count("<![CDATA[") + count("</body"), 5, 60, "CDATA sections");
    // By number: in either base, of characters that have no name too.
    let numbers: Vec<&str> = text.split("&#").skip(1).collect();
    let decimal = numbers.iter().filter(|number| number.starts_with(|c: char| c.is_ascii_digit()));
    about(decimal.count(), numbers.len(), 15, 35, "decimal references");
    let zeros = numbers.iter().filter(|number| number.starts_with("x000")).count();
    about(zeros, numbers.len(), 20, 45, "references with zeros");
    // Not everything is written in the rare way.
    about(count("&#"), text.len(), 0, 2, "references by number");
    // 4.8.5: what is in a content namespace has no prefix.
    for prefix in ["p", "x", "a-b.c", "_", "é", "ns1", "stanza"] {
        for name in ["message", "presence", "iq", "body", "show"] {
            assert_eq!(count(&format!("<{prefix}:{name}")), 0);
        }
    }
    // The texts are all there, and so are the languages.
    let mut texts = BTreeSet::new();
    for stanza in all.iter().flat_map(|made| &made.elements).filter(|e| e.name() == "message") {
        texts.extend(
            stanza
                .children()
                .filter(|child| child.name() == "body")
                .map(|body| body.text().into_owned()),
        );
    }
    assert_eq!(texts.len(), 9, "{texts:?}");
}
