//! SCRAM downgrade protection (XEP-0474): a hash over what was offered.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::{Crypto, Hash};

/// The value of the attribute `h`: the base64 of the hash over the sorted
/// mechanism names and, if any were advertised (XEP-0440), the sorted channel
/// binding types.
pub(crate) fn hash_of_offer(
    crypto: &dyn Crypto,
    hash: Hash,
    mechanisms: &[&str],
    channel_bindings: Option<&[&str]>,
) -> String {
    let mut text = String::new();
    push_sorted(&mut text, mechanisms);
    if let Some(types) = channel_bindings {
        text.push('\u{1f}');
        push_sorted(&mut text, types);
    }
    STANDARD.encode(crypto.digest(hash, &[text.as_bytes()]))
}

/// Sorted by octet (RFC 4790 section 9.3), which is how Rust compares `str`.
fn push_sorted(text: &mut String, names: &[&str]) {
    let mut names: Vec<&str> = names.to_vec();
    names.sort_unstable();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push('\u{1e}');
        }
        text.push_str(name);
    }
}

#[cfg(all(test, any(feature = "ring", feature = "rustcrypto")))]
mod tests {
    use super::*;

    #[test]
    fn xep_0474_example() {
        let hash = hash_of_offer(
            crate::crypto::provider(),
            Hash::Sha1,
            &["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"],
            Some(&["tls-server-end-point", "tls-exporter"]),
        );
        assert_eq!(hash, "G6k/rBLDqgOhRRaCuuatSDFkJ08=");
    }
}
