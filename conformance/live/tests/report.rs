//! The report as a page: what a hostile peer sent must not become a part of it.

use core::fmt::Write as _;

use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use xmpp_conformance::report::{self, Run};

const TEMPLATE: &str = include_str!("../templates/report.html");

/// Whatever is of a peer in a record is this, and what breaks out of an attribute.
const HOSTILE: &str = "</pre></script><script>alert(1)</script>\" onclick=\"alert(2)\" x=' onload='alert(3)<!--\u{202E}\u{0}&lt;";

fn record(text: &str) -> String {
    serde_json::json!({
        "id": text, "rfc": text, "section": text, "level": "must", "verdict": "failed",
        "title": text, "sentence": text, "requirements": [text], "reason": text,
        "duration_ms": 1, "sent": text, "received": text,
        "transcript": [
            {"at": 1, "who": text, "direction": "sent", "bytes": text, "marked": true},
            {"at": 2, "who": text, "direction": "received", "marked": false,
             "bytes": {"base64": base64::prelude::BASE64_STANDARD.encode([text.as_bytes(), b"\xFF"].concat())}},
            {"at": 3, "who": text, "direction": "note", "bytes": text, "marked": false},
        ],
    })
    .to_string()
}

fn about(text: &str) -> String {
    serde_json::json!({"run": {
        "half": text, "name": text, "target": text, "domain": text, "suite": text,
        "began": text, "cases": 1,
    }})
    .to_string()
}

fn page(text: &str) -> String {
    let mut run = Run::read(&format!("{}\n{}", about(text), record(text))).unwrap();
    let other = run.clone();
    run.label = text.into();
    report::html(&[run, other])
}

/// Tags and attributes of a page, without any of its text.
fn skeleton(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..];
        let mut quoted = None;
        let end = tag
            .find(|c| {
                match (quoted, c) {
                    (None, '"' | '\'') => quoted = Some(c),
                    (Some(quote), c) if quote == c => quoted = None,
                    _ => {}
                }
                quoted.is_none() && c == '>'
            })
            .unwrap();
        let mut inside = None;
        for c in tag[..end].chars() {
            match inside {
                Some(quote) if c != quote => continue,
                Some(_) => inside = None,
                None if c == '"' => inside = Some(c),
                None => {}
            }
            out.push(c);
        }
        writeln!(out).unwrap();
        rest = &tag[end..];
    }
    out
}

#[test]
fn what_a_peer_sent_makes_no_tag_and_no_attribute() {
    // But for what is spelled out.
    let hostile = skeleton(&page(HOSTILE)).replace("<span class=\"\"\n</span\n", "");
    let plain = skeleton(&page("plain text")).replace("<span class=\"\"\n</span\n", "");
    assert_eq!(hostile, plain);
}

#[test]
fn nothing_hides_itself() {
    let page = page(HOSTILE);
    assert!(!page.contains(['\0', '\u{202E}']));
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(page.contains("<span class=\"spelled\">NUL</span>") && page.contains("\\xFF"));
}

#[test]
fn the_template_exempts_nothing_from_escaping() {
    for way in ["safe", "escape", "|e(", "|e ", "autoescape", "raw"] {
        assert!(!TEMPLATE.contains(way), "{way}");
    }
    // A value stands in text or in an attribute with quotes.
    for (at, _) in TEMPLATE.match_indices("{{") {
        let before = &TEMPLATE[..at];
        let Some(start) = before.rfind('<') else { continue };
        let tag = &before[start..];
        assert!(tag.contains('>') || tag.matches('"').count() % 2 == 1, "{tag}");
    }
}

/// The policy names the page's style and its script, and lets nothing else in.
#[test]
fn the_policy_lets_only_the_pages_own_script_run() {
    let page = page(HOSTILE);
    let policy = page
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(policy.starts_with("default-src 'none';"));
    assert!(!policy.contains("unsafe") && !policy.contains("http"));
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let body = page.split(&open).nth(1).unwrap().split(&close).next().unwrap();
        assert!(body.len() > 100 && page.matches(&open).count() == 1);
        let hash = base64::prelude::BASE64_STANDARD.encode(Sha256::digest(body));
        // Askama writes the signs of base64 as references; the browser reads them.
        let policy = policy.replace("&#43;", "+").replace("&#47;", "/").replace("&#61;", "=");
        assert!(policy.contains(&format!("{directive} 'sha256-{hash}'")), "{policy}");
    }
}

/// Nothing is loaded: the only addresses are those that a reader may follow.
#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = page("6120");
    for way in ["src=", "@import", "url(", "<link", "<img", "<iframe", "<object", "fetch("] {
        assert!(!page.contains(way), "{way}");
    }
}

/// One page serves those who cannot see it, or have no script.
#[test]
fn tables_have_captions_and_scopes_and_the_count_is_told() {
    let page = page("6120");
    let tables = page.matches("<table").count();
    assert_eq!(page.matches("<caption").count() + 1, tables, "the runs are named by their heading");
    for cell in page.split("<th").skip(1).filter(|cell| !cell.starts_with("ead")) {
        assert!(cell[..cell.find('>').unwrap()].contains("scope="), "{cell}");
    }
    assert!(page.contains("role=\"status\" aria-live=\"polite\""));
    assert!(page.contains("<form class=\"filters\" id=\"filters\" hidden>"));
    assert!(page.contains("lang=\"en\""));
}
