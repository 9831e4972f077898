//! URIs and IRIs (RFC 5122), character by character and piece by piece.

use xmpp_jid::{BareJid, Jid, Query, UriError, XmppUri};

const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn jid() -> Jid {
    "a@b".parse().unwrap()
}

/// RFC 5122 §2.2, RFC 3986 §2.3, §3.4 and §3.5: what stands in each component as
/// it is.
#[test]
fn each_ascii_character_in_each_component() {
    for (before, after, marks) in [
        // nodeid
        ("xmpp:x", "x@b", "-._~!$()*+,;="),
        // resid
        ("xmpp:a@b/x", "x", "-._~!$&'()*+,:;="),
        // host
        ("xmpp:a@x", "x", "-._~"),
        // query: more than RFC 5122 has, which is common
        ("xmpp:a@b?x", "x", "-._~!$&'()*+,:=/?@"),
        ("xmpp:a@b?q;x", "x=y", "-._~!$&'()*+,:/?@="),
        ("xmpp:a@b?q;k=x", "x", "-._~!$&'()*+,:=/?@"),
        // fragment
        ("xmpp:a@b#x", "x", "-._~!$&'()*+,:;=/?@"),
    ] {
        for c in (0..128).map(char::from) {
            // They end the component.
            if before.starts_with("xmpp:a@x") && "/?#".contains(c)
                || before.ends_with("/x") && "?#".contains(c)
                || before == "xmpp:x" && "/?#@".contains(c)
                || before.contains('?') && "#;".contains(c)
            {
                continue;
            }
            let text = format!("{before}{c}{after}");
            let refused = matches!(
                XmppUri::new(&text),
                Err(UriError::Character(at)) if at == before.len()
            );
            let stands = ALPHANUMERIC.contains(c) || marks.contains(c);
            // `%` begins an octet.
            assert_eq!(refused, !stands && c != '%', "{text:?}");
            if c == '%' {
                assert_eq!(XmppUri::new(&text), Err(UriError::Percent(before.len())), "{text}");
            }
        }
    }
}

/// What is written is what the grammar of RFC 5122 has, and it comes back.
#[test]
fn each_ascii_character_is_written_as_it_is_or_encoded() {
    for c in (0..128).map(char::from) {
        let encoded = |marks: &str| match c {
            c if ALPHANUMERIC.contains(c) || marks.contains(c) => c.to_string(),
            c => format!("%{:02X}", c as u32),
        };
        let value = format!("x{c}x");
        let uri = XmppUri::of(jid())
            .with_query(Query::new(&value).with(&value, &value))
            .with_fragment(&value);
        let (plain, fragment) = (encoded("-._~"), encoded("-._~!$&'()*+,:;=/?@"));
        assert_eq!(uri.to_uri(), format!("xmpp:a@b?x{plain}x;x{plain}x=x{plain}x#x{fragment}x"));
        assert_eq!(uri.to_iri(), uri.to_uri());
        assert_eq!(uri.to_string(), uri.to_uri());
        assert_eq!(uri.to_uri().parse(), Ok(uri));
        let part = |text: String| Jid::new(&text).ok().filter(|jid| jid.as_str() == text);
        if let Some(jid) = part(format!("x{c}x@b")).filter(|jid| jid.localpart().is_some()) {
            let local = encoded("-._~!$()*+,;=");
            assert_eq!(XmppUri::of(jid).to_uri(), format!("xmpp:x{local}x@b"));
        }
        if let Some(jid) = part(format!("b/x{c}x")) {
            let resource = encoded("-._~!$&'()*+,:;=");
            assert_eq!(XmppUri::of(jid).to_uri(), format!("xmpp:b/x{resource}x"));
        }
    }
}

