//! XMPP addresses in subjectAltName (RFC 3923 section 6.3, RFC 6120
//! section 13.7.1.4).

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
