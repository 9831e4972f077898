use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// The `id` of the tuple for a resourcepart; an empty one stands for a bare
/// address.
///
/// RFC 3863 §4.1.2 calls the `id` an arbitrary string, its schema makes it an
/// `xs:ID`, which has no spaces, no slashes and does not begin with a digit. A
/// resourcepart that is one is used as it is (`3922-5.1.1-03`). Any other is
/// `r-` and its UTF-8 in hexadecimal, and so is one that looks like that: no
/// two resourceparts share an `id`.
///
/// ```
/// use xmpp_cpim::mapping::{resource_to_tuple_id, tuple_id_to_resource};
///
/// assert_eq!(resource_to_tuple_id("balcony"), "balcony");
/// assert_eq!(resource_to_tuple_id("a b"), "r-612062");
/// assert_eq!(tuple_id_to_resource("r-612062"), "a b");
/// ```
#[must_use]
pub fn resource_to_tuple_id(resource: &str) -> Cow<'_, str> {
    if is_nc_name(resource) && decode(resource).is_none() {
        return Cow::Borrowed(resource);
    }
    let mut id = String::with_capacity(2 + 2 * resource.len());
    id.push_str("r-");
    for octet in resource.bytes() {
        for digit in [octet >> 4, octet & 15] {
            id.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    Cow::Owned(id)
}

/// The resourcepart that [`resource_to_tuple_id`] made `id` of; `id` as it is
/// if it was not made so.
#[must_use]
pub fn tuple_id_to_resource(id: &str) -> Cow<'_, str> {
    match decode(id) {
        Some(resource) if resource_to_tuple_id(&resource) == id => Cow::Owned(resource),
        _ => Cow::Borrowed(id),
    }
}

fn decode(id: &str) -> Option<String> {
    let hex = id.strip_prefix("r-")?.as_bytes();
    let (pairs, odd) = hex.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let digit = |octet: u8| match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    };
    let octets: Option<Vec<u8>> =
        pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
    String::from_utf8(octets?).ok()
}

/// `NCName` of Namespaces in XML 1.0 §3: a name without a colon.
fn is_nc_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name)
}

fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}'
            | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    // 3922-5.1.1-03
    #[test]
    fn resources_and_ids() {
        for (resource, id) in [
            ("balcony", "balcony"),
            ("Łódź-1", "Łódź-1"),
            ("r-", "r-722d"),
            ("", "r-"),
            ("1", "r-31"),
            ("a b", "r-612062"),
            ("a:b", "r-613a62"),
            ("a/b", "r-612f62"),
            ("🚀", "🚀"),
            ("r-612062", "r-722d363132303632"),
            ("r-6", "r-6"),
            ("r-6A", "r-6A"),
            ("r-ff", "r-ff"),
        ] {
            assert_eq!(resource_to_tuple_id(resource), id);
            assert_eq!(tuple_id_to_resource(id), resource);
        }
        // Hexadecimal of what would have been used as it is: not ours.
        assert_eq!(tuple_id_to_resource("r-6162"), "r-6162");
    }

    proptest::proptest! {
        #[test]
        fn each_comes_back_and_is_a_name(resource in ".*|r-[0-9a-f]*") {
            let id = resource_to_tuple_id(&resource);
            proptest::prop_assert!(is_nc_name(&id));
            proptest::prop_assert_eq!(tuple_id_to_resource(&id), &*resource);
        }
    }
}