/// RFC 3987 §2.2, `ucschar`: what an IRI has as it is, and nothing else.
#[test]
fn an_iri_has_the_characters_of_rfc_3987() {
    let mut ranges = vec![(0xA0, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFEF)];
    ranges.extend((1..=0xD).map(|plane| (plane << 16, plane << 16 | 0xFFFD)));
    ranges.push((0xE_1000, 0xE_FFFD));
    let has = |c: u32| ranges.iter().any(|&(first, last)| (first..=last).contains(&c));
    let mut edges =
        vec![0x80, 0x9F, 0xE000, 0xF8FF, 0xFFFF, 0xE_0000, 0xE_0FFF, 0xF_0000, 0x10_FFFF];
    for &(first, last) in &ranges {
        edges.extend([first - 1, first, last, last + 1]);
    }
    for c in edges.into_iter().filter_map(char::from_u32).filter(|c| !c.is_ascii()) {
        let text = c.to_string();
        let uri = XmppUri::of(jid()).with_fragment(&text);
        let octets: String = text.bytes().map(|octet| format!("%{octet:02X}")).collect();
        assert_eq!(uri.to_uri(), format!("xmpp:a@b#{octets}"));
        let iri = if has(c as u32) { &text } else { &octets };
        assert_eq!(uri.to_iri(), format!("xmpp:a@b#{iri}"), "U+{:04X}", c as u32);
        assert_eq!(XmppUri::new(&uri.to_uri()).unwrap().fragment(), Some(&*text));
        assert_eq!(XmppUri::new(&uri.to_iri()).unwrap().fragment(), Some(&*text));
    }
}

/// RFC 5122 §2.2 to §2.6
#[test]
fn all_of_a_uri_is_read_and_written() {
    let text =
        "xmpp://guest@example.com/support@example.com/x?message;subject=Hi;body=a%3Bb;body=#f";
    let uri = XmppUri::new(text).unwrap();
    let account = BareJid::new("guest@example.com").unwrap();
    let support = Jid::new("support@example.com/x").unwrap();
    assert_eq!((uri.authority(), uri.jid()), (Some(&account), Some(&support)));
    let query = uri.query().unwrap();
    assert_eq!(query.kind(), "message");
    let pairs: Vec<_> = query.pairs().collect();
    assert_eq!(pairs, [("subject", "Hi"), ("body", "a;b"), ("body", "")]);
    assert_eq!((query.value("body"), query.value("Body")), (Some("a;b"), None));
    assert_eq!(uri.fragment(), Some("f"));
    assert_eq!(uri.to_uri(), text);
    let query = Query::new("message").with("subject", "Hi").with("body", "a;b").with("body", "");
    let (guest, domain) = (account.localpart().unwrap(), account.domainpart());
    assert_eq!(XmppUri::of_authority(guest, domain).to_uri(), "xmpp://guest@example.com");
    let built = XmppUri::of(support).with_authority(guest, domain);
    let built = built.with_query(query).with_fragment("f");
    assert_eq!(built, uri);
    // Each piece may be missing but the address.
    for text in [
        "xmpp:b",
        "xmpp:b?",
        "xmpp:b#",
        "xmpp:a@b/c?q#",
        "xmpp://a@b",
        "xmpp://a@b?q",
        "xmpp://a@b#f",
        "xmpp://a@b/c",
        "xmpp:[::1]",
        "xmpp://a@[fe80::1%25eth0]/[::1]/r",
    ] {
        let uri = XmppUri::new(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(uri.to_uri(), text);
    }
    assert_eq!(XmppUri::new("xmpp://a@b/").unwrap().to_uri(), "xmpp://a@b");
    // RFC 3986 §3.1, §6.2.2: schemes and hexadecimal digits in capitals or not.
    assert_eq!(XmppUri::new("XMPP:a%c3%A9@b").unwrap().to_iri(), "xmpp:aé@b");
}

/// Positions are those in the text, wherever what is wrong stands.
#[test]
fn errors_say_where_in_the_text() {
    for (text, error) in [
        ("xmpp://a b@c", UriError::Character(8)),
        ("xmpp://a@c c", UriError::Character(10)),
        ("xmpp://a@b/c d", UriError::Character(12)),
        ("xmpp:a@b/c d", UriError::Character(10)),
        ("xmpp:b?q q", UriError::Character(8)),
        ("xmpp:b?q;k k=v", UriError::Character(10)),
        ("xmpp:b?q;k=v;l=v v", UriError::Character(16)),
        ("xmpp:b#f f", UriError::Character(8)),
        ("xmpp:b#f%", UriError::Percent(8)),
        ("xmpp:b#%4", UriError::Percent(7)),
        ("xmpp:b#ff%G0", UriError::Percent(9)),
        ("xmpp:b#f%0g", UriError::Percent(8)),
        ("xmpp:b#f%80", UriError::Percent(7)),
        ("xmpp:b?q;k=v;;", UriError::Pair(13)),
        ("xmpp:b?q;", UriError::Pair(9)),
    ] {
        assert_eq!(XmppUri::new(text), Err(error), "{text}");
    }
}
