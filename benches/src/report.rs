//! Rows as a table for people or as one JSON object a line.

use serde_json::{Map, Value};

/// Prints `rows`, whose objects share their keys and their order of keys.
pub(crate) fn print(rows: &[Map<String, Value>], json: bool) {
    if json {
        for row in rows {
            println!("{}", Value::Object(row.clone()));
        }
        return;
    }
    let Some(first) = rows.first() else { return };
    let heads: Vec<&str> = first.keys().map(String::as_str).collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| heads.iter().map(|head| row.get(*head).map_or(String::new(), cell)).collect())
        .collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|i| cells.iter().map(|row| row[i].len()).chain([heads[i].len()]).max().unwrap_or(0))
        .collect();
    let line = |row: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> =
            row.zip(&widths).map(|(text, &width)| format!("{text:<width$}")).collect();
        println!("| {} |", padded.join(" | "));
    };
    line(&mut heads.iter().copied());
    let rules: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    line(&mut rules.iter().map(String::as_str));
    for row in &cells {
        line(&mut row.iter().map(String::as_str));
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::from("-"),
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_u64() && !number.is_i64() => format!("{float:.2}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}
