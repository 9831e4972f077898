//! Structure-aware: `multipart/signed` put together from pieces, good and bad,
//! around a content that was really signed. Whatever is put around it, what is
//! accepted is that content and no other.
#![no_main]

use core::time::Duration;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use xmpp_e2e::{Certificate, Limits, Opener, Policy, Timestamp, TrustStore};

/// A piece of a body.
#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    Delimiter,
    ClosingDelimiter,
    PaddedDelimiter(u8),
    Content,
    OtherContent(&'a str),
    SignatureHeader,
    OtherHeader(&'a str),
    Signature,
    OtherSignature(&'a [u8]),
    LineEnd,
    BareLineFeed,
    BlankLine,
    Nested,
}

#[derive(Arbitrary, Debug)]
struct Multipart<'a> {
    boundary: Option<&'a str>,
    protocol: bool,
    parameters: &'a str,
    pieces: Vec<Piece<'a>>,
    line_feeds: bool,
}

/// The content and the signature of a vector.
static SIGNED: LazyLock<(String, String)> = LazyLock::new(|| {
    let text = include_str!("../../conformance/vectors/e2e/signed-p256-detached.eml");
    let boundary = text.split("boundary=").nth(1).and_then(|rest| rest.split("\r\n").next());
    let delimiter = format!("--{}", boundary.expect("a boundary"));
    let parts: Vec<&str> = text.split(&delimiter).collect();
    let content = parts[1].trim_start_matches("\r\n");
    let content = content.strip_suffix("\r\n").expect("a line end");
    let (_, signature) = parts[2].split_once("\r\n\r\n").expect("a header");
    (content.into(), signature.into())
});

static TRUST: LazyLock<TrustStore> = LazyLock::new(|| {
    let root = include_bytes!("../../conformance/vectors/e2e/keys/root.pem");
    let mut trust = TrustStore::new();
    trust.add_anchor(&Certificate::from_pem(root).expect("a vector")[0]).expect("a vector");
    trust
});

fuzz_target!(|made: Multipart<'_>| {
    let (content, signature) = &*SIGNED;
    let boundary = made.boundary.unwrap_or("next");
    let protocol = if made.protocol { "; protocol=\"application/pkcs7-signature\"" } else { "" };
    let mut text = format!(
        "Content-Type: multipart/signed; boundary=\"{boundary}\"{protocol}{}\r\n\r\n",
        made.parameters
    );
    for piece in &made.pieces {
        match piece {
            Piece::Delimiter => text.push_str(&format!("\r\n--{boundary}\r\n")),
            Piece::ClosingDelimiter => text.push_str(&format!("\r\n--{boundary}--\r\n")),
            Piece::PaddedDelimiter(octet) => {
                text.push_str(&format!("\r\n--{boundary}{}\r\n", char::from(*octet)));
            }
            Piece::Content => text.push_str(content),
            Piece::OtherContent(other) | Piece::OtherHeader(other) => text.push_str(other),
            Piece::SignatureHeader => text.push_str(
                "Content-Type: application/pkcs7-signature\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n",
            ),
            Piece::Signature => text.push_str(signature),
            Piece::OtherSignature(octets) => text.push_str(&String::from_utf8_lossy(octets)),
            Piece::LineEnd => text.push_str("\r\n"),
            Piece::BareLineFeed => text.push('\n'),
            Piece::BlankLine => text.push_str("\r\n\r\n"),
            Piece::Nested => {
                let so_far = text.clone();
                text.push_str(&so_far);
            }
        }
        if text.len() > Limits::DEFAULT.max_object_bytes {
            return;
        }
    }
    if made.line_feeds {
        text = text.replace("\r\n", "\n");
    }
    let policy = Policy::modern();
    let now = Timestamp::from_unix(Duration::from_secs(1_767_323_045));
    if let Ok(opened) = Opener::new(&[], &TRUST, &policy).open(text.as_bytes(), now) {
        assert_eq!(opened.entity, content.as_bytes());
        assert!(opened.signature().is_some());
    }
});
