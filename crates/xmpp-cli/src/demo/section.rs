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
    element.has_ns(ns::SASL)
        && matches!(element.name(), "auth" | "challenge" | "response" | "success")
}
