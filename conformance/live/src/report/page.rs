//! The template, and the policy of the page.

use askama::Template;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::model::Report;
use super::printable::Piece;
use crate::verdict::Level;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    report: &'r Report,
    style_hash: String,
    script_hash: String,
    version: &'static str,
}

pub(crate) fn render(report: &Report) -> String {
    let page = Page {
        report,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
        version: env!("CARGO_PKG_VERSION"),
    };
    // Writing to a string cannot fail, nor can anything that the page shows.
    page.render().unwrap_or_default()
}

/// The template takes a file in without its last line feed.
fn hash(included: &str) -> String {
    let included = included.strip_suffix('\n').unwrap_or(included);
    base64::prelude::BASE64_STANDARD.encode(Sha256::digest(included))
}
