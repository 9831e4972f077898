//! `im:` and `pres:` URIs (RFC 3860 and RFC 3859, appendices A; RFC 3922 §3),
//! character by character.

use xmpp_cpim::{Escaping, Scheme, Uri, UriErrorKind};
use xmpp_jid::BareJid;

const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn error(text: &str) -> (UriErrorKind, usize) {
    let error = Uri::parse(text).and_then(|uri| uri.to_jid(Escaping::Rfc3922)).expect_err(text);
    (error.kind, error.at)
}

/// RFC 3986 §2: what can stand in a URI, `%` aside; and where an `@`, a `/` or a
/// `?` can.
#[test]
fn each_character_where_it_can_stand() {
    for c in (0..128).map(char::from).chain(['\u{80}', '\u{e4}']) {
        let stands = ALPHANUMERIC.contains(c) || "-._~:/?[]@!$&'()*+,;=".contains(c);
        for (before, after, never) in
            [("im:x", "x@b", "@"), ("pres:a@x", "x", "@/?"), ("im:a@b?x", "x", "")]
        {
            let text = format!("{before}{c}{after}");
            let parsed = Uri::parse(&text);
            if never.contains(c) || c == '%' {
                continue;
            }
            assert_eq!(parsed.is_ok(), stands, "{text:?}");
            if let Err(error) = parsed {
                assert_eq!((error.kind, error.at), (UriErrorKind::Character, before.len()));
            }
        }
    }
}

/// RFC 3922 §3.2, step 4, and `?`, which a reader of RFC 3860 takes for the
/// start of headers.
#[test]
fn each_character_of_a_localpart_is_written_as_it_is_or_encoded() {
    for c in ('!'..='~').chain(['\u{e4}', '\u{4e2d}']) {
        let Ok(jid) = BareJid::new(&format!("a{c}b@example.com")) else { continue };
        if jid.as_str() != format!("a{c}b@example.com") {
            continue;
        }
        let uri = Uri::from_jid(Scheme::Im, jid.as_ref(), Escaping::Rfc3922).unwrap();
        let encoded = match c {
            c if ALPHANUMERIC.contains(c) || "!$*._~+=".contains(c) => c.to_string(),
            c => c.to_string().bytes().map(|octet| format!("%{octet:02X}")).collect(),
        };
        assert_eq!(uri.to_string(), format!("im:a{encoded}b@example.com"));
        assert_eq!(uri.to_jid(Escaping::Rfc3922), Ok(jid));
    }
}

#[test]
fn a_uri_has_its_pieces() {
    let text = "PRES:a%2Fb@Example.com?subject=Hi&body=x";
    let uri = Uri::parse(text).unwrap();
    let owned = uri.clone().into_owned();
    for uri in [uri, owned] {
        assert_eq!(uri.scheme(), Scheme::Pres);
        assert_eq!((uri.local(), uri.domain()), ("a%2Fb", "Example.com"));
        assert_eq!(uri.headers(), Some("subject=Hi&body=x"));
        assert_eq!(uri.to_string(), text.replace("PRES", "pres"));
        let other = uri.with_scheme(Scheme::Im);
        assert_eq!(other.to_string(), text.replace("PRES", "im"));
        assert_eq!(other.to_jid(Escaping::Rfc3922).unwrap(), "a#2f;b@example.com");
    }
    assert_eq!(Uri::parse("im:a@b").unwrap().headers(), None);
    assert_eq!(Uri::parse("im:a@b?").unwrap().headers(), Some(""));
    assert_eq!((Scheme::Im.as_str(), Scheme::Pres.as_str()), ("im:", "pres:"));
}

