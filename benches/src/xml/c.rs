//! The peers written in C and C++, by way of shims that `build.rs` compiles
//! where their headers are installed.

use crate::subject::Subject;

/// Peers that could not be built, and what would help.
pub(super) static MISSING: &[&str] = &[
    #[cfg(not(has_expat))]
    "libexpat: its header is not installed (Debian: libexpat1-dev)",
    #[cfg(not(has_pugixml))]
    "pugixml: its header is not installed (Debian: libpugixml-dev)",
];

pub(super) fn subjects(text: &str) -> Vec<Subject<'_>> {
    let mut subjects = Vec::new();
    #[cfg(has_expat)]
    for (mode, piece) in
        [("events with namespaces", text.len()), ("events in chunks of 1460", 1460)]
    {
        subjects.push(Subject::new("libexpat", mode, move || expat(text.as_bytes(), piece)));
    }
    #[cfg(has_pugixml)]
    subjects.push(Subject::new("pugixml", "tree, no namespaces, little checked", || {
        pugixml(text.as_bytes())
    }));
    let _ = text;
    subjects
}

#[cfg(has_expat)]
#[expect(unsafe_code, reason = "there is no other way to a peer written in C")]
fn expat(bytes: &[u8], piece: usize) -> u64 {
    unsafe extern "C" {
        fn xmpp_bench_expat(bytes: *const u8, len: usize, piece: usize) -> u64;
    }
    // SAFETY: the shim reads `len` bytes at `bytes` and keeps nothing.
    let sum = unsafe { xmpp_bench_expat(bytes.as_ptr(), bytes.len(), piece) };
    assert_ne!(sum, 0, "libexpat refused a corpus");
    sum
}

#[cfg(has_pugixml)]
#[expect(unsafe_code, reason = "there is no other way to a peer written in C++")]
fn pugixml(bytes: &[u8]) -> u64 {
    unsafe extern "C" {
        fn xmpp_bench_pugixml(bytes: *const u8, len: usize) -> u64;
    }
    // SAFETY: the shim reads `len` bytes at `bytes` and keeps nothing.
    let sum = unsafe { xmpp_bench_pugixml(bytes.as_ptr(), bytes.len()) };
    assert_ne!(sum, 0, "pugixml refused a corpus");
    sum
}
