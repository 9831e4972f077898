//! The parameters of RSASSA-PSS and RSAES-OAEP (RFC 4055), which begin alike:
//! a digest, and the digest of MGF1.

use super::Digest;
use crate::asn1::{
    Algorithm, Element, Fields, INTEGER, OCTET_STRING, OID, SEQUENCE, explicit, nest, oid, put,
    put_algorithm_null, put_unsigned,
};

const EXPECTED: &str = "the parameters of RFC 4055";

/// What a set of parameters begins with; the fields after it are left in `rest`.
struct Start<'a> {
    digest: Digest,
    mgf1: Digest,
    rest: Fields<'a>,
}

/// RSASSA-PSS-params (RFC 4055 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pss {
    pub(crate) digest: Digest,
    pub(crate) mgf1: Digest,
    /// Octets of the salt.
    pub(crate) salt: usize,
}

/// RSAES-OAEP-params (RFC 4055 section 4.1) with the empty label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Oaep {
    pub(crate) digest: Digest,
    pub(crate) mgf1: Digest,
}

impl Pss {
    /// What is absent is SHA-1, MGF1 with SHA-1, a salt of 20 octets and the
    /// trailer 1. Other trailers there are none.
    pub(crate) fn read(parameters: Element<'_>) -> Option<Self> {
        let Start { digest, mgf1, mut rest } = start(parameters)?;
        let (mut salt, mut trailer) = (20, 1);
        if let Some(element) = rest.optional(explicit(2), EXPECTED).ok()? {
            salt = only(element)?.small_unsigned(EXPECTED).ok()?;
        }
        if let Some(element) = rest.optional(explicit(3), EXPECTED).ok()? {
            trailer = only(element)?.small_unsigned(EXPECTED).ok()?;
        }
        (rest.is_empty() && trailer == 1).then_some(Self { digest, mgf1, salt: usize::from(salt) })
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        nest(out, SEQUENCE, |out| {
            write_start(out, self.digest, self.mgf1);
            nest(out, explicit(2), |out| put_unsigned(out, self.salt as u16));
        });
    }
}

impl Oaep {
    /// What is absent is SHA-1, MGF1 with SHA-1, and the empty label.
    pub(crate) fn read(parameters: Element<'_>) -> Option<Self> {
        let Start { digest, mgf1, mut rest } = start(parameters)?;
        if let Some(element) = rest.optional(explicit(2), EXPECTED).ok()? {
            let source = Algorithm::parse(&mut element.fields(), EXPECTED).ok()?;
            let label = source.parameters.filter(|p| p.tag == OCTET_STRING)?;
            if source.oid != oid::P_SPECIFIED || !label.value.is_empty() {
                return None;
            }
        }
        rest.is_empty().then_some(Self { digest, mgf1 })
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        nest(out, SEQUENCE, |out| write_start(out, self.digest, self.mgf1));
    }
}

fn start(parameters: Element<'_>) -> Option<Start<'_>> {
    if parameters.tag != SEQUENCE {
        return None;
    }
    let mut rest = parameters.fields();
    let (mut digest, mut mgf1) = (Digest::Sha1, Digest::Sha1);
    if let Some(element) = rest.optional(explicit(0), EXPECTED).ok()? {
        let algorithm = Algorithm::parse(&mut element.fields(), EXPECTED).ok()?;
        digest = Digest::from_algorithm(&algorithm)?;
    }
    if let Some(element) = rest.optional(explicit(1), EXPECTED).ok()? {
        let algorithm = Algorithm::parse(&mut element.fields(), EXPECTED).ok()?;
        let of = (algorithm.oid == oid::MGF1).then_some(algorithm.parameters?)?;
        mgf1 = Digest::from_algorithm(&Algorithm::of(of, EXPECTED).ok()?)?;
    }
    Some(Start { digest, mgf1, rest })
}

/// The fields of an element that holds one INTEGER.
fn only(element: Element<'_>) -> Option<Fields<'_>> {
    let mut fields = element.fields();
    fields.take(INTEGER, EXPECTED).ok()?;
    fields.is_empty().then(|| element.fields())
}

/// DER leaves out what is the default.
fn write_start(out: &mut Vec<u8>, digest: Digest, mgf1: Digest) {
    if digest != Digest::Sha1 {
        nest(out, explicit(0), |out| put_algorithm_null(out, digest.oid()));
    }
    if mgf1 != Digest::Sha1 {
        nest(out, explicit(1), |out| {
            nest(out, SEQUENCE, |out| {
                put(out, OID, oid::MGF1);
                put_algorithm_null(out, mgf1.oid());
            });
        });
    }
}
