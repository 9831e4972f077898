//! SCRAM's keys, the one part of an exchange that takes long.

use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

use crate::crypto::{Crypto, Hash};
use crate::scram::keys::ScramKeys;
use crate::secret::Secret;
use crate::shared::Shared;

/// What SCRAM's keys are to be derived from. PBKDF2 with the count of a server
/// takes from some milliseconds to two seconds, so this is a value that can be
/// moved to a thread or a worker of the caller's; where that does not matter,
/// [`Exchange::challenge_in_place`](super::Exchange::challenge_in_place) has it
/// done at once.
///
/// It holds the password, which does not show in `Debug`.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// # use xmpp_sasl::client::{Credentials, Offer, Policy};
/// # use xmpp_sasl::{ChannelBindings, Nonce};
/// use xmpp_sasl::client::Step;
///
/// # let choice = Policy::default()
/// #     .choose(
/// #         &Offer::new(&["SCRAM-SHA-256"]),
/// #         &ChannelBindings::over_tls(),
/// #         &Credentials::new("user").with_password("pencil"),
/// #     )
/// #     .unwrap();
/// # let exchange = choice.start(Nonce::from_text("abc").unwrap()).exchange;
/// # let challenge = b"r=abcxyz,s=c2FsdA==,i=4096";
/// let Step::KeysWanted { query, pending } = exchange.challenge(challenge).unwrap() else {
///     panic!("nothing is cached")
/// };
/// let worker = std::thread::spawn(move || query.derive());
/// // ... the program does something else, and when the keys are there:
/// let Step::Response { response, exchange } = pending.provide(worker.join().unwrap()).unwrap()
/// else { panic!() };
/// # assert!(response.starts_with(b"c=biws,r=abcxyz,p="));
/// # drop(exchange);
/// # }
/// ```
#[derive(Clone)]
#[must_use = "the exchange waits for the keys"]
pub struct KeysQuery {
    pub(crate) crypto: Shared<dyn Crypto>,
    pub(crate) hash: Hash,
    /// Prepared.
    pub(crate) password: Secret,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: NonZeroU32,
}

impl KeysQuery {
    /// The hash of the mechanism.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The server's salt; never empty.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// The server's count, within the bounds of the
    /// [policy](super::Policy::iterations).
    pub const fn iterations(&self) -> NonZeroU32 {
        self.iterations
    }

    /// Derives the keys: [`iterations`](Self::iterations) rounds of PBKDF2 by
    /// the policy's provider of cryptography.
    pub fn derive(&self) -> ScramKeys {
        let Self { crypto, hash, password, salt, iterations } = self;
        ScramKeys::derive(&**crypto, *hash, password.expose(), salt, *iterations)
    }
}

impl fmt::Debug for KeysQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeysQuery")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}
