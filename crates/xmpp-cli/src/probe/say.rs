//! What is found, for people.

use serde_json::Value;

use crate::out::escaped;

/// One finding, in one or more lines.
pub(super) fn lines(finding: &Value) -> String {
    let lines = match text(&finding["kind"]) {
        "srv" => srv(finding),
        "places" => places(finding),
        "addresses" => addresses(finding),
        "visit" => visit(finding),
        _ => result(finding),
    };
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn joined(value: &Value) -> String {
    let words: Vec<&str> = list(value).iter().map(text).collect();
    if words.is_empty() { "none".into() } else { words.join(", ") }
}

/// That there are more than are shown.
fn more(value: &Value) -> String {
    match value.as_u64() {
        None | Some(0) => String::new(),
        Some(more) => format!(" and {more} more"),
    }
}

fn srv(finding: &Value) -> Vec<String> {
    let name = text(&finding["name"]);
    if let Some(error) = finding["error"].as_str() {
        return vec![format!("SRV {name} not answered: {error}")];
    }
    let records = list(&finding["records"]);
    if records.is_empty() {
        return vec![format!("SRV {name} no records")];
    }
    let record = |record: &Value| {
        let (target, port) = (text(&record["target"]), &record["port"]);
        let (priority, weight) = (&record["priority"], &record["weight"]);
        format!("SRV {name} {priority} {weight} {port} {target}")
    };
    let mut lines: Vec<String> = records.iter().map(record).collect();
    if let Some(last) = lines.last_mut() {
        last.push_str(&more(&finding["more"]));
    }
    lines
}

fn places(finding: &Value) -> Vec<String> {
    let service = text(&finding["service"]);
    if let Some(why) = finding["why"].as_str() {
        return vec![format!("{service}: no places: {why}")];
    }
    let place = |place: &Value| {
        format!("{}:{} ({})", text(&place["host"]), place["port"], text(&place["tls"]))
    };
    let places: Vec<String> = list(&finding["places"]).iter().map(place).collect();
    let whence = if finding["from"] == "srv" { "" } else { ", the domain itself" };
    vec![format!("{service}: to try, in this order{whence}: {}", places.join(", "))]
}

fn addresses(finding: &Value) -> Vec<String> {
    let (record, name) = (text(&finding["record"]), text(&finding["name"]));
    if let Some(error) = finding["error"].as_str() {
        return vec![format!("{record} {name} not answered: {error}")];
    }
    let address = |one: &Value| {
        let note = if one["public"] == true { "" } else { " (not public)" };
        format!("{}{note}", text(&one["address"]))
    };
    let all: Vec<String> = list(&finding["addresses"]).iter().map(address).collect();
    let all = if all.is_empty() { "no records".to_owned() } else { all.join(", ") };
    vec![format!("{record} {name} {all}")]
}

fn visit(finding: &Value) -> Vec<String> {
    let (place, address) = (text(&finding["place"]), text(&finding["address"]));
    let mut lines = vec![format!(
        "{} at {place} ({address}), {}",
        text(&finding["service"]),
        text(&finding["tls"])
    )];
    if let Some(ms) = finding["connected_ms"].as_f64() {
        lines.push(format!("  connected in {ms:.1} ms"));
    }
    lines.extend(features("before TLS", &finding["before_tls"]));
    let tls = &finding["handshake"];
    if tls.is_object() {
        let alpn = tls["alpn"].as_str().unwrap_or("none");
        lines.push(format!(
            "  TLS: {}, {}, ALPN {alpn}",
            text(&tls["version"]),
            text(&tls["cipher"])
        ));
    }
    let certificate = &finding["certificate"];
    if certificate.is_object() {
        let (from, until) = (text(&certificate["not_before"]), text(&certificate["not_after"]));
        let names = joined(&certificate["identities"]);
        lines.push(format!("  certificate: {names}{}", more(&certificate["more"])));
        lines.push(format!("    from {from} until {until}, by {}", text(&certificate["issuer"])));
        for problem in ["chain", "name"] {
            if let Some(problem) = certificate[problem].as_str() {
                lines.push(format!("    not trusted: {problem}"));
            }
        }
        if certificate["trusted"] == true {
            lines.push("    trusted for the domain".into());
        }
    }
    lines.extend(features("after TLS", &finding["after_tls"]));
    let why = finding["why"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
    lines.push(format!("  {}{why}", text(&finding["verdict"])));
    lines
}

fn features(when: &str, offered: &Value) -> Vec<String> {
    if !offered.is_object() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "  features {when}: {}{}",
        joined(&offered["features"]),
        more(&offered["more"])
    )];
    for (label, key) in [("SASL", "mechanisms"), ("SASL2", "sasl2_mechanisms")] {
        if !list(&offered[key]).is_empty() {
            lines.push(format!("    {label}: {}", joined(&offered[key])));
        }
    }
    lines
}

fn result(finding: &Value) -> Vec<String> {
    let (service, domain) = (text(&finding["service"]), text(&finding["domain"]));
    match finding["place"].as_str() {
        Some(place) => {
            let address = text(&finding["address"]);
            vec![format!("{domain}: the {service} service is at {place} ({address})")]
        }
        None => vec![format!("{domain}: no {service} service: {}", text(&finding["why"]))],
    }
}
