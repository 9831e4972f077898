//! RFC 6122 as this crate and as the `jid` crate have it, and RFC 7622 on ASCII
//! against the latter.
//!
//! Only plain domain names, for `jid` 0.12.3 has rules of its own for others: it
//! takes `$` and `a..b` and labels of any length, keeps A-labels, maps by UTS
//! 46, and does not bring addresses in brackets into one form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_jid::Jid;
use xmpp_jid::legacy::LegacyJid;

/// Localpart, domainpart, resourcepart.
type Parts<'a> = (Option<&'a str>, &'a str, Option<&'a str>);

fuzz_target!(|text: &str| {
    let bare = text.split_once('/').map_or(text, |(bare, _)| bare);
    let domain = bare.split_once('@').map_or(bare, |(_, domain)| domain);
    if text.len() > 1023 || !is_plain(domain) {
        return;
    }
    let theirs = jid::Jid::new(text).ok();
    let theirs: Option<Parts<'_>> = theirs.as_ref().map(|jid| {
        (
            jid.node().map(|part| part.as_str()),
            jid.domain().as_str(),
            jid.resource().map(|part| part.as_str()),
        )
    });
    let legacy = LegacyJid::new(text).ok();
    compare(
        text,
        theirs,
        legacy.as_ref().map(|jid| (jid.localpart(), jid.domainpart(), jid.resourcepart())),
    );
    if text.is_ascii() {
        let ours = Jid::new(text).ok();
        compare(
            text,
            theirs,
            ours.as_ref().map(|jid| {
                (
                    jid.localpart().map(|part| part.as_str()),
                    jid.domainpart().as_str(),
                    jid.resourcepart().map(|part| part.as_str()),
                )
            }),
        );
    }
});

fn compare(text: &str, theirs: Option<Parts<'_>>, ours: Option<Parts<'_>>) {
    assert_eq!(theirs, ours, "{text:?}");
}

fn is_plain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.get(2..4) != Some("--")
    }) && domain.len() <= 253
}
