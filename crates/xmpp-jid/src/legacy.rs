//! Addresses by RFC 6122, the rules that RFC 7622 replaced: stringprep (Unicode
//! 3.2) and IDNA2003.
//!
//! Much of the network still runs on them. They disagree with RFC 7622 on few
//! addresses that are in use, but on some: RFC 6122 folds `ß` to `ss` and maps
//! compatibility forms in localparts, refuses what Unicode did not have in
//! 2002 (emoji in resourceparts, above all), and allows symbols in localparts.
//! So:
//!
//! - to judge an address that a server of the old kind has given, parse it with
//!   [`LegacyJid::new`];
//! - to decide whether an answer is from whom it was asked of, where the peer
//!   may have rewritten the address by the old rules, compare with [`is_same`];
//! - do neither where access is granted: two accounts of a server that keeps
//!   RFC 7622 can be one by the old rules.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use stringprep::{nameprep, nodeprep, resourceprep};

use crate::error::{Error, Part, Rule, Violation};
use crate::idna::{self, ALabels};
use crate::ip;
use crate::jid::Jid;
use crate::jid_ref::Spans;
use crate::parse::Parts;

/// An address prepared by RFC 6122.
///
/// It is a type of its own because it need not be an address by RFC 7622.
/// Equality, order and hash are those of the text.
#[derive(Clone)]
pub struct LegacyJid {
    text: String,
    spans: Spans,
}

impl LegacyJid {
    /// Parses an address and prepares it with Nodeprep, Nameprep and
    /// Resourceprep.
    ///
    /// ```
    /// use xmpp_jid::legacy::LegacyJid;
    ///
    /// assert_eq!(LegacyJid::new("Fußball@Example.com/Heim").unwrap(), "fussball@example.com/Heim");
    /// assert!(LegacyJid::new("king@example.com/🚀").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// The part that is not valid. stringprep does not say where it is not, so
    /// the position is that of the part.
    pub fn new(text: &str) -> Result<Self, Error> {
        let parts = Parts::split(text)?;
        let mut out = String::with_capacity(text.len());
        if let Some(local) = parts.local {
            let local = nodeprep(local).map_err(|_| Rule::Disallowed);
            out.push_str(&sized(local).map_err(|rule| Error::new(Part::Local, rule, 0))?);
            out.push('@');
        }
        let at = out.len().saturating_sub(1);
        let domain = sized(domain(parts.domain))
            .map_err(|rule| Error::new(Part::Domain, rule, parts.domain_start()))?;
        out.push_str(&domain);
        let spans = Spans { at: at as u16, bare_len: out.len() as u16 };
        if let Some(resource) = parts.resource {
            let resource = resourceprep(resource).map_err(|_| Rule::Disallowed);
            out.push('/');
            out.push_str(
                &sized(resource)
                    .map_err(|rule| Error::new(Part::Resource, rule, parts.resource_start()))?,
            );
        }
        Ok(Self { text: out, spans })
    }

    /// The prepared address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The localpart, if there is one.
    #[must_use]
    pub fn localpart(&self) -> Option<&str> {
        self.text.get(..self.spans.at.into()).filter(|local| !local.is_empty())
    }

    /// The domainpart, with Unicode labels.
    #[must_use]
    pub fn domainpart(&self) -> &str {
        let start = usize::from(self.spans.at) + usize::from(self.spans.at != 0);
        self.text.get(start..self.spans.bare_len.into()).unwrap_or_default()
    }

    /// The resourcepart, if there is one.
    #[must_use]
    pub fn resourcepart(&self) -> Option<&str> {
        self.text.get(usize::from(self.spans.bare_len) + 1..)
    }
}

/// Whether two addresses are one by RFC 7622 or one by RFC 6122.
///
/// ```
/// use xmpp_jid::legacy::is_same;
///
/// assert!(is_same("fußball@example.com", "fussball@example.com"));
/// assert!(is_same("king@example.com/🚀", "KING@example.com/🚀"));
/// assert!(!is_same("king@example.com", "queen@example.com"));
/// ```
///
/// Texts that are an address by neither are the same as nothing, not even as
/// themselves.
#[must_use]
pub fn is_same(a: &str, b: &str) -> bool {
    matches!((Jid::new(a), Jid::new(b)), (Ok(a), Ok(b)) if a == b)
        || matches!((LegacyJid::new(a), LegacyJid::new(b)), (Ok(a), Ok(b)) if a == b)
}

/// RFC 6122 §2.2 to §2.4: 1 to 1023 bytes after preparation.
fn sized<T: AsRef<str>>(part: Result<T, Rule>) -> Result<T, Rule> {
    let part = part?;
    match part.as_ref().len() {
        0 => Err(Rule::Empty),
        1..=1023 => Ok(part),
        _ => Err(Rule::TooLong),
    }
}

/// RFC 6122 §2.2: every label must survive IDNA2003's ToASCII with
/// UseSTD3ASCIIRules, and ACE labels are decoded.
fn domain(text: &str) -> Result<String, Rule> {
    if text.starts_with('[') {
        let mut out = String::new();
        ip::literal(text).ok_or(Rule::IpLiteral)?.write(&mut out);
        return Ok(out);
    }
    let text = text.strip_suffix(idna::is_separator).unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    for (i, label) in text.split(idna::is_separator).enumerate() {
        if i > 0 {
            out.push('.');
        }
        let label = nameprep(label).map_err(|_| Rule::Disallowed)?;
        match ALabels::decode(&label) {
            Some(decoded) => {
                let decoded = decoded.ok_or(Rule::ALabel)?;
                if nameprep(&decoded).map_err(|_| Rule::ALabel)? != decoded {
                    return Err(Rule::ALabel);
                }
                out.push_str(&decoded);
            }
            None => {
                std3(&label)?;
                out.push_str(&label);
            }
        }
    }
    Ok(out)
}

/// RFC 3490 §4.1, steps 3 and 8.
fn std3(label: &str) -> Result<(), Rule> {
    if label.is_empty() {
        return Err(Rule::EmptyLabel);
    }
    if label.bytes().any(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && b != b'-') {
        return Err(Rule::Disallowed);
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(Rule::Hyphen);
    }
    ALabels::ascii_len(label).map(|_| ()).map_err(|violation: Violation| violation.rule())
}

crate::text::text_traits!([] LegacyJid);

impl From<LegacyJid> for String {
    fn from(jid: LegacyJid) -> Self {
        jid.as_str().to_owned()
    }
}
