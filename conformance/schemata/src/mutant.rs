//! A mutant, as `cargo mutants --list --json` tells of it.

use serde::Deserialize;

/// One change of one place in a source file.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Mutant {
    /// The number that switches it on.
    pub(crate) id: u32,
    /// Below the root of the tree.
    pub(crate) file: String,
    pub(crate) genre: Genre,
    /// What stands there instead; empty where something is deleted.
    pub(crate) replacement: String,
    pub(crate) span: Place,
}

/// What kind of place is changed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
pub(crate) enum Genre {
    /// The body of a function becomes a value.
    FnValue,
    /// Another operator stands between two operands.
    BinaryOperator,
    /// A `!` or `-` is deleted.
    UnaryOperator,
    /// The guard of an arm is always or never true.
    MatchArmGuard,
    /// An arm of a `match` is deleted.
    MatchArm,
    /// A field is deleted from an expression that has `..rest`.
    StructField,
}

/// The text that is changed: where it ends is known from the syntax.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) start: Position,
}

/// Both are counted from 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}
