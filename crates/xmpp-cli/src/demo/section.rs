//! Which section of which RFC an element belongs to, for people who read along.

use xmpp_core::xml::{ElementRef, ns};

/// A few words and the section.
pub(super) fn of(element: ElementRef<'_>) -> (&'static str, &'static str) {
    if element.has_ns(ns::STREAM) {
        return match element.name() {
            "stream" => ("stream header", "RFC 6120 §4.7"),
            "features" => ("stream features", "RFC 6120 §4.3.2"),
            _ => ("stream error", "RFC 6120 §4.9"),
        };
    }
    if element.has_ns(ns::TLS) {
        return ("STARTTLS", "RFC 6120 §5.4");
    }
    if element.has_ns(ns::SASL) {
        return match element.name() {
            "auth" => ("SASL: mechanism and initial response", "RFC 6120 §6.4.2"),
            "challenge" => ("SASL: challenge", "RFC 6120 §6.4.3"),
            "response" => ("SASL: response", "RFC 6120 §6.4.3"),
            "success" => ("SASL: success, with the server's proof", "RFC 6120 §6.4.6"),
            _ => ("SASL: failure", "RFC 6120 §6.5"),
        };
    }
    if element.has_ns(ns::SASL2) {
        return match element.name() {
            "authenticate" => ("SASL2: mechanism, and a resource with it", "XEP-0388, XEP-0386"),
            "challenge" => ("SASL2: challenge", "XEP-0388"),
            "response" => ("SASL2: response", "XEP-0388"),
            "success" => ("SASL2: success, with the server's proof and the address", "XEP-0388"),
            _ => ("SASL2: failure or task", "XEP-0388"),
        };
    }
    let kind = element.attr("type");
    let kind = kind.as_deref();
    match element.name() {
        "message" => ("message", "RFC 6121 §5"),
        "presence" => match kind {
            None => ("presence: available", "RFC 6121 §4.2"),
            Some("unavailable") => ("presence: unavailable", "RFC 6121 §4.5"),
            Some("probe") => ("presence: probe", "RFC 6121 §4.3"),
            Some(_) => ("subscription", "RFC 6121 §3.1"),
        },
        _ => {
            let payload = element.children().next().map_or("", |payload| payload.ns());
            if payload == ns::BIND.uri() {
                ("resource binding", "RFC 6120 §7")
            } else if payload == ns::ROSTER.uri() {
                match kind {
                    Some("set") => ("roster set or push", "RFC 6121 §2.1.6"),
                    _ => ("roster", "RFC 6121 §2.1.3"),
                }
            } else {
                ("iq", "RFC 6120 §8.2.3")
            }
        }
    }
}

/// Whether the element's text is a secret, or could be.
pub(super) fn is_secret(element: ElementRef<'_>) -> bool {
    (element.has_ns(ns::SASL) || element.has_ns(ns::SASL2))
        && matches!(element.name(), "auth" | "challenge" | "response" | "success")
        // What SASL2 has in it is told apart.
        && element.children().next().is_none()
}

/// The children of SASL2's elements whose text is a secret.
pub(super) const SECRETS: [&str; 3] = ["initial-response", "additional-data", "task-data"];

/// Whether the element is one of SASL2's that has a token in it.
pub(super) fn has_token(element: ElementRef<'_>) -> bool {
    element.has_ns(ns::SASL2) && element.children().any(|child| child.is(ns::FAST, "token"))
}
