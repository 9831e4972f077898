//! The handshake of components: XEP-0114 section 3.

use alloc::string::String;
use core::fmt::Write as _;

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use xmpp_sasl::Secret;
use xmpp_xml::{ElementRef, Ns, SendBuffer, ns};

use crate::connection::core::Core;

const NS: Ns<'static> = ns::COMPONENT_ACCEPT;
const NAME: &str = "handshake";

/// SHA-1 of the stream's id and the secret, in lowercase hexadecimal.
fn proof(stream_id: &str, secret: &Secret) -> String {
    let digest = Sha1::new().chain_update(stream_id).chain_update(secret.expose()).finalize();
    let mut hex = String::with_capacity(40);
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The component proves that it knows the secret.
pub(crate) fn request(core: &mut Core, stream_id: &str, secret: &Secret, tx: &mut SendBuffer) {
    let proof = proof(stream_id, secret);
    core.compose(tx, |w| {
        w.leaf(NS, NAME, &proof);
    });
}

pub(crate) fn is_handshake(element: ElementRef<'_>) -> bool {
    element.is(NS, NAME)
}

/// Whether the component knows the secret. Upper and lower case of the digits
/// are told apart, as the XEP has it.
pub(crate) fn verify(element: ElementRef<'_>, stream_id: &str, secret: &Secret) -> bool {
    element.text().trim_ascii().as_bytes().ct_eq(proof(stream_id, secret).as_bytes()).into()
}

/// The server agrees.
pub(crate) fn accept(core: &mut Core, tx: &mut SendBuffer) {
    core.compose(tx, |w| {
        w.start(NS, NAME).end();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_hash_of_id_and_secret() {
        // `printf 3BF96D32secret | sha1sum`
        let secret = Secret::from("secret");
        assert_eq!(proof("3BF96D32", &secret), "b09ea9b3b7f586be8a08d0a3dd7466f110aeb136");
    }
}
