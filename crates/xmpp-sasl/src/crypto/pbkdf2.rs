//! PBKDF2 over the compression functions of RustCrypto.
//!
//! From the second iteration on, each HMAC is two calls of the compression
//! function on one block whose padding never changes. Going there directly,
//! past the buffering of a general HMAC, is what makes this faster than any
//! library measured (docs/sasl.md). The compression functions use the
//! processor's SHA instructions where it has them.

use core::num::NonZeroU32;

use zeroize::Zeroize as _;

use super::{Crypto, Digest, Hash};

/// One block of PBKDF2-HMAC (RFC 8018 section 5.2). `crypto` computes the
/// first HMAC.
pub(super) fn derive(
    crypto: &dyn Crypto,
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
) -> Digest {
    // U_1 = PRF (P, S || INT (1))
    let first = crypto.hmac(hash, password, &[salt, &1_u32.to_be_bytes()]);
    let more = iterations.get() - 1;
    let mut key = padded_key(crypto, hash, password);
    let derived = match hash {
        Hash::Sha1 => sha1_chain(&key, first.as_ref(), more),
        Hash::Sha256 => sha256_chain(&key, first.as_ref(), more),
        Hash::Sha512 => sha512_chain(&key, first.as_ref(), more),
    };
    key.zeroize();
    derived
}

/// The key as HMAC takes it (RFC 2104 section 2): itself, or its hash if it is
/// longer than a block, and zeros.
pub(super) fn padded_key(crypto: &dyn Crypto, hash: Hash, key: &[u8]) -> [u8; 128] {
    let mut padded = [0; 128];
    let block = if hash == Hash::Sha512 { 128 } else { 64 };
    if key.len() <= block {
        padded[..key.len()].copy_from_slice(key);
    } else {
        let hashed = crypto.digest(hash, &[key]);
        padded[..hash.output_len()].copy_from_slice(hashed.as_ref());
    }
    padded
}

pub(super) const IPAD: u8 = 0x36;
pub(super) const OPAD: u8 = 0x5c;

/// `U_2` to `U_c`, folded with `U_1`.
macro_rules! chain {
    ($name:ident, $compress:ident, $iv:expr, $word:ty, $words:literal, $block:literal) => {
        fn $name(key: &[u8; 128], first: &[u8], more: u32) -> Digest {
            type State = [$word; $words];
            const WORD: usize = size_of::<$word>();

            let keyed = |pad: u8| -> State {
                let mut block = [0; $block];
                for (byte, key) in block.iter_mut().zip(key) {
                    *byte = key ^ pad;
                }
                let mut state = $iv;
                $compress(&mut state, &block);
                block.zeroize();
                state
            };
            let (mut inner, mut outer) = (keyed(IPAD), keyed(OPAD));

            // What is hashed is always a key block and one output; the rest of
            // the block is the padding for that length.
            let mut block = [0_u8; $block];
            block[..first.len()].copy_from_slice(first);
            block[first.len()] = 0x80;
            let bits = (($block + $words * WORD) * 8) as u64;
            block[$block - 8..].copy_from_slice(&bits.to_be_bytes());

            let write = |block: &mut [u8; $block], state: &State| {
                for (bytes, word) in block.chunks_exact_mut(WORD).zip(state) {
                    bytes.copy_from_slice(&word.to_be_bytes());
                }
            };
            let mut folded: State = [0; $words];
            for (word, bytes) in folded.iter_mut().zip(first.chunks_exact(WORD)) {
                *word = <$word>::from_be_bytes(
                    bytes.try_into().expect("a chunk has the length of a word"),
                );
            }
            for _ in 0..more {
                let mut state = inner;
                $compress(&mut state, &block);
                write(&mut block, &state);
                state = outer;
                $compress(&mut state, &block);
                write(&mut block, &state);
                for (folded, word) in folded.iter_mut().zip(state) {
                    *folded ^= word;
                }
            }

            let mut bytes = [0; $words * WORD];
            for (bytes, word) in bytes.chunks_exact_mut(WORD).zip(folded) {
                bytes.copy_from_slice(&word.to_be_bytes());
            }
            let derived = super::of_bytes(&bytes);
            bytes.zeroize();
            folded.zeroize();
            block.zeroize();
            inner.zeroize();
            outer.zeroize();
            derived
        }
    };
}

// FIPS 180-4 section 5.3.
const SHA1_IV: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
const SHA256_IV: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
const SHA512_IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

// Why these are never inlined: x86's SHA instructions have no VEX encoding, and
// run about a hundred times slower while the upper halves of the AVX registers
// are dirty (llvm/llvm-project#142368). In a build for a processor with both
// (`target-cpu=native`) and with link-time optimisation, copies of blocks
// around an inlined compression function are compiled to AVX moves, and that is
// what happens. At the boundary of a function the compiler cleans up.

#[inline(never)]
fn compress_sha1(state: &mut [u32; 5], block: &[u8; 64]) {
    sha1::block_api::compress(state, core::slice::from_ref(block));
}

#[inline(never)]
fn compress_sha256(state: &mut [u32; 8], block: &[u8; 64]) {
    sha2::block_api::compress256(state, core::slice::from_ref(block));
}

#[inline(never)]
fn compress_sha512(state: &mut [u64; 8], block: &[u8; 128]) {
    sha2::block_api::compress512(state, core::slice::from_ref(block));
}

chain!(sha1_chain, compress_sha1, SHA1_IV, u32, 5, 64);
chain!(sha256_chain, compress_sha256, SHA256_IV, u32, 8, 64);
chain!(sha512_chain, compress_sha512, SHA512_IV, u64, 8, 128);

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> alloc::string::String {
        bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
    }

    fn derived(hash: Hash, password: &str, salt: &str, iterations: u32) -> alloc::string::String {
        let iterations = NonZeroU32::new(iterations).expect("a test's count is not zero");
        hex(derive(
            crate::crypto::provider(),
            hash,
            password.as_bytes(),
            salt.as_bytes(),
            iterations,
        )
        .as_ref())
    }

    #[test]
    fn rfc_6070() {
        let sha1 = |iterations| derived(Hash::Sha1, "password", "salt", iterations);
        assert_eq!(sha1(1), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
        assert_eq!(sha1(2), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
        assert_eq!(sha1(4096), "4b007901b765489abead49d926f721d065a429c1");
    }

    /// The expected values are Python's `hashlib.pbkdf2_hmac`.
    #[test]
    fn agrees_with_openssl() {
        assert_eq!(
            derived(Hash::Sha256, "password", "salt", 4096),
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
        );
        assert_eq!(
            derived(Hash::Sha512, "password", "salt", 4096),
            "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5\
             143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5"
        );
    }

    #[test]
    fn a_password_longer_than_a_block_is_hashed_first() {
        let long = "p".repeat(200);
        assert_eq!(
            derived(Hash::Sha1, &long, "NaCl", 3),
            "b96073aa73455f91bb1f8d3b72091e29fbf9730e"
        );
        assert_eq!(
            derived(Hash::Sha256, &long, "NaCl", 3),
            "ecf708e70b4e1e88c4ee17d27464be5bc0397ef3f3499d74dd34a834caa89742"
        );
        assert_eq!(
            derived(Hash::Sha512, &long, "NaCl", 3),
            "11df502a7fa786b74d5bf9ab26e658fa7c4468b4b4cb8309d5db8bc6c323f3e1\
             c7a19304fffee46923f2ae1b175a786793ea6296a55a08a47db9b54c0cb9d9b7"
        );
    }
}
