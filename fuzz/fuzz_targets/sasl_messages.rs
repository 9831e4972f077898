//! Every reader of text and messages, on anything: no panic, and what was
//! written is read again.
#![no_main]

use core::num::NonZeroU32;

use libfuzzer_sys::fuzz_target;
use xmpp_sasl::client::{self, Credentials, Pin};
use xmpp_sasl::crypto::Hash;
use xmpp_sasl::sasl2::{TokenSlots, UserAgent};
use xmpp_sasl::server::{self, AccountKeys, Config, FakeSalt, Offer};
use xmpp_sasl::{ChannelBindings, Mechanism, Nonce, ScramKeys, StoredKeys, crypto};

fuzz_target!(|data: &[u8]| {
    let tls = ChannelBindings::over_tls()
        .with_tls_exporter([1; 32])
        .with_tls_unique([2; 12])
        .with_tls_server_end_point([3; 32]);
    let rounds = NonZeroU32::new(4096).unwrap();
    let keys = AccountKeys::new(FakeSalt::new([4; 32]), Hash::Sha256, rounds)
        .and(Hash::Sha1, rounds)
        .and(Hash::Sha512, rounds);
    let config = Config::new().account_keys(keys);
    for mechanism in Mechanism::ALL {
        let name = mechanism.name();
        let offer = Offer::new([name], []);
        let nonce = Nonce::from_random([5; 18]);
        let server = server::Exchange::start(name, &config, &offer, &tls, nonce).unwrap();
        let _ = server.respond(Some(data));
    }
    let choice = client::Policy::default()
        .choose(
            &client::Offer::new(&["SCRAM-SHA-256"]),
            &ChannelBindings::over_tls(),
            &Credentials::new("user").with_password("pencil"),
        )
        .unwrap();
    // Most first messages cost no PBKDF2, because their nonce is wrong.
    let start = choice.start(Nonce::from_text("fyko").unwrap());
    assert!(start.exchange.challenge(data).is_err() || data.starts_with(b"r=fyko"));

    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Some(slots) = TokenSlots::from_text(text) {
        assert_eq!(slots.to_text(), text);
    }
    if let Some(keys) = StoredKeys::from_text(text) {
        assert_eq!(StoredKeys::from_text(&keys.to_text()), Some(keys));
    }
    assert!(ScramKeys::from_text(crypto::provider(), text).is_none());
    if let Some(pin) = Pin::from_text(text) {
        assert_eq!(pin.to_text(), text);
    }
    let _ = UserAgent::with_id(text);
    let _ = Nonce::from_text(text);
});
