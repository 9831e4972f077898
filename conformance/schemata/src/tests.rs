//! What becomes of each kind of place.

use std::collections::HashSet;

use crate::mutant::{Genre, Mutant, Place, Position};
use crate::schema::schema;

/// A mutant for each `«`, which stands in front of its place, in the order of the text.
fn placed(
    text: &str,
    changes: &[(Genre, &str)],
    keep: &[&str],
) -> (String, Vec<(u32, &'static str)>) {
    let mut mutants = Vec::new();
    let mut plain = String::new();
    let (mut line, mut column) = (1, 1);
    for c in text.chars() {
        if c == '«' {
            let (genre, replacement) = changes[mutants.len()];
            let start = Position { line, column };
            mutants.push(Mutant {
                id: u32::try_from(mutants.len()).expect("a few"),
                file: String::new(),
                genre,
                replacement: replacement.to_owned(),
                span: Place { start },
            });
            continue;
        }
        plain.push(c);
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    let keep: HashSet<String> = keep.iter().map(|&name| name.to_owned()).collect();
    let schema = schema(&plain, &mutants.iter().collect::<Vec<_>>(), &keep).expect("it is Rust");
    syn::parse_file(&schema.text).expect("it still is Rust");
    (schema.text, schema.without)
}

fn text(text: &str, changes: &[(Genre, &str)]) -> String {
    let (text, without) = placed(text, changes, &[]);
    assert_eq!(without, []);
    text
}

#[test]
fn a_function_returns_early() {
    assert_eq!(
        text(
            "fn f() -> bool {\n    ««g()\n}",
            &[(Genre::FnValue, "true"), (Genre::FnValue, "false")]
        ),
        "fn f() -> bool {\n    \
         if crate::__mutant(0) { /*m0*/ return true; /*0m*/ } \
         if crate::__mutant(1) { /*m1*/ return false; /*1m*/ } g()\n}",
    );
}

#[test]
fn operators_keep_their_operands() {
    assert_eq!(
        text("fn f() -> u8 { a + b «* c }", &[(Genre::BinaryOperator, "+")]),
        "fn f() -> u8 { a + (if crate::__mutant(0) { /*m0*/ (b) + (c) /*0m*/ } else { b * c }) }",
    );
    assert_eq!(
        text("fn f() { x «+= 1; }", &[(Genre::BinaryOperator, "-=")]),
        "fn f() { (if crate::__mutant(0) { /*m0*/ (x) -= (1) /*0m*/ } else { x += 1 }); }",
    );
}

/// The unchanged half of an outer place has the inner one.
#[test]
fn places_nest() {
    assert_eq!(
        text(
            "fn f() -> bool { «!a «&& b }",
            &[(Genre::UnaryOperator, ""), (Genre::BinaryOperator, "||")],
        ),
        "fn f() -> bool { (if crate::__mutant(1) { /*m1*/ (!a) || (b) /*1m*/ } else { \
         (if crate::__mutant(0) { /*m0*/ (a) /*0m*/ } else { !a }) && b }) }",
    );
}

/// A place at the very start of a body is behind the early return.
#[test]
fn an_early_return_comes_first() {
    assert_eq!(
        text("fn f() -> bool { ««!a }", &[(Genre::FnValue, "true"), (Genre::UnaryOperator, "")]),
        "fn f() -> bool { if crate::__mutant(0) { /*m0*/ return true; /*0m*/ } \
         (if crate::__mutant(1) { /*m1*/ (a) /*1m*/ } else { !a }) }",
    );
}

#[test]
fn arms_and_guards() {
    assert_eq!(
        text("fn f() { match x { «1 => a(), _ => b() } }", &[(Genre::MatchArm, "")]),
        "fn f() { match x { 1 if !crate::__mutant(0) => a(), _ => b() } }",
    );
    assert_eq!(
        text(
            "fn f() { match x { «n if ««c => a(), _ => b() } }",
            &[
                (Genre::MatchArm, ""),
                (Genre::MatchArmGuard, "true"),
                (Genre::MatchArmGuard, "false")
            ],
        ),
        "fn f() { match x { n if !crate::__mutant(0) && ((crate::__mutant(1) || \
         ((!crate::__mutant(2) && (c))))) => a(), _ => b() } }",
    );
}

#[test]
fn a_field_comes_from_the_rest() {
    assert_eq!(
        text(
            "fn f() -> S { S { «a: 1, «b, ..g() } }",
            &[(Genre::StructField, ""), (Genre::StructField, "")]
        ),
        "fn f() -> S { S { a: (if crate::__mutant(0) { /*m0*/ (g()).a /*0m*/ } else { 1 }), \
         b: (if crate::__mutant(1) { /*m1*/ (g()).b /*1m*/ } else { b }), ..g() } }",
    );
}

/// A switch cannot be read there; only `&&` may stand beside a `let`.
#[test]
fn what_has_no_switch() {
    let changes = [(Genre::BinaryOperator, "-")];
    assert_eq!(placed("const A: u8 = 1 «+ 1;", &changes, &[]).1, [(0, "in a constant")]);
    assert_eq!(placed("fn f() { g([0; 1 «+ 1]) }", &changes, &[]).1, [(0, "in a constant")]);
    let (text, without) = placed("const fn f() -> u8 { 1 «+ 1 }", &changes, &["f"]);
    assert_eq!(
        (text.as_str(), &without[..]),
        ("const fn f() -> u8 { 1 + 1 }", &[(0, "in a constant")][..])
    );
    let chain = "fn f() { if let Some(x) = y «&& x {} }";
    assert_eq!(placed(chain, &[(Genre::BinaryOperator, "||")], &[]).1, [(0, "a chain with let")]);
    let arm = "fn f() { match x { «Some(_) => a(), None => b() } }";
    assert_eq!(placed(arm, &[(Genre::MatchArm, "")], &[]).1, [(0, "no arm for the rest")]);
    let hidden = "fn f() -> impl Iterator<Item = u8> { «g() }";
    let empty = (Genre::FnValue, "::core::iter::empty()");
    assert_eq!(placed(hidden, &[empty], &[]).1, [(0, "returns impl")]);
    assert_eq!(placed("fn f() { «g() }", &changes, &[]).1, [(0, "no such place")]);
}

#[test]
fn other_functions_are_no_longer_const() {
    let changes = [(Genre::BinaryOperator, "-")];
    let (text, without) = placed("const fn f() -> u8 { 1 «+ 1 }", &changes, &[]);
    assert!(without.is_empty());
    assert!(text.starts_with(" fn f()"), "{text}");
}
