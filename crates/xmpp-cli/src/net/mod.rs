//! Sockets, names and certificates: what the blocks leave to the program.

pub(crate) mod certificates;
pub(crate) mod client;
pub(crate) mod link;
pub(crate) mod names;

/// 32 bytes from the system's generator: the seed of a connection.
pub(crate) fn seed() -> [u8; 32] {
    random()
}

/// Bytes from the system's generator.
///
/// # Panics
///
/// If the operating system has no randomness to give; nothing secure can be done then.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