/// Positions count from the start of the URI.
#[test]
fn what_is_no_uri_or_no_address_says_where() {
    use UriErrorKind::{
        Character, EmptyDomain, EmptyLocalpart, NoAddress, NoSpelling, NotUtf8, Nul,
        PercentEncoding,
    };
    for (text, expected) in [
        ("", (UriErrorKind::Scheme, 0)),
        ("im", (UriErrorKind::Scheme, 0)),
        ("imp:a@b", (UriErrorKind::Scheme, 0)),
        ("im:", (NoAddress, 3)),
        ("pres:?x@y", (NoAddress, 5)),
        ("pres:ab", (NoAddress, 7)),
        ("im:@b", (EmptyLocalpart, 3)),
        ("pres:@b", (EmptyLocalpart, 5)),
        ("pres:ab@", (EmptyDomain, 8)),
        ("pres:ab@?x", (EmptyDomain, 8)),
        ("pres:ab@c@d", (Character, 9)),
        ("pres:ab@c/d", (Character, 9)),
        ("pres:ab@c%41", (Character, 9)),
        ("pres:a%", (PercentEncoding, 6)),
        ("pres:a%4", (PercentEncoding, 6)),
        ("pres:a%4@b", (PercentEncoding, 6)),
        ("pres:a%g4@b", (PercentEncoding, 6)),
        ("pres:a%4g@b", (PercentEncoding, 6)),
        ("pres:a@b?x%", (PercentEncoding, 10)),
        ("pres:a%41%00@b", (Nul, 9)),
        ("pres:a%41%ff@b", (NotUtf8, 6)),
        ("pres:a%3a@b", (NoSpelling(':'), 5)),
        ("pres:a%22@b", (NoSpelling('"'), 5)),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
    // What RFC 7622 says, in the part in which it says so.
    let (kind, at) = error("pres:a%01@b");
    assert!(matches!(kind, UriErrorKind::Jid(error) if error.part().as_str() == "local"));
    assert_eq!(at, 5);
    let (kind, at) = error("pres:ab@c_d");
    assert!(matches!(kind, UriErrorKind::Jid(error) if error.part().as_str() == "domain"));
    assert_eq!(at, 8);
    let jid = BareJid::new("example.com").unwrap();
    let none = Uri::from_jid(Scheme::Im, jid.as_ref(), Escaping::Rfc3922).unwrap_err();
    assert_eq!((none.kind, none.at), (EmptyLocalpart, 0));
}

/// RFC 3922 §3.1 and §3.3, step 5; XEP-0106
#[test]
fn what_a_localpart_cannot_have_is_spelled() {
    for (encoded, rfc3922, xep0106) in [
        ("%26", Some("#26;"), r"\26"),
        ("%27", Some("#27;"), r"\27"),
        ("'", Some("#27;"), r"\27"),
        ("%2F", Some("#2f;"), r"\2f"),
        ("/", Some("#2f;"), r"\2f"),
        ("%2F%26/", Some("#2f;#26;#2f;"), r"\2f\26\2f"),
        ("%23", Some("#"), "#"),
        ("%232", Some("#2"), "#2"),
        ("%2326", Some("#26"), "#26"),
        ("%2328;", Some("#28;"), "#28;"),
        ("%22", None, r"\22"),
        ("%3C", None, r"\3c"),
        ("%3E", None, r"\3e"),
        ("%40", None, r"\40"),
        ("%3A", None, r"\3a"),
        ("%20", None, r"\20"),
    ] {
        let uri = format!("im:a{encoded}b@c");
        let uri = Uri::parse(&uri).unwrap();
        let by = |escaping| uri.to_jid(escaping).ok().map(String::from);
        assert_eq!(by(Escaping::Rfc3922), rfc3922.map(|spelled| format!("a{spelled}b@c")));
        assert_eq!(by(Escaping::Xep0106), Some(format!("a{xep0106}b@c")));
        for escaping in [Escaping::Rfc3922, Escaping::Xep0106] {
            let Ok(jid) = uri.to_jid(escaping) else { continue };
            let back = Uri::from_jid(Scheme::Im, jid.as_ref(), escaping).unwrap();
            assert_eq!(back.to_jid(escaping), Ok(jid), "{encoded}");
        }
    }
}
