//! The four messages, as RFC 5802 section 7 writes their grammar.
//!
//! Each parser takes the whole message or refuses it; nothing is decoded
//! twice, and the parts that go into the signatures are slices of what came.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, satisfy};
use nom::combinator::opt;
use nom::sequence::{preceded, terminated};

use crate::grammar::{
    GssHeader, MessageError, Parsed, Unexpected, attribute_value, before, comma, gs2_header, named,
    saslname, unexpected, whole,
};

/// An attribute `m=` before anything else: an extension that has to be
/// understood, and this version of SCRAM understands none.
pub(crate) const MANDATORY_EXTENSION: &str =
    "no mandatory extension `m=`: there is none to understand";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst<'a> {
    pub(crate) gs2_header: GssHeader<'a>,
    pub(crate) username: Cow<'a, str>,
    pub(crate) nonce: &'a str,
    /// `client-first-message-bare`.
    pub(crate) bare: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerFirst<'a> {
    pub(crate) nonce: &'a str,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: NonZeroU32,
    /// The attribute `h` of XEP-0474.
    pub(crate) downgrade_hash: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientFinal<'a> {
    pub(crate) channel_binding: Vec<u8>,
    pub(crate) nonce: &'a str,
    pub(crate) proof: Vec<u8>,
    /// `client-final-message-without-proof`.
    pub(crate) without_proof: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerFinal<'a> {
    /// `e=`.
    Error(&'a str),
    /// `v=`.
    Verifier(Vec<u8>),
}

/// ```text
/// client-first-message = gs2-header client-first-message-bare
/// gs2-header = gs2-cbind-flag "," [ authzid ] ","
/// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
/// ```
pub(crate) fn client_first(message: &[u8]) -> Result<ClientFirst<'_>, MessageError> {
    whole(message, |input| {
        let (bare, gs2_header) = gs2_header(input)?;
        let rest = refuse_mandatory(bare)?;
        let (rest, username) = named(
            "the user name, `n=` and at least one character, `,` and `=` as `=2C` and `=3D`",
            preceded(tag("n="), saslname),
        )
        .parse(rest)?;
        let (rest, nonce) = nonce(comma(rest)?)?;
        let (rest, _) = extensions(rest)?;
        Ok((rest, ClientFirst { gs2_header, username, nonce, bare }))
    })
}

/// ```text
/// server-first-message =
///     [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
/// ```
pub(crate) fn server_first(message: &[u8]) -> Result<ServerFirst<'_>, MessageError> {
    whole(message, |input| {
        let (rest, nonce) = nonce(refuse_mandatory(input)?)?;
        let (rest, salt) =
            named("the salt, `s=` and base64 of at least one byte", attribute("s=", salt))
                .parse(comma(rest)?)?;
        let (rest, iterations) =
            named("the iteration count, `i=` and 1 to 4294967295", attribute("i=", posit_number))
                .parse(comma(rest)?)?;
        let (rest, extensions) = extensions(rest)?;
        let downgrade_hash = extensions.into_iter().find(|each| each.0 == 'h').map(|each| each.1);
        Ok((rest, ServerFirst { nonce, salt, iterations, downgrade_hash }))
    })
}

/// ```text
/// client-final-message = client-final-message-without-proof "," proof
/// client-final-message-without-proof = channel-binding "," nonce ["," extensions]
/// ```
pub(crate) fn client_final(message: &[u8]) -> Result<ClientFinal<'_>, MessageError> {
    whole(message, |input| {
        let (rest, channel_binding) =
            named("the channel binding, `c=` and base64", attribute("c=", base64_value))
                .parse(input)?;
        let (rest, nonce) = nonce(comma(rest)?)?;
        let (rest, _) = extensions(rest)?;
        let without_proof = before(input, rest);
        let (rest, proof) =
            named("the proof, `p=` and base64, last of all", attribute("p=", base64_value))
                .parse(comma(rest)?)?;
        Ok((rest, ClientFinal { channel_binding, nonce, proof, without_proof }))
    })
}

/// ```text
/// server-final-message = (server-error / verifier) ["," extensions]
/// ```
pub(crate) fn server_final(message: &[u8]) -> Result<ServerFinal<'_>, MessageError> {
    whole(message, |input| {
        let verifier = attribute("v=", base64_value).map(ServerFinal::Verifier);
        let error = preceded(tag("e="), attribute_value).map(ServerFinal::Error);
        let (rest, outcome) =
            named("the verifier, `v=` and base64, or an error, `e=`", alt((verifier, error)))
                .parse(input)?;
        let (rest, _) = extensions(rest)?;
        Ok((rest, outcome))
    })
}

fn refuse_mandatory(input: &str) -> Result<&str, nom::Err<Unexpected<'_>>> {
    if input.starts_with("m=") { unexpected(input, MANDATORY_EXTENSION) } else { Ok(input) }
}

/// `nonce = "r=" c-nonce [s-nonce]`, each of printable ASCII without comma.
fn nonce(input: &str) -> Parsed<'_, &str> {
    let printable = take_while1(|c: char| matches!(c, '!'..='~') && c != ',');
    named("the nonce, `r=` and printable ASCII", preceded(tag("r="), printable)).parse(input)
}

/// An attribute whose value ends at the next comma and is read by `read`.
fn attribute<'a, T>(
    name: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> impl Parser<&'a str, Output = T, Error = Unexpected<'a>> {
    nom::combinator::map_opt(preceded(tag(name), take_while(|c| c != ',')), read)
}

fn base64_value(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn salt(text: &str) -> Option<Vec<u8>> {
    base64_value(text).filter(|salt| !salt.is_empty())
}

/// `posit-number = %x31-39 *DIGIT`, as far as 32 bits go.
fn posit_number(text: &str) -> Option<NonZeroU32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    digits.then(|| text.parse().ok())?
}

/// The attributes that RFC 5802 section 5.1 defines: each has its place, and an
/// extension may not take its name.
const DEFINED: &str = "anmrcsipve";

/// `["," extensions]`, where `extensions = attr-val *("," attr-val)`, up to an
/// attribute that the RFC defines.
///
/// No attribute may come twice. The RFC does not say what a second one would
/// mean, and two readers that disagree about it are an attack.
fn extensions(input: &str) -> Parsed<'_, Vec<(char, &str)>> {
    fn attr_val(input: &str) -> Parsed<'_, (char, &str)> {
        let (rest, name) =
            terminated(satisfy(|c| c.is_ascii_alphabetic()), char('=')).parse(input)?;
        if name == 'm' {
            return Err(nom::Err::Failure(Unexpected {
                rest: input,
                expected: MANDATORY_EXTENSION,
            }));
        }
        if DEFINED.contains(name) {
            return unexpected(input, "an extension");
        }
        let (rest, value) = attribute_value(rest)?;
        Ok((rest, (name, value)))
    }
    let mut all: Vec<(char, &str)> = Vec::new();
    let mut rest = input;
    while let (after, Some(extension)) = opt(preceded(char(','), attr_val)).parse(rest)? {
        // There are 44 names to have, so this ends soon.
        if all.iter().any(|earlier| earlier.0 == extension.0) {
            return unexpected(rest, "each attribute at most once");
        }
        all.push(extension);
        rest = after;
    }
    Ok((rest, all))
}
