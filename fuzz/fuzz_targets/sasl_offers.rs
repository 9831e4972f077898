//! Any offer, any failures: an offer that contradicts itself (XEP-0440) leads to
//! nothing that uses the password, and a client comes to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_sasl::client::{Credentials, Offer, Policy, Tried};
use xmpp_sasl::{ChannelBindings, FailureReason, Mechanism};

const TYPES: [&str; 4] = ["tls-exporter", "tls-unique", "tls-server-end-point", "made-up"];

fuzz_target!(|data: ([bool; 14], [bool; 4], bool, bool, [u8; 16])| {
    let (names, types, sasl2, bound, said) = data;
    let all = Mechanism::ALL.iter().zip(names).filter(|(_, offered)| *offered);
    let names: Vec<&str> = all.map(|(mechanism, _)| mechanism.name()).collect();
    let types: Vec<&str> = TYPES.iter().zip(types).filter(|(_, on)| *on).map(|(t, _)| *t).collect();
    let offer = if sasl2 { Offer::sasl2(&names) } else { Offer::new(&names) };
    let offer = offer.with_channel_bindings(&types);
    let tls = ChannelBindings::over_tls();
    let tls = if bound { tls.with_tls_exporter([1; 32]) } else { tls };
    let plus = names.iter().any(|name| name.ends_with("-PLUS"));
    let binds = plus || names.iter().any(|n| n.starts_with("HT-") && !n.ends_with("-NONE"));
    let contradicts = (sasl2 && plus && types.is_empty()) || (!binds && !types.is_empty());
    let policy = Mechanism::ALL.into_iter().fold(Policy::default(), Policy::allow);
    let user =
        Credentials::new("user").with_password("pencil").with_anonymity("").with_certificate();
    let mut tried = Tried::default();
    for reason in said {
        let Ok(choice) = policy.choose(&offer.after(&tried), &tls, &user) else { return };
        let mechanism = choice.mechanism();
        assert!(!(contradicts && mechanism.uses_password()), "{mechanism}: {names:?} {types:?}");
        tried.failed(mechanism, FailureReason::ALL[usize::from(reason) % FailureReason::ALL.len()]);
    }
    panic!("no end to it");
});
