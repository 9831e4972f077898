//! Splitting an address into its parts (RFC 7622 §3.2) and putting the
//! prepared parts together.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;

use crate::error::{Error, Part, Rule};
use crate::jid::Jid;
use crate::jid_ref::{JidRef, Spans};
use crate::part::not_canonical;
use crate::prepare;

pub(crate) fn jid(text: &str) -> Result<Jid, Error> {
    let (text, spans) = prepared(text)?;
    Ok(Jid::from_prepared(Arc::from(&*text), spans))
}

pub(crate) fn jid_ref(text: &str) -> Result<JidRef<'_>, Error> {
    match prepared(text)? {
        (Cow::Borrowed(text), spans) => Ok(JidRef::from_prepared(text, spans)),
        (Cow::Owned(canonical), _) => Err(not_canonical(Part::Jid, text, &canonical)),
    }
}

fn prepared(text: &str) -> Result<(Cow<'_, str>, Spans), Error> {
    let Split { local, domain, resource } = split(text)?;
    let start = local.map_or(0, |local| local.len() + 1);
    let local = local.map(prepare::localpart).transpose()?;
    let after = start + domain.len() + 1;
    let domain = prepare::domainpart(domain).map_err(|error| error.shifted(start))?;
    let resource =
        resource.map(prepare::resourcepart).transpose().map_err(|error| error.shifted(after))?;
    let mut out = String::new();
    if let Some(local) = &local {
        out.push_str(local);
        out.push('@');
    }
    out.push_str(&domain);
    let spans =
        Spans { at: local.map_or(0, |local| local.len()) as u16, bare_len: out.len() as u16 };
    if let Some(resource) = &resource {
        out.push('/');
        out.push_str(resource);
    }
    Ok((if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }, spans))
}

struct Split<'a> {
    local: Option<&'a str>,
    domain: &'a str,
    resource: Option<&'a str>,
}

/// RFC 7622 §3.2: the first `/` ends the bare address, and in that the first
/// `@` ends the localpart.
fn split(text: &str) -> Result<Split<'_>, Error> {
    if text.is_empty() {
        return Err(Error::new(Part::Jid, Rule::Empty, 0));
    }
    let (bare, resource) = match text.split_once('/') {
        Some((bare, resource)) => (bare, Some(resource)),
        None => (text, None),
    };
    let (local, domain) = match bare.split_once('@') {
        Some((local, domain)) => (Some(local), domain),
        None => (None, bare),
    };
    Ok(Split { local, domain, resource })
}
