//! Splitting an address into its parts (RFC 7622 §3.2) and putting the
//! prepared parts together.

use alloc::string::String;
use alloc::sync::Arc;

use crate::error::{Error, Part, Rule};
use crate::jid::Jid;
use crate::jid_ref::{JidRef, Spans};
use crate::part::not_canonical;
use crate::prepare;
use crate::scan::{Scanned, position, scan};
use crate::sink::{Buffer, Sink};

/// Room for what nearly all addresses come to.
const USUAL_BYTES: usize = 256;

pub(crate) fn jid(text: &str) -> Result<Jid, Error> {
    match scan(text) {
        Scanned::Valid { spans, has_uppercase } => {
            let mut shared: Arc<str> = Arc::from(text);
            if has_uppercase {
                let bare =
                    Arc::get_mut(&mut shared).and_then(|own| own.get_mut(..spans.bare_len.into()));
                bare.map(str::make_ascii_lowercase);
            }
            Ok(Jid::from_prepared(shared, spans))
        }
        scanned => carefully(text, scanned),
    }
}

#[inline(never)]
fn carefully(text: &str, scanned: Scanned) -> Result<Jid, Error> {
    let parts = Parts::cut(text, scanned)?;
    let canonical = parts.canonical()?;
    if let Some(spans) = parts.spans(canonical) {
        return Ok(Jid::from_prepared(Arc::from(text), spans));
    }
    parts.prepared(canonical, |canonical, spans| Jid::from_prepared(Arc::from(canonical), spans))
}

pub(crate) fn jid_ref(text: &str) -> Result<JidRef<'_>, Error> {
    match scan(text) {
        Scanned::Valid { spans, has_uppercase: false } => Ok(JidRef::from_prepared(text, spans)),
        scanned => ref_carefully(text, scanned),
    }
}

#[inline(never)]
fn ref_carefully(text: &str, scanned: Scanned) -> Result<JidRef<'_>, Error> {
    let parts = Parts::cut(text, scanned)?;
    let canonical = parts.canonical()?;
    if let Some(spans) = parts.spans(canonical) {
        return Ok(JidRef::from_prepared(text, spans));
    }
    parts.prepared(canonical, |canonical, spans| {
        if canonical == text {
            Ok(JidRef::from_prepared(text, spans))
        } else {
            Err(not_canonical(Part::Jid, text, canonical))
        }
    })?
}

/// An address cut at its separators; nothing is known of the parts yet.
pub(crate) struct Parts<'a> {
    pub(crate) local: Option<&'a str>,
    pub(crate) domain: &'a str,
    pub(crate) resource: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Cuts an address that nobody has looked at.
    #[cfg(feature = "legacy")]
    pub(crate) fn split(text: &'a str) -> Result<Self, Error> {
        Self::cut(text, Scanned::Unknown)
    }

    /// The first `/` ends the bare address, and in that the first `@` ends the
    /// localpart.
    fn cut(text: &'a str, scanned: Scanned) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::new(Part::Jid, Rule::Empty, 0));
        }
        let find = |separator| position(text, separator).unwrap_or(text.len());
        let (at, slash) = match scanned {
            Scanned::Split { at, slash } => (at, slash),
            // Without a localpart the spans do not tell where an `@` of the resourcepart is.
            Scanned::Valid { spans, .. } if spans.at > 0 => {
                (spans.at.into(), spans.bare_len.into())
            }
            Scanned::Valid { .. } | Scanned::Unknown => (find(b'@'), find(b'/')),
        };
        let bare = text.get(..slash).unwrap_or_default();
        let resource = text.get(slash + 1..);
        let (local, domain) = match bare.get(at + 1..) {
            Some(domain) => (bare.get(..at), domain),
            None => (None, bare),
        };
        Ok(Self { local, domain, resource })
    }

    pub(crate) fn domain_start(&self) -> usize {
        self.local.map_or(0, |local| local.len() + 1)
    }

    pub(crate) fn resource_start(&self) -> usize {
        self.domain_start() + self.domain.len() + 1
    }

    /// Which parts are in canonical form as they stand.
    fn canonical(&self) -> Result<Canonical, Error> {
        Ok(Canonical {
            local: match self.local {
                Some(local) => prepare::is_canonical(Part::Local, local)?,
                None => true,
            },
            domain: prepare::is_canonical(Part::Domain, self.domain)
                .map_err(|error| error.shifted(self.domain_start()))?,
            resource: match self.resource {
                Some(resource) => prepare::is_canonical(Part::Resource, resource)
                    .map_err(|error| error.shifted(self.resource_start()))?,
                None => true,
            },
        })
    }

    /// Where the parts are, if all are in canonical form.
    fn spans(&self, canonical: Canonical) -> Option<Spans> {
        (canonical.local && canonical.domain && canonical.resource).then(|| Spans {
            at: self.local.map_or(0, str::len) as u16,
            bare_len: (self.resource_start() - 1) as u16,
        })
    }

    /// Puts the prepared parts together, on the stack if they are of usual
    /// length, and hands them over.
    fn prepared<T>(
        &self,
        canonical: Canonical,
        make: impl FnOnce(&str, Spans) -> T,
    ) -> Result<T, Error> {
        if self.resource_start() + self.resource.map_or(0, str::len) <= USUAL_BYTES / 2 {
            let mut out = Buffer::<USUAL_BYTES>::new();
            let written = self.write(canonical, &mut out);
            if !out.is_overflown() {
                return Ok(make(out.since(0), written?));
            }
        }
        let mut out = String::new();
        let spans = self.write(canonical, &mut out)?;
        Ok(make(out.since(0), spans))
    }

    fn write(&self, canonical: Canonical, out: &mut impl Sink) -> Result<Spans, Error> {
        let mut at = 0;
        if let Some(local) = self.local {
            write(Part::Local, local, canonical.local, out)?;
            at = out.len();
            out.push('@');
        }
        write(Part::Domain, self.domain, canonical.domain, out)
            .map_err(|error| error.shifted(self.domain_start()))?;
        let bare_len = out.len();
        if let Some(resource) = self.resource {
            out.push('/');
            write(Part::Resource, resource, canonical.resource, out)
                .map_err(|error| error.shifted(self.resource_start()))?;
        }
        Ok(Spans { at: at as u16, bare_len: bare_len as u16 })
    }
}

/// Which parts are in canonical form.
#[derive(Clone, Copy)]
struct Canonical {
    local: bool,
    domain: bool,
    resource: bool,
}

fn write(part: Part, text: &str, canonical: bool, out: &mut impl Sink) -> Result<(), Error> {
    if canonical {
        out.push_str(text);
        Ok(())
    } else {
        prepare::write(part, text, out)
    }
}
