//! Making MIME parts of S/MIME.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::{Digest, NoRandomness, random};

/// `multipart/signed` around `content`, an entity with CR LF line ends.
pub(crate) fn multipart_signed(
    content: &[u8],
    signed_data: &[u8],
    digest: Digest,
) -> Result<Vec<u8>, NoRandomness> {
    let boundary = boundary(content)?;
    let mut out = Vec::with_capacity(content.len() + signed_data.len() * 3 / 2 + 512);
    // RFC 2045 section 5.1 wants quotes around what has a `/`.
    out.extend_from_slice(
        b"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg=",
    );
    out.extend_from_slice(digest.micalg().as_bytes());
    out.extend_from_slice(b"; boundary=");
    out.extend_from_slice(&boundary);
    out.extend_from_slice(b"\r\n\r\n--");
    out.extend_from_slice(&boundary);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(content);
    out.extend_from_slice(b"\r\n--");
    out.extend_from_slice(&boundary);
    // RFC 3923 sections 3.2 and 6.7.
    out.extend_from_slice(
        b"\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
          Content-Transfer-Encoding: base64\r\n\
          Content-Disposition: attachment; handling=required; filename=smime.p7s\r\n\r\n",
    );
    base64_lines(signed_data, &mut out);
    out.extend_from_slice(b"--");
    out.extend_from_slice(&boundary);
    out.extend_from_slice(b"--\r\n");
    Ok(out)
}

/// `application/pkcs7-mime` around a `ContentInfo`.
pub(crate) fn pkcs7_mime(content_info: &[u8], smime_type: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(content_info.len() * 3 / 2 + 256);
    out.extend_from_slice(b"Content-Type: application/pkcs7-mime; smime-type=");
    out.extend_from_slice(smime_type.as_bytes());
    out.extend_from_slice(
        b"; name=smime.p7m\r\n\
          Content-Transfer-Encoding: base64\r\n\
          Content-Disposition: attachment; handling=required; filename=smime.p7m\r\n\r\n",
    );
    base64_lines(content_info, &mut out);
    out
}

/// Lines of 76 characters (RFC 2045 section 6.8), the last one ended too.
fn base64_lines(octets: &[u8], out: &mut Vec<u8>) {
    let mut line = [0; 76];
    for piece in octets.chunks(57) {
        // 57 octets are 76 characters.
        let length = STANDARD.encode_slice(piece, &mut line).unwrap_or(0);
        out.extend_from_slice(&line[..length]);
        out.extend_from_slice(b"\r\n");
    }
}

/// 128 random bits, which no content holds by chance or, since it was there
/// first, by design; looked for all the same.
fn boundary(content: &[u8]) -> Result<Vec<u8>, NoRandomness> {
    loop {
        let mut octets = [0; 16];
        random(&mut octets)?;
        let mut out = b"e2e-".to_vec();
        for octet in octets {
            out.extend(
                [octet >> 4, octet & 15].map(|nibble| b"0123456789abcdef"[usize::from(nibble)]),
            );
        }
        if memchr::memmem::find(content, &out).is_none() {
            return Ok(out);
        }
    }
}
