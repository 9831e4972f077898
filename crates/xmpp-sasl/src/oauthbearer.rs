//! OAUTHBEARER (RFC 7628): a bearer token in key/value pairs.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use nom::Parser;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::char;
use nom::multi::many0;
use nom::sequence::{separated_pair, terminated};

use crate::grammar::{GssFlag, MessageError, escape, gs2_header, named, unexpected, whole};

/// ```text
/// client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
/// kvpair      = key "=" value kvsep
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response<'a> {
    pub(crate) authzid: Option<Cow<'a, str>>,
    pub(crate) token: &'a str,
    pub(crate) host: Option<&'a str>,
    pub(crate) port: Option<u16>,
}

/// What the client sends once it has read why it is rejected (section 3.2.3).
pub(crate) const ACKNOWLEDGEMENT: &[u8] = b"\x01";

impl<'a> Response<'a> {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut text = String::from("n,");
        if let Some(authzid) = &self.authzid {
            text.push_str("a=");
            text.push_str(&escape(authzid));
        }
        text.push_str(",\x01");
        if let Some(host) = self.host {
            text.push_str(&alloc::format!("host={host}\x01"));
        }
        if let Some(port) = self.port {
            text.push_str(&alloc::format!("port={port}\x01"));
        }
        text.push_str("auth=Bearer ");
        text.push_str(self.token);
        text.push_str("\x01\x01");
        text.into_bytes()
    }

    pub(crate) fn read(message: &'a [u8]) -> Result<Self, MessageError> {
        whole(message, |input| {
            let (rest, header) = gs2_header(input)?;
            // `y` is always true here: there is no OAUTHBEARER with channel
            // binding that a server could have offered (RFC 5801 section 5).
            if matches!(header.flag, GssFlag::Used(_)) {
                return unexpected(input, "`n` or `y`: OAUTHBEARER knows no channel binding");
            }
            let pairs_at = rest;
            let (rest, _) = named("the separator %x01", char(SEPARATOR)).parse(rest)?;
            let key = take_while1(|c: char| c.is_ascii_alphabetic());
            let value = take_while(|c: char| matches!(c, ' '..='~' | '\t' | '\r' | '\n'));
            let pair = terminated(separated_pair(key, char('='), value), char(SEPARATOR));
            let (rest, pairs): (_, Vec<(&str, &str)>) = many0(pair).parse(rest)?;
            let (rest, _) = named("a key, `=`, a value and %x01, or a last %x01", char(SEPARATOR))
                .parse(rest)?;

            let mut found = Self { authzid: header.authzid, token: "", host: None, port: None };
            let mut seen = [false; 3];
            for (key, value) in pairs {
                let which = match key {
                    "auth" => 0,
                    "host" => 1,
                    "port" => 2,
                    _ => continue, // MUST be ignored
                };
                if core::mem::replace(&mut seen[which], true) {
                    return unexpected(pairs_at, "each key at most once");
                }
                match which {
                    0 => found.token = token(value).unwrap_or_default(),
                    1 => found.host = Some(value),
                    _ => match port(value) {
                        Some(port) => found.port = Some(port),
                        None => return unexpected(pairs_at, "a port number without leading zeros"),
                    },
                }
            }
            if found.token.is_empty() {
                return unexpected(pairs_at, "`auth=Bearer` and a token (RFC 6750 section 2.1)");
            }
            Ok((rest, found))
        })
    }
}

const SEPARATOR: char = '\x01';

/// `"Bearer" 1*SP b64token`; the scheme's case does not matter (RFC 9110
/// section 11.1).
fn token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("Bearer") && is_token(token)).then_some(token)
}

/// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
pub(crate) fn is_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(allowed)
}

/// What a host may hold so that it can stand in a pair.
pub(crate) fn is_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
}

fn port(value: &str) -> Option<u16> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    digits.then(|| value.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &[u8] = b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01\
        auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01";

    #[test]
    fn rfc_7628_section_4_1() {
        let response = Response::read(EXAMPLE).unwrap();
        assert_eq!(response.authzid.as_deref(), Some("user@example.com"));
        assert_eq!(response.token, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
        assert_eq!((response.host, response.port), (Some("server.example.com"), Some(143)));
        assert_eq!(response.write(), EXAMPLE);
    }

    /// RFC 7628 section 3.1 takes the header of RFC 5801.
    #[test]
    fn the_flag_is_n_or_y() {
        let read = |flag: &str| {
            let message = alloc::format!("{flag},,\x01auth=Bearer a\x01\x01");
            Response::read(message.as_bytes()).map(|r| r.token.len()).map_err(|e| e.at)
        };
        assert_eq!(read("n"), Ok(1));
        assert_eq!(read("y"), Ok(1));
        for flag in ["p=tls-exporter", "", "Y", "yn", "F"] {
            assert!(read(flag).is_err(), "{flag}");
        }
    }

    #[test]
    fn unknown_keys_are_ignored_and_known_ones_come_once() {
        let read = |pairs: &str| {
            let message = alloc::format!("n,,\x01{pairs}\x01");
            Response::read(message.as_bytes()).map(|r| r.token.len()).map_err(|e| e.expected)
        };
        assert_eq!(read("auth=Bearer a\x01x=y\x01"), Ok(1));
        assert_eq!(read("auth=bearer  a=\x01"), Ok(2));
        assert!(read("auth=Bearer a\x01auth=Bearer b\x01").is_err());
        assert!(read("auth=Basic a\x01").is_err());
        assert!(read("auth=Bearer a b\x01").is_err());
        assert!(read("host=h\x01").is_err());
        assert!(read("auth=Bearer a\x01port=080\x01").is_err());
        assert!(read("auth=Bearer a").is_err());
    }
}
