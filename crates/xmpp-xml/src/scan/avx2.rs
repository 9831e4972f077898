//! The marks with AVX2: bytes are classified by their two halves, each of
//! which is looked up in a table of bits. A byte is of a class if both halves
//! have its bit, so that a class is some upper halves times some lower ones.

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use fearless_simd::prelude::*;
use fearless_simd::u8x32;

use super::{Masks, first_stop_with, mark};

/// Bits of upper and of lower halves.
#[derive(Clone, Copy)]
struct Tables {
    upper: [u8; 16],
    lower: [u8; 16],
}

/// Names: digits; `A` to `O` in both cases; `P` to `Z`; `-` and `.`; `_`.
/// Values: control characters; `"`, `&` and `'`; `<`.
const NAME_AND_VALUE: Tables = tables(&[
    (1, b"\x30", b"0123456789"),
    (2, b"\x40\x60", b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"),
    (4, b"\x50\x70", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"),
    (8, b"\x20", b"-."),
    (16, b"\x50", b"_"),
    (32, b"\x00\x10", b"0123456789:;<=>?"),
    (64, b"\x20", b"\"&'"),
    (128, b"\x30", b"<"),
]);

/// Control characters, but tab and line feed; `&`; `<` and `>`.
const TEXT: Tables = tables(&[
    (1, b"\x00", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0d\x0e\x0f"),
    (2, b"\x10", b"0123456789:;<=>?"),
    (4, b"\x20", b"&"),
    (8, b"\x30", b"<>"),
]);

/// From bits, with bytes that have the upper and bytes that have the lower
/// halves.
const fn tables(classes: &[(u8, &[u8], &[u8])]) -> Tables {
    let mut tables = Tables { upper: [0; 16], lower: [0; 16] };
    let mut i = 0;
    while i < classes.len() {
        let (bit, upper, lower) = classes[i];
        let mut j = 0;
        while j < upper.len() {
            tables.upper[upper[j] as usize >> 4] |= bit;
            j += 1;
        }
        j = 0;
        while j < lower.len() {
            tables.lower[lower[j] as usize & 15] |= bit;
            j += 1;
        }
        i += 1;
    }
    tables
}

const fn twice(half: [u8; 16]) -> [u8; 32] {
    let mut both = [0; 32];
    let mut i = 0;
    while i < 32 {
        both[i] = half[i & 15];
        i += 1;
    }
    both
}

fearless_simd::kernel!(
    /// Marks the first blocks of `rest`.
    pub(super) fn look_ahead(avx2: Avx2, rest: &[u8], masks: &mut Masks) {
        let table = |half| -> __m256i { u8x32::simd_from(avx2, twice(half)).into() };
        let (tag_upper, tag_lower) = (table(NAME_AND_VALUE.upper), table(NAME_AND_VALUE.lower));
        let (text_upper, text_lower) = (table(TEXT.upper), table(TEXT.lower));
        let half = |bytes: &[u8; 32]| -> [u32; 3] {
            let bytes: __m256i = u8x32::simd_from(avx2, *bytes).into();
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
            // Bytes that are not ASCII look up nothing in the lower tables.
            let tag = _mm256_and_si256(
                _mm256_shuffle_epi8(tag_upper, upper),
                _mm256_shuffle_epi8(tag_lower, bytes),
            );
            let text = _mm256_and_si256(
                _mm256_shuffle_epi8(text_upper, upper),
                _mm256_shuffle_epi8(text_lower, bytes),
            );
            let end = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0xef_u8 as i8));
            // Names are now 0x61 to 0x7f, and the others of values negative.
            let tag = _mm256_add_epi8(tag, _mm256_set1_epi8(0x60));
            let name = _mm256_cmpgt_epi8(tag, _mm256_set1_epi8(0x60));
            let text = _mm256_add_epi8(text, _mm256_set1_epi8(0x7f));
            [
                !_mm256_movemask_epi8(name) as u32,
                _mm256_movemask_epi8(_mm256_or_si256(tag, end)) as u32,
                _mm256_movemask_epi8(_mm256_or_si256(text, end)) as u32,
            ]
        };
        mark(rest, masks, |block| {
            let (blocks, _) = block.as_chunks::<32>();
            let (low, high) = (half(&blocks[0]), half(&blocks[1]));
            core::array::from_fn(|i| u64::from(low[i]) | u64::from(high[i]) << 32)
        });
    }
);

fearless_simd::kernel!(
    /// Where the first byte is that needs attention in character data.
    pub(super) fn first_stop(avx2: Avx2, bytes: &[u8]) -> usize {
        let table = |half| -> __m256i { u8x32::simd_from(avx2, twice(half)).into() };
        let (text_upper, text_lower) = (table(TEXT.upper), table(TEXT.lower));
        let half = |bytes: &[u8; 32]| -> u32 {
            let bytes: __m256i = u8x32::simd_from(avx2, *bytes).into();
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
            let text = _mm256_and_si256(
                _mm256_shuffle_epi8(text_upper, upper),
                _mm256_shuffle_epi8(text_lower, bytes),
            );
            let end = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0xef_u8 as i8));
            let text = _mm256_add_epi8(text, _mm256_set1_epi8(0x7f));
            _mm256_movemask_epi8(_mm256_or_si256(text, end)) as u32
        };
        first_stop_with(bytes, |block| {
            let (blocks, _) = block.as_chunks::<32>();
            u64::from(half(&blocks[0])) | u64::from(half(&blocks[1])) << 32
        })
    }
);
