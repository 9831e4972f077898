//! XMPP addresses in subjectAltName (RFC 3923 section 6.3, RFC 6120
//! section 13.7.1.4).

use xmpp_cpim::{Escaping, Uri};
use xmpp_jid::{BareJid, Jid};

use crate::asn1::{Fields, Malformed, OID, SEQUENCE, UTF8_STRING, explicit, implicit, oid};

/// In which form an address stands in a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressForm {
    /// `id-on-xmppAddr`: a JID.
    XmppAddr,
    /// An `im:` URI.
    Im,
    /// A `pres:` URI.
    Pres,
}

/// An address of the subject, as the certificate spells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateAddress {
    /// The form.
    pub form: AddressForm,
    /// The JID, or the URI with its scheme.
    pub text: String,
}

impl CertificateAddress {
    /// The XMPP address, bare; `None` if the text is none.
    ///
    /// RFC 3923 section 6.3 puts a JID behind the scheme as it is, RFC 3922
    /// section 3.2 percent-encodes it first. An ASCII address without `%` is the
    /// same in both; with `%` it is read as percent-encoded, as any URI is.
    #[must_use]
    pub fn jid(&self) -> Option<BareJid> {
        let jid = |text: &str| Jid::new(text).ok().map(Jid::into_bare);
        if self.form == AddressForm::XmppAddr {
            return jid(&self.text);
        }
        if self.text.contains('%') {
            return Uri::parse(&self.text).ok()?.to_jid(Escaping::default()).ok();
        }
        jid(self.text.split_once(':')?.1)
    }
}

/// How many addresses a certificate may have: each costs a comparison, and people
/// have few.
const MAX_ADDRESSES: usize = 64;

/// The addresses among the GeneralNames; those of other kinds are passed over.
pub(super) fn addresses(mut value: Fields<'_>) -> Result<Vec<CertificateAddress>, Malformed> {
    let mut found = Vec::new();
    let mut names = value.take(SEQUENCE, "GeneralNames (RFC 5280 section 4.2.1.6)")?.fields();
    while !names.is_empty() {
        let name = names.any("a GeneralName")?;
        let address = if name.tag == explicit(0) {
            // otherName: a type and a value
            let mut fields = name.fields();
            let kind = fields.take(OID, "the type-id of an otherName")?.value;
            let mut value = fields.take(explicit(0), "the value of an otherName")?.fields();
            if kind != oid::XMPP_ADDR {
                continue;
            }
            let jid = value.take(UTF8_STRING, "a UTF8String (RFC 6120 section 13.7.1.4)")?;
            let text = core::str::from_utf8(jid.value)
                .map_err(|_| jid.malformed("UTF-8 in an id-on-xmppAddr"))?;
            Some((AddressForm::XmppAddr, text))
        } else if name.tag == implicit(6) {
            // uniformResourceIdentifier, an IA5String
            let text = core::str::from_utf8(name.value)
                .ok()
                .filter(|text| text.is_ascii())
                .ok_or_else(|| name.malformed("an IA5String as URI"))?;
            scheme(text).map(|form| (form, text))
        } else {
            None
        };
        if let Some((form, text)) = address {
            if found.len() == MAX_ADDRESSES {
                return Err(name.malformed("at most 64 addresses"));
            }
            found.push(CertificateAddress { form, text: text.into() });
        }
    }
    Ok(found)
}

fn scheme(uri: &str) -> Option<AddressForm> {
    let (scheme, _) = uri.split_once(':')?;
    if scheme.eq_ignore_ascii_case("im") {
        Some(AddressForm::Im)
    } else if scheme.eq_ignore_ascii_case("pres") {
        Some(AddressForm::Pres)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 3923-6.3-04, 3923-6.3-05
    #[test]
    fn addresses_stand_for_bare_jids() {
        for (form, text, jid) in [
            (AddressForm::XmppAddr, "juliet@example.com", Some("juliet@example.com")),
            (AddressForm::XmppAddr, "Juliet@Example.COM/balcony", Some("juliet@example.com")),
            (AddressForm::XmppAddr, "a%27b@example.com", Some("a%27b@example.com")),
            (AddressForm::Im, "im:juliet@example.com", Some("juliet@example.com")),
            (AddressForm::Im, "IM:juliet@example.com/balcony", Some("juliet@example.com")),
            (AddressForm::Pres, "pres:jos%C3%A9@example.com", Some("josé@example.com")),
            (AddressForm::Im, "im:a%27b@example.com", Some("a#27;b@example.com")),
            (AddressForm::Im, "im:", None),
            (AddressForm::Im, "im:%@example.com", None),
        ] {
            let found = CertificateAddress { form, text: text.into() }.jid();
            assert_eq!(found.as_ref().map(BareJid::as_str), jid, "{text}");
        }
    }
}
