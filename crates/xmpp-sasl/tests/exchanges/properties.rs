//! What holds for any name, password, cut and change.

use proptest::prelude::*;

use crate::pair::{Failed, Pair, keys, stored};
use xmpp_sasl::client::Credentials;
use xmpp_sasl::crypto::Hash;
use xmpp_sasl::server::{Answer, Query};
use xmpp_sasl::{ScramKeys, StoredKeys, crypto};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever SASLprep lets pass as a name arrives as SASLprep leaves it,
    /// and is let pass again.
    #[test]
    fn any_name_arrives(name in "\\PC{1,20}") {
        let mut pair = Pair::new().with_hashes(&[Hash::Sha256]);
        pair.credentials = Credentials::new(name).with_password("pencil");
        let mut asked = None;
        let result = pair.run(|query| {
            if let Query::ScramKeys { username, hash, .. } = query {
                asked = Some(username.clone());
                return Answer::keys(stored(*hash));
            }
            Answer::unknown_user()
        });
        match result {
            Ok(done) => prop_assert_eq!(Some(done.server.authcid()), asked.as_deref()),
            Err(Failed::Choice(_)) => {}
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    /// Another password is a wrong one.
    #[test]
    fn another_password_does_not_do(password in "[ -~]{1,20}") {
        let mut pair = Pair::new().with_hashes(&[Hash::Sha1]);
        pair.credentials = Credentials::new("user").with_password(&password);
        let done = pair.run(|_| Answer::keys(stored(Hash::Sha1))).is_ok();
        prop_assert_eq!(done, password == crate::pair::PASSWORD);
    }

    #[test]
    fn keys_as_text(salt in proptest::collection::vec(any::<u8>(), 1..40), count in 4096..4200_u32) {
        let keys = keys(Hash::Sha256, &salt, count);
        let stored = keys.to_stored();
        prop_assert_eq!(StoredKeys::from_text(&stored.to_text()), Some(stored));
        let crypto = crypto::provider();
        let text = keys.to_text();
        prop_assert_eq!(ScramKeys::from_text(crypto, &text), Some(keys));
        // A ClientKey that does not belong to the StoredKey.
        let mut other = text.into_bytes();
        let at = other.len() - 5;
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        prop_assert_eq!(ScramKeys::from_text(crypto, core::str::from_utf8(&other).unwrap()), None);
    }
}

/// PostgreSQL's own form of the RFC 7677 example's keys.
#[test]
fn stored_keys_as_text() {
    let text = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
                WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
                wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    let keys = StoredKeys::from_text(text).unwrap();
    assert_eq!(keys.to_text(), text);
    assert!(keys.verify_password(crypto::provider(), b"pencil"));
    for wrong in [
        text.replace("4096", "0"),
        text.replace("4096", "+4096"),
        text.replace("256", "224"),
        text.replace("W22ZaJ0SNY7soEsUEjb6gQ==", ""),
        text.replace(":w", "w"),
        text.replace("WG5d", ""),
        format!("{text}="),
    ] {
        assert_eq!(StoredKeys::from_text(&wrong), None, "{wrong}");
    }
}
