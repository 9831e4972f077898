//! Answers for people, made of the JSON that programs get.

use serde_json::{Map, Value};

use crate::out;

/// A line a member, without what is absent.
pub(crate) fn answer(value: &Value) -> String {
    let Value::Object(map) = value else { return inline(value) };
    match (map.get("output"), map.get("equal")) {
        (Some(Value::String(output)), _) => out::escaped(output),
        (_, Some(Value::Bool(equal))) => if *equal { "equal" } else { "different" }.into(),
        _ => members(map),
    }
}

fn members(map: &Map<String, Value>) -> String {
    let there: Vec<_> =
        map.iter().filter(|(key, value)| *key != "ok" && !is_absent(value)).collect();
    let width = there.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let colours = out::Colours::of_stdout();
    let lines: Vec<String> = there
        .into_iter()
        .map(|(key, value)| {
            let key = colours.dim(&format!("{:width$}", key.replace('_', " ")));
            format!("{key}  {}", inline(value))
        })
        .collect();
    lines.join("\n")
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A value in one line.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => out::escaped(text),
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join("; "),
        Value::Object(map) => object(map),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn object(map: &Map<String, Value>) -> String {
    // A text in a language.
    if let (2, Some(Value::String(text)), Some(lang)) =
        (map.len(), map.get("text"), map.get("lang"))
    {
        return match lang {
            Value::String(lang) => format!("{} ({})", out::escaped(text), out::escaped(lang)),
            _ => out::escaped(text),
        };
    }
    let there = map.iter().filter(|(_, value)| !is_absent(value));
    let pairs = there.map(|(key, value)| match value {
        Value::Object(inner) if inner.is_empty() => key.clone(),
        Value::Object(_) => format!("{key} ({})", inline(value)),
        _ => format!("{key} {}", inline(value)),
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// A stanza in one line, from its model.
pub(crate) fn stanza(model: &Map<String, Value>) -> String {
    let text = |key: &str| match model.get(key) {
        None | Some(Value::Null) => None,
        Some(value) => Some(inline(value)).filter(|text| !text.is_empty()),
    };
    let kind = text("kind").unwrap_or_default();
    let from = text("from").unwrap_or_else(|| "the server".into());
    let mut line = match text("type").as_deref() {
        None | Some("normal") => format!("{kind} from {from}"),
        Some(stanza_type) => format!("{kind} ({stanza_type}) from {from}"),
    };
    if model.get("ok") == Some(&Value::Bool(false)) {
        line = format!("{kind} that breaks a rule: {}", text("message").unwrap_or_default());
    }
    for key in ["show", "subjects", "bodies", "statuses", "error"] {
        if let Some(text) = text(key) {
            line.push_str(&format!(": {text}"));
        }
    }
    let payloads = model.get("payloads").and_then(Value::as_array);
    for payload in payloads.into_iter().flatten() {
        if let (Some(name), Some(ns)) = (payload["name"].as_str(), payload["ns"].as_str()) {
            line.push_str(&format!(" [{} {}]", out::shown(name), out::shown(ns)));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_that_are_absent_are_left_out() {
        let value = json!({"ok": true, "jid": "a@b", "local": "a", "resource": null});
        assert_eq!(answer(&value), "jid    a@b\nlocal  a");
        assert_eq!(answer(&json!({"ok": true, "output": "x"})), "x");
        assert_eq!(answer(&json!({"equal": false})), "different");
        let error = json!({"error": {"type": "cancel", "texts": [{"lang": null, "text": "no"}]}});
        assert_eq!(answer(&error), "error  type cancel, texts no");
    }
}
