//! A payload in JSON, by its table: nothing here knows of any type.

use serde_json::{Map, Value, json};
use xmpp_extensions::find;
use xmpp_stanza::Findings;
use xmpp_stanza::payload::{Cardinality, FieldKind, Shape, ValueKind};
use xmpp_xml::{ElementRef, Writer};

/// As many findings are told of one payload.
const MOST: usize = 100;

/// The model of a payload, and what was found that is unknown or wrong.
pub(super) fn model(element: ElementRef<'_>) -> Option<(Value, Vec<String>)> {
    let model = find(element)?;
    let mut findings = Findings::collect(MOST);
    let mut xml = Vec::new();
    let read = model.rewrite(element, &mut findings, &mut Writer::document(&mut xml));
    let mut told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    if let Err(invalid) = read {
        told.push(invalid.to_string());
        return Some((Value::Null, told));
    }
    Some((value_of(element, model.shape()), told))
}

/// An element as its shape has it: an object of its fields. Elements are not nested deeper
/// than the limits of the reader that read them.
fn value_of(element: ElementRef<'_>, shape: &Shape) -> Value {
    let Some(own) = shape.of(element) else { return Value::Null };
    let mut map = Map::new();
    if shape.choices().len() > 0 {
        map.insert("element".to_owned(), element.name().into());
    }
    for field in own.fields() {
        let children = || element.children().filter(|child| field.kind().takes(*child));
        let mut values: Vec<Value> = match *field.kind() {
            FieldKind::Attr { ns, name, value } => {
                element.attr_ns(ns, name).map(|text| scalar(&text, value)).into_iter().collect()
            }
            FieldKind::Text { value } => {
                let text = element.text();
                (!text.is_empty()).then(|| scalar(&text, value)).into_iter().collect()
            }
            FieldKind::Leaf { value, .. } => {
                children().map(|child| scalar(&child.text(), value)).collect()
            }
            FieldKind::Flag { .. } => vec![children().next().is_some().into()],
            FieldKind::Child { shape } => {
                children().map(|child| value_of(child, shape())).collect()
            }
            FieldKind::Any => element
                .children()
                .filter(|child| !own.fields().iter().any(|field| field.kind().takes(*child)))
                .map(|child| match find(child) {
                    Some(model) => json!({
                        "ns": child.ns(), "name": child.name(), "model": value_of(child, model.shape()),
                    }),
                    None => json!({"ns": child.ns(), "name": child.name()}),
                })
                .collect(),
            _ => Vec::new(),
        };
        let value = match field.cardinality() {
            Cardinality::Many => Value::Array(values),
            _ if values.is_empty() => Value::Null,
            _ => values.swap_remove(0),
        };
        map.insert(field.name().trim_start_matches("r#").to_owned(), value);
    }
    Value::Object(map)
}

fn scalar(text: &str, kind: ValueKind) -> Value {
    let word = text.trim_matches([' ', '\t', '\r', '\n']);
    let number = |value: Option<Value>| value.unwrap_or_else(|| word.into());
    match kind {
        ValueKind::Boolean => match word {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => word.into(),
        },
        ValueKind::Integer(..) => {
            let signed = word.parse::<i64>().map(Value::from);
            number(signed.or_else(|_| word.parse::<u64>().map(Value::from)).ok())
        }
        ValueKind::Decimal => number(word.parse::<f64>().ok().map(Value::from)),
        ValueKind::Text => text.into(),
        _ => word.into(),
    }
}
