//! Every Unicode scalar value against independent implementations, whose
//! answers `conformance/jid/compare.py` wrote down.

use core::ops::Range;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use xmpp_jid::precis::{Class, Profile};
use xmpp_jid::{idna, precis};

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/jid");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn hex(digits: &str) -> u32 {
    u32::from_str_radix(digits, 16).unwrap()
}

/// Checks the property of every code point; returns how many there were.
fn properties(file: &str, property: impl Fn(char) -> &'static str) -> usize {
    let mut count = 0;
    for line in read(file).lines() {
        let [first, last, value] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        for c in (hex(first)..=hex(last)).filter_map(char::from_u32) {
            assert_eq!(property(c), value, "U+{:04X}", c as u32);
            count += 1;
        }
    }
    count
}

/// RFC 8264 §8.
#[test]
fn precis_derived_properties() {
    // 8264-8-02, 8264-8-05, 8264-8-06
    let count = properties("precis-properties.tsv", |c| precis::derived_property(c).as_str());
    assert_eq!(count, 0x11_0000 - 0x800);
}

/// RFC 5892 §3.
#[test]
fn idna_derived_properties() {
    let count = properties("idna-properties.tsv", |c| idna::derived_property(c).as_str());
    assert_eq!(count, 0x11_0000 - 0x800);
}

/// What the oracle said where it is not to be followed, by input.
fn differences(of: &str) -> HashMap<String, (Value, Value)> {
    read("differences.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["of"] == of)
        .map(|record| {
            assert!(record["reason"].is_string(), "{record}");
            let input = record["input"].as_str().unwrap().to_owned();
            (input, (record["oracle"].clone(), record["xmpp"].clone()))
        })
        .collect()
}

/// Checks the answers for each code point alone and between two letters, block
/// by block.
fn verdicts(of: &str, answer: impl Fn(&str) -> Option<String>) {
    const BLOCK: u32 = 0x1000;
    // Planes 4 to 13 and 15 and 16 are all alike; without optimisation they
    // would take most of the time.
    let skipped: [Range<u32>; 2] = if cfg!(debug_assertions) {
        [0x5_0000..0xE_0000, 0x10_0000..0x10_F000]
    } else {
        [0..0, 0..0]
    };
    let differences = differences(of);
    let file = read("verdicts.tsv");
    let mut lines = file.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let column = lines.next().unwrap().iter().position(|&name| name == of).unwrap();
    let mut text = String::new();
    for fields in lines {
        let first = hex(fields[0]);
        if skipped.iter().any(|range| range.contains(&first)) {
            continue;
        }
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for c in (first..first + BLOCK).filter_map(char::from_u32) {
            for (before, after) in [("", ""), ("a", "b")] {
                text.clear();
                text.push_str(before);
                text.push(c);
                text.push_str(after);
                let mut said = answer(&text);
                if let Some((oracle, ours)) = differences.get(&text) {
                    assert_eq!(said.as_deref(), ours.as_str(), "{text:?}");
                    said = oracle.as_str().map(str::to_owned);
                }
                let bytes = said.as_deref().map_or(&b"\xFE"[..], str::as_bytes);
                for &byte in bytes.iter().chain(b"\xFF") {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
                }
            }
        }
        assert_eq!(format!("{hash:016x}"), fields[column], "block {}", fields[0]);
    }
}

fn profile(profile: Profile) {
    verdicts(profile.as_str(), |text| profile.enforce(text).ok().map(|text| text.into_owned()));
}

#[test]
fn username_case_mapped() {
    profile(Profile::UsernameCaseMapped);
}

#[test]
fn username_case_preserved() {
    profile(Profile::UsernameCasePreserved);
}

#[test]
fn opaque_string() {
    profile(Profile::OpaqueString);
}

#[test]
fn nickname() {
    profile(Profile::Nickname);
}

#[test]
fn classes() {
    for class in [Class::Identifier, Class::Freeform] {
        verdicts(class.as_str(), |text| class.check(text).ok().map(|()| text.to_owned()));
    }
}

#[test]
fn labels() {
    verdicts("idna", |text| idna::to_ascii(text).ok().map(|text| text.into_owned()));
}
