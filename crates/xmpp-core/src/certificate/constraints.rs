//! Name constraints (RFC 5280 section 4.2.1.10) of names that only XMPP reads.
//!
//! An authority that may sign for the `dNSName`s below `example.com` is not kept by
//! RFC 5280 from signing an SRV-ID or an xmppAddr of another domain: they are names of
//! other forms. XMPP takes all of them for the same domain, so the authority would speak
//! for domains that it was not to speak for. Here what binds a DNS-ID binds them as well.

use super::Unreadable;
use super::der::{self, Values, explicit, implicit};
use super::reference::is_dns_name;

/// Whether `constraints` leave `name`, in lower case, to their authority. `constraints` is
/// a `NameConstraints`, or its contents.
pub(super) fn allow(constraints: &[u8], name: &str) -> Result<bool, Unreadable> {
    let contents = match der::only(constraints, der::SEQUENCE) {
        Ok(value) => value.contents,
        Err(_) => constraints,
    };
    let mut parts = Values::of(contents)?;
    let mut allowed = true;
    while let Some(part) = parts.next()? {
        let (has_any, is_in) = subtrees(part.contents, name)?;
        if part.tag == explicit(0) {
            allowed &= is_in || !has_any;
        } else if part.tag == explicit(1) {
            allowed &= !is_in;
        } else {
            return Err(Unreadable);
        }
    }
    Ok(allowed)
}

/// Whether there is a subtree of domain names, and whether `name` is in one.
fn subtrees(contents: &[u8], name: &str) -> Result<(bool, bool), Unreadable> {
    let (mut has_any, mut is_in) = (false, false);
    let mut list = Values::of(contents)?;
    while let Some(subtree) = list.next()? {
        if subtree.tag != der::SEQUENCE {
            return Err(Unreadable);
        }
        let base = Values::of(subtree.contents)?.next()?.ok_or(Unreadable)?;
        if base.tag == implicit(2) {
            has_any = true;
            is_in |= is_below(base.contents, name)?;
        }
    }
    Ok((has_any, is_in))
}

fn is_below(base: &[u8], name: &str) -> Result<bool, Unreadable> {
    let base = core::str::from_utf8(base).map_err(|_| Unreadable)?;
    // All names.
    if base.is_empty() {
        return Ok(true);
    }
    // With a dot in front: those below it and not itself, as many authorities write it.
    let (bare, itself) = base.strip_prefix('.').map_or((base, true), |bare| (bare, false));
    if !is_dns_name(bare) {
        return Err(Unreadable);
    }
    let Some(at) = name.len().checked_sub(bare.len()) else { return Ok(false) };
    let Some((before, rest)) = name.split_at_checked(at) else { return Ok(false) };
    let same = rest.eq_ignore_ascii_case(bare);
    Ok(same && ((itself && before.is_empty()) || before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_below_a_base_by_whole_labels() {
        let is = |base: &str, name| is_below(base.as_bytes(), name).unwrap();
        assert!(is("example.com", "example.com"));
        assert!(is("Example.com", "a.b.example.com"));
        assert!(is("", "a.example"));
        assert!(!is("example.com", "badexample.com"));
        assert!(!is("example.com", "com"));
        assert!(is(".example.com", "a.example.com"));
        assert!(!is(".example.com", "example.com"));
        assert!(is_below(b"ex ample", "example.com").is_err());
        assert!(is_below(b"*.example.com", "a.example.com").is_err());
    }
}
