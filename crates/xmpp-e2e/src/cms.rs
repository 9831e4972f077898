//! The Cryptographic Message Syntax (RFC 5652, RFC 5083) over octets: what
//! S/MIME puts into its MIME parts.
//!
//! This is the layer below stanzas and MIME. It says what the octets say and
//! whether the mathematics hold; whose certificate is trusted, whether an
//! algorithm is still good enough, and what a decrypted content may be used for,
//! the layers above decide.

mod enveloped;
mod sign;
pub(crate) mod signed;

pub use enveloped::{
    DecryptError, Decrypted, EncryptError, EnvelopedData, Recipient, decrypt, encrypt,
};
pub use sign::{SignError, SignedForm, Signer, sign};
pub use signed::{SignatureError, SignedData, SignerInfo};

use crate::asn1::{Element, Fields, Malformed, OID, SEQUENCE, explicit, nest, oid, put};

/// How many certificates, signers or recipients of one object are looked at;
/// an object with more is refused. Chosen to be more than people have devices.
pub const MAX_ENTRIES: usize = 64;

/// What a `ContentInfo` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentType {
    /// Content with signatures (RFC 5652 section 5).
    SignedData,
    /// Encrypted content (RFC 5652 section 6).
    EnvelopedData,
    /// Encrypted content that cannot be changed unnoticed (RFC 5083).
    AuthEnvelopedData,
    /// Something this crate does not read.
    Other,
}

impl ContentType {
    /// Of an object in BER or DER.
    ///
    /// # Errors
    ///
    /// If it is not a `ContentInfo` (RFC 5652 section 3).
    pub fn of(ber: &[u8]) -> Result<Self, Malformed> {
        let der = crate::asn1::to_der(ber)?;
        Ok(content_info(&der)?.0)
    }
}

/// The type of a `ContentInfo`, and what it holds.
fn content_info(der: &[u8]) -> Result<(ContentType, Element<'_>), Malformed> {
    let mut outer = Fields::new(der);
    let info = outer.take(SEQUENCE, "a ContentInfo (RFC 5652 section 3)")?;
    outer.end("the end of the ContentInfo")?;
    let mut fields = info.fields();
    let kind = match fields.take(OID, "contentType")?.value {
        id if id == oid::SIGNED_DATA => ContentType::SignedData,
        id if id == oid::ENVELOPED_DATA => ContentType::EnvelopedData,
        id if id == oid::AUTH_ENVELOPED_DATA => ContentType::AuthEnvelopedData,
        _ => ContentType::Other,
    };
    let mut content = fields.take(explicit(0), "the content of the ContentInfo")?.fields();
    fields.end("the end of the ContentInfo")?;
    let element = content.any("the content of the ContentInfo")?;
    content.end("the end of the ContentInfo")?;
    Ok((kind, element))
}

fn put_content_info(out: &mut Vec<u8>, kind: &[u8], content: impl FnOnce(&mut Vec<u8>)) {
    nest(out, SEQUENCE, |out| {
        put(out, OID, kind);
        nest(out, explicit(0), |out| nest(out, SEQUENCE, content));
    });
}
