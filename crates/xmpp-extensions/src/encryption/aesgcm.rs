//! OMEMO media sharing: XEP-0454, the `aesgcm` URIs of encrypted files.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Where an encrypted file is, and its key (XEP-0454, 3). The file is encrypted
/// with AES-256 in Galois/Counter Mode, and ends with the tag of 16 bytes.
///
/// Its `Debug` does not show the key.
///
/// ```
/// use xmpp_extensions::encryption::aesgcm::Link;
///
/// let uri = "aesgcm://download.montague.tld/4a77/tr%C3%A8s%20cool.jpg#\
///     8c3d050e9386ec173861778f68e9af38a97aaf82faa4063b4d0878a61261534410c8a84331eaac851759f587";
/// let link = Link::parse(uri).ok_or("no link")?;
/// assert_eq!(link.https(), "https://download.montague.tld/4a77/tr%C3%A8s%20cool.jpg");
/// assert_eq!((link.iv().len(), link.key()[0]), (12, 0x68));
/// assert_eq!(link.to_uri(), uri);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// Behind the scheme, without the fragment.
    place: String,
    iv: Vec<u8>,
    key: [u8; 32],
}

const SCHEME: &str = "aesgcm://";
const KEY: usize = 32;

impl Link {
    /// For a file at an `https` URL. `None` if it is another URL, has a fragment
    /// or white space, or if the initialisation vector has other than 12 bytes,
    /// or the 16 that old clients took.
    #[must_use]
    pub fn new(https: &str, iv: &[u8], key: [u8; 32]) -> Option<Self> {
        let place = without_prefix(https, "https://")?;
        let plain = !place.is_empty() && !place.contains(|c: char| c == '#' || c <= ' ');
        let sized = matches!(iv.len(), 12 | 16);
        (plain && sized).then(|| Self { place: place.into(), iv: iv.into(), key })
    }

    /// Reads a URI. Its fragment is the initialisation vector of 12 bytes, of old
    /// clients 16, and the key, in hexadecimal digits.
    #[must_use]
    pub fn parse(uri: &str) -> Option<Self> {
        let (place, fragment) = without_prefix(uri, SCHEME)?.split_once('#')?;
        if place.is_empty() || place.contains(|c: char| c <= ' ') {
            return None;
        }
        // Longer ones are not looked at.
        if !matches!(fragment.len(), 88 | 96) {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let (pairs, _) = fragment.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> =
            pairs.iter().map(|[a, b]| Some(digit(*a)? << 4 | digit(*b)?)).collect();
        let mut iv = bytes?;
        let key = iv.split_off(iv.len() - KEY).try_into().ok()?;
        Some(Self { place: place.into(), iv, key })
    }

    /// Where to fetch the file: never but by `https` (XEP-0454, 3).
    #[must_use]
    pub fn https(&self) -> String {
        alloc::format!("https://{}", self.place)
    }

    /// The initialisation vector.
    #[must_use]
    pub fn iv(&self) -> &[u8] {
        &self.iv
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// The URI. It holds the key.
    #[must_use]
    pub fn to_uri(&self) -> String {
        let mut uri = alloc::format!("{SCHEME}{}#", self.place);
        let digits = self.iv.iter().chain(&self.key).flat_map(|byte| [byte >> 4, byte & 15]);
        uri.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
        uri
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A body that is a link: and the thumbnail in it, a `data:image/jpeg` URI, if
/// there is one (XEP-0454, 4). `None` if there is anything else in it.
#[must_use]
pub fn of_body(body: &str) -> Option<(Link, Option<&str>)> {
    let mut lines = body.trim_end_matches('\n').split('\n');
    let link = Link::parse(lines.next()?)?;
    let thumbnail = lines.next();
    let known = thumbnail.is_none_or(|uri| uri.starts_with("data:image/jpeg,"));
    (known && lines.next().is_none()).then_some((link, thumbnail))
}

fn without_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "aesgcm://download.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/\
        tr%C3%A8s%20cool.jpg#8c3d050e9386ec173861778f68e9af38a97aaf82faa4063b4d0878a61261534410c8\
        a84331eaac851759f587";

    /// XEP-0454, 3: the printed values.
    #[test]
    fn the_example() {
        let link = Link::parse(URI).unwrap();
        let iv = [0x8c, 0x3d, 0x05, 0x0e, 0x93, 0x86, 0xec, 0x17, 0x38, 0x61, 0x77, 0x8f];
        assert_eq!(link.iv(), iv);
        assert_eq!((link.key()[0], link.key()[31]), (0x68, 0x87));
        let https = "https://download.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg";
        assert_eq!(link.https(), https);
        assert_eq!(Link::new(https, &iv, *link.key()).unwrap().to_uri(), URI);
        assert!(!alloc::format!("{link:?}").contains("68"));
    }

    #[test]
    fn what_is_no_link() {
        let upper = URI.replace("8c3d050e", "8C3D050E").replace("aesgcm", "AESGCM");
        assert_eq!(Link::parse(&upper), Link::parse(URI));
        let old = URI.replace('#', "#00112233");
        assert_eq!(Link::parse(&old).unwrap().iv().len(), 16);
        for bad in [
            "",
            "aesgcm://",
            "aesgcm://host/x",
            &URI.replace("aesgcm", "https"),
            &URI.replace('#', "#0"),
            &URI.replace('#', "#00"),
            &URI.replace("8c3d", "8g3d"),
            &URI.replace("8c3d", "+c3d"),
            &URI.replace("%20", " "),
            &URI.replace("f587", "é87"),
        ] {
            assert_eq!(Link::parse(bad), None, "{bad}");
        }
        // XEP-0454, 3: nothing but https.
        assert_eq!(Link::new("http://host/x", &[0; 12], [0; 32]), None);
        assert_eq!(Link::new("https://host/x#y", &[0; 12], [0; 32]), None);
        assert_eq!(Link::new("https://host/x", &[0; 13], [0; 32]), None);
    }

    /// XEP-0454, 4.
    #[test]
    fn bodies_with_thumbnails() {
        let body = alloc::format!("{URI}\ndata:image/jpeg,/9j/4AAQ");
        assert_eq!(of_body(&body).unwrap().1, Some("data:image/jpeg,/9j/4AAQ"));
        assert_eq!(of_body(URI).unwrap().1, None);
        assert_eq!(of_body(&alloc::format!("{URI}\nlook")), None);
        assert_eq!(of_body(&alloc::format!("look: {URI}")), None);
        assert_eq!(of_body(&alloc::format!("{body}\nmore")), None);
    }
}
